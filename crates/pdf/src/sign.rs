//! Signing by incremental update, in two phases.
//!
//! [`prepare`] appends one revision: a signature dictionary with room for its value, a field merged with its widget,
//! the page with that widget, the form with that field. The original bytes stay an exact prefix.
//! A signer signs [`ToBeSigned::message`]; [`ToBeSigned::finish`] puts the value into the room left for it.
//!
//! A PDF/A-2b file stays one: the widget is printable and has a normal appearance only, in a form XObject with its own
//! resources; colours in it must be those that the file's output intent covers (RGB for the files made here).
//!
//! ```
//! # fn main() -> Result<(), cinnabar_pdf::sign::SignError> {
//! use cinnabar_pdf::sign::{SignatureField, prepare};
//! # let pdf = cinnabar_pdf::example();
//! let mut field = SignatureField::new("Issuer");
//! field.time = 1_767_225_600;
//! let prepared = prepare(&pdf, &field)?;
//! let [_first, _second] = prepared.message();
//! let signed = prepared.finish(b"the CMS value over both parts")?;
//! assert!(signed.starts_with(&pdf));
//! # Ok(()) }
//! ```

mod body;
mod form;
mod widget;

use std::ops::Range;

use crate::anomaly::AnomalyKind;
use crate::chain::blank;
use crate::document::Document;
use crate::error::PdfError;
use crate::limits::Limits;
use crate::signature;
use crate::update::{Update, hex};
use body::{SignatureBody, byte_range};
use form::{put_form, put_info, put_page};
use widget::put_widget;

/// Room for a signature value beyond this is a mistake.
const MAX_RESERVE: usize = 4 << 20;

/// What a signature shows on the page.
#[derive(Debug, Clone, PartialEq)]
pub struct Appearance {
    /// PDF operators. One unit is 1 mm, the origin is the bottom left corner and y points **up**. It needs no
    /// resources: paths and DeviceRGB colours only.
    pub content: String,
    /// Width of the drawing in mm.
    pub width_mm: f64,
    /// Height of the drawing in mm.
    pub height_mm: f64,
}

/// A signature field to be added and signed.
#[derive(Debug, Clone, PartialEq)]
pub struct SignatureField {
    /// Its name: not empty, without a full stop, unlike all others in the file.
    pub name: String,
    /// Page, from 0.
    pub page: usize,
    /// `[x, y, width, height]` in mm from the **top left** corner of the page's visible area, y down. A width or height
    /// of zero makes the signature invisible.
    pub rect_mm: [f64; 4],
    /// The drawing, scaled to the rectangle. A visible signature without one is an empty box.
    pub appearance: Option<Appearance>,
    /// `Filter`, such as `Adobe.PPKLite`.
    pub filter: String,
    /// `SubFilter`, such as `ETSI.CAdES.detached` or `adbe.pkcs7.detached`.
    pub sub_filter: String,
    /// `Reason`.
    pub reason: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// `Name`: who signs.
    pub signer_name: Option<String>,
    /// `M`: claimed time, Unix seconds UTC.
    pub time: i64,
    /// Bytes reserved for the signature value.
    pub reserve: usize,
    /// DER of an SESeal, for the private key `CNB_SESeal`. It is among the signed bytes.
    pub seal: Option<Vec<u8>>,
    /// Private keys to set in the information dictionary in the same revision. Not those of the standard, which PDF/A
    /// wants equal to the XMP metadata.
    pub info: Vec<(String, String)>,
}

impl SignatureField {
    /// An invisible `adbe.pkcs7.detached` field of this name on the first page, with 16 KiB for its value.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            page: 0,
            rect_mm: [0.0; 4],
            appearance: None,
            filter: "Adobe.PPKLite".to_owned(),
            sub_filter: "adbe.pkcs7.detached".to_owned(),
            reason: None,
            location: None,
            signer_name: None,
            time: 0,
            reserve: 16 << 10,
            seal: None,
            info: Vec::new(),
        }
    }
}

/// Why a file cannot be signed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The file is not readable.
    #[error(transparent)]
    Pdf(#[from] PdfError),
    /// The file is irregular; readers may disagree on what is signed. Write it anew first.
    #[error("the PDF is irregular ({0}); write it anew before signing")]
    Irregular(&'static str),
    /// The page does not exist.
    #[error("there is no page {page}: the file has {pages}")]
    NoSuchPage {
        /// The page asked for, from 0.
        page: usize,
        /// Pages of the file.
        pages: usize,
    },
    /// The page is rotated or has no size, so that millimetres from its top left corner cannot be placed.
    #[error("page {0} is rotated or has no MediaBox")]
    PageGeometry(usize),
    /// The rectangle is not within the visible area of the page: the signature would not be seen, or not whole.
    #[error("the rectangle is not within the visible area of page {0}")]
    OutsidePage(usize),
    /// The rectangle or drawing has a negative, infinite or (drawing) zero size.
    #[error("the rectangle or the size of the appearance is not usable")]
    Rectangle,
    /// The field name is empty or has a full stop in it.
    #[error("a field name must not be empty nor have a full stop in it")]
    FieldName,
    /// A field of this name exists.
    #[error("the file has a field of this name")]
    DuplicateField,
    /// The file is certified with no changes permitted (`DocMDP`, `P` = 1).
    #[error("the file is certified and permits no changes")]
    Certified,
    /// The key is one of the standard, or empty.
    #[error("{0:?} is no private key of the information dictionary")]
    StandardKey(String),
    /// The time is not within the years 1 to 9999.
    #[error("the time {0} is not within the years 1 to 9999")]
    Time(i64),
    /// The room asked for is zero or above 4 MiB.
    #[error("{0} bytes cannot be reserved for a signature value")]
    Reserve(usize),
    /// The signature value does not fit into the room reserved.
    #[error("the signature value has {size} bytes, but {reserved} were reserved; prepare again with more")]
    TooLarge {
        /// Size of the value.
        size: usize,
        /// Bytes reserved.
        reserved: usize,
    },
}

/// A file that lacks nothing but its signature value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToBeSigned {
    /// The whole file, `Contents` all zero.
    pub bytes: Vec<u8>,
    /// The signed parts of `bytes`; between them is the `Contents` token with its delimiters.
    pub ranges: [Range<usize>; 2],
}

impl ToBeSigned {
    /// The message to sign, in two parts.
    pub fn message(&self) -> [&[u8]; 2] {
        let part = |range: &Range<usize>| self.bytes.get(range.clone()).unwrap_or_default();
        [part(&self.ranges[0]), part(&self.ranges[1])]
    }

    /// Bytes reserved for the value.
    pub fn reserved(&self) -> usize {
        let gap = self.ranges[1].start.saturating_sub(self.ranges[0].end);
        gap.saturating_sub(2) / 2
    }

    /// The signed file.
    ///
    /// # Errors
    /// [`SignError::TooLarge`].
    pub fn finish(self, contents: &[u8]) -> Result<Vec<u8>, SignError> {
        let reserved = self.reserved();
        let too_large = SignError::TooLarge {
            size: contents.len(),
            reserved,
        };
        if contents.len() > reserved {
            return Err(too_large);
        }
        let digits = hex(contents);
        let start = self.ranges[0].end + 1;
        let mut bytes = self.bytes;
        bytes
            .get_mut(start..start + digits.len())
            .ok_or(too_large)?
            .copy_from_slice(digits.as_bytes());
        Ok(bytes)
    }
}

/// Appends a revision with an unsigned signature.
///
/// # Errors
/// See [`SignError`]. An encrypted file, one with irregularities or trailing bytes, and a certified one are refused.
pub fn prepare(pdf: &[u8], field: &SignatureField) -> Result<ToBeSigned, SignError> {
    let limits = Limits::default();
    let document = open(pdf, &limits)?;
    check(&document, field)?;
    let revision = document.current();
    let pages = document.pages(revision)?;
    let page = pages.get(field.page).ok_or(SignError::NoSuchPage {
        page: field.page,
        pages: pages.len(),
    })?;
    let mut update = Update::new(&document);
    let value = update.allot();
    let widget = update.allot();
    let body = SignatureBody::new(field)?;
    update.put(value, body.bytes.clone());
    put_widget(&mut update, field, page, widget, value)?;
    put_page(&document, &mut update, page, widget)?;
    put_form(&document, &mut update, widget)?;
    put_info(&document, &mut update, &field.info)?;
    let (mut bytes, bodies) = update.write();
    let base = bodies.get(&value.0).copied().unwrap_or(0);
    let gap = base + body.contents.start..base + body.contents.end;
    let ranges = [0..gap.start, gap.end..bytes.len()];
    let numbers = [gap.start, gap.end, bytes.len() - gap.end];
    let stated = byte_range(&numbers.map(|n| n.to_string()));
    if let Some(room) = bytes.get_mut(base + body.byte_range.start..base + body.byte_range.end) {
        room.copy_from_slice(stated.as_bytes());
    }
    Ok(ToBeSigned { bytes, ranges })
}

/// Sets private keys of the information dictionary in a revision of its own.
///
/// # Errors
/// As [`prepare`]; [`SignError::StandardKey`] for a key that PDF/A wants equal to the XMP metadata.
pub fn write_metadata(pdf: &[u8], keys: &[(String, String)]) -> Result<Vec<u8>, SignError> {
    let limits = Limits::default();
    let document = open(pdf, &limits)?;
    let mut update = Update::new(&document);
    put_info(&document, &mut update, keys)?;
    Ok(update.write().0)
}

fn open<'a>(pdf: &'a [u8], limits: &'a Limits) -> Result<Document<'a>, SignError> {
    let document = Document::open(pdf, limits)?;
    let mut trailers = document.layers.iter().map(|layer| &layer.trailer);
    if trailers.any(|trailer| trailer.find("Encrypt").is_some()) {
        return Err(PdfError::Encrypted.into());
    }
    if let Some(anomaly) = document.anomalies().first() {
        return Err(SignError::Irregular(anomaly.code()));
    }
    let end = document.layers.last().map_or(0, |layer| layer.end);
    if !blank(pdf.get(end..).unwrap_or_default()) {
        return Err(SignError::Irregular(AnomalyKind::TrailingBytes.code()));
    }
    Ok(document)
}

fn check(document: &Document<'_>, field: &SignatureField) -> Result<(), SignError> {
    if field.name.is_empty() || field.name.contains('.') {
        return Err(SignError::FieldName);
    }
    if field.reserve == 0 || field.reserve > MAX_RESERVE {
        return Err(SignError::Reserve(field.reserve));
    }
    let usable = |value: &f64| value.is_finite() && value.abs() < 1e6;
    let [_, _, width, height] = field.rect_mm;
    let drawing = field.appearance.as_ref();
    let sized = drawing.is_none_or(|drawing| {
        let sides = [drawing.width_mm, drawing.height_mm];
        sides.iter().all(|side| usable(side) && *side > 0.0)
    });
    if !field.rect_mm.iter().all(usable) || width < 0.0 || height < 0.0 || !sized {
        return Err(SignError::Rectangle);
    }
    let fields = document.fields(document.current())?;
    let taken = |name: &str| name == field.name || name.starts_with(&format!("{}.", field.name));
    if fields.iter().any(|known| taken(&known.name)) {
        return Err(SignError::DuplicateField);
    }
    let signatures = signature::collect(document)?;
    if signatures.iter().any(|found| found.signature.doc_mdp == Some(1)) {
        return Err(SignError::Certified);
    }
    Ok(())
}
