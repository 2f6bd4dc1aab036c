//! Texts of the page stay in `src/words`: no view writes one of its own.

use std::fs;
use std::path::{Path, PathBuf};

/// Names that are the same in every language.
const NAMES: [&str; 4] = ["PNG", "SVG", "A", "B"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// Literals that a line would show: in an element, in a name for screen readers, in a tooltip.
fn shown(line: &str) -> Vec<&str> {
    let line = line.split("//").next().unwrap_or_default();
    ["title=\"", "label=\"", "name=\"", ">\"", "\"</"]
        .into_iter()
        .flat_map(|mark| line.match_indices(mark))
        .filter_map(|(at, mark)| {
            let text = match mark {
                "\"</" => line[..at].rsplit('"').next()?,
                _ => line[at + mark.len()..].split('"').next()?,
            };
            let shows = text.chars().filter(|letter| letter.is_alphabetic()).count() > 1;
            (shows && !NAMES.contains(&text) && !text.contains(['=', '{', '/'])).then_some(text)
        })
        .collect()
}

#[test]
fn no_view_writes_its_own_text() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut strays = Vec::new();
    for folder in ["app", "rooms", "parts"] {
        for path in sources(&root.join(folder)) {
            let text = fs::read_to_string(&path).unwrap();
            let views = text.split("#[cfg(test)]").next().unwrap_or_default();
            strays.extend(views.lines().flat_map(shown).map(|stray| format!("{}: {stray}", path.display())));
        }
    }
    assert!(strays.is_empty(), "these belong into src/words: {strays:#?}");
}

#[test]
fn a_stray_text_is_seen() {
    assert_eq!(shown(r#"<p>"Hello there"</p>"#), ["Hello there", "Hello there"]);
    assert_eq!(shown(r#"<button title="Press me">{words::GO}</button>"#), ["Press me"]);
    assert!(shown(r#"<button title=words::GO>"PNG"</button>"#).is_empty());
}
