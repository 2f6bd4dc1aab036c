//! Augmentation: one random view of a sample. The reference (CPU) implementation.
//!
//! Pictures go through an affine crop with bilinear sampling, then colour; draws come from the sample's own generator in
//! a fixed order, so a view depends on its key alone. What is drawn is a [`Recipe`]; a GPU follows the same one.

mod recipe;

pub use recipe::{Colours, Recipe};

use super::mixing::Mixing;
use super::sample::Kind;
use crate::rng::CounterRng;

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
            (_, &Kind::Image { channels, height, width }) => {
                if let Some(recipe) = self.recipe(rng) {
                    recipe.follow(row, [channels, height, width], rng, out);
                }
            }
            (_, Kind::Vector { .. }) => out.copy_from_slice(row),
        }
    }

    /// Draws everything about a picture's view but its noise, which `rng` gives afterwards; `None` for latents.
    pub fn recipe(&self, rng: &mut CounterRng) -> Option<Recipe> {
        match self {
            Augmentation::Grey(options) => Some(options.recipe(rng)),
            Augmentation::Colour(options) => Some(options.recipe(rng)),
            Augmentation::Latent(_) => None,
        }
    }
}

impl GreyOptions {
    fn recipe(&self, rng: &mut CounterRng) -> Recipe {
        let (sin, cos) = rng.range(-self.rotation, self.rotation).sin_cos();
        let shear = rng.range(-self.shear, self.shear);
        // A larger picture reads from a smaller part of the input.
        let inverse_scale = 1.0 / rng.range(self.scale.0, self.scale.1);
        let [dx, dy] = [(); 2].map(|()| 2.0 * rng.range(-self.shift, self.shift));
        let map = [
            cos * inverse_scale,
            (shear * cos - sin) * inverse_scale,
            dx,
            sin * inverse_scale,
            (shear * sin + cos) * inverse_scale,
            dy,
        ];
        Recipe { map, ink: 1.0 + rng.range(-self.ink, self.ink), noise: self.noise, ..Recipe::default() }
    }
}

impl ColourOptions {
    fn recipe(&self, rng: &mut CounterRng) -> Recipe {
        let map = self.crop(rng);
        // Always the same number of draws, so that one switch does not shift all later ones.
        let [jitter, grey, invert] = [self.jitter, self.grey, self.invert].map(|p| rng.chance(p));
        let [brightness, contrast, saturation] = [(); 3].map(|()| 1.0 + rng.range(-self.strength, self.strength));
        let hue = rng.range(-self.hue, self.hue);
        let (sin, cos) = rng.range(0.0, std::f32::consts::TAU).sin_cos();
        let light = self.light * rng.uniform();
        let jitter = jitter.then(|| Colours { brightness, contrast, matrix: recipe::hue_matrix(hue, saturation) });
        Recipe { map, jitter, grey, invert, ink: 1.0, light, towards: [cos, sin], noise: self.noise }
    }

    fn crop(&self, rng: &mut CounterRng) -> recipe::Affine {
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Domain;

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
}
