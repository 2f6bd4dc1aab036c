//! What the names of files say: which half of the data they hold, and which belong together.

use std::collections::HashSet;

/// What a part of the data is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Nothing is said.
    Any,
    /// For training.
    Train,
    /// Held out while settings are chosen.
    Validation,
    /// Held out.
    Test,
}

impl Use {
    /// What a whole word says.
    fn of_word(word: &str) -> Option<Use> {
        // "xtrain", "y_test": the letter stands for pictures or labels.
        let bare = word.strip_prefix(['x', 'y']).unwrap_or(word);
        match bare {
            "train" | "training" => Some(Use::Train),
            "val" | "valid" | "validation" | "dev" => Some(Use::Validation),
            "test" | "testing" | "t10k" | "heldout" | "holdout" | "eval" => Some(Use::Test),
            _ => None,
        }
    }

    /// What a file's name says; where that says nothing, a folder's whole name.
    pub fn of_path(path: &str) -> Use {
        let mut parts = path.rsplit('/');
        let file = parts.next().unwrap_or_default();
        Use::of_name(file).or_else(|| parts.find_map(Use::of_folder)).unwrap_or(Use::Any)
    }

    /// What a name says in whole words; `None` also where it says two things.
    pub fn of_name(name: &str) -> Option<Use> {
        let mut found: Vec<Use> = words(name).iter().filter_map(|word| Use::of_word(word)).collect();
        found.dedup();
        (found.len() == 1).then(|| found[0])
    }

    /// What a folder's whole name says.
    pub fn of_folder(name: &str) -> Option<Use> {
        Use::of_word(&name.to_ascii_lowercase()).or_else(|| match name.to_ascii_lowercase().as_str() {
            "test_set" | "test-set" | "testset" => Some(Use::Test),
            "train_set" | "train-set" | "trainset" | "training_set" => Some(Use::Train),
            _ => None,
        })
    }
}

/// The words of a name in small letters: split at everything that is no letter or digit, and where a capital follows a small
/// letter; without the number at a word's end.
pub fn words(name: &str) -> Vec<String> {
    raw_words(name).iter().map(|word| without_number(word).to_owned()).filter(|word| !word.is_empty()).collect()
}

fn without_number(word: &str) -> &str {
    word.trim_end_matches(|letter: char| letter.is_ascii_digit())
}

fn raw_words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (before.is_lowercase() && letter.is_uppercase()) {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Words that only say which half of a pair a file is.
const HALVES: [&str; 28] = [
    "images", "image", "imgs", "img", "pictures", "picture", "data", "x", "pixels", "features", "labels", "label",
    "lbls", "lbl", "targets", "target", "y", "classes", "class", "idx", "ubyte", "byte", "int", "npy", "npz", "bin",
    "gz", "arr",
];

/// What is left of a path without what tells the halves of a pair apart. Numbers stay, but for IDX's dimensions.
fn stem(path: &str) -> String {
    let bare = |word: String| {
        let plain = without_number(&word);
        if plain == "idx" {
            return String::new();
        }
        if HALVES.contains(&plain) {
            return word[plain.len()..].to_owned();
        }
        match word.strip_prefix(['x', 'y']) {
            Some(rest) if Use::of_word(without_number(rest)).is_some() => rest.to_owned(),
            _ => word,
        }
    };
    let parts: Vec<String> = raw_words(path).into_iter().map(bare).filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

/// How far two names are from being a pair: edits between what is left of them.
pub fn distance(images: &str, labels: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (stem(images).chars().collect(), stem(labels).chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let swapped = diagonal + usize::from(letter != other);
            diagonal = row[j + 1];
            row[j + 1] = swapped.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// Folders whose names say nothing of a class.
const CONTENTS: [&str; 8] = ["images", "image", "imgs", "img", "pictures", "photos", "jpegimages", "jpg"];

/// Use and class of each picture of a tree of folders. The class is the path below the folder that all share, without folders
/// that only say train or test; empty where that is nothing.
pub fn tree(paths: &[&str]) -> Vec<(Use, String)> {
    let folders = |path: &str| {
        let mut parts: Vec<String> =
            path.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect();
        parts.pop();
        parts
    };
    let all: Vec<Vec<String>> = paths.iter().map(|path| folders(path)).collect();
    // Beside "car" and "plane", "train" is a class: folders with pictures of their own whose names say nothing of halves.
    let with_classes: HashSet<&[String]> = all
        .iter()
        .filter_map(|parts| parts.split_last())
        .filter(|(last, _)| Use::of_folder(last).is_none())
        .map(|(_, parents)| parents)
        .collect();
    let parted: Vec<(Use, Vec<String>)> = all
        .iter()
        .map(|parts| {
            let says = |at: &usize| {
                let is_class = at + 1 == parts.len() && with_classes.contains(&parts[..*at]);
                Use::of_folder(&parts[*at]).is_some() && !is_class
            };
            // The innermost folder that says so decides.
            let at = (0..parts.len()).rev().find(says);
            let purpose = at.and_then(|at| Use::of_folder(&parts[at])).unwrap_or(Use::Any);
            let below = parts[at.map_or(0, |at| at + 1)..].iter();
            let is_name = |part: &&String| !CONTENTS.contains(&part.to_ascii_lowercase().as_str());
            (purpose, below.filter(is_name).cloned().collect())
        })
        .collect();
    let shared = parted.first().map_or(0, |(_, first)| {
        let agree = |depth: &usize| parted.iter().all(|(_, parts)| parts.get(*depth) == first.get(*depth));
        (0..first.len()).take_while(agree).count()
    });
    parted.into_iter().map(|(purpose, parts)| (purpose, parts[shared..].join("/"))).collect()
}

/// Whether two names are of a file and its copy: alike but for a number in brackets or the word copy.
pub fn is_copy_name(a: &str, b: &str) -> bool {
    fn bare(path: &str) -> String {
        let file = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem);
        let stem =
            stem.rsplit_once('(').filter(|(_, end)| end.ends_with(')')).map_or(stem, |(start, _)| start).trim_end();
        stem.strip_suffix("copy").unwrap_or(stem).trim_end_matches(['-', '_', ' ', '.']).to_owned()
    }
    bare(a) == bare(b)
}
