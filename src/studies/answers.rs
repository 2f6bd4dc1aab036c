//! Reports of studies as answers for the page: numbers, tables, figures, sentences.

use crate::lab::{Answer, Sheet};
use crate::studies::acceleration::estimate::range;
use crate::studies::variant::subject;
use crate::studies::{acceleration, anomaly};
use crate::table::{Table, plain};
use crate::text::number;

/// Of an acceleration study; `checkpoint` is what it needs to go on.
pub fn of_acceleration(report: &acceleration::Report, checkpoint: Vec<u8>) -> Answer {
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
            folded: true,
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
    let row = |end: &acceleration::report::Final| {
        vec![end.variant.clone(), plain(end.rate), range(end.knn, 3), range(end.gain, 3)]
    };
    Sheet {
        name: "acceleration-finals".to_owned(),
        title: "kNN accuracy at the end, each at its strongest rate".to_owned(),
        header: ["variant", "lr", "knn", "gain"].map(str::to_owned).to_vec(),
        rows: report.finals.iter().map(row).collect(),
        csv: csv(&acceleration::table::grid(report)),
        folded: true,
        ..Sheet::default()
    }
}

/// Of an anomaly study; `checkpoint` is what it needs to go on.
pub fn of_anomaly(report: &anomaly::Report, checkpoint: Vec<u8>) -> Answer {
    let mut sheets = anomaly_areas(report);
    sheets.push(anomaly_gains(report));
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
        unseen: report.cells.first().map(|cell| cell.unseen.clone()).unwrap_or_default(),
        checkpoint,
        json: serde_json::to_string(report).unwrap_or_default(),
        ..Answer::default()
    }
}

/// The areas, variant by variant and representation by representation.
fn anomaly_areas(report: &anomaly::Report) -> Vec<Sheet> {
    let mut sheets: Vec<Sheet> = Vec::new();
    for variant in &report.options.variants {
        for features in anomaly::Features::ALL {
            let (header, rows) = anomaly::table::matrix(report, &variant.name, features);
            if rows.is_empty() {
                continue;
            }
            let name = format!("anomaly-auroc-{}", features.key());
            // One file a representation: the page shows one of them at a time.
            let is_first = sheets.iter().all(|sheet| sheet.name != name);
            sheets.push(Sheet {
                name,
                title: format!("AUROC, {}", variant.name),
                header,
                rows,
                csv: if is_first { csv(&anomaly::table::areas(report)) } else { String::new() },
                note: anomaly::table::note(report),
                folded: true,
            });
        }
    }
    sheets
}

/// The comparisons as means over kinds.
fn anomaly_gains(report: &anomaly::Report) -> Sheet {
    let (header, rows) = anomaly::table::gain_rows(report);
    Sheet {
        name: "anomaly-gains".to_owned(),
        title: "Gains in points of AUROC (100 × area), mean over kinds".to_owned(),
        header,
        rows,
        csv: csv(&anomaly::table::gains(report)),
        folded: true,
        ..Sheet::default()
    }
}

/// The table for a file; empty if it can't be written.
pub fn csv(table: &Table) -> String {
    table.to_csv().unwrap_or_default()
}
