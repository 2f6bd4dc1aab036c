//! A run in the form that other programs take.
//!
//! ```text
//! citation   BibTeX for a run and for the paper
//! figure     a self-contained HTML file that replays a run without a server
//! ```

pub mod citation;
pub mod figure;
