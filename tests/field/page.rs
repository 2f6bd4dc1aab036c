//! The account of a table where people see it: on the page, in the terminal, in the JSON report and in the HTML report. And
//! files in pairs, pipes, and the choice of an array.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use normscope::diagnostics::Options;
use normscope::lab::work::work;
use normscope::lab::{Answer, Job, JobEvent};

use super::files::*;

const LINE: &str = "60 rows, 5 coordinates (columns 2 to 6), labels from column 7 (4 classes), left out: column 1 (it counts the rows).";

/// A counter, five coordinates, a class; no header.
fn table() -> String {
    let row = |(i, row): (usize, &Vec<f32>)| format!("{i},{},c{}\n", texts(row).join(","), i % 4);
    rows(60, 5).iter().enumerate().map(row).collect()
}

/// What the page gets.
pub fn diagnose(files: &[(&str, Vec<u8>)], array: Option<&str>) -> Result<Answer, String> {
    let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect();
    let mut last = None;
    work(&Job::DiagnoseFiles { files, array: array.map(str::to_owned), options: Options::default() }, &mut |said| {
        last = Some(said);
    });
    match last {
        Some(JobEvent::Done(answer)) => Ok(answer),
        Some(JobEvent::Failed(problem)) => Err(problem),
        other => panic!("{other:?}"),
    }
}

pub fn normscope(args: &[&str], input: &[u8]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_normscope"));
    program.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().expect("the program");
    let mut stdin = child.stdin.take().expect("its input");
    // A program that reads no input may have ended before.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().expect("its output")
}

pub fn path(name: &str, bytes: &[u8]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).expect("a file");
    path.display().to_string()
}

#[test]
fn the_account_is_on_the_page_in_the_terminal_and_in_both_reports() {
    let answer = diagnose(&[("t.csv", table().into_bytes())], None).expect("an answer");
    assert_eq!(answer.read, LINE);
    assert!(answer.html.contains(LINE));
    let report: serde_json::Value = serde_json::from_str(&answer.json).expect("JSON");
    let read = &report["read"];
    assert_eq!(read["line"], LINE);
    assert_eq!(
        (read["rows"].as_u64(), read["coordinates"].as_u64(), read["classes"].as_u64()),
        (Some(60), Some(5), Some(4))
    );
    assert_eq!((read["left_out"][0]["what"].as_str(), read["lines"]["all"].as_u64()), (Some("column 1"), Some(60)));
    let file = path("field-account.csv", table().as_bytes());
    let shown = String::from_utf8(normscope(&["diagnose", &file], b"").stdout).expect("text");
    assert!(shown.contains(LINE), "{shown}");
    let printed = normscope(&["diagnose", &file, "--json"], b"").stdout;
    let printed: serde_json::Value = serde_json::from_slice(&printed).expect("JSON");
    assert_eq!(&printed["read"], read);
}

#[test]
fn standard_input_and_pipes_are_read_like_files() {
    let bytes = matrix(&rows(60, 5));
    for name in ["-", "/dev/stdin"] {
        if name == "-" || Path::new(name).exists() {
            let output = normscope(&["diagnose", name], &bytes);
            let shown = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && shown.contains("60 rows, 5 coordinates"), "{name}: {shown}");
        }
    }
    let empty = normscope(&["diagnose", "-"], b"");
    assert!(String::from_utf8_lossy(&empty.stderr).contains("standard input is empty"));
    let folder = normscope(&["diagnose", env!("CARGO_TARGET_TMPDIR")], b"");
    assert!(String::from_utf8_lossy(&folder.stderr).contains("is a folder"));
}

#[test]
fn two_files_get_their_roles_by_their_contents_in_any_order() {
    let z = rows(60, 5);
    let vectors = lines(&z.iter().map(|row| texts(row)).collect::<Vec<_>>(), "\t", "\n").into_bytes();
    let each = |text: &dyn Fn(usize) -> String| (0..60).map(text).collect::<String>();
    let plain = each(&|i| format!("class{}\n", i % 4));
    let series = ",0\n".to_owned() + &each(&|i| format!("{i},{}\n", i % 4));
    for (name, labels) in [
        ("metadata.tsv", plain.clone().into_bytes()),
        ("metadata.tsv", format!("kind\n{plain}").into_bytes()),
        ("metadata.tsv", format!("Word\tLabel\n{}", each(&|i| format!("word{i}\tclass{}\n", i % 4))).into_bytes()),
        (
            "metadata.tsv",
            format!("file\tsplit\tkind\n{}", each(&|i| format!("f{i}\ttrain{}\tclass{}\n", i % 2, i % 4))).into_bytes(),
        ),
        ("metadata.tsv", each(&|i| format!("{}\n", ["a", "", "b", "c"][i % 4])).into_bytes()),
        ("y.csv", series.into_bytes()),
        ("y.npy", i64_npy("(60,)", (0..60).map(|i| i % 4))),
        ("y.npy", i64_npy("(1, 60)", (0..60).map(|i| i % 4))),
        ("y.npz", zip(&[("arr_0.npy", i64_npy("(60,)", (0..60).map(|i| i % 4)))])),
        ("y.json", format!("[{}]", each(&|i| format!("{}{}", if i > 0 { "," } else { "" }, i % 4))).into_bytes()),
        ("y.txt.gz", gzip(plain.as_bytes())),
    ] {
        let files = [(name, labels), ("vectors.tsv", vectors.clone())];
        for files in [files.clone(), [files[1].clone(), files[0].clone()]] {
            let answer = diagnose(&files, None).expect("an answer");
            assert_eq!(answer.name, "vectors.tsv", "{name}");
            assert!(
                answer.read.starts_with("60 rows, 5 coordinates") && answer.read.contains("(4 classes)"),
                "{name}: {}",
                answer.read
            );
        }
    }
    let metadata = format!("Word\tLabel\n{}", each(&|i| format!("word{i}\tclass{}\n", i % 4)));
    let answer = diagnose(&[("metadata.tsv", metadata.into_bytes()), ("vectors.tsv", vectors.clone())], None)
        .expect("an answer");
    assert!(answer.read.contains("labels from 'Label' of metadata.tsv"), "{}", answer.read);
    // What can't be labels of these rows is said; the norms are shown.
    let answer = diagnose(&[("labels.txt", b"a\nb\nc\n".to_vec()), ("vectors.tsv", vectors)], None).expect("an answer");
    assert!(
        answer.summary.iter().any(|note| note.contains("labels.txt has 3 labels for 60 embeddings")),
        "{:?}",
        answer.summary
    );
}

#[test]
fn one_of_several_arrays_can_be_chosen() {
    let bytes = zip(&[("train.npy", matrix(&rows(60, 5))), ("test.npy", matrix(&rows(30, 5)))]);
    let asked = diagnose(&[("two.npz", bytes.clone())], None).expect("a choice");
    assert_eq!(asked.arrays, ["train", "test"]);
    assert!(asked.verdict.contains("train (60, 5), test (30, 5)") && asked.json.is_empty(), "{}", asked.verdict);
    let chosen = diagnose(&[("two.npz", bytes.clone())], Some("test")).expect("an answer");
    assert!(chosen.read.starts_with("30 rows, 5 coordinates (array test, float32)") && chosen.arrays.len() == 2);
    let file = path("field-two.npz", &bytes);
    let refused = normscope(&["diagnose", &file], b"");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--array NAME"));
    let shown = normscope(&["diagnose", &file, "--array", "test"], b"").stdout;
    assert!(String::from_utf8_lossy(&shown).contains("30 rows, 5 coordinates"));
}
