//! Binary formats of well-known data sets: CIFAR, STL-10 and IDX.

use std::borrow::Cow;

use super::block::{Block, Family, Found, LabelFile, Layout, Pixels};
use super::error::FileError;
use super::labels::Labels;
use super::names::{self, Use};
use super::unpack::Entry;
use crate::data::what::idx_numbers;
use crate::text::{grouped, listed};

const SIDE: usize = 32;
const PIXELS: usize = 3 * SIDE * SIDE;
/// STL-10's pictures: 3 × 96 × 96, column by column.
const STL_SIDE: usize = 96;
const STL_PIXELS: usize = 3 * STL_SIDE * STL_SIDE;

/// CIFAR-10's classes.
const TEN: &str = "airplane automobile bird cat deer dog frog horse ship truck";
/// STL-10's, which begin at 1.
const STL_TEN: &str = "airplane bird car cat deer dog horse monkey ship truck";
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

/// Reads a file of a known format into `found`; whether it is one.
pub fn read<'a>(entry: &'a Entry<'a>, found: &mut Found<'a>, notes: &mut Vec<String>) -> Result<bool, FileError> {
    if entry.bytes.starts_with(&[0, 0]) && idx(entry, found, notes)? {
        return Ok(true);
    }
    misread_idx(entry)?;
    Ok(stl(entry, found) || cifar(entry, found, notes)?)
}

/// Whether a file holds labels only.
pub fn is_labels(entry: &Entry<'_>) -> bool {
    matches!(*entry.bytes, [0, 0, 8..=12, 1, ..]) || is_stl_labels(entry)
}

fn cifar<'a>(entry: &'a Entry<'a>, found: &mut Found<'a>, notes: &mut Vec<String>) -> Result<bool, FileError> {
    let bytes = &*entry.bytes;
    let [ten, hundred] = [1 + PIXELS, 2 + PIXELS];
    let fits_hundred = |record: &[u8]| {
        record.first().is_none_or(|coarse| *coarse < 20) && record.get(1).is_none_or(|fine| *fine < 100)
    };
    if bytes.len().is_multiple_of(ten) {
        match bytes.chunks_exact(ten).position(|record| record[0] > 9) {
            None => {
                let labels = Labels::from_numbers(bytes.chunks_exact(ten).map(|record| i64::from(record[0])));
                found.blocks.push(block(entry, Family::Cifar10, labels, 1));
                return Ok(true);
            }
            Some(record) => {
                let wrong = bytes.chunks_exact(ten).filter(|record| record[0] > 9).count();
                // A few bad labels are damage; many mean that it is something else.
                if 5 * wrong < bytes.len() / ten {
                    let label = bytes[record * ten];
                    return Err(FileError::BadLabel { name: entry.name.clone(), record, label });
                }
            }
        }
    }
    if bytes.len().is_multiple_of(hundred) && bytes.chunks_exact(hundred).all(fits_hundred) {
        let labels = Labels::from_numbers(bytes.chunks_exact(hundred).map(|record| i64::from(record[1])));
        let mut coarse: Vec<u8> = bytes.chunks_exact(hundred).map(|record| record[0]).collect();
        coarse.sort_unstable();
        coarse.dedup();
        let coarse: Vec<&str> = coarse.iter().map(|label| TWENTY[usize::from(*label)]).collect();
        let note = format!(
            "CIFAR-100: the fine labels are the classes; the {} coarse ones ({}) are not used.",
            coarse.len(),
            listed(&coarse)
        );
        if !notes.contains(&note) {
            notes.push(note);
        }
        found.blocks.push(block(entry, Family::Cifar100, labels, 2));
        return Ok(true);
    }
    // Whole records, and a part of one.
    let speaks = names::words(&entry.name).iter().any(|word| word == "bin" || word == "batch");
    let is_text = bytes.iter().take(512).all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    let cut = |record: usize, fits: &dyn Fn(&[u8]) -> bool, what| {
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
    let ten = cut(ten, &|record| record[0] <= 9, Family::Cifar10.what());
    match ten.or_else(|| cut(hundred, &fits_hundred, Family::Cifar100.what())) {
        Some(error) => Err(error),
        None => Ok(false),
    }
}

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

fn stl<'a>(entry: &'a Entry<'a>, found: &mut Found<'a>) -> bool {
    let purpose = Use::of_path(&entry.name);
    if is_stl_labels(entry) {
        let labels = Labels::from_numbers(entry.bytes.iter().map(|label| i64::from(*label)));
        found.labels.push(LabelFile { name: entry.name.clone(), purpose, labels });
        return true;
    }
    let is_x = is_half_of_stl(&entry.name, "x");
    if !is_x || !entry.bytes.len().is_multiple_of(STL_PIXELS) {
        return false;
    }
    // Columns lie one after the other.
    let layout = Layout { strides: [STL_SIDE * STL_SIDE, 1, STL_SIDE], ..Layout::planar(3, STL_SIDE, STL_SIDE) };
    let named =
        STL_TEN.split_whitespace().enumerate().map(|(at, name)| ((at + 1).to_string(), name.to_owned())).collect();
    let pixels = Pixels::Raw { bytes: Cow::Borrowed(&entry.bytes), skip: 0, layout };
    found.blocks.push(Block { name: entry.name.clone(), purpose, family: Family::Stl10, pixels, labels: None, named });
    true
}

fn is_half_of_stl(name: &str, half: &str) -> bool {
    let words = names::words(name);
    words.iter().any(|word| word == half) && words.last().is_some_and(|word| word == "bin")
}

fn is_stl_labels(entry: &Entry<'_>) -> bool {
    is_half_of_stl(&entry.name, "y") && entry.bytes.iter().all(|label| (1..=10).contains(label))
}

/// IDX: two zeros, the type, the number of dimensions, their sizes (big-endian), the values.
fn idx<'a>(entry: &'a Entry<'a>, found: &mut Found<'a>, notes: &mut Vec<String>) -> Result<bool, FileError> {
    let (name, bytes) = (&entry.name, &*entry.bytes);
    let &[0, 0, code @ (8 | 9 | 0x0b..=0x0e), dimensions @ 1..=4, ..] = bytes else { return Ok(false) };
    let dimensions = usize::from(dimensions);
    let header = 4 + 4 * dimensions;
    let cut =
        |missing: String| FileError::CutOff { name: name.clone(), what: Family::Idx.what(), at: bytes.len(), missing };
    let Some(head) = bytes.get(4..header) else { return Err(cut("its header is not whole".to_owned())) };
    let size = match code {
        8 | 9 => 1,
        0x0b => 2,
        0x0c | 0x0d => 4,
        _ => 8,
    };
    let sizes = |read: fn([u8; 4]) -> u32| -> Vec<u64> {
        head.chunks_exact(4).map(|size| u64::from(read([size[0], size[1], size[2], size[3]]))).collect()
    };
    let total = |sizes: &[u64]| {
        sizes
            .iter()
            .try_fold(size as u64, |product, size| product.checked_mul(*size))
            .map(|values| values.saturating_add(header as u64))
    };
    let (big, little) = (sizes(u32::from_be_bytes), sizes(u32::from_le_bytes));
    let unreadable =
        |what: String, way_out: &str| FileError::Unreadable { name: name.clone(), what, way_out: way_out.to_owned() };
    let length = bytes.len() as u64;
    if total(&big) != Some(length) && total(&little) == Some(length) {
        return Err(little_endian(name));
    }
    let expected = total(&big).filter(|expected| expected >> 40 == 0);
    let Some(expected) = expected else {
        let shown: Vec<String> = big.iter().map(u64::to_string).collect();
        let what = format!("no whole IDX file: its header speaks of {} values", shown.join(" × "));
        return Err(unreadable(what, "Download or copy it again."));
    };
    if expected > length {
        let shown: Vec<String> = big.iter().map(u64::to_string).collect();
        let share = 100 * length / expected;
        return Err(cut(format!("that is {share} % of the {} that its header promises", shown.join(" × "))));
    }
    if expected < length {
        notes.push(format!("{name}: {} bytes behind its end are left out.", grouped((length - expected) as usize)));
    }
    let body = &bytes[header..expected as usize];
    let purpose = Use::of_path(name);
    let whole = |at: usize| -> i64 {
        let value = &body[at * size..(at + 1) * size];
        let unsigned = value.iter().fold(0_i64, |value, byte| value << 8 | i64::from(*byte));
        if code == 8 { unsigned } else { unsigned << (64 - 8 * size) >> (64 - 8 * size) }
    };
    let is_whole = !matches!(code, 0x0d | 0x0e);
    let pixels = |layout| Block {
        name: name.clone(),
        purpose,
        family: Family::Idx,
        pixels: Pixels::Raw { bytes: Cow::Borrowed(body), skip: 0, layout },
        labels: None,
        named: Vec::new(),
    };
    match *big {
        [n] if is_whole => {
            let labels = Labels::from_numbers((0..n as usize).map(whole));
            found.labels.push(LabelFile { name: name.clone(), purpose, labels });
        }
        // QMNIST: the class, then who wrote it and where it comes from.
        [n, columns @ 1..=16] if is_whole => {
            notes.push(format!("{name} has {columns} numbers a picture; the first is taken as its label."));
            let labels = Labels::from_numbers((0..n as usize).map(|row| whole(row * columns as usize)));
            found.labels.push(LabelFile { name: name.clone(), purpose, labels });
        }
        [_, height, width] if code == 8 => {
            let (height, width) = sides(name, height, width)?;
            found.blocks.push(pixels(Layout::planar(1, height, width)));
        }
        [_, channels @ (1 | 3), height, width] if code == 8 => {
            let (height, width) = sides(name, height, width)?;
            found.blocks.push(pixels(Layout::planar(channels as usize, height, width)));
        }
        [_, height, width, channels @ (1 | 3)] if code == 8 => {
            let (height, width) = sides(name, height, width)?;
            found.blocks.push(pixels(Layout::interleaved(channels as usize, height, width)));
        }
        [_, values] if code == 8 && values.isqrt().pow(2) == values => {
            let (height, width) = sides(name, values.isqrt(), values.isqrt())?;
            found.blocks.push(pixels(Layout::planar(1, height, width)));
        }
        _ => {
            let kind = idx_numbers(code);
            let shown: Vec<String> = big.iter().map(u64::to_string).collect();
            return Err(unreadable(
                format!("an IDX file of {kind} ({})", shown.join(" × ")),
                "Pictures should be bytes, n × height × width: (255 * x).astype(np.uint8) where x is from 0 to 1.",
            ));
        }
    }
    Ok(true)
}

/// Heads that were written with the bytes of each number turned round.
fn misread_idx(entry: &Entry<'_>) -> Result<(), FileError> {
    match *entry.bytes {
        [1..=4, 8 | 9 | 0x0b..=0x0e, 0, 0, ..] => {
            let dimensions = usize::from(entry.bytes[0]);
            let sizes = entry.bytes.get(4..4 + 4 * dimensions).unwrap_or_default();
            let values = sizes
                .chunks_exact(4)
                .map(|size| u64::from(u32::from_le_bytes([size[0], size[1], size[2], size[3]])))
                .try_fold(1_u64, u64::checked_mul);
            let is_one = values
                .is_some_and(|values| values.saturating_add(4 + 4 * dimensions as u64) == entry.bytes.len() as u64);
            if is_one { Err(little_endian(&entry.name)) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

fn little_endian(name: &str) -> FileError {
    FileError::Unreadable {
        name: name.to_owned(),
        what: "an IDX file with little-endian sizes".to_owned(),
        way_out: "Its sizes should be big-endian, as the standard says: struct.pack(\">I\", n).".to_owned(),
    }
}

/// Sides of pictures that can be used.
pub fn sides(name: &str, height: u64, width: u64) -> Result<(usize, usize), FileError> {
    const LEAST: u64 = 4;
    const MOST: u64 = 4096;
    if (LEAST..=MOST).contains(&height) && (LEAST..=MOST).contains(&width) {
        return Ok((height as usize, width as usize));
    }
    Err(FileError::Sides { name: name.to_owned(), height, width })
}
