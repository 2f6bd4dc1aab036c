//! Tables that people really have: each case of docs/reliability.md, and random tables in all dialects of text.

mod cases;
mod dialects;
mod files;
mod page;
mod tells;
