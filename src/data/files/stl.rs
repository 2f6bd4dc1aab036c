//! STL-10's binary files: pictures in one, labels in another.

use std::borrow::Cow;

use super::block::{Block, Family, Found, LabelFile, Layout, Pixels};
use super::labels::Labels;
use super::names::{self, Use};
use super::unpack::Entry;

/// STL-10's pictures: 3 × 96 × 96, column by column.
const SIDE: usize = 96;
const PIXELS: usize = 3 * SIDE * SIDE;

/// The classes, which begin at 1.
const CLASSES: &str = "airplane bird car cat deer dog horse monkey ship truck";

/// Reads a file of pictures or of labels into `found`; whether it is one.
pub fn read<'a>(entry: &'a Entry<'a>, found: &mut Found<'a>) -> bool {
    let purpose = Use::of_path(&entry.name);
    if is_labels(entry) {
        let labels = Labels::from_numbers(entry.bytes.iter().map(|label| i64::from(*label)));
        found.labels.push(LabelFile { name: entry.name.clone(), purpose, labels });
        return true;
    }
    let is_x = is_half(&entry.name, "x");
    if !is_x || !entry.bytes.len().is_multiple_of(PIXELS) {
        return false;
    }
    // Columns lie one after the other.
    let layout = Layout { strides: [SIDE * SIDE, 1, SIDE], ..Layout::planar(3, SIDE, SIDE) };
    let named =
        CLASSES.split_whitespace().enumerate().map(|(at, name)| ((at + 1).to_string(), name.to_owned())).collect();
    let pixels = Pixels::Raw { bytes: Cow::Borrowed(&entry.bytes), skip: 0, layout };
    found.blocks.push(Block { name: entry.name.clone(), purpose, family: Family::Stl10, pixels, labels: None, named });
    true
}

/// Whether a file's name is that of pictures (`train_X.bin`) or of labels (`train_y.bin`).
fn is_half(name: &str, half: &str) -> bool {
    let words = names::words(name);
    words.iter().any(|word| word == half) && words.last().is_some_and(|word| word == "bin")
}

/// Whether a file holds labels only.
pub fn is_labels(entry: &Entry<'_>) -> bool {
    is_half(&entry.name, "y") && entry.bytes.iter().all(|label| (1..=10).contains(label))
}
