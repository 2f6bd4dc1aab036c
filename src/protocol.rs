//! What the page and the engine say to each other: [`Command`] down, [`Event`] up.
//!
//! In the browser both travel as postcard bytes over `postMessage` (canvases and files ride along as transferables);
//! natively they are plain values. The page never reaches into the engine, the engine never into the page.

mod command;
mod device;
mod event;
mod picture;

pub use command::{Command, Revival};
pub use device::{DeviceInfo, DeviceKind, UnknownDevice};
pub use event::{Check, DataInfo, Evaluation, Event, Level, Neighbour, Story};
pub use picture::{Frame, Picture, Scene};
