//! Writing the files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::Error;

/// One file of the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path in the output folder, with `/`.
    pub path: String,
    /// What it holds.
    pub content: Vec<u8>,
}

/// Refuses to go on if any of the paths exists below a folder.
///
/// # Errors
/// [`Error::Exists`] names the first that does.
pub fn refuse_existing(folder: &Path, paths: impl IntoIterator<Item = impl AsRef<Path>>) -> Result<(), Error> {
    match paths
        .into_iter()
        .map(|path| folder.join(path))
        .find(|path| path.exists())
    {
        Some(path) => Err(Error::Exists { path }),
        None => Ok(()),
    }
}

/// Writes the files below a folder. Unless `overwrite` is set, nothing is written if any of them exists.
///
/// Each file is written beside its place and then moved there, so none is ever half there.
///
/// # Errors
/// [`Error::Exists`] and [`Error::File`].
pub fn write(folder: &Path, files: &[File], overwrite: bool) -> Result<(), Error> {
    if !overwrite {
        refuse_existing(folder, files.iter().map(|file| &file.path))?;
    }
    for file in files {
        let path = folder.join(&file.path);
        let fail = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::File { path, source }
        };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(fail(parent))?;
        }
        let unfinished = PathBuf::from(format!("{}.unfinished", path.display()));
        fs::write(&unfinished, &file.content).map_err(fail(&unfinished))?;
        fs::rename(&unfinished, &path).map_err(fail(&path))?;
    }
    Ok(())
}
