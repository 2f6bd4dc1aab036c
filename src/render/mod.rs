//! The sphere: one scene, three painters.
//!
//! ```text
//! palette  class colours, the norm scale, the page's light and dark
//! scene    camera, radius of a norm, tweening, projection, picking: all the maths, in one place
//! painter  the scene on a 2D canvas (the page, where the engine has no WebGPU)
//! gpu      the scene in wgpu with the shaders of shaders/ (the worker)
//! ```

pub mod palette;
pub mod scene;

#[cfg(feature = "gpu")]
pub mod gpu;
#[cfg(feature = "ui")]
pub mod painter;
