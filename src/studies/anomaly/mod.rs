//! The anomaly study: does the norm tell inputs that are unlike the training data, and what tells them better?
//!
//! Models are trained without some classes and then asked to tell held-out samples of the known classes from unseen
//! classes, other data, noise, mixtures and corruptions. Every score is measured on encoder features and on embeddings,
//! with batch norm's training statistics frozen and input norms equalised, beside two controls: the norm of the untrained
//! network and the norm of the input. What a combination needs to choose, it chooses on the validation half with stand-in
//! outliers (pictures whose quarters are shuffled) of a kind that is not reported.
//!
//! ```text
//! options   what is measured: Options; checked into a Plan                       plain data
//! score     the scores, and how they follow from features                        plain maths
//! cell      the record of one model: AUROC of every score, kind and feature      plain data
//! report    means over seeds with intervals, gains over named baselines          plain data
//! finished  finished models made into a report                                   plain maths
//! words     the report in sentences                                              plain data
//! table     the report's rows as text, for terminals, CSV and the page           plain data
//! figures   norms, ROC curves, AUROC side by side                                plain data
//! models/   what needs models                                                    burn
//!   inputs    the samples of a seed: bank, halves, outliers
//!   outputs   a model's outputs for inputs, and their scores
//!   probe     one input against a trained model: how it scores, and its rank
//!   run       one model: training, then scoring
//!   study     all models, slice by slice; checkpoints
//! ```

pub mod cell;
pub mod figures;
pub mod finished;
pub mod options;
pub mod report;
pub mod score;
pub mod table;
mod words;

#[cfg(feature = "engine")]
pub mod models;

pub use cell::{Cell, Detail, Measured, Progress};
pub use options::{Options, Plan};
pub use report::Report;
pub use score::{Features, Score};
