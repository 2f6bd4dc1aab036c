//! Writes `embeddings.npz` as `np.load` reads it: `z [n, d]` f32, `norm [n]` f32, `label [n]` i64 and the metadata; or, of
//! several models on the same samples, `a_z`, `a_norm`, `b_z`, `b_norm`, ... and `labels`.
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
        table(&mut zip, "", self.z)?;
        if let Some(labels) = self.labels {
            classes(&mut zip, "label", labels)?;
        }
        if let Some(pairs) = self.pairs {
            start(&mut zip, "pairs", "<i8", &[pairs.len()])?;
            write_i64(&mut zip, pairs.iter().map(|pair| pair.map_or(-1, i64::from)))?;
        }
        text(&mut zip, "metadata", self.metadata)?;
        zip.finish()
    }
}

/// The embeddings that several models give to the same samples.
#[derive(Clone, Copy, Debug)]
pub struct ArmsFile<'a> {
    /// A short name for each model, and its `[n, d]`; d may differ.
    pub arms: &'a [(&'a str, Embeddings<'a>)],
    /// Class of each row, `[n]`.
    pub labels: &'a [u16],
    /// As in [`EmbeddingsFile`].
    pub metadata: &'a str,
}

impl ArmsFile<'_> {
    /// The archive in memory.
    ///
    /// # Errors
    /// What the archive says when it can't be written.
    pub fn to_bytes(&self) -> std::io::Result<Vec<u8>> {
        self.archive().map_err(std::io::Error::other)
    }

    fn archive(&self) -> ZipResult<Vec<u8>> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, z) in self.arms {
            table(&mut zip, &format!("{name}_"), *z)?;
        }
        classes(&mut zip, "labels", self.labels)?;
        text(&mut zip, "metadata", self.metadata)?;
        zip.finish().map(Cursor::into_inner)
    }
}

/// A table and its norms.
fn table<W: Write + Seek>(zip: &mut ZipWriter<W>, prefix: &str, z: Embeddings<'_>) -> ZipResult<()> {
    start(zip, &format!("{prefix}z"), "<f4", &[z.n(), z.d()])?;
    for row in z.rows() {
        write_f32(zip, row)?;
    }
    start(zip, &format!("{prefix}norm"), "<f4", &[z.n()])?;
    Ok(write_f32(zip, &z.norms())?)
}

fn classes<W: Write + Seek>(zip: &mut ZipWriter<W>, name: &str, labels: &[u16]) -> ZipResult<()> {
    start(zip, name, "<i8", &[labels.len()])?;
    Ok(write_i64(zip, labels.iter().map(|label| i64::from(*label)))?)
}

fn text<W: Write + Seek>(zip: &mut ZipWriter<W>, name: &str, text: &str) -> ZipResult<()> {
    let units: Vec<u8> = text.chars().flat_map(|unit| (unit as u32).to_le_bytes()).collect();
    // numpy has no strings of length 0.
    let units = if units.is_empty() { vec![0; 4] } else { units };
    start(zip, name, &format!("<U{}", units.len() / 4), &[])?;
    Ok(zip.write_all(&units)?)
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
