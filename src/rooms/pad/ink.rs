//! What is drawn on the pad.

use wasm_bindgen::Clamped;

use crate::parts::canvas::pen;
use crate::rng::{CounterRng, Domain};

/// Reach of the brush, as a share of the pad's side.
const BRUSH: f32 = 0.13;

/// Ink of each cell, 0..1, row by row: as a sample's pixels.
#[derive(Clone, Default)]
pub struct Ink {
    width: usize,
    height: usize,
    cells: Vec<f32>,
}

impl Ink {
    /// A pad of so many cells with nothing on it.
    pub fn blank(width: usize, height: usize) -> Ink {
        Ink { width, height, cells: vec![0.0; width * height] }
    }

    /// Number of cells: width, height.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// The cells, row by row.
    pub fn cells(&self) -> &[f32] {
        &self.cells
    }

    /// Whether there is anything on it.
    pub fn is_drawn(&self) -> bool {
        self.cells.iter().any(|ink| *ink > 0.0)
    }

    /// A soft dot at (x, y), both 0..1 from the top left.
    pub fn dab(&mut self, x: f32, y: f32) {
        let reach = (BRUSH * self.width as f32).max(1.0);
        for (at, cell) in self.cells.iter_mut().enumerate() {
            let (column, row) = ((at % self.width) as f32 + 0.5, (at / self.width) as f32 + 0.5);
            let distance = (column - x * self.width as f32).hypot(row - y * self.height as f32);
            *cell = cell.max((1.3 - distance / reach).clamp(0.0, 1.0));
        }
    }

    /// Takes everything off.
    pub fn clear(&mut self) {
        self.cells.fill(0.0);
    }

    /// Uniform noise in every cell: another one for each `draw`.
    pub fn fill_with_noise(&mut self, draw: u32) {
        let mut rng = CounterRng::new(Domain::Probe, 0, draw, 0, 0);
        self.cells.iter_mut().for_each(|cell| *cell = rng.uniform());
    }

    /// Paints it, a pixel a cell.
    pub fn paint(&self, canvas: &web_sys::HtmlCanvasElement) {
        if self.cells.is_empty() {
            return;
        }
        let (width, height) = (self.width as u32, self.height as u32);
        canvas.set_width(width);
        canvas.set_height(height);
        let image = web_sys::ImageData::new_with_u8_clamped_array_and_sh(Clamped(&self.rgba()), width, height);
        if let (Some(context), Ok(image)) = (pen(canvas), image) {
            let _ = context.put_image_data(&image, 0.0, 0.0);
        }
    }

    fn rgba(&self) -> Vec<u8> {
        let byte = |ink: f32| (255.0 * ink) as u8;
        self.cells.iter().flat_map(|ink| [byte(*ink), byte(*ink), byte(*ink), 255]).collect()
    }
}
