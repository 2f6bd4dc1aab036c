//! The recipe of a picture's view: what was drawn for it, and the picture that comes of it.

use crate::rng::{CounterRng, rough_normal};

/// Output to input coordinates, both in -1..1: `x_in = m0 x + m1 y + m2`, `y_in = m3 x + m4 y + m5`.
pub type Affine = [f32; 6];

/// Everything random about a view but its noise: drawn on the host for every device, so that only arithmetic is left to a GPU.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
    /// Where each place of the view comes from.
    pub map: Affine,
    /// Other colours, if they change.
    pub jitter: Option<Colours>,
    /// No colours at all.
    pub grey: bool,
    /// What is light becomes dark.
    pub invert: bool,
    /// Factor of all values.
    pub ink: f32,
    /// Brightness that is added at the edge of the picture...
    pub light: f32,
    /// ...in this direction (a unit vector), and taken away at the opposite one.
    pub towards: [f32; 2],
    /// Standard deviation of the noise.
    pub noise: f32,
}

/// A change of colours: `v -> ((v - mean) contrast + mean) brightness` with the picture's mean, then a matrix on (R, G, B).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colours {
    /// Factor of all values.
    pub brightness: f32,
    /// Factor of distances from the mean.
    pub contrast: f32,
    /// Hue and saturation; pictures without three channels go without.
    pub matrix: [[f32; 3]; 3],
}

impl Default for Recipe {
    fn default() -> Self {
        Recipe {
            map: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            jitter: None,
            grey: false,
            invert: false,
            ink: 1.0,
            light: 0.0,
            towards: [1.0, 0.0],
            noise: 0.0,
        }
    }
}

/// The luma of RGB.
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

impl Recipe {
    /// The view of `row`, `[channels, height, width]`, into `out`; its noise is what `rng` gives next, value by value.
    pub fn follow(&self, row: &[f32], shape: [usize; 3], rng: &mut CounterRng, out: &mut [f32]) {
        warp(row, shape, self.map, out);
        self.colour(shape[0], out);
        self.light_and_noise(rng, shape, out);
    }

    fn colour(&self, channels: usize, out: &mut [f32]) {
        let pixels = out.len() / channels.max(1);
        if let Some(Colours { brightness, contrast, matrix }) = self.jitter {
            let mean = out.iter().sum::<f32>() / out.len().max(1) as f32;
            for value in out.iter_mut() {
                *value = ((*value - mean) * contrast + mean) * brightness;
            }
            if channels == 3 {
                shift_colours(out, pixels, matrix);
            }
        }
        if self.grey && channels == 3 {
            shift_colours(out, pixels, [LUMA; 3]);
        }
        if self.invert {
            out.iter_mut().for_each(|value| *value = 1.0 - *value);
        }
    }

    fn light_and_noise(&self, rng: &mut CounterRng, [_, height, width]: [usize; 3], out: &mut [f32]) {
        let centred = |at: usize, side: usize| (2 * at + 1) as f32 / side as f32 - 1.0;
        for (y, line) in out.chunks_exact_mut(width).enumerate() {
            let down = self.towards[1] * centred(y % height, height);
            for (x, value) in line.iter_mut().enumerate() {
                let light = self.light * (self.towards[0] * centred(x, width) + down);
                *value = (*value * self.ink + light + self.noise * rough_normal(rng.next_u32())).clamp(0.0, 1.0);
            }
        }
    }

    /// The matrix on (R, G, B) that jitter and grey come to.
    pub fn matrix(&self) -> [[f32; 3]; 3] {
        let matrix = self.jitter.map_or([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], |jitter| jitter.matrix);
        if !self.grey {
            return matrix;
        }
        let column = |at: usize| LUMA.iter().zip(&matrix).map(|(share, row)| share * row[at]).sum();
        [[column(0), column(1), column(2)]; 3]
    }
}

/// Rotates the hue by a share of the circle and scales the saturation, in YIQ (luma is kept).
pub fn hue_matrix(turn: f32, saturation: f32) -> [[f32; 3]; 3] {
    let (sin, cos) = (turn * std::f32::consts::TAU).sin_cos();
    let (s, c) = (sin * saturation, cos * saturation);
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
                let from = &row[channel * plane..][..plane];
                let top = from[y0 * width + x0] * (1.0 - fx) + from[y0 * width + x1] * fx;
                let bottom = from[y1 * width + x0] * (1.0 - fx) + from[y1 * width + x1] * fx;
                out[channel * plane + y * width + x] = top * (1.0 - fy) + bottom * fy;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Domain;

    fn picture() -> Vec<f32> {
        (0..192).map(|i| (i * 37 % 101) as f32 / 100.0).collect()
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

    #[test]
    fn noise_has_the_recipes_strength_and_its_values_tell_nothing_of_each_other() {
        let recipe = Recipe { noise: 0.02, ..Recipe::default() };
        let noise_of = |sample: u32, view: u32| -> Vec<f64> {
            let mut rng = CounterRng::new(Domain::Augment, 7, 1, sample, view);
            let mut out = vec![0.0; 3 * 32 * 32];
            recipe.follow(&[0.5; 3 * 32 * 32], [3, 32, 32], &mut rng, &mut out);
            out.iter().map(|value| f64::from(value - 0.5) / 0.02).collect()
        };
        let mean_product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / a.len() as f64;
        let [first, second] = [0, 1].map(|view| (0..16).flat_map(|sample| noise_of(sample, view)).collect::<Vec<_>>());
        // 49,152 values: five standard errors of a variance, a mean and a correlation.
        assert!((mean_product(&first, &first) - 1.0).abs() < 0.03);
        assert!(first.iter().sum::<f64>().abs() / (first.len() as f64) < 0.023);
        // The next value, the next block of four draws, the next line, the next channel; the other view.
        for lag in [1, 2, 3, 4, 32, 1024] {
            let correlation = mean_product(&first[lag..], &first[..first.len() - lag]);
            assert!(correlation.abs() < 0.023, "{lag}: {correlation}");
        }
        assert!(mean_product(&first, &second).abs() < 0.023);
    }

    #[test]
    fn one_matrix_does_what_jitter_and_grey_do_in_turn() {
        let jitter = Colours { brightness: 1.0, contrast: 1.0, matrix: hue_matrix(0.15, 1.3) };
        for grey in [false, true] {
            let recipe = Recipe { jitter: Some(jitter), grey, ..Recipe::default() };
            let (mut one, mut two) = (picture(), picture());
            recipe.colour(3, &mut one);
            shift_colours(&mut two, 64, recipe.matrix());
            assert!(one.iter().zip(two).all(|(a, b)| (a - b).abs() < 1e-5), "{grey}");
        }
    }
}
