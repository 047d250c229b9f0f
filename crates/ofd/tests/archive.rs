//! What the container refuses: each archive differs from a good one in one thing.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

mod support;

use cinnabar_ofd::{Limits, Package, PackageError, sniff};
use support::{Entry, Zip};

fn open(zip: &Zip) -> Result<Package, PackageError> {
    Package::open(&zip.bytes(), &Limits::default())
}

fn two() -> Vec<Entry> {
    vec![
        Entry::new("OFD.xml", b"<a/>"),
        Entry::deflated("Doc_0/Document.xml", &[b'x'; 400]),
    ]
}

fn code(zip: &Zip) -> &'static str {
    open(zip).unwrap_err().code()
}

fn named(a: &str, b: &str) -> &'static str {
    code(&Zip::new(vec![Entry::new(a, b"1"), Entry::new(b, b"2")]))
}

#[test]
fn a_plain_archive_opens_and_gives_its_bytes() {
    let package = open(&Zip::new(two())).unwrap();
    assert_eq!(package.names(), ["Doc_0/Document.xml", "OFD.xml"]);
    assert_eq!(package.entry("Doc_0/Document.xml"), Some([b'x'; 400].as_slice()));
    assert!(sniff(&Zip::new(two()).bytes()));
}

#[test]
fn not_an_archive_is_told_from_a_broken_one() {
    let limits = Limits::default();
    for garbage in [b"".as_slice(), b"%PDF-1.7", b"hello", &[0; 4096]] {
        assert_eq!(Package::open(garbage, &limits).unwrap_err(), PackageError::NotZip);
    }
    let bytes = Zip::new(two()).bytes();
    for end in 4..bytes.len() {
        let error = Package::open(&bytes[..end], &limits).unwrap_err();
        assert!(!error.is_encrypted());
        assert!(matches!(error, PackageError::Truncated { .. }), "cut at {end}: {error}");
    }
}

#[test]
fn bytes_outside_of_every_structure_are_refused() {
    let zip = Zip {
        before: b"MZ".to_vec(),
        ..Zip::new(two())
    };
    assert_eq!(open(&zip).unwrap_err(), PackageError::LeadingData { bytes: 2 });
    let hidden = Entry::new("evil", b"x");
    let zip = Zip {
        before: Zip::new(vec![hidden]).bytes()[..36].to_vec(),
        ..Zip::new(two())
    };
    assert_eq!(code(&zip), "LEADING_DATA");
    assert_eq!(
        code(&Zip {
            between: b"zz".to_vec(),
            ..Zip::new(two())
        }),
        "HIDDEN_DATA"
    );
    assert_eq!(
        code(&Zip {
            before_directory: b"zz".to_vec(),
            ..Zip::new(two())
        }),
        "HIDDEN_DATA"
    );
    assert_eq!(
        code(&Zip {
            after: b"zz".to_vec(),
            ..Zip::new(two())
        }),
        "TRAILING_DATA"
    );
    assert!(
        open(&Zip {
            comment: b"made by hand".to_vec(),
            ..Zip::new(two())
        })
        .is_ok()
    );
    let mut shifted = b"junk".to_vec();
    shifted.extend(Zip::new(two()).bytes());
    assert_eq!(
        Package::open(&shifted, &Limits::default()).unwrap_err().code(),
        "LEADING_DATA"
    );
}

#[test]
fn a_second_archive_behind_the_first_is_refused() {
    let mut bytes = Zip::new(two()).bytes();
    bytes.extend(Zip::new(vec![Entry::new("OFD.xml", b"<b/>")]).bytes());
    assert!(Package::open(&bytes, &Limits::default()).is_err());
    // An end record inside the comment of another, both of which reach the end of the file.
    let inner = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    assert_eq!(
        code(&Zip {
            comment: inner,
            ..Zip::new(two())
        }),
        "BAD_STRUCTURE"
    );
}

#[test]
fn headers_that_disagree_are_refused() {
    for (field, spoil) in [
        (
            "name",
            (|e: &mut Entry| e.local_name = b"OFD.xmL".to_vec()) as fn(&mut Entry),
        ),
        ("size", |e| e.local_size = 3),
        ("stored size", |e| {
            e.size = 3;
            e.local_size = 3;
        }),
        ("zip64 sizes", |e| e.size = u32::MAX),
        ("data descriptor", |e| {
            e.flags = 8;
            e.descriptor = b"PK\x07\x08\0\0\0\0\x04\0\0\0\x04\0\0\0".to_vec();
        }),
        ("data descriptor", |e| e.flags = 8),
    ] {
        let mut entries = two();
        spoil(&mut entries[0]);
        match open(&Zip::new(entries)).unwrap_err() {
            PackageError::HeaderMismatch { field: found, .. } => assert_eq!(found, field),
            other => panic!("{field}: {other}"),
        }
    }
    let mut entries = two();
    entries[0].crc = 0;
    assert_eq!(code(&Zip::new(entries)), "CORRUPT_ENTRY");
}

#[test]
fn data_descriptors_with_and_without_signature_are_read() {
    for signed in [false, true] {
        let mut entries = two();
        for entry in &mut entries {
            entry.flags |= 8;
            if signed {
                entry.descriptor.extend(b"PK\x07\x08");
            }
            let stored = entry.stored.len() as u32;
            entry
                .descriptor
                .extend([entry.crc, stored, entry.size].iter().flat_map(|v| v.to_le_bytes()));
        }
        assert_eq!(open(&Zip::new(entries)).unwrap().names().len(), 2);
    }
}

#[test]
fn overlapping_entries_are_refused() {
    let mut bytes = Zip::new(vec![Entry::new("OFD.xml", b"<a/>"), Entry::new("Other.x", b"<a/>")]).bytes();
    // The second record is pointed at the first entry.
    let at = bytes.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap() + 42;
    bytes[at..at + 4].copy_from_slice(&[0; 4]);
    assert_eq!(Package::open(&bytes, &Limits::default()).unwrap_err().code(), "OVERLAP");
}

#[test]
fn two_names_for_one_file_are_refused() {
    assert_eq!(named("OFD.xml", "OFD.xml"), "DUPLICATE_ENTRY");
    assert_eq!(named("Doc_0/Seal.esl", "Doc_0\\Seal.esl"), "DUPLICATE_ENTRY");
    for (a, b) in [
        ("Doc_0/Seal.esl", "doc_0/seal.esl"),
        ("Doc_0/Seal.esl", "Doc_0/Seal.esl."),
        ("Doc_0/Seal.esl", "Doc_0/Seal.esl "),
        ("Doc_0/Seal.esl", "Doc_0/%53eal.esl"),
        ("Doc_0/Seal.esl", "Doc_0\\SEAL.esl"),
        ("Doc_0/caf\u{e9}", "Doc_0/cafe\u{301}"),
        ("Doc_0", "Doc_0/Seal.esl"),
        ("Doc_0/a", "Doc_0/A/"),
    ] {
        let second = if b.ends_with('/') {
            Entry::new(b, b"")
        } else {
            Entry::new(b, b"2")
        };
        let zip = Zip::new(vec![Entry::new(a, b"1"), second]);
        assert_eq!(code(&zip), "AMBIGUOUS_NAME", "{a} {b}");
    }
}

#[test]
fn names_that_leave_the_package_are_refused() {
    for name in [
        "../OFD.xml",
        "/OFD.xml",
        "a/../../b",
        "C:/a",
        "a//b",
        "./a",
        "a\0b",
        "..\\a",
        "",
    ] {
        assert_eq!(code(&Zip::new(vec![Entry::new(name, b"1")])), "UNSAFE_NAME", "{name:?}");
    }
    let mut entry = Entry::new("x.xml", b"1");
    entry.name = vec![0xb7, 0xa2, b'.'];
    entry.local_name.clone_from(&entry.name);
    assert_eq!(code(&Zip::new(vec![entry])), "UNSAFE_NAME");
    assert_eq!(code(&Zip::new(vec![Entry::new("Doc_0/", b"content")])), "UNSAFE_NAME");
}

#[test]
fn a_unicode_path_field_with_another_name_is_refused() {
    let mut entry = Entry::new("OFD.xml", b"<a/>");
    entry.extra = b"\x75\x70\x0c\0\x01\0\0\0\0OFD.xmL".to_vec();
    assert_eq!(code(&Zip::new(vec![entry.clone()])), "AMBIGUOUS_NAME");
    entry.extra = b"\x75\x70\x0c\0\x01\0\0\0\0OFD.xml".to_vec();
    assert!(open(&Zip::new(vec![entry])).is_ok());
}

#[test]
fn encryption_is_told_from_damage() {
    for (flags, method) in [(1, 0), (0x41, 8), (0x2000, 0), (1, 99)] {
        let mut entries = two();
        entries[1].flags = flags;
        entries[1].method = method;
        assert!(open(&Zip::new(entries)).unwrap_err().is_encrypted());
    }
}

#[test]
fn links_and_odd_methods_are_refused() {
    for (mode, expected) in [
        (0o120_777u32, Some("SYMBOLIC_LINK")),
        (0o060_000, Some("SYMBOLIC_LINK")),
        (0o100_644, None),
    ] {
        let mut entries = two();
        entries[1].attributes = mode << 16;
        assert_eq!(open(&Zip::new(entries)).err().map(|e| e.code()), expected);
    }
    for method in [1, 9, 12, 14, 95] {
        let mut entries = two();
        entries[1].method = method;
        assert_eq!(code(&Zip::new(entries)), "UNSUPPORTED");
    }
}

#[test]
fn bombs_are_refused_before_and_while_they_inflate() {
    let zeros = vec![0; 8 << 20];
    let zip = Zip::new(vec![Entry::deflated("OFD.xml", &zeros)]);
    assert_eq!(code(&zip), "RATIO_EXCEEDED");
    let limits = Limits {
        max_entry_bytes: 1 << 20,
        ..Limits::default()
    };
    assert_eq!(Package::open(&zip.bytes(), &limits).unwrap_err().code(), "TOO_LARGE");
    // Says that it is small, and is not.
    let mut liar = Entry::deflated("OFD.xml", &zeros);
    liar.size = 100;
    liar.local_size = 100;
    assert_eq!(code(&Zip::new(vec![liar])), "CORRUPT_ENTRY");
    // Many of a moderate size.
    let entries = (0..64).map(|i| Entry::new(&format!("{i}"), &[7; 4096])).collect();
    let limits = Limits {
        max_total_bytes: 100_000,
        ..Limits::default()
    };
    assert_eq!(
        Package::open(&Zip::new(entries).bytes(), &limits).unwrap_err().code(),
        "TOO_LARGE"
    );
    let limits = Limits {
        max_entries: 1,
        ..Limits::default()
    };
    assert_eq!(
        Package::open(&Zip::new(two()).bytes(), &limits).unwrap_err().code(),
        "TOO_MANY_ENTRIES"
    );
    let limits = Limits {
        max_package_bytes: 10,
        ..Limits::default()
    };
    assert_eq!(
        Package::open(&Zip::new(two()).bytes(), &limits).unwrap_err().code(),
        "PACKAGE_TOO_LARGE"
    );
}

#[test]
fn data_behind_the_end_of_a_deflate_stream_is_refused() {
    let mut entry = Entry::deflated("OFD.xml", b"<a/>");
    entry.stored.extend(b"hidden");
    assert_eq!(code(&Zip::new(vec![entry])), "CORRUPT_ENTRY");
}

#[test]
fn an_entry_takes_nothing_from_the_one_before_it() {
    // Three bytes copied from one byte back, which lies before the stream's first byte.
    let borrowing = Entry {
        stored: vec![0x03, 0x02, 0x00],
        method: 8,
        ..Entry::new("Doc_0/b.xml", b"xxx")
    };
    let zip = Zip::new(vec![Entry::deflated("Doc_0/a.xml", &[b'x'; 70_000]), borrowing]);
    let expected = PackageError::CorruptEntry {
        entry: "Doc_0/b.xml".into(),
        reason: "its compressed data cannot be inflated",
    };
    assert_eq!(open(&zip).unwrap_err(), expected);
}

#[test]
fn streams_that_end_early_late_or_elsewhere_are_refused() {
    let sound = Entry::deflated("b", &[b'x'; 400]);
    for (change, reason) in [
        (-1, "its compressed data cannot be inflated"),
        (1, "data follows the end of its compressed data"),
    ] {
        let mut entry = sound.clone();
        let length = entry.stored.len().checked_add_signed(change).unwrap();
        entry.stored.resize(length, 0);
        let error = open(&Zip::new(vec![Entry::deflated("a", b"x"), entry])).unwrap_err();
        assert!(error.to_string().contains(reason), "{change}: {error}");
    }
    for size in [0, 399, 401, 1000] {
        let entry = Entry {
            size,
            local_size: size,
            ..sound.clone()
        };
        let error = open(&Zip::new(vec![Entry::deflated("a", b"x"), entry])).unwrap_err();
        assert!(error.to_string().contains("its length is not"), "{size}: {error}");
    }
}

#[test]
fn a_directory_with_another_count_is_refused() {
    for count in [0, 1, 3, 9] {
        assert!(
            open(&Zip {
                count: Some(count),
                ..Zip::new(two())
            })
            .is_err(),
            "{count}"
        );
    }
    assert!(
        open(&Zip {
            count: Some(u16::MAX),
            ..Zip::new(two())
        })
        .is_err()
    );
}

#[test]
fn zip64_is_read_and_its_contradictions_are_refused() {
    let plain = Zip::new(two()).bytes();
    let end = plain.len() - 22;
    let field = |at: usize| u64::from(u32::from_le_bytes(plain[end + at..end + at + 4].try_into().unwrap()));
    let build = |size: u64, offset: u64, count: u64, narrow: bool| {
        let mut out = plain[..end].to_vec();
        let at = out.len() as u64;
        out.extend(b"PK\x06\x06");
        out.extend(44u64.to_le_bytes());
        out.extend([45, 0, 45, 0]);
        out.extend([0; 8]);
        out.extend([count, count, size, offset].iter().flat_map(|v| v.to_le_bytes()));
        out.extend(b"PK\x06\x07\0\0\0\0");
        out.extend(at.to_le_bytes());
        out.extend(1u32.to_le_bytes());
        let mut tail = plain[end..].to_vec();
        if narrow {
            tail[8..20].fill(0xff);
        }
        out.extend(tail);
        Package::open(&out, &Limits::default())
    };
    let (size, offset) = (field(12), field(16));
    assert_eq!(build(size, offset, 2, true).unwrap().names().len(), 2);
    assert_eq!(build(size, offset, 2, false).unwrap().names().len(), 2);
    assert!(build(size, offset, 3, false).is_err());
    assert!(build(size, offset + 1, 2, true).is_err());
    assert!(build(u64::MAX, offset, 2, true).is_err());
    assert!(build(size, u64::MAX, 2, true).is_err());
    assert!(build(size, offset, u64::MAX, true).is_err());
}

#[test]
fn paths_are_followed_by_one_rule() {
    let entries = ["OFD.xml", "Doc_0/Tpls/Tpl_0/Content.xml", "Doc_0/a.xml", "Doc_1/a.xml"];
    let zip = Zip::new(entries.iter().map(|name| Entry::new(name, b"x")).collect());
    let package = open(&zip).unwrap();
    for (base, loc, path, exact, codes) in [
        ("", "Doc_0/a.xml", "Doc_0/a.xml", true, vec![]),
        ("Doc_0", "a.xml", "Doc_0/a.xml", true, vec![]),
        ("Doc_0", "/Doc_1/a.xml", "Doc_1/a.xml", true, vec![]),
        (
            "Doc_0",
            "//Doc_1\\a.xml",
            "Doc_1/a.xml",
            true,
            vec!["PATH_BACKSLASH", "PATH_DOUBLE_SLASH"],
        ),
        (
            "Doc_0",
            "TPLS/Tpl_0/Content.xml",
            "Doc_0/Tpls/Tpl_0/Content.xml",
            false,
            vec!["PATH_CASE"],
        ),
        ("Doc_0/Tpls", "../a.xml", "Doc_0/a.xml", true, vec!["PATH_PARENT"]),
    ] {
        let found = package.resolve(base, loc);
        assert_eq!(found.entry(), Some(path), "{loc}");
        assert_eq!(found.exact, exact, "{loc}");
        assert_eq!(
            found.deviations.iter().map(|d| d.code).collect::<Vec<_>>(),
            codes,
            "{loc}"
        );
    }
    for loc in [
        "../OFD.xml",
        "/../OFD.xml",
        "nowhere.xml",
        "",
        "/",
        "%2e%2e/OFD.xml",
        "file:///etc/passwd",
    ] {
        assert_eq!(package.resolve("", loc).entry(), None, "{loc}");
    }
}

#[test]
fn another_reader_sees_the_same_entries() {
    let bytes = Zip::new(two()).bytes();
    let mut other = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
    let package = Package::open(&bytes, &Limits::default()).unwrap();
    for name in package.names() {
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut other.by_name(name).unwrap(), &mut content).unwrap();
        assert_eq!(package.entry(name), Some(content.as_slice()));
    }
}
