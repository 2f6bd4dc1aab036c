//! What each file is for: told by its contents, then pictures and labels are paired by the nearest names.

use std::collections::HashMap;

use super::block::{Block, Family, Found, LabelFile, Pixels};
use super::error::FileError;
use super::labels::{ClassNames, Labels};
use super::names::{self, Use};
use super::unpack::Entry;
use super::{arrays, encoded, formats, rows};
use crate::data::batches::fnv1a;
use crate::data::what::{What, what_is};
use crate::text::{grouped, listed};

/// Everything that the files give, paired; what is left out is noted.
pub fn blocks<'a>(entries: &'a [Entry<'a>], notes: &mut Vec<String>) -> Result<Vec<Block<'a>>, FileError> {
    let mut found = Found::default();
    let mut pictures = Vec::new();
    let mut texts: Vec<&Entry<'_>> = Vec::new();
    let mut foreign: Vec<(&Entry<'_>, What)> = Vec::new();
    let mut empty = Vec::new();
    let (entries, copies) = without_copies(entries);
    for entry in entries {
        let bytes = &entry.bytes;
        if bytes.is_empty() {
            empty.push(entry.name.as_str());
        } else if encoded::is_readable(bytes) {
            pictures.push(entry);
        } else if bytes.starts_with(arrays::NPY) || bytes.starts_with(b"PK\x03\x04") && arrays::is_npz(bytes) {
            arrays::read(&entry.name, bytes, &mut found, notes)?;
        } else if !formats::read(entry, &mut found, notes)? {
            let start = &bytes[..bytes.len().min(crate::data::what::LOOK)];
            let end = &bytes[bytes.len().saturating_sub(crate::data::what::LOOK)..];
            let mut what = what_is(start, end, bytes.len() as u64, &entry.name);
            if let Some(picture) = other_picture(bytes) {
                (what.kind, what.phrase) = (crate::data::what::Kind::Picture, picture.to_owned());
            }
            match what.kind {
                crate::data::what::Kind::Pointer => return Err(unreadable(&entry.name, what)),
                crate::data::what::Kind::Text => texts.push(entry),
                _ => foreign.push((entry, what)),
            }
        }
    }
    let mut texts = Texts { files: texts };
    if found.blocks.is_empty() && pictures.is_empty() {
        texts.read_rows(&mut found, notes)?;
    }
    if found.blocks.is_empty() && pictures.is_empty() {
        return Err(nothing_found(&found, &texts, foreign, &empty));
    }
    let mut left_out: Vec<String> = empty.iter().map(|name| format!("{name} (empty)")).collect();
    if found.blocks.is_empty() {
        found.blocks = encoded::blocks(&pictures, notes);
    } else {
        left_out.extend(pictures.iter().map(|entry| entry.name.clone()));
    }
    copied(&copies, notes);
    pair(&mut found, notes)?;
    same_family(&found.blocks)?;
    if let Some(note) = texts.name_classes(&mut found.blocks) {
        notes.push(note);
    }
    left_out.extend(found.others.iter().map(|(name, what)| format!("{name} ({what})")));
    left_out.extend(texts.files.iter().map(|entry| entry.name.clone()));
    left_out.extend(foreign.iter().map(|(entry, what)| format!("{} ({})", entry.name, what.phrase)));
    if !left_out.is_empty() {
        let are = if left_out.len() == 1 { "is" } else { "are" };
        notes.push(format!("{} {are} left out.", listed(&left_out)));
    }
    Ok(found.blocks)
}

/// The entries, each content once; the names of those that are left out. Files of labels may well be equal, and so may two
/// pictures: those are copies only if their names say so too.
fn without_copies<'a>(entries: &'a [Entry<'a>]) -> (Vec<&'a Entry<'a>>, Vec<&'a str>) {
    let mut known: HashMap<(usize, u64), Vec<&Entry<'_>>> = HashMap::new();
    let (mut once, mut copies) = (Vec::new(), Vec::new());
    for entry in entries {
        let same = known.entry((entry.bytes.len(), fnv1a(&entry.bytes))).or_default();
        let is_picture = encoded::is_readable(&entry.bytes);
        let is_copy = same
            .iter()
            .any(|other| other.bytes == entry.bytes && (!is_picture || names::is_copy_name(&other.name, &entry.name)));
        if is_copy && !formats::is_labels(entry) && !entry.bytes.is_empty() {
            copies.push(entry.name.as_str());
        } else {
            same.push(entry);
            once.push(entry);
        }
    }
    (once, copies)
}

fn copied(copies: &[&str], notes: &mut Vec<String>) {
    match copies {
        [] => {}
        [one] => notes.push(format!("{one} is a copy of another file and is left out.")),
        many => notes.push(format!("{} are copies of other files and are left out.", listed(many))),
    }
}

/// Gives each set of pictures without labels the labels of the same number whose name is nearest.
fn pair(found: &mut Found<'_>, notes: &mut Vec<String>) -> Result<(), FileError> {
    let mut waiting: Vec<Option<LabelFile>> = std::mem::take(&mut found.labels).into_iter().map(Some).collect();
    // The nearest pairs first.
    let mut candidates = Vec::new();
    // PNG and JPEG files have no order that labels could follow.
    let waits = |block: &Block<'_>| block.labels.is_none() && matches!(block.pixels, Pixels::Raw { .. });
    for (at, block) in found.blocks.iter().enumerate().filter(|(_, block)| waits(block)) {
        for (which, file) in waiting.iter().enumerate() {
            let Some(file) = file else { continue };
            let apart = block.purpose != file.purpose && block.purpose != Use::Any && file.purpose != Use::Any;
            if file.labels.len() == block.len() && !apart {
                candidates.push((names::distance(&block.name, &file.name), at, which));
            }
        }
    }
    candidates.sort_unstable();
    let mut used: Vec<(String, Labels)> = Vec::new();
    for &(distance, at, which) in &candidates {
        let block = &mut found.blocks[at];
        if block.labels.is_some() {
            continue;
        }
        let Some(file) = waiting[which].take() else { continue };
        let rival = candidates.iter().find_map(|&(other, to, rival)| {
            let rival = (other == distance && to == at).then(|| waiting[rival].as_ref()).flatten()?;
            (rival.labels != file.labels).then(|| rival.name.clone())
        });
        if let Some(second) = rival {
            return Err(FileError::Ambiguous { name: block.name.clone(), first: file.name, second });
        }
        used.push((file.name, file.labels.clone()));
        block.labels = Some(file.labels);
    }
    for file in waiting.into_iter().flatten() {
        if used.iter().any(|(_, labels)| *labels == file.labels) {
            notes.push(format!("{} is a copy of another file of labels and is left out.", file.name));
            continue;
        }
        if file.purpose == Use::Validation || !found.blocks.iter().any(waits) {
            notes.push(format!("{} has no pictures here and is left out.", file.name));
            continue;
        }
        let bare: Vec<String> = found
            .blocks
            .iter()
            .filter(|block| waits(block))
            .map(|block| format!("{} has {} pictures", block.name, grouped(block.len())))
            .collect();
        let pictures = if bare.is_empty() { "there are no pictures without labels".to_owned() } else { listed(&bare) };
        return Err(FileError::NoPartner { name: file.name, labels: file.labels.len(), pictures });
    }
    Ok(())
}

fn same_family(blocks: &[Block<'_>]) -> Result<(), FileError> {
    let Some(first) = blocks.first() else { return Ok(()) };
    match blocks.iter().find(|block| block.family != first.family) {
        Some(other) => Err(FileError::Mixed {
            name: first.name.clone(),
            what: first.family.what(),
            other: other.name.clone(),
            other_what: other.family.what(),
        }),
        None => Ok(()),
    }
}

/// Text files beside the data: names of classes, rows of pictures, or nothing of interest.
struct Texts<'a> {
    files: Vec<&'a Entry<'a>>,
}

impl Texts<'_> {
    /// Where there are no other pictures, a table may hold them.
    fn read_rows(&mut self, found: &mut Found<'_>, notes: &mut Vec<String>) -> Result<(), FileError> {
        let mut rest = Vec::new();
        for entry in std::mem::take(&mut self.files) {
            match rows::read(&entry.name, &entry.bytes, notes)? {
                Some(block) => found.blocks.push(block),
                None => rest.push(entry),
            }
        }
        self.files = rest;
        Ok(())
    }

    /// Names classes that are numbers after the lines of a text file, and says where the names come from.
    fn name_classes(&mut self, blocks: &mut [Block<'_>]) -> Option<String> {
        let mut occurring: Vec<i64> = Vec::new();
        for name in blocks.iter().filter_map(|block| block.labels.as_ref()).flat_map(|labels| &labels.names) {
            occurring.push(name.parse().ok()?);
        }
        occurring.sort_unstable();
        occurring.dedup();
        if occurring.is_empty() {
            return None;
        }
        let is_hundred = blocks.iter().any(|block| block.family == Family::Cifar100);
        let mut candidates: Vec<(usize, ClassNames)> = Vec::new();
        for (at, entry) in self.files.iter().enumerate() {
            let words = names::words(&entry.name);
            let says = |word: &str| words.iter().any(|one| one == word);
            let speaks =
                ["meta", "names", "name", "classes", "class", "labels", "label", "mapping", "categories", "words"];
            if !speaks.iter().any(|word| says(word)) || is_hundred && says("coarse") {
                continue;
            }
            let Some(names) = std::str::from_utf8(&entry.bytes).ok().and_then(ClassNames::read) else { continue };
            if occurring.iter().all(|label| names.of(&occurring, *label).is_some()) {
                candidates.push((at, names));
            }
        }
        // Of several the one that names hardly anything else.
        let (at, names) = candidates.into_iter().min_by_key(|(_, names)| names.len())?;
        let file = self.files.remove(at);
        for block in blocks.iter_mut() {
            block.named =
                occurring.iter().filter_map(|label| Some((label.to_string(), names.of(&occurring, *label)?))).collect();
        }
        let missing = names.without_samples(&occurring);
        let absent =
            if missing.is_empty() { String::new() } else { format!(" No picture is of: {}.", listed(&missing)) };
        Some(format!("The classes' names are from {}.{absent}", file.name))
    }
}

/// Why there is nothing to train on.
fn nothing_found(found: &Found<'_>, texts: &Texts<'_>, foreign: Vec<(&Entry<'_>, What)>, empty: &[&str]) -> FileError {
    if let Some((name, what)) = found.others.first() {
        let way_out = "Pictures are bytes of shape (n, height, width) or (n, height, width, 3). Embeddings (n, d) open in the Diagnostics \
                       room.";
        return FileError::Unreadable { name: name.clone(), what: what.clone(), way_out: way_out.to_owned() };
    }
    if let Some(file) = found.labels.first() {
        let pictures = "there are no pictures".to_owned();
        return FileError::NoPartner { name: file.name.clone(), labels: file.labels.len(), pictures };
    }
    if let Some((entry, what)) = foreign.into_iter().next() {
        return unreadable(&entry.name, what);
    }
    if let Some(entry) = texts.files.first() {
        let start = &entry.bytes[..entry.bytes.len().min(crate::data::what::LOOK)];
        return unreadable(&entry.name, what_is(start, start, entry.bytes.len() as u64, &entry.name));
    }
    match empty.first() {
        Some(name) => FileError::Empty((*name).to_owned()),
        None => FileError::Nothing,
    }
}

/// Pictures in formats that are not decoded here, by their first bytes.
fn other_picture(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("a WebP picture"),
        [_, _, _, _, b'f', b't', b'y', b'p', rest @ ..] => Some(match rest {
            [b'h', b'e' | b'i', ..] | [b'm', b'i', b'f', b'1', ..] => "a HEIC picture",
            [b'a', b'v', b'i', ..] => "an AVIF picture",
            _ => "a video",
        }),
        [0xff, 0x0a, ..] | [0, 0, 0, 0x0c, b'J', b'X', b'L', b' ', ..] => Some("a JPEG XL picture"),
        [b'8', b'B', b'P', b'S', ..] => Some("a Photoshop picture"),
        [b'P', b'1'..=b'6', b'\n' | b' ', ..] => Some("a portable bitmap (PNM)"),
        _ => None,
    }
}

/// Says what a file is and what would be right for the playground.
fn unreadable(name: &str, what: What) -> FileError {
    use crate::data::what::{Kind, Takes};
    const ARRAYS: &str = "Save the pictures as numbers: np.savez(\"pictures.npz\", x_train=images, y_train=labels), bytes of shape (n, \
                          height, width) or (n, height, width, 3).";
    let way_out = match what.kind {
        Kind::Pointer | Kind::Html | Kind::Xml | Kind::Empty => what.way_out,
        Kind::Trace => "Open it alone: it is replayed.".to_owned(),
        _ if what.phrase.contains("pickle") => {
            "It can't be read without running it. Convert it in Python: import pickle, numpy as np; d = pickle.load(open(\"data_batch_1\", \
             \"rb\"), encoding=\"bytes\"); np.savez(\"cifar.npz\", x_train=d[b\"data\"].reshape(-1, 3, 32, 32), \
             y_train=d[b\"labels\"])."
                .to_owned()
        }
        Kind::Picture if what.phrase.contains("PNG") || what.phrase.contains("JPEG") => {
            "Its beginning is damaged: download or copy it again.".to_owned()
        }
        Kind::Picture => "Save the pictures as PNG or JPEG.".to_owned(),
        Kind::Text => format!("The playground trains on pictures; a table of embeddings opens in the Diagnostics room. {ARRAYS}"),
        _ if what.room == Some(Takes::Diagnostics) => {
            format!("Embeddings open in the Diagnostics room; the playground trains on pictures. {ARRAYS}")
        }
        _ if what.phrase.starts_with("an IDX") || what.phrase.starts_with("compressed") => what.way_out,
        _ if what.phrase.contains("archive") => what.way_out,
        _ => ARRAYS.to_owned(),
    };
    let what = match what.kind {
        Kind::Unknown => "nothing that can be recognised (known are CIFAR, IDX, .npy, .npz, PNG and JPEG)".to_owned(),
        _ => what.phrase,
    };
    FileError::Unreadable { name: name.to_owned(), what, way_out }
}
