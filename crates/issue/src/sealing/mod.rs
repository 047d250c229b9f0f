//! Sealing in phases: prepare → sign → finish.
//!
//! ```text
//! Draft + Credentials ──prepare──▶ Pending ── message() ──▶ any Signer ── value ──▶ finish ──▶ sealed document
//!                                                                                     │
//!                                                              read back, every digest and signature recomputed
//! ```

mod check;
mod ofd;
mod pdf;

use cinnabar_keys::Signer;
use cinnabar_layout::SealAnchor;

use crate::draft::Draft;
use crate::impression::Impression;
use crate::{Credentials, IssueError};

/// Where and when a document is sealed.
#[derive(Debug, Clone)]
pub struct Placement<'a> {
    /// Where the centre of the seal goes.
    pub anchor: &'a SealAnchor,
    /// What the seal looks like.
    pub impression: &'a Impression,
    /// The claimed signing time, Unix seconds.
    pub time: i64,
}

impl Placement<'_> {
    /// The seal's box: x, y, width, height in mm from the page's top left.
    fn boundary(&self) -> [f64; 4] {
        let (width, height) = (self.impression.width_mm, self.impression.height_mm);
        [
            self.anchor.x_mm - width / 2.0,
            self.anchor.y_mm - height / 2.0,
            width,
            height,
        ]
    }
}

/// A document that lacks only its signature value.
#[derive(Debug, Clone)]
pub struct Pending {
    credentials: Credentials,
    form: Form,
}

#[derive(Debug, Clone)]
enum Form {
    Ofd(ofd::Pending),
    Pdf(Box<pdf::Pending>),
}

/// Puts everything of the seal but the signature value into a draft.
///
/// # Errors
/// Credentials that are not valid at the time; an OFD draft with an RSA key; a draft that cannot be extended.
pub fn prepare(draft: &Draft, credentials: &Credentials, placement: &Placement<'_>) -> Result<Pending, IssueError> {
    credentials.check_time(placement.time)?;
    let form = match draft {
        Draft::Ofd(bytes) => Form::Ofd(ofd::prepare(bytes, credentials, placement)?),
        Draft::Pdf { bytes, metadata } => Form::Pdf(Box::new(pdf::prepare(bytes, metadata, credentials, placement)?)),
    };
    Ok(Pending {
        credentials: credentials.clone(),
        form,
    })
}

impl Pending {
    /// The message to sign; hashing it, and Z for SM2, are the signer's job.
    pub fn message(&self) -> &[u8] {
        match &self.form {
            Form::Ofd(pending) => pending.message(),
            Form::Pdf(pending) => pending.message(),
        }
    }

    /// Embeds the signature value, reads the document back and verifies every digest and signature in it.
    ///
    /// # Errors
    /// [`IssueError::Withheld`] when the document does not verify, for example because the value was made by another key.
    pub fn finish(self, signature: &[u8]) -> Result<Vec<u8>, IssueError> {
        let credentials = &self.credentials;
        match self.form {
            Form::Ofd(pending) => {
                let document = pending.finish(signature, credentials)?;
                check::ofd(&document, credentials).map(|()| document)
            }
            Form::Pdf(pending) => {
                let document = pending.finish(signature)?;
                check::pdf(&document, credentials).map(|()| document)
            }
        }
    }
}

/// Seals a draft with a key at hand: all phases in one call.
///
/// # Errors
/// Those of [`prepare`], of the key, and of [`Pending::finish`].
pub fn seal(
    draft: &Draft,
    credentials: &Credentials,
    placement: &Placement<'_>,
    signer: &dyn Signer,
) -> Result<Vec<u8>, IssueError> {
    let pending = prepare(draft, credentials, placement)?;
    let signature = signer.sign(pending.message())?;
    pending.finish(&signature)
}
