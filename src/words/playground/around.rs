//! Around the experiment: the page's frame, its engine, notices, runs that are kept, a hidden tab.

use std::fmt::Display;

/// Texts of `app::background`.
pub mod background {
    use super::Display;

    pub const HIDDEN_TAB: &str = "Hidden tab";
    pub const KEEP_ON: &str = "Keep training in a hidden tab";
    pub const KEEP_ON_HELP: &str =
        "Else training pauses while the tab is hidden and goes on at the same step when you come back";

    pub fn paused_title(title: impl Display) -> String {
        format!("⏸ Paused · {title}")
    }

    pub fn went_on(step: impl Display) -> String {
        format!(
            "Training paused at step {step} while nobody looked, and goes on from there. The device menu has a switch for that."
        )
    }
}

/// Texts of `app::link`.
pub mod link {
    use super::Display;

    pub const NO_WORKER: &str = "This browser can't start the engine's worker.";
    pub const WORKER_ENDED: &str = "The engine's worker ended.";

    pub fn worker_failed(why: impl Display) -> String {
        format!("The engine's worker failed ({why}).")
    }
}

/// Texts of `app::recovery`.
pub mod recovery {
    use super::Display;

    pub const GPU: &str = "GPU";
    pub const ENGINE: &str = "Engine";
    pub const GPU_LOST: &str = "The GPU was lost; the engine starts again from the last checkpoint";
    pub const ENGINE_LOST: &str = "The engine stopped; it starts again from the last checkpoint";
    pub const SILENT: &str = "The engine's worker has not answered for half a minute.";
    pub const STUCK: &str = "The engine has made no step for a minute.";
    pub const FELL_BACK: &str =
        "The GPU failed three times in a row, so the CPU goes on. Choose a device to try again.";
    pub const COPY_REPORT: &str = "Copy report";
    pub const COPIED: &str = "Copied";
    pub const REPORT_HELP: &str = "Version, browser, device, limits and the last messages, to send to somebody who can help. It stays here until you paste it.";
    pub const LEFT_OUT: &str = "The last command was left out, since the engine ended three times on it.";
    pub const TRY_A_FAULT: &str = "Try a fault";
    pub const FAULTS_HELP: &str = "The run goes on from its last checkpoint by itself.";
    pub const LOSE_MY_GPU: &str = "Lose my GPU";
    pub const KILL_THE_ENGINE: &str = "Kill the engine";

    pub fn recovered(step: impl Display, device: impl Display, fallen_back: bool) -> String {
        let device = if fallen_back {
            "the CPU, since the GPU failed three times in a row".to_owned()
        } else {
            device.to_string()
        };
        format!("was lost and is back: the run went on from step {step} on {device}.")
    }
}

/// Texts of `app`.
pub mod page {
    pub const FETCHING_ROOM: &str = "Fetching this part of the page…";
    pub const ROOM_FAILED: &str = "This part of the page could not be loaded. Check the connection and open it again.";
    pub const TRAIN_IT_HERE: &str = "Train it here";
    pub const STAGE: &str = "Two models on the sphere";
    pub const ROOMS: &str = "Rooms";
    pub const START_AFRESH: &str = "Start afresh";
    pub const NORMSCOPE: &str = "Normscope";

    pub fn title(room: &str) -> String {
        format!("{room} · Normscope")
    }

    pub const ON: &str = " on ";
    pub const LESSONS: &str = "Lessons";
    pub const LESSONS_HELP: &str = "Short chapters: predict, then see";
    pub const HELP_TITLE: &str = "Keys and words";
    pub const HELP: &str = "Keys, and what the words mean";
    pub const EXPORT: &str = "Share";
    pub const EXPORT_HELP: &str = "A link, a QR code, pictures, numbers, models, a figure for your page";
    pub const AFTER: &str = "After ";
    pub const PAPER: &str = "On the Importance of Embedding Norms in Self-Supervised Learning";
    pub const PAPER_ADDRESS: &str = "https://arxiv.org/abs/2502.09252";
    pub const MORE: &str = "More about Normscope";
    /// What can be read, and where: markup.
    pub const LINKS: &str = concat!(
        "<a href='examples.html' target='_blank'>Figures for your page</a> <a target='_blank' rel='noopener' href='",
        env!("CARGO_PKG_REPOSITORY"),
        "/tree/main/docs'>Documentation</a> <a target='_blank' rel='noopener' href='",
        env!("CARGO_PKG_REPOSITORY"),
        "/blob/main/docs/teaching.md'>For teachers</a> <a target='_blank' rel='noopener' href='",
        env!("CARGO_PKG_REPOSITORY"),
        "'>Source</a>"
    );
    pub const PAPER_AND_PRIVACY: &str = " (Draganov et al., ICML 2025). Nothing leaves this browser.";
}

/// Texts of `app::model`.
pub mod model {
    use super::Display;

    pub const FETCHING_THE_ENGINE: &str = "Fetching the engine";

    pub fn used_instead(value: impl Display) -> String {
        format!(" Used instead: {value}.")
    }

    pub fn fetching_engine(megabytes: impl Display) -> String {
        format!("Fetching the engine, {megabytes:.1} MB")
    }

    pub fn arm_stopped(name: impl Display) -> String {
        format!("Arm {name} stopped")
    }
}

/// Texts of `app::notices`.
pub mod notices {
    pub const ENGINE_STOPPED: &str = "The engine has stopped. ";
    pub const NOTHING_LOST: &str = " What you set and what was recorded is still here.";
    pub const TRY_AGAIN: &str = "Try again";
    pub const DISMISS: &str = "Dismiss";

    /// What stands before a notice about `input`: a setting, a file, an arm; nothing where that is a part of the program, whose
    /// notices are whole sentences.
    pub fn heading(input: &str) -> Option<&str> {
        let parts = ["", "play", "rooms", "story", "inspect", "embeddings", "engine", "link", "figure", "sphere"];
        match input {
            "saved run" => Some("Saved run"),
            _ => (!parts.contains(&input)).then_some(input),
        }
    }
}

/// Texts of `app::replay`.
pub mod replay {
    pub const NO_GZIP: &str = "This browser can't compress the run.";
    pub const NOT_BASE64: &str = "it is not base64";
}

/// Texts of `app::resume`.
pub mod resume {
    use super::Display;

    pub const RESUME_IT: &str = "Resume it";
    pub const DISCARD_IT: &str = "Discard it";

    pub fn interrupted(step: impl Display, steps: impl Display) -> String {
        format!("This run was interrupted at step {step} of {steps}.")
    }
}

/// Texts of `parts::files`.
pub mod parts_files {
    use super::Display;

    pub fn unreadable(error: impl Display) -> String {
        format!("could not be read: {error}")
    }

    pub fn no_folder(error: impl Display) -> String {
        format!("could not be opened: {error}. Drop the files in it.")
    }
}
