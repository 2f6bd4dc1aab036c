//! A seeded uniform sample of rows, for everything that is measured pair by pair.
//!
//! Each sample draws a priority from (seed, sample) and the rows with the smallest priorities stay: a reservoir whose
//! content depends neither on the order of the rows nor on the chunks they come in. The two views of a sample share
//! their priority, so that pairs stay together.

use std::collections::{BTreeMap, BinaryHeap};

use crate::rng::{CounterRng, Domain};

/// Collects rows.
pub struct Reservoir<'a> {
    most: usize,
    d: usize,
    seed: u64,
    pairs: Option<&'a [Option<u32>]>,
    /// (priority, row, slot), largest first.
    kept: BinaryHeap<(u64, usize, usize)>,
    values: Vec<f32>,
}

/// The sample, in the order of the rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bank {
    /// Index of each row in the input, ascending, `[m]`.
    pub rows: Vec<usize>,
    /// `[m, d]`.
    pub values: Vec<f32>,
    /// Index in the bank of each row's other view, `[m]`.
    pub partners: Vec<Option<usize>>,
}

impl Bank {
    /// Whether one of two rows is the other view of the other one.
    pub fn is_pair(&self, i: usize, j: usize) -> bool {
        self.partners[i] == Some(j) || self.partners[j] == Some(i)
    }
}

impl<'a> Reservoir<'a> {
    /// At most `most` rows of `d` values.
    pub fn new(most: usize, d: usize, seed: u64, pairs: Option<&'a [Option<u32>]>) -> Reservoir<'a> {
        Reservoir { most, d, seed, pairs, kept: BinaryHeap::new(), values: Vec::new() }
    }

    /// Offers row number `row`.
    pub fn offer(&mut self, row: usize, values: &[f32]) {
        let priority = self.priority(row);
        if self.kept.len() < self.most {
            self.kept.push((priority, row, self.kept.len()));
            self.values.extend_from_slice(values);
        } else if self.kept.peek().is_some_and(|(worst, of, _)| (priority, row) < (*worst, *of))
            && let Some((_, _, slot)) = self.kept.pop()
        {
            self.values[slot * self.d..(slot + 1) * self.d].copy_from_slice(values);
            self.kept.push((priority, row, slot));
        }
    }

    fn priority(&self, row: usize) -> u64 {
        let partner = self.pairs.and_then(|pairs| pairs[row]).map_or(row, |partner| partner as usize);
        let sample = row.min(partner) as u64;
        let draw = CounterRng::new(Domain::Sample, self.seed, sample as u32, (sample >> 32) as u32, 0).block(0);
        u64::from(draw[0]) << 32 | u64::from(draw[1])
    }

    /// The sample; `original` tells which row stands for a row's copies, see [`super::copies`].
    pub fn finish(self, original: impl Fn(usize) -> usize) -> Bank {
        let slots: BTreeMap<usize, usize> = self.kept.iter().map(|(_, row, slot)| (*row, *slot)).collect();
        let rows: Vec<usize> = slots.keys().copied().collect();
        let values =
            slots.values().flat_map(|slot| &self.values[slot * self.d..(slot + 1) * self.d]).copied().collect();
        let partner = |row: &usize| {
            let partner = original(self.pairs.and_then(|pairs| pairs[*row])? as usize);
            // A copy of the row does not count as another view.
            rows.binary_search(&partner).ok().filter(|_| partner != *row)
        };
        let partners = rows.iter().map(partner).collect();
        Bank { rows, values, partners }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(n: usize, most: usize, seed: u64, pairs: Option<&[Option<u32>]>) -> Bank {
        let mut reservoir = Reservoir::new(most, 1, seed, pairs);
        (0..n).for_each(|row| reservoir.offer(row, &[row as f32]));
        reservoir.finish(|row| row)
    }

    #[test]
    fn the_sample_is_seeded_sorted_and_holds_the_rows_themselves() {
        let bank = sample(1000, 50, 3, None);
        assert_eq!(bank, sample(1000, 50, 3, None));
        assert_ne!(bank.rows, sample(1000, 50, 4, None).rows);
        assert!(bank.rows.is_sorted() && bank.rows.len() == 50);
        assert!(bank.rows.iter().zip(&bank.values).all(|(row, value)| *row as f32 == *value));
        assert_eq!(sample(10, 50, 3, None).rows, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn every_row_has_the_same_chance() {
        let mut counts = [0_u32; 20];
        (0..4000).for_each(|seed| sample(20, 5, seed, None).rows.iter().for_each(|row| counts[*row] += 1));
        // Mean 1000, deviation sqrt(4000 x 0.25 x 0.75) = 27; five deviations.
        assert!(counts.iter().all(|count| count.abs_diff(1000) < 137), "{counts:?}");
    }

    #[test]
    fn views_of_a_sample_stay_together() {
        let pairs: Vec<Option<u32>> = (0..200).map(|row| Some((row + 100) % 200)).collect();
        let bank = sample(200, 60, 1, Some(&pairs));
        for (at, partner) in bank.partners.iter().enumerate() {
            let partner = partner.unwrap();
            assert_eq!(bank.rows[at].abs_diff(bank.rows[partner]), 100);
        }
        // An odd number leaves one view alone.
        assert_eq!(sample(200, 61, 1, Some(&pairs)).partners.iter().filter(|partner| partner.is_none()).count(), 1);
    }
}
