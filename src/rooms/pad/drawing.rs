//! The reader's drawing: the pad's ink, the gestures that put it there, and when the model is asked about it.

use leptos::ev::PointerEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::ink::Ink;
use super::judge::Judge;
use crate::rooms::lab::Stage;
use crate::words::rooms::pad as words;

/// The drawing and who judges it.
#[derive(Clone, Copy)]
pub struct Drawing {
    judge: Judge,
    ink: RwSignal<Ink>,
    /// The pointer is down.
    is_held: RwSignal<bool>,
    /// Fields of noise so far.
    draws: StoredValue<u32>,
}

impl Drawing {
    /// Nothing yet; once there is something, a model that has come judges it.
    pub fn new(judge: Judge) -> Drawing {
        let ink = RwSignal::new(Ink::default());
        let drawing = Drawing { judge, ink, is_held: RwSignal::new(false), draws: StoredValue::new(0) };
        let side = Memo::new(move |_| judge.side());
        Effect::new(move |_| {
            if let Some((width, height)) = side.get()
                && ink.with_untracked(Ink::size) != (width, height)
            {
                ink.set(Ink::blank(width, height));
            }
        });
        Effect::new(move |_| {
            if judge.stage() == Stage::Done {
                drawing.ask();
            } else if judge.shipped.stage.get() == Stage::Idle && ink.with_untracked(Ink::is_drawn) {
                judge.wake();
            }
        });
        drawing
    }

    /// Whether there is anything.
    pub fn is_drawn(self) -> bool {
        self.ink.with(Ink::is_drawn)
    }

    fn ask(self) {
        self.ink.with_untracked(|ink| {
            if ink.is_drawn() {
                self.judge.ask(ink.cells());
            }
        });
    }

    fn dab(self, event: &PointerEvent) {
        let target = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let Some(frame) = target.map(|target| target.get_bounding_client_rect()) else { return };
        let x = (f64::from(event.client_x()) - frame.left()) / frame.width().max(1.0);
        let y = (f64::from(event.client_y()) - frame.top()) / frame.height().max(1.0);
        self.ink.update(|ink| ink.dab(x as f32, y as f32));
    }

    fn down(self, event: &PointerEvent) {
        event.prevent_default();
        self.judge.wake();
        self.is_held.set(true);
        self.dab(event);
    }

    fn moved(self, event: &PointerEvent) {
        if self.is_held.get_untracked() {
            self.dab(event);
        }
    }

    fn up(self) {
        if self.is_held.get_untracked() {
            self.is_held.set(false);
            self.ask();
        }
    }

    fn clear(self) {
        self.ink.update(Ink::clear);
        self.judge.forget();
    }

    fn noise(self) {
        self.judge.wake();
        self.draws.update_value(|draws| *draws += 1);
        self.ink.update(|ink| ink.fill_with_noise(self.draws.get_value()));
        self.ask();
    }
}

/// The pad itself. The shipped model's worker is started by the first touch of it: by the end of a stroke it is there.
#[component]
pub fn DrawingPad(drawing: Drawing) -> impl IntoView {
    let node = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        if let Some(canvas) = node.get() {
            drawing.ink.with(|ink| ink.paint(&canvas));
        }
    });
    view! {
        <div class="pad-ink">
            <canvas
                node_ref=node
                aria-label=words::DRAWING_PAD
                role="img"
                on:pointerenter=move |_| drawing.judge.wake()
                on:pointerdown=move |event| drawing.down(&event)
                on:pointermove=move |event| drawing.moved(&event)
                on:pointerup=move |_| drawing.up()
                on:pointerleave=move |_| drawing.up()
            ></canvas>
            <div class="job-row">
                <button class="quiet" on:click=move |_| drawing.clear()>{words::CLEAR}</button>
                <button class="quiet" id="pad-noise" on:click=move |_| drawing.noise()>{words::NOISE}</button>
            </div>
        </div>
    }
}
