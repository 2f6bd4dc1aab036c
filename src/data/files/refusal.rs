//! Why a file can't be trained on, from what it is.

use crate::data::file_error::FileError;
use crate::data::what::{Kind, Takes, What};

/// The way out where the pictures are in a format that is not read.
const ARRAYS: &str = "Save the pictures as numbers: np.savez(\"pictures.npz\", x_train=images, y_train=labels), bytes of shape (n, \
                      height, width) or (n, height, width, 3).";

/// Pictures in formats that are not decoded here, by their first bytes.
pub fn other_picture(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("a WebP picture"),
        [_, _, _, _, b'f', b't', b'y', b'p', rest @ ..] => Some(match rest {
            [b'h', b'e' | b'i', ..] | [b'm', b'i', b'f', b'1', ..] => "a HEIC picture",
            [b'a', b'v', b'i', ..] => "an AVIF picture",
            _ => "a video",
        }),
        [0xff, 0x0a, ..] | [0, 0, 0, 0x0c, b'J', b'X', b'L', b' ', ..] => Some("a JPEG XL picture"),
        [b'8', b'B', b'P', b'S', ..] => Some("a Photoshop picture"),
        [b'P', b'1'..=b'6', b'\n' | b' ', ..] => Some("a portable bitmap (PNM)"),
        _ => None,
    }
}

/// Says what a file is and what would be right for the playground.
pub fn unreadable(name: &str, what: What) -> FileError {
    let way_out = match what.kind {
        Kind::Pointer | Kind::Html | Kind::Xml | Kind::Empty => what.way_out,
        Kind::Trace => "Open it alone: it is replayed.".to_owned(),
        _ if what.phrase.contains("pickle") => {
            "It can't be read without running it. Convert it in Python: import pickle, numpy as np; d = pickle.load(open(\"data_batch_1\", \
             \"rb\"), encoding=\"bytes\"); np.savez(\"cifar.npz\", x_train=d[b\"data\"].reshape(-1, 3, 32, 32), \
             y_train=d[b\"labels\"])."
                .to_owned()
        }
        Kind::Picture if what.phrase.contains("PNG") || what.phrase.contains("JPEG") => {
            "Its beginning is damaged: download or copy it again.".to_owned()
        }
        Kind::Picture => "Save the pictures as PNG or JPEG.".to_owned(),
        Kind::Text => format!("The playground trains on pictures; a table of embeddings opens in the Diagnostics room. {ARRAYS}"),
        _ if what.room == Some(Takes::Diagnostics) => {
            format!("Embeddings open in the Diagnostics room; the playground trains on pictures. {ARRAYS}")
        }
        _ if what.phrase.starts_with("an IDX") || what.phrase.starts_with("compressed") => what.way_out,
        _ if what.phrase.contains("archive") => what.way_out,
        _ => ARRAYS.to_owned(),
    };
    let what = match what.kind {
        Kind::Unknown => "nothing that can be recognised (known are CIFAR, IDX, .npy, .npz, PNG and JPEG)".to_owned(),
        _ => what.phrase,
    };
    FileError::Unreadable { name: name.to_owned(), what, way_out }
}
