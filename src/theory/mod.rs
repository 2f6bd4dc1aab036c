//! Closed forms in f64: what the engine's f32 and the simulations are measured against.
//!
//! ```text
//! losses        the losses, written down as the papers do; finite differences
//! gradients     their gradients with respect to un-normalised embeddings; GradScale
//! steps         what one gradient step does to a norm, an angle and a cosine
//! convergence   steps until two points agree
//! growth        how norms grow, and where weight decay stops them
//! cut           cut-initialization is a learning-rate change: two trainings that agree step for step
//! vector        dot product, norm and direction
//! ```
//!
//! Source: Draganov et al. 2025 ("On the Importance of Embedding Norms in Self-Supervised Learning") where a file says
//! so, else derived in the file's head and tested against a simulation.

pub mod convergence;
pub mod cut;
pub mod gradients;
pub mod growth;
pub mod losses;
pub mod steps;
pub mod vector;
