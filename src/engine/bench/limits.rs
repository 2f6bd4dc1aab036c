//! What a device can do at most, to hold a training step against: dispatches, bytes and operations a second.

use serde::Serialize;
use web_time::Instant;

use crate::engine::error::EngineError;
use crate::engine::gpu::Gpu;
use crate::engine::kernels::{OPERATIONS, WIDE};

/// Bytes of each of the two buffers: within WebGPU's default limits, and more than most caches hold.
const BYTES: u64 = 128 << 20;
/// Dispatches in one pass, each of which waits for the one before.
const CHAIN: u32 = 1000;
/// The best of so many measurements counts.
const ROUNDS: u32 = 5;

/// A device's limits, as measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Limits {
    /// Microseconds from one dispatch to the next that needs its result, in one pass.
    pub dispatch_micros: f64,
    /// Microseconds of an almost empty submit, waited for.
    pub submit_micros: f64,
    /// Gigabytes read and written a second by a kernel that copies.
    pub gigabytes_per_second: f64,
    /// 1e9 additions and multiplications a second.
    pub gigaflops: f64,
}

/// Measures a device: some tenths of a second on a GPU.
///
/// # Errors
/// When the shader does not compile.
pub async fn measure(gpu: &Gpu) -> Result<Limits, EngineError> {
    let scope = gpu.device.push_error_scope(wgpu::ErrorFilter::Validation);
    let bench = Bench::new(gpu);
    if let Some(error) = scope.pop().await {
        return Err(EngineError::Invalid(error.to_string()));
    }
    let full = (BYTES / 16 / u64::from(WIDE)) as u32;
    let wide = full.min(16_384);
    let submit = bench.best("touch", 1, 1).await;
    let chain = bench.best("touch", 1, CHAIN).await;
    // The first of a pass is paid with the submit.
    let of = |many: f64, count: u32| (many - submit).max(0.0) / f64::from(count);
    const COPIES: u32 = 8;
    let copy = of(bench.best("stream", full, COPIES).await, COPIES);
    let multiply = of(bench.best("multiply", wide, 1).await, 1);
    Ok(Limits {
        dispatch_micros: of(chain, CHAIN - 1) * 1e6,
        submit_micros: submit * 1e6,
        gigabytes_per_second: 2.0 * BYTES as f64 / copy / 1e9,
        gigaflops: f64::from(wide) * f64::from(WIDE) * f64::from(OPERATIONS) / multiply / 1e9,
    })
}

struct Bench<'a> {
    gpu: &'a Gpu,
    module: wgpu::ShaderModule,
    source: wgpu::Buffer,
    sink: wgpu::Buffer,
}

impl<'a> Bench<'a> {
    fn new(gpu: &'a Gpu) -> Bench<'a> {
        let buffer = |label| {
            gpu.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size: BYTES,
                usage: wgpu::BufferUsages::STORAGE,
                mapped_at_creation: false,
            })
        };
        let module = gpu.device.create_shader_module(wgpu::include_wgsl!("../../../shaders/limits.wgsl"));
        Bench { gpu, module, source: buffer("source"), sink: buffer("sink") }
    }

    /// Seconds of `count` dispatches of so many workgroups in one pass, from the submit to the end.
    async fn best(&self, entry: &str, groups: u32, count: u32) -> f64 {
        let device = &self.gpu.device;
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(entry),
            layout: None,
            module: &self.module,
            entry_point: Some(entry),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        let bindings = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(entry),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: self.source.as_entire_binding() },
                wgpu::BindGroupEntry { binding: 1, resource: self.sink.as_entire_binding() },
            ],
        });
        let mut best = f64::INFINITY;
        for _ in 0..ROUNDS {
            let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            {
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
                pass.set_pipeline(&pipeline);
                pass.set_bind_group(0, &bindings, &[]);
                (0..count).for_each(|_| pass.dispatch_workgroups(groups, 1, 1));
            }
            let commands = encoder.finish();
            let begun = Instant::now();
            self.gpu.queue.submit([commands]);
            self.gpu.finish().await;
            best = best.min(begun.elapsed().as_secs_f64());
        }
        best
    }
}
