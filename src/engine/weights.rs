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

use burn::tensor::Tensor;
use safetensors::Dtype;
use safetensors::tensor::{TensorView, serialize};

use super::arm::Arm;
use super::error::EngineError;
use super::model::Parameters;
use super::params::{ParamInfo, Part};
use super::tensors::read_lists;
use crate::config::{Experiment, url};
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

/// The arms of an experiment at a step, with the metadata `query` (the experiment as in a link), `seed` and `step`, `a.step`,
/// `b.step`.
///
/// # Errors
/// When a device or the second worker fails, or gives too little.
pub async fn file(experiment: &Experiment, step: u32, arms: [&Arm; 2]) -> Result<Vec<u8>, EngineError> {
    let mut weights = Vec::new();
    let mut about = HashMap::from([
        ("format".to_owned(), "pt".to_owned()),
        ("query".to_owned(), url::encode_for_keeps(&subject(experiment))),
        ("seed".to_owned(), experiment.run.seed.to_string()),
        ("step".to_owned(), step.to_string()),
    ]);
    for arm in arms {
        let key = arm.id.key();
        about.insert(format!("{key}.step"), arm.step().to_string());
        let named = |weight: Weight| Weight { name: format!("{key}.{}", weight.name), ..weight };
        weights.extend(read(arm).await?.into_iter().map(named));
    }
    to_bytes(&weights, about)
}

/// An arm's parameters and running statistics.
///
/// # Errors
/// When a device or the second worker fails, or gives too little.
pub async fn read(arm: &Arm) -> Result<Vec<Weight>, EngineError> {
    let mut named = Vec::new();
    let mut all = Vec::new();
    for (name, shape, tensor) in tensors(arm.infos(), arm.parameters().await?) {
        named.push((name, shape));
        all.push(tensor);
    }
    let [values] = read_lists([("the model", all)]).await?;
    Ok(named.into_iter().zip(values).map(|((name, shape), values)| torch(name, &shape, values)).collect())
}

/// Everything to be read: name, shape, values.
fn tensors(infos: &[ParamInfo], parameters: Parameters) -> Vec<(String, Vec<usize>, Tensor<1>)> {
    let Parameters { values, target, stats } = parameters;
    let renamed = |name: &str| match name.rsplit_once('.') {
        Some((layer, "gain")) => format!("{layer}.weight"),
        Some((layer, "shift")) => format!("{layer}.bias"),
        _ => name.to_owned(),
    };
    let row = |(info, value): (&ParamInfo, Tensor<1>)| (renamed(&info.name), info.shape.clone(), value);
    let mut all: Vec<_> = infos.iter().zip(values).map(row).collect();
    // Statistics are counted in the order in which the layers' gains are declared.
    let layers = infos.iter().filter_map(|info| info.name.strip_suffix(".gain"));
    for (layer, stats) in layers.zip(stats) {
        all.push((format!("{layer}.running_mean"), stats.mean.dims().to_vec(), stats.mean));
        all.push((format!("{layer}.running_var"), stats.variance.dims().to_vec(), stats.variance));
    }
    // The target's predictor follows along but is never used.
    let target = infos.iter().zip(target.into_iter().flatten()).filter(|(info, _)| info.part != Part::Predictor);
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

fn to_bytes(weights: &[Weight], about: HashMap<String, String>) -> Result<Vec<u8>, EngineError> {
    let bytes = |weight: &Weight| weight.values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let data: Vec<Vec<u8>> = weights.iter().map(bytes).collect();
    let views = weights.iter().zip(&data).map(|(weight, data)| {
        let view = TensorView::new(Dtype::F32, weight.shape.clone(), data);
        let unwritten = |problem| EngineError::TensorUnwritten { name: weight.name.clone(), problem };
        view.map(|view| (weight.name.as_str(), view)).map_err(unwritten)
    });
    let views = views.collect::<Result<Vec<_>, EngineError>>()?;
    let problem = |error: &dyn std::fmt::Display| EngineError::ModelUnwritten(error.to_string());
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
    use crate::engine::session::Session;

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
        let bytes = pollster::block_on(session.model_file()).unwrap();
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
