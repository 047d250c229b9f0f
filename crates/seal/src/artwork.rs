//! Draws the picture of a round seal: ring, five-point star, the organisation's name around it.
//!
//! The drawing numbers are those of public seal-making rules for an organisation's seal of 42 mm: outer ring 1.2 mm,
//! star 14 mm, the name from left to right along the ring in condensed Song type, an opening at the bottom. All shapes are
//! filled outlines in millimetres; PNG, SVG and PDF are three renderings of the same [`Artwork`], so they agree.
//!
//! ```no_run
//! use cinnabar_seal::artwork::{self, SealFace};
//!
//! let font = std::fs::read("NotoSerifCJK-Bold.ttc")?;
//! let index = artwork::face_index(&font, "Noto Serif CJK SC").unwrap_or(0);
//! let face = SealFace { bottom_text: Some("婚姻登记专用章".into()), ..SealFace::new("某某市某某区民政局") };
//! let art = artwork::draw(&face, &font, index)?;
//! std::fs::write("seal.png", art.png(600))?; // 992 × 992 pixels, transparent
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arrange;
mod outline;
mod render;

pub use outline::{ArtCommand, ArtPath, Part, face_index};

use arrange::Arrangement;
use outline::Typeface;
use thiserror::Error;

/// Pure red, the default colour of a seal.
pub const RED: [u8; 3] = [255, 0, 0];

/// What a seal shows, in millimetres.
#[derive(Debug, Clone, PartialEq)]
pub struct SealFace {
    /// Outer diameter of the ring, 20 to 100 mm.
    pub diameter_mm: f64,
    /// Width of the ring's line.
    pub ring_mm: f64,
    /// Width of the star from its left tip to its right tip; 0 leaves the centre blank, as a 专用章 of some offices has it.
    pub star_mm: f64,
    /// Name on the ring, exactly as filed with the physical seal.
    pub organisation: String,
    /// Text written horizontally below the star, e.g. `户口专用章`.
    pub bottom_text: Option<String>,
}

impl SealFace {
    /// An organisation's seal with the customary measures: 42 mm, ring 1.2 mm, star 14 mm, no bottom text.
    pub fn new(organisation: impl Into<String>) -> Self {
        Self {
            organisation: organisation.into(),
            ..Self::default()
        }
    }
}

impl Default for SealFace {
    fn default() -> Self {
        Self {
            diameter_mm: 42.0,
            ring_mm: 1.2,
            star_mm: 14.0,
            organisation: String::new(),
            bottom_text: None,
        }
    }
}

/// A drawn seal: filled outlines in millimetres, origin top left, y down, non-zero winding.
#[derive(Debug, Clone, PartialEq)]
pub struct Artwork {
    /// Width of the whole picture.
    pub width_mm: f64,
    /// Height of the whole picture.
    pub height_mm: f64,
    /// Outlines, each filled with [`Artwork::colour`].
    pub paths: Vec<ArtPath>,
    /// RGB of every outline; [`RED`] unless changed.
    pub colour: [u8; 3],
}

impl Artwork {
    /// The same drawing in another colour.
    #[must_use]
    pub fn with_colour(mut self, rgb: [u8; 3]) -> Self {
        self.colour = rgb;
        self
    }
}

/// Why a seal cannot be drawn.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ArtworkError {
    /// The bytes are no font that outlines can be taken from, or the collection has no such face.
    #[error(
        "face {index} of the font cannot be read ({reason}); pass a TrueType or OpenType font and an index it holds"
    )]
    Font {
        /// Face index asked for.
        index: u32,
        /// What the font reader said.
        reason: String,
    },
    /// The font draws nothing for a character of the seal.
    #[error("the font has no glyph for “{character}” (U+{code:04X}) in the seal's {part}; choose a font that has it", code = u32::from(*character))]
    MissingGlyph {
        /// The character.
        character: char,
        /// The text it stands in.
        part: Part,
    },
    /// There is nothing to write on the ring.
    #[error("the seal has no organisation name")]
    EmptyName,
    /// More characters than stay legible at this size.
    #[error("the seal's {part} has {characters} characters; at this diameter {limit} stay legible")]
    TextTooLong {
        /// The text that is too long.
        part: Part,
        /// Characters it has.
        characters: usize,
        /// Characters that fit.
        limit: usize,
    },
    /// A measure is not a number or the parts do not fit into each other.
    #[error("{measure} is {value_mm} mm; it must lie between {least_mm} and {most_mm} mm")]
    Measure {
        /// Field of [`SealFace`].
        measure: &'static str,
        /// Value given.
        value_mm: f64,
        /// Smallest accepted.
        least_mm: f64,
        /// Largest accepted.
        most_mm: f64,
    },
}

/// Draws `face` with the outlines of one face of a font (`face_index` counts within a `.ttc`; 0 for a single font).
///
/// Names are condensed and, past that, reduced until they fit; see [`ArtworkError::TextTooLong`] for the end of it.
///
/// # Errors
/// A character without a glyph is named, never drawn as a box; impossible measures and unreadable fonts are refused.
pub fn draw(face: &SealFace, font: &[u8], face_index: u32) -> Result<Artwork, ArtworkError> {
    check_measures(face)?;
    let typeface = Typeface::parse(font, face_index)?;
    let name: Vec<char> = face.organisation.trim().chars().collect();
    if name.is_empty() {
        return Err(ArtworkError::EmptyName);
    }
    let bottom: Vec<char> = face.bottom_text.as_deref().unwrap_or("").trim().chars().collect();
    let arrangement = Arrangement::fit(face, name.len(), bottom.len())?;

    let centre = face.diameter_mm / 2.0;
    let mut paths = vec![outline::ring(centre, centre - face.ring_mm)];
    if face.star_mm > 0.0 {
        paths.push(outline::star(centre, face.star_mm));
    }
    for (index, &character) in name.iter().enumerate() {
        let cell = arrangement.ring_cell(index);
        paths.extend(typeface.outline(character, Part::Organisation, &cell)?);
    }
    for (index, &character) in bottom.iter().enumerate() {
        let cell = arrangement.bottom_cell(index);
        paths.extend(typeface.outline(character, Part::Bottom, &cell)?);
    }
    Ok(Artwork {
        width_mm: face.diameter_mm,
        height_mm: face.diameter_mm,
        paths,
        colour: RED,
    })
}

fn check_measures(face: &SealFace) -> Result<(), ArtworkError> {
    let within = |measure, value_mm: f64, least_mm: f64, most_mm: f64| {
        if value_mm >= least_mm && value_mm <= most_mm {
            Ok(())
        } else {
            Err(ArtworkError::Measure {
                measure,
                value_mm,
                least_mm,
                most_mm,
            })
        }
    };
    within("diameter_mm", face.diameter_mm, 20.0, 100.0)?;
    within("ring_mm", face.ring_mm, 0.1, face.diameter_mm * 0.06)?;
    within("star_mm", face.star_mm, 0.0, face.diameter_mm * 0.4)
}
