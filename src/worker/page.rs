//! What the page says to the engine, and what it is told.
//!
//! Messages in: postcard bytes of a [`Command`], or `[arm, OffscreenCanvas]`. Messages out: postcard bytes of an [`Event`].

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::OffscreenCanvas;

use super::port::Port;
use crate::config::ArmId;
use crate::parts::message::Heard;
use crate::protocol::{Command, Event, Level};

/// What the page says.
#[expect(clippy::large_enum_variant, reason = "few messages wait, and most are commands")]
pub enum PageMessage {
    /// What to do.
    Command(Command),
    /// Where to draw an arm.
    Canvas(ArmId, OffscreenCanvas),
    /// Neither, and why it could not be read.
    Unreadable(String),
}

/// The way to the page.
pub struct Page {
    port: Port<Event, Command>,
}

impl Page {
    /// `hear` is told what the page says.
    pub fn open(hear: impl Fn(PageMessage) + 'static) -> Page {
        let port = Port::to_starter(move |heard| {
            hear(match heard {
                Heard::Message(command) => PageMessage::Command(command),
                Heard::Unreadable(problem) => PageMessage::Unreadable(problem.to_string()),
                Heard::Other(data) => canvas(&data).unwrap_or_else(|| PageMessage::Unreadable(format!("{data:?}"))),
            });
        });
        Page { port }
    }

    /// Tells the page of an event; where that can't be done, of the failure.
    pub fn tell(&self, event: &Event) {
        self.port
            .send_or(event, |problem| fault("engine", format!("Something could not be sent to the page: {problem}.")));
    }

    /// Tells the page that something which has to do with `input` does not work.
    pub fn tell_fault(&self, input: &str, message: String) {
        self.tell(&fault(input, message));
    }
}

fn fault(input: &str, message: String) -> Event {
    Event::Notice { level: Level::Error, input: input.to_owned(), message }
}

/// `[arm, OffscreenCanvas]`.
fn canvas(data: &JsValue) -> Option<PageMessage> {
    let pair = data.dyn_ref::<Array>()?;
    let arm = ArmId::parse(&pair.get(0).as_string()?)?;
    Some(PageMessage::Canvas(arm, pair.get(1).dyn_into().ok()?))
}
