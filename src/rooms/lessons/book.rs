//! The lessons as they are written: static/lessons.json, whose every expected range was measured (scripts/lessons.mjs).

use serde::Deserialize;

use crate::parts;
use crate::rooms::error::RoomError;

/// The file.
#[derive(Clone, Debug, Deserialize)]
pub struct Book {
    /// In the order in which they are read.
    pub lessons: Vec<Lesson>,
    /// What fits into the time that a class has.
    pub plans: Vec<Plan>,
}

/// Lessons for a class of that many minutes, with time to talk.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Plan {
    /// Minutes of the class.
    pub minutes: u32,
    /// Ids, in order.
    pub lessons: Vec<String>,
}

/// A chapter.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Lesson {
    /// Its name in links.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// For one reader, about.
    pub minutes: u32,
    /// What it is for, in a sentence.
    pub goal: String,
    /// The state that it sets.
    pub query: String,
    /// In order.
    pub pages: Vec<Page>,
}

/// A page of a chapter. What its kind has no use for is empty.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Page {
    /// What the reader does on it.
    pub kind: Kind,
    /// Its heading.
    pub title: String,
    /// Paragraphs.
    #[serde(default)]
    pub text: Vec<String>,
    /// A selector of what to point at.
    #[serde(default)]
    pub show: String,
    /// State that the page sets.
    #[serde(default)]
    pub query: String,
    /// What is to be predicted.
    #[serde(default)]
    pub question: String,
    /// What can be predicted.
    #[serde(default)]
    pub options: Vec<String>,
    /// Index of the right one.
    #[serde(default)]
    pub answer: usize,
    /// Why it is right.
    #[serde(default)]
    pub why: String,
    /// Training steps of a run.
    #[serde(default)]
    pub steps: u32,
    /// Numbers of the run, revealed.
    #[serde(default)]
    pub measure: Vec<Measure>,
    /// Where the expected ranges come from.
    #[serde(default)]
    pub expect: String,
}

/// What the reader does on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Reads.
    Read,
    /// Says what will happen.
    Predict,
    /// Trains.
    Run,
    /// Compares.
    Reveal,
    /// Goes on freely.
    Try,
}

/// A number of the reader's own run beside the range that was measured before.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Measure {
    /// `a` or `b`.
    pub arm: String,
    /// The metric's name.
    pub metric: String,
    /// What the reader calls it.
    pub label: String,
    /// Decimals.
    #[serde(default = "two")]
    pub digits: usize,
    /// The range that was measured.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// `first`: before training.
    #[serde(default)]
    pub at: String,
    /// `b/a`: the quotient of both arms.
    #[serde(default)]
    pub ratio: String,
}

impl Measure {
    /// Whether it is a share of samples or pairs, which people read as a percentage.
    pub fn is_share(&self) -> bool {
        self.ratio.is_empty() && ["knn", "opposite_share"].contains(&self.metric.as_str())
    }
}

fn two() -> usize {
    2
}

impl Book {
    /// The book, from the site.
    ///
    /// # Errors
    /// A [`RoomError`] when it can't be fetched or read.
    pub async fn fetch() -> Result<Book, RoomError> {
        let bytes = parts::trace::fetch("lessons.json").await.map_err(RoomError::NoLessons)?;
        serde_json::from_slice(&bytes).map_err(RoomError::UnreadableLessons)
    }

    /// A lesson and its number, from 1 on.
    pub fn find(&self, id: &str) -> Option<(usize, &Lesson)> {
        self.lessons.iter().enumerate().find(|(_, lesson)| lesson.id == id).map(|(at, lesson)| (at + 1, lesson))
    }

    /// Name and heading of the lesson that follows.
    pub fn after(&self, id: &str) -> Option<(String, String)> {
        let (number, _) = self.find(id)?;
        self.lessons.get(number).map(|lesson| (lesson.id.clone(), lesson.title.clone()))
    }
}
