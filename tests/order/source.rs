//! One file of Rust: what its modules declare and import, and every path that its code names. What is compiled for tests only
//! is left out.

use std::collections::BTreeSet;

use proc_macro2::{Spacing, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, Meta, Token, UseTree};

/// The parts of a path or a module's place: `["config", "url"]`.
pub type Names = Vec<String>;

/// `use` of one name; `*` as the name takes all of them.
pub struct Import {
    /// As what.
    pub name: String,
    /// What.
    pub path: Names,
}

/// A module that stands in the file: the file's own, or one in braces.
pub struct Module {
    /// Its place in the tree of modules.
    pub place: Names,
    /// Functions, types, constants and macros.
    pub items: BTreeSet<String>,
    /// In the module itself or in a function of it.
    pub imports: Vec<Import>,
}

/// A path in the code.
pub struct Mention {
    /// The place of the module that it stands in.
    pub module: Names,
    /// As written; `crate`, `super` and `self` are names like others.
    pub path: Names,
    /// From 1.
    pub line: usize,
}

/// What a file says of itself.
pub struct Source {
    /// The file's own module first.
    pub modules: Vec<Module>,
    /// Every path.
    pub mentions: Vec<Mention>,
    /// The places of modules that are for tests only.
    pub tests: Vec<Names>,
}

impl Source {
    /// Reads the file of the module at `place`.
    ///
    /// # Errors
    /// The parser's.
    pub fn read(place: &[String], text: &str) -> syn::Result<Source> {
        let file = syn::parse_file(text)?;
        let empty = Source { modules: Vec::new(), mentions: Vec::new(), tests: Vec::new() };
        let mut reader = Reader { source: empty, at: 0 };
        reader.module(place.to_vec(), &file.items);
        Ok(reader.source)
    }
}

struct Reader {
    source: Source,
    /// Which module of the source the reader is in.
    at: usize,
}

impl Reader {
    fn module(&mut self, place: Names, items: &[Item]) {
        let outer = std::mem::replace(&mut self.at, self.source.modules.len());
        self.source.modules.push(Module { place, items: BTreeSet::new(), imports: Vec::new() });
        items.iter().for_each(|item| self.visit_item(item));
        self.at = outer;
    }

    fn place(&self) -> &Names {
        &self.source.modules[self.at].place
    }

    fn mention(&mut self, path: Names, line: usize) {
        let module = self.place().clone();
        self.source.mentions.push(Mention { module, path, line });
    }

    fn import(&mut self, before: &[String], tree: &UseTree) {
        let (end, name) = match tree {
            UseTree::Path(path) => return self.import(&joined(before, &path.ident), &path.tree),
            UseTree::Group(group) => return group.items.iter().for_each(|tree| self.import(before, tree)),
            UseTree::Name(name) => (&name.ident, name.ident.to_string()),
            UseTree::Rename(rename) => (&rename.ident, rename.rename.to_string()),
            UseTree::Glob(glob) => {
                self.mention(before.to_vec(), glob.star_token.spans[0].start().line);
                self.source.modules[self.at].imports.push(Import { name: "*".to_owned(), path: before.to_vec() });
                return;
            }
        };
        // `use a::b::{self}` is `use a::b`.
        let path = if end == "self" && !before.is_empty() { before.to_vec() } else { joined(before, end) };
        let name = if name == "self" { path.last().cloned().unwrap_or_default() } else { name };
        self.mention(path.clone(), end.span().start().line);
        self.source.modules[self.at].imports.push(Import { name, path });
    }

    /// Paths in the tokens of a macro, and names that are a whole argument: the macro may go on from a module.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is_colons = |at: usize| {
            let colon = |at: usize| match tokens.get(at) {
                Some(TokenTree::Punct(punct)) if punct.as_char() == ':' => Some(punct.spacing()),
                _ => None,
            };
            colon(at) == Some(Spacing::Joint) && colon(at + 1).is_some()
        };
        let is_comma = |token: Option<&TokenTree>| match token {
            Some(TokenTree::Punct(punct)) => punct.as_char() == ',',
            Some(_) => false,
            None => true,
        };
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                // `pub(super)` is no dependency.
                TokenTree::Ident(first) if first == "pub" => at += usize::from(is_group(tokens.get(at + 1))),
                TokenTree::Group(group) => self.tokens(group.stream()),
                // What follows two colons goes on from something that is no name: `Vec::<f32>::new`.
                TokenTree::Ident(first) if at < 2 || !is_colons(at - 2) => {
                    let begin = at;
                    let mut path = vec![first.to_string()];
                    while is_colons(at + 1) {
                        let Some(TokenTree::Ident(next)) = tokens.get(at + 3) else { break };
                        path.push(next.to_string());
                        at += 3;
                    }
                    let is_argument =
                        is_comma(begin.checked_sub(1).and_then(|at| tokens.get(at))) && is_comma(tokens.get(at + 1));
                    if path.len() > 1 || is_argument {
                        self.mention(path, first.span().start().line);
                    }
                    // `use a::{b, c}`: enough is known by `a`.
                    if is_colons(at + 1) && is_group(tokens.get(at + 3)) {
                        at += 3;
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }
}

fn is_group(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Group(_)))
}

fn joined(before: &[String], ident: &proc_macro2::Ident) -> Names {
    [before, &[ident.to_string()]].concat()
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        let Some((attributes, name)) = head(item) else { return visit::visit_item(self, item) };
        let is_test = attributes.iter().any(is_for_tests);
        match item {
            Item::Mod(module) if is_test => {
                let place = joined(self.place(), &module.ident);
                self.source.tests.push(place);
            }
            _ if is_test => {}
            Item::Mod(module) => {
                if let Some((_, items)) = &module.content {
                    let place = joined(self.place(), &module.ident);
                    self.module(place, items);
                }
            }
            Item::Use(import) => {
                if import.leading_colon.is_none() {
                    self.import(&[], &import.tree);
                }
            }
            _ => {
                if let Some(name) = name {
                    self.source.modules[self.at].items.insert(name);
                }
                visit::visit_item(self, item);
            }
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Type(item) => &item.attrs,
            _ => return visit::visit_impl_item(self, item),
        };
        if !attributes.iter().any(is_for_tests) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        // One name alone was imported or declared here, and says nothing new.
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.mention(names, path.segments[0].ident.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
    }

    /// `pub(super)` is no dependency.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
}

/// An item's attributes, and the name that it declares.
fn head(item: &Item) -> Option<(&[Attribute], Option<String>)> {
    let (attributes, name) = match item {
        Item::Const(item) => (&item.attrs, Some(&item.ident)),
        Item::Enum(item) => (&item.attrs, Some(&item.ident)),
        Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
        Item::ForeignMod(item) => (&item.attrs, None),
        Item::Impl(item) => (&item.attrs, None),
        Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
        Item::Mod(item) => (&item.attrs, Some(&item.ident)),
        Item::Static(item) => (&item.attrs, Some(&item.ident)),
        Item::Struct(item) => (&item.attrs, Some(&item.ident)),
        Item::Trait(item) => (&item.attrs, Some(&item.ident)),
        Item::Type(item) => (&item.attrs, Some(&item.ident)),
        Item::Use(item) => (&item.attrs, None),
        _ => return None,
    };
    Some((attributes, name.map(ToString::to_string)))
}

/// `#[cfg(test)]`, `#[cfg(all(test, ..))]` or `#[test]`.
fn is_for_tests(attribute: &Attribute) -> bool {
    fn says_test(meta: &Meta) -> bool {
        match meta {
            Meta::Path(path) => path.is_ident("test"),
            Meta::List(list) if list.path.is_ident("all") || list.path.is_ident("cfg") => {
                let parts = syn::punctuated::Punctuated::<Meta, Token![,]>::parse_terminated;
                list.parse_args_with(parts).is_ok_and(|parts| parts.iter().any(says_test))
            }
            _ => false,
        }
    }
    says_test(&attribute.meta)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Source {
        Source::read(&["room".to_owned()], text).unwrap()
    }

    fn paths(text: &str) -> Vec<String> {
        read(text).mentions.iter().map(|mention| format!("{} {}", mention.line, mention.path.join("::"))).collect()
    }

    #[test]
    fn trees_of_use_come_apart() {
        let text = "use crate::{a::{self, B as C}, d::*};\npub use ::std::fs;";
        assert_eq!(paths(text), ["1 crate::a", "1 crate::a::B", "1 crate::d"]);
        let names: Vec<String> = read(text).modules[0].imports.iter().map(|import| import.name.clone()).collect();
        assert_eq!(names, ["a", "C", "*"]);
    }

    #[test]
    fn paths_are_seen_in_types_code_macros_and_attributes() {
        let text = "fn f(x: super::T) {\n    crate::a::g::<u8>();\n    println!(\"{}\", child::h(Vec::<f32>::new()));\n}\n\
                    #[serde(with = \"no\", other(crate::b::c))]\nstruct S;";
        assert_eq!(paths(text), ["1 super::T", "2 crate::a::g", "3 child::h", "5 crate::b::c"]);
        assert!(read(text).modules[0].items.contains("S"));
        let text =
            "fn f() { run!(child, other.name, name = 2); }\nmake! { pub(super) fn g() {} pub(in crate::a) struct S; }";
        assert_eq!(paths(text), ["1 child"]);
    }

    #[test]
    fn what_is_for_tests_is_left_out() {
        let text = "#[cfg(all(test, feature = \"x\"))]\nmod tests { use crate::a; }\n#[cfg(test)]\nuse crate::b;\n\
                    struct S;\nimpl S {\n#[cfg(test)]\nfn f() { crate::c::d(); }\n}\n#[cfg(not(test))]\nuse crate::e;";
        assert_eq!(paths(text), ["11 crate::e"]);
        assert_eq!(read(text).tests, [["room", "tests"]]);
    }

    #[test]
    fn a_module_in_braces_has_a_place_of_its_own() {
        let source = read("mod inner { use super::super::a; }\npub(in crate::room) fn f() {}");
        assert_eq!(source.modules[1].place, ["room", "inner"]);
        assert_eq!(source.mentions[0].module, ["room", "inner"]);
        assert_eq!(source.mentions.len(), 1);
    }
}
