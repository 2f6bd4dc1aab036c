//! The rooms beside the playground, and what they share.

use std::fmt::Display;

/// Texts of `rooms::anomalies`.
pub mod anomalies {
    pub const ARM_A: &str = "arm A";
    pub const ARM_B: &str = "arm B";
    pub const ANOMALIES: &str = "Anomalies";
    pub const QUESTION: &str = "Is a small norm a sign of surprise?";
    pub const INTRO: &str = "Models learn without some classes and are then shown what they have never seen: those classes, other data, noise, \
        corruptions. Draw something, or look who stands at the front of the gallery. What is measured is shown, also where the norm loses.";
    pub const AUROC_HELP: &str = "AUROC: how often a score puts an outlier before a known sample. 0.5 is a coin toss, 1 is every time. Outliers have \
        the input norms of known samples.";
    pub const TRAIN_AND_MEASURE: &str = "Train and measure";
    pub const OUTLIERS: &str = "Outliers";
    pub const OUTPUT_OF_THE_MODEL: &str = "Output of the model";
    pub const EMBEDDING_Z: &str = "Embedding z";
    pub const ENCODER_FEATURES_H: &str = "Encoder features h";
    pub const SAVE_NUMBERS_JSON: &str = "Save numbers (JSON)";
    pub const KNOWN: &str = "Known";
    pub const SMALLEST_FIRST: &str = "From the smallest norm up";
    pub const FRAMED_HELP: &str =
        "Framed pictures are outliers; the number is |z|. Where the norm knows, they gather at the front.";
    pub const RUN_IT_YOURSELF: &str = super::study::RUN_IT_YOURSELF;

    pub fn never_seen(classes: &[String]) -> String {
        format!(" This model has never seen {}.", crate::text::listed(classes))
    }
}

/// Texts of `rooms::diagnostics`.
pub mod diagnostics {
    use super::Display;

    pub const DCL: &str = "DCL";
    pub const NT_XENT: &str = "NT-Xent";
    pub const DIAGNOSIS_OF: &str = "Diagnosis of ";
    pub const EARLIER_DIAGNOSIS_OF: &str = "Earlier diagnosis of ";
    pub const NORM_DIAGNOSTICS: &str = "Norm diagnostics";
    pub const QUESTION: &str = "What do the norms of these embeddings do?";
    pub const INTRO: &str = "Measures how gradients, angular steps, accuracy and density follow the norm, and says what helps. \
        Nothing is uploaded.";
    pub const PLAYGROUND_MODEL: &str = "The model in the playground";
    pub const PLAYGROUND_HELP: &str = "Its held-out embeddings, with the arm's own loss, learning rate and GradScale.";
    pub const DIAGNOSE_A: &str = "Diagnose A";
    pub const DIAGNOSE_B: &str = "Diagnose B";
    pub const YOUR_EMBEDDINGS: &str = "Your embeddings";
    pub const DROP_HELP: &str = "Drop .npy, .npz, .csv, .json or .safetensors here, also in .gz or .zip; labels inside or as a second file. Trained with:";
    pub const LOSS: &str = "Loss";
    pub const COSINE_BYOL: &str = "Cosine (BYOL)";
    pub const TEMPERATURE: &str = "Temperature";
    pub const LEARNING_RATE: &str = "Learning rate";
    pub const GRADSCALE_P: &str = "GradScale p";
    pub const ARRAY: &str = "Embeddings in the file";
    pub const CHOOSE_ARRAY: &str = "Choose…";
    pub const OPEN_FILES: &str = "Open files…";
    pub const EMBEDDINGS_FILE: &str = "Embeddings file";
    pub const EMBEDDING: &str = "The engine embeds the held-out samples…";
    pub const READING: &str = "Reading the file…";

    pub fn must_be_a_number(name: &str, text: &str, least: f64, most: f64) -> String {
        format!("{name} {text}: must be a number from {least} to {most}.")
    }

    pub fn arm_at_step(arm: impl Display, step: impl Display) -> String {
        format!("arm {arm} at step {step}")
    }

    pub fn too_large(name: impl Display, megabytes: impl Display, most: impl Display) -> String {
        format!(
            "{name} is {megabytes} MB. The page opens at most {most} MB; the command line (normscope \
            diagnose) reads any size."
        )
    }
}

/// Texts of `rooms::example`.
pub mod example {
    pub const RECORDED_EXAMPLE: &str = "Recorded example.";

    pub fn measured(about: &str, day: &str, made_by: &str) -> String {
        format!("{about}. Measured on {day} with {made_by}, not on your device; your own result takes its place.")
    }
}

/// Texts of `rooms::experiments`.
pub mod experiments {
    use super::Display;

    pub const STANDARD: &str = "z as it comes: the gradient's length goes as 1/|z|";
    pub const CUT_3: &str = "W ← W/3 before training: like 9 times the learning rate for SGD, 3 times for Adam, where there are no \
        biases";
    pub const CUT_9: &str = "W ← W/9: like 81 times, 9 times";
    pub const GRADSCALE_1: &str = "dL/dz ← |z| dL/dz, sample by sample: a length that no longer depends on |z|";
    pub const GRADSCALE_2: &str =
        "dL/dz ← |z|² dL/dz: angular steps that no longer depend on |z|; feeds back on growing norms";
    pub const MEAN_CONTROL: &str = "dL/dz ← (mean |z|) dL/dz: only undoes the norm's slowing of the learning rate";
    pub const ARM_B: &str = "arm B";
    pub const EXPERIMENTS: &str = "Experiments";
    pub const QUESTION: &str = "Does norm control train faster?";
    pub const INTRO: &str = "Much that looks like acceleration is only another learning rate. So every variant is trained with every \
        rate of a grid and several seeds, on the same batches, and compared by the steps to the same held-out \
        kNN accuracy, at the same rate and at each one's best. Rates are chosen on one half of the held-out \
        samples, results read off the other.";
    pub const VARIANTS: &str = "Variants";
    pub const ARM_B_HELP: &str = "as it is set in the playground, if it differs from arm A";
    pub const SIZE: &str = "Size";
    pub const RATES: &str = "Learning rates, as multiples of the arm's own";
    pub const RUN_THE_STUDY: &str = "Run the study";
    pub const RUN_IT_YOURSELF: &str = super::study::RUN_IT_YOURSELF;
    pub const HOW_TO_READ: &str = "How to read it: a dot at 2 got to the same accuracy in half the standard's steps; where a whisker crosses the \
        dashed line at 1, the difference is not sure.";
    pub const CONTROL: &str = "The control multiplies all gradients of a batch by its mean norm, which only changes the learning rate. \
        Where it does as well, treating the samples one by one has added nothing.";
    pub const MORE_CHARTS: &str = "More charts: steps and accuracy by learning rate, accuracy against steps";

    pub fn runs(count: impl Display) -> String {
        format!("{count} runs. On the command line, normscope accelerate runs the full study.")
    }
}

/// Texts of `rooms::figure`.
pub mod figure {
    pub const NUMBERS: &str = "Numbers";
    pub const NUMBERS_OF_THE_FIGURE: &str = "Numbers of the figure";
    pub const SERIES: &str = "Series";
    pub const DASHED: &str = "dashed, in the same colour: predicted by the formula";
}

/// Texts of `rooms::gradient`.
pub mod gradient {
    use super::Display;

    pub const GRADIENT_LAB: &str = "Gradient lab";
    pub const QUESTION: &str = "Why cosine still feels the norm";
    pub const INTRO: &str = "The loss is minus the cosine of two embeddings, so their lengths do not enter it. But its gradient is \
        orthogonal to z and has the length sin φ / |z|: a long embedding is turned by a small step. Drag the \
        two.";
    pub const GRADSCALE_POWER_P: &str = "GradScale power p";
    pub const LEARNING_RATE: &str = "Learning rate γ";
    pub const ANGLE_COSINE: &str = "Angle φ, cosine";
    pub const ANGLE_HELP: &str = "Between the two embeddings.";
    pub const NORMS: &str = "Norms |z|";
    pub const NORMS_HELP: &str = "Lengths of the two embeddings.";
    pub const GRADIENT_LENGTH: &str = "Gradient length";
    pub const LENGTH_HELP: &str = "sin φ / |z|; with GradScale, times |z| to the power p.";
    pub const GRADIENT_Z: &str = "Gradient · z";
    pub const ORTHOGONAL_HELP: &str = "Orthogonal, whatever p: the product is 0 up to rounding.";
    pub const NORMS_AFTER_A_STEP: &str = "Norms after a step";
    pub const STEP_HELP: &str = "Pythagoras: |z'|² = |z|² + γ²|g|²; a step never shortens.";
    pub const CHANGE_OF_THE_COSINE: &str = "Change of the cosine";
    pub const CHANGE_HELP: &str = "By the exact formula for two points; the vectors move to the same place.";
    pub const STEPS_TO_COSINE: &str = "Steps to cosine 0.999";
    pub const STEPS_HELP: &str = "Predicted by the flow at constant norms (for equal norms ρ: γ times ρ to the power p − 2); then counted by taking the steps.";
    pub const TRY: &str = "Try: drag z₁ outwards. The same loss gives it a shorter step. With p = 1 the arrow keeps its length; \
        with p = 2 even the angle it turns by stays.";
    pub const SIMULATIONS: &str = "Simulations: measured against predicted";
    pub const SIMULATION: &str = "Simulation";
    pub const SEED: &str = "Seed";
    pub const FULL_SIZE: &str = "The paper's full size (slower)";

    pub fn handle(name: impl Display, length: impl Display) -> String {
        format!("{name}: length {length:.2}. Left and right turn it, up and down change its length.")
    }

    pub fn over(patience: impl Display) -> String {
        format!("over {patience}")
    }

    pub fn predicted_and_counted(predicted: impl Display, counted: impl Display) -> String {
        format!("{predicted:.0}, counted {counted}")
    }

    pub fn never_and_counted(counted: impl Display) -> String {
        format!("never, counted {counted}")
    }

    pub fn run(name: impl Display) -> String {
        format!("Run: {name}")
    }
}

/// Texts of `rooms::job`.
pub mod job {
    pub const CANCEL: &str = "Cancel";
    pub const PROGRESS: &str = "Progress";
    pub const SAVE_REPORT_HTML: &str = "Save report (HTML)";
    pub const SAVE_NUMBERS_JSON: &str = "Save numbers (JSON)";
    pub const SERIOUS: &str = "Serious";
    pub const WARNING: &str = "Warning";
    pub const WORTH_KNOWING: &str = "Worth knowing";

    /// "About 40 s", "About 3 minutes".
    pub fn about(seconds: f64) -> String {
        if seconds < 5.0 {
            "A few seconds".to_owned()
        } else if seconds < 90.0 {
            format!("About {:.0} s", 5.0 * (seconds / 5.0).round())
        } else {
            format!("About {:.0} minutes", (seconds / 60.0).round().max(2.0))
        }
    }

    pub fn left(seconds: f64) -> String {
        format!("{} left", about(seconds))
    }
}

/// Texts of `rooms::lab`.
pub mod lab {
    use super::Display;

    pub const NO_WORKER: &str = "This browser can't start the lab's worker.";

    pub fn not_sent(error: impl Display) -> String {
        format!("The job could not be sent: {error}")
    }

    pub fn answer_unreadable(error: impl Display) -> String {
        format!("The answer could not be read: {error}")
    }

    pub fn lab_failed(why: impl Display) -> String {
        format!("The lab could not be loaded ({why}).")
    }

    pub const ENDED: &str = "The browser has ended the worker that did this.";

    pub const GONE: &str = "The browser has ended the worker that did this: start it again.";

    pub fn replaced(why: &str, kept: bool) -> String {
        let how = if kept { "goes on from its last interim result" } else { "has begun again" };
        format!("{why} The work {how}.")
    }
}

/// Texts of `rooms::pad`.
pub mod pad {
    pub const DRAW_ONE_YOURSELF: &str = "Draw one yourself";
    pub const PAD_HELP: &str =
        "A trained model answers at once: does it know what you draw? Try a digit that it knows, a scribble, noise.";
    pub const COMING: &str = "The model is on its way…";
    pub const SHIPPED_ANSWERS: &str =
        "The recorded example's model answers; yours answers as soon as your study is done.";
    pub const DIGITS: &str = "known digits";
    pub const SAMPLES: &str = "known samples";
    pub const YOUR_DRAWING: &str = "your drawing";
    pub const WHERE_IT_LANDED: &str = "Where it landed";
    pub const WHERE_THEY_LIE: &str = "Norms of the known and of the others: where will it land?";
    pub const THRESHOLDS: &str = "Unusual: among the shortest 5 %; rather short: among the shortest 25 %. The drawing is scaled to the \
        brightness of known samples first.";

    pub fn unseen(classes: &[String]) -> String {
        format!(" It has never seen {}.", crate::text::listed(classes))
    }

    /// What a norm's rank among known samples says (the share of them that are shorter), and whether that is unusual.
    pub fn judged(rank: f64, noun: &str) -> (bool, String) {
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        let shorter =
            if rank == 0.0 { format!("all {noun}") } else { format!("{} of {noun}", percent((1.0 - rank).min(0.99))) };
        if rank < 0.05 {
            (true, format!("Unusual: shorter than {shorter}."))
        } else if rank < 0.25 {
            (false, format!("Rather short: shorter than {shorter}."))
        } else {
            (false, format!("As long as usual: longer than {} of {noun}.", percent(rank)))
        }
    }
    pub const DRAWING_PAD: &str = "Drawing pad";
    pub const CLEAR: &str = "Clear";
    pub const NOISE: &str = "Noise";
    pub const NORM: &str = "Norm ";
    pub const SHORTER: &str = " of known held-out samples are shorter. Max cosine ";
    pub const FARTHER: &str = " are farther from the training data. Both together: above ";
    pub const NEAREST: &str = "Nearest training samples, by cosine";
}

/// Texts of `rooms::sheet`.
pub mod sheet {
    pub const SAVE_CSV: &str = "Save CSV";
}

/// Texts of `rooms::study`.
pub mod study {
    use super::Display;

    pub const SEEDS: &str = "Seeds";
    pub const STEPS: &str = "Steps";
    pub const NEEDS_BUILT_IN: &str = "Studies in the page need a built-in data set; choose one in the playground. For your own files, use \
        the command line: normscope accelerate or normscope anomaly, with --files.";
    pub const CONTINUE_THE_CANCELLED_ONE: &str = "Continue the cancelled one";
    pub const RUN_IT_YOURSELF: &str = "Run it yourself";
    pub const TIME_COMES: &str = "The time it takes is shown as soon as it trains.";

    pub fn takes(seconds: f64) -> String {
        format!("{} on this device, an estimate.", super::job::about(seconds))
    }

    pub fn smaller(seeds: f64, steps: f64, seconds: Option<f64>) -> String {
        let time =
            seconds.map_or_else(String::new, |seconds| format!(" ({})", super::job::about(seconds).to_lowercase()));
        format!("Take a smaller one: {seeds} seeds, {steps} steps, small networks{time}")
    }

    pub fn with_settings(what: impl Display) -> String {
        format!("{what} with the settings of the playground's arms.")
    }

    pub fn small(small: impl Display) -> String {
        format!("Small networks (batch and width at most {small})")
    }
}
