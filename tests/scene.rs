//! The spheres as wgpu draws them, against the scene's maths that the page picks and paints by. Needs an adapter, a software
//! one will do: where there is none the test says so.

mod common;

use normscope::engine::device::Gpu;
use normscope::engine::plan::{Points, storage};
use normscope::metrics::Embeddings;
use normscope::metrics::projection::{StableProjection, inside};
use normscope::protocol::Frame;
use normscope::render::gpu::{Painter, Picture};
use normscope::render::palette;
use normscope::render::scene::{Cloud, point_radius};
use normscope::rng::{CounterRng, Domain};

const SIDE: u32 = 512;
/// So many that some points are drawn inside the sphere.
const DIM: usize = 48;
const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

#[test]
fn points_are_where_and_as_the_scene_says() {
    let Some((_, gpu)) = common::gpu("spheres as wgpu draws them, against the scene") else { return };
    let painter = pollster::block_on(Painter::new(&gpu, FORMAT)).unwrap();
    let (mut picture, mut cloud) = (painter.picture(), Cloud::with_labels((0..60).map(|at| at % 14).collect()));
    picture.begin(&cloud.labels.clone());
    for seed in 0..2 {
        // Twice: the second time there is a way between the old places and the new ones.
        let (directions, norms) = places(seed, 60);
        picture.update(&directions, &norms);
        cloud.update(&directions, &norms, 1.0);
    }
    check(&gpu, &painter, &mut picture, &cloud);

    // The same by embeddings that lie on the GPU.
    let (mut picture, mut cloud) = (painter.picture(), Cloud::with_labels(cloud.labels));
    picture.begin(&cloud.labels.clone());
    let mut projection = StableProjection::default();
    for seed in 0..2 {
        let z = embeddings(seed, 60);
        let buffer = storage(&gpu.device, "z", (z.len() + DIM) as u32).unwrap();
        gpu.queue.write_buffer(&buffer, 4 * DIM as u64, bytemuck::cast_slice(&z));
        let rows = Embeddings::new(&z, DIM).unwrap();
        let directions = projection.project(rows);
        assert!(inside(&directions) > 3);
        cloud.update(&directions, &rows.norms(), 1.0);
        let points = Points { buffer: &buffer, first: 1, count: 60, dim: DIM as u32 };
        painter.place(&mut picture, &points, &projection.axes(DIM));
    }
    check(&gpu, &painter, &mut picture, &cloud);
}

/// What is drawn, from several sides, against the scene.
fn check(gpu: &Gpu, painter: &Painter, picture: &mut Picture, cloud: &Cloud) {
    let still = Frame { norm_range: [0.2, 20.0], ..Frame::still(SIDE, SIDE) };
    for (tween, morph, by_norm, dark) in [(1.0, 1.0, false, false), (0.4, 0.3, true, true), (0.0, 0.0, true, false)] {
        let frame = Frame { tween, morph, by_norm, dark, yaw: 0.5 + tween, ..still };
        let pixels = draw(gpu, painter, picture, &frame);
        let (right, checked) = compare(cloud, &frame, &pixels);
        // The rest lie under a line of the graticule.
        assert!(checked > 20 && right * 10 >= checked * 8, "{right} of {checked} ({frame:?})");
    }
}

/// `[n, DIM]`.
fn embeddings(seed: u64, n: usize) -> Vec<f32> {
    let mut rng = CounterRng::new(Domain::Probe, seed, 1, 0, 0);
    (0..n)
        .flat_map(|_| {
            let length = rng.range(-1.0, 1.5).exp();
            [0; DIM].map(|_| length * rng.normal())
        })
        .collect()
}

/// Places in the unit ball `[n, 3]`, every third one inside, and norms `[n]`.
fn places(seed: u64, n: usize) -> (Vec<f32>, Vec<f32>) {
    let mut rng = CounterRng::new(Domain::Probe, seed, 0, 0, 0);
    let mut directions = vec![0.0; 3 * n];
    for (at, place) in directions.chunks_exact_mut(3).enumerate() {
        rng.unit_vector(place);
        if at % 3 == 0 {
            place.iter_mut().for_each(|x| *x *= 0.4);
        }
    }
    (directions, (0..n).map(|_| rng.range(-1.0, 2.5).exp()).collect())
}

/// Of the points that no other one hides: how many have in their middle the colour that the scene says, and all.
fn compare(cloud: &Cloud, frame: &Frame, pixels: &[u8]) -> (usize, usize) {
    let dots = cloud.dots(frame);
    let (mut seen_as_said, mut checked) = (0, 0);
    for (at, dot) in dots.iter().enumerate() {
        let (centre, radius) = cloud.disc(frame, dot);
        let hidden = dots[at + 1..].iter().any(|other| {
            let (near, size) = cloud.disc(frame, other);
            near.distance(centre) < size + radius
        });
        if hidden {
            continue;
        }
        // As lit from the front: half of it, and 0.6 of the light's own slope.
        let light = 0.5 + 0.6 * 0.62 / 0.9989_f32;
        let lit = palette::mix(dot.colour.map(|c| c * 0.72), palette::mix(dot.colour, [1.0; 3], 0.16), light);
        let place = 4 * (centre.y as usize * SIDE as usize + centre.x as usize);
        let seen = [0, 1, 2].map(|channel| f32::from(pixels[place + channel]) / 255.0);
        let off = seen.iter().zip(lit).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        seen_as_said += usize::from(off < 0.02);
        checked += 1;
    }
    (seen_as_said, checked)
}

fn draw(gpu: &Gpu, painter: &Painter, picture: &mut Picture, frame: &Frame) -> Vec<u8> {
    let size = wgpu::Extent3d { width: SIDE, height: SIDE, depth_or_array_layers: 1 };
    let target = gpu.device.create_texture(&wgpu::TextureDescriptor {
        label: None,
        size,
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: FORMAT,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    });
    painter.draw_on(&target.create_view(&Default::default()), picture, frame);
    let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: u64::from(4 * SIDE * SIDE),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = gpu.device.create_command_encoder(&Default::default());
    let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(4 * SIDE), rows_per_image: None };
    encoder.copy_texture_to_buffer(target.as_image_copy(), wgpu::TexelCopyBufferInfo { buffer: &buffer, layout }, size);
    gpu.queue.submit([encoder.finish()]);
    buffer.slice(..).map_async(wgpu::MapMode::Read, |result| result.unwrap());
    gpu.wait_for(None);
    buffer.slice(..).get_mapped_range().unwrap().to_vec()
}

#[test]
fn many_points_are_smaller_and_few_all_alike() {
    assert_eq!(point_radius(1), point_radius(500));
    assert!(point_radius(100_000) < 0.4 * point_radius(500) && point_radius(100_000) > 0.005);
}
