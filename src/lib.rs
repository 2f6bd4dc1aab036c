//! # Normscope
//!
//! A browser playground that shows what embedding norms do to self-supervised learning. This file is the map:
//!
//! ```text
//! text          numbers, counts and lists as text; text for markup                             plain data
//! rng           the counter-based random generator                                             plain maths
//! table         rows of text for terminals, CSV files and the page                             plain data
//! config/       what an experiment is; the table of hyper-parameters; presets; the URL codec   plain data
//! theory/       closed forms, reference losses and their gradients in f64                      plain maths
//! metrics/      kNN, anomaly scores, AUROC, spread, rank, density, intervals, projection       plain maths
//! data/         built-in data sets, file readers, augmentation, the order of batches           plain data
//! sealed        the head of our files: kind, version, checksum                                 plain data
//! export/       runs as other programs take them: BibTeX, HTML that replays, PyTorch           plain data
//! figure/       what a figure shows; the page's charts and the SVG writer draw it              plain data
//! svg/          figures as SVG documents                                                       plotters
//! simulations/  the paper's simulations on the host, measured against theory                   plain maths
//! diagnostics/  what the norms of given embeddings do to training, and what helps              plain maths
//! protocol      Command (page -> engine) and Event (engine -> page)                            plain data
//! connection/   the page's side of its engine: what waits for an answer, faults, the next try plain data
//! trace/        recorded runs: quantised, checksummed, replayable without the engine           plain data
//! lab/          work without the engine: simulations, diagnoses, files; in a worker of its own plain data
//! engine/       encoders, heads, losses, norm control, optimizers, trainer, session            burn
//! render/       camera and scene maths, the wgpu renderer                                      wgpu
//! studies/      questions that take many runs; what the rooms ask of the engine                burn
//! words/        what the page's views say, in one place                                        constants
//! parts/        pieces that the page and its rooms share; what they and the workers say        leptos
//! rooms/        the page's other rooms, a module of their own that is fetched when needed      leptos
//! app/          the page: the playground and everything around it                              leptos
//! worker/       what runs in workers: the engine's loop, its second worker, studies, the lab   burn
//! cli/          the commands of the native program                                             clap
//! bin/          app.rs and rooms.rs (page), engine.rs and lab.rs (workers), normscope.rs (command line)
//! ```
//!
//! Data flows one way round: `config -> Command -> session -> trainer -> metrics + embeddings -> Event -> charts`.
//! A row depends only on rows above it, and the files of a room do not depend on each other in a circle: `tests/order` checks both.

pub mod config;
pub mod connection;
pub mod data;
pub mod diagnostics;
pub mod export;
pub mod figure;
pub mod lab;
pub mod metrics;
pub mod parts;
pub mod protocol;
pub mod render;
pub mod rng;
pub mod sealed;
pub mod simulations;
pub mod studies;
pub mod table;
pub mod text;
pub mod theory;
pub mod trace;
pub mod worker;

#[cfg(feature = "svg")]
pub mod svg;

#[cfg(feature = "ui")]
pub mod app;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "engine")]
pub mod engine;
#[cfg(feature = "ui")]
pub mod rooms;
#[cfg(feature = "ui")]
pub mod words;
