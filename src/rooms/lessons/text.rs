//! The little markup of the lessons: *emphasis* and `code`; everything else is text.

use leptos::prelude::*;

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it is.
    Plain(String),
    /// Between stars.
    Emphasis(String),
    /// Between backquotes.
    Code(String),
}

/// Splits a line; a mark without its partner is text.
pub fn pieces(line: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(['*', '`']) {
        let mark = &rest[at..=at];
        match rest[at + 1..].find(mark) {
            Some(end) if end > 0 => {
                plain.push_str(&rest[..at]);
                if !plain.is_empty() {
                    pieces.push(Piece::Plain(std::mem::take(&mut plain)));
                }
                let inner = rest[at + 1..at + 1 + end].to_owned();
                pieces.push(if mark == "*" { Piece::Emphasis(inner) } else { Piece::Code(inner) });
                rest = &rest[at + 1 + end + 1..];
            }
            _ => {
                plain.push_str(&rest[..=at]);
                rest = &rest[at + 1..];
            }
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(Piece::Plain(plain));
    }
    pieces
}

/// A line with its marks.
#[component]
pub fn Marked(#[prop(into)] text: String) -> impl IntoView {
    pieces(&text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Plain(text) => text.into_any(),
            Piece::Emphasis(text) => view! { <em>{text}</em> }.into_any(),
            Piece::Code(text) => view! { <code>{text}</code> }.into_any(),
        })
        .collect_view()
}

/// Paragraphs.
#[component]
pub fn Paragraphs(text: Vec<String>) -> impl IntoView {
    text.into_iter().map(|text| view! { <p><Marked text/></p> }).collect_view()
}
