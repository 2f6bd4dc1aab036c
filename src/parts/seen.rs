//! Which model a picture is of: what the page knows and its rooms ask.

/// Which model the spheres are a picture of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// The step that is shown.
    pub step: u32,
    /// The step that the engine's model is at.
    pub model: u32,
    /// A recorded run is shown.
    pub recorded: bool,
    /// It was trained on somebody's files, which are not at hand.
    pub files: bool,
    /// Seconds that training up to the step shown takes, about.
    pub seconds: u32,
}

impl Seen {
    /// Whether the engine's model is the one in the picture.
    pub fn is_the_model(self) -> bool {
        !self.recorded && self.step == self.model
    }
}
