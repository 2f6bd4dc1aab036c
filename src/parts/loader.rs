//! What the loader of a worker says to whoever has started it (static/worker.js): `[what, ...]`.

/// A message of the loader.
#[derive(Clone, Debug, PartialEq)]
pub enum Loader {
    /// So many bytes of so many have come; of 0: nobody knows.
    Download(f64, f64),
    /// The module runs.
    Loaded,
    /// The adapter that it found, and its limits.
    Adapter(String, String),
    /// The GPU is gone, and why.
    GpuLost(String),
    /// The browser gives no more memory.
    OutOfMemory(String),
    /// The worker can't go on, and why; nothing of one that ended without a word.
    Failed(String),
    /// The worker lives, and holds this lock as long as it does.
    Alive(String),
    /// The answer to a ping.
    Pong,
    /// The engine asks for its second worker.
    WantsSecondWorker,
}

/// The parts of a message.
pub trait Parts {
    /// The text at a place, if there is one.
    fn text(&self, at: u32) -> Option<String>;

    /// The number at a place, if there is one.
    fn number(&self, at: u32) -> Option<f64>;
}

impl Loader {
    /// Reads a message; `None` where it is none of the loader's.
    pub fn read(parts: &impl Parts) -> Option<Loader> {
        let text = |at| parts.text(at);
        Some(match text(0)?.as_str() {
            "download" => Loader::Download(parts.number(1)?, parts.number(2)?),
            "loaded" => Loader::Loaded,
            "adapter" => Loader::Adapter(text(1)?, text(2)?),
            "lost" => Loader::GpuLost(text(1)?),
            "failed" if text(2).as_deref() == Some("memory") => Loader::OutOfMemory(text(1)?),
            "failed" => Loader::Failed(text(1).unwrap_or_default()),
            "alive" => Loader::Alive(text(1)?),
            "pong" => Loader::Pong,
            "aide" => Loader::WantsSecondWorker,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parts as words; those that are numbers are no text.
    struct Words<'a>(&'a [&'a str]);

    impl Parts for Words<'_> {
        fn text(&self, at: u32) -> Option<String> {
            self.0.get(at as usize).filter(|word| word.parse::<f64>().is_err()).map(ToString::to_string)
        }

        fn number(&self, at: u32) -> Option<f64> {
            self.0.get(at as usize)?.parse().ok()
        }
    }

    fn read(words: &[&str]) -> Option<Loader> {
        Loader::read(&Words(words))
    }

    #[test]
    fn parts_are_taken_in_their_order() {
        assert_eq!(read(&["download", "3", "0"]), Some(Loader::Download(3.0, 0.0)));
        assert_eq!(read(&["adapter", "none", "no limits"]), Some(Loader::Adapter("none".into(), "no limits".into())));
        assert_eq!(read(&["alive", "lock"]), Some(Loader::Alive("lock".into())));
    }

    #[test]
    fn a_failure_may_be_of_memory_and_may_be_without_a_word() {
        assert_eq!(read(&["failed", "why", "memory"]), Some(Loader::OutOfMemory("why".into())));
        assert_eq!(read(&["failed", "why"]), Some(Loader::Failed("why".into())));
        assert_eq!(read(&["failed"]), Some(Loader::Failed(String::new())));
    }

    #[test]
    fn what_is_cut_short_or_unknown_is_not_taken_for_something_else() {
        for parts in [&["download", "3"][..], &["adapter", "none"], &["lost"], &["alive"], &["hello"], &["3"], &[]] {
            assert_eq!(read(parts), None, "{parts:?}");
        }
    }

    /// The first part of each `say([`, `postMessage([` and `data: [` of static/worker.js.
    #[test]
    fn all_that_the_loader_says_is_known() {
        let script = include_str!("../../static/worker.js");
        let mut words = Vec::new();
        for mark in ["say([", "postMessage([", "data: ["] {
            for (at, _) in script.match_indices(mark) {
                let rest = &script[at + mark.len()..];
                // `QUERY === '' ? 'lost' : 'failed'` says one of two.
                let first = rest.split(&[',', ']'][..]).next().unwrap();
                words.extend(first.split('\'').skip(1).step_by(2).filter(|word| !word.is_empty()));
            }
        }
        assert!(words.len() > 8 && words.contains(&"lost"), "{words:?}");
        for word in words {
            let known = [&[word, "a", "b"][..], &[word, "1", "2"]].into_iter().any(|parts| read(parts).is_some());
            assert!(known, "the loader says {word}, which Loader::read does not know");
        }
    }
}
