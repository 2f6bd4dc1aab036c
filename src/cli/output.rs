//! Where results go: standard output, tables for people, progress bars, files.

use std::io::{ErrorKind, Write};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::args::RunArgs;
use super::failure::Failure;
use crate::figure::Figure;
use crate::svg;
use crate::table::Table;

/// Writes a line to standard output. It does not fail when the reader has ended (`| head`).
pub fn say(text: &str) -> Result<(), Failure> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Run(format!("standard output: {error}"))),
        _ => Ok(()),
    }
}

/// One JSON document on one line.
pub fn json(document: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(document).map_err(|error| Failure::Run(format!("JSON: {error}")))
}

/// A progress bar on standard error, hidden by `--quiet` and `--json` (and where standard error is not a terminal).
pub fn progress_bar(args: &RunArgs, length: u64, unit: &str) -> ProgressBar {
    if args.quiet || args.json {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length);
    let template = format!("{{wide_bar}} {{pos}}/{{len}} {unit}, {{eta}} left {{msg}}");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar
}

/// Rows as aligned columns: the first to the left, the others to the right. An empty cell is a dash.
pub fn columns(header: &[&str], rows: &[Vec<String>]) -> String {
    let shown = |cell: &str| if cell.is_empty() { "-".to_owned() } else { cell.to_owned() };
    let all: Vec<Vec<String>> = std::iter::once(header.iter().map(|title| (*title).to_owned()).collect())
        .chain(rows.iter().map(|row| row.iter().map(|cell| shown(cell)).collect()))
        .collect();
    let width =
        |at: usize| all.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate();
        let padded = cells.map(|(at, (cell, &width))| match at {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Makes the folder of `--out`, and tries it: a long run should not end with results that can't be written.
pub fn make_folder(folder: &Path) -> Result<(), Failure> {
    let trial = folder.join("normscope.part");
    let tried = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&trial, []))
        .and_then(|()| std::fs::remove_file(&trial));
    tried.map_err(|error| Failure::Input(format!("--out {}: {error}", folder.display())))
}

/// Writes a file whole or not at all: to a neighbour first, which then takes its name.
pub fn write_file(path: &Path, contents: &[u8]) -> Result<(), Failure> {
    let fail = |error: std::io::Error| Failure::Run(format!("{}: {error}", path.display()));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    // On the disk before it has its name: a crash in between leaves the file that was there.
    let written = std::fs::File::create(&part).and_then(|mut file| {
        file.write_all(contents)?;
        file.sync_all()
    });
    written.and_then(|()| std::fs::rename(&part, path)).map_err(|error| {
        // Half a neighbour is of no use; if even removing it fails, the first error says more.
        let _ = std::fs::remove_file(&part);
        fail(error)
    })
}

/// Writes each figure as `NAME.svg`.
pub fn write_figures(folder: &Path, figures: &[Figure]) -> Result<(), Failure> {
    figures.iter().try_for_each(|figure| {
        let drawn = svg::draw(figure).map_err(Failure::run)?;
        write_file(&folder.join(format!("{}.svg", figure.name)), drawn.as_bytes())
    })
}

/// Reads a JSON file; `problem` says what a file that is none is not, e.g. "is no checkpoint".
pub fn read_json<T: serde::de::DeserializeOwned>(path: &Path, problem: &str) -> Result<T, Failure> {
    let wrong = |problem: String| Failure::Input(format!("{}: {problem}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| wrong(format!("{problem} ({error}).")))
}

/// Writes a table as CSV.
pub fn write_csv(path: &Path, table: &Table) -> Result<(), Failure> {
    let text = table.to_csv().map_err(|error| Failure::Run(format!("{}: {error}", path.display())))?;
    write_file(path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_missing_values_are_dashes() {
        let rows = [vec!["a".to_owned(), "1.25".to_owned()], vec!["longer".to_owned(), String::new()]];
        assert_eq!(columns(&["name", "x"], &rows), "name       x\na       1.25\nlonger     -");
    }
}
