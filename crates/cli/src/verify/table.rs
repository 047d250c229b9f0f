//! Results as a Parquet table, a group of rows at a time so that memory stays flat.

use std::io;
use std::sync::Arc;

use parquet::basic::{Compression, GzipLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::destination::Destination;
use super::output::Row;

/// Rows of one group.
const GROUP: usize = 16_384;

/// The columns are those of CSV, in their order.
const SCHEMA: &str = "message verification {
    required binary file (utf8);
    required binary kind (utf8);
    required binary verdict (utf8);
    required binary reason (utf8);
    required binary integrity (utf8);
    required binary trust (utf8);
    required binary status (utf8);
    required int32 signatures;
    required binary signers (utf8);
    required binary licence (utf8);
    required binary findings (utf8);
    required binary seals (utf8);
    required int64 bytes;
    required binary id (utf8);
}";

/// A table being written.
pub struct Table {
    writer: SerializedFileWriter<Destination>,
    rows: Vec<Row>,
}

impl Table {
    /// Starts a table.
    pub fn new(out: Destination) -> io::Result<Self> {
        let schema = Arc::new(parse_message_type(SCHEMA).map_err(failed)?);
        let level = GzipLevel::try_new(1).map_err(failed)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::GZIP(level))
            .build();
        let writer = SerializedFileWriter::new(out, schema, Arc::new(properties)).map_err(failed)?;
        Ok(Self {
            writer,
            rows: Vec::new(),
        })
    }

    /// Adds a row.
    pub fn write(&mut self, row: Row) -> io::Result<()> {
        self.rows.push(row);
        if self.rows.len() >= GROUP { self.group() } else { Ok(()) }
    }

    /// Writes the rows that wait as one group.
    fn group(&mut self) -> io::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        let mut group = self.writer.next_row_group().map_err(failed)?;
        texts(&mut group, &rows, |row| &row.file)?;
        texts(&mut group, &rows, |row| &row.kind)?;
        texts(&mut group, &rows, |row| row.verdict)?;
        texts(&mut group, &rows, |row| row.reason)?;
        texts(&mut group, &rows, |row| &row.integrity)?;
        texts(&mut group, &rows, |row| &row.trust)?;
        texts(&mut group, &rows, |row| &row.status)?;
        let counts: Vec<i32> = rows
            .iter()
            .map(|row| i32::try_from(row.signatures).unwrap_or(i32::MAX))
            .collect();
        column::<Int32Type>(&mut group, &counts)?;
        texts(&mut group, &rows, |row| &row.signers)?;
        texts(&mut group, &rows, |row| &row.licence)?;
        texts(&mut group, &rows, |row| &row.findings)?;
        texts(&mut group, &rows, |row| &row.seals)?;
        let sizes: Vec<i64> = rows
            .iter()
            .map(|row| i64::try_from(row.bytes).unwrap_or(i64::MAX))
            .collect();
        column::<Int64Type>(&mut group, &sizes)?;
        texts(&mut group, &rows, |row| &row.id)?;
        group.close().map(drop).map_err(failed)
    }

    /// Writes what waits and the footer, without which the file cannot be read.
    pub fn finish(mut self) -> io::Result<Destination> {
        self.group()?;
        self.writer.into_inner().map_err(failed)
    }
}

fn texts<'a>(
    group: &mut SerializedRowGroupWriter<'_, Destination>,
    rows: &'a [Row],
    text: impl Fn(&'a Row) -> &'a str,
) -> io::Result<()> {
    let values: Vec<ByteArray> = rows.iter().map(|row| ByteArray::from(text(row))).collect();
    column::<ByteArrayType>(group, &values)
}

fn column<T: DataType>(group: &mut SerializedRowGroupWriter<'_, Destination>, values: &[T::T]) -> io::Result<()> {
    let column = group.next_column().map_err(failed)?;
    let mut column = column.ok_or_else(|| io::Error::other("the table has fewer columns"))?;
    column.typed::<T>().write_batch(values, None, None).map_err(failed)?;
    column.close().map_err(failed)
}

fn failed(error: ParquetError) -> io::Error {
    io::Error::other(error)
}
