//! A stable projection to the sphere that a person can look at.
//!
//! Dimension 3 is shown as it is. Higher dimensions go through the three main axes of z/|z|, followed by subspace
//! iteration from the previous frame's axes and turned to agree with them as well as possible (orthogonal Procrustes), so
//! that pictures neither flip nor swap axes from frame to frame. Only the direction is projected: the norm stays true.

use nalgebra::{DMatrix, Matrix3};

use super::Embeddings;

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
    /// Unit directions, `[n, 3]`. A row without a direction points to the first axis.
    pub fn project(&mut self, z: Embeddings<'_>) -> Vec<f32> {
        let (d, unit) = (z.d(), z.unit());
        if d <= 3 {
            return unit
                .chunks_exact(d)
                .flat_map(|row| on_sphere([0, 1, 2].map(|i| row.get(i).map_or(0.0, |v| f64::from(*v)))))
                .collect();
        }
        let axes = self.follow(&unit, d);
        let out = unit
            .chunks_exact(d)
            .flat_map(|row| {
                on_sphere([0, 1, 2].map(|k| row.iter().enumerate().map(|(i, v)| f64::from(*v) * axes[(i, k)]).sum()))
            })
            .collect();
        self.axes = Some(axes);
        out
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

/// Centred second moment of unit rows, `[d, d]`: the spread of directions, not their mean, makes the picture.
fn second_moment(unit: &[f32], d: usize) -> DMatrix<f64> {
    let n = (unit.len() / d).max(1);
    let data = DMatrix::from_fn(unit.len() / d, d, |i, j| f64::from(unit[i * d + j]));
    let mean = data.row_mean();
    let centred = DMatrix::from_fn(data.nrows(), d, |i, j| data[(i, j)] - mean[j]);
    let tiny = DMatrix::identity(d, d) * 1e-9;
    centred.tr_mul(&centred) / n as f64 + tiny
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

fn on_sphere(v: [f64; 3]) -> [f32; 3] {
    let norm = v.iter().map(|x| x * x).sum::<f64>().sqrt();
    if norm > 1e-9 && norm.is_finite() { v.map(|x| (x / norm) as f32) } else { [1.0, 0.0, 0.0] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(shift: f32) -> Vec<f32> {
        let mut rng = crate::data::rng::CounterRng::new(crate::data::rng::Domain::Latent, 1, 0, 0, 0);
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
    fn any_input_gives_finite_unit_directions() {
        for z in [vec![0.0; 12], vec![f32::NAN; 12], vec![1e30; 12]] {
            let out = StableProjection::default().project(Embeddings::new(&z, 6).unwrap());
            assert!(out.chunks(3).all(|v| (v.iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-4));
        }
    }
}
