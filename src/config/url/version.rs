//! The version of a link, and what older ones mean today.

use super::pairs::shorten;
use crate::config::complaint::Complaint;

/// Version of the links that this program writes. A key's name, meaning or default may only change with it, and with a
/// line in `modern` that keeps older links true.
pub const VERSION: u32 = 1;

/// Takes the version out of the pairs and brings the rest up to date; a link without one is of version 1.
pub(super) fn take_version(pairs: &mut Vec<(String, String)>, complaints: &mut Vec<Complaint>) {
    let Some(at) = pairs.iter().position(|(key, _)| key == "v") else { return modern(1, pairs) };
    let (_, text) = pairs.remove(at);
    match text.trim().parse::<u32>() {
        Ok(version) if (1..=VERSION).contains(&version) => modern(version, pairs),
        Ok(version) if version > VERSION => complaints.push(Complaint {
            input: format!("v={version}"),
            problem: format!(
                "was written by a newer Normscope (this one reads links up to version {VERSION}). What this one does not know \
                 is left out; reload the page to get the newest."
            ),
            used: String::new(),
            harmless: false,
        }),
        _ => complaints.push(Complaint {
            input: format!("v={}", shorten(&text)),
            problem: format!("must be a version number from 1 to {VERSION}."),
            used: VERSION.to_string(),
            harmless: false,
        }),
    }
}

/// Turns the keys of a link of `version` into those of [`VERSION`]. Old names of things that outside pages have linked to
/// are understood for good.
fn modern(_version: u32, pairs: &mut [(String, String)]) {
    for (key, _) in pairs {
        if let Some((_, now)) = RENAMED.iter().find(|(old, _)| old == key) {
            (*now).clone_into(key);
        }
    }
}

/// Spellings that links have been written with: (old, now).
static RENAMED: &[(&str, &str)] = &[("color", "colour"), ("dataset", "data")];
