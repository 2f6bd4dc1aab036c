//! The card about one point: its picture and views, class, norm and percentile, nearest neighbours.

use leptos::prelude::*;

use super::model::Model;
use super::replay;
use super::state::Inspection;
use crate::config::ArmId;
use crate::metrics::stats;
use crate::parts::live::{If, live};
use crate::parts::thumb::Thumb;
use crate::render::palette;
use crate::text::number;
use crate::words::playground::inspector as words;

/// Shown in the pane whose point is hovered or pinned.
#[component]
pub fn Inspector(model: Model, arm: ArmId) -> impl IntoView {
    let viewport = model.viewport;
    let active = Memo::new(move |_| {
        let point = viewport.hovered.get().or_else(|| viewport.pinned.get());
        point.filter(|(of, _)| *of == arm).map(|(_, index)| index)
    });
    let pinned = move || viewport.pinned.get().is_some_and(|(of, index)| of == arm && active.get() == Some(index));
    // The embedding moves with every evaluation, so its neighbours are asked for again.
    Effect::new(move |_| {
        model.arms[arm.index()].norms.track();
        if active.get_untracked().is_some() {
            viewport.refresh();
        }
    });
    // Properties, not an attribute: the page's policy allows no inline styles.
    let x = move || format!("{}px", viewport.anchor.get().0);
    let y = move || format!("{}px", viewport.anchor.get().1);
    view! {
        <If when=live(move || active.get().is_some())>
            <aside class="inspector" class:pinned=live(pinned) style=("--x", live(x)) style=("--y", live(y)) aria-live="polite">
                {move || active.get().map(|index| view! { <Card model arm index/> })}
                <If when=live(pinned)>
                    <button class="plain close" aria-label=words::CLOSE on:click=move |_| viewport.pinned.set(None)>
                        "×"
                    </button>
                </If>
            </aside>
        </If>
    }
}

/// The point that a card is about.
#[derive(Clone, Copy)]
struct Point {
    model: Model,
    arm: ArmId,
    index: u32,
}

impl Point {
    fn label(self) -> Option<u16> {
        self.model.data.with(|data| data.as_ref().and_then(|data| data.labels.get(self.index as usize).copied()))
    }

    fn class_name(self, label: u16) -> String {
        self.model.data.with(|data| {
            data.as_ref().and_then(|data| data.classes.get(usize::from(label)).cloned()).unwrap_or_default()
        })
    }

    fn colour(self) -> String {
        palette::css(palette::class(self.label().unwrap_or_default(), self.model.dark.get()), 1.0)
    }

    /// Its norm in an arm, and the percentile.
    fn norm(self, id: ArmId) -> String {
        let found = self.model.arms[id.index()].norms.with(|norms| {
            let norm = norms.get(self.index as usize)?;
            Some((*norm, 100.0 * stats::percentile_rank(norms, *norm)))
        });
        found.map_or_else(|| "–".to_owned(), |(norm, rank)| words::norm_and_rank(number(norm.into(), 3), rank))
    }

    /// What the engine says about it, once it has.
    fn inspection(self) -> Option<Inspection> {
        let about_this = |found: &Inspection| found.arm == self.arm && found.index == self.index;
        self.model.inspection.get().filter(about_this)
    }

    /// Neighbours are the engine's, of its model; the sample and its views are the same for every model.
    fn is_on_record(self) -> bool {
        !replay::seen(self.model).is_the_model()
    }

    /// Why there are no neighbours.
    fn why(self) -> String {
        let seen = replay::seen(self.model);
        if seen.files { words::NEEDS_FILES.to_owned() } else { words::needs_a_run(seen.step) }
    }

    fn can_train(self) -> bool {
        self.is_on_record() && !replay::seen(self.model).files && !self.model.offline.get_value()
    }

    /// The sample and its views.
    fn pictures(self) -> impl IntoView {
        let pictures = self.inspection().map(|inspection| inspection.pictures).unwrap_or_default();
        pictures
            .into_iter()
            .zip([words::SAMPLE, words::VIEW_1, words::VIEW_2])
            .map(|(picture, name)| view! { <figure><Thumb picture/><figcaption>{name}</figcaption></figure> })
            .collect_view()
    }

    /// The training samples that are nearest.
    fn neighbours(self) -> impl IntoView {
        let neighbours = self.inspection().map(|inspection| inspection.neighbours).unwrap_or_default();
        neighbours
            .into_iter()
            .map(|(label, similarity, picture)| {
                view! {
                    <li>
                        {picture.map(|picture| view! { <Thumb picture/> })}
                        <span>{self.class_name(label)}</span>
                        <small>{format!("{similarity:.2}")}</small>
                    </li>
                }
            })
            .collect_view()
    }
}

#[component]
fn Card(model: Model, arm: ArmId, index: u32) -> impl IntoView {
    let point = Point { model, arm, index };
    let other = if arm == ArmId::A { ArmId::B } else { ArmId::A };
    view! {
        <h3><i style:background=live(move || point.colour())></i><span translate="no" prop:textContent=live(move || point.label().map(|label| point.class_name(label)).unwrap_or_default())></span><small>{words::HELD_OUT_SAMPLE}{index}</small></h3>
        <If when=live(move || point.inspection().is_some_and(|inspection| !inspection.pictures.is_empty()))>
            <div class="pictures">{move || point.pictures()}</div>
        </If>
        <dl>
            <div><dt>"|z|"</dt><dd translate="no" prop:textContent=live(move || point.norm(arm))></dd></div>
            <div class="other"><dt>{words::IN}{other.letter()}</dt><dd translate="no" prop:textContent=live(move || point.norm(other))></dd></div>
            <If when=live(move || !point.is_on_record())>
                <div>
                    <dt>{words::KNN_SAYS}</dt>
                    <dd prop:textContent=live(move || point.inspection().map_or_else(|| "…".to_owned(), |found| point.class_name(found.predicted)))></dd>
                </div>
            </If>
        </dl>
        <If when=live(move || point.is_on_record())>
            <p class="near" prop:textContent=live(move || point.why())></p>
        </If>
        <If when=live(move || point.can_train())>
            <button
                class="quiet"
                id="train-here"
                on:click=move |_| { replay::train_here(model); }
                prop:textContent=live(move || words::train_here(replay::seen(model).seconds))
            ></button>
        </If>
        <If when=live(move || !point.is_on_record() && point.inspection().is_some_and(|inspection| !inspection.neighbours.is_empty()))>
            <p class="near">{words::NEAREST}</p>
            <ul class="neighbours">{move || point.neighbours()}</ul>
        </If>
    }
}
