//! What is wrong with a file or with one of its signatures, by name.

/// One irregularity, with a stable code.
///
/// No anomaly is compatible with trust in what a viewer shows: a verifier should let none of them pass.
/// The [`fatal`](Anomaly::fatal) ones mean that a signature does not protect a revision at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anomaly {
    /// Its kind.
    pub kind: AnomalyKind,
    /// Where, in words for a report. Holds no text of the document.
    pub detail: String,
}

impl Anomaly {
    pub(crate) fn new(kind: AnomalyKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }

    /// The stable code, such as `GAP_MISMATCH`.
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// The signature it was found on cannot be valid, whatever the arithmetic says.
    pub fn fatal(&self) -> bool {
        self.kind.fatal()
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $code:literal $fatal:literal,)*) => {
        /// The kinds of irregularity.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum AnomalyKind { $($(#[$doc])* $name,)* }

        impl AnomalyKind {
            /// The stable code.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// See [`Anomaly::fatal`].
            pub fn fatal(self) -> bool {
                match self { $(Self::$name => $fatal,)* }
            }
        }
    };
}

kinds! {
    /// File: the last `startxref` leads nowhere; an earlier revision was taken, what follows it is trailing.
    XrefDamaged "XREF_DAMAGED" false,
    /// File: bytes other than white space after the last recognised revision.
    TrailingBytes "TRAILING_BYTES" false,
    /// File: bytes before the `%PDF-` header.
    LeadingBytes "LEADING_BYTES" false,
    /// File: a cross-reference section is not directly followed by its own `startxref … %%EOF`.
    XrefMisplaced "XREF_MISPLACED" false,
    /// File: a complete revision that the `Prev` chain passes over.
    HiddenRevision "HIDDEN_REVISION" false,
    /// File: revisions do not follow each other in the file as they do in the chain.
    RevisionOrder "REVISION_ORDER" false,
    /// File: a cross-reference entry does not lead to the object it names.
    XrefEntryWrong "XREF_ENTRY_WRONG" false,
    /// File: one cross-reference section names an object twice, at two places.
    DuplicateEntry "DUPLICATE_ENTRY" false,
    /// File: a dictionary names a key twice. Fatal in a signature dictionary.
    DuplicateKey "DUPLICATE_KEY" false,
    /// File: bytes of a revision after a signed one belong to nothing that its cross-reference section lists.
    HiddenBytes "HIDDEN_BYTES" false,
    /// File: a table and the stream of its `XRefStm` place an object differently: readers differ in which they take.
    HybridConflict "HYBRID_CONFLICT" false,
    /// File: `Size` of a revision after a signed one shrinks or leaves out objects.
    SizeWrong "SIZE_WRONG" false,
    /// File: the `Length` of a stream is wrong.
    StreamLength "STREAM_LENGTH" false,
    /// File: an object is not parseable.
    ObjectDamaged "OBJECT_DAMAGED" false,
    /// File: the page tree or form of an earlier revision is not readable.
    RevisionUnreadable "REVISION_UNREADABLE" false,
    /// Signature: there is no `ByteRange`.
    ByteRangeMissing "BYTE_RANGE_MISSING" true,
    /// Signature: `ByteRange` is not four non-negative integers of which the first is 0.
    ByteRangeMalformed "BYTE_RANGE_MALFORMED" true,
    /// Signature: the two ranges overlap or touch.
    ByteRangeOverlap "BYTE_RANGE_OVERLAP" true,
    /// Signature: the ranges reach beyond the end of the file.
    ByteRangeOutside "BYTE_RANGE_OUTSIDE" true,
    /// Signature: the ranges do not end at the end of a revision.
    ByteRangeNotRevisionEnd "BYTE_RANGE_NOT_REVISION_END" true,
    /// Signature: what the ranges leave out is not this dictionary's own `Contents`.
    GapMismatch "GAP_MISMATCH" true,
    /// Signature: the dictionary is not part of the revision that its ranges end with.
    NotInSignedRevision "NOT_IN_SIGNED_REVISION" true,
    /// Signature: there is no `Contents`, or it is no string.
    ContentsMissing "CONTENTS_MISSING" true,
    /// Signature: `Contents` is empty or all zero.
    ContentsEmpty "CONTENTS_EMPTY" true,
    /// Signature: `Contents` is not a clean hexadecimal string.
    ContentsMalformed "CONTENTS_MALFORMED" true,
    /// Signature: the dictionary names a key twice.
    SignatureDuplicateKey "SIGNATURE_DUPLICATE_KEY" true,
    /// Signature: the ranges leave out the hexadecimal digits only; `<` and `>` are signed with the rest.
    DelimitersSigned "DELIMITERS_SIGNED" false,
    /// Signature: a later revision changed the signature dictionary.
    DictionaryChanged "DICTIONARY_CHANGED" false,
    /// Signature: the current revision no longer has it.
    SignatureRemoved "SIGNATURE_REMOVED" false,
    /// Signature: no form field leads to it, only `Perms/DocMDP` does.
    NotInForm "NOT_IN_FORM" false,
    /// Signature: the `CNB_SESeal` key holds no clean hexadecimal strings.
    SealMalformed "SEAL_MALFORMED" true,
}
