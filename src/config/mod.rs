//! What an experiment is: the method, the data, two arms and how the page shows them.
//!
//! Everything here is plain data. [`params`] declares every per-arm hyper-parameter once (name, range, default, help);
//! the URL codec ([`url`]), the page's controls and the command line's flags are all derived from that table.
//! Flow: query string -> [`Experiment`] -> [`crate::protocol::Command`].

pub mod advice;
mod arm;
pub mod choices;
mod complaint;
mod differences;
mod experiment;
pub mod fixed;
pub mod names;
pub mod params;
pub mod presets;
pub mod standing;
pub mod url;
mod value_error;

pub use advice::{Advice, advice, condition};
pub use arm::{ArmConfig, ArmId};
pub use choices::{
    ColourBy, CutLayers, DataName, DeviceChoice, GradMode, LossKind, Method, OptimizerKind, Room, Schedule, Shape,
    Theme,
};
pub use complaint::Complaint;
pub use differences::{between_arms, differences, told_apart};
pub use experiment::{Aspect, Experiment, Run, View};
pub use names::{arm_label, arm_name};
pub use params::{ARM_PARAMS, ArmParam, Control, Value};
pub use presets::{PRESETS, Preset};
pub use standing::{Seen, Standing};
pub use value_error::ValueError;
