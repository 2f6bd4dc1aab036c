//! Studies as jobs of the page: they train models, slice by slice, and give an answer after every one.

use web_time::Instant;

use super::{Answer, Job, Said, Sheet};
use crate::config::DeviceChoice;
use crate::engine::bench::{self, Counts, Measured, PerStep};
use crate::engine::device::Compute;
use crate::render::timing::{self, FrameTime};
use crate::studies::variant::subject;
use crate::studies::{Resumable, acceleration, anomaly};
use crate::table::{Table, plain};
use crate::text::number;

/// Seconds between two interim answers, at least.
const UPDATE_EVERY: f64 = 1.0;

/// Seconds of each measurement of a benchmark.
const BENCH_SECONDS: f64 = 0.8;

/// Does studies, one at a time.
pub struct Studies {
    /// The anomaly study that was done last, for [`Job::Place`].
    anomaly: Option<anomaly::Study>,
    /// What the host counts of the device's work, and what it knows of its limits.
    host: fn() -> (Option<Counts>, String),
}

impl Studies {
    /// `host` gives what has been counted so far, and the adapter's limits in words.
    pub fn new(host: fn() -> (Option<Counts>, String)) -> Studies {
        Studies { anomaly: None, host }
    }

    /// Does a job; `say` hears progress, interim answers and the end of it, `turn` lets the browser have its turn.
    pub async fn work(&mut self, job: Job, say: &mut dyn FnMut(Said), turn: &impl AsyncFn()) {
        let result = match job {
            Job::Accelerate { options, checkpoint, device } => {
                let done = run(options, &checkpoint, device, acceleration_answer, say, turn).await;
                done.map(|study: acceleration::Study| Said::Done(acceleration_answer(&study.report(), Vec::new())))
            }
            Job::Anomaly { options, checkpoint, device } => {
                let done = run(options, &checkpoint, device, anomaly_answer, say, turn).await;
                done.map(|study: anomaly::Study| {
                    let answer = anomaly_answer(&study.report(), Vec::new());
                    self.anomaly = Some(study);
                    Said::Done(answer)
                })
            }
            Job::Bench { quick, device } => self.bench(quick, device, say, turn).await,
            Job::Place { row } => self.place(&row).await,
            _ => Err("That is a job for the lab.".to_owned()),
        };
        say(result.unwrap_or_else(Said::Failed));
    }

    async fn bench(
        &self,
        quick: bool,
        device: DeviceChoice,
        say: &mut dyn FnMut(Said),
        turn: &impl AsyncFn(),
    ) -> Result<Said, String> {
        let compute = Compute::find(device).await;
        let cases = bench::cases(quick);
        let mut rows = Vec::new();
        // On the CPU the page draws, and measures itself.
        let frames = match compute.gpu() {
            Some(gpu) => timing::all(gpu, BENCH_SECONDS / 2.0).await?,
            None => Vec::new(),
        };
        // On the CPU there is nothing to count.
        let counts = || if compute.gpu().is_some() { (self.host)().0 } else { None };
        for (index, case) in cases.iter().enumerate() {
            rows.push(bench::measure(case, BENCH_SECONDS, &compute, &counts).await?);
            say(Said::Progress((index + 1) as f64 / cases.len() as f64));
            say(Said::Update(bench_answer(&compute, &rows, &frames, &(self.host)().1)));
            turn().await;
        }
        rows.push(bench::measure_classifier(BENCH_SECONDS, &compute, &counts).await?);
        Ok(Said::Done(bench_answer(&compute, &rows, &frames, &(self.host)().1)))
    }

    async fn place(&self, row: &[f32]) -> Result<Said, String> {
        let study = self.anomaly.as_ref().ok_or("There is no trained model to ask yet.")?;
        study.place(row).await.map(Said::Placed)
    }
}

/// Starts a study, or takes it up where `checkpoint` ends, and brings it to its end; `answer` makes interim answers.
async fn run<S: Resumable>(
    options: S::Options,
    checkpoint: &[u8],
    device: DeviceChoice,
    answer: fn(&S::Report, Vec<u8>) -> Answer,
    say: &mut dyn FnMut(Said),
    turn: &impl AsyncFn(),
) -> Result<S, String> {
    let compute = Compute::find(device).await;
    // A checkpoint that can't be read is none: the study starts.
    let mut study = match postcard::from_bytes(checkpoint) {
        Ok(checkpoint) => S::resume(checkpoint, None, compute)?,
        Err(_) => S::new(options, None, compute)?,
    };
    let mut pace = Pace::new(study.cells().len());
    while !study.is_done() {
        study.advance().await?;
        say(Said::Progress(study.share()));
        if pace.is_due(study.cells().len()) && !study.is_done() {
            let checkpoint = postcard::to_stdvec(&study.save()).unwrap_or_default();
            say(Said::Update(answer(&study.report(), checkpoint)));
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

/// One sheet; what is not counted is left empty.
fn bench_answer(compute: &Compute, rows: &[Measured], frames: &[FrameTime], limits: &str) -> Answer {
    let names = [
        "Data",
        "Method",
        "Batch",
        "Width",
        "Dim",
        "Steps/s",
        "Images/s",
        "Views, ms",
        "First step, ms",
        "Dispatches",
        "Submits",
        "Bind groups",
        "Read-backs",
        "Buffers",
        "GPU, MB",
        "Heap, MB",
    ];
    let counted = |row: &Measured, part: fn(&PerStep) -> f64| {
        row.per_step.as_ref().map_or_else(String::new, |step| format!("{:.1}", part(step)))
    };
    let megabytes = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.0}"));
    let cells = |row: &Measured| {
        let counts = [
            counted(row, |step| step.dispatches),
            counted(row, |step| step.submits),
            counted(row, |step| step.bind_groups),
            counted(row, |step| step.read_backs),
            counted(row, |step| step.buffers),
            megabytes(row.gpu_megabytes),
            megabytes(row.heap_megabytes),
        ];
        [row.cells(), counts.to_vec()].concat()
    };
    let table = Table { header: names.to_vec(), rows: rows.iter().map(cells).collect() };
    let sheet = Sheet {
        name: "bench".to_owned(),
        title: "One arm; counts are per training step".to_owned(),
        header: names.map(str::to_owned).to_vec(),
        rows: table.rows.clone(),
        csv: csv(&table),
        ..Sheet::default()
    };
    let mut numbers = vec![
        ("Device".to_owned(), compute.info.kind.key().to_owned()),
        ("Adapter".to_owned(), compute.info.adapter.clone()),
    ];
    for frame in frames {
        let points = match frame.points {
            few if few < 1000 => few.to_string(),
            many => format!("{},{:03}", many / 1000, many % 1000),
        };
        numbers.push((format!("Frame, 2 × {points} points"), format!("{:.1} ms", frame.millis)));
    }
    if !limits.is_empty() {
        numbers.push(("Limits".to_owned(), limits.to_owned()));
    }
    Answer {
        numbers,
        sheets: vec![sheet],
        json: serde_json::to_string_pretty(rows).unwrap_or_default(),
        ..Answer::default()
    }
}

fn acceleration_answer(report: &acceleration::Report, checkpoint: Vec<u8>) -> Answer {
    let header = acceleration::table::LEVEL_HEADER.map(str::to_owned).to_vec();
    let mut sheets: Vec<Sheet> = report
        .levels
        .iter()
        .map(|level| Sheet {
            name: format!("acceleration-{}", 100.0 * level.fraction),
            title: format!("Steps to kNN {:.1} % (level {})", 100.0 * level.test, level.fraction),
            header: header.clone(),
            rows: acceleration::table::level_rows(report, level.fraction),
            note: acceleration::table::level_note(report, level.fraction),
            ..Sheet::default()
        })
        .collect();
    if let Some(first) = sheets.first_mut() {
        first.csv = csv(&acceleration::table::outcomes(report));
    }
    sheets.push(finals(report));
    Answer {
        verdict: report.verdict(),
        numbers: vec![
            ("Study".to_owned(), subject(&report.options.base, &report.options.files)),
            (
                "Runs".to_owned(),
                format!("{} of {}, {} steps each", report.cells_done, report.cells_planned, report.options.steps),
            ),
            ("Computed on".to_owned(), report.adapter.clone()),
        ],
        figures: acceleration::figures::figures(report),
        summary: report.remarks.clone(),
        sheets,
        checkpoint,
        json: serde_json::to_string(report).unwrap_or_default(),
        ..Answer::default()
    }
}

/// Where the variants end.
fn finals(report: &acceleration::Report) -> Sheet {
    use acceleration::table::range;
    let row = |end: &acceleration::report::Final| {
        vec![end.variant.clone(), plain(end.rate), range(end.knn, 3), range(end.gain, 3)]
    };
    Sheet {
        name: "acceleration-finals".to_owned(),
        title: "kNN accuracy at the end, each at its strongest rate".to_owned(),
        header: ["variant", "lr", "knn", "gain"].map(str::to_owned).to_vec(),
        rows: report.finals.iter().map(row).collect(),
        csv: csv(&acceleration::table::grid(report)),
        ..Sheet::default()
    }
}

fn anomaly_answer(report: &anomaly::Report, checkpoint: Vec<u8>) -> Answer {
    let mut sheets = Vec::new();
    for variant in &report.options.variants {
        for features in anomaly::Features::ALL {
            let (header, rows) = anomaly::table::matrix(report, &variant.name, features);
            if !rows.is_empty() {
                let title = format!("AUROC, {}", variant.name);
                let name = format!("anomaly-auroc-{}", features.key());
                // One file a representation: the page shows one of them at a time.
                let is_first = sheets.iter().all(|sheet: &Sheet| sheet.name != name);
                let csv = if is_first { csv(&anomaly::table::areas(report)) } else { String::new() };
                sheets.push(Sheet {
                    name,
                    title,
                    header,
                    rows,
                    csv,
                    note: anomaly::table::note(report),
                    ..Sheet::default()
                });
            }
        }
    }
    sheets.push(Sheet { csv: csv(&anomaly::table::gains(report)), ..anomaly_gains(report) });
    let models = report.models.iter().map(|models| {
        let text = format!(
            "kNN {:.1} % → {:.1} %, |z| {}",
            100.0 * models.knn[0],
            100.0 * models.knn[1],
            number(models.norm, 2)
        );
        (models.variant.clone(), text)
    });
    let mut numbers = vec![
        ("Study".to_owned(), subject(&report.options.base, &report.options.files)),
        (
            "Models".to_owned(),
            format!("{} of {}, {} steps each", report.cells_done, report.cells_planned, report.options.steps),
        ),
    ];
    numbers.extend(models);
    let gallery = report.cells.iter().find_map(|cell| cell.detail.as_ref()).map(|detail| detail.gallery.clone());
    Answer {
        verdict: report.verdict(),
        numbers,
        figures: anomaly::figures::figures(report),
        summary: report.remarks.clone(),
        sheets,
        gallery: gallery.unwrap_or_default(),
        checkpoint,
        json: serde_json::to_string(report).unwrap_or_default(),
        ..Answer::default()
    }
}

/// The comparisons as means over kinds.
fn anomaly_gains(report: &anomaly::Report) -> Sheet {
    let (header, rows) = anomaly::table::gain_rows(report);
    Sheet {
        name: "anomaly-gains".to_owned(),
        title: "Gains in points of AUROC (100 × area), mean over kinds".to_owned(),
        header,
        rows,
        ..Sheet::default()
    }
}

/// The table for a file; empty if it can't be written.
fn csv(table: &Table) -> String {
    table.to_csv().unwrap_or_default()
}
