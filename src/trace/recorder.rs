//! Keeps the points of a run as it goes on: every evaluation at first, every second, fourth, ... of them as it gets long.

use super::Shot;

/// Shots that an arm keeps at most, the latest included.
pub const MOST: usize = 48;

/// The shots of one arm.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorder {
    most: usize,
    shots: Vec<Shot>,
    /// Evaluations between two kept shots.
    stride: usize,
    /// Evaluations since the last shot that is kept for good.
    since: usize,
}

impl Default for Recorder {
    fn default() -> Recorder {
        Recorder::new(MOST)
    }
}

impl Recorder {
    /// Keeps at most `most` shots (at least 4).
    pub fn new(most: usize) -> Recorder {
        Recorder { most: most.max(4), shots: Vec::new(), stride: 1, since: 0 }
    }

    /// Takes the points of the next evaluation. The first and the latest are always kept.
    pub fn add(&mut self, shot: Shot) {
        if self.since != 0 {
            // The latest was kept only until a later one came.
            self.shots.pop();
        }
        self.since = (self.since + 1) % self.stride;
        self.shots.push(shot);
        if self.shots.len() > self.most {
            let mut index = 0;
            self.shots.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            // An even number of shots loses its last; the newest must stay, so it waits for its place again.
            self.stride *= 2;
            self.since = 0;
        }
    }

    /// The shots so far, in the order of steps.
    pub fn shots(&self) -> &[Shot] {
        &self.shots
    }

    /// Starts afresh.
    pub fn clear(&mut self) {
        *self = Recorder::new(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_stays_bounded_evenly_spaced_with_its_first_and_latest_shot() {
        let mut recorder = Recorder::new(9);
        for step in 0..1000 {
            recorder.add(Shot { step, ..Shot::default() });
            let steps: Vec<u32> = recorder.shots().iter().map(|shot| shot.step).collect();
            assert!(steps.len() <= 9, "{steps:?}");
            assert_eq!((steps[0], *steps.last().unwrap()), (0, step), "{steps:?}");
            let gaps: Vec<u32> = steps.windows(2).map(|pair| pair[1] - pair[0]).collect();
            if let Some((last, even)) = gaps.split_last() {
                assert!(even.iter().all(|gap| *gap == even[0]) && even.first().is_none_or(|gap| last <= gap), "{steps:?}");
            }
        }
    }
}
