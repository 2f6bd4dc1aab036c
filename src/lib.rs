//! # Normscope
//!
//! A browser playground that shows what embedding norms do to self-supervised learning. This file is the map:
//!
//! ```text
//! config/       what an experiment is; the table of hyper-parameters; presets; the URL codec   plain data
//! theory/       closed forms, reference losses and their gradients in f64                      plain maths
//! metrics/      kNN, AUROC, spread, effective rank, alignment, uniformity, stable projection   plain maths
//! data/         built-in data sets, file readers, augmentation, the counter-based generator    plain data
//! figure        what a figure shows; the page's charts and the SVG writer draw it              plain data
//! simulations/  the paper's simulations on the host, measured against theory                   plain maths
//! protocol      Command (page -> engine) and Event (engine -> page)                            plain data
//! engine/       encoders, heads, losses, norm control, optimizers, trainer, session            burn
//! render/       camera and scene maths, the wgpu renderer                                      wgpu
//! app/          the page                                                                       leptos
//! bin/          app.rs (page), engine.rs (worker), normscope.rs (command line)
//! ```
//!
//! Data flows one way round: `config -> Command -> session -> trainer -> metrics + embeddings -> Event -> charts`.
//! Dependencies point downwards in the table only from later rows to earlier ones.

pub mod config;
pub mod data;
pub mod figure;
pub mod metrics;
pub mod protocol;
pub mod render;
pub mod simulations;
pub mod theory;

#[cfg(feature = "ui")]
pub mod app;
#[cfg(feature = "engine")]
pub mod engine;
