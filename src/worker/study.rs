//! The engine's module for studies: jobs of the rooms come in, what the lab says goes out. There is no session, and ending the
//! worker cancels.

use js_sys::JsString;
use wasm_bindgen::prelude::*;

use super::inbox::Inbox;
use super::port::Port;
use super::turn::Turn;
use crate::engine::bench::Counts;
use crate::lab::JobEvent;
use crate::parts::message::Heard;
use crate::studies::job::Job;
use crate::studies::worker::Studies;

#[wasm_bindgen]
extern "C" {
    /// What the loader counts of the device's work (worker.js).
    type DeviceCounts;
    #[wasm_bindgen(method, getter)]
    fn dispatches(this: &DeviceCounts) -> f64;
    #[wasm_bindgen(method, getter)]
    fn submits(this: &DeviceCounts) -> f64;
    #[wasm_bindgen(method, getter, js_name = bindGroups)]
    fn bind_groups(this: &DeviceCounts) -> f64;
    #[wasm_bindgen(method, getter, js_name = readBacks)]
    fn read_backs(this: &DeviceCounts) -> f64;
    #[wasm_bindgen(method, getter)]
    fn buffers(this: &DeviceCounts) -> f64;
    #[wasm_bindgen(method, getter, js_name = bufferBytes)]
    fn buffer_bytes(this: &DeviceCounts) -> f64;

    /// `None` without WebGPU.
    #[wasm_bindgen(thread_local_v2, js_name = normscopeCounts)]
    static COUNTS: Option<DeviceCounts>;
    /// The adapter's limits in words; `None` without an adapter.
    #[wasm_bindgen(thread_local_v2, js_name = normscopeLimits)]
    static LIMITS: Option<JsString>;
}

/// Does jobs one by one, in their order.
pub async fn serve() {
    let inbox = Inbox::default();
    let jobs = inbox.clone();
    let port = Port::<JobEvent, Job>::to_starter(move |heard| jobs.put(heard));
    let mut studies = Studies::new(host);
    let turn = Turn::new();
    let say = |said: JobEvent| port.send_or(&said, JobEvent::Failed);
    loop {
        match inbox.next().await {
            Heard::Message(job) => studies.work(job, &mut { say }, &async || turn.give().await).await,
            Heard::Unreadable(problem) => say(JobEvent::Failed(format!("The job could not be read: {problem}"))),
            Heard::Other(_) => say(JobEvent::Failed("That message is no job.".to_owned())),
        }
    }
}

/// What the loader has counted, and the adapter's limits.
fn host() -> (Option<Counts>, String) {
    let counted = COUNTS.with(|counts| {
        counts.as_ref().map(|counts| Counts {
            dispatches: counts.dispatches() as u64,
            submits: counts.submits() as u64,
            bind_groups: counts.bind_groups() as u64,
            read_backs: counts.read_backs() as u64,
            buffers: counts.buffers() as u64,
            buffer_bytes: counts.buffer_bytes() as u64,
        })
    });
    (counted, LIMITS.with(|limits| limits.as_ref().map_or_else(String::new, String::from)))
}
