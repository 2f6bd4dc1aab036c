//! Procedural pictures: 32x32 RGB, ten classes of shape and four unseen ones.
//!
//! Position, rotation, size, hues, texture, background and clutter are drawn for each picture, so that raw pixels say
//! little about the class. Shapes are signed distance functions (negative inside, unit circle scale), anti-aliased by the
//! distance itself.

use super::augment::{Augmentation, ColourOptions};
use super::dataset::{Dataset, Split};
use super::sample::Kind;
use crate::rng::{CounterRng, Domain};

/// Side of a picture in pixels.
pub const SIDE: usize = 32;
/// Largest rotation of a shape, in radians.
const TILT: f32 = 0.6;
const TRAIN: usize = 2000;
const TEST: usize = 500;
const UNSEEN: usize = 200;

/// A signed distance function on the plane.
type Distance = fn(f32, f32) -> f32;

/// Name and distance of each class; the last [`UNSEEN_CLASSES`] are never trained on.
const CLASSES: [(&str, Distance); 14] = [
    ("disc", |x, y| x.hypot(y) - 0.8),
    ("ring", |x, y| (x.hypot(y) - 0.68).abs() - 0.17),
    ("square", |x, y| rectangle(x, y, 0.7, 0.7)),
    ("triangle", |x, y| polygon(x, y, 3, 0.5)),
    ("star", star),
    ("cross", |x, y| rectangle(x, y, 0.9, 0.26).min(rectangle(x, y, 0.26, 0.9))),
    ("crescent", |x, y| (x.hypot(y) - 0.85).max(0.68 - (x - 0.38).hypot(y))),
    ("bars", |x, y| {
        rectangle(x, y - 0.55, 0.85, 0.19).min(rectangle(x, y + 0.55, 0.85, 0.19)).min(rectangle(x, y, 0.85, 0.19))
    }),
    ("arrow", |x, y| rectangle(x + 0.35, y, 0.55, 0.17).min(polygon(x - 0.4, y, 3, 0.33))),
    ("dumbbell", |x, y| ((x.abs() - 0.6).hypot(y) - 0.36).min(rectangle(x, y, 0.6, 0.12))),
    ("heart", |x, y| {
        let (x, y) = (x.abs() * 1.15, -y * 1.15 + 0.15);
        let lobe = (x - 0.42).hypot(y - 0.32) - 0.48;
        lobe.min(((x + y.abs().max(0.0)) * 0.72 - 0.62).max(y - 0.4).max(-y - 0.95))
    }),
    ("frame", |x, y| rectangle(x, y, 0.75, 0.75).max(-rectangle(x, y, 0.42, 0.42))),
    ("quarters", |x, y| (x.hypot(y) - 0.85).max(0.12 - (x * y).signum() * x.abs().min(y.abs()))),
    ("three dots", |x, y| {
        let dot = |angle: f32| (x - 0.55 * angle.cos()).hypot(y - 0.55 * angle.sin()) - 0.3;
        dot(0.5).min(dot(2.6)).min(dot(4.7))
    }),
];
const UNSEEN_CLASSES: usize = 4;

fn rectangle(x: f32, y: f32, half_width: f32, half_height: f32) -> f32 {
    let (dx, dy) = (x.abs() - half_width, y.abs() - half_height);
    dx.max(0.0).hypot(dy.max(0.0)) + dx.max(dy).min(0.0)
}

/// A regular polygon with a corner on the positive x axis.
fn polygon(x: f32, y: f32, corners: u32, inner_radius: f32) -> f32 {
    let sector = std::f32::consts::TAU / corners as f32;
    let angle = y.atan2(x).rem_euclid(sector) - sector / 2.0;
    x.hypot(y) * angle.cos() - inner_radius
}

fn star(x: f32, y: f32) -> f32 {
    let sector = std::f32::consts::TAU / 5.0;
    let angle = (y.atan2(x).rem_euclid(sector) - sector / 2.0).abs();
    let (px, py) = (x.hypot(y) * (sector / 2.0 - angle).cos(), x.hypot(y) * (sector / 2.0 - angle).sin());
    // The edge from the outer corner (0.95, 0) to the inner corner at half a sector.
    let (ax, ay) = (0.95, 0.0);
    let (bx, by) = (0.42 * (sector / 2.0).cos(), 0.42 * (sector / 2.0).sin());
    let (ex, ey) = (bx - ax, by - ay);
    -(((px - ax) * -ey + (py - ay) * ex) / ex.hypot(ey))
}

impl Dataset {
    /// The shapes, 2,000 for training and 500 held out, balanced.
    pub fn shapes(seed: u64) -> Dataset {
        Dataset::shapes_sized(seed, TRAIN, TEST, UNSEEN)
    }

    /// The shapes with given numbers of samples.
    pub fn shapes_sized(seed: u64, train: usize, test: usize, unseen: usize) -> Dataset {
        let (seen_classes, unseen_classes) = CLASSES.split_at(CLASSES.len() - UNSEEN_CLASSES);
        let names = |classes: &[(&str, Distance)]| classes.iter().map(|(name, _)| (*name).to_owned()).collect();
        Dataset {
            name: "Shapes".to_owned(),
            kind: Kind::Image { channels: 3, height: SIDE, width: SIDE },
            classes: names(seen_classes),
            train: draw_split(seed, 1, train, seen_classes),
            test: draw_split(seed, 2, test, seen_classes),
            unseen: Some(draw_split(seed, 3, unseen, unseen_classes)),
            unseen_classes: names(unseen_classes),
            provenance: "Drawn by Normscope from the seed.".to_owned(),
            augmentation: Augmentation::Colour(ColourOptions::for_shapes()),
            notes: Vec::new(),
        }
    }
}

fn draw_split(seed: u64, part: u32, n: usize, classes: &[(&str, Distance)]) -> Split {
    let mut split = Split::default();
    let mut row = vec![0.0; 3 * SIDE * SIDE];
    for index in 0..n {
        let class = index % classes.len();
        let mut rng = CounterRng::new(Domain::Shapes, seed, part, index as u32, 0);
        draw(classes[class].1, &mut rng, &mut row);
        split.push(&row, class as u16);
    }
    split
}

/// Where and how a shape lies: picture coordinates (-1..1) to shape coordinates.
struct Pose {
    x: f32,
    y: f32,
    cos: f32,
    sin: f32,
    size: f32,
    squeeze: f32,
}

impl Pose {
    fn draw(rng: &mut CounterRng, size: (f32, f32), reach: f32) -> Pose {
        let (sin, cos) = rng.range(-TILT, TILT).sin_cos();
        Pose {
            x: rng.range(-reach, reach),
            y: rng.range(-reach, reach),
            cos,
            sin,
            size: rng.range(size.0, size.1),
            squeeze: rng.range(0.8, 1.2),
        }
    }

    /// Coverage of the pixel at (x, y), 0..1.
    fn cover(&self, distance: Distance, x: f32, y: f32) -> f32 {
        let (dx, dy) = ((x - self.x) / self.size, (y - self.y) / self.size);
        let (u, v) = ((self.cos * dx + self.sin * dy) * self.squeeze, self.cos * dy - self.sin * dx);
        let pixel = 2.0 / (SIDE as f32 * self.size);
        (0.5 - distance(u, v) / pixel).clamp(0.0, 1.0)
    }
}

/// Two colours with a pattern.
struct Paint {
    one: [f32; 3],
    two: [f32; 3],
    pattern: u32,
    angle: (f32, f32),
    frequency: f32,
    phase: f32,
}

impl Paint {
    /// `patterns` limits the pattern to the first ones: gradient, stripes, checks.
    fn draw(rng: &mut CounterRng, lightness: (f32, f32), patterns: u32) -> Paint {
        let mut colour = || {
            let hue = rng.uniform();
            let saturation = rng.range(0.25, 0.9);
            let light = rng.range(lightness.0, lightness.1);
            [0.0, 1.0 / 3.0, 2.0 / 3.0].map(|shift| {
                let wave = 0.5 + 0.5 * ((hue + shift) * std::f32::consts::TAU).cos();
                (light * (1.0 - saturation + 2.0 * saturation * wave)).clamp(0.0, 1.0)
            })
        };
        let (one, two) = (colour(), colour());
        let (sin, cos) = rng.range(0.0, std::f32::consts::TAU).sin_cos();
        Paint {
            one,
            two,
            pattern: rng.below(patterns),
            angle: (cos, sin),
            frequency: rng.range(4.0, 11.0),
            phase: rng.range(0.0, 6.0),
        }
    }

    fn at(&self, x: f32, y: f32) -> [f32; 3] {
        let along = self.angle.0 * x + self.angle.1 * y;
        let across = self.angle.0 * y - self.angle.1 * x;
        let share = match self.pattern {
            0 => 0.5 + 0.5 * along,
            1 => 0.5 + 0.5 * (along * self.frequency + self.phase).sin(),
            _ => 0.5 + 0.5 * (along * self.frequency).sin() * (across * self.frequency + self.phase).sin(),
        };
        let share = share.clamp(0.0, 1.0) * 0.8;
        [0, 1, 2].map(|c| self.one[c] * (1.0 - share) + self.two[c] * share)
    }
}

fn draw(distance: Distance, rng: &mut CounterRng, out: &mut [f32]) {
    let shape_is_light = rng.chance(0.5);
    let (shape_light, ground_light) =
        if shape_is_light { ((0.6, 0.95), (0.12, 0.42)) } else { ((0.1, 0.38), (0.55, 0.95)) };
    // A ground without stripes: else it is what tells one picture from another, and the shape is ignored.
    let ground = Paint::draw(rng, ground_light, 1);
    let paint = Paint::draw(rng, shape_light, 3);
    let pose = Pose::draw(rng, (0.5, 0.75), 0.25);
    let clutter: Vec<(Pose, Paint)> =
        (0..rng.below(2)).map(|_| (Pose::draw(rng, (0.06, 0.16), 0.95), Paint::draw(rng, (0.2, 0.8), 1))).collect();
    let noise = rng.range(0.0, 0.05);
    let plane = SIDE * SIDE;
    for py in 0..SIDE {
        let y = (2 * py + 1) as f32 / SIDE as f32 - 1.0;
        for px in 0..SIDE {
            let x = (2 * px + 1) as f32 / SIDE as f32 - 1.0;
            let mut colour = ground.at(x, y);
            let mut blend = |cover: f32, top: [f32; 3]| {
                for channel in 0..3 {
                    colour[channel] += cover * (top[channel] - colour[channel]);
                }
            };
            blend(pose.cover(distance, x, y), paint.at(x, y));
            for (pose, paint) in &clutter {
                blend(pose.cover(CLASSES[0].1, x, y), paint.at(x, y));
            }
            for channel in 0..3 {
                out[channel * plane + py * SIDE + px] = (colour[channel] + noise * rng.normal()).clamp(0.0, 1.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_balanced_in_range_and_decided_by_the_seed() {
        let data = Dataset::shapes_sized(3, 100, 20, 8);
        assert_eq!(data, Dataset::shapes_sized(3, 100, 20, 8));
        assert_ne!(data.train, Dataset::shapes_sized(4, 100, 20, 8).train);
        assert!(data.train.inputs.iter().all(|v| (0.0..=1.0).contains(v)));
        assert_eq!((data.classes.len(), data.unseen_classes.len()), (10, 4));
        assert_eq!(data.train.labels.iter().filter(|&&label| label == 4).count(), 10);
    }

    #[test]
    fn every_shape_covers_a_fair_part_of_its_square() {
        for (name, distance) in CLASSES {
            let inside = (0..40 * 40)
                .filter(|at| {
                    let (x, y) = ((at % 40) as f32 / 20.0 - 0.975, (at / 40) as f32 / 20.0 - 0.975);
                    distance(x, y) < 0.0
                })
                .count();
            assert!((200..1300).contains(&inside), "{name}: {inside} of 1600");
        }
    }
}
