//! What one sample is.

/// What one sample is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A vector.
    Vector {
        /// Its length.
        dim: usize,
    },
    /// A picture, stored channel by channel (CHW).
    Image {
        /// 1 (grey) or 3 (RGB).
        channels: usize,
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
    },
}

impl Kind {
    /// Values of one sample.
    #[expect(clippy::len_without_is_empty, reason = "no sample is empty")]
    pub fn len(&self) -> usize {
        match *self {
            Kind::Vector { dim } => dim,
            Kind::Image { channels, height, width } => channels * height * width,
        }
    }
}
