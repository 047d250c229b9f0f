//! The issuing commands as a user runs them: seal made, licence issued, verified, and every refusal leaves nothing behind.
#![cfg(feature = "issue")]
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

const FONT: &str = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc";
const PASSWORD: &str = "cinnabar-development";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    /// A folder with a seal for the civil affairs bureau; none without the fonts.
    fn new() -> Option<Self> {
        if !Path::new(FONT).is_file() {
            eprintln!("skipped: {FONT} is not installed");
            return None;
        }
        let desk = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let made = desk.run(&[
            "seal",
            "make",
            "--name",
            "朱砂市民政局",
            "--bottom-text",
            "婚姻登记专用章",
            "--organisation-cert",
            "keys-dev/sm2/civil.crt",
            "--maker-key",
            "keys-dev/sm2/seal-maker.key",
            "--maker-cert",
            "keys-dev/sm2/seal-maker.crt",
            "--password-env",
            "PASSWORD",
            "--time",
            "2026-01-05T00:00:00Z",
            "--out",
            &desk.path("civil.esl"),
        ]);
        assert!(made.status.success(), "{}", stderr(&made));
        Some(desk)
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_cinnabar"))
            .args(arguments)
            .current_dir(root())
            .env("PASSWORD", PASSWORD)
            .output()
            .unwrap()
    }

    fn issue(&self, data: &str, more: &[&str]) -> Output {
        let seal = self.path("civil.esl");
        let mut arguments = vec![
            "issue",
            "--type",
            "结婚证",
            "--data",
            data,
            "--key",
            "keys-dev/sm2/civil.key",
            "--password-env",
            "PASSWORD",
            "--cert",
            "keys-dev/sm2/civil.crt",
            "--cert",
            "keys-dev/sm2/org-ca.crt",
            "--seal",
            &seal,
            "--time",
            "2026-06-01T00:00:00Z",
        ];
        arguments.extend(more);
        self.run(&arguments)
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.folder.path().join(folder)) else {
            return Vec::new();
        };
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

const EXAMPLE: &str = "catalogue/marriage-certificate/example.json";

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn an_issued_licence_passes_and_a_changed_one_fails() {
    let Some(desk) = Desk::new() else { return };
    let issued = desk.issue(EXAMPLE, &["--out", &desk.path("out/")]);
    assert!(issued.status.success(), "{}", stderr(&issued));
    let summary: Value = serde_json::from_slice(&issued.stdout).unwrap();
    let files: Vec<&str> = summary["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(files.len(), 3);
    for file in files.iter().filter(|file| !file.ends_with(".png")) {
        let verify = [
            "verify",
            file,
            "--trust",
            "keys-dev/trust.toml",
            "--at",
            "2026-06-02T00:00:00Z",
            "--format",
            "ndjson",
        ];
        let verified = desk.run(&verify);
        let report: Value = serde_json::from_slice(&verified.stdout).unwrap();
        assert_eq!(
            (&report["verdict"], verified.status.code()),
            (&json!("PASSED"), Some(0)),
            "{report}"
        );
        assert_eq!(report["licence"]["identifier"], summary["identifier"]);
        let mut bytes = std::fs::read(file).unwrap();
        let middle = bytes.len() / 3;
        bytes[middle] ^= 1;
        std::fs::write(file, bytes).unwrap();
        assert_eq!(desk.run(&verify).status.code(), Some(1));
    }
}

#[test]
fn existing_files_stay_unless_forced() {
    let Some(desk) = Desk::new() else { return };
    let out = desk.path("licence.ofd");
    std::fs::write(&out, "precious").unwrap();
    let refused = desk.issue(EXAMPLE, &["--format", "ofd", "--out", &out]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("--force"));
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "precious");
    let forced = desk.issue(EXAMPLE, &["--format", "ofd", "--out", &out, "--force"]);
    assert!(forced.status.success(), "{}", stderr(&forced));
    let mut names = desk.names("");
    names.sort();
    assert_eq!(names, ["civil.esl", "licence.ofd"]);
}

#[test]
fn a_faulty_request_lists_all_faults_in_two_languages_and_writes_nothing() {
    let Some(desk) = Desk::new() else { return };
    let mut request: Value = serde_json::from_slice(&std::fs::read(root().join(EXAMPLE)).unwrap()).unwrap();
    request["issuer"]["code"] = json!("11990100009900224A");
    request["fields"]["party_a"]["sex"] = json!("女");
    request["fields"].as_object_mut().unwrap().remove("registrar");
    std::fs::write(desk.path("bad.json"), request.to_string()).unwrap();
    let refused = desk.issue(&desk.path("bad.json"), &["--out", &desk.path("out/")]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(refused.stdout.is_empty());
    let text = stderr(&refused);
    for expected in [
        "issuer.code",
        "11990100009900224B",
        "fields.party_a.sex",
        "fields.registrar",
        "缺少婚姻登记员",
        "Registrar is missing",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert_eq!(desk.names("out"), Vec::<String>::new());
}

#[test]
fn a_wrong_password_another_issuer_and_an_unknown_type_are_refused() {
    let Some(desk) = Desk::new() else { return };
    let seal = desk.path("civil.esl");
    let out = desk.path("out/");
    let base = ["issue", "--data", EXAMPLE, "--seal", &seal, "--out", &out];
    let with = |more: &[&str]| desk.run(&[&base[..], more].concat());
    let key = [
        "--type",
        "结婚证",
        "--key",
        "keys-dev/sm2/civil.key",
        "--cert",
        "keys-dev/sm2/civil.crt",
    ];
    assert!(stderr(&with(&key)).contains("password"));
    assert!(stderr(&with(&[&key[..], &["--password-env", "NO_SUCH"]].concat())).contains("NO_SUCH"));
    assert!(stderr(&with(&["--type", "身份证"])).contains("household-register"));
    let market = [
        "--type",
        "结婚证",
        "--key",
        "keys-dev/sm2/market.key",
        "--cert",
        "keys-dev/sm2/market.crt",
        "--password-env",
        "PASSWORD",
    ];
    assert!(stderr(&with(&market)).contains("朱砂市民政局婚姻登记专用章"));
    assert_eq!(desk.names("out"), Vec::<String>::new());
}

#[test]
fn a_seal_shows_what_it_holds() {
    let Some(desk) = Desk::new() else { return };
    let png = desk.path("civil.png");
    let shown = desk.run(&["seal", "show", &desk.path("civil.esl"), "--json", "--png", &png]);
    let description: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(description["name"], "朱砂市民政局婚姻登记专用章");
    assert_eq!(description["maker_signature_right"], true);
    assert_eq!(description["valid_from"], "2026-01-05T00:00:00Z");
    assert!(std::fs::read(&png).unwrap().starts_with(b"\x89PNG"));
    let again = desk.run(&["seal", "show", &desk.path("civil.esl"), "--png", &png]);
    assert_eq!(again.status.code(), Some(2));
    assert_eq!(desk.run(&["seal", "show", EXAMPLE]).status.code(), Some(2));
}

#[test]
fn without_a_key_only_a_preview_is_written() {
    let Some(desk) = Desk::new() else { return };
    let out = desk.path("preview.png");
    let issued = desk.run(&[
        "issue",
        "--type",
        "business-licence",
        "--data",
        "catalogue/business-licence/example.json",
        "--out",
        &out,
    ]);
    assert!(issued.status.success(), "{}", stderr(&issued));
    assert!(std::fs::read(&out).unwrap().starts_with(b"\x89PNG"));
    let refused = desk.run(&[
        "issue",
        "--type",
        "business-licence",
        "--data",
        "catalogue/business-licence/example.json",
        "--format",
        "pdf",
        "--out",
        &desk.path("x.pdf"),
    ]);
    assert_eq!(refused.status.code(), Some(2));
}
