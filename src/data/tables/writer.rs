//! Writes `embeddings.npz`: `z [n, d]` f32, `norm [n]`, `label [n]` and the metadata, as `np.load` reads them.
//!
//! ```text
//! e = np.load("embeddings.npz"); e["z"], e["norm"], e["label"], json.loads(e["metadata"].item())
//! ```

use std::io::{Cursor, Seek, Write};

use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::npy::header_bytes;
use crate::metrics::Embeddings;

/// What is written.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddingsFile<'a> {
    /// `[n, d]`; the norms are taken from it.
    pub z: Embeddings<'a>,
    /// Class of each row, `[n]`.
    pub labels: Option<&'a [u16]>,
    /// Index of each row's other view, `[n]`.
    pub pairs: Option<&'a [Option<u32>]>,
    /// JSON: configuration, step, class names, whatever explains the numbers.
    pub metadata: &'a str,
}

impl EmbeddingsFile<'_> {
    /// Writes the archive and returns its target; the arrays are stored, not packed, so that rows can be read in place.
    ///
    /// # Errors
    /// What the target says when it can't be written.
    pub fn write<W: Write + Seek>(&self, target: W) -> std::io::Result<W> {
        self.archive(target).map_err(std::io::Error::other)
    }

    /// The archive in memory, for a download.
    pub fn to_bytes(&self) -> Vec<u8> {
        // A vector can always be written; only an archive of more than 65,535 arrays could fail.
        self.write(Cursor::new(Vec::new())).map(Cursor::into_inner).unwrap_or_default()
    }

    fn archive<W: Write + Seek>(&self, target: W) -> ZipResult<W> {
        let mut zip = ZipWriter::new(target);
        let (n, d) = (self.z.n(), self.z.d());
        start(&mut zip, "z", "<f4", &[n, d])?;
        for row in self.z.rows() {
            write_f32(&mut zip, row)?;
        }
        start(&mut zip, "norm", "<f4", &[n])?;
        write_f32(&mut zip, &self.z.norms())?;
        if let Some(labels) = self.labels {
            start(&mut zip, "label", "<i8", &[labels.len()])?;
            write_i64(&mut zip, labels.iter().map(|label| i64::from(*label)))?;
        }
        if let Some(pairs) = self.pairs {
            start(&mut zip, "pairs", "<i8", &[pairs.len()])?;
            write_i64(&mut zip, pairs.iter().map(|pair| pair.map_or(-1, i64::from)))?;
        }
        let units: Vec<u8> = self.metadata.chars().flat_map(|unit| (unit as u32).to_le_bytes()).collect();
        // numpy has no strings of length 0.
        let units = if units.is_empty() { vec![0; 4] } else { units };
        start(&mut zip, "metadata", &format!("<U{}", units.len() / 4), &[])?;
        zip.write_all(&units)?;
        zip.finish()
    }
}

fn start<W: Write + Seek>(zip: &mut ZipWriter<W>, name: &str, descr: &str, shape: &[usize]) -> ZipResult<()> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
    zip.start_file(format!("{name}.npy"), options)?;
    Ok(zip.write_all(&header_bytes(descr, shape))?)
}

fn write_f32(zip: &mut impl Write, values: &[f32]) -> std::io::Result<()> {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    zip.write_all(&bytes)
}

fn write_i64(zip: &mut impl Write, values: impl Iterator<Item = i64>) -> std::io::Result<()> {
    let bytes: Vec<u8> = values.flat_map(i64::to_le_bytes).collect();
    zip.write_all(&bytes)
}
