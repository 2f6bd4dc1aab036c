//! How long a GPU takes for a picture of both spheres, by the number of points.

use serde::{Deserialize, Serialize};
use web_time::Instant;

use super::gpu::{Painter, Picture, ShaderError};
use crate::engine::device::Gpu;
use crate::protocol::Frame;
use crate::rng::{CounterRng, Domain};

/// Points of each sphere that are measured: as the page shows, and more.
const POINTS: [usize; 3] = [500, 10_000, 100_000];
/// Side of a picture, pixels.
pub const SIDE: u32 = 640;
/// Frames of a measurement, at least.
const FRAMES: u32 = 3;
/// Milliseconds of a frame above which more points are not measured.
const MOST_MILLIS: f64 = 2000.0;
const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// A measurement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrameTime {
    /// Points of each of the two spheres.
    pub points: usize,
    /// Milliseconds of a frame of both, drawn and waited for.
    pub millis: f64,
    /// Milliseconds to take over new places of all points, of both.
    pub update_millis: f64,
}

/// All of [`POINTS`], as far as this GPU gets: a number that would take seconds a frame is left out.
///
/// # Errors
/// A [`ShaderError`] with the validation message when a shader does not compile.
pub async fn all(gpu: &Gpu, seconds: f64) -> Result<Vec<FrameTime>, ShaderError> {
    let mut times: Vec<FrameTime> = Vec::new();
    for points in POINTS {
        let slow = times.last().is_some_and(|last| last.millis * (points / last.points) as f64 > MOST_MILLIS);
        if !slow {
            times.push(frames(gpu, points, seconds).await?);
        }
    }
    Ok(times)
}

/// Turns two spheres of `points` points for about `seconds`.
///
/// # Errors
/// A [`ShaderError`] with the validation message when a shader does not compile.
async fn frames(gpu: &Gpu, points: usize, seconds: f64) -> Result<FrameTime, ShaderError> {
    let painter = Painter::new(gpu, FORMAT).await?;
    let target = gpu.device.create_texture(&wgpu::TextureDescriptor {
        label: Some("picture"),
        size: wgpu::Extent3d { width: SIDE, height: SIDE, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: FORMAT,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
        view_formats: &[],
    });
    let target = target.create_view(&wgpu::TextureViewDescriptor::default());
    let mut pictures: [Picture; 2] = [0, 1].map(|_| painter.picture());
    let labels: Vec<u16> = (0..points).map(|at| (at % 10) as u16).collect();
    let places: [_; 2] = [1, 2].map(|seed| places(seed, points));
    for (picture, (directions, norms)) in pictures.iter_mut().zip(&places) {
        picture.begin(&labels);
        picture.update(directions, norms);
    }
    let mut frame = Frame { norm_range: [0.2, 20.0], ..Frame::still(SIDE, SIDE) };
    let draw = async |pictures: &mut [Picture; 2], frame: &Frame| {
        let begun = Instant::now();
        pictures.iter_mut().for_each(|picture| painter.draw_on(&target, picture, frame));
        gpu.finish().await;
        begun.elapsed().as_secs_f64() * 1e3
    };
    draw(&mut pictures, &frame).await;
    let begun = Instant::now();
    let mut count = 0;
    let mut total = 0.0;
    while count < FRAMES || begun.elapsed().as_secs_f64() < seconds {
        frame.yaw += 0.05;
        frame.tween = f32::from(count as u8 % 11) / 10.0;
        total += draw(&mut pictures, &frame).await;
        count += 1;
    }
    let millis = total / f64::from(count);
    for (picture, (directions, norms)) in pictures.iter_mut().zip(places.iter().rev()) {
        picture.update(directions, norms);
    }
    let update_millis = (draw(&mut pictures, &frame).await - millis).max(0.0);
    Ok(FrameTime { points, millis, update_millis })
}

/// Directions `[n, 3]` and norms `[n]`.
fn places(seed: u64, n: usize) -> (Vec<f32>, Vec<f32>) {
    let mut rng = CounterRng::new(Domain::Probe, seed, 0, 0, 0);
    let mut directions = vec![0.0; 3 * n];
    directions.chunks_exact_mut(3).for_each(|direction| rng.unit_vector(direction));
    (directions, (0..n).map(|_| rng.range(-1.0, 2.5).exp()).collect())
}
