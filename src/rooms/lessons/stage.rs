//! What a lesson does with the page: sets its state, points at a part of it.

use leptos::prelude::*;

use crate::rooms::desk::Desk;

/// Says something to the page and does not wait.
pub fn tell(desk: Desk, kind: &'static str, query: String) {
    leptos::task::spawn_local(async move {
        let _ = desk.say(kind, &[("query", query.as_str().into())]).await;
    });
}

/// Opens a lesson with its state; the reader's looks stay.
pub fn enter(desk: Desk, id: &str, query: &str) {
    tell(desk, "open", format!("{query}&lesson={id}"));
}

/// Frames an element of the page, and brings it into view; an empty selector frames none.
pub fn point_at(selector: &str) {
    const CLASS: &str = "pointed";
    if let Ok(Some(element)) = document().query_selector(".pointed") {
        let _ = element.class_list().remove_1(CLASS);
    }
    if selector.is_empty() {
        return;
    }
    later(selector.to_owned(), |element| {
        let _ = element.class_list().add_1(CLASS);
        element.scroll_into_view_with_bool(false);
    });
}

/// Brings the spheres back into view, if a page before has led away from them.
pub fn look_at_the_spheres() {
    later(".playground:not([hidden]) .stage".to_owned(), |stage| {
        if stage.get_bounding_client_rect().top() < 0.0 {
            stage.scroll_into_view_with_bool(true);
        }
    });
}

/// What a page's state brings in is there a moment later.
fn later(selector: String, act: fn(web_sys::Element)) {
    gloo::timers::callback::Timeout::new(350, move || {
        if let Ok(Some(element)) = document().query_selector(&selector) {
            act(element);
        }
    })
    .forget();
}
