//! The losses: a dispatch or a few that give each row's loss and the gradient with respect to what goes in.

use super::Lowering;
use super::shapes::Value;
use crate::engine::error::EngineError;
use crate::engine::kernels::buffers::storage;
use crate::engine::kernels::dispatch::tiles;
use crate::engine::kernels::layout::{self, LANES, PULL_COLUMNS, SHARED_ROWS};
use crate::engine::kernels::source::Kernel;

impl Lowering<'_> {
    /// NT-Xent or DCL: the gradient with respect to z.
    pub(super) fn contrastive(&mut self, z: &Value, row_losses: &wgpu::Buffer) -> Result<wgpu::Buffer, EngineError> {
        let (rows, (_, dim)) = (self.rows, z.shape.matrix());
        let (unit, norms) = self.unit_rows(z)?;
        let hyper = self.shared.hyper.clone();
        let similarity = self.similarity(&unit, dim, [rows, rows, 0])?;
        let dims = self.dims(&layout::Rows { rows, cols: dim });
        let logs = storage(self.device, "denominators", rows)?;
        let lanes = [rows.div_ceil(LANES), 1, 1];
        let shared = rows.div_ceil(SHARED_ROWS);
        self.add(Kernel::Softmax, &[&dims, &hyper, &similarity, &logs, row_losses], [shared, 1, 1]);
        let pull = storage(self.device, "gradient on the sphere", rows * dim)?;
        let grid = [shared, dim.div_ceil(PULL_COLUMNS), 1];
        self.add(Kernel::Pull, &[&dims, &hyper, &similarity, &logs, &unit, &pull], grid);
        let gradient = storage(self.device, "gradient of z", rows * dim)?;
        self.add(Kernel::UnitBackward, &[&dims, &hyper, &unit, &norms, &pull, &gradient], lanes);
        Ok(gradient)
    }

    /// BYOL's and SimSiam's loss: the gradient with respect to the predictions.
    pub(super) fn prediction(
        &mut self,
        q: &Value,
        targets: &Value,
        row_losses: &wgpu::Buffer,
    ) -> Result<wgpu::Buffer, EngineError> {
        let (rows, (_, dim)) = (self.rows, q.shape.matrix());
        let (unit, norms) = self.unit_rows(q)?;
        let hyper = self.shared.hyper.clone();
        let dims = self.dims(&layout::Rows { rows, cols: dim });
        let gradient = storage(self.device, "gradient of q", rows * dim)?;
        let bound = [&dims, &hyper, &unit, &norms, &targets.buffer, &gradient, row_losses];
        self.add(Kernel::Prediction, &bound, [rows.div_ceil(LANES), 1, 1]);
        Ok(gradient)
    }

    /// Softmax cross-entropy: the gradient with respect to the logits.
    pub(super) fn cross_entropy(
        &mut self,
        logits: &Value,
        labels: &wgpu::Buffer,
        row_losses: &wgpu::Buffer,
    ) -> Result<wgpu::Buffer, EngineError> {
        let (rows, (_, classes)) = (self.rows, logits.shape.matrix());
        let dims = self.dims(&layout::CrossEntropy { rows, classes });
        let gradient = storage(self.device, "gradient of logits", rows * classes)?;
        let bound = [&dims, &logits.buffer, labels, &gradient, row_losses];
        self.add(Kernel::CrossEntropy, &bound, [rows.div_ceil(LANES), 1, 1]);
        Ok(gradient)
    }

    /// cos/tau of the first `rows` unit rows with the `others` from `from_row` on, `[rows, others]`.
    pub(super) fn similarity(
        &mut self,
        unit: &wgpu::Buffer,
        dim: u32,
        [rows, others, from_row]: [u32; 3],
    ) -> Result<wgpu::Buffer, EngineError> {
        let dims = self.dims(&layout::Similarity { rows, cols: dim, others, from_row });
        let similarity = storage(self.device, "similarities", rows.saturating_mul(others))?;
        let hyper = self.shared.hyper.clone();
        self.add(Kernel::Similarity, &[&dims, &hyper, unit, &similarity], tiles(rows, others, 1));
        Ok(similarity)
    }

    /// The rows divided by their norms, and the norms.
    pub(super) fn unit_rows(&mut self, z: &Value) -> Result<(wgpu::Buffer, wgpu::Buffer), EngineError> {
        let (_, dim) = z.shape.matrix();
        let unit = storage(self.device, "unit rows", self.rows * dim)?;
        let norms = storage(self.device, "norms", self.rows)?;
        let dims = self.dims(&layout::Rows { rows: self.rows, cols: dim });
        self.add(Kernel::Rows, &[&dims, &z.buffer, &unit, &norms], [self.rows.div_ceil(LANES), 1, 1]);
        Ok((unit, norms))
    }
}
