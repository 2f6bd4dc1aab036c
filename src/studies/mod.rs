//! Studies: questions that take many training runs, as state machines that a page, a worker or the command line steps
//! forward and may save and take up again.
//!
//! ```text
//! acceleration/   does norm control reach the same accuracy in fewer steps, and is it more than a learning-rate change?
//! intervals       bootstrap intervals over runs of which some may not have reached their goal
//! ```

pub mod acceleration;
pub mod intervals;
