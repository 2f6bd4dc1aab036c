//! The training samples on the GPU, and the views that kernels draw from them: nothing of a batch crosses the bus but its
//! recipes.

use wgpu::util::DeviceExt;

use super::buffers::storage;
use super::layout::{self, LATENT_WORDS, MOST_COORDINATES, PICTURE_WORDS};
use super::source::Kernel;
use crate::data::mixing::{Mixing, OBSERVED_NORM, VIEW_STD};
use crate::data::{Augmentation, Dataset, Kind};
use crate::engine::error::EngineError;
use crate::engine::gpu::Gpu;
use crate::rng::CounterRng;

/// A data set's training samples on a GPU.
pub struct Resident {
    /// `[n, len]`.
    pub inputs: wgpu::Buffer,
    /// The latent data's matrices, one after the other; a stand-in for pictures.
    pub mixing: wgpu::Buffer,
    /// What draws the views.
    pub kernel: Kernel,
    /// What the kernel needs to know.
    pub(super) sizes: ViewSizes,
    /// Words of a view's recipe.
    pub words: usize,
    /// Values of a sample.
    pub len: u32,
}

/// The sizes that a kernel of views needs; the number of rows is filled in when it is recorded.
#[derive(Clone, Copy)]
pub(super) enum ViewSizes {
    Pictures(layout::Views),
    Latents(layout::LatentViews),
}

impl Resident {
    /// Uploads a data set.
    ///
    /// # Errors
    /// When the GPU can't bind so much, or no kernel draws such views.
    pub fn new(gpu: &Gpu, data: &Dataset) -> Result<Resident, EngineError> {
        let values = &data.train.inputs;
        let inputs = storage(&gpu.device, "training samples", u32::try_from(values.len()).unwrap_or(u32::MAX))?;
        gpu.queue.write_buffer(&inputs, 0, bytemuck::cast_slice(values));
        let mixing = |values: &[f32]| {
            gpu.device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: Some("mixing"),
                contents: bytemuck::cast_slice(values),
                usage: wgpu::BufferUsages::STORAGE,
            })
        };
        let len = data.kind.len() as u32;
        match (&data.augmentation, &data.kind) {
            (Augmentation::Latent(mix), _) => Ok(Resident {
                sizes: ViewSizes::Latents(latent_views(mix, len)?),
                inputs,
                mixing: mixing(&[&mix.unmix[..], &mix.matrix[..]].concat()),
                kernel: Kernel::LatentViews,
                words: LATENT_WORDS,
                len,
            }),
            (augmentation, &Kind::Image { channels, height, width }) => Ok(Resident {
                sizes: {
                    let [channels, height, width] = [channels, height, width].map(|size| size as u32);
                    ViewSizes::Pictures(layout::Views { rows: 0, channels, height, width })
                },
                inputs,
                mixing: mixing(&[0.0]),
                kernel: match augmentation {
                    Augmentation::Grey(_) if channels == 1 => Kernel::GreyViews,
                    _ => Kernel::ColourViews,
                },
                words: PICTURE_WORDS,
                len,
            }),
            (_, Kind::Vector { .. }) => Err(EngineError::Undrawn("No kernel draws views of vectors.".to_owned())),
        }
    }

    /// The recipes of views of (sample, its random numbers), one after the other.
    pub fn recipes(&self, data: &Dataset, views: impl Iterator<Item = (u32, CounterRng)>) -> Vec<u32> {
        let mut words = Vec::with_capacity(views.size_hint().0 * self.words);
        for (sample, mut rng) in views {
            match data.augmentation.recipe(&mut rng) {
                Some(recipe) => {
                    words.extend(recipe.map.map(f32::to_bits));
                    let (brightness, contrast) = recipe.jitter.map_or((1.0, 1.0), |by| (by.brightness, by.contrast));
                    words.extend([contrast, brightness].map(f32::to_bits));
                    words.extend(recipe.matrix().concat().into_iter().map(f32::to_bits));
                    let (factor, offset) = if recipe.invert { (-recipe.ink, 1.0) } else { (recipe.ink, 0.0) };
                    let [x, y] = recipe.towards.map(|side| side * recipe.light);
                    words.extend([factor, offset, x, y, recipe.noise].map(f32::to_bits));
                    words.extend(rng.key());
                    words.extend([rng.position(), sample]);
                }
                None => {
                    words.extend(rng.key());
                    words.push(sample);
                }
            }
        }
        words
    }
}

/// The sizes of views of latents that are observed as `observed` values, for no rows yet.
fn latent_views(mix: &Mixing, observed: u32) -> Result<layout::LatentViews, EngineError> {
    if mix.latent_dim + mix.nuisance_dim > MOST_COORDINATES {
        return Err(EngineError::Undrawn(format!("These latents have more than {MOST_COORDINATES} coordinates.")));
    }
    Ok(layout::LatentViews {
        rows: 0,
        latent: mix.latent_dim as u32,
        nuisance: mix.nuisance_dim as u32,
        observed,
        move_std: VIEW_STD,
        nuisance_std: mix.nuisance_std(),
        norm: OBSERVED_NORM,
    })
}
