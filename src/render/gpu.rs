//! The scene in wgpu, with the WGSL of `shaders/`: shell, points and graticule, one surface an arm.
//!
//! Shares burn's device, so it lives where training lives (the worker). Pipelines are made under an error scope: a
//! mistake here becomes a message, not a lost device.

use bytemuck::{Pod, Zeroable};
use wgpu::util::DeviceExt;

use super::palette::{background, ink};
use super::scene::{self, Cloud, Dot};
use crate::engine::device::Gpu;
use crate::protocol::Frame;

const SHELL: &str = concat!(include_str!("../../shaders/scene.wgsl"), include_str!("../../shaders/shell.wgsl"));
const POINTS: &str = concat!(include_str!("../../shaders/scene.wgsl"), include_str!("../../shaders/points.wgsl"));
const LINES: &str = concat!(include_str!("../../shaders/scene.wgsl"), include_str!("../../shaders/lines.wgsl"));
const DEPTH: wgpu::TextureFormat = wgpu::TextureFormat::Depth24Plus;

/// `Scene` of scene.wgsl: the columns of the rotation are padded to four floats.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Uniforms {
    rotation: [[f32; 4]; 3],
    ink: [f32; 4],
    page: [f32; 4],
    focal: [f32; 2],
    viewport: [f32; 2],
    eye: f32,
    point: f32,
    shell: f32,
    line: f32,
}

impl Uniforms {
    fn new(frame: &Frame) -> Uniforms {
        let columns = scene::view(frame).to_cols_array_2d();
        let opaque = |[r, g, b]: [f32; 3]| [r, g, b, 1.0];
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
            point: scene::POINT,
            shell: scene::shell(frame),
            line: 0.55 * frame.pixel_ratio,
        }
    }
}

/// Draws spheres on surfaces of one format.
pub struct Painter {
    gpu: Gpu,
    format: wgpu::TextureFormat,
    layout: wgpu::BindGroupLayout,
    shell: wgpu::RenderPipeline,
    points: wgpu::RenderPipeline,
    lines: wgpu::RenderPipeline,
    segments: wgpu::Buffer,
    segment_count: u32,
}

/// One arm's canvas.
pub struct View {
    surface: wgpu::Surface<'static>,
    alpha: wgpu::CompositeAlphaMode,
    size: (u32, u32),
    depth: Option<wgpu::TextureView>,
    uniforms: wgpu::Buffer,
    bind_group: wgpu::BindGroup,
    instances: wgpu::Buffer,
    /// The arm's points.
    pub cloud: Cloud,
    /// How far the last drawn frame was between the previous points and the latest.
    pub shown: f32,
}

impl Painter {
    /// Compiles the pipelines for `format`.
    ///
    /// # Errors
    /// The validation message when a shader does not compile.
    pub async fn new(gpu: &Gpu, format: wgpu::TextureFormat) -> Result<Painter, String> {
        let scope = gpu.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let painter = Painter::build(gpu, format);
        match scope.pop().await {
            Some(error) => Err(format!("The sphere's shaders were refused: {error}")),
            None => Ok(painter),
        }
    }

    fn build(gpu: &Gpu, format: wgpu::TextureFormat) -> Painter {
        let layout = gpu.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("scene"),
            entries: &[wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            }],
        });
        let lines: Vec<[f32; 3]> = scene::graticule()
            .iter()
            .flat_map(|line| line.windows(2).flat_map(|pair| [pair[0].to_array(), pair[1].to_array()]))
            .collect();
        let segments = gpu.device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some("graticule"),
            contents: bytemuck::cast_slice(&lines),
            usage: wgpu::BufferUsages::VERTEX,
        });
        let pair = [wgpu::VertexFormat::Float32x3, wgpu::VertexFormat::Float32x3];
        let make = |label, source, instanced: bool, writes_depth| {
            let formats: &[wgpu::VertexFormat] = if instanced { &pair } else { &[] };
            pipeline(gpu, &layout, format, label, source, formats, writes_depth)
        };
        Painter {
            format,
            shell: make("shell", SHELL, false, false),
            points: make("points", POINTS, true, true),
            lines: make("lines", LINES, true, false),
            segment_count: (lines.len() / 2) as u32,
            gpu: gpu.clone(),
            layout,
            segments,
        }
    }

    /// Makes a view of a surface.
    pub fn view(&self, surface: wgpu::Surface<'static>) -> View {
        let modes = surface.get_capabilities(&self.gpu.adapter).alpha_modes;
        // A figure in somebody's page lets that page through.
        let see_through = modes.iter().copied().find(|mode| *mode == wgpu::CompositeAlphaMode::PreMultiplied);
        let alpha = see_through.or(modes.first().copied()).unwrap_or_default();
        let uniforms = self.gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("scene"),
            size: size_of::<Uniforms>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let bind_group = self.gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("scene"),
            layout: &self.layout,
            entries: &[wgpu::BindGroupEntry { binding: 0, resource: uniforms.as_entire_binding() }],
        });
        View {
            surface,
            alpha,
            size: (0, 0),
            depth: None,
            uniforms,
            bind_group,
            instances: self.instance_buffer(512),
            cloud: Cloud::default(),
            shown: 1.0,
        }
    }

    fn instance_buffer(&self, points: usize) -> wgpu::Buffer {
        self.gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("points"),
            size: (points.max(1) * 24) as u64,
            usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    }

    /// Draws one frame; a surface that is not there right now (hidden, resized) is skipped, the next frame tries again.
    pub fn draw(&self, view: &mut View, frame: &Frame) {
        if frame.width == 0 || frame.height == 0 {
            return;
        }
        if view.size != (frame.width, frame.height) {
            self.resize(view, frame.width, frame.height);
        }
        use wgpu::CurrentSurfaceTexture::{Lost, Outdated, Suboptimal, Success};
        let target = match view.surface.get_current_texture() {
            Success(texture) | Suboptimal(texture) => texture,
            Outdated | Lost => {
                view.size = (0, 0);
                return;
            }
            _ => return,
        };
        view.shown = frame.tween;
        let count = self.upload(view, frame);
        let colour = target.texture.create_view(&wgpu::TextureViewDescriptor::default());
        let mut encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        self.encode(&mut encoder, &colour, view, frame, count);
        self.gpu.queue.submit([encoder.finish()]);
        self.gpu.queue.present(target);
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
        view.depth = Some(depth.create_view(&wgpu::TextureViewDescriptor::default()));
        view.size = (width, height);
    }

    /// Writes uniforms and points; the number of points.
    fn upload(&self, view: &mut View, frame: &Frame) -> u32 {
        self.gpu.queue.write_buffer(&view.uniforms, 0, bytemuck::bytes_of(&Uniforms::new(frame)));
        let dots = view.cloud.dots(frame);
        let bytes: Vec<[f32; 6]> = dots.iter().map(instance).collect();
        let bytes: &[u8] = bytemuck::cast_slice(&bytes);
        if view.instances.size() < bytes.len() as u64 {
            view.instances = self.instance_buffer(dots.len().next_power_of_two());
        }
        if !bytes.is_empty() {
            self.gpu.queue.write_buffer(&view.instances, 0, bytes);
        }
        dots.len() as u32
    }

    fn encode(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        colour: &wgpu::TextureView,
        view: &View,
        frame: &Frame,
        count: u32,
    ) {
        let Some(depth) = &view.depth else { return };
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
        pass.set_bind_group(0, &view.bind_group, &[]);
        pass.set_pipeline(&self.shell);
        pass.draw(0..6, 0..1);
        // Points come farthest first, so their smooth edges blend with what is behind them.
        pass.set_pipeline(&self.points);
        pass.set_vertex_buffer(0, view.instances.slice(..));
        pass.draw(0..6, 0..count);
        pass.set_pipeline(&self.lines);
        pass.set_vertex_buffer(0, self.segments.slice(..));
        pass.draw(0..6, 0..self.segment_count);
    }
}

fn instance(dot: &Dot) -> [f32; 6] {
    let ([x, y, z], [r, g, b]) = (dot.position.to_array(), dot.colour);
    [x, y, z, r, g, b]
}

fn pipeline(
    gpu: &Gpu,
    layout: &wgpu::BindGroupLayout,
    format: wgpu::TextureFormat,
    label: &str,
    source: &'static str,
    attributes: &[wgpu::VertexFormat],
    writes_depth: bool,
) -> wgpu::RenderPipeline {
    let module = gpu.device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(label),
        source: wgpu::ShaderSource::Wgsl(source.into()),
    });
    let mut offset = 0;
    let attributes: Vec<wgpu::VertexAttribute> = attributes
        .iter()
        .enumerate()
        .map(|(location, format)| {
            let attribute = wgpu::VertexAttribute { format: *format, offset, shader_location: location as u32 };
            offset += format.size();
            attribute
        })
        .collect();
    let instances = wgpu::VertexBufferLayout {
        array_stride: offset,
        step_mode: wgpu::VertexStepMode::Instance,
        attributes: &attributes,
    };
    let buffers: &[Option<wgpu::VertexBufferLayout<'_>>] = if attributes.is_empty() { &[] } else { &[Some(instances)] };
    gpu.device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(label),
        layout: Some(&gpu.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(label),
            bind_group_layouts: &[Some(layout)],
            immediate_size: 0,
        })),
        vertex: wgpu::VertexState {
            module: &module,
            entry_point: Some("vertex"),
            compilation_options: Default::default(),
            buffers,
        },
        primitive: wgpu::PrimitiveState::default(),
        depth_stencil: Some(wgpu::DepthStencilState {
            format: DEPTH,
            depth_write_enabled: Some(writes_depth),
            depth_compare: Some(wgpu::CompareFunction::LessEqual),
            stencil: Default::default(),
            bias: Default::default(),
        }),
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module: &module,
            entry_point: Some("fragment"),
            compilation_options: Default::default(),
            targets: &[Some(wgpu::ColorTargetState {
                format,
                blend: Some(wgpu::BlendState::ALPHA_BLENDING),
                write_mask: wgpu::ColorWrites::COLOR,
            })],
        }),
        multiview_mask: None,
        cache: None,
    })
}
