//! Names, lists and files made to be mistaken: for another file, for a verdict, for what they are not.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Desk, Entry, fixture, rows, same, stderr, stdout, tar_entry, until, zip};

#[test]
fn no_file_is_called_like_an_entry_of_an_archive_or_like_another_file() {
    let desk = Desk::new();
    let (good, bad) = (fixture("good.ofd"), fixture("tampered.ofd"));
    desk.write("in/a.zip", zip(&[Entry::stored(b"x.ofd", &bad)]));
    desk.write("in/a.zip!x.ofd", &good);
    desk.write("in/plain!.ofd", &good);
    desk.write("in/\\xff.ofd", &good);
    for byte in [0xfe, 0xff] {
        let name = [b"in/", &[byte][..], b".ofd"].concat();
        fs::write(desk.folder.path().join(OsStr::from_bytes(&name)), &bad).unwrap();
    }
    let expected = [
        ("in/\\\\xff.ofd", "PASSED", "OK"),
        ("in/a.zip!x.ofd", "FAILED", "HASH_FAILURE"),
        ("in/a.zip\\x21x.ofd", "PASSED", "OK"),
        ("in/plain!.ofd", "PASSED", "OK"),
        ("in/\\xfe.ofd", "FAILED", "HASH_FAILURE"),
        ("in/\\xff.ofd", "FAILED", "HASH_FAILURE"),
    ];
    same(&desk.results(&["in"]), &expected);
}

#[test]
fn of_two_entries_with_one_name_only_the_first_is_judged() {
    let desk = Desk::new();
    let (good, bad) = (fixture("good.ofd"), fixture("tampered.ofd"));
    let entries = [
        Entry::stored(b"x.ofd", &good),
        Entry::stored(b"notes", b"no document"),
        Entry::stored(b"x.ofd", &bad),
        Entry::stored(b"x.ofd", &good),
        Entry::stored(b"notes", b"no document"),
    ];
    desk.write("a.zip", zip(&entries));
    let parts = entries.iter().map(|e| tar_entry(e.name, b'0', e.packed));
    desk.write("a.tar", parts.chain([vec![0; 1024]]).collect::<Vec<_>>().concat());
    for (archive, name) in [("a.zip", "a.zip!x.ofd"), ("a.tar", "a.tar!x.ofd")] {
        let again = (name, "FAILED", "FORMAT_FAILURE");
        same(&desk.results(&[archive]), &[(name, "PASSED", "OK"), again, again]);
    }
}

#[test]
fn a_name_adds_no_line_to_the_text_and_steers_no_terminal() {
    let desk = Desk::new();
    let forged = "a.ofd\n  结论 Verdict     通过 PASSED (valid) · OK\u{1b}[2J\u{202e}.ofd";
    desk.write(&format!("in/{forged}"), fixture("tampered.ofd"));
    let output = desk.run(&["in"]);
    let text = stdout(&output);
    assert_eq!(
        text.lines().filter(|line| line.starts_with("  结论 Verdict")).count(),
        1
    );
    let strange = |text: &str| text.contains(|c: char| c.is_control() && c != '\n' || c == '\u{202e}');
    assert!(!strange(&text) && !strange(&stderr(&output)));
    // What programs read keeps the name.
    same(
        &desk.results(&["in"]),
        &[(&format!("in/{forged}"), "FAILED", "HASH_FAILURE")],
    );
    let csv = desk.run(&["in", "--format", "csv"]).stdout;
    let mut reader = csv::Reader::from_reader(csv.strip_prefix("\u{feff}".as_bytes()).unwrap());
    let record = reader.records().next().unwrap().unwrap();
    assert_eq!((&record[0], &record[2]), (format!("in/{forged}").as_str(), "FAILED"));
}

#[test]
fn a_list_from_a_pipe_is_read_once_though_progress_counts_beside() {
    let desk = Desk::new();
    desk.write("a.ofd", fixture("good.ofd"));
    for (option, line) in [("--files-from", "a.ofd"), ("--manifest", r#"{"path":"a.ofd"}"#)] {
        desk.pipe("list");
        let child = desk.start(&[option, "list", "--progress", "--format", "ndjson"], Stdio::null());
        let list = desk.path("list");
        fs::write(list, format!("{line}\n").repeat(3000)).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(rows(&stdout(&output)).len(), 3000, "{}", stderr(&output));
        fs::remove_file(desk.path("list")).unwrap();
    }
}

#[test]
fn a_digest_is_compared_or_the_line_is_refused() {
    let desk = Desk::new();
    desk.write("a.ofd", fixture("good.ofd"));
    desk.write("a.zip", zip(&[Entry::stored(b"x.ofd", &fixture("good.ofd"))]));
    let zeros = "0".repeat(64);
    let lines = [
        format!(r#"{{"path":"a.ofd","id":1,"sha256":"{zeros}"}}"#),
        format!(r#"{{"path":"a.ofd","id":2,"sm3":"{zeros}"}}"#),
        format!(r#"{{"path":"a.ofd","id":3,"SHA256":"{zeros}"}}"#),
        format!(r#"{{"path":"a.zip","id":4,"sha256":"{zeros}"}}"#),
        r#"{"path":"a.ofd","id":5}"#.to_owned(),
        format!(r#"{{"path":"a.ofd","id":6,"sm3":"{zeros}"}}"#),
    ];
    desk.write("list", lines.join("\n"));
    let output = desk.run(&["--manifest", "list", "--format", "ndjson"]);
    let differs = ("a.ofd", "FAILED", "LISTED_FILE_DIFFERS");
    let expected = [
        differs,
        differs,
        ("list:3", "INDETERMINATE", "LIST_ENTRY_INVALID"),
        ("a.zip", "INDETERMINATE", "LIST_ENTRY_INVALID"),
        ("a.ofd", "PASSED", "OK"),
        differs,
    ];
    same(&rows(&stdout(&output)), &expected);
    let text = stdout(&output);
    let ids = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["manifest"]["id"].clone());
    let numbers: Vec<_> = ids.map(|id| id.as_u64().unwrap_or(0)).collect();
    assert_eq!(numbers, [1, 2, 0, 4, 5, 6]);
}

#[test]
fn what_is_too_long_or_never_ends_is_not_read() {
    let desk = Desk::new();
    desk.write("in/film", "");
    desk.write("in/long.ofd", "");
    for name in ["in/film", "in/long.ofd"] {
        let file = fs::OpenOptions::new().write(true).open(desk.path(name)).unwrap();
        file.set_len(1 << 40).unwrap();
    }
    desk.write(
        "list",
        r#"{"path":"in/long.ofd","sha256":"#.to_owned() + &format!("{:?}}}", "0".repeat(64)),
    );
    let output = desk.run(&[
        "in",
        "/dev/zero",
        "--manifest",
        "list",
        "--format",
        "ndjson",
        "--summary",
        "summary",
    ]);
    let expected = [
        ("in/long.ofd", "INDETERMINATE", "LIMIT_EXCEEDED"),
        ("/dev/zero", "INDETERMINATE", "IO_ERROR"),
        ("in/long.ofd", "INDETERMINATE", "LIMIT_EXCEEDED"),
    ];
    same(&rows(&stdout(&output)), &expected);
    let summary: Value = serde_json::from_str(&desk.read("summary")).unwrap();
    assert_eq!(summary["total"]["skipped"], 1);
    let peak = summary["this_run"]["peak_memory_bytes"].as_u64().unwrap();
    assert!(peak < 128 << 20, "{peak}");
}

#[test]
fn folders_that_lead_back_to_themselves_are_walked_once() {
    let desk = Desk::new();
    desk.write("in/a.ofd", fixture("good.ofd"));
    std::os::unix::fs::symlink(desk.path("in"), desk.path("in/again")).unwrap();
    std::os::unix::fs::symlink("loop.ofd", desk.path("in/loop.ofd")).unwrap();
    let expected = [
        ("in/a.ofd", "PASSED", "OK"),
        ("in/loop.ofd", "INDETERMINATE", "IO_ERROR"),
    ];
    same(&desk.results(&["in"]), &expected);
    let found = desk.results(&["in/**/*.ofd"]);
    assert!(found.len() < 100, "{}", found.len());
}

#[test]
fn a_finished_run_whose_output_is_gone_is_not_called_done() {
    let desk = Desk::new();
    desk.write("a.ofd", fixture("good.ofd"));
    let run = || {
        let arguments = [
            "a.ofd",
            "--format",
            "csv",
            "-o",
            "out",
            "--checkpoint",
            "state",
            "--resume",
        ];
        desk.run(&arguments).status.code()
    };
    assert_eq!((run(), run()), (Some(0), Some(0)));
    fs::remove_file(desk.path("out")).unwrap();
    assert_eq!(run(), Some(2));
}

#[test]
fn a_signal_ends_the_wait_for_standard_input() {
    let desk = Desk::new();
    for input in [&["-"][..], &["--files-from", "-"], &["--tar", "-"]] {
        let mut child = desk.start(input, Stdio::piped());
        // Once it waits for input, it hears signals.
        until("it listens", || {
            let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
            let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
            caught.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).is_ok_and(|mask| mask & 2 != 0))
        });
        crate::support::signal(&child, "INT");
        assert_eq!(child.wait().unwrap().code(), Some(130), "{input:?}");
    }
}
