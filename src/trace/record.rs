//! A run as a document and as a table: `run.json` and `metrics.csv`, the same from the page and from the command line
//! (docs/files.md).

use serde_json::{Map, Value, json};

use super::{Trace, Track};
use crate::config::choices::Choice;
use crate::config::{ARM_PARAMS, ArmId, Experiment, Seen, Standing, Value as Setting};
use crate::metrics::Metric;
use crate::table::Table;

/// The run as `run.json`.
pub fn document(trace: &Trace) -> Value {
    let experiment = trace.experiment().0;
    json!({
        "made_by": trace.made_by, "query": trace.query, "device": trace.device, "adapter": trace.adapter,
        "data": trace.data.name, "classes": trace.data.classes, "seed": experiment.run.seed, "steps": trace.steps,
        "settings": settings(&experiment),
        "arms": ArmId::ALL.map(|id| arm(trace, id)),
    })
}

/// What was asked for: the whole run's settings, and each arm's that have an effect on its method.
fn settings(experiment: &Experiment) -> Value {
    let arm = |id: ArmId| -> Map<String, Value> {
        let params = ARM_PARAMS.iter().filter(|param| param.applies_to(experiment.run.method));
        params.map(|param| (param.key.to_owned(), setting((param.get)(experiment.arm(id))))).collect()
    };
    json!({
        "method": experiment.run.method.key(), "data": experiment.run.data.key(), "seed": experiment.run.seed,
        "steps": experiment.run.steps, "eval": experiment.run.eval, "a": arm(ArmId::A), "b": arm(ArmId::B),
    })
}

fn setting(value: Setting) -> Value {
    match value {
        Setting::Number(number) => json!(number),
        Setting::Whole(number) => json!(number),
        Setting::Name(name) => json!(name),
        Setting::Flag(on) => json!(on),
    }
}

fn arm(trace: &Trace, id: ArmId) -> Value {
    let track = &trace.arms[id.index()];
    let row = |(step, values): &(u32, Vec<(Metric, f32)>)| {
        let mut row = Map::from_iter([("step".to_owned(), json!(step))]);
        row.extend(values.iter().map(|(metric, value)| (metric.name().to_owned(), short(*value))));
        row
    };
    json!({
        "arm": id.key(), "parameters": trace.parameters[id.index()], "batch_hash": trace.batch_hash[id.index()],
        "weights_hash": trace.weights[id.index()],
        "stopped": track.stopped.as_ref().map(|(step, reason)| json!({"step": step, "reason": reason})),
        "failure": trace.standing(id).failure(),
        "series": track.evaluations.iter().map(row).collect::<Vec<_>>(), "losses": track.losses.iter().map(|loss| short(*loss)).collect::<Vec<_>>(),
    })
}

/// The shortest number that stands for a value, as in the table; null where there is none.
fn short(value: f32) -> Value {
    json!(value.to_string().parse::<f64>().ok())
}

/// The run as `metrics.csv`: one row for each evaluation of each arm; metrics that were not measured are empty. The
/// last columns say which run it is, so that rows of several files can be put together.
pub fn table(trace: &Trace) -> Table {
    let mut header = vec!["arm", "step"];
    header.extend(Metric::ALL.map(Metric::name));
    header.extend(["seed", "query"]);
    let seed = trace.experiment().0.run.seed.to_string();
    let row = |id: ArmId, step: u32, values: &[(Metric, f32)]| {
        let text = |metric: Metric| {
            values.iter().find(|(own, _)| *own == metric).map_or_else(String::new, |(_, value)| value.to_string())
        };
        let mut row = vec![id.key().to_owned(), step.to_string()];
        row.extend(Metric::ALL.map(text));
        row.extend([seed.clone(), trace.query.clone()]);
        row
    };
    let of_arm = |id: ArmId| {
        let evaluations = trace.arms[id.index()].evaluations.iter();
        evaluations.map(|(step, values)| row(id, *step, values)).collect::<Vec<_>>()
    };
    Table { header, rows: ArmId::ALL.into_iter().flat_map(of_arm).collect() }
}

impl Track {
    /// What the arm has shown, of embeddings of dimension `dim` and data of so many classes.
    pub fn seen(&self, dim: u32, classes: usize) -> Seen {
        Seen {
            knn: self.series(Metric::Knn),
            spread: self.series(Metric::Spread),
            rank: self.series(Metric::EffectiveRank),
            classes,
            norm: self.series(Metric::NormQ50),
            stopped: self.stopped.as_ref().map(|(step, _)| *step),
            dim,
        }
    }
}

impl Trace {
    /// How an arm stands at the end of the run.
    pub fn standing(&self, id: ArmId) -> Standing {
        self.arms[id.index()].seen(self.experiment().0.arm(id).dim, self.data.classes.len()).standing()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace() -> Trace {
        let values = |knn: f32| vec![(Metric::Loss, 1.5), (Metric::Knn, knn)];
        let track =
            Track { losses: vec![2.0, 1.5], evaluations: vec![(0, values(0.7)), (2, values(0.1))], ..Track::default() };
        Trace {
            made_by: "normscope".to_owned(),
            query: "method=byol&seed=9&b.lr=0.3".to_owned(),
            device: "cpu".to_owned(),
            adapter: "CPU".to_owned(),
            data: crate::protocol::DataInfo {
                name: "Digits".to_owned(),
                image: None,
                classes: vec!["0".to_owned()],
                train: 1,
                test: 1,
                provenance: String::new(),
                labels: Vec::new(),
            },
            steps: 2,
            batch_hash: ["x", "x"].map(str::to_owned),
            weights: ["w", "w"].map(str::to_owned),
            parameters: [5, 6],
            arms: [track.clone(), Track { stopped: Some((2, "It diverged.".to_owned())), ..track }],
        }
    }

    #[test]
    fn the_document_has_seed_settings_rows_and_every_loss() {
        let found = document(&trace());
        assert_eq!((found["seed"].as_u64(), found["steps"].as_u64()), (Some(9), Some(2)));
        assert_eq!((&found["settings"]["method"], &found["settings"]["b"]["lr"]), (&json!("byol"), &json!(0.3)));
        // The temperature has no effect on BYOL.
        assert!(found["settings"]["a"].get("tau").is_none() && found["settings"]["a"].get("ema").is_some());
        let [a, b] = [&found["arms"][0], &found["arms"][1]];
        assert_eq!((&a["arm"], &a["series"][1]["step"], &a["series"][1]["knn"]), (&json!("a"), &json!(2), &json!(0.1)));
        assert_eq!((&a["losses"], &a["stopped"]), (&json!([2.0, 1.5]), &Value::Null));
        assert_eq!((&a["failure"], &b["failure"]), (&json!("is below its start"), &json!("diverged at step 2")));
        assert_eq!(b["stopped"], json!({"step": 2, "reason": "It diverged."}));
    }

    #[test]
    fn the_table_has_a_row_for_each_evaluation_and_empty_cells_for_what_was_not_measured() {
        let table = table(&trace());
        assert_eq!((table.rows.len(), &table.header[..4]), (4, &["arm", "step", "loss", "knn"][..]));
        assert_eq!(table.rows[3][..5], ["b", "2", "1.5", "0.1", ""]);
        assert_eq!(table.header[table.header.len() - 2..], ["seed", "query"]);
        assert!(table.rows.iter().all(|row| row.ends_with(&["9".to_owned(), trace().query])));
        assert!(table.rows.iter().all(|row| row.len() == table.header.len()));
    }
}
