//! The page API over postMessage, for a page that embeds this one as a figure (docs/embedding.md).
//!
//! In, from the embedding page: `{source: 'normscope', v: 1, id, type, ...}` with the types of `send()` and `state`, `series`
//! (`arm`, `metric`), `embeddings` (`arm`), `on` (`event`). Out: `{source, v, type: 'reply', id, value}` or `{..., error}`,
//! and events, `{source, v, type: event, detail}`: hello, resize, notice, error and what was asked for with `on`.
//!
//! Only the embedding window is heard, and only from the origin that it had when it first spoke. What anybody else sends, or
//! what is no message of this kind, is left alone.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::MessageEvent;

use super::api::Api;

/// Version of the protocol.
const VERSION: f64 = 1.0;

#[wasm_bindgen]
extern "C" {
    type ResizeObserver;
    #[wasm_bindgen(constructor)]
    fn new(callback: &Closure<dyn Fn()>) -> ResizeObserver;
    #[wasm_bindgen(method)]
    fn observe(this: &ResizeObserver, element: &web_sys::Element);
}

/// The embedding window, and its origin once it has spoken.
#[derive(Clone)]
struct Host {
    window: web_sys::Window,
    origin: Rc<RefCell<Option<String>>>,
    /// Events that are passed on.
    told: Rc<RefCell<Vec<String>>>,
}

/// Speaks to the embedding page, if there is one.
pub fn start(api: &Api) {
    let Some(parent) = window().parent().ok().flatten().filter(|parent| *parent != window()) else { return };
    let host = Host { window: parent, origin: Rc::default(), told: Rc::default() };
    let (own, to) = (api.clone(), host.clone());
    let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| hear(&own, &to, &event));
    let _ = window().add_event_listener_with_callback("message", heard.as_ref().unchecked_ref());
    heard.forget();
    for event in ["notice", "error"] {
        let _ = subscribe(api, &host, event);
    }
    report_size(&host);
    host.say("hello", &[("detail", &api.config()), ("version", &env!("CARGO_PKG_VERSION").into())]);
}

impl Host {
    /// To the origin that has spoken. Before one has, to any page that embeds this one: nothing of it is secret.
    fn say(&self, kind: &str, parts: &[(&str, &JsValue)]) {
        let message = Object::new();
        let put = |name: &str, value: &JsValue| {
            let _ = Reflect::set(&message, &name.into(), value);
        };
        put("source", &"normscope".into());
        put("v", &VERSION.into());
        put("type", &kind.into());
        for (name, value) in parts {
            put(name, value);
        }
        // A sandboxed page's origin is "null", which can't be addressed.
        let origin = self.origin.borrow().clone().filter(|origin| origin != "null");
        let _ = self.window.post_message(&message, origin.as_deref().unwrap_or("*"));
    }

    fn knows(&self, event: &MessageEvent) -> bool {
        let from_parent = event.source().is_some_and(|source| Object::is(&source, &self.window));
        let mut origin = self.origin.borrow_mut();
        from_parent && *origin.get_or_insert_with(|| event.origin()) == event.origin()
    }
}

fn hear(api: &Api, host: &Host, event: &MessageEvent) {
    let data = event.data();
    let field = |name: &str| Reflect::get(&data, &name.into()).unwrap_or(JsValue::UNDEFINED);
    if !data.is_object() || field("source") != "normscope" || !host.knows(event) {
        return;
    }
    let (id, api, host) = (field("id"), api.clone(), host.clone());
    let result = if field("v").as_f64() == Some(VERSION) {
        act(&api, &host, &data)
    } else {
        Err(js_sys::Error::new("v: this figure speaks version 1.").into())
    };
    wasm_bindgen_futures::spawn_local(async move {
        let value = match result {
            Ok(promise) => JsFuture::from(promise).await,
            Err(problem) => Err(problem),
        };
        match value {
            Ok(value) => host.say("reply", &[("id", &id), ("value", &value)]),
            Err(problem) => {
                let words = problem.dyn_ref::<js_sys::Error>().map_or(problem.clone(), |error| error.message().into());
                host.say("reply", &[("id", &id), ("error", &words)]);
            }
        }
    });
}

fn act(api: &Api, host: &Host, data: &JsValue) -> Result<Promise, JsValue> {
    let field = |name: &str| Reflect::get(data, &name.into()).unwrap_or(JsValue::UNDEFINED);
    match field("type").as_string().as_deref() {
        Some("state") => Ok(Promise::resolve(&api.state())),
        Some("series") => api.series(&field("arm"), &field("metric")).map(|values| Promise::resolve(&values)),
        Some("embeddings") => Ok(api.embeddings(&field("arm"))),
        Some("on") => {
            let event = field("event").as_string().unwrap_or_default();
            subscribe(api, host, &event).map(|()| Promise::resolve(&JsValue::TRUE))
        }
        _ => Ok(api.send(&contents(data))),
    }
}

/// The message without its envelope.
fn contents(data: &JsValue) -> JsValue {
    let message = Object::assign(&Object::new(), data.unchecked_ref());
    for key in ["source", "v", "id"] {
        let _ = Reflect::delete_property(&message, &key.into());
    }
    message.into()
}

fn subscribe(api: &Api, host: &Host, event: &str) -> Result<(), JsValue> {
    if host.told.borrow().iter().any(|known| known == event) {
        return Ok(());
    }
    let (to, name) = (host.clone(), event.to_owned());
    let pass = Closure::<dyn Fn(JsValue)>::new(move |detail: JsValue| to.say(&name, &[("detail", &detail)]));
    api.on(&event.into(), pass.into_js_value())?;
    host.told.borrow_mut().push(event.to_owned());
    Ok(())
}

/// The figure's height, so that the embedding page can make room for it.
fn report_size(host: &Host) {
    let Some(root) = document().query_selector(".app").ok().flatten() else { return };
    let (to, element) = (host.clone(), root.clone());
    let changed = Closure::<dyn Fn()>::new(move || {
        let size = Object::new();
        for (name, value) in [("width", element.scroll_width()), ("height", element.scroll_height())] {
            let _ = Reflect::set(&size, &name.into(), &value.into());
        }
        to.say("resize", &[("detail", &size)]);
    });
    ResizeObserver::new(&changed).observe(&root);
    changed.forget();
}
