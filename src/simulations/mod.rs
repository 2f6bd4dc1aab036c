//! The paper's simulations and those that explain it, on the host, without tensors.
//!
//! ```text
//! norm_sweep        steps to align against the norm: quadratic; linear and constant under GradScale p = 1 and 2
//! opposite_halves   steps to align against the start angle: logarithmic near opposition
//! growth            the norm against time for p = 0, 1, 2, and the balance with weight decay
//! exposure          the norm of a free embedding counts how often it was trained
//! imbalance         rare classes get smaller norms, a little
//! density           embeddings with few neighbours are short
//! pairs             pairs of free points            (norm_sweep, opposite_halves)
//! spherical         classes on a sphere, as data    (imbalance, density)
//! perceptron        the small network               (imbalance, density)
//! supervised        its loss and training           (imbalance, density)
//! measure           exponents, means, verdicts in words
//! ```
//!
//! Every simulation is `run(&Options, progress) -> Option<Outcome>`: options in (their default is the paper's setting,
//! [`quick`](norm_sweep::Options::quick) takes seconds in a browser), numbers out, `None` when `progress` said stop. An
//! outcome gives its figures, measured next to predicted, and a summary that says whether each number is where it is
//! expected. All draws follow from one seed. Sources: Draganov et al. 2025 and the notebook `Simulations.ipynb` of its
//! repository (numbers of its printed outputs, no code); where a simulation is not theirs, its file says so.

pub mod density;
pub mod exposure;
pub mod growth;
pub mod imbalance;
pub mod measure;
pub mod norm_sweep;
pub mod opposite_halves;
pub mod pairs;
pub mod perceptron;
mod simulation;
pub mod spherical;
pub mod supervised;

pub use simulation::{Progress, Simulation};

use serde::{Deserialize, Serialize};

use crate::figure::Figure;

/// What a simulation gives: its settings, its numbers, its figures and the gist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Which one.
    pub simulation: Simulation,
    /// The seed of all draws.
    pub seed: u64,
    /// Its `Options` as JSON.
    pub options: serde_json::Value,
    /// Its `Outcome` as JSON: raw rows, slopes, ratios; measured and predicted.
    pub outcome: serde_json::Value,
    /// Figures, ready to draw.
    pub figures: Vec<Figure>,
    /// Plain sentences with the numbers, each saying what is expected and whether this run is there.
    pub summary: Vec<String>,
}

/// Runs a simulation with the paper's settings, or with its quick ones; `None` when `progress` said stop.
pub fn run(simulation: Simulation, seed: u64, quick: bool, progress: Progress<'_>) -> Option<Report> {
    macro_rules! report {
        ($module:ident) => {{
            let base = if quick { $module::Options::quick() } else { $module::Options::default() };
            let options = $module::Options { seed, ..base };
            let outcome = $module::run(&options, progress)?;
            Some(Report {
                simulation,
                seed,
                options: serde_json::to_value(&options).unwrap_or_default(),
                outcome: serde_json::to_value(&outcome).unwrap_or_default(),
                figures: outcome.figure(),
                summary: outcome.summary(),
            })
        }};
    }
    match simulation {
        Simulation::NormSweep => report!(norm_sweep),
        Simulation::OppositeHalves => report!(opposite_halves),
        Simulation::Growth => report!(growth),
        Simulation::Exposure => report!(exposure),
        Simulation::Imbalance => report!(imbalance),
        Simulation::Density => report!(density),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quick(simulation: Simulation, seed: u64) -> Report {
        run(simulation, seed, true, &mut |_| true).expect("not cancelled")
    }

    #[test]
    fn keys_lead_back_to_their_simulation() {
        for simulation in Simulation::ALL {
            assert_eq!(Simulation::parse(simulation.key()), Some(simulation));
            assert_eq!(serde_json::to_value(simulation).unwrap(), simulation.key());
        }
        assert_eq!(Simulation::parse("norm sweep"), None);
        assert_eq!(Simulation::keys(), "norm-sweep, opposite-halves, growth, exposure, imbalance, density");
    }

    #[test]
    fn the_seed_decides_every_number_and_figures_can_be_drawn() {
        for simulation in Simulation::ALL {
            let report = quick(simulation, 1);
            assert_eq!(report, quick(simulation, 1), "{simulation:?}");
            assert_ne!(report.outcome, quick(simulation, 2).outcome, "{simulation:?}");
            assert!(report.options.is_object() && report.outcome.is_object());
            assert!(!report.figures.is_empty() && report.summary.len() >= 2, "{simulation:?}");
            for series in report.figures.iter().flat_map(|figure| &figure.series) {
                assert!(!series.points.is_empty(), "{simulation:?}: {}", series.label);
            }
        }
    }

    #[test]
    fn progress_only_rises_and_a_refusal_cancels() {
        for simulation in Simulation::ALL {
            let mut calls = Vec::new();
            run(simulation, 3, true, &mut |done| {
                calls.push(done);
                true
            });
            assert!(calls.is_sorted() && calls.iter().all(|done| (0.0..=1.0).contains(done)), "{simulation:?}");
            assert!(calls.len() >= 10, "{simulation:?}: {} calls", calls.len());
            for stop_at in [1, calls.len() / 2] {
                let mut count = 0;
                let report = run(simulation, 3, true, &mut |_| {
                    count += 1;
                    count < stop_at
                });
                assert_eq!((report, count), (None, stop_at), "{simulation:?}");
            }
        }
    }
}
