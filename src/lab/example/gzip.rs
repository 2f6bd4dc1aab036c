//! Whole example files, compressed and decompressed here; the browser does that with its own gzip.

use std::io;

use super::{Example, ExampleError, MOST_BYTES, open, pack, seal, unpack};
use crate::sealed::gzip::{compress, decompress};

/// A whole file.
///
/// # Errors
/// When compressing fails, which it does only without memory.
pub fn to_bytes(example: &Example) -> io::Result<Vec<u8>> {
    let payload = pack(example);
    Ok(seal(&payload, &compress(&payload)?))
}

/// The example in a whole file.
///
/// # Errors
/// An [`ExampleError`] when the file is something else, of another version or damaged.
pub fn from_bytes(file: &[u8]) -> Result<Example, ExampleError> {
    let payload = decompress(open(file)?, MOST_BYTES).ok().flatten().ok_or(ExampleError::Parts)?;
    unpack(file, &payload)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sealed::Broken;

    #[test]
    fn an_example_comes_back_and_damage_and_other_files_are_told() {
        let example = Example { about: "a test".to_owned(), seconds: 1.5, model: vec![1, 2, 3], ..Example::default() };
        let file = to_bytes(&example).unwrap();
        assert_eq!(from_bytes(&file), Ok(example));
        assert_eq!(from_bytes(b"PK\x03\x04"), Err(ExampleError::Head(Broken::Foreign)));
        let newer = [&file[..4], &[9], &file[5..]].concat();
        assert_eq!(from_bytes(&newer), Err(ExampleError::Head(Broken::Newer(9))));
        assert!(from_bytes(&file[..file.len() / 2]).is_err());
    }
}
