//! What a seal looks like on paper: PDF operators for its appearance, pixels for previews.
//!
//! A seal file holds a PNG picture. When drawing its name afresh gives that very picture, the drawing's outlines are
//! used instead; otherwise the picture itself becomes a one-colour stencil. So the impression never shows anything but
//! what the seal maker signed.

use std::fmt::Write as _;
use std::io::Write as _;

use cinnabar_seal::Seal;
use cinnabar_seal::artwork::Artwork;
use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::IssueError;
use crate::raster::Raster;
use crate::seal_order::{PICTURE_DPI, draw};

/// A seal's picture, ready to be put on pages.
#[derive(Debug, Clone)]
pub struct Impression {
    /// Width in mm.
    pub width_mm: f64,
    /// Height in mm.
    pub height_mm: f64,
    look: Look,
}

#[derive(Debug, Clone)]
enum Look {
    Outlines(Artwork),
    Stencil(Raster),
}

impl Impression {
    /// Takes the impression of a seal. `fonts` are tried for redrawing, `bottom_texts` are texts that may stand under
    /// the star.
    ///
    /// # Errors
    /// [`IssueError::Picture`] for a picture that is no readable PNG.
    pub fn of(seal: &Seal, fonts: &[Vec<u8>], bottom_texts: &[&str]) -> Result<Self, IssueError> {
        let (width_mm, height_mm) = (f64::from(seal.picture.width_mm), f64::from(seal.picture.height_mm));
        let look = match redrawn(seal, fonts, bottom_texts) {
            Some(artwork) => Look::Outlines(artwork),
            None => Look::Stencil(Raster::from_png(&seal.picture.data)?),
        };
        Ok(Self {
            width_mm,
            height_mm,
            look,
        })
    }

    /// Whether the impression is drawn with outlines rather than pixels.
    pub fn is_vector(&self) -> bool {
        matches!(self.look, Look::Outlines(_))
    }

    /// PDF content operators in mm, origin bottom left.
    pub fn pdf_content(&self) -> String {
        match &self.look {
            Look::Outlines(artwork) => artwork.pdf_content(),
            Look::Stencil(raster) => self.stencil(raster),
        }
    }

    /// The picture at a resolution.
    pub(crate) fn raster(&self, dpi: u32) -> Result<Raster, IssueError> {
        match &self.look {
            Look::Outlines(artwork) => Raster::from_png(&artwork.png(dpi)),
            Look::Stencil(raster) => {
                let pixels = |mm: f64| (mm * f64::from(dpi) / 25.4).round().clamp(1.0, 4096.0);
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let size = |mm: f64| pixels(mm) as usize;
                Ok(raster.resized(size(self.width_mm), size(self.height_mm)))
            }
        }
    }

    /// An inline image mask (ISO 32000-1, 8.9.7) in the picture's main colour, deflated and in hexadecimal.
    fn stencil(&self, raster: &Raster) -> String {
        let [r, g, b] = raster.main_colour().map(|part| f64::from(part) / 255.0);
        let mut packed = Vec::new();
        for row in 0..raster.height {
            let mut byte = 0_u8;
            for column in 0..raster.width.next_multiple_of(8) {
                let inked = raster.alpha(column, row) >= 128;
                byte = byte << 1 | u8::from(inked);
                if column % 8 == 7 {
                    packed.push(byte);
                    byte = 0;
                }
            }
        }
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        // Writing into memory does not fail.
        let deflated = encoder
            .write_all(&packed)
            .and_then(|()| encoder.finish())
            .unwrap_or_default();
        let mut out = String::new();
        let (width, height) = (self.width_mm, self.height_mm);
        let _ = write!(
            out,
            "q {r:.3} {g:.3} {b:.3} rg {width} 0 0 {height} 0 0 cm\nBI /W {} /H {} ",
            raster.width, raster.height
        );
        let _ = write!(
            out,
            "/IM true /D [1 0] /F [/AHx /Fl]\nID {}>\nEI Q\n",
            hex::encode(deflated)
        );
        out
    }
}

fn redrawn(seal: &Seal, fonts: &[Vec<u8>], bottom_texts: &[&str]) -> Option<Artwork> {
    let diameter = f64::from(seal.picture.width_mm);
    let with_bottom = bottom_texts
        .iter()
        .filter_map(|bottom| Some((seal.name.strip_suffix(bottom)?, Some(*bottom))));
    let readings: Vec<(&str, Option<&str>)> = with_bottom.chain([(seal.name.as_str(), None)]).collect();
    fonts.iter().find_map(|font| {
        readings.iter().find_map(|(organisation, bottom)| {
            let artwork = draw(organisation, *bottom, diameter, font).ok()?;
            (artwork.png(PICTURE_DPI) == seal.picture.data).then_some(artwork)
        })
    })
}
