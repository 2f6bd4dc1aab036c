//! What the lesson, the preset's card and the other documents quote from the acceleration study is what the table of
//! `docs/results.md` says. After a new measurement the table changes; this test then names every text that is behind.

use normscope::config::Preset;
use serde_json::Value;

const RESULTS: &str = include_str!("../docs/results.md");
const NORM_CONTROL: &str = include_str!("../docs/norm-control.md");
const LESSONS: &str = include_str!("../static/lessons.json");
/// How the head of the study's table begins, and which columns hold its levels.
const TABLE: (&str, std::ops::Range<usize>) = ("| against SGD |", 2..5);

/// The levels' cells of the row called `name`.
fn row(name: &str) -> Vec<&'static str> {
    let (table, levels) = TABLE;
    let from = RESULTS.find(table).unwrap_or_else(|| panic!("docs/results.md has no table {table:?}"));
    let lines = RESULTS[from..].lines().take_while(|line| line.starts_with('|'));
    let mut rows = lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    let row = rows.find(|cells| cells[0] == name).unwrap_or_else(|| panic!("{table:?} has no row {name:?}"));
    row[levels].to_vec()
}

/// The number that a cell begins with: of `**2.75 [1.85, 4.07]**` it is 2.75.
fn number(cell: &str) -> f64 {
    let text = cell.trim_start_matches('*');
    let end = text.find(|c: char| !c.is_ascii_digit() && !['.', '-'].contains(&c)).unwrap_or(text.len());
    text[..end].parse().unwrap_or_else(|_| panic!("{cell:?} begins with no number"))
}

/// `2.5 to 2.9`: a row's smallest and largest ratio, in one decimal.
fn ratios(name: &str) -> String {
    let numbers: Vec<f64> = row(name).into_iter().map(number).collect();
    let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{low:.1} to {high:.1}")
}

/// All texts of the lesson on the fair race.
fn lesson() -> String {
    let file: Value = serde_json::from_str(LESSONS).unwrap();
    let lesson = file["lessons"].as_array().unwrap().iter().find(|lesson| lesson["id"] == "fair-race");
    lesson.expect("there is a lesson on the fair race").to_string()
}

/// Every number of times in a text: of "needs 2.5 to 2.9 times fewer steps" it is "2.5 to 2.9".
fn times(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_number = |word: &str| word.parse::<f64>().is_ok();
    let at = |i: usize| words[i] == "times" && i >= 3 && words[i - 2] == "to" && is_number(words[i - 1]);
    (0..words.len()).filter(|&i| at(i)).map(|i| words[i - 3..i].join(" ")).collect()
}

#[test]
fn lesson_card_recommendation_and_summary_quote_the_table_and_name_the_baseline() {
    let expected = [ratios("SGD, p = 1"), ratios("AdamW")];
    let recommendation = NORM_CONTROL.lines().find(|line| line.starts_with("| BYOL, SGD,")).unwrap();
    let summary = RESULTS.split("\n\n").find(|part| part.starts_with("**2.3 times faster.**")).unwrap();
    let texts = [
        ("the lesson fair-race", lesson()),
        ("the card of byol-tuned", Preset::find("byol-tuned").unwrap().reason.to_owned()),
        ("docs/norm-control.md", recommendation.to_owned()),
        ("the summary in docs/results.md", summary.to_owned()),
    ];
    for (place, text) in texts {
        let quoted = times(&text);
        assert_eq!(quoted, expected, "{place} and the tables, GradScale then AdamW");
        assert!(text.contains("SGD at a constant rate"), "{place} does not name the baseline");
    }
}

#[test]
fn numbers_are_read_off_cells_and_sentences() {
    assert_eq!(number("**2.75 [1.85, 4.07]**"), 2.75);
    assert_eq!(number("220 [120, 320], 1 of 10 missed it"), 220.0);
    assert_eq!(times("needs 2.5 to 2.9 times fewer steps, not 1 to 2 steps at times"), ["2.5 to 2.9"]);
}
