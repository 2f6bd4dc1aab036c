//! Pictures and labels of the same number belong together, by the nearest names.

use super::block::{Block, Found, LabelFile, Pixels};
use super::labels::Labels;
use super::names;
use super::names::Use;
use crate::data::file_error::FileError;
use crate::text::{grouped, listed};

/// Pictures without labels that could have some: PNG and JPEG files have no order that labels could follow.
fn waits(block: &Block<'_>) -> bool {
    block.labels.is_none() && matches!(block.pixels, Pixels::Raw { .. })
}

/// Gives each set of pictures without labels the labels of the same number whose name is nearest.
pub fn pair(found: &mut Found<'_>, notes: &mut Vec<String>) -> Result<(), FileError> {
    let mut waiting: Vec<Option<LabelFile>> = std::mem::take(&mut found.labels).into_iter().map(Some).collect();
    let candidates = candidates(&found.blocks, &waiting);
    let mut used: Vec<Labels> = Vec::new();
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
        used.push(file.labels.clone());
        block.labels = Some(file.labels);
    }
    waiting.into_iter().flatten().try_for_each(|file| without_pictures(file, &found.blocks, &used, notes))
}

/// All (distance of the names, block, file of labels) that could belong together, the nearest first.
fn candidates(blocks: &[Block<'_>], files: &[Option<LabelFile>]) -> Vec<(usize, usize, usize)> {
    let mut candidates = Vec::new();
    for (at, block) in blocks.iter().enumerate().filter(|(_, block)| waits(block)) {
        for (which, file) in files.iter().enumerate() {
            let Some(file) = file else { continue };
            let apart = block.purpose != file.purpose && block.purpose != Use::Any && file.purpose != Use::Any;
            if file.labels.len() == block.len() && !apart {
                candidates.push((names::distance(&block.name, &file.name), at, which));
            }
        }
    }
    candidates.sort_unstable();
    candidates
}

/// Notes a file of labels that no pictures took, or says which pictures it may have been meant for.
fn without_pictures(
    file: LabelFile,
    blocks: &[Block<'_>],
    used: &[Labels],
    notes: &mut Vec<String>,
) -> Result<(), FileError> {
    if used.contains(&file.labels) {
        notes.push(format!("{} is a copy of another file of labels and is left out.", file.name));
        return Ok(());
    }
    if file.purpose == Use::Validation || !blocks.iter().any(waits) {
        notes.push(format!("{} has no pictures here and is left out.", file.name));
        return Ok(());
    }
    let bare: Vec<String> = blocks
        .iter()
        .filter(|block| waits(block))
        .map(|block| format!("{} has {} pictures", block.name, grouped(block.len())))
        .collect();
    let pictures = if bare.is_empty() { "there are no pictures without labels".to_owned() } else { listed(&bare) };
    Err(FileError::NoPartner { name: file.name, labels: file.labels.len(), pictures })
}

/// Refuses pictures of different formats.
pub fn same_family(blocks: &[Block<'_>]) -> Result<(), FileError> {
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
