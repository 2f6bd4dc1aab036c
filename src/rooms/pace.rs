//! How long work takes on this device: of a job that runs, by what is done of it; of a study before it starts, by what trained
//! here before. All of it is an estimate, and the page says so.

use web_time::Instant;

use crate::config::{ArmConfig, DataName, Method};

/// Seconds and share of a job before which nothing is said of its time: modules load, networks warm up.
const FEWEST_SECONDS: f64 = 1.0;
const LEAST_SHARE: f64 = 0.01;
/// Multiplications of a step whose overhead is as large as the multiplications themselves: those of the small networks on digits,
/// about.
const OVERHEAD: f64 = 64.0 * (64.0 * 64.0 + 3.0 * 64.0 * 64.0);

/// Since when a job runs.
#[derive(Clone, Copy)]
pub struct Clock {
    begun: Instant,
    /// The first share that was heard of: a study that goes on does not begin with nothing.
    from: Option<(Instant, f64)>,
}

impl Clock {
    /// A clock that starts now.
    pub fn start() -> Clock {
        Clock { begun: Instant::now(), from: None }
    }

    /// The job is so far.
    pub fn hear(&mut self, share: f64) {
        self.from.get_or_insert((Instant::now(), share));
    }

    /// Seconds of the whole job.
    pub fn in_all(&self, share: f64) -> Option<f64> {
        let (since, from) = self.from.unwrap_or((self.begun, 0.0));
        let (seconds, done) = (since.elapsed().as_secs_f64(), share - from);
        (seconds >= FEWEST_SECONDS && done >= LEAST_SHARE).then(|| seconds / done)
    }
}

/// What a step costs, relative to others on the same data: its overhead and its multiplications.
pub fn cost(config: &ArmConfig) -> f64 {
    let width = f64::from(config.width);
    1.0 + f64::from(config.batch) * (64.0 * width + 3.0 * width * width) / OVERHEAD
}

/// How fast this device trains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// What was trained.
    pub of: (Method, DataName),
    /// Seconds for a step of cost 1.
    pub seconds: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ArmId, Experiment};

    #[test]
    fn nothing_is_said_of_the_time_before_enough_is_done() {
        let mut clock = Clock::start();
        clock.hear(0.4);
        assert_eq!(clock.in_all(0.9), None);
        let begun = Instant::now().checked_sub(std::time::Duration::from_secs(10)).unwrap();
        clock.from = Some((begun, 0.4));
        assert_eq!(clock.in_all(0.405), None);
        assert!((clock.in_all(0.6).unwrap() - 50.0).abs() < 0.5);
    }

    #[test]
    fn a_wider_network_and_a_larger_batch_cost_more() {
        let small = Experiment::default().arm(ArmId::A).clone();
        let wide = ArmConfig { width: 2 * small.width, ..small.clone() };
        let large = ArmConfig { batch: 2 * small.batch, ..small.clone() };
        assert!(cost(&small) < cost(&large) && cost(&large) < cost(&wide));
    }
}
