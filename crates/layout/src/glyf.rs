//! TrueType tables made of CFF outlines, after ISO/IEC 14496-22: `glyf`, `loca`, and those that speak of them.
//!
//! Other software for OFD (ofdrw, for one) reads no other outlines than `glyf`.

use ttf_parser::{Face, GlyphId, RawFace, Tag};

use crate::outline::{Point, contours};
use crate::sfnt::{Table, push16, push32};

/// `glyf`, `head`, `hhea`, `hmtx`, `loca`, `maxp` and `post` of `subset`, a font of CFF outlines: the same glyphs under the
/// same numbers, as wide as before. On failure returns the tag of the table to blame.
pub(crate) fn tables(subset: &[u8]) -> Result<Vec<Table>, &'static str> {
    let face = Face::parse(subset, 0).map_err(|_| "CFF ")?;
    let raw = face.raw_face();
    let glyphs: Vec<Glyph> = (0..face.number_of_glyphs())
        .map(|id| Glyph::of(&face, GlyphId(id)))
        .collect::<Option<_>>()
        .ok_or("CFF ")?;
    let (glyf, offsets) = outlines(&glyphs).ok_or("glyf")?;
    let (loca, long) = locations(&offsets).ok_or("loca")?;
    let (hmtx, metric_count) = horizontal_metrics(&glyphs).ok_or("hmtx")?;
    let extent = Extent::of(&glyphs);
    Ok(vec![
        (*b"glyf", glyf),
        (*b"head", header(raw, &extent, long).ok_or("head")?),
        (*b"hhea", horizontal_header(raw, &extent, metric_count).ok_or("hhea")?),
        (*b"hmtx", hmtx),
        (*b"loca", loca),
        (*b"maxp", maxima(&glyphs).ok_or("maxp")?),
        (*b"post", nameless(raw).ok_or("post")?),
    ])
}

struct Glyph {
    advance: u16,
    contours: Vec<Vec<Point>>,
    bounds: Option<Bounds>,
}

#[derive(Clone, Copy)]
struct Bounds {
    x_min: i16,
    y_min: i16,
    x_max: i16,
    y_max: i16,
}

impl Glyph {
    fn of(face: &Face<'_>, id: GlyphId) -> Option<Self> {
        let contours = contours(face, id)?;
        let bounds = contours
            .iter()
            .flatten()
            .map(|point| Bounds {
                x_min: point.x,
                y_min: point.y,
                x_max: point.x,
                y_max: point.y,
            })
            .reduce(Bounds::and);
        let advance = face.glyph_hor_advance(id)?;
        Some(Self {
            advance,
            contours,
            bounds,
        })
    }

    fn left_bearing(&self) -> i16 {
        self.bounds.map_or(0, |bounds| bounds.x_min)
    }
}

impl Bounds {
    fn and(self, other: Self) -> Self {
        Self {
            x_min: self.x_min.min(other.x_min),
            y_min: self.y_min.min(other.y_min),
            x_max: self.x_max.max(other.x_max),
            y_max: self.y_max.max(other.y_max),
        }
    }
}

/// The outlines one after the other and where each begins, with the end.
fn outlines(glyphs: &[Glyph]) -> Option<(Vec<u8>, Vec<u32>)> {
    let mut table = Vec::new();
    let mut offsets = vec![0];
    for glyph in glyphs {
        if let Some(bounds) = glyph.bounds {
            outline(&mut table, &glyph.contours, bounds)?;
            table.resize(table.len().next_multiple_of(4), 0);
        }
        offsets.push(u32::try_from(table.len()).ok()?);
    }
    Some((table, offsets))
}

fn outline(table: &mut Vec<u8>, contours: &[Vec<Point>], bounds: Bounds) -> Option<()> {
    push_signed(table, i16::try_from(contours.len()).ok()?);
    for value in [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max] {
        push_signed(table, value);
    }
    let mut count = 0;
    for contour in contours {
        count += contour.len();
        push16(table, u16::try_from(count.checked_sub(1)?).ok()?);
    }
    let instruction_length = 0;
    push16(table, instruction_length);

    let points: Vec<&Point> = contours.iter().flatten().collect();
    let mut flags = Vec::with_capacity(points.len());
    let mut xs = Vec::new();
    let mut ys = Vec::new();
    let mut before = (0, 0);
    for point in points {
        let x = step(&mut xs, before.0, point.x, X_FLAGS)?;
        let y = step(&mut ys, before.1, point.y, Y_FLAGS)?;
        flags.push(u8::from(point.on_curve) | x | y);
        before = (point.x, point.y);
    }
    push_flags(table, &flags);
    table.extend(xs);
    table.extend(ys);
    Some(())
}

/// The flags of one coordinate of a point: its step is one byte; that byte is positive, or without it there is no step.
struct StepFlags {
    short: u8,
    positive_or_same: u8,
}

const X_FLAGS: StepFlags = StepFlags {
    short: 0x02,
    positive_or_same: 0x10,
};
const Y_FLAGS: StepFlags = StepFlags {
    short: 0x04,
    positive_or_same: 0x20,
};
const REPEAT: u8 = 0x08;

/// Writes the step from one coordinate to the next and returns its flags.
fn step(steps: &mut Vec<u8>, from: i16, to: i16, flags: StepFlags) -> Option<u8> {
    let step = to.checked_sub(from)?;
    Some(match u8::try_from(step.unsigned_abs()) {
        Ok(0) => flags.positive_or_same,
        Ok(short) => {
            steps.push(short);
            flags.short | if step > 0 { flags.positive_or_same } else { 0 }
        }
        Err(_) => {
            push_signed(steps, step);
            0
        }
    })
}

/// Writes the flags, a run of equal ones as one with the number of its repetitions.
fn push_flags(table: &mut Vec<u8>, flags: &[u8]) {
    for run in flags.chunk_by(|a, b| a == b) {
        for part in run.chunks(256) {
            match (part, u8::try_from(part.len() - 1)) {
                ([flag, _, _, ..], Ok(repetitions)) => table.extend([flag | REPEAT, repetitions]),
                _ => table.extend(part),
            }
        }
    }
}

/// `loca`, and whether it is the long one: the short one counts in two bytes.
fn locations(offsets: &[u32]) -> Option<(Vec<u8>, bool)> {
    let long = u16::try_from(offsets.last()? / 2).is_err();
    let mut table = Vec::with_capacity(offsets.len() * if long { 4 } else { 2 });
    for &offset in offsets {
        if long {
            push32(&mut table, offset);
        } else {
            push16(&mut table, u16::try_from(offset / 2).ok()?);
        }
    }
    Some((table, long))
}

/// `hmtx` and the number of its widths: the last stands for all the glyphs after it.
fn horizontal_metrics(glyphs: &[Glyph]) -> Option<(Vec<u8>, u16)> {
    let last = glyphs.last()?.advance;
    let same = glyphs.iter().rev().take_while(|glyph| glyph.advance == last).count();
    let widths = glyphs.len() - same + 1;
    let mut table = Vec::with_capacity(2 * (glyphs.len() + widths));
    for (index, glyph) in glyphs.iter().enumerate() {
        if index < widths {
            push16(&mut table, glyph.advance);
        }
        push_signed(&mut table, glyph.left_bearing());
    }
    Some((table, u16::try_from(widths).ok()?))
}

/// How far the glyphs of a font reach.
struct Extent {
    bounds: Bounds,
    widest: u16,
    min_left_bearing: i16,
    min_right_bearing: i16,
}

impl Extent {
    fn of(glyphs: &[Glyph]) -> Self {
        let inked = || glyphs.iter().filter_map(|glyph| Some((glyph, glyph.bounds?)));
        let right_bearing = |(glyph, bounds): (&Glyph, Bounds)| {
            let bearing = i32::from(glyph.advance) - i32::from(bounds.x_max);
            i16::try_from(bearing).unwrap_or(if bearing < 0 { i16::MIN } else { i16::MAX })
        };
        Self {
            bounds: inked().map(|(_, bounds)| bounds).reduce(Bounds::and).unwrap_or(Bounds {
                x_min: 0,
                y_min: 0,
                x_max: 0,
                y_max: 0,
            }),
            widest: glyphs.iter().map(|glyph| glyph.advance).max().unwrap_or(0),
            min_left_bearing: inked().map(|(_, bounds)| bounds.x_min).min().unwrap_or(0),
            min_right_bearing: inked().map(right_bearing).min().unwrap_or(0),
        }
    }
}

fn header(raw: &RawFace<'_>, extent: &Extent, long_locations: bool) -> Option<Vec<u8>> {
    const LEFT_BEARING_IS_X_MIN: u8 = 0x02;
    const LOW_FLAGS: usize = 17;
    let mut table = raw.table(Tag::from_bytes(b"head"))?.to_vec();
    *table.get_mut(LOW_FLAGS)? |= LEFT_BEARING_IS_X_MIN;
    let bounds = extent.bounds;
    for (at, value) in [
        (36, bounds.x_min),
        (38, bounds.y_min),
        (40, bounds.x_max),
        (42, bounds.y_max),
        (50, i16::from(long_locations)),
        (52, 0),
    ] {
        set16(&mut table, at, value.to_be_bytes())?;
    }
    Some(table)
}

fn horizontal_header(raw: &RawFace<'_>, extent: &Extent, metric_count: u16) -> Option<Vec<u8>> {
    let mut table = raw.table(Tag::from_bytes(b"hhea"))?.to_vec();
    for (at, value) in [
        (10, extent.widest.to_be_bytes()),
        (12, extent.min_left_bearing.to_be_bytes()),
        (14, extent.min_right_bearing.to_be_bytes()),
        (16, extent.bounds.x_max.to_be_bytes()),
        (34, metric_count.to_be_bytes()),
    ] {
        set16(&mut table, at, value)?;
    }
    Some(table)
}

/// `maxp` of a font without instructions and composite glyphs.
fn maxima(glyphs: &[Glyph]) -> Option<Vec<u8>> {
    let points = glyphs.iter().map(|glyph| glyph.contours.iter().map(Vec::len).sum());
    let contours = glyphs.iter().map(|glyph| glyph.contours.len());
    let count = |most: Option<usize>| u16::try_from(most.unwrap_or(0)).ok();
    let zones_without_twilight = 1;
    let mut table = Vec::with_capacity(32);
    push32(&mut table, 0x0001_0000);
    push16(&mut table, u16::try_from(glyphs.len()).ok()?);
    push16(&mut table, count(points.max())?);
    push16(&mut table, count(contours.max())?);
    push16(&mut table, 0);
    push16(&mut table, 0);
    push16(&mut table, zones_without_twilight);
    table.resize(32, 0);
    Some(table)
}

/// `post` without the names of glyphs.
fn nameless(raw: &RawFace<'_>) -> Option<Vec<u8>> {
    let mut table = raw.table(Tag::from_bytes(b"post"))?.get(..32)?.to_vec();
    table.get_mut(..4)?.copy_from_slice(&0x0003_0000_u32.to_be_bytes());
    Some(table)
}

fn set16(table: &mut [u8], at: usize, value: [u8; 2]) -> Option<()> {
    table.get_mut(at..at + 2)?.copy_from_slice(&value);
    Some(())
}

fn push_signed(table: &mut Vec<u8>, value: i16) {
    table.extend(value.to_be_bytes());
}
