//! Writes reports in the form asked for.

use std::io::{self, Write};

use cinnabar_verify::{Report, text};
use clap::ValueEnum;

/// The forms of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Chinese and English, for people
    Text,
    /// One JSON array
    Json,
    /// One JSON object a line
    Ndjson,
    /// A table with a heading; opens in a spreadsheet
    Csv,
}

/// Writes reports one after another.
pub struct Writer<W: Write> {
    form: Form<W>,
    written: usize,
}

enum Form<W: Write> {
    Text(W),
    Json(W),
    Ndjson(W),
    Csv(Box<csv::Writer<W>>),
}

const COLUMNS: [&str; 11] = [
    "file",
    "kind",
    "verdict",
    "reason",
    "integrity",
    "trust",
    "status",
    "signatures",
    "signers",
    "licence",
    "findings",
];

impl<W: Write> Writer<W> {
    /// Starts output; CSV begins with a byte-order mark, which a spreadsheet needs to show Chinese.
    pub fn new(format: Format, mut out: W) -> io::Result<Self> {
        let form = match format {
            Format::Text => Form::Text(out),
            Format::Json => {
                out.write_all(b"[")?;
                Form::Json(out)
            }
            Format::Ndjson => Form::Ndjson(out),
            Format::Csv => {
                out.write_all("\u{feff}".as_bytes())?;
                let mut csv = csv::Writer::from_writer(out);
                csv.write_record(COLUMNS).map_err(io::Error::other)?;
                Form::Csv(Box::new(csv))
            }
        };
        Ok(Self { form, written: 0 })
    }

    /// Writes one report.
    pub fn write(&mut self, report: &Report) -> io::Result<()> {
        match &mut self.form {
            Form::Text(out) => writeln!(out, "{}", text::render(report))?,
            Form::Json(out) => {
                out.write_all(if self.written == 0 { b"\n" } else { b",\n" })?;
                serde_json::to_writer_pretty(&mut *out, report)?;
            }
            Form::Ndjson(out) => {
                serde_json::to_writer(&mut *out, report)?;
                out.write_all(b"\n")?;
            }
            Form::Csv(csv) => csv.write_record(row(report)?).map_err(io::Error::other)?,
        }
        self.written += 1;
        Ok(())
    }

    /// Ends the output.
    pub fn finish(self) -> io::Result<()> {
        match self.form {
            Form::Text(mut out) | Form::Ndjson(mut out) => out.flush(),
            Form::Json(mut out) => {
                out.write_all(b"\n]\n")?;
                out.flush()
            }
            Form::Csv(mut csv) => csv.flush(),
        }
    }
}

fn row(report: &Report) -> io::Result<[String; COLUMNS.len()]> {
    let value = serde_json::to_value(report)?;
    let word = |key: &str| value.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    let signers: Vec<&str> = report.signatures.iter().filter_map(|s| s.signer.as_deref()).collect();
    let mut codes: Vec<&str> = report.findings.iter().map(|f| f.code.as_str()).collect();
    codes.dedup();
    Ok([
        neutral(&report.file),
        word("kind"),
        word("verdict"),
        word("reason"),
        word("integrity"),
        word("trust"),
        word("status"),
        report.signatures.len().to_string(),
        neutral(&signers.join("; ")),
        neutral(
            report
                .licence
                .as_ref()
                .and_then(|l| l.identifier.as_deref())
                .unwrap_or_default(),
        ),
        codes.join(" "),
    ])
}

/// A cell that a spreadsheet would run as a formula gets an apostrophe.
fn neutral(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
