//! Pictures: of the spheres, drawn anew at any size, and of SVG documents.

use js_sys::{ArrayBuffer, Promise, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlCanvasElement;

use super::caption::{captions, source, title};
use crate::config::{ArmId, Experiment, arm_name, told_apart};
use crate::parts::canvas::hidden;
use crate::protocol::{Frame, Scene};
use crate::render::scene::Cloud;
use crate::render::svg;
use crate::rooms::desk::Desk;
use crate::rooms::error::RoomError;

/// Largest side of a picture, pixels: what every browser's canvas takes.
const MOST: f32 = 8192.0;

#[wasm_bindgen]
extern "C" {
    /// `canvas.toBlob(callback)`.
    type Canvas;
    #[wasm_bindgen(method, js_name = toBlob)]
    fn to_blob(this: &Canvas, callback: &js_sys::Function);

    type Blob;
    #[wasm_bindgen(method, js_name = arrayBuffer)]
    fn array_buffer(this: &Blob) -> Promise;

    /// `new Image()`.
    type Image;
    #[wasm_bindgen(constructor)]
    fn new() -> Image;
    #[wasm_bindgen(method, setter)]
    fn set_src(this: &Image, src: &str);
    #[wasm_bindgen(method, getter, js_name = naturalWidth)]
    fn natural_width(this: &Image) -> f64;
    #[wasm_bindgen(method, getter, js_name = naturalHeight)]
    fn natural_height(this: &Image) -> f64;
    #[wasm_bindgen(method)]
    fn decode(this: &Image) -> Promise;

    /// `CanvasRenderingContext2D`, for what web-sys offers only with more of itself.
    type Pen;
    #[wasm_bindgen(method, js_name = drawImage)]
    fn draw_image(this: &Pen, image: &JsValue, x: f64, y: f64, width: f64, height: f64);
}

/// What a picture is written as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Format {
    /// Pixels, so many per CSS pixel.
    Png(f32),
    /// Vectors.
    Svg,
}

impl Format {
    /// The file's ending.
    pub fn ending(self) -> &'static str {
        match self {
            Format::Png(_) => "png",
            Format::Svg => "svg",
        }
    }

    /// What the file is, for the browser.
    pub fn mime(self) -> &'static str {
        match self {
            Format::Png(_) => "image/png",
            Format::Svg => "image/svg+xml",
        }
    }
}

/// Which spheres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arms {
    /// Side by side.
    Both,
    /// One.
    One(ArmId),
}

impl Arms {
    /// `both`, `a`, `b`.
    pub fn parse(text: &str) -> Arms {
        ArmId::parse(text).map_or(Arms::Both, Arms::One)
    }

    fn list(self) -> Vec<ArmId> {
        match self {
            Arms::Both => ArmId::ALL.to_vec(),
            Arms::One(arm) => vec![arm],
        }
    }
}

/// The spheres as they are seen: (type, contents).
///
/// # Errors
/// A [`RoomError`] when there is nothing to see yet or the browser can't draw it.
pub async fn spheres(desk: Desk, arms: Arms, format: Format) -> Result<(String, Vec<u8>), RoomError> {
    let scenes = arms.list().into_iter().map(|arm| desk.scene(arm).map(|scene| (arm, scene)));
    let scenes: Vec<(ArmId, Scene)> = scenes.collect::<Option<_>>().ok_or(RoomError::NothingToDraw)?;
    let views: Vec<View> =
        scenes.iter().map(|(arm, scene)| View { arm: *arm, frame: scene.frame, cloud: cloud(scene) }).collect();
    let text = sheet(desk, &views, desk.seen().step).into_bytes();
    match format {
        Format::Svg => Ok((format.mime().to_owned(), text)),
        // Pixels of the same document, so that both say the same.
        Format::Png(scale) => Ok((format.mime().to_owned(), of_svg(&text, scale).await?)),
    }
}

/// An arm's sphere at a step.
pub struct View {
    /// Which arm.
    pub arm: ArmId,
    /// Camera and looks.
    pub frame: Frame,
    /// Its points.
    pub cloud: Cloud,
}

/// A picture of that step, as an SVG document.
pub fn sheet(desk: Desk, views: &[View], step: u32) -> String {
    let experiment = desk.experiment.get_untracked();
    let part = |view| part(desk, &experiment, view, step);
    let parts: Vec<svg::Part<'_>> = views.iter().map(part).collect();
    let classes = desk.classes();
    svg::draw(&svg::Sheet { parts: &parts, title: title(desk), classes: &classes, source: source(desk) }, false)
}

fn part<'a>(desk: Desk, experiment: &Experiment, view: &'a View, step: u32) -> svg::Part<'a> {
    svg::Part {
        frame: Frame { highlight: None, tween: 1.0, ..view.frame },
        cloud: &view.cloud,
        arm: view.arm,
        name: arm_name(experiment, view.arm),
        settings: told_apart(experiment, view.arm),
        captions: captions(desk, view.arm, step),
    }
}

fn cloud(scene: &Scene) -> Cloud {
    let mut cloud = Cloud::with_labels(scene.labels.clone());
    cloud.update(&scene.directions, &scene.norms, 1.0);
    cloud
}

/// An SVG document as a PNG with `scale` pixels a unit.
///
/// # Errors
/// A [`RoomError`] when the browser can't draw it.
pub async fn of_svg(svg: &[u8], scale: f32) -> Result<Vec<u8>, RoomError> {
    let image = load(svg).await?;
    let (width, height) = size(&image, f64::from(scale));
    let (canvas, context) = hidden(width, height).ok_or(RoomError::TooLarge)?;
    context.unchecked_ref::<Pen>().draw_image(&image, 0.0, 0.0, width.into(), height.into());
    png(&canvas).await
}

/// Pixels of an SVG document that is at most `widest` pixels wide: width, height, RGBA row by row.
///
/// # Errors
/// A [`RoomError`] when the browser can't draw it.
pub async fn pixels(svg: &[u8], widest: f64) -> Result<(u32, u32, Vec<u8>), RoomError> {
    let image = load(svg).await?;
    let (width, height) = size(&image, (widest / image.natural_width().max(1.0)).min(1.0));
    let (_, context) = hidden(width, height).ok_or(RoomError::TooLarge)?;
    context.unchecked_ref::<Pen>().draw_image(&image, 0.0, 0.0, width.into(), height.into());
    let data = context.get_image_data(0.0, 0.0, width.into(), height.into()).map_err(|_| RoomError::NotDrawn)?;
    Ok((width, height, data.data().0))
}

async fn load(svg: &[u8]) -> Result<Image, RoomError> {
    let blob = gloo::file::Blob::new_with_options(svg, Some("image/svg+xml"));
    let address = gloo::file::ObjectUrl::from(blob);
    let image = Image::new();
    image.set_src(&address);
    JsFuture::from(image.decode()).await.map_err(|_| RoomError::NotDrawn)?;
    Ok(image)
}

/// Width and height of a picture at a scale that every browser's canvas takes.
fn size(image: &Image, scale: f64) -> (u32, u32) {
    let largest = image.natural_width().max(image.natural_height()).max(1.0);
    let scale = scale.min(f64::from(MOST) / largest);
    ((image.natural_width() * scale).round() as u32, (image.natural_height() * scale).round() as u32)
}

async fn png(canvas: &HtmlCanvasElement) -> Result<Vec<u8>, RoomError> {
    let promise = Promise::new(&mut |resolve, _| canvas.unchecked_ref::<Canvas>().to_blob(&resolve));
    let blob = JsFuture::from(promise).await.map_err(|_| RoomError::NoPng)?;
    if blob.is_null() {
        return Err(RoomError::NoPng);
    }
    let buffer = JsFuture::from(blob.unchecked_ref::<Blob>().array_buffer()).await.map_err(|_| RoomError::NoPng)?;
    Ok(Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()).to_vec())
}
