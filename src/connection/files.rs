//! The files that are open, kept for the next worker: it has to train on the same data as the last one, whatever their size.

use crate::text::listed;

/// A file's bytes where they cost this program no memory of its own: in the browser, a JavaScript array.
pub trait Held: Clone {
    /// Keeps bytes.
    fn hold(bytes: &[u8]) -> Self;
    /// Gives them back.
    fn bytes(&self) -> Vec<u8>;
}

impl Held for Vec<u8> {
    fn hold(bytes: &[u8]) -> Vec<u8> {
        bytes.to_vec()
    }

    fn bytes(&self) -> Vec<u8> {
        self.clone()
    }
}

/// The files that were opened last, and before them those that were open: the engine may refuse the last ones.
#[derive(Debug)]
pub struct Files<F>(Vec<Vec<(String, F)>>);

impl<F> Default for Files<F> {
    fn default() -> Files<F> {
        Files(Vec::new())
    }
}

impl<F: Held> Files<F> {
    /// The reader has opened these.
    pub fn open(&mut self, files: &[(String, Vec<u8>)]) {
        self.0.push(files.iter().map(|(name, bytes)| (name.clone(), F::hold(bytes))).collect());
        if self.0.len() > 2 {
            self.0.remove(0);
        }
    }

    /// The engine has said that something is wrong with this input: if it is files, those before them are still open.
    pub fn refused(&mut self, input: &str) {
        let is_meant = |files: &Vec<(String, F)>| {
            let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
            !names.is_empty() && listed(&names) == input
        };
        if let Some(at) = self.0.iter().rposition(is_meant) {
            self.0.remove(at);
        }
    }

    /// (name, bytes) of what is open.
    pub fn current(&self) -> Vec<(String, Vec<u8>)> {
        let open = self.0.last().map(Vec::as_slice).unwrap_or_default();
        open.iter().map(|(name, held)| (name.clone(), held.bytes())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> Vec<(String, Vec<u8>)> {
        vec![(name.to_owned(), name.as_bytes().to_vec())]
    }

    #[test]
    fn a_refused_file_leaves_the_one_before_it_open() {
        let mut files = Files::<Vec<u8>>::default();
        assert_eq!(files.current(), []);
        for name in ["first.npz", "second.npz", "broken.npz"] {
            files.open(&file(name));
        }
        files.refused("broken.npz");
        assert_eq!(files.current(), file("second.npz"));
        files.refused("a.lr");
        assert_eq!(files.current(), file("second.npz"));
    }
}
