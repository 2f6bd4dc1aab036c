//! The address bar: it always describes what is seen, and back and forward lead through the rooms.

use leptos::prelude::*;

use super::model::Model;
use crate::config::choices::Choice;
use crate::config::{Aspect, Complaint, DataName, Experiment, Preset, Room, Run, url};
use crate::words::playground::page as words;

/// The preset of an address without a query: only the lengths differ, and one sees it.
const OPENING: &str = "norm-trap";

impl Model {
    /// The state that the page's address describes.
    pub fn from_location() -> Model {
        let (experiment, complaints) = opening(&query());
        let model = Model::new(experiment);
        model.complain(&complaints);
        model
    }

    /// The room that is open.
    pub fn room(self) -> Room {
        self.experiment.with(|experiment| experiment.view.room)
    }

    /// The tab's title: what is seen.
    pub fn title(self) -> String {
        self.experiment.with(|experiment| {
            let (run, room) = (&experiment.run, experiment.view.room);
            let preset = run.preset.as_deref().and_then(Preset::find);
            match preset {
                _ if room != Room::Playground => words::title(room.label()),
                Some(preset) => words::title(preset.title),
                None => words::title(&[run.method.label(), words::ON, run.data.label()].concat()),
            }
        })
    }

    /// Goes to a room; the browser's back button leads back.
    pub fn enter(self, room: Room) {
        if self.experiment.with_untracked(|experiment| experiment.view.room == room) {
            return;
        }
        if let Ok(history) = window().history() {
            let address = window().location().href().unwrap_or_default();
            let _ = history.push_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&address));
        }
        self.experiment.update(|experiment| experiment.view.room = room);
    }

    /// The address of a room with everything else as it is.
    pub fn link_to(self, room: Room) -> String {
        let mut there = self.experiment.get();
        there.view.room = room;
        let query = link_query(&there);
        format!("?{query}")
    }

    /// The address at which this experiment can be trained: this page's, or the one that a saved figure came from.
    pub fn permalink(self) -> String {
        let home = document()
            .query_selector("meta[name=normscope-home]")
            .ok()
            .flatten()
            .and_then(|meta| meta.get_attribute("content"))
            .unwrap_or_else(|| {
                let location = window().location();
                let part = |part: Result<String, wasm_bindgen::JsValue>| part.unwrap_or_default();
                part(location.origin()) + &part(location.pathname())
            });
        let query = self.experiment.with(|experiment| {
            let view = experiment.view.clone().without(&[Aspect::Frame, Aspect::Start, Aspect::Moment]);
            link_query(&Experiment { run: experiment.run.clone(), view })
        });
        if query.is_empty() { home } else { format!("{home}?{query}") }
    }

    /// Keeps the address bar a link to what is seen.
    pub fn write_location(self) {
        if self.offline.get_value() {
            self.experiment.track();
            return;
        }
        let query = self.experiment.with(link_query);
        let path = window().location().pathname().unwrap_or_default();
        let address = if query.is_empty() { path } else { format!("{path}?{query}") };
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&address));
        }
    }

    /// The state of the address bar, after back or forward.
    pub fn load_location(self) {
        let (next, complaints) = opening(&query());
        self.complain(&complaints);
        self.change(|experiment| *experiment = next);
    }
}

/// What an address shows; one without a query the pair that shows most.
fn opening(query: &str) -> (Experiment, Vec<Complaint>) {
    if query.is_empty()
        && let Some(preset) = Preset::find(OPENING)
    {
        return (preset.experiment(), Vec::new());
    }
    url::decode(query)
}

/// The query part of the address; files can't be linked to.
pub fn link_query(experiment: &Experiment) -> String {
    if experiment.run.data == DataName::Files {
        let run = Run { data: DataName::Digits, preset: None, ..experiment.run.clone() };
        return url::link(&Experiment { run, view: experiment.view.clone() });
    }
    url::link(experiment)
}

/// The query part of this page's address.
pub(super) fn query() -> String {
    window().location().search().unwrap_or_default()
}
