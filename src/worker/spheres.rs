//! The spheres that the engine draws: the page's canvases, the painter that they share, and the points that they show.

use web_sys::OffscreenCanvas;

use crate::config::ArmId;
use crate::engine::device::Gpu;
use crate::engine::session::Session;
use crate::protocol::{Event, Frame};
use crate::render::gpu::{Painter, ShaderError, View};

/// Why a canvas can't be drawn on.
#[derive(Debug, thiserror::Error)]
pub enum SphereError {
    /// The CPU computes.
    #[error("There is no GPU to draw with.")]
    NoGpu,
    /// The browser gives no surface.
    #[error("The canvas can't be drawn on: {0}")]
    Surface(#[from] wgpu::CreateSurfaceError),
    /// The surface has no format that is not sRGB.
    #[error("The canvas offers no colour format.")]
    Format,
    /// The painter's shaders are refused.
    #[error(transparent)]
    Painter(#[from] ShaderError),
}

/// Both spheres.
#[derive(Default)]
pub struct Spheres {
    painter: Option<Painter>,
    views: [Option<View>; 2],
    labels: Vec<u16>,
    /// The last (directions, norms) of each arm, for canvases that come later.
    points: [Option<(Vec<f32>, Vec<f32>)>; 2],
}

impl Spheres {
    /// Keeps the points up to date with what the page is told.
    pub fn follow(&mut self, event: &Event, session: Option<&Session>) {
        match event {
            Event::Data(info) => {
                self.labels.clone_from(&info.labels);
                self.points = [None, None];
                for view in self.views.iter_mut().flatten() {
                    view.picture.begin(&info.labels);
                }
            }
            Event::Evaluated(evaluation) => {
                self.points[evaluation.arm.index()] = Some((evaluation.directions.clone(), evaluation.norms.clone()));
                self.show(evaluation.arm, session);
            }
            _ => {}
        }
    }

    /// Takes over a canvas and shows on it what is there already.
    ///
    /// # Errors
    /// When it can't be drawn on.
    pub async fn adopt(
        &mut self,
        arm: ArmId,
        canvas: OffscreenCanvas,
        gpu: Option<Gpu>,
        session: Option<&Session>,
    ) -> Result<(), SphereError> {
        let gpu = gpu.ok_or(SphereError::NoGpu)?;
        let surface = gpu.instance.create_surface(wgpu::SurfaceTarget::OffscreenCanvas(canvas))?;
        let painter = match &mut self.painter {
            Some(painter) => painter,
            none => none.insert(painter(&gpu, &surface).await?),
        };
        let mut view = painter.view(surface);
        view.picture.begin(&self.labels);
        self.views[arm.index()] = Some(view);
        self.show(arm, session);
        Ok(())
    }

    /// Draws an arm, where there is a canvas for it.
    pub fn draw(&mut self, arm: ArmId, frame: &Frame) {
        if let (Some(painter), Some(view)) = (&self.painter, &mut self.views[arm.index()]) {
            painter.draw(view, frame);
        }
    }

    /// Brings an arm's picture to its latest points: on the GPU, where they are there already.
    fn show(&mut self, arm: ArmId, session: Option<&Session>) {
        let (Some(painter), Some(view)) = (&self.painter, &mut self.views[arm.index()]) else { return };
        let session = session.filter(|session| !session.lacks_files());
        let points = session.and_then(|session| session.arm(arm).points().zip(session.latest(arm)));
        match (points, &self.points[arm.index()]) {
            (Some((points, latest)), _) => painter.place(&mut view.picture, &points, &latest.axes),
            (None, Some((directions, norms))) => view.picture.update(directions, norms),
            (None, None) => {}
        }
    }
}

/// For canvases like this one.
async fn painter(gpu: &Gpu, surface: &wgpu::Surface<'_>) -> Result<Painter, SphereError> {
    let formats = surface.get_capabilities(&gpu.adapter).formats;
    let format = formats.into_iter().find(|format| !format.is_srgb()).ok_or(SphereError::Format)?;
    Ok(Painter::new(gpu, format).await?)
}
