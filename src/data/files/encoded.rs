//! PNG and JPEG pictures: the class of each is its folder.

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_core::result::DecodingResult;
use zune_jpeg::JpegDecoder;
use zune_png::PngDecoder;

use super::block::{Block, Family, Pixels};
use super::labels::Labels;
use super::names::{self, Use};
use super::unpack::Entry;
use crate::text::listed;

/// Largest side of a picture that is decoded, and most pixels.
const MAX_SIDE: usize = 16_384;
const MAX_PIXELS: usize = 64 << 20;

fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n")
}

fn is_jpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xd8, 0xff])
}

/// Whether a file is a PNG or JPEG picture.
pub fn is_readable(bytes: &[u8]) -> bool {
    is_png(bytes) || is_jpeg(bytes)
}

fn options() -> DecoderOptions {
    DecoderOptions::new_safe()
        .set_max_width(MAX_SIDE)
        .set_max_height(MAX_SIDE)
        .set_strict_mode(true)
        .png_set_strip_to_8bit(true)
        .jpeg_set_out_colorspace(ColorSpace::RGB)
}

/// Height and width, from the head of the file; `None` where that can't be read, or is more than is decoded.
pub fn size(bytes: &[u8]) -> Option<(usize, usize)> {
    let (width, height) = if is_png(bytes) {
        let mut decoder = PngDecoder::new_with_options(ZCursor::new(bytes), options());
        decoder.decode_headers().ok()?;
        decoder.dimensions()?
    } else {
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options());
        decoder.decode_headers().ok()?;
        decoder.dimensions()?
    };
    (width > 0 && height > 0 && width.saturating_mul(height) <= MAX_PIXELS).then_some((height, width))
}

/// Pixels as RGB, row by row, with their height and width; transparent ones lie on white.
pub fn decode(bytes: &[u8]) -> Option<(Vec<u8>, usize, usize)> {
    let (height, width) = size(bytes)?;
    let (pixels, space) = if is_png(bytes) {
        let mut decoder = PngDecoder::new_with_options(ZCursor::new(bytes), options());
        let DecodingResult::U8(pixels) = decoder.decode().ok()? else { return None };
        (pixels, decoder.colorspace()?)
    } else {
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options());
        (decoder.decode().ok()?, ColorSpace::RGB)
    };
    let over = |value: u8, alpha: u8| {
        let (value, alpha) = (u32::from(value), u32::from(alpha));
        ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    let rgb: Vec<u8> = match space {
        ColorSpace::RGB => pixels,
        ColorSpace::Luma => pixels.into_iter().flat_map(|value| [value; 3]).collect(),
        ColorSpace::LumaA => pixels.chunks_exact(2).flat_map(|p| [over(p[0], p[1]); 3]).collect(),
        ColorSpace::RGBA => {
            pixels.chunks_exact(4).flat_map(|p| [over(p[0], p[3]), over(p[1], p[3]), over(p[2], p[3])]).collect()
        }
        _ => return None,
    };
    (rgb.len() == 3 * height * width).then_some((rgb, height, width))
}

/// Pictures by what their folders say they are for, with the folders as classes.
pub fn blocks<'a>(pictures: &[&'a Entry<'a>], notes: &mut Vec<String>) -> Vec<Block<'a>> {
    let tree = folders(pictures);
    let labelled = tree.iter().any(|(_, class)| !class.is_empty());
    let mut loose = Vec::new();
    let mut blocks = Vec::new();
    for purpose in [Use::Train, Use::Any, Use::Validation, Use::Test] {
        let mut members: Vec<(&Entry<'_>, &str)> = pictures
            .iter()
            .zip(&tree)
            .filter(|(_, (own, _))| *own == purpose)
            .map(|(entry, (_, class))| (*entry, class.as_str()))
            .collect();
        let has_classes = members.iter().any(|(_, class)| !class.is_empty());
        if has_classes {
            loose.extend(members.iter().filter(|(_, class)| class.is_empty()).map(|(entry, _)| entry.name.as_str()));
            members.retain(|(_, class)| !class.is_empty());
        }
        if members.is_empty() {
            continue;
        }
        let (files, classes): (Vec<_>, Vec<_>) = members.into_iter().unzip();
        blocks.push(Block {
            name: describe(&files),
            purpose,
            family: Family::Encoded,
            labels: (labelled && has_classes).then(|| Labels::from_names(&classes)),
            pixels: Pixels::Files(files),
            named: Vec::new(),
        });
    }
    if !loose.is_empty() {
        notes.push(format!("Pictures that lie in no class's folder are left out: {}.", listed(&loose)));
    }
    blocks
}

/// What each picture is for and its class, by its folders. Deep trees may give every picture a class of its own: then the
/// first folder is the class.
fn folders(pictures: &[&Entry<'_>]) -> Vec<(Use, String)> {
    let paths: Vec<&str> = pictures.iter().map(|entry| entry.name.as_str()).collect();
    let mut tree = names::tree(&paths);
    let mut classes: Vec<&str> = tree.iter().map(|(_, class)| class.as_str()).collect();
    classes.sort_unstable();
    classes.dedup();
    if 2 * classes.len() > pictures.len() {
        for (_, class) in &mut tree {
            let first = class.split('/').next().unwrap_or_default().to_owned();
            *class = first;
        }
    }
    tree
}

/// The folder that all pictures share, or some of their names.
fn describe(files: &[&Entry<'_>]) -> String {
    let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned()).unwrap_or_default();
    let mut shared = folder(&files[0].name);
    for file in files {
        while !shared.is_empty() && !file.name.starts_with(&format!("{shared}/")) {
            shared = folder(&shared);
        }
    }
    if shared.is_empty() { listed(&files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>()) } else { shared }
}
