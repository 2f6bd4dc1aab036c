//! Trained arms as `model.safetensors`, laid out as PyTorch lays out its modules' parameters.
//!
//! ```text
//! a.encoder.0.weight         linear [outputs, inputs], convolution [outputs, inputs, 3, 3]
//! a.encoder.0.bias           [outputs]
//! a.encoder.1.weight, .bias  batch norm: gain and shift, [channels]
//! a.encoder.1.running_mean, .running_var
//! a.target.encoder.0.weight  BYOL's target network: encoder and projector
//! ```
//!
//! The number is the layer's place in its stack; ReLUs and reshapes count as well, as in `torch.nn.Sequential`.

use std::collections::{BTreeMap, HashMap};

use burn::tensor::{Tensor, Transaction};
use safetensors::Dtype;
use safetensors::tensor::{TensorView, serialize};

use super::arm::{Arm, floats};
use super::params::{ParamInfo, Part};
use super::session::Session;
use crate::config::{ArmId, url};
use crate::trace::subject;

/// A parameter or a statistic on the host.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    /// `encoder.0.weight`, without the arm.
    pub name: String,
    /// PyTorch's shape.
    pub shape: Vec<usize>,
    /// Row by row.
    pub values: Vec<f32>,
}

/// Both arms with the metadata `query` (the experiment as in a link), `seed` and `step`, `a.step`, `b.step`.
///
/// # Errors
/// In words, when the device can't be read.
pub async fn file(session: &Session) -> Result<Vec<u8>, String> {
    let mut weights = Vec::new();
    let mut about = HashMap::from([
        ("format".to_owned(), "pt".to_owned()),
        ("query".to_owned(), url::encode_for_keeps(&subject(session.experiment()))),
        ("seed".to_owned(), session.experiment().run.seed.to_string()),
        ("step".to_owned(), session.step().to_string()),
    ]);
    for id in ArmId::ALL {
        let arm = session.arm(id);
        about.insert(format!("{}.step", id.key()), arm.step().to_string());
        let named = |weight: Weight| Weight { name: format!("{}.{}", id.key(), weight.name), ..weight };
        weights.extend(read(arm).await?.into_iter().map(named));
    }
    to_bytes(&weights, about)
}

/// An arm's parameters and running statistics.
///
/// # Errors
/// The device's message when the read fails.
pub async fn read(arm: &Arm) -> Result<Vec<Weight>, String> {
    let all = tensors(arm);
    let whole = all.iter().fold(Transaction::default(), |reads, (.., tensor)| reads.register((*tensor).clone()));
    let data = whole.execute_async().await.map_err(|error| format!("{error:?}"))?;
    Ok(all.into_iter().zip(data).map(|((name, shape, _), data)| torch(name, &shape, floats(data))).collect())
}

/// Everything to be read: name, shape, values.
fn tensors(arm: &Arm) -> Vec<(String, Vec<usize>, &Tensor<1>)> {
    let renamed = |name: &str| match name.rsplit_once('.') {
        Some((layer, "gain")) => format!("{layer}.weight"),
        Some((layer, "shift")) => format!("{layer}.bias"),
        _ => name.to_owned(),
    };
    let row = |(info, value): (&ParamInfo, _)| (renamed(&info.name), info.shape.clone(), value);
    let mut all: Vec<_> = arm.named_values().map(row).collect();
    for (layer, stats) in arm.named_stats() {
        all.push((format!("{layer}.running_mean"), stats.mean.dims().to_vec(), &stats.mean));
        all.push((format!("{layer}.running_var"), stats.variance.dims().to_vec(), &stats.variance));
    }
    // The target's predictor follows along but is never used.
    let target = arm.named_target().filter(|(info, _)| info.part != Part::Predictor);
    all.extend(target.map(row).map(|(name, shape, value)| (format!("target.{name}"), shape, value)));
    all
}

/// In PyTorch's layout: weights of linear layers, `[inputs, outputs]` here, are transposed.
fn torch(name: String, shape: &[usize], values: Vec<f32>) -> Weight {
    let [inputs, outputs] = *shape else { return Weight { name, shape: shape.to_vec(), values } };
    let column = |output: usize| values.iter().skip(output).step_by(outputs.max(1)).copied();
    let transposed = (0..outputs).flat_map(column).collect();
    Weight { name, shape: vec![outputs, inputs], values: transposed }
}

fn to_bytes(weights: &[Weight], about: HashMap<String, String>) -> Result<Vec<u8>, String> {
    let bytes = |weight: &Weight| weight.values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let data: Vec<Vec<u8>> = weights.iter().map(bytes).collect();
    let views = weights.iter().zip(&data).map(|(weight, data)| {
        let view = TensorView::new(Dtype::F32, weight.shape.clone(), data);
        view.map(|view| (weight.name.as_str(), view)).map_err(|error| format!("{}: {error}", weight.name))
    });
    let views = views.collect::<Result<Vec<_>, String>>()?;
    let problem = |error: &dyn std::fmt::Display| format!("model.safetensors: {error}");
    let loose = serde_json::to_string(&about).map_err(|error| problem(&error))?;
    let sorted = serde_json::to_string(&about.iter().collect::<BTreeMap<_, _>>()).map_err(|error| problem(&error))?;
    let mut file = serialize(views, Some(about)).map_err(|error| problem(&error))?;
    // The library writes its map in whatever order that has; the same model is to be the same file. Both texts are equally long.
    let at = size_of::<u64>() + r#"{"__metadata__":"#.len();
    if let Some(metadata) = file.get_mut(at..at + sorted.len()).filter(|found| *found == loose.as_bytes()) {
        metadata.copy_from_slice(sorted.as_bytes());
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use safetensors::SafeTensors;

    use super::*;
    use crate::config::DeviceChoice;
    use crate::engine::device::Compute;

    fn session(query: &str) -> Session {
        let small = "&a.batch=8&b.batch=8&a.width=6&b.width=6&a.dim=3&b.dim=3&steps=2&eval=2";
        let (experiment, complaints) = url::decode(&format!("{query}{small}"));
        assert_eq!(complaints, []);
        pollster::block_on(async {
            let compute = Compute::find(DeviceChoice::Cpu).await;
            Session::start(compute, experiment).await.unwrap().0
        })
    }

    #[test]
    fn linear_weights_are_transposed() {
        let weight = torch("w".to_owned(), &[2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!((weight.shape, weight.values), (vec![3, 2], vec![1.0, 4.0, 2.0, 5.0, 3.0, 6.0]));
    }

    #[test]
    fn the_file_names_both_arms_parameters_statistics_and_target() {
        let session = session("method=byol&a.bn=1&b.bn=0");
        let bytes = pollster::block_on(file(&session)).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let shape = |name: &str| tensors.tensor(name).map(|view| view.shape().to_vec()).unwrap_or_default();
        assert_eq!(shape("a.encoder.0.weight"), [6, 64]);
        assert_eq!(shape("a.projector.3.weight"), [3, 6]);
        assert_eq!(shape("a.predictor.0.weight"), [6, 3]);
        assert_eq!(shape("a.encoder.1.running_var"), [6]);
        assert_eq!(shape("a.target.encoder.0.weight"), [6, 64]);
        assert!(tensors.names().iter().all(|name| !name.contains("gain") && !name.starts_with("b.encoder.1")));
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        let about = header.metadata().clone().unwrap();
        assert_eq!((about["step"].as_str(), about["b.step"].as_str()), ("0", "0"));
        assert_eq!(about["query"], url::encode_for_keeps(&subject(session.experiment())));
        assert_eq!(about["seed"], session.experiment().run.seed.to_string());
    }
}
