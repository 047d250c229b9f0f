//! Runs that are stopped, killed and gone on with.

use std::fs;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::support::{Desk, fixture, rows, signal, stderr, stdout, until};

/// Ten documents, a pipe that keeps the run from ending, and ten more.
fn desk() -> Desk {
    let desk = Desk::new();
    for n in 0..20 {
        let mut bytes = fixture(if n % 4 == 0 { "tampered.ofd" } else { "good.pdf" });
        bytes.push(n);
        desk.write(&format!("{n:02}.pdf"), bytes);
    }
    let mut names: Vec<_> = (0..20).map(|n| format!("{n:02}.pdf")).collect();
    names.insert(10, "stuck.pdf".to_owned());
    desk.write("list", names.join("\n"));
    desk
}

const LIST: [&str; 4] = ["--files-from", "list", "--deadline", "none"];

/// Starts a run over the list and waits until ten results are there, or as many as can be.
fn start(desk: &Desk, more: &[&str], lines: usize) -> std::process::Child {
    desk.pipe("stuck.pdf");
    let child = desk.start(&[&LIST, more].concat(), Stdio::null());
    until("results", || {
        fs::read_to_string(desk.path("out.partial")).is_ok_and(|text| text.lines().count() >= lines)
    });
    child
}

fn unstick(desk: &Desk) {
    fs::remove_file(desk.path("stuck.pdf")).unwrap();
    desk.write("stuck.pdf", fixture("good.pdf"));
}

fn undisturbed(desk: &Desk, format: &str) -> Vec<u8> {
    let whole = Desk::new();
    for entry in fs::read_dir(desk.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, whole.path(path.file_name().unwrap().to_str().unwrap())).unwrap();
    }
    whole.run(&[&LIST, &["--format", format, "-o", "out"][..]].concat());
    fs::read(whole.path("out")).unwrap()
}

#[test]
fn a_signal_stops_at_once_and_leaves_what_was_judged() {
    for name in ["INT", "TERM"] {
        let desk = desk();
        let child = start(&desk, &["--format", "ndjson", "-o", "out", "--summary", "summary"], 10);
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130));
        assert!(
            stderr(&output).contains("已中断，结果不完整 · STOPPED: the result is partial"),
            "{}",
            stderr(&output)
        );
        assert!(!desk.path("out").exists());
        // Everything but the file that is stuck had its result.
        let found = rows(&desk.read("out.partial"));
        assert!((10..=20).contains(&found.len()), "{}", found.len());
        let summary: Value = serde_json::from_str(&desk.read("summary")).unwrap();
        assert_eq!(summary["complete"], false);
        assert_eq!(summary["total"]["documents"], found.len());
    }
}

#[test]
fn a_stopped_array_is_still_json() {
    let desk = desk();
    let child = start(&desk, &["--format", "json", "-o", "out"], 100);
    signal(&child, "INT");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
    let json: Value = serde_json::from_str(&desk.read("out.partial")).unwrap();
    assert!(!json.as_array().unwrap().is_empty());
}

#[cfg(feature = "parquet")]
#[test]
fn a_stopped_table_can_be_read() {
    use parquet::file::reader::{FileReader, SerializedFileReader};

    let desk = desk();
    let args = ["--format", "parquet", "-o", "out", "--progress"];
    let mut child = {
        desk.pipe("stuck.pdf");
        desk.start(&[&LIST, &args[..]].concat(), Stdio::null())
    };
    // The table shows nothing before its end, so the progress tells.
    use std::io::{BufRead as _, BufReader};
    let mut progress = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(progress.any(|line| line.unwrap().contains("cinnabar: 10")));
    let drain = std::thread::spawn(move || progress.count());
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drain.join().unwrap();
    let reader = SerializedFileReader::new(fs::File::open(desk.path("out.partial")).unwrap()).unwrap();
    assert!(reader.metadata().file_metadata().num_rows() >= 10);
}

/// How far the checkpoint says that the run is.
fn recorded(desk: &Desk) -> u64 {
    let Ok(text) = fs::read_to_string(desk.path("state")) else {
        return 0;
    };
    let value: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    value["done"].as_u64().unwrap() + value["ahead"].as_array().unwrap().len() as u64
}

fn resume(desk: &Desk, format: &str, more: &[&str]) -> Output {
    let base = ["--format", format, "-o", "out", "--checkpoint", "state", "--resume"];
    desk.run(&[&LIST, &base[..], more].concat())
}

#[test]
fn a_killed_run_is_gone_on_with_and_ends_as_if_nothing_had_happened() {
    for format in ["ndjson", "csv", "json", "text"] {
        let desk = desk();
        let child = start(&desk, &["--format", format, "-o", "out", "--checkpoint", "state"], 10);
        until("a checkpoint", || recorded(&desk) == 10);
        signal(&child, "KILL");
        assert!(!child.wait_with_output().unwrap().status.success());
        // What was being written when it was killed.
        let partial = desk.path("out.partial");
        let mut torn = fs::read(&partial).unwrap();
        torn.extend(b"{\"file\": \"torn");
        fs::write(&partial, torn).unwrap();
        unstick(&desk);
        let output = resume(&desk, format, &[]);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert!(
            stderr(&output).contains("cinnabar: 21 documents:"),
            "{}",
            stderr(&output)
        );
        assert_eq!(
            fs::read(desk.path("out")).unwrap(),
            undisturbed(&desk, format),
            "{format}"
        );
        assert!(!desk.path("out.partial").exists());
        // Once more: there is nothing left to do.
        let again = resume(&desk, format, &[]);
        assert_eq!(again.status.code(), Some(1));
        assert!(stderr(&again).contains("all is done"), "{}", stderr(&again));
    }
}

#[test]
fn in_order_of_completion_nothing_is_lost_or_told_twice() {
    let desk = desk();
    let child = start(
        &desk,
        &[
            "--format",
            "ndjson",
            "-o",
            "out",
            "--unordered",
            "--checkpoint",
            "state",
        ],
        20,
    );
    until("a checkpoint", || recorded(&desk) == 20);
    signal(&child, "KILL");
    child.wait_with_output().unwrap();
    unstick(&desk);
    let output = resume(&desk, "ndjson", &["--unordered"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let mut found = rows(&desk.read("out"));
    assert_eq!(found.last().unwrap().0, "stuck.pdf");
    found.sort();
    let mut whole = rows(&String::from_utf8(undisturbed(&desk, "ndjson")).unwrap());
    whole.sort();
    assert_eq!(found, whole);
}

#[test]
fn a_stopped_run_can_be_gone_on_with_too() {
    let desk = desk();
    let child = start(&desk, &["--format", "json", "-o", "out", "--checkpoint", "state"], 100);
    until("a checkpoint", || recorded(&desk) == 10);
    signal(&child, "INT");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
    assert_eq!(recorded(&desk), 10);
    unstick(&desk);
    resume(&desk, "json", &[]);
    assert_eq!(fs::read(desk.path("out")).unwrap(), undisturbed(&desk, "json"));
}

#[test]
fn a_checkpoint_of_another_run_is_refused_and_what_differs_is_said() {
    let desk = desk();
    let child = start(&desk, &["--format", "ndjson", "-o", "out", "--checkpoint", "state"], 10);
    until("a checkpoint", || recorded(&desk) == 10);
    signal(&child, "KILL");
    child.wait_with_output().unwrap();
    unstick(&desk);
    let partial = fs::read(desk.path("out.partial")).unwrap();
    let refused = |output: Output, what: &str| {
        assert_eq!(output.status.code(), Some(2), "{what}");
        assert!(stderr(&output).contains(what), "{what}: {}", stderr(&output));
        assert!(stdout(&output).is_empty());
        assert_eq!(fs::read(desk.path("out.partial")).unwrap(), partial, "{what}");
    };
    refused(resume(&desk, "csv", &[]), "what differs: --format");
    refused(
        resume(&desk, "ndjson", &["--at", "2026-12-02T00:00:00Z"]),
        "what differs: --at",
    );
    refused(
        resume(&desk, "ndjson", &["--policy", "strict", "--unordered"]),
        "what differs: --policy, --unordered",
    );
    refused(resume(&desk, "ndjson", &["00.pdf"]), "what differs: the inputs");
    let base = [&LIST, &["--format", "ndjson", "-o", "out", "--checkpoint", "state"][..]].concat();
    refused(desk.run(&base), "add --resume");
    // The list itself has changed since: noticed when it is read, and nothing that was found is touched.
    let list = desk.read("list");
    desk.write("list", list.replace("03.pdf", "33.pdf"));
    refused(resume(&desk, "ndjson", &[]), "the first 10 files are not those of then");
    desk.write("list", "00.pdf");
    refused(resume(&desk, "ndjson", &[]), "there are 1 files, and there were 10");
    desk.write("list", list);
    let state = desk.read("state");
    desk.write("state", &state[..state.len() / 2]);
    refused(resume(&desk, "ndjson", &[]), "damaged");
    desk.write("state", state);
    assert_eq!(resume(&desk, "ndjson", &[]).status.code(), Some(1));
    #[cfg(feature = "parquet")]
    {
        let parquet = desk.run(&[&LIST, &["--format", "parquet", "-o", "p", "--checkpoint", "s"][..]].concat());
        assert_eq!(parquet.status.code(), Some(2));
        assert!(stderr(&parquet).contains("cannot be continued"));
    }
}

#[test]
fn an_archive_is_gone_on_with_in_its_middle() {
    let desk = Desk::new();
    let mut tar = Vec::new();
    for n in 0..9u8 {
        let mut bytes = fixture("good.pdf");
        bytes.push(n);
        tar.extend(crate::support::tar_entry(format!("{n}.pdf").as_bytes(), b'0', &bytes));
    }
    desk.write("a.tar", &tar[..tar.len() / 2]);
    let base = ["--format", "ndjson", "-o", "out", "--checkpoint", "state"];
    // The first half comes through a pipe that stays open.
    let mut child = desk.start(&[&["--tar", "-"], &base[..]].concat(), Stdio::piped());
    let mut pipe = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut pipe, &tar[..tar.len() / 2]).unwrap();
    until("a checkpoint", || recorded(&desk) == 4);
    signal(&child, "KILL");
    child.wait_with_output().unwrap();
    drop(pipe);
    let output = desk.run_with(&[&["--tar", "-"], &base[..], &["--resume"]].concat(), &tar);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let found = rows(&desk.read("out"));
    let expected: Vec<_> = (0..9).map(|n| format!("-!{n}.pdf")).collect();
    assert_eq!(
        found.iter().map(|(name, ..)| name).collect::<Vec<_>>(),
        expected.iter().collect::<Vec<_>>()
    );
}
