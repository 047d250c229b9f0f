//! What departs from the standard without keeping the package from being read.

/// One departure, named.
///
/// `fatal` means that two readers may take the package for two different documents: nothing that depends on it may
/// be called valid. Anything else is tolerated because real files do it, and is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    /// Stable code, one of the constants of this module.
    pub code: &'static str,
    /// Entry in which it was found.
    pub entry: String,
    /// The names or values it is about.
    pub detail: String,
    /// Whether it makes the package ambiguous.
    pub fatal: bool,
}

/// A code and how it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Stable code.
    pub code: &'static str,
    /// Whether it makes the package ambiguous.
    pub fatal: bool,
}

impl Deviation {
    pub(crate) fn new(kind: Kind, entry: &str, detail: impl Into<String>) -> Self {
        Self {
            code: kind.code,
            entry: entry.to_owned(),
            detail: detail.into(),
            fatal: kind.fatal,
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])+ $name:ident: $fatal:literal;)+) => {
        $($(#[$doc])+ pub const $name: Kind = Kind { code: stringify!($name), fatal: $fatal };)+
        /// Every kind there is.
        pub const ALL: &[Kind] = &[$($name),+];
    };
}

kinds! {
    /// A path differs from the entry's name in case, and only one entry fits.
    PATH_CASE: false;
    /// A path holds backslashes.
    PATH_BACKSLASH: false;
    /// A path holds `//`.
    PATH_DOUBLE_SLASH: false;
    /// A path holds `..` but stays inside the package.
    PATH_PARENT: false;
    /// A path leaves the package.
    PATH_ESCAPE: true;
    /// A path is empty: it leads nowhere.
    PATH_EMPTY: false;
    /// A path names a directory, holds control characters, or is an address outside of the package.
    PATH_UNSAFE: true;
    /// An entry's name is written with backslashes.
    NAME_BACKSLASH: false;
    /// An entry's name is UTF-8 without being marked so.
    NAME_UNMARKED: false;
    /// An XML entry begins with a UTF-8 byte order mark.
    XML_BOM: false;
    /// An XML entry that the shown document uses cannot be read.
    XML_UNREADABLE: true;
    /// An XML entry has a root element other than its role demands.
    XML_ROOT: true;
    /// An element that must be single occurs again.
    DUPLICATE_ELEMENT: true;
    /// An element that matters stands in a namespace that is not OFD's: some readers would take it.
    FOREIGN_NAMESPACE: true;
    /// Comments, instructions or elements split a text that matters.
    SPLIT_TEXT: true;
    /// An element that the standard demands is absent.
    ELEMENT_MISSING: false;
    /// Two pages, templates or signatures have one ID.
    DUPLICATE_ID: true;
    /// A file that is referred to is not in the package.
    MISSING_FILE: false;
    /// One file serves in two roles.
    ROLE_CONFLICT: true;
    /// There are several documents in one package.
    SEVERAL_BODIES: false;
    /// The version marked current has another document root than the document.
    VERSION_ROOT_DIFFERS: false;
    /// `MaxSignId` occurs again.
    DUPLICATE_MAX_SIGN_ID: false;
    /// Two entries of the signature list name one file, or one that has another role.
    SIGNATURE_LISTED_TWICE: true;
    /// The file of a listed signature is not in the package.
    SIGNATURE_MISSING: true;
    /// A signature names no value, or one that is not in the package.
    SIGNED_VALUE_MISSING: true;
    /// A signature protects nothing.
    NO_REFERENCES: true;
    /// A protected file is not in the package.
    REFERENCE_MISSING: true;
    /// One file is protected twice with the same digest.
    DUPLICATE_REFERENCE: false;
    /// One file is protected twice with different digests.
    CONFLICTING_REFERENCE: true;
    /// A signature claims to protect its own description or value.
    SELF_REFERENCE: true;
    /// A digest is not base64.
    CHECK_VALUE_UNREADABLE: true;
    /// A digest has another length than its method gives.
    CHECK_VALUE_LENGTH: true;
    /// A box or a number of a stamp cannot be read; the stamp is left out.
    STAMP_UNREADABLE: false;
    /// A stamp names a page that the document does not have.
    STAMP_PAGE_UNKNOWN: false;
    /// `@Relative` names a signature that is not in the list.
    RELATIVE_UNKNOWN: true;
    /// The page's box cannot be read.
    PAGE_BOX_UNREADABLE: false;
    /// A file of the package is missing from its list of entries (GM/T 0099 `OFDEntries.xml`).
    NOT_IN_ENTRY_LIST: false;
}
