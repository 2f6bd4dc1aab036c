//! The camera of both spheres: it is dragged, turns by itself, and follows the shape and the range of norms that are to be seen.

use glam::Vec2;

/// Radians a second that untouched spheres turn by.
const IDLE_TURN: f32 = 0.10;
/// How fast a pushed sphere slows down, 1/seconds.
const FRICTION: f32 = 3.5;
/// How fast the shape and the range of norms follow, 1/seconds.
const FOLLOW: f32 = 7.0;

/// How both spheres are seen.
pub struct Camera {
    /// Radians.
    pub yaw: f32,
    /// Radians.
    pub pitch: f32,
    /// 1: as a sphere fits its pane.
    pub zoom: f32,
    /// Radians a second, after a push.
    spin: Vec2,
    /// From 0, on the sphere, to 1, with true length.
    pub morph: f32,
    /// Norms that the ends of the colours stand for.
    pub range: [f32; 2],
    /// Somebody has moved it: it no longer turns by itself.
    touched: bool,
    /// The pointer is down.
    pub held: bool,
    /// The reader wants nothing to move by itself.
    pub still: bool,
}

impl Camera {
    /// As the page first shows it.
    pub fn new(still: bool, morph: f32, range: [f32; 2]) -> Camera {
        Camera { yaw: 0.5, pitch: 0.35, zoom: 1.0, spin: Vec2::ZERO, morph, range, touched: false, held: false, still }
    }

    /// A drag by CSS pixels, which took so many seconds.
    pub fn drag(&mut self, dx: f32, dy: f32, seconds: f32) {
        const TURN: f32 = 0.0085;
        self.touched = true;
        self.held = true;
        self.yaw += dx * TURN;
        self.pitch = (self.pitch + dy * TURN).clamp(-1.5, 1.5);
        let fresh = Vec2::new(dx, dy) * TURN / seconds.max(0.008);
        self.spin = self.spin * 0.6 + fresh * 0.4;
    }

    /// The pointer is down (nothing turns by itself) or up again.
    pub fn hold(&mut self, held: bool) {
        self.held = held;
        self.touched = true;
        if held || self.still {
            self.spin = Vec2::ZERO;
        }
    }

    /// Turns, radians.
    pub fn turn(&mut self, yaw: f32, pitch: f32) {
        self.touched = true;
        self.yaw += yaw;
        self.pitch = (self.pitch + pitch).clamp(-1.5, 1.5);
    }

    /// Nearer (above 1) or farther.
    pub fn zoom(&mut self, factor: f32) {
        self.touched = true;
        self.zoom = (self.zoom * factor).clamp(0.5, 6.0);
    }

    /// The first view again.
    pub fn home(&mut self) {
        (self.yaw, self.pitch, self.zoom, self.spin) = (0.5, 0.35, 1.0, Vec2::ZERO);
    }

    /// Moves on by `dt` seconds, towards this shape and range; `hovering`: a point is looked at.
    pub fn advance(&mut self, dt: f32, morph: f32, range: [f32; 2], hovering: bool) {
        if !self.held {
            self.yaw += self.spin.x * dt;
            self.pitch = (self.pitch + self.spin.y * dt).clamp(-1.5, 1.5);
            self.spin *= (-FRICTION * dt).exp();
            if self.spin.length() < 0.01 {
                self.spin = Vec2::ZERO;
            }
        }
        if !self.touched && !self.still && !hovering {
            self.yaw += IDLE_TURN * dt;
        }
        let share = if self.still { 1.0 } else { 1.0 - (-FOLLOW * dt).exp() };
        self.morph = follow(self.morph, morph, share);
        for (now, target) in self.range.iter_mut().zip(range) {
            *now = follow(now.ln(), target.ln(), share).exp();
        }
    }
}

fn follow(now: f32, target: f32, share: f32) -> f32 {
    if (target - now).abs() < 1e-3 { target } else { now + (target - now) * share }
}
