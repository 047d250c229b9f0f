//! Outlines as TrueType draws them: quadratic curves on whole units, the outer contours clockwise.

use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// How far a quadratic curve may stray from the cubic one it stands for where the two are compared, as a fraction of the em.
const TOLERANCE: f64 = 0.0005;
const MAX_PIECES: u8 = 8;

/// A point of a contour. Between two neighbours off the curve, the point halfway is on it without being named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point {
    pub x: i16,
    pub y: i16,
    pub on_curve: bool,
}

/// The closed contours of a glyph of CFF outlines, each begun on the curve; `None` if it reaches further than a `glyf` can.
///
/// A font of CFF outlines runs its outer contours counterclockwise, so every contour is turned round.
pub(crate) fn contours(face: &Face<'_>, glyph: GlyphId) -> Option<Vec<Vec<Point>>> {
    let mut pen = Pen {
        tolerance: (f64::from(face.units_per_em()) * TOLERANCE).max(0.5),
        at: (0.0, 0.0),
        open: Vec::new(),
        contours: Vec::new(),
        out_of_reach: false,
    };
    // A glyph without an outline, such as the space, is no fault.
    let _ = face.outline_glyph(glyph, &mut pen);
    pen.finish_contour();
    (!pen.out_of_reach).then_some(pen.contours)
}

type Position = (f64, f64);

struct Pen {
    tolerance: f64,
    at: Position,
    open: Vec<Point>,
    contours: Vec<Vec<Point>>,
    out_of_reach: bool,
}

impl Pen {
    fn push(&mut self, (x, y): Position, on_curve: bool) {
        match (unit(x), unit(y)) {
            (Some(x), Some(y)) => {
                let point = Point { x, y, on_curve };
                if self.open.last() != Some(&point) {
                    self.open.push(point);
                }
            }
            _ => self.out_of_reach = true,
        }
    }

    fn finish_contour(&mut self) {
        let mut points = std::mem::take(&mut self.open);
        if points.len() > 1 && points.first() == points.last() {
            points.pop();
        }
        let points = without_implied(&points);
        let Some((first, rest)) = points.split_first() else {
            return;
        };
        if rest.len() > 1 {
            self.contours
                .push(std::iter::once(first).chain(rest.iter().rev()).copied().collect());
        }
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.finish_contour();
        self.line_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.at = (x.into(), y.into());
        self.push(self.at, true);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.push((x1.into(), y1.into()), false);
        self.line_to(x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let cubic = Cubic([
            self.at,
            (x1.into(), y1.into()),
            (x2.into(), y2.into()),
            (x.into(), y.into()),
        ]);
        for control in cubic.quadratic_controls(self.tolerance) {
            self.push(control, false);
        }
        self.line_to(x, y);
    }

    fn close(&mut self) {
        self.finish_contour();
    }
}

/// Leaves out the points on the curve that lie exactly between two off it; the first stays, as a place to begin.
fn without_implied(points: &[Point]) -> Vec<Point> {
    let twice = |value: i16| 2 * i32::from(value);
    let sum = |a: i16, b: i16| i32::from(a) + i32::from(b);
    let implied = |before: &Point, point: &Point, after: &Point| {
        point.on_curve
            && !before.on_curve
            && !after.on_curve
            && twice(point.x) == sum(before.x, after.x)
            && twice(point.y) == sum(before.y, after.y)
    };
    let neighbours = points.iter().skip(2).chain(points.first());
    let inner = points.iter().zip(points.iter().skip(1)).zip(neighbours);
    let inner = inner.filter(|((before, point), after)| !implied(before, point, after));
    points
        .first()
        .into_iter()
        .chain(inner.map(|((_, point), _)| point))
        .copied()
        .collect()
}

struct Cubic([Position; 4]);

impl Cubic {
    fn at(&self, t: f64) -> Position {
        let [a, b, c, d] = self.0;
        let ab = between(a, b, t);
        let bc = between(b, c, t);
        let cd = between(c, d, t);
        between(between(ab, bc, t), between(bc, cd, t), t)
    }

    /// The points off the curve of a run of quadratic pieces, joined halfway between them: as few pieces as keep to the
    /// tolerance after rounding, or else the best there are.
    fn quadratic_controls(&self, tolerance: f64) -> Vec<Position> {
        let tolerance = tolerance * tolerance;
        let mut best = (f64::INFINITY, Vec::new());
        for pieces in 1..=MAX_PIECES {
            let controls: Vec<Position> = (0..pieces)
                .map(|piece| rounded(self.control_of_piece(piece, pieces)))
                .collect();
            let deviation = self.deviation(&controls, best.0);
            if deviation < best.0 {
                best = (deviation, controls);
            }
            if best.0 <= tolerance {
                break;
            }
        }
        best.1
    }

    /// The control point of the quadratic curve nearest to one of `pieces` equal parts of this one.
    fn control_of_piece(&self, piece: u8, pieces: u8) -> Position {
        let length = 1.0 / f64::from(pieces);
        let start = f64::from(piece) * length;
        let (a, d) = (self.at(start), self.at(start + length));
        let (from, to) = (self.slope(start), self.slope(start + length));
        let control = |a: f64, d: f64, from: f64, to: f64| (a + d) / 2.0 + (from - to) * length / 4.0;
        (control(a.0, d.0, from.0, to.0), control(a.1, d.1, from.1, to.1))
    }

    fn slope(&self, t: f64) -> Position {
        let [a, b, c, d] = self.0;
        let step = |from: Position, to: Position| (3.0 * (to.0 - from.0), 3.0 * (to.1 - from.1));
        let (ab, bc, cd) = (step(a, b), step(b, c), step(c, d));
        between(between(ab, bc, t), between(bc, cd, t), t)
    }

    /// The square of the largest distance between this curve and the quadratic pieces; beyond `limit`, the first that is.
    ///
    /// Points are compared at the same parameter. What they lie apart along the curve counts for half: it does not
    /// change the shape, save where the curve bends sharply.
    fn deviation(&self, controls: &[Position], limit: f64) -> f64 {
        let mut largest: f64 = 0.0;
        let mut from = rounded(self.0[0]);
        let mut start = 0.0;
        let length = u32::try_from(controls.len()).map_or(1.0, |pieces| 1.0 / f64::from(pieces));
        for (index, &control) in controls.iter().enumerate() {
            let to = match controls.get(index + 1) {
                Some(&next) => between(control, next, 0.5),
                None => rounded(self.0[3]),
            };
            for t in [0.25, 0.5, 0.75, 1.0] {
                let quadratic = between(between(from, control, t), between(control, to, t), t);
                let cubic = self.at(start + t * length);
                let gap = (quadratic.0 - cubic.0, quadratic.1 - cubic.1);
                let slope = self.slope(start + t * length);
                let across = gap.0 * slope.1 - gap.1 * slope.0;
                let steepness = square(slope);
                let along = square(gap) / 4.0;
                largest = largest.max(if steepness > 1.0 {
                    along.max(across * across / steepness)
                } else {
                    square(gap)
                });
            }
            if largest > limit {
                break;
            }
            from = to;
            start += length;
        }
        largest
    }
}

fn square((x, y): Position) -> f64 {
    x * x + y * y
}

fn between(a: Position, b: Position, t: f64) -> Position {
    (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t)
}

fn rounded((x, y): Position) -> Position {
    (x.round(), y.round())
}

#[allow(clippy::cast_possible_truncation)]
fn unit(value: f64) -> Option<i16> {
    let value = value.round();
    (f64::from(i16::MIN)..=f64::from(i16::MAX))
        .contains(&value)
        .then_some(value as i16)
}
