//! How often a job is begun again after the worker that did it has ended.

/// So many times in a row.
const TRIES: u32 = 2;

/// Counts the times since the job last came further than before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retry {
    left: u32,
    /// Share of the work that was done at most, 0..1.
    furthest: f64,
    /// What that was when a worker ended last.
    lost_at: f64,
}

impl Default for Retry {
    fn default() -> Retry {
        Retry { left: TRIES, furthest: 0.0, lost_at: 0.0 }
    }
}

impl Retry {
    /// The job has come to this share of its work, 0..1.
    pub fn reached(&mut self, share: f64) {
        self.furthest = self.furthest.max(share);
    }

    /// The worker has ended: whether another one may try.
    pub fn is_worth_it(&mut self) -> bool {
        if self.furthest > self.lost_at {
            self.left = TRIES;
        }
        self.lost_at = self.furthest;
        let worth_it = self.left > 0;
        self.left = self.left.saturating_sub(1);
        worth_it
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_comes_no_further_is_begun_again_twice() {
        let mut retry = Retry::default();
        retry.reached(0.5);
        assert_eq!([(); 4].map(|()| retry.is_worth_it()), [true, true, false, false]);
        // It came up to where it was.
        retry.reached(0.5);
        assert!(!retry.is_worth_it());
    }

    #[test]
    fn one_that_never_begins_too() {
        let mut retry = Retry::default();
        assert_eq!([(); 3].map(|()| retry.is_worth_it()), [true, true, false]);
    }

    #[test]
    fn coming_further_is_a_new_start() {
        let mut retry = Retry::default();
        for share in [0.1, 0.2, 0.3, 0.4] {
            retry.reached(share);
            assert!(retry.is_worth_it(), "at {share}");
            assert!(retry.is_worth_it(), "again at {share}");
        }
    }
}
