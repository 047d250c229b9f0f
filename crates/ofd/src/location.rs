//! Paths inside a package (`ST_Loc`, GB/T 33190 7.5), brought to one form.

use crate::deviation::{self, Kind};

/// A normalised path and what was odd about it.
pub(crate) struct Location {
    pub(crate) path: String,
    pub(crate) kinds: Vec<Kind>,
}

/// Brings `loc`, found in a file of directory `base`, to `a/b/c` from the root.
pub(crate) fn normalise(base: &str, loc: &str) -> Location {
    let text = loc.trim_matches([' ', '\t', '\r', '\n']);
    let mut kinds = Vec::new();
    if text.contains('\\') {
        kinds.push(deviation::PATH_BACKSLASH);
    }
    let text = text.replace('\\', "/");
    let first = text.split('/').next().unwrap_or_default();
    if text.is_empty() {
        return Location {
            path: text,
            kinds: vec![deviation::PATH_EMPTY],
        };
    }
    if text.ends_with('/') || text.chars().any(char::is_control) || first.contains(':') {
        kinds.push(deviation::PATH_UNSAFE);
        return Location { path: text, kinds };
    }
    let (base, rest) = match text.strip_prefix('/') {
        Some(rest) => ("", rest),
        None => (base, text.as_str()),
    };
    let mut segments = Vec::new();
    for segment in base.split('/').filter(|s| !s.is_empty()).chain(rest.split('/')) {
        match segment {
            "" => note(&mut kinds, deviation::PATH_DOUBLE_SLASH),
            "." => {}
            ".." if segments.pop().is_some() => note(&mut kinds, deviation::PATH_PARENT),
            ".." => {
                kinds.push(deviation::PATH_ESCAPE);
                return Location { path: text, kinds };
            }
            other => segments.push(other),
        }
    }
    if segments.is_empty() {
        kinds.push(deviation::PATH_UNSAFE);
    }
    Location {
        path: segments.join("/"),
        kinds,
    }
}

/// Gives the directory part of an entry's name.
pub(crate) fn directory(entry: &str) -> &str {
    entry.rsplit_once('/').map_or("", |(directory, _)| directory)
}

fn note(kinds: &mut Vec<Kind>, kind: Kind) {
    if !kinds.contains(&kind) {
        kinds.push(kind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_to_one_form_and_departures_are_named() {
        for (base, loc, path, codes) in [
            ("", "Doc_0/Document.xml", "Doc_0/Document.xml", vec![]),
            ("Doc_0", "/OFD.xml", "OFD.xml", vec![]),
            ("Doc_0", "Pages/P.xml", "Doc_0/Pages/P.xml", vec![]),
            ("Doc_0", "./P.xml", "Doc_0/P.xml", vec![]),
            ("Doc_0", " P.xml\n", "Doc_0/P.xml", vec![]),
            ("Doc_0", "//Doc_0/P.xml", "Doc_0/P.xml", vec!["PATH_DOUBLE_SLASH"]),
            ("Doc_0", "Res\\a.png", "Doc_0/Res/a.png", vec!["PATH_BACKSLASH"]),
            ("Doc_0/Tags", "../Res/a.png", "Doc_0/Res/a.png", vec!["PATH_PARENT"]),
            (
                "Doc_0",
                "../../etc/passwd",
                "../../etc/passwd",
                vec!["PATH_PARENT", "PATH_ESCAPE"],
            ),
            (
                "Doc_0",
                "..\\..\\x",
                "../../x",
                vec!["PATH_BACKSLASH", "PATH_PARENT", "PATH_ESCAPE"],
            ),
            ("Doc_0", "/../x", "/../x", vec!["PATH_ESCAPE"]),
            ("Doc_0", "", "", vec!["PATH_EMPTY"]),
            ("Doc_0", "Pages/", "Pages/", vec!["PATH_UNSAFE"]),
            ("Doc_0", "http://x/y", "http://x/y", vec!["PATH_UNSAFE"]),
            ("Doc_0", "C:\\x", "C:/x", vec!["PATH_BACKSLASH", "PATH_UNSAFE"]),
        ] {
            let found = normalise(base, loc);
            assert_eq!(found.path, path, "{loc}");
            assert_eq!(found.kinds.iter().map(|k| k.code).collect::<Vec<_>>(), codes, "{loc}");
        }
    }
}
