//! Both cameras (linked), transitions, the animation loop, and the point under the pointer.
//!
//! One loop for both panes: it advances what moves and paints a pane only when its picture would differ from the last.

use glam::Vec2;
use gloo::render::AnimationFrame;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};
use web_time::Instant;

use crate::config::{ArmId, ColourBy, Shape};
use crate::parts::canvas::pen;
use crate::protocol::{Frame, Scene};
use crate::render::painter;
use crate::render::scene::{Cloud, common_range};

/// Seconds that points take to their new places.
const TWEEN: f32 = 0.45;
/// Radians a second that untouched spheres turn by.
const IDLE_TURN: f32 = 0.10;
/// How fast a pushed sphere slows down, 1/seconds.
const FRICTION: f32 = 3.5;
/// How fast the shape and the range of norms follow, 1/seconds.
const FOLLOW: f32 = 7.0;
/// Share of its time that the page spends painting, at most: the rest is for clicks, charts and the browser.
const PAINT_SHARE: f64 = 0.25;
/// Milliseconds between two frames of the usual screen.
const FRAME: f64 = 17.0;
/// Every so many frames the numbers and charts follow a record that plays; the others are for the spheres.
const NUMBERS_EVERY: usize = 7;
/// CSS pixels around a point that still count as on it.
const REACH: f32 = 9.0;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = normscopePixels)]
    fn pixels(element: &HtmlCanvasElement) -> js_sys::Array;
}

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

/// A point of an arm.
pub type PointRef = (ArmId, u32);

/// The handle that panes, inspector and model share.
#[derive(Clone, Copy)]
pub struct Viewport {
    /// The point under the pointer.
    pub hovered: RwSignal<Option<PointRef>>,
    /// The point that was clicked or walked to.
    pub pinned: RwSignal<Option<PointRef>>,
    /// Where the active point is in its pane, CSS pixels.
    pub anchor: RwSignal<(f32, f32)>,
    inner: StoredValue<Inner, LocalStorage>,
}

/// What a frame shows, apart from the points.
#[derive(Clone, Copy, Debug)]
pub struct Looks {
    /// On the sphere or with true length.
    pub shape: Shape,
    /// What the points' colours say.
    pub colour: ColourBy,
    /// Dark page background.
    pub dark: bool,
    /// The page shows through.
    pub clear: bool,
    /// The engine draws the points on canvases of its own.
    pub engine_draws: bool,
}

/// The engine, which draws on canvases that it was given.
pub trait Draws {
    /// Gives it a canvas.
    fn give_canvas(&self, arm: ArmId, canvas: &HtmlCanvasElement);
    /// Asks for a picture.
    fn draw(&self, arm: ArmId, frame: Frame);
}

/// One pane's canvases.
#[derive(Default)]
struct PaneState {
    /// Painted by the page: everything without WebGPU, rings and highlight with it.
    flat: Option<(HtmlCanvasElement, CanvasRenderingContext2d)>,
    /// Painted by the engine, once handed over.
    gpu: Option<HtmlCanvasElement>,
    handed_over: bool,
    /// The engine has not finished the last picture yet.
    waiting: bool,
    cloud: Cloud,
    tween: f32,
    painted: Option<Frame>,
    stale: bool,
}

struct Inner {
    panes: [PaneState; 2],
    yaw: f32,
    pitch: f32,
    zoom: f32,
    spin: Vec2,
    morph: f32,
    range: [f32; 2],
    last: f64,
    /// When the page may paint again, milliseconds.
    paint_from: f64,
    /// Frames so far, while they are shared out.
    frames: usize,
    touched: bool,
    held: bool,
    still: bool,
    /// Who drew last: the engine or the page.
    engine_drew: bool,
    inspected: Option<PointRef>,
    frame: Option<AnimationFrame>,
}

impl Viewport {
    /// Cameras as the page first shows them.
    pub fn new(shape: Shape) -> Viewport {
        let still = window()
            .match_media("(prefers-reduced-motion: reduce)")
            .ok()
            .flatten()
            .is_some_and(|query| query.matches());
        let morph = f32::from(shape == Shape::Length);
        let inner = Inner {
            panes: Default::default(),
            yaw: 0.5,
            pitch: 0.35,
            zoom: 1.0,
            spin: Vec2::ZERO,
            morph,
            range: common_range([]),
            last: 0.0,
            paint_from: 0.0,
            frames: 0,
            touched: false,
            held: false,
            still,
            engine_drew: false,
            inspected: None,
            frame: None,
        };
        Viewport {
            hovered: RwSignal::default(),
            pinned: RwSignal::default(),
            anchor: RwSignal::default(),
            inner: StoredValue::new_local(inner),
        }
    }

    fn with<T>(self, act: impl FnOnce(&mut Inner) -> T) -> Option<T> {
        self.inner.try_update_value(act)
    }

    /// The pane's own canvas.
    pub fn adopt_flat(self, arm: ArmId, canvas: HtmlCanvasElement) {
        let context = pen(&canvas);
        self.with(|inner| {
            let pane = &mut inner.panes[arm.index()];
            pane.flat = context.map(|context| (canvas, context));
            pane.stale = true;
        });
    }

    /// The canvas that the engine may take over; a fresh one for each worker.
    pub fn adopt_gpu(self, arm: ArmId, canvas: HtmlCanvasElement) {
        self.with(|inner| {
            let pane = &mut inner.panes[arm.index()];
            pane.gpu = Some(canvas);
            pane.handed_over = false;
            pane.waiting = false;
            pane.stale = true;
        });
    }

    /// New data: nothing to draw until its first evaluation.
    pub fn show_data(self, labels: &[u16]) {
        self.hovered.set(None);
        // The same samples again, recorded or live: who looks at one goes on looking at it.
        if self.with(|inner| inner.panes[0].cloud.labels != labels) == Some(true) {
            self.pinned.set(None);
        }
        self.with(|inner| {
            for pane in &mut inner.panes {
                pane.cloud.clear();
                pane.cloud.labels = labels.to_vec();
                pane.stale = true;
            }
        });
    }

    /// New points of an arm.
    pub fn show(self, arm: ArmId, directions: &[f32], norms: &[f32]) {
        self.with(|inner| {
            let pane = &mut inner.panes[arm.index()];
            let shown = pane.painted.map_or(1.0, |frame| frame.tween);
            pane.cloud.update(directions, norms, shown);
            pane.tween = if inner.still { 1.0 } else { 0.0 };
            pane.stale = true;
        });
    }

    /// New points of an arm, at once.
    pub fn place(self, arm: ArmId, directions: &[f32], norms: &[f32]) {
        self.with(|inner| {
            let pane = &mut inner.panes[arm.index()];
            pane.cloud.update(directions, norms, 1.0);
            pane.tween = 1.0;
            pane.stale = true;
        });
    }

    /// Whether the reader wants nothing to move by itself.
    pub fn is_still(self) -> bool {
        self.with(|inner| inner.still).unwrap_or_default()
    }

    /// The engine has finished a picture.
    pub fn drawn(self, arm: ArmId) {
        self.with(|inner| inner.panes[arm.index()].waiting = false);
    }

    /// The next frame, as it was asked for: it is not drawn when the page goes.
    pub fn await_frame(self, frame: AnimationFrame) {
        self.with(|inner| inner.frame = Some(frame));
    }

    /// Seconds since the last frame, and what a frame at `time` (milliseconds) is for.
    pub fn begin_frame(self, time: f64) -> (f64, Share) {
        self.with(|inner| (((time - inner.last) / 1000.0).clamp(0.0, 0.1), inner.share(time)))
            .unwrap_or((0.0, Share::All))
    }

    /// Moves everything on to `time` and paints what this frame is for. The point that the inspector has to ask about, if that is
    /// another one now.
    pub fn tick(self, time: f64, share: Share, looks: Looks, engine: &impl Draws) -> Option<PointRef> {
        let active = self.active();
        let hovering = self.hovered.get_untracked().is_some();
        let anchor = self.with(|inner| {
            inner.advance(time, looks.shape, hovering);
            if std::mem::replace(&mut inner.engine_drew, looks.engine_draws) != looks.engine_draws {
                inner.panes.iter_mut().for_each(|pane| pane.stale = true);
            }
            let mark = active.map(|(_, index)| index);
            if share != Share::Nothing {
                let begun = Instant::now();
                for arm in ArmId::ALL.into_iter().filter(|arm| share.paints(*arm)) {
                    inner.paint(arm, looks, mark, engine);
                }
                // Where painting is slow (a busy or small machine), fewer frames; else every one.
                inner.paint_from = time + begun.elapsed().as_secs_f64() * 1e3 / PAINT_SHARE - FRAME;
            }
            active.and_then(|point| inner.anchor(point))
        });
        if let Some(Some(at)) = anchor
            && at != self.anchor.get_untracked()
        {
            self.anchor.set(at);
        }
        let changed = self.with(|inner| std::mem::replace(&mut inner.inspected, active) != active).unwrap_or_default();
        active.filter(|_| changed)
    }

    /// The point that the inspector is about: the one under the pointer, else the pinned one.
    fn active(self) -> Option<PointRef> {
        self.hovered.get_untracked().or_else(|| self.pinned.get_untracked())
    }

    /// Pins a point, or lets go of it. One that was only pointed at is asked about again: it is wanted now.
    pub fn pin(self, point: Option<PointRef>) {
        self.pinned.set(point);
        self.refresh();
    }

    /// Asks again about the active point, whose embedding has moved.
    pub fn refresh(self) {
        self.with(|inner| inner.inspected = None);
    }

    /// A drag by CSS pixels.
    pub fn drag(self, dx: f32, dy: f32, seconds: f32) {
        const TURN: f32 = 0.0085;
        self.with(|inner| {
            inner.touched = true;
            inner.held = true;
            inner.yaw += dx * TURN;
            inner.pitch = (inner.pitch + dy * TURN).clamp(-1.5, 1.5);
            let fresh = Vec2::new(dx, dy) * TURN / seconds.max(0.008);
            inner.spin = inner.spin * 0.6 + fresh * 0.4;
        });
    }

    /// The pointer is down (nothing turns by itself) or up again.
    pub fn hold(self, held: bool) {
        self.with(|inner| {
            inner.held = held;
            inner.touched = true;
            if held || inner.still {
                inner.spin = Vec2::ZERO;
            }
        });
    }

    /// Turns by a key.
    pub fn turn(self, yaw: f32, pitch: f32) {
        self.with(|inner| {
            inner.touched = true;
            inner.yaw += yaw;
            inner.pitch = (inner.pitch + pitch).clamp(-1.5, 1.5);
        });
    }

    /// Nearer (above 1) or farther.
    pub fn zoom(self, factor: f32) {
        self.with(|inner| {
            inner.touched = true;
            inner.zoom = (inner.zoom * factor).clamp(0.5, 6.0);
        });
    }

    /// The first view again.
    pub fn home(self) {
        self.with(|inner| (inner.yaw, inner.pitch, inner.zoom, inner.spin) = (0.5, 0.35, 1.0, Vec2::ZERO));
    }

    /// The point at a place in a pane, CSS pixels.
    pub fn point_at(self, arm: ArmId, x: f32, y: f32) -> Option<u32> {
        self.with(|inner| {
            let pane = &inner.panes[arm.index()];
            let frame = pane.painted?;
            let at = Vec2::new(x, y) * frame.pixel_ratio;
            pane.cloud.pick(&frame, at, REACH * frame.pixel_ratio).map(|index| index as u32)
        })
        .flatten()
    }

    /// Walks from the pinned point to the next one in a direction on the screen.
    pub fn walk(self, arm: ArmId, x: f32, y: f32) {
        let from = self.pinned.get_untracked().map(|(_, index)| index as usize);
        let next = self.with(|inner| {
            let pane = &inner.panes[arm.index()];
            pane.cloud.step_from(&pane.painted?, from, Vec2::new(x, y))
        });
        if let Some(Some(index)) = next {
            self.hovered.set(None);
            self.pin(Some((arm, index as u32)));
        }
    }

    /// What a sphere shows now, as postcard bytes of a [`Scene`]; `None` before the first picture.
    pub fn scene(self, arm: ArmId) -> Option<Vec<u8>> {
        self.with(|inner| {
            let pane = &inner.panes[arm.index()];
            let frame = pane.painted?;
            let (directions, norms) = pane.cloud.points();
            let labels = pane.cloud.labels.clone();
            postcard::to_stdvec(&Scene { frame, directions, norms, labels }).ok()
        })
        .flatten()
    }

    /// Where a point is, CSS pixels; for tests of the page.
    pub fn locate(self, arm: ArmId, index: u32) -> Option<(f32, f32)> {
        self.with(|inner| inner.anchor((arm, index))).flatten()
    }
}

impl Inner {
    /// What a frame at `time` is for.
    fn share(&mut self, time: f64) -> Share {
        if time < self.paint_from {
            return Share::Nothing;
        }
        // Both spheres follow a hand at once; what the engine paints costs the page nothing.
        if self.held || self.engine_drew {
            return Share::All;
        }
        self.frames += 1;
        match self.frames % NUMBERS_EVERY {
            0 => Share::Numbers,
            frame => Share::Sphere(ArmId::ALL[frame % 2]),
        }
    }

    fn advance(&mut self, time: f64, shape: Shape, hovering: bool) {
        let dt = (((time - self.last) / 1000.0) as f32).clamp(0.0, 0.1);
        self.last = time;
        if !self.held {
            self.yaw += self.spin.x * dt;
            self.pitch = (self.pitch + self.spin.y * dt).clamp(-1.5, 1.5);
            self.spin *= (-FRICTION * dt).exp();
            if self.spin.length() < 0.01 {
                self.spin = Vec2::ZERO;
            }
        }
        if !self.touched && !self.still && !hovering {
            self.yaw += IDLE_TURN * dt;
        }
        let share = if self.still { 1.0 } else { 1.0 - (-FOLLOW * dt).exp() };
        self.morph = follow(self.morph, f32::from(shape == Shape::Length), share);
        let target = common_range(self.panes.iter().filter_map(|pane| pane.cloud.norm_range()));
        for (now, target) in self.range.iter_mut().zip(target) {
            *now = follow(now.ln(), target.ln(), share).exp();
        }
        for pane in &mut self.panes {
            pane.tween = (pane.tween + dt / TWEEN).min(1.0);
        }
    }

    fn paint(&mut self, arm: ArmId, looks: Looks, mark: Option<u32>, engine: &impl Draws) {
        let (yaw, pitch, zoom, morph, norm_range) = (self.yaw, self.pitch, self.zoom, self.morph, self.range);
        let pane = &mut self.panes[arm.index()];
        let Some((canvas, context)) = &pane.flat else { return };
        let own_ratio = window().device_pixel_ratio() as f32;
        let ratio = own_ratio.clamp(1.0, 3.0);
        let told = pixels(canvas);
        let size = |at: u32, css: i32| match told.get(at).as_f64() {
            // A browser that plays a phone may count its own screen's.
            Some(pixels) if ratio == own_ratio && (pixels as f32 - css as f32 * ratio).abs() <= ratio => pixels as u32,
            _ => (css as f32 * ratio).round() as u32,
        };
        let (width, height) = (size(0, canvas.client_width()), size(1, canvas.client_height()));
        if width == 0 || height == 0 {
            return;
        }
        let frame = Frame {
            width,
            height,
            pixel_ratio: ratio,
            yaw,
            pitch,
            zoom,
            morph,
            tween: ease(pane.tween),
            by_norm: looks.colour == ColourBy::Norm,
            norm_range,
            dark: looks.dark,
            clear: looks.clear,
            highlight: mark,
        };
        if looks.engine_draws
            && !pane.handed_over
            && let Some(gpu) = &pane.gpu
        {
            engine.give_canvas(arm, gpu);
            pane.handed_over = true;
            pane.stale = true;
        }
        if !pane.stale && pane.painted == Some(frame) {
            return;
        }
        if looks.engine_draws && pane.waiting {
            return;
        }
        if canvas.width() != width || canvas.height() != height {
            canvas.set_width(width);
            canvas.set_height(height);
        }
        if looks.engine_draws {
            pane.waiting = true;
            engine.draw(arm, frame);
            painter::overlay(context, &frame, &pane.cloud);
        } else {
            painter::paint(context, &frame, &pane.cloud);
        }
        pane.painted = Some(frame);
        pane.stale = false;
    }

    fn anchor(&self, (arm, index): PointRef) -> Option<(f32, f32)> {
        let pane = &self.panes[arm.index()];
        let frame = pane.painted?;
        let (at, _) = pane.cloud.locate(&frame, index as usize)?;
        let at = (at / frame.pixel_ratio).round();
        Some((at.x, at.y))
    }
}

fn ease(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

fn follow(now: f32, target: f32, share: f32) -> f32 {
    if (target - now).abs() < 1e-3 { target } else { now + (target - now) * share }
}
