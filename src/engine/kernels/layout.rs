//! What kernels and host agree on: sizes of workgroups, lengths of recipes, and the words of each uniform. Nothing here needs a
//! GPU: tests/shaders.rs includes this file and compares it with what the WGSL says.

/// Invocations of a one-dimensional workgroup.
pub const LANES: u32 = 64;
/// Channels of a batch-norm workgroup.
pub const CHANNELS: u32 = 16;
/// Rows of a workgroup of softmax.wgsl and pull.wgsl.
pub const SHARED_ROWS: u32 = 16;
/// Columns of an invocation of pull.wgsl.
pub const PULL_COLUMNS: u32 = 16;
/// Invocations across and down of the kernels that load four values at once; each makes 8 rows and 4 columns.
pub const EIGHTS: [u32; 2] = [8, 8];
/// Words of a picture's recipe.
pub const PICTURE_WORDS: usize = 28;
/// Words of a latent's recipe: its key and its sample.
pub const LATENT_WORDS: usize = 5;
/// Coordinates that latent_views.wgsl has room for.
pub const MOST_COORDINATES: usize = 64;

/// Invocations of a workgroup of limits.wgsl's kernels that keep a device busy.
pub const WIDE: u32 = 256;
/// Operations of an invocation of its `multiply`: 8 chains of 256 steps of four multiplications and four additions.
pub const OPERATIONS: u32 = 8 * 256 * 8;

/// A value of one word.
pub trait Word: Copy {
    /// Its bits.
    fn word(self) -> u32;
}

impl Word for u32 {
    fn word(self) -> u32 {
        self
    }
}

impl Word for f32 {
    fn word(self) -> u32 {
        self.to_bits()
    }
}

/// A uniform of single words.
pub trait Words {
    /// Name and type of each, for the test.
    #[allow(dead_code, reason = "the shaders' test alone reads it")]
    const FIELDS: &'static [(&'static str, &'static str)];

    /// The words in their order.
    fn words(&self) -> Vec<u32>;
}

/// Structs of which a shader has one with the same fields.
macro_rules! uniforms {
    ($($(#[$of:meta])* $name:ident { $($(#[$about:meta])* $field:ident: $word:ident),+ $(,)? })+) => {$(
        $(#[$of])*
        #[repr(C)]
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name {
            $($(#[$about])* pub $field: $word,)+
        }

        impl Words for $name {
            const FIELDS: &'static [(&'static str, &'static str)] = &[$((stringify!($field), stringify!($word))),+];

            fn words(&self) -> Vec<u32> {
                vec![$(self.$field.word()),+]
            }
        }
    )+};
}

uniforms! {
    /// A step's numbers, as hyper.wgsl reads them.
    #[cfg_attr(feature = "gpu", derive(bytemuck::Pod, bytemuck::Zeroable))]
    #[derive(Default)]
    Hyper {
        /// Learning rate.
        lr: f32,
        /// SGD's momentum.
        momentum: f32,
        /// Weight decay.
        decay: f32,
        /// Share that BYOL's target keeps.
        ema: f32,
        /// Adam's `1 - beta1^t`.
        correction1: f32,
        /// Adam's `1 - beta2^t`.
        correction2: f32,
        /// 1/temperature.
        inverse_tau: f32,
        /// GradScale's power.
        power: f32,
        /// 1: GradScale by the batch's mean norm.
        batch_mode: u32,
        /// 1: DCL.
        decoupled: u32,
        /// 1: AdamW.
        adam: u32,
        /// Where the loss goes.
        slot: u32,
    }

    /// `Dims` of linear.wgsl and linear4.wgsl, like all below: the words are explained there.
    Linear { rows: u32, inputs: u32, outputs: u32, weight: u32, relu: u32 }
    LinearInput { rows: u32, inputs: u32, outputs: u32, weight: u32, mask: u32 }
    LinearWeight { rows: u32, inputs: u32, outputs: u32, base: u32, slice: u32, count: u32 }
    Conv {
        images: u32, in_channels: u32, in_height: u32, in_width: u32, out_channels: u32, out_height: u32, out_width: u32,
        stride_image: u32, stride_y: u32, stride_x: u32, stride_channel: u32, weight: u32, relu: u32,
    }
    ConvInput {
        images: u32, in_channels: u32, in_height: u32, in_width: u32, out_channels: u32, out_height: u32, out_width: u32,
        weight: u32, mask: u32,
    }
    ConvWeight {
        images: u32, in_channels: u32, in_height: u32, in_width: u32, out_channels: u32, out_height: u32, out_width: u32,
        stride_image: u32, stride_y: u32, stride_x: u32, stride_channel: u32, base: u32, slice: u32, count: u32,
    }
    BatchNorm { rows: u32, channels: u32, gain: u32, blocks: u32, momentum: f32, epsilon: f32 }
    BatchNormBackward { rows: u32, channels: u32, gain: u32, blocks: u32 }
    Pool { images: u32, pixels: u32, channels: u32, mask: u32 }
    /// Of rows.wgsl, unit_backward.wgsl, pull.wgsl and prediction.wgsl; softmax.wgsl reads the first word.
    Rows { rows: u32, cols: u32 }
    Similarity { rows: u32, cols: u32, others: u32, from_row: u32 }
    CrossEntropy { rows: u32, classes: u32 }
    Optimizer { count: u32, rows: u32, slices: u32, target_count: u32 }
    Vote { bank: u32, queries: u32 }
    Views { rows: u32, channels: u32, height: u32, width: u32 }
    LatentViews {
        rows: u32, latent: u32, nuisance: u32, observed: u32, move_std: f32, nuisance_std: f32, norm: f32,
    }
}
