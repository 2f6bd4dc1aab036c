//! What the paper says, item by item, through the engine on the CPU; docs/checklist.md is the table of all items.
//!
//! The tests that are ignored are documented experiments: they print what docs/checklist.md quotes.

mod bench;
mod confidence;
mod exact;
#[path = "../common/runs.rs"]
mod runs;
mod training;
