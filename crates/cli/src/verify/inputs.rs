//! From the arguments to items: files, folders, patterns, lists, archives, standard input.
//!
//! Nothing is listed before it is asked for, but for one folder's names, which are sorted.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cinnabar_verify::bulk::archive::{self, tar, zip};
use cinnabar_verify::bulk::{Item, Listed};
use cinnabar_verify::codes::Code;
use cinnabar_verify::extract::Unreadable;

use super::lists::{Entry, FileList, Manifest};
use super::names;
use super::stdin::{self, Stdin};
use super::walk::{Found, Walk};

/// One thing that the caller named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file, a folder, a pattern or `-`.
    Path(PathBuf),
    /// A list of files; NUL-separated or by lines.
    Files { list: PathBuf, null: bool },
    /// A list in NDJSON.
    Manifest(PathBuf),
    /// A tar, whatever it is called.
    Tar(PathBuf),
}

impl Input {
    fn path(&self) -> &Path {
        let (Self::Path(path) | Self::Files { list: path, .. } | Self::Manifest(path) | Self::Tar(path)) = self;
        path
    }

    /// Whether it is standard input.
    pub fn is_standard(&self) -> bool {
        self.path().as_os_str() == "-"
    }

    /// Whether it can be read only once, as standard input and pipes.
    pub fn is_stream(&self) -> bool {
        let special = |metadata: fs::Metadata| !metadata.is_file() && !metadata.is_dir();
        self.is_standard() || fs::metadata(self.path()).is_ok_and(special)
    }

    /// How a checkpoint names it.
    pub fn tell(&self) -> String {
        match self {
            Self::Path(path) => names::of(path),
            Self::Files { list, .. } => format!("--files-from {}", names::of(list)),
            Self::Manifest(list) => format!("--manifest {}", names::of(list)),
            Self::Tar(path) => format!("--tar {}", names::of(path)),
        }
    }
}

/// What is being gone through.
enum Level {
    Folder(Walk),
    Pattern { paths: Box<glob::Paths>, recursive: bool },
    Files(FileList),
    Manifest(Manifest),
    Zip(Box<zip::Items>, Option<Arc<Listed>>),
    Tar(Box<tar::Items>, Option<Arc<Listed>>),
}

/// The items that the arguments name, in order.
pub struct Inputs {
    queue: VecDeque<Input>,
    levels: Vec<Level>,
    limits: archive::Limits,
    document_bytes: u64,
    counting: bool,
    /// Counting met something that only reading shows.
    unknown: bool,
}

impl Inputs {
    /// The items of these inputs.
    pub fn new(inputs: Vec<Input>, document_bytes: u64) -> Self {
        Self {
            queue: inputs.into(),
            levels: Vec::new(),
            limits: archive::Limits {
                entry_bytes: document_bytes,
                ..Default::default()
            },
            document_bytes,
            counting: false,
            unknown: false,
        }
    }

    /// How many items there are, as far as that shows without reading documents; asked again and again by `go_on`.
    pub fn count(inputs: Vec<Input>, go_on: impl Fn() -> bool) -> Option<u64> {
        if inputs.iter().any(Input::is_stream) {
            return None;
        }
        let mut counted = Self::new(inputs, 0);
        counted.counting = true;
        let mut count = 0;
        while counted.next().is_some() {
            count += 1;
            if counted.unknown || !go_on() {
                return None;
            }
        }
        (!counted.unknown).then_some(count)
    }

    fn start(&mut self, input: Input) -> Option<Item> {
        match input {
            Input::Path(path) if path.as_os_str() == "-" => self.standard_input(),
            Input::Path(path) => self.argument(path),
            Input::Files { list, null } => match FileList::open(&list, null) {
                Ok(files) => self.push(Level::Files(files)),
                Err(error) => Some(io_error(names::of(&list), &error)),
            },
            Input::Manifest(list) => match Manifest::open(&list) {
                Ok(manifest) => self.push(Level::Manifest(manifest)),
                Err(error) => Some(io_error(names::of(&list), &error)),
            },
            Input::Tar(path) if path.as_os_str() == "-" => self.tar("-".to_owned(), io::stdin(), None),
            Input::Tar(path) => match File::open(&path) {
                Ok(file) => self.tar(names::of(&path), file, None),
                Err(error) => Some(io_error(names::of(&path), &error)),
            },
        }
    }

    fn push(&mut self, level: Level) -> Option<Item> {
        self.levels.push(level);
        None
    }

    fn argument(&mut self, path: PathBuf) -> Option<Item> {
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => self.push(Level::Folder(Walk::new(path))),
            Ok(metadata) => self.file(path, metadata.is_file(), None),
            Err(error) => match pattern(&path) {
                Some(Ok(paths)) => {
                    let recursive = path.to_string_lossy().contains("**");
                    let paths = Box::new(paths);
                    self.push(Level::Pattern { paths, recursive })
                }
                Some(Err(error)) => Some(Item::unreadable(names::of(&path), Code::IoError, error.to_string())),
                None => Some(io_error(names::of(&path), &error)),
            },
        }
    }

    /// A file by its name, or the archive that it is.
    fn file(&mut self, path: PathBuf, regular: bool, listed: Option<Arc<Listed>>) -> Option<Item> {
        let name = names::of(&path);
        if regular && !has_document_ending(&path) {
            match head_of(&path) {
                Ok(head) if archive::is_zip(&head) => return self.zip(name, path, listed),
                Ok(head) if archive::is_gzip(&head) || archive::is_tar(&head) => {
                    return match File::open(&path) {
                        Ok(file) => self.tar(name, file, listed),
                        Err(error) => Some(with(io_error(name, &error), listed)),
                    };
                }
                Ok(_) => {}
                Err(error) => return Some(with(io_error(name, &error), listed)),
            }
        }
        Some(with(Item::file(name, path), listed))
    }

    fn zip(&mut self, name: String, path: PathBuf, listed: Option<Arc<Listed>>) -> Option<Item> {
        let file = match File::open(&path) {
            Ok(file) => Arc::new(file),
            Err(error) => return Some(with(io_error(name, &error), listed)),
        };
        match zip::open(file, &name, &self.limits) {
            Ok(zip::Opened::Document) => Some(with(Item::file(name, path), listed)),
            Ok(zip::Opened::Archive(items)) => self.archive(name, listed, |listed| Level::Zip(items, listed)),
            Err(why) => Some(with(unreadable(name, why), listed)),
        }
    }

    fn tar(
        &mut self,
        name: String,
        stream: impl io::Read + Send + 'static,
        listed: Option<Arc<Listed>>,
    ) -> Option<Item> {
        if self.counting {
            self.unknown = true;
            return None;
        }
        match tar::open(stream, &name, &self.limits) {
            Ok(items) => self.archive(name, listed, |listed| Level::Tar(Box::new(items), listed)),
            Err(why) => Some(with(unreadable(name, why), listed)),
        }
    }

    fn archive(
        &mut self,
        name: String,
        listed: Option<Arc<Listed>>,
        level: impl FnOnce(Option<Arc<Listed>>) -> Level,
    ) -> Option<Item> {
        if listed.as_ref().is_some_and(|l| l.sha256.is_some() || l.sm3.is_some()) {
            let why = "a digest is that of a document, and this is an archive or a folder";
            return Some(with(Item::unreadable(name, Code::ListEntryInvalid, why), listed));
        }
        self.push(level(listed))
    }

    fn standard_input(&mut self) -> Option<Item> {
        match stdin::open(self.document_bytes) {
            Ok(Stdin::Document(item)) => Some(item),
            Ok(Stdin::Tar(stream)) => self.tar("-".to_owned(), stream, None),
            Ok(Stdin::Zip(bytes)) => match zip::open(Arc::new(Arc::clone(&bytes)), "-", &self.limits) {
                Ok(zip::Opened::Document) => Some(Item::ready("-".to_owned(), bytes)),
                Ok(zip::Opened::Archive(items)) => self.push(Level::Zip(items, None)),
                Err(why) => Some(unreadable("-".to_owned(), why)),
            },
            Err(error) => Some(io_error("-".to_owned(), &error)),
        }
    }

    /// Something from a folder: a document by its ending, an archive, or something whose first bytes tell.
    fn found(&mut self, found: Found) -> Option<Item> {
        match found {
            Found::File(path) if has_document_ending(&path) => Some(Item::file(names::of(&path), path)),
            Found::File(path) if has_archive_ending(&path) => self.file(path, true, None),
            Found::File(path) => Some(Item::candidate(names::of(&path), path)),
            Found::Special(path) if has_document_ending(&path) => {
                let name = names::of(&path);
                Some(Item::unreadable(name, Code::IoError, "not a regular file"))
            }
            Found::Special(path) => Some(Item::not_a_document(names::of(&path))),
            Found::Unreadable(path, why) => Some(Item::unreadable(names::of(&path), Code::IoError, why)),
        }
    }

    /// A path from a list; one that is called like a document is not looked at before its turn.
    fn named(&mut self, path: PathBuf, listed: Option<Arc<Listed>>) -> Option<Item> {
        if has_document_ending(&path) {
            return Some(with(Item::file(names::of(&path), path), listed));
        }
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => {
                let name = names::of(&path);
                match listed {
                    None => self.push(Level::Folder(Walk::new(path))),
                    listed => Some(with(Item::unreadable(name, Code::ListEntryInvalid, "a folder"), listed)),
                }
            }
            Ok(metadata) => self.file(path, metadata.is_file(), listed),
            Err(error) => Some(with(io_error(names::of(&path), &error), listed)),
        }
    }

    fn matched(&mut self, path: glob::GlobResult, recursive: bool) -> Option<Item> {
        match path {
            // A pattern with ** finds what lies in folders by itself.
            Ok(path) if path.is_dir() && recursive => None,
            Ok(path) if path.is_dir() => self.push(Level::Folder(Walk::new(path))),
            Ok(path) if recursive && !has_document_ending(&path) && !has_archive_ending(&path) => {
                Some(Item::candidate(names::of(&path), path))
            }
            Ok(path) => self.named(path, None),
            Err(error) => Some(io_error(names::of(error.path()), error.error())),
        }
    }
}

/// What one step down the levels gave.
enum Step {
    Item(Option<Item>),
    Found(Found),
    Matched(glob::GlobResult, bool),
    Listed(Result<Entry, Item>),
}

impl Iterator for Inputs {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            let Some(level) = self.levels.last_mut() else {
                let input = self.queue.pop_front()?;
                if let Some(item) = self.start(input) {
                    return Some(item);
                }
                continue;
            };
            let step = match level {
                Level::Folder(walk) => walk.next().map(Step::Found),
                Level::Pattern { paths, recursive } => paths.next().map(|path| Step::Matched(path, *recursive)),
                Level::Files(files) => files.next().map(Step::Listed),
                Level::Manifest(manifest) => manifest.next().map(Step::Listed),
                Level::Zip(items, listed) => items.next().map(|item| Step::Item(Some(with(item, listed.clone())))),
                Level::Tar(items, listed) => items.next().map(|item| Step::Item(Some(with(item, listed.clone())))),
            };
            let item = match step {
                None => {
                    self.levels.pop();
                    None
                }
                Some(Step::Item(item)) => item,
                Some(Step::Found(found)) => self.found(found),
                Some(Step::Matched(path, recursive)) => self.matched(path, recursive),
                Some(Step::Listed(Ok(entry))) => self.named(entry.path, entry.listed),
                Some(Step::Listed(Err(item))) => Some(item),
            };
            if item.is_some() {
                return item;
            }
        }
    }
}

fn with(item: Item, listed: Option<Arc<Listed>>) -> Item {
    match listed {
        Some(listed) => item.listed(listed),
        None => item,
    }
}

fn io_error(name: String, error: &io::Error) -> Item {
    Item::unreadable(name, Code::IoError, error.to_string())
}

fn unreadable(name: String, why: Unreadable) -> Item {
    Item::unreadable(name, why.code, why.detail)
}

/// The files that a pattern matches, if it is one.
fn pattern(path: &Path) -> Option<Result<glob::Paths, glob::PatternError>> {
    let text = path.to_str().filter(|text| text.contains(['*', '?', '[']))?;
    // "a/**" alone would match folders only.
    let files = text.ends_with("**").then(|| format!("{text}/*"));
    Some(glob::glob(files.as_deref().unwrap_or(text)))
}

fn has_document_ending(path: &Path) -> bool {
    let ending = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    ending.is_some_and(|e| archive::DOCUMENT_ENDINGS.contains(&e.as_str()))
}

fn has_archive_ending(path: &Path) -> bool {
    let name = path.to_string_lossy().to_ascii_lowercase();
    [".zip", ".tar", ".tgz", ".tar.gz"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

fn head_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(tar::BLOCK as u64).read_to_end(&mut head)?;
    Ok(head)
}
