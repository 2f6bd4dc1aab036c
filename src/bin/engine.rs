//! The dedicated worker: the session, its device and, with WebGPU, the spheres.
//!
//! Messages in: postcard bytes of a [`Command`], or `[arm, OffscreenCanvas]`. Messages out: postcard bytes of an [`Event`].
//! One loop does everything: messages first, then a training step, then a turn for the browser.
//!
//! On the CPU a second worker trains arm B (`worker.js?arm`, see [`aide`]), where the browser has cores for it; the page starts it.
//!
//! Loaded as `worker.js?study` the same module does the rooms' studies instead: postcard bytes of a [`Job`] in, of
//! [`Said`] out.

#[path = "engine/aide.rs"]
mod aide;
#[path = "engine/memory.rs"]
mod memory;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{Array, Function, Promise, Uint8Array};
use normscope::config::ArmId;
use normscope::engine::bench::Counts;
use normscope::engine::device::Compute;
use normscope::engine::session::Session;
use normscope::lab::Said;
use normscope::protocol::{Command, DeviceInfo, DeviceKind, Event, Frame, Level, Revival};
use normscope::render::gpu::{Painter, View};
use normscope::studies::job::Job;
use normscope::studies::worker::Studies;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, OffscreenCanvas};
use web_time::Instant;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, millis: f64);

    /// `MessageChannel`: the quickest macrotask there is (timers wait at least 4 ms when nested).
    type MessageChannel;
    #[wasm_bindgen(constructor)]
    fn new() -> MessageChannel;
    #[wasm_bindgen(method, getter)]
    fn port1(this: &MessageChannel) -> Port;
    #[wasm_bindgen(method, getter)]
    fn port2(this: &MessageChannel) -> Port;

    /// Tells the page that the engine can't go on (worker.js).
    #[wasm_bindgen(js_name = normscopeFail)]
    fn fail(why: &str);

    /// The loader's query: what this worker is for.
    #[wasm_bindgen(thread_local_v2, js_name = normscopeMode)]
    static MODE: JsValue;

    type Port;
    #[wasm_bindgen(method, setter)]
    fn set_onmessage(this: &Port, callback: &Function);
    #[wasm_bindgen(method, js_name = postMessage)]
    fn post(this: &Port, message: &JsValue);
}

/// The query with which this module does studies.
const STUDY: &str = "?study";

#[expect(clippy::large_enum_variant, reason = "few messages wait, and most are commands")]
enum Incoming {
    Command(Command),
    Canvas(ArmId, OffscreenCanvas),
    /// The second worker is up.
    Aide(Rc<aide::Aide>),
}

/// Messages that wait, and what wakes the loop.
#[derive(Default)]
struct Inbox {
    queue: VecDeque<Incoming>,
    wake: Option<Function>,
}

type SharedInbox = Rc<RefCell<Inbox>>;

fn main() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        fail(&format!("The engine stopped: {info}"));
    }));
    let _ = console_log::init_with_level(log::Level::Warn);
    match MODE.with(JsValue::as_string).as_deref() {
        Some(STUDY) => return study(),
        Some(aide::ARM) => return aide::serve(),
        _ => {}
    }
    let inbox = SharedInbox::default();
    listen(&inbox);
    spawn_local(async move { Worker::new(inbox).run().await });
}

/// In this mode there is no session: jobs come in, what the lab says goes out, and ending the worker cancels.
fn study() {
    let studies = Rc::new(RefCell::new(Some(Studies::new(host))));
    let callback = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let bytes = event.data().dyn_ref::<Uint8Array>().map(Uint8Array::to_vec).unwrap_or_default();
        let Ok(job) = postcard::from_bytes::<Job>(&bytes) else {
            post(&Said::Failed("That message is no job.".to_owned()));
            return;
        };
        // One job at a time: while one runs, the studies are with it.
        let Some(mut own) = studies.borrow_mut().take() else { return };
        let home = Rc::clone(&studies);
        spawn_local(async move {
            let turn = Turn::new();
            own.work(job, &mut |said| post(&said), &async || turn.give().await).await;
            home.replace(Some(own));
        });
    });
    scope().set_onmessage(Some(callback.as_ref().unchecked_ref()));
    callback.forget();
}

/// What the loader has counted of the device's work, and the adapter's limits.
fn host() -> (Option<Counts>, String) {
    let global = js_sys::global();
    let field = |object: &JsValue, name: &str| js_sys::Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let counts = field(&global, "normscopeCounts");
    let number = |name: &str| field(&counts, name).as_f64().unwrap_or_default() as u64;
    let counted = counts.is_object().then(|| Counts {
        dispatches: number("dispatches"),
        submits: number("submits"),
        bind_groups: number("bindGroups"),
        read_backs: number("readBacks"),
        buffers: number("buffers"),
        buffer_bytes: number("bufferBytes"),
    });
    (counted, field(&global, "normscopeLimits").as_string().unwrap_or_default())
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn listen(inbox: &SharedInbox) {
    let inbox = Rc::clone(inbox);
    let callback = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let Some(message) = read(&event.data()) else {
            log::error!("a message that is no command was left out");
            return;
        };
        deliver(&inbox, message);
    });
    scope().set_onmessage(Some(callback.as_ref().unchecked_ref()));
    callback.forget();
}

/// Puts a message into the inbox and wakes the loop.
fn deliver(inbox: &SharedInbox, message: Incoming) {
    let mut inbox = inbox.borrow_mut();
    inbox.queue.push_back(message);
    if let Some(wake) = inbox.wake.take() {
        let _ = wake.call0(&JsValue::NULL);
    }
}

fn read(data: &JsValue) -> Option<Incoming> {
    if let Some(bytes) = data.dyn_ref::<Uint8Array>() {
        return postcard::from_bytes(&bytes.to_vec()).ok().map(Incoming::Command);
    }
    let pair = data.dyn_ref::<Array>()?;
    let arm = ArmId::parse(&pair.get(0).as_string()?)?;
    Some(Incoming::Canvas(arm, pair.get(1).dyn_into().ok()?))
}

fn send(event: &Event) {
    post(event);
}

fn post(message: &impl serde::Serialize) {
    match postcard::to_stdvec(message) {
        Ok(bytes) => {
            let _ = scope().post_message(&Uint8Array::from(bytes.as_slice()));
        }
        Err(error) => log::error!("a message could not be sent: {error}"),
    }
}

fn fault(input: &str, message: String) -> Event {
    Event::Notice { level: Level::Error, input: input.to_owned(), message }
}

/// The device or the second worker is gone: the page starts afresh from the last checkpoint.
fn give_up(why: &str) {
    fail(&format!("The engine can't go on: {why}"));
}

struct Worker {
    inbox: SharedInbox,
    turn: Turn,
    compute: Option<Compute>,
    /// Where the page believes the arms to be trained, if that is not what was found at first.
    told: Option<DeviceInfo>,
    session: Option<Session>,
    painter: Option<Painter>,
    views: [Option<View>; 2],
    labels: Vec<u16>,
    /// When the run was last saved.
    saved: Instant,
    /// The last (directions, norms) of each arm, for canvases that come later.
    points: [Option<(Vec<f32>, Vec<f32>)>; 2],
}

impl Worker {
    fn new(inbox: SharedInbox) -> Worker {
        Worker {
            inbox,
            turn: Turn::new(),
            compute: None,
            told: None,
            session: None,
            painter: None,
            views: [None, None],
            labels: Vec::new(),
            saved: Instant::now(),
            points: [None, None],
        }
    }

    async fn run(mut self) {
        loop {
            while let Some(message) = self.next_message() {
                self.take(message).await;
            }
            if self.session.as_ref().is_some_and(Session::is_running) {
                self.step().await;
            } else {
                self.wait().await;
            }
        }
    }

    fn next_message(&self) -> Option<Incoming> {
        self.inbox.borrow_mut().queue.pop_front()
    }

    /// Until the next message.
    async fn wait(&self) {
        let promise = Promise::new(&mut |resolve, _| {
            let mut inbox = self.inbox.borrow_mut();
            if inbox.queue.is_empty() {
                inbox.wake = Some(resolve);
            } else {
                let _ = resolve.call0(&JsValue::NULL);
            }
        });
        let _ = JsFuture::from(promise).await;
    }

    async fn take(&mut self, message: Incoming) {
        match message {
            Incoming::Canvas(arm, canvas) => self.adopt(arm, canvas).await,
            Incoming::Aide(aide) => {
                if let Some(session) = &mut self.session
                    && session.take_help(aide).await
                    && let Some(compute) = &mut self.compute
                {
                    compute.info.reason.push_str(" Each arm has a worker of its own.");
                    send(&Event::Ready(compute.info.clone()));
                }
            }
            Incoming::Command(Command::Draw { arm, frame }) => self.draw(arm, &frame),
            Incoming::Command(Command::Start(experiment)) if self.session.is_none() => {
                self.start(Revival { experiment, ..Revival::default() }).await;
            }
            Incoming::Command(Command::Revive(revival)) if self.session.is_none() => self.start(*revival).await,
            Incoming::Command(command) => {
                let Some(session) = &mut self.session else { return };
                // Changed settings are in no earlier checkpoint.
                let saves =
                    matches!(command, Command::Pause) && session.is_running() || matches!(command, Command::Adjust(_));
                match session.handle(command).await {
                    Ok(events) => {
                        self.publish(events);
                        if saves {
                            self.save(true).await;
                        }
                    }
                    Err(error) => give_up(&error.to_string()),
                }
            }
        }
    }

    async fn start(&mut self, revival: Revival) {
        send(&Event::Loading { stage: "Looking for a device".to_owned() });
        let compute = Compute::find(revival.experiment.view.device).await;
        send(&Event::Ready(compute.info.clone()));
        send(&Event::Loading { stage: "Building both models".to_owned() });
        self.turn.give().await;
        let autoplay = revival.experiment.view.autoplay;
        self.compute = Some(compute.clone());
        match Session::revive(compute, revival).await {
            Ok((mut session, mut events)) => {
                if autoplay && !session.lacks_files() {
                    events.extend(session.handle(Command::Play).await.unwrap_or_default());
                }
                self.session = Some(session);
                self.publish(events);
                self.call_for_help();
            }
            Err(error) => give_up(&error.to_string()),
        }
    }

    /// On the CPU two arms use two cores, as soon as a second worker is up.
    fn call_for_help(&self) {
        if self.compute.as_ref().is_none_or(|compute| compute.info.kind != DeviceKind::Cpu) {
            return;
        }
        let inbox = Rc::clone(&self.inbox);
        spawn_local(async move {
            if let Some(aide) = aide::Aide::start().await {
                deliver(&inbox, Incoming::Aide(aide));
            }
        });
    }

    async fn step(&mut self) {
        let Some(session) = &mut self.session else { return };
        let begun = Instant::now();
        let result = session.tick().await;
        let speed = session.experiment().view.speed;
        let settled = session.settle().await;
        match result.and_then(|events| settled.map(|()| events)) {
            Ok(events) => {
                self.publish(events);
                self.save(false).await;
            }
            Err(error) => {
                give_up(&error.to_string());
                // Whoever hears it ends this worker.
                self.session = None;
            }
        }
        self.turn.give().await;
        self.pace(speed, begun).await;
    }

    /// Gives the page the run's state every few seconds and when the run pauses or ends.
    async fn save(&mut self, now: bool) {
        const EVERY: f64 = 4.0;
        let Some(session) = self.session.as_ref().filter(|session| !session.lacks_files()) else { return };
        if !now && session.is_running() && self.saved.elapsed().as_secs_f64() < EVERY {
            return;
        }
        self.saved = Instant::now();
        let step = session.step();
        match session.checkpoint().await {
            Ok(bytes) => send(&Event::Checkpoint { step, bytes }),
            Err(error) => log::warn!("the run could not be saved: {error}"),
        }
    }

    /// Keeps to `speed` steps a second (0: as fast as possible); a message ends the wait early.
    async fn pace(&mut self, speed: u32, begun: Instant) {
        const SLICE: f64 = 40.0;
        if speed == 0 {
            return;
        }
        let until = 1000.0 / f64::from(speed);
        loop {
            let left = until - begun.elapsed().as_secs_f64() * 1000.0;
            if left <= 0.0 || !self.inbox.borrow().queue.is_empty() {
                return;
            }
            sleep(left.min(SLICE)).await;
        }
    }

    /// Sends events to the page and keeps the spheres' points up to date.
    fn publish(&mut self, events: Vec<Event>) {
        let mut rebuilt = false;
        for event in events {
            match &event {
                Event::Restarted { .. } | Event::Resumed { .. } => rebuilt = true,
                Event::Data(info) => {
                    self.labels.clone_from(&info.labels);
                    self.points = [None, None];
                    for view in self.views.iter_mut().flatten() {
                        view.picture.begin(&info.labels);
                    }
                }
                Event::Evaluated(evaluation) => {
                    self.points[evaluation.arm.index()] =
                        Some((evaluation.directions.clone(), evaluation.norms.clone()));
                    self.show(evaluation.arm);
                }
                _ => {}
            }
            send(&event);
        }
        if rebuilt {
            self.tell_device();
        }
    }

    /// Says so when the arms are trained elsewhere than before: other settings may be too large for the GPU.
    fn tell_device(&mut self) {
        if let (Some(session), Some(compute)) = (&self.session, &self.compute)
            && compute.gpu().is_some()
        {
            let info = session.device(&compute.info);
            if self.told.as_ref().unwrap_or(&compute.info) != &info {
                send(&Event::Ready(info.clone()));
                self.told = Some(info);
            }
        }
    }

    /// Brings an arm's picture to its latest points: on the GPU, where they are there already.
    fn show(&mut self, arm: ArmId) {
        let (Some(painter), Some(view)) = (&self.painter, &mut self.views[arm.index()]) else { return };
        let session = self.session.as_ref().filter(|session| !session.lacks_files());
        let points = session.and_then(|session| session.arm(arm).points().zip(session.latest(arm)));
        match (points, &self.points[arm.index()]) {
            (Some((points, latest)), _) => painter.place(&mut view.picture, &points, &latest.axes),
            (None, Some((directions, norms))) => view.picture.update(directions, norms),
            (None, None) => {}
        }
    }

    /// Takes over a canvas and shows on it what is there already.
    async fn adopt(&mut self, arm: ArmId, canvas: OffscreenCanvas) {
        if let Err(error) = self.try_adopt(arm, canvas).await {
            send(&fault("sphere", format!("{error} The page draws it instead.")));
            if let Some(compute) = &mut self.compute {
                compute.info.draws = false;
                send(&Event::Ready(compute.info.clone()));
            }
            self.tell_device();
        }
    }

    async fn try_adopt(&mut self, arm: ArmId, canvas: OffscreenCanvas) -> Result<(), String> {
        let gpu =
            self.compute.as_ref().and_then(|compute| compute.gpu().cloned()).ok_or("There is no GPU to draw with.")?;
        let surface = gpu
            .instance
            .create_surface(wgpu::SurfaceTarget::OffscreenCanvas(canvas))
            .map_err(|error| format!("The canvas can't be drawn on: {error}"))?;
        if self.painter.is_none() {
            let format = surface
                .get_capabilities(&gpu.adapter)
                .formats
                .into_iter()
                .find(|format| !format.is_srgb())
                .ok_or("The canvas offers no colour format.")?;
            self.painter = Some(Painter::new(&gpu, format).await?);
        }
        let Some(painter) = &self.painter else { return Ok(()) };
        let mut view = painter.view(surface);
        view.picture.begin(&self.labels);
        self.views[arm.index()] = Some(view);
        self.show(arm);
        Ok(())
    }

    fn draw(&mut self, arm: ArmId, frame: &Frame) {
        if let (Some(painter), Some(view)) = (&self.painter, &mut self.views[arm.index()]) {
            painter.draw(view, frame);
        }
        send(&Event::Drawn { arm });
    }
}

/// A turn for the browser: messages, timers and pictures get theirs.
struct Turn {
    channel: MessageChannel,
}

impl Turn {
    fn new() -> Turn {
        Turn { channel: MessageChannel::new() }
    }

    async fn give(&self) {
        let promise = Promise::new(&mut |resolve, _| {
            self.channel.port1().set_onmessage(&resolve);
            self.channel.port2().post(&JsValue::NULL);
        });
        let _ = JsFuture::from(promise).await;
    }
}

async fn sleep(millis: f64) {
    let _ = JsFuture::from(Promise::new(&mut |resolve, _| set_timeout(&resolve, millis))).await;
}
