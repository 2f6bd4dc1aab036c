//! A run under way as a file, `run.part`: the engine's checkpoint and everything that was told so far, so that a run that was
//! stopped or killed ends with the same files as one that was not.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::cli::failure::Failure;
use crate::cli::output;
use crate::protocol::Event;
use crate::sealed::{Broken, Seal};

/// Name in `--out`; gone when the run is complete.
pub const NAME: &str = "run.part";
const SEAL: Seal = Seal { magic: *b"NSRP", version: 1, oldest: 1 };

/// A run under way.
#[derive(Serialize, Deserialize)]
pub struct Part {
    /// The experiment as a link's query.
    pub query: String,
    /// [`crate::engine::session::Session::checkpoint`].
    pub checkpoint: Vec<u8>,
    /// Everything that the session has said.
    pub events: Vec<Event>,
    /// kNN accuracy on untrained encoder features, per arm.
    pub untrained: [f64; 2],
}

impl Part {
    /// Writes it, in the place of the last one.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn write(&self, folder: &Path) -> Result<(), Failure> {
        let payload = postcard::to_stdvec(self).map_err(|error| Failure::Run(format!("{NAME}: {error}")))?;
        output::write_file(&folder.join(NAME), &SEAL.close(&payload, &payload))
    }

    /// Reads the one in `folder`; `None` where there is none.
    ///
    /// # Errors
    /// When it is damaged, or of other settings.
    pub fn read(folder: &Path, query: &str) -> Result<Option<Part>, Failure> {
        let path = folder.join(NAME);
        if !path.exists() {
            let finished = folder.join("run.json");
            if finished.exists() {
                return Err(Failure::Input(format!(
                    "--resume: {} is of a run that is complete, and there is no {NAME} to go on from. Take another --out, or leave \
                     out --resume to write over it.",
                    finished.display()
                )));
            }
            return Ok(None);
        }
        let wrong = |problem: &str| Failure::Input(format!("{}: {problem}", path.display()));
        let bytes = std::fs::read(&path).map_err(|error| wrong(&error.to_string()))?;
        let payload = SEAL.open(&bytes).map_err(|broken| match broken {
            Broken::Newer(_) => wrong("was written by a newer normscope."),
            _ => wrong("is damaged. Start without --resume."),
        })?;
        let part: Part = postcard::from_bytes(payload).map_err(|_| wrong("is damaged. Start without --resume."))?;
        if part.query != query {
            return Err(wrong("was made with other settings or other files; repeat those, or take another --out."));
        }
        Ok(Some(part))
    }
}
