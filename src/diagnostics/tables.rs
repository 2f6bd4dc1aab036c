//! The report's tables, as rows of text: the norms of each class, and the rows at both ends. The terminal, the page and the
//! HTML report show the same.

use super::report::{ClassNorms, Report, Sample};
use super::samples::{LISTED, MOST_CLASSES, shown};
use super::words::{figures, percent};
use crate::table::Table;
use crate::text::{grouped, number};

/// Numbers below are written with an exponent.
const TINY: f64 = 1e-4;

/// Most letters of a name.
const MOST_LETTERS: usize = 60;

/// A table to show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listed {
    /// Short name for files: small letters and hyphens.
    pub name: &'static str,
    /// One line above it.
    pub title: String,
    /// Column names.
    pub header: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
    /// What is left out; empty when nothing is.
    pub note: String,
}

/// Name of the table of classes.
pub const NORMS_BY_CLASS: &str = "norms-by-class";
/// Column names of the norms of classes.
const CLASSES: [&str; 5] = ["class", "count", "|z|: 25 %", "median", "75 %"];
/// Column names of rows; those that the file has no values for are left out.
const SAMPLES: [&str; 4] = ["row, from 0", "|z|", "label", "name"];

/// How many rows are exact copies: "none", or "500 of 2,000 (25 %)".
pub fn copies(report: &Report) -> String {
    if report.copies == 0 {
        return "none".to_owned();
    }
    let (copies, usable) = (report.copies, report.rows.usable());
    format!("{} of {} ({})", grouped(copies), grouped(usable), percent(copies as f64 / usable as f64))
}

/// All tables that have rows.
pub fn tables(report: &Report) -> Vec<Listed> {
    let all = [
        classes(&report.classes),
        samples("shortest", "The shortest embeddings", &report.shortest),
        samples("longest", "The longest embeddings", &report.longest),
    ];
    all.into_iter().filter(|table| !table.rows.is_empty()).collect()
}

fn classes(classes: &[ClassNorms]) -> Listed {
    let (shown, left_out) = shown(classes);
    let note = format!(
        "The {LISTED} shortest and the {LISTED} longest of {} classes; {} are left out.",
        grouped(classes.len()),
        grouped(left_out)
    );
    Listed {
        name: NORMS_BY_CLASS,
        title: "Norms by class, the shortest first".to_owned(),
        header: CLASSES.map(str::to_owned).to_vec(),
        rows: {
            let number = column(shown.iter().map(|class| class.lower).fold(f64::INFINITY, f64::min));
            shown.into_iter().map(|class| cells(plain(&class.class), class, &number)).collect()
        },
        note: if classes.len() > MOST_CLASSES { note } else { String::new() },
    }
}

fn cells(name: String, class: &ClassNorms, number: impl Fn(f64) -> String) -> Vec<String> {
    let [lower, median, upper] = [class.lower, class.median, class.upper].map(number);
    vec![name, class.count.to_string(), lower, median, upper]
}

/// The norms of all classes with all their digits, for a file.
pub fn every_class(report: &Report) -> Table {
    let row = |class: &ClassNorms| cells(class.class.clone(), class, |value| value.to_string());
    Table {
        header: vec!["class", "count", "norm_q25", "norm_q50", "norm_q75"],
        rows: report.classes.iter().map(row).collect(),
    }
}

/// A name of the file on one line of bounded length: a table in a terminal has no room for line breaks and controls.
fn plain(name: &str) -> String {
    let letters = name.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let short: String = letters.take(MOST_LETTERS).collect();
    if name.chars().nth(MOST_LETTERS).is_some() { short + "…" } else { short }
}

/// How to write the numbers of columns whose smallest is `least`: with as many decimals as give it three significant figures.
fn column(least: f64) -> impl Fn(f64) -> String {
    let decimals = (2.0 - least.log10().floor()).clamp(0.0, 6.0) as usize;
    move |value| if least < TINY { figures(value) } else { number(value, decimals) }
}

fn samples(name: &'static str, title: &str, samples: &[Sample]) -> Listed {
    let number = column(samples.iter().map(|sample| sample.norm).fold(f64::INFINITY, f64::min));
    let all: Vec<[String; 4]> = samples
        .iter()
        .map(|sample| {
            let text = |text: &Option<String>| text.as_deref().map(plain).unwrap_or_default();
            [sample.row.to_string(), number(sample.norm), text(&sample.label), text(&sample.name)]
        })
        .collect();
    let columns: Vec<usize> = (0..4).filter(|at| all.iter().any(|cells| !cells[*at].is_empty())).collect();
    let kept = |cells: &[String; 4]| columns.iter().map(|at| cells[*at].clone()).collect();
    Listed {
        name,
        title: title.to_owned(),
        header: columns.iter().map(|at| SAMPLES[*at].to_owned()).collect(),
        rows: all.iter().map(kept).collect(),
        note: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_equal_decimals_and_names_stay_on_their_line() {
        assert_eq!([9.7, 10.0, 126.0].map(column(9.7)), ["9.70", "10.00", "126.00"]);
        assert_eq!([1e-7, 2.0].map(column(1e-7)), ["1.0e-7", "2"]);
        assert_eq!([4.0, 2e10].map(column(4.0)), ["4.00", "2.0e10"]);
        assert_eq!(plain("a\nb\u{1b}[2J"), "a b [2J");
        assert_eq!(plain(&"x".repeat(90)).chars().count(), 61);
    }
}
