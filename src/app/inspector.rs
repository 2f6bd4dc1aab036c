//! The card about one point: its picture and views, class, norm and percentile, nearest neighbours.

use leptos::prelude::*;

use super::model::Model;
use super::replay;
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

#[component]
fn Card(model: Model, arm: ArmId, index: u32) -> impl IntoView {
    let at = index as usize;
    let label = move || model.data.with(|data| data.as_ref().and_then(|data| data.labels.get(at).copied()));
    let class_name = move |label: u16| {
        model.data.with(|data| {
            data.as_ref().and_then(|data| data.classes.get(usize::from(label)).cloned()).unwrap_or_default()
        })
    };
    let dot = move || palette::css(palette::class(label().unwrap_or_default(), model.dark.get()), 1.0);
    let norm = move |id: ArmId| {
        model.arms[id.index()]
            .norms
            .with(|norms| norms.get(at).map(|norm| (*norm, 100.0 * stats::percentile_rank(norms, *norm))))
    };
    let norm_text = move |id: ArmId| {
        norm(id).map_or_else(|| "–".to_owned(), |(norm, rank)| words::norm_and_rank(number(norm.into(), 3), rank))
    };
    let inspection =
        move || model.inspection.get().filter(|inspection| inspection.arm == arm && inspection.index == index);
    // Neighbours are the engine's, of its model; the sample and its views are the same for every model.
    let on_record = move || !replay::seen(model).is_the_model();
    let why = move || {
        let seen = replay::seen(model);
        if seen.files { words::NEEDS_FILES.to_owned() } else { words::needs_a_run(seen.step) }
    };
    let can_train = move || on_record() && !replay::seen(model).files && !model.offline.get_value();
    let other = if arm == ArmId::A { ArmId::B } else { ArmId::A };
    view! {
        <h3><i style:background=live(dot)></i><span translate="no" prop:textContent=live(move || label().map(class_name).unwrap_or_default())></span><small>{words::HELD_OUT_SAMPLE}{index}</small></h3>
        <If when=live(move || inspection().is_some_and(|inspection| !inspection.pictures.is_empty()))>
            <div class="pictures">
                {move || {
                    let pictures = inspection().map(|inspection| inspection.pictures).unwrap_or_default();
                    pictures
                        .into_iter()
                        .zip([words::SAMPLE, words::VIEW_1, words::VIEW_2])
                        .map(|(picture, name)| view! { <figure><Thumb picture/><figcaption>{name}</figcaption></figure> })
                        .collect_view()
                }}
            </div>
        </If>
        <dl>
            <div><dt>"|z|"</dt><dd translate="no" prop:textContent=live(move || norm_text(arm))></dd></div>
            <div class="other"><dt>{words::IN}{other.letter()}</dt><dd translate="no" prop:textContent=live(move || norm_text(other))></dd></div>
            <If when=live(move || !on_record())>
                <div>
                    <dt>{words::KNN_SAYS}</dt>
                    <dd prop:textContent=live(move || inspection().map_or_else(|| "…".to_owned(), |found| class_name(found.predicted)))></dd>
                </div>
            </If>
        </dl>
        <If when=live(on_record)>
            <p class="near" prop:textContent=live(why)></p>
        </If>
        <If when=live(can_train)>
            <button
                class="quiet"
                id="train-here"
                on:click=move |_| { replay::train_here(model); }
                prop:textContent=live(move || words::train_here(replay::seen(model).seconds))
            ></button>
        </If>
        <If when=live(move || !on_record() && inspection().is_some_and(|inspection| !inspection.neighbours.is_empty()))>
            <p class="near">{words::NEAREST}</p>
            <ul class="neighbours">
                {move || {
                    let neighbours = inspection().map(|inspection| inspection.neighbours).unwrap_or_default();
                    neighbours
                        .into_iter()
                        .map(|(label, similarity, picture)| {
                            view! {
                                <li>
                                    {picture.map(|picture| view! { <Thumb picture/> })}
                                    <span>{class_name(label)}</span>
                                    <small>{format!("{similarity:.2}")}</small>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
        </If>
    }
}
