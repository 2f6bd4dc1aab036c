//! What is drawn: spheres, and small pictures of samples.

use serde::{Deserialize, Serialize};

use crate::data::Kind;

/// Everything that decides one picture of a sphere, apart from the points themselves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Canvas width in device pixels.
    pub width: u32,
    /// Canvas height in device pixels.
    pub height: u32,
    /// Device pixels per CSS pixel.
    pub pixel_ratio: f32,
    /// Camera azimuth in radians.
    pub yaw: f32,
    /// Camera elevation in radians.
    pub pitch: f32,
    /// 1 fits the sphere into the canvas; larger is nearer.
    pub zoom: f32,
    /// 0 on the sphere, 1 true length.
    pub morph: f32,
    /// 0 shows the previous points, 1 the latest.
    pub tween: f32,
    /// Colour by norm instead of class.
    pub by_norm: bool,
    /// The range of norms that the colour scale covers (low, high).
    pub norm_range: [f32; 2],
    /// Dark page background.
    pub dark: bool,
    /// The page shows through instead of a ground of the picture's own.
    pub clear: bool,
    /// Index of the highlighted point.
    pub highlight: Option<u32>,
}

impl Frame {
    /// The first view of a picture of that many pixels, on a light ground.
    pub fn still(width: u32, height: u32) -> Frame {
        Frame {
            width,
            height,
            pixel_ratio: 1.0,
            yaw: 0.5,
            pitch: 0.35,
            zoom: 1.0,
            morph: 1.0,
            tween: 1.0,
            by_norm: false,
            norm_range: [0.5, 2.0],
            dark: false,
            clear: false,
            highlight: None,
        }
    }
}

/// A picture of a sphere, to be drawn elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    /// Camera and looks.
    pub frame: Frame,
    /// Directions on the unit sphere, `[n, 3]`.
    pub directions: Vec<f32>,
    /// |z| of each point, `[n]`.
    pub norms: Vec<f32>,
    /// Class of each point, `[n]`.
    pub labels: Vec<u16>,
}

/// A small picture in RGBA, row by row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `[height, width, 4]`.
    pub rgba: Vec<u8>,
}

impl Picture {
    /// A sample as a picture; `None` for vectors.
    pub fn of(kind: &Kind, row: &[f32]) -> Option<Picture> {
        let Kind::Image { channels, height, width } = *kind else { return None };
        let plane = height * width;
        let byte = |value: f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
        let rgba = (0..plane)
            .flat_map(|at| {
                let channel = |c: usize| byte(row[(c % channels) * plane + at]);
                [channel(0), channel(1), channel(2), 255]
            })
            .collect();
        Some(Picture { width: width as u32, height: height as u32, rgba })
    }
}
