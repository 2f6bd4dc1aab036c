//! Colours: one a class, a perceptual scale for norms, and the scene's own in light and dark.

/// Red, green, blue in 0..1 (sRGB, not linear).
pub type Rgb = [f32; 3];

/// Class colours on a light page: distinct in hue *and* lightness, readable on white.
const CLASSES_LIGHT: [Rgb; 12] = [
    rgb(0x1f, 0x6f, 0xeb),
    rgb(0xe0, 0x5a, 0x00),
    rgb(0x12, 0x8a, 0x4f),
    rgb(0xc9, 0x1f, 0x5b),
    rgb(0x7b, 0x3f, 0xe4),
    rgb(0x0a, 0x8f, 0xa8),
    rgb(0xa8, 0x7a, 0x00),
    rgb(0x9c, 0x3a, 0x2e),
    rgb(0x52, 0x5f, 0x7f),
    rgb(0x5f, 0x8a, 0x00),
    rgb(0xd0, 0x4f, 0xb8),
    rgb(0x2d, 0x2d, 0x55),
];

/// The same hues, lighter, for a dark page.
const CLASSES_DARK: [Rgb; 12] = [
    rgb(0x5c, 0xa8, 0xff),
    rgb(0xff, 0x9a, 0x4d),
    rgb(0x4d, 0xd6, 0x8f),
    rgb(0xff, 0x6b, 0x9e),
    rgb(0xb4, 0x8c, 0xff),
    rgb(0x4d, 0xd9, 0xf0),
    rgb(0xf2, 0xc8, 0x4b),
    rgb(0xe8, 0x86, 0x76),
    rgb(0xa9, 0xb6, 0xd3),
    rgb(0xb5, 0xdb, 0x4d),
    rgb(0xff, 0x9d, 0xec),
    rgb(0x8f, 0x8f, 0xe0),
];

/// The scale of norms: viridis at nine equal steps (van der Walt and Smith 2015).
pub const SCALE: [Rgb; 9] = [
    rgb(0x44, 0x01, 0x54),
    rgb(0x47, 0x2d, 0x7b),
    rgb(0x3b, 0x52, 0x8b),
    rgb(0x2c, 0x72, 0x8e),
    rgb(0x21, 0x91, 0x8c),
    rgb(0x28, 0xae, 0x80),
    rgb(0x5e, 0xc9, 0x62),
    rgb(0xad, 0xdc, 0x30),
    rgb(0xfd, 0xe7, 0x25),
];

const fn rgb(r: u8, g: u8, b: u8) -> Rgb {
    [r as f32 / 255.0, g as f32 / 255.0, b as f32 / 255.0]
}

/// The colours of classes, in their order.
pub fn classes(dark: bool) -> &'static [Rgb; 12] {
    if dark { &CLASSES_DARK } else { &CLASSES_LIGHT }
}

/// The colour of a class; classes beyond the palette start over.
pub fn class(label: u16, dark: bool) -> Rgb {
    let palette = classes(dark);
    palette[usize::from(label) % palette.len()]
}

/// The part of [`SCALE`] for a ground, as start and length: on a light page its yellow end is cut off, on a dark page its
/// violet end.
pub fn scale_part(dark: bool) -> [f32; 2] {
    if dark { [0.2, 0.8] } else { [0.0, 0.92] }
}

/// The norm scale at `t` in 0..1.
pub fn scale(t: f32, dark: bool) -> Rgb {
    let t = if t.is_finite() { t.clamp(0.0, 1.0) } else { 0.0 };
    let [start, length] = scale_part(dark);
    let at = (start + length * t) * (SCALE.len() - 1) as f32;
    let low = (at as usize).min(SCALE.len() - 2);
    mix(SCALE[low], SCALE[low + 1], at - low as f32)
}

/// The page behind the sphere; the same as `--sphere-bg` in the stylesheet.
pub fn background(dark: bool) -> Rgb {
    if dark { rgb(0x10, 0x14, 0x1f) } else { rgb(0xff, 0xff, 0xff) }
}

/// Graticule and rings.
pub fn ink(dark: bool) -> Rgb {
    if dark { rgb(0xa9, 0xb6, 0xd8) } else { rgb(0x2f, 0x3b, 0x5c) }
}

/// `a` at t = 0, `b` at t = 1.
pub fn mix(a: Rgb, b: Rgb, t: f32) -> Rgb {
    [0, 1, 2].map(|i| a[i] + (b[i] - a[i]) * t)
}

/// As CSS writes it.
pub fn css(colour: Rgb, alpha: f32) -> String {
    let [r, g, b] = colour.map(|c| (c.clamp(0.0, 1.0) * 255.0).round() as u8);
    format!("rgba({r},{g},{b},{alpha:.3})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(colour: Rgb) -> f32 {
        let linear = colour.map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    fn contrast(a: Rgb, b: Rgb) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn points_stand_out_from_the_page_by_three_to_one() {
        for dark in [false, true] {
            for label in 0..12 {
                let ratio = contrast(class(label, dark), background(dark));
                assert!(ratio >= 3.0, "class {label} dark {dark}: {ratio}");
            }
        }
    }

    #[test]
    fn the_norm_scale_gets_lighter_all_the_way_and_takes_any_input() {
        let mut last = 0.0;
        for i in 0..=20 {
            let now = luminance(scale(i as f32 / 20.0, true));
            assert!(now >= last);
            last = now;
        }
        for odd in [f32::NAN, f32::INFINITY, -3.0] {
            assert!(scale(odd, false).iter().all(|c| (0.0..=1.0).contains(c)));
        }
    }
}
