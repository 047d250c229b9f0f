//! Pictures to look at: the pages as PNG with the seal laid over. They prove nothing and are not signed.

use cinnabar_layout::{Pages, SealAnchor};

use crate::IssueError;
use crate::impression::Impression;
use crate::raster::Raster;

/// Renders every page, with the seal where it will stand.
///
/// # Errors
/// Pages too large for a picture at this resolution.
pub fn preview(
    pages: &Pages,
    anchor: &SealAnchor,
    impression: Option<&Impression>,
    dpi: u32,
) -> Result<Vec<Vec<u8>>, IssueError> {
    let mut pictures = Vec::with_capacity(pages.pages.len());
    for index in 0..pages.pages.len() {
        let plain = pages.png(index, f64::from(dpi))?;
        let sealed = impression.filter(|_| index == anchor.page);
        pictures.push(match sealed {
            Some(impression) => stamped(&plain, anchor, impression, dpi)?,
            None => plain,
        });
    }
    Ok(pictures)
}

fn stamped(page: &[u8], anchor: &SealAnchor, impression: &Impression, dpi: u32) -> Result<Vec<u8>, IssueError> {
    let mut page = Raster::from_png(page)?;
    let seal = impression.raster(dpi)?;
    let pixels = |mm: f64| (mm * f64::from(dpi) / 25.4).round();
    #[allow(clippy::cast_possible_truncation)]
    let (left, top) = (
        pixels(anchor.x_mm - impression.width_mm / 2.0) as i64,
        pixels(anchor.y_mm - impression.height_mm / 2.0) as i64,
    );
    page.stamp(&seal, left, top);
    page.to_png(dpi)
}
