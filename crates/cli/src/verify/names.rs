//! What files are called in results: one file, one name, and nothing in it that steers a terminal.

use std::fs;
use std::path::Path;

/// The name of a file of the file system: its path as it stands, wherever that can be read in one way only.
///
/// Bytes that are no UTF-8 become `\xNN`. An exclamation mark becomes `\x21` where what stands before it is a file by itself
/// (or `-`), as otherwise the name would be that of an entry of this archive. In these names, and in those that hold `\x` by
/// themselves, a backslash is doubled, so that no two files have one name.
#[cfg(unix)]
pub fn of(path: &Path) -> String {
    match path.to_str() {
        Some(text) if !text.contains("\\x") && !like_an_entry(text) => text.to_owned(),
        _ => escaped(path),
    }
}

/// The name of a file of the file system.
#[cfg(not(unix))]
pub fn of(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(unix)]
fn like_an_entry(text: &str) -> bool {
    text.match_indices('!')
        .any(|(at, _)| text.get(..at).is_some_and(|before| is_file(Path::new(before))))
}

#[cfg(unix)]
fn is_file(path: &Path) -> bool {
    path.as_os_str() == "-" || fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

#[cfg(unix)]
fn escaped(path: &Path) -> String {
    use std::ffi::OsStr;
    use std::fmt::Write as _;
    use std::os::unix::ffi::OsStrExt as _;

    let bytes = path.as_os_str().as_bytes();
    let mut name = String::with_capacity(bytes.len() + 16);
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => name.push_str("\\\\"),
                '!' if is_file(Path::new(OsStr::from_bytes(bytes.get(..at).unwrap_or_default()))) => {
                    name.push_str("\\x21");
                }
                c => name.push(c),
            }
            at += c.len_utf8();
        }
        for byte in chunk.invalid() {
            let _ = write!(name, "\\x{byte:02x}");
            at += 1;
        }
    }
    name
}

/// Text for a terminal on one line: what would start another, steer the terminal or turn the direction of writing is replaced.
pub fn plain(text: &str) -> String {
    let bad = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(bad, "\u{fffd}")
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    fn name(bytes: &[u8]) -> String {
        of(Path::new(OsStr::from_bytes(bytes)))
    }

    #[test]
    fn a_name_is_the_path_unless_it_could_be_taken_for_another() {
        assert_eq!(name("证照/甲!.ofd".as_bytes()), "证照/甲!.ofd");
        assert_eq!(name(b"a\\b.ofd"), "a\\b.ofd");
        assert_eq!(name(b"\xbc\xd7.ofd"), "\\xbc\\xd7.ofd");
        assert_eq!(name(b"\\xbc\\xd7.ofd"), "\\\\xbc\\\\xd7.ofd");
        assert_eq!(name(b"-!a.ofd"), "-\\x21a.ofd");
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("a.zip");
        let beside = format!("{}!a!b.ofd", archive.display());
        assert_eq!(of(Path::new(&beside)), beside);
        fs::write(&archive, "").unwrap();
        assert_eq!(of(Path::new(&beside)), format!("{}\\x21a!b.ofd", archive.display()));
    }

    #[test]
    fn no_two_paths_have_one_name() {
        let parts: [&[u8]; 7] = [b"\\", b"x", b"f", b"\xff", b"\xef\xbf\xbd", b"\\xff", b"\xc3"];
        let mut paths: Vec<Vec<u8>> = vec![Vec::new()];
        for _ in 0..4 {
            let longer = paths.iter().flat_map(|path| parts.map(|part| [path, part].concat()));
            paths = paths.iter().cloned().chain(longer).collect();
        }
        let paths: BTreeSet<_> = paths.into_iter().collect();
        let names: BTreeSet<_> = paths.iter().map(|path| name(path)).collect();
        assert_eq!(names.len(), paths.len());
    }

    #[test]
    fn plain_text_is_one_line_from_left_to_right() {
        assert_eq!(
            plain("a\x1b[2J\r\n\u{9b}b\u{202e}fdo."),
            "a\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}b\u{fffd}fdo."
        );
        assert_eq!(plain("证照 甲!.ofd"), "证照 甲!.ofd");
    }
}
