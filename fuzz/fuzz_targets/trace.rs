//! A recorded run: the file as it comes, and any payload under a right checksum.
#![no_main]

use normscope::trace::file;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = file::from_bytes(bytes);
    let sealed = file::seal(bytes, b"x");
    if let Ok(trace) = file::unpack(&sealed, bytes) {
        // What is read can be written, and is the same when it is read again.
        let payload = file::pack(&trace);
        assert!(file::unpack(&file::seal(&payload, b"x"), &payload).is_ok());
    }
});
