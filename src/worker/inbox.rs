//! Messages that wait, and what wakes the loop that waits for them. Plain Rust: nothing here knows of a browser.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// Messages in the order in which they came. Clones are the same inbox: one hand puts in, another one takes out.
#[derive(Debug)]
pub struct Inbox<T> {
    waiting: Rc<RefCell<Waiting<T>>>,
}

#[derive(Debug)]
struct Waiting<T> {
    messages: VecDeque<T>,
    /// Who waits for the next one.
    waker: Option<Waker>,
}

impl<T> Inbox<T> {
    /// Adds a message and wakes the loop that waits for one.
    pub fn put(&self, message: T) {
        let waker = {
            let mut waiting = self.waiting.borrow_mut();
            waiting.messages.push_back(message);
            waiting.waker.take()
        };
        // The loop may look into the inbox as soon as it wakes.
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The message that has waited longest.
    pub fn take(&self) -> Option<T> {
        self.waiting.borrow_mut().messages.pop_front()
    }

    /// Whether no message waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.borrow().messages.is_empty()
    }

    /// Ends when a message waits; at once if one does. One at a time may wait.
    pub async fn filled(&self) {
        poll_fn(|context| {
            let mut waiting = self.waiting.borrow_mut();
            if !waiting.messages.is_empty() {
                return Poll::Ready(());
            }
            waiting.waker = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// The next message, as soon as there is one.
    pub async fn next(&self) -> T {
        loop {
            if let Some(message) = self.take() {
                return message;
            }
            self.filled().await;
        }
    }
}

impl<T> Clone for Inbox<T> {
    fn clone(&self) -> Inbox<T> {
        Inbox { waiting: Rc::clone(&self.waiting) }
    }
}

impl<T> Default for Inbox<T> {
    fn default() -> Inbox<T> {
        Inbox { waiting: Rc::new(RefCell::new(Waiting { messages: VecDeque::new(), waker: None })) }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, mpsc};
    use std::task::{Context, Wake};

    use super::*;

    /// Counts how often it is woken.
    #[derive(Default)]
    struct Bell(AtomicUsize);

    impl Bell {
        fn rung(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }
    }

    impl Wake for Bell {
        fn wake(self: Arc<Bell>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn messages_leave_in_the_order_in_which_they_came() {
        let inbox = Inbox::default();
        (0..3).for_each(|message| inbox.put(message));
        assert_eq!(std::iter::from_fn(|| inbox.take()).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(inbox.is_empty());
    }

    #[test]
    fn nobody_waits_where_a_message_does() {
        let inbox = Inbox::default();
        inbox.put('a');
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(pin!(inbox.filled()).poll(&mut context), Poll::Ready(()));
        assert_eq!(pin!(inbox.next()).poll(&mut context), Poll::Ready('a'));
    }

    #[test]
    fn a_message_wakes_who_waits_once() {
        let inbox = Inbox::default();
        let bell = Arc::new(Bell::default());
        let waker = Waker::from(Arc::clone(&bell));
        let mut context = Context::from_waker(&waker);
        let mut next = pin!(inbox.next());
        assert_eq!(next.as_mut().poll(&mut context), Poll::Pending);
        inbox.put(1);
        inbox.put(2);
        assert_eq!(bell.rung(), 1, "the second message finds nobody asleep");
        assert_eq!(next.as_mut().poll(&mut context), Poll::Ready(1));
        assert_eq!(inbox.take(), Some(2));
    }

    #[test]
    fn who_is_woken_for_nothing_goes_on_waiting() {
        let inbox = Inbox::default();
        let bell = Arc::new(Bell::default());
        let waker = Waker::from(Arc::clone(&bell));
        let mut context = Context::from_waker(&waker);
        let mut next = pin!(inbox.next());
        assert_eq!(next.as_mut().poll(&mut context), Poll::Pending);
        inbox.put(1);
        assert_eq!(inbox.take(), Some(1), "another hand was quicker");
        assert_eq!(next.as_mut().poll(&mut context), Poll::Pending);
        inbox.put(2);
        assert_eq!(bell.rung(), 2);
        assert_eq!(next.as_mut().poll(&mut context), Poll::Ready(2));
    }

    #[test]
    fn who_wakes_may_take_the_message_at_once() {
        /// Takes what it is woken for, while the message is being put in.
        struct Taker(mpsc::Sender<usize>);
        impl Wake for Taker {
            fn wake(self: Arc<Taker>) {
                SHARED.with(|inbox| self.0.send(inbox.take().expect("it was woken for one")).expect("somebody reads"));
            }
        }
        thread_local! {
            static SHARED: Inbox<usize> = Inbox::default();
        }
        let (told, taken) = mpsc::channel();
        let waker = Waker::from(Arc::new(Taker(told)));
        SHARED.with(|inbox| {
            assert_eq!(pin!(inbox.filled()).poll(&mut Context::from_waker(&waker)), Poll::Pending);
            inbox.put(7);
        });
        assert_eq!(taken.recv(), Ok(7));
    }

    #[test]
    fn clones_are_the_same_inbox() {
        let inbox = Inbox::default();
        inbox.clone().put(1);
        assert_eq!(inbox.take(), Some(1));
    }
}
