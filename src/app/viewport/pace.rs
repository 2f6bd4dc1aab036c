//! What each frame is for, so that painting leaves time for the rest.

use web_time::Instant;

use crate::config::ArmId;

/// Share of its time that the page spends painting, at most: the rest is for clicks, charts and the browser.
const PAINT_SHARE: f64 = 0.25;
/// Milliseconds between two frames of the usual screen.
const FRAME: f64 = 17.0;
/// Every so many frames the numbers and charts follow a record that plays; the others are for the spheres.
const NUMBERS_EVERY: usize = 7;

/// What a frame is for. One that paints both spheres and writes all numbers would take a phone too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Everything.
    All,
    /// One sphere.
    Sphere(ArmId),
    /// What is written and drawn about the step.
    Numbers,
    /// Nothing: the last frames took their time.
    Nothing,
}

impl Share {
    /// Whether this arm's sphere is painted.
    pub fn paints(self, arm: ArmId) -> bool {
        self == Share::All || self == Share::Sphere(arm)
    }

    /// Whether numbers and charts are brought up to the step.
    pub fn tells(self) -> bool {
        matches!(self, Share::All | Share::Numbers)
    }
}

/// Shares frames out.
#[derive(Default)]
pub struct Pace {
    /// The last frame's time, milliseconds.
    last: f64,
    /// When the page may paint again, milliseconds.
    paint_from: f64,
    /// Frames so far, while they are shared out.
    frames: usize,
}

impl Pace {
    /// Seconds since the last frame, as far as motion goes.
    pub fn seconds(&self, time: f64) -> f64 {
        ((time - self.last) / 1000.0).clamp(0.0, 0.1)
    }

    /// What a frame at `time` is for; `whole`: both spheres at once.
    pub fn share(&mut self, time: f64, whole: bool) -> Share {
        if time < self.paint_from {
            return Share::Nothing;
        }
        if whole {
            return Share::All;
        }
        self.frames += 1;
        match self.frames % NUMBERS_EVERY {
            0 => Share::Numbers,
            frame => Share::Sphere(ArmId::ALL[frame % 2]),
        }
    }

    /// Seconds since the last frame; this one is the last from now on.
    pub fn step(&mut self, time: f64) -> f32 {
        let seconds = self.seconds(time);
        self.last = time;
        seconds as f32
    }

    /// Painting has taken since `begun`: where it is slow (a busy or small machine), fewer frames; else every one.
    pub fn painted(&mut self, time: f64, begun: Instant) {
        self.paint_from = time + begun.elapsed().as_secs_f64() * 1e3 / PAINT_SHARE - FRAME;
    }
}
