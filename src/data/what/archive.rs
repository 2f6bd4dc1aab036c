//! What a zip archive is, from the names and the heads inside.

use super::kinds::{Kind, TORCH, Takes, What, foreign, pictures, table, what};

/// A zip archive by the names inside, which stand in its last bytes.
pub fn zip(start: &[u8], end: &[u8]) -> What {
    let has = |name: &[u8]| contains(end, name) || contains(start, name);
    if has(b"data.pkl") {
        return foreign("a PyTorch checkpoint (torch.save)", TORCH);
    }
    if has(b"xl/workbook") {
        return foreign("an Excel workbook (.xlsx)", "Save the sheet as CSV.");
    }
    if has(b"word/document.xml") || has(b"ppt/presentation.xml") || has(b"opendocument") {
        return foreign("an Office document", "Save the sheet as CSV.");
    }
    if has(b".npy") {
        // np.savez stores arrays as they are, so the head of the first one can be read; MedMNIST and Keras have these names.
        let first = start.windows(6).position(|window| window == b"\x93NUMPY").map(|at| &start[at + 6..]);
        let named = [&b"_images.npy"[..], b"images.npy", b"x_train.npy"].iter().any(|name| has(name));
        return match first.map_or(named, is_array_of_pictures) {
            true => pictures(Kind::Npz, "an archive of arrays of pictures"),
            false => table(Kind::Npz, "an archive of numpy arrays"),
        };
    }
    if has(b".keras") || has(b"model.weights.h5") {
        return foreign("a Keras model", "Save its outputs: np.save(\"z.npy\", model.predict(x)).");
    }
    let room = if [&b".png"[..], b".jpg", b".jpeg", b".PNG", b".JPG", b"ubyte", b".bin"].iter().any(|name| has(name)) {
        Some(Takes::Playground)
    } else if [&b".csv"[..], b".tsv", b".txt", b".json", b".safetensors"].iter().any(|name| has(name)) {
        Some(Takes::Diagnostics)
    } else {
        None
    };
    what(Kind::Zip, "a zip archive", "Unpack it, and choose the file inside.", room)
}

/// Whether an array, from what follows numpy's magic word, holds bytes along at least three axes.
pub fn is_array_of_pictures(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&head[..head.len().min(512)]);
    let is_bytes = text.contains("|u1") || text.contains("|i1");
    let shape = text.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(shape, _)| shape);
    is_bytes && shape.split(',').filter(|size| size.trim().parse::<u64>().is_ok()).count() >= 3
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
