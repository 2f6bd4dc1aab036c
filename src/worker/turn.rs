//! A turn for the browser, in which messages, timers and pictures get theirs; and waiting for a time.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_time::Instant;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, millis: f64);

    /// `MessageChannel`: the quickest macrotask there is (timers wait at least 4 ms when nested).
    type MessageChannel;
    #[wasm_bindgen(constructor)]
    fn new() -> MessageChannel;
    #[wasm_bindgen(method, getter)]
    fn port1(this: &MessageChannel) -> ChannelPort;
    #[wasm_bindgen(method, getter)]
    fn port2(this: &MessageChannel) -> ChannelPort;

    type ChannelPort;
    #[wasm_bindgen(method, setter)]
    fn set_onmessage(this: &ChannelPort, callback: &Function);
    #[wasm_bindgen(method, js_name = postMessage)]
    fn post(this: &ChannelPort, message: &JsValue);
}

/// The browser's turns.
pub struct Turn {
    channel: MessageChannel,
}

impl Turn {
    /// Before the first one.
    pub fn new() -> Turn {
        Turn { channel: MessageChannel::new() }
    }

    /// Gives the browser one.
    pub async fn give(&self) {
        let promise = Promise::new(&mut |resolve, _| {
            self.channel.port1().set_onmessage(&resolve);
            self.channel.port2().post(&JsValue::NULL);
        });
        over(promise).await;
    }
}

/// Waits until `1 / speed` seconds have passed since `begun` (0: not at all), less where `is_wanted` says that there is
/// something to do.
pub async fn pace(speed: u32, begun: Instant, is_wanted: impl Fn() -> bool) {
    /// Milliseconds between two looks.
    const SLICE: f64 = 40.0;
    if speed == 0 {
        return;
    }
    let until = 1000.0 / f64::from(speed);
    loop {
        let left = until - begun.elapsed().as_secs_f64() * 1000.0;
        if left <= 0.0 || is_wanted() {
            return;
        }
        sleep(left.min(SLICE)).await;
    }
}

async fn sleep(millis: f64) {
    over(Promise::new(&mut |resolve, _| set_timeout(&resolve, millis))).await;
}

/// Until the promise is kept.
async fn over(promise: Promise) {
    // It was made without a way to break it, except that making it throws: then there is nothing to wait for.
    if let Err(problem) = JsFuture::from(promise).await {
        log::warn!("the browser gives no turn: {problem:?}");
    }
}
