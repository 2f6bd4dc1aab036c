//! Blocks of pictures become a data set: held-out files, common classes, the draw, one size.

use super::block::{Block, Family};
use super::classes::{agree_on_labels, rename};
use super::draw::{MIN_TEST, copies, halves, how_drawn, pools};
use super::names::Use;
use super::scale::Scale;
use crate::data::augment::{Augmentation, ColourOptions, GreyOptions};
use crate::data::dataset::Dataset;
use crate::data::file_error::FileError;
use crate::data::sample::Kind;
use crate::text::{grouped, listed};

/// Fewest samples that make a data set.
const MIN_SAMPLES: usize = 40;

/// Makes a data set of blocks of pictures.
pub fn dataset(mut blocks: Vec<Block<'_>>, mut notes: Vec<String>) -> Result<Dataset, FileError> {
    purposes(&mut blocks, &mut notes);
    let names = listed(&names(&blocks));
    let classes = agree_on_labels(&mut blocks, &mut notes);
    let (train, test) = pools(&blocks, &classes);
    let total = train.len() + test.len();
    let too_few = |samples: usize| FileError::TooFew { name: names.clone(), samples };
    if total < MIN_SAMPLES {
        return Err(too_few(total));
    }
    copies(train.iter().chain(&test), &mut notes);
    let (train, test) = halves(train, test);
    let scale = Scale::of(&blocks, train.iter().chain(&test), &mut notes)?;
    let mut broken = Vec::new();
    let (mut train, mut test) = (scale.read(&blocks, &train, &mut broken), scale.read(&blocks, &test, &mut broken));
    if !broken.is_empty() {
        notes.push(format!("Not whole pictures, and left out: {}.", listed(&broken)));
    }
    let [trained_on, held_out] = [train.labels.len(), test.labels.len()];
    if trained_on < MIN_SAMPLES / 2 || held_out < MIN_TEST {
        return Err(too_few(trained_on + held_out));
    }
    let channels = scale.channels(&mut train, &mut test);
    let shown = rename(&classes, &blocks, &mut train.labels, &mut test.labels, &mut notes);
    if trained_on + held_out + broken.len() < total {
        notes.push(format!(
            "{} of {} pictures are used ({} for training, {} held out), drawn {}.",
            grouped(trained_on + held_out),
            grouped(total),
            grouped(trained_on),
            grouped(held_out),
            how_drawn(&train.labels, shown.len())
        ));
    }
    let family = blocks.first().map_or(Family::Encoded, |block| block.family);
    Ok(Dataset {
        name: format!("{} ({names})", family.title()),
        kind: Kind::Image { channels, height: scale.height, width: scale.width },
        classes: shown,
        train: train.into_split(),
        test: test.into_split(),
        unseen: None,
        unseen_classes: Vec::new(),
        provenance: format!("Your files, read on this device only: {names}."),
        augmentation: augmentation(channels),
        notes,
    })
}

fn augmentation(channels: usize) -> Augmentation {
    match channels {
        1 => Augmentation::Grey(GreyOptions::default()),
        _ => Augmentation::Colour(ColourOptions::default()),
    }
}

/// The files' names, without a folder that all of them lie in.
fn names(blocks: &[Block<'_>]) -> Vec<String> {
    let folder = |block: &Block<'_>| block.name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let shared =
        blocks.first().map(folder).filter(|first| !first.is_empty() && blocks.iter().all(|one| folder(one) == *first));
    let own = |block: &Block<'_>| match (&shared, block.family) {
        (Some(shared), Family::Cifar10 | Family::Cifar100 | Family::Stl10 | Family::Idx) => {
            block.name[shared.len() + 1..].to_owned()
        }
        _ => block.name.clone(),
    };
    blocks.iter().map(own).collect()
}

/// What is held out: files that say test; where there are none, those that say validation.
fn purposes(blocks: &mut Vec<Block<'_>>, notes: &mut Vec<String>) {
    let is_labelled = |block: &Block<'_>| block.labels.is_some();
    // Of pictures with and without labels those with labels, where they are for training.
    if blocks.iter().any(|block| is_labelled(block) && matches!(block.purpose, Use::Train | Use::Any)) {
        let bare: Vec<String> =
            blocks.iter().filter(|block| !is_labelled(block)).map(|block| block.name.clone()).collect();
        if !bare.is_empty() {
            notes.push(format!("Without labels, and left out beside pictures with labels: {}.", listed(&bare)));
            blocks.retain(is_labelled);
        }
    }
    let has = |purpose: Use| blocks.iter().any(|block| block.purpose == purpose);
    let (test, trains, validates) = (has(Use::Test), has(Use::Train) || has(Use::Any), has(Use::Validation));
    if test && trains && validates {
        let left: Vec<String> =
            blocks.iter().filter(|block| block.purpose == Use::Validation).map(|block| block.name.clone()).collect();
        notes.push(format!("For validation, and not used: {}.", listed(&left)));
        blocks.retain(|block| block.purpose != Use::Validation);
    }
    for block in blocks.iter_mut() {
        block.purpose = match block.purpose {
            Use::Validation if trains => Use::Test,
            Use::Validation if test => Use::Train,
            // Nothing but held-out files: they are split like any others.
            Use::Test if !trains && !validates => Use::Any,
            other => other,
        };
    }
}
