//! The size that all pictures of a data set have: their own, or a square that they are scaled to.

use super::block::{Block, Layout, Pixels};
use super::draw::{NONE, Sample};
use super::encoded;
use crate::data::dataset::Split;
use crate::data::file_error::FileError;

/// Largest side of arrays of pictures that are taken as they are.
const MOST_SIDE: usize = 64;
/// Side that others are brought to, at most and at least.
const SCALED: std::ops::RangeInclusive<usize> = 4..=32;

/// The size that all pictures are brought to.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// 1 (grey) or 3 (RGB).
    channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// They come from PNG or JPEG files.
    encoded: bool,
}

impl Scale {
    /// The size for all pictures: their own where that is one, and small; else the shortest side, as a square.
    pub fn of<'a>(
        blocks: &[Block<'_>],
        samples: impl Iterator<Item = &'a Sample>,
        notes: &mut Vec<String>,
    ) -> Result<Scale, FileError> {
        let encoded = blocks.iter().any(|block| matches!(block.pixels, Pixels::Files(_)));
        let layouts = || {
            blocks.iter().filter_map(|block| match &block.pixels {
                Pixels::Raw { layout, .. } => Some(*layout),
                Pixels::Files(_) => None,
            })
        };
        let channels = layouts().map(|layout| layout.channels).max().unwrap_or(3);
        let sizes: Vec<(usize, usize)> = if encoded {
            samples
                .filter_map(|sample| encoded::size(blocks[sample.block as usize].bytes(sample.at as usize)))
                .collect()
        } else {
            layouts().map(|layout| (layout.height, layout.width)).collect()
        };
        let name = || blocks.first().map(|block| block.name.clone()).unwrap_or_default();
        let Some(&(height, width)) = sizes.first() else {
            return Err(FileError::TooFew { name: name(), samples: 0 });
        };
        let alike = sizes.iter().all(|size| *size == (height, width));
        let most = if encoded { *SCALED.end() } else { MOST_SIDE };
        if alike && height.max(width) <= most && (!encoded || height == width) && height.min(width) >= *SCALED.start() {
            return Ok(Scale { channels, height, width, encoded });
        }
        // A few tiny ones among them do not decide.
        let mut shorter: Vec<usize> = sizes.iter().map(|(height, width)| *height.min(width)).collect();
        shorter.sort_unstable();
        let shortest = shorter[shorter.len() / 20];
        if shortest < *SCALED.start() {
            return Err(FileError::Sides { name: name(), height: height as u64, width: width as u64 });
        }
        let side = shortest.min(*SCALED.end());
        notes.push(scaled(&sizes, side));
        Ok(Scale { channels, height: side, width: side, encoded })
    }

    /// Reads the pictures; the names of those that are not whole are added to `broken`.
    pub fn read(&self, blocks: &[Block<'_>], samples: &[Sample], broken: &mut Vec<String>) -> Read {
        let len = self.channels * self.height * self.width;
        let mut read =
            Read { pixels: Vec::with_capacity(samples.len() * len), labels: Vec::with_capacity(samples.len()) };
        for sample in samples {
            let block = &blocks[sample.block as usize];
            let bytes = block.bytes(sample.at as usize);
            match &block.pixels {
                Pixels::Raw { layout, .. } => self.scale(bytes, layout, &mut read.pixels),
                Pixels::Files(files) => match encoded::decode(bytes) {
                    Some((rgb, height, width)) if height.min(width) > 0 => {
                        self.scale(&rgb, &Layout::interleaved(3, height, width), &mut read.pixels);
                    }
                    _ => {
                        broken.push(files[sample.at as usize].name.clone());
                        continue;
                    }
                },
            }
            read.labels.push(if sample.class == NONE { 0 } else { sample.class });
        }
        read
    }

    /// Adds a picture, channel by channel: as it is where the size fits, else its middle square, averaged over areas.
    fn scale(&self, bytes: &[u8], layout: &Layout, out: &mut Vec<u8>) {
        let [channel, row, column] = layout.strides;
        let (rows, columns) = (layout.height, layout.width);
        let at = |c: usize, y: usize, x: usize| bytes[c.min(layout.channels - 1) * channel + y * row + x * column];
        if (rows, columns) == (self.height, self.width) {
            for c in 0..self.channels {
                for y in 0..rows {
                    out.extend((0..columns).map(|x| at(c, y, x)));
                }
            }
            return;
        }
        let square = rows.min(columns);
        let (top, left) = ((rows - square) / 2, (columns - square) / 2);
        let span = |i: usize, to: usize| (i * square / to)..((i + 1) * square).div_ceil(to).max(i * square / to + 1);
        for c in 0..self.channels {
            for y in 0..self.height {
                for x in 0..self.width {
                    let (mut sum, mut count) = (0_u64, 0_u64);
                    for source_y in span(y, self.height) {
                        for source_x in span(x, self.width) {
                            sum += u64::from(at(c, top + source_y, left + source_x));
                            count += 1;
                        }
                    }
                    out.push(((sum + count / 2) / count) as u8);
                }
            }
        }
    }

    /// Channels that are kept: one, where pictures of files are all grey.
    pub fn channels(&self, train: &mut Read, test: &mut Read) -> usize {
        let plane = self.height * self.width;
        let is_grey = |read: &Read| {
            read.pixels
                .chunks_exact(3 * plane)
                .all(|p| p[..plane] == p[plane..2 * plane] && p[..plane] == p[2 * plane..])
        };
        if !self.encoded || self.channels != 3 || !is_grey(train) || !is_grey(test) {
            return self.channels;
        }
        for read in [train, test] {
            read.pixels = read.pixels.chunks_exact(3 * plane).flat_map(|picture| picture[..plane].to_vec()).collect();
        }
        1
    }
}

/// Says that pictures of these (not empty) sizes are scaled to a side.
fn scaled(sizes: &[(usize, usize)], side: usize) -> String {
    let area = |(height, width): &&(usize, usize)| height * width;
    let (low, high) = (sizes.iter().min_by_key(area), sizes.iter().max_by_key(area));
    let (low, high) = (low.copied().unwrap_or_default(), high.copied().unwrap_or_default());
    let from = if sizes.iter().all(|size| *size == sizes[0]) {
        format!("{} × {}", low.0, low.1)
    } else {
        format!("{} × {} to {} × {}", low.0, low.1, high.0, high.1)
    };
    let cut = if sizes.iter().any(|(height, width)| height != width) { "the middle square of each is " } else { "" };
    format!("The pictures have {from} pixels: {cut}scaled to {side} × {side}.")
}

/// Pictures as they are read: bytes, and their classes.
pub struct Read {
    /// Values from 0 to 255, picture by picture, channel by channel.
    pixels: Vec<u8>,
    /// The class of each.
    pub labels: Vec<u32>,
}

impl Read {
    /// Values from 0 to 1.
    pub fn into_split(self) -> Split {
        Split {
            inputs: self.pixels.iter().map(|pixel| f32::from(*pixel) / 255.0).collect(),
            labels: self.labels.iter().map(|label| *label as u16).collect(),
        }
    }
}
