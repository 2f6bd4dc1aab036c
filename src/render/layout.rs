//! What the scene's shaders and the host agree on. Nothing here needs a GPU: tests/shaders.rs includes this file and compares it
//! with what the WGSL says.

/// Invocations of a workgroup of place.wgsl.
pub const LANES: u32 = 64;

/// What a vertex shader is given a value as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Three floats.
    Vec3,
    /// Four floats.
    Vec4,
    /// An unsigned word.
    U32,
}

impl Value {
    /// Its size.
    pub fn bytes(self) -> usize {
        match self {
            Value::Vec3 => 12,
            Value::Vec4 => 16,
            Value::U32 => 4,
        }
    }
}

/// A point's values, each in a buffer of its own: place before, place after, class.
pub const INSTANCE: [Value; 3] = [Value::Vec4, Value::Vec4, Value::U32];

/// A segment's values: its ends.
pub const SEGMENT: [Value; 2] = [Value::Vec3, Value::Vec3];

/// `Scene` of scene.wgsl: the columns of the rotation are padded to four floats.
#[repr(C)]
#[derive(Clone, Copy)]
#[cfg_attr(feature = "gpu", derive(bytemuck::Pod, bytemuck::Zeroable))]
pub struct Uniforms {
    pub rotation: [[f32; 4]; 3],
    pub ink: [f32; 4],
    pub page: [f32; 4],
    pub focal: [f32; 2],
    pub viewport: [f32; 2],
    pub eye: f32,
    pub point: f32,
    pub shell: f32,
    pub line: f32,
    pub tween: f32,
    pub morph: f32,
    pub log_range: [f32; 2],
    pub scale: [f32; 2],
    pub inner: f32,
    pub by_norm: u32,
    pub classes: [[f32; 4]; 12],
    pub norms: [[f32; 4]; 9],
}

/// `Dims` of place.wgsl, padded to whole vectors.
#[repr(C)]
#[derive(Clone, Copy)]
#[cfg_attr(feature = "gpu", derive(bytemuck::Pod, bytemuck::Zeroable))]
pub struct Place {
    pub count: u32,
    pub dim: u32,
    pub first: u32,
    pub fresh: u32,
    pub shown: f32,
    pub padding: [u32; 3],
}
