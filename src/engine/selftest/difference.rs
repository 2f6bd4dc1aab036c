//! How far two results are from each other.

/// Largest difference relative to the largest value; infinite when sizes differ or something is not finite.
pub fn difference(a: &[f32], b: &[f32]) -> f64 {
    let finite = |values: &[f32]| values.iter().all(|v| v.is_finite());
    if a.len() != b.len() || a.is_empty() || !finite(a) || !finite(b) {
        return f64::INFINITY;
    }
    let largest = b.iter().fold(1e-6_f32, |top, v| top.max(v.abs()));
    let worst = a.iter().zip(b).fold(0.0_f32, |top, (x, y)| top.max((x - y).abs()));
    f64::from(worst / largest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_value_shows() {
        assert!(difference(&[1.0, 2.0], &[1.0, 2.1]) > 0.04);
        assert_eq!(difference(&[f32::NAN], &[1.0]), f64::INFINITY);
    }
}
