//! What runs in workers: the engine's module, which the loader (static/worker.js) starts as the engine, as its second worker or for
//! studies, and the lab's. Everything here is a way between the page's messages and the rooms that compute.
//!
//! ```text
//! inbox          messages that wait, and what wakes the loop that waits for them      plain data
//! failure        a panic is said to the page                                          engine and lab
//! port           typed messages over a worker's own scope or a MessagePort            engine and lab
//! turn           a turn for the browser; sleep; a pace                                engine
//! spheres        canvases, the painter, the points that they show                     engine
//! second_worker/ the worker that trains arm B: reaching it, and being it              engine
//! page           what the page says to the engine, and what it is told                engine
//! engine         the loop: messages, a training step, a turn for the browser          engine
//! study          the engine's module for the rooms' studies                           engine
//! start          what this worker is for                                              engine
//! memory         the allocator that leaves word when the memory is used up            engine
//! lab            the lab's module                                                     lab
//! ```

#[cfg(feature = "worker")]
mod engine;
#[cfg(any(feature = "worker", feature = "lab"))]
mod failure;
pub mod inbox;
#[cfg(feature = "lab")]
pub mod lab;
#[cfg(feature = "worker")]
mod memory;
#[cfg(feature = "worker")]
mod page;
#[cfg(any(feature = "worker", feature = "lab"))]
mod port;
#[cfg(feature = "worker")]
mod second_worker;
#[cfg(feature = "worker")]
mod spheres;
#[cfg(feature = "worker")]
mod start;
#[cfg(feature = "worker")]
mod study;
#[cfg(feature = "worker")]
mod turn;

#[cfg(feature = "worker")]
pub use start::start;
