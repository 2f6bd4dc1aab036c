//! What went wrong, and how long to wait before another worker is tried.

/// Milliseconds before each try in a row; one more fault and the reader is asked.
const DELAYS: [u32; 6] = [0, 400, 1000, 2000, 4000, 8000];
/// So many failures on the GPU in a row, and the CPU takes over.
const GPU_FAILURES: u32 = 3;
/// Tries that running out of memory costs: there will hardly be more of it the next time.
const MEMORY_COSTS: u32 = 3;
/// Faults that are kept for the report.
const LISTED: usize = 20;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The GPU is gone.
    Gpu,
    /// The worker is.
    Engine,
    /// The browser gives no more of it.
    Memory,
}

/// A fault, as the report has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Happened {
    /// What.
    pub fault: Fault,
    /// As the browser or the engine said it.
    pub why: String,
    /// The step at which the run was.
    pub step: u32,
    /// When, as the page's clock says it.
    pub when: String,
}

/// All faults, and those since training last went on.
#[derive(Debug, Default)]
pub struct Faults {
    /// The last ones.
    listed: Vec<Happened>,
    /// All.
    count: u32,
    /// Since training last went on.
    streak: u32,
    /// Of those, on the GPU: a browser may tell that it is lost only seconds after the engine has failed for it.
    on_gpu: u32,
    /// The CPU stands in for a GPU that failed too often.
    fallen_back: bool,
}

impl Faults {
    /// Counts one; milliseconds to wait before the next try, or `None`: enough.
    pub fn add(&mut self, happened: Happened, on_gpu: bool) -> Option<u32> {
        let delay = DELAYS.get(self.streak as usize).copied();
        self.streak += if happened.fault == Fault::Memory { MEMORY_COSTS } else { 1 };
        self.count += 1;
        if self.listed.len() == LISTED {
            self.listed.remove(0);
        }
        self.listed.push(happened);
        if on_gpu {
            self.on_gpu += 1;
            self.fallen_back |= self.on_gpu >= GPU_FAILURES;
        }
        delay
    }

    /// Training went on.
    pub fn recovered(&mut self) {
        (self.streak, self.on_gpu) = (0, 0);
    }

    /// The reader wants another try.
    pub fn try_again(&mut self) {
        self.streak = 0;
    }

    /// The reader has chosen a device.
    pub fn start_afresh(&mut self) {
        self.recovered();
        self.fallen_back = false;
    }

    /// Whether the CPU stands in for a GPU.
    pub fn has_fallen_back(&self) -> bool {
        self.fallen_back
    }

    /// Faults so far.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The last ones, oldest first.
    pub fn listed(&self) -> &[Happened] {
        &self.listed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn happened(fault: Fault) -> Happened {
        Happened { fault, why: "it said so".to_owned(), step: 3, when: "now".to_owned() }
    }

    #[test]
    fn each_try_in_a_row_waits_longer_and_the_seventh_asks_the_reader() {
        let mut faults = Faults::default();
        let delays: Vec<Option<u32>> = (0..7).map(|_| faults.add(happened(Fault::Engine), false)).collect();
        assert_eq!(delays, [Some(0), Some(400), Some(1000), Some(2000), Some(4000), Some(8000), None]);
        faults.recovered();
        assert_eq!(faults.add(happened(Fault::Engine), false), Some(0));
        assert_eq!(faults.count(), 8);
    }

    #[test]
    fn running_out_of_memory_is_tried_twice() {
        let mut faults = Faults::default();
        assert!(faults.add(happened(Fault::Memory), false).is_some());
        assert!(faults.add(happened(Fault::Memory), false).is_some());
        assert!(faults.add(happened(Fault::Memory), false).is_none());
    }

    #[test]
    fn the_third_failure_of_the_gpu_in_a_row_leads_to_the_cpu() {
        let mut faults = Faults::default();
        for _ in 0..2 {
            faults.add(happened(Fault::Gpu), true);
        }
        faults.recovered();
        for failures in 1..=3 {
            assert!(!faults.has_fallen_back());
            faults.add(happened(Fault::Gpu), true);
            assert_eq!(faults.has_fallen_back(), failures == 3);
        }
        faults.recovered();
        assert!(faults.has_fallen_back(), "until the reader chooses");
        faults.start_afresh();
        assert!(!faults.has_fallen_back());
    }

    #[test]
    fn the_report_has_the_last_twenty() {
        let mut faults = Faults::default();
        for step in 0..30 {
            faults.add(Happened { step, ..happened(Fault::Engine) }, false);
        }
        let steps: Vec<u32> = faults.listed().iter().map(|happened| happened.step).collect();
        assert_eq!(steps, (10..30).collect::<Vec<_>>());
    }
}
