//! Every text that the page shows, in one place, module by module of the view that shows it. Longer ones live elsewhere: the
//! lessons in static/lessons.json, names and explanations of settings in `config::params` (the command line shows them too).
//!
//! Plain constants and functions: a translation is another set of these files, chosen when the page is built.
#![expect(missing_docs, reason = "a text says itself what it says")]

pub mod panels;
pub mod playground;
pub mod rooms;
