//! The run as one HTML file: fetches the page's own parts and puts them together with the trace.

use leptos::prelude::*;

use super::link::{home, permalink};
use crate::config::choices::Choice;
use crate::export::figure::{Parts, html};
use crate::parts::gzip::gzip;
use crate::parts::trace::fetch;
use crate::rooms::desk::Desk;
use crate::rooms::error::RoomError;
use crate::words::panels::export_figure as words;

/// The file's text.
///
/// # Errors
/// A [`RoomError`] when there is no run or a part of the page can't be fetched.
pub async fn page(desk: Desk) -> Result<String, RoomError> {
    let trace = desk.trace_file().await?;
    let module = fetch("app_bg.wasm").await?;
    let packed = gzip(&module).await.ok_or(RoomError::NoGzip)?;
    let text = async |path: &str| String::from_utf8(fetch(path).await?).map_err(|_| RoomError::NoText(path.to_owned()));
    let (css, theme, load, app) =
        (text("style.css").await?, text("theme.js").await?, text("load.js").await?, text("app.js").await?);
    let experiment = desk.experiment.get_untracked();
    let title = words::title(experiment.run.method.label(), experiment.run.data.label());
    Ok(html(&Parts {
        title: &title,
        home: &home(),
        link: &permalink(&experiment),
        css: &css,
        theme: &theme,
        load: &load,
        app: &app,
        module: &base64(&packed)?,
        trace: &base64(&trace)?,
    })?)
}

/// The browser's own base64, which takes a string of bytes.
fn base64(bytes: &[u8]) -> Result<String, RoomError> {
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    window().btoa(&text).map_err(|_| RoomError::NoBase64)
}
