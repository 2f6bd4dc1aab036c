//! The built program: exit codes, standard output, files.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const TINY: &[&str] = &[
    "--quiet",
    "--set",
    "a.batch=16",
    "--set",
    "a.width=8",
    "--set",
    "a.dim=4",
    "--steps",
    "12",
    "--eval",
    "4",
    "--seeds",
    "2",
    "--factors",
    "0.3,1",
    "--variant",
    "standard",
    "--variant",
    "p=1:gradscale=1",
];

fn normscope(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_normscope")).args(args).output().unwrap()
}

fn accelerate(more: &[&str]) -> Output {
    normscope(&[&["accelerate"], TINY, more].concat())
}

/// Standard output as the one JSON document that it must be.
fn document(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// An empty folder for one test.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

/// The SVG files in a folder by name, each of them well-formed.
fn pictures(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut names = Vec::new();
    for path in files.filter(|path| path.extension().is_some_and(|extension| extension == "svg")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let document = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(document.root_element().has_tag_name(("http://www.w3.org/2000/svg", "svg")), "{}", path.display());
        names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    names.sort();
    names
}

/// Nothing half-written is left in a folder.
fn is_tidy(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().all(|entry| !entry.unwrap().file_name().to_str().unwrap().ends_with(".part"))
}

/// The document without anything that is a time.
fn timeless(mut document: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.retain(|key, _| key != "millis" && key != "time_ratio");
                map.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut document);
    document
}

#[test]
fn bad_input_is_named_in_one_line_with_exit_code_2() {
    let file = folder("a-file-not-a-folder");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let _ = std::fs::remove_file(&file);
    std::fs::write(&file, "x").unwrap();
    let file = file.to_str().unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&["train", "--preset", "nope"], "--preset nope"),
        (&["train", "--set", "a.lr=fast"], "a.lr=fast"),
        (&["train", "--url", "https://example.org/?steps=none"], "steps=none"),
        (&["train", "--set", "speeed=1"], "speeed=1"),
        (&["train", "--device", "abacus"], "--device abacus"),
        (&["train", "--seed", "minus"], "minus"),
        (&["train", "--out", file], file),
        (&["simulate", "growth", "--quick", "--out", file], file),
        // A folder that is there, but in which nobody can make files.
        (&["train", "--out", "/proc"], "/proc"),
        (&["accelerate", "--quick", "--out", "/proc"], "/proc"),
        (&["compare", "--out", "/proc/none"], "/proc/none"),
        (&["train", "--frobnicate"], "--frobnicate"),
        (&["frobnicate"], "frobnicate"),
        (&["accelerate", "--rates", "0.1,fast"], "--rates 0.1,fast"),
        (&["accelerate", "--rates", "1,0.1"], "rates"),
        (&["accelerate", "--rates", "1", "--factors", "1"], "--factors"),
        (&["accelerate", "--variant", "x:depth=3"], "depth=3"),
        (&["accelerate", "--variant", "x:cut=0"], "cut=0"),
        (&["accelerate", "--fractions", "2"], "fraction 2"),
        (&["accelerate", "--seeds", "0"], "--seeds 0"),
        (&["accelerate", "--steps", "10", "--eval", "11"], "eval=11"),
        (&["accelerate", "--resume"], "--out"),
        (&["compare", "--set", "b.batch=64"], "batch=64"),
    ];
    for (args, name) in cases {
        let output = normscope(args);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {error}");
        assert!(error.contains(name) && error.starts_with("error: "), "{args:?}: {error}");
        assert_eq!(error.trim_end().lines().count(), 1, "{args:?}: {error}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

/// A link comes from elsewhere: what means nothing here is said, and the rest of it counts.
#[test]
fn an_unknown_key_of_a_link_is_a_note() {
    let link = "https://example.org/?speeed=1&steps=1&utm_source=mail&a.batch=4&b.batch=4&a.width=4&b.width=4";
    let output = normscope(&["train", "--quiet", "--json", "--url", link]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{error}");
    assert!(error.contains("speeed=1") && error.contains("left out") && !error.contains("utm"), "{error}");
}

#[test]
fn help_and_version_go_to_standard_output() {
    for args in [&["--help"][..], &["--version"], &["accelerate", "--help"]] {
        let output = normscope(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty());
    }
}

#[test]
fn presets_are_listed_for_people_and_programs() {
    let all = document(&normscope(&["presets", "--json"]));
    let table = String::from_utf8(normscope(&["presets"]).stdout).unwrap();
    let names: Vec<&str> = all.as_array().unwrap().iter().map(|preset| preset["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"digits-simclr"));
    assert_eq!(table.lines().map(|line| line.split(' ').next().unwrap()).collect::<Vec<_>>(), names);
}

#[test]
fn train_prints_one_document_and_writes_its_files() {
    let folder = folder("train");
    let out = folder.to_str().unwrap();
    let settings = ["--set", "a.batch=16", "--set", "b.batch=16", "--set", "eval=3", "--steps", "6"];
    let found = document(&normscope(&[&["train", "--json", "--out", out], &settings[..]].concat()));
    assert_eq!(found["steps"], 6);
    assert_eq!(found["arms"][0]["batch_hash"], found["arms"][1]["batch_hash"]);
    assert_eq!(found["arms"][0]["series"].as_array().unwrap().len(), 3);
    assert_eq!(found["arms"][1]["losses"].as_array().unwrap().len(), 6);
    assert_eq!((&found["settings"]["steps"], &found["settings"]["b"]["batch"]), (&6.into(), &16.into()));
    assert!(found["knn_raw"].is_number() && found["arms"][0]["knn_features"]["trained"].is_number());
    let written: Value = serde_json::from_slice(&std::fs::read(folder.join("run.json")).unwrap()).unwrap();
    assert_eq!(written, found);
    let metrics = std::fs::read_to_string(folder.join("metrics.csv")).unwrap();
    assert!(metrics.starts_with("arm,step,loss,knn,"), "{metrics}");
    assert_eq!(metrics.lines().count(), 1 + 2 * 3);
    let pictures = pictures(&folder);
    for name in ["knn", "loss", "norm", "spread", "effective-rank", "angular-step"] {
        assert!(pictures.contains(&format!("curve-{name}.svg")), "{name} in {pictures:?}");
    }
    let model = std::fs::read(folder.join("model.safetensors")).unwrap();
    let model = safetensors::SafeTensors::deserialize(&model).unwrap();
    assert!(["a.encoder.0.weight", "b.projector.0.bias"].iter().all(|name| model.tensor(name).is_ok()));
    assert!(is_tidy(&folder));
}

#[test]
fn the_embeddings_of_a_training_can_be_diagnosed_arm_by_arm() {
    let folder = folder("train-diagnose");
    let out = folder.to_str().unwrap();
    let settings = ["--quiet", "--set", "a.batch=16", "--set", "b.batch=16", "--set", "b.dim=5", "--steps", "2"];
    assert_eq!(normscope(&[&["train", "--out", out], &settings[..]].concat()).status.code(), Some(0));
    let file = folder.join("embeddings.npz");
    let file = file.to_str().unwrap();
    let first = document(&normscope(&["diagnose", file, "--json"]));
    assert!(first["name"].as_str().unwrap().ends_with("embeddings.npz: a_z"));
    assert!(first["notes"].to_string().contains("also holds b_z"));
    let second = document(&normscope(&["diagnose", file, "--json", "--array", "b_z", "--out", out]));
    assert_eq!((second["n"].as_u64(), second["d"].as_u64()), (first["n"].as_u64(), Some(5)));
    assert!(second["accuracy"]["all"].as_f64().unwrap() > 0.1);
    let pictures = pictures(&folder);
    assert!(["norms.svg", "accuracy-by-norm.svg"].iter().all(|name| pictures.iter().any(|one| one == name)));
    let refused = normscope(&["diagnose", file, "--array", "c_z"]);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2));
    assert!(message.contains("c_z") && message.contains("b_z (") && message.lines().count() == 1, "{message}");
}

#[test]
fn the_study_prints_one_document_and_a_table_for_people() {
    let found = document(&accelerate(&["--json"]));
    assert_eq!((found["cells_done"].as_u64(), found["cells"].as_array().unwrap().len()), (Some(8), 8));
    assert_eq!(found["seeds"], serde_json::json!([7, 8]));
    assert_eq!(found["outcomes"].as_array().unwrap().len(), 2 * 3);
    let output = accelerate(&[]);
    let table = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    for part in [
        "SimCLR on Digits",
        "speed at same lr",
        "p=1",
        "There are no intervals with fewer than 3 seeds",
        "multiples of 4 steps",
    ] {
        assert!(table.contains(part), "{part} in {table}");
    }
    assert!(output.stderr.is_empty());
}

#[test]
fn a_study_that_was_stopped_is_resumed_to_the_same_result() {
    let (stopped, whole) = (folder("stopped"), folder("whole"));
    let [stopped, whole] = [stopped.to_str().unwrap(), whole.to_str().unwrap()];
    let expected = document(&accelerate(&["--json", "--out", whole]));
    // Stop it by force once a checkpoint holds some runs but not all.
    let mut child = Command::new(env!("CARGO_BIN_EXE_normscope"))
        .args([&["accelerate"], TINY, &["--out", stopped]].concat())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let checkpoint = PathBuf::from(stopped).join("acceleration.checkpoint.json");
    let runs = || {
        let text = std::fs::read(&checkpoint).ok()?;
        // Whatever the moment, the file is whole.
        let value: Value = serde_json::from_slice(&text).unwrap();
        Some(value["cells"].as_array().unwrap().len())
    };
    while runs().is_none_or(|runs| runs < 2) {
        assert!(child.try_wait().unwrap().is_none_or(|status| status.success()));
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let kept: Value = serde_json::from_slice(&std::fs::read(&checkpoint).unwrap()).unwrap();
    let resumed = document(&accelerate(&["--json", "--out", stopped, "--resume"]));
    assert_eq!(timeless(resumed.clone()), timeless(expected));
    // The runs that were kept were not repeated: even their times are the same.
    let kept = kept["cells"].as_array().unwrap();
    assert!(kept.len() >= 2);
    assert_eq!(&resumed["cells"].as_array().unwrap()[..kept.len()], &kept[..]);
}

#[test]
fn results_are_written_and_a_checkpoint_of_other_settings_is_refused() {
    let folder = folder("files");
    let out = folder.to_str().unwrap();
    let found = document(&accelerate(&["--json", "--out", out]));
    let written: Value = serde_json::from_slice(&std::fs::read(folder.join("acceleration.json")).unwrap()).unwrap();
    assert_eq!(written, found);
    let lines = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap().lines().count();
    assert_eq!(lines("acceleration.csv"), 1 + 2 * 3);
    assert_eq!(lines("acceleration-grid.csv"), 1 + 2 * 2 * 3);
    assert_eq!(lines("acceleration-curves.csv"), 1 + 8 * 4);
    let names = pictures(&folder);
    let expected = ["accuracy", "curves", "ratios", "steps-80", "steps-90", "steps-95"];
    assert!(names.iter().all(|name| expected.iter().any(|part| *name == format!("acceleration-{part}.svg"))));
    assert!(names.iter().any(|name| name == "acceleration-curves.svg") && is_tidy(&folder), "{names:?}");
    let refused = accelerate(&["--out", out, "--resume", "--set", "a.tau=0.3"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("was made with other settings"));
}

#[test]
fn compare_trains_both_arms_over_the_seeds() {
    let settings = ["--set", "a.batch=16", "--set", "b.batch=16", "--set", "eval=4", "--steps", "8", "--seeds", "2"];
    let found = document(&normscope(&[&["compare", "--json"], &settings[..]].concat()));
    assert_eq!(found["cells_done"], 4);
    assert_eq!(found["options"]["variants"][1]["settings"], serde_json::json!(["gradscale=1"]));
    assert_eq!(found["finals"].as_array().unwrap().len(), 2);
}

#[test]
fn a_norm_sweep_gives_the_papers_steps_and_slopes() {
    // The printed outputs of the paper's notebook for norms .25, .5, .75, 1, 2, ..., 10 (shared notes, section 2).
    const NOTEBOOK: [f64; 13] =
        [6.0, 24.0, 54.0, 96.0, 385.0, 869.0, 1547.0, 2416.0, 3463.0, 4737.0, 6156.0, 7822.0, 9662.0];
    let report = document(&normscope(&["simulate", "norm-sweep", "--json"]));
    let figure = &report["figures"][0];
    let plain = figure["series"]
        .as_array()
        .unwrap()
        .iter()
        .find(|series| series["label"] == "no GradScale" && series["kind"] == "points")
        .unwrap();
    let points: Vec<(f64, f64)> = plain["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| (point[0].as_f64().unwrap(), point[1].as_f64().unwrap()))
        .filter(|(norm, _)| *norm > 0.0)
        .collect();
    assert_eq!(points.len(), NOTEBOOK.len());
    for ((norm, steps), expected) in points.iter().zip(NOTEBOOK) {
        assert!((steps / expected - 1.0).abs() <= 0.01, "norm {norm}: {steps} steps, the notebook has {expected}");
    }
}

#[test]
fn every_simulation_runs_quickly_and_writes_its_files() {
    for name in ["opposite-halves", "growth", "exposure"] {
        let out = folder(&format!("simulate-{name}"));
        let output = normscope(&["simulate", name, "--quick", "--quiet", "--out", out.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("expected"));
        let text = std::fs::read(out.join(format!("{name}.json"))).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&text).unwrap()["simulation"], *name);
        assert!(std::fs::read_to_string(out.join(format!("{name}.csv"))).unwrap().lines().count() > 3);
        let report: Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(pictures(&out).len(), report["figures"].as_array().unwrap().len());
    }
    let unknown = normscope(&["simulate", "perpetual-motion"]);
    assert_eq!(unknown.status.code(), Some(2));
    let message = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(message.contains("perpetual-motion") && message.contains("norm-sweep") && message.lines().count() == 1);
}

#[test]
fn embeddings_are_diagnosed_and_bad_files_are_named_in_one_line() {
    let out = folder("diagnose");
    std::fs::create_dir_all(&out).unwrap();
    let rows: String = (0..120)
        .map(|i| {
            let angle = f64::from(i) * 0.7;
            format!("{},{},{},{}\n", 40.0 * angle.sin(), 40.0 * angle.cos(), 10.0 * (angle * 1.3).sin(), i % 3)
        })
        .collect();
    let file = out.join("z.csv");
    std::fs::write(&file, format!("u,v,w,label\n{rows}")).unwrap();
    let path = file.to_str().unwrap();
    let report = document(&normscope(&["diagnose", path, "--json", "--out", out.to_str().unwrap()]));
    assert!((report["slope"]["mean"].as_f64().unwrap() + 1.0).abs() < 1e-3);
    assert_eq!(report["n"], 120);
    assert!(std::fs::read_to_string(out.join("diagnosis.html")).unwrap().starts_with("<!doctype html>"));
    for (name, bytes) in [("empty.npy", &b""[..]), ("ragged.csv", b"1,2\n3\n"), ("odd.safetensors", b"12345678{}")] {
        let bad = out.join(name);
        std::fs::write(&bad, bytes).unwrap();
        let output = normscope(&["diagnose", bad.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(message.contains(name) && message.lines().count() == 1, "{message}");
    }
    assert_eq!(normscope(&["diagnose", "/nowhere/z.npy"]).status.code(), Some(2));
}

#[test]
fn the_benchmark_measures_every_model_and_writes_its_files() {
    let folder = folder("bench");
    let out = folder.to_str().unwrap();
    let document = document(&normscope(&["bench", "--quick", "--quiet", "--json", "--seconds", "0.05", "--out", out]));
    let rows = document["measured"].as_array().unwrap();
    let models: Vec<(&str, &str)> =
        rows.iter().map(|row| (row["data"].as_str().unwrap(), row["method"].as_str().unwrap())).collect();
    let mut wanted = ["latent", "digits", "shapes"].map(|data| [(data, "simclr"), (data, "byol")]).concat();
    wanted.push(("mnist", "supervised"));
    assert_eq!(models, wanted);
    for row in rows {
        assert!(row["steps_per_second"].as_f64().unwrap() > 0.0 && row["parameters"].as_u64().unwrap() > 1000, "{row}");
        // Nobody counts dispatches on the CPU.
        assert!(row["per_step"].is_null());
    }
    assert!(is_tidy(&folder));
    assert!(std::fs::read_to_string(folder.join("bench.csv")).unwrap().starts_with("data,method,batch,"));
    let refused = normscope(&["bench", "--seconds", "0"]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn an_arm_is_exported_as_a_script_and_bad_input_is_named() {
    let script = normscope(&["export", "pytorch", "--preset", "digits-byol", "--arm", "b"]);
    assert_eq!(script.status.code(), Some(0));
    let text = String::from_utf8(script.stdout).unwrap();
    assert!(text.contains("class GradScale(torch.autograd.Function)") && text.contains("\"method\": \"byol\""));
    assert_eq!(normscope(&["export", "pytorch", "--preset", "nothing"]).status.code(), Some(2));
    assert_eq!(normscope(&["export", "pytorch", "--arm", "c"]).status.code(), Some(2));
}
