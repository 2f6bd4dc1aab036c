//! The recorded examples that the rooms open with: every one can be read, is small, names its settings, and says what its own
//! figures and tables say.

use normscope::config::url;
use normscope::data::Ood;
use normscope::engine::device::Compute;
use normscope::lab::example::{Example, gzip};
use normscope::studies::anomaly::models::{Kept, Study};
use normscope::studies::{acceleration, anomaly};

fn read(name: &str) -> Example {
    let path = format!("static/examples/{name}.example");
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}; run scripts/examples.sh {name}"));
    assert!(bytes.len() < 200_000, "{path}: {} bytes", bytes.len());
    let example =
        gzip::from_bytes(&bytes).unwrap_or_else(|error| panic!("{path}: {error}; run scripts/examples.sh {name}"));
    assert!(example.made_by.starts_with("normscope ") && example.seconds > 0.0, "{path}");
    let day: Vec<usize> = example.day.split('-').map(str::len).collect();
    assert_eq!(day, [4, 2, 2], "{path}: {}", example.day);
    assert!(!example.about.is_empty() && !example.answer.verdict.is_empty() && !example.answer.figures.is_empty());
    example
}

fn number<'a>(example: &'a Example, name: &str) -> &'a str {
    let found = example.answer.numbers.iter().find(|(own, _)| own == name);
    found.map_or_else(|| panic!("no {name} in {:?}", example.answer.numbers), |(_, value)| value)
}

#[test]
fn the_acceleration_study_is_whole_has_an_answer_and_no_best_rate_at_its_edge() {
    let example = read("experiments");
    let options: acceleration::Options = serde_json::from_str(&example.settings).unwrap();
    let runs = options.plan().unwrap().cells();
    assert_eq!(number(&example, "Runs"), format!("{runs} of {runs}, {} steps each", options.steps));
    assert_eq!(example.about, format!("BYOL on Digits, {} seeds, {} steps each", options.seeds.len(), options.steps));
    assert!(example.answer.verdict.contains("each at its own best learning rate"), "{}", example.answer.verdict);
    // The chart that the verdict stands over comes first, and has the ratio that the verdict names.
    let chart = &example.answer.figures[0];
    assert_eq!(chart.name, "acceleration-ratios");
    let best = chart.series.iter().skip(1).filter_map(|series| series.points.last()).map(|point| point[1]);
    let best = best.fold(0.0, f64::max);
    assert!(example.answer.verdict.contains(&format!(": {best:.2} times")), "{best} {}", example.answer.verdict);
    let rows = || {
        example.answer.sheets.iter().filter(|sheet| sheet.title.starts_with("Steps to")).flat_map(|sheet| &sheet.rows)
    };
    assert!(
        rows().count() == options.variants.len() * options.fractions.len() && rows().all(|row| !row[1].contains('*'))
    );
    assert!(example.answer.sheets.iter().all(|sheet| sheet.folded));
}

#[test]
fn the_anomaly_study_has_a_gallery_in_the_order_of_norms_and_says_what_was_unseen() {
    let example = read("anomalies");
    let options: anomaly::Options = serde_json::from_str(&example.settings).unwrap();
    let models = options.plan().unwrap().cells();
    assert_eq!(number(&example, "Models"), format!("{models} of {models}, {} steps each", options.steps));
    assert_eq!(example.about, format!("SimCLR on Digits, {} seeds, {} steps each", options.seeds.len(), options.steps));
    assert_eq!(example.answer.unseen, ["0", "1"]);
    assert!(example.answer.gallery.is_sorted_by(|a, b| a.norm <= b.norm));
    assert!(Ood::ALL.into_iter().all(|kind| example.answer.gallery.iter().any(|shot| shot.kind == Some(kind))));
}

#[test]
fn the_shipped_model_knows_known_digits_from_noise_as_the_study_that_it_comes_from() {
    let example = read("anomalies");
    let kept: Kept = postcard::from_bytes(&example.model).unwrap();
    assert_eq!(serde_json::to_string(&kept.options).unwrap(), example.settings);
    pollster::block_on(async {
        let study = Study::recall(kept, Compute::cpu("test")).await.unwrap();
        // What the gallery shows is placed where the gallery has it.
        for shot in example.answer.gallery.iter().filter(|shot| shot.kind.is_none()) {
            let row: Vec<f32> = shot.picture.rgba.chunks(4).map(|pixel| f32::from(pixel[0]) / 255.0).collect();
            let placed = study.place(&row).await.unwrap();
            // Pictures have 256 levels and are scaled to the mean length first.
            assert!((placed.norm / f64::from(shot.norm) - 1.0).abs() < 0.25, "{} {}", placed.norm, shot.norm);
        }
        let checker: Vec<f32> = (0..64).map(|at| ((at / 8 + at) % 2) as f32).collect();
        let placed = study.place(&checker).await.unwrap();
        assert!(placed.norm_rank < 0.25, "a checkerboard is longer than {} of known digits", placed.norm_rank);
        assert!(study.place(&[0.0; 3]).await.is_err());
    });
}

#[test]
fn the_diagnosed_arm_is_named_with_its_settings() {
    let example = read("diagnostics");
    let (experiment, complaints) = url::decode(&example.settings);
    assert_eq!(complaints, []);
    assert!(example.about.ends_with(&format!("after {} steps", experiment.run.steps)), "{}", example.about);
    assert!(example.answer.name == example.about && !example.answer.findings.is_empty());
}
