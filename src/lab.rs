//! The lab: what the rooms besides the playground ask for and what needs no engine. In the browser it runs in a worker of its
//! own, which is ended to cancel it; natively it is called directly.
//!
//! A [`Job`] goes in, [`Said`] comes out: progress, then one answer. Studies train models, so they are jobs of the engine's
//! module ([`crate::studies::job`]); it says the same.

mod answer;
#[cfg(feature = "tables")]
pub mod diagnosis;
#[cfg(all(feature = "tables", feature = "svg"))]
pub mod export;
mod job;

pub use answer::{Answer, Placed, Said, Sheet, Shot};
pub use job::{ArmRows, Export, Job};

use crate::simulations;

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
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulations::Simulation;

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
