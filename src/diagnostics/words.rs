//! What the diagnostic says, in plain words. Numbers come from the report; nothing is decided here.

mod norms;
mod phrases;
mod rows;
mod summary;

pub(super) use norms::*;
pub(super) use phrases::{figures, percent};
pub(super) use rows::*;
pub(super) use summary::*;
