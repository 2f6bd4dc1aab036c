//! A picture of a sample.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::Clamped;

use super::canvas::pen;
use crate::protocol::Picture;

/// A small picture, pixel for pixel.
#[component]
pub fn Thumb(
    /// What is shown.
    picture: Picture,
) -> impl IntoView {
    let node = NodeRef::<html::Canvas>::new();
    let (width, height) = (picture.width, picture.height);
    node.on_load(move |canvas| {
        let image = web_sys::ImageData::new_with_u8_clamped_array_and_sh(Clamped(&picture.rgba), width, height);
        if let (Some(context), Ok(image)) = (pen(&canvas), image) {
            let _ = context.put_image_data(&image, 0.0, 0.0);
        }
    });
    view! { <canvas class="thumb" node_ref=node width=width height=height></canvas> }
}
