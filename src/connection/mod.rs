//! The page's connection to its engine, as a state machine that knows no browser: which commands wait for an answer, what a new
//! worker is told after a fault, when it is tried again, and when the reader is asked.
//!
//! ```text
//! queue    commands that the engine has not carried out yet, and how many it has
//! faults   what went wrong, how often in a row, and when to try again
//! files    the files that are open, kept for the next worker
//! watch    whether the worker still answers
//! course   the run's checkpoint, where it was, and how a new worker comes back to it
//! state    where the connection stands: Asleep -> Started -> Begun -> Ready; a fault leads to Waiting, too many to Failed
//! machine  all of it
//! ```
//!
//! The page (src/app/link.rs) has the worker itself, hands on what it says, and does what is answered here.

mod course;
mod faults;
mod files;
mod machine;
mod queue;
mod state;
mod watch;

pub use faults::{Fault, Faults, Happened};
pub use files::Held;
pub use machine::{Connection, Loss, Up};
pub use state::State;
pub use watch::{Silence, Watched};
