//! The lab's worker: takes one job, says how far it is, answers.
//!
//! Message in: postcard bytes of a [`Job`]. Messages out: postcard bytes of [`Said`].

use js_sys::{Array, Uint8Array};
use normscope::lab::{Job, Said, work};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

fn main() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        let failed = Array::of2(&"failed".into(), &format!("The lab stopped: {info}").into());
        let _ = scope().post_message(&failed);
    }));
    let callback = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        let job =
            event.data().dyn_ref::<Uint8Array>().and_then(|bytes| postcard::from_bytes::<Job>(&bytes.to_vec()).ok());
        match job {
            Some(job) => work(&job, &mut |said| send(&said)),
            None => send(&Said::Failed("That message is no job.".to_owned())),
        }
    });
    scope().set_onmessage(Some(callback.as_ref().unchecked_ref()));
    callback.forget();
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn send(said: &Said) {
    if let Ok(bytes) = postcard::to_stdvec(said) {
        let _ = scope().post_message(&Uint8Array::from(bytes.as_slice()));
    }
}
