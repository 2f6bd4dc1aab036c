//! Local density on the sphere: how far away the 10th neighbour is, and how that goes with the norm.
//!
//! Samples in dense regions are pulled more often in the same direction, so their norms grow more (paper, section 2:
//! Spearman's correlation of norm and distance is negative).

use super::similarity::Neighbour;
use super::stats::spearman;

/// The neighbour whose distance stands for density.
pub const NEIGHBOUR: usize = 10;

/// Angle to the k-th nearest row, in radians, `[n]`; with fewer than k neighbours to the farthest of them, NaN with none.
///
/// `neighbours` come nearest first, see [`super::similarity::neighbours_within`].
pub fn distances(neighbours: &[Vec<Neighbour>], k: usize) -> Vec<f64> {
    let angle = |near: &Neighbour| f64::from(near.similarity).clamp(-1.0, 1.0).acos();
    neighbours.iter().map(|near| near.iter().take(k).next_back().map_or(f64::NAN, angle)).collect()
}

/// Spearman's correlation of the norm with the distance to the 10th neighbour: negative when dense regions are long.
pub fn norm_correlation(norms: &[f32], neighbours: &[Vec<Neighbour>]) -> f64 {
    let norms: Vec<f64> = norms.iter().map(|norm| f64::from(*norm)).collect();
    spearman(&norms, &distances(neighbours, NEIGHBOUR))
}

#[cfg(test)]
mod tests {
    use super::super::similarity::neighbours_within;
    use super::*;

    /// Directions at growing gaps along a quarter circle: the later, the sparser.
    fn spiral(n: usize) -> Vec<f32> {
        (0..n).flat_map(|i| <[f32; 2]>::from((1.5 * (i as f32 / n as f32).powi(2)).sin_cos())).collect()
    }

    #[test]
    fn the_distance_is_the_angle_to_the_kth_neighbour() {
        let at = |angle: f32| [angle.cos(), angle.sin()];
        let unit: Vec<f32> = [0.0, 0.1, 0.3, 0.7].into_iter().flat_map(at).collect();
        let near = neighbours_within(&unit, 2, 10, |_, _| false);
        let found = distances(&near, 2);
        for (found, expected) in found.iter().zip([0.3, 0.2, 0.3, 0.6]) {
            assert!((found - expected).abs() < 1e-3, "{found} {expected}");
        }
        assert!((distances(&near, 10)[0] - 0.7).abs() < 1e-3);
        assert!(distances(&[vec![]], 10)[0].is_nan());
    }

    #[test]
    fn long_embeddings_in_dense_regions_correlate_negatively() {
        let unit = spiral(100);
        let near = neighbours_within(&unit, 2, 10, |_, _| false);
        let falling: Vec<f32> = (0..100).map(|i| 10.0 - i as f32 / 20.0).collect();
        let rising: Vec<f32> = falling.iter().map(|norm| 1.0 / norm).collect();
        assert!(norm_correlation(&falling, &near) < -0.9);
        assert!(norm_correlation(&rising, &near) > 0.9);
    }
}
