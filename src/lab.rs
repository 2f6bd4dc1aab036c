//! The lab: work that needs no training engine. In the browser it runs in a worker of its own, which is ended to cancel
//! it; natively it is called directly.
//!
//! A [`Job`] goes in, [`Said`] comes out: progress, then one answer.

use serde::{Deserialize, Serialize};

use crate::figure::Figure;
use crate::simulations::{self, Simulation};

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
}

/// What the lab says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Said {
    /// Share of the work that is done, 0..1.
    Progress(f64),
    /// The answer.
    Done(Answer),
    /// Why there is no answer, and what would help.
    Failed(String),
}

/// The answer to a [`Job`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// What to draw.
    pub figures: Vec<Figure>,
    /// What to read: plain sentences.
    pub summary: Vec<String>,
    /// Everything, as a JSON document to keep.
    pub json: String,
}

/// Does a job; `say` hears the progress and, last, the answer or the failure.
pub fn work(job: &Job, say: &mut dyn FnMut(Said)) {
    match job {
        Job::Simulate { simulation, seed, quick } => {
            let mut told = -1.0;
            let report = simulations::run(*simulation, *seed, *quick, &mut |share| {
                // A message a percent is plenty.
                if share >= told + 0.01 {
                    told = share;
                    say(Said::Progress(share));
                }
                true
            });
            say(match report {
                Some(report) => Said::Done(Answer {
                    json: serde_json::to_string_pretty(&report).unwrap_or_default(),
                    figures: report.figures,
                    summary: report.summary,
                }),
                None => Said::Failed("The simulation was stopped.".to_owned()),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_ends_with_one_answer_after_rising_progress() {
        let job = Job::Simulate { simulation: Simulation::OppositeHalves, seed: 1, quick: true };
        let mut said = Vec::new();
        work(&job, &mut |one| said.push(one));
        let shares: Vec<f64> =
            said.iter().filter_map(|one| if let Said::Progress(x) = one { Some(*x) } else { None }).collect();
        assert!(shares.is_sorted() && !shares.is_empty());
        let Some(Said::Done(answer)) = said.last() else { panic!("no answer: {said:?}") };
        assert!(!answer.figures.is_empty() && !answer.summary.is_empty());
        assert!(serde_json::from_str::<serde_json::Value>(&answer.json).is_ok());
    }
}
