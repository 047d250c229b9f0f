//! Composes a licence's face: its type's template, its data, and the code to scan.

use cinnabar_layout::{Fonts, Pages, Template, compose};
use cinnabar_licence::Licence;
use cinnabar_licence::types::LicenceType;
use fast_qr::{ECL, QRBuilder};
use serde_json::{Value, json};

use crate::IssueError;

/// Composes the face once; every form of the licence is written from these pages.
///
/// The QR code on the face holds the identifier.
///
/// # Errors
/// [`IssueError::Layout`]: a character without glyph names the field; templates report line and column.
/// [`IssueError::NoSealAnchor`] when the template has no place for the seal.
pub fn compose_face(licence: &Licence, kind: &LicenceType, fonts: &Fonts, time: i64) -> Result<Pages, IssueError> {
    let template = Template::load(&kind.folder)?;
    let mut data = licence.face_data();
    if let Value::Object(data) = &mut data {
        data.insert("qr".to_owned(), qr_rows(&licence.identifier.to_string())?);
    }
    let pages = compose(&template, fonts, data.to_string().as_bytes(), time)?;
    if pages.seal_anchor().is_none() {
        return Err(IssueError::NoSealAnchor {
            template: kind.face_path(),
        });
    }
    Ok(pages)
}

/// The modules of a QR code, one text of `0` and `1` a row.
fn qr_rows(text: &str) -> Result<Value, IssueError> {
    let code = QRBuilder::new(text)
        .ecl(ECL::M)
        .build()
        .map_err(|_| IssueError::QrCode { bytes: text.len() })?;
    let row = |y: usize| {
        (0..code.size)
            .map(|x| if code[y][x].value() { '1' } else { '0' })
            .collect::<String>()
    };
    Ok(json!((0..code.size).map(row).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_qr_code_is_square_and_has_its_finder_patterns() {
        let rows = qr_rows("1.2.156.3005.2.11100000MB0143028R001.11990100MB0C0001XH.A.001.1").unwrap();
        let rows: Vec<&str> = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row.as_str().unwrap())
            .collect();
        assert!(rows.iter().all(|row| row.len() == rows.len()));
        assert!(rows[0].starts_with("1111111") && rows[0].ends_with("1111111"));
    }
}
