//! Outlines: ring, star, and glyphs taken from a font and set into their cells.

use super::ArtworkError;
use std::f64::consts::PI;
use ttf_parser::{Face, GlyphId, OutlineBuilder, name_id};

/// Step of an outline; coordinates in millimetres, y down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ArtCommand {
    /// Begins a contour.
    MoveTo([f64; 2]),
    /// Straight line.
    LineTo([f64; 2]),
    /// Cubic Bézier curve: two control points, then the end.
    CurveTo([f64; 2], [f64; 2], [f64; 2]),
    /// Closes the contour.
    Close,
}

/// The part of a seal that an outline or a character belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The outer ring.
    Ring,
    /// The star.
    Star,
    /// The name on the ring.
    Organisation,
    /// The horizontal text below the star.
    Bottom,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Ring => "ring",
            Self::Star => "star",
            Self::Organisation => "organisation name",
            Self::Bottom => "bottom text",
        })
    }
}

/// One filled shape; non-zero winding.
#[derive(Debug, Clone, PartialEq)]
pub struct ArtPath {
    /// What it is part of.
    pub part: Part,
    /// Its contours.
    pub commands: Vec<ArtCommand>,
}

/// Place of a letter: centre and size of its em box, turned clockwise by `angle`.
pub(super) struct Cell {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) angle: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Finds the face of a font collection whose family name is `family`, e.g. `Noto Serif CJK SC`.
pub fn face_index(font: &[u8], family: &str) -> Option<u32> {
    let faces = ttf_parser::fonts_in_collection(font).unwrap_or(1).min(64);
    (0..faces).find(|&index| {
        Face::parse(font, index).is_ok_and(|face| {
            let mut names = face.names().into_iter();
            names.any(|n| {
                matches!(n.name_id, name_id::FAMILY | name_id::TYPOGRAPHIC_FAMILY)
                    && n.to_string().as_deref() == Some(family)
            })
        })
    })
}

/// A font face with the box that its ideographs fill.
pub(super) struct Typeface<'a> {
    face: Face<'a>,
    em: f64,
    middle: f64,
}

impl<'a> Typeface<'a> {
    pub(super) fn parse(font: &'a [u8], index: u32) -> Result<Self, ArtworkError> {
        let face = Face::parse(font, index).map_err(|e| ArtworkError::Font {
            index,
            reason: e.to_string(),
        })?;
        let em = f64::from(face.units_per_em());
        // The typographic line of a CJK font is its ideographic em box; the hhea line is far taller.
        let ascender = face.typographic_ascender().unwrap_or_else(|| face.ascender());
        let descender = face.typographic_descender().unwrap_or_else(|| face.descender());
        Ok(Self {
            face,
            em,
            middle: (f64::from(ascender) + f64::from(descender)) / 2.0,
        })
    }

    /// The outline of `character` in `cell`; none for a space.
    pub(super) fn outline(&self, character: char, part: Part, cell: &Cell) -> Result<Option<ArtPath>, ArtworkError> {
        if character.is_whitespace() && !character.is_control() {
            return Ok(None);
        }
        let missing = ArtworkError::MissingGlyph { character, part };
        let Some(glyph) = self.face.glyph_index(character).filter(|g| *g != GlyphId(0)) else {
            return Err(missing);
        };
        let (sin, cos) = cell.angle.sin_cos();
        let mut pen = Pen {
            half_advance: f64::from(self.face.glyph_hor_advance(glyph).unwrap_or(0)) / 2.0,
            middle: self.middle,
            scale: [cell.width / self.em, cell.height / self.em],
            origin: [cell.x, cell.y],
            turn: [sin, cos],
            at: [0.0, 0.0],
            commands: Vec::new(),
        };
        self.face.outline_glyph(glyph, &mut pen).ok_or(missing)?;
        Ok(Some(ArtPath {
            part,
            commands: pen.commands,
        }))
    }
}

/// Receives a glyph in font units (y up) and writes it in millimetres (y down), scaled and turned.
struct Pen {
    half_advance: f64,
    middle: f64,
    scale: [f64; 2],
    origin: [f64; 2],
    turn: [f64; 2],
    at: [f64; 2],
    commands: Vec<ArtCommand>,
}

impl Pen {
    fn place(&self, x: f32, y: f32) -> [f64; 2] {
        let right = (f64::from(x) - self.half_advance) * self.scale[0];
        let up = (f64::from(y) - self.middle) * self.scale[1];
        let [sin, cos] = self.turn;
        [
            self.origin[0] + right * cos + up * sin,
            self.origin[1] + right * sin - up * cos,
        ]
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.at = self.place(x, y);
        self.commands.push(ArtCommand::MoveTo(self.at));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.at = self.place(x, y);
        self.commands.push(ArtCommand::LineTo(self.at));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (from, control, to) = (self.at, self.place(x1, y1), self.place(x, y));
        let toward = |end: [f64; 2]| {
            [
                end[0] + (control[0] - end[0]) * 2.0 / 3.0,
                end[1] + (control[1] - end[1]) * 2.0 / 3.0,
            ]
        };
        self.at = to;
        self.commands.push(ArtCommand::CurveTo(toward(from), toward(to), to));
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (first, second, to) = (self.place(x1, y1), self.place(x2, y2), self.place(x, y));
        self.at = to;
        self.commands.push(ArtCommand::CurveTo(first, second, to));
    }

    fn close(&mut self) {
        self.commands.push(ArtCommand::Close);
    }
}

/// A ring between two circles around (`centre`, `centre`), the outer one touching the picture's edge.
pub(super) fn ring(outer: f64, inner: f64) -> ArtPath {
    let mut commands = circle(outer, outer, 1.0);
    commands.extend(circle(outer, inner, -1.0));
    ArtPath {
        part: Part::Ring,
        commands,
    }
}

/// Four Bézier quarters; `way` is 1 clockwise, -1 counter-clockwise, so that two circles leave a hole.
fn circle(centre: f64, radius: f64, way: f64) -> Vec<ArtCommand> {
    /// Control distance that keeps a quarter within 0.02 % of the true circle.
    const KAPPA: f64 = 0.551_915_024_494;
    let point = |x: f64, y: f64| [centre + radius * x, centre + way * radius * y];
    vec![
        ArtCommand::MoveTo(point(1.0, 0.0)),
        ArtCommand::CurveTo(point(1.0, KAPPA), point(KAPPA, 1.0), point(0.0, 1.0)),
        ArtCommand::CurveTo(point(-KAPPA, 1.0), point(-1.0, KAPPA), point(-1.0, 0.0)),
        ArtCommand::CurveTo(point(-1.0, -KAPPA), point(-KAPPA, -1.0), point(0.0, -1.0)),
        ArtCommand::CurveTo(point(KAPPA, -1.0), point(1.0, -KAPPA), point(1.0, 0.0)),
        ArtCommand::Close,
    ]
}

/// A regular five-point star, one tip up, `width` from the left tip to the right one.
pub(super) fn star(centre: f64, width: f64) -> ArtPath {
    let outer = width / 2.0 / (0.4 * PI).sin();
    // Edges of a regular pentagram are straight through: cos 72° / cos 36°.
    let inner = outer * (0.4 * PI).cos() / (0.2 * PI).cos();
    let mut commands: Vec<ArtCommand> = (0..10u32)
        .map(|corner| {
            let radius = if corner % 2 == 0 { outer } else { inner };
            let (sin, cos) = (f64::from(corner) * 0.2 * PI).sin_cos();
            let point = [centre + radius * sin, centre - radius * cos];
            if corner == 0 {
                ArtCommand::MoveTo(point)
            } else {
                ArtCommand::LineTo(point)
            }
        })
        .collect();
    commands.push(ArtCommand::Close);
    ArtPath {
        part: Part::Star,
        commands,
    }
}
