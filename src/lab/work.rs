//! The lab's work: does a [`Job`], and tells its progress and its answer.

pub mod diagnosis;
mod error;
mod export;

pub use error::LabError;

use super::answer::{Answer, JobEvent};
use super::job::Job;
use crate::simulations;

/// Does a job; `say` hears the progress and, last, the answer or the failure.
pub fn work(job: &Job, say: &mut dyn FnMut(JobEvent)) {
    let mut told = -1.0;
    let result = answer(job, &mut |share: f64| {
        // A message a percent is plenty.
        if share >= told + 0.01 {
            told = share;
            say(JobEvent::Progress(share));
        }
        true
    });
    say(result.unwrap_or_else(|error| JobEvent::Failed(error.to_string())));
}

/// The last thing to say of a job.
fn answer(job: &Job, progress: simulations::Progress<'_>) -> Result<JobEvent, LabError> {
    match job {
        Job::Simulate { simulation, seed, quick } => {
            let report = simulations::run(*simulation, *seed, *quick, progress).ok_or(LabError::Stopped)?;
            Ok(JobEvent::Done(Answer {
                json: serde_json::to_string_pretty(&report).unwrap_or_default(),
                figures: report.figures,
                summary: report.summary,
                ..Answer::default()
            }))
        }
        Job::DiagnoseFiles { files, array, options } => {
            diagnosis::of_files(files, array.as_deref(), options, progress).map(JobEvent::Done)
        }
        Job::DiagnoseRows { name, z, d, labels, options } => {
            diagnosis::of_rows(name, z, *d as usize, labels, options, progress).map(JobEvent::Done)
        }
        Job::Export { kind, trace, embeddings } => export::file(kind, trace, embeddings).map(written),
        Job::Draw { figure } => export::drawing(figure).map(written),
    }
}

fn written((name, mime, bytes): export::File) -> JobEvent {
    JobEvent::File { name, mime: mime.to_owned(), bytes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulations::Simulation;

    /// Everything that a job says.
    pub fn listen(job: &Job) -> Vec<JobEvent> {
        let mut said = Vec::new();
        work(job, &mut |one| said.push(one));
        said
    }

    #[test]
    fn a_job_ends_with_one_answer_after_rising_progress() {
        let said = listen(&Job::Simulate { simulation: Simulation::OppositeHalves, seed: 1, quick: true });
        let share = |one: &JobEvent| if let JobEvent::Progress(x) = one { Some(*x) } else { None };
        let shares: Vec<f64> = said.iter().filter_map(share).collect();
        assert!(shares.is_sorted() && !shares.is_empty());
        let Some(JobEvent::Done(answer)) = said.last() else { panic!("no answer: {said:?}") };
        assert!(!answer.figures.is_empty() && !answer.summary.is_empty());
        assert!(serde_json::from_str::<serde_json::Value>(&answer.json).is_ok());
    }
}
