//! Keeps the points of a run as it goes on: every evaluation at first, every second, fourth, ... of them as it gets long.

use super::Shot;

/// Shots that an arm keeps at most, the latest included.
pub const MOST: usize = 48;

/// The shots of one arm.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorder {
    most: usize,
    shots: Vec<Shot>,
    /// Evaluations between two shots that are kept for good.
    stride: usize,
    /// Evaluations so far.
    count: usize,
    /// The last shot is kept only until a later one comes.
    passing: bool,
}

impl Default for Recorder {
    fn default() -> Recorder {
        Recorder::new(MOST)
    }
}

impl Recorder {
    /// Keeps at most `most` shots (at least 4).
    pub fn new(most: usize) -> Recorder {
        Recorder { most: most.max(4), shots: Vec::new(), stride: 1, count: 0, passing: false }
    }

    /// A recorder that goes on from another one's `shots`, taken at some of the evaluations at `steps`.
    pub fn resumed(most: usize, shots: Vec<Shot>, steps: &[u32]) -> Recorder {
        let place = |shot: Option<&Shot>| shot.and_then(|shot| steps.iter().position(|step| *step == shot.step));
        let stride = place(shots.get(1)).unwrap_or(1).max(1);
        let passing = place(shots.last()).is_some_and(|last| !last.is_multiple_of(stride));
        Recorder { shots, stride, passing, count: steps.len(), ..Recorder::new(most) }
    }

    /// Takes the points of the next evaluation. The first and the latest are always kept.
    pub fn add(&mut self, shot: Shot) {
        if self.passing {
            self.shots.pop();
        }
        self.passing = !self.count.is_multiple_of(self.stride);
        self.count += 1;
        self.shots.push(shot);
        if self.shots.len() > self.most {
            self.thin();
        }
    }

    /// Keeps every second shot for good; the latest waits for its place if it loses it.
    fn thin(&mut self) {
        let Some(latest) = self.shots.pop() else { return };
        let stays = !self.passing && self.shots.len().is_multiple_of(2);
        let mut index = 0;
        self.shots.retain(|_| {
            index += 1;
            index % 2 == 1
        });
        self.shots.push(latest);
        self.passing = !stays;
        self.stride *= 2;
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
    fn a_resumed_recorder_goes_on_as_if_it_had_never_stopped() {
        for cut in 1..60 {
            let mut whole = Recorder::new(7);
            let mut steps = Vec::new();
            for step in 0..cut {
                whole.add(Shot { step, ..Shot::default() });
                steps.push(step);
            }
            // Two shots tell the spacing; with one it is still 1.
            let mut resumed = Recorder::resumed(7, whole.shots().to_vec(), &steps);
            for step in cut..cut + 30 {
                whole.add(Shot { step, ..Shot::default() });
                resumed.add(Shot { step, ..Shot::default() });
                assert_eq!(whole.shots(), resumed.shots(), "cut at {cut}, step {step}");
            }
        }
    }

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
                assert!(
                    even.iter().all(|gap| *gap == even[0]) && even.first().is_none_or(|gap| last <= gap),
                    "{steps:?}"
                );
            }
        }
    }
}
