//! Archives of documents: names, nesting, damage, bombs.

use std::fs;
use std::io::Write as _;
use std::process::Command;

use crate::support::{Desk, Entry, crc, fixture, gzip, rows, same, stderr, stdout, tar_entry, tar_header, zip};

const GBK: &[u8] = b"\xbb\xa7\xbf\xda\xb2\xbe/\xbc\xd7.ofd";

#[test]
fn a_zip_of_documents_is_opened_and_an_ofd_is_not_mistaken_for_one() {
    let desk = Desk::new();
    let (ofd, pdf) = (fixture("good.ofd"), fixture("tampered.pdf"));
    let folder = Entry::stored(b"folder/", b"");
    let entries = [
        folder,
        Entry::stored(b"folder/a.ofd", &ofd),
        Entry::stored(b"b.pdf", &pdf),
        Entry::stored(b"c.txt", b"text"),
    ];
    desk.write("documents.zip", zip(&entries));
    desk.write("without-ending", zip(&entries));
    // A document by another name is still a document.
    desk.write("really-a-document.zip", &ofd);
    let inner = |archive: &str| [format!("{archive}!folder/a.ofd"), format!("{archive}!b.pdf")];
    for archive in ["documents.zip", "without-ending"] {
        let [a, b] = inner(archive);
        same(
            &desk.results(&[archive]),
            &[(a.as_str(), "PASSED", "OK"), (b.as_str(), "FAILED", "HASH_FAILURE")],
        );
    }
    same(
        &desk.results(&["really-a-document.zip"]),
        &[("really-a-document.zip", "PASSED", "OK")],
    );
    fs::create_dir(desk.path("in")).unwrap();
    fs::rename(desk.path("documents.zip"), desk.path("in/documents.zip")).unwrap();
    let output = desk.run(&["in", "--format", "ndjson"]);
    assert_eq!(rows(&stdout(&output)).len(), 2);
    assert!(
        stderr(&output).contains("1 other files left out"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn names_in_archives_are_utf_8_or_gbk() {
    let desk = Desk::new();
    let ofd = fixture("good.ofd");
    let flagged = Entry {
        flags: 1 << 11,
        ..Entry::stored("乙.ofd".as_bytes(), &ofd)
    };
    let mut extra = vec![0x75, 0x70, 0, 0, 1];
    extra.extend(crc(b"?.ofd").to_le_bytes());
    extra.extend("丁.ofd".as_bytes());
    extra[2] = u8::try_from(extra.len() - 4).unwrap();
    let with_path = Entry {
        extra: extra.clone(),
        ..Entry::stored(b"?.ofd", &ofd)
    };
    // The field is about another name: it was left behind by a tool that renamed the entry.
    let stale = Entry {
        extra,
        ..Entry::stored(b"new.ofd", &ofd)
    };
    let entries = [
        Entry::stored(GBK, &ofd),
        flagged,
        Entry::stored("丙.ofd".as_bytes(), &ofd),
        with_path,
        stale,
    ];
    desk.write("names.zip", zip(&entries));
    let names: Vec<_> = desk
        .results(&["names.zip"])
        .into_iter()
        .map(|(name, ..)| name)
        .collect();
    assert_eq!(
        names,
        [
            "names.zip!户口簿/甲.ofd",
            "names.zip!乙.ofd",
            "names.zip!丙.ofd",
            "names.zip!丁.ofd",
            "names.zip!new.ofd"
        ]
    );

    let tar = [tar_entry(GBK, b'0', &ofd), tar_entry("乙.ofd".as_bytes(), b'0', &ofd)].concat();
    desk.write("names.tar", tar);
    let names: Vec<_> = desk
        .results(&["names.tar"])
        .into_iter()
        .map(|(name, ..)| name)
        .collect();
    assert_eq!(names, ["names.tar!户口簿/甲.ofd", "names.tar!乙.ofd"]);
}

#[test]
fn what_other_programs_pack_is_read() {
    let desk = Desk::new();
    let long = format!("{}/很长的名字.ofd", "文件夹".repeat(20));
    desk.write(&format!("in/{long}"), fixture("good.ofd"));
    desk.write("in/短.pdf", fixture("tampered.pdf"));
    for form in ["gnu", "pax", "ustar"] {
        let name = format!("{form}.tar.gz");
        let packed = Command::new("tar")
            .args([
                "--sort=name",
                &format!("--format={form}"),
                "-czf",
                &name,
                "-C",
                "in",
                ".",
            ])
            .current_dir(desk.folder.path())
            .status()
            .unwrap();
        assert!(packed.success() || form == "ustar", "{form}");
        if !packed.success() {
            continue;
        }
        let long = format!("{name}!./{long}");
        let short = format!("{name}!./短.pdf");
        let mut found = desk.results(&[&name]);
        found.sort_by_key(|(name, ..)| *name != long);
        same(
            &found,
            &[
                (long.as_str(), "PASSED", "OK"),
                (short.as_str(), "FAILED", "HASH_FAILURE"),
            ],
        );
    }
    let mut writer = zip_writer(desk.path("deflated.zip"));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, large) in [("短.pdf", false), ("大.pdf", true)] {
        writer.start_file(name, options.large_file(large)).unwrap();
        writer.write_all(&fixture("good.pdf")).unwrap();
    }
    writer.finish().unwrap();
    same(
        &desk.results(&["deflated.zip"]),
        &[
            ("deflated.zip!短.pdf", "PASSED", "OK"),
            ("deflated.zip!大.pdf", "PASSED", "OK"),
        ],
    );
}

fn zip_writer(path: std::path::PathBuf) -> zip::ZipWriter<fs::File> {
    zip::ZipWriter::new(fs::File::create(path).unwrap())
}

#[test]
fn an_archive_inside_an_archive_is_told_and_not_opened() {
    let desk = Desk::new();
    let ofd = fixture("good.ofd");
    let inner = zip(&[Entry::stored(b"a.ofd", &ofd)]);
    desk.write(
        "outer.zip",
        zip(&[Entry::stored(b"inner.zip", &inner), Entry::stored(b"b.ofd", &ofd)]),
    );
    desk.write(
        "outer.tar",
        [
            tar_entry(b"inner.tar.gz", b'0', &gzip(&inner)),
            tar_entry(b"b.ofd", b'0', &ofd),
        ]
        .concat(),
    );
    same(
        &desk.results(&["outer.zip", "outer.tar"]),
        &[
            ("outer.zip!inner.zip", "INDETERMINATE", "NESTED_ARCHIVE"),
            ("outer.zip!b.ofd", "PASSED", "OK"),
            ("outer.tar!inner.tar.gz", "INDETERMINATE", "NESTED_ARCHIVE"),
            ("outer.tar!b.ofd", "PASSED", "OK"),
        ],
    );
}

#[test]
fn a_damaged_entry_or_archive_is_a_line_and_the_rest_goes_on() {
    let desk = Desk::new();
    let ofd = fixture("good.ofd");
    let stored = |name| Entry::stored(name, &ofd);
    let entries = [
        Entry {
            crc: 1,
            ..stored(b"crc.ofd")
        },
        Entry {
            unpacked: 10,
            ..stored(b"longer.ofd")
        },
        Entry {
            unpacked: 999_999,
            ..stored(b"shorter.ofd")
        },
        Entry {
            flags: 1,
            ..stored(b"locked.ofd")
        },
        Entry {
            method: 12,
            ..stored(b"bzip2.ofd")
        },
        Entry {
            method: 8,
            ..stored(b"no-deflate.ofd")
        },
        stored(b"../../etc/escape.ofd"),
    ];
    let whole = zip(&entries);
    desk.write("damaged.zip", &whole);
    desk.write("cut.zip", &whole[..whole.len() - 30]);
    desk.write("cut.tar", &tar_entry(b"a.ofd", b'0', &ofd)[..50_000]);
    let mut wrong = tar_entry(b"a.ofd", b'0', &ofd);
    let at = wrong.len();
    wrong.extend(tar_entry(b"b.ofd", b'0', &ofd));
    wrong[at] ^= 1;
    desk.write("wrong.tar", wrong);
    desk.write(
        "link.tar",
        [tar_entry(b"a.ofd", b'0', &ofd), tar_entry(b"b.ofd", b'1', b"")].concat(),
    );
    let found = desk.results(&[
        "damaged.zip",
        "cut.zip",
        "cut.tar",
        "wrong.tar",
        "link.tar",
        "missing.zip",
    ]);
    same(
        &found,
        &[
            ("damaged.zip!crc.ofd", "FAILED", "FORMAT_FAILURE"),
            ("damaged.zip!longer.ofd", "FAILED", "FORMAT_FAILURE"),
            ("damaged.zip!shorter.ofd", "FAILED", "FORMAT_FAILURE"),
            ("damaged.zip!locked.ofd", "INDETERMINATE", "ENCRYPTED"),
            ("damaged.zip!bzip2.ofd", "INDETERMINATE", "IO_ERROR"),
            ("damaged.zip!no-deflate.ofd", "FAILED", "FORMAT_FAILURE"),
            ("damaged.zip!../../etc/escape.ofd", "PASSED", "OK"),
            ("cut.zip", "FAILED", "FORMAT_FAILURE"),
            ("cut.tar", "FAILED", "FORMAT_FAILURE"),
            ("wrong.tar!a.ofd", "PASSED", "OK"),
            ("wrong.tar", "FAILED", "FORMAT_FAILURE"),
            ("link.tar!a.ofd", "PASSED", "OK"),
            ("link.tar!b.ofd", "INDETERMINATE", "IO_ERROR"),
            ("missing.zip", "INDETERMINATE", "IO_ERROR"),
        ],
    );
    assert_eq!(
        fs::read_dir(desk.folder.path()).unwrap().count(),
        5,
        "nothing is written"
    );
}

/// `size` zeros, deflated.
fn zeros(size: u64) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), size), &mut encoder).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn bombs_are_told_and_not_unfolded() {
    let desk = Desk::new();
    let ofd = fixture("good.ofd");
    let packed = zeros(300 << 20);
    let honest = Entry {
        method: 8,
        packed: &packed,
        crc: 0,
        unpacked: 300 << 20,
        ..Entry::stored(b"honest.ofd", b"")
    };
    // It says that it is small: no more than it says is unfolded.
    let liar = Entry {
        method: 8,
        packed: &packed,
        crc: 0,
        unpacked: 1000,
        ..Entry::stored(b"liar.ofd", b"")
    };
    let last = Entry::stored(b"good.ofd", &ofd);
    desk.write("bomb.zip", zip(&[honest, liar, last]));

    // Every entry is the first one again.
    let mut shared = zip(&[Entry::stored(b"a.ofd", &ofd), Entry::stored(b"b.ofd", b"")]);
    let second = shared.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    let first = shared.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    shared.copy_within(first + 16..first + 28, second + 16);
    shared.copy_within(first + 42..first + 46, second + 42);
    desk.write("shared.zip", shared);

    // Zeros without end in a tar.gz: what comes out is ended long before the archive is.
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&tar_entry(b"good.ofd", b'0', &ofd)).unwrap();
    encoder
        .write_all(&tar_header(b"zeros.ofd", b'0', 0o77_777_777_777))
        .unwrap();
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), 400 << 20), &mut encoder).unwrap();
    desk.write("bomb.tar.gz", encoder.finish().unwrap());

    // A name that is said to be 8 GB long.
    desk.write(
        "name.tar",
        [tar_header(b"x", b'L', 0o77_777_777_777), vec![b'x'; 4096]].concat(),
    );

    same(
        &desk.results(&["bomb.zip", "shared.zip", "bomb.tar.gz", "name.tar"]),
        &[
            ("bomb.zip!honest.ofd", "INDETERMINATE", "LIMIT_EXCEEDED"),
            ("bomb.zip!liar.ofd", "FAILED", "FORMAT_FAILURE"),
            ("bomb.zip!good.ofd", "PASSED", "OK"),
            ("shared.zip!a.ofd", "PASSED", "OK"),
            ("shared.zip", "FAILED", "FORMAT_FAILURE"),
            ("bomb.tar.gz!good.ofd", "PASSED", "OK"),
            ("bomb.tar.gz", "INDETERMINATE", "LIMIT_EXCEEDED"),
            ("name.tar", "FAILED", "FORMAT_FAILURE"),
        ],
    );
}

#[test]
fn a_hundred_thousand_tiny_entries_are_counted_and_not_held() {
    let desk = Desk::new();
    let mut writer = zip_writer(desk.path("many.zip"));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for n in 0..100_000 {
        writer.start_file(format!("{n}.txt"), options).unwrap();
    }
    writer.start_file("last.ofd", options).unwrap();
    writer.write_all(&fixture("good.ofd")).unwrap();
    writer.finish().unwrap();
    let output = desk.run(&["many.zip", "--format", "ndjson", "--summary", "summary"]);
    same(&rows(&stdout(&output)), &[("many.zip!last.ofd", "PASSED", "OK")]);
    let summary: serde_json::Value = serde_json::from_str(&desk.read("summary")).unwrap();
    assert_eq!(summary["total"]["skipped"], 100_000);
    let peak = summary["this_run"]["peak_memory_bytes"].as_u64().unwrap();
    assert!(peak < 200 << 20, "{peak} bytes");
}

/// Every entry of these bytes, taken as a zip and as a tar, is listed and read.
fn unfold(bytes: &[u8]) {
    use cinnabar_verify::bulk::archive::{Limits, tar, zip};
    use cinnabar_verify::bulk::{Content, Item};
    use std::sync::Arc;

    let limits = Limits {
        entries: 100,
        entry_bytes: 1 << 20,
        ..Limits::default()
    };
    let read = |item: Item| {
        assert!(!item.name.contains(char::is_control));
        if let Content::Fetch(mut fetch) = item.content
            && fetch.open().is_ok()
        {
            let _ = fetch.read(1 << 20);
        }
    };
    let shared: Arc<[u8]> = bytes.into();
    if let Ok(zip::Opened::Archive(items)) = zip::open(Arc::new(shared), "a", &limits) {
        items.for_each(read);
    }
    if let Ok(items) = tar::open(std::io::Cursor::new(bytes.to_vec()), "a", &limits) {
        items.for_each(read);
    }
}

#[test]
fn no_small_change_of_an_archive_breaks_its_reader() {
    let packed = zeros(2000);
    let mut extra = vec![1, 0, 24, 0];
    extra.resize(28, 0);
    let deflated = Entry {
        method: 8,
        packed: &packed,
        crc: crc(&[0; 2000]),
        unpacked: 2000,
        extra,
        ..Entry::stored(GBK, b"")
    };
    let zip = zip(&[deflated, Entry::stored(b"b/", b""), Entry::stored(b"c", b"PK\x03\x04")]);
    let pax = "26 path=\u{7532}\u{4e59}/\u{4e19}.ofd\n11 size=5\n";
    let long = [b'x'; 600];
    let parts = [
        tar_entry(b"pax", b'x', pax.as_bytes()),
        tar_entry(b"a", b'0', b"%PDF-"),
        tar_entry(b"././@LongLink", b'L', &long),
        tar_entry(b"b.ofd", b'0', b"b"),
        tar_entry(b"link.ofd", b'2', b""),
        vec![0; 1024],
    ];
    let tar = parts.concat();
    let gzipped = gzip(&tar);
    for whole in [zip, tar, gzipped] {
        for at in 0..whole.len() {
            for change in [1, 0x7f, 0x80, 0xff] {
                let mut changed = whole.clone();
                changed[at] ^= change;
                unfold(&changed);
            }
            unfold(&whole[..at]);
        }
    }
}
