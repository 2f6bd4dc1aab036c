//! Bytes that can be read and sought, whether they are packed or not: gzip around a file, or one file of a zip archive.
//!
//! A packed source is unpacked as it is read. Going back starts it again, so memory stays bounded whatever its size; the
//! readers go forwards, a pass at a time.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};

use flate2::bufread::{DeflateDecoder, MultiGzDecoder};

/// A file, or what is packed in it.
pub enum Source<R> {
    /// As it is.
    Plain(R),
    /// Unpacked as it is read.
    Packed(Box<Unpacked<R>>),
}

/// How bytes are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Not at all: a part of a file.
    Stored,
    /// As in zip archives.
    Deflate,
    /// gzip, one member or several.
    Gzip,
}

/// A packed part of a file.
pub struct Unpacked<R> {
    /// `None` only while one decoder replaces another.
    decoder: Option<Decoder<R>>,
    packing: Packing,
    /// The first packed byte, and how many there are.
    at: (u64, u64),
    /// Where the reader stands among the unpacked bytes, and how many there are.
    position: u64,
    length: u64,
}

enum Decoder<R> {
    Stored(Take<R>),
    Deflate(DeflateDecoder<BufReader<Take<R>>>),
    Gzip(MultiGzDecoder<BufReader<Take<R>>>),
}

impl<R: Read + Seek> Source<R> {
    /// Unpacks `length` bytes from byte `start`. Everything is unpacked once to learn how much it is, which also shows
    /// whether it is whole.
    ///
    /// # Errors
    /// What the decoder says.
    pub fn unpack(inner: R, packing: Packing, start: u64, length: u64) -> io::Result<Source<R>> {
        let mut unpacked = Unpacked { decoder: None, packing, at: (start, length), position: 0, length: u64::MAX };
        unpacked.begin(inner)?;
        unpacked.length = unpacked.skip(u64::MAX)?;
        unpacked.seek(SeekFrom::Start(0))?;
        Ok(Source::Packed(Box::new(unpacked)))
    }
}

impl<R: Read + Seek> Unpacked<R> {
    fn begin(&mut self, mut inner: R) -> io::Result<()> {
        inner.seek(SeekFrom::Start(self.at.0))?;
        let packed = inner.take(self.at.1);
        self.decoder = Some(match self.packing {
            Packing::Stored => Decoder::Stored(packed),
            Packing::Deflate => Decoder::Deflate(DeflateDecoder::new(BufReader::new(packed))),
            Packing::Gzip => Decoder::Gzip(MultiGzDecoder::new(BufReader::new(packed))),
        });
        self.position = 0;
        Ok(())
    }

    /// Reads past so many bytes, or to the end; returns how many there were.
    fn skip(&mut self, bytes: u64) -> io::Result<u64> {
        io::copy(&mut self.by_ref().take(bytes), &mut io::sink())
    }
}

impl<R: Read + Seek> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.decoder {
            Some(Decoder::Stored(decoder)) => decoder.read(buffer),
            Some(Decoder::Deflate(decoder)) => decoder.read(buffer),
            Some(Decoder::Gzip(decoder)) => decoder.read(buffer),
            None => Err(io::Error::other("the file can't be read again")),
        }?;
        self.position += read as u64;
        Ok(read)
    }
}

impl<R: Read + Seek> Seek for Unpacked<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
        };
        let target = target.ok_or_else(|| io::Error::other("before the beginning"))?;
        if target < self.position {
            let inner = match self.decoder.take() {
                Some(Decoder::Stored(decoder)) => decoder.into_inner(),
                Some(Decoder::Deflate(decoder)) => decoder.into_inner().into_inner().into_inner(),
                Some(Decoder::Gzip(decoder)) => decoder.into_inner().into_inner().into_inner(),
                None => return Err(io::Error::other("the file can't be read again")),
            };
            self.begin(inner)?;
        }
        let ahead = target - self.position;
        self.skip(ahead)?;
        Ok(self.position)
    }
}

impl<R: Read + Seek> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Source::Plain(inner) => inner.read(buffer),
            Source::Packed(unpacked) => unpacked.read(buffer),
        }
    }
}

impl<R: Read + Seek> Seek for Source<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Source::Plain(inner) => inner.seek(to),
            Source::Packed(unpacked) => unpacked.seek(to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};

    #[test]
    fn a_packed_file_is_read_and_sought_like_a_plain_one() {
        let plain: Vec<u8> = (0..300_000_u32).flat_map(|i| (i / 3).to_le_bytes()).collect();
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(&plain).unwrap();
        let packed = packer.finish().unwrap();
        let length = packed.len() as u64;
        let mut source = Source::unpack(Cursor::new(packed.clone()), Packing::Gzip, 0, length).unwrap();
        assert_eq!(source.seek(SeekFrom::End(0)).unwrap(), plain.len() as u64);
        for at in [0, 17, 1_000_000, 5, 1_199_990] {
            assert_eq!(source.seek(SeekFrom::Start(at)).unwrap(), at);
            let mut bytes = [0; 10];
            source.read_exact(&mut bytes).unwrap();
            assert_eq!(bytes, plain[at as usize..][..10]);
        }
        source.rewind().unwrap();
        let mut all = Vec::new();
        source.read_to_end(&mut all).unwrap();
        assert!(all == plain);
        assert!(Source::unpack(Cursor::new(&packed[..99]), Packing::Gzip, 0, 99).is_err());
    }
}
