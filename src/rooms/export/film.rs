//! The run as a short film: its record from the first step to the last, as the spheres are turned and coloured now.

use super::picture::{View, pixels, sheet};
use crate::config::ArmId;
use crate::export::film::Film;
use crate::protocol::Frame;
use crate::render::scene::{Cloud, common_range};
use crate::rooms::desk::Desk;
use crate::rooms::error::RoomError;
use crate::trace::shot;

/// Pictures between the first and the last step.
const PICTURES: u32 = 60;
/// How long each stays, hundredths of a second: six seconds in all.
const STAYS: u16 = 10;
/// How long the last one stays.
const RESTS: u16 = 250;
/// Width in pixels, at most: what a slide shows.
const WIDEST: f64 = 900.0;

/// An animated GIF of the run. `done` is told how far it is, 0 to 1.
///
/// # Errors
/// A [`RoomError`] when there is no run yet or the browser can't draw it.
pub async fn gif(desk: Desk, done: impl Fn(f64)) -> Result<Vec<u8>, RoomError> {
    let trace = desk.trace().await?;
    let frame = |arm: ArmId| desk.scene(arm).map(|scene| scene.frame).ok_or(RoomError::NothingToDraw);
    let frames = [frame(ArmId::A)?, frame(ArmId::B)?];
    // One scale for the whole film, so that what grows is seen to grow.
    let norm_range = common_range(trace.arms.iter().flat_map(|track| &track.shots).map(shot::Shot::norm_range));
    let last = trace.steps;
    let count = PICTURES.min(last.max(1));
    let mut film: Option<Film> = None;
    let picture = async |position: f64| {
        let mut views = Vec::with_capacity(2);
        for arm in ArmId::ALL {
            let shots = &trace.arms[arm.index()].shots;
            let (directions, norms) = shot::between(shots, position).ok_or(RoomError::NothingToDraw)?;
            let mut cloud = Cloud::with_labels(trace.data.labels.clone());
            cloud.update(&directions, &norms, 1.0);
            views.push(View { arm, frame: Frame { norm_range, ..frames[arm.index()] }, cloud });
        }
        pixels(sheet(desk, &views, position as u32).as_bytes(), WIDEST).await
    };
    for at in 0..=count {
        let (width, height, rgba) = picture(f64::from(last) * f64::from(at) / f64::from(count)).await?;
        let film = match &mut film {
            Some(film) => film,
            None => {
                // Colours of the beginning and of the end.
                let sample = [rgba.as_slice(), &picture(f64::from(last)).await?.2].concat();
                film.insert(Film::new(width as u16, height as u16, &sample)?)
            }
        };
        film.push(&rgba, if at == count { RESTS } else { STAYS })?;
        done(f64::from(at) / f64::from(count));
        gloo::timers::future::TimeoutFuture::new(0).await;
    }
    Ok(film.ok_or(RoomError::NothingToDraw)?.finish()?)
}
