//! Cosines between two sets of unit rows, in one blocked pass, and the nearest neighbours that fall out of it.
//!
//! Anomaly scores, leave-one-out kNN and local density all read the same `[n, m]` cosines; a block of query rows at a
//! time is compared with each bank row while that row is in the cache, and nothing of size n x m is ever stored.

use std::ops::ControlFlow;

/// Query rows that are compared with a bank row while it is in the cache.
const BLOCK: usize = 16;

/// One neighbour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Index in the bank.
    pub index: usize,
    /// Cosine similarity.
    pub similarity: f32,
}

/// Calls `visit(i, cosines)` for each query row in order, `cosines: [m]`; `Break` ends the pass early.
///
/// `queries: [n, d]` and `bank: [m, d]` are unit rows (see [`super::Embeddings::unit`]).
pub fn for_each_row(
    queries: &[f32],
    bank: &[f32],
    d: usize,
    mut visit: impl FnMut(usize, &[f32]) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let m = bank.len() / d;
    let mut cosines = vec![0.0; BLOCK * m];
    for (block, rows) in queries.chunks(BLOCK * d).enumerate() {
        for (j, row) in bank.chunks_exact(d).enumerate() {
            for (i, query) in rows.chunks_exact(d).enumerate() {
                cosines[i * m + j] = dot(query, row);
            }
        }
        for i in 0..rows.len() / d {
            visit(block * BLOCK + i, &cosines[i * m..(i + 1) * m])?;
        }
    }
    ControlFlow::Continue(())
}

/// The `k` largest cosines, largest first, equal ones by index; NaN and what `skip` names are left out.
pub fn top_k(cosines: &[f32], k: usize, skip: impl Fn(usize) -> bool) -> Vec<Neighbour> {
    let mut top: Vec<Neighbour> = Vec::with_capacity(k.min(cosines.len()) + 1);
    for (index, &similarity) in cosines.iter().enumerate() {
        let is_full = top.len() == k;
        if similarity.is_nan()
            || (is_full && top.last().is_none_or(|last| similarity <= last.similarity))
            || skip(index)
        {
            continue;
        }
        let at = top.partition_point(|neighbour| neighbour.similarity >= similarity);
        top.insert(at, Neighbour { index, similarity });
        top.truncate(k);
    }
    top
}

/// The `k` nearest other rows of each row of `unit: [n, d]`; `skip(i, j)` leaves out more than the row itself.
pub fn neighbours_within(unit: &[f32], d: usize, k: usize, skip: impl Fn(usize, usize) -> bool) -> Vec<Vec<Neighbour>> {
    let mut all = Vec::with_capacity(unit.len() / d);
    let _ = for_each_row(unit, unit, d, |i, cosines| {
        all.push(top_k(cosines, k, |j| j == i || skip(i, j)));
        ControlFlow::Continue(())
    });
    all
}

/// The dot product in eight partial sums, so that the compiler can use SIMD.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let tail: f32 = a8.remainder().iter().zip(b8.remainder()).map(|(x, y)| x * y).sum();
    let mut sums = [0.0_f32; 8];
    for (x, y) in a8.zip(b8) {
        for lane in 0..8 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f32>() + tail
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{CounterRng, Domain};

    #[test]
    fn every_cosine_of_every_row_is_visited_in_order() {
        let mut rng = CounterRng::new(Domain::Probe, 1, 0, 0, 0);
        let (n, m, d) = (37, 21, 11);
        let rows = |n: usize, rng: &mut CounterRng| -> Vec<f32> { (0..n * d).map(|_| rng.normal()).collect() };
        let (queries, bank) = (rows(n, &mut rng), rows(m, &mut rng));
        let mut seen = Vec::new();
        let flow = for_each_row(&queries, &bank, d, |i, cosines| {
            for (j, cosine) in cosines.iter().enumerate() {
                let exact: f64 = (0..d).map(|k| f64::from(queries[i * d + k]) * f64::from(bank[j * d + k])).sum();
                assert!((f64::from(*cosine) - exact).abs() < 1e-4);
            }
            seen.push(i);
            if i == 30 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(seen, (0..=30).collect::<Vec<_>>());
        assert!(flow.is_break());
    }

    #[test]
    fn the_largest_come_first_and_ties_go_to_the_smaller_index() {
        let cosines = [0.5, 0.9, f32::NAN, 0.9, -1.0, 1.0];
        let found =
            |k, skip: usize| -> Vec<usize> { top_k(&cosines, k, |j| j == skip).iter().map(|n| n.index).collect() };
        assert_eq!(found(3, 9), [5, 1, 3]);
        assert_eq!(found(2, 5), [1, 3]);
        assert_eq!(found(10, 9), [5, 1, 3, 0, 4]);
        assert!(found(0, 9).is_empty());
    }

    #[test]
    fn no_row_is_its_own_neighbour() {
        let unit = [1.0, 0.0, 1.0, 0.0, 0.0, 1.0];
        let all = neighbours_within(&unit, 2, 2, |_, _| false);
        assert!(all.iter().enumerate().all(|(i, near)| near.len() == 2 && near.iter().all(|n| n.index != i)));
        let skipping = neighbours_within(&unit, 2, 2, |i, j| i + j == 1);
        assert_eq!(skipping[0].iter().map(|n| n.index).collect::<Vec<_>>(), [2]);
    }
}
