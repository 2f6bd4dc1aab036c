//! A run or an experiment in the form that other programs take.
//!
//! ```text
//! citation   BibTeX for a run and for the paper
//! film       pictures in a row as an animated GIF
//! figure     a self-contained HTML file that replays a run without a server
//! qr         a link as a QR code
//! pytorch    a script that trains one arm at full scale
//! ```

pub mod citation;
pub mod figure;
#[cfg(any(feature = "ui", test))]
pub mod film;
pub mod pytorch;
#[cfg(any(feature = "ui", test))]
pub mod qr;
