//! The page's state and how the engine's events change it.

use std::collections::{HashMap, VecDeque};

use leptos::prelude::*;

use super::link::Link;
use super::recovery::{self, Recovery};
use super::replay::{self, Replay};
use super::resume::{self, Kept};
use super::runs::{self, PastRun};
use super::viewport::Viewport;
use crate::config::{ARM_PARAMS, ArmId, ArmParam, Complaint, DataName, Experiment, Method, Preset, Room, url};
use crate::metrics::Metric;
use crate::metrics::projection::inside;
use crate::parts::timing::Timing;
use crate::protocol::{Check, Command, DataInfo, DeviceInfo, DeviceKind, Event, Level, Picture};
use crate::words::playground::{model as words, recovery as recovery_words};

/// One notice; the same text is never shown twice at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// For the list's keys and for dismissing.
    pub id: u32,
    /// How much it matters.
    pub level: Level,
    /// The input that it is about, or empty.
    pub input: String,
    /// What happened and what would be right.
    pub message: String,
}

/// Where the run stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Steps done.
    pub step: u32,
    /// Training goes on.
    pub running: bool,
    /// The step at which it pauses by itself.
    pub until: u32,
    /// Steps per second.
    pub rate: f32,
    /// Hash of the batches that each arm has seen.
    pub batch_hash: [String; 2],
    /// Milliseconds of the last step's parts: data, A, B.
    pub millis: [f32; 3],
}

/// Everything that is known about one arm.
#[derive(Clone, Copy)]
pub struct ArmState {
    /// (step, metric values) of every evaluation.
    pub history: RwSignal<Vec<(u32, HashMap<Metric, f64>)>>,
    /// (step, training loss) of every step.
    pub losses: RwSignal<Vec<(f64, f64)>>,
    /// |z| of each drawn point.
    pub norms: RwSignal<Vec<f32>>,
    /// Points that the drawn dimensions hardly hold, so that they are drawn inside the sphere.
    pub inside: RwSignal<usize>,
    /// Why it stopped: (step, reason).
    pub stopped: RwSignal<Option<(u32, String)>>,
    /// Trainable parameters and the hash of the initial weights before the cut.
    pub weights: RwSignal<(u32, String)>,
    /// The step of the record that is shown; `None`: the latest.
    pub at: RwSignal<Option<u32>>,
}

impl ArmState {
    fn new(at: RwSignal<Option<u32>>) -> ArmState {
        ArmState {
            at,
            history: RwSignal::default(),
            losses: RwSignal::default(),
            norms: RwSignal::default(),
            inside: RwSignal::default(),
            stopped: RwSignal::default(),
            weights: RwSignal::default(),
        }
    }

    /// Back to nothing.
    pub fn clear(self) {
        self.history.set(Vec::new());
        self.losses.set(Vec::new());
        self.stopped.set(None);
    }

    /// The points that are drawn now.
    pub fn take(self, directions: &[f32], norms: Vec<f32>) {
        self.norms.set(norms);
        let inside = inside(directions);
        if self.inside.get_untracked() != inside {
            self.inside.set(inside);
        }
    }

    /// The value of a metric at the step that is shown.
    pub fn latest(self, metric: Metric) -> Option<f64> {
        let at = self.at.get().unwrap_or(u32::MAX);
        self.history.with(|history| {
            let shown = history.partition_point(|(step, _)| *step <= at).max(1) - 1;
            history.get(shown).and_then(|(_, values)| values.get(&metric).copied())
        })
    }

    /// The training loss at the step that is shown.
    pub fn loss(self) -> Option<f64> {
        let at = self.at.get().map_or(f64::INFINITY, f64::from);
        self.losses.with(|losses| {
            let shown = losses.partition_point(|(step, _)| *step <= at).max(1) - 1;
            losses.get(shown).map(|(_, loss)| *loss)
        })
    }

    /// (step, value) of a metric; the loss is there for every step.
    pub fn series(self, metric: Metric) -> Vec<(f64, f64)> {
        if metric == Metric::Loss {
            return self.losses.get();
        }
        self.history.with(|history| {
            history
                .iter()
                .filter_map(|(step, values)| values.get(&metric).map(|value| (f64::from(*step), *value)))
                .collect()
        })
    }
}

/// The answer to [`Command::Inspect`].
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// Which arm.
    pub arm: ArmId,
    /// Index of the point.
    pub index: u32,
    /// The sample and two views.
    pub pictures: Vec<Picture>,
    /// (class, similarity, picture) of the nearest training samples.
    pub neighbours: Vec<(u16, f32, Option<Picture>)>,
    /// The kNN's class.
    pub predicted: u16,
}

/// Embeddings as the page API hands them out.
#[derive(Clone, Debug)]
pub struct EmbeddingsAnswer {
    /// Points.
    pub n: u32,
    /// Dimension.
    pub dim: u32,
    /// `[n, dim]`.
    pub z: Vec<f32>,
    /// `[n]`.
    pub labels: Vec<u16>,
    /// `[n]`.
    pub norms: Vec<f32>,
    /// Training steps done.
    pub step: u32,
}

/// What the page API is told about, by name.
#[derive(Clone, Debug)]
pub enum Signal {
    /// The engine is up, with data and both arms.
    Ready,
    /// An arm was evaluated.
    Metrics(ArmId),
    /// The run's state changed.
    State,
    /// Something to tell the reader.
    Notice(Notice),
    /// Answer to a request.
    Embeddings(u32, EmbeddingsAnswer),
    /// Answer to a request.
    SelfTest(u32, Vec<Check>),
    /// Answer to a request.
    Bytes(u32, Vec<u8>),
}

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
    /// Commands sent and carried out.
    pub sent: StoredValue<u32>,
    timing: StoredValue<Timing>,
    /// Steps per second when it last trained here; 0: it has not.
    rate: StoredValue<f32>,
    /// Commands that the engine has carried out.
    pub done: RwSignal<u32>,
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
    /// A panel of the rooms' module that is open beside the playground: `presets`, `export`, `lessons`, `story`; or none.
    pub panel: RwSignal<String>,
    /// What runs now, for the list of runs.
    current: StoredValue<Option<Experiment>>,
    /// A module of the page is missing that only the whole site has: this is a saved figure.
    pub offline: StoredValue<bool>,
    ready: StoredValue<bool>,
    /// The engine has been told what to run.
    begun: StoredValue<bool>,
    /// Commands that the engine has not carried out yet, in their order. Those that a fault has cost an answer are sent again.
    unanswered: StoredValue<VecDeque<Command>>,
    /// What to add to a worker's count of commands to get ours.
    base: StoredValue<i64>,
    /// What the engine said while a recorded run was shown.
    pending: StoredValue<Vec<Event>>,
    /// The recorded run gives way as soon as the engine is up.
    wants_live: RwSignal<bool>,
    next_id: StoredValue<u32>,
    adopted: StoredValue<Option<Experiment>>,
    link: StoredValue<Option<Link>, LocalStorage>,
    viewport: StoredValue<Option<Viewport>>,
    listener: StoredValue<Option<Listener>, LocalStorage>,
}

impl Model {
    /// The state that the page's address describes.
    pub fn from_location() -> Model {
        let (experiment, complaints) = url::decode(&query());
        let replay = Replay::new();
        let model = Model {
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
            sent: StoredValue::new(0),
            timing: StoredValue::default(),
            rate: StoredValue::new(0.0),
            done: RwSignal::new(0),
            epoch: RwSignal::new(0),
            replay,
            kept: RwSignal::default(),
            runs: RwSignal::default(),
            keep_on: RwSignal::new(false),
            tweak: RwSignal::new(false),
            changes: RwSignal::default(),
            panel: RwSignal::default(),
            current: StoredValue::new(None),
            offline: StoredValue::new(replay::enclosed().is_some()),
            ready: StoredValue::new(false),
            begun: StoredValue::new(false),
            unanswered: StoredValue::default(),
            base: StoredValue::new(0),
            pending: StoredValue::default(),
            wants_live: RwSignal::new(false),
            next_id: StoredValue::new(0),
            adopted: StoredValue::new(None),
            link: StoredValue::new_local(None),
            viewport: StoredValue::new(None),
            listener: StoredValue::new_local(None),
        };
        model.complain(&complaints);
        model
    }

    /// The room that is open.
    pub fn room(self) -> Room {
        self.experiment.with(|experiment| experiment.room)
    }

    /// Goes to a room; the browser's back button leads back.
    pub fn enter(self, room: Room) {
        if self.experiment.with_untracked(|experiment| experiment.room == room) {
            return;
        }
        if let Ok(history) = window().history() {
            let address = window().location().href().unwrap_or_default();
            let _ = history.push_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&address));
        }
        self.experiment.update(|experiment| experiment.room = room);
    }

    /// The address of a room with everything else as it is.
    pub fn link_to(self, room: Room) -> String {
        let query = self.experiment.with(|experiment| link_query(&Experiment { room, ..experiment.clone() }));
        format!("?{query}")
    }

    /// The viewport that shows what the model holds.
    pub fn connect(self, viewport: Viewport) {
        self.viewport.set_value(Some(viewport));
    }

    /// Starts the engine unless that was done: it is large, so it is fetched when it is first needed.
    pub fn wake(self) {
        if self.offline.get_value()
            || self.link.with_value(Option::is_some)
            || self.failed.with_untracked(Option::is_some)
        {
            return;
        }
        self.loading.set(Some(words::FETCHING_THE_ENGINE.to_owned()));
        match Link::open(self) {
            Ok(link) => self.link.set_value(Some(link)),
            Err(error) => self.fail(error),
        }
    }

    /// The engine's module runs: it is told what to train.
    pub fn begin(self) {
        self.begun.set_value(true);
        let experiment = self.experiment.get_untracked();
        let command = recovery::with(|recovery| recovery.first_command(experiment));
        self.deliver(&command);
    }

    /// Asks the worker's loader for something.
    pub fn ask_worker(self, what: &str) {
        self.link.with_value(|link| {
            if let Some(link) = link {
                link.ask(what);
            }
        });
    }

    /// Ends the worker.
    pub fn drop_link(self) {
        self.link.update_value(|link| {
            if let Some(link) = link.take() {
                link.close();
            }
        });
        self.ready.set_value(false);
        self.begun.set_value(false);
        // Until there is a new one the page draws what it has.
        self.device.set(None);
    }

    /// Whether the engine has begun on a GPU, as far as is known.
    pub fn may_be_on_gpu(self) -> bool {
        let known = self.device.with_untracked(|device| device.as_ref().map(|info| info.kind != DeviceKind::Cpu));
        self.begun.get_value() && known.unwrap_or(true)
    }

    /// A new worker after a fault.
    pub fn restart(self) {
        // Meanwhile somebody may have started one.
        if self.link.with_value(Option::is_some) {
            return;
        }
        let extra = recovery::with(|recovery| recovery.catch_up()).iter().len();
        self.base.set_value(i64::from(self.done.get_untracked()) - extra as i64);
        self.epoch.update(|epoch| *epoch += 1);
        self.wake();
    }

    /// A new worker on the device that the experiment now asks for; one worker keeps one device.
    fn reconnect(self) {
        self.drop_link();
        recovery::with(Recovery::start_afresh);
        self.pending.set_value(Vec::new());
        self.base.set_value(i64::from(self.done.get_untracked()));
        self.progress.set(Progress::default());
        self.epoch.update(|epoch| *epoch += 1);
        self.wake();
    }

    /// Sends a command, or keeps it until the engine is up, which it starts; its number, for waiting. A recorded run gives
    /// way to the live one.
    pub fn send(self, command: &Command) -> u32 {
        if matches!(command, Command::Draw { .. }) {
            self.deliver(command);
            return self.sent.get_value();
        }
        if matches!(command, Command::Play | Command::Run(_) | Command::RunTo(_)) {
            self.timing.update_value(Timing::asked);
        }
        // Counted first: what the engine said before this command must not be taken for its answer.
        self.sent.update_value(|sent| *sent += 1);
        self.go_live();
        self.hand_over(command.clone());
        self.sent.get_value()
    }

    fn hand_over(self, command: Command) {
        if let Command::OpenFiles(files) = &command {
            recovery::with(|recovery| recovery.open_files(files));
        }
        if self.is_ready() {
            self.deliver(&command);
        }
        self.unanswered.update_value(|all| all.push_back(command));
    }

    /// Sends commands in this order, now or as soon as the engine is up; what is shown stays.
    fn enqueue(self, commands: impl IntoIterator<Item = Command>) {
        for command in commands {
            self.sent.update_value(|sent| *sent += 1);
            self.hand_over(command);
        }
    }

    fn deliver(self, command: &Command) {
        self.link.with_value(|link| {
            if let Some(link) = link {
                link.send(command);
            }
        });
    }

    /// From the recorded run to the live one, as soon as the engine is up.
    pub fn go_live(self) {
        self.wake();
        if !self.replay.is_recorded() {
            return;
        }
        if !self.is_ready() {
            self.wants_live.set(true);
            return;
        }
        self.wants_live.set(false);
        self.replay.close();
        self.inspection.set(None);
        for arm in self.arms {
            arm.clear();
        }
        for event in self.pending.try_update_value(std::mem::take).unwrap_or_default() {
            self.apply(event);
        }
    }

    /// Gives a canvas to the engine; where the browser can't, the page draws by itself.
    pub fn give_canvas(self, arm: ArmId, canvas: &web_sys::HtmlCanvasElement) {
        let given = self.link.with_value(|link| link.as_ref().is_some_and(|link| link.give_canvas(arm, canvas)));
        if !given {
            self.device.update(|device| device.iter_mut().for_each(|info| info.draws = false));
        }
    }

    /// Whether the engine has been started.
    pub fn is_awake(self) -> bool {
        self.link.with_value(Option::is_some)
    }

    /// Whether the reader waits for the engine, or waits in vain. While a recorded run is shown it may start unnoticed.
    pub fn is_busy(self) -> bool {
        let waits = !self.replay.opened.with(Option::is_some) || self.wants_live.get();
        (waits && self.loading.with(Option::is_some)) || self.failed.with(Option::is_some)
    }

    /// Whether the reader wants nothing to move by itself.
    pub fn is_still(self) -> bool {
        self.viewport.get_value().is_some_and(Viewport::is_still)
    }

    /// Takes over the experiment of a trace; the engine, if it is up, is brought to its beginning for later.
    pub fn adopt(self, recorded: &Experiment) {
        let next = self.experiment.with_untracked(|looks| runs::with_looks(looks, recorded));
        self.experiment.set(next.clone());
        if !self.begun.get_value() {
            return;
        }
        self.enqueue([Command::Set(next), Command::Reset]);
    }

    /// Gives files to the engine, which reads or refuses them. What is shown stays until it has read them.
    pub fn open_files(self, files: Vec<(String, Vec<u8>)>) {
        self.enqueue([Command::OpenFiles(files)]);
        self.wake();
    }

    /// Goes on with a kept run, whose record is shown: the engine takes its state and trains.
    pub fn resume(self, checkpoint: Vec<u8>) {
        self.enqueue([Command::Resume(checkpoint), Command::Play]);
        self.wake();
    }

    /// Steps per second that can be expected: as it last went here, else as on two cores without a GPU.
    pub fn usual_rate(self) -> f64 {
        match (self.rate.get_value(), self.experiment.with_untracked(|experiment| experiment.data)) {
            (rate, _) if rate > 0.0 => f64::from(rate),
            (_, DataName::Shapes | DataName::Files) => 5.0,
            _ => 40.0,
        }
    }

    /// Whether the engine is up, with data and both arms.
    pub fn is_ready(self) -> bool {
        self.ready.get_value()
    }

    /// Whether the engine's module runs and has been told what to do.
    pub fn has_begun(self) -> bool {
        self.begun.get_value()
    }

    /// Changes the experiment and tells the engine; a recorded run of another experiment gives way.
    pub fn change(self, edit: impl FnOnce(&mut Experiment)) {
        let before = self.experiment.get_untracked();
        let mut after = before.clone();
        edit(&mut after);
        if after == before {
            return;
        }
        let moved = after.device != before.device;
        let matters = engine_cares(&before, &after);
        if self.adjusts(&before, &after) {
            let step = self.progress.with_untracked(|progress| progress.step);
            self.changes.update(|changes| changes.push((step, runs::describe(&before, &after))));
            self.experiment.set(after.clone());
            self.send(&Command::Adjust(after));
            return;
        }
        self.experiment.set(after.clone());
        if moved && self.failed.with_untracked(Option::is_some) {
            recovery::with(Recovery::start_afresh);
            recovery::retry(self);
        } else if moved && self.link.with_value(Option::is_some) {
            self.reconnect();
        } else if matters && self.begun.get_value() {
            self.send(&Command::Set(after));
        } else if matters && before.needs_reset(&after) {
            self.go_live();
        }
    }

    /// Whether a change can be taken over by the run as it goes on, and the reader wants that.
    fn adjusts(self, before: &Experiment, after: &Experiment) -> bool {
        let arms = [0, 1].map(|arm| before.arms[arm].adjusted(&after.arms[arm]));
        let only_that = before.arms != after.arms && arms == after.arms;
        let same = Experiment { arms: before.arms.clone(), ..after.clone() };
        let under_way =
            self.is_ready() && !self.replay.is_recorded() && self.progress.with_untracked(|progress| progress.step > 0);
        self.tweak.get_untracked() && under_way && only_that && !before.needs_reset(&same)
    }

    /// Another method or data set; the arms take over its defaults, the norm control stays.
    pub fn rebase(self, method: Method, data: DataName) {
        self.change(|experiment| *experiment = url::rebase(experiment, method, data));
    }

    /// A preset, with everything that it does not say as it is for a new visitor; looks and device stay.
    pub fn load_preset(self, preset: &Preset) {
        let with_looks = |looks: &Experiment| Experiment {
            room: looks.room,
            device: looks.device,
            theme: looks.theme,
            embed: looks.embed,
            hide: looks.hide.clone(),
            lock: looks.lock,
            colour: looks.colour,
            ..preset.experiment()
        };
        if self.link.with_value(Option::is_some) {
            self.change(|experiment| *experiment = with_looks(experiment));
            return;
        }
        // Nothing is live yet, so the preset's recorded run is shown.
        self.experiment.update(|experiment| *experiment = with_looks(experiment));
        replay::open_preset(self);
    }

    /// Sets one arm's parameter from what was typed.
    pub fn set_param(self, arm: ArmId, param: &'static ArmParam, text: &str) {
        let mut config = self.experiment.with_untracked(|experiment| experiment.arm(arm).clone());
        match param.apply(&mut config, &format!("{}.", arm.key()), text) {
            Ok(()) => {
                // What was said of this setting before is settled.
                let input = format!("{}.{}=", arm.key(), param.key);
                self.notices.update(|notices| notices.retain(|notice| !notice.input.starts_with(&input)));
                self.change(|experiment| experiment.arms[arm.index()] = config);
            }
            Err(complaint) => {
                self.complain(&[complaint]);
                // The input goes back to the value that still holds.
                self.experiment.update(|_| {});
            }
        }
    }

    /// Takes over settings with the names of the URL; what can't be read is named and left as it was.
    pub fn apply_query(self, query: &str) {
        let now = self.experiment.get_untracked();
        let files = now.data == DataName::Files;
        let (mut next, complaints) = url::decode_onto(query, Some(&now));
        let mut complaints = complaints;
        if files && !query.contains("data=") {
            next.data = DataName::Files;
            complaints.retain(|complaint| complaint.input != "data=files");
        }
        self.complain(&complaints);
        self.change(|experiment| *experiment = next);
    }

    /// Takes over a link as a whole: what it does not say is as for a new visitor. Looks and device stay.
    pub fn open_query(self, query: &str) {
        let (next, complaints) = url::decode(query);
        self.complain(&complaints);
        self.change(|experiment| {
            let looks = experiment.clone();
            *experiment = Experiment {
                device: looks.device,
                theme: looks.theme,
                embed: looks.embed,
                hide: looks.hide,
                lock: looks.lock,
                colour: looks.colour,
                shape: looks.shape,
                ..next
            };
        });
    }

    /// The state of the address bar, after back or forward.
    pub fn load_location(self) {
        let (next, complaints) = url::decode(&query());
        self.complain(&complaints);
        self.change(|experiment| *experiment = next);
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
            link_query(&Experiment {
                embed: false,
                autoplay: false,
                hide: Vec::new(),
                lock: false,
                ..experiment.clone()
            })
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

    /// Play, or pause while it runs.
    pub fn toggle(self) {
        if self.offline.get_value() {
            replay::toggle(self);
            return;
        }
        let running = self.progress.with_untracked(|progress| progress.running);
        self.send(if running { &Command::Pause } else { &Command::Play });
    }

    /// Whether a part of the page is hidden by the link.
    pub fn hidden(self, id: &str) -> bool {
        self.experiment.with(|experiment| {
            let bare = experiment.embed && matches!(id, "header" | "setup" | "settings" | "footer" | "charts");
            // A saved figure offers nothing that needs the site.
            let saved = self.offline.get_value() && matches!(id, "header" | "setup" | "settings" | "story");
            bare || saved || experiment.hide.iter().any(|hidden| hidden == id)
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

    fn emit(self, signal: &Signal) {
        self.listener.with_value(|listener| {
            if let Some(listener) = listener {
                listener(signal);
            }
        });
    }

    /// The engine can't go on; what it was asked is answered with that.
    pub fn fail(self, reason: String) {
        self.unanswered.update_value(VecDeque::clear);
        self.done.set(self.sent.get_value());
        self.loading.set(None);
        self.failed.set(Some(reason.clone()));
        let notice = Notice { id: u32::MAX, level: Level::Error, input: "engine".to_owned(), message: reason };
        self.emit(&Signal::Notice(notice));
    }

    /// The download of the engine.
    pub fn download(self, received: f64, total: f64) {
        self.downloaded.set((total > 0.0).then_some((received / total).min(1.0)));
        self.loading.set(Some(words::fetching_engine(received / 1e6)));
    }

    /// What the engine says; while a recorded run is shown it waits, but for the device and the download.
    pub fn receive(self, event: Event) {
        if !self.replay.is_recorded() || matches!(event, Event::Loading { .. } | Event::Ready(_) | Event::Notice { .. })
        {
            self.apply(event);
            return;
        }
        if let Event::Resumed { .. } = event {
            // The record goes on; what the engine had begun with is not shown at all.
            self.pending.set_value(Vec::new());
            self.replay.go_on(self.device.get_untracked());
            self.apply(event);
            return;
        }
        let commands = if let Event::Progress { commands, .. } = event { Some(commands) } else { None };
        let opened = matches!(&event, Event::Restarted { experiment, .. } if experiment.data == DataName::Files);
        self.pending.update_value(|pending| pending.push(event));
        if opened {
            self.wants_live.set(true);
        }
        if commands.is_some() {
            if self.is_ready() && self.wants_live.get_untracked() {
                self.go_live();
            }
            self.be_ready();
        }
    }

    /// The engine's first report: it is up.
    fn be_ready(self) {
        if self.is_ready() {
            return;
        }
        self.ready.set_value(true);
        self.loading.set(None);
        if self.wants_live.get_untracked() {
            self.go_live();
        }
        self.resend();
        self.emit(&Signal::Ready);
    }

    /// Brings a new worker to where the last one was, and sends what nobody has answered.
    fn resend(self) {
        let (catch_up, revived) = recovery::with(|recovery| (recovery.catch_up(), recovery.revived()));
        if let Some((fault, _)) = revived {
            recovery::tell(self, fault);
            let oldest = self.done.get_untracked() + 1;
            if self.unanswered.with_value(|all| !all.is_empty()) && recovery::with(|recovery| recovery.blames(oldest)) {
                self.unanswered.update_value(|all| drop(all.pop_front()));
                self.base.update_value(|base| *base += 1);
                self.notify(Level::Error, "engine", recovery_words::LEFT_OUT);
            }
        }
        let waiting = self.unanswered.get_value();
        for command in catch_up.into_iter().chain(waiting) {
            self.deliver(&match revived {
                Some((_, step)) => recovery::as_meant(command, step),
                None => command,
            });
        }
    }

    /// What an event changes.
    fn apply(self, event: Event) {
        self.replay.hear(&event);
        match event {
            Event::Loading { stage } => self.loading.set(Some(stage)),
            Event::Ready(mut info) => {
                if recovery::with(|recovery| recovery.has_fallen_back()) {
                    info.reason = recovery_words::FELL_BACK.to_owned();
                }
                self.downloaded.set(Some(1.0));
                self.device.set(Some(info));
            }
            Event::Data(info) => self.show_data(info),
            Event::Restarted { experiment, parameters, weights } => {
                let before = self.current.get_value();
                // After a fault before its first checkpoint the same run begins again: no other one.
                let again = before.as_ref().is_some_and(|before| !before.needs_reset(&experiment))
                    && recovery::with(|recovery| recovery.is_reviving());
                if !again {
                    recovery::with(Recovery::forget);
                    let steps = self.progress.with_untracked(|progress| progress.step);
                    before.into_iter().for_each(|before| runs::keep(self, &before, steps));
                }
                self.current.set_value(Some(experiment.clone()));
                self.changes.set(Vec::new());
                for id in ArmId::ALL {
                    self.arms[id.index()].clear();
                    self.arms[id.index()].weights.set((parameters[id.index()], weights[id.index()].clone()));
                }
                self.adopted.set_value(Some(experiment));
            }
            Event::Resumed { experiment, parameters, weights } => {
                for id in ArmId::ALL {
                    self.arms[id.index()].weights.set((parameters[id.index()], weights[id.index()].clone()));
                }
                self.current.set_value(Some(experiment.clone()));
                self.adopted.set_value(Some(experiment));
            }
            Event::Checkpoint { step, bytes } => {
                recovery::with(|recovery| recovery.keep(step, &bytes));
                let steps = self.experiment.with_untracked(|experiment| experiment.steps);
                if step < steps {
                    resume::keep(self, step, bytes);
                } else {
                    resume::forget();
                }
            }
            Event::Evaluated(evaluation) => self.show_evaluation(evaluation),
            Event::Progress { step, running, until, rate, batch_hash, millis, commands } => {
                let goal = recovery::with(|recovery| {
                    recovery.reached(step);
                    recovery.goes_on_to(commands)
                });
                let (running, until) = goal.map_or((running, until), |goal| (true, goal));
                if step > 0 {
                    self.timing.update_value(Timing::stepped);
                }
                if rate > 0.0 {
                    self.rate.set_value(rate);
                }
                self.progress.set(Progress { step, running, until, rate, batch_hash, millis });
                self.settle(commands);
            }
            Event::ArmStopped { arm, step, reason } => {
                self.arms[arm.index()].stopped.set(Some((step, reason.clone())));
                let name = arm.letter();
                self.notify(Level::Error, &words::arm_stopped(name), &reason);
            }
            Event::Embeddings { request, n, dim, z, labels, norms, .. } => {
                let step = self.progress.with_untracked(|progress| progress.step);
                self.emit(&Signal::Embeddings(request, EmbeddingsAnswer { n, dim, z, labels, norms, step }));
            }
            Event::Inspected { arm, index, pictures, neighbours, predicted, .. } => {
                let neighbours =
                    neighbours.into_iter().map(|near| (near.label, near.similarity, near.picture)).collect();
                self.inspection.set(Some(Inspection { arm, index, pictures, neighbours, predicted }));
            }
            Event::Model { request, bytes } => self.emit(&Signal::Bytes(request, bytes)),
            Event::Told { request, story } => self.emit(&Signal::Bytes(request, story)),
            Event::SelfTested { request, checks } => self.emit(&Signal::SelfTest(request, checks)),
            Event::Drawn { arm } => self.with_viewport(|viewport| viewport.drawn(arm)),
            Event::Notice { level, input, message } => {
                if level == Level::Error {
                    recovery::with(|recovery| recovery.refused(&input));
                }
                self.notify(level, &input, &message);
            }
        }
    }

    fn with_viewport(self, act: impl FnOnce(Viewport)) {
        if let Some(viewport) = self.viewport.get_value() {
            act(viewport);
        }
    }

    /// Points of an arm, live or recorded.
    pub fn show_points(self, arm: ArmId, directions: &[f32], norms: Vec<f32>) {
        self.with_viewport(|viewport| viewport.show(arm, directions, &norms));
        self.arms[arm.index()].take(directions, norms);
    }

    /// Points of an arm that move by themselves, so that nothing has to be eased: in its picture only.
    pub fn place_points(self, arm: ArmId, directions: &[f32], norms: &[f32]) {
        self.with_viewport(|viewport| viewport.place(arm, directions, norms));
    }

    /// The data set of what is shown.
    pub fn show_data(self, info: DataInfo) {
        self.inspection.set(None);
        self.with_viewport(|viewport| viewport.show_data(&info.labels));
        self.data.set(Some(info));
    }

    fn show_evaluation(self, evaluation: crate::protocol::Evaluation) {
        let arm = self.arms[evaluation.arm.index()];
        self.replay.keep(evaluation.arm, &evaluation.directions, &evaluation.norms);
        if self.replay.at.with_untracked(Option::is_none) {
            self.show_points(evaluation.arm, &evaluation.directions, evaluation.norms);
        }
        let losses = evaluation.losses;
        // A resumed run may tell again what it had told before it was saved.
        arm.losses.update(|all| {
            let known = all.last().map_or(-1.0, |(step, _)| *step);
            all.extend(
                losses.into_iter().map(|(step, loss)| (f64::from(step + 1), loss)).filter(|(step, _)| *step > known),
            );
        });
        arm.history.update(|all| {
            if !evaluation.values.is_empty() && all.last().is_none_or(|(step, _)| *step < evaluation.step) {
                all.push((evaluation.step, evaluation.values.into_iter().collect()));
            }
        });
        self.emit(&Signal::Metrics(evaluation.arm));
    }

    /// The engine has carried out `commands`: whoever waits for one goes on.
    fn settle(self, commands: u32) {
        let known = self.done.get_untracked();
        // A revived engine first comes back to where it was.
        let done = u32::try_from(self.base.get_value() + i64::from(commands)).unwrap_or_default().max(known);
        self.unanswered.update_value(|all| drop(all.drain(..((done - known) as usize).min(all.len()))));
        let caught_up = done == self.sent.get_value();
        if caught_up && let Some(experiment) = self.adopted.get_value() {
            self.adopted.set_value(None);
            self.take_over(experiment);
        }
        if known != done {
            self.done.set(done);
        }
        self.be_ready();
        replay::settle(self);
        self.emit(&Signal::State);
    }

    /// The engine may have changed the experiment: opened files, a batch larger than the data.
    fn take_over(self, engine: Experiment) {
        let page = self.experiment.get_untracked();
        let next = Experiment { data: engine.data, arms: engine.arms, preset: page.preset.clone(), ..page.clone() };
        let next = if next.data == page.data { next } else { Experiment { preset: None, ..next } };
        if next != page {
            self.experiment.set(next);
        }
    }

    /// What makes the arms differ: (parameter, text in A, text in B).
    pub fn differences(self) -> Vec<(&'static ArmParam, String, String)> {
        self.experiment.with(|experiment| {
            let text = |arm: ArmId, param: &ArmParam| (param.get)(experiment.arm(arm)).to_string();
            ARM_PARAMS
                .iter()
                .filter(|param| param.applies_to(experiment.method))
                .map(|param| (param, text(ArmId::A, param), text(ArmId::B, param)))
                .filter(|(_, a, b)| a != b)
                .collect()
        })
    }
}

/// Whether the engine has to know: looks are the page's own business.
fn engine_cares(before: &Experiment, after: &Experiment) -> bool {
    before.needs_reset(after) || before.steps != after.steps || before.eval != after.eval || before.speed != after.speed
}

/// The query part of the address; files can't be linked to.
pub fn link_query(experiment: &Experiment) -> String {
    if experiment.data == DataName::Files {
        return url::link(&Experiment { data: DataName::Digits, preset: None, ..experiment.clone() });
    }
    url::link(experiment)
}

fn query() -> String {
    window().location().search().unwrap_or_default()
}
