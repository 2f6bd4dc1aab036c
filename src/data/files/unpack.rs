//! Archives: gzip, zip and tar files become the files inside, with their paths.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::names::Use;
use crate::data::file_error::FileError;
use crate::data::limits::MAX_BYTES;

/// Archives within archives that are opened.
const MAX_DEPTH: u32 = 4;
/// Most files of an archive that are looked at.
const MAX_ENTRIES: usize = 200_000;
const TAR_BLOCK: usize = 512;

/// A file, or a file inside an archive.
pub struct Entry<'a> {
    /// Its path, with `/` between folders.
    pub name: String,
    /// Its contents.
    pub bytes: Cow<'a, [u8]>,
}

/// Opens whatever is packed. Files that only machines leave behind are dropped, and counted in a note.
pub fn entries<'a>(files: &'a [(String, Vec<u8>)], notes: &mut Vec<String>) -> Result<Vec<Entry<'a>>, FileError> {
    let mut unpacker = Unpacker { entries: Vec::new(), companions: 0, left: MAX_BYTES };
    for (name, bytes) in files {
        if bytes.len() > MAX_BYTES {
            return Err(FileError::Huge(name.clone()));
        }
        unpacker.take(name.replace('\\', "/"), Cow::Borrowed(bytes.as_slice()), 0)?;
    }
    if unpacker.companions > 0 && !unpacker.entries.is_empty() {
        notes.push(match unpacker.companions {
            1 => "One hidden file is left out.".to_owned(),
            many => format!("{many} hidden files are left out."),
        });
    }
    Ok(unpacker.entries)
}

struct Unpacker<'a> {
    entries: Vec<Entry<'a>>,
    companions: usize,
    /// Bytes that may still be unpacked.
    left: usize,
}

impl<'a> Unpacker<'a> {
    fn take(&mut self, name: String, bytes: Cow<'a, [u8]>, depth: u32) -> Result<(), FileError> {
        if is_hidden(&name) {
            self.companions += 1;
            return Ok(());
        }
        if depth < MAX_DEPTH {
            if bytes.starts_with(&[0x1f, 0x8b]) {
                let unpacked = self.gunzip(&name, &bytes)?;
                let inner = name
                    .strip_suffix(".tgz")
                    .map(|start| format!("{start}.tar"))
                    .or_else(|| name.strip_suffix(".gz").map(str::to_owned))
                    .unwrap_or(name);
                return self.take(inner, Cow::Owned(unpacked), depth + 1);
            }
            if bytes.starts_with(b"PK\x03\x04") && is_plain_zip(&bytes) {
                return self.unzip(&name, &bytes, depth);
            }
            if bytes.get(257..262) == Some(b"ustar".as_slice()) {
                return self.untar(&name, &bytes, depth);
            }
        }
        self.entries.push(Entry { name, bytes });
        Ok(())
    }

    /// Reads to the end, as long as everything together stays within bounds.
    fn read(&mut self, name: &str, packing: &str, reader: &mut dyn Read) -> Result<Vec<u8>, FileError> {
        let mut unpacked = Vec::new();
        let found = reader.take(self.left as u64 + 1).read_to_end(&mut unpacked);
        if unpacked.len() > self.left {
            return Err(FileError::Huge(name.to_owned()));
        }
        found.map_err(|_| damaged(name, packing))?;
        self.left -= unpacked.len();
        Ok(unpacked)
    }

    fn gunzip(&mut self, name: &str, bytes: &[u8]) -> Result<Vec<u8>, FileError> {
        self.read(name, "gzip", &mut flate2::read::MultiGzDecoder::new(bytes))
    }

    fn unzip(&mut self, name: &str, bytes: &[u8], depth: u32) -> Result<(), FileError> {
        let broken = || damaged(name, "zip");
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
        let folder = folder_of(name);
        for index in 0..archive.len().min(MAX_ENTRIES) {
            let mut file = archive.by_index(index).map_err(|_| broken())?;
            if file.is_dir() {
                continue;
            }
            let path = file.name().map_err(|_| broken())?.replace('\\', "/");
            if is_hidden(&path) {
                self.companions += 1;
                continue;
            }
            if file.encrypted() {
                let way_out = "Unpack it, and choose the files inside.";
                return Err(FileError::unreadable(name, "a zip archive with a password", way_out));
            }
            let contents = self.read(&format!("{name}: {path}"), "zip", &mut file)?;
            self.take(format!("{folder}/{path}"), Cow::Owned(contents), depth + 1)?;
        }
        Ok(())
    }

    fn untar(&mut self, name: &str, bytes: &[u8], depth: u32) -> Result<(), FileError> {
        let own = folder_of(name);
        let mut at = 0;
        while let Some(head) = bytes.get(at..at + TAR_BLOCK).filter(|head| head[0] != 0) {
            let text = |from: usize, length: usize| {
                let field = &head[from..from + length];
                let end = field.iter().position(|byte| *byte == 0).unwrap_or(length);
                String::from_utf8_lossy(&field[..end]).into_owned()
            };
            let size = usize::from_str_radix(text(124, 12).trim(), 8).map_err(|_| damaged(name, "tar"))?;
            let start = at + TAR_BLOCK;
            let contents =
                start.checked_add(size).and_then(|end| bytes.get(start..end)).ok_or_else(|| damaged(name, "tar"))?;
            // Regular files only; everything else has no contents of its own.
            if matches!(head[156], b'0' | 0) {
                let (folder, file) = (text(345, 155), text(0, 100));
                let path = if folder.is_empty() { file } else { format!("{folder}/{file}") };
                if size > self.left {
                    return Err(FileError::Huge(name.to_owned()));
                }
                self.left -= size;
                self.take(format!("{own}/{path}"), Cow::Owned(contents.to_vec()), depth + 1)?;
            }
            at = start + size.next_multiple_of(TAR_BLOCK);
        }
        Ok(())
    }
}

/// The folder that an archive stands for: its name says as much about its files as a folder's would.
fn folder_of(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let last = stem.rsplit('/').next().unwrap_or_default();
    let half = match Use::of_name(last) {
        Some(purpose) if Use::of_folder(last).is_none() => match purpose {
            Use::Train => "/train",
            Use::Validation => "/val",
            Use::Test => "/test",
            Use::Any => "",
        },
        _ => "",
    };
    format!("{stem}{half}")
}

/// Files that systems and programs leave beside the data.
fn is_hidden(path: &str) -> bool {
    let parts = || path.split('/').filter(|part| !part.is_empty() && *part != "." && *part != "..");
    let file = parts().next_back().unwrap_or_default().to_ascii_lowercase();
    parts().any(|part| part.starts_with('.') || part == "__MACOSX")
        || matches!(file.as_str(), "thumbs.db" | "desktop.ini" | "ehthumbs.db" | "icon\r")
}

/// Whether a zip archive is one to open: not a container of some program, and no archive of arrays.
fn is_plain_zip(bytes: &[u8]) -> bool {
    let Ok(archive) = ZipArchive::new(Cursor::new(bytes)) else { return true };
    !archive.file_names().any(|name| {
        let name = name.unwrap_or_default();
        name.ends_with(".npy") && !name.contains('/')
            || name.ends_with("data.pkl")
            || name == "[Content_Types].xml"
            || name == "mimetype"
    })
}

fn damaged(name: &str, packing: &str) -> FileError {
    let what = format!("packed ({packing}), and cut off or damaged");
    FileError::unreadable(name, what, "Download or copy it again.")
}
