//! The page's state. What goes in and out of it is in files of their own: engine.rs, settings.rs, location.rs.

use leptos::prelude::*;

use super::link::{Connection, Link, Wire};
use super::record::{Replay, enclosed};
use super::state::{ArmState, Inspection, Kept, Notice, PastRun, Progress, Signal};
use super::viewport::Viewport;
use crate::config::{ArmId, Complaint, DataName, Experiment};
use crate::parts::panel::Panel;
use crate::parts::timing::Timing;
use crate::protocol::{DataInfo, DeviceInfo, DeviceKind, Event, Level};
use crate::words::playground::model as words;

type Listener = Box<dyn Fn(&Signal)>;

/// The page's state: signals only, so it is copied freely.
#[derive(Clone, Copy)]
pub struct Model {
    /// What the reader wants to run.
    pub experiment: RwSignal<Experiment>,
    /// What the link asked for that could not be had, kept with the state for the page API.
    pub device: RwSignal<Option<DeviceInfo>>,
    /// What the engine is doing before it is ready; `None` when it is.
    pub loading: RwSignal<Option<String>>,
    /// Share of the engine that has been downloaded, if known.
    pub downloaded: RwSignal<Option<f64>>,
    /// The data set.
    pub data: RwSignal<Option<DataInfo>>,
    /// Where the run stands.
    pub progress: RwSignal<Progress>,
    /// Both arms.
    pub arms: [ArmState; 2],
    /// What the reader should know, oldest first.
    pub notices: RwSignal<Vec<Notice>>,
    /// The last answer about a point.
    pub inspection: RwSignal<Option<Inspection>>,
    /// The page is dark.
    pub dark: RwSignal<bool>,
    /// The engine can't go on; reload helps.
    pub failed: RwSignal<Option<String>>,
    pub(super) timing: StoredValue<Timing>,
    /// Steps per second when it last trained here; 0: it has not.
    pub(super) rate: StoredValue<f32>,
    /// Grows with each new worker; canvases are made afresh with it.
    pub epoch: RwSignal<u32>,
    /// The recorded run and what of it is shown.
    pub replay: Replay,
    /// A run that was interrupted and may be resumed.
    pub kept: RwSignal<Option<Kept>>,
    /// Runs that gave way to others, oldest first.
    pub runs: RwSignal<Vec<PastRun>>,
    /// Training goes on in a hidden tab.
    pub keep_on: RwSignal<bool>,
    /// Settings that can be changed while training are changed without starting afresh.
    pub tweak: RwSignal<bool>,
    /// What was changed while this run went on: (step, words).
    pub changes: RwSignal<Vec<(u32, String)>>,
    /// The panel of the rooms' module that is open beside the playground.
    pub panel: RwSignal<Option<Panel>>,
    /// What runs now, for the list of runs.
    pub(super) current: StoredValue<Option<Experiment>>,
    /// A module of the page is missing that only the whole site has: this is a saved figure.
    pub offline: StoredValue<bool>,
    /// What the engine said while a recorded run was shown.
    pub(super) pending: StoredValue<Vec<Event>>,
    /// The recorded run gives way as soon as the engine is up.
    pub(super) wants_live: RwSignal<bool>,
    next_id: StoredValue<u32>,
    pub(super) wire: StoredValue<Wire, LocalStorage>,
    /// The cameras, and what the spheres show.
    pub viewport: Viewport,
    listener: StoredValue<Option<Listener>, LocalStorage>,
}

impl Model {
    /// The page as it is first seen.
    pub fn new(experiment: Experiment) -> Model {
        let replay = Replay::new();
        let viewport = Viewport::new(experiment.view.shape);
        Model {
            experiment: RwSignal::new(experiment),
            device: RwSignal::default(),
            loading: RwSignal::default(),
            downloaded: RwSignal::default(),
            data: RwSignal::default(),
            progress: RwSignal::default(),
            arms: [ArmState::new(replay.at), ArmState::new(replay.at)],
            notices: RwSignal::default(),
            inspection: RwSignal::default(),
            dark: RwSignal::new(false),
            failed: RwSignal::default(),
            timing: StoredValue::default(),
            rate: StoredValue::new(0.0),
            epoch: RwSignal::new(0),
            replay,
            kept: RwSignal::default(),
            runs: RwSignal::default(),
            keep_on: RwSignal::new(false),
            tweak: RwSignal::new(false),
            changes: RwSignal::default(),
            panel: RwSignal::default(),
            current: StoredValue::new(None),
            offline: StoredValue::new(enclosed().is_some()),
            pending: StoredValue::default(),
            wants_live: RwSignal::new(false),
            next_id: StoredValue::new(0),
            wire: StoredValue::new_local(Wire::default()),
            viewport,
            listener: StoredValue::new_local(None),
        }
    }

    /// Reads or changes what is known of the engine's worker.
    pub fn connection<T>(self, act: impl FnOnce(&mut Connection) -> T) -> T {
        self.wire.try_update_value(|wire| act(&mut wire.connection)).expect("the page outlives its parts")
    }

    pub(super) fn with_link<T: Default>(self, act: impl FnOnce(&Link) -> T) -> T {
        self.wire.with_value(|wire| wire.link.as_ref().map(act).unwrap_or_default())
    }

    /// Asks the worker's loader for something.
    pub fn ask_worker(self, what: &str) {
        self.with_link(|link| link.ask(what));
    }

    /// Ends the worker.
    pub fn drop_link(self) {
        if let Some(link) = self.wire.try_update_value(|wire| wire.link.take()).flatten() {
            link.close();
        }
        // Until there is a new one the page draws what it has.
        self.device.set(None);
    }

    /// Whether the engine has begun on a GPU, as far as is known.
    pub fn may_be_on_gpu(self) -> bool {
        let known = self.device.with_untracked(|device| device.as_ref().map(|info| info.kind != DeviceKind::Cpu));
        self.has_begun() && known.unwrap_or(true)
    }

    /// Gives a canvas to the engine; where the browser can't, the page draws by itself.
    pub fn hand_over(self, arm: ArmId, canvas: &web_sys::HtmlCanvasElement) {
        let given = self.with_link(|link| link.give_canvas(arm, canvas));
        if !given {
            self.device.update(|device| device.iter_mut().for_each(|info| info.draws = false));
        }
    }

    /// Whether the engine has been started.
    pub fn is_awake(self) -> bool {
        self.connection(|connection| connection.is_awake())
    }

    /// Whether the reader waits for the engine, or waits in vain. While a recorded run is shown it may start unnoticed.
    pub fn is_busy(self) -> bool {
        let waits = !self.replay.opened.with(Option::is_some) || self.wants_live.get();
        (waits && self.loading.with(Option::is_some)) || self.failed.with(Option::is_some)
    }

    /// Whether the reader wants nothing to move by itself.
    pub fn is_still(self) -> bool {
        self.viewport.is_still()
    }

    /// Steps per second that can be expected: as it last went here, else as on two cores without a GPU.
    pub fn usual_rate(self) -> f64 {
        match (self.rate.get_value(), self.experiment.with_untracked(|experiment| experiment.run.data)) {
            (rate, _) if rate > 0.0 => f64::from(rate),
            (_, DataName::Shapes | DataName::Files) => 5.0,
            _ => 40.0,
        }
    }

    /// Whether the engine is up, with data and both arms.
    pub fn is_ready(self) -> bool {
        self.connection(|connection| connection.is_ready())
    }

    /// Whether the engine's module runs and has been told what to do.
    pub fn has_begun(self) -> bool {
        self.connection(|connection| connection.has_begun())
    }

    /// Whether a part of the page is hidden by the link.
    pub fn hidden(self, id: &str) -> bool {
        self.experiment.with(|experiment| {
            let bare = experiment.view.embed && matches!(id, "header" | "setup" | "settings" | "footer" | "charts");
            // A saved figure offers nothing that needs the site.
            let saved = self.offline.get_value() && matches!(id, "header" | "setup" | "settings" | "story");
            bare || saved || experiment.view.hide.iter().any(|hidden| hidden == id)
        })
    }

    /// Tells the reader something.
    pub fn notify(self, level: Level, input: &str, message: &str) {
        const MOST: usize = 6;
        let id = self.next_id.get_value();
        self.next_id.set_value(id + 1);
        let notice = Notice { id, level, input: input.to_owned(), message: message.to_owned() };
        self.notices.update(|notices| {
            notices.retain(|old| old.input != notice.input || old.message != notice.message);
            notices.push(notice.clone());
            let surplus = notices.len().saturating_sub(MOST);
            notices.drain(..surplus);
        });
        self.emit(&Signal::Notice(notice));
    }

    /// Tells the reader what could not be taken over.
    pub fn complain(self, complaints: &[Complaint]) {
        for complaint in complaints {
            let used = if complaint.used.is_empty() { String::new() } else { words::used_instead(&complaint.used) };
            self.notify(Level::Warning, &complaint.input, &format!("{}{used}", complaint.problem));
        }
    }

    /// The page API's ear. The engine may be there before it, which it is told.
    pub fn listen(self, listener: Listener) {
        self.listener.set_value(Some(listener));
        if self.is_ready() {
            self.emit(&Signal::Ready);
        }
    }

    /// Tells the page API.
    pub(super) fn emit(self, signal: &Signal) {
        self.listener.with_value(|listener| {
            if let Some(listener) = listener {
                listener(signal);
            }
        });
    }

    /// The engine can't go on, as the connection knows; the reader is told.
    pub fn fail(self, reason: String) {
        self.loading.set(None);
        self.failed.set(Some(reason.clone()));
        let notice = Notice { id: u32::MAX, level: Level::Error, input: "engine".to_owned(), message: reason };
        self.emit(&Signal::Notice(notice));
    }

    /// Points of an arm, live or recorded.
    pub fn show_points(self, arm: ArmId, directions: &[f32], norms: Vec<f32>) {
        self.viewport.show(arm, directions, &norms);
        self.arms[arm.index()].take(directions, norms);
    }

    /// Points of an arm that move by themselves, so that nothing has to be eased: in its picture only.
    pub fn place_points(self, arm: ArmId, directions: &[f32], norms: &[f32]) {
        self.viewport.place(arm, directions, norms);
    }

    /// The data set of what is shown.
    pub fn show_data(self, info: DataInfo) {
        self.inspection.set(None);
        self.viewport.show_data(&info.labels);
        self.data.set(Some(info));
    }
}
