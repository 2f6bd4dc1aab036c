//! What several tests share.

use normscope::config::DeviceChoice;
use normscope::engine::device::{Compute, Gpu};

/// The GPU that a test needs, a software one will do. `None` where there is no adapter: the test is then *not run*, which it
/// says on standard error and in the file that `NORMSCOPE_NOT_RUN` names (scripts/test.sh shows it). With
/// `NORMSCOPE_REQUIRE_GPU` set that is a failure.
pub fn gpu(test: &str) -> Option<(Compute, Gpu)> {
    let compute = pollster::block_on(Compute::find(DeviceChoice::WebGpu));
    if let Some(gpu) = compute.gpu().cloned() {
        return Some((compute, gpu));
    }
    let reason = &compute.info.reason;
    // An adapter that can't be opened is a failure, no adapter is none.
    assert!(reason.contains("no WebGPU adapter"), "{reason}");
    assert!(std::env::var_os("NORMSCOPE_REQUIRE_GPU").is_none(), "{test} needs a GPU: {reason}");
    eprintln!("not run: {test}: {reason}");
    if let Some(path) = std::env::var_os("NORMSCOPE_NOT_RUN") {
        use std::io::Write;
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        let _ = file.and_then(|mut file| writeln!(file, "{test}: {reason}"));
    }
    None
}
