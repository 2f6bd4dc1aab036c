//! Text files beside the data: rows of pictures, or the classes' names.

use super::block::{Block, Family, Found};
use super::labels::ClassNames;
use super::unpack::Entry;
use super::{names, rows};
use crate::data::file_error::FileError;
use crate::text::listed;

/// Words in the name of a file that holds the classes' names.
const SPEAKING: [&str; 10] =
    ["meta", "names", "name", "classes", "class", "labels", "label", "mapping", "categories", "words"];

/// Text files beside the data: names of classes, rows of pictures, or nothing of interest.
#[derive(Default)]
pub struct Texts<'a> {
    /// Those that are not used so far.
    pub files: Vec<&'a Entry<'a>>,
}

impl Texts<'_> {
    /// Where there are no other pictures, a table may hold them.
    pub fn read_rows(&mut self, found: &mut Found<'_>, notes: &mut Vec<String>) -> Result<(), FileError> {
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
    pub fn name_classes(&mut self, blocks: &mut [Block<'_>]) -> Option<String> {
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
            if !SPEAKING.iter().any(|word| says(word)) || is_hundred && says("coarse") {
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
