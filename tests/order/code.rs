//! All files together: which file a name leads to, and so which file depends on which.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::source::{Import, Names, Source};

/// One file depends on another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// Which file.
    pub from: usize,
    /// On which.
    pub to: usize,
    /// Where it says so.
    pub line: usize,
}

/// A file.
pub struct File {
    /// Below src.
    pub path: String,
    /// The top-level module that it belongs to; `None` for lib.rs.
    pub room: Option<String>,
}

/// The code of a package.
pub struct Code {
    /// All files but those of tests.
    pub files: Vec<File>,
    /// Sorted; one for each pair of files: the first mention.
    pub edges: Vec<Edge>,
}

impl Code {
    /// Reads (path below src, text) of every file.
    ///
    /// # Errors
    /// The file that is no Rust, and why.
    pub fn read(files: &[(String, String)]) -> Result<Code, String> {
        let mut tree = Tree::default();
        let mut sources = Vec::new();
        for (path, text) in files {
            let place = place(path);
            let source = Source::read(&place, text).map_err(|error| format!("src/{path}: {error}"))?;
            tree.tests.extend(source.tests.iter().cloned());
            sources.push((path, place, source));
        }
        sources.retain(|(path, place, _)| !path.ends_with("tests.rs") && !tree.is_for_tests(place));
        let mut kept = Vec::new();
        for (index, (path, place, source)) in sources.iter().enumerate() {
            kept.push(File { path: (*path).clone(), room: place.first().cloned() });
            for module in &source.modules {
                tree.modules.insert(&module.place, Module { file: index, source: module });
            }
        }
        let mut edges = BTreeMap::new();
        for (from, (_, _, source)) in sources.iter().enumerate() {
            for mention in &source.mentions {
                if let Some(to) = tree.file_of(&mention.module, &mention.path)
                    && to != from
                {
                    let line = edges.entry((from, to)).or_insert(mention.line);
                    *line = mention.line.min(*line);
                }
            }
        }
        let edges = edges.into_iter().map(|((from, to), line)| Edge { from, to, line }).collect();
        Ok(Code { files: kept, edges })
    }
}

/// The place of a file's module: `config/mod.rs` and `config.rs` are `["config"]`, lib.rs is the root.
fn place(path: &str) -> Names {
    let stem = path.trim_end_matches(".rs").trim_end_matches("/mod");
    if stem == "lib" { Vec::new() } else { stem.split('/').map(str::to_owned).collect() }
}

struct Module<'a> {
    file: usize,
    source: &'a crate::source::Module,
}

/// The tree of modules.
#[derive(Default)]
struct Tree<'a> {
    modules: BTreeMap<&'a [String], Module<'a>>,
    tests: Vec<Names>,
    /// What is known of (module, name); of one that is being looked for, nothing: imports may ask for each other.
    asked: RefCell<BTreeMap<(Names, String), Option<Found>>>,
}

/// What a name leads to.
#[derive(Clone)]
enum Found {
    /// A module, at this place.
    Module(Names),
    /// Something in this file.
    Item(usize),
}

impl Tree<'_> {
    fn is_for_tests(&self, place: &[String]) -> bool {
        self.tests.iter().any(|tests| place.starts_with(tests))
    }

    /// The file that declares what `path` names in the module at `from`; `None` where that is no file of ours.
    fn file_of(&self, from: &[String], path: &[String]) -> Option<usize> {
        match self.find(from, path)? {
            Found::Module(place) => self.modules.get(place.as_slice()).map(|module| module.file),
            Found::Item(file) => Some(file),
        }
    }

    fn find(&self, from: &[String], path: &[String]) -> Option<Found> {
        // A binary is a crate of its own, and knows the library by its name.
        let root = if from.first().is_some_and(|room| room == "bin") { &from[..from.len().min(2)] } else { &[] };
        let (first, mut rest) = path.split_first()?;
        let mut place = match first.as_str() {
            "crate" => root.to_vec(),
            "normscope" if !root.is_empty() => Vec::new(),
            "self" => from.to_vec(),
            "super" => from.split_last()?.1.to_vec(),
            _ => match self.known(from, first)? {
                Found::Module(place) => place,
                item @ Found::Item(_) => return Some(item),
            },
        };
        while let Some((name, after)) = rest.split_first() {
            rest = after;
            if name == "super" {
                place.pop()?;
                continue;
            }
            match self.known(&place, name) {
                Some(Found::Module(next)) => place = next,
                Some(item) => return Some(item),
                // Made by a macro: all that is known is the module.
                None => return self.modules.get(place.as_slice()).map(|module| Found::Item(module.file)),
            }
        }
        Some(Found::Module(place))
    }

    /// What a name means in the module at `place`.
    fn known(&self, place: &[String], name: &str) -> Option<Found> {
        let key = (place.to_vec(), name.to_owned());
        if let Some(known) = self.asked.borrow().get(&key) {
            return known.clone();
        }
        self.asked.borrow_mut().insert(key.clone(), None);
        let found = self.look(place, name);
        self.asked.borrow_mut().insert(key, found.clone());
        found
    }

    /// A module below this one, an import, something that it declares, or something of a module that it imports whole.
    fn look(&self, place: &[String], name: &str) -> Option<Found> {
        let below = [place, &[name.to_owned()]].concat();
        if self.modules.contains_key(below.as_slice()) {
            return Some(Found::Module(below));
        }
        let module = self.modules.get(place)?;
        let found = |import: &Import| self.find(place, &import.path);
        if let Some(found) = module.source.imports.iter().filter(|import| import.name == name).find_map(found) {
            return Some(found);
        }
        if module.source.items.contains(name) {
            return Some(Found::Item(module.file));
        }
        let mut whole = module.source.imports.iter().filter(|import| import.name == "*").filter_map(found);
        whole.find_map(|found| match found {
            Found::Module(other) => self.known(&other, name),
            Found::Item(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<(String, String)> = files.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect();
        let code = Code::read(&files).unwrap();
        let shown = |edge: &Edge| format!("{} -> {}", code.files[edge.from].path, code.files[edge.to].path);
        code.edges.iter().map(shown).collect()
    }

    #[test]
    fn a_name_that_is_handed_on_leads_to_the_file_that_declares_it() {
        let files = [
            ("a/mod.rs", "mod low;\nmod high;\npub use low::{Low, more as less};\npub use high::*;"),
            ("a/low.rs", "pub struct Low;\npub fn more() {}"),
            ("a/high.rs", "use super::Low;\npub fn high() { super::less(); }"),
            ("b.rs", "fn f(_: crate::a::Low) { crate::a::high(); }"),
        ];
        let expected = [
            "a/mod.rs -> a/low.rs",
            "a/mod.rs -> a/high.rs",
            "a/high.rs -> a/low.rs",
            "b.rs -> a/low.rs",
            "b.rs -> a/high.rs",
        ];
        assert_eq!(edges(&files), expected);
    }

    #[test]
    fn what_a_facade_declares_itself_is_an_edge_to_it() {
        let files =
            [("a.rs", "mod low;\npub struct Own;"), ("a/low.rs", "use super::Own;\nuse crate::a::Own as Again;")];
        assert_eq!(edges(&files), ["a/low.rs -> a.rs"]);
    }

    #[test]
    fn names_that_came_by_use_are_followed_and_strangers_are_not() {
        let files = [
            ("a/mod.rs", "use crate::b;\nfn f() { b::deep::g(); std::mem::swap(); Vec::new(); }"),
            ("b/mod.rs", "pub mod deep;"),
            ("b/deep.rs", "pub fn g() {}"),
            ("bin/page.rs", "use normscope::b::deep::g;\nuse crate::own;"),
        ];
        assert_eq!(edges(&files), ["a/mod.rs -> b/mod.rs", "a/mod.rs -> b/deep.rs", "bin/page.rs -> b/deep.rs"]);
    }

    #[test]
    fn tests_are_no_files() {
        let files = [
            ("a.rs", "#[cfg(test)]\nmod cases;\nmod low;"),
            ("a/cases.rs", "use super::low;"),
            ("a/cases/more.rs", "use crate::a::low;"),
            ("a/low.rs", "#[cfg(test)]\nmod tests { use super::super::*; }"),
            ("a/tests.rs", "use super::low;"),
        ];
        assert!(edges(&files).is_empty());
    }
}
