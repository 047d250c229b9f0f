//! Makes seal files: draws the picture, asks the seal maker's key, writes the SESeal.

use cinnabar_keys::Signer;
use cinnabar_pki::certificate::Certificate;
use cinnabar_seal::artwork::{self, Artwork, SealFace};
use cinnabar_seal::make::SealRequest;
use cinnabar_seal::{Limits, Picture, parse_seal};

use crate::credentials::seal_is_intact;
use crate::{IssueError, allotment};

/// Resolution of the picture inside a seal: 992 pixels across 42 mm.
pub const PICTURE_DPI: u32 = 600;
/// Where a seal is drawn with when no font is configured (Debian package `fonts-noto-cjk`).
pub const DEFAULT_SEAL_FONT: &str = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc";
/// The vendor in the header of seals made here.
const VENDOR: &str = "CINNABAR";
/// `property.type` of an organisation's seal.
const ORGANISATION: u64 = 1;

/// What a new seal shall be.
#[derive(Debug, Clone, PartialEq)]
pub struct SealOrder {
    /// The organisation, as it stands on the ring.
    pub organisation: String,
    /// Text under the star, such as `婚姻登记专用章`.
    pub bottom_text: Option<String>,
    /// Outer diameter in mm.
    pub diameter_mm: u32,
    /// Number of the seal; drawn at random when absent.
    pub es_id: Option<String>,
    /// DER certificates of those who may use the seal.
    pub certificates: Vec<Vec<u8>>,
    /// Made at, Unix seconds.
    pub created: i64,
    /// First second of its validity.
    pub valid_from: i64,
    /// Last second of its validity.
    pub valid_to: i64,
}

impl SealOrder {
    /// Name of the seal: the organisation and what the seal is for.
    pub fn name(&self) -> String {
        format!(
            "{}{}",
            self.organisation,
            self.bottom_text.as_deref().unwrap_or_default()
        )
    }

    /// Draws the picture, has the seal maker sign, and gives the SESeal in DER. The result was read back and its
    /// signature verified.
    ///
    /// # Errors
    /// A picture that cannot be drawn, a maker's certificate for another key, a key that does not sign.
    pub fn make(&self, font: &[u8], maker: &dyn Signer, maker_certificate: &[u8]) -> Result<Vec<u8>, IssueError> {
        let certificate = Certificate::parse(maker_certificate)
            .map_err(|source| crate::CredentialsError::Certificate { index: 1, source })?;
        if certificate.spki_raw() != maker.info().spki {
            let (subject, key) = (certificate.subject_text(), maker.info().uri.clone());
            return Err(crate::CredentialsError::OtherKey { subject, key }.into());
        }
        let art = draw(
            &self.organisation,
            self.bottom_text.as_deref(),
            f64::from(self.diameter_mm),
            font,
        )?;
        let picture = Picture {
            kind: "PNG".to_owned(),
            data: art.png(PICTURE_DPI),
            width_mm: self.diameter_mm,
            height_mm: self.diameter_mm,
        };
        let es_id = match &self.es_id {
            Some(es_id) => es_id.clone(),
            None => allotment::seal_digits()?,
        };
        let info = SealRequest {
            name: self.name(),
            es_id,
            vid: VENDOR.to_owned(),
            kind: ORGANISATION,
            certificates: self.certificates.clone(),
            created: self.created,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            picture,
        }
        .to_be_signed()?;
        let signature = maker.sign(&info)?;
        let seal = SealRequest::finish(&info, maker_certificate, maker.info().algorithm.oid(), &signature)?;
        let parsed = parse_seal(&seal, &Limits::default()).map_err(crate::CredentialsError::Seal)?;
        if !seal_is_intact(&parsed) {
            return Err(crate::CredentialsError::SealBroken { seal: parsed.name }.into());
        }
        Ok(seal)
    }
}

/// Draws a seal with a font's simplified Chinese serif face, or its first face.
pub(crate) fn draw(
    organisation: &str,
    bottom: Option<&str>,
    diameter_mm: f64,
    font: &[u8],
) -> Result<Artwork, IssueError> {
    let index = artwork::face_index(font, "Noto Serif CJK SC").unwrap_or(0);
    let face = SealFace {
        diameter_mm,
        bottom_text: bottom.map(str::to_owned),
        ..SealFace::new(organisation)
    };
    Ok(artwork::draw(&face, font, index)?)
}
