//! The reader's own pictures: CIFAR-10 binary batches and IDX files (the MNIST family), from bytes in memory.
//!
//! Sizes are checked before anything is allocated; every error names the file and says what would be right.

use thiserror::Error;

use super::augment::{Augmentation, ColourOptions, GreyOptions};
use super::{Dataset, Kind, Split};

/// Largest file that is read, in bytes.
pub const MAX_BYTES: usize = 512 << 20;
/// Most samples that are used for training, and held out.
pub const MAX_TRAIN: usize = 10_000;
/// Most samples that are held out.
pub const MAX_TEST: usize = 2_000;

const CIFAR_SIDE: usize = 32;
const CIFAR_RECORD: usize = 1 + 3 * CIFAR_SIDE * CIFAR_SIDE;
const CIFAR_CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
/// Smallest and largest picture side.
const SIDES: std::ops::RangeInclusive<usize> = 4..=64;
/// Fewest samples that make a data set.
const MIN_SAMPLES: usize = 40;

/// Why files were not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FileError {
    /// No file at all.
    #[error("No file was given. Choose CIFAR-10 binary batches (.bin) or an IDX pair (images and labels).")]
    Nothing,
    /// An empty file.
    #[error("{0} is empty. It should be a CIFAR-10 binary batch or an IDX file.")]
    Empty(String),
    /// A file over [`MAX_BYTES`].
    #[error("{0} has more than 512 MiB. Choose a single batch or a smaller file.")]
    Huge(String),
    /// A gzip file.
    #[error("{0} is compressed (gzip). Unpack it first, then choose the unpacked file.")]
    Compressed(String),
    /// Neither format.
    #[error(
        "{0} is neither a CIFAR-10 binary batch (records of 3,073 bytes: a label from 0 to 9, then 3,072 pixels) nor an \
         IDX file of bytes (first bytes 0 0 8)."
    )]
    Unknown(String),
    /// A CIFAR label over 9.
    #[error("{name}: record {record} has the label {label}; CIFAR-10 labels are 0 to 9. Is it a CIFAR-100 file?")]
    BadLabel {
        /// The file.
        name: String,
        /// Index of the record.
        record: usize,
        /// The label.
        label: u8,
    },
    /// An IDX file whose size is not what its header says.
    #[error("{name} should have {expected} bytes by its header but has {found}. Is the download complete?")]
    Truncated {
        /// The file.
        name: String,
        /// Bytes by the header.
        expected: u64,
        /// Bytes there are.
        found: usize,
    },
    /// IDX pictures of a size that does not fit.
    #[error("{name} has pictures of {height} × {width}; sides from 4 to 64 pixels can be used.")]
    Sides {
        /// The file.
        name: String,
        /// Rows.
        height: u64,
        /// Columns.
        width: u64,
    },
    /// IDX images without labels, or the other way round.
    #[error("{0} has no partner: IDX needs a file of images and a file of labels with the same number of items.")]
    NoPartner(String),
    /// Different formats at once.
    #[error("{0} is of another kind than the other files. Open CIFAR-10 batches or IDX files, not both.")]
    Mixed(String),
    /// Too few samples.
    #[error("{name} has only {samples} samples; at least 40 are needed.")]
    TooFew {
        /// The file or files.
        name: String,
        /// Samples there are.
        samples: usize,
    },
}

impl Dataset {
    /// Reads (name, contents) pairs: CIFAR-10 binary batches, or IDX images with their labels.
    ///
    /// Files with `test` or `t10k` in their name are held out; if there is none, every fifth sample is.
    ///
    /// # Errors
    /// A [`FileError`] that names the file and what would be right.
    pub fn from_files(files: &[(String, Vec<u8>)]) -> Result<Dataset, FileError> {
        for (name, bytes) in files {
            check(name, bytes)?;
        }
        match files.first() {
            None => Err(FileError::Nothing),
            Some((_, first)) if is_idx(first) => idx(files),
            Some(_) => cifar(files),
        }
    }
}

fn check(name: &str, bytes: &[u8]) -> Result<(), FileError> {
    if bytes.is_empty() {
        return Err(FileError::Empty(name.to_owned()));
    }
    if bytes.len() > MAX_BYTES {
        return Err(FileError::Huge(name.to_owned()));
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Err(FileError::Compressed(name.to_owned()));
    }
    Ok(())
}

fn is_idx(bytes: &[u8]) -> bool {
    matches!(bytes, [0, 0, 8, 1 | 3, ..])
}

fn is_held_out(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("test") || name.contains("t10k")
}

fn cifar(files: &[(String, Vec<u8>)]) -> Result<Dataset, FileError> {
    let mut parts = Vec::new();
    for (name, bytes) in files {
        if is_idx(bytes) {
            return Err(FileError::Mixed(name.clone()));
        }
        if !bytes.len().is_multiple_of(CIFAR_RECORD) {
            return Err(FileError::Unknown(name.clone()));
        }
        for (record, row) in bytes.chunks_exact(CIFAR_RECORD).enumerate() {
            if row[0] > 9 {
                return Err(FileError::BadLabel { name: name.clone(), record, label: row[0] });
            }
        }
        let samples: Vec<(u8, &[u8])> =
            bytes.chunks_exact(CIFAR_RECORD).map(|record| (record[0], &record[1..])).collect();
        parts.push((name.as_str(), samples));
    }
    let kind = Kind::Image { channels: 3, height: CIFAR_SIDE, width: CIFAR_SIDE };
    let classes = CIFAR_CLASSES.map(str::to_owned).to_vec();
    let augmentation = Augmentation::Colour(ColourOptions::default());
    assemble("CIFAR-10", kind, classes, augmentation, &parts)
}

/// An IDX file's header: its sizes and the bytes behind it.
fn idx_parts<'a>(name: &str, bytes: &'a [u8]) -> Result<(Vec<u64>, &'a [u8]), FileError> {
    if !is_idx(bytes) {
        let kind = if bytes.len().is_multiple_of(CIFAR_RECORD) { FileError::Mixed } else { FileError::Unknown };
        return Err(kind(name.to_owned()));
    }
    let dimensions = usize::from(bytes[3]);
    let header = 4 + 4 * dimensions;
    let truncated = |expected: u64| FileError::Truncated { name: name.to_owned(), expected, found: bytes.len() };
    let sizes: Vec<u64> = bytes
        .get(4..header)
        .ok_or_else(|| truncated(header as u64))?
        .chunks_exact(4)
        .map(|size| size.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
        .collect();
    let items = sizes.iter().try_fold(1_u64, |product, size| product.checked_mul(*size));
    let expected = items.and_then(|items| items.checked_add(header as u64)).unwrap_or(u64::MAX);
    if expected != bytes.len() as u64 {
        return Err(truncated(expected));
    }
    Ok((sizes, &bytes[header..]))
}

fn idx(files: &[(String, Vec<u8>)]) -> Result<Dataset, FileError> {
    let (mut images, mut labels) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let (sizes, body) = idx_parts(name, bytes)?;
        match sizes[..] {
            [n] => labels.push((name.as_str(), n, body)),
            [n, height, width] => {
                let fits = |side: u64| SIDES.contains(&(side as usize)) && side <= 64;
                if !fits(height) || !fits(width) {
                    return Err(FileError::Sides { name: name.clone(), height, width });
                }
                images.push((name.as_str(), n, height as usize, width as usize, body));
            }
            _ => return Err(FileError::Unknown(name.clone())),
        }
    }
    let Some(&(_, _, height, width, _)) = images.first() else {
        return Err(FileError::NoPartner(labels.first().map_or("The file", |label| label.0).to_owned()));
    };
    let mut parts = Vec::new();
    for &(name, n, rows, columns, body) in &images {
        if (rows, columns) != (height, width) {
            return Err(FileError::Mixed(name.to_owned()));
        }
        let partner = labels.iter().find(|label| label.1 == n && is_held_out(label.0) == is_held_out(name));
        let &(_, _, label) = partner.ok_or_else(|| FileError::NoPartner(name.to_owned()))?;
        let samples = label.iter().copied().zip(body.chunks_exact(rows * columns)).collect();
        parts.push((name, samples));
    }
    let top = parts.iter().flat_map(|(_, samples): &Part<'_>| samples).map(|(label, _)| *label).max();
    let classes = (0..=top.unwrap_or(0)).map(|class| class.to_string()).collect();
    let kind = Kind::Image { channels: 1, height, width };
    assemble("IDX pictures", kind, classes, Augmentation::Grey(GreyOptions::default()), &parts)
}

/// A file's name and its samples (label, pixels).
type Part<'a> = (&'a str, Vec<(u8, &'a [u8])>);

/// Splits, caps and scales samples.
fn assemble(
    name: &str,
    kind: Kind,
    classes: Vec<String>,
    augmentation: Augmentation,
    parts: &[Part<'_>],
) -> Result<Dataset, FileError> {
    let names = parts.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let (mut train, mut test) = (Split::default(), Split::default());
    let has_both = parts.iter().any(|(name, _)| is_held_out(name)) && parts.iter().any(|(name, _)| !is_held_out(name));
    let mut total = 0;
    let mut row = vec![0.0; kind.len()];
    for (part, samples) in parts {
        for (index, (label, pixels)) in samples.iter().enumerate() {
            let held_out = if has_both { is_held_out(part) } else { index % 5 == 4 };
            let (split, most) = if held_out { (&mut test, MAX_TEST) } else { (&mut train, MAX_TRAIN) };
            total += 1;
            if split.n() < most {
                row.iter_mut().zip(*pixels).for_each(|(value, pixel)| *value = f32::from(*pixel) / 255.0);
                split.push(&row, u16::from(*label));
            }
        }
    }
    if train.n() < MIN_SAMPLES / 2 || test.n() < MIN_SAMPLES / 8 || total < MIN_SAMPLES {
        return Err(FileError::TooFew { name: names, samples: total });
    }
    let used = train.n() + test.n();
    let notes = if used < total {
        vec![format!("{used} of {total} samples are used ({} for training, {} held out).", train.n(), test.n())]
    } else {
        Vec::new()
    };
    Ok(Dataset {
        name: format!("{name} ({names})"),
        kind,
        classes,
        train,
        test,
        unseen: None,
        unseen_classes: Vec::new(),
        provenance: format!("Your files, read on this device only: {names}."),
        augmentation,
        notes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cifar_file(n: usize) -> Vec<u8> {
        (0..n).flat_map(|i| std::iter::once((i % 10) as u8).chain(vec![(i % 256) as u8; 3072])).collect()
    }

    fn idx_pair(n: u8, side: u8) -> Vec<(String, Vec<u8>)> {
        let mut images = vec![0, 0, 8, 3, 0, 0, 0, n, 0, 0, 0, side, 0, 0, 0, side];
        images.extend((0..usize::from(n) * usize::from(side) * usize::from(side)).map(|i| i as u8));
        let mut labels = vec![0, 0, 8, 1, 0, 0, 0, n];
        labels.extend((0..n).map(|i| i % 10));
        vec![("train-images-idx3-ubyte".into(), images), ("train-labels-idx1-ubyte".into(), labels)]
    }

    fn message(name: &str, bytes: Vec<u8>) -> String {
        Dataset::from_files(&[(name.to_owned(), bytes)]).unwrap_err().to_string()
    }

    #[test]
    fn a_cifar_batch_is_read_and_split() {
        let data = Dataset::from_files(&[("data_batch_1.bin".into(), cifar_file(100))]).unwrap();
        assert_eq!((data.train.n(), data.test.n()), (80, 20));
        assert_eq!(data.train.labels[..4], [0, 1, 2, 3]);
        assert!((data.train.row(3)[7] - 3.0 / 255.0).abs() < 1e-7);
    }

    #[test]
    fn files_named_test_are_held_out() {
        let files = [("data_batch_1.bin".into(), cifar_file(60)), ("test_batch.bin".into(), cifar_file(30))];
        let data = Dataset::from_files(&files).unwrap();
        assert_eq!((data.train.n(), data.test.n()), (60, 30));
    }

    #[test]
    fn an_idx_pair_is_read() {
        let data = Dataset::from_files(&idx_pair(50, 6)).unwrap();
        assert_eq!(data.kind, Kind::Image { channels: 1, height: 6, width: 6 });
        assert_eq!((data.train.n(), data.test.n()), (40, 10));
    }

    #[test]
    fn every_refusal_names_the_file_and_what_would_be_right() {
        assert!(message("empty.bin", vec![]).contains("empty.bin is empty"));
        assert!(message("cut.bin", cifar_file(50)[..3073 * 50 - 5].to_vec()).contains("3,073"));
        assert!(message("photo.png", b"\x89PNG....".to_vec()).contains("photo.png is neither"));
        assert!(message("x.gz", vec![0x1f, 0x8b, 8, 0]).contains("Unpack"));
        let mut wrong = cifar_file(50);
        wrong[3073 * 2] = 77;
        assert!(message("fine_labels.bin", wrong).contains("record 2 has the label 77"));
        assert!(message("few.bin", cifar_file(5)).contains("only 5 samples"));
        let pair = idx_pair(50, 6);
        assert!(message("alone", pair[0].1.clone()).contains("no partner"));
        assert!(message("short", pair[0].1[..100].to_vec()).contains("should have 1816 bytes"));
        let large = vec![0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0];
        assert!(message("large", large).contains("256 × 256"));
        assert_eq!(Dataset::from_files(&[]), Err(FileError::Nothing));
        let mixed = [pair[0].clone(), ("a.bin".to_owned(), cifar_file(50))];
        assert!(matches!(Dataset::from_files(&mixed), Err(FileError::Mixed(_))));
    }

    #[test]
    fn a_header_that_promises_the_world_allocates_nothing() {
        let bytes = vec![0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255];
        assert!(message("bomb", bytes).contains("should have"));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..4000), idx in any::<bool>()) {
            let mut bytes = bytes;
            if idx {
                bytes.splice(0..0, [0, 0, 8, 3]);
            }
            let _ = Dataset::from_files(&[("any".to_owned(), bytes)]);
        }
    }
}
