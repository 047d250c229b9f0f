//! Pages as PDF/A-2b.

use cinnabar_layout::{Pages, PdfMeta};
use cinnabar_licence::Licence;

use crate::IssueError;

pub(super) fn write(licence: &Licence, pages: &Pages, time: i64) -> Result<Vec<u8>, IssueError> {
    let identifier = licence.identifier.to_string();
    let meta = PdfMeta {
        title: super::title(licence),
        author: Some(licence.issuer.name.clone()),
        subject: Some(licence.type_name.clone()),
        keywords: vec![identifier.clone()],
        identifier,
        created: time,
    };
    Ok(pages.pdf_a(&meta)?)
}
