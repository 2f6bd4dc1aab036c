//! The engine's loop: the session, its device and, with WebGPU, the spheres. Messages first, then a training step, then a turn for
//! the browser.
//!
//! On the CPU a second worker trains arm B (`second_worker`), where the browser has cores for it; the page starts it.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use web_sys::OffscreenCanvas;
use web_time::Instant;

use super::failure::fail;
use super::inbox::Inbox;
use super::page::{self, Page};
use super::second_worker::SecondWorker;
use super::spheres::Spheres;
use super::turn::{Turn, pace};
use crate::config::ArmId;
use crate::engine::device::Compute;
use crate::engine::session::Session;
use crate::protocol::{Command, DeviceInfo, DeviceKind, Event, Revival};

/// What the loop takes between two steps.
#[expect(clippy::large_enum_variant, reason = "few messages wait, and most are commands")]
enum Incoming {
    /// From the page.
    Page(page::PageMessage),
    /// The second worker is up.
    SecondWorker(Rc<SecondWorker>),
}

/// Runs as long as the worker lives.
pub async fn run() {
    Engine::new().run().await;
}

/// The session or the second worker is gone: the page starts afresh from the last checkpoint.
fn give_up(why: &impl std::fmt::Display) {
    fail(&format!("The engine can't go on: {why}"));
}

struct Engine {
    inbox: Inbox<Incoming>,
    page: Page,
    turn: Turn,
    compute: Option<Compute>,
    /// Where the page believes the arms to be trained, if that is not what was found at first.
    told: Option<DeviceInfo>,
    session: Option<Session>,
    spheres: Spheres,
    /// When the run was last saved.
    saved: Instant,
}

impl Engine {
    fn new() -> Engine {
        let inbox = Inbox::default();
        let heard = inbox.clone();
        Engine {
            inbox,
            page: Page::open(move |said| heard.put(Incoming::Page(said))),
            turn: Turn::new(),
            compute: None,
            told: None,
            session: None,
            spheres: Spheres::default(),
            saved: Instant::now(),
        }
    }

    async fn run(mut self) {
        loop {
            while let Some(message) = self.inbox.take() {
                self.receive(message).await;
            }
            if self.session.as_ref().is_some_and(Session::is_running) {
                self.step().await;
            } else {
                self.inbox.filled().await;
            }
        }
    }

    async fn receive(&mut self, message: Incoming) {
        match message {
            Incoming::Page(page::PageMessage::Canvas(arm, canvas)) => self.adopt(arm, canvas).await,
            Incoming::Page(page::PageMessage::Command(command)) => self.carry_out(command).await,
            Incoming::Page(page::PageMessage::Unreadable(problem)) => {
                self.page.tell_fault("engine", format!("The engine could not read what the page sent: {problem}."));
            }
            Incoming::SecondWorker(second) => self.share(second).await,
        }
    }

    async fn carry_out(&mut self, command: Command) {
        match command {
            Command::Draw { arm, frame } => {
                self.spheres.draw(arm, &frame);
                self.page.tell(&Event::Drawn { arm });
            }
            Command::Start(experiment) if self.session.is_none() => {
                self.start(Revival { experiment, ..Revival::default() }).await;
            }
            Command::Revive(revival) if self.session.is_none() => self.start(*revival).await,
            command => {
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
                    Err(error) => give_up(&error),
                }
            }
        }
    }

    async fn start(&mut self, revival: Revival) {
        self.page.tell(&Event::Loading { stage: "Looking for a device".to_owned() });
        let compute = Compute::find(revival.experiment.view.device).await;
        self.page.tell(&Event::Ready(compute.info.clone()));
        self.page.tell(&Event::Loading { stage: "Building both models".to_owned() });
        self.turn.give().await;
        let autoplay = revival.experiment.view.autoplay;
        self.compute = Some(compute.clone());
        let (mut session, mut events) = match Session::revive(compute, revival).await {
            Ok(revived) => revived,
            Err(error) => return give_up(&error),
        };
        if autoplay && !session.lacks_files() {
            match session.handle(Command::Play).await {
                Ok(playing) => events.extend(playing),
                Err(error) => return give_up(&error),
            }
        }
        self.session = Some(session);
        self.publish(events);
        self.call_second_worker();
    }

    /// On the CPU two arms use two cores, as soon as a second worker is up.
    fn call_second_worker(&self) {
        if self.compute.as_ref().is_none_or(|compute| compute.info.kind != DeviceKind::Cpu) {
            return;
        }
        let inbox = self.inbox.clone();
        spawn_local(async move {
            match SecondWorker::reach().await {
                Ok(Some(second)) => inbox.put(Incoming::SecondWorker(second)),
                Ok(None) => {}
                Err(problem) => log::warn!("Both arms train in one worker, as the second one does not run. {problem}"),
            }
        });
    }

    /// From now on the second worker trains arm B.
    async fn share(&mut self, second: Rc<SecondWorker>) {
        if let Some(session) = &mut self.session
            && session.take_help(second).await
            && let Some(compute) = &mut self.compute
        {
            compute.info.reason.push_str(" Each arm has a worker of its own.");
            self.page.tell(&Event::Ready(compute.info.clone()));
        }
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
                give_up(&error);
                // The page ends this worker when it hears that.
                self.session = None;
            }
        }
        self.turn.give().await;
        pace(speed, begun, || !self.inbox.is_empty()).await;
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
            Ok(bytes) => self.page.tell(&Event::Checkpoint { step, bytes }),
            Err(error) => log::warn!("the run could not be saved: {error}"),
        }
    }

    /// Sends events to the page and keeps the spheres' points up to date.
    fn publish(&mut self, events: Vec<Event>) {
        let rebuilt = events.iter().any(|event| matches!(event, Event::Restarted { .. } | Event::Resumed { .. }));
        for event in events {
            self.spheres.follow(&event, self.session.as_ref());
            self.page.tell(&event);
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
                self.page.tell(&Event::Ready(info.clone()));
                self.told = Some(info);
            }
        }
    }

    /// Takes over a canvas; where that fails, the page draws.
    async fn adopt(&mut self, arm: ArmId, canvas: OffscreenCanvas) {
        let gpu = self.compute.as_ref().and_then(|compute| compute.gpu().cloned());
        if let Err(error) = self.spheres.adopt(arm, canvas, gpu, self.session.as_ref()).await {
            self.page.tell_fault("sphere", format!("{error} The page draws it instead."));
            if let Some(compute) = &mut self.compute {
                compute.info.draws = false;
                self.page.tell(&Event::Ready(compute.info.clone()));
            }
            self.tell_device();
        }
    }
}
