//! What comes out: order, tables, summaries, files.

use std::fs;

use serde_json::Value;

use crate::support::{Desk, fixture, rows, stderr, stdout};

fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("in/=1+1.ofd", fixture("good.ofd"));
    desk.write("in/朱砂,\"引号\".pdf", fixture("tampered.pdf"));
    desk.write("in/空.ofd", "");
    desk
}

#[test]
fn the_order_is_that_of_the_list_however_many_threads_judge() {
    let desk = Desk::new();
    // Trailing bytes make each file another one, so that each is judged.
    for n in 0..150 {
        let mut bytes = fixture(if n % 3 == 0 { "good.pdf" } else { "good.ofd" });
        bytes.extend(format!("{n}").bytes());
        desk.write(&format!("in/{n:03}"), bytes);
    }
    let expected: Vec<_> = (0..150).map(|n| format!("in/{n:03}")).collect();
    let mut outputs = Vec::new();
    for jobs in ["1", "2", "7"] {
        let output = desk.run(&["in", "--jobs", jobs, "--format", "ndjson"]);
        let names: Vec<_> = rows(&stdout(&output)).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, expected, "{jobs} jobs");
        outputs.push(stdout(&output));
    }
    assert!(
        outputs.iter().all(|o| *o == outputs[0]),
        "the same reports, byte for byte"
    );
    let unordered = desk.run(&["in", "--unordered", "--format", "ndjson"]);
    let mut names: Vec<_> = rows(&stdout(&unordered)).into_iter().map(|(name, ..)| name).collect();
    names.sort();
    assert_eq!(names, expected);
}

#[test]
fn csv_opens_in_a_spreadsheet_with_its_chinese_and_runs_nothing() {
    let desk = desk();
    let output = desk.run(&["in", "--format", "csv", "-o", "result.csv"]);
    assert_eq!(output.status.code(), Some(1));
    let bytes = fs::read(desk.path("result.csv")).unwrap();
    assert_eq!(bytes[..3], [0xef, 0xbb, 0xbf]);
    let text = String::from_utf8(bytes[3..].to_vec()).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[0],
        "file,kind,verdict,reason,integrity,trust,status,signatures,signers,licence,findings,seals,bytes,id"
    );
    let good = fixture("good.ofd").len();
    let signer = "CN=朱砂市市场监督管理局,organizationIdentifier=11990100MB0C0001XH,O=朱砂市市场监督管理局,L=朱砂市,ST=丹霞省,C=CN";
    assert!(
        lines[1].starts_with(&format!(
            "in/=1+1.ofd,OFD,PASSED,OK,INTACT,TRUSTED,UNKNOWN,1,\"{signer}\","
        )),
        "{}",
        lines[1]
    );
    assert!(
        lines[1].ends_with(&format!(",朱砂市市场监督管理局,{good},")),
        "{}",
        lines[1]
    );
    assert!(
        lines[2].starts_with("\"in/朱砂,\"\"引号\"\".pdf\",PDF,FAILED,HASH_FAILURE,"),
        "{}",
        lines[2]
    );
    assert_eq!(
        lines[3],
        "in/空.ofd,,FAILED,FORMAT_FAILURE,UNKNOWN,UNKNOWN,NOT_APPLICABLE,0,,,FORMAT_FAILURE,,0,"
    );
    desk.write("=cmd.ofd", "");
    let formula = stdout(&desk.run(&["=cmd.ofd", "--format", "csv"]));
    assert!(formula.lines().nth(1).unwrap().starts_with("'=cmd.ofd,"), "{formula}");
}

#[test]
fn json_is_one_array_and_text_is_for_people() {
    let desk = desk();
    let json: Value = serde_json::from_str(&stdout(&desk.run(&["in", "--format", "json"]))).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 3);
    let none = desk.run(&["none/*", "--format", "json"]);
    assert_eq!(stdout(&none), "[\n]\n");
    desk.write("a\x1b[2J.ofd", "");
    let text = stdout(&desk.run(&["in", "a\x1b[2J.ofd"]));
    assert!(text.contains("in/空.ofd") && !text.contains('\x1b'), "{text}");
}

#[cfg(feature = "parquet")]
#[test]
fn a_parquet_table_is_read_back_as_written() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor as _;

    let desk = desk();
    let refused = desk.run(&["in", "--format", "parquet"]);
    assert_eq!(refused.status.code(), Some(2));
    let output = desk.run(&["in", "--format", "parquet", "--output", "result.parquet"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let reader = SerializedFileReader::new(fs::File::open(desk.path("result.parquet")).unwrap()).unwrap();
    let found: Vec<_> = reader
        .get_row_iter(None)
        .unwrap()
        .map(|row| row.unwrap())
        .map(|row| {
            let text = |at| row.get_string(at).unwrap().clone();
            (
                text(0),
                text(2),
                text(3),
                row.get_int(7).unwrap(),
                text(11),
                row.get_long(12).unwrap(),
            )
        })
        .collect();
    let seal = "朱砂市市场监督管理局".to_owned();
    let size = |name: &str| i64::try_from(fixture(name).len()).unwrap();
    assert_eq!(found.len(), 3);
    assert_eq!(
        found[0],
        (
            "in/=1+1.ofd".into(),
            "PASSED".into(),
            "OK".into(),
            1,
            seal.clone(),
            size("good.ofd")
        )
    );
    assert_eq!(found[1].0, "in/朱砂,\"引号\".pdf");
    assert_eq!((found[1].1.as_str(), found[1].5), ("FAILED", size("tampered.pdf")));
    assert_eq!(found[2].2, "FORMAT_FAILURE");
}

#[test]
fn a_result_file_appears_when_it_is_complete_and_only_then() {
    let desk = desk();
    desk.write("result", "an earlier result");
    let failed = desk.run(&["in", "--format", "ndjson", "-o", "no/such/folder/result"]);
    assert_eq!(failed.status.code(), Some(2));
    assert!(stderr(&failed).contains("输出失败"), "{}", stderr(&failed));
    let done = desk.run(&["in", "--format", "ndjson", "-o", "result"]);
    assert!(stdout(&done).is_empty());
    assert_eq!(rows(&desk.read("result")).len(), 3);
    assert!(!desk.path("result.partial").exists());
    // Something that is no regular file is written as it is.
    let full = desk.run(&["in", "--format", "ndjson", "-o", "/dev/full"]);
    assert_eq!(full.status.code(), Some(2));
}

#[test]
fn the_summary_counts_verdicts_reasons_and_seals() {
    let desk = desk();
    let output = desk.run(&[
        "in",
        "missing.ofd",
        "--format",
        "ndjson",
        "--summary",
        "summary.json",
        "--progress",
    ]);
    let text = stderr(&output);
    for part in [
        "cinnabar: 4 documents: 1 PASSED 通过, 2 FAILED 不通过, 0 INDETERMINATE 无法确定, 1 unreadable 无法读取",
        "原因 Reasons     1 FORMAT_FAILURE · 1 HASH_FAILURE · 1 IO_ERROR · 1 OK",
        "印章 Seals       1 朱砂市",
        "重复 Repeats     0",
        "documents/s 份/秒",
        "内存 Peak memory",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let summary: Value = serde_json::from_str(&desk.read("summary.json")).unwrap();
    assert_eq!(summary["complete"], true);
    assert_eq!(summary["total"]["documents"], 4);
    assert_eq!(summary["total"]["reasons"]["OK"], 1);
    let this_run = &summary["this_run"];
    assert!(this_run["signatures_computed"].as_u64().unwrap() > 0);
    assert!(this_run["signatures_recalled"].is_u64() && this_run["keys_prepared"].is_u64());
    let seals = summary["total"]["seals"].as_object().unwrap();
    assert_eq!(seals.len(), 2);
    assert!(seals.values().all(|seal| seal["signatures"] == 1));
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&desk.run(&["in", "--quiet", "--format", "csv"]))
            .lines()
            .all(|l| l.contains("DEVELOPMENT"))
    );
}

/// Digits that differ from run to run, and how many threads shared the work, become `#`.
fn masked(line: &str) -> String {
    let changing = ["速度 Speed", "内存 Peak memory", "计算 Arithmetic"];
    if !changing.iter().any(|title| line.contains(title)) {
        return line.to_owned();
    }
    let dotted = line.replace(|c: char| c.is_ascii_digit(), "#").replace("#.#", "#");
    let mut masked = String::new();
    for c in dotted.chars().filter(|c| !matches!(c, '.')) {
        if c != '#' || !masked.ends_with('#') {
            masked.push(c);
        }
    }
    masked
}

#[test]
fn the_summary_reads_like_this() {
    let output = desk().run(&["in", "--format", "csv"]);
    let text: Vec<_> = stderr(&output).lines().map(masked).collect();
    let expected = "\
cinnabar: ** DEVELOPMENT TRUST 开发用信任集，仅供演示 **
cinnabar: 3 documents: 1 PASSED 通过, 2 FAILED 不通过, 0 INDETERMINATE 无法确定, 0 unreadable 无法读取
  原因 Reasons     1 FORMAT_FAILURE · 1 HASH_FAILURE · 1 OK
  印章 Seals       1 朱砂市市场监督管理局 (23248450923539) · 1 朱砂市民政局婚姻登记专用章 (69326836717752)
  重复 Repeats     0 identical to another file 与其他文件相同
  计算 Arithmetic  # signatures computed 计算签名 · # recalled 取自记忆 · # keys prepared 备用公钥
  速度 Speed       # documents/s 份/秒 · # MB/s · # s
  内存 Peak memory # MB";
    assert_eq!(text.join("\n"), expected);
}

/// Renewed by `cinnabar verify --help > crates/cli/tests/bulk/verify-help.txt`.
#[test]
#[cfg(feature = "parquet")]
fn the_help_is_the_one_on_record() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_cinnabar"))
        .args(["verify", "--help"])
        .env_remove("COLUMNS")
        .output()
        .unwrap();
    assert_eq!(stdout(&output), include_str!("verify-help.txt"));
}

#[test]
fn the_exit_code_is_the_worst_of_what_was_found() {
    let desk = desk();
    let code = |files: &[&str]| desk.run(files).status.code().unwrap();
    desk.write("good.ofd", fixture("good.ofd"));
    desk.write("bad.ofd", fixture("tampered.ofd"));
    fs::create_dir(desk.path("nothing")).unwrap();
    assert_eq!(code(&["good.ofd"]), 0);
    assert_eq!(code(&["good.ofd", "bad.ofd"]), 1);
    assert_eq!(code(&["good.ofd", "bad.ofd", "missing"]), 2);
    assert_eq!(code(&["good.ofd", "--policy", "strict"]), 3);
    assert_eq!(code(&["nothing"]), 2);
    assert_eq!(code(&["good.ofd", "--deadline", "1h"]), 2);
    assert_eq!(code(&[]), 2);
}
