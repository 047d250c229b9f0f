//! Draws seals and measures what was drawn: in the outlines, and in the pixels.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_sign_loss)]

use cinnabar_seal::artwork::{self, ArtCommand, ArtPath, Artwork, ArtworkError, Part, SealFace};
use std::sync::OnceLock;

const SONG: &str = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc";
const NAMES: [&str; 6] = [
    "公章",
    "某某市档案局",
    "某某市市场监督管理局城东",
    "国家税务总局北京市海淀区税务局第一税务所",
    "某某市公安局城东分局某某路派出所",
    "新疆维吾尔自治区巴音郭楞蒙古自治州某某县市场监督管理局行政审批处",
];

fn song() -> Option<&'static (Vec<u8>, u32)> {
    static FONT: OnceLock<Option<(Vec<u8>, u32)>> = OnceLock::new();
    let font = FONT.get_or_init(|| {
        let bytes = std::fs::read(SONG).ok()?;
        let index = artwork::face_index(&bytes, "Noto Serif CJK SC")?;
        Some((bytes, index))
    });
    if font.is_none() {
        eprintln!("skipped: {SONG} (Debian package fonts-noto-cjk) is not installed");
    }
    font.as_ref()
}

fn draw(face: &SealFace) -> Option<Artwork> {
    let (font, index) = song()?;
    Some(artwork::draw(face, font, *index).unwrap())
}

fn with_bottom(name: &str, bottom: &str) -> SealFace {
    SealFace {
        bottom_text: Some(bottom.into()),
        ..SealFace::new(name)
    }
}

/// End points and control points of an outline.
fn points(path: &ArtPath) -> Vec<[f64; 2]> {
    path.commands
        .iter()
        .flat_map(|c| match *c {
            ArtCommand::MoveTo(p) | ArtCommand::LineTo(p) => vec![p],
            ArtCommand::CurveTo(a, b, p) => vec![a, b, p],
            ArtCommand::Close => vec![],
        })
        .collect()
}

fn of(art: &Artwork, part: Part) -> Vec<&ArtPath> {
    art.paths.iter().filter(|p| p.part == part).collect()
}

/// Angle clockwise from the top.
fn angle([x, y]: [f64; 2]) -> f64 {
    (x - 21.0).atan2(21.0 - y)
}

fn radius([x, y]: [f64; 2]) -> f64 {
    (x - 21.0).hypot(y - 21.0)
}

/// Opacity by row and column.
fn opacity(png: &[u8]) -> (usize, usize, Vec<u8>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgba);
    assert!(pixels.chunks_exact(4).all(|p| p[..3] == artwork::RED));
    (
        info.width as usize,
        info.height as usize,
        pixels.chunks_exact(4).map(|p| p[3]).collect(),
    )
}

#[test]
fn a_42_mm_seal_has_992_pixels_at_600_dpi_and_true_proportions() {
    let Some(art) = draw(&SealFace::new("某某市市场监督管理局")) else {
        return;
    };
    let png = art.png(600);
    let (width, height, alpha) = opacity(&png);
    assert_eq!((width, height), (992, 992));
    let dims = png::Decoder::new(std::io::Cursor::new(&png))
        .read_info()
        .unwrap()
        .info()
        .pixel_dims
        .unwrap();
    assert_eq!((dims.xppu, dims.unit), (23622, png::Unit::Meter));

    let mm = 992.0 / 42.0;
    let column: Vec<u8> = (0..height).map(|y| alpha[y * width + width / 2]).collect();
    let ring = column.iter().rev().take_while(|a| **a > 127).count();
    assert!(
        (ring as f64 / mm - 1.2).abs() < 0.05,
        "the ring is {} mm",
        ring as f64 / mm
    );
    let widest = (0..height)
        .map(|y| {
            let middle = &alpha[y * width + width / 4..y * width + width * 3 / 4];
            let first = middle.iter().position(|a| *a > 127);
            first.map_or(0, |f| middle.iter().rposition(|a| *a > 127).unwrap() - f + 1)
        })
        .skip(height / 2 - 100)
        .take(100)
        .max();
    assert!(
        (widest.unwrap() as f64 / mm - 14.0).abs() < 0.2,
        "the star is {widest:?} pixels wide"
    );
    assert_eq!(
        (
            alpha[0],
            alpha[height / 2 * width + width / 2],
            alpha[height / 2 * width]
        ),
        (0, 255, 255)
    );
}

#[test]
fn the_name_runs_clockwise_evenly_spaced_and_open_at_the_bottom() {
    for name in NAMES {
        let Some(art) = draw(&SealFace::new(name)) else { return };
        let glyphs = of(&art, Part::Organisation);
        assert_eq!(glyphs.len(), name.chars().count());
        let mut edges = Vec::new();
        for glyph in &glyphs {
            let points = points(glyph);
            assert!(
                points.iter().all(|p| radius(*p) < 19.8 - 0.5 && radius(*p) > 8.0),
                "{name}: between star and ring"
            );
            let angles = points.iter().map(|p| angle(*p));
            edges.push((angles.clone().fold(f64::MAX, f64::min), angles.fold(f64::MIN, f64::max)));
        }
        assert!(
            edges.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 < w[1].1),
            "{name}: clockwise"
        );
        let (first, last) = (edges[0].0, edges[edges.len() - 1].1);
        assert!(
            first > -2.75 && last < 2.75,
            "{name}: an opening at the bottom, {first} to {last}"
        );
        assert!((first + last).abs() < 0.15, "{name}: symmetrical, {first} to {last}");
    }
}

#[test]
fn neighbouring_letters_do_not_touch() {
    for name in NAMES {
        for bottom in [None, Some("户口专用章".to_owned())] {
            let face = SealFace {
                bottom_text: bottom,
                star_mm: 0.0,
                ..SealFace::new(name)
            };
            let Some(art) = draw(&face) else { return };
            let each: u64 = art
                .paths
                .iter()
                .map(|p| {
                    ink(&Artwork {
                        paths: vec![p.clone()],
                        ..art.clone()
                    })
                })
                .sum();
            let all = ink(&art);
            assert!(each - all < each / 2000, "{name}: {} of {each} overlaps", each - all);
        }
    }
}

fn ink(art: &Artwork) -> u64 {
    opacity(&art.png(150)).2.iter().map(|a| u64::from(*a)).sum()
}

#[test]
fn bottom_text_stands_horizontally_below_the_star_and_clear_of_the_name() {
    let Some(art) = draw(&with_bottom(NAMES[4], "婚姻登记专用章")) else {
        return;
    };
    let bottom: Vec<_> = of(&art, Part::Bottom).into_iter().map(points).collect();
    assert_eq!(bottom.len(), 7);
    let all: Vec<[f64; 2]> = bottom.concat();
    let (left, right) = all
        .iter()
        .fold((f64::MAX, f64::MIN), |(l, r), p| (l.min(p[0]), r.max(p[0])));
    let top = all.iter().fold(f64::MAX, |t, p| t.min(p[1]));
    assert!((left + right - 42.0).abs() < 0.6, "centred: {left} to {right}");
    assert!(top > 21.0 + 7.0 && all.iter().all(|p| radius(*p) < 19.0));
    for glyph in of(&art, Part::Organisation) {
        assert!(points(glyph).iter().all(|p| p[1] < top || p[0] < left || p[0] > right));
    }
}

#[test]
fn a_missing_glyph_is_named_and_never_drawn() {
    let Some((font, index)) = song() else { return };
    let missing = |face: &SealFace| artwork::draw(face, font, *index).unwrap_err();
    let error = missing(&SealFace::new("某某\u{10FFFD}局"));
    assert_eq!(
        error,
        ArtworkError::MissingGlyph {
            character: '\u{10FFFD}',
            part: Part::Organisation
        }
    );
    assert!(error.to_string().contains("U+10FFFD"));
    let error = missing(&with_bottom("某某局", "专\u{7}用章"));
    assert_eq!(
        error,
        ArtworkError::MissingGlyph {
            character: '\u{7}',
            part: Part::Bottom
        }
    );
    assert_eq!(missing(&SealFace::new("  ")), ArtworkError::EmptyName);
}

#[test]
fn texts_beyond_legibility_and_impossible_measures_are_refused() {
    let Some((font, index)) = song() else { return };
    let refuse = |face: SealFace| artwork::draw(&face, font, *index).unwrap_err();
    let ArtworkError::TextTooLong {
        part: Part::Organisation,
        characters: 90,
        limit,
    } = refuse(SealFace::new("某".repeat(90)))
    else {
        panic!("90 characters fit")
    };
    assert!(limit >= 40, "{limit}");
    assert!(artwork::draw(&SealFace::new("某".repeat(limit)), font, *index).is_ok());
    let error = refuse(with_bottom("某局", &"章".repeat(40)));
    assert!(
        matches!(
            error,
            ArtworkError::TextTooLong {
                part: Part::Bottom,
                limit: 10..=20,
                ..
            }
        ),
        "{error}"
    );
    for diameter_mm in [0.0, -1.0, 1e9, f64::NAN, f64::INFINITY] {
        let error = refuse(SealFace {
            diameter_mm,
            ..SealFace::new("某局")
        });
        assert!(matches!(
            error,
            ArtworkError::Measure {
                measure: "diameter_mm",
                ..
            }
        ));
    }
    let error = refuse(SealFace {
        star_mm: 30.0,
        ..SealFace::new("某局")
    });
    assert!(matches!(error, ArtworkError::Measure { measure: "star_mm", .. }));
}

#[test]
fn bytes_that_are_no_font_are_an_error() {
    for bytes in [&b""[..], b"no font at all", &[0; 64]] {
        let error = artwork::draw(&SealFace::new("某局"), bytes, 0).unwrap_err();
        assert!(matches!(error, ArtworkError::Font { index: 0, .. }));
        assert_eq!(artwork::face_index(bytes, "Noto Serif CJK SC"), None);
    }
    if let Some((font, _)) = song() {
        let error = artwork::draw(&SealFace::new("某局"), font, 99).unwrap_err();
        assert!(matches!(error, ArtworkError::Font { index: 99, .. }));
    }
}

#[test]
fn svg_and_pdf_are_in_millimetres_and_repeatable() {
    let face = with_bottom(NAMES[2], "(1)");
    let (Some(art), Some(again)) = (draw(&face), draw(&face)) else {
        return;
    };
    let svg = art.svg();
    assert!(svg.contains("width=\"42mm\" height=\"42mm\" viewBox=\"0 0 42 42\"") && svg.contains("#ff0000"));
    assert_eq!((svg, art.png(300)), (again.svg(), again.png(300)));

    let pdf = art.with_colour([217, 13, 13]).pdf_content();
    assert!(pdf.starts_with("q\n0.851 0.051 0.051 rg\n42 21 m\n") && pdf.ends_with("f\nQ\n"));
    assert_eq!(pdf, again.with_colour([217, 13, 13]).pdf_content());
    for line in pdf.lines() {
        let numbers = line.split(' ').filter_map(|word| word.parse::<f64>().ok());
        assert!(
            numbers.clone().all(|n| (0.0..=42.0).contains(&n)) && !line.contains('e'),
            "{line}"
        );
    }
    // The star's upper tip: y grows upwards.
    assert!(pdf.contains("\n21 28.3602 m\n"));
}
