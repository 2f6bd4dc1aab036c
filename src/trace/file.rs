//! A trace as a file: `NSTR`, a version byte, a checksum, then a gzip member with the postcard of the [`Trace`], whose shots
//! are differences to the shot before.
//!
//! Compressing is the caller's (the browser has its own gzip): [`pack`] and [`seal`] write, [`open`] and [`unpack`] read.
//! Everything read is checked: the checksum, the version, sizes against limits before anything else uses them.

use super::{Shot, Trace, Track};
use crate::sealed::{Broken, Seal};

/// Version of the layout that this program writes, and the newest that it reads. Version 1 had no place inside the sphere.
const VERSION: u8 = 2;
const SEAL: Seal = Seal { magic: *b"NSTR", version: VERSION, oldest: 1 };
/// Largest payload that is read, in bytes.
pub const MOST_BYTES: usize = 32 << 20;
/// Points, shots, steps and evaluations that a trace may have.
const MOST_POINTS: usize = 20_000;
const MOST_SHOTS: usize = 1_000;
const MOST_STEPS: usize = 1_000_000;

/// Why a file is no trace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TraceError {
    /// Something else altogether.
    #[error("This is not a recorded run: it does not begin with NSTR.")]
    NotATrace,
    /// Written by a later version.
    #[error(
        "This run was recorded by a newer Normscope (format {0}; this one reads up to {VERSION}). Reload the page to get the newest."
    )]
    Newer(u8),
    /// Cut off or changed on its way.
    #[error("This recorded run is damaged: {0}. Download it again.")]
    Damaged(String),
    /// More than this program opens.
    #[error("This recorded run is too large: {0}.")]
    TooLarge(String),
}

impl From<Broken> for TraceError {
    fn from(broken: Broken) -> TraceError {
        match broken {
            Broken::Foreign => TraceError::NotATrace,
            Broken::Newer(version) => TraceError::Newer(version),
            Broken::Unknown(version) => TraceError::Damaged(format!("there is no format {version}")),
            Broken::CutOff => TraceError::Damaged("it is cut off".to_owned()),
            Broken::Changed => TraceError::Damaged("its checksum is wrong".to_owned()),
        }
    }
}

/// The payload of a trace, to be compressed.
pub fn pack(trace: &Trace) -> Vec<u8> {
    let mut trace = trace.clone();
    for arm in &mut trace.arms {
        difference(&mut arm.shots);
    }
    postcard::to_stdvec(&trace).unwrap_or_default()
}

/// The file: head and compressed payload.
pub fn seal(payload: &[u8], compressed: &[u8]) -> Vec<u8> {
    SEAL.close(payload, compressed)
}

/// The compressed payload of a file.
///
/// # Errors
/// When the file is none, or of a newer version.
pub fn open(file: &[u8]) -> Result<&[u8], TraceError> {
    Ok(SEAL.body(file)?)
}

/// The trace in a file, given its decompressed payload.
///
/// # Errors
/// When the payload is not what was sealed, or its parts do not fit together.
pub fn unpack(file: &[u8], payload: &[u8]) -> Result<Trace, TraceError> {
    SEAL.check(file, payload)?;
    let damaged = |why: &str| TraceError::Damaged(why.to_owned());
    let read = match SEAL.version_of(file) {
        Some(1) => postcard::from_bytes::<first::Trace>(payload).map(Trace::from),
        _ => postcard::from_bytes(payload),
    };
    let mut trace = read.map_err(|_| damaged("its parts can't be read"))?;
    check(&trace)?;
    for arm in &mut trace.arms {
        sum_up(&mut arm.shots);
    }
    Ok(trace)
}

/// Whether the parts of a trace that did not come from a file fit together.
pub fn is_sound(trace: &Trace) -> bool {
    check(trace).is_ok()
}

fn check(trace: &Trace) -> Result<(), TraceError> {
    let n = trace.data.labels.len();
    let too_many = |what: &str, most: usize| Err(TraceError::TooLarge(format!("more than {most} {what}")));
    if n > MOST_POINTS {
        return too_many("points", MOST_POINTS);
    }
    if trace.steps as usize > MOST_STEPS {
        return too_many("steps", MOST_STEPS);
    }
    for arm in &trace.arms {
        if arm.shots.len() > MOST_SHOTS {
            return too_many("recorded pictures", MOST_SHOTS);
        }
        if arm.losses.len() > MOST_STEPS || arm.evaluations.len() > MOST_STEPS {
            return too_many("steps", MOST_STEPS);
        }
        let fits =
            |shot: &Shot| [shot.u.len(), shot.v.len(), shot.norm.len()] == [n; 3] && [0, n].contains(&shot.depth.len());
        if !arm.shots.iter().all(fits) {
            return Err(TraceError::Damaged("its points do not belong together".to_owned()));
        }
        let rising = arm.shots.windows(2).all(|pair| pair[0].step < pair[1].step)
            && arm.evaluations.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if !rising {
            return Err(TraceError::Damaged("its steps are out of order".to_owned()));
        }
    }
    Ok(())
}

/// Replaces every shot but the first by its difference to the one before: small numbers, which take a byte each. Depths are
/// few and stay as they are.
fn difference(shots: &mut [Shot]) {
    for index in (1..shots.len()).rev() {
        let (before, after) = shots.split_at_mut(index);
        combine(&before[index - 1], &mut after[0], i16::wrapping_sub);
    }
}

fn sum_up(shots: &mut [Shot]) {
    for index in 1..shots.len() {
        let (before, after) = shots.split_at_mut(index);
        combine(&before[index - 1], &mut after[0], i16::wrapping_add);
    }
}

fn combine(before: &Shot, shot: &mut Shot, with: fn(i16, i16) -> i16) {
    let columns = [(&before.u, &mut shot.u), (&before.v, &mut shot.v), (&before.norm, &mut shot.norm)];
    for (old, new) in columns {
        for (new, old) in new.iter_mut().zip(old) {
            *new = with(*new, *old);
        }
    }
}

/// The first version's layout: all points on the sphere.
mod first {
    use serde::{Deserialize, Serialize};

    use crate::metrics::Metric;
    use crate::protocol::DataInfo;

    #[derive(Serialize, Deserialize)]
    pub struct Trace {
        made_by: String,
        query: String,
        device: String,
        adapter: String,
        data: DataInfo,
        steps: u32,
        batch_hash: [String; 2],
        weights: [String; 2],
        parameters: [u32; 2],
        arms: [Track; 2],
    }

    #[derive(Serialize, Deserialize)]
    struct Track {
        stopped: Option<(u32, String)>,
        losses: Vec<f32>,
        evaluations: Vec<(u32, Vec<(Metric, f32)>)>,
        shots: Vec<Shot>,
    }

    #[derive(Serialize, Deserialize)]
    struct Shot {
        step: u32,
        u: Vec<i16>,
        v: Vec<i16>,
        norm: Vec<i16>,
    }

    impl From<Trace> for super::Trace {
        fn from(old: Trace) -> super::Trace {
            let Trace { made_by, query, device, adapter, data, steps, batch_hash, weights, parameters, arms } = old;
            let arms = arms.map(super::Track::from);
            super::Trace { made_by, query, device, adapter, data, steps, batch_hash, weights, parameters, arms }
        }
    }

    impl From<Track> for super::Track {
        fn from(old: Track) -> super::Track {
            let shot = |Shot { step, u, v, norm }| super::Shot { step, u, v, norm, depth: Vec::new() };
            let shots = old.shots.into_iter().map(shot).collect();
            super::Track { stopped: old.stopped, losses: old.losses, evaluations: old.evaluations, shots }
        }
    }
}

/// A whole file, compressed here.
///
/// # Errors
/// When compressing fails, which it does only without memory.
#[cfg(feature = "cli")]
pub fn to_bytes(trace: &Trace) -> std::io::Result<Vec<u8>> {
    use std::io::Write;
    let payload = pack(trace);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&payload)?;
    Ok(seal(&payload, &gzip.finish()?))
}

/// The trace in a whole file.
///
/// # Errors
/// When it is none, newer, damaged or too large.
#[cfg(feature = "cli")]
pub fn from_bytes(file: &[u8]) -> Result<Trace, TraceError> {
    use std::io::Read;
    let mut payload = Vec::new();
    let mut gzip = flate2::read::GzDecoder::new(open(file)?).take(MOST_BYTES as u64 + 1);
    gzip.read_to_end(&mut payload).map_err(|error| TraceError::Damaged(error.to_string()))?;
    if payload.len() > MOST_BYTES {
        return Err(TraceError::TooLarge(format!("more than {} MB", MOST_BYTES >> 20)));
    }
    unpack(file, &payload)
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::Metric;
    use crate::protocol::DataInfo;

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
