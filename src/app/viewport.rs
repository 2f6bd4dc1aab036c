//! Both cameras (linked), transitions, the animation loop, and the point under the pointer.
//!
//! One loop for both panes: it advances what moves and paints a pane only when its picture would differ from the last.
//!
//! ```text
//! camera   how both spheres are seen: dragged, turning, following shape and range
//! pane     one arm's canvases and points: painting, and which point is where
//! pace     what a frame is for
//! ```

mod camera;
mod pace;
mod pane;

use gloo::render::AnimationFrame;
use leptos::prelude::*;
use web_sys::HtmlCanvasElement;
use web_time::Instant;

use crate::config::{ArmId, Shape};
use crate::render::scene::common_range;
use camera::Camera;
use pace::Pace;
use pane::Pane;

pub use pace::Share;
pub use pane::{Draws, Looks};

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

struct Inner {
    panes: [Pane; 2],
    camera: Camera,
    pace: Pace,
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
        let inner = Inner {
            panes: Default::default(),
            camera: Camera::new(still, morph(shape), common_range([])),
            pace: Pace::default(),
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

    fn pane<T>(self, arm: ArmId, act: impl FnOnce(&mut Pane) -> T) -> Option<T> {
        self.with(|inner| act(&mut inner.panes[arm.index()]))
    }

    // Canvases and points.

    /// The pane's own canvas.
    pub fn adopt_flat(self, arm: ArmId, canvas: HtmlCanvasElement) {
        self.pane(arm, |pane| pane.adopt_flat(canvas));
    }

    /// The canvas that the engine may take over; a fresh one for each worker.
    pub fn adopt_gpu(self, arm: ArmId, canvas: HtmlCanvasElement) {
        self.pane(arm, |pane| pane.adopt_gpu(canvas));
    }

    /// New data: nothing to draw until its first evaluation.
    pub fn show_data(self, labels: &[u16]) {
        self.hovered.set(None);
        // The same samples again, recorded or live: who looks at one goes on looking at it.
        if self.with(|inner| inner.panes[0].cloud.labels != labels) == Some(true) {
            self.pinned.set(None);
        }
        self.with(|inner| inner.panes.iter_mut().for_each(|pane| pane.clear(labels)));
    }

    /// New points of an arm.
    pub fn show(self, arm: ArmId, directions: &[f32], norms: &[f32]) {
        self.with(|inner| inner.panes[arm.index()].show(directions, norms, inner.camera.still));
    }

    /// New points of an arm, at once.
    pub fn place(self, arm: ArmId, directions: &[f32], norms: &[f32]) {
        self.pane(arm, |pane| pane.place(directions, norms));
    }

    /// Whether the reader wants nothing to move by itself.
    pub fn is_still(self) -> bool {
        self.with(|inner| inner.camera.still).unwrap_or_default()
    }

    // The loop.

    /// The engine has finished a picture.
    pub fn drawn(self, arm: ArmId) {
        self.pane(arm, |pane| pane.waiting = false);
    }

    /// The next frame, as it was asked for: it is not drawn when the page goes.
    pub fn await_frame(self, frame: AnimationFrame) {
        self.with(|inner| inner.frame = Some(frame));
    }

    /// Seconds since the last frame, and what a frame at `time` (milliseconds) is for.
    pub fn begin_frame(self, time: f64) -> (f64, Share) {
        self.with(|inner| {
            // Both spheres follow a hand at once; what the engine paints costs the page nothing.
            let whole = inner.camera.held || inner.engine_drew;
            (inner.pace.seconds(time), inner.pace.share(time, whole))
        })
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
                    inner.panes[arm.index()].paint(arm, &inner.camera, looks, mark, engine);
                }
                inner.pace.painted(time, begun);
            }
            active.and_then(|(arm, index)| inner.panes[arm.index()].locate(index))
        });
        if let Some(Some(at)) = anchor
            && at != self.anchor.get_untracked()
        {
            self.anchor.set(at);
        }
        let changed = self.with(|inner| std::mem::replace(&mut inner.inspected, active) != active).unwrap_or_default();
        active.filter(|_| changed)
    }

    // What the reader does with the spheres.

    /// A drag by CSS pixels.
    pub fn drag(self, dx: f32, dy: f32, seconds: f32) {
        self.with(|inner| inner.camera.drag(dx, dy, seconds));
    }

    /// The pointer is down (nothing turns by itself) or up again.
    pub fn hold(self, held: bool) {
        self.with(|inner| inner.camera.hold(held));
    }

    /// Turns by a key.
    pub fn turn(self, yaw: f32, pitch: f32) {
        self.with(|inner| inner.camera.turn(yaw, pitch));
    }

    /// Nearer (above 1) or farther.
    pub fn zoom(self, factor: f32) {
        self.with(|inner| inner.camera.zoom(factor));
    }

    /// The first view again.
    pub fn home(self) {
        self.with(|inner| inner.camera.home());
    }

    // Points that are looked at.

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

    /// The point at a place in a pane, CSS pixels.
    pub fn point_at(self, arm: ArmId, x: f32, y: f32) -> Option<u32> {
        self.pane(arm, |pane| pane.point_at(x, y)).flatten()
    }

    /// Walks from the pinned point to the next one in a direction on the screen.
    pub fn walk(self, arm: ArmId, x: f32, y: f32) {
        let from = self.pinned.get_untracked().map(|(_, index)| index as usize);
        if let Some(Some(index)) = self.pane(arm, |pane| pane.step_from(from, x, y)) {
            self.hovered.set(None);
            self.pin(Some((arm, index as u32)));
        }
    }

    /// What a sphere shows now, as postcard bytes of a [`Scene`](crate::protocol::Scene); `None` before the first picture.
    pub fn scene(self, arm: ArmId) -> Option<Vec<u8>> {
        self.pane(arm, |pane| pane.scene()).flatten()
    }

    /// Where a point is, CSS pixels; for tests of the page.
    pub fn locate(self, arm: ArmId, index: u32) -> Option<(f32, f32)> {
        self.pane(arm, |pane| pane.locate(index)).flatten()
    }
}

impl Inner {
    fn advance(&mut self, time: f64, shape: Shape, hovering: bool) {
        let dt = self.pace.step(time);
        let range = common_range(self.panes.iter().filter_map(|pane| pane.cloud.norm_range()));
        self.camera.advance(dt, morph(shape), range, hovering);
        self.panes.iter_mut().for_each(|pane| pane.advance(dt));
    }
}

/// How far a shape is from the sphere.
fn morph(shape: Shape) -> f32 {
    f32::from(shape == Shape::Length)
}
