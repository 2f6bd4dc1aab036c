//! The run across workers: its last checkpoint, where it was and was to go, and how a new worker comes to be there again.

use super::faults::Fault;
use crate::protocol::Command;

/// What a new worker has to come back to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Return {
    /// What ended the last one.
    pub fault: Fault,
    /// Where the run was.
    pub step: u32,
    /// Up to where it was to go on.
    goal: u32,
}

/// The course of a run.
#[derive(Debug, Default)]
pub struct Course {
    /// The step and bytes of the run's last checkpoint.
    checkpoint: Option<(u32, Vec<u8>)>,
    /// The furthest step so far: past it, training has recovered from its faults.
    furthest: u32,
    /// A new worker has to come back to this.
    returning: Option<Return>,
    /// It was told to train up to there, and has not answered yet.
    catching_up: Option<u32>,
    /// The last run was there, where this one has yet to come to; `None` once the reader has said something else.
    behind: Option<u32>,
}

impl Course {
    /// The run's state, to go on from.
    pub fn keep(&mut self, step: u32, bytes: &[u8]) {
        self.checkpoint = Some((step, bytes.to_vec()));
    }

    /// The last one that was kept.
    pub fn checkpoint(&self) -> Option<Vec<u8>> {
        self.checkpoint.as_ref().map(|(_, bytes)| bytes.clone())
    }

    /// Another run has begun: nothing of the last one is of use.
    pub fn forget(&mut self) {
        self.checkpoint = None;
        self.furthest = 0;
        self.behind = None;
    }

    /// From the beginning, with a worker that takes nothing over.
    pub fn start_afresh(&mut self) {
        *self = Course::default();
    }

    /// A fault has ended the worker at `step` of a run that was to go on to `goal`.
    pub fn lose(&mut self, fault: Fault, step: u32, goal: u32) {
        // Of two faults in a row the first knows where the run was, unless the worker in between had come further.
        let (was, meant) = match self.returning {
            Some(first) => (Some(first.step), Some(first.goal)),
            None => (self.behind.take(), self.catching_up.take()),
        };
        let (step, goal) = (was.map_or(step, |was| was.max(step)), meant.map_or(goal, |meant| meant.max(goal)));
        self.returning = Some(Return { fault, step, goal });
    }

    /// Whether a new worker has something to come back to.
    pub fn is_returning(&self) -> bool {
        self.returning.is_some()
    }

    /// The step up to which a new worker has to train to be where the last one was to go; `None` when its checkpoint is there.
    pub fn way_back(&self) -> Option<u32> {
        let Return { goal, .. } = self.returning?;
        let from = self.checkpoint.as_ref().map_or(0, |(step, _)| *step);
        (goal > from).then_some(goal)
    }

    /// A worker is up: what it comes back to, and its way back.
    pub fn up(&mut self) -> (Option<Return>, Option<u32>) {
        let way_back = self.way_back();
        let returned = self.returning.take();
        self.catching_up = way_back;
        self.behind = returned.map(|returned| returned.step).filter(|_| way_back.is_some());
        (returned, way_back)
    }

    /// A command of the page as it is meant. Who asks for more steps while a new worker trains its way back means: more than there
    /// were.
    pub fn meant(&mut self, command: &Command) -> Command {
        let command = as_meant(command, self.behind);
        if moves(&command) {
            self.behind = None;
        }
        command
    }

    /// Training has come to this step, with so many commands carried out: whether it is further than the run ever was.
    pub fn reached(&mut self, step: u32, commands: u32) -> bool {
        self.behind = self.behind.filter(|was| step < *was);
        if commands > 0 {
            self.catching_up = None;
        }
        let further = step > self.furthest;
        self.furthest = self.furthest.max(step);
        further
    }

    /// The step up to which the run counts as going on, whatever the engine says of it: until one that comes back has answered.
    pub fn goes_on_to(&self) -> Option<u32> {
        self.way_back().or(self.catching_up)
    }
}

/// A command for a worker whose run is behind `was`: so many steps are counted from there.
pub fn as_meant(command: &Command, was: Option<u32>) -> Command {
    match (command, was) {
        (Command::Run(steps), Some(was)) => Command::RunTo(was.saturating_add(*steps)),
        _ => command.clone(),
    }
}

/// Whether a command says by itself where the run is to be from now on, whatever it was before.
fn moves(command: &Command) -> bool {
    use Command::{OpenFiles, Pause, Play, Reset, Resume, Revive, Set, Start};
    matches!(command, Play | Pause | Reset | Start(_) | Set(_) | Revive(_) | Resume(_) | OpenFiles(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Experiment;

    /// A run whose worker has ended at `step`, and the next one is up.
    fn back(mut course: Course, step: u32, goal: u32) -> (Course, Option<u32>) {
        course.lose(Fault::Engine, step, goal);
        let (returned, way_back) = course.up();
        assert!(returned.is_some());
        (course, way_back)
    }

    #[test]
    fn until_it_has_answered_a_run_that_comes_back_counts_as_going_on() {
        let mut course = Course::default();
        course.keep(100, b"state");
        course.reached(130, 0);
        assert_eq!(course.goes_on_to(), None);
        let (mut course, way_back) = back(course, 130, 400);
        assert_eq!((course.checkpoint().as_deref(), way_back), (Some(&b"state"[..]), Some(400)));
        course.reached(100, 0);
        assert_eq!(course.goes_on_to(), Some(400));
        course.reached(110, 1);
        assert_eq!(course.goes_on_to(), None);
    }

    #[test]
    fn a_paused_run_at_its_checkpoint_has_no_way_back() {
        let mut course = Course::default();
        course.keep(130, b"state");
        assert_eq!(back(course, 130, 130).1, None);
    }

    #[test]
    fn steps_asked_for_on_the_way_back_are_counted_from_where_the_run_was() {
        let (mut course, _) = back(Course::default(), 130, 130);
        // It has heard where to go, and is under way.
        course.reached(101, 1);
        assert_eq!(course.meant(&Command::Run(20)), Command::RunTo(150));
        course.reached(130, 2);
        assert_eq!(course.meant(&Command::Run(20)), Command::Run(20));
    }

    #[test]
    fn a_reader_who_stops_the_run_on_its_way_back_counts_from_there() {
        for command in [Command::Pause, Command::Reset, Command::Set(Experiment::default())] {
            let (mut course, _) = back(Course::default(), 130, 130);
            course.reached(40, 1);
            course.meant(&command);
            assert_eq!(course.meant(&Command::Run(20)), Command::Run(20), "{command:?}");
        }
    }

    #[test]
    fn of_two_faults_in_a_row_the_first_knows_where_the_run_was() {
        let mut course = Course::default();
        course.lose(Fault::Engine, 130, 400);
        // The worker ends before it has told anything: the page is at step 0.
        assert_eq!(back(course, 0, 0).1, Some(400));
    }

    #[test]
    fn past_its_furthest_step_a_run_has_recovered() {
        let mut course = Course::default();
        assert!(course.reached(130, 0));
        let (mut course, _) = back(course, 130, 130);
        assert!(!course.reached(130, 1));
        assert!(course.reached(131, 1));
        course.forget();
        assert!(course.reached(1, 1), "another run");
    }
}
