//! What the fuzzers have found worth keeping, once more: fuzz/corpus has seeds as files, and for each reader an archive of inputs
//! that reach all of it. `scripts/fuzz.sh --keep` writes the archives.

use std::fs::File;
use std::io::Read;
use std::path::Path;

#[path = "../fuzz/lib.rs"]
mod fuzz;

/// Seeds and found inputs of a reader: (name, bytes).
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let seeds = std::fs::read_dir(folder.join(target)).expect("seeds").map(|entry| {
        let path = entry.expect("a seed").path();
        (path.display().to_string(), std::fs::read(path).expect("a seed"))
    });
    let mut all: Vec<_> = seeds.collect();
    let archive = File::open(folder.join(format!("{target}.zip"))).expect("an archive");
    let mut archive = zip::ZipArchive::new(archive).expect("an archive");
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).expect("an input");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("an input");
        all.push((format!("{target}.zip, input {index}"), bytes));
    }
    all
}

#[test]
fn every_reader_gets_through_its_corpus() {
    for (target, read) in fuzz::TARGETS {
        let inputs = corpus(target);
        assert!(inputs.len() > 20, "{target}: {} inputs", inputs.len());
        for (name, bytes) in inputs {
            let result = std::panic::catch_unwind(|| read(&bytes));
            assert!(result.is_ok(), "{name} ({} bytes) ends the reader", bytes.len());
        }
    }
}
