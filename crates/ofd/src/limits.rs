//! The bounds a reader keeps, in one place.

/// Bounds on what reading one package may cost.
///
/// Every bound is checked before the work it bounds: sizes before inflating, depth before parsing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole package as stored (256 MiB).
    pub max_package_bytes: usize,
    /// Entries of the central directory, directories included (16 384).
    pub max_entries: usize,
    /// Bytes of one inflated entry (128 MiB).
    pub max_entry_bytes: usize,
    /// Bytes of all inflated entries together (512 MiB).
    pub max_total_bytes: usize,
    /// Inflated size divided by stored size, for entries above [`Limits::ratio_floor_bytes`] (200).
    pub max_ratio: usize,
    /// Entries up to this inflated size are exempt from the ratio: short repetitive XML packs very well (1 MiB).
    pub ratio_floor_bytes: usize,
    /// Bytes of an entry's name (1 024).
    pub max_name_bytes: usize,
    /// Bytes of an XML entry that is parsed (32 MiB).
    pub max_xml_bytes: usize,
    /// Nesting of elements (256).
    pub max_xml_depth: usize,
    /// Attributes of one element (128): the parser compares each with each.
    pub max_xml_attributes: usize,
    /// Namespace declarations of an element and all it stands in (32): the parser copies them to each element.
    pub max_xml_namespaces: usize,
    /// Nodes (elements, texts, comments) of one XML entry (1 000 000).
    pub max_xml_nodes: u32,
    /// `DocBody` elements (16).
    pub max_bodies: usize,
    /// Pages of one document, and templates (each 20 000).
    pub max_pages: usize,
    /// Signatures of one document (256).
    pub max_signatures: usize,
    /// `Reference` elements of one signature, and files of one version (each 65 536).
    pub max_references: usize,
    /// Deviations kept for one document; past it reading stops (4 096).
    pub max_deviations: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_package_bytes: 256 << 20,
            max_entries: 16_384,
            max_entry_bytes: 128 << 20,
            max_total_bytes: 512 << 20,
            max_ratio: 200,
            ratio_floor_bytes: 1 << 20,
            max_name_bytes: 1024,
            max_xml_bytes: 32 << 20,
            max_xml_depth: 256,
            max_xml_attributes: 128,
            max_xml_namespaces: 32,
            max_xml_nodes: 1_000_000,
            max_bodies: 16,
            max_pages: 20_000,
            max_signatures: 256,
            max_references: 65_536,
            max_deviations: 4096,
        }
    }
}
