//! Pictures in a row as an animated GIF (GIF89a), which every slide program and every browser plays.
//!
//! All pictures share one palette, and of each only what differs from the one before is written, so that what stands still
//! costs next to nothing. The palette holds the colours that most pixels have: drawings have few, and flat ones.

use std::borrow::Cow;
use std::collections::HashMap;

use gif::{DisposalMethod, Encoder, Frame, Repeat};

/// Colours of the palette; one more index means "as before".
const COLOURS: usize = 255;
/// Index of what stays as it was.
const AS_BEFORE: u8 = 255;

/// Why there is no film.
#[derive(Debug, thiserror::Error)]
pub enum FilmError {
    /// A picture has another size than the first one, or is larger than a GIF can be.
    #[error("a picture of {0} bytes does not fit into the film")]
    Size(usize),
    /// The encoder's own.
    #[error("the film can't be written: {0}")]
    Encoding(#[from] gif::EncodingError),
}

/// A film that grows.
pub struct Film {
    encoder: Encoder<Vec<u8>>,
    width: u16,
    height: u16,
    palette: Vec<[u8; 3]>,
    /// Index of each colour that has been met, as red, green, blue.
    known: HashMap<[u8; 3], u8>,
    /// Indices of the latest picture.
    last: Vec<u8>,
}

impl Film {
    /// An empty film of that many pixels that plays over and over. `sample` is RGBA, row by row, of any pictures that have the
    /// film's colours.
    ///
    /// # Errors
    /// [`FilmError::Encoding`] when it can't begin.
    pub fn new(width: u16, height: u16, sample: &[u8]) -> Result<Film, FilmError> {
        let palette = most_frequent(sample);
        let mut colours = palette.concat();
        colours.resize(3 * (COLOURS + 1), 0);
        let mut encoder = Encoder::new(Vec::new(), width, height, &colours)?;
        encoder.set_repeat(Repeat::Infinite)?;
        Ok(Film { encoder, width, height, palette, known: HashMap::new(), last: Vec::new() })
    }

    /// Adds a picture, RGBA row by row, that stays for so many hundredths of a second.
    ///
    /// # Errors
    /// [`FilmError::Size`] when it is not of the film's size; [`FilmError::Encoding`] when it can't be written.
    pub fn push(&mut self, rgba: &[u8], hundredths: u16) -> Result<(), FilmError> {
        if rgba.len() != usize::from(self.width) * usize::from(self.height) * 4 {
            return Err(FilmError::Size(rgba.len()));
        }
        let (known, palette) = (&mut self.known, &self.palette);
        let index = |pixel: &[u8]| {
            let colour = [pixel[0], pixel[1], pixel[2]];
            *known.entry(colour).or_insert_with(|| nearest(palette, colour))
        };
        let now: Vec<u8> = rgba.chunks_exact(4).map(index).collect();
        let same = |(before, now): (&u8, &u8)| if before == now { AS_BEFORE } else { *now };
        let first = self.last.is_empty();
        let buffer = if first { now.clone() } else { self.last.iter().zip(&now).map(same).collect() };
        let frame = Frame {
            width: self.width,
            height: self.height,
            delay: hundredths,
            dispose: DisposalMethod::Keep,
            transparent: (!first).then_some(AS_BEFORE),
            buffer: Cow::Owned(buffer),
            ..Frame::default()
        };
        self.last = now;
        Ok(self.encoder.write_frame(&frame)?)
    }

    /// The file.
    ///
    /// # Errors
    /// [`FilmError::Encoding`] when its end can't be written.
    pub fn finish(self) -> Result<Vec<u8>, FilmError> {
        Ok(self.encoder.into_inner()?)
    }
}

/// The colours that most pixels have; not one of two that are all but the same.
fn most_frequent(rgba: &[u8]) -> Vec<[u8; 3]> {
    let mut counts: HashMap<[u8; 3], usize> = HashMap::new();
    for pixel in rgba.chunks_exact(4) {
        *counts.entry([pixel[0], pixel[1], pixel[2]]).or_default() += 1;
    }
    let mut colours: Vec<([u8; 3], usize)> = counts.into_iter().collect();
    // Equal counts in an order of their own, so that a film is the same every time.
    colours.sort_unstable_by_key(|(colour, count)| (std::cmp::Reverse(*count), *colour));
    let mut palette: Vec<[u8; 3]> = Vec::new();
    for (colour, _) in colours {
        if palette.len() == COLOURS {
            break;
        }
        if palette.iter().all(|other| apart(*other, colour) > 3 * 4 * 4) {
            palette.push(colour);
        }
    }
    palette
}

fn nearest(palette: &[[u8; 3]], colour: [u8; 3]) -> u8 {
    let nearest = palette.iter().enumerate().min_by_key(|(_, other)| apart(**other, colour));
    nearest.map_or(0, |(index, _)| index as u8)
}

/// The square of their distance.
fn apart(a: [u8; 3], b: [u8; 3]) -> u32 {
    a.into_iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 20;
    const HEIGHT: usize = 10;

    /// White with a red column.
    fn picture(column: usize) -> Vec<u8> {
        let pixel = |at: usize| if at % WIDTH == column { [200, 0, 0, 255] } else { [255; 4] };
        (0..WIDTH * HEIGHT).flat_map(pixel).collect()
    }

    /// The pictures as a viewer shows them, RGB.
    fn played(file: &[u8]) -> Vec<(Vec<[u8; 3]>, u16)> {
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut decoder = options.read_info(file).unwrap();
        let mut screen = vec![[0; 3]; WIDTH * HEIGHT];
        let mut shown = Vec::new();
        while let Some(frame) = decoder.read_next_frame().unwrap() {
            for (place, pixel) in screen.iter_mut().zip(frame.buffer.chunks_exact(4)) {
                if pixel[3] != 0 {
                    *place = [pixel[0], pixel[1], pixel[2]];
                }
            }
            shown.push((screen.clone(), frame.delay));
        }
        shown
    }

    #[test]
    fn what_was_put_in_comes_out_in_its_order_with_its_times() {
        let mut film = Film::new(WIDTH as u16, HEIGHT as u16, &picture(3)).unwrap();
        for column in [3, 4, 4, 9] {
            film.push(&picture(column), 10 + column as u16).unwrap();
        }
        let shown = played(&film.finish().unwrap());
        assert_eq!(shown.iter().map(|(_, delay)| *delay).collect::<Vec<_>>(), [13, 14, 14, 19]);
        for ((screen, _), column) in shown.iter().zip([3, 4, 4, 9]) {
            for (at, pixel) in screen.iter().enumerate() {
                let wanted = &picture(column)[4 * at..4 * at + 3];
                assert!(pixel.iter().zip(wanted).all(|(a, b)| a == b), "{at}: {pixel:?} for {wanted:?}");
            }
        }
    }

    #[test]
    fn a_picture_of_another_size_is_refused_and_one_that_stands_still_is_short() {
        let mut film = Film::new(WIDTH as u16, HEIGHT as u16, &picture(3)).unwrap();
        assert!(matches!(film.push(&picture(3)[4..], 10), Err(FilmError::Size(796))));
        film.push(&picture(3), 10).unwrap();
        let mut still = Film::new(WIDTH as u16, HEIGHT as u16, &picture(3)).unwrap();
        still.push(&picture(3), 10).unwrap();
        still.push(&picture(3), 10).unwrap();
        let (one, two) = (film.finish().unwrap().len(), still.finish().unwrap().len());
        assert!(two - one < 60, "{one} and {two} bytes");
    }
}
