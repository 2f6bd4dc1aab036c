//! Parameters: flat tensors with a name, drawn on the host so that every device starts from the same bits.
//!
//! Every parameter is kept as a rank-1 tensor; layers reshape it where they use it. Optimizer, EMA, cut-initialization
//! and export therefore treat all of them alike.

use burn::tensor::{Device, Tensor, TensorData};

use crate::config::CutLayers;
use crate::rng::{CounterRng, Domain};

/// The part of the network that a parameter belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The encoder (backbone).
    Encoder,
    /// The projector; its output is the embedding z.
    Projector,
    /// BYOL's and SimSiam's predictor.
    Predictor,
}

/// What is known about a parameter besides its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamInfo {
    /// Unique name, e.g. `encoder.0.weight`.
    pub name: String,
    /// Where it belongs.
    pub part: Part,
    /// Part of the last layer of the projector.
    pub last: bool,
    /// Its shape as the layer uses it; weights of linear layers are `[inputs, outputs]`.
    pub shape: Vec<usize>,
}

impl ParamInfo {
    /// Its values.
    pub fn scalars(&self) -> usize {
        self.shape.iter().product()
    }
}

/// How initial values are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// Uniform in +-1/sqrt(fan_in): what PyTorch does for linear and convolutional layers, weights and biases.
    Uniform {
        /// Inputs of each unit.
        fan_in: usize,
    },
    /// All the same (batch norm's gain 1 and shift 0).
    Constant(f32),
}

/// A network's parameters as they are declared, before any device is involved.
#[derive(Clone, Debug, Default)]
pub struct ParamTable {
    infos: Vec<ParamInfo>,
    inits: Vec<Init>,
}

impl ParamTable {
    /// Declares a parameter; returns its index.
    pub fn declare(&mut self, info: ParamInfo, init: Init) -> usize {
        self.infos.push(info);
        self.inits.push(init);
        self.infos.len() - 1
    }

    /// Marks the most recently declared parameters from `first` on as the projector's last layer.
    pub fn mark_last(&mut self, first: usize) {
        for info in &mut self.infos[first..] {
            info.last = true;
        }
    }

    /// Number of parameter tensors.
    pub fn len(&self) -> usize {
        self.infos.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.infos.is_empty()
    }

    /// Everything known about each parameter, in order.
    pub fn infos(&self) -> &[ParamInfo] {
        &self.infos
    }

    /// Trainable scalars.
    pub fn scalars(&self) -> usize {
        self.infos.iter().map(ParamInfo::scalars).sum()
    }

    /// Where each tensor begins when all are laid out one after the other.
    pub fn offsets(&self) -> Vec<u32> {
        let lengths = self.infos.iter().map(|info| info.scalars() as u32);
        lengths.scan(0, |at, length| Some(std::mem::replace(at, *at + length))).collect()
    }

    /// Draws the initial values. A parameter's draws depend on the seed, its name and its shape alone, so two arms that
    /// differ elsewhere start from the same weights here.
    pub fn draw(&self, seed: u64) -> Vec<Vec<f32>> {
        self.infos.iter().zip(&self.inits).map(|(info, init)| draw_one(info, *init, seed)).collect()
    }

    /// Cut-initialization: divides every parameter of the chosen layers by `c` (Draganov et al. 2025; the official code
    /// divides weights, biases and batch-norm parameters alike).
    pub fn cut(&self, values: &mut [Vec<f32>], layers: CutLayers, c: f64) {
        if c == 1.0 {
            return;
        }
        for (info, values) in self.infos.iter().zip(values) {
            if is_cut(info, layers) {
                for value in values {
                    *value = (f64::from(*value) / c) as f32;
                }
            }
        }
    }
}

fn is_cut(info: &ParamInfo, layers: CutLayers) -> bool {
    match layers {
        CutLayers::All => true,
        CutLayers::Encoder => info.part == Part::Encoder,
        CutLayers::Projector => info.part != Part::Encoder,
        CutLayers::Last => info.last,
    }
}

fn draw_one(info: &ParamInfo, init: Init, seed: u64) -> Vec<f32> {
    let len = info.scalars();
    match init {
        Init::Constant(value) => vec![value; len],
        Init::Uniform { fan_in } => {
            let bound = 1.0 / (fan_in.max(1) as f32).sqrt();
            let key = fnv1a(info.name.bytes());
            let mut rng = CounterRng::new(Domain::Init, seed, key as u32, (key >> 32) as u32, 0);
            (0..len).map(|_| rng.range(-bound, bound)).collect()
        }
    }
}

/// 64-bit FNV-1a.
fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A printable hash of weights: equal hashes, equal bits.
pub fn hash(values: &[Vec<f32>]) -> String {
    let bytes = values.iter().flatten().flat_map(|value| value.to_bits().to_le_bytes());
    format!("{:016x}", fnv1a(bytes))
}

/// Puts host values on a device, one rank-1 tensor each.
pub fn upload(values: &[Vec<f32>], device: &Device) -> Vec<Tensor<1>> {
    values.iter().map(|values| Tensor::from_data(TensorData::new(values.clone(), [values.len()]), device)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> ParamTable {
        let mut table = ParamTable::default();
        for (name, part) in [("encoder.w", Part::Encoder), ("projector.w", Part::Projector)] {
            let info = ParamInfo { name: name.into(), part, last: false, shape: vec![4, 3] };
            table.declare(info, Init::Uniform { fan_in: 4 });
        }
        table.mark_last(1);
        table
    }

    #[test]
    fn draws_depend_on_seed_and_name_and_stay_within_the_bound() {
        let values = table().draw(3);
        assert_eq!(values, table().draw(3));
        assert_ne!(values, table().draw(4));
        assert_ne!(values[0], values[1]);
        assert!(values.iter().flatten().all(|value| value.abs() <= 0.5));
    }

    #[test]
    fn the_cut_divides_the_chosen_layers_and_no_others() {
        let whole = table().draw(3);
        for (layers, cut) in [
            (CutLayers::All, [true, true]),
            (CutLayers::Encoder, [true, false]),
            (CutLayers::Projector, [false, true]),
            (CutLayers::Last, [false, true]),
        ] {
            let mut values = whole.clone();
            table().cut(&mut values, layers, 2.0);
            for i in 0..2 {
                let factor = if cut[i] { 2.0 } else { 1.0 };
                assert!(values[i].iter().zip(&whole[i]).all(|(a, b)| a * factor == *b), "{layers:?}");
            }
        }
    }
}
