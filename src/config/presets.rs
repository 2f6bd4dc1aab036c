//! Named starting points, each one a short query string with the reason why it is worth a look.

/// A named experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Name in URLs and on the command line.
    pub name: &'static str,
    /// Title on the page.
    pub title: &'static str,
    /// One line: what it shows.
    pub reason: &'static str,
    /// What differs from the default experiment.
    pub(super) query: &'static str,
}

/// Every preset, in the order of the page.
pub static PRESETS: &[Preset] = &[
    Preset {
        name: "digits-simclr",
        title: "SimCLR on digits",
        reason: "Real handwriting, standard training against GradScale p = 1 on the same batches.",
        query: "method=simclr&data=digits",
    },
    Preset {
        name: "digits-byol",
        title: "BYOL on digits",
        reason: "No negatives: watch the spread stay up while the loss falls.",
        query: "method=byol&data=digits",
    },
    Preset {
        name: "simclr-tuned",
        title: "SimCLR, both tuned",
        reason: "Each arm at its best rate in the acceleration study: what is left is no sure difference.",
        query: "method=simclr&data=digits&a.lr=0.03&b.lr=0.03",
    },
    Preset {
        name: "byol-tuned",
        title: "BYOL, both tuned",
        reason: "Each arm at its best rate in the acceleration study: GradScale needs 2.1 to 2.4 times fewer steps than SGD at \
                 a constant rate, and the batch-mean control does as well. AdamW alone needs 1.9 to 2.0 times fewer.",
        query: "method=byol&data=digits&steps=400&a.width=64&b.width=64&a.lr=0.2&b.lr=0.06",
    },
    Preset {
        name: "norm-trap",
        title: "The norm trap",
        reason: "Both arms start from weights three times too large; B cuts them back by three.",
        query: "method=simclr&data=digits&a.cut=0.3333&b.cut=1&b.gradscale=0&a.lr=0.03&b.lr=0.03",
    },
    Preset {
        name: "sphere-3d",
        title: "The latent sphere",
        reason: "Embeddings of dimension 3, drawn exactly as they are.",
        query: "method=simclr&data=latent",
    },
    Preset {
        name: "byol-collapse",
        title: "BYOL without batch norm",
        reason: "A failure to look at: both arms collapse. The loss looks better and better while everything falls onto one point.",
        query: "method=byol&data=digits&a.bn=off&b.bn=off",
    },
    Preset {
        name: "shapes-simclr",
        title: "SimCLR on shapes",
        reason: "A small convolutional encoder on pictures whose raw pixels say little.",
        query: "method=simclr&data=shapes",
    },
    Preset {
        name: "shapes-byol",
        title: "BYOL on shapes",
        reason: "Without negatives a long warm-up helps the same encoder to find the shapes. B has a tenth of A's rate: at A's own \
                 its norms run away.",
        query: "method=byol&data=shapes&steps=1000&a.warmup=150&b.warmup=150&b.lr=0.06",
    },
];

impl Preset {
    /// Looks a preset up by name.
    pub fn find(name: &str) -> Option<&'static Preset> {
        PRESETS.iter().find(|preset| preset.name.eq_ignore_ascii_case(name.trim()))
    }

    /// Every name.
    pub fn all_names() -> Vec<&'static str> {
        PRESETS.iter().map(|preset| preset.name).collect()
    }

    /// Every name, comma-separated, for messages.
    pub fn names() -> String {
        Preset::all_names().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Theme, url};
    use super::*;

    #[test]
    fn a_preset_is_known_by_its_settings_whatever_it_looks_like() {
        for preset in PRESETS {
            let mut experiment = preset.experiment();
            experiment.run.preset = None;
            (experiment.view.theme, experiment.view.embed) = (Theme::Dark, true);
            assert_eq!(Preset::matching(&experiment), Some(preset));
            experiment.run.arms[1].lr *= 2.0;
            assert_ne!(Preset::matching(&experiment), Some(preset));
        }
    }

    #[test]
    fn every_preset_reads_without_a_complaint_and_links_as_its_name_alone() {
        for preset in PRESETS {
            assert_eq!(url::decode(preset.query).1, vec![], "{}", preset.name);
            assert_eq!(url::encode(&preset.experiment()), format!("preset={}", preset.name));
        }
    }
}
