//! The sphere: one scene, three painters.
//!
//! ```text
//! palette  class colours, the norm scale, the page's light and dark
//! scene    camera, radius of a norm, tweening, projection, picking: all the maths, in one place
//! looks    lines, labels and light, for the two painters below
//! painter  the scene on a 2D canvas (the page, where the engine has no WebGPU)
//! svg      the scene as vectors, for papers
//! gpu      the scene in wgpu (the worker);  pipelines: with the shaders of shaders/;  layout: what both sides agree on
//! timing   how long a frame takes in wgpu
//! ```

mod looks;
pub mod palette;
pub mod scene;
pub mod svg;

#[cfg(feature = "gpu")]
pub mod gpu;
#[cfg(feature = "gpu")]
mod layout;
#[cfg(feature = "ui")]
pub mod painter;
#[cfg(feature = "gpu")]
mod pipelines;
#[cfg(feature = "gpu")]
pub mod timing;
