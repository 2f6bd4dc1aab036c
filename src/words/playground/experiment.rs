//! The experiment: its settings and files, the player, spheres, charts, earlier runs.

use std::fmt::Display;

/// Texts of `app::chart`.
pub mod chart {
    use super::Display;

    pub const STEP: &str = "step";

    pub fn at(step: impl Display) -> String {
        format!("step {step}")
    }

    pub fn both(title: impl Display, a: impl Display, b: impl Display) -> String {
        format!("{title}: A {a}, B {b}")
    }
}

/// Texts of `app::charts`.
pub mod charts {
    pub const LOSS: &str = "Loss";
    pub const SPREAD_0_COLLAPSED: &str = "Spread (0: collapsed)";
    pub const ANGULAR_STEP_RAD: &str = "Angular step, rad";
    pub const PAIRS_IN_OPPOSITE_HALVES: &str = "Pairs in opposite halves, %";
    pub const CHARTS: &str = "Charts";
    pub const CURVES: &str = "Curves";
    pub const NUMBERS: &str = "Numbers";
    pub const KNN_ACCURACY: &str = "kNN accuracy, %";
    pub const NORM: &str = "Norm |z|";
    pub const NORM_HELP: &str = "Median length of the held-out embeddings; the band holds 90 % of them.";
}

/// Texts of `app::race`.
pub mod race {
    use super::Display;

    pub const WATCH: &str = "Each arm is measured by the kNN accuracy of its embeddings on held-out samples.";
    pub const RISE_IS_MISSING: &str = "An arm counts once its kNN accuracy is 5 points above its start.";
    pub const NO_CLASSES: &str = "No race: these samples have no classes.";
    pub const NO_CLASSES_HELP: &str =
        "kNN accuracy, by which arms are compared, needs labels. The curves below need none.";
    pub const ONE_SEED: &str = "One run of one seed with these settings.";
    pub const ONE_RUN: &str = "One run of one seed. The Experiments room repeats it over seeds and learning rates.";
    pub const TRY_NEXT: &str = "Try next:";
    pub const PICTURE: &str = "Picture";
    pub const PICTURE_HELP: &str = "Save the spheres or the charts";

    /// Presets to go on with.
    pub const NEXT: [&str; 3] = ["byol-tuned", "norm-trap", "byol-collapse"];

    /// What studies found about a preset's pair (docs/results.md; the lesson for the norm trap).
    pub fn study(preset: &str) -> Option<&'static str> {
        Some(match preset {
            "byol-tuned" => {
                "Over 10 seeds B needed 2.1 to 2.4 times fewer steps than SGD at a constant rate. AdamW alone needed 1.9 to 2.0 \
                 times fewer."
            }
            "simclr-tuned" => "Over 10 seeds there is no sure difference between the two at their best rates.",
            "norm-trap" => {
                "Only the lengths differed at the start. A learning rate that is tuned to them undoes this: a cut is a change \
                 of the learning rate."
            }
            _ => return None,
        })
    }

    pub fn too_early(step: f64) -> String {
        format!("Who gets ahead? That can be said from step {step:.0} on.")
    }

    pub fn nobody(over: bool) -> &'static str {
        if over { "Nobody got ahead." } else { "Nobody is ahead yet." }
    }

    pub fn level(percent: f64, step: f64) -> String {
        format!("A and B are level: both kNN {percent:.0} % at step {step:.0}")
    }

    pub fn ahead(arm: &str, other: &str, percent: f64, soon: f64, late: f64, over: bool) -> String {
        let how = if over { "was sooner" } else { "is ahead" };
        format!("{arm} {how}: kNN {percent:.0} % at step {soon:.0}, {other} at step {late:.0}")
    }

    pub fn sooner(times: f64) -> String {
        format!("{times:.1} times sooner in this run of one seed with these settings.")
    }

    pub fn failed(arm: impl Display, how: impl Display) -> String {
        format!("arm {arm} {how}")
    }

    pub fn no_race(why: impl Display) -> String {
        format!("No race: {why}.")
    }
}

/// Texts of `app::controls`.
pub mod controls {
    use super::Display;

    pub const PAUSED: &str = "paused";
    pub const IS_TRAINING: &str = "training";
    pub const SOFTWARE: &str = " (software)";
    pub const EXPERIMENT: &str = "Experiment";
    pub const PRESET: &str = "Preset";
    pub const CUSTOM: &str = "Custom";
    pub const BROWSE: &str = "All presets";
    pub const BROWSE_HELP: &str = "Good and bad ones, with the reason for each";
    pub const METHOD: &str = "Method";
    pub const DATA: &str = "Data";
    pub const OWN_DATA: &str = "Own data";
    pub const SEED: &str = "Seed";
    pub const STEPS: &str = "Steps";
    pub const TRAINING: &str = "Training";
    pub const PLAYER: &str = "Player";
    pub const MODE: &str = "What is played";
    pub const RECORDED: &str = "Recorded";
    pub const LIVE: &str = "Live";
    pub const REPLAY: &str = "Replay";
    pub const PLAY_HELP: &str = "Play or pause (space)";
    pub const PAUSE: &str = "Pause";
    pub const PLAY: &str = "Play";
    pub const STEP_HELP: &str = "One step (.)";
    pub const STEP: &str = "Step";
    pub const HUNDRED_HELP: &str = "A hundred steps, then pause";
    pub const RESET_HELP: &str = "Back to step 0, same weights (r)";
    pub const RESET: &str = "Reset";
    pub const SPEED_OF_TRAINING: &str = "Speed of training";
    pub const STEP_COUNT: &str = "step ";
    pub const LOCKED: &str = "Locked by the link.";
    pub const HASHES_HELP: &str =
        "Hashes of every batch that each arm has seen, in order, and of the initial weights before the cut.";
    pub const SETTINGS_OF_BOTH_ARMS: &str = "Settings of both arms";
    pub const ALL_SETTINGS: &str = "All settings";
    pub const FEWER_SETTINGS: &str = "Fewer settings";
    pub const NORM_CONTROL: &str = "Norm control";
    pub const TWEAK: &str = "Change rates, decay, temperature and GradScale while it trains";
    pub const OTHERS_REBUILD: &str = "Everything else rebuilds both models and starts at step 0.";
    pub const CHANGE_REBUILDS: &str = "A change rebuilds both models and starts at step 0.";
    pub const LOOKING_FOR_A_DEVICE: &str = "Looking for a device";
    pub const RECORDED_RUN: &str = "Recorded run";
    pub const ENGINE_IS_OFF: &str = "Engine stopped";
    pub const ENGINE_WAITS: &str = "The engine starts when you press Play.";
    pub const COMPUTE_ON: &str = "Compute on";
    pub const COMPUTE_HELP: &str = "A change restarts the engine.";
    pub const BENCHMARK: &str = "Benchmark";
    pub const BENCHMARK_HELP: &str = "How fast this device trains";
    pub const COPY_LINK_HELP: &str = "Copy a link to exactly this experiment";
    pub const COPIED: &str = "Copied";
    pub const COPY_LINK: &str = "Copy link";
    pub const NOT_COLLAPSED: &str = "not collapsed";
    pub const LIGHT_THEME: &str = "Light theme";
    pub const DARK_THEME: &str = "Dark theme";

    pub fn rate(rate: impl Display) -> String {
        format!("{rate:.1} steps/s")
    }

    pub fn same_batches_and_weights(batches: impl Display, weights: impl Display) -> String {
        format!("same batches {batches}, same initial weights {weights}")
    }

    pub fn same_batches(batches: impl Display) -> String {
        format!("same batches {batches}, different weights (other sizes)")
    }

    pub fn different_batches(a: impl Display, b: impl Display) -> String {
        format!("different batches: A {a}, B {b}")
    }

    pub fn of_arm(name: impl Display, arm: impl Display) -> String {
        format!("{name}, arm {arm}")
    }

    pub fn webgpu(name: impl Display, note: impl Display) -> String {
        format!("WebGPU · {name}{note}")
    }

    pub fn copying_refused(address: impl Display) -> String {
        format!("The browser does not allow copying: {address}")
    }

    pub fn knn(percent: impl Display) -> String {
        format!("kNN {percent:.0} %")
    }

    pub fn median_norm(norm: impl Display) -> String {
        format!("median norm {norm}")
    }

    pub fn arm_summary(arm: impl Display, values: impl Display) -> String {
        format!("Arm {arm}: {values}.")
    }

    pub fn summary(step: impl Display, state: impl Display, a: impl Display, b: impl Display) -> String {
        format!("Step {step}, {state}. {a} {b}")
    }

    pub fn theme(name: impl Display) -> String {
        format!("Theme: {name}")
    }

    /// Speeds of training in steps per second, 0: as fast as it goes; markup.
    pub const SPEEDS: &str = "<option value='0'>Full speed</option><option value='1'>1 step/s</option>\
        <option value='5'>5 steps/s</option><option value='10'>10 steps/s</option><option value='25'>25 steps/s</option>";
}

/// Texts of `app::files`.
pub mod files {
    use super::Display;

    pub const FILES_HELP: &str = "Pictures: CIFAR, IDX (MNIST), .npy, .npz, PNG, JPEG, also packed; embeddings; or a recorded run \
        (.trace). They stay on this machine. A folder can be dropped.";
    pub const OPEN_FILES: &str = "Open files…";
    pub const DATA_FILES: &str = "Data files";
    pub const DROP_FILES: &str = "Drop pictures, embeddings or a recorded run, also as a folder";
    pub const FOLDER: &str = "the folder";

    pub fn too_large(megabytes: impl Display, most: impl Display) -> String {
        format!("is {megabytes} MB; at most {most} MB can be opened. Take fewer batches.")
    }
}

/// Texts of `app::inspector`.
pub mod inspector {
    use super::Display;

    pub const SAMPLE: &str = "sample";
    pub const CLOSE: &str = "Close";
    pub const HELD_OUT_SAMPLE: &str = " held-out sample ";
    pub const VIEW_1: &str = "view 1";
    pub const VIEW_2: &str = "view 2";
    pub const IN: &str = "in ";
    pub const KNN_SAYS: &str = "kNN says";
    pub const NEAREST: &str = "Nearest training samples, by cosine";

    pub const NEEDS_FILES: &str = "Its picture and neighbours need the files that this run was trained on.";
    pub const TRAIN_HERE: &str = "Train it here";

    pub fn needs_a_run(step: impl Display) -> String {
        format!("Its neighbours at step {step} need a live run.")
    }

    pub fn train_here(seconds: impl Display) -> String {
        format!("{TRAIN_HERE} (about {seconds} s)")
    }

    pub fn norm_and_rank(norm: impl Display, rank: impl Display) -> String {
        format!("{norm}, percentile {rank:.0}")
    }
}

/// Texts of `app::runs`.
pub mod runs {
    use super::Display;

    pub const NOTHING: &str = "nothing";
    pub const EARLIER_RUNS: &str = "Earlier runs";
    pub const GHOST: &str = "Ghost";
    pub const RUN: &str = "Run";
    pub const DIFFERS_FROM_NOW_BY: &str = "Differs from now by";
    pub const STEPS: &str = "Steps";
    pub const KNN_A_B: &str = "kNN % A, B";
    pub const MEDIAN_NORMS: &str = "median |z| A, B";
    pub const SET_AGAIN: &str = "Set again";
    pub const CHANGED: &str = "Changed while training (";
    pub const CHANGED_CLOSE: &str =
        "). The link alone does not repeat this run; Reset starts it with the settings of now.";

    pub fn setting(name: impl Display, value: impl Display) -> String {
        format!("{name} = {value}")
    }

    pub fn draw_ghost(id: impl Display) -> String {
        format!("Draw run {id} as a ghost")
    }

    pub fn forget_run(id: impl Display) -> String {
        format!("Forget run {id}")
    }

    pub fn change_at(step: impl Display, what: impl Display) -> String {
        format!("step {step}: {what}")
    }

    pub fn change(name: impl Display, old: impl Display, new: impl Display) -> String {
        format!("{name} {old} to {new}")
    }
}

/// Texts of `app::sphere`.
pub mod sphere {
    use super::Display;

    pub const SPREAD: &str = "spread";
    pub const LOSS: &str = "loss";
    pub const UNKNOWN: &str = "unknown";
    pub const SHAPE: &str = "Shape";
    pub const COLOUR: &str = "Colour";
    pub const SLOW_MOTION: &str = "Slow motion";
    pub const SLOW_MOTION_HELP: &str =
        "One training step, taken apart: views, embeddings, similarities, gradient, update";
    pub const ZOOM: &str = "Zoom";
    pub const FARTHER: &str = "Farther (-)";
    pub const FIRST_VIEW: &str = "First view (0)";
    pub const NEARER: &str = "Nearer (+)";
    pub const CLASSES: &str = "Classes";
    pub const NO_CLASSES: &str = "No labels: no class colours, and no kNN accuracy.";
    pub const ONE_CLASS: &str = "One class: no kNN accuracy.";
    pub fn colours_repeat(colours: usize) -> String {
        format!("Colours repeat after {colours} classes.")
    }
    pub const NORM_SCALE: &str = "Norm scale";
    pub const LENGTH: &str = "|z|";
    pub const SAME_SETTINGS: &str = "same settings in both arms";
    pub const OTHER_BATCHES: &str = " (other batches)";
    pub const HOW_THIS_ARM_DIFFERS: &str = "How this arm differs";
    pub const KNN: &str = "kNN %";
    pub const MEDIAN_NORM: &str = "median |z|";

    pub const OLD_RECORDING: &str = "Recorded by an older version, which stretched small angles";

    pub fn all_drawn(dims: u32) -> String {
        if dims == 1 { "Its one dimension".to_owned() } else { format!("All {dims} dimensions") }
    }

    pub fn drawn(dims: u32, percent: f64, inside: usize) -> String {
        let inside = match inside {
            0 => String::new(),
            1 => ", 1 point inside".to_owned(),
            many => format!(", {many} points inside"),
        };
        format!("3 of {dims} dimensions, {percent:.0} % of the spread{inside}")
    }

    pub fn sphere_summary(arm: impl Display, norm: impl Display) -> String {
        format!(
            "Arm {arm}: embeddings on the sphere, median norm {norm}. Arrow keys walk from point to point, with \
            Shift they turn the sphere."
        )
    }

    pub fn arm(label: impl Display) -> String {
        format!("Arm {label}")
    }

    pub fn stopped(step: impl Display, reason: impl Display) -> String {
        format!("Stopped at step {step}. {reason}")
    }
}

/// Texts of `app::timeline`.
pub mod timeline {
    use super::Display;

    pub const STEP_SHOWN: &str = "Step shown";
    /// Speeds of a replay, 1: the whole in twelve seconds; markup.
    pub const SPEEDS: &str = "<option value='0.25'>¼×</option><option value='0.5'>½×</option><option value='1'>1×</option>\
        <option value='2'>2×</option><option value='4'>4×</option>";
    pub const SPEED_OF_THE_REPLAY: &str = "Speed of the replay";
    pub const LATEST_HELP: &str = "The latest of the live run";
    pub const LATEST: &str = "Latest";
    pub const TRAIN_IT_LIVE: &str = "Train it live";
    pub const TRAIN_IT_HERE: &str = "Train it here";
    pub const TRAIN_HELP: &str = "Trains both models in this browser, from step 0";
    pub const VERIFY_HELP: &str = "Trains the same run on this machine and says how it differs";
    pub const VERIFY_ON_MY_MACHINE: &str = "Verify on my machine";
    pub const CLOSE: &str = "Close";

    pub fn step_of(step: impl Display, steps: impl Display) -> String {
        format!("step {step} of {steps}")
    }

    pub fn recorded(method: impl Display, data: impl Display, steps: impl Display) -> String {
        format!("Recorded with {method} on {data}, {steps} steps.")
    }
}
