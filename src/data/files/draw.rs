//! The draw: which pictures are used, which of them are held out, and in which order they come.
//!
//! Within each class the pictures are shuffled, by keys that their contents and a fixed seed give: the order in the files, and
//! which file a picture is in, do not matter. The classes are then interleaved, each at its share, so that the first n samples
//! of either half are a fair, stratified sample as well, whatever n is: everything behind this that takes the first n may.

use super::block::{Block, Family, Layout, Pixels};
use super::encoded;
use super::error::FileError;
use super::labels;
use super::limits::{MAX_TEST, MAX_TRAIN};
use super::names::Use;
use crate::data::augment::{Augmentation, ColourOptions, GreyOptions};
use crate::data::batches::fnv1a;
use crate::data::dataset::{Dataset, Split};
use crate::data::sample::Kind;
use crate::rng::{CounterRng, Domain};
use crate::text::{grouped, listed};

/// Fewest samples that make a data set, and fewest of them that are held out.
const MIN_SAMPLES: usize = 40;
const MIN_TEST: usize = 5;
/// Largest side of arrays of pictures that are taken as they are.
const MOST_SIDE: usize = 64;
/// Side that others are brought to, at most and at least.
const SCALED: std::ops::RangeInclusive<usize> = 4..=32;
/// Every how many-th picture is held out where no file says which.
const HELD_OUT: usize = 5;
/// The class of a picture without a label.
const NONE: u32 = u32::MAX;

/// A picture in the draw.
#[derive(Clone, Copy, Debug)]
struct Sample {
    block: u32,
    at: u32,
    class: u32,
    key: u64,
}

/// Makes a data set of blocks of pictures.
pub fn dataset(mut blocks: Vec<Block<'_>>, mut notes: Vec<String>) -> Result<Dataset, FileError> {
    purposes(&mut blocks, &mut notes);
    let names = listed(&names(&blocks));
    let classes = agree_on_labels(&mut blocks, &mut notes);
    let (train, test) = pools(&blocks, &classes);
    let total = train.len() + test.len();
    let too_few = |samples: usize| FileError::TooFew { name: names.clone(), samples };
    if total < MIN_SAMPLES {
        return Err(too_few(total));
    }
    copies(train.iter().chain(&test), &mut notes);
    let (train, test) = if test.len() < MIN_TEST {
        split([train, test].concat())
    } else {
        (draw(&train, &quotas(&counts(&train), MAX_TRAIN, 1)).0, draw(&test, &quotas(&counts(&test), MAX_TEST, 0)).0)
    };
    let scale = Scale::of(&blocks, train.iter().chain(&test), &mut notes)?;
    let mut broken = Vec::new();
    let (mut train, mut test) = (scale.read(&blocks, &train, &mut broken), scale.read(&blocks, &test, &mut broken));
    if !broken.is_empty() {
        notes.push(format!("Not whole pictures, and left out: {}.", listed(&broken)));
    }
    if train.labels.len() < MIN_SAMPLES / 2 || test.labels.len() < MIN_TEST {
        return Err(too_few(train.labels.len() + test.labels.len()));
    }
    let channels = scale.channels(&mut train, &mut test);
    let used = train.labels.len() + test.labels.len();
    let shown = rename(&classes, &blocks, &mut train.labels, &mut test.labels, &mut notes);
    if used + broken.len() < total {
        notes.push(format!(
            "{} of {} pictures are used ({} for training, {} held out), drawn {}.",
            grouped(used),
            grouped(total),
            grouped(train.labels.len()),
            grouped(test.labels.len()),
            how_drawn(&train.labels, shown.len())
        ));
    }
    let family = blocks.first().map_or(Family::Encoded, |block| block.family);
    Ok(Dataset {
        name: format!("{} ({names})", family.title()),
        kind: Kind::Image { channels, height: scale.height, width: scale.width },
        classes: shown,
        train: train.into_split(),
        test: test.into_split(),
        unseen: None,
        unseen_classes: Vec::new(),
        provenance: format!("Your files, read on this device only: {names}."),
        augmentation: match channels {
            1 => Augmentation::Grey(GreyOptions::default()),
            _ => Augmentation::Colour(ColourOptions::default()),
        },
        notes,
    })
}

/// The files' names, without a folder that all of them lie in.
fn names(blocks: &[Block<'_>]) -> Vec<String> {
    let folder = |block: &Block<'_>| block.name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let shared =
        blocks.first().map(folder).filter(|first| !first.is_empty() && blocks.iter().all(|one| folder(one) == *first));
    let own = |block: &Block<'_>| match (&shared, block.family) {
        (Some(shared), Family::Cifar10 | Family::Cifar100 | Family::Stl10 | Family::Idx) => {
            block.name[shared.len() + 1..].to_owned()
        }
        _ => block.name.clone(),
    };
    blocks.iter().map(own).collect()
}

/// What is held out: files that say test; where there are none, those that say validation.
fn purposes(blocks: &mut Vec<Block<'_>>, notes: &mut Vec<String>) {
    let is_labelled = |block: &Block<'_>| block.labels.is_some();
    // Of pictures with and without labels those with labels, where they are for training.
    if blocks.iter().any(|block| is_labelled(block) && matches!(block.purpose, Use::Train | Use::Any)) {
        let bare: Vec<String> =
            blocks.iter().filter(|block| !is_labelled(block)).map(|block| block.name.clone()).collect();
        if !bare.is_empty() {
            notes.push(format!("Without labels, and left out beside pictures with labels: {}.", listed(&bare)));
            blocks.retain(is_labelled);
        }
    }
    let has = |purpose: Use| blocks.iter().any(|block| block.purpose == purpose);
    let (test, trains, validates) = (has(Use::Test), has(Use::Train) || has(Use::Any), has(Use::Validation));
    if test && trains && validates {
        let left: Vec<String> =
            blocks.iter().filter(|block| block.purpose == Use::Validation).map(|block| block.name.clone()).collect();
        notes.push(format!("For validation, and not used: {}.", listed(&left)));
        blocks.retain(|block| block.purpose != Use::Validation);
    }
    for block in blocks.iter_mut() {
        block.purpose = match block.purpose {
            Use::Validation if trains => Use::Test,
            Use::Validation if test => Use::Train,
            // Nothing but held-out files: they are split like any others.
            Use::Test if !trains && !validates => Use::Any,
            other => other,
        };
    }
}

/// The classes of all blocks in order, by the names that their labels have; empty where labels are of no use, which is said.
fn agree_on_labels(blocks: &mut [Block<'_>], notes: &mut Vec<String>) -> Vec<String> {
    let said =
        "both models train on them as on any others, but there is no kNN accuracy, and points have no class colours.";
    let whole = !blocks.is_empty() && blocks.iter().all(|block| block.labels.is_some());
    let why = if whole {
        let n: usize = blocks.iter().map(Block::len).sum();
        let mut all: Vec<&str> = blocks
            .iter()
            .filter_map(|block| block.labels.as_ref())
            .flat_map(|labels| &labels.names)
            .map(String::as_str)
            .collect();
        all.sort_unstable();
        all.dedup();
        // What the format itself calls classes are classes.
        let by_format = blocks.iter().all(|block| match block.family {
            Family::Cifar10 | Family::Cifar100 | Family::Stl10 => true,
            Family::Idx => all.len() <= 256,
            Family::Arrays | Family::Rows | Family::Encoded => false,
        });
        let hardly_repeat = !by_format && (2 * all.len() > n || all.len() > usize::from(u16::MAX));
        if all.len() == 1 {
            notes.push(format!(
                "All pictures have the label {}. With one class kNN is always right, so there is no kNN accuracy.",
                all[0]
            ));
        }
        hardly_repeat.then(|| {
            let (all, n) = (grouped(all.len()), grouped(n));
            format!(
                "The labels are {all} different ones for {n} pictures: names, not classes, so they are not used; {said}"
            )
        })
    } else {
        Some(format!("The pictures have no labels: {said}"))
    };
    if let Some(why) = why {
        notes.push(why);
        blocks.iter_mut().for_each(|block| block.labels = None);
        return Vec::new();
    }
    let mut names: Vec<String> =
        blocks.iter().filter_map(|block| block.labels.as_ref()).flat_map(|labels| labels.names.clone()).collect();
    labels::sort(&mut names);
    names.dedup();
    names
}

/// All pictures for training, and all that are held out by name.
fn pools(blocks: &[Block<'_>], classes: &[String]) -> (Vec<Sample>, Vec<Sample>) {
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

/// Says how many pictures are exact copies of others.
fn copies<'a>(samples: impl Iterator<Item = &'a Sample>, notes: &mut Vec<String>) {
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

fn how_drawn(labels: &[u32], classes: usize) -> String {
    let mut counts = vec![0_usize; classes.max(1)];
    labels.iter().for_each(|label| counts[*label as usize] += 1);
    let (low, high) = (counts.iter().min().copied().unwrap_or(0), counts.iter().max().copied().unwrap_or(0));
    match classes {
        0 | 1 => "at random".to_owned(),
        _ if high - low <= 1 + high / 100 => format!("evenly from {classes} classes"),
        _ => format!("at random, each of {classes} classes at its share"),
    }
}

/// Pictures as they are read: bytes, and their classes.
struct Read {
    pixels: Vec<u8>,
    labels: Vec<u32>,
}

impl Read {
    fn into_split(self) -> Split {
        Split {
            inputs: self.pixels.iter().map(|pixel| f32::from(*pixel) / 255.0).collect(),
            labels: self.labels.iter().map(|label| *label as u16).collect(),
        }
    }
}

/// The size that all pictures are brought to.
struct Scale {
    channels: usize,
    height: usize,
    width: usize,
    encoded: bool,
}

impl Scale {
    fn of<'a>(
        blocks: &[Block<'_>],
        samples: impl Iterator<Item = &'a Sample>,
        notes: &mut Vec<String>,
    ) -> Result<Scale, FileError> {
        let encoded = blocks.iter().any(|block| matches!(block.pixels, Pixels::Files(_)));
        let layouts: Vec<Layout> = blocks
            .iter()
            .filter_map(|block| match &block.pixels {
                Pixels::Raw { layout, .. } => Some(*layout),
                Pixels::Files(_) => None,
            })
            .collect();
        let channels = layouts.iter().map(|layout| layout.channels).max().unwrap_or(3);
        let sizes: Vec<(usize, usize)> = if encoded {
            samples
                .filter_map(|sample| encoded::size(blocks[sample.block as usize].bytes(sample.at as usize)))
                .collect()
        } else {
            layouts.iter().map(|layout| (layout.height, layout.width)).collect()
        };
        let Some(&(height, width)) = sizes.first() else {
            let name = blocks.first().map(|block| block.name.clone()).unwrap_or_default();
            return Err(FileError::TooFew { name, samples: 0 });
        };
        let alike = sizes.iter().all(|size| *size == (height, width));
        let most = if encoded { *SCALED.end() } else { MOST_SIDE };
        if alike && height.max(width) <= most && (!encoded || height == width) && height.min(width) >= *SCALED.start() {
            return Ok(Scale { channels, height, width, encoded });
        }
        // A few tiny ones among them do not decide.
        let mut shorter: Vec<usize> = sizes.iter().map(|(height, width)| *height.min(width)).collect();
        shorter.sort_unstable();
        let shortest = shorter[shorter.len() / 20];
        if shortest < *SCALED.start() {
            let name = blocks.first().map(|block| block.name.clone()).unwrap_or_default();
            return Err(FileError::Sides { name, height: height as u64, width: width as u64 });
        }
        let side = shortest.min(*SCALED.end());
        let low = sizes.iter().min_by_key(|(height, width)| height * width).copied().unwrap_or((height, width));
        let high = sizes.iter().max_by_key(|(height, width)| height * width).copied().unwrap_or((height, width));
        let from = if alike {
            format!("{height} × {width}")
        } else {
            format!("{} × {} to {} × {}", low.0, low.1, high.0, high.1)
        };
        let cut =
            if sizes.iter().any(|(height, width)| height != width) { "the middle square of each is " } else { "" };
        notes.push(format!("The pictures have {from} pixels: {cut}scaled to {side} × {side}."));
        Ok(Scale { channels, height: side, width: side, encoded })
    }

    /// Reads the pictures; the names of those that are not whole are added to `broken`.
    fn read(&self, blocks: &[Block<'_>], samples: &[Sample], broken: &mut Vec<String>) -> Read {
        let len = self.channels * self.height * self.width;
        let mut read =
            Read { pixels: Vec::with_capacity(samples.len() * len), labels: Vec::with_capacity(samples.len()) };
        for sample in samples {
            let block = &blocks[sample.block as usize];
            let bytes = block.bytes(sample.at as usize);
            match &block.pixels {
                Pixels::Raw { layout, .. } => self.scale(bytes, layout, &mut read.pixels),
                Pixels::Files(files) => match encoded::decode(bytes) {
                    Some((rgb, height, width)) if height.min(width) > 0 => {
                        self.scale(&rgb, &Layout::interleaved(3, height, width), &mut read.pixels);
                    }
                    _ => {
                        broken.push(files[sample.at as usize].name.clone());
                        continue;
                    }
                },
            }
            read.labels.push(if sample.class == NONE { 0 } else { sample.class });
        }
        read
    }

    /// Adds a picture, channel by channel: as it is where the size fits, else its middle square, averaged over areas.
    fn scale(&self, bytes: &[u8], layout: &Layout, out: &mut Vec<u8>) {
        let [channel, row, column] = layout.strides;
        let (rows, columns) = (layout.height, layout.width);
        let at = |c: usize, y: usize, x: usize| bytes[c.min(layout.channels - 1) * channel + y * row + x * column];
        if (rows, columns) == (self.height, self.width) {
            for c in 0..self.channels {
                for y in 0..rows {
                    out.extend((0..columns).map(|x| at(c, y, x)));
                }
            }
            return;
        }
        let square = rows.min(columns);
        let (top, left) = ((rows - square) / 2, (columns - square) / 2);
        let span = |i: usize, to: usize| (i * square / to)..((i + 1) * square).div_ceil(to).max(i * square / to + 1);
        for c in 0..self.channels {
            for y in 0..self.height {
                for x in 0..self.width {
                    let (mut sum, mut count) = (0_u64, 0_u64);
                    for source_y in span(y, self.height) {
                        for source_x in span(x, self.width) {
                            sum += u64::from(at(c, top + source_y, left + source_x));
                            count += 1;
                        }
                    }
                    out.push(((sum + count / 2) / count) as u8);
                }
            }
        }
    }

    /// Channels that are kept: one, where pictures of files are all grey.
    fn channels(&self, train: &mut Read, test: &mut Read) -> usize {
        let plane = self.height * self.width;
        let is_grey = |read: &Read| {
            read.pixels
                .chunks_exact(3 * plane)
                .all(|p| p[..plane] == p[plane..2 * plane] && p[..plane] == p[2 * plane..])
        };
        if !self.encoded || self.channels != 3 || !is_grey(train) || !is_grey(test) {
            return self.channels;
        }
        for read in [train, test] {
            read.pixels = read.pixels.chunks_exact(3 * plane).flat_map(|picture| picture[..plane].to_vec()).collect();
        }
        1
    }
}

/// Numbers the classes that occur, gives them the names that are known, and says what is missing.
fn rename(
    classes: &[String],
    blocks: &[Block<'_>],
    train: &mut [u32],
    test: &mut [u32],
    notes: &mut Vec<String>,
) -> Vec<String> {
    if classes.is_empty() {
        return Vec::new();
    }
    let occurring = |labels: &[u32]| {
        let mut occurring = vec![false; classes.len()];
        labels.iter().for_each(|label| occurring[*label as usize] = true);
        occurring
    };
    let (in_train, in_test) = (occurring(train), occurring(test));
    let kept: Vec<usize> = (0..classes.len()).filter(|class| in_train[*class] || in_test[*class]).collect();
    let named = blocks.first().map(|block| block.named.as_slice()).unwrap_or_default();
    let of = |class: usize| {
        let own = &classes[class];
        named.iter().find(|(label, _)| label == own).map_or_else(|| own.clone(), |(_, name)| name.clone())
    };
    let only = |here: &[bool], there: &[bool]| -> Vec<String> {
        kept.iter().filter(|class| here[**class] && !there[**class]).map(|class| of(*class)).collect()
    };
    for (names, where_they_are) in [(only(&in_test, &in_train), "held-out"), (only(&in_train, &in_test), "training")] {
        if !names.is_empty() {
            notes.push(format!("Only among the {where_they_are} pictures: {}.", listed(&names)));
        }
    }
    let numbers: Option<Vec<i64>> = classes.iter().map(|name| name.parse().ok()).collect();
    if let Some(numbers) = numbers
        && let (Some(&low), Some(&high)) = (numbers.first(), numbers.last())
    {
        let absent: Vec<String> = if high - low < 1000 {
            (low..=high).filter(|label| numbers.binary_search(label).is_err()).map(|label| label.to_string()).collect()
        } else {
            Vec::new()
        };
        let is_plain = low == 0 && absent.is_empty();
        if !is_plain && numbers.len() > 1 {
            let without = if absent.is_empty() { String::new() } else { format!(", without {}", listed(&absent)) };
            notes.push(format!("{} classes occur: the labels {low} to {high}{without}.", numbers.len()));
        }
    }
    let mut to = vec![0; classes.len()];
    kept.iter().enumerate().for_each(|(new, class)| to[*class] = new as u32);
    train.iter_mut().chain(test.iter_mut()).for_each(|label| *label = to[*label as usize]);
    kept.into_iter().map(of).collect()
}
