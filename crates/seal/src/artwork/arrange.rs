//! Where each character of a seal stands, and how narrow it becomes.
//!
//! Numbers are fractions of the outer radius, found by drawing names of 4 to 40 characters and looking: a short name
//! keeps wide letters and a wide opening, a long one closes the ring and grows narrow before it grows small.

use super::outline::{Cell, Part};
use super::{ArtworkError, SealFace};
use std::f64::consts::PI;

/// Space between ring and letters, and between letters and the bottom text.
const GAP: f64 = 0.05;
/// Height of the letters' em box: the tallest and the smallest that stays legible on paper at 42 mm.
const TALLEST: f64 = 0.36;
const SMALLEST: f64 = 0.17;
/// Width of a letter relative to its height: Song type on seals is never square.
const WIDEST_RATIO: f64 = 0.76;
const NARROWEST_RATIO: f64 = 0.50;
/// Share of the free width between neighbours that a letter's em box takes at its foot, where they are closest.
const FILL: f64 = 0.97;
/// Angle between first and last letter: approached by long names, and the widest step of short ones.
const FULL_SPAN: f64 = 292.0 / 180.0 * PI;
const SPAN_GROWTH: f64 = 6.0;
const WIDEST_STEP: f64 = 40.0 / 180.0 * PI;

const BOTTOM_CENTRE: f64 = 0.575;
const BOTTOM_TALLEST: f64 = 0.205;
const BOTTOM_SMALLEST: f64 = 0.11;
const BOTTOM_WIDTH: f64 = 0.84;
const BOTTOM_WIDEST_RATIO: f64 = 0.86;
const BOTTOM_NARROWEST_RATIO: f64 = 0.55;

/// A seal's letters, placed.
pub(super) struct Arrangement {
    centre: f64,
    ring: RingText,
    bottom: LineText,
}

struct RingText {
    middle_radius: f64,
    height: f64,
    width: f64,
    first_angle: f64,
    step: f64,
}

#[derive(Default)]
struct LineText {
    y: f64,
    height: f64,
    width: f64,
    count: f64,
}

impl Arrangement {
    pub(super) fn fit(face: &SealFace, name: usize, bottom: usize) -> Result<Self, ArtworkError> {
        let radius = face.diameter_mm / 2.0;
        let line = fit_line(radius, bottom)?;
        let foot = line.foot_angle(GAP * radius);
        let ring = fit_ring(radius, face.ring_mm, count(name), foot)
            .ok_or_else(|| too_long(radius, face.ring_mm, name, foot))?;
        Ok(Self {
            centre: radius,
            ring,
            bottom: line,
        })
    }

    pub(super) fn ring_cell(&self, index: usize) -> Cell {
        let angle = self.ring.first_angle + self.ring.step * count(index);
        let (sin, cos) = angle.sin_cos();
        Cell {
            x: self.centre + sin * self.ring.middle_radius,
            y: self.centre - cos * self.ring.middle_radius,
            angle,
            width: self.ring.width,
            height: self.ring.height,
        }
    }

    pub(super) fn bottom_cell(&self, index: usize) -> Cell {
        let line = &self.bottom;
        let offset = count(index) - (line.count - 1.0) / 2.0;
        Cell {
            x: self.centre + offset * line.width,
            y: self.centre + line.y,
            angle: 0.0,
            width: line.width,
            height: line.height,
        }
    }
}

impl LineText {
    /// Half the angle that the bottom text takes from the ring, seen from the centre and measured from straight down.
    fn foot_angle(&self, gap: f64) -> f64 {
        if self.count == 0.0 {
            return 0.0;
        }
        (self.width * self.count / 2.0 + gap).atan2(self.y - self.height / 2.0)
    }
}

fn fit_line(radius: f64, characters: usize) -> Result<LineText, ArtworkError> {
    if characters == 0 {
        return Ok(LineText::default());
    }
    let count = count(characters);
    let room = BOTTOM_WIDTH * radius;
    let tallest = BOTTOM_TALLEST * radius;
    let height = tallest.min(room / count / BOTTOM_NARROWEST_RATIO);
    if height < BOTTOM_SMALLEST * radius {
        let limit = (1..characters)
            .rev()
            .find(|&n| room / self::count(n) / BOTTOM_NARROWEST_RATIO >= BOTTOM_SMALLEST * radius);
        return Err(ArtworkError::TextTooLong {
            part: Part::Bottom,
            characters,
            limit: limit.unwrap_or(0),
        });
    }
    let width = (height * BOTTOM_WIDEST_RATIO).min(room / count);
    Ok(LineText {
        y: BOTTOM_CENTRE * radius,
        height,
        width,
        count,
    })
}

/// Tries heights from the tallest down and takes the first whose letters are not condensed beyond the limit.
fn fit_ring(radius: f64, ring: f64, count: f64, foot: f64) -> Option<RingText> {
    let outer = radius - ring - GAP * radius;
    let heights = (0u32..)
        .map(|step| radius * (TALLEST - 0.005 * f64::from(step)))
        .take_while(|h| *h >= SMALLEST * radius);
    heights.into_iter().find_map(|height| {
        let inner = outer - height;
        let mut width = height * WIDEST_RATIO;
        let mut step = 0.0;
        // The foot of the last letter may not reach the bottom text, but its width follows from the step: settles quickly.
        for _ in 0..4 {
            step = step_angle(count, foot, (width / 2.0).atan2(inner));
            width = (height * WIDEST_RATIO).min(FILL * 2.0 * inner * (step / 2.0).tan());
        }
        (width >= height * NARROWEST_RATIO).then(|| RingText {
            middle_radius: outer - height / 2.0,
            height,
            width,
            first_angle: -step * (count - 1.0) / 2.0,
            step,
        })
    })
}

fn step_angle(count: f64, foot: f64, half_letter: f64) -> f64 {
    if count < 2.0 {
        return WIDEST_STEP;
    }
    let mut span = FULL_SPAN * (1.0 - (-count / SPAN_GROWTH).exp());
    if foot > 0.0 {
        span = span.min(2.0 * (PI - foot - half_letter));
    }
    (span / (count - 1.0)).clamp(0.0, WIDEST_STEP)
}

fn too_long(radius: f64, ring: f64, characters: usize, foot: f64) -> ArtworkError {
    let limit = (1..characters)
        .rev()
        .find(|&n| fit_ring(radius, ring, count(n), foot).is_some())
        .unwrap_or(0);
    ArtworkError::TextTooLong {
        part: Part::Organisation,
        characters,
        limit,
    }
}

/// Characters as a number to calculate with; names are far shorter than 2³².
fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}
