//! The Typst adapter: a licence type's template and one licence's data become [`Pages`], once.
//!
//! ```text
//! Template ─┐                        ┌─▶ Pages::pdf_a   PDF/A-2b
//! Fonts  ───┼─▶ compose ──▶ Pages ───┼─▶ Pages::png     preview
//! data.json ┘                        └─▶ pages, fonts   text runs, paths, images in mm, standalone font subsets
//! ```
//!
//! All outputs come from the same frames, so what one shows all show. What cannot be expressed in every output (gradients,
//! cutting clips, SVG images) is refused with [`LayoutError::Unsupported`] instead of being shown differently.
//!
//! Templates are trusted: they come from the catalogue and Typst is a Turing-complete language without a time limit. They
//! run in a sandbox all the same: they see their own files, the data, and nothing of the disk, the network or the clock.
//! The data is not trusted: its size, text lengths, characters and images are checked before it is composed.
//!
//! ```no_run
//! use cinnabar_layout::{Fonts, PdfMeta, Template, compose};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let fonts = Fonts::load(&[])?;
//! let template = Template::load("catalogue/business-licence".as_ref())?;
//! let data = std::fs::read("licence.json")?;
//! let pages = compose(&template, &fonts, &data, 1_740_787_200)?;
//! std::fs::write("licence.pdf", pages.pdf_a(&PdfMeta { title: "营业执照".into(), ..PdfMeta::default() })?)?;
//! std::fs::write("licence.png", pages.png(0, 144.0)?)?;
//! # Ok(())
//! # }
//! ```
//!
//! A template imports `/cinnabar.typ` ([`PRELUDE`]), which reads the data and offers the marks this crate looks for: `field`
//! around the text of a face field, and `seal-anchor` where the centre of the seal goes.

mod compose;
mod data;
mod error;
mod export;
mod fonts;
mod frames;
mod glyf;
mod limits;
mod outline;
mod pages;
mod picture;
mod sfnt;
mod subset;
mod template;
mod world;

pub use compose::{compose, compose_with};
pub use error::{Diagnostic, Feature, ImageFault, LayoutError};
pub use export::PdfMeta;
pub use fonts::{DEFAULT_FONTS, Fonts};
pub use limits::Limits;
pub use pages::{
    Affine, FontUse, Glyph, ImageFormat, Item, LineCap, LineJoin, Page, Pages, PathCommand, PathShape, Picture, Rgba,
    SealAnchor, Stroke, TextRun, UsedGlyph,
};
pub use template::Template;
pub use world::PRELUDE;
