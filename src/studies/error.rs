//! Why a study can't begin or go on.

use super::options_error::OptionsError;
use crate::engine::error::EngineError;

/// Why a study can't begin or go on: the input that is wrong, and what would be right.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// Its options are wrong.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// The engine can't load the data, train or evaluate.
    #[error(transparent)]
    Engine(#[from] EngineError),

    /// The data has no two classes, so there is no kNN accuracy.
    #[error(
        "{data}: the study compares kNN accuracy, which needs pictures of two classes at least. Open pictures with labels."
    )]
    NoClasses {
        /// The data's name.
        data: String,
    },
    /// A batch is larger than the training data.
    #[error("a.batch={batch}: the data set has only {samples} training samples.")]
    Batch {
        /// Samples of a batch.
        batch: u32,
        /// Training samples.
        samples: usize,
    },
    /// A batch is larger than the training data of the classes that are not held out.
    #[error("a.batch={batch}: without the held-out classes there are only {samples} training samples.")]
    BatchOfKnown {
        /// Samples of a batch.
        batch: u32,
        /// Training samples of the other classes.
        samples: usize,
    },
    /// There are too few samples to tell outliers from.
    #[error("{data}: has only {samples} held-out samples; 20 are needed.")]
    FewHeldOut {
        /// The data's name.
        data: String,
        /// Held-out samples.
        samples: usize,
    },
    /// The data has none of the kinds of outliers that were asked for.
    #[error("kinds: {data} has none of {kinds}.")]
    NoOutliers {
        /// The data's name.
        data: String,
        /// The kinds, with commas between them.
        kinds: String,
    },

    /// A checkpoint has more parts than the study.
    #[error("checkpoint: holds {found} {part}s of {planned}; start the study afresh.")]
    TooManyParts {
        /// Parts of the checkpoint.
        found: usize,
        /// `run` or `model`.
        part: &'static str,
        /// Parts of the study.
        planned: usize,
    },
    /// A part of a checkpoint is of another study.
    #[error("checkpoint: {part} {index} is not the one that these options have there; start the study afresh.")]
    OtherPart {
        /// `run` or `model`.
        part: &'static str,
        /// Its place.
        index: usize,
    },

    /// An input is shown to a study that has no model yet.
    #[error("There is no trained model to ask yet.")]
    NoModel,
    /// A kept model is none.
    #[error("The kept model can't be read. Reload the page.")]
    ModelUnreadable,
    /// An input that is shown to a model has another size than the data, or values that are not finite.
    #[error("The input must be {values} finite values.")]
    Input {
        /// Values of a sample.
        values: usize,
    },
}
