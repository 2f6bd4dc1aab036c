//! Handing files over, under a name that says what was trained.

use leptos::prelude::*;

use crate::config::Experiment;
use crate::config::choices::Choice;
use crate::parts::files::save;
use crate::rooms::error::RoomError;

/// What a download is called before its ending.
pub fn name_of(experiment: &Experiment) -> String {
    format!("normscope-{}-{}", experiment.run.method.key(), experiment.run.data.key())
}

/// Hands over a file, or says why there is none.
pub fn deliver(problem: RwSignal<String>, result: Result<(String, String, Vec<u8>), RoomError>) {
    match result {
        Ok((name, mime, bytes)) => {
            problem.set(String::new());
            save(&name, &mime, &bytes);
        }
        Err(why) => problem.set(why.to_string()),
    }
}
