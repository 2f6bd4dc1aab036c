//! Listens to the engine's events and keeps what a [`Trace`] needs.

use super::recorder::{MOST, Recorder};
use super::{Shot, Trace, Track, subject};
use crate::config::{Experiment, url};
use crate::protocol::{DataInfo, DeviceInfo, Evaluation, Event};

/// The run so far.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    device: Option<DeviceInfo>,
    data: Option<DataInfo>,
    experiment: Option<Experiment>,
    parameters: [u32; 2],
    weights: [String; 2],
    batch_hash: [String; 2],
    steps: u32,
    tracks: [Track; 2],
    recorders: [Recorder; 2],
}

impl Recording {
    /// A recording whose arms keep at most `most` shots.
    pub fn new(most: usize) -> Recording {
        Recording { recorders: [Recorder::new(most), Recorder::new(most)], ..Recording::default() }
    }

    /// A recording that goes on from what `trace` has recorded; device and data come with the engine's events.
    pub fn resumed(trace: &Trace) -> Recording {
        let recorder = |track: &Track| {
            let steps: Vec<u32> = track.evaluations.iter().map(|(step, _)| *step).collect();
            Recorder::resumed(MOST, track.shots.clone(), &steps)
        };
        Recording {
            data: Some(trace.data.clone()),
            steps: trace.steps,
            tracks: trace.arms.clone(),
            recorders: [recorder(&trace.arms[0]), recorder(&trace.arms[1])],
            ..Recording::default()
        }
    }

    /// Takes over what an event says.
    pub fn hear(&mut self, event: &Event) {
        match event {
            Event::Ready(info) => self.device = Some(info.clone()),
            Event::Data(info) => self.data = Some(info.clone()),
            Event::Restarted { experiment, parameters, weights } => {
                self.experiment = Some(experiment.clone());
                self.parameters = *parameters;
                self.weights.clone_from(weights);
                self.steps = 0;
                self.batch_hash = Default::default();
                self.tracks = Default::default();
                self.recorders.iter_mut().for_each(Recorder::clear);
            }
            Event::Resumed { experiment, parameters, weights } => {
                self.experiment = Some(experiment.clone());
                self.parameters = *parameters;
                self.weights.clone_from(weights);
            }
            Event::Evaluated(evaluation) => self.evaluated(evaluation),
            Event::Progress { step, batch_hash, .. } => {
                self.steps = *step;
                self.batch_hash.clone_from(batch_hash);
            }
            Event::ArmStopped { arm, step, reason } => {
                self.tracks[arm.index()].stopped = Some((*step, reason.clone()));
            }
            _ => {}
        }
    }

    fn evaluated(&mut self, evaluation: &Evaluation) {
        let index = evaluation.arm.index();
        let track = &mut self.tracks[index];
        // A resumed run may tell again what it had told before it was saved.
        let known = track.losses.len();
        let fresh = evaluation.losses.iter().filter(|(step, _)| *step as usize >= known);
        track.losses.extend(fresh.map(|(_, loss)| *loss as f32));
        let told = track.evaluations.last().is_some_and(|(step, _)| *step >= evaluation.step);
        if told || evaluation.values.is_empty() {
            return;
        }
        let values = evaluation.values.iter().map(|(metric, value)| (*metric, *value as f32)).collect();
        track.evaluations.push((evaluation.step, values));
        self.recorders[index].add(Shot::new(evaluation.step, &evaluation.directions, &evaluation.norms));
    }

    /// The shots of an arm so far, by index.
    pub fn shots(&self, arm: usize) -> &[Shot] {
        self.recorders[arm].shots()
    }

    /// The run so far as a trace; `None` before the engine has begun.
    pub fn trace(&self) -> Option<Trace> {
        let (device, data, experiment) = (self.device.as_ref()?, self.data.as_ref()?, self.experiment.as_ref()?);
        let track =
            |index: usize| Track { shots: self.recorders[index].shots().to_vec(), ..self.tracks[index].clone() };
        Some(Trace {
            made_by: format!("normscope {}", env!("CARGO_PKG_VERSION")),
            query: url::encode_for_keeps(&subject(experiment)),
            device: device.kind.key().to_owned(),
            adapter: device.adapter.clone(),
            data: data.clone(),
            steps: self.steps,
            batch_hash: self.batch_hash.clone(),
            weights: self.weights.clone(),
            parameters: self.parameters,
            arms: [track(0), track(1)],
        })
    }
}
