//! Whole trace files, compressed and decompressed here; the browser does that with its own gzip.

use std::io;

use super::Trace;
use super::file::{MOST_BYTES, TraceError, open, pack, seal, unpack};
use crate::sealed::gzip::{compress, decompress};

/// A whole file, compressed here.
///
/// # Errors
/// When compressing fails, which it does only without memory.
pub fn to_bytes(trace: &Trace) -> io::Result<Vec<u8>> {
    let payload = pack(trace);
    Ok(seal(&payload, &compress(&payload)?))
}

/// The trace in a whole file.
///
/// # Errors
/// A [`TraceError`] when it is something else, newer, damaged or too large.
pub fn from_bytes(file: &[u8]) -> Result<Trace, TraceError> {
    let payload = decompress(open(file)?, MOST_BYTES).map_err(|error| TraceError::Damaged(error.to_string()))?;
    let payload = payload.ok_or_else(|| TraceError::TooLarge(format!("more than {} MB", MOST_BYTES >> 20)))?;
    unpack(file, &payload)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::Metric;
    use crate::protocol::DataInfo;
    use crate::trace::{Shot, Track};

    fn example() -> Trace {
        let shot = |step: u32| {
            let turn = step as f32 * 0.01;
            let directions: Vec<f32> =
                (0..20).flat_map(|i| [(turn + i as f32).cos(), (turn + i as f32).sin(), 0.0]).collect();
            Shot::new(step, &directions, &[1.0 + turn; 20])
        };
        let track = Track {
            stopped: Some((30, "It diverged.".to_owned())),
            losses: (0..30).map(|i| 4.0 - i as f32 * 0.1).collect(),
            evaluations: (0..4)
                .map(|i| (i * 10, vec![(Metric::Knn, 0.5), (Metric::NormQ50, 1.0 + i as f32)]))
                .collect(),
            shots: (0..4).map(|i| shot(i * 10)).collect(),
        };
        Trace {
            made_by: "normscope 0.1.0".to_owned(),
            query: "method=byol".to_owned(),
            device: "cpu".to_owned(),
            adapter: "CPU".to_owned(),
            data: DataInfo {
                name: "Digits".to_owned(),
                image: Some((8, 8)),
                classes: vec!["0".to_owned(), "1".to_owned()],
                train: 100,
                test: 20,
                provenance: "here".to_owned(),
                labels: (0..20).map(|i| i % 2).collect(),
            },
            steps: 30,
            batch_hash: ["a".to_owned(), "a".to_owned()],
            weights: ["w".to_owned(), "w".to_owned()],
            parameters: [5, 5],
            arms: [track.clone(), track],
        }
    }

    #[test]
    fn a_trace_comes_back_bit_for_bit() {
        let trace = example();
        let file = to_bytes(&trace).unwrap();
        assert_eq!(from_bytes(&file).unwrap(), trace);
        assert_eq!(to_bytes(&from_bytes(&file).unwrap()).unwrap(), file);
    }

    /// A file of the first version is in the corpus of the fuzzers; its points were all on the sphere.
    #[test]
    fn a_run_that_was_recorded_by_the_first_version_is_still_read() {
        let mut file = std::fs::read("fuzz/corpus/trace/simclr-version-1.trace").unwrap();
        let trace = from_bytes(&file).unwrap();
        assert!(trace.steps == 3 && trace.arms[0].shots.iter().all(|shot| shot.depth.is_empty() && !shot.is_empty()));
        file[4] = 0;
        assert!(matches!(from_bytes(&file), Err(TraceError::Damaged(_))));
    }

    #[test]
    fn series_are_found_by_metric() {
        let track = &example().arms[0];
        assert_eq!(track.series(Metric::NormQ50)[1], (10.0, 2.0));
        assert_eq!(track.series(Metric::Loss)[0], (1.0, 4.0));
    }

    #[test]
    fn foreign_newer_and_cut_files_are_told_apart() {
        let file = to_bytes(&example()).unwrap();
        assert_eq!(from_bytes(b"PK\x03\x04"), Err(TraceError::NotATrace));
        assert_eq!(from_bytes(b""), Err(TraceError::NotATrace));
        let mut newer = file.clone();
        newer[4] = 9;
        assert_eq!(from_bytes(&newer), Err(TraceError::Newer(9)));
        for cut in [5, 13, 20, file.len() / 2, file.len() - 1] {
            assert!(matches!(from_bytes(&file[..cut]), Err(TraceError::Damaged(_))), "cut at {cut}");
        }
    }

    #[test]
    fn parts_that_do_not_fit_together_are_refused() {
        let mut trace = example();
        trace.arms[1].shots[2].norm.pop();
        assert!(matches!(from_bytes(&to_bytes(&trace).unwrap()), Err(TraceError::Damaged(_))));
        let mut trace = example();
        trace.arms[0].shots[3].step = 5;
        assert!(matches!(from_bytes(&to_bytes(&trace).unwrap()), Err(TraceError::Damaged(_))));
    }

    proptest! {
        /// Gzip has bytes that mean nothing (time, system): changing one of them changes nothing, changing any other is found.
        #[test]
        fn a_flipped_bit_is_found_or_harmless(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
            let trace = example();
            let mut file = to_bytes(&trace).unwrap();
            let at = at.index(file.len());
            file[at] ^= 1 << bit;
            if let Ok(read) = from_bytes(&file) {
                prop_assert_eq!(read, trace);
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = from_bytes(&bytes);
            let sealed = seal(&bytes, &bytes);
            let _ = unpack(&sealed, &bytes);
        }
    }
}
