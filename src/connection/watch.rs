//! Whether the worker still answers: the page asks every few seconds (src/app/recovery.rs).

/// So many questions without an answer, and the worker is taken for dead.
const SILENT: u32 = 6;
/// So many questions that only the loader has answered while the engine had something to do, and it is taken for stuck: a GPU
/// may take work and never say that it is done.
const STUCK: u32 = 12;

/// How a worker is silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Nobody answers.
    Dead,
    /// The loader answers, but the engine does not go on.
    Stuck,
}

/// What to do when it is time to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// There is nobody to ask.
    Rest,
    /// Ask.
    Ask,
    /// Enough questions were asked.
    Over(Silence),
}

/// Counts questions.
#[derive(Debug, Default)]
pub struct Watch {
    /// Without an answer.
    missed: u32,
    /// Since the engine itself last said something.
    idle: u32,
}

impl Watch {
    /// The worker has said something: the engine in it, or only its loader.
    pub fn heard(&mut self, engine: bool) {
        self.missed = 0;
        if engine {
            self.idle = 0;
        }
    }

    /// It is time to ask; `busy`: the engine has something to do.
    pub fn ask(&mut self, busy: bool) -> Watched {
        self.missed += 1;
        self.idle = if busy { self.idle + 1 } else { 0 };
        match () {
            () if self.missed > SILENT => Watched::Over(Silence::Dead),
            () if self.idle > STUCK => Watched::Over(Silence::Stuck),
            () => Watched::Ask,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_answers_is_left_alone() {
        let mut watch = Watch::default();
        for _ in 0..100 {
            assert_eq!(watch.ask(true), Watched::Ask);
            watch.heard(true);
        }
    }

    #[test]
    fn one_that_says_nothing_is_dead_after_six_questions() {
        let mut watch = Watch::default();
        let asked = (0..100).take_while(|_| watch.ask(false) == Watched::Ask).count();
        assert_eq!(asked, 6);
        assert_eq!(watch.ask(false), Watched::Over(Silence::Dead));
    }

    #[test]
    fn one_whose_loader_alone_answers_is_stuck_after_twelve_but_only_while_it_has_work() {
        let mut watch = Watch::default();
        for _ in 0..50 {
            assert_eq!(watch.ask(false), Watched::Ask);
            watch.heard(false);
        }
        let asked = (0..100)
            .take_while(|_| {
                let asked = watch.ask(true) == Watched::Ask;
                watch.heard(false);
                asked
            })
            .count();
        assert_eq!(asked, 12);
    }
}
