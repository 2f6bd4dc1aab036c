//! A table of numbers, and the file to keep of it.

use leptos::prelude::*;

use crate::lab::Sheet;
use crate::parts::files::save;
use crate::words::rooms::sheet as words;

/// A table with its title; wide ones scroll by themselves.
#[component]
pub fn SheetView(sheet: Sheet) -> impl IntoView {
    let header = sheet.header.into_iter().map(|name| view! { <th scope="col">{name}</th> }).collect_view();
    // Of areas the largest in each column stands out.
    let best = if sheet.name.contains("auroc") { largest(&sheet.rows) } else { Vec::new() };
    let rows = sheet.rows.into_iter().map(|cells| row(cells, &best)).collect_view();
    let (name, csv) = (sheet.name, sheet.csv);
    let label = sheet.title.clone();
    let keep = (!csv.is_empty()).then(|| {
        let keep = move |_| save(&format!("{name}.csv"), "text/csv", csv.as_bytes());
        view! { <button class="quiet" on:click=keep>{words::SAVE_CSV}</button> }
    });
    let table = view! {
        // Reachable by keyboard, since it may scroll.
        <div class="scroll tall" tabindex="0" role="region" aria-label=label>
            <table>
                <thead><tr>{header}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {(!sheet.note.is_empty()).then(|| view! { <p class="hint">{sheet.note}</p> })}
    };
    if sheet.folded {
        view! {
            <details class="sheet folded">
                <summary>{sheet.title}</summary>
                {keep}
                {table}
            </details>
        }
        .into_any()
    } else {
        view! {
            <section class="sheet">
                <div class="job-row"><h4>{sheet.title}</h4>{keep}</div>
                {table}
            </section>
        }
        .into_any()
    }
}

fn row(cells: Vec<String>, best: &[f64]) -> impl IntoView {
    let mut cells = cells.into_iter();
    let first = cells.next().unwrap_or_default();
    let rest = cells
        .zip(best.iter().map(Some).chain(std::iter::repeat(None)))
        .map(|(cell, best)| {
            let is_best = best.is_some_and(|best| leading(&cell) == Some(*best));
            let cell = if cell.is_empty() { "–".to_owned() } else { cell };
            view! { <td class:best=is_best>{cell}</td> }
        })
        .collect_view();
    view! { <tr><th scope="row">{first}</th>{rest}</tr> }
}

/// The largest leading number of each column but the first.
fn largest(rows: &[Vec<String>]) -> Vec<f64> {
    let columns = rows.first().map_or(0, Vec::len);
    let of = |column: usize| rows.iter().filter_map(|row| leading(row.get(column)?)).fold(f64::NEG_INFINITY, f64::max);
    (1..columns).map(of).collect()
}

/// 0.912 of "0.912 [0.88, 0.94]".
fn leading(cell: &str) -> Option<f64> {
    cell.split_whitespace().next()?.parse().ok()
}
