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

/// Why a file can't be read as a trace.
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
/// [`TraceError::NotATrace`] or [`TraceError::Newer`].
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
