//! Blocks of pictures: what a source gives, how the bytes of its pictures lie, and the labels that wait for pictures.

use std::borrow::Cow;

use super::labels::Labels;
use super::names::Use;
use super::unpack::Entry;
use crate::data::file_error::FileError;

/// Kinds of sources that are never mixed: (what one is, for messages).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// CIFAR-10's binary batches.
    Cifar10,
    /// CIFAR-100's binary files.
    Cifar100,
    /// STL-10's binary files.
    Stl10,
    /// IDX.
    Idx,
    /// numpy arrays.
    Arrays,
    /// Rows of text.
    Rows,
    /// PNG and JPEG.
    Encoded,
}

impl Family {
    /// What a file of it is.
    pub fn what(self) -> &'static str {
        match self {
            Family::Cifar10 => "a binary batch of CIFAR-10",
            Family::Cifar100 => "a binary file of CIFAR-100",
            Family::Stl10 => "a binary file of STL-10",
            Family::Idx => "an IDX file",
            Family::Arrays => "a file of numpy arrays",
            Family::Rows => "a table with a picture in each row",
            Family::Encoded => "a picture",
        }
    }

    /// The data set, for people.
    pub fn title(self) -> &'static str {
        match self {
            Family::Cifar10 => "CIFAR-10",
            Family::Cifar100 => "CIFAR-100",
            Family::Stl10 => "STL-10",
            Family::Idx => "IDX pictures",
            Family::Arrays => "Pictures of arrays",
            Family::Rows => "Pictures of a table",
            Family::Encoded => "Pictures",
        }
    }
}

/// How the bytes of a picture lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// 1 (grey) or 3 (RGB).
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Distances between two channels, two rows and two columns.
    pub strides: [usize; 3],
}

impl Layout {
    /// Channel by channel, row by row.
    pub fn planar(channels: usize, height: usize, width: usize) -> Layout {
        Layout { channels, height, width, strides: [height * width, width, 1] }
    }

    /// Pixel by pixel, row by row.
    pub fn interleaved(channels: usize, height: usize, width: usize) -> Layout {
        Layout { channels, height, width, strides: [1, width * channels, channels] }
    }

    /// Bytes of a picture.
    pub fn len(&self) -> usize {
        self.channels * self.height * self.width
    }
}

/// Where pictures are.
pub enum Pixels<'a> {
    /// Bytes, one picture after the other, each behind `skip` others.
    Raw {
        /// All of them.
        bytes: Cow<'a, [u8]>,
        /// Bytes before each picture: its labels.
        skip: usize,
        /// How a picture's bytes lie.
        layout: Layout,
    },
    /// PNG or JPEG files.
    Files(Vec<&'a Entry<'a>>),
}

/// Pictures of one source, with their labels if it has any.
pub struct Block<'a> {
    /// The file, and the array inside.
    pub name: String,
    /// What it is for.
    pub purpose: Use,
    /// What it is.
    pub family: Family,
    /// The pictures.
    pub pixels: Pixels<'a>,
    /// One a picture.
    pub labels: Option<Labels>,
    /// Names of the numbers that are its labels.
    pub named: Vec<(String, String)>,
}

impl Block<'_> {
    /// Pictures in it.
    pub fn len(&self) -> usize {
        match &self.pixels {
            Pixels::Raw { bytes, skip, layout } => bytes.len() / (skip + layout.len()),
            Pixels::Files(files) => files.len(),
        }
    }

    /// What stands for picture `at`: its bytes.
    pub fn bytes(&self, at: usize) -> &[u8] {
        match &self.pixels {
            Pixels::Raw { bytes, skip, layout } => {
                let record = skip + layout.len();
                &bytes[at * record + skip..(at + 1) * record]
            }
            Pixels::Files(files) => &files[at].bytes,
        }
    }
}

/// Labels that wait for their pictures.
pub struct LabelFile {
    /// The file, and the array inside.
    pub name: String,
    /// What it is for.
    pub purpose: Use,
    /// The labels.
    pub labels: Labels,
}

/// What a file gives.
#[derive(Default)]
pub struct Found<'a> {
    /// Pictures.
    pub blocks: Vec<Block<'a>>,
    /// Labels.
    pub labels: Vec<LabelFile>,
    /// Arrays that hold something else: (file, what they are).
    pub others: Vec<(String, String)>,
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

/// Sizes for messages: "500 × 28 × 28".
pub fn shape_text(sizes: &[impl ToString]) -> String {
    sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" × ")
}
