//! wgpu's handles, and waiting for what was submitted.

use wgpu::util::DeviceExt;

use crate::engine::platform;

/// wgpu handles shared by training and drawing.
#[derive(Clone)]
pub struct Gpu {
    /// For making surfaces.
    pub instance: wgpu::Instance,
    /// For the surfaces' formats.
    pub adapter: wgpu::Adapter,
    /// The device.
    pub device: wgpu::Device,
    /// Its queue.
    pub queue: wgpu::Queue,
}

impl Gpu {
    /// Values in a buffer of their own, which can be copied from.
    pub fn upload(&self, label: &str, values: &[f32]) -> wgpu::Buffer {
        self.device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some(label),
            contents: bytemuck::cast_slice(values),
            usage: wgpu::BufferUsages::COPY_SRC,
        })
    }

    /// Tells when everything that was submitted so far is done.
    pub fn all_done(&self) -> futures_channel::oneshot::Receiver<()> {
        let (told, done) = futures_channel::oneshot::channel();
        self.queue.on_submitted_work_done(move || {
            let _ = told.send(());
        });
        done
    }

    /// Waits until everything that was submitted so far is done.
    pub async fn finish(&self) {
        let done = self.all_done();
        self.wait_for(None);
        // Cancelled only when the device is gone, and then there is nothing to wait for.
        let _ = done.await;
    }

    /// Waits for a submission, or for all of them, and lets callbacks run, where they don't run by themselves.
    pub fn wait_for(&self, submission_index: Option<wgpu::SubmissionIndex>) {
        if !platform::CALLS_BACK {
            // A lost device is told where the work's result is read.
            let _ = self.device.poll(wgpu::PollType::Wait { submission_index, timeout: None });
        }
    }
}
