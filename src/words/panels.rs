//! The panels that open over the page: presets, export, lessons, slow motion, benchmark.

use std::fmt::Display;

use crate::text::number;

/// Texts of `rooms::bench`.
pub mod bench {
    pub const BENCHMARK: &str = "Benchmark";
    pub const INTRO: &str = "Trains one arm of each model for a moment on the device of the badge. Close other tabs; compare numbers \
        of one run only.";
    pub const MEASURE: &str = "Measure";
    pub const MEASURE_WITH_SIZES: &str = "Measure with sizes";
    pub const COPIED: &str = "Copied";
    pub const COPY_AS_MARKDOWN: &str = "Copy as Markdown";
    pub const FIRST_STEP: &str = "From play to the first step";
    pub const PAINTING: &str = "Frame on a 2D canvas, 2 × 500 points";

    pub fn millis(value: f64) -> String {
        format!("{value:.1} ms")
    }
}

/// Texts of `rooms::desk`.
pub mod desk {
    pub const NO_EMBEDDINGS: &str = "The page gave no embeddings.";
    pub const NO_BYTES: &str = "The page gave no bytes.";
}

/// Texts of `rooms::gate`.
pub mod gate {
    use super::Display;

    pub const CANCEL: &str = "Cancel";
    pub const STOP: &str = "Stop";
    pub const STOPPED: &str = "Training was stopped before the step that was shown.";
    pub const NEEDS_FILES: &str =
        "This needs a live run, and the files that the recorded run was trained on. Open them first.";

    pub fn recorded(step: impl Display) -> String {
        format!("The spheres show a recorded run at step {step}. This needs a live run.")
    }

    pub fn scrubbed(step: impl Display, model: impl Display) -> String {
        format!("The spheres show step {step}, but the model is at step {model}.")
    }

    pub fn train(seconds: impl Display) -> String {
        format!("Train it here (about {seconds} s)")
    }

    pub fn take_latest(step: impl Display) -> String {
        format!("Take step {step}")
    }

    pub fn training(step: impl Display, of: impl Display) -> String {
        format!("Training here: step {step} of {of}.")
    }
}

/// Texts of `rooms::export`.
pub mod export {
    use super::{Display, number};

    pub const EXPORT: &str = "Share and save";
    pub const PNG_SCALE: &str = "PNG scale";
    pub const SPHERES: &str = "Spheres, as they are seen now";
    pub const FILM: &str = "Film (GIF)";
    pub const FILM_HELP: &str = "Pictures name the arms, the settings, the step and the address. The film plays the whole run of both \
        arms in eight seconds.";
    pub const ARMS: &str = "Arms";
    pub const A_AND_B: &str = "A and B";
    pub const CURVES: &str = "Curves";
    pub const CURVE: &str = "Curve";
    pub const THE_RUN: &str = "The run";
    pub const METRICS_CSV: &str = "Metrics (CSV)";
    pub const EVERYTHING_JSON: &str = "Everything (JSON)";
    pub const EMBEDDINGS_NPZ: &str = "Embeddings (.npz)";
    pub const WEIGHTS_SAFETENSORS: &str = "Weights (.safetensors)";
    pub const RECORDED_RUN_TRACE: &str = "Recorded run (.trace)";
    pub const TRACE_HELP: &str = "Drop a recorded run on the page to replay it, here or on a machine without WebGPU.";
    pub const AT_FULL_SCALE: &str = "At full scale";
    pub const PYTORCH_SCRIPT_OF_A: &str = "PyTorch script of A";
    pub const PYTORCH_SCRIPT_OF_B: &str = "PyTorch script of B";
    pub const SCRIPT_HELP: &str = "The same loss, cut-initialization, GradScale and schedule with ResNet-18 on CIFAR-10; one process or \
        torchrun.";
    pub const ARTICLE: &str = "In a file, in a paper";
    pub const HTML_HELP: &str = "One file that replays the run, also from a disk without a network";
    pub const FIGURE_ONE_HTML_FILE: &str = "Figure (one HTML file)";
    pub const CITATION_BIBTEX: &str = "Citation (BibTeX)";
    pub const FIGURE_CAPTION: &str = "The embeddings of two models, with their norms.";

    pub fn frame_title(method: impl Display, data: impl Display) -> String {
        format!("Normscope: {method} on {data}, two models")
    }

    pub fn filming(percent: f64) -> String {
        format!("Film: {percent:.0} %")
    }

    pub fn title(method: impl Display, data: impl Display, seed: impl Display) -> String {
        format!("{method} on {data}, seed {seed}")
    }

    pub fn caption(step: impl Display, knn: Option<f64>, norm: Option<f64>) -> String {
        let knn = knn.map_or_else(String::new, |percent| format!(", kNN {percent:.1} %"));
        let norm = norm.map_or_else(String::new, |norm| format!(", median |z| {}", number(norm, 2)));
        format!("step {step}{knn}{norm}")
    }

    pub fn drawn(dims: impl Display, percent: f64) -> String {
        format!("3 of {dims} dimensions, {percent:.0} % of the spread")
    }

    pub fn source(method: impl Display, data: impl Display, seed: impl Display, link: impl Display) -> String {
        format!("Normscope: {method} on {data}, seed {seed}. {link}")
    }
}

/// Texts of `rooms::export::figure`.
pub mod export_figure {
    use super::Display;

    pub const NO_GZIP: &str = "This browser can't compress the figure.";
    pub const NOT_WRITTEN: &str = "The figure could not be written.";

    pub fn part_unreadable(path: impl Display) -> String {
        format!("{path} could not be read.")
    }

    pub fn title(method: impl Display, data: impl Display) -> String {
        format!("Normscope: {method} on {data}")
    }
}

/// Texts of `rooms::export::picture`.
pub mod export_picture {
    pub const NOTHING_TO_DRAW: &str = "There is nothing to draw yet.";
    pub const NOT_DRAWN: &str = "The browser could not draw the picture.";
    pub const TOO_LARGE: &str = "This browser can't draw a picture of this size.";
    pub const NOT_WRITTEN: &str = "The browser could not write the picture.";
}

/// Texts of `rooms::export::share`.
pub mod share {
    use super::Display;

    pub const LINK: &str = "Link to what is seen";
    pub const COPY: &str = "Copy";
    pub const COPIED: &str = "Copied";
    pub const REFUSED: &str = "Not allowed: copy it by hand";
    pub const NO_FILES: &str = "A link can't hold your files: it shows the digits with these settings.";
    pub const BEGINS: &str = "It begins";
    pub const PLAYS: &str = "as the page does";
    pub const TRAINS: &str = "training at once";
    pub const FOR_A_PROJECTOR: &str = "For a projector: large type, nothing to set";
    pub const LOCKED: &str = "Nothing can be changed";
    pub const LEAVE_OUT: &str = "Leave out";
    pub const INTRO: &str = "Introduction";
    pub const SETUP: &str = "Set-up";
    pub const SETTINGS: &str = "Settings";
    pub const CHARTS: &str = "Charts";
    pub const RACE: &str = "Who is ahead";
    pub const QR_CODE: &str = "QR code of the link";
    pub const TOO_LONG: &str = "This link is too long for a QR code.";
    pub const PRESENT: &str = "Present it";
    pub const PRESENT_HELP: &str = "Opens it for a projector in a tab of its own. Page down, or a clicker, goes on in a lesson; else it plays \
        and pauses. f is full screen.";
    pub const PAGE: &str = "In your page";
    pub const FRAME: &str = "A frame: for course systems, notes and slides on the web";
    pub const ELEMENT: &str = "An element with one script: loads on a click, and your page can drive it";

    pub const POSTER_HELP: &str =
        "Save the PNG of the spheres below beside your page: it is what readers see before they click.";

    pub fn held(step: impl Display) -> String {
        format!("held at step {step}")
    }
}

/// Texts of `rooms::lessons`.
pub mod lessons {
    use super::Display;

    pub const MINUTES: &str = " min";
    pub const FINISHED: &str = "✓ read";
    pub const FORGET: &str = "Forget it";
    pub const READ_BEFORE: &str = "You have read this before. ";
    pub const FOR_A_CLASS: &str = "With a class";
    pub const CLASS_HELP: &str = "The minutes above are for one reader. With a class a lesson takes twice as long: you predict together, and talk.";
    pub const FETCHING_THE_LESSONS: &str = "Fetching the lessons…";
    pub const LESSONS: &str = "Lessons";
    pub const INTRO: &str = "Each sets the page, asks what you expect, and lets your own run answer. The address is a link to the \
        lesson.";
    pub const STORY: &str = "One SimCLR step in slow motion";
    pub const WORKSHEET_TO_PRINT: &str = "Worksheet to print";
    pub const ALL_LESSONS: &str = "All lessons";
    pub const BACK: &str = "Back";
    pub const PAGE: &str = "Page";
    pub const SKIP: &str = "Skip";
    pub const NEXT: &str = "Next";
    pub const AS_PREDICTED: &str = "As predicted. ";
    pub const NOT_SO: &str = "Not so. ";
    pub const TRAINING: &str = "Training…";
    pub const LOCKED: &str = "The link locks this page, so the lesson can't train here.";
    pub const AS_MEASURED_BEFORE: &str = "as measured before";
    pub const OUTSIDE_THE_RANGE: &str = "outside the range";
    pub const RUN_IT_FIRST: &str = "run it first";
    pub const WHAT: &str = "What";
    pub const YOUR_RUN: &str = "Your run";
    pub const EXPECTED: &str = "Expected";
    pub const VERDICT: &str = "Verdict";

    pub fn lessons_failed(why: impl Display) -> String {
        format!("The lessons could not be fetched: {why}")
    }

    pub fn unknown_lesson(unknown: impl Display) -> String {
        format!("There is no lesson \"{unknown}\". These are the lessons.")
    }

    pub fn so_far(finished: usize, all: usize, right: usize, made: usize) -> String {
        let predicted = match made {
            0 => String::new(),
            1 => format!(", {right} of 1 prediction right"),
            _ => format!(", {right} of {made} predictions right"),
        };
        format!("So far: {finished} of {all} lessons read to the end{predicted}. Kept in this browser only. ")
    }

    pub fn plan(minutes: impl Display, numbers: &[usize]) -> String {
        let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
        let lessons = match numbers.split_last() {
            Some((last, first)) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
            _ => numbers.concat(),
        };
        format!("{minutes} minutes: lessons {lessons}")
    }

    pub fn go_on(page: impl Display) -> String {
        format!("Go on at page {page}")
    }

    pub fn next_lesson(title: impl Display) -> String {
        format!("Next: {title}")
    }

    pub fn page_of(page: impl Display, count: impl Display) -> String {
        format!("{page} of {count}")
    }

    pub fn done(steps: impl Display) -> String {
        format!("Done: {steps} steps.")
    }

    pub fn train(steps: impl Display) -> String {
        format!("Train {steps} steps")
    }

    pub const PERCENT: &str = " %";

    pub fn band(low: impl Display, high: impl Display, unit: impl Display) -> String {
        format!("{low} to {high}{unit}")
    }
}

/// Texts of `rooms::panel`.
pub mod panel {
    pub const CLOSE: &str = "Close";
}

/// Texts of `rooms::present`.
pub mod present {
    use super::Display;

    pub const PRESENTING: &str = "Presenting";
    pub const ONWARDS: &str = "Onwards ▸";
    pub const ONWARDS_HELP: &str = "Page down: the next page of the lesson; without one, play or pause";
    pub const FULL_SCREEN: &str = "Full screen";
    pub const FULL_HELP: &str = "f";
    pub const LEAVE: &str = "Leave";

    pub fn what(method: impl Display, data: impl Display, seed: impl Display) -> String {
        format!("{method} on {data}, seed {seed}. Both arms see the same batches.")
    }
}

/// Texts of `rooms::presets`.
pub mod presets {
    use super::Display;

    pub const PRESETS: &str = "Presets";

    pub fn outcome(steps: impl Display, a: impl Display, b: impl Display) -> String {
        format!("After {steps} steps kNN: A {a:.0} %, B {b:.0} %")
    }
}

/// Texts of `rooms::story`.
pub mod story {
    use super::{Display, number};

    pub const SAMPLES: &str = "Samples";
    pub const TWO_VIEWS: &str = "Two views";
    pub const EMBEDDINGS: &str = "Embeddings";
    pub const SIMILARITIES: &str = "Similarities";
    pub const SOFTMAX: &str = "Softmax";
    pub const GRADIENT: &str = "Gradient";
    pub const UPDATE: &str = "Update";
    pub const BUSY: &str = "The engine takes the step…";
    pub const NO_STEP: &str = "There is no step to take: the run is complete, or the arm has stopped. Reset it.";
    pub const SLOW_MOTION: &str = "One step in slow motion";
    pub const ONLY_SIMCLR: &str = "The storyboard is about SimCLR. Choose SimCLR in the playground, then come back.";
    pub const ARM: &str = "Arm";
    pub const TAKE_THE_NEXT_STEP: &str = "Take the next step";
    pub const TAKE_A_STEP: &str = "Take a step";
    pub const PARTS_OF_THE_STEP: &str = "Parts of the step";
    pub const BACK: &str = "Back";
    pub const NEXT: &str = "Next";
    pub const VIEWS_TEXT: &str = "Each is augmented twice, at random. The two views of a sample are a positive pair; everything else in \
        the batch is negative. No label is used.";
    pub const COSINES_TEXT: &str =
        "The cosine of every pair: 1 is the same direction. Positives (framed) should be high, the rest low.";
    pub const NO_PICTURES: &str = "These samples are vectors, not pictures.";
    pub const WITHOUT_GRADSCALE: &str = "Without GradScale the length goes as 1/|z|: among embeddings equally far from where they should be, the \
        long ones are pulled least.";
    pub const GRADIENT_LENGTH_THOUSANDTHS: &str = "gradient length, thousandths";
    pub const TURNED_BY_DEGREES: &str = "turned by, degrees";

    pub fn embeddings_text(dim: impl Display) -> String {
        format!(
            "The network turns each view into an embedding z of {dim} numbers. The loss will look at its \
            direction only, but it has a length as well."
        )
    }

    pub fn softmax_text(temperature: impl Display, share: impl Display, views: impl Display) -> String {
        format!(
            "Each row's cosines, divided by the temperature {temperature} and normalised. The loss is the mean \
            of −log of the framed numbers. Most of a row ({share:.0} %) lies on the batch's other {views} \
            views, which are not shown."
        )
    }

    pub fn samples_text(step: impl Display, batch: impl Display, shown: impl Display) -> String {
        format!("Step {step} of the run draws {batch} samples; here are the first {shown}.")
    }

    pub fn with_gradscale(power: impl Display) -> String {
        format!(
            "GradScale has multiplied each by |z| to the power {power}: with p = 1 the norm no longer decides how strong the \
            pull is."
        )
    }

    pub fn gradient_text(scale: impl Display) -> String {
        format!(
            "The loss pulls on every embedding, at right angles to it: only its direction can change the loss. \
            {scale}"
        )
    }

    /// `cosines` and `norms`: before and after the step.
    pub fn update_text(rate: f64, cosines: [f64; 2], norms: [f64; 2]) -> String {
        let ([cosine, cosine_after], [norm, norm_after]) = (cosines, norms);
        let rate = format!("{rate:.7}");
        let rate = rate.trim_end_matches('0').trim_end_matches('.');
        format!(
            "The optimizer changed the weights (learning rate {rate}), and with them every embedding. The cosine of these \
             positives went from {cosine:.3} to {cosine_after:.3} on average, their mean |z| from {} to {}.",
            number(norm, 2),
            number(norm_after, 2)
        )
    }
}

/// Texts of `rooms::help`.
pub mod help {
    pub const TITLE: &str = "Keys and words";
    pub const KEYS_TITLE: &str = "Keys";
    pub const WORDS_TITLE: &str = "Words";
    pub const WORDS_HINT: &str =
        "A word with a dotted line explains itself when it is tapped or clicked; in a setting, the key ? does.";

    /// A key, and what it does.
    pub const KEYS: [(&str, &str); 9] = [
        ("Space", "Play or pause what is seen"),
        (".", "Train one step"),
        ("r", "Back to step 0, with the same weights"),
        ("1 to 5", "Change rooms"),
        ("Arrows", "On a sphere: walk from point to point; with Shift, turn it"),
        ("+  −  0", "On a sphere: nearer, farther, the first view"),
        ("Page ↓ ↑, f", "While presenting: onwards and back, full screen"),
        ("Escape", "Let go of a point; close a panel"),
        ("?", "This page; in a setting, what it means"),
    ];

    /// A word, and what it means here.
    pub const TERMS: [(&str, &str); 22] = [
        ("Embedding", "The vector z that a model makes of a sample. Here each dot is one."),
        (
            "Norm |z|",
            "The length of an embedding. On the spheres it is the distance from the centre; the rings are its scale.",
        ),
        ("Cosine similarity", "The cosine of the angle between two embeddings. It does not change with their lengths."),
        (
            "View",
            "A sample that was changed at random: shifted, turned, noised. Two views of one sample are to get like embeddings.",
        ),
        ("Arm", "One of the two models, A and B. Both see the same batches; the chips say in what they differ."),
        ("SimCLR", "Pulls the two views of a sample together and pushes all other samples of the batch away."),
        ("BYOL, SimSiam", "Pull only: a predictor guesses the other view's embedding. Nothing is pushed away."),
        ("NT-Xent", "The loss of SimCLR: the cross-entropy of finding the other view among the batch."),
        ("Temperature", "Divides the cosines in NT-Xent. A small one looks at the nearest samples most."),
        (
            "kNN accuracy",
            "Share of held-out samples whose class the nearest training embeddings give. Training never sees the classes.",
        ),
        ("Spread", "How far the directions differ: near 0 all are the same."),
        ("Collapse", "All embeddings point the same way. The loss may look good; nothing is told apart."),
        ("Effective rank", "In how many directions the embeddings really differ."),
        ("Alignment", "Mean squared distance of two views' directions: smaller is better."),
        ("Uniformity", "How evenly the directions fill the sphere: lower is more even."),
        ("Angular step", "By what angle one training step turns an embedding. It is what a long norm makes small."),
        ("Opposite halves", "Pairs of views that point away from each other, where the gradient is small as well."),
        ("Cut-initialization", "All weights are divided by c before training, so that embeddings begin short."),
        (
            "GradScale",
            "Each embedding's gradient is multiplied by |z| to the power p. With p = 1 the norm no longer matters to the step.",
        ),
        ("Weight decay", "Pulls weights, and with them norms, towards 0 in every step."),
        ("EMA decay", "How slowly BYOL's target network follows: an exponential moving average of the weights."),
        ("AUROC", "How well a score tells known samples from unexpected ones: 0.5 knows nothing, 1 tells all."),
    ];
}
