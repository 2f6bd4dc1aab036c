//! Augmentation: one random view of a sample. The reference (CPU) implementation.
//!
//! Pictures go through an affine crop with bilinear sampling, then colour; draws come from the sample's own generator in
//! a fixed order, so a view depends on its key alone.

use super::Kind;
use super::latent::Mixing;
use super::rng::{CounterRng, rough_normal};

/// The augmentation that suits a data set.
#[derive(Clone, Debug, PartialEq)]
pub enum Augmentation {
    /// Handwriting and other grey pictures: shift, scale, rotation, shear, ink strength, noise; never a flip.
    Grey(GreyOptions),
    /// Colour pictures: resized crop, flip, colour jitter, grey, noise (SimCLR's list without blur).
    Colour(ColourOptions),
    /// The latent data set's own views.
    Latent(Mixing),
}

/// Strengths for grey pictures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GreyOptions {
    /// Largest shift, as a share of the side.
    pub shift: f32,
    /// Smallest and largest scale.
    pub scale: (f32, f32),
    /// Largest rotation in radians.
    pub rotation: f32,
    /// Largest shear.
    pub shear: f32,
    /// Largest relative change of the ink's strength.
    pub ink: f32,
    /// Standard deviation of the noise.
    pub noise: f32,
}

/// Strengths for colour pictures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColourOptions {
    /// Smallest and largest area of the crop, as a share of the picture.
    pub area: (f32, f32),
    /// Largest aspect ratio of the crop (and its inverse).
    pub aspect: f32,
    /// Probability of a horizontal flip.
    pub flip: f32,
    /// Probability of the colour jitter.
    pub jitter: f32,
    /// Largest relative change of brightness, contrast and saturation.
    pub strength: f32,
    /// Largest rotation of the hue, as a share of the circle.
    pub hue: f32,
    /// Probability of losing the colours.
    pub grey: f32,
    /// Probability of the negative: what is light becomes dark.
    pub invert: f32,
    /// Largest rotation, in radians.
    pub rotation: f32,
    /// Largest strength of a light that falls from one side: added brightness from the middle to the edge.
    pub light: f32,
    /// Standard deviation of the noise.
    pub noise: f32,
}

impl ColourOptions {
    /// For pictures whose class is a shape in any pose and colour: views keep the shape and change everything else.
    pub fn for_shapes() -> ColourOptions {
        ColourOptions {
            area: (0.5, 1.0),
            aspect: 1.2,
            strength: 0.5,
            hue: 0.5,
            grey: 0.3,
            invert: 0.3,
            rotation: 0.4,
            light: 0.4,
            ..ColourOptions::default()
        }
    }
}

impl Default for GreyOptions {
    fn default() -> Self {
        GreyOptions { shift: 0.12, scale: (0.8, 1.15), rotation: 0.25, shear: 0.2, ink: 0.3, noise: 0.05 }
    }
}

impl Default for ColourOptions {
    fn default() -> Self {
        ColourOptions {
            area: (0.25, 1.0),
            aspect: 4.0 / 3.0,
            flip: 0.5,
            jitter: 0.8,
            strength: 0.4,
            hue: 0.2,
            grey: 0.2,
            invert: 0.0,
            rotation: 0.0,
            light: 0.0,
            noise: 0.02,
        }
    }
}

impl Augmentation {
    /// Draws a view of `row` into `out`; both `[len]` of `kind`.
    pub fn apply(&self, kind: &Kind, row: &[f32], rng: &mut CounterRng, out: &mut [f32]) {
        match (self, kind) {
            (Augmentation::Latent(mixing), _) => mixing.view(row, rng, out),
            (Augmentation::Grey(options), &Kind::Image { channels, height, width }) => {
                let map = options.affine(rng);
                warp(row, [channels, height, width], map, out);
                options.ink_and_noise(rng, out);
            }
            (Augmentation::Colour(options), &Kind::Image { channels, height, width }) => {
                let map = options.crop(rng);
                warp(row, [channels, height, width], map, out);
                options.colours(rng, channels, out);
                options.light_and_noise(rng, [height, width], out);
            }
            (_, Kind::Vector { .. }) => out.copy_from_slice(row),
        }
    }
}

/// Output to input coordinates, both in -1..1: `x_in = m0 x + m1 y + m2`, `y_in = m3 x + m4 y + m5`.
type Affine = [f32; 6];

impl GreyOptions {
    fn affine(&self, rng: &mut CounterRng) -> Affine {
        let (sin, cos) = rng.range(-self.rotation, self.rotation).sin_cos();
        let shear = rng.range(-self.shear, self.shear);
        // A larger picture reads from a smaller part of the input.
        let inverse_scale = 1.0 / rng.range(self.scale.0, self.scale.1);
        let [dx, dy] = [(); 2].map(|()| 2.0 * rng.range(-self.shift, self.shift));
        [
            cos * inverse_scale,
            (shear * cos - sin) * inverse_scale,
            dx,
            sin * inverse_scale,
            (shear * sin + cos) * inverse_scale,
            dy,
        ]
    }

    fn ink_and_noise(&self, rng: &mut CounterRng, out: &mut [f32]) {
        let ink = 1.0 + rng.range(-self.ink, self.ink);
        for value in out {
            *value = (*value * ink + self.noise * rough_normal(rng.next_u32())).clamp(0.0, 1.0);
        }
    }
}

impl ColourOptions {
    fn crop(&self, rng: &mut CounterRng) -> Affine {
        let area = rng.range(self.area.0, self.area.1);
        let aspect = (rng.range(-1.0, 1.0) * self.aspect.ln()).exp();
        let half_width = (area * aspect).sqrt().min(1.0);
        let half_height = (area / aspect).sqrt().min(1.0);
        let dx = rng.range(-1.0, 1.0) * (1.0 - half_width);
        let dy = rng.range(-1.0, 1.0) * (1.0 - half_height);
        let side = if rng.chance(self.flip) { -half_width } else { half_width };
        let (sin, cos) = rng.range(-self.rotation, self.rotation).sin_cos();
        // Rotate the picture first, then crop.
        [cos * side, -sin * half_height, cos * dx - sin * dy, sin * side, cos * half_height, sin * dx + cos * dy]
    }

    fn colours(&self, rng: &mut CounterRng, channels: usize, out: &mut [f32]) {
        // Always the same number of draws, so that one switch does not shift all later ones.
        let [jitter, grey, invert] = [self.jitter, self.grey, self.invert].map(|p| rng.chance(p));
        let [brightness, contrast, saturation] = [(); 3].map(|()| 1.0 + rng.range(-self.strength, self.strength));
        let hue = rng.range(-self.hue, self.hue);
        let pixels = out.len() / channels.max(1);
        if jitter {
            let mean = out.iter().sum::<f32>() / out.len().max(1) as f32;
            for value in out.iter_mut() {
                *value = ((*value - mean) * contrast + mean) * brightness;
            }
            if channels == 3 {
                shift_colours(out, pixels, hue_matrix(hue, saturation));
            }
        }
        if grey && channels == 3 {
            shift_colours(out, pixels, hue_matrix(0.0, 0.0));
        }
        if invert {
            out.iter_mut().for_each(|value| *value = 1.0 - *value);
        }
    }

    fn light_and_noise(&self, rng: &mut CounterRng, [height, width]: [usize; 2], out: &mut [f32]) {
        let (sin, cos) = rng.range(0.0, std::f32::consts::TAU).sin_cos();
        let strength = self.light * rng.uniform();
        let centred = |at: usize, side: usize| (2 * at + 1) as f32 / side as f32 - 1.0;
        for (index, value) in out.iter_mut().enumerate() {
            let (x, y) = (centred(index % width, width), centred(index / width % height, height));
            let light = strength * (cos * x + sin * y);
            *value = (*value + light + self.noise * rough_normal(rng.next_u32())).clamp(0.0, 1.0);
        }
    }
}

/// Rotates the hue by a share of the circle and scales the saturation, in YIQ (luma is kept).
fn hue_matrix(turn: f32, saturation: f32) -> [[f32; 3]; 3] {
    let (sin, cos) = (turn * std::f32::consts::TAU).sin_cos();
    let (s, c) = (sin * saturation, cos * saturation);
    const LUMA: [f32; 3] = [0.299, 0.587, 0.114];
    let rotate = [
        [0.701 * c + 0.168 * s, -0.587 * c + 0.330 * s, -0.114 * c - 0.497 * s],
        [-0.299 * c - 0.328 * s, 0.413 * c + 0.035 * s, -0.114 * c + 0.292 * s],
        [-0.300 * c + 1.250 * s, -0.588 * c - 1.050 * s, 0.886 * c - 0.203 * s],
    ];
    rotate.map(|row| [row[0] + LUMA[0], row[1] + LUMA[1], row[2] + LUMA[2]])
}

fn shift_colours(out: &mut [f32], pixels: usize, matrix: [[f32; 3]; 3]) {
    for at in 0..pixels {
        let rgb = [out[at], out[pixels + at], out[2 * pixels + at]];
        for (channel, row) in matrix.iter().enumerate() {
            out[channel * pixels + at] = row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2];
        }
    }
}

/// Bilinear resampling; beyond the edge the edge's value goes on.
fn warp(row: &[f32], [channels, height, width]: [usize; 3], map: Affine, out: &mut [f32]) {
    let plane = height * width;
    let to_pixel = |x: f32, side: usize| ((x + 1.0) * 0.5 * side as f32 - 0.5).clamp(0.0, (side - 1) as f32);
    for y in 0..height {
        let v = (2 * y + 1) as f32 / height as f32 - 1.0;
        for x in 0..width {
            let u = (2 * x + 1) as f32 / width as f32 - 1.0;
            let px = to_pixel(map[0] * u + map[1] * v + map[2], width);
            let py = to_pixel(map[3] * u + map[4] * v + map[5], height);
            let (x0, y0) = (px as usize, py as usize);
            let (x1, y1) = ((x0 + 1).min(width - 1), (y0 + 1).min(height - 1));
            let (fx, fy) = (px - x0 as f32, py - y0 as f32);
            for channel in 0..channels {
                let at = |y: usize, x: usize| row[channel * plane + y * width + x];
                let top = at(y0, x0) * (1.0 - fx) + at(y0, x1) * fx;
                let bottom = at(y1, x0) * (1.0 - fx) + at(y1, x1) * fx;
                out[channel * plane + y * width + x] = top * (1.0 - fy) + bottom * fy;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::rng::Domain;

    const IMAGE: Kind = Kind::Image { channels: 3, height: 8, width: 8 };

    fn picture() -> Vec<f32> {
        (0..192).map(|i| (i * 37 % 101) as f32 / 100.0).collect()
    }

    fn view(augmentation: &Augmentation, key: u32) -> Vec<f32> {
        let mut out = vec![0.0; 192];
        let mut rng = CounterRng::new(Domain::Augment, 1, key, 0, 0);
        augmentation.apply(&IMAGE, &picture(), &mut rng, &mut out);
        out
    }

    #[test]
    fn views_stay_in_range_differ_by_key_and_repeat() {
        for augmentation in [Augmentation::Grey(GreyOptions::default()), Augmentation::Colour(ColourOptions::default())]
        {
            for key in 0..20 {
                let out = view(&augmentation, key);
                assert!(out.iter().all(|v| (0.0..=1.0).contains(v)));
                assert_eq!(out, view(&augmentation, key));
                assert_ne!(out, view(&augmentation, key + 1));
            }
        }
    }

    #[test]
    fn the_identity_map_changes_nothing() {
        let mut out = vec![0.0; 192];
        warp(&picture(), [3, 8, 8], [1.0, 0.0, 0.0, 0.0, 1.0, 0.0], &mut out);
        assert!(out.iter().zip(picture()).all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn no_turn_and_full_saturation_keep_the_colours_and_none_leaves_the_luma() {
        for (row, one) in hue_matrix(0.0, 1.0).iter().zip([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]) {
            assert!(row.iter().zip(one).all(|(a, b): (&f32, f32)| (a - b).abs() < 2e-3), "{row:?}");
        }
        for row in hue_matrix(0.0, 0.0) {
            assert_eq!(row, [0.299, 0.587, 0.114]);
        }
    }
}
