//! The lab's worker: takes a job ([`Job`]), says how far it is, answers ([`JobEvent`]).

use wasm_bindgen_futures::spawn_local;

use super::failure;
use super::inbox::Inbox;
use super::port::Port;
use crate::lab::work::work;
use crate::lab::{Job, JobEvent};
use crate::parts::message::Heard;

/// Starts the worker, and returns; it goes on as long as the worker lives.
pub fn start() {
    failure::watch("The lab");
    spawn_local(serve());
}

/// Does jobs one by one, in their order.
async fn serve() {
    let inbox = Inbox::default();
    let jobs = inbox.clone();
    let port = Port::<JobEvent, Job>::to_starter(move |heard| jobs.put(heard));
    let say = |said: JobEvent| port.send_or(&said, JobEvent::Failed);
    loop {
        match inbox.next().await {
            Heard::Message(job) => work(&job, &mut { say }),
            Heard::Unreadable(problem) => say(JobEvent::Failed(format!("The job could not be read: {problem}"))),
            Heard::Other(_) => say(JobEvent::Failed("That message is no job.".to_owned())),
        }
    }
}
