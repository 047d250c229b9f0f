//! Why a package cannot be read at all.

/// What kept a package from being read: where it is, and what is wrong there.
///
/// Anything milder is a [`Deviation`](crate::Deviation). [`PackageError::is_encrypted`] tells a package that is
/// merely closed to us from one that is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// The bytes do not begin like a ZIP archive.
    #[error("not a ZIP archive: an OFD package begins with the bytes PK 03 04")]
    NotZip,
    /// The archive ends too early; likely a transfer that broke off.
    #[error("the archive is cut short: {what} is incomplete at byte {at}")]
    Truncated {
        /// The structure that is incomplete.
        what: &'static str,
        /// Byte offset in the source.
        at: usize,
    },
    /// A structure of the archive is not what its position demands.
    #[error("the archive is malformed: {what} at byte {at}")]
    BadStructure {
        /// What is wrong.
        what: &'static str,
        /// Byte offset in the source.
        at: usize,
    },
    /// The content is encrypted: nothing is known to be wrong, but nothing can be said either.
    #[error("the package is encrypted ({by}): decrypt it first")]
    Encrypted {
        /// What shows the encryption: an entry's name or a standard's file.
        by: String,
    },
    /// The package as stored is larger than the limit.
    #[error("the package has {found} bytes, the limit is {limit}")]
    PackageTooLarge {
        /// Bytes of the source.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// The directory names more entries than the limit.
    #[error("the package has {found} entries, the limit is {limit}")]
    TooManyEntries {
        /// Entries declared.
        found: u64,
        /// The limit.
        limit: usize,
    },
    /// An entry, or all of them together, inflate to more than the limit.
    #[error("{entry} would bring the inflated size over the limit of {limit} bytes")]
    TooLarge {
        /// The entry at which the limit was passed.
        entry: String,
        /// The limit.
        limit: usize,
    },
    /// An entry inflates far beyond its stored size: a decompression bomb.
    #[error("{entry} inflates to more than {limit} times its stored size")]
    RatioExceeded {
        /// The entry.
        entry: String,
        /// The limit.
        limit: usize,
    },
    /// More of something than its limit allows.
    #[error("{entry} holds more than {limit} {what}")]
    TooMany {
        /// The entry that lists them.
        entry: String,
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Two entries have one name.
    #[error("two entries are named {0}: which of them counts is undefined")]
    DuplicateEntry(String),
    /// Two entries have names that some software takes for one.
    #[error("the entries {0} and {1} are one file to some software: their names differ only in case, form or escapes")]
    AmbiguousName(String, String),
    /// An entry's name leaves the package, or is no name.
    #[error("the entry name {name:?} is not allowed: {reason}")]
    UnsafeName {
        /// The name, with odd bytes replaced.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The local header and the central directory disagree about an entry.
    #[error("{entry}: the local header and the central directory disagree on its {field}")]
    HeaderMismatch {
        /// The entry as the central directory names it.
        entry: String,
        /// The field.
        field: &'static str,
    },
    /// Two entries share bytes.
    #[error("{entry} overlaps the entry before it")]
    Overlap {
        /// The later of the two.
        entry: String,
    },
    /// Bytes precede the first local header.
    #[error("{bytes} bytes precede the first entry")]
    LeadingData {
        /// How many.
        bytes: usize,
    },
    /// Bytes between entries or before the directory belong to nothing.
    #[error("{bytes} bytes at {at} belong to no entry")]
    HiddenData {
        /// Byte offset in the source.
        at: usize,
        /// How many.
        bytes: usize,
    },
    /// Bytes follow the end of the archive.
    #[error("{bytes} bytes follow the end of the archive")]
    TrailingData {
        /// How many.
        bytes: usize,
    },
    /// An entry is a symbolic link or a device.
    #[error("{0} is a symbolic link or a special file")]
    SymbolicLink(String),
    /// The archive uses a ZIP feature outside of what OFD allows.
    #[error("{entry} uses {feature}, which an OFD package may not")]
    Unsupported {
        /// The entry, or the structure.
        entry: String,
        /// The feature.
        feature: &'static str,
    },
    /// An entry does not inflate to what its header promises.
    #[error("{entry} is damaged: {reason}")]
    CorruptEntry {
        /// The entry.
        entry: String,
        /// What does not fit.
        reason: &'static str,
    },
    /// There is no `OFD.xml` at the root: a ZIP archive, but not an OFD package.
    #[error("there is no OFD.xml at the root: this is not an OFD package")]
    MissingOfdXml,
    /// A file that everything depends on is not in the package.
    #[error("{from} refers to {path}, which is not in the package")]
    MissingFile {
        /// The entry that refers to it.
        from: String,
        /// The path it gives.
        path: String,
    },
    /// An element that everything depends on is absent.
    #[error("{entry} has no {element} element in an OFD namespace")]
    MissingElement {
        /// The entry.
        entry: String,
        /// The local name.
        element: &'static str,
    },
    /// An XML entry that everything depends on cannot be parsed.
    #[error("{entry}: {fault}")]
    BadXml {
        /// The entry.
        entry: String,
        /// What is wrong.
        fault: XmlFault,
    },
    /// Templates, composite objects, drawing parameters or signatures refer to themselves.
    #[error("{entry}: {what} refers to itself")]
    Cyclic {
        /// The entry in which the circle was found.
        entry: String,
        /// What closes the circle.
        what: String,
    },
}

impl PackageError {
    /// Tells whether the content is closed to us rather than broken.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        matches!(self, Self::Encrypted { .. })
    }

    /// Gives the stable code for reports.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotZip => "NOT_ZIP",
            Self::Truncated { .. } => "TRUNCATED",
            Self::BadStructure { .. } => "BAD_STRUCTURE",
            Self::Encrypted { .. } => "ENCRYPTED",
            Self::PackageTooLarge { .. } => "PACKAGE_TOO_LARGE",
            Self::TooManyEntries { .. } => "TOO_MANY_ENTRIES",
            Self::TooLarge { .. } => "TOO_LARGE",
            Self::RatioExceeded { .. } => "RATIO_EXCEEDED",
            Self::TooMany { .. } => "TOO_MANY",
            Self::DuplicateEntry(_) => "DUPLICATE_ENTRY",
            Self::AmbiguousName(..) => "AMBIGUOUS_NAME",
            Self::UnsafeName { .. } => "UNSAFE_NAME",
            Self::HeaderMismatch { .. } => "HEADER_MISMATCH",
            Self::Overlap { .. } => "OVERLAP",
            Self::LeadingData { .. } => "LEADING_DATA",
            Self::HiddenData { .. } => "HIDDEN_DATA",
            Self::TrailingData { .. } => "TRAILING_DATA",
            Self::SymbolicLink(_) => "SYMBOLIC_LINK",
            Self::Unsupported { .. } => "UNSUPPORTED",
            Self::CorruptEntry { .. } => "CORRUPT_ENTRY",
            Self::MissingOfdXml => "MISSING_OFD_XML",
            Self::MissingFile { .. } => "MISSING_FILE",
            Self::MissingElement { .. } => "MISSING_ELEMENT",
            Self::BadXml { .. } => "BAD_XML",
            Self::Cyclic { .. } => "CYCLIC",
        }
    }
}

/// Why an XML entry is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum XmlFault {
    /// A document type declaration, and with it entities, are never read.
    #[error("a document type declaration is not allowed")]
    Dtd,
    /// The encoding is not UTF-8, by mark, declaration or content.
    #[error("the encoding is {0}, only UTF-8 is allowed")]
    Encoding(String),
    /// The entry is larger than an XML entry may be.
    #[error("it has {found} bytes, the limit is {limit}")]
    TooLarge {
        /// Bytes found.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// Elements nest deeper than the limit.
    #[error("elements nest deeper than {limit}")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// An element has more attributes, or more namespaces in scope, than the limit.
    #[error("an element has more than {limit} {what}")]
    TooMany {
        /// Attributes or namespaces.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The text is not well-formed.
    #[error("not well-formed: {0}")]
    Malformed(String),
}
