//! The engine's module as the rooms use it: it does their jobs, trains models slice by slice, and gives an answer after
//! every one.

mod bench;

use web_time::Instant;

use self::bench::{BenchError, Host, bench};
use super::answers::{of_acceleration, of_anomaly};
use super::error::StudyError;
use super::job::Job;
use super::resumable::Resumable;
use super::{acceleration, anomaly};
use crate::config::DeviceChoice;
use crate::engine::device::Compute;
use crate::lab::{Answer, JobEvent};

/// Seconds between two interim answers, at least.
const UPDATE_EVERY: f64 = 1.0;

/// Why a job has no answer.
#[derive(Debug, thiserror::Error)]
enum JobError {
    #[error(transparent)]
    Study(#[from] StudyError),
    #[error(transparent)]
    Bench(#[from] BenchError),
}

/// Does studies, one at a time.
pub struct Studies {
    /// The anomaly study that was done last, for [`Job::Place`].
    anomaly: Option<anomaly::models::Study>,
    host: Host,
}

impl Studies {
    /// `host` gives what has been counted so far, and the adapter's limits in words.
    pub fn new(host: Host) -> Studies {
        Studies { anomaly: None, host }
    }

    /// Does a job; `say` hears progress, interim answers and the end of it, `turn` lets the browser have its turn.
    pub async fn work(&mut self, job: Job, say: &mut dyn FnMut(JobEvent), turn: &impl AsyncFn()) {
        let result = match job {
            Job::Accelerate { options, checkpoint, device } => {
                let done = run(options, &checkpoint, device, of_acceleration, say, turn).await;
                done.map(|study: acceleration::runs::Study| {
                    JobEvent::Done(of_acceleration(&study.report(), Vec::new()))
                })
            }
            Job::Anomaly { options, checkpoint, device } => {
                let done = run(options, &checkpoint, device, of_anomaly, say, turn).await;
                done.map(|study: anomaly::models::Study| JobEvent::Done(self.keep(study)))
            }
            Job::Bench { quick, device } => match bench(self.host, quick, device, say, turn).await {
                Ok(answer) => Ok(JobEvent::Done(answer)),
                Err(error) => Err(error.into()),
            },
            Job::Recall { model } => self.recall(&model).await,
            Job::Place { row } => self.place(&row).await,
        };
        say(result.unwrap_or_else(|error| JobEvent::Failed(error.to_string())));
    }

    /// The answer of a study that is done; its model can be asked from now on.
    fn keep(&mut self, study: anomaly::models::Study) -> Answer {
        let answer = of_anomaly(&study.report(), Vec::new());
        let has_model = study.has_model();
        self.anomaly = Some(study);
        Answer { has_model, ..answer }
    }

    /// A model of a few samples' work is asked on the CPU: that needs no GPU to start.
    async fn recall(&mut self, model: &[u8]) -> Result<JobEvent, JobError> {
        let kept = postcard::from_bytes(model).map_err(|_| StudyError::ModelUnreadable)?;
        let compute = Compute::find(DeviceChoice::Cpu).await;
        Ok(JobEvent::Done(self.keep(anomaly::models::Study::recall(kept, compute).await?)))
    }

    async fn place(&self, row: &[f32]) -> Result<JobEvent, JobError> {
        let study = self.anomaly.as_ref().ok_or(StudyError::NoModel)?;
        Ok(JobEvent::Placed(study.place(row).await?))
    }
}

/// Starts a study, or takes it up where `checkpoint` ends, and brings it to its end; `answer` makes interim answers.
async fn run<S: Resumable>(
    options: S::Options,
    checkpoint: &[u8],
    device: DeviceChoice,
    answer: fn(&S::Report, Vec<u8>) -> Answer,
    say: &mut dyn FnMut(JobEvent),
    turn: &impl AsyncFn(),
) -> Result<S, JobError> {
    let compute = Compute::find(device).await;
    // With a checkpoint that can't be read the study starts.
    let mut study = match postcard::from_bytes(checkpoint) {
        Ok(checkpoint) => S::resume(checkpoint, None, compute)?,
        Err(_) => S::new(options, None, compute)?,
    };
    let mut pace = Pace::new(study.cells().len());
    while !study.is_done() {
        study.advance().await?;
        say(JobEvent::Progress(study.share()));
        if pace.is_due(study.cells().len()) && !study.is_done() {
            let checkpoint = postcard::to_stdvec(&study.save()).unwrap_or_default();
            say(JobEvent::Update(answer(&study.report(), checkpoint)));
        }
        turn().await;
    }
    Ok(study)
}

/// When interim answers are due: after a new model, but not too often.
struct Pace {
    told: usize,
    at: Instant,
}

impl Pace {
    fn new(done: usize) -> Pace {
        Pace { told: done, at: Instant::now() }
    }

    fn is_due(&mut self, done: usize) -> bool {
        let due = done > self.told && self.at.elapsed().as_secs_f64() >= UPDATE_EVERY;
        if due {
            *self = Pace::new(done);
        }
        due
    }
}
