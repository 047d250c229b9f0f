//! What reading a file may cost.

/// Bounds on what [`read`](crate::read) does with an untrusted file. Exceeding one is
/// [`PdfError::LimitExceeded`](crate::PdfError::LimitExceeded), never a partial answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file in bytes.
    pub max_file_bytes: usize,
    /// Cross-reference sections in the `Prev` chain.
    pub max_sections: usize,
    /// Cross-reference entries of all sections together.
    pub max_entries: usize,
    /// Nesting of arrays and dictionaries in one object.
    pub max_depth: usize,
    /// Values in one object, arrays and dictionaries included.
    pub max_items: usize,
    /// Bytes one stream may inflate to.
    pub max_stream_bytes: usize,
    /// Bytes all inflated streams may come to.
    pub max_inflated_bytes: usize,
    /// Work in all: bytes of source the object parser walks over, and look-ups at 8 bytes each. Guards against
    /// overlapping objects and long chains.
    pub max_parsed_bytes: usize,
    /// Pages of one revision.
    pub max_pages: usize,
    /// Form fields of one revision.
    pub max_fields: usize,
    /// Signatures of the whole file.
    pub max_signatures: usize,
    /// Changes reported for one revision; the last one then says that there are more.
    pub max_changes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_file_bytes: 512 << 20,
            max_sections: 256,
            max_entries: 2_000_000,
            max_depth: 64,
            max_items: 500_000,
            max_stream_bytes: 64 << 20,
            max_inflated_bytes: 256 << 20,
            max_parsed_bytes: 256 << 20,
            max_pages: 50_000,
            max_fields: 20_000,
            max_signatures: 64,
            max_changes: 200,
        }
    }
}
