//! The draw: which pictures are used, which of them are held out, and in which order they come.
//!
//! Within each class the pictures are shuffled, by keys that their contents and a fixed seed give: the order in the files, and
//! which file a picture is in, do not matter. The classes are then interleaved, each at its share, so that the first n samples
//! of either half are a fair, stratified sample as well, whatever n is: everything behind this that takes the first n may.

use super::block::Block;
use super::names::Use;
use crate::data::batches::fnv1a;
use crate::data::limits::{MAX_TEST, MAX_TRAIN};
use crate::rng::{CounterRng, Domain};
use crate::text::grouped;

/// Fewest samples that are held out.
pub const MIN_TEST: usize = 5;
/// Every how many-th picture is held out where no file says which.
const HELD_OUT: usize = 5;
/// The class of a picture without a label.
pub const NONE: u32 = u32::MAX;

/// A picture in the draw.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Its block.
    pub block: u32,
    /// Its place in the block.
    pub at: u32,
    /// Its class; [`NONE`] without a label.
    pub class: u32,
    /// What its contents and the seed give.
    key: u64,
}

/// All pictures for training, and all that are held out by name.
pub fn pools(blocks: &[Block<'_>], classes: &[String]) -> (Vec<Sample>, Vec<Sample>) {
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for (index, block) in blocks.iter().enumerate() {
        let own: Vec<u32> =
            block.labels.iter().flat_map(|labels| &labels.names).map(|name| place(classes, name)).collect();
        let pool = if block.purpose == Use::Test { &mut test } else { &mut train };
        for at in 0..block.len() {
            let class = block.labels.as_ref().map_or(NONE, |labels| own[labels.ids[at] as usize]);
            let key = CounterRng::new(Domain::Files, fnv1a(block.bytes(at)), 0, 0, 0).block(0);
            let key = u64::from(key[0]) << 32 | u64::from(key[1]);
            pool.push(Sample { block: index as u32, at: at as u32, class, key });
        }
    }
    (train, test)
}

fn place(classes: &[String], name: &str) -> u32 {
    classes.iter().position(|class| class == name).map_or(NONE, |at| at as u32)
}

/// Pictures of each class that occurs: (class, how many).
fn counts(pool: &[Sample]) -> Vec<(u32, usize)> {
    let mut all: Vec<u32> = pool.iter().map(|sample| sample.class).collect();
    all.sort_unstable();
    let mut counts: Vec<(u32, usize)> = Vec::new();
    for class in all {
        match counts.last_mut().filter(|(last, _)| *last == class) {
            Some((_, count)) => *count += 1,
            None => counts.push((class, 1)),
        }
    }
    counts
}

/// How many of each class to take, `most` together: each at its share, by the largest remainders, at least `least` where there
/// is room.
fn quotas(counts: &[(u32, usize)], most: usize, least: usize) -> Vec<(u32, usize)> {
    let total: usize = counts.iter().map(|(_, count)| count).sum();
    let most = most.min(total);
    let least = if counts.len() * least <= most { least } else { 0 };
    let share = |count: usize| count as u128 * most as u128;
    let floor = |count: usize| (share(count) / total.max(1) as u128) as usize;
    let mut quotas: Vec<(u32, usize)> =
        counts.iter().map(|(class, count)| (*class, floor(*count).max(least.min(*count)))).collect();
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(share(counts[*at].1) % total.max(1) as u128));
    let mut left = most as isize - quotas.iter().map(|(_, quota)| *quota as isize).sum::<isize>();
    for at in order.iter().copied().cycle().take(2 * order.len()) {
        if left > 0 && quotas[at].1 < counts[at].1 {
            quotas[at].1 += 1;
            left -= 1;
        }
    }
    // What the smallest classes got beyond their share is taken from the largest.
    while left < 0 {
        let Some((_, largest)) = quotas.iter_mut().max_by_key(|(_, quota)| *quota) else { break };
        *largest -= 1;
        left += 1;
    }
    quotas
}

/// Takes so many of each class, in an order whose beginnings are stratified; and what is left.
fn draw(pool: &[Sample], quotas: &[(u32, usize)]) -> (Vec<Sample>, Vec<Sample>) {
    let mut sorted = pool.to_vec();
    sorted.sort_by_key(|sample| (sample.class, sample.key, sample.block, sample.at));
    let (mut taken, mut rest) = (Vec::new(), Vec::new());
    let mut begin = 0;
    for &(class, quota) in quotas {
        let end = begin + sorted[begin..].iter().take_while(|sample| sample.class == class).count();
        for (rank, sample) in sorted[begin..end].iter().enumerate() {
            if rank < quota {
                // Anywhere in its own part of the whole: each class is spread evenly, and none comes before another.
                let within = (sample.key & 0xffff_ffff) as f64 / 4_294_967_296.0;
                taken.push(((rank as f64 + within) / quota as f64, *sample));
            } else {
                rest.push(*sample);
            }
        }
        begin = end;
    }
    taken.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.class.cmp(&b.1.class)));
    (taken.into_iter().map(|(_, sample)| sample).collect(), rest)
}

/// Holds out a fifth of each class, of a class with a single picture nothing.
fn split(pool: Vec<Sample>) -> (Vec<Sample>, Vec<Sample>) {
    let all = counts(&pool);
    let can: Vec<(u32, usize)> =
        all.iter().map(|(class, count)| (*class, if *count > 1 { *count } else { 0 })).collect();
    let most = ((pool.len() + HELD_OUT / 2) / HELD_OUT).min(MAX_TEST);
    let held_out: Vec<(u32, usize)> = quotas(&can, most, 0)
        .into_iter()
        .zip(&all)
        .map(|((class, quota), (_, count))| (class, quota.min(count - 1)))
        .collect();
    let (test, rest) = draw(&pool, &held_out);
    let (train, _) = draw(&rest, &quotas(&counts(&rest), MAX_TRAIN, 1));
    (train, test)
}

/// Draws the pictures for training and those that are held out; a fifth, where too few are held out by name.
pub fn halves(train: Vec<Sample>, test: Vec<Sample>) -> (Vec<Sample>, Vec<Sample>) {
    if test.len() < MIN_TEST {
        return split([train, test].concat());
    }
    (draw(&train, &quotas(&counts(&train), MAX_TRAIN, 1)).0, draw(&test, &quotas(&counts(&test), MAX_TEST, 0)).0)
}

/// Says how many pictures are exact copies of others.
pub fn copies<'a>(samples: impl Iterator<Item = &'a Sample>, notes: &mut Vec<String>) {
    let mut keys: Vec<u64> = samples.map(|sample| sample.key).collect();
    keys.sort_unstable();
    let total = keys.len();
    keys.dedup();
    if keys.len() < total {
        notes.push(format!(
            "{} of {} pictures are exact copies of others: kNN may find the same picture again.",
            grouped(total - keys.len()),
            grouped(total)
        ));
    }
}

/// How the training pictures were drawn, for people.
pub fn how_drawn(labels: &[u32], classes: usize) -> String {
    let mut counts = vec![0_usize; classes.max(1)];
    labels.iter().for_each(|label| counts[*label as usize] += 1);
    let (low, high) = (counts.iter().min().copied().unwrap_or(0), counts.iter().max().copied().unwrap_or(0));
    match classes {
        0 | 1 => "at random".to_owned(),
        _ if high - low <= 1 + high / 100 => format!("evenly from {classes} classes"),
        _ => format!("at random, each of {classes} classes at its share"),
    }
}
