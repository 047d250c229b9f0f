//! The catalogue: every licence type found in some folders.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::LicenceType;

/// Largest `type.toml` read, in bytes.
const MAX_TYPE_BYTES: u64 = 1 << 20;

/// Licence types by short name and by code.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    types: Vec<LicenceType>,
}

/// Why a catalogue does not load.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogueError {
    /// A folder or file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A `type.toml` is not a type.
    #[error("{}: {fault}", path.display())]
    Type {
        /// The file.
        path: PathBuf,
        /// The key and what is wrong with it.
        fault: String,
    },
    /// Two folders describe one type.
    #[error("{} and {} both define the licence type `{key}`; remove one", first.display(), second.display())]
    Conflict {
        /// The short name or the code both have.
        key: String,
        /// The type read first.
        first: PathBuf,
        /// The type read second.
        second: PathBuf,
    },
}

impl Catalogue {
    /// Reads every `DIR/*/type.toml`. Folders without one are passed over.
    ///
    /// # Errors
    /// Unreadable files, faulty types, and two types of one short name or code.
    pub fn load(dirs: &[PathBuf]) -> Result<Self, CatalogueError> {
        let mut catalogue = Self::default();
        for dir in dirs {
            for folder in folders(dir)? {
                let path = folder.join("type.toml");
                if path.is_file() {
                    catalogue.add(read_type(&path, folder)?)?;
                }
            }
        }
        Ok(catalogue)
    }

    /// Adds one type.
    ///
    /// # Errors
    /// [`CatalogueError::Conflict`] when the short name or the code is taken.
    pub fn add(&mut self, new: LicenceType) -> Result<(), CatalogueError> {
        for old in &self.types {
            let key = match (old.id == new.id, old.code == new.code) {
                (true, _) => &new.id,
                (false, true) => &new.code,
                (false, false) => continue,
            };
            return Err(CatalogueError::Conflict {
                key: key.clone(),
                first: old.folder.clone(),
                second: new.folder.clone(),
            });
        }
        self.types.push(new);
        Ok(())
    }

    /// Finds a type by short name, code or Chinese name.
    pub fn find(&self, key: &str) -> Option<&LicenceType> {
        self.types
            .iter()
            .find(|known| known.id == key || known.code == key || known.name == key)
    }

    /// All types, in the order they were read.
    pub fn types(&self) -> &[LicenceType] {
        &self.types
    }
}

fn folders(dir: &Path) -> Result<Vec<PathBuf>, CatalogueError> {
    let fail = |source| CatalogueError::Read {
        path: dir.to_owned(),
        source,
    };
    let mut folders = Vec::new();
    for entry in fs::read_dir(dir).map_err(fail)? {
        folders.push(entry.map_err(fail)?.path());
    }
    folders.retain(|path| path.is_dir());
    folders.sort();
    Ok(folders)
}

fn read_type(path: &Path, folder: PathBuf) -> Result<LicenceType, CatalogueError> {
    let read = |source| CatalogueError::Read {
        path: path.to_owned(),
        source,
    };
    let fault = |fault| CatalogueError::Type {
        path: path.to_owned(),
        fault,
    };
    if fs::metadata(path).map_err(read)?.len() > MAX_TYPE_BYTES {
        return Err(fault(format!("larger than {MAX_TYPE_BYTES} bytes")));
    }
    let text = fs::read_to_string(path).map_err(read)?;
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let parsed = LicenceType::parse(&text, folder).map_err(fault)?;
    if name.as_deref() != Some(parsed.id.as_str()) {
        return Err(fault(format!(
            "`id` is `{}`, it should be the folder's name",
            parsed.id
        )));
    }
    Ok(parsed)
}
