//! Entry names: which are allowed, and which are one name to some software.

use unicode_normalization::UnicodeNormalization;

/// Says what keeps `name` from being an entry's name; `name` has `/` separators and no trailing one.
pub(crate) fn objection(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("it is empty");
    }
    if name.chars().any(char::is_control) {
        return Some("it holds control characters");
    }
    if name.starts_with('/') {
        return Some("it is absolute");
    }
    for (index, segment) in name.split('/').enumerate() {
        match segment {
            "" => return Some("it holds an empty segment"),
            "." => return Some("it holds a . segment"),
            ".." => return Some("it leaves the package"),
            _ if index == 0 && segment.contains(':') => return Some("it names a drive or an address"),
            _ => {}
        }
    }
    None
}

/// Folds case for the tolerant lookup of paths.
pub(crate) fn fold(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    name.to_uppercase().to_lowercase()
}

/// Gives the key under which names collide: case, Unicode form, percent escapes, trailing dots and spaces.
pub(crate) fn key(name: &str) -> String {
    let unescaped = unescape(name).replace('\\', "/");
    let folded: String = if unescaped.is_ascii() {
        fold(&unescaped)
    } else {
        let composed: String = unescaped.nfc().collect();
        fold(&composed).nfc().collect()
    };
    let mut segments = Vec::new();
    for segment in folded.split('/') {
        match segment.trim_end_matches(['.', ' ']) {
            "" if segment.starts_with("..") => segments.push(".."),
            "" => {}
            kept => segments.push(kept),
        }
    }
    segments.join("/")
}

fn unescape(name: &str) -> String {
    if !name.contains('%') {
        return name.to_owned();
    }
    let bytes = name.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digit = |offset: usize| bytes.get(at + offset).and_then(|b| char::from(*b).to_digit(16));
        match (byte, digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or(b'%'));
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_some_software_takes_for_one_share_a_key() {
        for (a, b) in [
            ("Doc_0/A.xml", "doc_0/a.XML"),
            ("Doc_0/A.xml", "Doc_0/A.xml."),
            ("Doc_0/A.xml", "Doc_0/A.xml "),
            ("Doc_0/A.xml", "Doc_0/%41.xml"),
            ("Doc_0/A.xml", "Doc_0\\A.xml"),
            ("Doc_0/caf\u{e9}.xml", "Doc_0/cafe\u{301}.xml"),
            ("Doc_0/stra\u{df}e", "Doc_0/STRASSE"),
            ("Doc_0/A.xml", "Doc_0/./A.xml"),
        ] {
            assert_eq!(key(a), key(b), "{a} {b}");
        }
        assert_ne!(key("Doc_0/附件2"), key("Doc_0/附件3"));
    }

    #[test]
    fn names_that_leave_the_package_are_refused() {
        for name in ["", "/a", "a//b", "./a", "../a", "a/../b", "C:/a", "http://x/y", "a\0b"] {
            assert!(objection(name).is_some(), "{name}");
        }
        for name in ["OFD.xml", "Doc_0/营业执照.xml", "a/b:c"] {
            assert!(objection(name).is_none(), "{name}");
        }
    }
}
