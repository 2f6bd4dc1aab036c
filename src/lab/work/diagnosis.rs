//! Diagnoses as answers: the report's numbers, figures and findings, ready to show.

use std::io::Cursor;

use super::error::LabError;
use crate::data::tables::{TableError, TableReader, Wanted, read_labels_for};
use crate::diagnostics::file::diagnose_table;
use crate::diagnostics::report::Report;
use crate::diagnostics::tables::{Listed, NORMS_BY_CLASS, copies, every_class, tables};
use crate::diagnostics::{About, Options, Progress, diagnose};
use crate::figure::{Axis, Figure, Kind, Role, Series};
use crate::lab::answer::{Answer, Sheet};
use crate::metrics::Embeddings;
use crate::metrics::buckets::Bucket;
use crate::metrics::histogram::Histogram;
use crate::text::number;

/// Most rows of a table that is not folded.
const MOST_OPEN: usize = 10;

/// An embeddings file, and perhaps its labels in a second one; which is which is told from their contents. Where the file has
/// several tables and none was chosen, the answer lists them.
///
/// # Errors
/// A [`LabError`] when no file is given, one can't be read, or labels and rows don't go together.
pub fn of_files(
    files: &[(String, Vec<u8>)],
    array: Option<&str>,
    options: &Options,
    progress: Progress<'_>,
) -> Result<Answer, LabError> {
    let wanted = Wanted { array: array.map(str::to_owned), labels: None };
    let (table, labels) = match files {
        [] => return Err(LabError::NoFile),
        [one] => (open(one, &wanted), None),
        [first, second] => pair(first, second, &wanted),
        _ => return Err(LabError::TooManyFiles),
    };
    let mut reader = match table {
        Ok(reader) => reader,
        Err(TableError::NoEmbeddings { name, arrays, names }) if !names.is_empty() => {
            let verdict = format!("{name} holds {arrays}. Choose which ones are the embeddings.");
            return Ok(Answer { name, verdict, arrays: names, ..Answer::default() });
        }
        Err(error) => return Err(error.into()),
    };
    if let Some((name, bytes)) = labels {
        let (rows, any) = (reader.samples(), Wanted::default());
        let labels = read_labels_for(name, Cursor::new(bytes.as_slice()), Some(rows), &any);
        if let Err(error) = labels.and_then(|labels| reader.set_labels(name, labels)) {
            reader.note(format!("The labels were not used. {error}"));
        }
    }
    let arrays = reader.tables().to_vec();
    let report = diagnose_table(&mut reader, options, progress)?;
    Ok(Answer { arrays, ..answer(report) })
}

/// A named file.
type Named = (String, Vec<u8>);
type Opened<'a> = Result<TableReader<Cursor<&'a [u8]>>, TableError>;

fn open<'a>(file: &'a Named, wanted: &Wanted) -> Opened<'a> {
    TableReader::open_as(&file.0, Cursor::new(file.1.as_slice()), wanted)
}

/// Which of two files is the table, and which holds labels: rows of several numbers are a table; where both have them, a
/// name may say which one are labels, else the wider one is the table.
fn pair<'a>(first: &'a Named, second: &'a Named, wanted: &Wanted) -> (Opened<'a>, Option<&'a Named>) {
    let is_labels = |file: &Named| {
        let name = file.0.to_ascii_lowercase();
        ["label", "target", "class", "meta"].iter().any(|word| name.contains(word))
    };
    let may_be = |opened: &Opened<'_>| {
        opened.is_ok() || matches!(opened, Err(TableError::NoEmbeddings { .. } | TableError::NoArray { .. }))
    };
    let (a, b) = (open(first, wanted), open(second, wanted));
    let width = |opened: &Opened<'_>| opened.as_ref().map_or(0, |reader| reader.shape().1);
    // Labels saved as one row, as wide as the other file is long.
    let is_row = |one: &Opened<'_>, other: &Opened<'_>| matches!((one, other), (Ok(one), Ok(other)) if one.shape().0 == 1 && one.shape().1 == other.samples());
    let second_is_table = match (may_be(&a), may_be(&b)) {
        _ if is_row(&a, &b) => true,
        _ if is_row(&b, &a) => false,
        (true, false) => false,
        (false, true) => true,
        (true, true) if is_labels(first) != is_labels(second) && width(&a).min(width(&b)) > 1 => is_labels(first),
        (true, true) => width(&b) > width(&a),
        (false, false) => is_labels(first),
    };
    if second_is_table { (b, Some(first)) } else { (a, Some(second)) }
}

/// Embeddings in memory, `z: [n, d]`; `labels` may be empty.
///
/// # Errors
/// [`LabError::NoWholeRows`], or [`LabError::Diagnosis`] when the rows can't be diagnosed.
pub fn of_rows(
    name: &str,
    z: &[f32],
    d: usize,
    labels: &[u16],
    options: &Options,
    progress: Progress<'_>,
) -> Result<Answer, LabError> {
    let mut rows = Embeddings::new(z, d).ok_or(LabError::NoWholeRows)?;
    let about = About { name, labels: (!labels.is_empty()).then_some(labels), ..About::default() };
    Ok(answer(diagnose(&mut rows, about, options, progress)?))
}

fn answer(report: Report) -> Answer {
    Answer {
        json: report.to_json(),
        html: report.to_html(),
        numbers: numbers(&report),
        figures: figures(&report),
        sheets: sheets(&report),
        read: report.read.map(|read| read.line).unwrap_or_default(),
        name: report.name,
        verdict: report.verdict,
        findings: report.findings,
        summary: report.notes,
        ..Answer::default()
    }
}

/// The report's tables. Those of single rows are folded, and so are many classes.
fn sheets(report: &Report) -> Vec<Sheet> {
    let sheet = |table: Listed| {
        let is_classes = table.name == NORMS_BY_CLASS;
        Sheet {
            name: table.name.to_owned(),
            title: table.title,
            folded: !is_classes || table.rows.len() > MOST_OPEN,
            header: table.header,
            rows: table.rows,
            note: table.note,
            csv: if is_classes { every_class(report).to_csv().unwrap_or_default() } else { String::new() },
        }
    };
    tables(report).into_iter().map(sheet).collect()
}

/// A report's single numbers: name and value.
pub fn numbers(report: &Report) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut add = |name: &str, value: String| rows.push((name.to_owned(), value));
    add("Embeddings", format!("{} of dimension {}", report.n, report.d));
    if report.rows.zero + report.rows.not_finite > 0 {
        add("Left out", format!("{} zero, {} not finite", report.rows.zero, report.rows.not_finite));
    }
    if report.copies > 0 {
        add("Exact copies of another row", copies(report));
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
    let by_norm = report.accuracy.as_ref().filter(|accuracy| !accuracy.quantiles.is_empty());
    let accuracy = by_norm.map(|accuracy| buckets(&accuracy.equal_width, &accuracy.quantiles));
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
    use super::*;
    use crate::lab::{Job, JobEvent};

    fn options() -> Options {
        Options::default()
    }

    #[test]
    fn rows_in_memory_get_numbers_figures_and_both_files() {
        let mut rng = crate::rng::CounterRng::new(crate::rng::Domain::Probe, 1, 2, 3, 4);
        let z: Vec<f32> = (0..300 * 4).map(|_| 20.0 * rng.normal()).collect();
        let labels: Vec<u16> = (0..300).map(|i| (i % 3) as u16).collect();
        let job = Job::DiagnoseRows { name: "test".to_owned(), z, d: 4, labels, options: options() };
        let said = listen(&job);
        let Some(JobEvent::Done(answer)) = said.last() else { panic!("{:?}", said.last()) };
        assert_eq!(answer.figures.len(), 2);
        assert!(answer.html.starts_with("<!doctype html>") && answer.json.contains("\"verdict\""));
        assert!(answer.numbers.iter().any(|(name, value)| name.starts_with("Slope") && value.starts_with("-1.000")));
    }

    #[test]
    fn a_csv_with_labels_beside_it_is_read_and_bad_files_are_named() {
        let csv = (0..50).map(|i| format!("{},{},1.5\n", i as f32 * 0.1 - 2.0, (i % 7) as f32)).collect::<String>();
        let labels = (0..50).map(|i| format!("{}\n", i % 2)).collect::<String>();
        let files = vec![("z.csv".to_owned(), csv.into_bytes()), ("labels.csv".to_owned(), labels.into_bytes())];
        let said = listen(&Job::DiagnoseFiles { files, array: None, options: options() });
        let Some(JobEvent::Done(answer)) = said.last() else { panic!("{:?}", said.last()) };
        assert!(answer.numbers.iter().any(|(name, _)| name.starts_with("kNN accuracy")));
        let files = vec![("broken.npy".to_owned(), vec![1, 2, 3])];
        let said = listen(&Job::DiagnoseFiles { files, array: None, options: options() });
        assert!(matches!(said.last(), Some(JobEvent::Failed(problem)) if problem.contains("broken.npy")), "{said:?}");
        assert_eq!(answer.name, "z.csv");
        assert_eq!(answer.read, "50 rows, 3 coordinates (columns 1 to 3), labels from labels.csv (2 classes).");
    }

    #[test]
    fn the_files_of_the_embedding_projector_are_told_apart_by_their_contents() {
        // Not from 0 on: a first row "0, 1" counts up and is a header.
        let row = |i: i32| format!("{}\t{}\n", (f64::from(i) + 0.5).sin(), (f64::from(i) + 0.5).cos());
        let vectors = (0..40).map(row).collect::<String>();
        let plain = (0..40).map(|i| format!("class{}\n", i % 3)).collect::<String>();
        let columns = (0..40).map(|i| format!("word{i}\tclass{}\n", i % 3)).collect::<String>();
        for metadata in [plain.clone(), format!("kind\n{plain}"), format!("Word\tLabel\n{columns}")] {
            let files = [
                ("metadata.tsv".to_owned(), metadata.into_bytes()),
                ("vectors.tsv".to_owned(), vectors.clone().into_bytes()),
            ];
            for files in [files.to_vec(), files.iter().rev().cloned().collect()] {
                let said = listen(&Job::DiagnoseFiles { files, array: None, options: options() });
                let Some(JobEvent::Done(answer)) = said.last() else { panic!("{:?}", said.last()) };
                assert_eq!(answer.name, "vectors.tsv");
                assert!(
                    answer.read.starts_with("40 rows, 2 coordinates") && answer.read.contains("(3 classes)"),
                    "{}",
                    answer.read
                );
            }
        }
    }

    #[test]
    fn of_several_arrays_one_is_chosen_or_asked_for() {
        let z: Vec<f32> = (0..60).map(|i| (i as f32).sin()).collect();
        let rows = || Embeddings::new(&z, 3).expect("rows");
        let arms = [("left", rows()), ("right", rows())];
        let bytes =
            crate::data::tables::ArmsFile { arms: &arms, labels: &[0; 20], metadata: "{}" }.to_bytes().expect("a file");
        let ask = |array: Option<&str>| {
            let files = vec![("two.npz".to_owned(), bytes.clone())];
            let said = listen(&Job::DiagnoseFiles { files, array: array.map(str::to_owned), options: options() });
            let Some(JobEvent::Done(answer)) = said.last().cloned() else { panic!("{:?}", said.last()) };
            answer
        };
        let open = ask(None);
        assert_eq!((open.arrays, open.json.is_empty()), (vec!["left_z".to_owned(), "right_z".to_owned()], true));
        let chosen = ask(Some("right_z"));
        assert_eq!((chosen.name.as_str(), chosen.arrays.len()), ("two.npz: right_z", 2));
        assert!(chosen.read.starts_with("20 rows, 3 coordinates (array right_z, float32)"), "{}", chosen.read);
    }
}
