//! What [`read`](crate::read) tells of a file.

use std::ops::Range;

use crate::anomaly::Anomaly;
use crate::object::ObjectId;

/// A PDF file as evidence: its revisions, its signatures and what happened after each of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Pdf {
    /// Oldest first.
    pub revisions: Vec<Revision>,
    /// The trailer names an encryption dictionary. Nothing else is read then: there are no pages and no signatures.
    pub encrypted: bool,
    /// Pages of the current revision.
    pub pages: usize,
    /// In order of signing; those of unknown revision last.
    pub signatures: Vec<Signature>,
    /// Bytes after the last recognised revision, if they are not all white space.
    pub trailing: Option<Range<usize>>,
    /// Irregularities of the file; those of a signature are with it.
    pub anomalies: Vec<Anomaly>,
    /// Of the revision that the first signature covers, or the current one of a file without a signature:
    /// `dc:title` of the XMP metadata, else `Title` of the information dictionary.
    pub title: Option<String>,
    /// Of the same revision as the title: private keys of the information dictionary, then private simple properties of the XMP metadata (local names).
    pub metadata: Vec<(String, String)>,
}

/// One revision of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Just after `%%EOF` and the end of line that may follow it.
    pub end: usize,
    /// Just after `%%EOF`.
    pub eof: usize,
    /// Offset of the cross-reference section that its `startxref` names.
    pub startxref: usize,
    /// Pages; `None` if its page tree is not readable.
    pub pages: Option<usize>,
}

/// A signature or a document time stamp.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    /// Fully qualified name of its form field; empty if it has none.
    pub field_name: String,
    /// What it is.
    pub kind: Kind,
    /// `Filter`; empty if absent.
    pub filter: String,
    /// `SubFilter`; empty if absent.
    pub sub_filter: String,
    /// `ByteRange` as stated.
    pub byte_range: Option<[u64; 4]>,
    /// `Contents`, decoded, with its padding.
    pub contents: Vec<u8>,
    /// The signed bytes; empty unless `ByteRange` lies within the file and its parts do not overlap.
    pub signed_ranges: Vec<Range<usize>>,
    /// Index of the revision that the signed bytes end with.
    pub revision: Option<usize>,
    /// What the signed bytes cover.
    pub covers: Coverage,
    /// `M`: the time its maker claims, as written (`D:20260101120000+08'00'`).
    pub claimed_time: Option<String>,
    /// `Reason`.
    pub reason: Option<String>,
    /// `Name`.
    pub name: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// Changes that a certification permits (`DocMDP`, `P` = 1, 2 or 3).
    pub doc_mdp: Option<u8>,
    /// The seal in the private key `CNB_SESeal`: DER of an SESeal, from one hexadecimal string or an array of them.
    pub seal: Option<Vec<u8>>,
    /// Where it shows; `None` if it has no visible widget.
    pub visible: Option<Visible>,
    /// What is wrong with it.
    pub anomalies: Vec<Anomaly>,
    /// Every difference that later revisions make.
    pub changes: Vec<Change>,
}

impl Signature {
    /// Whether any anomaly means that it protects nothing.
    pub fn fatal(&self) -> bool {
        self.anomalies.iter().any(Anomaly::fatal)
    }
}

/// What a signature is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A signature of a person or an organisation.
    Signature,
    /// A document time stamp (ISO 32000-2, 12.8.5).
    DocTimeStamp,
}

/// What signed bytes cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// Everything but its own `Contents` and white space at the end of the file.
    WholeFile,
    /// All revisions up to this one, which is followed by more.
    Revision(usize),
    /// They do not end where a revision ends.
    NotARevisionEnd,
    /// There is no usable `ByteRange`.
    Nothing,
}

/// Where a signature shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Visible {
    /// Page, from 0.
    pub page: usize,
    /// `[left, bottom, right, top]` in points of the page's user space.
    pub rect: [f64; 4],
}

/// One difference between a revision and the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The revision that makes it.
    pub revision: usize,
    /// What it is.
    pub kind: ChangeKind,
    /// The object that differs; `(0, 0)` for the trailer.
    pub object: ObjectId,
    /// What differs, in words. Holds no text of the document.
    pub detail: String,
}

impl Change {
    /// See [`ChangeKind::allowed_by_default`].
    pub fn allowed_by_default(&self) -> bool {
        self.kind.allowed_by_default()
    }
}

/// What a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ChangeKind {
    /// Part of adding a signature that covers the revision which adds it.
    Signature,
    /// Part of adding a document time stamp.
    DocTimeStamp,
    /// Validation material in the document security store.
    Dss,
    /// `ModDate`, `Producer` or XMP metadata that the adding of a signature rewrote, with title and private
    /// properties as they were.
    SigningMetadata,
    /// A new object that nothing refers to. A later revision that does is a change of its own.
    Unreferenced,
    /// A later signature that shows on a page. It may cover what was signed, so nobody but a human can let it pass.
    VisibleSignature,
    /// Any other change of metadata.
    Metadata,
    /// A form field or its widget.
    FormFill,
    /// An annotation.
    Annotation,
    /// Anything else.
    Content,
}

impl ChangeKind {
    /// Whether a signed document may go through it and still be what was signed.
    pub fn allowed_by_default(self) -> bool {
        matches!(
            self,
            Self::Signature | Self::DocTimeStamp | Self::Dss | Self::SigningMetadata | Self::Unreferenced
        )
    }
}
