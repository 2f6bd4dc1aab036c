//! The command line when something ends it: Ctrl-C, a kill, a full disk. What lies under its final name is whole, and
//! `--resume` ends with the files of a run that nothing happened to.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("faults-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

fn normscope(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_normscope"));
    command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A training run that takes some seconds, into `out`.
fn train(steps: u32, out: &Path, more: &[&str]) -> Command {
    let steps = steps.to_string();
    let mut args = vec!["train", "--quiet", "--device", "cpu", "--steps", &steps, "--set", "eval=50"];
    for setting in ["a.width=16", "b.width=16", "a.batch=16", "b.batch=16", "b.cut=3"] {
        args.extend(["--set", setting]);
    }
    args.extend(["--out", out.to_str().unwrap()]);
    args.extend(more);
    normscope(&args)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .map(|all| all.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    names.sort();
    names
}

/// Starts it, waits for a file and a little more, and sends a signal.
fn end_with(signal: &str, mut command: Command, when: &Path) -> Output {
    let child = command.spawn().unwrap();
    let begun = Instant::now();
    while !when.exists() {
        assert!(begun.elapsed() < Duration::from_mins(1), "{} never came", when.display());
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(300));
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    child.wait_with_output().unwrap()
}

/// Every file is the same, byte for byte, pictures and the recorded run included.
fn same_files(one: &Path, other: &Path) {
    assert_eq!(names(one), names(other));
    for name in names(one) {
        let [a, b] = [one, other].map(|folder| std::fs::read(folder.join(&name)).unwrap());
        assert!(a == b, "{name} differs");
    }
}

#[test]
fn a_run_that_was_stopped_or_killed_ends_as_if_it_had_not_been() {
    const STEPS: u32 = 6000;
    let whole = folder("whole");
    assert!(train(STEPS, &whole, &[]).status().unwrap().success());
    for (signal, code) in [("-INT", Some(130)), ("-TERM", Some(130)), ("-KILL", None)] {
        let out = folder(&format!("stopped{signal}"));
        // The folder is there as soon as the run begins; a kill can only be survived after the first save.
        let when = if code.is_some() { out.clone() } else { out.join("run.part") };
        let stopped = end_with(signal, train(STEPS, &out, &[]), &when);
        assert_eq!(stopped.status.code(), code, "{signal}");
        if code.is_some() {
            let said = String::from_utf8_lossy(&stopped.stderr).into_owned();
            assert!(said.contains("stopped at step") && said.contains("--resume"), "{said}");
        }
        assert_eq!(names(&out), ["run.part"], "{signal}: nothing else has its final name yet");
        let resumed = train(STEPS, &out, &["--resume"]).output().unwrap();
        assert!(resumed.status.success(), "{}", String::from_utf8_lossy(&resumed.stderr));
        same_files(&whole, &out);
    }
}

#[test]
fn what_can_not_be_resumed_is_said() {
    let out = folder("wrong");
    let part = out.join("run.part");
    end_with("-INT", train(6000, &out, &[]), &out);
    let other = train(5000, &out, &["--resume"]).output().unwrap();
    assert_eq!(other.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&other.stderr).contains("other settings"));
    let mut bytes = std::fs::read(&part).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(&part, bytes).unwrap();
    let damaged = train(6000, &out, &["--resume"]).output().unwrap();
    assert_eq!(damaged.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&damaged.stderr).contains("damaged"));
    // A complete run is not trained again over its own files.
    std::fs::remove_file(&part).unwrap();
    assert!(train(2, &out, &[]).output().unwrap().status.success());
    let complete = std::fs::read(out.join("run.json")).unwrap();
    let again = train(2, &out, &["--resume"]).output().unwrap();
    assert_eq!(again.status.code(), Some(2));
    let said = String::from_utf8_lossy(&again.stderr);
    assert!(said.contains("run.json is of a run that is complete") && said.contains("--out"), "{said}");
    assert_eq!(std::fs::read(out.join("run.json")).unwrap(), complete);
}

/// Writes 60 pictures of 8 x 8 pixels of two classes as IDX; `shade` is the grey level of one of them.
fn write_pictures(folder: &Path, shade: u8) -> [PathBuf; 2] {
    const N: u8 = 60;
    std::fs::create_dir_all(folder).unwrap();
    let head = |sizes: &[u8]| -> Vec<u8> {
        let sizes = sizes.iter().flat_map(|size| [0, 0, 0, *size]);
        [0, 0, 8, sizes.clone().count() as u8 / 4].into_iter().chain(sizes).collect()
    };
    let level =
        |picture: u8, pixel: u8| if picture == 7 { shade } else { (picture % 2) * 100 + (picture + pixel) % 50 };
    let pixels = (0..N).flat_map(|picture| (0..64).map(move |pixel| level(picture, pixel)));
    let files = [folder.join("train-images-idx3-ubyte"), folder.join("train-labels-idx1-ubyte")];
    std::fs::write(&files[0], head(&[N, 8, 8]).into_iter().chain(pixels).collect::<Vec<u8>>()).unwrap();
    std::fs::write(&files[1], head(&[N]).into_iter().chain((0..N).map(|picture| picture % 2)).collect::<Vec<u8>>())
        .unwrap();
    files
}

#[test]
fn a_run_goes_on_with_the_same_pictures_only() {
    let (out, data) = (folder("pictures-run"), folder("pictures"));
    let run = |files: &[PathBuf; 2], more: &[&str]| {
        let files = files.each_ref().map(|file| file.to_str().unwrap());
        let names = ["--files", files[0], "--files", files[1]];
        train(6000, &out, &[&names, more].concat())
    };
    let files = write_pictures(&data, 10);
    end_with("-INT", run(&files, &[]), &out.join("run.part"));
    // The same names, sizes and settings, but one picture differs.
    write_pictures(&data, 11);
    let other = run(&files, &["--resume"]).output().unwrap();
    let said = String::from_utf8_lossy(&other.stderr);
    assert_eq!(other.status.code(), Some(2), "{said}");
    assert!(said.contains("other files"), "{said}");
    write_pictures(&data, 10);
    let same = run(&files, &["--resume"]).output().unwrap();
    assert!(same.status.success(), "{}", String::from_utf8_lossy(&same.stderr));
}

#[test]
fn a_study_that_was_stopped_goes_on() {
    let study = |out: &Path, more: &[&str]| {
        let mut args = vec!["compare", "--quiet", "--device", "cpu", "--steps", "60", "--seeds", "4", "--json"];
        args.extend(["--out", out.to_str().unwrap()]);
        args.extend(more);
        normscope(&args)
    };
    let out = folder("study");
    let stopped = end_with("-INT", study(&out, &[]), &out.join("acceleration.checkpoint.json"));
    assert_eq!(stopped.status.code(), Some(130));
    assert!(stopped.stdout.is_empty(), "with --json there is a whole document or none");
    let resumed = study(&out, &["--resume"]).output().unwrap();
    assert!(resumed.status.success(), "{}", String::from_utf8_lossy(&resumed.stderr));
    assert!(out.join("acceleration.json").exists());
}

#[test]
fn a_full_disk_leaves_no_half_of_a_file() {
    let out = folder("full");
    // Files may have so many blocks of 1,024 bytes: some fit, the larger ones do not.
    for blocks in [0, 1, 8, 32] {
        let _ = std::fs::remove_dir_all(&out);
        let line = format!(
            "trap '' XFSZ; ulimit -f {blocks}; exec {} train --quiet --device cpu --steps 20 --set a.width=16 --set b.width=16 --out {}",
            env!("CARGO_BIN_EXE_normscope"),
            out.display()
        );
        let result = Command::new("bash").args(["-c", &line]).output().unwrap();
        let said = String::from_utf8_lossy(&result.stderr).into_owned();
        assert!(!result.status.success(), "{blocks} blocks were enough");
        assert!(said.starts_with("error: ") && !said.contains("panicked"), "{said}");
        for name in names(&out) {
            assert!(!name.ends_with(".part"), "{name} is left over");
            assert!(std::fs::metadata(out.join(&name)).unwrap().len() > 0, "{name} is empty");
        }
    }
}
