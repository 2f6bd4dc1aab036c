//! The UCI handwritten digits: 1,797 pictures of 8x8 pixels, 17 grey levels, as scikit-learn ships them.
//!
//! `static/digits.bin` is made by `scripts/make_digits.py`, whose head describes the format and the fixed, stratified
//! split into 1,437 training and 360 held-out pictures.

use super::augment::{Augmentation, GreyOptions};
use super::dataset::{Dataset, Split};
use super::sample::Kind;

const FILE: &[u8] = include_bytes!("../../static/digits.bin");
const SIDE: usize = 8;
const PIXELS: usize = SIDE * SIDE;
/// Bytes of one picture: 64 pixels of 5 bits.
const PACKED: usize = PIXELS * 5 / 8;
const LEVELS: f32 = 16.0;
const HEADER: &[u8] = b"NSDG\x01\x08\x10\x0a";

impl Dataset {
    /// The digits. The split is fixed: it does not depend on any seed.
    pub fn digits() -> Dataset {
        // The file is part of the program and a test reads it, so an error can't reach a reader.
        let (train, test) = read(FILE).unwrap_or_default();
        Dataset {
            name: "Digits".to_owned(),
            kind: Kind::Image { channels: 1, height: SIDE, width: SIDE },
            classes: (0..10).map(|digit| digit.to_string()).collect(),
            train,
            test,
            unseen: None,
            unseen_classes: Vec::new(),
            provenance: "Optical Recognition of Handwritten Digits (Alpaydin and Kaynak 1998), UCI, CC BY 4.0."
                .to_owned(),
            augmentation: Augmentation::Grey(GreyOptions::default()),
            notes: Vec::new(),
        }
    }
}

/// Reads the packed file into (train, test); `None` when it is not one.
fn read(bytes: &[u8]) -> Option<(Split, Split)> {
    let rest = bytes.strip_prefix(HEADER)?;
    let (counts, rest) = rest.split_first_chunk::<4>()?;
    let train = usize::from(u16::from_le_bytes([counts[0], counts[1]]));
    let n = train + usize::from(u16::from_le_bytes([counts[2], counts[3]]));
    if rest.len() != n * (1 + PACKED) {
        return None;
    }
    let (labels, packed) = rest.split_at(n);
    if labels.iter().any(|&label| label > 9) {
        return None;
    }
    let level = |pixel: usize| {
        let bit = pixel * 5;
        let low = u16::from(packed[bit / 8]);
        let high = packed.get(bit / 8 + 1).copied().map_or(0, u16::from);
        ((low | (high << 8)) >> (bit % 8)) & 31
    };
    let split = |from: usize, to: usize| Split {
        inputs: (from * PIXELS..to * PIXELS).map(|pixel| f32::from(level(pixel)) / LEVELS).collect(),
        labels: labels[from..to].iter().map(|&label| u16::from(label)).collect(),
    };
    Some((split(0, train), split(train, n)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_1797_digits_are_there_split_by_class() {
        let data = Dataset::digits();
        assert_eq!((data.train.n(), data.test.n()), (1437, 360));
        // scikit-learn's first sample is a 0; it must be somewhere, pixel for pixel.
        let first = [0., 0., 5., 13., 9., 1., 0., 0., 0., 0., 13., 15., 10., 15., 5., 0.].map(|v| v / LEVELS);
        let zeros = |split: &Split| (0..split.n()).any(|i| split.labels[i] == 0 && split.row(i)[..16] == first);
        assert!(zeros(&data.train) || zeros(&data.test));
        assert!(data.train.inputs.iter().all(|v| (0.0..=1.0).contains(v)));
        for class in 0..10 {
            let held_out = data.test.labels.iter().filter(|&&label| label == class).count();
            assert!((34..=38).contains(&held_out), "{class}: {held_out}");
        }
        // Known sum of all grey levels of the 1,797 pictures (checked with scikit-learn).
        let sum: f64 = data.train.inputs.iter().chain(&data.test.inputs).map(|v| f64::from(v * LEVELS)).sum();
        assert_eq!(sum, GREY_SUM);
    }

    /// `load_digits().data.sum()`.
    const GREY_SUM: f64 = 561_718.0;

    #[test]
    fn a_damaged_file_is_not_read() {
        assert_eq!(read(&FILE[..FILE.len() - 1]), None);
        assert_eq!(read(b"NSDG\x01\x08\x10\x0a\xff\xff\xff\xff"), None);
        assert_eq!(read(b""), None);
    }
}
