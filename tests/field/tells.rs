//! What a diagnosis tells of tables, and what it can't: copies, lengths of 1, few directions, few rows, labels that are none.
//! In the terminal, the JSON and the HTML report, and on the page.

use normscope::lab::Answer;
use serde_json::Value;

use super::files::*;
use super::page::{diagnose, normscope, path};

/// What each place says of one file.
struct Told {
    page: Answer,
    json: Value,
    html: String,
    terminal: String,
}

fn told(name: &str, bytes: &[u8]) -> Told {
    let page = diagnose(&[(name, bytes.to_vec())], None).expect("an answer");
    let shown = normscope(&["diagnose", &path(&format!("field-{name}"), bytes)], b"").stdout;
    let json = serde_json::from_str(&page.json).expect("JSON");
    Told { json, html: page.html.clone(), page, terminal: String::from_utf8(shown).expect("text") }
}

/// Rows that are far from each other, and labels that say nothing about them.
fn noise(n: usize, d: usize) -> (Vec<Vec<f32>>, Vec<i64>) {
    let mut state = 1_u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f32 / (1_u64 << 31) as f32 - 0.5
    };
    let rows = (0..n).map(|_| (0..d).map(|_| 6.0 * next()).collect()).collect();
    (rows, (0..n).map(|_| (10.0 * (next() + 0.5)) as i64).collect())
}

fn archive(rows: &[Vec<f32>], labels: &[i64]) -> Vec<u8> {
    let labels = i64_npy(&format!("({},)", labels.len()), labels.iter().copied());
    zip(&[("z.npy", matrix(rows)), ("labels.npy", labels)])
}

fn kinds(json: &Value) -> Vec<&str> {
    json["findings"].as_array().expect("findings").iter().map(|one| one["kind"].as_str().expect("a kind")).collect()
}

/// Failed before: 100 % on labels that say nothing.
#[test]
fn a_table_that_holds_every_row_twice_is_as_right_as_the_table() {
    let (rows, labels) = noise(500, 16);
    let once = told("once.npz", &archive(&rows, &labels));
    let twice = told("twice.npz", &archive(&[rows.clone(), rows.clone()].concat(), &labels.repeat(2)));
    assert_eq!(once.json["accuracy"]["all"], twice.json["accuracy"]["all"]);
    assert!(twice.json["accuracy"]["all"].as_f64().expect("a share") < 0.25);
    assert_eq!((once.json["copies"].as_u64(), twice.json["copies"].as_u64()), (Some(0), Some(500)));
    assert_eq!(kinds(&twice.json), ["copies"]);
    for text in [&twice.terminal, &twice.html] {
        assert!(text.contains("500 of 1,000 embeddings (50 %) are exact copies"), "{text}");
    }
    let share = ("Exact copies of another row".to_owned(), "500 of 1,000 (50 %)".to_owned());
    assert!(twice.page.numbers.contains(&share) && !once.page.numbers.iter().any(|one| one.0 == share.0));
}

/// Failed before: histograms and buckets of rounding errors, and steps that overshoot.
#[test]
fn of_normalised_embeddings_nothing_is_told_about_norms() {
    let (rows, labels) = noise(300, 16);
    let unit = |row: &Vec<f32>| {
        let norm = row.iter().map(|value| value * value).sum::<f32>().sqrt();
        row.iter().map(|value| value / norm).collect::<Vec<f32>>()
    };
    let told = told("unit.npz", &archive(&rows.iter().map(unit).collect::<Vec<_>>(), &labels));
    assert_eq!(kinds(&told.json), ["normalised"]);
    assert!(told.json["findings"][0]["remedies"].as_array().is_some_and(Vec::is_empty));
    assert!(told.json["norms"]["linear"].is_null() && told.json["norms"]["log"].is_null());
    assert!(told.json["steps"].is_null() && told.json["slope"].is_null() && told.json["accuracy"].is_object());
    assert!(told.page.figures.is_empty() && told.page.sheets.is_empty() && told.page.findings.len() == 1);
    assert!(!told.html.contains("<svg") && !told.terminal.contains("step"), "{}", told.terminal);
    let file = path("field-unit-steep.npz", &archive(&rows.iter().map(unit).collect::<Vec<_>>(), &labels));
    let out = path("field-unit-out", b"");
    std::fs::remove_file(&out).expect("a file");
    let shown = normscope(&["diagnose", &file, "--tau", "0.1", "--lr", "3", "--gradscale", "1", "--out", &out], b"");
    let shown = String::from_utf8(shown.stdout).expect("text");
    assert!(!shown.contains("overshoot") && shown.contains("normalised before they were saved"), "{shown}");
    let drawn = std::fs::read_dir(&out).expect("a folder").filter_map(Result::ok);
    let drawn = drawn.filter(|entry| entry.path().extension().is_some_and(|end| end == "svg")).count();
    assert_eq!(drawn, 0, "no figure of norms");
    std::fs::remove_dir_all(&out).expect("a folder");
}

/// Failed before: "Healthy".
#[test]
fn two_points_are_a_collapse() {
    let (jitter, _) = noise(400, 64);
    let side = |(i, row): (usize, &Vec<f32>)| {
        let mut row: Vec<f32> = row.iter().map(|value| 0.0005 * value).collect();
        row[0] += if i % 2 == 0 { 1.0 + 0.001 * i as f32 } else { -1.0 - 0.001 * i as f32 };
        row[1] += 0.3;
        row
    };
    let told = told("points.npy", &matrix(&jitter.iter().enumerate().map(side).collect::<Vec<_>>()));
    assert!(told.page.verdict.starts_with("Collapsed onto few dimensions."), "{}", told.page.verdict);
    assert_eq!((told.json["healthy"].as_bool(), kinds(&told.json)[0]), (Some(false), "low_rank"));
    assert!(told.terminal.contains("Warning: The embeddings have collapsed onto few dimensions"));
}

/// Failed before: "Healthy".
#[test]
fn of_a_few_rows_nothing_is_told_and_why() {
    let (rows, labels) = noise(300, 8);
    for n in [1, 2, 3] {
        let told = told(&format!("few-{n}.npy"), &matrix(&rows[..n]));
        assert!(told.page.verdict.starts_with("Nothing about training can be measured"), "{}", told.page.verdict);
        assert_eq!(kinds(&told.json), ["too_few"]);
        assert!(told.terminal.contains("too few, at least 10 are needed"), "{}", told.terminal);
        assert!(told.page.figures.is_empty());
    }
    let file = path("field-bank.npz", &archive(&rows, &labels));
    let shown = String::from_utf8(normscope(&["diagnose", &file, "--bank", "1"], b"").stdout).expect("text");
    assert!(shown.contains("Only 1 of 300 embeddings may be compared") && !shown.contains("Healthy"), "{shown}");
}

#[test]
fn labels_that_are_no_classes_give_no_accuracy_and_no_table_of_classes() {
    let (rows, _) = noise(300, 4);
    let fractions = f64_npy("(300,)", (0..300).map(|i| f64::from(i) * 0.37));
    for (name, target) in [("names.npz", i64_npy("(300,)", 0..300)), ("fractions.npz", fractions)] {
        let told = told(name, &zip(&[("z.npy", matrix(&rows)), ("target.npy", target)]));
        assert!(told.json["accuracy"].is_null() && told.json["classes"].as_array().is_some_and(Vec::is_empty));
        assert!(told.json["shortest"][0]["label"].is_null() && told.page.read.contains("no labels"), "{name}");
        assert!(told.page.sheets.iter().all(|sheet| sheet.name != "norms-by-class"), "{name}");
        assert!(!told.terminal.contains("Norms by class"), "{}", told.terminal);
    }
}

#[test]
fn classes_and_both_ends_are_told_by_their_names() {
    let (rows, _) = noise(300, 4);
    let line = |(i, row): (usize, &Vec<f32>)| format!("img{i}.png,{},kind{}\n", texts(row).join(","), i % 25);
    let text: String = rows.iter().enumerate().map(line).collect();
    let told = told("kinds.csv", format!("filename,e0,e1,e2,e3,label\n{text}").as_bytes());
    assert_eq!(told.json["classes"].as_array().map(Vec::len), Some(25));
    let class = &told.json["classes"][0];
    assert!(class["count"] == 12 && class["lower"].as_f64() < class["median"].as_f64(), "{class}");
    let longest = &told.json["longest"][0];
    let row = longest["row"].as_u64().expect("a row");
    assert_eq!(longest["name"], format!("img{row}.png"));
    assert_eq!(longest["label"], format!("kind{}", row % 25));
    for text in [&told.terminal, &told.html] {
        assert!(text.contains("The 10 shortest and the 10 longest of 25 classes; 5 are left out."), "{text}");
        assert!(text.contains(&format!("img{row}.png")), "{text}");
    }
    let names: Vec<&str> = told.page.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    assert_eq!(names, ["norms-by-class", "shortest", "longest"]);
    let sheet = &told.page.sheets[0];
    assert!(sheet.folded && sheet.rows.len() == 20 && sheet.csv.lines().count() == 26, "{sheet:?}");
    assert_eq!((told.page.sheets[1].rows.len(), told.page.sheets[2].header.len()), (10, 4));
    let printed = told.terminal.split("The shortest embeddings").nth(1).expect("the table");
    assert_eq!(
        printed
            .lines()
            .take_while(|line| !line.starts_with("The longest"))
            .filter(|line| line.contains(".png"))
            .count(),
        5
    );
}
