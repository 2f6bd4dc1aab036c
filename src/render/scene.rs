//! The scene's maths, shared by the page (2D painter, picking) and the worker (wgpu).
//!
//! World: the sphere of radius 1 around the origin, y up. The camera sits on the z axis at distance [`EYE`] and looks at
//! the origin; yaw and pitch turn the world. A norm is a radius on a logarithmic scale: the shared range of norms (which
//! always contains 1) maps to [`INNER`]..1, and the shell of |z| = 1 is drawn where 1 falls in that range.

use glam::{Mat3, Vec2, Vec3};

use super::palette::{self, Rgb};
use crate::metrics::projection::between;
use crate::protocol::Frame;

/// Distance of the camera from the centre.
pub const EYE: f32 = 3.6;
/// Radius of the smallest norm in the range.
pub const INNER: f32 = 0.30;
/// Radius of a point among few, in world units.
const POINT: f32 = 0.021;
/// So many are few.
const FEW: f32 = 1000.0;
/// How much of the canvas's shorter half the sphere's outline takes at zoom 1.
const FILL: f32 = 0.92;
/// Colours of the scale of norms that are told apart, less one.
pub const COLOURS: f32 = 24.0;
/// Depths that fading tells apart, less one.
pub const DEPTHS: f32 = 10.0;
/// How far the farthest point has faded into the page.
pub const FADE: f32 = 0.62;

/// Where the points were and where they are now.
#[derive(Clone, Debug, Default)]
pub struct Cloud {
    /// Class of each point.
    pub labels: Vec<u16>,
    from: Vec<Place>,
    to: Vec<Place>,
}

/// A place in the unit ball and the logarithm of a length.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    /// On the sphere, or inside where the drawn axes hold too little of the direction (metrics::projection).
    direction: Vec3,
    log_norm: f32,
}

impl Place {
    fn mix(self, other: Place, t: f32) -> Place {
        Place {
            direction: between(self.direction, other.direction, t),
            log_norm: self.log_norm + (other.log_norm - self.log_norm) * t,
        }
    }
}

/// A point as it is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dot {
    /// Index in the cloud.
    pub index: usize,
    /// In camera coordinates: x right, y up, z towards the reader.
    pub position: Vec3,
    /// Its colour, faded towards the page with distance.
    pub colour: Rgb,
}

impl Cloud {
    /// No points yet, but their classes.
    pub fn with_labels(labels: Vec<u16>) -> Cloud {
        Cloud { labels, ..Cloud::default() }
    }

    /// Takes over new points: `directions: [n, 3]` in the unit ball, `norms: [n]`. `shown` is how far the last
    /// transition had come (0..=1), so that nothing jumps when updates come faster than the transition.
    pub fn update(&mut self, directions: &[f32], norms: &[f32], shown: f32) {
        let next: Vec<Place> = directions
            .chunks_exact(3)
            .zip(norms)
            .map(|(d, norm)| Place { direction: Vec3::new(d[0], d[1], d[2]), log_norm: norm.max(1e-12).ln() })
            .collect();
        self.from = if self.to.len() == next.len() {
            self.from.iter().zip(&self.to).map(|(a, b)| a.mix(*b, shown)).collect()
        } else {
            next.clone()
        };
        self.to = next;
    }

    /// The latest points: directions `[n, 3]` and norms `[n]`.
    pub fn points(&self) -> (Vec<f32>, Vec<f32>) {
        let directions = self.to.iter().flat_map(|place| place.direction.to_array()).collect();
        (directions, self.to.iter().map(|place| place.log_norm.exp()).collect())
    }

    /// Direction and logarithm of the norm of each point, before and after, `[n, 4]` each: what a GPU draws from.
    pub fn places(&self) -> [Vec<[f32; 4]>; 2] {
        let four = |place: &Place| place.direction.extend(place.log_norm).to_array();
        [&self.from, &self.to].map(|places| places.iter().map(four).collect())
    }

    /// No points, e.g. because the data changed.
    pub fn clear(&mut self) {
        self.from.clear();
        self.to.clear();
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.to.len()
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.to.is_empty()
    }

    /// Smallest and largest norm of the latest points; `None` without points.
    pub fn norm_range(&self) -> Option<(f32, f32)> {
        ends(self.to.iter().map(|place| place.log_norm.exp()))
    }

    /// The points of a frame, farthest first.
    pub fn dots(&self, frame: &Frame) -> Vec<Dot> {
        let view = view(frame);
        let page = palette::background(frame.dark);
        let mut dots: Vec<Dot> = (0..self.to.len())
            .map(|index| {
                let place = self.from[index].mix(self.to[index], frame.tween);
                let radius = mix(1.0, radius(place.log_norm.exp(), frame.norm_range), frame.morph);
                let position = view * (place.direction * radius);
                let own = if frame.by_norm {
                    palette::scale(in_steps(position_in(place.log_norm.exp(), frame.norm_range), COLOURS), frame.dark)
                } else {
                    palette::class(self.labels.get(index).copied().unwrap_or_default(), frame.dark)
                };
                let fade = FADE * in_steps((0.5 - 0.5 * position.z).clamp(0.0, 1.0), DEPTHS);
                Dot { index, position, colour: palette::mix(own, page, fade) }
            })
            .collect();
        dots.sort_unstable_by(|a, b| a.position.z.total_cmp(&b.position.z));
        dots
    }

    /// Centre and radius of a point on the canvas, device pixels.
    pub fn disc(&self, frame: &Frame, dot: &Dot) -> (Vec2, f32) {
        let (centre, scale) = project(frame, dot.position);
        (centre, point_radius(self.len()) * scale)
    }

    /// The point nearest to the reader whose disc, grown to `reach` device pixels, covers (x, y); device pixels.
    pub fn pick(&self, frame: &Frame, at: Vec2, reach: f32) -> Option<usize> {
        let distance = |dot: &Dot| {
            let (centre, radius) = self.disc(frame, dot);
            (centre.distance(at), radius)
        };
        let dots = self.dots(frame);
        let on_it = dots.iter().rev().find(|dot| {
            let (distance, radius) = distance(dot);
            distance <= radius
        });
        let near_it = || {
            dots.iter()
                .map(|dot| (dot, distance(dot).0))
                .filter(|(_, distance)| *distance <= reach)
                .min_by(|a, b| a.1.total_cmp(&b.1))
                .map(|(dot, _)| dot)
        };
        on_it.or_else(near_it).map(|dot| dot.index)
    }

    /// Where a point is on the canvas, in device pixels, and its radius there.
    pub fn locate(&self, frame: &Frame, index: usize) -> Option<(Vec2, f32)> {
        self.dots(frame).iter().find(|dot| dot.index == index).map(|dot| self.disc(frame, dot))
    }

    /// The next point from `index` in a direction on the screen (arrow keys): the nearest one that lies that way.
    pub fn step_from(&self, frame: &Frame, index: Option<usize>, direction: Vec2) -> Option<usize> {
        let dots = self.dots(frame);
        let places: Vec<(usize, Vec2)> = dots.iter().map(|dot| (dot.index, project(frame, dot.position).0)).collect();
        let Some((_, here)) = places.iter().find(|(i, _)| Some(*i) == index).copied() else {
            return dots.last().map(|dot| dot.index);
        };
        let cost = |to: Vec2| {
            let along = (to - here).dot(direction);
            let aside = (to - here).perp_dot(direction).abs();
            (along > 1.0).then_some(along + 2.0 * aside)
        };
        places
            .iter()
            .filter_map(|(i, to)| cost(*to).map(|cost| (*i, cost)))
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(i, _)| i)
    }
}

/// The nearest of `steps` + 1 even values in 0..1: few colours are cheaper to paint, and the difference can't be seen.
fn in_steps(share: f32, steps: f32) -> f32 {
    (share * steps).round() / steps
}

/// The rotation from world to camera coordinates.
pub fn view(frame: &Frame) -> Mat3 {
    Mat3::from_rotation_x(frame.pitch) * Mat3::from_rotation_y(frame.yaw)
}

/// Focal length in units of half the canvas's shorter side, so that the unit sphere's outline fills `FILL` of it.
pub fn focal(zoom: f32) -> f32 {
    FILL * (EYE * EYE - 1.0).sqrt() * zoom
}

/// Half the canvas's shorter side, device pixels.
fn half(frame: &Frame) -> f32 {
    0.5 * frame.width.min(frame.height) as f32
}

/// The radius of each of `n` points, in world units: many are smaller, but never too small to be seen.
pub fn point_radius(n: usize) -> f32 {
    POINT * (FEW / (n as f32).max(FEW)).sqrt().sqrt()
}

/// Camera coordinates to device pixels, and how many of those a world unit is there.
pub fn project(frame: &Frame, p: Vec3) -> (Vec2, f32) {
    let scale = half(frame) * focal(frame.zoom) / (EYE - p.z);
    let centre = Vec2::new(frame.width as f32, frame.height as f32) * 0.5;
    (centre + Vec2::new(p.x, -p.y) * scale, scale)
}

/// The outline of a sphere of radius `r` around the origin, device pixels.
pub fn outline(frame: &Frame, r: f32) -> f32 {
    half(frame) * focal(frame.zoom) * r / (EYE * EYE - r * r).sqrt()
}

/// The logarithms of a range of norms.
pub fn log_range(range: [f32; 2]) -> [f32; 2] {
    range.map(|norm| norm.max(1e-12).ln())
}

/// Where a norm lies in the range, 0..1 on a logarithmic scale.
pub fn position_in(norm: f32, range: [f32; 2]) -> f32 {
    let [low, high] = log_range(range);
    if high - low < 1e-6 { 1.0 } else { ((norm.max(1e-12).ln() - low) / (high - low)).clamp(0.0, 1.0) }
}

/// The radius at which a norm is drawn in the true-length view.
pub fn radius(norm: f32, range: [f32; 2]) -> f32 {
    mix(INNER, 1.0, position_in(norm, range))
}

/// The radius of the shell: |z| = 1 in the true-length view, the sphere itself in the other.
pub fn shell(frame: &Frame) -> f32 {
    mix(1.0, radius(1.0, frame.norm_range), frame.morph)
}

/// Smallest and largest of some norms; `None` without any.
pub fn ends(norms: impl Iterator<Item = f32>) -> Option<(f32, f32)> {
    norms.fold(None, |ends, norm| {
        Some(ends.map_or((norm, norm), |(low, high): (f32, f32)| (low.min(norm), high.max(norm))))
    })
}

/// The range of norms to draw for several arms: all their norms and 1, a little wider, at least a factor of 3.
pub fn common_range(ranges: impl IntoIterator<Item = (f32, f32)>) -> [f32; 2] {
    let (low, high) = ranges.into_iter().fold((1.0_f32, 1.0_f32), |(a, b), (c, d)| (a.min(c), b.max(d)));
    let (low, high) = (low.max(1e-6) / 1.08, high.min(1e9) * 1.08);
    let missing = (3.0 / (high / low)).max(1.0).sqrt();
    [low / missing, high * missing]
}

/// Round norms inside the range for rings and labels: 1, 2, 5, 10, ... thinned to at most six.
pub fn ticks(range: [f32; 2]) -> Vec<f32> {
    let decades = -6..=9;
    let all: Vec<f32> = decades
        .flat_map(|decade| [1.0, 2.0, 5.0].map(|lead| lead * 10_f32.powi(decade)))
        .filter(|tick| (range[0]..=range[1]).contains(tick))
        .collect();
    if all.len() <= 6 {
        return all;
    }
    let tens = |tick: &f32| (tick.log10() - tick.log10().round()).abs() < 1e-3;
    let tens: Vec<f32> = all.into_iter().filter(tens).collect();
    let every = tens.len().div_ceil(6).max(1);
    tens.into_iter().step_by(every).collect()
}

/// Half circles of the graticule on the unit sphere, as point lists in world coordinates.
pub fn graticule() -> Vec<Vec<Vec3>> {
    const SEGMENTS: usize = 48;
    let angle = |i: usize, n: usize| std::f32::consts::TAU * i as f32 / n as f32;
    let meridians = (0..6).map(|k| {
        let around = angle(k, 12);
        (0..=SEGMENTS)
            .map(|i| {
                let (s, c) = angle(i, SEGMENTS).sin_cos();
                Vec3::new(s * around.cos(), c, s * around.sin())
            })
            .collect()
    });
    let parallels = (-2..=2).map(|k| {
        let (height, ring) = (k as f32 * 30_f32.to_radians()).sin_cos();
        (0..=SEGMENTS)
            .map(|i| {
                let (s, c) = angle(i, SEGMENTS).sin_cos();
                Vec3::new(ring * c, height, ring * s)
            })
            .collect()
    });
    meridians.chain(parallels).collect()
}

fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        Frame { yaw: 0.0, pitch: 0.0, morph: 0.0, norm_range: [0.5, 10.0], ..Frame::still(400, 300) }
    }

    fn cloud() -> Cloud {
        let mut cloud = Cloud::default();
        cloud.update(&[0., 0., 1., 0., 0., -1., 1., 0., 0.], &[1.0, 5.0, 10.0], 1.0);
        cloud
    }

    #[test]
    fn the_nearest_of_two_points_behind_one_another_is_picked() {
        assert_eq!(cloud().pick(&frame(), Vec2::new(200.0, 150.0), 8.0), Some(0));
        let behind = Frame { yaw: std::f32::consts::PI, ..frame() };
        assert_eq!(cloud().pick(&behind, Vec2::new(200.0, 150.0), 8.0), Some(1));
        assert_eq!(cloud().pick(&frame(), Vec2::new(5.0, 5.0), 8.0), None);
    }

    #[test]
    fn every_point_is_picked_where_it_is_drawn() {
        for (index, yaw) in [(0, 0.3), (1, 2.9), (2, -0.8)] {
            let frame = Frame { yaw, morph: 0.5, ..frame() };
            let (at, _) = cloud().locate(&frame, index).unwrap();
            assert_eq!(cloud().pick(&frame, at, 2.0), Some(index));
        }
    }

    #[test]
    fn radii_are_logarithmic_and_the_unit_shell_is_where_norm_one_falls() {
        let range = [0.1, 10.0];
        assert!((radius(1.0, range) - (INNER + 1.0) / 2.0).abs() < 1e-6);
        assert_eq!(radius(100.0, range), 1.0);
        assert_eq!(radius(0.0, range), INNER);
        assert_eq!(shell(&frame()), 1.0);
        let long = Frame { morph: 1.0, norm_range: range, ..frame() };
        assert!((shell(&long) - radius(1.0, range)).abs() < 1e-6);
    }

    #[test]
    fn an_update_in_the_middle_of_a_transition_continues_from_what_is_shown() {
        let mut cloud = cloud();
        cloud.update(&[1., 0., 0., 0., 0., -1., 1., 0., 0.], &[1.0, 5.0, 10.0], 1.0);
        let halfway = cloud.dots(&Frame { tween: 0.5, ..frame() });
        cloud.update(&[0., 1., 0., 0., 0., -1., 1., 0., 0.], &[1.0, 5.0, 10.0], 0.5);
        let after = cloud.dots(&Frame { tween: 0.0, ..frame() });
        for dot in halfway {
            let same = after.iter().find(|other| other.index == dot.index).unwrap();
            assert!(same.position.distance(dot.position) < 1e-5);
        }
    }

    #[test]
    fn the_common_range_contains_every_norm_and_one() {
        let [low, high] = common_range([(3.0, 20.0), (5.0, 8.0)]);
        assert!(low < 1.0 && high > 20.0);
        let [low, high] = common_range([]);
        assert!(low < 1.0 && high > 1.0 && high / low > 2.99);
        assert!(common_range([(0.0, f32::INFINITY)]).iter().all(|v| v.is_finite() && *v > 0.0));
    }

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(ticks([0.5, 12.0]), [0.5, 1.0, 2.0, 5.0, 10.0]);
        assert!(ticks([1e-6, 1e9]).len() <= 6);
    }

    #[test]
    fn arrow_keys_walk_to_a_point_that_lies_that_way() {
        let frame = Frame { yaw: 0.2, ..frame() };
        let right = cloud().step_from(&frame, Some(0), Vec2::new(1.0, 0.0));
        assert_eq!(right, Some(2));
        assert!(cloud().step_from(&frame, None, Vec2::new(1.0, 0.0)).is_some());
    }

    #[test]
    fn the_outline_fills_the_canvas() {
        let reach = outline(&frame(), 1.0);
        assert!((reach / 150.0 - FILL).abs() < 1e-4);
    }
}
