//! The table of src/lib.rs: one row a room, from the bottom up.

/// The names of the rooms, in the order of the rows; those of folders without their slash.
pub fn rows(lib: &str) -> Vec<String> {
    let documents =
        lib.lines().filter_map(|line| line.strip_prefix("//!")).map(|line| line.strip_prefix(' ').unwrap_or(line));
    let fenced = documents.skip_while(|line| *line != "```text").skip(1).take_while(|line| *line != "```");
    fenced.filter_map(|row| row.split_whitespace().next()).map(|name| name.trim_end_matches('/').to_owned()).collect()
}

#[test]
fn a_row_is_a_room() {
    let lib = "//! # A\n//!\n//! ```text\n//! low    the ground   plain\n//! high/  above it     burn\n//! ```\n//! more\npub mod low;\n";
    assert_eq!(rows(lib), ["low", "high"]);
}
