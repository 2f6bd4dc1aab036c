//! Pieces that both modules of the page use: the page itself (`app`) and the rooms; what goes between them and the workers
//! ([`loader`], `message`) the workers use too. [`retry`] counts.

#[cfg(feature = "ui")]
pub mod canvas;
#[cfg(feature = "ui")]
pub mod clipboard;
#[cfg(feature = "ui")]
pub mod error;
#[cfg(feature = "ui")]
pub mod files;
#[cfg(feature = "ui")]
pub mod gzip;
#[cfg(feature = "ui")]
pub mod kept;
#[cfg(feature = "ui")]
pub mod live;
pub mod loader;
#[cfg(feature = "web")]
pub mod message;
#[cfg(feature = "ui")]
pub mod panel;
pub mod retry;
#[cfg(feature = "ui")]
pub mod seen;
#[cfg(feature = "ui")]
pub mod segmented;
#[cfg(feature = "ui")]
pub mod thumb;
#[cfg(feature = "ui")]
pub mod timing;
#[cfg(feature = "ui")]
pub mod trace;
#[cfg(feature = "ui")]
pub mod worker;
