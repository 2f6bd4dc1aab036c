//! A second worker with the same module that trains arm B (`worker.js?arm`): reaching it, and being it. The page starts it and
//! gives each of the two workers an end of a channel (`load.js`).

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use futures_channel::oneshot;
use js_sys::{Array, Uint8Array};
use normscope::engine::helper::{Helper, Host, Reply, Task};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{MessageEvent, MessagePort};

#[wasm_bindgen]
extern "C" {
    /// Asks the page for the worker; the port to it (worker.js). Does not end where there can be none.
    #[wasm_bindgen(js_name = normscopeAide, catch)]
    async fn reach_worker() -> Result<JsValue, JsValue>;
    /// In the second worker: the port to the engine (worker.js).
    #[wasm_bindgen(thread_local_v2, js_name = normscopePort)]
    static PORT: MessagePort;
    /// Cores that the browser speaks of, 1 where it says nothing.
    #[wasm_bindgen(js_name = normscopeCores)]
    fn cores() -> u32;
}

/// The query with which this module holds an arm.
pub const ARM: &str = "?arm";

/// Who waits for an answer, in the order of the tasks.
type Waiting = Rc<RefCell<VecDeque<oneshot::Sender<Reply>>>>;

/// The way to the worker.
pub struct Aide {
    port: MessagePort,
    waiting: Waiting,
    /// It has ended or failed: nobody answers any more.
    gone: Rc<Cell<bool>>,
    // Kept so that it stays alive.
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Aide {
    /// Asks for the worker and waits until its module runs; `None` where it fails or is of no use.
    pub async fn start() -> Option<Rc<Aide>> {
        if cores() < 2 {
            return None;
        }
        let port: MessagePort = reach_worker().await.ok()?.dyn_into().ok()?;
        let waiting = Waiting::default();
        let (loaded, ready) = oneshot::channel();
        let mut loaded = Some(loaded);
        let gone = Rc::new(Cell::new(false));
        let (own, failed) = (Rc::clone(&waiting), Rc::clone(&gone));
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data();
            if let Some(bytes) = data.dyn_ref::<Uint8Array>() {
                let next = own.borrow_mut().pop_front();
                if let (Some(next), Ok(reply)) = (next, postcard::from_bytes(&bytes.to_vec())) {
                    let _ = next.send(reply);
                }
                return;
            }
            let what = data.dyn_ref::<Array>().and_then(|message| message.get(0).as_string());
            match what.as_deref() {
                Some("loaded") => drop(loaded.take().map(|loaded| loaded.send(()))),
                // Or it has ended. Whoever waits learns that nobody answers.
                Some("failed") => {
                    loaded = None;
                    failed.set(true);
                    own.borrow_mut().clear();
                }
                _ => {}
            }
        });
        port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        if ready.await.is_err() {
            // What it still says is heard by nobody.
            port.set_onmessage(None);
            return None;
        }
        Some(Rc::new(Aide { port, waiting, gone, _on_message: on_message }))
    }
}

impl Helper for Aide {
    fn send(&self, task: &Task) -> oneshot::Receiver<Reply> {
        let (told, answer) = oneshot::channel();
        if !self.gone.get()
            && let Ok(bytes) = postcard::to_stdvec(task)
            && self.port.post_message(&Uint8Array::from(bytes.as_slice())).is_ok()
        {
            self.waiting.borrow_mut().push_back(told);
        }
        answer
    }
}

/// In this mode tasks come in and answers go out, one by one and in their order.
pub fn serve() {
    let tasks: Rc<RefCell<VecDeque<Task>>> = Rc::default();
    let host = Rc::new(RefCell::new(Some(Host::new())));
    let callback = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let bytes = event.data().dyn_ref::<Uint8Array>().map(Uint8Array::to_vec).unwrap_or_default();
        let Ok(task) = postcard::from_bytes::<Task>(&bytes) else {
            answer(&Reply::Failed("That message is no task.".to_owned()));
            return;
        };
        tasks.borrow_mut().push_back(task);
        // While the host is at work, whoever works takes this task as well.
        let Some(mut own) = host.borrow_mut().take() else { return };
        let (tasks, home) = (Rc::clone(&tasks), Rc::clone(&host));
        spawn_local(async move {
            loop {
                let Some(task) = tasks.borrow_mut().pop_front() else { break };
                let reply = own.work(task).await;
                answer(&reply);
            }
            home.replace(Some(own));
        });
    });
    PORT.with(|port| port.set_onmessage(Some(callback.as_ref().unchecked_ref())));
    callback.forget();
}

fn answer(reply: &Reply) {
    match postcard::to_stdvec(reply) {
        Ok(bytes) => drop(PORT.with(|port| port.post_message(&Uint8Array::from(bytes.as_slice())))),
        Err(error) => log::error!("an answer could not be sent: {error}"),
    }
}
