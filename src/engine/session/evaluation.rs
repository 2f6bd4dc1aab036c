//! Evaluating both arms, and answers about their points.

use super::{Session, notice};
use crate::config::ArmId;
use crate::engine::error::{ASK_FOR_FILES, EngineError};
use crate::engine::evaluate;
use crate::engine::inputs::{BANK, POINTS, PROBE_STEP};
use crate::protocol::{DataInfo, Event, Level, Picture};

impl Session {
    /// Evaluates both arms, at the same time where one is elsewhere.
    pub(in crate::engine) async fn evaluate_all(&mut self) -> Result<Vec<Event>, EngineError> {
        for side in self.sides.iter().filter(|side| side.stopped.is_none()) {
            side.arm.begin_snapshot();
        }
        let mut events = Vec::new();
        for id in ArmId::ALL {
            events.extend(self.evaluate(id).await?);
        }
        Ok(events)
    }

    pub(super) async fn evaluate(&mut self, id: ArmId) -> Result<Vec<Event>, EngineError> {
        let side = &mut self.sides[id.index()];
        if side.stopped.is_some() {
            return Ok(Vec::new());
        }
        let snapshot = side.arm.snapshot(&self.inputs).await?;
        if let Some(reason) = evaluate::failure(&snapshot, side.arm.config()) {
            let step = snapshot.losses.iter().find(|(_, loss)| !loss.is_finite()).map_or(snapshot.step, |(s, _)| *s);
            side.stopped = Some(reason.clone());
            return Ok(vec![Event::ArmStopped { arm: id, step, reason }]);
        }
        let (latest, evaluation) = evaluate::evaluate(id, snapshot, &self.data, &mut side.projection);
        side.latest = Some(latest);
        Ok(vec![Event::Evaluated(evaluation)])
    }

    pub(super) fn embeddings(&self, arm: ArmId, request: u32) -> Vec<Event> {
        let Some(latest) = self.latest(arm) else {
            return vec![notice(Level::Warning, "embeddings", "There are no embeddings yet.")];
        };
        vec![Event::Embeddings {
            request,
            arm,
            n: latest.norms.len() as u32,
            dim: latest.dim as u32,
            z: latest.points.clone(),
            labels: self.point_labels(),
            norms: latest.norms.clone(),
        }]
    }

    pub(super) fn inspect(&self, arm: ArmId, index: u32, request: u32) -> Vec<Event> {
        let at = index as usize;
        let Some(latest) = self.latest(arm).filter(|latest| at < latest.norms.len()) else {
            return vec![notice(Level::Warning, "inspect", &format!("There is no point {index}."))];
        };
        let (predicted, neighbours) = evaluate::neighbours(latest, &self.data, at);
        vec![Event::Inspected { request, arm, index, pictures: self.pictures(at), neighbours, predicted }]
    }

    /// The held-out sample itself and two views of it.
    pub(super) fn pictures(&self, index: usize) -> Vec<Picture> {
        let row = self.data.test.row(index);
        let mut view = vec![0.0; row.len()];
        let mut pictures: Vec<Picture> = evaluate::picture(&self.data, row).into_iter().collect();
        if pictures.is_empty() {
            return pictures;
        }
        for which in 0..2 {
            self.data.view_of_test(self.experiment.run.seed, PROBE_STEP, index, which, &mut view);
            pictures.extend(evaluate::picture(&self.data, &view));
        }
        pictures
    }

    /// The class of each held-out point that is evaluated, in the order of the embeddings.
    pub fn point_labels(&self) -> Vec<u16> {
        self.data.test.labels.iter().take(POINTS).copied().collect()
    }

    /// The data set as the page needs to know it.
    pub fn data_info(&self) -> DataInfo {
        if self.lacks_files() {
            return DataInfo {
                name: "Your files, which are not open".to_owned(),
                image: None,
                classes: Vec::new(),
                train: 0,
                test: 0,
                provenance: ASK_FOR_FILES.to_owned(),
                labels: Vec::new(),
            };
        }
        DataInfo {
            name: self.data.name.clone(),
            image: evaluate::image_size(&self.data),
            classes: self.data.classes.clone(),
            train: self.data.train.n() as u32,
            test: self.data.test.n() as u32,
            provenance: self.data.provenance.clone(),
            labels: self.point_labels(),
        }
    }

    /// Held-out kNN accuracy of the raw inputs, on the same samples as the metrics: what no training at all gives.
    pub fn raw_knn(&self) -> f64 {
        evaluate::raw_knn(&self.data, self.data.train.n().min(BANK), self.data.test.n().min(POINTS))
    }

    /// Held-out kNN accuracy on an arm's encoder features instead of its embeddings, on the same samples as the metrics.
    ///
    /// # Errors
    /// When a device or the second worker fails, or gives too little.
    pub async fn features_knn(&self, id: ArmId) -> Result<f64, EngineError> {
        let arm = &self.sides[id.index()].arm;
        let (bank, _) = arm.read_outputs(&self.inputs.bank).await?;
        let (points, _) = arm.read_outputs(&self.inputs.points).await?;
        let rows = [&self.inputs.bank, &self.inputs.points].map(|inputs| inputs.dims()[0]);
        Ok(evaluate::held_out_knn(&self.data, &bank, &points, rows))
    }
}
