//! What `bench` measures of a GPU besides training: each dispatch alone, frames, the device's limits.

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::output;
use crate::config::Experiment;
use crate::config::choices::Choice;
use crate::engine::bench::limits::{self, Limits};
use crate::engine::bench::{classifier_kernels, kernels};
use crate::engine::device::Compute;
use crate::render::timing::{self, FrameTime};

/// Flags of `bench` for GPUs.
#[derive(Args)]
pub struct GpuArgs {
    /// Each dispatch of a step alone, on a GPU.
    #[arg(long)]
    kernels: bool,
}

impl GpuArgs {
    /// Prints what each dispatch of a step takes, model by model, if that is asked for; whether it is.
    pub async fn print_kernels(&self, cases: &[Experiment], compute: &Compute) -> Result<bool, Failure> {
        if !self.kernels {
            return Ok(false);
        }
        let mut all = Vec::new();
        for case in cases {
            let what = format!("{} {}", case.run.data.key(), case.run.method.key());
            all.push((what, kernels(case, compute).await?));
        }
        all.push(("mnist supervised".to_owned(), classifier_kernels(compute).await?));
        for (what, times) in all {
            let total: f64 = times.iter().map(|(_, _, millis)| millis).sum();
            output::say(&format!("{what}: {} dispatches, {total:.2} ms one by one\n", times.len()))?;
            let header = ["kernel", "groups", "ms"];
            let row = |(name, grid, millis): &(String, [u32; 3], f64)| {
                vec![name.clone(), grid.map(|side| side.to_string()).join("x"), format!("{millis:.3}")]
            };
            output::say(&output::columns(&header, &times.iter().map(row).collect::<Vec<_>>()))?;
        }
        Ok(true)
    }
}

/// What a GPU can do; nothing of it on the CPU.
pub struct Device {
    /// How long frames take.
    pub frames: Vec<FrameTime>,
    /// What it can do at most.
    pub limits: Option<Limits>,
}

impl Device {
    /// Measures the device, frames for about `seconds` each.
    pub async fn measure(compute: &Compute, seconds: f64) -> Result<Device, Failure> {
        let Some(gpu) = compute.gpu() else { return Ok(Device { frames: Vec::new(), limits: None }) };
        let frames = timing::all(gpu, seconds).await.map_err(Failure::run)?;
        Ok(Device { frames, limits: Some(limits::measure(gpu).await?) })
    }

    /// The device for people.
    pub fn print(&self) -> Result<(), Failure> {
        if !self.frames.is_empty() {
            let row = |frame: &FrameTime| {
                vec![frame.points.to_string(), format!("{:.2}", frame.millis), format!("{:.2}", frame.update_millis)]
            };
            output::say(&format!("\nBoth spheres, {} x {} pixels each\n", timing::SIDE, timing::SIDE))?;
            let rows = self.frames.iter().map(row).collect::<Vec<_>>();
            output::say(&output::columns(&["points_each", "frame_ms", "new_places_ms"], &rows))?;
        }
        if let Some(limits) = &self.limits {
            output::say(
                "\nThe device at most: dispatches that wait for each other, bytes copied, multiplications and additions\n",
            )?;
            let row = [limits.dispatch_micros, limits.submit_micros, limits.gigabytes_per_second, limits.gigaflops];
            let header = ["dispatch_us", "submit_us", "gigabytes_per_s", "gigaflops"];
            output::say(&output::columns(&header, &[row.map(|value| format!("{value:.1}")).to_vec()]))?;
        }
        Ok(())
    }
}
