//! The gradient lab: two embeddings to drag, the step that the cosine's gradient gives them, and the simulations.
//!
//! ```text
//! step          one gradient step for a pair of vectors, and how many until they agree
//! plane         the picture: the pair, dragged by pointer or keys
//! vectors       plane, sliders and numbers
//! simulations   the paper's, each with one button
//! ```

mod plane;
mod simulations;
mod step;
mod vectors;

use leptos::prelude::*;

use super::job::question;
use crate::words::rooms::gradient as words;
use simulations::Simulations;
use vectors::Vectors;

/// The room.
#[component]
pub fn Gradient() -> impl IntoView {
    view! {
        <section class="room gradient" aria-label=words::GRADIENT_LAB>
            {question(words::QUESTION, words::INTRO)}
            <Vectors/>
            <Simulations/>
        </section>
    }
}
