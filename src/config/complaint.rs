//! What a reader of settings says of a value that it can't take.

use serde::{Deserialize, Serialize};

/// Why a value was not taken over: what was given, what is wrong and what is used instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// The input, e.g. `a.lr=fast`.
    pub input: String,
    /// What is wrong and what would be right.
    pub problem: String,
    /// The value that is used instead.
    pub used: String,
    /// The rest of the input means the same without this: a warning is enough.
    pub harmless: bool,
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.input, self.problem)?;
        if !self.used.is_empty() {
            write!(f, " Used instead: {}.", self.used)?;
        }
        Ok(())
    }
}
