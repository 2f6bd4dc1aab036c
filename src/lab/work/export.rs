//! A recorded run as files: numbers for other programs, curves for papers.

use serde_json::json;

use super::error::LabError;
use crate::config::ArmId;
use crate::data::tables::ArmsFile;
use crate::figure::{Figure, curves};
use crate::lab::job::{ArmRows, Export};
use crate::metrics::{Embeddings, Metric};
use crate::svg;
use crate::trace::{Trace, Track, record};

/// A file: name, type, contents.
pub type File = (String, &'static str, Vec<u8>);

/// A figure as an SVG document.
///
/// # Errors
/// [`LabError::Drawing`] when plotters can't draw it.
pub fn drawing(figure: &Figure) -> Result<File, LabError> {
    Ok((format!("{}.svg", figure.name), "image/svg+xml", svg::draw(figure)?.into_bytes()))
}

/// A run in one of its forms.
///
/// # Errors
/// A [`LabError`] when the run does not have what is asked for, or the file can't be written.
pub fn file(kind: &Export, trace: &Trace, embeddings: &[ArmRows]) -> Result<File, LabError> {
    match kind {
        Export::Csv => Ok(("metrics.csv".to_owned(), "text/csv", record::table(trace).to_csv()?.into_bytes())),
        Export::Json => {
            let text = serde_json::to_string_pretty(&record::document(trace))?;
            Ok(("run.json".to_owned(), "application/json", text.into_bytes()))
        }
        Export::Embeddings => Ok(("embeddings.npz".to_owned(), "application/zip", npz(trace, embeddings)?)),
        Export::Curve(name) => {
            let figures = curves::figures(&trace.experiment().0, |id, metric| pairs(&trace.arms[id.index()], metric));
            let figure =
                figures.iter().find(|figure| figure.name == *name).ok_or_else(|| LabError::NoCurve(name.clone()))?;
            drawing(figure)
        }
    }
}

fn pairs(track: &Track, metric: Metric) -> Vec<[f64; 2]> {
    track.series(metric).into_iter().map(|(step, value)| [step, value]).collect()
}

fn npz(trace: &Trace, embeddings: &[ArmRows]) -> Result<Vec<u8>, LabError> {
    let arms: Vec<(&str, Embeddings<'_>)> = ArmId::ALL
        .iter()
        .zip(embeddings)
        .filter_map(|(id, rows)| Embeddings::new(&rows.z, rows.dim as usize).map(|z| (id.key(), z)))
        .collect();
    if arms.is_empty() {
        return Err(LabError::NoEmbeddings);
    }
    let step = |arm: usize| embeddings.get(arm).map(|rows| rows.step);
    let (experiment, _) = trace.experiment();
    let metadata = json!({
        "query": trace.query, "seed": experiment.run.seed, "data": trace.data.name, "classes": trace.data.classes,
        "split": "held-out", "steps": {"a": step(0), "b": step(1)},
    });
    Ok(ArmsFile { arms: &arms, labels: &trace.data.labels, metadata: &metadata.to_string() }.to_bytes()?)
}
