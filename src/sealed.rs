//! The head that every file of ours begins with: four bytes that name its kind, a version byte, a checksum of its payload.

#[cfg(feature = "cli")]
pub mod gzip;

use crate::data::fnv1a;

/// Bytes of a head.
pub const HEAD: usize = 13;

/// A kind of file, in the version that is written and the newest that is read.
#[derive(Clone, Copy, Debug)]
pub struct Seal {
    /// The first bytes.
    pub magic: [u8; 4],
    /// From 1.
    pub version: u8,
    /// The oldest version that is still read.
    pub oldest: u8,
}

/// Why a file is not what its reader expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Of another kind.
    Foreign,
    /// Of a later version.
    Newer(u8),
    /// Of a version that never was.
    Unknown(u8),
    /// Shorter than its head.
    CutOff,
    /// The payload is not the one that was sealed.
    Changed,
}

impl Seal {
    /// The head of a file with this payload, then `body`: the payload, or the payload compressed.
    pub fn close(self, payload: &[u8], body: &[u8]) -> Vec<u8> {
        let mut file = Vec::with_capacity(HEAD + body.len());
        file.extend_from_slice(&self.magic);
        file.push(self.version);
        file.extend_from_slice(&fnv1a(payload).to_le_bytes());
        file.extend_from_slice(body);
        file
    }

    /// The version of a file whose head is sound.
    pub fn version_of(self, file: &[u8]) -> Option<u8> {
        file.get(self.magic.len()).copied()
    }

    /// What follows the head; nothing is said of it yet.
    ///
    /// # Errors
    /// [`Broken`], but never [`Broken::Changed`].
    pub fn body(self, file: &[u8]) -> Result<&[u8], Broken> {
        if !file.starts_with(&self.magic) {
            return Err(Broken::Foreign);
        }
        match file.get(self.magic.len()) {
            Some(&version) if version > self.version => Err(Broken::Newer(version)),
            Some(&version) if version < self.oldest => Err(Broken::Unknown(version)),
            Some(_) if file.len() > HEAD => Ok(&file[HEAD..]),
            _ => Err(Broken::CutOff),
        }
    }

    /// Whether this is the payload that a file was sealed with.
    ///
    /// # Errors
    /// [`Broken`].
    pub fn check(self, file: &[u8], payload: &[u8]) -> Result<(), Broken> {
        self.body(file)?;
        if file[HEAD - 8..HEAD] == fnv1a(payload).to_le_bytes() { Ok(()) } else { Err(Broken::Changed) }
    }

    /// The payload of a file that is not compressed.
    ///
    /// # Errors
    /// [`Broken`].
    pub fn open(self, file: &[u8]) -> Result<&[u8], Broken> {
        let payload = self.body(file)?;
        self.check(file, payload)?;
        Ok(payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEAL: Seal = Seal { magic: *b"TEST", version: 2, oldest: 2 };

    #[test]
    fn what_is_sealed_can_be_opened_and_every_change_is_noticed() {
        let file = SEAL.close(b"payload", b"payload");
        assert_eq!(SEAL.open(&file), Ok(b"payload".as_slice()));
        for at in 0..file.len() {
            for bit in 0..8 {
                let mut changed = file.clone();
                changed[at] ^= 1 << bit;
                assert!(SEAL.open(&changed).is_err(), "byte {at}, bit {bit}");
            }
            assert!(SEAL.open(&file[..at]).is_err());
        }
        let version = |version: u8| [&file[..4], &[version], &file[5..]].concat();
        assert_eq!(SEAL.open(&version(3)), Err(Broken::Newer(3)));
        assert_eq!(SEAL.open(&version(1)), Err(Broken::Unknown(1)));
        assert_eq!(SEAL.open(b"other"), Err(Broken::Foreign));
        assert_eq!(SEAL.open(&file[..HEAD]), Err(Broken::CutOff));
    }
}
