use std::collections::BTreeMap;
use std::path::Path;

use typst::foundations::Bytes;
use typst::syntax::Source;

use crate::LayoutError;
use crate::world::main_id;

/// The template of a licence type: `face.typ` and the files it may read. Parsed once; cloning is cheap.
#[derive(Debug, Clone)]
pub struct Template {
    main: Source,
    files: BTreeMap<String, Bytes>,
}

impl Template {
    /// Takes the text of a `face.typ`.
    pub fn new(source: impl Into<String>) -> Self {
        Self {
            main: Source::new(main_id(), source.into()),
            files: BTreeMap::new(),
        }
    }

    /// Adds a file that the template may read as `/name`.
    #[must_use]
    pub fn with_file(mut self, name: impl Into<String>, data: Vec<u8>) -> Self {
        self.files.insert(name.into(), Bytes::new(data));
        self
    }

    /// Reads `face.typ` of a catalogue folder together with the `.typ`, `.png` and `.jpg` files beside it.
    ///
    /// # Errors
    /// When the folder, `face.typ` or a file beside it cannot be read, or `face.typ` is not UTF-8.
    pub fn load(folder: &Path) -> Result<Self, LayoutError> {
        let face = folder.join("face.typ");
        let unreadable = |path: &Path, source| LayoutError::TemplateUnreadable {
            path: path.to_path_buf(),
            source,
        };
        let source = std::fs::read_to_string(&face).map_err(|source| unreadable(&face, source))?;
        let mut template = Self::new(source);
        for entry in std::fs::read_dir(folder).map_err(|source| unreadable(folder, source))? {
            let path = entry.map_err(|source| unreadable(folder, source))?.path();
            let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            if name != "face.typ" && matches!(extension, "typ" | "png" | "jpg") {
                let data = std::fs::read(&path).map_err(|source| unreadable(&path, source))?;
                template = template.with_file(name, data);
            }
        }
        Ok(template)
    }

    /// The text of `face.typ`.
    pub fn source(&self) -> &str {
        self.main.text()
    }

    pub(crate) fn main(&self) -> &Source {
        &self.main
    }

    pub(crate) fn file(&self, name: &str) -> Option<&Bytes> {
        self.files.get(name)
    }
}
