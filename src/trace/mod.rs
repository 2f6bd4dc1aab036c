//! Recorded runs: what a run showed, small enough for a link's poster, replayable without the engine.
//!
//! ```text
//! shot      the points of one arm at one step, quantised
//! recorder  keeps a bounded number of shots while a run goes on;  recording: makes a trace of the engine's events
//! file      a trace as bytes and back: checksummed, versioned, bounded;  gzip: natively, also compressed
//! compare   a recorded run against the same run here
//! record    a run as a document (run.json) and as a table (metrics.csv)
//! ```
//!
//! A [`Trace`] holds the loss of every step, every metric of every evaluation and the quantised points of some evaluations;
//! no weights and no pictures.

pub mod compare;
#[cfg(any(feature = "web", feature = "cli"))]
pub mod file;
#[cfg(feature = "cli")]
pub mod gzip;
pub mod record;
pub mod recorder;
pub mod recording;
pub mod shot;

use serde::{Deserialize, Serialize};

use crate::config::{Complaint, Experiment, url};
use crate::metrics::Metric;
use crate::protocol::DataInfo;
pub use shot::Shot;

/// A recorded run of both arms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Program and version that recorded it.
    pub made_by: String,
    /// The experiment as a link's query, without looks, place and pace.
    pub query: String,
    /// `cpu`, `webgpu` or `wgpu`.
    pub device: String,
    /// Name of the adapter.
    pub adapter: String,
    /// The data set; its labels are those of the points.
    pub data: DataInfo,
    /// Steps done.
    pub steps: u32,
    /// Hash of the batches that each arm has seen.
    pub batch_hash: [String; 2],
    /// Hash of each arm's initial weights before the cut.
    pub weights: [String; 2],
    /// Trainable parameters of each arm.
    pub parameters: [u32; 2],
    /// Both arms.
    pub arms: [Track; 2],
}

/// What one arm showed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Why it stopped early: (step, reason).
    pub stopped: Option<(u32, String)>,
    /// Training loss of each step, from the first on.
    pub losses: Vec<f32>,
    /// (step, metrics) of each evaluation.
    pub evaluations: Vec<(u32, Vec<(Metric, f32)>)>,
    /// The points at some evaluations, in the order of steps.
    pub shots: Vec<Shot>,
}

impl Track {
    /// (step, value) of a metric; the loss of step i is at i + 1, as in the charts.
    pub fn series(&self, metric: Metric) -> Vec<(f64, f64)> {
        if metric == Metric::Loss {
            return self.losses.iter().enumerate().map(|(i, loss)| ((i + 1) as f64, f64::from(*loss))).collect();
        }
        let value =
            |values: &[(Metric, f32)]| values.iter().find(|(own, _)| *own == metric).map(|(_, v)| f64::from(*v));
        self.evaluations.iter().filter_map(|(step, values)| Some((f64::from(*step), value(values)?))).collect()
    }

    /// Keeps at most `most` shots (at least 2), the first and the last among them, denser at the beginning, where a run
    /// changes fastest.
    pub fn thin(&mut self, most: usize) {
        let last = self.shots.len().saturating_sub(1);
        let most = most.max(2);
        if last < most {
            return;
        }
        let mut keep = Vec::with_capacity(most);
        for i in 0..most {
            let share = i as f64 / (most - 1) as f64;
            let wanted = (share * share * last as f64).round() as usize;
            keep.push(wanted.max(keep.last().map_or(0, |before| before + 1)).min(last));
        }
        let mut index = 0;
        self.shots.retain(|_| {
            index += 1;
            keep.contains(&(index - 1))
        });
    }
}

impl Track {
    /// Keeps at most `most` evaluations (at least 2), evenly, the first and the last among them.
    pub fn thin_evaluations(&mut self, most: usize) {
        let last = self.evaluations.len().saturating_sub(1);
        let every = last.div_ceil(most.max(2) - 1).max(1);
        let mut index = 0;
        self.evaluations.retain(|_| {
            index += 1;
            (index - 1) % every == 0 || index - 1 == last
        });
    }
}

impl Trace {
    /// The experiment that was recorded, with what could not be read of it.
    pub fn experiment(&self) -> (Experiment, Vec<Complaint>) {
        url::decode(&self.query)
    }

    /// Whether it was trained on the reader's own files, which no link can name.
    pub fn is_of_files(&self) -> bool {
        form_urlencoded::parse(self.query.as_bytes()).any(|(key, value)| key == "data" && value == "files")
    }
}

/// What of an experiment decides a run: no looks, no place, no pace, no room.
pub fn subject(experiment: &Experiment) -> Experiment {
    Experiment::from(experiment.run.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_evaluations_are_even_and_keep_the_ends() {
        let mut track = Track { evaluations: (0..61).map(|i| (10 * i, Vec::new())).collect(), ..Track::default() };
        track.thin_evaluations(31);
        let steps: Vec<u32> = track.evaluations.iter().map(|(step, _)| *step).collect();
        assert_eq!((steps.len(), steps[0], steps[1], steps[30]), (31, 0, 20, 600));
        track.thin_evaluations(100);
        assert_eq!(track.evaluations.len(), 31);
        track.thin_evaluations(0);
        assert_eq!(track.evaluations.iter().map(|(step, _)| *step).collect::<Vec<_>>(), [0, 600]);
    }

    #[test]
    fn thinning_keeps_the_ends_and_more_of_the_beginning() {
        let mut track =
            Track { shots: (0..61).map(|step| Shot { step, ..Shot::default() }).collect(), ..Track::default() };
        track.thin(9);
        assert_eq!(track.shots.iter().map(|shot| shot.step).collect::<Vec<_>>(), [0, 1, 4, 8, 15, 23, 34, 46, 60]);
        track.thin(100);
        assert_eq!(track.shots.len(), 9);
        let mut short =
            Track { shots: (0..5).map(|step| Shot { step, ..Shot::default() }).collect(), ..Track::default() };
        short.thin(4);
        assert_eq!(short.shots.iter().map(|shot| shot.step).collect::<Vec<_>>(), [0, 1, 2, 4]);
    }
}
