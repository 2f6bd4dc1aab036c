//! Dot product, norm and direction of vectors in f64.

/// The dot product of two vectors of one length.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// |a|.
pub fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// a/|a|; zero stays zero.
pub fn unit(a: &[f64]) -> Vec<f64> {
    let length = norm(a);
    let inverse = if length > 0.0 { 1.0 / length } else { 0.0 };
    a.iter().map(|value| value * inverse).collect()
}

/// Adds `factor * a` to `sum`.
pub fn add_scaled(sum: &mut [f64], factor: f64, a: &[f64]) {
    sum.iter_mut().zip(a).for_each(|(sum, a)| *sum += factor * a);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_four_five() {
        assert_eq!(norm(&[3.0, 4.0]), 5.0);
        assert_eq!(unit(&[0.0, 0.0]), [0.0, 0.0]);
        assert!((unit(&[3.0, 4.0])[1] - 0.8).abs() < 1e-15);
        let mut sum = vec![1.0, 1.0];
        add_scaled(&mut sum, 2.0, &[1.0, -1.0]);
        assert_eq!(sum, [3.0, -1.0]);
    }
}
