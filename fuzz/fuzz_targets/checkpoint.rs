//! A saved run: the file as it comes, and any payload under a right checksum.
#![no_main]

use normscope::engine::checkpoint;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = checkpoint::step(bytes);
    let _ = checkpoint::step(&checkpoint::SEAL.close(bytes, bytes));
});
