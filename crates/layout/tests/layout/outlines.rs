use std::process::Command;

use cinnabar_layout::{DEFAULT_FONTS, Pages};
use ttf_parser::{Face, GlyphId, OutlineBuilder, name_id};

use crate::{data, face, source};

/// In thousandths of the em: the half that curves may stray where they are compared, and a little for between those places.
const TOLERANCE: f64 = 0.7;
/// Lines that stand for one curve.
const LINES: u32 = 64;
const EVERY: usize = 4;

#[test]
fn glyphs_keep_the_shape_and_the_width_of_the_original() {
    let originals: Vec<Vec<u8>> = DEFAULT_FONTS.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let pages = face("marriage-certificate", &data("marriage-certificate")).unwrap();
    let mut compared = 0;
    for font in &pages.fonts {
        let rebuilt = Face::parse(&font.data, 0).unwrap();
        let (_, post_script) = font.name.split_once('+').unwrap();
        let original = originals
            .iter()
            .flat_map(|data| (0..ttf_parser::fonts_in_collection(data).unwrap()).map(move |i| (data, i)))
            .map(|(data, index)| Face::parse(data, index).unwrap())
            .find(|face| post_script_name(face).as_deref() == Some(post_script))
            .unwrap();
        assert_eq!(rebuilt.units_per_em(), original.units_per_em());
        assert_eq!(rebuilt.ascender(), original.ascender());
        assert_eq!(rebuilt.descender(), original.descender());
        for glyph in &font.glyphs {
            // Punctuation may stand there by an alternate glyph.
            for &ch in glyph.chars.iter().filter(|ch| ch.is_alphanumeric()) {
                let (ours, theirs) = (GlyphId(glyph.id), original.glyph_index(ch).unwrap());
                assert_eq!(
                    rebuilt.glyph_hor_advance(ours),
                    original.glyph_hor_advance(theirs),
                    "{ch}"
                );
                assert_bearing_is_where_the_ink_begins(&rebuilt, ours);
                assert_same_shape(&Polygons::of(&rebuilt, ours), &Polygons::of(&original, theirs), ch);
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "{compared} glyphs compared");
}

fn post_script_name(face: &Face<'_>) -> Option<String> {
    face.names()
        .into_iter()
        .filter(|name| name.name_id == name_id::POST_SCRIPT_NAME)
        .find_map(|name| name.to_string())
}

fn assert_bearing_is_where_the_ink_begins(face: &Face<'_>, glyph: GlyphId) {
    let bounds = face.glyph_bounding_box(glyph).unwrap();
    assert_eq!(face.glyph_hor_side_bearing(glyph), Some(bounds.x_min));
    let whole = face.global_bounding_box();
    assert!(whole.x_min <= bounds.x_min && bounds.x_max <= whole.x_max);
    assert!(whole.y_min <= bounds.y_min && bounds.y_max <= whole.y_max);
}

fn assert_same_shape(rebuilt: &Polygons, original: &Polygons, ch: char) {
    assert_eq!(rebuilt.0.len(), original.0.len(), "{ch}: contours");
    for (ours, theirs) in rebuilt.0.iter().zip(&original.0) {
        let (area, reversed) = (area(theirs), area(ours));
        let slack = TOLERANCE * length(theirs);
        assert!((area + reversed).abs() < slack, "{ch}: area {area} became {reversed}");
        for (points, line) in [(ours, theirs), (theirs, ours)] {
            for &point in points.iter().step_by(EVERY) {
                let distance = distance(point, line);
                assert!(distance < TOLERANCE, "{ch}: {point:?} is {distance} off");
            }
        }
    }
}

type Position = (f64, f64);

/// The contours of a glyph, each curve as [`LINES`] straight lines; the first point comes again at the end.
#[derive(Default)]
struct Polygons(Vec<Vec<Position>>);

impl Polygons {
    fn of(face: &Face<'_>, glyph: GlyphId) -> Self {
        let mut polygons = Self::default();
        face.outline_glyph(glyph, &mut polygons).unwrap();
        polygons
    }

    fn curve(&mut self, at: impl Fn(Position, f64) -> Position) {
        let contour = self.0.last_mut().unwrap();
        let from = *contour.last().unwrap();
        contour.extend((1..=LINES).map(|step| at(from, f64::from(step) / f64::from(LINES))));
    }
}

impl OutlineBuilder for Polygons {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.push(vec![(x.into(), y.into())]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.last_mut().unwrap().push((x.into(), y.into()));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (control, to) = ((x1.into(), y1.into()), (x.into(), y.into()));
        self.curve(|from, t| between(between(from, control, t), between(control, to, t), t));
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (b, c, d) = ((x1.into(), y1.into()), (x2.into(), y2.into()), (x.into(), y.into()));
        self.curve(|a, t| {
            let (ab, bc, cd) = (between(a, b, t), between(b, c, t), between(c, d, t));
            between(between(ab, bc, t), between(bc, cd, t), t)
        });
    }

    fn close(&mut self) {
        let contour = self.0.last_mut().unwrap();
        contour.push(contour[0]);
    }
}

fn between(a: Position, b: Position, t: f64) -> Position {
    (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t)
}

/// Positive when the contour runs counterclockwise.
fn area(contour: &[Position]) -> f64 {
    contour
        .windows(2)
        .map(|w| w[0].0 * w[1].1 - w[1].0 * w[0].1)
        .sum::<f64>()
        / 2.0
}

fn length(contour: &[Position]) -> f64 {
    contour
        .windows(2)
        .map(|w| (w[1].0 - w[0].0).hypot(w[1].1 - w[0].1))
        .sum()
}

fn distance(point: Position, line: &[Position]) -> f64 {
    let to_segment = |a: Position, b: Position| {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let squared = dx * dx + dy * dy;
        let along = if squared > 0.0 {
            (((point.0 - a.0) * dx + (point.1 - a.1) * dy) / squared).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let (x, y) = (a.0 + along * dx - point.0, a.1 + along * dy - point.1);
        x * x + y * y
    };
    let squares = line.windows(2).map(|w| to_segment(w[0], w[1]));
    squares.fold(f64::INFINITY, f64::min).sqrt()
}

#[test]
fn fonttools_finds_every_table_as_it_would_write_it() {
    let check = "
import io, sys
try:
    from fontTools.ttLib import TTFont
except ImportError:
    sys.exit(77)
font = TTFont(sys.argv[1], checkChecksums=2, lazy=False)
again = io.BytesIO()
for name in font.getGlyphOrder():
    font['glyf'][name].expand(font['glyf'])
font.save(again)
again = TTFont(again)
for table in 'head', 'hhea', 'maxp':
    ours, theirs = vars(TTFont(sys.argv[1])[table]), vars(again[table])
    for key in ours:
        if key not in ('tableTag', 'checkSumAdjustment', 'modified', 'data'):
            assert ours[key] == theirs[key], (table, key, ours[key], theirs[key])
assert not set(font.getGlyphOrder()) - set(font['hmtx'].metrics)
";
    for (index, font) in samples().iter().flat_map(|pages| &pages.fonts).enumerate() {
        let file = std::env::temp_dir().join(format!("cinnabar-outlines-{}-{index}.ttf", std::process::id()));
        std::fs::write(&file, &font.data).unwrap();
        let answer = Command::new("python3").args(["-c", check]).arg(&file).output();
        std::fs::remove_file(&file).unwrap();
        match answer {
            Ok(answer) if answer.status.code() != Some(77) => {
                let complaint = String::from_utf8_lossy(&answer.stderr);
                assert!(
                    answer.status.success() && complaint.is_empty(),
                    "{}: {complaint}",
                    font.name
                );
            }
            _ => return eprintln!("skipped: fontTools is not installed"),
        }
    }
}

/// A face, and a font of one glyph without an outline.
fn samples() -> [Pages; 2] {
    let face = face("business-licence", &data("business-licence")).unwrap();
    let space = source(r#"#set text(font: "Noto Serif CJK SC"); #sym.space.nobreak"#, "{}").unwrap();
    [face, space]
}
