//! The simulations by name, their random streams, and how they tell how far they are.

use serde::{Deserialize, Serialize};

use crate::rng::{CounterRng, Domain};

/// Hears how much is done, 0 to 1 (never falling), and answers whether to go on.
pub type Progress<'a> = &'a mut dyn FnMut(f64) -> bool;

/// A simulation by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Simulation {
    /// [`super::norm_sweep`].
    NormSweep,
    /// [`super::opposite_halves`].
    OppositeHalves,
    /// [`super::growth`].
    Growth,
    /// [`super::exposure`].
    Exposure,
    /// [`super::imbalance`].
    Imbalance,
    /// [`super::density`].
    Density,
}

impl Simulation {
    /// Every simulation.
    pub const ALL: [Simulation; 6] = [
        Simulation::NormSweep,
        Simulation::OppositeHalves,
        Simulation::Growth,
        Simulation::Exposure,
        Simulation::Imbalance,
        Simulation::Density,
    ];

    /// The name on the command line and in links.
    pub fn key(self) -> &'static str {
        match self {
            Simulation::NormSweep => "norm-sweep",
            Simulation::OppositeHalves => "opposite-halves",
            Simulation::Growth => "growth",
            Simulation::Exposure => "exposure",
            Simulation::Imbalance => "imbalance",
            Simulation::Density => "density",
        }
    }

    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Simulation::NormSweep => "Steps to align against the norm",
            Simulation::OppositeHalves => "Steps to align against the start angle",
            Simulation::Growth => "How norms grow, and where weight decay stops them",
            Simulation::Exposure => "The norm counts exposures",
            Simulation::Imbalance => "Norms of rare and common classes",
            Simulation::Density => "Norms in dense and sparse regions",
        }
    }

    /// Looks a simulation up by its key; letter case does not matter.
    pub fn parse(text: &str) -> Option<Simulation> {
        Simulation::ALL.into_iter().find(|simulation| simulation.key().eq_ignore_ascii_case(text))
    }

    /// All keys, comma-separated, for messages.
    pub fn keys() -> String {
        Simulation::ALL.map(Simulation::key).join(", ")
    }

    /// The random stream `(a, b)` of this simulation.
    pub(super) fn stream(self, seed: u64, a: u32, b: u32) -> CounterRng {
        // Above the keys that measurements use in the same domain.
        CounterRng::new(Domain::Probe, seed, 0x5100 + self as u32, a, b)
    }
}
