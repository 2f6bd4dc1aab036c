//! How fast a run trains.

use web_time::Instant;

/// Steps per second over the last second or so.
#[derive(Default)]
pub struct Rate {
    since: Option<(Instant, u32)>,
    /// Steps per second; 0 before anything was measured.
    pub value: f32,
}

impl Rate {
    /// Counts the steps up to `step`, done by now.
    pub fn update(&mut self, step: u32) {
        let now = Instant::now();
        match self.since {
            Some((start, first)) => {
                let seconds = now.duration_since(start).as_secs_f32();
                if seconds > 0.5 {
                    self.value = (step - first) as f32 / seconds;
                    self.since = Some((now, step));
                } else if self.value == 0.0 && seconds > 0.0 {
                    self.value = (step - first) as f32 / seconds;
                }
            }
            None => self.since = Some((now, step)),
        }
    }
}
