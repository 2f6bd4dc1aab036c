//! Gradients of whole training steps in our own WGSL against finite differences of the loss, which the same kernels work out:
//! forward and backward agree with each other on this device, whatever any other one says.

use super::step::{Batch, Plan, State};
use crate::config::{ArmId, LossKind, Method, url};
use crate::engine::device::Compute;
use crate::engine::error::EngineError;
use crate::engine::feed::Feed;
use crate::engine::inputs::load;
use crate::engine::kernels::layout::Hyper;
use crate::engine::network::Network;
use crate::engine::samples::Samples;
use crate::protocol::Check;

/// How far the parameters of a tensor move along their gradient's direction. Farther, the loss bends; nearer, f32 has no digits
/// left; and a ReLU may change sides on any way. So the best of several counts: a wrong gradient fits none.
const STEPS: [f32; 4] = [0.001, 0.002, 0.004, 0.008];
/// Relative to the tensor's gradient.
const TOLERANCE: f64 = 0.03;
/// Tensors with less than this share of the whole gradient's length have nothing but rounding: biases before batch norm.
const SHARE: f64 = 0.01;

/// Without GradScale, whose factors are no gradient of anything, and without SimSiam, whose targets stand still.
const CASES: [(&str, &str); 4] = [
    ("SimCLR, perceptron", "data=digits&method=simclr&a.width=24&a.dim=6&a.batch=12"),
    ("SimCLR, convolutions", "data=shapes&method=simclr&a.width=16&a.dim=6&a.batch=6"),
    ("DCL without batch norm", "data=digits&method=simclr&a.width=24&a.dim=6&a.batch=12&a.loss=dcl&a.bn=off"),
    ("BYOL", "data=digits&method=byol&a.width=24&a.dim=6&a.batch=12"),
];

/// Runs every comparison; nothing where the device has no plan of its own.
///
/// # Errors
/// When the device fails or gives too little.
pub async fn run(compute: &Compute) -> Result<Vec<Check>, EngineError> {
    let mut checks = Vec::new();
    for (name, query) in CASES {
        if let Some(loss) = Loss::new(query, compute)? {
            checks.push(loss.check(name).await?);
        }
    }
    Ok(checks)
}

/// The loss of one batch as a function of the parameters.
struct Loss {
    plan: Plan,
    params: Vec<f32>,
    /// Where each parameter tensor begins, and the end of the last.
    tensors: Vec<usize>,
    target: Vec<f32>,
    views: Vec<f32>,
    hyper: Hyper,
}

impl Loss {
    fn new(query: &str, compute: &Compute) -> Result<Option<Loss>, EngineError> {
        let Some(context) = compute.context() else { return Ok(None) };
        let (experiment, complaints) = url::decode(query);
        debug_assert!(complaints.is_empty(), "{query}: {complaints:?}");
        let samples = Samples::new(load(&experiment, None)?, compute);
        let config = experiment.arm(ArmId::A);
        let network = Network::new(&samples.kind, experiment.run.method, config);
        let (_, views) = Feed::new(experiment.run.seed, &samples).next(&samples, 0, config.batch, &compute.device);
        let params = network.table.draw(experiment.run.seed).concat();
        // The target is another network than the online one, or BYOL's loss is at its lowest.
        let target = match experiment.run.method {
            Method::Byol => network.table.draw(experiment.run.seed + 1).concat(),
            Method::SimClr | Method::SimSiam => Vec::new(),
        };
        let hyper = Hyper {
            ema: 1.0,
            inverse_tau: (1.0 / config.tau) as f32,
            decoupled: u32::from(config.loss == LossKind::Dcl),
            ..Hyper::default()
        };
        let mut tensors: Vec<usize> = network.table.offsets().into_iter().map(|offset| offset as usize).collect();
        tensors.push(params.len());
        let plan = Plan::new(context, &network, experiment.run.method, views.rows() as u32, None)?;
        Ok(Some(Loss { plan, params, tensors, target, views: views.values().to_vec(), hyper }))
    }

    /// The loss with the parameters moved by `step` along a direction. A step with learning rate 0 changes nothing else.
    async fn at(&self, direction: &[f32], step: f32) -> Result<f64, EngineError> {
        let params = self.params.iter().zip(direction).map(|(value, along)| value + step * along).collect();
        self.plan.write(&State { params, target: self.target.clone(), ..State::default() });
        self.plan.train(Batch::Views(&self.views), &self.hyper);
        Ok(f64::from(self.plan.read_losses().await?[0]))
    }

    /// The slope of the loss along each tensor's own gradient, which must be that gradient's length; the worst of them.
    async fn check(&self, name: &str) -> Result<Check, EngineError> {
        self.at(&vec![0.0; self.params.len()], 0.0).await?;
        // SGD's velocity after one step is the gradient.
        let gradient = self.plan.read().await?.first;
        let whole = length(&gradient);
        let mut worst = 0.0_f64;
        for ends in self.tensors.windows(2) {
            let slope = length(&gradient[ends[0]..ends[1]]);
            if slope < SHARE * whole {
                continue;
            }
            let mut direction = vec![0.0; gradient.len()];
            for at in ends[0]..ends[1] {
                direction[at] = gradient[at] / slope as f32;
            }
            let mut best = f64::INFINITY;
            for step in STEPS {
                let difference = self.at(&direction, step).await? - self.at(&direction, -step).await?;
                best = best.min((difference / f64::from(2.0 * step) / slope - 1.0).abs());
            }
            worst = worst.max(best);
        }
        Ok(Check { name: format!("{name}: gradient, by finite differences"), error: worst, tolerance: TOLERANCE })
    }
}

fn length(values: &[f32]) -> f64 {
    values.iter().map(|value| f64::from(*value) * f64::from(*value)).sum::<f64>().sqrt()
}
