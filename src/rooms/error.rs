//! Why a room can't have or do something.

use crate::export::figure::FigureError;
use crate::export::film::FilmError;
use crate::lab::example::ExampleError;
use crate::parts::error::PageError;
use crate::parts::message::SendError;
use crate::trace::file::TraceError;
use crate::words::panels::{desk, export_figure, export_picture, lessons};
use crate::words::rooms::lab;

/// Why a room can't have or do something, as its reader is told.
#[derive(Debug, thiserror::Error)]
pub enum RoomError {
    /// The page's interface throws this message.
    #[error("{0}")]
    Thrown(String),
    /// The page answers without embeddings.
    #[error("{}", desk::NO_EMBEDDINGS)]
    NoEmbeddings,
    /// The page answers without bytes.
    #[error("{}", desk::NO_BYTES)]
    NoBytes,
    /// A file of the page can't be fetched.
    #[error(transparent)]
    Page(#[from] PageError),
    /// The page's run can't be read.
    #[error(transparent)]
    Trace(#[from] TraceError),

    /// A recorded example can't be read.
    #[error(transparent)]
    Example(#[from] ExampleError),

    /// The browser has no workers, or refuses the lab's.
    #[error("{}", lab::NO_WORKER)]
    NoWorker,
    /// A job can't be sent to its worker.
    #[error("{}", lab::not_sent(.0))]
    Unsent(#[from] SendError),

    /// The lessons can't be fetched.
    #[error("{}", lessons::lessons_failed(.0))]
    NoLessons(PageError),
    /// The lessons can't be read.
    #[error("{}", lessons::lessons_failed(.0))]
    UnreadableLessons(serde_json::Error),

    /// There is no sphere to draw yet.
    #[error("{}", export_picture::NOTHING_TO_DRAW)]
    NothingToDraw,
    /// The browser can't draw a picture.
    #[error("{}", export_picture::NOT_DRAWN)]
    NotDrawn,
    /// The browser has no canvas of a picture's size.
    #[error("{}", export_picture::TOO_LARGE)]
    TooLarge,
    /// The browser can't write a picture as PNG.
    #[error("{}", export_picture::NOT_WRITTEN)]
    NoPng,
    /// The browser can't compress the page's module.
    #[error("{}", export_figure::NO_GZIP)]
    NoGzip,
    /// The browser can't write bytes as base64.
    #[error("{}", export_figure::NOT_WRITTEN)]
    NoBase64,
    /// A file of the page, which is named, is not UTF-8 text.
    #[error("{}", export_figure::part_unreadable(.0))]
    NoText(String),
    /// The film can't be written.
    #[error(transparent)]
    Film(#[from] FilmError),
    /// The parts of the page can't be put into one file.
    #[error(transparent)]
    Figure(#[from] FigureError),
}
