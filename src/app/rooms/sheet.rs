//! A table of numbers, and the file to keep of it.

use leptos::prelude::*;

use crate::app::files::save;
use crate::lab::Sheet;

/// A table with its title; wide ones scroll by themselves.
#[component]
pub fn SheetView(sheet: Sheet) -> impl IntoView {
    let header = sheet.header.into_iter().map(|name| view! { <th scope="col">{name}</th> }).collect_view();
    let rows = sheet.rows.into_iter().map(row).collect_view();
    let (name, csv) = (sheet.name, sheet.csv);
    let label = sheet.title.clone();
    let keep = (!csv.is_empty()).then(|| {
        let keep = move |_| save(&format!("{name}.csv"), "text/csv", csv.as_bytes());
        view! { <button class="quiet" on:click=keep>"Save CSV"</button> }
    });
    view! {
        <section class="sheet">
            <div class="job-row"><h4>{sheet.title}</h4>{keep}</div>
            // Reachable by keyboard, since it may scroll.
            <div class="scroll tall" tabindex="0" role="region" aria-label=label>
                <table>
                    <thead><tr>{header}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

fn row(cells: Vec<String>) -> impl IntoView {
    let mut cells = cells.into_iter();
    let first = cells.next().unwrap_or_default();
    let shown = |cell: String| if cell.is_empty() { "–".to_owned() } else { cell };
    let rest = cells.map(|cell| view! { <td>{shown(cell)}</td> }).collect_view();
    view! { <tr><th scope="row">{first}</th>{rest}</tr> }
}
