//! Colours: one a class, a perceptual scale for norms, and the scene's own in light and dark.

/// Red, green, blue in 0..1 (sRGB, not linear).
pub type Rgb = [f32; 3];

/// Class colours on a light page. They and those for a dark page were searched for: as far from each other as can be in Oklab
/// (Ottosson 2020), also for readers who see no red or no green, at 3:1 on their ground, and far from both arms' colours.
const CLASSES_LIGHT: [Rgb; 12] = [
    rgb(0x3c, 0x27, 0xc0),
    rgb(0xfb, 0x41, 0x65),
    rgb(0x23, 0x97, 0x61),
    rgb(0xb6, 0x7c, 0x0d),
    rgb(0x8e, 0x4a, 0xe2),
    rgb(0x46, 0x93, 0xf1),
    rgb(0x12, 0x5e, 0x10),
    rgb(0xbe, 0x14, 0x8b),
    rgb(0x17, 0x64, 0x90),
    rgb(0xb0, 0x10, 0x03),
    rgb(0xb5, 0x7b, 0xaf),
    rgb(0x6f, 0x35, 0x60),
];

/// Class colours on a dark page.
const CLASSES_DARK: [Rgb; 12] = [
    rgb(0x89, 0x5a, 0xf5),
    rgb(0xf1, 0x3b, 0x29),
    rgb(0x35, 0xc5, 0x30),
    rgb(0xe4, 0xc8, 0x7c),
    rgb(0xed, 0x75, 0xfe),
    rgb(0x28, 0x92, 0xcf),
    rgb(0x6f, 0x8b, 0x47),
    rgb(0xd3, 0x32, 0x9d),
    rgb(0x1a, 0xd1, 0xd1),
    rgb(0xbe, 0x8a, 0x9f),
    rgb(0xf0, 0xd1, 0xff),
    rgb(0x9a, 0xfd, 0x56),
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

/// The colour of arm A (0) or B (1); the same as `--a` and `--b` in the stylesheet.
pub fn arm(index: usize, dark: bool) -> Rgb {
    match (index, dark) {
        (0, false) => rgb(0x1f, 0x5f, 0xd6),
        (0, true) => rgb(0x6e, 0xa8, 0xff),
        (_, false) => rgb(0xc2, 0x50, 0x0a),
        (_, true) => rgb(0xff, 0x9a, 0x4d),
    }
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

    /// From sRGB to amounts of light.
    fn linear(colour: Rgb) -> Rgb {
        colour.map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) })
    }

    fn luminance(colour: Rgb) -> f32 {
        let linear = linear(colour);
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

    /// Distance in Oklab; 0.02 is just noticed.
    fn distance(a: Rgb, b: Rgb) -> f32 {
        let lab = |colour: Rgb| {
            let linear = linear(colour);
            let times = |m: [[f32; 3]; 3], v: [f32; 3]| m.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2]);
            let cones = times(
                [
                    [0.412_221, 0.536_333, 0.051_446],
                    [0.211_903, 0.680_700, 0.107_397],
                    [0.088_302, 0.281_719, 0.629_979],
                ],
                linear,
            );
            times(
                [
                    [0.210_454, 0.793_618, -0.004_072],
                    [1.977_998, -2.428_592, 0.450_594],
                    [0.025_904, 0.782_772, -0.808_676],
                ],
                cones.map(f32::cbrt),
            )
        };
        let (a, b) = (lab(a), lab(b));
        (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f32>().sqrt()
    }

    #[test]
    fn classes_are_apart_from_each_other_and_from_both_arms() {
        for dark in [false, true] {
            for (at, a) in classes(dark).iter().enumerate() {
                for (other, b) in classes(dark).iter().enumerate().skip(at + 1) {
                    assert!(distance(*a, *b) > 0.15, "{at} and {other}, dark {dark}: {}", distance(*a, *b));
                }
                for index in 0..2 {
                    assert!(distance(*a, arm(index, dark)) > 0.1, "{at} and arm {index}, dark {dark}");
                }
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
