use typst::foundations::Smart;
use typst::utils::Scalar;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};
use typst_render::RenderOptions;

use crate::compose::datetime;
use crate::data::within;
use crate::{Diagnostic, LayoutError, Pages};

/// What a PDF says about itself. The same pages and the same values give the same bytes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PdfMeta {
    /// Title.
    pub title: String,
    /// Author: the issuing authority.
    pub author: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// Key words.
    pub keywords: Vec<String>,
    /// What the document identifier is derived from: the licence identifier and version.
    pub identifier: String,
    /// Creation time, Unix seconds UTC.
    pub created: i64,
}

impl Pages {
    /// Writes all pages as PDF/A-2b (ISO 19005-2): fonts embedded, output intent, XMP metadata.
    ///
    /// # Errors
    /// [`LayoutError::Pdf`] when the standard forbids something on the pages, [`LayoutError::Date`] for an impossible
    /// creation time.
    pub fn pdf_a(&self, meta: &PdfMeta) -> Result<Vec<u8>, LayoutError> {
        let mut document = self.document.clone();
        let info = document.info_mut();
        info.title = Some(meta.title.as_str().into());
        info.author = meta.author.iter().map(|author| author.as_str().into()).collect();
        info.description = meta.subject.as_deref().map(Into::into);
        info.keywords = meta.keywords.iter().map(|word| word.as_str().into()).collect();
        info.date = Smart::Auto;
        let standards = PdfStandards::new(&[PdfStandard::A_2b]).map_err(|refused| {
            let message = refused.message().to_string();
            LayoutError::Pdf(vec![Diagnostic {
                file: None,
                line: None,
                column: None,
                message,
                hints: Vec::new(),
            }])
        })?;
        let options = PdfOptions {
            ident: Smart::Custom(meta.identifier.clone()),
            creator: Smart::Custom(Some("Cinnabar".into())),
            timestamp: Some(Timestamp::new_utc(datetime(meta.created)?)),
            standards,
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&document, &options).map_err(|errors| {
            let refused = errors.iter().map(|error| Diagnostic {
                file: None,
                line: None,
                column: None,
                message: error.message.to_string(),
                hints: error.hints.iter().map(|hint| hint.v.to_string()).collect(),
            });
            LayoutError::Pdf(refused.collect())
        })
    }

    /// Renders one page (from 0) as an opaque PNG preview.
    ///
    /// # Errors
    /// When there is no such page, or the picture would exceed [`Limits::max_png_pixels`](crate::Limits).
    pub fn png(&self, page: usize, dpi: f64) -> Result<Vec<u8>, LayoutError> {
        let pages = self.document.pages();
        let frame = pages.get(page).ok_or(LayoutError::NoSuchPage {
            page,
            pages: pages.len(),
        })?;
        let pixel_per_pt = if dpi.is_finite() { dpi.max(1.0) / 72.0 } else { f64::MAX };
        let size = frame.frame.size();
        let pixels = size.x.to_pt() * pixel_per_pt * size.y.to_pt() * pixel_per_pt;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        within("max_png_pixels", None, pixels as u64, self.max_png_pixels)?;
        let options = RenderOptions {
            pixel_per_pt: Scalar::new(pixel_per_pt),
            render_bleed: false,
        };
        let pixmap = typst_render::render(frame, &options);
        let rgb: Vec<u8> = pixmap.data().chunks_exact(4).flat_map(over_white).collect();
        encode_rgb(&rgb, pixmap.width(), pixmap.height())
    }
}

/// Puts a pixel with premultiplied alpha on white.
fn over_white(pixel: &[u8]) -> [u8; 3] {
    let [r, g, b, a] = *pixel else { return [255; 3] };
    [r, g, b].map(|part| part.saturating_add(255 - a))
}

pub(crate) fn encode_rgb(rgb: &[u8], width: u32, height: u32) -> Result<Vec<u8>, LayoutError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rgb)?;
    writer.finish()?;
    Ok(file)
}
