//! The counter-based random generator: every draw is a pure function of its key and its position.
//!
//! A key is (domain, seed, a, b, c), for augmentation (seed, step, sample, view). Two arms, the CPU and the GPU, and
//! tomorrow's replay therefore draw the same numbers in any order. The mixing function is pcg4d (Jarzynski and Olano
//! 2020, "Hash Functions for GPU Rendering", JCGT 9(3)): u32 additions, multiplications, shifts and xors only, so a
//! WGSL kernel repeats it bit for bit.
//!
//! ```text
//! key      = pcg4d(seed_low, seed_high, domain, SALT)
//! key      = pcg4d(key.x ^ a, key.y ^ b, key.z ^ c, key.w)
//! block(i) = pcg4d(key.x, key.y, key.z, key.w + i)      four draws a block, used in the order x, y, z, w
//! ```
//!
//! pcg4d is a bijection of 128 bits, so different (a, b, c) of one seed and domain never share a key.

use std::f32::consts::TAU;

/// The golden ratio in 32 bits: keeps the all-zero key away from pcg4d's weak start.
const SALT: u32 = 0x9e37_79b9;
/// 2^-24: the spacing of [`CounterRng::uniform`].
pub const UNIT: f32 = 1.0 / 16_777_216.0;
/// The multiplier of [`pcg4d`]'s linear congruential step.
pub const MULTIPLIER: u32 = 1_664_525;
/// The increment of that step.
pub const INCREMENT: u32 = 1_013_904_223;
/// What standardises [`rough_normal`]: the sum of four bytes has mean 510 and variance 4 (256^2 - 1) / 12 = 21845.
pub const ROUGH_SCALE: f32 = 0.006_765_875_4;

/// What the draws are for; different domains never share a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Domain {
    /// Parameters of augmented views, keyed by (step, sample, view).
    Augment = 1,
    /// Epoch permutations, keyed by (epoch, 0, 0).
    BatchOrder = 2,
    /// Initial weights.
    Init = 3,
    /// The latent data set.
    Latent = 4,
    /// The shapes data set.
    Shapes = 5,
    /// Per-value noise of augmented views, keyed by (step, sample, view).
    Noise = 6,
    /// Which samples of opened files are used.
    Files = 7,
    /// Everything that is drawn in order to measure or to demonstrate.
    Probe = 8,
    /// Resampling for intervals, keyed by (replicate, 0, 0).
    Bootstrap = 9,
    /// Which rows of embeddings are looked at pair by pair, keyed by (sample, 0, 0).
    Sample = 10,
    /// Out-of-distribution inputs, keyed by (kind, sample, 0).
    Ood = 11,
}

/// A stream of random numbers with random access to its blocks.
#[derive(Clone, Debug)]
pub struct CounterRng {
    key: [u32; 4],
    counter: u32,
    buffer: [u32; 4],
    lane: usize,
}

impl CounterRng {
    /// The stream of a key, at its start.
    pub fn new(domain: Domain, seed: u64, a: u32, b: u32, c: u32) -> CounterRng {
        let [x, y, z, w] = pcg4d([seed as u32, (seed >> 32) as u32, domain as u32, SALT]);
        CounterRng { key: pcg4d([x ^ a, y ^ b, z ^ c, w]), counter: 0, buffer: [0; 4], lane: 4 }
    }

    /// Four draws at position `index` of the stream, whatever was drawn before.
    #[inline]
    pub fn block(&self, index: u32) -> [u32; 4] {
        let [x, y, z, w] = self.key;
        pcg4d([x, y, z, w.wrapping_add(index)])
    }

    /// The key, which with a position gives every draw.
    pub fn key(&self) -> [u32; 4] {
        self.key
    }

    /// How many draws were taken so far.
    pub fn position(&self) -> u32 {
        (self.counter * 4 + self.lane as u32).wrapping_sub(4)
    }

    /// The next 32 random bits.
    #[inline]
    pub fn next_u32(&mut self) -> u32 {
        if self.lane == 4 {
            self.buffer = self.block(self.counter);
            self.counter = self.counter.wrapping_add(1);
            self.lane = 0;
        }
        let draw = self.buffer[self.lane];
        self.lane += 1;
        draw
    }

    /// Uniform on [0, 1): the upper 24 bits of a draw, exact in f32.
    #[inline]
    pub fn uniform(&mut self) -> f32 {
        unit(self.next_u32())
    }

    /// Uniform between `low` and `high`; one draw.
    pub fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.uniform()
    }

    /// True with the given probability; one draw.
    pub fn chance(&mut self, probability: f32) -> bool {
        self.uniform() < probability
    }

    /// Standard normal by Box-Muller: sqrt(-2 ln(1 - u)) cos(2 pi v); two draws.
    pub fn normal(&mut self) -> f32 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (TAU * self.uniform()).cos()
    }

    /// Uniform on 0..n without bias (Lemire 2019); 0 for n = 0. The number of draws varies, so this is for the host.
    pub fn below(&mut self, n: u32) -> u32 {
        if n == 0 {
            return 0;
        }
        let reject_under = n.wrapping_neg() % n;
        loop {
            let product = u64::from(self.next_u32()) * u64::from(n);
            if product as u32 >= reject_under {
                return (product >> 32) as u32;
            }
        }
    }

    /// A uniformly random order (Fisher-Yates); at most 2^32 items.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u32 + 1) as usize);
        }
    }

    /// A direction uniform on the unit sphere, of the length of `out`.
    pub fn unit_vector(&mut self, out: &mut [f32]) {
        out.fill_with(|| self.normal());
        let norm = out.iter().map(|v| v * v).sum::<f32>().sqrt();
        if norm > 1e-12 {
            out.iter_mut().for_each(|v| *v /= norm);
        } else if let Some(first) = out.first_mut() {
            *first = 1.0;
        }
    }
}

/// Uniform on [0, 1) from 32 random bits.
#[inline]
pub fn unit(bits: u32) -> f32 {
    (bits >> 8) as f32 * UNIT
}

/// Nearly normal noise from 32 random bits: the sum of the four bytes, standardised (Irwin-Hall, |x| < 3.46).
///
/// Integer arithmetic up to one multiplication, so it is equal on every machine, and far cheaper than Box-Muller.
#[inline]
pub fn rough_normal(bits: u32) -> f32 {
    let sum = (bits & 255) + ((bits >> 8) & 255) + ((bits >> 16) & 255) + (bits >> 24);
    (sum as i32 - 510) as f32 * ROUGH_SCALE
}

/// The mixing function, a bijection of four words (Jarzynski and Olano 2020, listing "pcg4d").
#[inline]
pub fn pcg4d(v: [u32; 4]) -> [u32; 4] {
    // Spelled out: an array's map is a call where debug builds and some release builds don't inline it.
    let step = |word: u32| word.wrapping_mul(MULTIPLIER).wrapping_add(INCREMENT);
    let [x, y, z, w] = cross([step(v[0]), step(v[1]), step(v[2]), step(v[3])]);
    cross([x ^ (x >> 16), y ^ (y >> 16), z ^ (z >> 16), w ^ (w >> 16)])
}

#[inline]
fn cross([x, y, z, w]: [u32; 4]) -> [u32; 4] {
    let x = x.wrapping_add(y.wrapping_mul(w));
    let y = y.wrapping_add(z.wrapping_mul(x));
    let z = z.wrapping_add(x.wrapping_mul(y));
    let w = w.wrapping_add(y.wrapping_mul(z));
    [x, y, z, w]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(a: u32) -> CounterRng {
        CounterRng::new(Domain::Probe, 7, a, 0, 0)
    }

    #[test]
    fn mixing_function_gives_the_words_of_its_definition() {
        // Worked by hand-written integer arithmetic in Python, independent of this file.
        assert_eq!(pcg4d([0, 0, 0, 0]), [0x0f02_f829, 0x2d56_8769, 0x32b0_c43b, 0xd325_48ea]);
        assert_eq!(pcg4d([1, 2, 3, 4]), [0x3622_cd16, 0xf114_71d8, 0xe110_9b3f, 0x02b9_4c2f]);
    }

    #[test]
    fn known_keys_give_known_draws() {
        let mut rng = CounterRng::new(Domain::Augment, 0x0123_4567_89ab_cdef, 5, 6, 1);
        let draws: Vec<u32> = (0..6).map(|_| rng.next_u32()).collect();
        assert_eq!(rng.position(), 6);
        assert_eq!(draws, [0xe482_05f1, 0xe258_4780, 0xaa34_8c26, 0xb208_dd12, 0x1699_f594, 0xbd96_9156]);
    }

    #[test]
    fn blocks_are_the_stream_in_fours() {
        let mut rng = stream(1);
        let draws: Vec<u32> = (0..12).map(|_| rng.next_u32()).collect();
        let blocks: Vec<u32> = (0..3).flat_map(|index| stream(1).block(index)).collect();
        assert_eq!(draws, blocks);
    }

    #[test]
    fn every_part_of_the_key_changes_the_stream() {
        let base = CounterRng::new(Domain::Augment, 1, 2, 3, 4).block(0);
        for other in [
            CounterRng::new(Domain::Noise, 1, 2, 3, 4),
            CounterRng::new(Domain::Augment, 1 << 32, 2, 3, 4),
            CounterRng::new(Domain::Augment, 1, 0, 3, 4),
            CounterRng::new(Domain::Augment, 1, 2, 0, 4),
            CounterRng::new(Domain::Augment, 1, 2, 3, 0),
        ] {
            assert_ne!(base, other.block(0));
        }
    }

    #[test]
    fn uniform_draws_fill_a_thousand_cells_evenly() {
        let mut rng = stream(2);
        let mut cells = [0_u32; 1000];
        for _ in 0..100_000 {
            cells[(rng.uniform() * 1000.0) as usize] += 1;
        }
        // Chi-square with 999 degrees of freedom: mean 999, deviation 44.7; five deviations either way.
        let chi: f64 = cells.iter().map(|n| (f64::from(*n) - 100.0).powi(2) / 100.0).sum();
        assert!((775.0..1223.0).contains(&chi), "{chi}");
    }

    #[test]
    fn neighbouring_keys_are_uncorrelated() {
        // 20,000 pairs: the correlation's deviation is 0.007; five deviations.
        let product: f64 = (0..20_000)
            .map(|key| (f64::from(stream(key).uniform()) - 0.5) * (f64::from(stream(key + 1).uniform()) - 0.5))
            .sum();
        assert!((product * 12.0 / 20_000.0).abs() < 0.035);
    }

    #[test]
    fn every_bit_is_set_half_of_the_time() {
        let mut rng = stream(3);
        let mut ones = [0_u32; 32];
        for _ in 0..20_000 {
            let bits = rng.next_u32();
            for (bit, count) in ones.iter_mut().enumerate() {
                *count += (bits >> bit) & 1;
            }
        }
        // Deviation sqrt(20000) / 2 = 71; five deviations.
        assert!(ones.iter().all(|count| count.abs_diff(10_000) < 354), "{ones:?}");
    }

    #[test]
    fn normals_have_the_moments_of_a_normal() {
        for draw in [|rng: &mut CounterRng| rng.normal(), |rng: &mut CounterRng| rough_normal(rng.next_u32())] {
            let mut rng = stream(4);
            let values: Vec<f64> = (0..50_000).map(|_| f64::from(draw(&mut rng))).collect();
            let moment = |k: i32| values.iter().map(|v| v.powi(k)).sum::<f64>() / values.len() as f64;
            assert!(moment(1).abs() < 0.023);
            assert!((moment(2) - 1.0).abs() < 0.032);
            assert!(moment(3).abs() < 0.09);
            // Kurtosis 3, and 3 - 6/5/4 = 2.7 for the sum of four bytes.
            assert!((2.5..3.25).contains(&moment(4)), "{}", moment(4));
        }
    }

    #[test]
    fn draws_below_n_are_even_and_in_range() {
        let mut rng = stream(5);
        let mut counts = [0_u32; 7];
        for _ in 0..70_000 {
            counts[rng.below(7) as usize] += 1;
        }
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 470), "{counts:?}");
        assert_eq!((rng.below(0), rng.below(1)), (0, 0));
    }

    #[test]
    fn shuffle_gives_all_orders_of_three_equally_often() {
        let mut rng = stream(6);
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..6_000 {
            let mut items = [0, 1, 2];
            rng.shuffle(&mut items);
            *counts.entry(items).or_insert(0_u32) += 1;
        }
        assert_eq!(counts.len(), 6);
        assert!(counts.values().all(|count| count.abs_diff(1_000) < 145), "{counts:?}");
    }

    #[test]
    fn unit_vectors_are_unit_and_centred() {
        let mut rng = stream(7);
        let mut mean = [0.0; 3];
        for _ in 0..10_000 {
            let mut v = [0.0; 3];
            rng.unit_vector(&mut v);
            assert!((v.iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-5);
            mean.iter_mut().zip(v).for_each(|(m, x)| *m += x / 10_000.0);
        }
        assert!(mean.iter().all(|m| m.abs() < 0.03));
    }
}
