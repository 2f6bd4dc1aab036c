//! The named alternatives of an experiment, each with the key used in URLs and the label used on the page.

use serde::{Deserialize, Serialize};

/// A setting with a fixed list of named values.
pub trait Choice: Sized + Copy + PartialEq + 'static {
    /// Every value, in the order in which the page lists them.
    const ALL: &'static [Self];
    /// The value's name in URLs, files and the command line.
    fn key(self) -> &'static str;
    /// The value's name on the page.
    fn label(self) -> &'static str;
    /// Looks a value up by its key; letter case does not matter.
    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|choice| choice.key().eq_ignore_ascii_case(text))
    }
    /// The keys, comma-separated, for messages.
    fn keys() -> String {
        Self::ALL.iter().map(|choice| choice.key()).collect::<Vec<_>>().join(", ")
    }
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $key:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $key)] $variant,)+ }

        impl Choice for $name {
            const ALL: &'static [Self] = &[$($name::$variant),+];
            fn key(self) -> &'static str { match self { $($name::$variant => $key),+ } }
            fn label(self) -> &'static str { match self { $($name::$variant => $label),+ } }
        }
    };
}

choice! {
    /// The self-supervised method.
    Method {
        /// Contrastive: NT-Xent over two views (Chen et al. 2020).
        SimClr = "simclr", "SimCLR";
        /// Predictor plus EMA target network (Grill et al. 2020).
        Byol = "byol", "BYOL";
        /// Predictor plus stop-gradient, no target network (Chen and He 2021).
        SimSiam = "simsiam", "SimSiam";
    }
}

choice! {
    /// The data set.
    DataName {
        /// The paper's synthetic data: noisy class centres on a sphere, mixed into 64 dimensions.
        Latent = "latent", "Latent sphere";
        /// Procedural 32x32 RGB shapes.
        Shapes = "shapes", "Shapes";
        /// UCI handwritten digits, 8x8.
        Digits = "digits", "Digits";
        /// Files that the reader opened (CIFAR-10 batches or IDX); never part of a link.
        Files = "files", "Your files";
    }
}

choice! {
    /// Where the engine computes.
    DeviceChoice {
        /// A hardware GPU through WebGPU when there is one, else the CPU.
        Auto = "auto", "Automatic";
        /// WebGPU, also on a software adapter.
        WebGpu = "webgpu", "WebGPU";
        /// The CPU.
        Cpu = "cpu", "CPU";
    }
}

choice! {
    /// The rooms of the page.
    Room {
        /// Two arms on the sphere.
        Playground = "playground", "Playground";
        /// The gradient of the cosine, by hand.
        Gradient = "gradient", "Gradient lab";
        /// The norm-sensitivity diagnostic.
        Diagnostics = "diagnostics", "Norm diagnostics";
        /// In- against out-of-distribution.
        Anomalies = "anomalies", "Anomalies";
        /// The acceleration study.
        Experiments = "experiments", "Experiments";
    }
}

choice! {
    /// The page's colours.
    Theme {
        /// Dark on light.
        Light = "light", "Light";
        /// Light on dark.
        Dark = "dark", "Dark";
        /// As the system says.
        Auto = "auto", "Automatic";
    }
}

choice! {
    /// How the norm is drawn.
    Shape {
        /// z/|z| on the unit sphere.
        Sphere = "sphere", "On the sphere";
        /// Radius = |z| on a log scale, the unit shell drawn.
        Length = "length", "True length";
    }
}

choice! {
    /// What the points' colours say.
    ColourBy {
        /// One colour a class.
        Class = "class", "Class";
        /// A continuous scale of |z|.
        Norm = "norm", "Norm";
    }
}

choice! {
    /// The layers that cut-initialization divides.
    CutLayers {
        /// Every layer, as in the paper.
        All = "all", "All layers";
        /// The encoder only.
        Encoder = "encoder", "Encoder";
        /// The projector (and predictor) only.
        Projector = "projector", "Projector";
        /// The projector's last layer only.
        Last = "last", "Last layer";
    }
}

choice! {
    /// Which norm GradScale multiplies with.
    GradMode {
        /// Each sample's own |z|^p.
        Sample = "sample", "per sample";
        /// The control: the batch's mean |z|, to the power p, the same for every sample.
        Batch = "batch", "batch mean (control)";
    }
}

choice! {
    /// The contrastive loss.
    LossKind {
        /// NT-Xent: the positive is part of the denominator.
        NtXent = "ntxent", "NT-Xent";
        /// Decoupled contrastive loss: the positive is not (Yeh et al. 2022).
        Dcl = "dcl", "DCL";
    }
}

choice! {
    /// The optimizer.
    OptimizerKind {
        /// SGD with momentum.
        Sgd = "sgd", "SGD";
        /// AdamW (Loshchilov and Hutter 2019).
        AdamW = "adamw", "AdamW";
    }
}

choice! {
    /// The learning rate after warm-up.
    Schedule {
        /// Stays at its peak.
        Constant = "constant", "Constant";
        /// Falls to 1/1000 of its peak along a half cosine.
        Cosine = "cosine", "Cosine";
    }
}
