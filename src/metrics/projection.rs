//! A stable projection into the ball that a person can look at, in which no angle is invented.
//!
//! Up to three dimensions are shown as they are. Higher dimensions go through the three main axes of z/|z|: those of the
//! second moment about the origin, so that the mean direction counts as well and a collapsed model stays one spot. A unit
//! vector u has the coordinates x = (a1 u, a2 u, a3 u) and is drawn at
//!
//!     x / max(|x|, 1/8)
//!
//! which is on the sphere while the axes hold an eighth of it, and inside where they hold less: stretching that to the
//! sphere would make large angles of tiny ones. The map is a projection onto a ball, so it never stretches a distance more
//! than [`MOST_STRETCH`] times: what lies within 1 degree is drawn within 8.
//!
//! The axes are found by subspace iteration from the previous frame's and turned to agree with them as well as possible
//! (orthogonal Procrustes), so that pictures neither flip nor swap axes from frame to frame. Only the direction is
//! projected: the norm stays true.

use glam::Vec3;
use nalgebra::{DMatrix, Matrix3};

use super::Embeddings;

/// No distance between two unit vectors is drawn larger than this many times itself.
pub const MOST_STRETCH: f64 = 8.0;
/// Rounds of subspace iteration on the first frame, and on each later one.
const FIRST_ROUNDS: usize = 30;
const LATER_ROUNDS: usize = 4;

/// Remembers the axes of the last frame.
#[derive(Clone, Debug, Default)]
pub struct StableProjection {
    /// `[d, 3]`, orthonormal columns.
    axes: Option<DMatrix<f64>>,
}

impl StableProjection {
    /// Places in the unit ball, `[n, 3]`: on the sphere unless the axes hold less than 1/[`MOST_STRETCH`] of a row's
    /// direction. A row without a direction is at the centre.
    pub fn project(&mut self, z: Embeddings<'_>) -> Vec<f32> {
        let (d, unit) = (z.d(), z.unit());
        if d <= 3 {
            return unit
                .chunks_exact(d)
                .flat_map(|row| in_ball([0, 1, 2].map(|i| row.get(i).map_or(0.0, |v| f64::from(*v)))))
                .collect();
        }
        let axes = self.follow(&unit, d);
        let out = unit
            .chunks_exact(d)
            .flat_map(|row| {
                in_ball([0, 1, 2].map(|k| row.iter().enumerate().map(|(i, v)| f64::from(*v) * axes[(i, k)]).sum()))
            })
            .collect();
        self.axes = Some(axes);
        out
    }

    /// Share of the spread of directions that the axes of the last projection hold, 0..1: of the variance of z/|z| about its
    /// mean. 1 where all dimensions are drawn, or nothing is spread.
    pub fn share(&self, z: Embeddings<'_>) -> f64 {
        let d = z.d();
        let Some(axes) = self.axes.as_ref().filter(|axes| d > 3 && axes.nrows() == d) else { return 1.0 };
        let unit = z.unit();
        let n = (unit.len() / d).max(1) as f64;
        let mut mean = vec![0.0_f64; d];
        for row in unit.chunks_exact(d) {
            for (sum, value) in mean.iter_mut().zip(row) {
                *sum += f64::from(*value) / n;
            }
        }
        let (mut held, mut whole) = (0.0, 0.0);
        for row in unit.chunks_exact(d) {
            let centred: Vec<f64> = row.iter().zip(&mean).map(|(value, mean)| f64::from(*value) - mean).collect();
            whole += centred.iter().map(|x| x * x).sum::<f64>();
            for k in 0..3 {
                held += centred.iter().enumerate().map(|(i, x)| x * axes[(i, k)]).sum::<f64>().powi(2);
            }
        }
        if whole > 0.0 && whole.is_finite() { (held / whole).clamp(0.0, 1.0) } else { 1.0 }
    }

    /// The axes of the last projection of `d`-dimensional rows, `[d, 3]` row by row.
    pub fn axes(&self, d: usize) -> Vec<f32> {
        match self.axes.as_ref().filter(|axes| axes.nrows() == d) {
            Some(axes) => (0..d).flat_map(|i| [0, 1, 2].map(|k| axes[(i, k)] as f32)).collect(),
            None => (0..d).flat_map(|i| [0, 1, 2].map(|k| f32::from(u8::from(i == k)))).collect(),
        }
    }

    /// What the next projection follows, to be kept with a run: `[d, 3]` column by column, or nothing.
    pub fn state(&self) -> Vec<f64> {
        self.axes.as_ref().map(|axes| axes.as_slice().to_vec()).unwrap_or_default()
    }

    /// A projection that follows what [`StableProjection::state`] gave; begins afresh with anything else.
    pub fn following(state: &[f64]) -> StableProjection {
        let whole = !state.is_empty() && state.len().is_multiple_of(3) && state.iter().all(|value| value.is_finite());
        StableProjection { axes: whole.then(|| DMatrix::from_column_slice(state.len() / 3, 3, state)) }
    }

    fn follow(&self, unit: &[f32], d: usize) -> DMatrix<f64> {
        let moment = second_moment(unit, d);
        let previous = self.axes.as_ref().filter(|axes| axes.nrows() == d);
        let (mut axes, rounds) = match previous {
            Some(axes) => (axes.clone(), LATER_ROUNDS),
            None => (DMatrix::from_fn(d, 3, |i, k| if i == k { 1.0 } else { 0.01 / (1 + i + k) as f64 }), FIRST_ROUNDS),
        };
        for _ in 0..rounds {
            let next = orthonormal(&moment * &axes);
            if next.iter().all(|value| value.is_finite()) {
                axes = next;
            }
        }
        match previous {
            Some(previous) => align(axes, previous),
            None => axes,
        }
    }
}

/// Second moment of unit rows about the origin, `[d, d]`. Without the mean direction, which centring takes out, the rest of a
/// collapsed model's directions would be stretched all over the sphere.
fn second_moment(unit: &[f32], d: usize) -> DMatrix<f64> {
    let n = (unit.len() / d).max(1);
    let data = DMatrix::from_fn(unit.len() / d, d, |i, j| f64::from(unit[i * d + j]));
    let tiny = DMatrix::identity(d, d) * 1e-12;
    data.tr_mul(&data) / n as f64 + tiny
}

/// Gram-Schmidt by QR.
fn orthonormal(matrix: DMatrix<f64>) -> DMatrix<f64> {
    matrix.qr().q()
}

/// Turns `axes` within their own subspace to lie as close as possible to `previous`.
fn align(axes: DMatrix<f64>, previous: &DMatrix<f64>) -> DMatrix<f64> {
    let overlap = axes.tr_mul(previous);
    let overlap = Matrix3::from_fn(|i, j| overlap[(i, j)]);
    let svd = overlap.svd(true, true);
    match (svd.u, svd.v_t) {
        (Some(u), Some(v_t)) => {
            let turn = u * v_t;
            axes * DMatrix::from_fn(3, 3, |i, j| turn[(i, j)])
        }
        _ => axes,
    }
}

/// How many of `places: [n, 3]` are inside the sphere.
pub fn inside(places: &[f32]) -> usize {
    places.chunks_exact(3).filter(|place| place.iter().map(|x| x * x).sum::<f32>() < 0.99).count()
}

/// The place of a projected unit vector, see the module's head.
fn in_ball(v: [f64; 3]) -> [f32; 3] {
    let length = v.iter().map(|x| x * x).sum::<f64>().sqrt();
    if !length.is_finite() {
        return [0.0; 3];
    }
    v.map(|x| (x / length.max(1.0 / MOST_STRETCH)) as f32)
}

/// A place on the way from `a` to `b`, 0..=1: directions along the chord, depths evenly, so that nothing dips into the ball on
/// its way. Half way between opposite places there is no direction: then it is `b`.
pub fn between(a: Vec3, b: Vec3, t: f32) -> Vec3 {
    let depth = a.length() + (b.length() - a.length()) * t;
    a.lerp(b, t).try_normalize().map_or(b, |direction| direction * depth)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(shift: f32) -> Vec<f32> {
        let mut rng = crate::rng::CounterRng::new(crate::rng::Domain::Latent, 1, 0, 0, 0);
        (0..200).flat_map(|_| [2.0, 1.6, 1.2, 0.5, 0.4, 0.3].map(|s: f32| s * rng.normal() + shift * 0.01)).collect()
    }

    #[test]
    fn three_dimensions_are_shown_as_they_are() {
        let z = [0.0, 3.0, 4.0, -2.0, 0.0, 0.0];
        let out = StableProjection::default().project(Embeddings::new(&z, 3).unwrap());
        assert_eq!(out, [0.0, 0.6, 0.8, -1.0, 0.0, 0.0]);
    }

    #[test]
    fn a_small_change_moves_no_point_far_and_nothing_flips() {
        let mut projection = StableProjection::default();
        let first = projection.project(Embeddings::new(&cloud(0.0), 6).unwrap());
        for frame in 1..10 {
            let next = projection.project(Embeddings::new(&cloud(frame as f32), 6).unwrap());
            let cos: f32 = first.iter().zip(&next).map(|(a, b)| a * b).sum::<f32>() / 200.0;
            assert!(cos > 0.97, "frame {frame}: mean cosine {cos}");
        }
    }

    #[test]
    fn any_input_gives_places_in_the_ball() {
        for z in [vec![0.0; 12], vec![f32::NAN; 12], vec![1e30; 12]] {
            let out = StableProjection::default().project(Embeddings::new(&z, 6).unwrap());
            assert!(out.chunks(3).all(|v| v.iter().map(|x| x * x).sum::<f32>() <= 1.0 + 1e-4));
        }
        assert_eq!(StableProjection::default().project(Embeddings::new(&[0.0; 6], 6).unwrap()), [0.0; 3]);
    }

    const DIMENSIONS: [usize; 3] = [4, 16, 128];

    fn normal(seed: u64, count: usize) -> Vec<f32> {
        let mut rng = crate::rng::CounterRng::new(crate::rng::Domain::Latent, seed, 0, 0, 0);
        (0..count).map(|_| rng.normal()).collect()
    }

    fn unit(row: &[f32]) -> Vec<f32> {
        let length = row.iter().map(|x| x * x).sum::<f32>().sqrt();
        row.iter().map(|x| x / length).collect()
    }

    /// `n` rows around `centre`, all within `degrees` of it.
    fn spot(centre: &[f32], n: usize, degrees: f32, seed: u64) -> Vec<f32> {
        let d = centre.len();
        let noise = normal(seed, n * d);
        noise
            .chunks_exact(d)
            .flat_map(|row| {
                let along: f32 = row.iter().zip(centre).map(|(a, b)| a * b).sum();
                let aside: Vec<f32> = row.iter().zip(centre).map(|(a, b)| a - along * b).collect();
                let aside = unit(&aside);
                let angle = degrees.to_radians();
                centre.iter().zip(&aside).map(|(a, b)| a * angle.cos() + b * angle.sin()).collect::<Vec<f32>>()
            })
            .collect()
    }

    fn axis(d: usize, k: usize) -> Vec<f32> {
        (0..d).map(|i| f32::from(u8::from(i == k))).collect()
    }

    /// The kinds of data that a picture must not lie about: name and rows.
    fn kinds(d: usize) -> Vec<(&'static str, Vec<f32>)> {
        let ring: Vec<f32> = (0..400)
            .flat_map(|i| {
                let angle = i as f32 * std::f32::consts::TAU / 400.0;
                (0..d).map(move |k| {
                    if k == 1 {
                        angle.cos()
                    } else if k == 3 {
                        angle.sin()
                    } else {
                        0.0
                    }
                })
            })
            .collect();
        let centre = unit(&normal(5, d));
        let even: Vec<f32> = normal(6, 400 * d).chunks_exact(d).flat_map(unit).collect();
        let two = [spot(&axis(d, 0), 200, 3.0, 7), spot(&axis(d, d - 1), 200, 3.0, 8)].concat();
        vec![("collapsed", spot(&centre, 400, 0.35, 9)), ("two points", two), ("ring", ring), ("even", even)]
    }

    /// Angle on the screen, degrees: of the chord between two places in the unit ball.
    fn seen(a: &[f32], b: &[f32]) -> f32 {
        let chord = a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f32>().sqrt();
        2.0 * (chord / 2.0).min(1.0).asin().to_degrees()
    }

    /// Failed before: a collapsed model was drawn from pole to pole.
    #[test]
    fn what_lies_within_one_degree_is_drawn_within_ten() {
        for d in DIMENSIONS {
            for (name, z) in kinds(d) {
                // Beside each row one that is exactly a degree away, in the worst of directions: along the drawn axes.
                let mut projection = StableProjection::default();
                projection.project(Embeddings::new(&z, d).unwrap());
                let axes = projection.axes(d);
                let near: Vec<f32> = z
                    .chunks_exact(d)
                    .enumerate()
                    .flat_map(|(i, row)| {
                        let axis: Vec<f32> = (0..d).map(|k| axes[3 * k + i % 3]).collect();
                        let along: f32 = row.iter().zip(&axis).map(|(a, b)| a * b).sum();
                        let aside = unit(&axis.iter().zip(row).map(|(a, b)| a - along * b).collect::<Vec<f32>>());
                        let (sin, cos) = 1.0_f32.to_radians().sin_cos();
                        row.iter().zip(&aside).map(|(a, b)| a * cos + b * sin).collect::<Vec<f32>>()
                    })
                    .collect();
                let places =
                    StableProjection::default().project(Embeddings::new(&[z.clone(), near].concat(), d).unwrap());
                let (own, other) = places.split_at(places.len() / 2);
                for (i, (a, b)) in own.chunks_exact(3).zip(other.chunks_exact(3)).enumerate() {
                    assert!(
                        seen(a, b) < 10.0,
                        "{name}, d = {d}: row {i} and its neighbour are drawn {} apart",
                        seen(a, b)
                    );
                }
            }
        }
    }

    #[test]
    fn a_collapsed_model_is_one_spot_and_even_data_is_all_over() {
        for d in DIMENSIONS {
            for (name, z) in kinds(d) {
                let places = StableProjection::default().project(Embeddings::new(&z, d).unwrap());
                let far = |a: &[f32]| places.chunks_exact(3).map(|b| seen(a, b)).fold(0.0, f32::max);
                let widest = places.chunks_exact(3).map(far).fold(0.0, f32::max);
                match name {
                    "collapsed" => assert!(widest < 1.0, "d = {d}: {widest}"),
                    "two points" => assert!((80.0..110.0).contains(&widest), "d = {d}: {widest}"),
                    _ => assert!(widest > 150.0, "{name}, d = {d}: {widest}"),
                }
            }
        }
    }

    #[test]
    fn two_clusters_at_ninety_degrees_stay_apart() {
        for d in DIMENSIONS {
            let (_, z) = kinds(d).swap_remove(1);
            let places = StableProjection::default().project(Embeddings::new(&z, d).unwrap());
            let (one, other) = places.split_at(places.len() / 2);
            for a in one.chunks_exact(3) {
                let nearest = other.chunks_exact(3).map(|b| seen(a, b)).fold(f32::MAX, f32::min);
                assert!(nearest > 75.0, "d = {d}: {nearest}");
            }
        }
    }

    #[test]
    fn a_model_that_collapses_frame_by_frame_ends_as_one_spot() {
        let (d, mut projection) = (16, StableProjection::default());
        let centre = unit(&normal(5, d));
        let even: Vec<f32> = normal(6, 300 * d).chunks_exact(d).flat_map(unit).collect();
        let mut places = Vec::new();
        for share in [0.0, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999_f32] {
            let z: Vec<f32> = even
                .chunks_exact(d)
                .flat_map(|row| {
                    unit(&row.iter().zip(&centre).map(|(a, c)| a * (1.0 - share) + c * share).collect::<Vec<f32>>())
                })
                .collect();
            places = projection.project(Embeddings::new(&z, d).unwrap());
        }
        let widest = places.chunks_exact(3).map(|b| seen(&places[..3], b)).fold(0.0, f32::max);
        assert!(widest < 1.0, "{widest}");
    }

    #[test]
    fn the_share_of_the_spread_is_that_of_the_drawn_axes() {
        for (d, most) in [(4, 0.85), (16, 0.3), (128, 0.06)] {
            for (name, z) in kinds(d) {
                let mut projection = StableProjection::default();
                let z = Embeddings::new(&z, d).unwrap();
                projection.project(z);
                let share = projection.share(z);
                match name {
                    "ring" => assert!(share > 0.999, "d = {d}: {share}"),
                    "two points" => assert!(share > 0.98, "d = {d}: {share}"),
                    "even" => assert!(share < most && share > 2.4 / d as f64, "d = {d}: {share}"),
                    _ => assert!((0.0..1.0).contains(&share), "d = {d}: {share}"),
                }
            }
        }
        let z = [0.0, 3.0, 4.0, -2.0, 0.0, 0.0];
        assert_eq!(StableProjection::default().share(Embeddings::new(&z, 3).unwrap()), 1.0);
    }
}
