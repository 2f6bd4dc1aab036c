//! Axes: from values to places in a picture, round ticks, short numbers.

use crate::text::LARGE;
pub use crate::text::number;

/// One axis of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Ends of the axis, as values or (on a logarithmic axis) as powers of ten.
    low: f64,
    high: f64,
    log: bool,
    /// Where the ends are drawn.
    place: [f64; 2],
}

impl Scale {
    /// An axis that covers `values` and `margin` (a share of their range) on either side, drawn from `place[0]` to
    /// `place[1]`. What can't be drawn on it (not finite, or not positive on a logarithmic axis) does not count.
    pub fn covering(values: impl Iterator<Item = f64>, log: bool, margin: f64, place: [f64; 2]) -> Scale {
        let values = values.filter(|v| v.is_finite() && (!log || *v > 0.0));
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        let (low, high) = if low > high { (if log { 0.1 } else { 0.0 }, 1.0) } else { (low, high) };
        let (low, high) = if log { (low.log10(), high.log10()) } else { (low, high) };
        let pad = ((high - low) * margin).max(1e-3 * high.abs()).max(1e-9);
        Scale { low: low - pad, high: high + pad, log, place }
    }

    /// An axis from `low` to `high` exactly; not logarithmic.
    pub fn exact(low: f64, high: f64, place: [f64; 2]) -> Scale {
        Scale { low, high, log: false, place }
    }

    /// The same axis for shares of `whole` (1, or 100 for percent), which all lie between 0 and `whole`: its margin ends where no
    /// value can be, and values that hardly differ don't blow up what is nothing. Not logarithmic.
    pub fn of_shares(self, whole: f64) -> Scale {
        let (least, high) = (0.01 * whole, self.high.min(whole));
        let low = self.low.min(high - least).max(0.0);
        Scale { low, high: high.max(low + least), ..self }
    }

    /// The same axis with another lower end; not logarithmic.
    pub fn from(self, low: f64) -> Scale {
        Scale { low, ..self }
    }

    /// Where `value` is drawn.
    pub fn at(self, value: f64) -> f64 {
        let value = if self.log { value.max(1e-300).log10() } else { value };
        self.place[0] + (self.place[1] - self.place[0]) * (value - self.low) / (self.high - self.low)
    }

    /// The value that is drawn at `place`.
    pub fn value(self, place: f64) -> f64 {
        let share = (place - self.place[0]) / (self.place[1] - self.place[0]);
        let value = self.low + share * (self.high - self.low);
        if self.log { 10_f64.powf(value) } else { value }
    }

    /// Whether a value can be drawn.
    pub fn draws(self, value: f64) -> bool {
        value.is_finite() && (!self.log || value > 0.0)
    }

    /// Where the axis crosses zero, or its nearer end.
    pub fn base(self) -> f64 {
        let zero = if self.log { self.low } else { 0.0_f64.clamp(self.low, self.high) };
        self.place[0] + (self.place[1] - self.place[0]) * (zero - self.low) / (self.high - self.low)
    }

    /// About `count` round values on the axis.
    pub fn ticks(self, count: usize) -> Vec<f64> {
        if self.log {
            return log_ticks(self.low, self.high, count);
        }
        linear_ticks(self.low, self.high, count)
    }
}

/// 1, 2 or 5 times a power of ten, at least `raw`.
pub fn round_up(raw: f64) -> f64 {
    let power = 10_f64.powf(raw.max(1e-12).log10().floor());
    let lead = [1.0, 2.0, 5.0, 10.0].into_iter().find(|lead| lead * power >= raw * 0.999).unwrap_or(10.0);
    lead * power
}

fn log_ticks(low: f64, high: f64, count: usize) -> Vec<f64> {
    let inside = |leads: &[f64]| -> Vec<f64> {
        let decades = low.floor() as i32..=high.ceil() as i32;
        decades
            .flat_map(|decade| leads.iter().map(move |lead| lead * 10_f64.powi(decade)))
            .filter(|tick| (low..=high).contains(&tick.log10()))
            .collect()
    };
    let tens = inside(&[1.0]);
    if tens.len() >= 3 {
        let every = tens.len().div_ceil(count.max(2));
        return tens.into_iter().step_by(every).collect();
    }
    let few = inside(&[1.0, 2.0, 5.0]);
    if few.len() >= 3 { few } else { linear_ticks(10_f64.powf(low), 10_f64.powf(high), count) }
}

/// One tick alone says nothing of how far it is to anywhere: where `count` leads to fewer than two, there are more.
fn linear_ticks(low: f64, high: f64, count: usize) -> Vec<f64> {
    let ticks = |count: usize| -> Vec<f64> {
        let step = round_up((high - low) / count as f64);
        let first = (low / step).ceil() as i64;
        let last = (high / step).floor() as i64;
        (first..=last).map(|i| i as f64 * step).collect()
    };
    (count..count + 3).map(ticks).find(|ticks| ticks.len() > 1).unwrap_or_else(|| ticks(2 * count + 3))
}

/// Below this size a number in a picture is written with an exponent.
const SMALL: f64 = 1e-3;

/// A number as short as it can be.
pub fn short(value: f64) -> String {
    let size = value.abs();
    let digits = match size {
        _ if !value.is_finite() => return number(value, 0),
        _ if !(SMALL..LARGE).contains(&size) => 1,
        _ if size < 0.1 => 3,
        _ if size < 10.0 => 2,
        _ if size < 100.0 => 1,
        _ => 0,
    };
    trimmed(value, digits)
}

/// The texts of an axis's ticks, each times `factor` (100 for percent): short, and never two alike.
pub fn labels(ticks: &[f64], factor: f64) -> Vec<String> {
    let values: Vec<f64> = ticks.iter().map(|tick| tick * factor).collect();
    let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let gap = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(largest, f64::min);
    let off = |text: &str, value: f64| (text.parse().unwrap_or(f64::NAN) - value).abs();
    // A label may differ from its value by less than one sees between two ticks.
    let label = |value: f64| {
        let texts = (0..=17).map(|digits| trimmed(value, digits));
        std::iter::once(short(value)).chain(texts).find(|text| off(text, value) <= gap * 0.01)
    };
    values.into_iter().map(|value| label(value).unwrap_or_else(|| short(value))).collect()
}

/// `digits` decimals (of the mantissa, where there is an exponent) without the zeros at their end.
fn trimmed(value: f64, digits: usize) -> String {
    // -0 is 0.
    let value = value + 0.0;
    let plain = value == 0.0 || (SMALL..LARGE).contains(&value.abs());
    let text = if plain { format!("{value:.digits$}") } else { format!("{value:.digits$e}") };
    let (number, exponent) = text.split_at(text.find('e').unwrap_or(text.len()));
    let number = if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number };
    format!("{number}{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_of_shares_ends_where_shares_end() {
        for values in
            [vec![0.9, 1.0], vec![0.02, 0.5], vec![0.0], vec![1.0], vec![0.0, 1.0], vec![0.5, f64::NAN], vec![]]
        {
            for whole in [1.0, 100.0] {
                let shares = values.iter().map(|value| value * whole);
                let scale = Scale::covering(shares, false, 0.08, [0.0, 50.0]).of_shares(whole);
                assert!(scale.low >= 0.0 && scale.high <= whole, "{values:?}: {scale:?}");
                assert!(scale.high - scale.low >= 0.0099 * whole, "{values:?}: {scale:?}");
                for value in values.iter().filter(|value| value.is_finite()) {
                    assert!((-1e-9..=50.0 + 1e-9).contains(&scale.at(value * whole)), "{values:?}: {scale:?}");
                }
            }
        }
    }

    #[test]
    fn ticks_are_round_and_inside() {
        let scale = Scale::covering([0.72, 0.96].into_iter(), false, 0.08, [0.0, 100.0]);
        let ticks = scale.ticks(4);
        assert!((2..=6).contains(&ticks.len()), "{ticks:?}");
        assert!(ticks.iter().all(|tick| (0.0..=100.0).contains(&scale.at(*tick))));
    }

    #[test]
    fn every_axis_has_two_ticks_at_least() {
        for count in 1..=6 {
            for (low, high) in (0..4000).map(|i| (1.013_f64.powi(i % 1000) * 1e-6, 1.0 + 0.03 * f64::from(i / 10))) {
                for log in [false, true] {
                    let ticks = Scale::covering([low, low * high].into_iter(), log, 0.04, [0.0, 1.0]).ticks(count);
                    assert!(ticks.len() > 1, "{low} to {}, {count} asked for, log {log}: {ticks:?}", low * high);
                }
            }
        }
    }

    #[test]
    fn a_short_logarithmic_axis_has_round_ticks_as_well() {
        let ticks = |low: f64, high: f64| Scale::covering([low, high].into_iter(), true, 0.0, [0.0, 1.0]).ticks(5);
        assert_eq!(ticks(1.28, 1.93), [1.4, 1.6, 1.8].map(|tick: f64| (tick / 0.2).round() * 0.2));
        assert_eq!(ticks(0.9, 2.2).len(), 3);
        assert_eq!(ticks(0.9, 1200.0), [1.0, 10.0, 100.0, 1000.0]);
    }

    #[test]
    fn values_and_places_lead_back_to_each_other() {
        for log in [false, true] {
            let scale = Scale::covering([0.5, 400.0].into_iter(), log, 0.05, [20.0, 300.0]);
            for value in [0.5, 7.0, 400.0] {
                assert!((scale.value(scale.at(value)) - value).abs() < 1e-9 * value);
            }
        }
    }

    #[test]
    fn odd_values_do_no_harm() {
        let scale = Scale::covering([f64::NAN, -1.0, f64::INFINITY].into_iter(), true, 0.05, [0.0, 1.0]);
        assert!(!scale.ticks(4).is_empty());
        assert!(!scale.draws(f64::NAN) && !scale.draws(0.0) && scale.draws(2.0));
    }

    #[test]
    fn numbers_are_short() {
        let values = [0.0, 1.5, 0.05, 12.34, 1234.5, 0.00001, 95.0, 13_325_643_776.0];
        assert_eq!(values.map(short).join(" "), "0 1.5 0.05 12.3 1234 1e-5 95 1.3e10");
    }

    #[test]
    fn labels_of_one_axis_are_pairwise_different() {
        let unlike = |ticks: &[f64], factor: f64, what: &str| {
            let texts = labels(ticks, factor);
            let different: std::collections::BTreeSet<&String> = texts.iter().collect();
            assert_eq!(different.len(), texts.len(), "{what}: {texts:?}");
            for (text, tick) in texts.iter().zip(ticks) {
                let value: f64 = text.parse().unwrap();
                assert!(
                    (value - tick * factor).abs() <= 0.02 * (tick * factor).abs() + 1e-12,
                    "{what}: {text} for {tick}"
                );
            }
        };
        // Sizes from 1e-8 to 1e12, ranges from a thousandth of the size up to many decades, either sign.
        for exponent in -80..=120 {
            let low = 10_f64.powf(f64::from(exponent) / 10.0);
            for width in [0.0, 0.001, 0.0037, 0.02, 0.1, 0.33, 1.0, 2.5, 9.0, 99.0, 1e4, 1e9] {
                for (log, sign) in [(false, 1.0), (false, -1.0), (true, 1.0)] {
                    let ends = [low * sign, low * (1.0 + width) * sign];
                    for count in [2, 4, 5, 7] {
                        let ticks = Scale::covering(ends.into_iter(), log, 0.08, [0.0, 1.0]).ticks(count);
                        for factor in [1.0, 100.0] {
                            unlike(&ticks, factor, &format!("{ends:?}, log {log}, {count} ticks, times {factor}"));
                        }
                    }
                }
            }
        }
        for steps in [1.0, 3.0, 60.0, 1000.0, 123_456.0, 2e6] {
            unlike(&Scale::exact(0.0, steps, [0.0, 1.0]).ticks(4), 1.0, "steps");
        }
    }

    #[test]
    fn labels_are_no_longer_than_needed() {
        assert_eq!(labels(&[0.9985, 0.999, 0.9995, 1.0], 100.0), ["99.85", "99.9", "99.95", "100"]);
        assert_eq!(labels(&[0.999, 1.0, 1.001], 1.0), ["0.999", "1", "1.001"]);
        assert_eq!(labels(&[0.0, 0.5, 1.0], 1.0), ["0", "0.5", "1"]);
        assert_eq!(labels(&[1e5, 2e5, 1e10], 1.0), ["1e5", "2e5", "1e10"]);
        assert_eq!(labels(&[], 1.0), Vec::<String>::new());
    }
}
