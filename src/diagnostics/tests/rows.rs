//! What the rows themselves allow to say: copies, lengths of 1, few rows, few directions, classes, both ends.

use super::*;

/// As many classes as there are, by chance.
fn chance(n: usize, classes: u32) -> (Vec<f32>, Vec<u16>) {
    let mut rng = CounterRng::new(Domain::Probe, 45, 0, 0, 0);
    let z = (0..n * D).map(|_| 3.0 * rng.normal()).collect();
    (z, (0..n).map(|_| rng.below(classes) as u16).collect())
}

fn labelled_run(z: &[f32], labels: &[u16]) -> Report {
    run(z, D, About { labels: Some(labels), ..About::default() }, &Options::default())
}

/// Failed before: every row had its copy as nearest neighbour, so chance labels were right in 100 %.
#[test]
fn copies_are_no_neighbours_no_positives_and_in_no_bucket() {
    let (z, labels) = chance(600, 10);
    let once = labelled_run(&z, &labels);
    let twice = labelled_run(&[z.clone(), z.clone()].concat(), &[labels.clone(), labels.clone()].concat());
    assert_eq!((once.copies, twice.copies, twice.rows.usable()), (0, 600, 1200));
    assert!(once.accuracy.as_ref().unwrap().all < 0.2);
    assert_eq!((&once.accuracy, &once.steps, &once.slope), (&twice.accuracy, &twice.steps, &twice.slope));
    assert_eq!((once.sphere, once.density_correlation), (twice.sphere, twice.density_correlation));
    assert_eq!((&once.shortest, &once.longest), (&twice.shortest, &twice.longest));
    let finding = twice.finding(Kind::Copies).unwrap();
    assert!(finding.what.starts_with("600 of 1,200 embeddings (50 %) are exact copies"), "{}", finding.what);
    assert!(!twice.healthy && twice.verdict.contains("copies") && twice.to_json().contains("\"copies\": 600"));
    assert!(once.finding(Kind::Copies).is_none());
    // A few are worth knowing, and a copy beside its row is one as well.
    let beside: Vec<f32> = z[..D].iter().chain(&z).copied().collect();
    let few = labelled_run(&beside, &[&labels[..1], &labels].concat());
    assert_eq!((few.copies, few.finding(Kind::Copies).unwrap().severity), (1, Severity::Notice));
    assert_eq!(few.accuracy, once.accuracy);
}

#[test]
fn a_view_that_is_a_copy_is_no_positive_and_a_copied_pair_counts_once() {
    let (z, pairs) = views(200, 0.7, |i| 1.0 + i as f32 / 200.0);
    let again: Vec<Option<u32>> = pairs.iter().map(|pair| pair.map(|pair| pair + 400)).collect();
    let (twice, both) = ([z.clone(), z.clone()].concat(), [pairs.clone(), again].concat());
    let (once, twice) = (with_pairs(&z, &pairs, &Options::default()), with_pairs(&twice, &both, &Options::default()));
    assert_eq!((&once.steps, once.opposite_share), (&twice.steps, twice.opposite_share));
    // Both views the same: there is no second view.
    let same: Vec<f32> = [&z[..200 * D], &z[..200 * D]].concat();
    let report = with_pairs(&same, &pairs, &Options::default());
    assert_eq!((report.positives, report.copies), (Positives::Neighbours, 200));
    assert!(report.notes.iter().any(|note| note.contains("No pair is complete with two different views")));
}

/// Failed before: histograms, buckets and steps were shown of norms that are all 1.
#[test]
fn normalised_embeddings_get_one_finding_and_nothing_about_norms() {
    let (z, pairs) = views(100, 0.7, |_| 1.0);
    let unit = Embeddings::new(&z, D).unwrap().unit();
    let half: Vec<f32> = unit.iter().map(|value| (value * 1024.0).round() / 1024.0).collect();
    let labels: Vec<u16> = (0..200).map(|row| (row % 100 / 50) as u16).collect();
    for (z, loss) in [(&unit, Loss::NtXent { tau: 0.1 }), (&half, Loss::Prediction), (&unit, Loss::Dcl { tau: 0.5 })] {
        let about = About { labels: Some(&labels), pairs: Some(&pairs), ..About::default() };
        let report = run(z, D, about, &Options { loss, gradscale: 1.0, ..Options::default() });
        assert_eq!(kinds(&report), [Kind::Normalised], "{loss:?}");
        assert!(report.findings[0].remedies.is_empty() && report.findings[0].why.contains("Save the embeddings as"));
        assert!(!report.healthy && report.verdict.contains("their norms are gone"), "{}", report.verdict);
        let norms = report.norms.as_ref().unwrap();
        assert!(norms.linear.is_none() && norms.log.is_none() && report.steps.is_none() && report.slope.is_none());
        assert!(report.classes.is_empty() && report.shortest.is_empty() && report.longest.is_empty());
        // Directions still say what they say.
        let accuracy = report.accuracy.as_ref().unwrap();
        assert!(accuracy.equal_width.is_empty() && accuracy.quantiles.is_empty() && accuracy.classes == 2);
        assert!(report.sphere.is_some() && report.density_correlation.is_none());
        let page = report.to_html();
        assert!(!page.contains("<svg") && !page.contains("<h2>Norms") && !page.contains("by norm"), "{page}");
        assert!(report.notes.iter().all(|note| !note.contains("Steps are")), "{:?}", report.notes);
    }
}

/// Failed before: two points in 64 dimensions were healthy.
#[test]
fn a_handful_of_directions_is_a_warning_and_few_of_many_are_a_notice() {
    let d = 128;
    let mut rng = CounterRng::new(Domain::Probe, 42, 0, 0, 0);
    let mut flat = |directions: usize| -> Vec<f32> {
        let mut row = || {
            let mut row = vec![0.0; d];
            rng.unit_vector(&mut row[..directions]);
            // Of length 1 they would look normalised.
            row.into_iter().map(|value| 1.5 * value).collect::<Vec<f32>>()
        };
        (0..400).flat_map(|_| row()).collect()
    };
    let severity = |z: &[f32], labels: Option<&[u16]>| {
        let report = run(z, d, About { labels, ..About::default() }, &Options::default());
        report.finding(Kind::LowRank).map(|finding| finding.severity)
    };
    let (two, five, all) = (flat(2), flat(5), flat(d));
    assert_eq!(severity(&two, None), Some(Severity::Warning));
    assert_eq!(severity(&five, None), Some(Severity::Notice));
    assert_eq!(severity(&all, None), None);
    // Two classes need no more than one direction.
    let classes = |classes: u16| -> Vec<u16> { (0..400).map(|row| row % classes).collect() };
    assert_eq!(severity(&two, Some(&classes(2))), Some(Severity::Notice));
    assert_eq!(severity(&two, Some(&classes(10))), Some(Severity::Warning));
    // One row of a length beyond all others takes the rank of z, not that of the directions.
    let mut one_long = all.clone();
    one_long[..d].iter_mut().for_each(|value| *value *= 1e6);
    assert_ne!(severity(&one_long, None), Some(Severity::Warning));
    let report = run(&two, d, About::default(), &Options::default());
    assert!(report.verdict.starts_with("Collapsed onto few dimensions."), "{}", report.verdict);
}

/// Failed before: one, two and three rows were healthy.
#[test]
fn too_few_rows_are_never_healthy() {
    let (z, labels) = chance(600, 3);
    for rows in [1, 2, 3, 9] {
        let report = labelled_run(&z[..rows * D], &labels[..rows]);
        assert_eq!(kinds(&report), [Kind::TooFew], "{rows}");
        assert!(report.verdict.starts_with("Nothing about training can be measured"), "{}", report.verdict);
        assert!(report.findings[0].what.contains("at least 10 are needed"), "{}", report.findings[0].what);
        assert!(report.steps.is_none() && report.sphere.is_none() && report.norms.unwrap().linear.is_none());
        // The rows themselves are shown.
        assert_eq!((report.shortest.len(), report.longest.len()), (rows, 0));
    }
    assert!(labelled_run(&z[..10 * D], &labels[..10]).finding(Kind::TooFew).is_none());
    for bank in [0, 1, 3] {
        let report = run(&z, D, About::default(), &Options { bank, ..Options::default() });
        assert_eq!((kinds(&report), report.sampled), (vec![Kind::TooFew], bank));
        assert!(report.findings[0].remedies[0].action.contains("--bank"), "{:?}", report.findings);
        assert!(report.norms.unwrap().linear.is_some(), "norms are those of all rows");
    }
    let three = run(&z[..3 * D].repeat(100), D, About::default(), &Options::default());
    assert!(three.findings[0].what.starts_with("Of 300 embeddings only 3 are different"), "{:?}", three.findings);
    let one = run(&z[..D].repeat(100), D, About::default(), &Options::default());
    assert_eq!(kinds(&one), [Kind::Collapsed]);
    assert!(one.findings[0].what.contains("all 100 are the same"), "{:?}", one.findings);
}

#[test]
fn inputs_with_little_in_them_are_explained() {
    let zeros = run(&[0.0; 36], 3, About::default(), &Options::default());
    assert_eq!(kinds(&zeros), [Kind::Unusable]);
    assert!(zeros.norms.is_none() && zeros.verdict.contains("nothing that can be measured"));
    let line: Vec<f32> = (0..12).map(|i| if i % 2 == 0 { 1.0 + i as f32 } else { -1.0 - i as f32 }).collect();
    let line = run(&line, 1, About::default(), &Options::default());
    assert_eq!(line.findings[0].kind, Kind::OneDimension);
    let (z, pairs) = views(100, 0.7, |_| 1.0);
    let same = vec![3; 200];
    let about = About { labels: Some(&same), pairs: Some(&pairs), ..About::default() };
    let one_class = run(&z, D, about, &Options::default());
    assert!(
        one_class.accuracy.is_none() && one_class.notes.iter().any(|note| note.contains("All labels are the same"))
    );
    let alone = run(&z, D, About { pairs: Some(&vec![None; 200]), ..About::default() }, &Options::default());
    assert!(alone.notes.iter().any(|note| note.contains("No pair is complete")));
}

#[test]
fn classes_have_their_norms_and_the_ends_are_listed_by_name() {
    // Row i has length 1 + i; class i % 4, whose third has no row with a length.
    let mut z: Vec<f32> = (0..100).flat_map(|i| direction_of(i).map(|value| value * (1.0 + i as f32))).collect();
    (0..100).filter(|i| i % 4 == 2).for_each(|i| z[i * D..(i + 1) * D].fill(0.0));
    let labels: Vec<u16> = (0..100).map(|i| (i % 4) as u16).collect();
    let classes: Vec<String> = ["ant", "bee", "cat", "dog"].map(str::to_owned).to_vec();
    let names: Vec<String> = (0..100).map(|i| format!("{i}.png")).collect();
    let about = About { labels: Some(&labels), classes: Some(&classes), names: Some(&names), ..About::default() };
    let report = run(&z, D, about, &Options::default());
    let shown: Vec<(&str, usize)> = report.classes.iter().map(|of| (of.class.as_str(), of.count)).collect();
    assert_eq!(shown, [("ant", 25), ("bee", 25), ("dog", 25)]);
    // ant: 1, 5, ..., 97.
    let ant = &report.classes[0];
    assert!((ant.lower - 25.0).abs() < 1e-3 && (ant.median - 49.0).abs() < 1e-3 && (ant.upper - 73.0).abs() < 1e-3);
    let rows = |samples: &[report::Sample]| samples.iter().map(|sample| sample.row).collect::<Vec<_>>();
    assert_eq!(rows(&report.shortest), [0, 1, 3, 4, 5, 7, 8, 9, 11, 12]);
    assert_eq!(rows(&report.longest), [99, 97, 96, 95, 93, 92, 91, 89, 88, 87]);
    let longest = &report.longest[0];
    assert_eq!((longest.name.as_deref(), longest.label.as_deref()), (Some("99.png"), Some("dog")));
    assert!((longest.norm - 100.0).abs() < 1e-3);
    let back: Report = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!((back.shortest.len(), &back.longest[0].label), (10, &longest.label));
    let page = report.to_html();
    assert!(page.contains("99.png") && page.contains("Norms by class") && page.contains(">bee<"), "{page}");
}

/// Another direction for each row.
fn direction_of(row: usize) -> [f32; D] {
    direction(&mut CounterRng::new(Domain::Probe, 46, row as u32, 0, 0))
}

#[test]
fn of_many_classes_both_ends_are_shown() {
    let class = |i: usize| report::ClassNorms {
        class: i.to_string(),
        count: 1,
        lower: 0.0,
        median: ((i * 7) % 50) as f64,
        upper: 0.0,
    };
    let classes: Vec<_> = (0..50).map(class).collect();
    let (shown, left_out) = samples::shown(&classes);
    let medians: Vec<f64> = shown.iter().map(|class| class.median).collect();
    assert!((0..10).chain(40..50).map(f64::from).eq(medians) && left_out == 30);
    assert_eq!((samples::shown(&classes[..20]).0.len(), samples::shown(&classes[..20]).1), (20, 0));
}

/// A report of a version before these fields.
#[test]
fn older_reports_are_read() {
    let (z, labels) = chance(60, 3);
    let mut document: serde_json::Value = serde_json::from_str(&labelled_run(&z, &labels).to_json()).unwrap();
    for key in ["copies", "out_of_range", "classes", "shortest", "longest"] {
        assert!(document.as_object_mut().unwrap().remove(key).is_some(), "{key}");
    }
    assert!(document["sphere"].as_object_mut().unwrap().remove("direction_rank").is_some());
    assert_eq!(serde_json::from_value::<Report>(document).unwrap().copies, 0);
}

#[cfg(feature = "tables")]
mod range {
    use std::io::Cursor;

    use super::*;
    use crate::data::tables::TableReader;
    use crate::diagnostics::file::diagnose_table;

    fn of(values: impl Fn(usize) -> f64) -> Report {
        let text: String = (0..60)
            .map(|row| (0..4).map(|k| format!("{:e}", values(4 * row + k))).collect::<Vec<_>>().join(",") + "\n")
            .collect();
        let mut table = TableReader::open("z.csv", Cursor::new(text)).unwrap();
        diagnose_table(&mut table, &Options::default(), &mut |_| true).unwrap()
    }

    /// Failed before: "infinite" and "zero", of numbers that are neither, with advice against divergence and dead units.
    #[test]
    fn numbers_that_floats_cant_hold_are_named_as_such() {
        let sine = |i: usize| (i as f64 * 0.7 + 0.3).sin();
        let tiny = of(|i| 1e-60 * sine(i));
        assert_eq!((kinds(&tiny), tiny.out_of_range.too_small), (vec![Kind::Unusable], 240));
        assert!(tiny.findings[0].what.contains("240 values are too small for 32-bit floats"), "{:?}", tiny.findings);
        assert!(tiny.findings[0].remedies[0].action.contains("Multiply all embeddings"));
        let one = of(|i| if i == 21 { 1e300 } else { sine(i) });
        let finding = one.finding(Kind::NotFinite).unwrap();
        assert!(
            finding.what.starts_with("1 of 60 embeddings (1.7 %) can't be measured: 1 value is above 3.4e38"),
            "{}",
            finding.what
        );
        assert!(finding.remedies[0].action.contains("Multiply all embeddings"), "{finding:?}");
        let all = of(|i| 1e300 * sine(i));
        assert!(all.findings[0].what.contains("240 values are too large for 32-bit floats"), "{:?}", all.findings);
    }
}
