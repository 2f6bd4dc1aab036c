//! The code against the table: what is wrong, where, and what to do.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::{Code, Edge};
use crate::graph::{Graph, circles};

/// Everything that is wrong.
pub fn complaints(table: &[String], code: &Code) -> Vec<String> {
    let mut all = missing(table, code);
    all.extend(upward(table, code));
    all.extend(circles_of_rooms(code));
    all.extend(circles_of_files(code));
    all
}

fn room(code: &Code, file: usize) -> Option<&str> {
    code.files[file].room.as_deref()
}

/// (a) Rooms without a row, and rows without a room.
fn missing(table: &[String], code: &Code) -> Vec<String> {
    let rooms: BTreeSet<&str> = code.files.iter().filter_map(|file| file.room.as_deref()).collect();
    let rows: BTreeSet<&str> = table.iter().map(String::as_str).collect();
    let no_row = rooms.difference(&rows).map(|room| {
        format!("src/{room} has no row in the table of src/lib.rs. Add one, below all rows that it depends on.")
    });
    let no_room = rows
        .difference(&rooms)
        .map(|row| format!("The table of src/lib.rs has a row {row}, but there is no src/{row}. Remove the row."));
    no_row.chain(no_room).collect()
}

/// (b) Edges from a room to one below it in the table.
fn upward(table: &[String], code: &Code) -> Vec<String> {
    let row = |file: usize| table.iter().position(|name| Some(name.as_str()) == room(code, file));
    let wrong = code.edges.iter().filter(|edge| match (row(edge.from), row(edge.to)) {
        (Some(from), Some(to)) => to > from,
        _ => false,
    });
    wrong
        .map(|edge| {
            let [from, to] = [edge.from, edge.to].map(|file| room(code, file).unwrap_or_default());
            format!(
                "{}: {from} depends on {to}, which stands below it in the table of src/lib.rs. Move what {from} needs into \
                 a room above it, move this code into {to} or below, or put the row of {from} below that of {to}.",
                shown(code, edge)
            )
        })
        .collect()
}

/// (c) Rooms that depend on each other.
fn circles_of_rooms(code: &Code) -> Vec<String> {
    let mut graph: Graph<&str> = Graph::new();
    let mut edges: BTreeMap<(&str, &str), &Edge> = BTreeMap::new();
    for edge in &code.edges {
        if let (Some(from), Some(to)) = (room(code, edge.from), room(code, edge.to))
            && from != to
        {
            graph.entry(from).or_default().insert(to);
            edges.entry((from, to)).or_insert(edge);
        }
    }
    let told = |circle: Vec<&str>| {
        let steps: Vec<String> = steps(&circle).map(|step| shown(code, edges[&step])).collect();
        format!(
            "The rooms {} depend on each other in a circle:\n  {}\nMove what several of them need into a room above them all.",
            circle.join(", "),
            steps.join("\n  ")
        )
    };
    circles(&graph).into_iter().map(told).collect()
}

/// (d) Files of one room that depend on each other.
fn circles_of_files(code: &Code) -> Vec<String> {
    let mut graph: Graph<usize> = Graph::new();
    let mut edges: BTreeMap<(usize, usize), &Edge> = BTreeMap::new();
    for edge in &code.edges {
        let own = room(code, edge.from);
        if own.is_some() && own == room(code, edge.to) {
            graph.entry(edge.from).or_default().insert(edge.to);
            edges.insert((edge.from, edge.to), edge);
        }
    }
    let told = |circle: Vec<usize>| {
        let own = room(code, circle[0]).unwrap_or_default();
        let steps: Vec<String> = steps(&circle).map(|step| shown(code, edges[&step])).collect();
        format!(
            "Files of {own} depend on each other in a circle:\n  {}\nPut what they share into a file of its own, below them all; \
             a mod.rs may hand it on (pub use).",
            steps.join("\n  ")
        )
    };
    circles(&graph).into_iter().map(told).collect()
}

/// The edges of a circle, the return among them.
fn steps<T: Copy>(circle: &[T]) -> impl Iterator<Item = (T, T)> {
    circle.iter().copied().zip(circle.iter().copied().cycle().skip(1))
}

fn shown(code: &Code, edge: &Edge) -> String {
    format!("src/{}:{} -> src/{}", code.files[edge.from].path, edge.line, code.files[edge.to].path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with a made-up tree under the rows `low`, `middle`, `high`.
    fn wrong(files: &[(&str, &str)]) -> Vec<String> {
        let mut all: BTreeMap<&str, &str> = [("low.rs", ""), ("middle/mod.rs", ""), ("high.rs", "")].into();
        all.extend(files.iter().copied());
        let files: Vec<(String, String)> =
            all.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        complaints(&["low", "middle", "high"].map(str::to_owned), &Code::read(&files).unwrap())
    }

    #[test]
    fn a_tree_in_order_is_not_complained_about() {
        let tree = [("high.rs", "use crate::low;\nuse crate::middle;"), ("middle/mod.rs", "use crate::low;")];
        assert_eq!(wrong(&tree), Vec::<String>::new());
    }

    #[test]
    fn an_upward_edge_is_found() {
        let found = wrong(&[("low.rs", "\nfn f() { crate::middle::g(); }")]);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("src/low.rs:2 -> src/middle/mod.rs: low depends on middle"), "{found:?}");
    }

    #[test]
    fn a_circle_between_rooms_is_found() {
        let tree =
            [("low.rs", "use crate::high;"), ("middle/mod.rs", "use crate::low;"), ("high.rs", "use crate::middle;")];
        let found = wrong(&tree);
        assert_eq!(found.len(), 2, "the edge upward, and the circle: {found:?}");
        assert!(found[1].starts_with("The rooms high, middle, low depend on each other in a circle"), "{found:?}");
    }

    #[test]
    fn a_circle_of_files_is_found() {
        let tree = [
            ("middle/mod.rs", "mod a;\nmod b;\npub struct Own;\nfn f() { b::g(); }"),
            ("middle/a.rs", "pub use super::Own;"),
            ("middle/b.rs", "use super::a;"),
        ];
        let found = wrong(&tree);
        assert_eq!(found.len(), 1);
        let steps = [
            "src/middle/a.rs:1 -> src/middle/mod.rs",
            "src/middle/b.rs:1 -> src/middle/a.rs",
            "src/middle/mod.rs:4 -> src/middle/b.rs",
        ];
        assert!(steps.iter().all(|step| found[0].contains(step)), "{found:?}");
    }

    #[test]
    fn rows_and_rooms_have_to_agree() {
        let found = wrong(&[("extra.rs", "")]);
        assert!(found.len() == 1 && found[0].starts_with("src/extra has no row"), "{found:?}");
        let code = Code::read(&[("low.rs".to_owned(), String::new())]).unwrap();
        let found = complaints(&["low", "gone"].map(str::to_owned), &code);
        assert!(found.len() == 1 && found[0].contains("a row gone"), "{found:?}");
    }
}
