//! A link as a QR code (ISO/IEC 18004): for a class that has phones and no keyboard.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

/// Modules of white that every reader wants around a code.
const QUIET: usize = 4;
/// CSS pixels of a module where the picture is shown as large as it is.
const MODULE: usize = 8;

/// The code as an SVG document, black on white whatever the page looks like; `None` for a link that no code holds (2,331 bytes
/// at medium error correction).
pub fn svg(link: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(link, EcLevel::M).ok()?;
    let width = code.width();
    let side = width + 2 * QUIET;
    let mut path = String::new();
    for (at, _) in code.to_colors().into_iter().enumerate().filter(|(_, colour)| *colour == Color::Dark) {
        let _ = write!(path, "M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET);
    }
    let size = side * MODULE;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" width=\"{size}\" height=\"{size}\" \
         shape-rendering=\"crispEdges\"><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\
         <path d=\"{path}\" fill=\"#000\"/></svg>",
    ))
}
