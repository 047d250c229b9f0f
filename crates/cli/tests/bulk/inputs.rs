//! Where documents come from.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::{Desk, fixture, gzip, rows, same, stderr, stdout, tar_entry};

/// Two good documents, a tampered one, and something that is none.
fn folder() -> Desk {
    let desk = Desk::new();
    desk.write("archive/2025/甲.ofd", fixture("good.ofd"));
    desk.write("archive/2026/乙.pdf", fixture("good.pdf"));
    desk.write("archive/2026/丙.ofd", fixture("tampered.ofd"));
    desk.write("archive/notes.txt", "notes");
    desk
}

const ALL: [(&str, &str, &str); 3] = [
    ("archive/2025/甲.ofd", "PASSED", "OK"),
    ("archive/2026/丙.ofd", "FAILED", "HASH_FAILURE"),
    ("archive/2026/乙.pdf", "PASSED", "OK"),
];

#[test]
fn a_folder_is_walked_in_the_order_of_names_and_what_is_no_document_is_counted() {
    let desk = folder();
    desk.write("archive/2025/no-ending", fixture("good.pdf"));
    desk.write("archive/empty.ofd", "");
    fs::remove_file(desk.path("archive/2026/丙.ofd")).unwrap();
    desk.pipe("archive/pipe.ofd");
    desk.pipe("archive/pipe");
    symlink("..", desk.path("archive/up")).unwrap();
    symlink("2025/甲.ofd", desk.path("archive/link.ofd")).unwrap();
    symlink("nowhere", desk.path("archive/nowhere.ofd")).unwrap();
    let output = desk.run(&["archive", "--format", "ndjson"]);
    same(
        &rows(&stdout(&output)),
        &[
            ("archive/2025/no-ending", "PASSED", "OK"),
            ("archive/2025/甲.ofd", "PASSED", "OK"),
            ("archive/2026/乙.pdf", "PASSED", "OK"),
            ("archive/empty.ofd", "FAILED", "FORMAT_FAILURE"),
            ("archive/link.ofd", "PASSED", "OK"),
            ("archive/nowhere.ofd", "INDETERMINATE", "IO_ERROR"),
            ("archive/pipe.ofd", "INDETERMINATE", "IO_ERROR"),
        ],
    );
    assert!(
        stderr(&output).contains("2 other files left out 跳过"),
        "{}",
        stderr(&output)
    );
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn patterns_are_expanded_by_the_command() {
    let desk = folder();
    same(&desk.results(&["archive/**/*.ofd"]), &ALL[..2]);
    same(&desk.results(&["archive/**"]), &ALL);
    same(&desk.results(&["archive/202[6]/?.ofd"]), &ALL[1..2]);
    same(&desk.results(&["archive/2*"]), &ALL);
    let nothing = desk.run(&["nothing/*.ofd"]);
    assert_eq!(
        nothing.status.code(),
        Some(2),
        "a pattern that matches nothing proves nothing"
    );
    // A file whose name looks like a pattern is that file.
    desk.write("[1].ofd", fixture("good.ofd"));
    same(&desk.results(&["[1].ofd"]), &[("[1].ofd", "PASSED", "OK")]);
}

#[test]
fn a_list_names_files_by_lines_or_with_nul() {
    let desk = folder();
    desk.write(
        "list",
        "\u{feff}archive/2025/甲.ofd\r\n\narchive/2026/丙.ofd\nmissing.ofd",
    );
    same(
        &desk.results(&["--files-from", "list"]),
        &[ALL[0], ALL[1], ("missing.ofd", "INDETERMINATE", "IO_ERROR")],
    );
    desk.write("a\nb.ofd", fixture("good.ofd"));
    let output = desk.run_with(
        &["--files-from", "-", "-0", "--format", "ndjson"],
        "a\nb.ofd\0archive/2026/乙.pdf\0".as_bytes(),
    );
    same(&rows(&stdout(&output)), &[("a\nb.ofd", "PASSED", "OK"), ALL[2]]);
    assert_eq!(output.status.code(), Some(0));
    let missing = desk.run(&["--files-from", "no-such-list"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(stdout(&missing).is_empty());
}

#[test]
fn a_manifest_says_what_files_must_be_and_a_bad_line_is_a_line() {
    let desk = folder();
    let digest = |name: &str| -> String {
        let output = std::process::Command::new("sha256sum")
            .arg(desk.path(name))
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()[..64].to_owned()
    };
    let right = digest("archive/2025/甲.ofd");
    let lines = [
        format!(r#"{{"path":"archive/2025/甲.ofd","id":"A-1","sha256":"{right}","type":"ofd","desk":3}}"#),
        format!(r#"{{"path":"archive/2026/乙.pdf","sha256":"{right}"}}"#),
        r#"{"path":"archive/2026/乙.pdf","type":"OFD"}"#.to_owned(),
        r#"{"path":"archive/2026/乙.pdf","type":"结婚证"}"#.to_owned(),
        "not json".to_owned(),
        r#"{"id":"no path"}"#.to_owned(),
        format!(r#"{{"path":"archive","sha256":"{right}"}}"#),
        r#"{"path":"missing.ofd","id":9}"#.to_owned(),
    ];
    desk.write("manifest.ndjson", lines.join("\n"));
    let output = desk.run(&["--manifest", "manifest.ndjson", "--format", "ndjson"]);
    same(
        &rows(&stdout(&output)),
        &[
            ALL[0],
            ("archive/2026/乙.pdf", "FAILED", "LISTED_FILE_DIFFERS"),
            ("archive/2026/乙.pdf", "FAILED", "LISTED_FILE_DIFFERS"),
            ("archive/2026/乙.pdf", "PASSED", "OK"),
            ("manifest.ndjson:5", "INDETERMINATE", "LIST_ENTRY_INVALID"),
            ("manifest.ndjson:6", "INDETERMINATE", "LIST_ENTRY_INVALID"),
            ("archive", "INDETERMINATE", "LIST_ENTRY_INVALID"),
            ("missing.ofd", "INDETERMINATE", "IO_ERROR"),
        ],
    );
    let first: serde_json::Value = serde_json::from_str(stdout(&output).lines().next().unwrap()).unwrap();
    assert_eq!(first["manifest"]["id"], "A-1");
    assert_eq!(first["manifest"]["desk"], 3);
    let last: serde_json::Value = serde_json::from_str(stdout(&output).lines().last().unwrap()).unwrap();
    assert_eq!(last["manifest"]["id"], 9);
}

#[test]
fn standard_input_is_a_document_or_an_archive_by_its_bytes() {
    let desk = folder();
    let read = |arguments: &[&str], bytes: &[u8]| {
        rows(&stdout(
            &desk.run_with(&[arguments, &["--format", "ndjson"]].concat(), bytes),
        ))
    };
    same(&read(&["-"], &fixture("good.ofd")), &[("-", "PASSED", "OK")]);
    same(
        &read(&["-"], &fixture("tampered.pdf")),
        &[("-", "FAILED", "HASH_FAILURE")],
    );
    same(&read(&["-"], b""), &[("-", "FAILED", "FORMAT_FAILURE")]);
    let tar = tar_entry("甲.ofd".as_bytes(), b'0', &fixture("good.ofd"));
    same(&read(&["-"], &tar), &[("-!甲.ofd", "PASSED", "OK")]);
    same(&read(&["--tar", "-"], &gzip(&tar)), &[("-!甲.ofd", "PASSED", "OK")]);
    let zip = crate::support::zip(&[crate::support::Entry::stored(b"a.pdf", &fixture("good.pdf"))]);
    same(&read(&["-"], &zip), &[("-!a.pdf", "PASSED", "OK")]);
    let twice = desk.run_with(&["-", "--files-from", "-"], b"");
    assert_eq!(twice.status.code(), Some(2));
}

#[test]
fn a_file_that_nobody_writes_is_told_after_the_deadline_and_stops_nothing() {
    let desk = folder();
    desk.pipe("pipe");
    for order in [&[][..], &["--unordered"]] {
        let mut found = desk.results(&[&["pipe", "archive", "--deadline", "500ms"], order].concat());
        found.sort_by_key(|(name, ..)| name == "pipe");
        found[..3].sort_by_key(|(name, ..)| ALL.iter().position(|(n, ..)| n == name));
        same(&found[..3], &ALL);
        same(&found[3..], &[("pipe", "INDETERMINATE", "DEADLINE_EXCEEDED")]);
    }
}

#[test]
fn identical_files_are_told_each_by_its_own_name() {
    let desk = Desk::new();
    for n in 0..40 {
        desk.write(
            &format!("in/{n:02}.ofd"),
            fixture(if n % 2 == 0 { "good.ofd" } else { "tampered.ofd" }),
        );
    }
    desk.write("summary", "");
    let judged = |more: &[&str]| {
        let output = desk.run(&[&["in", "--format", "ndjson", "--summary", "summary"], more].concat());
        let summary: serde_json::Value = serde_json::from_str(&desk.read("summary")).unwrap();
        (stdout(&output), summary["total"]["repeats"].as_u64().unwrap())
    };
    let (once, repeats) = judged(&[]);
    assert_eq!(repeats, 38);
    let names: Vec<_> = rows(&once).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, (0..40).map(|n| format!("in/{n:02}.ofd")).collect::<Vec<_>>());
    let (each, repeats) = judged(&["--judge-repeats"]);
    assert_eq!(repeats, 0);
    assert_eq!(each, once, "the report on a repeated file is the one it would have had");
}
