//! Text: stand-ins for files, web pages, JSON, tables.

use super::kinds::{Kind, What, foreign, pictures, table, what};

/// Bytes of a text that are looked at: three lines of 28 x 28 pixels and their names.
const TEXT: usize = 24 << 10;

/// Text without control characters, in any of the usual encodings.
pub fn is_text(start: &[u8]) -> bool {
    utf16(start).is_some() || !start.iter().any(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31 | 127))
}

/// Whether text is UTF-16, and its byte order: `Some(true)` for big-endian.
pub fn utf16(start: &[u8]) -> Option<bool> {
    match start {
        [0xff, 0xfe, rest @ ..] if !rest.starts_with(&[0, 0]) || rest.is_empty() => return Some(false),
        [0xfe, 0xff, ..] => return Some(true),
        _ => (),
    }
    // Without a mark: every other byte of the first letters is 0.
    let start = &start[..start.len().min(64) & !1];
    let zeros = |at: usize| start.chunks_exact(2).all(|pair| pair[at] == 0 && pair[1 - at] != 0);
    match start.len() >= 8 {
        true if zeros(1) => Some(false),
        true if zeros(0) => Some(true),
        _ => None,
    }
}

/// What a text is; `None` for what is none.
pub fn text(start: &[u8]) -> Option<What> {
    if !is_text(start) {
        return None;
    }
    let letters = letters_of(start);
    let begin = letters.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    if let Some(found) = stand_in(&begin, letters.len()).or_else(|| markup(&begin)) {
        return Some(found);
    }
    let starts = |sign: &str| begin.starts_with(sign);
    if starts("{\\rtf") {
        return Some(foreign("a rich text document (RTF)", "Save it as plain text."));
    }
    if starts("{") || starts("[") {
        return Some(table(Kind::Json, "JSON"));
    }
    if is_rows_of_pixels(&letters) {
        return Some(pictures(Kind::Text, "a table of pixels"));
    }
    let mut found = table(Kind::Text, "text");
    if !has_numbers(&letters) {
        // Words alone are a companion of something, or nothing of ours.
        found.room = None;
    }
    Some(found)
}

/// The first letters of a text.
fn letters_of(start: &[u8]) -> String {
    match utf16(start) {
        Some(big) => {
            let unit = |pair: &[u8]| if big { [pair[1], pair[0]] } else { [pair[0], pair[1]] };
            let units: Vec<u16> = start.chunks_exact(2).take(512).map(|pair| u16::from_le_bytes(unit(pair))).collect();
            String::from_utf16_lossy(&units)
        }
        None => String::from_utf8_lossy(&start[..start.len().min(TEXT)]).into_owned(),
    }
}

/// A stand-in for a file that is kept elsewhere, by how a text of `length` letters begins.
fn stand_in(begin: &str, length: usize) -> Option<What> {
    let starts = |sign: &str| begin.starts_with(sign);
    if starts("version https://git-lfs") || starts("version http://git-media") {
        let way_out = "Fetch the file itself: git lfs install, then git lfs pull.";
        return Some(what(Kind::Pointer, "a Git LFS pointer, a stand-in for the file", way_out, None));
    }
    if length < 1024 && begin.contains("annex/objects/") {
        let way_out = "Fetch the file itself: git annex get FILE.";
        return Some(what(Kind::Pointer, "a git-annex pointer, a stand-in for the file", way_out, None));
    }
    if (starts("outs:") || starts("md5:")) && begin.contains("md5:") {
        let way_out = "Fetch the file itself: dvc pull.";
        return Some(what(Kind::Pointer, "a DVC pointer, a stand-in for the file", way_out, None));
    }
    if starts("[internetshortcut]") {
        return Some(what(Kind::Pointer, "a link (.url), a stand-in for the file", "Download the file itself.", None));
    }
    None
}

/// A web page, or a server's message in place of a file.
fn markup(begin: &str) -> Option<What> {
    let starts = |sign: &str| begin.starts_with(sign);
    if ["<!doctype html", "<!--", "<html", "<head", "<meta", "<body", "<title", "<script"]
        .iter()
        .any(|sign| starts(sign))
    {
        let way_out = "A server sent a page in place of the file: download it again, signed in, by its direct link.";
        return Some(what(Kind::Html, "a web page (HTML)", way_out, None));
    }
    if starts("<?xml") || starts("<svg") || starts("<error") {
        let way_out = "A server may have sent a message in place of the file: look into it, and download it again.";
        return Some(what(Kind::Xml, "XML", way_out, None));
    }
    None
}

/// Whether one of the first lines has two numbers at least.
fn has_numbers(letters: &str) -> bool {
    let is_number = |word: &&str| {
        let word = word.trim_matches(|c: char| "[]()\"'\u{feff}".contains(c));
        !word.is_empty() && word.parse::<f64>().is_ok()
    };
    let numbers = |line: &str| line.split([',', ';', '\t', ' ', '|']).filter(is_number).count();
    letters.lines().take(40).any(|line| numbers(line) >= 2)
}

/// Whether a line that is whole holds a label and a square of pixels from 0 to 255, as MNIST's CSV files do.
fn is_rows_of_pixels(letters: &str) -> bool {
    let line = |line: &str| {
        let values: Vec<&str> = line.trim().split(',').collect();
        let pixels = values.len().saturating_sub(1);
        pixels >= 64 && pixels.isqrt().pow(2) == pixels && values.iter().all(|value| value.trim().parse::<u8>().is_ok())
    };
    // The last line may be cut; the first may hold names.
    let mut lines: Vec<&str> = letters.lines().collect();
    lines.pop();
    lines.iter().take(3).any(|one| line(one))
}
