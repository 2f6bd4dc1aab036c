//! The lab: what the rooms besides the playground ask for. In the browser it runs in a worker of its own, which is ended to cancel
//! it; natively it is called directly.
//!
//! A [`Job`] goes in, [`Said`] comes out: progress, then one answer. Studies train models, so they are done by the engine's
//! module, in a worker of their own (`studies`); they give an answer after every model, so that cancelling loses little.

#[cfg(feature = "tables")]
pub mod diagnosis;
#[cfg(all(feature = "tables", feature = "svg"))]
pub mod export;
#[cfg(feature = "worker")]
pub mod studies;

use serde::{Deserialize, Serialize};

use crate::config::DeviceChoice;
use crate::diagnostics;
use crate::diagnostics::report::Finding;
use crate::figure::Figure;
use crate::simulations::{self, Simulation};
use crate::studies::anomaly::cell::Shot;
use crate::studies::anomaly::probe::Placed;
use crate::studies::{acceleration, anomaly};
use crate::trace::Trace;

/// What the lab is asked to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Job {
    /// Run a simulation.
    Simulate {
        /// Which one.
        simulation: Simulation,
        /// Decides all draws.
        seed: u64,
        /// Sized for a browser instead of as in the paper.
        quick: bool,
    },
    /// Diagnose an embeddings file; a second file may hold the labels, in either order.
    DiagnoseFiles {
        /// (name, contents).
        files: Vec<(String, Vec<u8>)>,
        /// The array that holds the embeddings, of a file with several; one of [`Answer::arrays`].
        array: Option<String>,
        /// What to assume about training.
        options: diagnostics::Options,
    },
    /// Diagnose embeddings that are in memory.
    DiagnoseRows {
        /// What they are called in the report.
        name: String,
        /// `[n, d]`.
        z: Vec<f32>,
        /// Columns.
        d: u32,
        /// Class of each row, `[n]`.
        labels: Vec<u16>,
        /// What to assume about training.
        options: diagnostics::Options,
    },
    /// Run the acceleration study.
    Accelerate {
        /// What is compared.
        options: acceleration::Options,
        /// [`Answer::checkpoint`] of a study that goes on; empty to start.
        checkpoint: Vec<u8>,
        /// Where to compute.
        device: DeviceChoice,
    },
    /// Run the anomaly study.
    Anomaly {
        /// What is measured.
        options: anomaly::Options,
        /// [`Answer::checkpoint`] of a study that goes on; empty to start.
        checkpoint: Vec<u8>,
        /// Where to compute.
        device: DeviceChoice,
    },
    /// Write a run's numbers or pictures as a file.
    Export {
        /// What.
        kind: Export,
        /// The run.
        trace: Box<Trace>,
        /// Embeddings of both arms, for [`Export::Embeddings`].
        embeddings: Vec<ArmRows>,
    },
    /// Measure how fast this device trains.
    Bench {
        /// Fewer cases.
        quick: bool,
        /// Where to compute.
        device: DeviceChoice,
    },
    /// Draw a figure as an SVG document.
    Draw {
        /// Which one.
        figure: Box<Figure>,
    },
    /// After an anomaly study, in the same worker: where does this input land?
    Place {
        /// One sample, `[len]`.
        row: Vec<f32>,
    },
}

/// The held-out embeddings of an arm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ArmRows {
    /// `[n, dim]`.
    pub z: Vec<f32>,
    /// Columns.
    pub dim: u32,
    /// Training steps that the arm had done.
    pub step: u32,
}

/// Files that the lab writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Export {
    /// `metrics.csv`: a row for each evaluation of each arm.
    Csv,
    /// `run.json`: the configuration, the hashes and every series.
    Json,
    /// `embeddings.npz`: the held-out embeddings of both arms.
    Embeddings,
    /// The curve of this name as an SVG document, e.g. `curve-knn`.
    Curve(String),
}

/// What the lab says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Said {
    /// Share of the work that is done, 0..1.
    Progress(f64),
    /// What there is so far; the work goes on.
    Update(Answer),
    /// The answer.
    Done(Answer),
    /// The answer to [`Job::Place`].
    Placed(Placed),
    /// The answer to [`Job::Export`].
    File {
        /// Its name.
        name: String,
        /// Its type.
        mime: String,
        /// Its contents.
        bytes: Vec<u8>,
    },
    /// Why there is no answer, and what would help.
    Failed(String),
}

/// The answer to a [`Job`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// What it is about: a file's name, an arm; empty where the room says it.
    pub name: String,
    /// What was taken for what in the file that it is about, in one line; empty where there is none.
    pub read: String,
    /// Arrays that the file holds, where one may choose; the answer says which one it is about, or that one is to be chosen.
    pub arrays: Vec<String>,
    /// The result in a sentence or two, if there is one.
    pub verdict: String,
    /// What was found, the gravest first.
    pub findings: Vec<Finding>,
    /// Single numbers: name and value.
    pub numbers: Vec<(String, String)>,
    /// What to draw.
    pub figures: Vec<Figure>,
    /// What to read: plain sentences.
    pub summary: Vec<String>,
    /// Numbers in rows and columns.
    pub sheets: Vec<Sheet>,
    /// Samples in the order of their norms.
    pub gallery: Vec<Shot>,
    /// Everything that is needed to go on; empty when nothing is left to do.
    pub checkpoint: Vec<u8>,
    /// Everything, as a JSON document to keep.
    pub json: String,
    /// Everything, as a page to keep; empty when there is none.
    pub html: String,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// Short name for files: small letters and hyphens.
    pub name: String,
    /// One line above it.
    pub title: String,
    /// Whether only the title is shown at first.
    pub folded: bool,
    /// Column names.
    pub header: Vec<String>,
    /// The rows; an empty cell is "no number".
    pub rows: Vec<Vec<String>>,
    /// What columns and marks mean, to stand under it; empty when they explain themselves.
    pub note: String,
    /// The numbers behind it, for a file to keep; empty when there are none.
    pub csv: String,
}

/// Does a job; `say` hears the progress and, last, the answer or the failure.
pub fn work(job: &Job, say: &mut dyn FnMut(Said)) {
    #[cfg(all(feature = "tables", feature = "svg"))]
    if let Some(file) = match job {
        Job::Export { kind, trace, embeddings } => Some(export::file(kind, trace, embeddings)),
        Job::Draw { figure } => Some(export::drawing(figure)),
        _ => None,
    } {
        say(match file {
            Ok((name, mime, bytes)) => Said::File { name, mime: mime.to_owned(), bytes },
            Err(problem) => Said::Failed(problem),
        });
        return;
    }
    let mut told = -1.0;
    let result = {
        let mut progress = |share: f64| {
            // A message a percent is plenty.
            if share >= told + 0.01 {
                told = share;
                say(Said::Progress(share));
            }
            true
        };
        answer(job, &mut progress)
    };
    say(match result {
        Ok(answer) => Said::Done(answer),
        Err(problem) => Said::Failed(problem),
    });
}

fn answer(job: &Job, progress: simulations::Progress<'_>) -> Result<Answer, String> {
    match job {
        Job::Simulate { simulation, seed, quick } => {
            let report = simulations::run(*simulation, *seed, *quick, progress)
                .ok_or_else(|| "The simulation was stopped.".to_owned())?;
            Ok(Answer {
                json: serde_json::to_string_pretty(&report).unwrap_or_default(),
                figures: report.figures,
                summary: report.summary,
                ..Answer::default()
            })
        }
        #[cfg(feature = "tables")]
        Job::DiagnoseFiles { files, array, options } => diagnosis::of_files(files, array.as_deref(), options, progress),
        #[cfg(feature = "tables")]
        Job::DiagnoseRows { name, z, d, labels, options } => {
            diagnosis::of_rows(name, z, *d as usize, labels, options, progress)
        }
        #[cfg(not(feature = "tables"))]
        Job::DiagnoseFiles { .. } | Job::DiagnoseRows { .. } => Err("This build can't diagnose.".to_owned()),
        Job::Export { .. } | Job::Draw { .. } => Err("This build can't write files.".to_owned()),
        Job::Accelerate { .. } | Job::Anomaly { .. } | Job::Bench { .. } | Job::Place { .. } => {
            Err("Studies are done by the engine's worker.".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that a job says.
    pub fn listen(job: &Job) -> Vec<Said> {
        let mut said = Vec::new();
        work(job, &mut |one| said.push(one));
        said
    }

    #[test]
    fn a_job_ends_with_one_answer_after_rising_progress() {
        let said = listen(&Job::Simulate { simulation: Simulation::OppositeHalves, seed: 1, quick: true });
        let share = |one: &Said| if let Said::Progress(x) = one { Some(*x) } else { None };
        let shares: Vec<f64> = said.iter().filter_map(share).collect();
        assert!(shares.is_sorted() && !shares.is_empty());
        let Some(Said::Done(answer)) = said.last() else { panic!("no answer: {said:?}") };
        assert!(!answer.figures.is_empty() && !answer.summary.is_empty());
        assert!(serde_json::from_str::<serde_json::Value>(&answer.json).is_ok());
    }
}
