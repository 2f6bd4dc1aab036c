//! An arm that trains in another worker, so that two arms use two cores: nothing is shared but messages. The helper's side
//! ([`Host`]) holds a whole arm with its data; ours (`super::trainer::second`) sends tasks and waits for the answers.
//!
//! The CPU path is deterministic, so where an arm trains changes none of its numbers.

mod host;
pub mod messages;

pub use self::host::Host;
pub use self::messages::{Helper, Reply, Task, helps};
