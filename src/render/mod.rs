//! The sphere: one scene, four painters.
//!
//! ```text
//! palette  class colours, the norm scale, the page's light and dark
//! scene    camera, radius of a norm, tweening, projection, picking: all the maths, in one place
//! painter  the scene on a 2D canvas (the page, where the engine has no WebGPU)
//! svg      the scene as vectors, for papers
//! gpu      the scene in wgpu with the shaders of shaders/ (the worker)
//! ```

pub mod palette;
pub mod scene;
pub mod svg;

#[cfg(feature = "gpu")]
pub mod gpu;
#[cfg(feature = "ui")]
pub mod painter;
