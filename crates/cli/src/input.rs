//! From the arguments to named documents: files, folders, standard input.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cinnabar_verify::codes::Code;
use cinnabar_verify::extract::{self, Unreadable};

/// How deep folders are followed.
const MAX_DEPTH: usize = 32;

/// Endings that make a file in a folder a document whatever it holds.
const ENDINGS: [&str; 4] = ["ofd", "pdf", "esl", "dat"];

/// Something to read later, so that a folder of ten thousand files is not held in memory.
#[derive(Debug, Clone)]
pub enum Source {
    /// Standard input, called `-`.
    Stdin,
    /// A file.
    File(PathBuf),
    /// A name that leads nowhere, with the reason.
    Missing(PathBuf, String),
}

impl Source {
    /// The name in the report.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::File(path) | Self::Missing(path, _) => path.display().to_string(),
        }
    }

    /// Reads it, up to one byte more than `limit` so that the limit is noticed.
    pub fn read(&self, limit: u64) -> Result<Arc<[u8]>, Unreadable> {
        let bytes = match self {
            Self::Stdin => read_limited(io::stdin().lock(), limit),
            Self::File(path) => fs::File::open(path).and_then(|file| read_limited(file, limit)),
            Self::Missing(_, why) => return Err(Unreadable::new(Code::IoError, why.clone())),
        };
        bytes
            .map(Arc::from)
            .map_err(|error| Unreadable::new(Code::IoError, error.to_string()))
    }
}

fn read_limited(reader: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// All sources that the arguments name, in order; folders are walked in the order of names.
///
/// The second value counts files in folders that are no documents and were left out.
pub fn collect(arguments: &[PathBuf]) -> (Vec<Source>, usize) {
    let mut sources = Vec::new();
    let mut skipped = 0;
    for argument in arguments {
        if argument.as_os_str() == "-" {
            sources.push(Source::Stdin);
            continue;
        }
        match fs::metadata(argument) {
            Ok(metadata) if metadata.is_dir() => walk(argument, 0, &mut sources, &mut skipped),
            Ok(_) => sources.push(Source::File(argument.clone())),
            Err(error) => sources.push(Source::Missing(argument.clone(), error.to_string())),
        }
    }
    (sources, skipped)
}

fn walk(folder: &Path, depth: usize, sources: &mut Vec<Source>, skipped: &mut usize) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) if depth < MAX_DEPTH => entries,
        Ok(_) => return sources.push(Source::Missing(folder.to_owned(), "folders nest too deep".to_owned())),
        Err(error) => return sources.push(Source::Missing(folder.to_owned(), error.to_string())),
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|e| e.path())).collect();
    paths.sort();
    for path in paths {
        // A link to a folder is not followed, so that a walk always ends.
        let linked = fs::symlink_metadata(&path).is_ok_and(|m| m.file_type().is_symlink());
        if path.is_dir() {
            if !linked {
                walk(&path, depth + 1, sources, skipped);
            }
        } else if is_document(&path) {
            sources.push(Source::File(path));
        } else {
            *skipped += 1;
        }
    }
}

fn is_document(path: &Path) -> bool {
    let ending = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    if ending.is_some_and(|e| ENDINGS.contains(&e.as_str())) {
        return true;
    }
    let mut head = [0u8; 1024];
    let read = fs::File::open(path)
        .and_then(|mut file| file.read(&mut head))
        .unwrap_or(0);
    head.get(..read).is_some_and(extract::sniff)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_folder_gives_its_documents_in_order_and_counts_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("inner")).unwrap();
        for (name, bytes) in [
            ("b.ofd", "x"),
            ("a.PDF", "x"),
            ("notes.txt", "x"),
            ("inner/c", "%PDF-1.7\n"),
        ] {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        let (sources, skipped) = collect(&[folder.path().to_owned(), PathBuf::from("-"), PathBuf::from("/no/such")]);
        let names: Vec<String> = sources
            .iter()
            .map(|s| s.name().replace(folder.path().to_str().unwrap(), ""))
            .collect();
        assert_eq!(names, ["/a.PDF", "/b.ofd", "/inner/c", "-", "/no/such"]);
        assert_eq!(skipped, 1);
        assert_eq!(sources[4].read(10).unwrap_err().code, Code::IoError);
    }
}
