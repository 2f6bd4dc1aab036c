//! Weighted cosine kNN (Wu et al. 2018): each of the k nearest training samples votes with exp(cos/t).

use super::Embeddings;
use super::similarity::{Neighbour, dot};

/// Neighbours that vote.
pub const K: usize = 20;
/// Temperature of the votes.
pub const TEMPERATURE: f64 = 0.1;

/// A nearest-neighbour classifier over a bank of unit rows.
pub struct Knn {
    bank: Vec<f32>,
    labels: Vec<u16>,
    d: usize,
}

impl Knn {
    /// `bank: [m, d]` with labels `[m]`; rows need not be normalised.
    pub fn new(bank: Embeddings<'_>, labels: &[u16]) -> Knn {
        Knn { bank: bank.unit(), labels: labels.to_vec(), d: bank.d() }
    }

    /// The k nearest samples of a query (any length), nearest first; equal ones by index.
    pub fn nearest(&self, query: &[f32], k: usize) -> Vec<Neighbour> {
        let norm = query.iter().map(|v| v * v).sum::<f32>().sqrt();
        let inverse = if norm > 0.0 { 1.0 / norm } else { 0.0 };
        let mut all: Vec<Neighbour> = self
            .bank
            .chunks_exact(self.d)
            .enumerate()
            .map(|(index, row)| Neighbour { index, similarity: dot(row, query) * inverse })
            .collect();
        let order = |a: &Neighbour, b: &Neighbour| b.similarity.total_cmp(&a.similarity).then(a.index.cmp(&b.index));
        let k = k.min(all.len());
        if k < all.len() && k > 0 {
            all.select_nth_unstable_by(k - 1, order);
        }
        all.truncate(k);
        all.sort_unstable_by(order);
        all
    }

    /// The class with the most votes; the smaller one on a tie, 0 for an empty bank.
    pub fn classify(&self, neighbours: &[Neighbour]) -> u16 {
        vote(neighbours, &self.labels, class_count(&self.labels))
    }

    /// The class of a query.
    pub fn classify_one(&self, query: &[f32]) -> u16 {
        self.classify(&self.nearest(query, K))
    }

    /// Share of queries whose class is found, 0..1; NaN without queries.
    pub fn accuracy(&self, queries: Embeddings<'_>, labels: &[u16]) -> f64 {
        let classes: Vec<u16> = queries.rows().map(|query| self.classify_one(query)).collect();
        share_of_right(&classes, labels)
    }
}

/// Share of classes that were found rightly, 0..1; NaN without any.
pub fn share_of_right(classes: &[u16], labels: &[u16]) -> f64 {
    let right = classes.iter().zip(labels).filter(|(class, label)| class == label).count();
    right as f64 / classes.len() as f64
}

/// The class with the most votes exp(cos/t); the smaller one on a tie, 0 without neighbours. `labels` are the bank's.
pub fn vote(neighbours: &[Neighbour], labels: &[u16], classes: usize) -> u16 {
    let mut votes = vec![0.0_f64; classes.max(1)];
    for neighbour in neighbours {
        let class = usize::from(labels[neighbour.index]);
        votes[class] += (f64::from(neighbour.similarity) / TEMPERATURE).exp();
    }
    let mut best = 0;
    for (class, vote) in votes.iter().enumerate() {
        if *vote > votes[best] {
            best = class;
        }
    }
    best as u16
}

/// One more than the largest label, at least 1.
pub fn class_count(labels: &[u16]) -> usize {
    labels.iter().max().map_or(1, |top| usize::from(*top) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_come_by_cosine_whatever_the_lengths() {
        let bank = [1.0, 0.0, 0.0, 5.0, 0.1, 0.1];
        let knn = Knn::new(Embeddings::new(&bank, 2).unwrap(), &[0, 1, 2]);
        let order: Vec<usize> = knn.nearest(&[30.0, 1.0], 3).iter().map(|n| n.index).collect();
        assert_eq!(order, [0, 2, 1]);
        assert_eq!(knn.nearest(&[30.0, 1.0], 1)[0].index, 0);
    }

    #[test]
    fn votes_are_weighted_by_similarity() {
        // One neighbour at cos 1 (e^10) outvotes two at cos 0.9 (2 e^9).
        let bank = [1.0, 0.0, 0.9, 0.435_889_9, 0.9, -0.435_889_9];
        let knn = Knn::new(Embeddings::new(&bank, 2).unwrap(), &[0, 1, 1]);
        assert_eq!(knn.classify(&knn.nearest(&[1.0, 0.0], 3)), 0);
    }

    #[test]
    fn accuracy_counts_the_right_ones_and_zero_rows_do_no_harm() {
        let bank = [1.0, 0.0, -1.0, 0.0];
        let knn = Knn::new(Embeddings::new(&bank, 2).unwrap(), &[3, 4]);
        let queries = Embeddings::new(&[2.0, 0.1, -9.0, 0.0, 0.0, 0.0], 2).unwrap();
        assert!((knn.accuracy(queries, &[3, 4, 4]) - 2.0 / 3.0).abs() < 1e-12);
    }
}
