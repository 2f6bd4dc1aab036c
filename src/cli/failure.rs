//! Why the program ends early, and with which exit code.

use crate::engine::error::EngineError;

/// What shells say of a program that Ctrl-C ended.
pub const STOPPED: u8 = 130;

/// Why the program ends early.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Bad input: exit code 2.
    #[error("{0}")]
    Input(String),
    /// Anything else: exit code 1.
    #[error("{0}")]
    Run(String),
    /// The reader has stopped it: exit code 130.
    #[error("{0}")]
    Stopped(String),
}

/// The engine fails for reasons that are not in the input.
impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        Failure::Run(error.to_string())
    }
}

impl Failure {
    /// The input is wrong.
    pub fn input(problem: impl ToString) -> Failure {
        Failure::Input(problem.to_string())
    }

    /// Something fails that is not in the input.
    pub fn run(problem: impl ToString) -> Failure {
        Failure::Run(problem.to_string())
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Failure::Input(_) => 2,
            Failure::Run(_) => 1,
            Failure::Stopped(_) => STOPPED,
        }
    }
}
