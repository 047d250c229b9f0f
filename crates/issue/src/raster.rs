//! Pixels with opacity: read from PNG, made smaller, laid over a page.

use std::io::Cursor;

use crate::IssueError;

/// Most pixels of a picture that is read.
const MAX_PIXELS: usize = 64 << 20;

/// Rows of red, green, blue, alpha.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Raster {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pixels: Vec<[u8; 4]>,
}

impl Raster {
    /// Reads a PNG of any colour type.
    pub(crate) fn from_png(bytes: &[u8]) -> Result<Self, IssueError> {
        let fault = |fault: png::DecodingError| IssueError::Picture {
            fault: fault.to_string(),
        };
        let too_large = || IssueError::Picture {
            fault: format!("it has more than {MAX_PIXELS} pixels"),
        };
        let mut decoder = png::Decoder::new(Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
        let mut reader = decoder.read_info().map_err(fault)?;
        let (width, height) = (reader.info().width as usize, reader.info().height as usize);
        if width.checked_mul(height).is_none_or(|pixels| pixels > MAX_PIXELS) {
            return Err(too_large());
        }
        let mut buffer = vec![0; reader.output_buffer_size().ok_or_else(too_large)?];
        let frame = reader.next_frame(&mut buffer).map_err(fault)?;
        let pixels = match frame.color_type {
            png::ColorType::Rgba => buffer.chunks_exact(4).map(to_array).collect(),
            png::ColorType::GrayscaleAlpha => buffer
                .chunks_exact(2)
                .filter_map(|p| Some([*p.first()?, *p.first()?, *p.first()?, *p.get(1)?]))
                .collect(),
            _ => {
                return Err(IssueError::Picture {
                    fault: "unexpected colour type".to_owned(),
                });
            }
        };
        Ok(Self { width, height, pixels })
    }

    /// Writes an opaque PNG that states its resolution.
    pub(crate) fn to_png(&self, dpi: u32) -> Result<Vec<u8>, IssueError> {
        let fault = |fault: png::EncodingError| IssueError::Picture {
            fault: fault.to_string(),
        };
        let size = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, size(self.width), size(self.height));
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let per_metre = (u64::from(dpi) * 10_000 + 127) / 254;
        let per_metre = u32::try_from(per_metre).unwrap_or(u32::MAX);
        encoder.set_pixel_dims(Some(png::PixelDimensions {
            xppu: per_metre,
            yppu: per_metre,
            unit: png::Unit::Meter,
        }));
        let mut writer = encoder.write_header().map_err(fault)?;
        let rgb: Vec<u8> = self.pixels.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect();
        writer.write_image_data(&rgb).map_err(fault)?;
        writer.finish().map_err(fault)?;
        Ok(file)
    }

    /// Opacity of a pixel; 0 outside.
    pub(crate) fn alpha(&self, column: usize, row: usize) -> u8 {
        if column >= self.width {
            return 0;
        }
        self.pixels
            .get(row * self.width + column)
            .map_or(0, |[.., alpha]| *alpha)
    }

    /// Mean colour of the opaque pixels.
    pub(crate) fn main_colour(&self) -> [u8; 3] {
        let mut sums = [0_u64; 3];
        let mut count = 0_u64;
        for [r, g, b, _] in self.pixels.iter().filter(|[.., alpha]| *alpha >= 128) {
            for (sum, part) in sums.iter_mut().zip([r, g, b]) {
                *sum += u64::from(*part);
            }
            count += 1;
        }
        sums.map(|sum| u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX))
    }

    /// The picture in another size; each pixel is the mean of those it replaces.
    pub(crate) fn resized(&self, width: usize, height: usize) -> Self {
        let mut pixels = Vec::with_capacity(width * height);
        for row in 0..height {
            for column in 0..width {
                let columns = span(column, width, self.width);
                let rows = span(row, height, self.height);
                pixels.push(self.mean(columns, rows));
            }
        }
        Self { width, height, pixels }
    }

    /// Lays another picture over this one, multiplying colours as ink does.
    pub(crate) fn stamp(&mut self, over: &Raster, left: i64, top: i64) {
        for row in 0..over.height {
            for column in 0..over.width {
                let place =
                    |start: i64, step: usize| usize::try_from(start + i64::try_from(step).unwrap_or(i64::MAX)).ok();
                let (Some(x), Some(y)) = (place(left, column), place(top, row)) else {
                    continue;
                };
                let ink = over.pixels.get(row * over.width + column).copied().unwrap_or_default();
                if x >= self.width {
                    continue;
                }
                if let Some(paper) = self.pixels.get_mut(y * self.width + x) {
                    *paper = inked(*paper, ink);
                }
            }
        }
    }

    fn mean(&self, columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) -> [u8; 4] {
        let (mut sums, mut weight, mut count) = ([0_u64; 3], 0_u64, 0_u64);
        for row in rows {
            for column in columns.clone() {
                let [r, g, b, a] = self.pixels.get(row * self.width + column).copied().unwrap_or_default();
                let alpha = u64::from(a);
                for (sum, part) in sums.iter_mut().zip([r, g, b]) {
                    *sum += u64::from(part) * alpha;
                }
                weight += alpha;
                count += 1;
            }
        }
        let [r, g, b] = sums.map(|sum| u8::try_from(sum / weight.max(1)).unwrap_or(u8::MAX));
        [r, g, b, u8::try_from(weight / count.max(1)).unwrap_or(u8::MAX)]
    }
}

fn span(index: usize, of: usize, source: usize) -> std::ops::Range<usize> {
    let from = index * source / of.max(1);
    let to = ((index + 1) * source / of.max(1)).max(from + 1).min(source);
    from..to
}

fn inked(paper: [u8; 4], ink: [u8; 4]) -> [u8; 4] {
    let alpha = u32::from(ink[3]);
    let mut out = paper;
    for (part, colour) in out.iter_mut().zip(ink).take(3) {
        let multiplied = u32::from(*part) * u32::from(colour) / 255;
        let mixed = (multiplied * alpha + u32::from(*part) * (255 - alpha)) / 255;
        *part = u8::try_from(mixed).unwrap_or(u8::MAX);
    }
    out
}

fn to_array(pixel: &[u8]) -> [u8; 4] {
    pixel.try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn plain(width: usize, height: usize, pixel: [u8; 4]) -> Raster {
        Raster {
            width,
            height,
            pixels: vec![pixel; width * height],
        }
    }

    #[test]
    fn a_stamp_outside_the_page_is_cut_off() {
        let mut page = plain(4, 4, [255, 255, 255, 255]);
        page.stamp(&plain(3, 3, [255, 0, 0, 255]), 2, -2);
        assert_eq!(page.pixels[2], [255, 0, 0, 255]);
        assert_eq!(page.pixels[4 + 2], [255, 255, 255, 255]);
        assert_eq!(page.pixels[0], [255, 255, 255, 255]);
    }

    #[test]
    fn png_comes_back_as_it_was_written() {
        let page = plain(5, 3, [10, 200, 30, 255]);
        assert_eq!(Raster::from_png(&page.to_png(150).unwrap()).unwrap(), page);
        assert!(Raster::from_png(b"no png").is_err());
    }

    #[test]
    fn shrinking_keeps_the_colour_of_the_ink() {
        let mut seal = plain(4, 4, [0, 0, 0, 0]);
        seal.pixels[0] = [255, 0, 0, 255];
        let small = seal.resized(2, 2);
        assert_eq!(small.pixels[0], [255, 0, 0, 63]);
        assert_eq!(small.pixels[3], [0, 0, 0, 0]);
    }
}
