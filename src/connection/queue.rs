//! Commands that the engine has not carried out yet. Each has a number, counted over the page's life; a worker says how many it has
//! carried out in its own.

use std::collections::VecDeque;

use crate::protocol::Command;

/// A command that ended so many workers is left out.
const POISON: u32 = 2;

/// Commands in their order. Those that a fault has cost an answer are sent again.
#[derive(Debug, Default)]
pub struct Queue {
    /// Commands so far.
    sent: u32,
    /// Of those, carried out or given up.
    done: u32,
    /// What to add to the worker's count to get ours.
    base: i64,
    /// Those that are not carried out, the oldest first.
    waiting: VecDeque<Command>,
    /// The number of the command that waited longest when the last worker ended, and how many workers it has seen end.
    blamed: (u32, u32),
}

impl Queue {
    /// Takes a command; its number.
    pub fn push(&mut self, command: Command) -> u32 {
        self.sent += 1;
        self.waiting.push_back(command);
        self.sent
    }

    /// The number of the last command.
    pub fn sent(&self) -> u32 {
        self.sent
    }

    /// The number of the last command that is carried out.
    pub fn done(&self) -> u32 {
        self.done
    }

    /// Whether nothing waits for an answer.
    pub fn is_settled(&self) -> bool {
        self.done == self.sent
    }

    /// What waits, the oldest first.
    pub fn waiting(&self) -> impl Iterator<Item = &Command> {
        self.waiting.iter()
    }

    /// The worker has carried out so many commands.
    pub fn answered(&mut self, commands: u32) {
        // A revived engine first comes back to where it was.
        let done = u32::try_from(self.base + i64::from(commands)).unwrap_or_default().clamp(self.done, self.sent);
        self.waiting.drain(..((done - self.done) as usize).min(self.waiting.len()));
        self.done = done;
    }

    /// A new worker counts from zero; it is first sent `extra` commands that nobody waits for.
    pub fn renew(&mut self, extra: u32) {
        self.base = i64::from(self.done) - i64::from(extra);
    }

    /// A worker has ended: whether the command that has waited longest has seen so many end that it is left out, which counts as an
    /// answer.
    pub fn leave_out(&mut self) -> bool {
        let oldest = self.done + 1;
        let (blamed, times) = self.blamed;
        self.blamed = if blamed == oldest { (oldest, times + 1) } else { (oldest, 1) };
        if self.waiting.is_empty() || self.blamed.1 <= POISON {
            return false;
        }
        self.waiting.pop_front();
        self.done += 1;
        self.base += 1;
        true
    }

    /// Nobody will answer any more.
    pub fn give_up(&mut self) {
        self.waiting.clear();
        self.done = self.sent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> Queue {
        let mut queue = Queue::default();
        for command in [Command::Play, Command::Pause, Command::Reset] {
            queue.push(command);
        }
        queue
    }

    #[test]
    fn answers_settle_the_oldest_commands() {
        let mut queue = three();
        queue.answered(2);
        assert_eq!((queue.done(), queue.sent(), queue.is_settled()), (2, 3, false));
        assert_eq!(queue.waiting().collect::<Vec<_>>(), [&Command::Reset]);
        queue.answered(3);
        assert!(queue.is_settled());
    }

    #[test]
    fn an_answer_never_goes_back_nor_beyond_what_was_sent() {
        let mut queue = three();
        queue.answered(2);
        queue.answered(1);
        assert_eq!(queue.done(), 2);
        queue.answered(9);
        assert_eq!((queue.done(), queue.waiting().count()), (3, 0));
    }

    #[test]
    fn a_new_worker_counts_from_zero_and_its_way_back_is_no_answer() {
        let mut queue = three();
        queue.answered(1);
        // It is told to train up to where the last one was, then gets the two that wait.
        queue.renew(1);
        queue.answered(0);
        assert_eq!(queue.done(), 1);
        queue.answered(1);
        assert_eq!(queue.done(), 1, "the way back");
        queue.answered(2);
        assert_eq!(queue.done(), 2);
        queue.answered(3);
        assert!(queue.is_settled());
    }

    #[test]
    fn a_command_that_ends_every_worker_is_left_out() {
        let mut queue = three();
        let left_out: Vec<bool> = (0..3)
            .map(|_| {
                queue.renew(0);
                queue.leave_out()
            })
            .collect();
        assert_eq!(left_out, [false, false, true]);
        assert_eq!(queue.waiting().collect::<Vec<_>>(), [&Command::Pause, &Command::Reset]);
        // The worker knows of two only.
        queue.answered(2);
        assert!(queue.is_settled());
    }

    #[test]
    fn a_command_is_not_blamed_for_what_ended_others() {
        let mut queue = three();
        assert!(!queue.leave_out());
        assert!(!queue.leave_out());
        queue.answered(1);
        assert!(!queue.leave_out(), "it is another one now");
    }
}
