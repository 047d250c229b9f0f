use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

/// Why a face could not be composed or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// A font file of the configured list is not there, most often because its Debian package is not installed.
    #[error("font file {path} not found; {hint}", path = path.display(), hint = install_hint(*package))]
    FontNotFound {
        /// The path looked for.
        path: PathBuf,
        /// The Debian package that brings a default font.
        package: Option<&'static str>,
    },
    /// A font file could not be read from disk.
    #[error("font file {path} cannot be read", path = path.display())]
    FontUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file or folder of the font list holds no OpenType or TrueType face.
    #[error("{path} holds no usable OpenType or TrueType font", path = path.display())]
    NotAFont {
        /// The file or folder.
        path: PathBuf,
    },
    /// A font could not be cut down to the glyphs in use.
    #[error("font {font} cannot be subset: {reason}")]
    Subset {
        /// Family and style.
        font: String,
        /// What the subsetter objected to.
        reason: subsetter::Error,
    },
    /// A table needed for a standalone font is missing from the subset or too large.
    #[error("font {font} cannot be made standalone: table {table} is missing, malformed or too large")]
    FontTable {
        /// Family and style.
        font: String,
        /// The OpenType table's tag.
        table: &'static str,
    },
    /// A template file could not be read from disk.
    #[error("template file {path} cannot be read", path = path.display())]
    TemplateUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The template does not compile with this data.
    #[error("the template does not compile:{}", list(.0))]
    Template(Vec<Diagnostic>),
    /// The data is not JSON.
    #[error("the data is not valid JSON")]
    Data(#[source] serde_json::Error),
    /// The data or the document is larger than [`Limits`](crate::Limits) allow.
    #[error("{what}{at} is {found}, the limit is {limit}", at = at(.field.as_deref()))]
    LimitExceeded {
        /// The bound that was exceeded, as [`Limits`](crate::Limits) names it.
        what: &'static str,
        /// The JSON path of the value, when one value is to blame.
        field: Option<String>,
        /// The size found.
        found: u64,
        /// The size allowed.
        limit: u64,
    },
    /// No configured font has this character: a face never shows a blank box instead.
    #[error("no configured font has the character {ch} (U+{code:04X}){at}{page}; add a font that covers it", code = u32::from(*ch), at = at(.field.as_deref()), page = on_page(*.page))]
    MissingGlyph {
        /// The character.
        ch: char,
        /// The JSON path of the value, or the face field's name, it stands in.
        field: Option<String>,
        /// The page (from 0) when it was found on the composed face.
        page: Option<usize>,
    },
    /// A control character, or one that reorders the text around it, so that a face could show other than the data says.
    #[error("the character U+{code:04X} in {field} is not allowed on a face: it is invisible or changes the order of text", code = u32::from(*ch))]
    ForbiddenCharacter {
        /// The character.
        ch: char,
        /// The JSON path of the value.
        field: String,
    },
    /// An image in the data cannot be used.
    #[error("the image in {field} cannot be used: {fault}")]
    Image {
        /// The JSON path of the value.
        field: String,
        /// What is wrong with it.
        fault: ImageFault,
    },
    /// A value is too long for its place on the face even at the smallest size the template allows.
    #[error("the value of {field} does not fit its place on the face")]
    DoesNotFit {
        /// The face field's name.
        field: String,
    },
    /// The template uses a feature that not every output can express.
    #[error("page {number} of the face uses {feature}, which not every output format can express", number = page + 1)]
    Unsupported {
        /// The feature.
        feature: Feature,
        /// The page, from 0.
        page: usize,
    },
    /// The date is outside the years 0 to 9999.
    #[error("{seconds} s since 1970 is not a date a document can carry")]
    Date {
        /// Unix seconds, UTC.
        seconds: i64,
    },
    /// The PDF writer refused the document.
    #[error("the face cannot be written as PDF/A-2b:{}", list(.0))]
    Pdf(Vec<Diagnostic>),
    /// There is no such page.
    #[error("the face has {pages} pages, there is no page {page} (counted from 0)")]
    NoSuchPage {
        /// The page asked for, from 0.
        page: usize,
        /// How many there are.
        pages: usize,
    },
    /// A picture could not be encoded as PNG.
    #[error("a picture cannot be encoded as PNG")]
    Png(#[from] png::EncodingError),
}

/// What Typst says about a place in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file, as the template names it; none when the message is about the whole document.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
    /// The message.
    pub message: String,
    /// Advice on how to mend it.
    pub hints: Vec<String>,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}:")?;
        }
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "{line}:{column}:")?;
        }
        write!(f, " {}", self.message)?;
        for hint in &self.hints {
            write!(f, " ({hint})")?;
        }
        Ok(())
    }
}

/// What is wrong with an image in the data.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ImageFault {
    /// The text after an image's first bytes is not base64.
    #[error("it is not valid base64")]
    Base64,
    /// It is neither PNG nor JPEG.
    #[error("it is neither PNG nor JPEG")]
    Format,
    /// Its header is cut short or states no size.
    #[error("its header is damaged")]
    Header,
}

/// A drawing feature that not every output can express.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Feature {
    /// A gradient or tiling as paint.
    GradientOrTiling,
    /// Text with an outline stroke.
    StrokedText,
    /// A clip that cuts something off.
    Clip,
    /// An image that is not PNG or JPEG.
    VectorImage,
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GradientOrTiling => "a gradient or tiling",
            Self::StrokedText => "text with an outline",
            Self::Clip => "a clip that cuts its content",
            Self::VectorImage => "an image other than PNG or JPEG",
        })
    }
}

fn install_hint(package: Option<&str>) -> String {
    match package {
        Some(package) => {
            format!("install the Debian package {package} (apt install {package}) or configure other fonts")
        }
        None => "correct the configured font list".into(),
    }
}

fn at(field: Option<&str>) -> String {
    field.map(|field| format!(" in {field}")).unwrap_or_default()
}

fn on_page(page: Option<usize>) -> String {
    page.map(|page| format!(" on page {}", page + 1)).unwrap_or_default()
}

fn list(diagnostics: &[Diagnostic]) -> String {
    diagnostics
        .iter()
        .map(|diagnostic| format!("\n  {diagnostic}"))
        .collect()
}
