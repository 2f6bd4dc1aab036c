//! The classes of a data set: whether the labels of all blocks are classes, in which order, and what they are called.

use super::block::{Block, Family};
use super::labels;
use crate::text::{grouped, listed};

/// What follows from pictures without classes.
const UNLABELLED: &str =
    "both models train on them as on any others, but there is no kNN accuracy, and points have no class colours.";

/// The classes of all blocks in order, by the names that their labels have; empty where labels are of no use, which is said.
pub fn agree_on_labels(blocks: &mut [Block<'_>], notes: &mut Vec<String>) -> Vec<String> {
    let whole = !blocks.is_empty() && blocks.iter().all(|block| block.labels.is_some());
    let why =
        if whole { no_classes(blocks, notes) } else { Some(format!("The pictures have no labels: {UNLABELLED}")) };
    if let Some(why) = why {
        notes.push(why);
        blocks.iter_mut().for_each(|block| block.labels = None);
        return Vec::new();
    }
    let mut names: Vec<String> =
        blocks.iter().filter_map(|block| block.labels.as_ref()).flat_map(|labels| labels.names.clone()).collect();
    labels::sort(&mut names);
    names.dedup();
    names
}

/// Why labels that hardly repeat are no classes; `None` where they are. Notes when there is one class only.
fn no_classes(blocks: &[Block<'_>], notes: &mut Vec<String>) -> Option<String> {
    let n: usize = blocks.iter().map(Block::len).sum();
    let mut all: Vec<&str> = blocks
        .iter()
        .filter_map(|block| block.labels.as_ref())
        .flat_map(|labels| &labels.names)
        .map(String::as_str)
        .collect();
    all.sort_unstable();
    all.dedup();
    // What the format itself calls classes are classes.
    let by_format = blocks.iter().all(|block| match block.family {
        Family::Cifar10 | Family::Cifar100 | Family::Stl10 => true,
        Family::Idx => all.len() <= 256,
        Family::Arrays | Family::Rows | Family::Encoded => false,
    });
    let hardly_repeat = !by_format && (2 * all.len() > n || all.len() > usize::from(u16::MAX));
    if all.len() == 1 {
        notes.push(format!(
            "All pictures have the label {}. With one class kNN is always right, so there is no kNN accuracy.",
            all[0]
        ));
    }
    hardly_repeat.then(|| {
        let (all, n) = (grouped(all.len()), grouped(n));
        format!(
            "The labels are {all} different ones for {n} pictures: names, not classes, so they are not used; {UNLABELLED}"
        )
    })
}

/// Numbers the classes that occur, gives them the names that are known, and says what is missing.
pub fn rename(
    classes: &[String],
    blocks: &[Block<'_>],
    train: &mut [u32],
    test: &mut [u32],
    notes: &mut Vec<String>,
) -> Vec<String> {
    if classes.is_empty() {
        return Vec::new();
    }
    let occurring = |labels: &[u32]| {
        let mut occurring = vec![false; classes.len()];
        labels.iter().for_each(|label| occurring[*label as usize] = true);
        occurring
    };
    let (in_train, in_test) = (occurring(train), occurring(test));
    let kept: Vec<usize> = (0..classes.len()).filter(|class| in_train[*class] || in_test[*class]).collect();
    let named = blocks.first().map(|block| block.named.as_slice()).unwrap_or_default();
    let of = |class: usize| {
        let own = &classes[class];
        named.iter().find(|(label, _)| label == own).map_or_else(|| own.clone(), |(_, name)| name.clone())
    };
    let only = |here: &[bool], there: &[bool]| -> Vec<String> {
        kept.iter().filter(|class| here[**class] && !there[**class]).map(|class| of(*class)).collect()
    };
    for (names, where_they_are) in [(only(&in_test, &in_train), "held-out"), (only(&in_train, &in_test), "training")] {
        if !names.is_empty() {
            notes.push(format!("Only among the {where_they_are} pictures: {}.", listed(&names)));
        }
    }
    notes.extend(which_numbers(classes));
    let mut to = vec![0; classes.len()];
    kept.iter().enumerate().for_each(|(new, class)| to[*class] = new as u32);
    train.iter_mut().chain(test.iter_mut()).for_each(|label| *label = to[*label as usize]);
    kept.into_iter().map(of).collect()
}

/// Which numbers occur as labels, unless they are all from 0 to some number.
fn which_numbers(classes: &[String]) -> Option<String> {
    let numbers = classes.iter().map(|name| name.parse().ok()).collect::<Option<Vec<i64>>>()?;
    let (&low, &high) = (numbers.first()?, numbers.last()?);
    let absent: Vec<String> = if high - low < 1000 {
        (low..=high).filter(|label| numbers.binary_search(label).is_err()).map(|label| label.to_string()).collect()
    } else {
        Vec::new()
    };
    let is_plain = low == 0 && absent.is_empty();
    let without = if absent.is_empty() { String::new() } else { format!(", without {}", listed(&absent)) };
    (!is_plain && numbers.len() > 1)
        .then(|| format!("{} classes occur: the labels {low} to {high}{without}.", numbers.len()))
}
