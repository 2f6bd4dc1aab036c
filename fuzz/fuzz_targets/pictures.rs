//! CIFAR-10 batches and IDX files: one file, or two that share the bytes.
#![no_main]

use normscope::data::Dataset;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let one = [("data_batch_1.bin".to_owned(), bytes.to_vec())];
    let _ = Dataset::from_files(&one);
    // The first two bytes say where the second file begins.
    let [first, second, rest @ ..] = bytes else { return };
    let at = usize::from(u16::from_le_bytes([*first, *second])).min(rest.len());
    let (images, labels) = rest.split_at(at);
    let two = [("train-images".to_owned(), images.to_vec()), ("t10k-labels".to_owned(), labels.to_vec())];
    if let Ok(data) = Dataset::from_files(&two) {
        assert_eq!(data.train.inputs.len(), data.train.labels.len() * data.kind.len());
    }
});
