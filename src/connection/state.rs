//! Where the connection stands: Asleep -> Started -> Begun -> Ready; a fault leads to Waiting, too many to Failed.

/// Where the connection stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum State {
    /// There is no worker: the engine is large, and nobody has needed it yet.
    #[default]
    Asleep,
    /// A worker is being fetched.
    Started,
    /// Its module runs and has been told what to do.
    Begun,
    /// It is up, with data and both arms.
    Ready,
    /// A fault has ended it; the next one comes after a while.
    Waiting,
    /// There were too many; the reader decides.
    Failed(String),
}

impl State {
    /// Whether there is a worker.
    pub fn is_awake(&self) -> bool {
        matches!(self, State::Started | State::Begun | State::Ready)
    }

    /// Whether the engine has been told what to do.
    pub fn has_begun(&self) -> bool {
        matches!(self, State::Begun | State::Ready)
    }

    /// Why there is no worker, if the reader has to decide.
    pub fn failure(&self) -> Option<&str> {
        match self {
            State::Failed(why) => Some(why),
            _ => None,
        }
    }
}
