//! What a file is, told from its contents: its name for people, the way out, and the room that takes it.
//!
//! Readers ask before they refuse, and the page asks before it decides where a dropped file goes. Only a look at the first and
//! the last bytes is needed, so a file of any size is named at once.

mod archive;
mod binary;
mod by_name;
mod kinds;
mod text;

use binary::binary;
pub use binary::idx_numbers;
use by_name::{extension, unknown};
pub use kinds::{Kind, Takes, What};
use text::text;
pub use text::utf16;

/// Bytes of a file's beginning and end that are enough to tell.
pub const LOOK: usize = 64 << 10;

/// Tells what a file is from its first bytes (up to [`LOOK`]), its last ones, its length and its name.
pub fn what_is(start: &[u8], end: &[u8], length: u64, name: &str) -> What {
    let extension = extension(name);
    binary(start, end, length, name).or_else(|| text(start)).unwrap_or_else(|| unknown(&extension))
}

/// The room for several files together: pictures win over the texts that explain them, a run counts alone.
pub fn room_of(files: &[What]) -> Option<Takes> {
    let has = |room: Takes| files.iter().any(|file| file.room == Some(room));
    if has(Takes::Playground) {
        Some(Takes::Playground)
    } else if has(Takes::Replay) && files.len() == 1 {
        Some(Takes::Replay)
    } else {
        has(Takes::Diagnostics).then_some(Takes::Diagnostics)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8], name: &str) -> What {
        let end = &bytes[bytes.len().saturating_sub(LOOK)..];
        what_is(&bytes[..bytes.len().min(LOOK)], end, bytes.len() as u64, name)
    }

    #[test]
    fn every_stand_in_is_named_with_the_way_to_the_file() {
        for (bytes, name, says) in [
            (&b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 5\n"[..], "z.npy", "git lfs pull"),
            (b"/annex/objects/SHA256E-s5--4d.npy\n", "z.npy", "git annex get"),
            (b"outs:\n- md5: 4d\n  size: 5\n  path: z.npy\n", "z.npy.dvc", "dvc pull"),
            (b"\n<!DOCTYPE html><title>Sign in</title>", "z.npz", "download it again"),
            (b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", "z.npy", "download it again"),
        ] {
            let found = of(bytes, name);
            assert!(found.way_out.contains(says) && found.room.is_none(), "{found:?}");
        }
    }

    #[test]
    fn formats_are_told_by_their_contents_and_say_which_room_takes_them() {
        let vecs = |width: u32, size: usize| {
            (0..5_u8).flat_map(|row| [&width.to_le_bytes()[..], &vec![row; width as usize * size]].concat()).collect()
        };
        let npy = |kind: &str, shape: &str| {
            let head = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
            [b"\x93NUMPY\x01\0", &(head.len() as u16).to_le_bytes()[..], head.as_bytes()].concat()
        };
        let zipped = |name: &str, bytes: &[u8]| {
            [b"PK\x03\x04\0\0", name.as_bytes(), bytes, b"PK\x01\x02", name.as_bytes()].concat()
        };
        let rows = |width: usize| {
            [vec!["7"; width].join(","), vec!["0"; width].join(","), "1,2".to_owned()].join("\n").into_bytes()
        };
        let cases: Vec<(Vec<u8>, &str, Kind, Option<Takes>)> = vec![
            (b"\x93NUMPY\x01\0".to_vec(), "z", Kind::Npy, Some(Takes::Diagnostics)),
            // 1152 is 0x480, which reads as the start of a pickle.
            (vecs(1152, 4), "z.fvecs", Kind::Fvecs, Some(Takes::Diagnostics)),
            (vecs(128, 4), "z", Kind::Fvecs, Some(Takes::Diagnostics)),
            (vecs(128, 1), "z.bvecs", Kind::Bvecs, Some(Takes::Diagnostics)),
            (b"\x80\x04\x95".to_vec(), "z.pkl", Kind::Foreign, None),
            (b"(dp0\nS'z'\np1\n.".to_vec(), "z.pkl", Kind::Foreign, None),
            (b"\0\0\x08\x03\0\0\0\x05\0\0\0\x08\0\0\0\x08".to_vec(), "x", Kind::Idx, Some(Takes::Playground)),
            (b"\0\0\x08\x03\x58\x02\0\0\x08\0\0\0\x08\0\0\0".to_vec(), "x", Kind::Foreign, None),
            (vec![3; 2 * 3073], "data_batch_1.bin", Kind::Cifar10, Some(Takes::Playground)),
            (vec![3; 2 * 3074], "train.bin", Kind::Cifar100, Some(Takes::Playground)),
            (b"NSTR\x01".to_vec(), "run.trace", Kind::Trace, Some(Takes::Replay)),
            (b"\x89PNG\r\n\x1a\n\0\0".to_vec(), "a.png", Kind::Picture, Some(Takes::Playground)),
            (b"1,2\n3,4\n".to_vec(), "z.csv", Kind::Text, Some(Takes::Diagnostics)),
            (b"\xff\xfe1\0,\x002\0\n\0".to_vec(), "z.csv", Kind::Text, Some(Takes::Diagnostics)),
            (b"BMI,label\n1,2\n".to_vec(), "z.csv", Kind::Text, Some(Takes::Diagnostics)),
            (b"[[1, 2]]".to_vec(), "z.json", Kind::Json, Some(Takes::Diagnostics)),
            (b"z\n\"[0.1, 0.2]\"\n".to_vec(), "z.csv", Kind::Text, Some(Takes::Diagnostics)),
            (b"These are my notes of 2026.\n".to_vec(), "notes.txt", Kind::Text, None),
            (npy("|u1", "(500, 28, 28)"), "x.npy", Kind::Npy, Some(Takes::Playground)),
            (npy("<f4", "(500, 2, 16)"), "x.npy", Kind::Npy, Some(Takes::Diagnostics)),
            (npy("|u1", "(500,)"), "x.npy", Kind::Npy, Some(Takes::Diagnostics)),
            (zipped("train_images.npy", b"\0\0"), "m.npz", Kind::Npz, Some(Takes::Playground)),
            (zipped("a.npy", &npy("|u1", "(9, 8, 8, 3)")), "m.npz", Kind::Npz, Some(Takes::Playground)),
            (zipped("x_train.npy", &npy("<f4", "(9, 8)")), "m.npz", Kind::Npz, Some(Takes::Diagnostics)),
            (zipped("cats/1.png", b"\0"), "m.zip", Kind::Zip, Some(Takes::Playground)),
            (zipped("z.csv", b"\0"), "m.zip", Kind::Zip, Some(Takes::Diagnostics)),
            (b"\x1f\x8b\x08".to_vec(), "t10k-images-idx3-ubyte.gz", Kind::Gzip, Some(Takes::Playground)),
            (b"\x1f\x8b\x08".to_vec(), "z.npy.gz", Kind::Gzip, Some(Takes::Diagnostics)),
            (rows(785), "mnist_train.csv", Kind::Text, Some(Takes::Playground)),
            (rows(17), "z.csv", Kind::Text, Some(Takes::Diagnostics)),
            (b"".to_vec(), "z.csv", Kind::Empty, None),
            (b"\x01\x02\x03\0\0\xff".to_vec(), "z", Kind::Unknown, None),
        ];
        for (bytes, name, kind, room) in cases {
            let found = of(&bytes, name);
            assert_eq!((found.kind, found.room), (kind, room), "{name}: {found:?}");
            let read = room != Some(Takes::Playground)
                && matches!(kind, Kind::Npy | Kind::Npz | Kind::Fvecs | Kind::Bvecs | Kind::Text | Kind::Json);
            assert_eq!(found.way_out.is_empty(), read, "{found:?}");
        }
    }

    #[test]
    fn several_files_go_where_their_pictures_go() {
        let (text, picture, trace) =
            (of(b"1,2\n3,4\n", "z.csv"), of(b"\x89PNG\r\n\x1a\n\0", "a.png"), of(b"NSTR\x01", "a"));
        for (files, room) in [
            (vec![text.clone(), text.clone()], Some(Takes::Diagnostics)),
            (vec![text.clone(), picture.clone(), picture], Some(Takes::Playground)),
            (vec![trace.clone()], Some(Takes::Replay)),
            (vec![trace, text], Some(Takes::Diagnostics)),
            (vec![of(b"%PDF-1.4", "a.pdf")], None),
            (vec![], None),
        ] {
            assert_eq!(room_of(&files), room, "{files:?}");
        }
    }
}
