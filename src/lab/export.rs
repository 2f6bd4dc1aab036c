//! A recorded run as files: numbers for other programs, curves for papers.

use serde_json::json;

use super::job::{ArmRows, Export};
use crate::config::ArmId;
use crate::data::tables::ArmsFile;
use crate::figure::{Figure, curves};
use crate::metrics::{Embeddings, Metric};
use crate::svg;
use crate::trace::{Trace, Track, record};

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
        Export::Csv => Ok(("metrics.csv".to_owned(), "text/csv", record::table(trace).to_csv()?.into_bytes())),
        Export::Json => {
            let text = serde_json::to_string_pretty(&record::document(trace)).map_err(|error| error.to_string())?;
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
        "query": trace.query, "seed": experiment.run.seed, "data": trace.data.name, "classes": trace.data.classes,
        "split": "held-out", "steps": {"a": step(0), "b": step(1)},
    });
    ArmsFile { arms: &arms, labels: &trace.data.labels, metadata: &metadata.to_string() }
        .to_bytes()
        .map_err(|error| error.to_string())
}
