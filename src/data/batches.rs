//! Which samples make up which batch: a fresh permutation each epoch, any step reachable directly, and a hash that proves
//! what was seen.

use serde::{Deserialize, Serialize};

use crate::rng::{CounterRng, Domain};

/// The batches of a run.
#[derive(Clone, Debug)]
pub struct BatchOrder {
    seed: u64,
    samples: usize,
    epoch: Option<u32>,
    permutation: Vec<u32>,
}

impl BatchOrder {
    /// Over `samples` training samples.
    pub fn new(seed: u64, samples: usize) -> BatchOrder {
        BatchOrder { seed, samples, epoch: None, permutation: Vec::new() }
    }

    /// The samples of training step `step` with batches of `size` (at most all samples). The last, partial batch of an
    /// epoch is dropped.
    pub fn batch(&mut self, step: u32, size: usize) -> Vec<u32> {
        let size = size.clamp(1, self.samples.max(1));
        let per_epoch = (self.samples / size).max(1) as u32;
        let epoch = step / per_epoch;
        if self.epoch != Some(epoch) {
            self.permutation = (0..self.samples as u32).collect();
            CounterRng::new(Domain::BatchOrder, self.seed, epoch, 0, 0).shuffle(&mut self.permutation);
            self.epoch = Some(epoch);
        }
        let start = (step % per_epoch) as usize * size;
        self.permutation.iter().skip(start).take(size).copied().collect()
    }
}

/// 64-bit FNV-1a over every sample index seen, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchHash(u64);

/// FNV-1a's start.
const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a, 64 bits, of some bytes: tells accidents, not attackers.
pub fn fnv1a(bytes: &[u8]) -> u64 {
    fnv1a_onto(FNV_START, bytes.iter().copied())
}

fn fnv1a_onto(hash: u64, bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Default for BatchHash {
    fn default() -> Self {
        BatchHash(FNV_START)
    }
}

impl BatchHash {
    /// Adds a batch.
    pub fn update(&mut self, batch: &[u32]) {
        self.0 = fnv1a_onto(self.0, batch.iter().flat_map(|index| index.to_le_bytes()));
    }
}

impl std::fmt::Display for BatchHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_shows_every_sample_at_most_once_and_epochs_differ() {
        let mut order = BatchOrder::new(3, 50);
        let epoch = |order: &mut BatchOrder, first: u32| -> Vec<u32> {
            (first..first + 6).flat_map(|step| order.batch(step, 8)).collect()
        };
        let (one, two) = (epoch(&mut order, 0), epoch(&mut order, 6));
        let mut sorted = one.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), 48);
        assert_ne!(one, two);
    }

    #[test]
    fn any_step_is_reached_directly() {
        let mut forward = BatchOrder::new(5, 100);
        let batches: Vec<_> = (0..40).map(|step| forward.batch(step, 16)).collect();
        let mut jump = BatchOrder::new(5, 100);
        for step in [39, 3, 17] {
            assert_eq!(jump.batch(step, 16), batches[step as usize]);
        }
    }

    #[test]
    fn the_hash_depends_on_the_order() {
        let hash = |batches: &[&[u32]]| {
            let mut hash = BatchHash::default();
            batches.iter().for_each(|batch| hash.update(batch));
            hash.to_string()
        };
        assert_eq!(hash(&[&[1, 2], &[3]]), hash(&[&[1], &[2, 3]]));
        assert_ne!(hash(&[&[1, 2]]), hash(&[&[2, 1]]));
    }

    #[test]
    fn too_large_a_batch_is_the_whole_set() {
        assert_eq!(BatchOrder::new(1, 5).batch(2, 99).len(), 5);
    }
}
