//! One arm's canvases and points, and its picture: painted by the page, or asked of the engine.

use glam::Vec2;
use leptos::prelude::window;
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::camera::Camera;
use crate::config::{ArmId, ColourBy, Shape};
use crate::parts::canvas::pen;
use crate::protocol::{Frame, Scene};
use crate::render::painter;
use crate::render::scene::Cloud;

/// Seconds that points take to their new places.
const TWEEN: f32 = 0.45;
/// CSS pixels around a point that still count as on it.
const REACH: f32 = 9.0;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = normscopePixels)]
    fn pixels(element: &HtmlCanvasElement) -> js_sys::Array;
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

/// One arm's.
#[derive(Default)]
pub struct Pane {
    /// Painted by the page: everything without WebGPU, rings and highlight with it.
    flat: Option<(HtmlCanvasElement, CanvasRenderingContext2d)>,
    /// Painted by the engine, once handed over.
    gpu: Option<HtmlCanvasElement>,
    handed_over: bool,
    /// The engine has not finished the last picture yet.
    pub waiting: bool,
    /// The points.
    pub cloud: Cloud,
    /// From 0, where they were, to 1, where they are.
    tween: f32,
    painted: Option<Frame>,
    /// The last picture no longer holds.
    pub stale: bool,
}

impl Pane {
    /// The pane's own canvas.
    pub fn adopt_flat(&mut self, canvas: HtmlCanvasElement) {
        let context = pen(&canvas);
        self.flat = context.map(|context| (canvas, context));
        self.stale = true;
    }

    /// The canvas that the engine may take over.
    pub fn adopt_gpu(&mut self, canvas: HtmlCanvasElement) {
        self.gpu = Some(canvas);
        self.handed_over = false;
        self.waiting = false;
        self.stale = true;
    }

    /// No points, until there are some of the samples with these labels.
    pub fn clear(&mut self, labels: &[u16]) {
        self.cloud.clear();
        self.cloud.labels = labels.to_vec();
        self.stale = true;
    }

    /// New places of the points, to which they go on their way or are at once.
    pub fn show(&mut self, directions: &[f32], norms: &[f32], at_once: bool) {
        let shown = self.painted.map_or(1.0, |frame| frame.tween);
        self.cloud.update(directions, norms, shown);
        self.tween = if at_once { 1.0 } else { 0.0 };
        self.stale = true;
    }

    /// New places, with nothing on its way to the last ones.
    pub fn place(&mut self, directions: &[f32], norms: &[f32]) {
        self.cloud.update(directions, norms, 1.0);
        self.tween = 1.0;
        self.stale = true;
    }

    /// Moves the points on by `dt` seconds.
    pub fn advance(&mut self, dt: f32) {
        self.tween = (self.tween + dt / TWEEN).min(1.0);
    }

    /// Paints it, where the picture would differ from the last one; `mark`: the point that is highlighted.
    pub fn paint(&mut self, arm: ArmId, camera: &Camera, looks: Looks, mark: Option<u32>, engine: &impl Draws) {
        let Some((canvas, context)) = &self.flat else { return };
        let Some((width, height, pixel_ratio)) = size(canvas) else { return };
        let frame = Frame {
            width,
            height,
            pixel_ratio,
            yaw: camera.yaw,
            pitch: camera.pitch,
            zoom: camera.zoom,
            morph: camera.morph,
            tween: ease(self.tween),
            by_norm: looks.colour == ColourBy::Norm,
            norm_range: camera.range,
            dark: looks.dark,
            clear: looks.clear,
            highlight: mark,
        };
        if looks.engine_draws
            && !self.handed_over
            && let Some(gpu) = &self.gpu
        {
            engine.give_canvas(arm, gpu);
            self.handed_over = true;
            self.stale = true;
        }
        if !self.stale && self.painted == Some(frame) {
            return;
        }
        if looks.engine_draws && self.waiting {
            return;
        }
        if canvas.width() != width || canvas.height() != height {
            canvas.set_width(width);
            canvas.set_height(height);
        }
        if looks.engine_draws {
            self.waiting = true;
            engine.draw(arm, frame);
            painter::overlay(context, &frame, &self.cloud);
        } else {
            painter::paint(context, &frame, &self.cloud);
        }
        self.painted = Some(frame);
        self.stale = false;
    }

    /// The point at a place, CSS pixels.
    pub fn point_at(&self, x: f32, y: f32) -> Option<u32> {
        let frame = self.painted?;
        let at = Vec2::new(x, y) * frame.pixel_ratio;
        self.cloud.pick(&frame, at, REACH * frame.pixel_ratio).map(|index| index as u32)
    }

    /// The point that follows another one in a direction on the screen.
    pub fn step_from(&self, from: Option<usize>, x: f32, y: f32) -> Option<usize> {
        self.cloud.step_from(&self.painted?, from, Vec2::new(x, y))
    }

    /// Where a point is, whole CSS pixels.
    pub fn locate(&self, index: u32) -> Option<(f32, f32)> {
        let frame = self.painted?;
        let (at, _) = self.cloud.locate(&frame, index as usize)?;
        let at = (at / frame.pixel_ratio).round();
        Some((at.x, at.y))
    }

    /// What it shows now, as postcard bytes of a [`Scene`]; `None` before the first picture.
    pub fn scene(&self) -> Option<Vec<u8>> {
        let frame = self.painted?;
        let (directions, norms) = self.cloud.points();
        let labels = self.cloud.labels.clone();
        postcard::to_stdvec(&Scene { frame, directions, norms, labels }).ok()
    }
}

/// Width and height of a canvas in pixels of the screen, and how many a CSS pixel has; `None` where it is not seen.
fn size(canvas: &HtmlCanvasElement) -> Option<(u32, u32, f32)> {
    let own_ratio = window().device_pixel_ratio() as f32;
    let ratio = own_ratio.clamp(1.0, 3.0);
    let told = pixels(canvas);
    let size = |at: u32, css: i32| match told.get(at).as_f64() {
        // A browser that plays a phone may count its own screen's.
        Some(pixels) if ratio == own_ratio && (pixels as f32 - css as f32 * ratio).abs() <= ratio => pixels as u32,
        _ => (css as f32 * ratio).round() as u32,
    };
    let (width, height) = (size(0, canvas.client_width()), size(1, canvas.client_height()));
    (width > 0 && height > 0).then_some((width, height, ratio))
}

fn ease(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}
