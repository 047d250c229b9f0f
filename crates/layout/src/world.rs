use std::sync::LazyLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, World};

use crate::data::Data;
use crate::{Fonts, Template};

/// The text of `/cinnabar.typ`, which every template imports: the data, the marks and the shapes that faces share.
pub const PRELUDE: &str = include_str!("prelude.typ");

const PRELUDE_PATH: &str = "cinnabar.typ";

static MAIN: LazyLock<FileId> = LazyLock::new(|| constant_id("face.typ"));
static PRELUDE_SOURCE: LazyLock<Source> = LazyLock::new(|| Source::new(constant_id(PRELUDE_PATH), PRELUDE.to_owned()));

pub(crate) fn main_id() -> FileId {
    *MAIN
}

/// Identifiers are interned for the life of the process, so every composition uses the same few paths.
fn constant_id(path: &str) -> FileId {
    let path = VirtualPath::new(path).unwrap_or_else(|_| unreachable!("a constant relative path"));
    RootedPath::new(VirtualRoot::Project, path).intern()
}

/// All that a template can see: its own files, the data and its images, the fonts, and a fixed day.
pub(crate) struct FaceWorld<'a> {
    pub template: &'a Template,
    pub fonts: &'a Fonts,
    pub data: &'a Data,
    pub today: Datetime,
}

impl World for FaceWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        self.fonts.library()
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        *MAIN
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == *MAIN {
            return Ok(self.template.main().clone());
        }
        if id == PRELUDE_SOURCE.id() {
            return Ok(PRELUDE_SOURCE.clone());
        }
        let text = self.file(id)?.to_str().map_err(|_| FileError::InvalidUtf8)?;
        Ok(Source::new(id, text.as_str().to_owned()))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if *id.root() != VirtualRoot::Project {
            return Err(FileError::AccessDenied);
        }
        let path = id.vpath().get_without_slash();
        match path {
            "data.json" => Ok(self.data.json.clone()),
            "fonts.json" => Ok(self.fonts.families_json()),
            _ => match path.strip_prefix("data/") {
                Some(field) => self.data.images.get(field).cloned(),
                None => self.template.file(path).cloned(),
            }
            .ok_or(FileError::AccessDenied),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.face(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        Some(self.today)
    }
}
