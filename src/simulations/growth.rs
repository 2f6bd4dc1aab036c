//! The norm of a free embedding against time, and where weight decay stops it. Ours; after [`crate::theory::growth`].
//!
//! One embedding is pulled towards a fresh random direction in every step, with loss -s cos, so that its gradient never
//! ends. The squared length of the gradient on the sphere is s^2 sin^2(angle), on average G^2 = s^2 (1 - 1/d), which is
//! all that the predictions know of the simulation.

use serde::{Deserialize, Serialize};

use super::measure::{log_log_slope, mean, short, verdict};
use super::simulation::{Progress, Simulation};
use crate::figure::{Axis, Figure, Role, Series};
use crate::rng::CounterRng;
use crate::theory::gradients;
use crate::theory::growth::{Drive, equilibrium_turn};
use crate::theory::vector::{add_scaled, dot, norm};

/// Settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// Decides the directions.
    pub seed: u64,
    /// Dimension d.
    pub dim: usize,
    /// Learning rate of the growth curves.
    pub gamma: f64,
    /// Steps of the growth curves.
    pub steps: u32,
    /// A growth curve ends when the norm reaches this: p = 2 grows exponentially.
    pub ceiling: f64,
    /// GradScale's powers.
    pub powers: Vec<f64>,
    /// Settings with weight decay.
    pub balances: Vec<Balance>,
    /// Steps with weight decay; the second half is averaged.
    pub balance_steps: u32,
}

/// A setting with weight decay.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Balance {
    /// GradScale's power p, below 2.
    pub power: f64,
    /// Learning rate.
    pub gamma: f64,
    /// Weight decay.
    pub lambda: f64,
    /// The loss's factor s.
    pub strength: f64,
}

impl Default for Options {
    fn default() -> Self {
        let balance = |power, gamma, lambda, strength| Balance { power, gamma, lambda, strength };
        Options {
            seed: 7,
            dim: 16,
            gamma: 0.1,
            steps: 50_000,
            ceiling: 100.0,
            powers: vec![0.0, 1.0, 2.0],
            balances: vec![
                balance(0.0, 0.1, 1e-3, 1.0),
                balance(0.0, 0.1, 1e-2, 1.0),
                balance(0.0, 0.04, 1e-3, 1.0),
                balance(0.0, 0.1, 1e-3, 0.5),
                balance(1.0, 0.1, 1e-3, 1.0),
            ],
            balance_steps: 200_000,
        }
    }
}

impl Options {
    /// Shorter averages.
    pub fn quick() -> Options {
        Options { steps: 20_000, balance_steps: 60_000, ..Options::default() }
    }

    fn drive(&self, gamma: f64, strength: f64, power: f64) -> Drive {
        Drive { gamma, gradient: strength * (1.0 - 1.0 / self.dim as f64).sqrt(), power }
    }
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// One curve a power.
    pub curves: Vec<Curve>,
    /// One row a setting with weight decay.
    pub balances: Vec<Balanced>,
}

/// The norm against time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// GradScale's power p.
    pub power: f64,
    /// `[step, norm, predicted norm]`.
    pub rows: Vec<[f64; 3]>,
    /// Slope of ln(norm) against ln(step) over the last decade: 1/4 for p = 0, 1/2 for p = 1; meaningless for p = 2.
    pub exponent: f64,
}

/// The balance of growth and decay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Balanced {
    /// The setting.
    pub setting: Balance,
    /// `[step, norm]`.
    pub rows: Vec<[f64; 2]>,
    /// Mean norm over the second half.
    pub norm: f64,
    /// (gamma G^2/(2 lambda))^(1/(4-2p)).
    pub predicted_norm: f64,
    /// Root mean square of the angle turned by one step, in radians, over the second half.
    pub turn: f64,
    /// sqrt(2 gamma lambda).
    pub predicted_turn: f64,
}

/// Runs it.
pub fn run(options: &Options, progress: Progress<'_>) -> Option<Outcome> {
    let parts = options.powers.len() as f64 * f64::from(options.steps);
    let total = parts + options.balances.len() as f64 * f64::from(options.balance_steps);
    let mut done = 0.0;
    let mut curves = Vec::new();
    for (index, power) in options.powers.iter().enumerate() {
        let mut share = |step: u32| progress(((done + f64::from(step)) / total).min(1.0));
        curves.push(curve(options, *power, index as u32, &mut share)?);
        done += f64::from(options.steps);
    }
    let mut balances = Vec::new();
    for (index, setting) in options.balances.iter().enumerate() {
        let mut share = |step: u32| progress(((done + f64::from(step)) / total).min(1.0));
        balances.push(balance(options, *setting, index as u32, &mut share)?);
        done += f64::from(options.balance_steps);
    }
    progress(1.0).then_some(Outcome { curves, balances })
}

fn curve(options: &Options, power: f64, stream: u32, go_on: &mut dyn FnMut(u32) -> bool) -> Option<Curve> {
    let mut embedding = Embedding::new(options.dim, Simulation::Growth.stream(options.seed, stream, 0));
    let setting = Balance { power, gamma: options.gamma, lambda: 0.0, strength: 1.0 };
    let drive = options.drive(options.gamma, 1.0, power);
    let mut rows = Vec::new();
    for step in 1..=options.steps {
        if step % 1024 == 1 && !go_on(step) {
            return None;
        }
        let length = embedding.step(setting).norm;
        if is_shown(step) {
            rows.push([f64::from(step), length, drive.norm(1.0, f64::from(step))]);
        }
        if length > options.ceiling {
            break;
        }
    }
    let last = rows.last().map_or(0.0, |row| row[0]);
    let late: Vec<[f64; 2]> = rows.iter().filter(|row| row[0] >= last / 10.0).map(|row| [row[0], row[1]]).collect();
    Some(Curve { power, rows, exponent: log_log_slope(&late) })
}

fn balance(options: &Options, setting: Balance, stream: u32, go_on: &mut dyn FnMut(u32) -> bool) -> Option<Balanced> {
    let mut embedding = Embedding::new(options.dim, Simulation::Growth.stream(options.seed, stream, 1));
    let (mut rows, mut norms, mut turns) = (Vec::new(), Vec::new(), Vec::new());
    for step in 1..=options.balance_steps {
        if step % 1024 == 1 && !go_on(step) {
            return None;
        }
        let Stepped { norm, turn } = embedding.step(setting);
        if is_shown(step) {
            rows.push([f64::from(step), norm]);
        }
        if step > options.balance_steps / 2 {
            norms.push(norm);
            turns.push(turn * turn);
        }
    }
    let drive = options.drive(setting.gamma, setting.strength, setting.power);
    Some(Balanced {
        setting,
        rows,
        norm: mean(norms),
        predicted_norm: drive.equilibrium(setting.lambda).unwrap_or(f64::NAN),
        turn: mean(turns).sqrt(),
        predicted_turn: equilibrium_turn(setting.gamma, setting.lambda),
    })
}

/// About twenty steps a decade.
fn is_shown(step: u32) -> bool {
    let place = |step: u32| (f64::from(step).log10() * 20.0).floor();
    step < 20 || place(step) > place(step - 1)
}

/// The embedding, of norm 1 at the start.
struct Embedding {
    z: Vec<f64>,
    rng: CounterRng,
}

/// After a step.
struct Stepped {
    norm: f64,
    /// Angle to the position before, in radians.
    turn: f64,
}

impl Embedding {
    fn new(dim: usize, rng: CounterRng) -> Embedding {
        let mut embedding = Embedding { z: Vec::new(), rng };
        embedding.z = embedding.target(dim);
        let length = norm(&embedding.z);
        embedding.z.iter_mut().for_each(|value| *value /= length);
        embedding
    }

    fn step(&mut self, setting: Balance) -> Stepped {
        let target = self.target(self.z.len());
        let pull = gradients::cosine(&self.z, &target);
        let before = self.z.clone();
        let scale = setting.gamma * setting.strength * gradients::gradscale(norm(&before), setting.power);
        self.z.iter_mut().for_each(|value| *value *= 1.0 - setting.gamma * setting.lambda);
        add_scaled(&mut self.z, scale, &pull);
        let sideways = norm(&gradients::tangent(&before, &self.z));
        Stepped { norm: norm(&self.z), turn: sideways.atan2(dot(&before, &self.z) / norm(&before)) }
    }

    /// A fresh direction (of any length).
    fn target(&mut self, dim: usize) -> Vec<f64> {
        (0..dim).map(|_| f64::from(self.rng.normal())).collect()
    }
}

impl Outcome {
    /// The growth curves, and the approach to the balance.
    pub fn figure(&self) -> Vec<Figure> {
        let mut growth = Vec::new();
        for (index, curve) in self.curves.iter().enumerate() {
            let name = format!("p = {}", short(curve.power));
            let predicted = curve.rows.iter().map(|row| [row[0], row[2]]);
            growth.push(Series::line(format!("{name}, predicted"), Role::PredictedFor(index as u8), predicted));
            let role = if index == 0 { Role::Measured } else { Role::Other(index as u8) };
            growth.push(Series::marks(name, role, curve.rows.iter().map(|row| [row[0], row[1]])));
        }
        let mut balance = Vec::new();
        for (index, balanced) in self.balances.iter().enumerate() {
            let Balance { power, gamma, lambda, strength } = balanced.setting;
            let name =
                format!("p = {}, lr {}, wd {}, s {}", short(power), short(gamma), short(lambda), short(strength));
            let ends = [balanced.rows.first(), balanced.rows.last()];
            let predicted = ends.into_iter().flatten().map(|row| [row[0], balanced.predicted_norm]);
            balance.push(Series::line(format!("{name}, predicted"), Role::PredictedFor(index as u8), predicted));
            balance.push(Series::line(name, Role::Other(index as u8), balanced.rows.iter().copied()));
        }
        let (x, y) = (Axis::log("step"), Axis::log("norm of the embedding"));
        vec![
            Figure {
                name: "growth".to_owned(),
                title: "Norms grow as long as there is a gradient".to_owned(),
                caption:
                    "As the fourth root of time; with GradScale p = 1 as its square root, with p = 2 exponentially."
                        .to_owned(),
                x: x.clone(),
                y: y.clone(),
                series: growth,
            },
            Figure {
                name: "growth-balance".to_owned(),
                title: "Weight decay stops the growth".to_owned(),
                caption: "The norm settles where growth and decay balance, as the formula says.".to_owned(),
                x,
                y,
                series: balance,
            },
        ]
    }

    /// Exponents, errors of the law, and the balances.
    pub fn summary(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for curve in &self.curves {
            let p = short(curve.power);
            if curve.power < 2.0 {
                let expected = 1.0 / (4.0 - 2.0 * curve.power);
                let what = format!("With p = {p} the norm goes as a power of the step; its exponent");
                lines.push(verdict(&what, curve.exponent, expected - 0.02, expected + 0.02));
            }
            let error = 100.0 * curve.error();
            lines.push(verdict(&format!("Largest error of the growth law, p = {p} (percent)"), error, 0.0, 3.0));
        }
        let largest = |of: &dyn Fn(&Balanced) -> f64| self.balances.iter().map(of).fold(0.0, f64::max);
        let norm = 100.0 * largest(&|b| (b.norm / b.predicted_norm - 1.0).abs());
        lines.push(verdict("Largest error of the norm at the balance with weight decay (percent)", norm, 0.0, 0.2));
        let turn = 100.0 * largest(&|b| (b.turn / b.predicted_turn - 1.0).abs());
        lines.push(verdict("Largest error of the angular step √(2 lr wd) there (percent)", turn, 0.0, 1.0));
        lines
    }
}

impl Curve {
    /// Largest relative error of the law.
    pub fn error(&self) -> f64 {
        self.rows.iter().map(|row| (row[1] / row[2] - 1.0).abs()).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn norms_grow_as_the_law_says_and_stop_where_decay_balances_them() {
        // Exponents 1/4 and 1/2; balance within 0.2 percent.
        let outcome = run(&Options::default(), &mut |_| true).unwrap();
        for (curve, exponent) in outcome.curves.iter().zip([0.25, 0.5]) {
            assert!((curve.exponent - exponent).abs() < 0.01, "p = {}: {}", curve.power, curve.exponent);
        }
        for curve in &outcome.curves {
            assert!(curve.error() < 0.03, "p = {}: {}", curve.power, curve.error());
        }
        for balanced in &outcome.balances {
            assert!((balanced.norm / balanced.predicted_norm - 1.0).abs() < 2e-3, "{:?}", balanced.setting);
            assert!((balanced.turn / balanced.predicted_turn - 1.0).abs() < 1e-2, "{:?}", balanced.setting);
        }
        assert!(outcome.summary().iter().all(|line| line.contains(", as expected")), "{:#?}", outcome.summary());
    }

    #[test]
    fn at_power_two_the_curve_ends_at_the_ceiling() {
        let outcome = run(&Options::quick(), &mut |_| true).unwrap();
        let last = outcome.curves[2].rows.last().unwrap();
        assert!(last[0] < 1500.0 && last[1] > 50.0, "{last:?}");
    }
}
