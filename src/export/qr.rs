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

#[cfg(test)]
mod tests {
    use super::*;

    /// What a phone reads in the picture.
    fn read(svg: &str) -> String {
        let document = roxmltree::Document::parse(svg).unwrap();
        let side: usize =
            document.root_element().attribute("viewBox").unwrap().split(' ').nth(2).unwrap().parse().unwrap();
        let path = document.descendants().find_map(|node| node.attribute("d")).unwrap();
        let dark: std::collections::HashSet<(usize, usize)> = path
            .split('M')
            .skip(1)
            .map(|module| {
                let mut place = module.trim_end_matches("h1v1h-1z").split(' ').map(|at| at.parse().unwrap());
                (place.next().unwrap(), place.next().unwrap())
            })
            .collect();
        let pixels = side * MODULE;
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(pixels, pixels, |x, y| {
            if dark.contains(&(x / MODULE, y / MODULE)) { 0 } else { 255 }
        });
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        grids[0].decode().unwrap().1
    }

    #[test]
    fn a_phone_reads_the_link() {
        let links = [
            "https://example.org/normscope/?preset=norm-trap&present=1&at=600&v=1".to_owned(),
            format!("http://localhost:8080/?{}", "a.cut=0.3333&".repeat(60)),
        ];
        for link in links {
            assert_eq!(read(&svg(&link).unwrap()), link);
        }
    }

    #[test]
    fn a_link_that_no_code_holds_has_none() {
        assert!(svg(&"x".repeat(2331)).is_some() && svg(&"x".repeat(2332)).is_none());
    }
}
