//! `normscope anomaly` and `--files`, as the built program.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

const TINY: &[&str] = &[
    "anomaly",
    "--quiet",
    "--set",
    "a.batch=32",
    "--set",
    "a.width=16",
    "--set",
    "a.dim=8",
    "--variant",
    "standard",
    "--variant",
    "p=1:gradscale=1",
];
const SMALL: &[&str] = &["--steps", "20", "--seeds", "2", "--samples", "60", "--kinds", "unseen,noise"];

fn normscope(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_normscope")).args(args).output().unwrap()
}

fn anomaly(more: &[&str]) -> Output {
    normscope(&[TINY, more].concat())
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

#[test]
fn the_json_document_has_every_score_and_the_files_say_the_same() {
    let out = folder("anomaly");
    let output = anomaly(&[SMALL, &["--json", "--out", out.to_str().unwrap()]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["kinds"], serde_json::json!(["unseen", "noise"]));
    let rows = document["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["score"] == "norm" && row["kind"] == "unseen").unwrap();
    assert!(row["auroc"]["estimate"].as_f64().unwrap() > 0.0);
    let written: Value = serde_json::from_slice(&std::fs::read(out.join("anomaly.json")).unwrap()).unwrap();
    assert_eq!(written, document);
    let table = std::fs::read_to_string(out.join("anomaly.csv")).unwrap();
    assert_eq!(table.lines().count(), rows.len() + 1);
    assert!(table.starts_with("variant,features,score,kind,auroc,auroc_low,auroc_high"));
    for name in ["anomaly-gains.csv", "anomaly-norms-unseen-projector.svg", "anomaly-roc-noise-backbone.svg"] {
        assert!(out.join(name).metadata().unwrap().len() > 100, "{name}");
    }
    // Taken up again it has nothing left to do, and gives the same.
    let again = anomaly(&[SMALL, &["--json", "--resume", "--out", out.to_str().unwrap()]].concat());
    let again: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(again["rows"], document["rows"]);
}

#[test]
fn people_get_a_table_for_each_variant_and_the_verdict() {
    let output = anomaly(SMALL);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for expected in ["SimCLR on Digits", "standard, projector", "p=1, backbone", "Untrained norm (control)", "AUROC of"]
    {
        assert!(text.contains(expected), "{expected:?} in {text}");
    }
}

#[test]
fn bad_input_is_named_in_one_line() {
    assert!(refused(&anomaly(&["--kinds", "unseen,ghosts"])).contains("--kinds ghosts: there are unseen, mixup"));
    assert!(refused(&anomaly(&["--hold-out", "0"])).contains("hold-out=0"));
    assert!(refused(&anomaly(&["--samples", "3"])).contains("samples=3"));
    assert!(refused(&anomaly(&["--set", "a.lr=fast"])).contains("a.lr=fast"));
    assert!(refused(&anomaly(&["--files", "nowhere.bin"])).contains("--files nowhere.bin"));
}

/// A CIFAR-10 binary batch of small random pictures: class c is brighter in the c-th row.
fn cifar(records: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    for record in 0..records {
        let label = (record % 10) as u8;
        bytes.push(label);
        bytes.extend((0..3072_u32).map(|at| {
            let noise = (record.wrapping_mul(2_654_435_761).wrapping_add(at.wrapping_mul(40_503)) >> 7) as u8 % 60;
            if (at / 32 % 32) / 3 == u32::from(label) { 180 + noise } else { 40 + noise }
        }));
    }
    bytes
}

#[test]
fn the_readers_own_files_stand_in_for_the_data_set() {
    let out = folder("files");
    std::fs::create_dir_all(&out).unwrap();
    let (train, test) = (out.join("data_batch_1.bin"), out.join("test_batch.bin"));
    std::fs::write(&train, cifar(120)).unwrap();
    std::fs::write(&test, cifar(80)).unwrap();
    let files = ["--files", train.to_str().unwrap(), test.to_str().unwrap()];
    let output = anomaly(&[&["--json", "--steps", "2", "--seeds", "1"], files.as_slice()].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["options"]["files"], serde_json::json!(["data_batch_1.bin", "test_batch.bin"]));
    assert_eq!(document["cells"][0]["unseen"], serde_json::json!(["airplane", "automobile"]));
    let settings = ["--json", "--steps", "2", "--set", "a.batch=8", "--set", "b.batch=8", "--set", "a.lr=0.02"];
    let output = normscope(&[&["train"], settings.as_slice(), files.as_slice()].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["subject"], "SimCLR on data_batch_1.bin, test_batch.bin");
    // One evaluation before training and one after: the built-in data left no trace.
    assert_eq!(document["arms"][0]["series"].as_array().unwrap().len(), 2);
    let broken = out.join("broken.bin");
    std::fs::write(&broken, [1, 2, 3]).unwrap();
    assert!(refused(&normscope(&["train", "--files", broken.to_str().unwrap()])).contains("broken.bin"));
}
