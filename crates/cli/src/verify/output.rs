//! Results in the form asked for: rendered where they are judged, written one after another.

use std::io::{self, Write};

use cinnabar_verify::bulk::{Listed, Outcome};
use cinnabar_verify::{Report, text};
use clap::ValueEnum;
use serde::Serialize;
use serde_json::{Map, Value};

use super::destination::Destination;
use super::names;
#[cfg(feature = "parquet")]
use super::table::Table;

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
    /// A table for databases; needs --output
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Format {
    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            #[cfg(feature = "parquet")]
            Self::Parquet => "parquet",
        }
    }
}

/// A result, ready to be written.
#[derive(Debug)]
pub enum Rendered {
    /// As it will stand in the output.
    Bytes(Vec<u8>),
    /// As a row of a table.
    #[cfg(feature = "parquet")]
    Row(Box<Row>),
}

impl Rendered {
    /// What it takes in memory, bytes.
    pub fn weight(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.capacity() as u64,
            #[cfg(feature = "parquet")]
            Self::Row(row) => row.weight(),
        }
    }
}

/// The columns of a table, in CSV and Parquet.
#[derive(Debug, Default)]
pub struct Row {
    pub file: String,
    pub kind: String,
    pub verdict: &'static str,
    pub reason: &'static str,
    pub integrity: String,
    pub trust: String,
    pub status: String,
    pub signatures: usize,
    pub signers: String,
    pub licence: String,
    pub findings: String,
    pub seals: String,
    pub bytes: u64,
    pub id: String,
}

const COLUMNS: [&str; 14] = [
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
    "seals",
    "bytes",
    "id",
];

impl Row {
    fn new(report: &Report, bytes: u64, listed: Option<&Listed>) -> Self {
        let word = |value: Value| value.as_str().unwrap_or_default().to_owned();
        let signers: Vec<&str> = report.signatures.iter().filter_map(|s| s.signer.as_deref()).collect();
        let seals: Vec<&str> = report
            .signatures
            .iter()
            .filter_map(|s| s.seal.as_ref().map(|seal| seal.name.as_str()))
            .collect();
        let mut codes: Vec<&str> = report.findings.iter().map(|f| f.code.as_str()).collect();
        codes.dedup();
        Self {
            file: report.file.clone(),
            kind: report.kind.unwrap_or_default().to_owned(),
            verdict: report.verdict.as_str(),
            reason: report.reason,
            integrity: serde_json::to_value(report.integrity).map(word).unwrap_or_default(),
            trust: serde_json::to_value(report.trust).map(word).unwrap_or_default(),
            status: serde_json::to_value(report.status).map(word).unwrap_or_default(),
            signatures: report.signatures.len(),
            signers: signers.join("; "),
            licence: report
                .licence
                .as_ref()
                .and_then(|l| l.identifier.clone())
                .unwrap_or_default(),
            findings: codes.join(" "),
            seals: seals.join("; "),
            bytes,
            id: listed.and_then(|l| l.id.clone()).unwrap_or_default(),
        }
    }

    #[cfg(feature = "parquet")]
    fn weight(&self) -> u64 {
        let texts = [
            &self.file,
            &self.kind,
            &self.signers,
            &self.licence,
            &self.findings,
            &self.seals,
            &self.id,
        ];
        (size_of_val(self) + 96 + texts.iter().map(|t| t.capacity()).sum::<usize>()) as u64
    }
}

/// Renders one result.
pub fn render(format: Format, outcome: &Outcome) -> Rendered {
    let report = &outcome.report;
    let listed = outcome.listed.as_deref();
    let bytes = match format {
        Format::Text => format!("{}\n", text::render(&plain(report))).into_bytes(),
        Format::Json => json(report, listed, |value, out| serde_json::to_writer_pretty(out, value)),
        Format::Ndjson => {
            let mut line = json(report, listed, |value, out| serde_json::to_writer(out, value));
            line.push(b'\n');
            line
        }
        Format::Csv => csv_row(&Row::new(report, outcome.bytes, listed)),
        #[cfg(feature = "parquet")]
        Format::Parquet => return Rendered::Row(Box::new(Row::new(report, outcome.bytes, listed))),
    };
    Rendered::Bytes(bytes)
}

/// A report with what the manifest said about the file.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    report: &'a Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<&'a Map<String, Value>>,
}

fn json(
    report: &Report,
    listed: Option<&Listed>,
    write: impl Fn(&Told<'_>, &mut Vec<u8>) -> serde_json::Result<()>,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(4096);
    let manifest = listed.map(|l| &l.entry);
    // A report holds texts and numbers only, so writing it to memory does not fail.
    let _ = write(&Told { report, manifest }, &mut out);
    quiet(out)
}

/// JSON escapes control characters below U+0020 only; the others steer terminals as well.
fn quiet(json: Vec<u8>) -> Vec<u8> {
    let steers = |pair: &[u8]| matches!(pair, [0xc2, 0x80..=0x9f] | [0x7f, _]);
    if !json.windows(2).any(steers) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 64);
    for c in String::from_utf8_lossy(&json).chars() {
        match c {
            '\u{7f}'..='\u{9f}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.into_bytes()
}

/// The report with texts of one line each: a file's name, or a text in a document, must neither steer the terminal nor add a
/// line that looks like a verdict.
fn plain(report: &Report) -> Report {
    fn clean(text: &mut String) {
        *text = names::plain(text);
    }
    let mut report = report.clone();
    clean(&mut report.file);
    if let Some(l) = &mut report.licence {
        let texts = [&mut l.name, &mut l.number, &mut l.holder, &mut l.identifier];
        texts.into_iter().flatten().for_each(clean);
    }
    for s in &mut report.signatures {
        clean(&mut s.id);
        clean(&mut s.covers);
        let times = [&mut s.signer, &mut s.claimed_time, &mut s.proven_time];
        times.into_iter().flatten().for_each(clean);
        if let Some(seal) = &mut s.seal {
            clean(&mut seal.name);
            clean(&mut seal.id);
            seal.maker.iter_mut().for_each(clean);
        }
    }
    for finding in &mut report.findings {
        let texts = [&mut finding.subject, &mut finding.detail];
        texts.into_iter().flatten().for_each(clean);
    }
    report
}

fn csv_row(row: &Row) -> Vec<u8> {
    let record = [
        neutral(&row.file),
        row.kind.clone(),
        row.verdict.to_owned(),
        row.reason.to_owned(),
        row.integrity.clone(),
        row.trust.clone(),
        row.status.clone(),
        row.signatures.to_string(),
        neutral(&row.signers),
        neutral(&row.licence),
        row.findings.clone(),
        neutral(&row.seals),
        row.bytes.to_string(),
        neutral(&row.id),
    ];
    csv_line(&record)
}

fn csv_line(record: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let _ = writer.write_record(record);
    writer.into_inner().unwrap_or_default()
}

/// A cell that a spreadsheet would run as a formula gets an apostrophe.
fn neutral(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// Writes results one after another.
pub struct Writer {
    form: Form,
    /// Results written, those of an earlier run that is resumed included.
    written: u64,
}

enum Form {
    Bytes(Format, Destination),
    #[cfg(feature = "parquet")]
    Table(Box<Table>),
}

impl Writer {
    /// Starts output, or goes on with one that holds `written` results.
    ///
    /// CSV begins with a byte-order mark, which a spreadsheet needs to show Chinese.
    pub fn new(format: Format, mut out: Destination, written: u64) -> io::Result<Self> {
        if out.length() == 0 {
            match format {
                Format::Json => out.write_all(b"[")?,
                Format::Csv => {
                    out.write_all("\u{feff}".as_bytes())?;
                    out.write_all(&csv_line(&COLUMNS))?;
                }
                _ => {}
            }
        }
        let form = match format {
            #[cfg(feature = "parquet")]
            Format::Parquet => Form::Table(Box::new(Table::new(out)?)),
            other => Form::Bytes(other, out),
        };
        Ok(Self { form, written })
    }

    /// Writes one result.
    pub fn write(&mut self, rendered: Rendered) -> io::Result<()> {
        match (&mut self.form, rendered) {
            (Form::Bytes(format, out), Rendered::Bytes(bytes)) => {
                if *format == Format::Json {
                    out.write_all(if self.written == 0 { b"\n" } else { b",\n" })?;
                }
                out.write_all(&bytes)?;
            }
            #[cfg(feature = "parquet")]
            (Form::Table(table), Rendered::Row(row)) => table.write(*row)?,
            #[cfg(feature = "parquet")]
            _ => return Err(io::Error::other("a result in another form")),
        }
        self.written += 1;
        Ok(())
    }

    /// How many results are written.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Hands what is written to whoever reads along.
    pub fn flush(&mut self) -> io::Result<()> {
        match &mut self.form {
            Form::Bytes(_, out) => out.flush(),
            #[cfg(feature = "parquet")]
            Form::Table(_) => Ok(()),
        }
    }

    /// Makes what is written durable and says how long it is, where that is possible before the end.
    pub fn settle(&mut self) -> io::Result<u64> {
        match &mut self.form {
            Form::Bytes(_, out) => out.settle(),
            #[cfg(feature = "parquet")]
            Form::Table(_) => Err(io::Error::other("a Parquet file cannot be continued")),
        }
    }

    /// Ends the output; a complete one gets its name.
    pub fn finish(self, complete: bool) -> io::Result<()> {
        match self.form {
            Form::Bytes(format, mut out) => {
                if format == Format::Json {
                    out.write_all(b"\n]\n")?;
                }
                out.finish(complete)
            }
            #[cfg(feature = "parquet")]
            Form::Table(table) => table.finish()?.finish(complete),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_no_formula() {
        for cell in ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\n=1", "＝1"] {
            assert_eq!(neutral(cell), format!("'{cell}"));
        }
        assert_eq!(neutral("证照-1"), "证照-1");
    }

    #[test]
    fn json_steers_no_terminal_and_says_the_same() {
        let text = "a\u{9b}2J\u{7f}b\u{a0}\u{1b}证";
        let json = quiet(serde_json::to_vec(text).unwrap_or_default());
        assert!(!String::from_utf8_lossy(&json).contains(char::is_control));
        assert_eq!(serde_json::from_slice::<String>(&json).ok().as_deref(), Some(text));
    }
}
