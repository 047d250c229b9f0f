//! Unsealed documents: the same pages and metadata as an OFD package or a PDF/A file.

mod ofd;
mod pdf;

use cinnabar_layout::Pages;
use cinnabar_licence::Licence;

use crate::IssueError;

/// A document that lacks its seal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Draft {
    /// An OFD package, GB/T 33190.
    Ofd(Vec<u8>),
    /// A PDF/A-2b file and the metadata items that its signature will carry.
    Pdf {
        /// The file.
        bytes: Vec<u8>,
        /// The licence's metadata.
        metadata: Vec<(String, String)>,
    },
}

impl Draft {
    /// Writes an OFD package: real text in embedded font subsets, paths, pictures, metadata in `CustomDatas`, and the
    /// map from fields to the objects that show them.
    ///
    /// # Errors
    /// What of the pages OFD cannot express.
    pub fn ofd(licence: &Licence, pages: &Pages) -> Result<Self, IssueError> {
        ofd::write(licence, pages).map(Self::Ofd)
    }

    /// Writes a PDF/A-2b file created at `time` (Unix seconds).
    ///
    /// # Errors
    /// What of the pages PDF/A does not allow.
    pub fn pdf(licence: &Licence, pages: &Pages, time: i64) -> Result<Self, IssueError> {
        let bytes = pdf::write(licence, pages, time)?;
        Ok(Self::Pdf {
            bytes,
            metadata: licence.metadata(),
        })
    }
}

/// Title of a document: what it is and whose.
fn title(licence: &Licence) -> String {
    format!("{} {}", licence.type_name, licence.holder.name)
}
