//! The points of one arm at one step in 6 bytes each: an octahedral direction and the logarithm of the norm; 8 where some
//! are drawn inside the sphere.
//!
//! The direction is folded onto a square (Meyer et al. 2010, "On floating-point normal vectors") of 4095 x 4095 places:
//! at most 0.0011 rad off. The norm is kept to 1/512 of its logarithm: at most 0.1 % off. The distance from the centre, which
//! is 1 but where the drawn axes hold too little of a direction (metrics::projection), is kept to 1/1000.

use glam::Vec3;
use serde::{Deserialize, Serialize};

use crate::metrics::projection;

/// Places from the middle of the square to its edge.
const SIDE: f32 = 2047.0;
/// Places of a norm per unit of its natural logarithm.
const LOG: f32 = 512.0;
/// Places from the centre to the sphere.
const DEPTH: f32 = 1000.0;

/// Quantised points.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shot {
    /// Training steps done.
    pub step: u32,
    /// Place on the folded square, `[n]` each.
    pub u: Vec<i16>,
    /// See `u`.
    pub v: Vec<i16>,
    /// Logarithm of |z|, `[n]`.
    pub norm: Vec<i16>,
    /// Distance from the centre, `[n]`; nothing while all points are on the sphere.
    pub depth: Vec<i16>,
}

impl Shot {
    /// Quantises `directions: [n, 3]` in the unit ball and `norms: [n]`.
    pub fn new(step: u32, directions: &[f32], norms: &[f32]) -> Shot {
        let mut shot = Shot { step, ..Shot::default() };
        for (direction, norm) in directions.chunks_exact(3).zip(norms) {
            let [u, v] = fold([direction[0], direction[1], direction[2]]);
            shot.u.push(u);
            shot.v.push(v);
            let depth = direction.iter().map(|x| x * x).sum::<f32>().sqrt();
            shot.depth.push((depth.min(1.0) * DEPTH).round() as i16);
            let log = if *norm > 0.0 { (norm.ln() * LOG).round() } else { f32::from(i16::MIN) };
            // A saturating cast: norms beyond e^64 are all the same to the eye.
            shot.norm.push(log as i16);
        }
        if shot.depth.iter().all(|depth| *depth == DEPTH as i16) {
            shot.depth.clear();
        }
        shot
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.u.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.u.is_empty()
    }

    /// Places in the unit ball, `[n, 3]`.
    pub fn directions(&self) -> Vec<f32> {
        let depth = |at: usize| self.depth.get(at).map_or(1.0, |depth| (f32::from(*depth) / DEPTH).clamp(0.0, 1.0));
        let place = |(at, (u, v)): (usize, (&i16, &i16))| unfold([*u, *v]).map(|x| x * depth(at));
        self.u.iter().zip(&self.v).enumerate().flat_map(place).collect()
    }

    /// |z| of each point, `[n]`.
    pub fn norms(&self) -> Vec<f32> {
        self.norm.iter().map(|log| if *log == i16::MIN { 0.0 } else { (f32::from(*log) / LOG).exp() }).collect()
    }

    /// (smallest, largest) |z|.
    pub fn norm_range(&self) -> (f32, f32) {
        self.norms().into_iter().fold((f32::MAX, 0.0), |(low, high), norm| (low.min(norm), high.max(norm)))
    }
}

/// Directions `[n, 3]` and norms `[n]` at a place between two steps: points move along great circles' chords, norms by
/// their logarithms, from each shot to the next. `None` without shots.
pub fn between(shots: &[Shot], position: f64) -> Option<(Vec<f32>, Vec<f32>)> {
    let after = shots.partition_point(|shot| f64::from(shot.step) <= position);
    let from = shots.get(after.saturating_sub(1))?;
    let (mut directions, mut norms) = (from.directions(), from.norms());
    let Some(to) = shots.get(after).filter(|to| after > 0 && to.len() == from.len()) else {
        return Some((directions, norms));
    };
    let way = (position - f64::from(from.step)) / f64::from((to.step - from.step).max(1));
    let way = way.clamp(0.0, 1.0) as f32;
    for (here, there) in directions.chunks_exact_mut(3).zip(to.directions().chunks_exact(3)) {
        let (a, b) = (Vec3::from_slice(here), Vec3::from_slice(there));
        here.copy_from_slice(&projection::between(a, b, way).to_array());
    }
    for (here, there) in norms.iter_mut().zip(to.norms()) {
        *here = (here.max(1e-20).ln() * (1.0 - way) + there.max(1e-20).ln() * way).exp();
    }
    Some((directions, norms))
}

fn fold([x, y, z]: [f32; 3]) -> [i16; 2] {
    let length = x.abs() + y.abs() + z.abs();
    if !(length > 0.0 && length.is_finite()) {
        return [0, 0];
    }
    let (x, y) = (x / length, y / length);
    let [u, v] = if z >= 0.0 { [x, y] } else { over_the_edge(x, y) };
    [u, v].map(|place| (place * SIDE).round() as i16)
}

fn unfold(place: [i16; 2]) -> [f32; 3] {
    let [u, v] = place.map(|at| (f32::from(at) / SIDE).clamp(-1.0, 1.0));
    let z = 1.0 - u.abs() - v.abs();
    let [x, y] = if z >= 0.0 { [u, v] } else { over_the_edge(u, v) };
    let length = (x * x + y * y + z * z).sqrt().max(f32::MIN_POSITIVE);
    [x / length, y / length, z / length]
}

/// The lower half of the octahedron lies outside the upper half's diamond.
fn over_the_edge(x: f32, y: f32) -> [f32; 2] {
    let sign = |value: f32| if value >= 0.0 { 1.0 } else { -1.0 };
    [(1.0 - y.abs()) * sign(x), (1.0 - x.abs()) * sign(y)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn directions_and_norms_come_back_within_the_stated_error(
            x in -1.0_f32..1.0, y in -1.0_f32..1.0, z in -1.0_f32..1.0, log in -20.0_f32..20.0,
        ) {
            let length = (x * x + y * y + z * z).sqrt();
            prop_assume!(length > 1e-3);
            let direction = [x / length, y / length, z / length];
            let shot = Shot::new(7, &direction, &[log.exp()]);
            let back = shot.directions();
            let off: f32 = direction.iter().zip(&back).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt();
            prop_assert!(off < 1.1e-3, "{direction:?} came back as {back:?}, {off} off");
            prop_assert!((shot.norms()[0].ln() - log).abs() < 1.1e-3);
        }
    }

    #[test]
    fn between_two_shots_points_are_on_their_way() {
        let shots = [Shot::new(0, &[1.0, 0.0, 0.0], &[1.0]), Shot::new(10, &[0.0, 1.0, 0.0], &[4.0])];
        let (directions, norms) = between(&shots, 5.0).unwrap();
        assert!((directions[0] - directions[1]).abs() < 1e-3 && (directions[0] - 0.5_f32.sqrt()).abs() < 2e-3);
        assert!((norms[0] - 2.0).abs() < 0.01, "{norms:?}");
        assert_eq!(between(&shots, 10.0).unwrap().0, shots[1].directions());
        assert_eq!(between(&shots, 99.0).unwrap().0, shots[1].directions());
        assert_eq!(between(&shots, 0.0).unwrap().0, shots[0].directions());
        assert_eq!(between(&[], 3.0), None);
    }

    #[test]
    fn what_is_drawn_inside_the_sphere_comes_back_inside() {
        let shot = Shot::new(0, &[0.5, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0], &[1.0; 3]);
        let back = shot.directions();
        for (a, b) in back.iter().zip([0.5, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]) {
            assert!((a - b).abs() < 1.1e-3, "{back:?}");
        }
        assert!(Shot::new(0, &[1.0, 0.0, 0.0], &[1.0]).depth.is_empty());
    }

    #[test]
    fn odd_input_stays_finite() {
        let shot = Shot::new(0, &[0.0, 0.0, 0.0, f32::NAN, 0.0, 1.0, 0.0, 0.0, -1.0], &[0.0, f32::INFINITY, f32::NAN]);
        assert!(shot.directions().iter().all(|x| x.is_finite()));
        assert!(shot.norms().iter().all(|x| x.is_finite()));
        assert_eq!(&shot.directions()[6..], &[0.0, 0.0, -1.0]);
        assert_eq!(shot.norms()[0], 0.0);
    }
}
