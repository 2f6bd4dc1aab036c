//! What is said of a job, by the lab and by studies: progress, answers, files. Plain data, sent to the page.

use serde::{Deserialize, Serialize};

use crate::data::Ood;
use crate::diagnostics::report::Finding;
use crate::figure::Figure;
use crate::protocol::Picture;

/// What is said of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum JobEvent {
    /// Share of the work that is done, 0..1.
    Progress(f64),
    /// What there is so far; the work goes on.
    Update(Answer),
    /// The answer.
    Done(Answer),
    /// Where an input lands, of an anomaly study's model that was asked.
    Placed(Placed),
    /// The answer to [`super::Job::Export`].
    File {
        /// Its name.
        name: String,
        /// Its type.
        mime: String,
        /// Its contents.
        bytes: Vec<u8>,
    },
    /// Why there is no answer, and what would help.
    Failed(String),
}

/// The answer to a job.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// What it is about: a file's name, an arm; empty where the room says it.
    pub name: String,
    /// What the columns or arrays of its file were read as, in one line; empty for an answer about no file.
    pub read: String,
    /// Arrays that the file holds, where one may choose; the answer says which one it is about, or that one is to be chosen.
    pub arrays: Vec<String>,
    /// The result in a sentence or two, if there is one.
    pub verdict: String,
    /// What was found, the gravest first.
    pub findings: Vec<Finding>,
    /// Single numbers: name and value.
    pub numbers: Vec<(String, String)>,
    /// What to draw.
    pub figures: Vec<Figure>,
    /// What to read: plain sentences.
    pub summary: Vec<String>,
    /// Numbers in rows and columns.
    pub sheets: Vec<Sheet>,
    /// Samples in the order of their norms.
    pub gallery: Vec<GalleryItem>,
    /// The classes that the gallery's model has not seen.
    pub unseen: Vec<String>,
    /// Whether the worker that gave it has a model that a study's `Place` job can ask.
    pub has_model: bool,
    /// Everything that is needed to go on; empty when nothing is left to do.
    pub checkpoint: Vec<u8>,
    /// Everything, as a JSON document to keep.
    pub json: String,
    /// Everything, as a page to keep; empty when there is none.
    pub html: String,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// Short name for files: small letters and hyphens.
    pub name: String,
    /// One line above it.
    pub title: String,
    /// Whether only the title is shown at first.
    pub folded: bool,
    /// Column names.
    pub header: Vec<String>,
    /// The rows; an empty cell is "no number".
    pub rows: Vec<Vec<String>>,
    /// What columns and marks mean, to stand under it; empty when they explain themselves.
    pub note: String,
    /// The numbers behind it, for a file to keep; empty when there are none.
    pub csv: String,
}

/// A sample in a gallery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GalleryItem {
    /// The picture.
    pub picture: Picture,
    /// |z|.
    pub norm: f32,
    /// What kind of outlier it is; `None` for a known sample.
    pub kind: Option<Ood>,
}

/// Where an input lands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    /// |z|.
    pub norm: f64,
    /// Share of known held-out samples whose norm is smaller, 0..1: a small one means surprise.
    pub norm_rank: f64,
    /// Largest cosine to the training set.
    pub max_cosine: f64,
    /// Share of known held-out samples with a smaller one.
    pub cosine_rank: f64,
    /// Share of known held-out samples with a smaller sum of both.
    pub combined_rank: f64,
    /// The nearest training samples: class, cosine, picture.
    pub neighbours: Vec<(String, f32, Option<Picture>)>,
}
