//! What each file is for, told by its contents.

use std::collections::HashMap;

use super::block::{Block, Found};
use super::pairing::{pair, same_family};
use super::refusal::{other_picture, unreadable};
use super::texts::Texts;
use super::unpack::Entry;
use super::{arrays, encoded, formats, names, npy};
use crate::data::batches::fnv1a;
use crate::data::file_error::FileError;
use crate::data::what::{Kind, LOOK, What, what_is};
use crate::text::listed;

/// Everything that the files give, paired; what is left out is noted.
pub fn blocks<'a>(entries: &'a [Entry<'a>], notes: &mut Vec<String>) -> Result<Vec<Block<'a>>, FileError> {
    let (entries, copies) = without_copies(entries);
    let mut sorted = Sorted::of(&entries, notes)?;
    if sorted.has_no_pictures() {
        sorted.texts.read_rows(&mut sorted.found, notes)?;
    }
    if sorted.has_no_pictures() {
        return Err(sorted.nothing_found());
    }
    if sorted.found.blocks.is_empty() {
        sorted.found.blocks = encoded::blocks(&std::mem::take(&mut sorted.pictures), notes);
    }
    copied(&copies, notes);
    pair(&mut sorted.found, notes)?;
    same_family(&sorted.found.blocks)?;
    notes.extend(sorted.texts.name_classes(&mut sorted.found.blocks));
    let left_out = sorted.left_out();
    if !left_out.is_empty() {
        let are = if left_out.len() == 1 { "is" } else { "are" };
        notes.push(format!("{} {are} left out.", listed(&left_out)));
    }
    Ok(sorted.found.blocks)
}

/// The files by what they are.
#[derive(Default)]
struct Sorted<'a> {
    /// What binary formats and arrays give.
    found: Found<'a>,
    /// PNG and JPEG pictures.
    pictures: Vec<&'a Entry<'a>>,
    /// Text, which may hold pictures or names.
    texts: Texts<'a>,
    /// Files of no use, and what they are.
    foreign: Vec<(&'a Entry<'a>, What)>,
    /// Names of files without a byte.
    empty: Vec<&'a str>,
}

impl<'a> Sorted<'a> {
    fn of(entries: &[&'a Entry<'a>], notes: &mut Vec<String>) -> Result<Sorted<'a>, FileError> {
        let mut sorted = Sorted::default();
        for &entry in entries {
            let bytes = &entry.bytes;
            if bytes.is_empty() {
                sorted.empty.push(entry.name.as_str());
            } else if encoded::is_readable(bytes) {
                sorted.pictures.push(entry);
            } else if bytes.starts_with(npy::NPY) || bytes.starts_with(b"PK\x03\x04") && arrays::is_npz(bytes) {
                arrays::read(&entry.name, bytes, &mut sorted.found, notes)?;
            } else if !formats::read(entry, &mut sorted.found, notes)? {
                sorted.add_other(entry)?;
            }
        }
        Ok(sorted)
    }

    /// Adds text, or a file of no use. A stand-in for a file is refused: the file itself was meant.
    fn add_other(&mut self, entry: &'a Entry<'a>) -> Result<(), FileError> {
        let bytes = &entry.bytes;
        let (start, end) = (&bytes[..bytes.len().min(LOOK)], &bytes[bytes.len().saturating_sub(LOOK)..]);
        let mut what = what_is(start, end, bytes.len() as u64, &entry.name);
        if let Some(picture) = other_picture(bytes) {
            (what.kind, what.phrase) = (Kind::Picture, picture.to_owned());
        }
        match what.kind {
            Kind::Pointer => return Err(unreadable(&entry.name, what)),
            Kind::Text => self.texts.files.push(entry),
            _ => self.foreign.push((entry, what)),
        }
        Ok(())
    }

    fn has_no_pictures(&self) -> bool {
        self.found.blocks.is_empty() && self.pictures.is_empty()
    }

    /// Why there is nothing to train on.
    fn nothing_found(self) -> FileError {
        if let Some((name, what)) = self.found.others.into_iter().next() {
            let way_out = "Pictures are bytes of shape (n, height, width) or (n, height, width, 3). Embeddings (n, d) open in the Diagnostics \
                           room.";
            return FileError::unreadable(&name, what, way_out);
        }
        if let Some(file) = self.found.labels.first() {
            let pictures = "there are no pictures".to_owned();
            return FileError::NoPartner { name: file.name.clone(), labels: file.labels.len(), pictures };
        }
        if let Some((entry, what)) = self.foreign.into_iter().next() {
            return unreadable(&entry.name, what);
        }
        if let Some(entry) = self.texts.files.first() {
            let start = &entry.bytes[..entry.bytes.len().min(LOOK)];
            return unreadable(&entry.name, what_is(start, start, entry.bytes.len() as u64, &entry.name));
        }
        match self.empty.first() {
            Some(name) => FileError::Empty((*name).to_owned()),
            None => FileError::Nothing,
        }
    }

    /// Files that are not used, each with what it is.
    fn left_out(&self) -> Vec<String> {
        let mut left_out: Vec<String> = self.empty.iter().map(|name| format!("{name} (empty)")).collect();
        left_out.extend(self.pictures.iter().map(|entry| entry.name.clone()));
        left_out.extend(self.found.others.iter().map(|(name, what)| format!("{name} ({what})")));
        left_out.extend(self.texts.files.iter().map(|entry| entry.name.clone()));
        left_out.extend(self.foreign.iter().map(|(entry, what)| format!("{} ({})", entry.name, what.phrase)));
        left_out
    }
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
