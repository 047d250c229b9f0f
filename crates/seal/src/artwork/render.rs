//! The drawing as PNG, SVG and PDF operators.

use super::{ArtCommand, ArtPath, Artwork};
use std::fmt::Write;
use tiny_skia::{FillRule, Mask, Path, PathBuilder, Transform};

const MM_PER_INCH: f64 = 25.4;
/// Finest PNG that is drawn: at 100 mm it has 9449 pixels a side.
const FINEST_DPI: u32 = 2400;

impl Artwork {
    /// A transparent PNG in true size: 42 mm at 600 dpi is 992 pixels wide, and the file states its resolution.
    ///
    /// Pixels differ in opacity only, so the file is written with a palette of the one colour. `dpi` is held within 36..=2400.
    pub fn png(&self, dpi: u32) -> Vec<u8> {
        let dpi = dpi.clamp(36, FINEST_DPI);
        let scale = f64::from(dpi) / MM_PER_INCH;
        let (width, height) = (pixels(self.width_mm * scale), pixels(self.height_mm * scale));
        let coverage = self.coverage(width, height);
        encode(&coverage, width, height, self.colour, dpi)
    }

    /// An SVG whose width and height are given in millimetres.
    pub fn svg(&self) -> String {
        let (w, h) = (Mm(self.width_mm), Mm(self.height_mm));
        let [r, g, b] = self.colour;
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}mm\" height=\"{h}mm\" viewBox=\"0 0 {w} {h}\">\n<g fill=\"#{r:02x}{g:02x}{b:02x}\">\n"
        );
        for path in &self.paths {
            let _ = writeln!(out, "<path d=\"{}\"/>", svg_data(path));
        }
        out.push_str("</g>\n</svg>\n");
        out
    }

    /// PDF content operators: one unit is 1 mm, origin bottom left, y up, one save and restore around all.
    pub fn pdf_content(&self) -> String {
        let [r, g, b] = self.colour.map(|c| Mm(f64::from(c) / 255.0));
        let mut out = format!("q\n{r} {g} {b} rg\n");
        for path in &self.paths {
            self.write_pdf_path(path, &mut out);
        }
        out.push_str("Q\n");
        out
    }

    fn write_pdf_path(&self, path: &ArtPath, out: &mut String) {
        let up = |[x, y]: [f64; 2]| (Mm(x), Mm(self.height_mm - y));
        for command in &path.commands {
            let _ = match *command {
                ArtCommand::MoveTo(p) => {
                    let (x, y) = up(p);
                    writeln!(out, "{x} {y} m")
                }
                ArtCommand::LineTo(p) => {
                    let (x, y) = up(p);
                    writeln!(out, "{x} {y} l")
                }
                ArtCommand::CurveTo(a, b, p) => {
                    let ((ax, ay), (bx, by), (x, y)) = (up(a), up(b), up(p));
                    writeln!(out, "{ax} {ay} {bx} {by} {x} {y} c")
                }
                ArtCommand::Close => writeln!(out, "h"),
            };
        }
        out.push_str("f\n");
    }

    fn coverage(&self, width: u32, height: u32) -> Vec<u8> {
        let Some(mut mask) = Mask::new(width, height) else {
            return vec![0; (width as usize).saturating_mul(height as usize)];
        };
        let fit = Transform::from_scale(ratio(width, self.width_mm), ratio(height, self.height_mm));
        for path in &self.paths {
            if let Some(path) = skia_path(path).and_then(|p| p.transform(fit)) {
                mask.fill_path(&path, FillRule::Winding, true, Transform::identity());
            }
        }
        mask.take()
    }
}

fn svg_data(path: &ArtPath) -> String {
    let mut out = String::new();
    for command in &path.commands {
        let _ = match *command {
            ArtCommand::MoveTo([x, y]) => write!(out, "M{} {}", Mm(x), Mm(y)),
            ArtCommand::LineTo([x, y]) => write!(out, "L{} {}", Mm(x), Mm(y)),
            ArtCommand::CurveTo(a, b, p) => {
                write!(
                    out,
                    "C{} {} {} {} {} {}",
                    Mm(a[0]),
                    Mm(a[1]),
                    Mm(b[0]),
                    Mm(b[1]),
                    Mm(p[0]),
                    Mm(p[1])
                )
            }
            ArtCommand::Close => write!(out, "Z"),
        };
    }
    out
}

fn skia_path(path: &ArtPath) -> Option<Path> {
    let mut pen = PathBuilder::new();
    for command in &path.commands {
        match *command {
            ArtCommand::MoveTo([x, y]) => pen.move_to(single(x), single(y)),
            ArtCommand::LineTo([x, y]) => pen.line_to(single(x), single(y)),
            ArtCommand::CurveTo(a, b, p) => pen.cubic_to(
                single(a[0]),
                single(a[1]),
                single(b[0]),
                single(b[1]),
                single(p[0]),
                single(p[1]),
            ),
            ArtCommand::Close => pen.close(),
        }
    }
    pen.finish()
}

/// Sixteen opacities of the one colour, two pixels a byte: the eye sees no difference at an edge, and the seal, which stands
/// in every document, stays small.
fn encode(coverage: &[u8], width: u32, height: u32, colour: [u8; 3], dpi: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Four);
    encoder.set_palette(colour.repeat(16));
    encoder.set_trns((0..16u8).map(|n| n * 17).collect::<Vec<u8>>());
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let level = |coverage: &u8| (u16::from(*coverage) + 8) / 17;
    let packed: Vec<u8> = coverage
        .chunks(usize::try_from(width).unwrap_or(usize::MAX).max(1))
        .flat_map(|row| row.chunks(2))
        .map(|pair| {
            let [first, second] = [pair.first(), pair.get(1)].map(|p| p.map_or(0, level));
            u8::try_from(first << 4 | second).unwrap_or(u8::MAX)
        })
        .collect();
    let per_metre = pixels(f64::from(dpi) * 1000.0 / MM_PER_INCH);
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: per_metre,
        yppu: per_metre,
        unit: png::Unit::Meter,
    }));
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&packed));
    debug_assert!(
        written.is_ok(),
        "a palette image of the stated size is written to memory"
    );
    out
}

/// Length with four decimals (0.1 µm) and no trailing zeros, so that equal drawings give equal bytes.
struct Mm(f64);

impl std::fmt::Display for Mm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{:.4}", self.0);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        f.write_str(if text == "-0" { "0" } else { text })
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // bounded by the limits on diameter and dpi
fn pixels(length: f64) -> u32 {
    length.round().max(1.0) as u32
}

#[allow(clippy::cast_possible_truncation)] // the rasteriser works in single precision
fn single(value: f64) -> f32 {
    value as f32
}

fn ratio(pixels: u32, mm: f64) -> f32 {
    single(f64::from(pixels) / mm)
}
