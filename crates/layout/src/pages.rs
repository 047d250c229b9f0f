//! What a composed face consists of, free of Typst's types: lengths in mm, y downwards from the top left corner of the page.

use typst_layout::PagedDocument;

use crate::Diagnostic;

/// A composed face: its pages as neutral drawing items, the fonts they use, and the means to write it as PDF/A and PNG.
#[derive(Clone)]
pub struct Pages {
    /// The pages in order.
    pub pages: Vec<Page>,
    /// The fonts that [`TextRun::font`] points into, each cut down to the glyphs in use.
    pub fonts: Vec<FontUse>,
    /// Where the template wants seals, in the order of the template.
    pub seal_anchors: Vec<SealAnchor>,
    /// What Typst warned of, such as a layout that did not settle.
    pub warnings: Vec<Diagnostic>,
    pub(crate) document: PagedDocument,
    pub(crate) max_png_pixels: u64,
}

impl Pages {
    /// The first place the template marks for a seal.
    pub fn seal_anchor(&self) -> Option<&SealAnchor> {
        self.seal_anchors.first()
    }

    /// The face fields that the pages show, each once, in reading order.
    pub fn shown_fields(&self) -> Vec<&str> {
        let mut fields = Vec::new();
        for item in self.pages.iter().flat_map(|page| &page.items) {
            if let Some(field) = item.field()
                && !fields.contains(&field)
            {
                fields.push(field);
            }
        }
        fields
    }
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pages")
            .field("pages", &self.pages)
            .field("fonts", &self.fonts)
            .field("seal_anchors", &self.seal_anchors)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

/// One page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Width in mm.
    pub width_mm: f64,
    /// Height in mm.
    pub height_mm: f64,
    /// What is drawn, back to front.
    pub items: Vec<Item>,
}

/// Where the centre of a seal goes.
#[derive(Debug, Clone, PartialEq)]
pub struct SealAnchor {
    /// The page, from 0.
    pub page: usize,
    /// The centre's distance from the left edge.
    pub x_mm: f64,
    /// The centre's distance from the top edge.
    pub y_mm: f64,
}

/// Red, green, blue and alpha; 255 is opaque.
pub type Rgba = [u8; 4];

/// An affine map `[a, b, c, d, e, f]`: x' = a·x + c·y + e, y' = b·x + d·y + f, as PDF and OFD write it; e and f in mm.
pub type Affine = [f64; 6];

/// One thing drawn.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Item {
    /// A run of glyphs.
    Text(TextRun),
    /// A filled or stroked outline.
    Path(PathShape),
    /// A raster image.
    Image(Picture),
}

impl Item {
    /// The face field it shows, as the template names it.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Text(text) => text.field.as_deref(),
            Self::Path(_) => None,
            Self::Image(image) => image.field.as_deref(),
        }
    }
}

/// Glyphs of one font and size on one baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct TextRun {
    /// Index into [`Pages::fonts`].
    pub font: usize,
    /// Font size.
    pub size_mm: f64,
    /// Colour.
    pub fill: Rgba,
    /// Maps the run's own coordinates to the page; the identity unless the run is turned, scaled or skewed.
    pub transform: Affine,
    /// Where the baseline begins, before `transform`.
    pub x_mm: f64,
    /// The baseline, before `transform`.
    pub y_mm: f64,
    /// The whole text.
    pub text: String,
    /// The glyphs from left to right.
    pub glyphs: Vec<Glyph>,
    /// The face field it shows.
    pub field: Option<String>,
}

impl TextRun {
    /// Where each glyph's origin lies relative to the start of the baseline, x to the right and y downwards.
    pub fn origins(&self) -> Vec<(f64, f64)> {
        let mut pen = 0.0;
        let mut origins = Vec::with_capacity(self.glyphs.len());
        for glyph in &self.glyphs {
            origins.push((pen + glyph.x_offset_mm, glyph.y_offset_mm));
            pen += glyph.advance_mm;
        }
        origins
    }

    /// Length of the baseline, before `transform`.
    pub fn width_mm(&self) -> f64 {
        self.glyphs.iter().map(|glyph| glyph.advance_mm).sum()
    }
}

/// One glyph of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Glyph {
    /// Its index in the subset font.
    pub id: u16,
    /// How far the pen moves on, letter spacing and justification included.
    pub advance_mm: f64,
    /// The glyph's own shift to the right.
    pub x_offset_mm: f64,
    /// The glyph's own shift downwards.
    pub y_offset_mm: f64,
    /// The text it stands for. Empty for the second and further glyphs of one cluster.
    pub text: String,
}

/// An outline in page coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct PathShape {
    /// The outline; it begins with a move.
    pub commands: Vec<PathCommand>,
    /// The colour of the inside.
    pub fill: Option<Rgba>,
    /// Whether the inside follows the even-odd rule, else the non-zero rule.
    pub even_odd: bool,
    /// The line along the outline.
    pub stroke: Option<Stroke>,
}

/// One step of an outline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PathCommand {
    /// Begins a new part at (x, y).
    Move(f64, f64),
    /// A straight line to (x, y).
    Line(f64, f64),
    /// A cubic Bézier curve: two control points, then the end.
    Cubic(f64, f64, f64, f64, f64, f64),
    /// A straight line back to where the part began.
    Close,
}

/// The line along an outline.
#[derive(Debug, Clone, PartialEq)]
pub struct Stroke {
    /// Colour.
    pub color: Rgba,
    /// Width of the line.
    pub width_mm: f64,
    /// Its ends.
    pub cap: LineCap,
    /// Its corners.
    pub join: LineJoin,
    /// Lengths of dashes and gaps in turn; empty for an unbroken line.
    pub dash_mm: Vec<f64>,
    /// How far into the dashes the line begins.
    pub dash_offset_mm: f64,
    /// The longest mitre, as a multiple of the width.
    pub miter_limit: f64,
}

/// The shape of a line's ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineCap {
    /// Cut off at the end.
    Butt,
    /// Half a disc.
    Round,
    /// Half a square.
    Square,
}

/// The shape of a line's corners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineJoin {
    /// A point.
    Miter,
    /// An arc.
    Round,
    /// Cut off.
    Bevel,
}

/// A raster image in an upright box.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The file's format.
    pub format: ImageFormat,
    /// The image file.
    pub data: Vec<u8>,
    /// Pixels across.
    pub pixel_width: u32,
    /// Pixels down.
    pub pixel_height: u32,
    /// Left edge, before `transform`.
    pub x_mm: f64,
    /// Top edge, before `transform`.
    pub y_mm: f64,
    /// Width of the box, which the image fills.
    pub width_mm: f64,
    /// Height of the box, which the image fills.
    pub height_mm: f64,
    /// Maps the box to the page; the identity unless it is turned, scaled or skewed.
    pub transform: Affine,
    /// The face field it shows.
    pub field: Option<String>,
}

/// The format of an image file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageFormat {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
}

/// A font cut down to the glyphs in use, complete enough to stand on its own in a file.
///
/// Its character map leads every character of the text to the very glyph that the runs name, so that a reader that goes by
/// text alone and one that goes by glyph index show the same.
#[derive(Debug, Clone, PartialEq)]
pub struct FontUse {
    /// PostScript name with a tag that is unique to this subset, for example `KQXBAD+NotoSerifCJKsc-Regular`.
    pub name: String,
    /// Family name without the tag.
    pub family: String,
    /// Weight from 100 to 900.
    pub weight: u16,
    /// Whether it is italic or oblique.
    pub italic: bool,
    /// Whether it has serifs.
    pub serif: bool,
    /// The font file, of TrueType outlines whatever the original's are.
    pub data: Vec<u8>,
    /// The glyphs in use by index, without glyph 0.
    pub glyphs: Vec<UsedGlyph>,
}

/// A glyph of a subset font and the texts it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedGlyph {
    /// Its index in the subset.
    pub id: u16,
    /// The characters that the font's character map leads to it; empty when it is reached by index alone.
    pub chars: Vec<char>,
}
