//! The scene in wgpu: shell, points and graticule, one surface an arm.
//!
//! Shares burn's device, so it lives where training lives (the worker). Pipelines are made under an error scope: a
//! mistake here becomes a message, not a lost device.

use wgpu::util::DeviceExt;

use super::layout::{INSTANCE, LANES, Place, Uniforms};
use super::palette::{self, Rgb, background, ink};
use super::pipelines::{DEPTH, Pipelines};
use super::scene::{self, Cloud};
use crate::engine::device::Gpu;
use crate::engine::plan::Points;
use crate::protocol::Frame;

/// A shader of the spheres, or its use, is invalid on this device.
#[derive(Debug, thiserror::Error)]
#[error("The sphere's shaders were refused: {0}")]
pub struct ShaderError(wgpu::Error);

impl Uniforms {
    /// The frame of a picture of `points` points.
    fn new(frame: &Frame, points: usize) -> Uniforms {
        let columns = scene::view(frame).to_cols_array_2d();
        let opaque = |[r, g, b]: Rgb| [r, g, b, 1.0];
        let (width, height) = (frame.width as f32, frame.height as f32);
        let shorter = width.min(height);
        let focal = scene::focal(frame.zoom);
        Uniforms {
            rotation: columns.map(|[x, y, z]| [x, y, z, 0.0]),
            ink: opaque(ink(frame.dark)),
            page: opaque(background(frame.dark)),
            focal: [focal * shorter / width, focal * shorter / height],
            viewport: [width, height],
            eye: scene::EYE,
            point: scene::point_radius(points),
            shell: scene::shell(frame),
            line: 0.55 * frame.pixel_ratio,
            tween: frame.tween,
            morph: frame.morph,
            log_range: scene::log_range(frame.norm_range),
            scale: palette::scale_part(frame.dark),
            inner: scene::INNER,
            by_norm: u32::from(frame.by_norm),
            classes: palette::classes(frame.dark).map(opaque),
            norms: palette::SCALE.map(opaque),
        }
    }
}

/// Draws spheres on surfaces of one format.
pub struct Painter {
    gpu: Gpu,
    format: wgpu::TextureFormat,
    pipelines: Pipelines,
    segments: wgpu::Buffer,
    segment_count: u32,
}

/// One arm's canvas.
pub struct View {
    surface: wgpu::Surface<'static>,
    alpha: wgpu::CompositeAlphaMode,
    /// The arm's points.
    pub picture: Picture,
}

/// A picture of points, wherever it is drawn.
pub struct Picture {
    size: (u32, u32),
    depth: Option<wgpu::TextureView>,
    uniforms: wgpu::Buffer,
    bind_group: wgpu::BindGroup,
    cloud: Cloud,
    /// Places before, places after and classes; for [`Picture::count`] points.
    instances: [wgpu::Buffer; 3],
    count: usize,
    /// The cloud's places have changed since the instances were written.
    stale: bool,
    /// How many classes were written.
    labelled: usize,
    /// How far the last drawn frame was between the previous points and the latest.
    shown: f32,
}

impl Picture {
    /// Other data: no points yet, but their classes.
    pub fn begin(&mut self, labels: &[u16]) {
        self.cloud = Cloud::with_labels(labels.to_vec());
        (self.stale, self.count, self.labelled) = (true, 0, 0);
    }

    /// New points: `directions: [n, 3]`, `norms: [n]`; they move there from where they are shown.
    pub fn update(&mut self, directions: &[f32], norms: &[f32]) {
        self.cloud.update(directions, norms, self.shown);
        self.stale = true;
    }
}

impl Painter {
    /// Compiles the pipelines for `format`.
    ///
    /// # Errors
    /// A [`ShaderError`] with the validation message when a shader does not compile.
    pub async fn new(gpu: &Gpu, format: wgpu::TextureFormat) -> Result<Painter, ShaderError> {
        let scope = gpu.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let painter = Painter::build(gpu, format);
        match scope.pop().await {
            Some(error) => Err(ShaderError(error)),
            None => Ok(painter),
        }
    }

    fn build(gpu: &Gpu, format: wgpu::TextureFormat) -> Painter {
        let lines: Vec<[f32; 3]> = scene::graticule()
            .iter()
            .flat_map(|line| line.windows(2).flat_map(|pair| [pair[0].to_array(), pair[1].to_array()]))
            .collect();
        let segments = gpu.device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some("graticule"),
            contents: bytemuck::cast_slice(&lines),
            usage: wgpu::BufferUsages::VERTEX,
        });
        Painter {
            format,
            pipelines: Pipelines::new(gpu, format),
            segment_count: (lines.len() / 2) as u32,
            gpu: gpu.clone(),
            segments,
        }
    }

    /// Makes a view of a surface.
    pub fn view(&self, surface: wgpu::Surface<'static>) -> View {
        let modes = surface.get_capabilities(&self.gpu.adapter).alpha_modes;
        // An embedded figure is transparent: the page that embeds it shows through.
        let see_through = modes.iter().copied().find(|mode| *mode == wgpu::CompositeAlphaMode::PreMultiplied);
        let alpha = see_through.or(modes.first().copied()).unwrap_or_default();
        View { surface, alpha, picture: self.picture() }
    }

    /// A picture without points.
    pub fn picture(&self) -> Picture {
        let uniforms = self.gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("scene"),
            size: size_of::<Uniforms>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let bind_group = self.gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("scene"),
            layout: &self.pipelines.layout,
            entries: &[wgpu::BindGroupEntry { binding: 0, resource: uniforms.as_entire_binding() }],
        });
        Picture {
            size: (0, 0),
            depth: None,
            uniforms,
            bind_group,
            cloud: Cloud::default(),
            instances: INSTANCE.map(|value| self.instance_buffer(value.bytes())),
            count: 0,
            stale: false,
            labelled: 0,
            shown: 1.0,
        }
    }

    fn instance_buffer(&self, bytes: usize) -> wgpu::Buffer {
        self.gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("points"),
            size: bytes as u64,
            usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    }

    /// Draws one frame; a surface that is not there right now (hidden, resized) is skipped, the next frame tries again.
    pub fn draw(&self, view: &mut View, frame: &Frame) {
        if frame.width == 0 || frame.height == 0 {
            return;
        }
        if view.picture.size != (frame.width, frame.height) {
            self.resize(view, frame.width, frame.height);
        }
        use wgpu::CurrentSurfaceTexture::{Lost, Outdated, Suboptimal, Success};
        let target = match view.surface.get_current_texture() {
            Success(texture) | Suboptimal(texture) => texture,
            Outdated | Lost => {
                view.picture.size = (0, 0);
                return;
            }
            _ => return,
        };
        let colour = target.texture.create_view(&wgpu::TextureViewDescriptor::default());
        self.draw_on(&colour, &mut view.picture, frame);
        self.gpu.queue.present(target);
    }

    /// Draws one frame on a texture of the frame's size.
    pub fn draw_on(&self, colour: &wgpu::TextureView, picture: &mut Picture, frame: &Frame) {
        if picture.depth.is_none() || picture.size != (frame.width, frame.height) {
            self.fit(picture, frame.width, frame.height);
        }
        picture.shown = frame.tween;
        self.upload(picture, frame);
        let mut encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        self.encode(&mut encoder, colour, picture, frame);
        self.gpu.queue.submit([encoder.finish()]);
    }

    fn resize(&self, view: &mut View, width: u32, height: u32) {
        view.surface.configure(
            &self.gpu.device,
            &wgpu::SurfaceConfiguration {
                usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
                format: self.format,
                color_space: Default::default(),
                width,
                height,
                present_mode: wgpu::PresentMode::Fifo,
                desired_maximum_frame_latency: 2,
                alpha_mode: view.alpha,
                view_formats: Vec::new(),
            },
        );
        self.fit(&mut view.picture, width, height);
    }

    /// The depth texture of a picture of this size.
    fn fit(&self, picture: &mut Picture, width: u32, height: u32) {
        let depth = self.gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("depth"),
            size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: DEPTH,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
            view_formats: &[],
        });
        picture.depth = Some(depth.create_view(&wgpu::TextureViewDescriptor::default()));
        picture.size = (width, height);
    }

    /// Takes over embeddings that lie on the GPU already, as seen along `axes: [dim, 3]`; they move there from where they are
    /// shown.
    pub fn place(&self, picture: &mut Picture, points: &Points<'_>, axes: &[f32]) {
        let fresh = picture.count != points.count as usize || !picture.cloud.is_empty();
        // The host has no part in these.
        picture.cloud = Cloud::with_labels(std::mem::take(&mut picture.cloud.labels));
        (picture.stale, picture.count) = (false, points.count as usize);
        self.reserve(picture);
        let sizes = Place {
            count: points.count,
            dim: points.dim,
            first: points.first,
            fresh: u32::from(fresh),
            shown: picture.shown,
            padding: [0; 3],
        };
        let made = |label, bytes: &[u8], usage| {
            let descriptor = wgpu::util::BufferInitDescriptor { label: Some(label), contents: bytes, usage };
            self.gpu.device.create_buffer_init(&descriptor)
        };
        let dims = made("dims", bytemuck::bytes_of(&sizes), wgpu::BufferUsages::UNIFORM);
        let axes = made("axes", bytemuck::cast_slice(axes), wgpu::BufferUsages::STORAGE);
        let [before, after, _] = &picture.instances;
        let entries: Vec<wgpu::BindGroupEntry<'_>> = (0..)
            .zip([&dims, points.buffer, &axes, before, after])
            .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
            .collect();
        let group = self.gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("place"),
            layout: &self.pipelines.place.get_bind_group_layout(0),
            entries: &entries,
        });
        let mut encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(&self.pipelines.place);
            pass.set_bind_group(0, &group, &[]);
            pass.dispatch_workgroups(points.count.div_ceil(LANES), 1, 1);
        }
        self.gpu.queue.submit([encoder.finish()]);
    }

    /// Room for the picture's points, and their classes.
    fn reserve(&self, picture: &mut Picture) {
        let count = picture.count;
        for (buffer, value) in picture.instances.iter_mut().zip(INSTANCE) {
            let bytes = count * value.bytes();
            if buffer.size() < bytes as u64 {
                *buffer = self.instance_buffer(bytes);
                picture.labelled = 0;
            }
        }
        if picture.labelled != count {
            let label = |at: usize| u32::from(picture.cloud.labels.get(at).copied().unwrap_or_default());
            let labels: Vec<u32> = (0..count).map(label).collect();
            self.gpu.queue.write_buffer(&picture.instances[2], 0, bytemuck::cast_slice(&labels));
            picture.labelled = count;
        }
    }

    /// Writes the uniforms, and the points if the host has new ones.
    fn upload(&self, picture: &mut Picture, frame: &Frame) {
        if std::mem::take(&mut picture.stale) {
            let places = picture.cloud.places();
            picture.count = places[1].len();
            self.reserve(picture);
            for (buffer, places) in picture.instances.iter().zip(&places) {
                self.gpu.queue.write_buffer(buffer, 0, bytemuck::cast_slice(places));
            }
        }
        let uniforms = Uniforms::new(frame, picture.count);
        self.gpu.queue.write_buffer(&picture.uniforms, 0, bytemuck::bytes_of(&uniforms));
    }

    fn encode(&self, encoder: &mut wgpu::CommandEncoder, colour: &wgpu::TextureView, picture: &Picture, frame: &Frame) {
        let Some(depth) = &picture.depth else { return };
        let [r, g, b] = background(frame.dark).map(f64::from);
        let ground = if frame.clear { wgpu::Color::TRANSPARENT } else { wgpu::Color { r, g, b, a: 1.0 } };
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("sphere"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: colour,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations { load: wgpu::LoadOp::Clear(ground), store: wgpu::StoreOp::Store },
            })],
            depth_stencil_attachment: Some(wgpu::RenderPassDepthStencilAttachment {
                view: depth,
                depth_ops: Some(wgpu::Operations { load: wgpu::LoadOp::Clear(1.0), store: wgpu::StoreOp::Discard }),
                stencil_ops: None,
            }),
            ..Default::default()
        });
        pass.set_bind_group(0, &picture.bind_group, &[]);
        pass.set_pipeline(&self.pipelines.shell);
        pass.draw(0..4, 0..1);
        for (slot, buffer) in (0..).zip(&picture.instances) {
            pass.set_vertex_buffer(slot, buffer.slice(..));
        }
        for points in &self.pipelines.points {
            pass.set_pipeline(points);
            pass.draw(0..4, 0..picture.count as u32);
        }
        pass.set_pipeline(&self.pipelines.lines);
        pass.set_vertex_buffer(0, self.segments.slice(..));
        pass.draw(0..4, 0..self.segment_count);
    }
}
