//! Ctrl-C and SIGTERM: the first asks long runs to stop at the next step, with their checkpoint written; the second ends the program.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::failure::{Failure, STOPPED};

static ASKED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Listens from now on. Where listening fails, the first signal ends the program.
pub fn listen() {
    for signal in [SIGINT, SIGTERM] {
        let _ = flag::register_conditional_shutdown(signal, STOPPED.into(), Arc::clone(&ASKED));
        let _ = flag::register(signal, Arc::clone(&ASKED));
    }
}

/// Fails once the reader has asked to stop.
///
/// # Errors
/// [`Failure::Stopped`] with `words`.
pub fn check(words: impl FnOnce() -> String) -> Result<(), Failure> {
    if is_asked() { Err(Failure::Stopped(words())) } else { Ok(()) }
}

/// Whether the reader has asked to stop.
pub fn is_asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
