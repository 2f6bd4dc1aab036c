//! A recorded run as files: numbers for other programs, curves for papers.

use serde_json::{Value, json};

use super::{ArmRows, Export};
use crate::config::ArmId;
use crate::data::tables::ArmsFile;
use crate::figure::{Figure, curves};
use crate::metrics::{Embeddings, Metric};
use crate::svg;
use crate::table::Table;
use crate::trace::{Trace, Track};

/// A file: name, type, contents.
pub type File = (String, &'static str, Vec<u8>);

/// A figure as an SVG document.
///
/// # Errors
/// In words, when it can't be drawn.
pub fn drawing(figure: &Figure) -> Result<File, String> {
    Ok((format!("{}.svg", figure.name), "image/svg+xml", svg::draw(figure)?.into_bytes()))
}

/// A run in one of its forms.
///
/// # Errors
/// In words, when the run does not have what is asked for.
pub fn file(kind: &Export, trace: &Trace, embeddings: &[ArmRows]) -> Result<File, String> {
    match kind {
        Export::Csv => Ok(("metrics.csv".to_owned(), "text/csv", table(trace).to_csv()?.into_bytes())),
        Export::Json => {
            let text = serde_json::to_string_pretty(&document(trace)).map_err(|error| error.to_string())?;
            Ok(("run.json".to_owned(), "application/json", text.into_bytes()))
        }
        Export::Embeddings => Ok(("embeddings.npz".to_owned(), "application/zip", npz(trace, embeddings)?)),
        Export::Curve(name) => {
            let figures = curves::figures(&trace.experiment().0, |id, metric| pairs(&trace.arms[id.index()], metric));
            let figure = figures
                .iter()
                .find(|figure| figure.name == *name)
                .ok_or_else(|| format!("{name}: this run has no such curve."))?;
            drawing(figure)
        }
    }
}

fn pairs(track: &Track, metric: Metric) -> Vec<[f64; 2]> {
    track.series(metric).into_iter().map(|(step, value)| [step, value]).collect()
}

/// As `normscope train --out` writes it: one row for each evaluation of each arm.
fn table(trace: &Trace) -> Table {
    let mut header = vec!["arm", "step"];
    header.extend(Metric::ALL.map(Metric::name));
    let row = |id: ArmId, step: u32, values: &[(Metric, f32)]| {
        let text = |metric: Metric| {
            values.iter().find(|(own, _)| *own == metric).map_or_else(String::new, |(_, value)| value.to_string())
        };
        let mut row = vec![id.key().to_owned(), step.to_string()];
        row.extend(Metric::ALL.map(text));
        row
    };
    let of_arm =
        |id: ArmId| trace.arms[id.index()].evaluations.iter().map(move |(step, values)| row(id, *step, values));
    Table { header, rows: ArmId::ALL.into_iter().flat_map(of_arm).collect() }
}

fn document(trace: &Trace) -> Value {
    let arm = |id: ArmId| {
        let track = &trace.arms[id.index()];
        let series: serde_json::Map<String, Value> = Metric::ALL
            .into_iter()
            .map(|metric| (metric.name().to_owned(), json!(pairs(track, metric))))
            .filter(|(_, series)| series.as_array().is_some_and(|all| !all.is_empty()))
            .collect();
        let stopped = track.stopped.as_ref().map(|(step, reason)| json!({"step": step, "reason": reason}));
        json!({
            "series": series, "stopped": stopped, "parameters": trace.parameters[id.index()],
            "batch_hash": trace.batch_hash[id.index()], "weights_hash": trace.weights[id.index()],
        })
    };
    json!({
        "made_by": trace.made_by, "query": trace.query, "device": trace.device, "adapter": trace.adapter,
        "data": trace.data.name, "classes": trace.data.classes, "steps": trace.steps,
        "arms": {"a": arm(ArmId::A), "b": arm(ArmId::B)},
    })
}

fn npz(trace: &Trace, embeddings: &[ArmRows]) -> Result<Vec<u8>, String> {
    let arms: Vec<(&str, Embeddings<'_>)> = ArmId::ALL
        .iter()
        .zip(embeddings)
        .filter_map(|(id, rows)| Embeddings::new(&rows.z, rows.dim as usize).map(|z| (id.key(), z)))
        .collect();
    if arms.is_empty() {
        return Err("There are no embeddings yet. Press Play first.".to_owned());
    }
    let step = |arm: usize| embeddings.get(arm).map(|rows| rows.step);
    let (experiment, _) = trace.experiment();
    let metadata = json!({
        "query": trace.query, "seed": experiment.seed, "data": trace.data.name, "classes": trace.data.classes,
        "split": "held-out", "steps": {"a": step(0), "b": step(1)},
    });
    ArmsFile { arms: &arms, labels: &trace.data.labels, metadata: &metadata.to_string() }
        .to_bytes()
        .map_err(|error| error.to_string())
}
