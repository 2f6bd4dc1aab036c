//! Settings that are known to fail, or to mislead: the page warns before a run.
//!
//! ```text
//! cut c           is a learning-rate change: exactly c^2 lr for SGD, c lr for Adam, without biases      theory::cut
//! p >= 1, no BN   |g_W| / |W| grows with the weights of three or more layers: blows up in finite time   paper, 1.8
//! p >= 1, |z| < 1 multiplies gradients by |z|^p < 1: slower, not faster
//! BYOL, no BN     everything falls onto one point while the loss gets better
//! ```

use super::arm::{ArmConfig, ArmId};
use super::choices::{Choice, CutLayers, Method, OptimizerKind};
use super::experiment::Experiment;
use super::standing::Standing;
use crate::text::number;

/// A warm-up that lets GradScale without batch norm start gently, in steps.
const LONG_WARMUP: u32 = 100;

/// Something to know about an arm's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Which arm.
    pub arm: ArmId,
    /// What, and what helps, in whole sentences.
    pub text: String,
}

/// What there is to know about both arms. `norms` are the median |z| of each arm, where it was measured.
pub fn advice(experiment: &Experiment, norms: [Option<f64>; 2]) -> Vec<Advice> {
    let of = |arm: ArmId| {
        let texts = about(experiment.run.method, experiment.arm(arm), norms[arm.index()]);
        texts.into_iter().map(move |text| Advice { arm, text })
    };
    ArmId::ALL.into_iter().flat_map(of).collect()
}

/// What a reader should know of an arm's sphere that does not show learning.
/// `standing` and `shortest` (the 5 % quantile of |z|) are the arm's at the step that is shown.
pub fn condition(method: Method, arm: &ArmConfig, standing: Standing, shortest: Option<f64>) -> Option<String> {
    if arm.dim == 1 {
        let text = "With one dimension the sphere is two points: cosines are 1 or -1, their gradient is 0, and nothing is learned.";
        return Some(text.to_owned());
    }
    if shortest.is_some_and(|norm| norm < 1e-9) {
        return Some(
            "Some embeddings have length 0: they point nowhere and have no gradient. A smaller cut helps.".to_owned(),
        );
    }
    match standing {
        Standing::Collapsed => {
            return Some("Collapsed: all embeddings point the same way, whatever the input.".to_owned());
        }
        Standing::Narrow(rank) => {
            return Some(format!(
                "Collapsed onto few dimensions: the effective rank is {} of {}. The picture is flat because the embeddings are.",
                number(rank, 1),
                arm.dim
            ));
        }
        Standing::RunsAway(norm) => {
            return Some(format!(
                "The norms run away (median {}): nothing is learned any more. A lower learning rate or power helps.",
                number(norm, 0)
            ));
        }
        Standing::Fine | Standing::Diverged(_) | Standing::BelowStart => {}
    }
    if arm.batch == 2 && method == Method::SimClr {
        return Some(
            "Two samples a step leave each view two negatives: the loss is noisy and learns little.".to_owned(),
        );
    }
    None
}

fn about(method: Method, arm: &ArmConfig, norm: Option<f64>) -> Vec<String> {
    let mut texts = Vec::new();
    texts.extend(cut(arm));
    let explosive = !arm.bn && arm.gradscale >= 1.0 && arm.warmup < LONG_WARMUP;
    if explosive {
        texts.push(format!(
            "GradScale p = {} without batch norm feeds back on growing norms and diverges at usual rates. Lower the learning \
             rate, warm up over {LONG_WARMUP} steps or more, or turn batch norm on.",
            arm.gradscale
        ));
    }
    if let Some(norm) = norm.filter(|norm| *norm < 1.0 && arm.gradscale > 0.0) {
        texts.push(format!(
            "The median norm is {norm:.2}, below 1: there GradScale p = {} multiplies gradients by {:.2} and slows training. \
             Raise the learning rate, or cut less.",
            arm.gradscale,
            norm.powf(arm.gradscale)
        ));
    }
    if !arm.bn && method != Method::SimClr {
        texts.push(format!(
            "{} without batch norm tends to collapse: the spread falls to 0 while the loss looks better. Watch the spread.",
            method.label()
        ));
    }
    texts
}

/// What a cut of all layers amounts to.
fn cut(arm: &ArmConfig) -> Option<String> {
    if arm.cut == 1.0 || arm.cut_layers != CutLayers::All {
        return None;
    }
    let (power, name) = match arm.optimizer {
        OptimizerKind::Sgd => (2, "SGD"),
        OptimizerKind::AdamW => (1, "Adam"),
    };
    let factor = arm.cut.powi(power);
    Some(format!(
        "Cutting by {} acts like {} times the learning rate with {name} (exactly so without biases and batch norm): a tuned \
         learning rate takes its gain away.",
        arm.cut,
        short(factor)
    ))
}

/// Three significant digits.
fn short(value: f64) -> String {
    let digits = (2.0 - value.abs().log10().floor()).max(0.0) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::super::url::decode;
    use super::*;

    fn texts(query: &str, norm: Option<f64>) -> Vec<String> {
        advice(&decode(query).0, [norm, None])
            .into_iter()
            .filter(|one| one.arm == ArmId::A)
            .map(|one| one.text)
            .collect()
    }

    #[test]
    fn plain_settings_need_no_advice() {
        assert_eq!(texts("", None), [] as [String; 0]);
        assert_eq!(texts("", Some(0.2)), [] as [String; 0]);
        assert_eq!(texts("a.gradscale=1", Some(5.0)), [] as [String; 0]);
    }

    #[test]
    fn a_sphere_that_shows_no_learning_says_why() {
        let of = |query: &str, standing: Standing, shortest: f64| {
            let experiment = decode(query).0;
            condition(experiment.run.method, experiment.arm(ArmId::A), standing, Some(shortest)).unwrap_or_default()
        };
        assert_eq!(of("", Standing::Fine, 1.0), "");
        assert!(of("a.dim=1", Standing::Fine, 1.0).contains("two points"));
        assert!(of("a.batch=2", Standing::Fine, 1.0).contains("two negatives"));
        assert_eq!(of("method=byol&a.batch=2", Standing::Fine, 1.0), "");
        assert!(of("", Standing::Collapsed, 1.0).contains("Collapsed"));
        assert!(of("a.dim=64", Standing::Narrow(1.57), 1.0).contains("effective rank is 1.6 of 64"));
        assert!(of("", Standing::RunsAway(13_325_643_776.0), 1.0).contains("median 1.3e10"));
        assert!(of("", Standing::Fine, 0.0).contains("length 0"));
    }

    #[test]
    fn a_cut_is_named_as_the_learning_rate_change_that_it_is() {
        assert!(texts("a.cut=3", None)[0].contains("like 9 times the learning rate with SGD"));
        assert!(texts("a.cut=3&a.opt=adamw", None)[0].contains("like 3 times the learning rate with Adam"));
        assert!(texts("a.cut=0.5", None)[0].contains("like 0.25 times"));
        assert!(texts("a.cut=3&a.cutlayers=last", None).is_empty());
    }

    #[test]
    fn what_is_known_to_fail_is_said() {
        assert!(texts("a.gradscale=1&a.bn=off", None)[0].contains("diverges"));
        assert!(texts("a.gradscale=1&a.bn=off&a.warmup=200", None).is_empty());
        assert!(texts("a.gradscale=2", Some(0.5))[0].contains("by 0.25 and slows"));
        assert!(texts("method=byol&a.bn=off", None)[0].contains("tends to collapse"));
    }
}
