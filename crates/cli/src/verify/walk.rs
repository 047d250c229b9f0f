//! A folder and all below it, in the order of names, one folder's names at a time.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::vec;

/// How deep folders are followed.
const MAX_DEPTH: usize = 32;

/// Something in a folder.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// A file.
    File(PathBuf),
    /// A pipe, a socket, a device, a link that leads nowhere.
    Special(PathBuf),
    /// A folder that cannot be listed, and why.
    Unreadable(PathBuf, String),
}

/// Goes through a folder.
pub struct Walk {
    levels: Vec<(PathBuf, vec::IntoIter<(OsString, Type)>)>,
    next: Option<PathBuf>,
}

#[derive(Clone, Copy)]
enum Type {
    File,
    Folder,
    Link,
    Special,
}

impl Walk {
    /// Everything below `folder`.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            levels: Vec::new(),
            next: Some(folder),
        }
    }

    fn enter(&mut self, folder: PathBuf) -> Option<Found> {
        if self.levels.len() >= MAX_DEPTH {
            return Some(Found::Unreadable(folder, "folders nest too deep".to_owned()));
        }
        match list(&folder) {
            Ok(names) => {
                self.levels.push((folder, names.into_iter()));
                None
            }
            Err(error) => Some(Found::Unreadable(folder, error.to_string())),
        }
    }
}

fn list(folder: &PathBuf) -> std::io::Result<Vec<(OsString, Type)>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let found = match entry.file_type() {
            Ok(found) if found.is_dir() => Type::Folder,
            Ok(found) if found.is_file() => Type::File,
            Ok(found) if found.is_symlink() => Type::Link,
            _ => Type::Special,
        };
        names.push((entry.file_name(), found));
    }
    names.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(names)
}

impl Iterator for Walk {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            if let Some(folder) = self.next.take()
                && let Some(found) = self.enter(folder)
            {
                return Some(found);
            }
            let (folder, names) = self.levels.last_mut()?;
            let Some((name, found)) = names.next() else {
                self.levels.pop();
                continue;
            };
            let path = folder.join(name);
            return Some(match found {
                Type::File => Found::File(path),
                Type::Special => Found::Special(path),
                Type::Folder => {
                    self.next = Some(path);
                    continue;
                }
                Type::Link => match fs::metadata(&path) {
                    // A link to a folder is not followed, so that a walk always ends.
                    Ok(metadata) if metadata.is_dir() => continue,
                    Ok(metadata) if metadata.is_file() => Found::File(path),
                    _ => Found::Special(path),
                },
            });
        }
    }
}
