//! What is on record of a run: of the live one as it goes on, or of a trace that was opened; and which step of it is shown.

use std::rc::Rc;

use leptos::prelude::*;

use super::state::Aside;
use crate::config::ArmId;
use crate::protocol::{DeviceInfo, Event};
use crate::trace::compare::Comparison;
use crate::trace::recording::Recording;
use crate::trace::{Trace, shot};

/// The handle that the model and the timeline share.
#[derive(Clone, Copy)]
pub struct Replay {
    /// The step that is shown; `None`: the latest.
    pub at: RwSignal<Option<u32>>,
    /// The trace that is shown instead of a live run.
    pub opened: RwSignal<Option<Rc<Trace>>, LocalStorage>,
    /// The record is playing.
    pub playing: RwSignal<bool>,
    /// How fast, 1: the whole in twelve seconds.
    pub speed: RwSignal<f64>,
    /// How the re-run of a trace compares; `None` while there was none.
    pub verdict: RwSignal<Option<Comparison>>,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
pub(super) struct Inner {
    pub(super) recording: Recording,
    /// Where the replay is between two steps.
    pub(super) position: f64,
    /// Begins again at the end, until the reader takes over.
    pub(super) looping: bool,
    pub(super) rested: f64,
    /// The place of the record that each sphere shows; `None`: the latest of the live run.
    pub(super) drawn: [Option<f64>; 2],
    /// The latest live points of each arm.
    pub(super) latest: [Option<(Vec<f32>, Vec<f32>)>; 2],
    /// The trace that the live run is compared with when it has come as far.
    pub(super) reference: Option<Rc<Trace>>,
    /// What the live run had shown when a trace was opened.
    pub(super) aside: Option<Aside>,
    /// The trace that was open last, to come back to.
    pub(super) shelf: Option<Rc<Trace>>,
    /// Grows whenever the reader chooses what to see: a trace that is still being fetched then comes too late.
    pub(super) choices: u32,
}

impl Replay {
    /// An empty record.
    pub fn new() -> Replay {
        Replay {
            at: RwSignal::default(),
            opened: RwSignal::new_local(None),
            playing: RwSignal::new(false),
            speed: RwSignal::new(1.0),
            verdict: RwSignal::default(),
            inner: StoredValue::new_local(Inner::default()),
        }
    }

    /// Reads or changes what only the player needs.
    pub(super) fn with<T: Default>(self, act: impl FnOnce(&mut Inner) -> T) -> T {
        self.inner.try_update_value(act).unwrap_or_default()
    }

    /// Whether a trace is shown instead of a live run.
    pub fn is_recorded(self) -> bool {
        self.opened.with_untracked(Option::is_some)
    }

    /// Whether what is seen is not the latest of the live run.
    pub fn is_shown(self) -> bool {
        self.is_recorded() || self.at.with_untracked(Option::is_some)
    }

    /// Goes on with the live run.
    pub fn close(self) {
        self.playing.set(false);
        self.at.set(None);
        let shown = self.opened.get_untracked();
        self.opened.set(None);
        self.with(|inner| {
            inner.drawn = [None; 2];
            inner.choices += 1;
            inner.shelf = shown.or(inner.shelf.take());
        });
    }

    /// The opened record becomes the live run's, which goes on where it ends.
    pub fn go_on(self, device: Option<DeviceInfo>) {
        if let Some(trace) = self.opened.get_untracked() {
            self.with(|inner| inner.recording = Recording::resumed(&trace));
        }
        if let Some(info) = device {
            self.hear(&Event::Ready(info));
        }
        self.close();
    }

    /// Records what the engine says.
    pub fn hear(self, event: &Event) {
        self.with(|inner| inner.recording.hear(event));
        if let Event::Restarted { .. } = event {
            // A scrubbed position belongs to the run before.
            self.playing.set(false);
            self.at.set(None);
            self.with(|inner| (inner.drawn, inner.latest) = ([None; 2], [None, None]));
        }
    }

    /// Keeps the latest live points, to come back to.
    pub fn keep(self, arm: ArmId, directions: &[f32], norms: &[f32]) {
        self.with(|inner| inner.latest[arm.index()] = Some((directions.to_vec(), norms.to_vec())));
    }

    /// What is on record: the opened trace, else the live run so far.
    pub fn trace(self) -> Option<Rc<Trace>> {
        self.opened.get_untracked().or_else(|| self.with(|inner| inner.recording.trace()).map(Rc::new))
    }

    /// Directions and norms of an arm at a place of the record.
    pub(super) fn points(self, arm: ArmId, position: f64) -> Option<(Vec<f32>, Vec<f32>)> {
        match self.opened.get_untracked() {
            Some(trace) => shot::between(&trace.arms[arm.index()].shots, position),
            None => self.with(|inner| shot::between(inner.recording.shots(arm.index()), position)),
        }
    }
}

/// The trace that a saved figure carries in itself: base64 in an element of the page.
pub fn enclosed() -> Option<String> {
    document().get_element_by_id("normscope-trace").and_then(|element| element.text_content())
}
