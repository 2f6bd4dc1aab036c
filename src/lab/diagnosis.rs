//! Diagnoses as answers: the report's numbers, figures and findings, ready to show.

use std::io::Cursor;

use super::Answer;
use crate::data::tables::{TableReader, read_labels};
use crate::diagnostics::report::Report;
use crate::diagnostics::{About, Options, Progress, diagnose, diagnose_table};
use crate::figure::{Axis, Figure, Kind, Role, Series};
use crate::metrics::Embeddings;
use crate::metrics::buckets::Bucket;
use crate::metrics::histogram::Histogram;
use crate::text::number;

/// An embeddings file, and perhaps its labels in a second one (the one with `label` in its name, else the second).
pub fn of_files(files: &[(String, Vec<u8>)], options: &Options, progress: Progress<'_>) -> Result<Answer, String> {
    let is_labels = |name: &str| name.to_ascii_lowercase().contains("label");
    let (table, labels) = match files {
        [] => return Err("No file was given. Choose .npy, .npz, .csv or .safetensors.".to_owned()),
        [one] => (one, None),
        [first, second] if is_labels(&first.0) => (second, Some(first)),
        [first, second] => (first, Some(second)),
        _ => return Err("Choose one file of embeddings, and if need be one of labels.".to_owned()),
    };
    let mut reader = TableReader::open(&table.0, Cursor::new(table.1.as_slice())).map_err(|error| error.to_string())?;
    if let Some((name, bytes)) = labels {
        let labels = read_labels(name, Cursor::new(bytes.as_slice())).map_err(|error| error.to_string())?;
        reader.set_labels(name, labels).map_err(|error| error.to_string())?;
    }
    diagnose_table(&mut reader, options, progress).map(answer).map_err(|error| error.to_string())
}

/// Embeddings in memory, `z: [n, d]`; `labels` may be empty.
pub fn of_rows(
    name: &str,
    z: &[f32],
    d: usize,
    labels: &[u16],
    options: &Options,
    progress: Progress<'_>,
) -> Result<Answer, String> {
    let mut rows = Embeddings::new(z, d).ok_or("The embeddings are no whole rows.")?;
    let about = About { name, labels: (!labels.is_empty()).then_some(labels), pairs: None };
    diagnose(&mut rows, about, options, progress).map(answer).map_err(|error| error.to_string())
}

fn answer(report: Report) -> Answer {
    Answer {
        json: report.to_json(),
        html: report.to_html(),
        numbers: numbers(&report),
        figures: figures(&report),
        name: report.name,
        verdict: report.verdict,
        findings: report.findings,
        summary: report.notes,
        ..Answer::default()
    }
}

/// A report's single numbers: name and value.
pub fn numbers(report: &Report) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut add = |name: &str, value: String| rows.push((name.to_owned(), value));
    add("Embeddings", format!("{} of dimension {}", report.n, report.d));
    if report.rows.zero + report.rows.not_finite > 0 {
        add("Left out", format!("{} zero, {} not finite", report.rows.zero, report.rows.not_finite));
    }
    if let Some(norms) = &report.norms {
        let [low, middle, high] = [0.05, 0.5, 0.95].map(|q| norms.quantile(q));
        add("Norm |z|: 5 %, median, 95 %", [low, middle, high].map(|norm| number(norm, 3)).join(", "));
    }
    if let Some(slope) = &report.slope {
        add("Slope of gradient length against norm", format!("{:.4} (theory {:+.0})", slope.mean, slope.expected));
    }
    if let Some(steps) = &report.steps {
        add("Angular step, median", format!("{:.2e} rad", steps.quantile(0.5)));
        add("Frozen samples", format!("{:.1} %", 100.0 * steps.frozen_share));
    }
    if let Some(share) = report.opposite_share {
        add("Pairs in opposite halves", format!("{:.1} %", 100.0 * share));
    }
    if let Some(accuracy) = &report.accuracy {
        add("kNN accuracy, leave one out", format!("{:.1} %", 100.0 * accuracy.all));
    }
    if let Some(rho) = report.density_correlation {
        add("Spearman, norm against 10th-neighbour angle", format!("{rho:.3}"));
    }
    if let Some(sphere) = &report.sphere {
        add("Spread (even would be)", format!("{:.3} ({:.3})", sphere.spread, sphere.even_spread));
        add("Effective rank", format!("{:.1} of {}", sphere.effective_rank, report.d));
        if let Some(alignment) = sphere.alignment {
            add("Alignment", format!("{alignment:.3}"));
        }
        if let Some(uniformity) = sphere.uniformity {
            add("Uniformity", format!("{uniformity:.3}"));
        }
    }
    rows
}

/// A report's figures: the norms' histogram, and the kNN accuracy by norm where there are labels.
pub fn figures(report: &Report) -> Vec<Figure> {
    let histogram = report.norms.as_ref().and_then(|norms| norms.linear.as_ref()).map(histogram);
    let accuracy = report.accuracy.as_ref().map(|accuracy| buckets(&accuracy.equal_width, &accuracy.quantiles));
    histogram.into_iter().chain(accuracy).collect()
}

fn histogram(bins: &Histogram) -> Figure {
    let middles =
        bins.edges.windows(2).zip(&bins.counts).map(|(edge, count)| [0.5 * (edge[0] + edge[1]), *count as f64]);
    let series =
        Series { label: "embeddings".to_owned(), kind: Kind::Bars, role: Role::Measured, points: middles.collect() };
    Figure {
        name: "norms".to_owned(),
        title: "Norms".to_owned(),
        caption: "How long the embeddings are. The length of each one's gradient goes as 1/|z|.".to_owned(),
        x: Axis::linear("|z|"),
        y: Axis::linear("embeddings"),
        series: vec![series],
    }
}

fn buckets(equal: &[Bucket], quantiles: &[Bucket]) -> Figure {
    let points = |buckets: &[Bucket]| -> Vec<[f64; 2]> {
        let middle = |bucket: &Bucket| 0.5 * (bucket.low + bucket.high);
        buckets.iter().filter_map(|bucket| bucket.accuracy.map(|share| [middle(bucket), 100.0 * share])).collect()
    };
    Figure {
        name: "accuracy-by-norm".to_owned(),
        title: "kNN accuracy by norm".to_owned(),
        caption:
            "Leave-one-out accuracy of the 20 nearest neighbours by cosine. Where the norm encodes confidence, it \
                  rises from left to right; buckets at the ends may hold few samples."
                .to_owned(),
        x: Axis::linear("|z|"),
        y: Axis::linear("kNN accuracy, %"),
        series: vec![
            Series::marks("20 buckets of equal width", Role::Other(0), points(equal)),
            Series::line("5 buckets of equal size", Role::Other(1), points(quantiles)),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::listen;
    use super::super::{Job, Said};
    use super::*;

    fn options() -> Options {
        Options::default()
    }

    #[test]
    fn rows_in_memory_get_numbers_figures_and_both_files() {
        let mut rng = crate::data::rng::CounterRng::new(crate::data::rng::Domain::Probe, 1, 2, 3, 4);
        let z: Vec<f32> = (0..300 * 4).map(|_| 20.0 * rng.normal()).collect();
        let labels: Vec<u16> = (0..300).map(|i| (i % 3) as u16).collect();
        let job = Job::DiagnoseRows { name: "test".to_owned(), z, d: 4, labels, options: options() };
        let said = listen(&job);
        let Some(Said::Done(answer)) = said.last() else { panic!("{:?}", said.last()) };
        assert_eq!(answer.figures.len(), 2);
        assert!(answer.html.starts_with("<!doctype html>") && answer.json.contains("\"verdict\""));
        assert!(answer.numbers.iter().any(|(name, value)| name.starts_with("Slope") && value.starts_with("-1.000")));
    }

    #[test]
    fn a_csv_with_labels_beside_it_is_read_and_bad_files_are_named() {
        let csv = (0..50).map(|i| format!("{},{},1.5\n", i as f32 * 0.1 - 2.0, (i % 7) as f32)).collect::<String>();
        let labels = (0..50).map(|i| format!("{}\n", i % 2)).collect::<String>();
        let files = vec![("z.csv".to_owned(), csv.into_bytes()), ("labels.csv".to_owned(), labels.into_bytes())];
        let said = listen(&Job::DiagnoseFiles { files, options: options() });
        let Some(Said::Done(answer)) = said.last() else { panic!("{:?}", said.last()) };
        assert!(answer.numbers.iter().any(|(name, _)| name.starts_with("kNN accuracy")));
        let files = vec![("broken.npy".to_owned(), vec![1, 2, 3])];
        let said = listen(&Job::DiagnoseFiles { files, options: options() });
        assert!(matches!(said.last(), Some(Said::Failed(problem)) if problem.contains("broken.npy")), "{said:?}");
        assert_eq!(answer.name, "z.csv");
    }
}
