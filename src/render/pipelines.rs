//! The scene's pipelines, with the WGSL of `shaders/`.

use super::layout::{INSTANCE, SEGMENT, Value};
use crate::engine::device::Gpu;

const SHELL: &str = concat!(include_str!("../../shaders/scene.wgsl"), include_str!("../../shaders/shell.wgsl"));
const POINTS: &str = concat!(include_str!("../../shaders/scene.wgsl"), include_str!("../../shaders/points.wgsl"));
const LINES: &str = concat!(include_str!("../../shaders/scene.wgsl"), include_str!("../../shaders/lines.wgsl"));
const PLACE: &str = include_str!("../../shaders/place.wgsl");
/// Format of the depth textures.
pub(super) const DEPTH: wgpu::TextureFormat = wgpu::TextureFormat::Depth24Plus;

/// All pipelines, for surfaces of one format.
pub(super) struct Pipelines {
    /// The uniforms' layout.
    pub(super) layout: wgpu::BindGroupLayout,
    pub(super) shell: wgpu::RenderPipeline,
    /// What is solid of the points, and their smooth edges.
    pub(super) points: [wgpu::RenderPipeline; 2],
    pub(super) lines: wgpu::RenderPipeline,
    /// From embeddings to instances.
    pub(super) place: wgpu::ComputePipeline,
}

impl Pipelines {
    /// Compiles them.
    pub(super) fn new(gpu: &Gpu, format: wgpu::TextureFormat) -> Pipelines {
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
        let make = |label, source, fragment, buffers: &[&[wgpu::VertexFormat]], writes_depth| {
            pipeline(gpu, &layout, format, &Drawn { label, source, fragment, buffers, writes_depth })
        };
        let ends = SEGMENT.map(vertex_format);
        let instance = INSTANCE.map(|value| [vertex_format(value)]);
        let instance: [&[wgpu::VertexFormat]; 3] = instance.each_ref().map(|one| &one[..]);
        Pipelines {
            shell: make("shell", SHELL, "fragment", &[], false),
            points: [
                make("points", POINTS, "core", &instance, true),
                make("edges of points", POINTS, "fringe", &instance, false),
            ],
            lines: make("lines", LINES, "fragment", &[&ends], false),
            place: placing(gpu),
            layout,
        }
    }
}

fn vertex_format(value: Value) -> wgpu::VertexFormat {
    match value {
        Value::Vec3 => wgpu::VertexFormat::Float32x3,
        Value::Vec4 => wgpu::VertexFormat::Float32x4,
        Value::U32 => wgpu::VertexFormat::Uint32,
    }
}

/// The pipeline of place.wgsl.
fn placing(gpu: &Gpu) -> wgpu::ComputePipeline {
    let module = gpu.device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some("place"),
        source: wgpu::ShaderSource::Wgsl(PLACE.into()),
    });
    gpu.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some("place"),
        layout: None,
        module: &module,
        entry_point: Some("main"),
        compilation_options: Default::default(),
        cache: None,
    })
}

/// What a pipeline draws.
struct Drawn<'a> {
    label: &'static str,
    source: &'static str,
    fragment: &'static str,
    /// Formats of an instance's values, buffer by buffer.
    buffers: &'a [&'a [wgpu::VertexFormat]],
    writes_depth: bool,
}

impl Drawn<'_> {
    /// Buffer by buffer, the bytes of an instance and where its values are; locations count on from one buffer to the next.
    fn attributes(&self) -> Vec<(u64, Vec<wgpu::VertexAttribute>)> {
        let mut location = 0;
        let buffer = |formats: &&[wgpu::VertexFormat]| {
            let mut offset = 0;
            let attribute = |format: &wgpu::VertexFormat| {
                let attribute = wgpu::VertexAttribute { format: *format, offset, shader_location: location };
                offset += format.size();
                location += 1;
                attribute
            };
            let attributes = formats.iter().map(attribute).collect();
            (offset, attributes)
        };
        self.buffers.iter().map(buffer).collect()
    }
}

fn pipeline(
    gpu: &Gpu,
    layout: &wgpu::BindGroupLayout,
    format: wgpu::TextureFormat,
    drawn: &Drawn<'_>,
) -> wgpu::RenderPipeline {
    let label = drawn.label;
    let module = gpu.device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(label),
        source: wgpu::ShaderSource::Wgsl(drawn.source.into()),
    });
    let attributes = drawn.attributes();
    let buffers: Vec<Option<wgpu::VertexBufferLayout<'_>>> = attributes
        .iter()
        .map(|(stride, attributes)| {
            Some(wgpu::VertexBufferLayout {
                array_stride: *stride,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes,
            })
        })
        .collect();
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
            buffers: &buffers,
        },
        primitive: wgpu::PrimitiveState { topology: wgpu::PrimitiveTopology::TriangleStrip, ..Default::default() },
        depth_stencil: Some(wgpu::DepthStencilState {
            format: DEPTH,
            depth_write_enabled: Some(drawn.writes_depth),
            depth_compare: Some(wgpu::CompareFunction::LessEqual),
            stencil: Default::default(),
            bias: Default::default(),
        }),
        multisample: wgpu::MultisampleState::default(),
        fragment: Some(wgpu::FragmentState {
            module: &module,
            entry_point: Some(drawn.fragment),
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
