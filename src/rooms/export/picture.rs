//! Pictures: of the spheres, drawn anew at any size, and of SVG documents.

use js_sys::{ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::caption::{captions, source};
use crate::config::ArmId;
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
    let scenes: Vec<(ArmId, Scene)> = arms
        .list()
        .into_iter()
        .map(|arm| desk.scene(arm).map(|scene| (arm, scene)))
        .collect::<Option<_>>()
        .ok_or(RoomError::NothingToDraw)?;
    let clouds: Vec<Cloud> = scenes.iter().map(|(_, scene)| cloud(scene)).collect();
    let part = |((arm, scene), cloud): (&(ArmId, Scene), _)| svg::Part {
        frame: Frame { highlight: None, tween: 1.0, ..scene.frame },
        cloud,
        captions: captions(desk, *arm),
    };
    let parts: Vec<svg::Part<'_>> = scenes.iter().zip(&clouds).map(part).collect();
    let text = svg::draw(&parts, &source(desk), false).into_bytes();
    match format {
        Format::Svg => Ok(("image/svg+xml".to_owned(), text)),
        // Pixels of the same document, so that both say the same.
        Format::Png(scale) => Ok(("image/png".to_owned(), of_svg(&text, scale).await?)),
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
    let failed = |_| RoomError::NotDrawn;
    let blob = gloo::file::Blob::new_with_options(svg, Some("image/svg+xml"));
    let address = gloo::file::ObjectUrl::from(blob);
    let image = Image::new();
    image.set_src(&address);
    JsFuture::from(image.decode()).await.map_err(failed)?;
    let largest = image.natural_width().max(image.natural_height()).max(1.0);
    let scale = f64::from(scale).min(f64::from(MOST) / largest);
    let (width, height) = (image.natural_width() * scale, image.natural_height() * scale);
    let (canvas, context) = canvas(width.round() as u32, height.round() as u32)?;
    context.unchecked_ref::<Pen>().draw_image(&image, 0.0, 0.0, width, height);
    png(&canvas).await
}

fn canvas(width: u32, height: u32) -> Result<(HtmlCanvasElement, CanvasRenderingContext2d), RoomError> {
    hidden(width, height).ok_or(RoomError::TooLarge)
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
