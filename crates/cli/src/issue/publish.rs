//! Puts finished files in place: whole or not at all, and never over another file unless told to.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;

/// A file to be put in place.
pub struct Output {
    /// Where it goes.
    pub path: PathBuf,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Why files were not put in place; nothing is left behind then.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The file is there already.
    #[error("{} 已存在；用 --force 覆盖 / exists already; --force replaces it", .0.display())]
    Exists(PathBuf),
    /// The system refused.
    #[error("{} 无法写入 / cannot be written: {source}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Refuses paths that are taken, before any work is done for them.
pub fn check(paths: &[PathBuf], force: bool) -> Result<(), PublishError> {
    match paths.iter().find(|path| !force && path.symlink_metadata().is_ok()) {
        Some(taken) => Err(PublishError::Exists(taken.clone())),
        None => Ok(()),
    }
}

/// Writes all files beside their places first, then moves them there. If one cannot be placed, those placed before are
/// taken back, unless `force` replaced older ones.
pub fn publish(outputs: &[Output], force: bool) -> Result<(), PublishError> {
    let mut staged = Staged {
        temporary: Vec::new(),
        placed: Vec::new(),
    };
    for output in outputs {
        staged.temporary.push(stage(output)?);
    }
    for (output, temporary) in outputs.iter().zip(&staged.temporary) {
        place(temporary, &output.path, force)?;
        if !force {
            staged.placed.push(output.path.clone());
        }
    }
    staged.placed.clear();
    Ok(())
}

/// Temporary files, removed however this ends; placed files, removed unless all were placed.
struct Staged {
    temporary: Vec<PathBuf>,
    placed: Vec<PathBuf>,
}

impl Drop for Staged {
    fn drop(&mut self) {
        for path in self.temporary.iter().chain(&self.placed) {
            // A file that was moved away is not there any more, which is what is wanted.
            let _ = fs::remove_file(path);
        }
    }
}

fn stage(output: &Output) -> Result<PathBuf, PublishError> {
    let folder = match output.path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let name = output.path.file_name().unwrap_or_default().to_string_lossy();
    let fault = |path: &Path, source| PublishError::Write {
        path: path.to_owned(),
        source,
    };
    fs::create_dir_all(folder).map_err(|source| fault(folder, source))?;
    for attempt in 0..1000 {
        let temporary = folder.join(format!(".{name}.{}-{attempt}.tmp", process::id()));
        let file = match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(source) => return Err(fault(&output.path, source)),
        };
        if let Err(source) = fill(file, &output.bytes) {
            let _ = fs::remove_file(&temporary);
            return Err(fault(&output.path, source));
        }
        return Ok(temporary);
    }
    Err(fault(&output.path, io::ErrorKind::AlreadyExists.into()))
}

fn fill(mut file: File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()
}

fn place(temporary: &Path, path: &Path, force: bool) -> Result<(), PublishError> {
    // A link fails when the name is taken, where a rename would replace silently.
    let done = if force {
        fs::rename(temporary, path)
    } else {
        fs::hard_link(temporary, path)
    };
    done.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => PublishError::Exists(path.to_owned()),
        _ => PublishError::Write {
            path: path.to_owned(),
            source,
        },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn output(folder: &Path, name: &str, text: &str) -> Output {
        Output {
            path: folder.join(name),
            bytes: text.as_bytes().to_vec(),
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn nothing_is_left_when_one_of_several_names_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b"), "old").unwrap();
        let outputs = [output(folder.path(), "a", "1"), output(folder.path(), "b", "2")];
        assert!(matches!(publish(&outputs, false), Err(PublishError::Exists(_))));
        assert_eq!(names(folder.path()), ["b"]);
        assert_eq!(fs::read_to_string(folder.path().join("b")).unwrap(), "old");
        publish(&outputs, true).unwrap();
        assert_eq!(names(folder.path()), ["a", "b"]);
        assert_eq!(fs::read_to_string(folder.path().join("b")).unwrap(), "2");
    }

    #[test]
    fn folders_are_made_and_a_folder_in_the_way_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        publish(&[output(folder.path(), "x/y/z", "1")], false).unwrap();
        fs::create_dir(folder.path().join("taken")).unwrap();
        assert!(publish(&[output(folder.path(), "taken", "1")], true).is_err());
        assert_eq!(names(folder.path()), ["taken", "x"]);
    }
}
