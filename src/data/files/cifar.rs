//! CIFAR's binary files: records of a label and 3 × 32 × 32 pixels; CIFAR-100's begin with a coarse label.

use std::borrow::Cow;

use super::block::{Block, Family, Found, Layout, Pixels};
use super::labels::Labels;
use super::names::{self, Use};
use super::unpack::Entry;
use crate::data::file_error::FileError;
use crate::text::{grouped, listed};

const SIDE: usize = 32;
const PIXELS: usize = 3 * SIDE * SIDE;
/// Bytes of a record: of CIFAR-10 and of CIFAR-100.
const RECORD_TEN: usize = 1 + PIXELS;
const RECORD_HUNDRED: usize = 2 + PIXELS;

/// CIFAR-10's classes.
const TEN: &str = "airplane automobile bird cat deer dog frog horse ship truck";
/// CIFAR-100's fine classes.
const HUNDRED: &str = "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can \
    castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish \
    forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain \
    mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit \
    raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper \
    table tank telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm";
/// CIFAR-100's coarse classes.
const TWENTY: [&str; 20] = [
    "aquatic mammals",
    "fish",
    "flowers",
    "food containers",
    "fruit and vegetables",
    "household electrical devices",
    "household furniture",
    "insects",
    "large carnivores",
    "large man-made outdoor things",
    "large natural outdoor scenes",
    "large omnivores and herbivores",
    "medium-sized mammals",
    "non-insect invertebrates",
    "people",
    "reptiles",
    "small mammals",
    "trees",
    "vehicles 1",
    "vehicles 2",
];

/// Reads a file into `found`; whether it is one of CIFAR's.
pub fn read<'a>(entry: &'a Entry<'a>, found: &mut Found<'a>, notes: &mut Vec<String>) -> Result<bool, FileError> {
    if is_ten(entry)? {
        let labels = Labels::from_numbers(entry.bytes.chunks_exact(RECORD_TEN).map(|record| i64::from(record[0])));
        found.blocks.push(block(entry, Family::Cifar10, labels, 1));
        return Ok(true);
    }
    let bytes = &*entry.bytes;
    if bytes.len().is_multiple_of(RECORD_HUNDRED) && bytes.chunks_exact(RECORD_HUNDRED).all(fits_hundred) {
        let records = || bytes.chunks_exact(RECORD_HUNDRED);
        let note = without_coarse(records().map(|record| record[0]).collect());
        if !notes.contains(&note) {
            notes.push(note);
        }
        let labels = Labels::from_numbers(records().map(|record| i64::from(record[1])));
        found.blocks.push(block(entry, Family::Cifar100, labels, 2));
        return Ok(true);
    }
    cut_off(entry).map_or(Ok(false), Err)
}

/// Whether a file is whole records of CIFAR-10. A few bad labels are damage; many mean that it is something else.
fn is_ten(entry: &Entry<'_>) -> Result<bool, FileError> {
    let bytes = &*entry.bytes;
    if !bytes.len().is_multiple_of(RECORD_TEN) {
        return Ok(false);
    }
    let records = || bytes.chunks_exact(RECORD_TEN);
    let Some(record) = records().position(|record| record[0] > 9) else { return Ok(true) };
    let bad = records().filter(|record| record[0] > 9).count();
    if 5 * bad < bytes.len() / RECORD_TEN {
        let label = bytes[record * RECORD_TEN];
        return Err(FileError::BadLabel { name: entry.name.clone(), record, label });
    }
    Ok(false)
}

/// Whether the beginning of a record of CIFAR-100 has labels that there are.
fn fits_hundred(record: &[u8]) -> bool {
    record.first().is_none_or(|coarse| *coarse < 20) && record.get(1).is_none_or(|fine| *fine < 100)
}

/// Says that the coarse labels are not used, and which occur.
fn without_coarse(mut coarse: Vec<u8>) -> String {
    coarse.sort_unstable();
    coarse.dedup();
    let coarse: Vec<&str> = coarse.iter().map(|label| TWENTY[usize::from(*label)]).collect();
    format!(
        "CIFAR-100: the fine labels are the classes; the {} coarse ones ({}) are not used.",
        coarse.len(),
        listed(&coarse)
    )
}

/// The error for whole records and a part of one, in a file whose name says that it is one of CIFAR's.
fn cut_off(entry: &Entry<'_>) -> Option<FileError> {
    let bytes = &*entry.bytes;
    let speaks = names::words(&entry.name).iter().any(|word| word == "bin" || word == "batch");
    let is_text = bytes.iter().take(512).all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    let cut = |record: usize, fits: fn(&[u8]) -> bool, what| {
        (speaks && !is_text && bytes.len() > record && bytes.chunks(record).all(fits)).then(|| {
            let (whole, rest) = (bytes.len() / record, bytes.len() % record);
            let missing = format!(
                "{} whole pictures, and {} of the {} bytes of the next",
                grouped(whole),
                grouped(rest),
                grouped(record)
            );
            FileError::CutOff { name: entry.name.clone(), what, at: bytes.len(), missing }
        })
    };
    cut(RECORD_TEN, |record| record[0] <= 9, Family::Cifar10.what())
        .or_else(|| cut(RECORD_HUNDRED, fits_hundred, Family::Cifar100.what()))
}

/// All pictures of a file, each behind `skip` bytes of labels.
fn block<'a>(entry: &'a Entry<'a>, family: Family, labels: Labels, skip: usize) -> Block<'a> {
    let list: Vec<String> = match family {
        Family::Cifar10 => TEN.split_whitespace().map(str::to_owned).collect(),
        _ => HUNDRED.split_whitespace().map(|name| name.replace('_', " ")).collect(),
    };
    Block {
        name: entry.name.clone(),
        purpose: Use::of_path(&entry.name),
        family,
        pixels: Pixels::Raw { bytes: Cow::Borrowed(&entry.bytes), skip, layout: Layout::planar(3, SIDE, SIDE) },
        labels: Some(labels),
        named: list.into_iter().enumerate().map(|(label, name)| (label.to_string(), name)).collect(),
    }
}
