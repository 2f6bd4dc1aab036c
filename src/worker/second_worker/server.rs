//! The second worker's side: tasks come in and answers go out, one by one and in their order.

use wasm_bindgen::prelude::*;

use crate::engine::helper::{Host, Reply, Task};
use crate::parts::message::Heard;
use crate::worker::inbox::Inbox;
use crate::worker::port::{End, Port};

#[wasm_bindgen]
extern "C" {
    /// The port to the engine (worker.js).
    #[wasm_bindgen(thread_local_v2, js_name = normscopePort)]
    static PORT: End;
}

/// Does tasks as long as the worker lives.
pub async fn serve() {
    let inbox = Inbox::default();
    let tasks = inbox.clone();
    let port = Port::<Reply, Task>::over(PORT.with(End::clone), move |heard| tasks.put(heard));
    let mut host = Host::new();
    loop {
        let reply = match inbox.next().await {
            Heard::Message(task) => host.work(task).await,
            Heard::Unreadable(problem) => Reply::Failed(format!("The task could not be read: {problem}")),
            Heard::Other(_) => Reply::Failed("That message is no task.".to_owned()),
        };
        port.send_or(&reply, Reply::Failed);
    }
}
