//! Files as other programs write them, made here.

use std::io::{Cursor, Write};

use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

/// Rows whose numbers have six decimals, as text files give them back.
pub fn rows(n: usize, d: usize) -> Vec<Vec<f32>> {
    let value = |i: usize, k: usize| ((i * 37 + k * 101 + 11) as f32 * 0.7).sin() * (1.5 + (i % 5) as f32 * 0.4);
    let exact = |value: f32| format!("{value:.6}").parse().expect("a number");
    (0..n).map(|i| (0..d).map(|k| exact(value(i, k))).collect()).collect()
}

/// A row's numbers as text.
pub fn texts(row: &[f32]) -> Vec<String> {
    row.iter().map(|value| format!("{value:.6}")).collect()
}

/// A line for each row.
pub fn lines(rows: &[Vec<String>], separator: &str, end: &str) -> String {
    rows.iter().map(|row| row.join(separator) + end).collect()
}

/// Commas, and a header.
pub fn csv(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
    lines(&std::iter::once(header).chain(rows).collect::<Vec<_>>(), ",", "\n")
}

pub fn npy(descr: &str, fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

pub fn f32_npy(shape: &str, values: impl Iterator<Item = f32>) -> Vec<u8> {
    npy("<f4", false, shape, &values.flat_map(f32::to_le_bytes).collect::<Vec<_>>())
}

pub fn f64_npy(shape: &str, values: impl Iterator<Item = f64>) -> Vec<u8> {
    npy("<f8", false, shape, &values.flat_map(f64::to_le_bytes).collect::<Vec<_>>())
}

pub fn i64_npy(shape: &str, values: impl Iterator<Item = i64>) -> Vec<u8> {
    npy("<i8", false, shape, &values.flat_map(i64::to_le_bytes).collect::<Vec<_>>())
}

/// A table of float32.
pub fn matrix(rows: &[Vec<f32>]) -> Vec<u8> {
    f32_npy(&format!("({}, {})", rows.len(), rows[0].len()), rows.iter().flatten().copied())
}

pub fn zip(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(*name, options).expect("an entry");
        zip.write_all(bytes).expect("its bytes");
    }
    zip.finish().expect("an archive").into_inner()
}

/// An archive with the same name twice, which a writer refuses: two names of equal length, and one becomes the other.
pub fn zip_twice(bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip(&[("z.npy", bytes.to_vec()), ("Z.npy", bytes.to_vec())]);
    for at in 0..archive.len() - 5 {
        if &archive[at..at + 5] == b"Z.npy" {
            archive[at] = b'z';
        }
    }
    archive
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).expect("bytes");
    packer.finish().expect("bytes")
}

pub fn tensors(name: &str, rows: &[Vec<f32>], surplus: usize) -> Vec<u8> {
    let (n, d) = (rows.len(), rows[0].len());
    let header = format!("{{\"{name}\":{{\"dtype\":\"F32\",\"shape\":[{n},{d}],\"data_offsets\":[0,{}]}}}}", 4 * n * d);
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(rows.iter().flatten().flat_map(|value| value.to_le_bytes()));
    bytes.resize(bytes.len() + surplus, 0);
    bytes
}

/// Rows with their size before them.
pub fn vecs(rows: &[Vec<f32>], element: impl Fn(f32) -> Vec<u8>) -> Vec<u8> {
    let row = |row: &Vec<f32>| -> Vec<u8> {
        let size = (row.len() as u32).to_le_bytes().to_vec();
        size.into_iter().chain(row.iter().flat_map(|value| element(*value))).collect()
    };
    rows.iter().flat_map(row).collect()
}

/// JSON lists.
pub fn json(rows: &[Vec<f32>]) -> String {
    let row = |row: &Vec<f32>| format!("[{}]", texts(row).join(", "));
    format!("[{}]", rows.iter().map(row).collect::<Vec<_>>().join(", "))
}
