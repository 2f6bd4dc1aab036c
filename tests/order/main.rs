//! The order of src, kept: its rooms (the top-level modules) depend on each other only down the table of src/lib.rs, and
//! neither rooms nor the files of one room go in a circle.
//!
//! What a file depends on is read from its code: every `use` and every path, also inside macros. A name leads to the file that
//! declares it: what a `mod.rs` only hands on (`pub use child::Name`) is an edge to the child. `mod child;` is no edge, and
//! what is compiled for tests only does not count.
//!
//! ```text
//! table   the rows of src/lib.rs                                  -> the order that should be
//! source  a file's declarations, imports and the paths it names   (syn)
//! code    all files, names resolved                               -> edges between files
//! graph   circles
//! order   edges against the table                                 -> complaints
//! ```

mod code;
mod graph;
mod order;
mod source;
mod table;

use std::fs;
use std::path::Path;

use code::Code;

/// (path below src, text) of every file there.
fn files(folder: &Path, below: &str, found: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = format!("{below}{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            files(&path, &format!("{name}/"), found);
        } else if name.ends_with(".rs") {
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn dependencies_point_down_the_table_and_nothing_goes_in_a_circle() {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut found);
    let code = Code::read(&found).unwrap();
    let table = table::rows(&found.iter().find(|(path, _)| path == "lib.rs").unwrap().1);
    let complaints = order::complaints(&table, &code);
    assert!(complaints.is_empty(), "\n\n{}\n", complaints.join("\n\n"));
}
