use std::path::{Path, PathBuf};
use std::sync::Arc;

use typst::foundations::Bytes;
use typst::text::{Font, FontBook, FontFlags};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt};

use crate::LayoutError;

/// The fonts used when none are configured: the Debian package `fonts-noto-cjk`.
pub const DEFAULT_FONTS: [&str; 4] = [
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
];

const DEFAULT_PACKAGE: &str = "fonts-noto-cjk";

/// The fonts a process composes with, loaded once and shared by every composition. Cloning is cheap.
///
/// The order of the list is the order of preference: templates take the first serif and the first sans-serif families, and
/// the others cover the characters that those lack.
#[derive(Clone)]
pub struct Fonts {
    inner: Arc<Inner>,
}

struct Inner {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    families: Bytes,
}

impl Fonts {
    /// Reads the fonts at `paths`: `.otf`, `.ttf`, `.ttc` and `.otc` files, or folders of them (read in the order of their
    /// names, not descended into). An empty list means [`DEFAULT_FONTS`].
    ///
    /// Of a collection that holds one face for each Chinese region, the simplified Chinese faces are taken.
    ///
    /// # Errors
    /// When a file is missing (with the Debian package that brings it, for a default font), unreadable or not a font.
    pub fn load(paths: &[PathBuf]) -> Result<Self, LayoutError> {
        let defaults: Vec<PathBuf>;
        let paths = if paths.is_empty() {
            defaults = DEFAULT_FONTS.iter().map(PathBuf::from).collect();
            &defaults
        } else {
            paths
        };
        let mut fonts = Vec::new();
        for path in paths {
            for file in font_files(path)? {
                let data = std::fs::read(&file).map_err(|source| unreadable(&file, source))?;
                let faces = simplified_chinese(Font::iter(Bytes::new(data)).collect());
                if faces.is_empty() {
                    return Err(LayoutError::NotAFont { path: file });
                }
                fonts.extend(faces);
            }
        }
        Ok(Self::from_faces(fonts))
    }

    fn from_faces(fonts: Vec<Font>) -> Self {
        let inner = Inner {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            families: Bytes::from_string(families(&fonts)),
            fonts,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Whether some font has a glyph for the character.
    pub fn covers(&self, ch: char) -> bool {
        self.inner
            .fonts
            .iter()
            .any(|font| font.info().coverage.contains(u32::from(ch)))
    }

    /// The family and style of every face, in order of preference.
    pub fn faces(&self) -> Vec<String> {
        self.inner.fonts.iter().map(face_name).collect()
    }

    pub(crate) fn library(&self) -> &LazyHash<Library> {
        &self.inner.library
    }

    pub(crate) fn book(&self) -> &LazyHash<FontBook> {
        &self.inner.book
    }

    pub(crate) fn face(&self, index: usize) -> Option<Font> {
        self.inner.fonts.get(index).cloned()
    }

    pub(crate) fn families_json(&self) -> Bytes {
        self.inner.families.clone()
    }
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Fonts").field(&self.faces()).finish()
    }
}

pub(crate) fn face_name(font: &Font) -> String {
    let info = font.info();
    format!("{} {}", info.family, info.variant.weight.to_number())
}

fn font_files(path: &Path) -> Result<Vec<PathBuf>, LayoutError> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let entries = std::fs::read_dir(path).map_err(|source| unreadable(path, source))?;
    let mut files = Vec::new();
    for entry in entries {
        let file = entry.map_err(|source| unreadable(path, source))?.path();
        let extension = file
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or_default()
            .to_ascii_lowercase();
        if matches!(extension.as_str(), "otf" | "ttf" | "ttc" | "otc") {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(LayoutError::NotAFont {
            path: path.to_path_buf(),
        });
    }
    Ok(files)
}

fn unreadable(path: &Path, source: std::io::Error) -> LayoutError {
    if source.kind() != std::io::ErrorKind::NotFound {
        return LayoutError::FontUnreadable {
            path: path.to_path_buf(),
            source,
        };
    }
    let package = DEFAULT_FONTS
        .iter()
        .any(|font| Path::new(font) == path)
        .then_some(DEFAULT_PACKAGE);
    LayoutError::FontNotFound {
        path: path.to_path_buf(),
        package,
    }
}

fn simplified_chinese(faces: Vec<Font>) -> Vec<Font> {
    let is_simplified = |font: &Font| {
        let family = &font.info().family;
        !font.info().flags.contains(FontFlags::MONOSPACE)
            && !family.contains(" Mono ")
            && [" SC", " CN", " GB"].iter().any(|suffix| family.ends_with(suffix))
    };
    if faces.iter().any(is_simplified) {
        faces.into_iter().filter(is_simplified).collect()
    } else {
        faces
    }
}

fn families(fonts: &[Font]) -> String {
    let mut serif: Vec<&str> = Vec::new();
    let mut sans: Vec<&str> = Vec::new();
    for font in fonts {
        let info = font.info();
        let named_serif = ["serif", "song", "ming", "宋", "明", "kai", "楷", "仿宋"]
            .iter()
            .any(|hint| info.family.to_lowercase().contains(hint));
        let list = if named_serif || info.flags.contains(FontFlags::SERIF) {
            &mut serif
        } else {
            &mut sans
        };
        if !list.contains(&info.family.as_str()) {
            list.push(&info.family);
        }
    }
    let serif_first = [serif.clone(), sans.clone()].concat();
    let sans_first = [sans, serif].concat();
    serde_json::json!({ "serif": serif_first, "sans": sans_first }).to_string()
}
