//! What a screen reader is told of the run.

use leptos::prelude::*;
use web_time::Instant;

use super::model::Model;
use super::race::seen;
use crate::config::ArmId;
use crate::metrics::Metric;
use crate::text::number;
use crate::words::playground::controls as words;

/// What a screen reader is told of the run: not more often than one can listen.
#[component]
pub fn Spoken(model: Model) -> impl IntoView {
    /// Seconds between two sentences while it trains.
    const EVERY: f64 = 6.0;
    let text = RwSignal::new(String::new());
    let last = StoredValue::new((None::<Instant>, true));
    Effect::new(move |_| {
        let (step, running) = model.progress.with(|progress| (progress.step, progress.running));
        let (then, was_running) = last.get_value();
        if running && was_running && then.is_some_and(|then| then.elapsed().as_secs_f64() < EVERY) {
            return;
        }
        last.set_value((Some(Instant::now()), running));
        if step > 0 {
            text.set(untrack(|| spoken(model, step, running)));
        }
    });
    view! { <p class="sr" role="status" id="spoken">{text}</p> }
}

/// "Step 400, paused. Arm A: kNN 71 %, median norm 3.1, not collapsed. ..."
fn spoken(model: Model, step: u32, running: bool) -> String {
    let arm = |id: ArmId| {
        let state = model.arms[id.index()];
        let value = |metric| state.latest(metric);
        let knn = value(Metric::Knn).map(|knn| words::knn(100.0 * knn));
        let norm = value(Metric::NormQ50).map(|norm| words::median_norm(number(norm, 2)));
        let standing = seen(model, id, f64::from(step)).standing();
        let how = standing.failure().unwrap_or_else(|| words::NOT_COLLAPSED.to_owned());
        let parts: Vec<String> = [knn, norm, Some(how)].into_iter().flatten().collect();
        words::arm_summary(id.letter(), parts.join(", "))
    };
    let state = if running { words::IS_TRAINING } else { words::PAUSED };
    words::summary(step, state, arm(ArmId::A), arm(ArmId::B))
}
