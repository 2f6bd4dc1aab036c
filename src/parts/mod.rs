//! Pieces that both modules of the page use: the page itself (`app`) and the rooms.

pub mod canvas;
pub mod clipboard;
pub mod files;
pub mod live;
pub mod panel;
pub mod seen;
pub mod segmented;
pub mod thumb;
pub mod timing;
pub mod trace;
pub mod worker;
