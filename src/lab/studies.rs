//! Studies as jobs of the page: they train models, slice by slice, and give an answer after every one.

use web_time::Instant;

use super::{Answer, Job, Said, Sheet};
use crate::config::DeviceChoice;
use crate::engine::device::Compute;
use crate::studies::acceleration::table::Table;
use crate::studies::variant::subject;
use crate::studies::{acceleration, anomaly};

/// Seconds between two interim answers, at least.
const UPDATE_EVERY: f64 = 1.0;

/// The anomaly study that was done last, for [`Job::Place`].
#[derive(Default)]
pub struct Studies {
    anomaly: Option<anomaly::Study>,
}

impl Studies {
    /// Does a job; `say` hears progress, interim answers and the end of it, `turn` lets the browser have its turn.
    pub async fn work(&mut self, job: Job, say: &mut dyn FnMut(Said), turn: &impl AsyncFn()) {
        let result = match job {
            Job::Accelerate { options, checkpoint, device } => {
                accelerate(options, &checkpoint, device, say, turn).await.map(Said::Done)
            }
            Job::Anomaly { options, checkpoint, device } => {
                self.find_anomalies(options, &checkpoint, device, say, turn).await.map(Said::Done)
            }
            Job::Place { row } => self.place(&row).await,
            _ => Err("That is a job for the lab.".to_owned()),
        };
        say(result.unwrap_or_else(Said::Failed));
    }

    async fn place(&self, row: &[f32]) -> Result<Said, String> {
        let study = self.anomaly.as_ref().ok_or("There is no trained model to ask yet.")?;
        study.place(row).await.map(Said::Placed)
    }

    async fn find_anomalies(
        &mut self,
        options: anomaly::Options,
        checkpoint: &[u8],
        device: DeviceChoice,
        say: &mut dyn FnMut(Said),
        turn: &impl AsyncFn(),
    ) -> Result<Answer, String> {
        let compute = Compute::find(device).await;
        let mut study = match read(checkpoint) {
            Some(checkpoint) => anomaly::Study::resume(checkpoint, None, compute)?,
            None => anomaly::Study::new(options, None, compute)?,
        };
        let mut pace = Pace::new(study.cells().len());
        while !study.is_done() {
            study.advance().await?;
            say(Said::Progress(study.progress().share()));
            if pace.is_due(study.cells().len()) && !study.is_done() {
                let checkpoint = postcard::to_stdvec(&study.save()).unwrap_or_default();
                say(Said::Update(anomaly_answer(&study.report(), checkpoint)));
            }
            turn().await;
        }
        let answer = anomaly_answer(&study.report(), Vec::new());
        self.anomaly = Some(study);
        Ok(answer)
    }
}

async fn accelerate(
    options: acceleration::Options,
    checkpoint: &[u8],
    device: DeviceChoice,
    say: &mut dyn FnMut(Said),
    turn: &impl AsyncFn(),
) -> Result<Answer, String> {
    let compute = Compute::find(device).await;
    let mut study = match read(checkpoint) {
        Some(checkpoint) => acceleration::Study::resume(checkpoint, None, compute)?,
        None => acceleration::Study::new(options, None, compute)?,
    };
    let mut pace = Pace::new(study.cells().len());
    while !study.is_done() {
        study.advance().await?;
        say(Said::Progress(study.progress().share()));
        if pace.is_due(study.cells().len()) && !study.is_done() {
            let checkpoint = postcard::to_stdvec(&study.save()).unwrap_or_default();
            say(Said::Update(acceleration_answer(&study.report(), checkpoint)));
        }
        turn().await;
    }
    Ok(acceleration_answer(&study.report(), Vec::new()))
}

/// A checkpoint that can't be read is none: the study starts.
fn read<T: serde::de::DeserializeOwned>(checkpoint: &[u8]) -> Option<T> {
    postcard::from_bytes(checkpoint).ok()
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
            csv: String::new(),
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
    use acceleration::table::{plain, range};
    let row = |end: &acceleration::report::Final| {
        vec![end.variant.clone(), plain(end.rate), range(end.knn, 3), range(end.gain, 3)]
    };
    Sheet {
        name: "acceleration-finals".to_owned(),
        title: "kNN accuracy at the end, each at its strongest rate".to_owned(),
        header: ["variant", "lr", "knn", "gain"].map(str::to_owned).to_vec(),
        rows: report.finals.iter().map(row).collect(),
        csv: csv(&acceleration::table::grid(report)),
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
                sheets.push(Sheet { name, title, header, rows, csv });
            }
        }
    }
    sheets.push(Sheet { csv: csv(&anomaly::table::gains(report)), ..anomaly_gains(report) });
    let models = report.models.iter().map(|models| {
        let text =
            format!("kNN {:.1} % → {:.1} %, |z| {:.2}", 100.0 * models.knn[0], 100.0 * models.knn[1], models.norm);
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
        title: "Gains in points of AUROC (100 x area), mean over kinds".to_owned(),
        header,
        rows,
        csv: String::new(),
    }
}

fn csv(table: &Table) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = writer
        .write_record(&table.header)
        .and_then(|()| table.rows.iter().try_for_each(|row| writer.write_record(row)));
    match written.map(|()| writer.into_inner()) {
        Ok(Ok(bytes)) => String::from_utf8(bytes).unwrap_or_default(),
        _ => String::new(),
    }
}
