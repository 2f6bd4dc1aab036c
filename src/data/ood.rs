//! Out-of-distribution inputs for a data set: what an anomaly score is asked to tell from held-out samples.
//!
//! Each kind is drawn from the counter-based generator, so every model sees the same inputs. [`equalise`] gives them the
//! input norms of held-out samples: without that, a score that only reads how bright a picture is would look like insight.

use serde::{Deserialize, Serialize};

use super::dataset::{Dataset, Split};
use super::sample::Kind;
use super::shapes::SIDE as SHAPES_SIDE;
use crate::rng::{CounterRng, Domain};

/// A kind of out-of-distribution input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ood {
    /// Samples of classes that were held out of training.
    Unseen,
    /// Samples of another data set, brought to the same size.
    Other,
    /// Gaussian noise around mid-grey (pictures) or 0 (vectors).
    Noise,
    /// Uniform noise.
    Uniform,
    /// The mean of two held-out samples of different classes.
    Mixup,
    /// A held-out picture, blurred (box filter of 3/8 of its side, twice).
    Blur,
    /// A held-out picture with its contrast cut to a quarter.
    Contrast,
}

impl Ood {
    /// Every kind, nearest to the data first.
    pub const ALL: [Ood; 7] = [Ood::Unseen, Ood::Mixup, Ood::Blur, Ood::Contrast, Ood::Other, Ood::Uniform, Ood::Noise];

    /// Its name in files and on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Ood::Unseen => "unseen",
            Ood::Other => "other",
            Ood::Noise => "noise",
            Ood::Uniform => "uniform",
            Ood::Mixup => "mixup",
            Ood::Blur => "blur",
            Ood::Contrast => "contrast",
        }
    }

    /// Its name on the page.
    pub fn label(self) -> &'static str {
        match self {
            Ood::Unseen => "Unseen classes",
            Ood::Other => "Another data set",
            Ood::Noise => "Gaussian noise",
            Ood::Uniform => "Uniform noise",
            Ood::Mixup => "Mixup of two classes",
            Ood::Blur => "Blurred",
            Ood::Contrast => "Low contrast",
        }
    }

    /// Looks a kind up by its key.
    pub fn parse(key: &str) -> Option<Ood> {
        Ood::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// Draws `n` inputs of this kind, `[n, len]`; `None` when the data set has no such kind.
    pub fn draw(self, data: &Dataset, n: usize, seed: u64) -> Option<Vec<f32>> {
        if data.test.n() < 2 {
            return None;
        }
        let rng = |index: usize| CounterRng::new(Domain::Ood, seed, self as u32, index as u32, 0);
        let mut rows = Vec::with_capacity(n * data.kind.len());
        match self {
            Ood::Unseen => {
                let unseen = data.unseen.as_ref().filter(|unseen| unseen.n() > 0)?;
                (0..n).for_each(|index| rows.extend_from_slice(unseen.row(index % unseen.n())));
            }
            Ood::Other => return other(data, n, seed),
            Ood::Noise => (0..n).for_each(|index| noise(&data.kind, &mut rng(index), &mut rows)),
            Ood::Uniform => (0..n).for_each(|index| uniform(&data.kind, &mut rng(index), &mut rows)),
            Ood::Mixup => (0..n).for_each(|index| mixup(&data.test, &mut rng(index), &mut rows)),
            Ood::Blur => {
                let Kind::Image { channels, height, width } = data.kind else { return None };
                for index in 0..n {
                    let once = blur(data.test.row(index % data.test.n()), [channels, height, width]);
                    rows.extend(blur(&once, [channels, height, width]));
                }
            }
            Ood::Contrast => {
                let Kind::Image { .. } = data.kind else { return None };
                for index in 0..n {
                    let row = data.test.row(index % data.test.n());
                    let mean = row.iter().sum::<f32>() / row.len() as f32;
                    rows.extend(row.iter().map(|v| mean + 0.25 * (v - mean)));
                }
            }
        }
        Some(rows)
    }
}

/// Adds a row of Gaussian noise.
fn noise(kind: &Kind, rng: &mut CounterRng, rows: &mut Vec<f32>) {
    let is_picture = matches!(kind, Kind::Image { .. });
    rows.extend((0..kind.len()).map(|_| match is_picture {
        true => (0.5 + 0.25 * rng.normal()).clamp(0.0, 1.0),
        false => rng.normal(),
    }));
}

/// Adds a row of uniform noise.
fn uniform(kind: &Kind, rng: &mut CounterRng, rows: &mut Vec<f32>) {
    let is_picture = matches!(kind, Kind::Image { .. });
    rows.extend((0..kind.len()).map(|_| if is_picture { rng.uniform() } else { rng.range(-1.0, 1.0) }));
}

/// Adds the mean of two samples of different classes; with a single class, of any two.
fn mixup(test: &Split, rng: &mut CounterRng, rows: &mut Vec<f32>) {
    let any = |rng: &mut CounterRng| rng.below(test.n() as u32) as usize;
    let first = any(rng);
    let partner = (0..32).map(|_| any(rng)).find(|&at| test.labels[at] != test.labels[first]);
    let second = partner.unwrap_or_else(|| any(rng));
    rows.extend(test.row(first).iter().zip(test.row(second)).map(|(a, b)| 0.5 * (a + b)));
}

/// Rescales each row of `rows: [n, len]` to the norm of a held-out sample (drawn with repetition), so that input norms
/// carry no information. Rows of norm 0 stay.
pub fn equalise(rows: &mut [f32], test: &Split, seed: u64) {
    let norm = |row: &[f32]| row.iter().map(|v| v * v).sum::<f32>().sqrt();
    let Some(len) = test.inputs.len().checked_div(test.n()).filter(|len| *len > 0) else { return };
    let mut rng = CounterRng::new(Domain::Ood, seed, 1000, 0, 0);
    for row in rows.chunks_exact_mut(len) {
        let target = norm(test.row(rng.below(test.n() as u32) as usize));
        let own = norm(row);
        if own > 0.0 {
            row.iter_mut().for_each(|v| *v *= target / own);
        }
    }
}

/// A box filter of 3/8 of the picture's side, separately in both directions; the edge's value goes on beyond it.
fn blur(row: &[f32], [channels, height, width]: [usize; 3]) -> Vec<f32> {
    let reach = (height.max(width) * 3 / 16).max(1) as isize;
    let plane = height * width;
    let filter = |source: &[f32], dy: isize, dx: isize| -> Vec<f32> {
        let at = |channel: usize, y: isize, x: isize| {
            let (y, x) = (y.clamp(0, height as isize - 1) as usize, x.clamp(0, width as isize - 1) as usize);
            source[channel * plane + y * width + x]
        };
        (0..channels * plane)
            .map(|index| {
                let (channel, y, x) = (index / plane, (index % plane / width) as isize, (index % width) as isize);
                (-reach..=reach).map(|k| at(channel, y + k * dy, x + k * dx)).sum::<f32>() / (2 * reach + 1) as f32
            })
            .collect()
    };
    filter(&filter(row, 1, 0), 0, 1)
}

/// Another data set's held-out pictures, resampled: shapes for everything but shapes, digits for shapes.
fn other(data: &Dataset, n: usize, seed: u64) -> Option<Vec<f32>> {
    let Kind::Image { channels, height, width } = data.kind else { return None };
    let is_shapes = data.name == "Shapes";
    let source = if is_shapes { Dataset::digits() } else { Dataset::shapes_sized(seed, 0, n, 0) };
    let (from_channels, side) = if is_shapes { (1, 8) } else { (3, SHAPES_SIDE) };
    let mut rows = Vec::with_capacity(n * data.kind.len());
    for index in 0..n {
        let row = source.test.row(index % source.test.n());
        rows.extend(resample(row, [from_channels, side, side], [channels, height, width]));
    }
    Some(rows)
}

/// Area-averaging (down) or nearest (up) resampling; grey from RGB by the mean, RGB from grey by repetition.
fn resample(row: &[f32], [from, rows, columns]: [usize; 3], [to, height, width]: [usize; 3]) -> Vec<f32> {
    let plane = rows * columns;
    let value = |channel: usize, at: usize| match (from, to) {
        (3, 1) => (row[at] + row[plane + at] + row[2 * plane + at]) / 3.0,
        _ => row[channel.min(from - 1) * plane + at],
    };
    let span = |i: usize, of: usize, to: usize| (i * of / to)..((i + 1) * of).div_ceil(to).max(i * of / to + 1);
    let mut out = Vec::with_capacity(to * height * width);
    for channel in 0..to {
        for y in 0..height {
            for x in 0..width {
                let cells = span(y, rows, height).flat_map(|r| span(x, columns, width).map(move |c| r * columns + c));
                let (sum, count) = cells.fold((0.0, 0.0), |(sum, count), at| (sum + value(channel, at), count + 1.0));
                out.push(sum / count);
            }
        }
    }
    out
}

impl Dataset {
    /// The same data without `classes`, whose samples (of both splits) become the unseen ones. The remaining classes are
    /// renumbered in order. Classes that do not exist are ignored; when nothing would be left, nothing changes.
    pub fn hold_out(&self, classes: &[u16]) -> Dataset {
        let out = |label: u16| classes.contains(&label);
        let kept: Vec<u16> = (0..self.classes.len() as u16).filter(|label| !out(*label)).collect();
        let gone: Vec<u16> = (0..self.classes.len() as u16).filter(|label| out(*label)).collect();
        if kept.len() < 2 || gone.is_empty() {
            return self.clone();
        }
        let part = |split: &Split, labels: &[u16], into: &mut Split| {
            for (index, label) in split.labels.iter().enumerate() {
                if let Some(at) = labels.iter().position(|kept| kept == label) {
                    into.push(split.row(index), at as u16);
                }
            }
        };
        let [mut train, mut test, mut unseen] = [(); 3].map(|()| Split::default());
        part(&self.train, &kept, &mut train);
        part(&self.test, &kept, &mut test);
        // Held-out pictures first: they are the fair ones to compare with held-out pictures of known classes.
        part(&self.test, &gone, &mut unseen);
        part(&self.train, &gone, &mut unseen);
        let names = |labels: &[u16]| labels.iter().map(|label| self.classes[usize::from(*label)].clone()).collect();
        Dataset {
            classes: names(&kept),
            unseen_classes: names(&gone),
            train,
            test,
            unseen: Some(unseen),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_drawn_repeats_and_stays_in_the_pictures_range() {
        let data = Dataset::digits().hold_out(&[8, 9]);
        for kind in Ood::ALL {
            assert_eq!(Ood::parse(kind.key()), Some(kind));
            let rows = kind.draw(&data, 30, 5).unwrap();
            assert_eq!(rows.len(), 30 * 64, "{kind:?}");
            assert_eq!(rows, kind.draw(&data, 30, 5).unwrap());
            assert!(rows.iter().all(|v| (0.0..=1.0).contains(v)), "{kind:?}");
        }
        assert_eq!(Ood::Unseen.draw(&Dataset::digits(), 3, 5), None);
    }

    #[test]
    fn holding_out_moves_every_sample_of_a_class_and_renumbers_the_rest() {
        let all = Dataset::digits();
        let data = all.hold_out(&[0, 8]);
        let count = |split: &Split| split.n();
        let unseen = data.unseen.as_ref().unwrap();
        assert_eq!(count(&data.train) + count(&data.test) + count(unseen), count(&all.train) + count(&all.test));
        assert_eq!(data.classes, ["1", "2", "3", "4", "5", "6", "7", "9"]);
        assert_eq!(data.unseen_classes, ["0", "8"]);
        assert_eq!(data.train.labels.iter().max(), Some(&7));
        // Sample 0 of what remains is the first training sample that is neither 0 nor 8.
        let first = all.train.labels.iter().position(|label| ![0, 8].contains(label)).unwrap();
        assert_eq!(data.train.row(0), all.train.row(first));
        assert_eq!(all.hold_out(&[]).train, all.train);
        assert_eq!(all.hold_out(&(0..10).collect::<Vec<u16>>()).train, all.train);
    }

    #[test]
    fn equalised_inputs_have_the_norms_of_held_out_samples() {
        let data = Dataset::digits();
        let mut rows = Ood::Noise.draw(&data, 50, 1).unwrap();
        equalise(&mut rows, &data.test, 1);
        let norm = |row: &[f32]| row.iter().map(|v| v * v).sum::<f32>().sqrt();
        let known: Vec<f32> = (0..data.test.n()).map(|i| norm(data.test.row(i))).collect();
        for row in rows.chunks(64) {
            assert!(known.iter().any(|k| (k - norm(row)).abs() < 1e-3 * k));
        }
    }

    #[test]
    fn blurring_keeps_the_mean_of_a_flat_picture_and_flattens_a_checkerboard() {
        let flat = vec![0.4; 64];
        assert!(blur(&flat, [1, 8, 8]).iter().all(|v| (v - 0.4).abs() < 1e-6));
        let checks: Vec<f32> = (0..64).map(|i| ((i / 8 + i) % 2) as f32).collect();
        let out = blur(&checks, [1, 8, 8]);
        assert!(out.iter().all(|v| (v - 0.5).abs() < 0.2), "{out:?}");
    }

    #[test]
    fn resampling_averages_down_and_repeats_up() {
        let row = [0.0, 1.0, 0.5, 0.5];
        assert_eq!(resample(&row, [1, 2, 2], [1, 1, 1]), [0.5]);
        let up = resample(&row, [1, 2, 2], [3, 4, 4]);
        assert_eq!(up.len(), 48);
        assert_eq!((up[0], up[2], up[47]), (0.0, 1.0, 0.5));
    }
}
