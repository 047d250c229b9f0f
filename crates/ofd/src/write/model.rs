//! The document model for writing: pages of placed text, paths and pictures.
//!
//! Lengths are millimetres, the origin is a page's top left corner, y grows downwards.

/// A document to be written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// 32 hex digits.
    pub doc_id: String,
    /// Shown as the window's title.
    pub title: String,
    /// The software that makes the document.
    pub creator: String,
    /// `YYYY-MM-DD`.
    pub creation_date: String,
    /// Metadata as name and text, written in this order.
    pub custom_data: Vec<(String, String)>,
    /// Fonts, each embedded whole: give subsets.
    pub fonts: Vec<Font>,
    /// Pictures.
    pub images: Vec<Image>,
    /// Pages, at least one.
    pub pages: Vec<Page>,
    /// Which objects show which field. Objects that carry a [`TextObject::name`] need no entry here.
    pub field_tags: Vec<FieldTag>,
    /// Files carried along.
    pub attachments: Vec<Attachment>,
}

impl Document {
    /// Starts a document without pages.
    #[must_use]
    pub fn new(doc_id: &str, title: &str, creation_date: &str) -> Self {
        Self {
            doc_id: doc_id.to_owned(),
            title: title.to_owned(),
            creator: "Cinnabar".to_owned(),
            creation_date: creation_date.to_owned(),
            ..Self::default()
        }
    }
}

/// A font file and the names by which readers show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Font {
    /// What [`TextObject::font`] refers to. The ID in the file is allotted by the writer.
    pub id: u32,
    /// PostScript or full name.
    pub name: String,
    /// Family name.
    pub family: String,
    /// A standalone OpenType or TrueType font (not a collection).
    pub data: Vec<u8>,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// What [`ImageObject::image`] refers to. The ID in the file is allotted by the writer.
    pub id: u32,
    /// How it is coded.
    pub format: ImageFormat,
    /// The coded picture.
    pub data: Vec<u8>,
}

/// How a picture is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageFormat {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// Width in mm.
    pub width_mm: f64,
    /// Height in mm.
    pub height_mm: f64,
    /// What is drawn, from back to front.
    pub objects: Vec<Object>,
}

/// Something drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// A run of text.
    Text(TextObject),
    /// Filled or stroked outlines.
    Path(PathObject),
    /// A picture.
    Image(ImageObject),
}

/// A run of text in one font, size and colour.
#[derive(Debug, Clone, PartialEq)]
pub struct TextObject {
    /// [`Font::id`].
    pub font: u32,
    /// Size of the em in mm.
    pub size_mm: f64,
    /// Red, green, blue, alpha.
    pub fill: [u8; 4],
    /// Takes the coordinates below to the page: x' = a x + c y + e, y' = b x + d y + f. None: they are the page's.
    pub transform: Option<[f64; 6]>,
    /// Start of the baseline, mm.
    pub x: f64,
    /// The baseline, mm.
    pub y: f64,
    /// The text. A code starts where the deltas of those before it end.
    pub codes: Vec<TextCode>,
    /// Glyph indices in the font file, normally one for each character of all codes. Empty: the font's own mapping.
    pub glyphs: Vec<u16>,
    /// The field that this text shows; objects of one name are one field.
    pub name: Option<String>,
}

/// Characters and the steps between them.
#[derive(Debug, Clone, PartialEq)]
pub struct TextCode {
    /// Unicode text.
    pub text: String,
    /// Advance in x after each character, mm. The one after the last character may be left out; it places what
    /// follows and bounds the box.
    pub delta_x: Vec<f64>,
    /// Advance in y after each character, mm; empty for none.
    pub delta_y: Vec<f64>,
}

/// Outlines.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PathObject {
    /// The outlines, starting with a move.
    pub commands: Vec<PathCommand>,
    /// Fill colour.
    pub fill: Option<[u8; 4]>,
    /// Line colour.
    pub stroke: Option<[u8; 4]>,
    /// Line width in mm, before the transform.
    pub line_width: f64,
    /// Takes the commands' coordinates to the page, as in [`TextObject::transform`].
    pub transform: Option<[f64; 6]>,
    /// Lengths of dashes and gaps in mm; empty for a whole line.
    pub dash: Vec<f64>,
    /// Fills by the even-odd rule instead of the non-zero one.
    pub even_odd: bool,
}

/// A step of an outline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PathCommand {
    /// Moves to x, y.
    M(f64, f64),
    /// A line to x, y.
    L(f64, f64),
    /// A quadratic curve: control point, end.
    Q(f64, f64, f64, f64),
    /// A cubic curve: two control points, end.
    B(f64, f64, f64, f64, f64, f64),
    /// Closes the outline.
    C,
}

/// A placed picture.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageObject {
    /// [`Image::id`].
    pub image: u32,
    /// x, y, width, height in mm that the picture fills.
    pub boundary: [f64; 4],
    /// Takes the boundary's coordinates to the page, as in [`TextObject::transform`].
    pub transform: Option<[f64; 6]>,
}

/// Says that an object shows a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldTag {
    /// The field's name.
    pub name: String,
    /// Index of the page.
    pub page: usize,
    /// Index of the object on that page.
    pub object: usize,
}

/// A file carried along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Shown to the reader.
    pub name: String,
    /// Extension of the file's name: letters and digits.
    pub format: String,
    /// The file.
    pub data: Vec<u8>,
    /// Whether readers list it.
    pub visible: bool,
}

/// An unsigned package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The package.
    pub bytes: Vec<u8>,
    /// IDs of the pages in the file, in order.
    pub page_ids: Vec<u32>,
}

/// Why a document cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A document without pages.
    #[error("the document has no page")]
    NoPages,
    /// The document's ID is not 32 hex digits.
    #[error("the document ID {0:?} is not 32 hex digits")]
    BadDocId(String),
    /// The date is not `YYYY-MM-DD`.
    #[error("the date {0:?} is not of the form YYYY-MM-DD")]
    BadDate(String),
    /// Two fonts or two pictures have one ID.
    #[error("the {what} ID {id} is used twice")]
    DuplicateId {
        /// Fonts or pictures.
        what: &'static str,
        /// The ID.
        id: u32,
    },
    /// An object refers to a font or picture that the document does not have.
    #[error("page {page}: an object refers to {what} {id}, which the document does not have")]
    Unknown {
        /// Index of the page.
        page: usize,
        /// Font or picture.
        what: &'static str,
        /// The ID.
        id: u32,
    },
    /// A field tag names no object.
    #[error("the field {name:?} points to page {page}, object {object}, which does not exist")]
    UnknownObject {
        /// The field.
        name: String,
        /// Index of the page.
        page: usize,
        /// Index of the object.
        object: usize,
    },
    /// A number is infinite, not a number, or not positive where it must be.
    #[error("page {page}: {what} must be a finite number in range")]
    BadNumber {
        /// Index of the page.
        page: usize,
        /// Which number.
        what: &'static str,
    },
    /// The glyphs of a text do not fit its characters.
    #[error("page {page}: {glyphs} glyphs for {characters} characters in several codes cannot be assigned")]
    GlyphCount {
        /// Index of the page.
        page: usize,
        /// Glyphs given.
        glyphs: usize,
        /// Characters given.
        characters: usize,
    },
    /// A path without outlines, or one that does not begin with a move.
    #[error("page {page}: a path must begin with a move")]
    BadPath {
        /// Index of the page.
        page: usize,
    },
    /// The font is not a standalone OpenType or TrueType file.
    #[error("the font {0:?} is not a standalone OpenType or TrueType file")]
    BadFont(String),
    /// The picture's bytes are not of its format.
    #[error("the picture {0} is not of the format it is said to be")]
    BadImage(u32),
    /// An attachment's format is no file name extension.
    #[error("the attachment {0:?} has a format that is no file name extension")]
    BadAttachment(String),
    /// A text holds a character that XML cannot carry.
    #[error("a text holds the character U+{0:04X}, which XML cannot carry")]
    Character(u32),
    /// The package would need zip64.
    #[error("the package is larger than a ZIP archive without extensions can be")]
    TooLarge,
}
