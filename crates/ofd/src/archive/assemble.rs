//! Writing archives: deterministic for new entries, byte for byte for copied ones.

use std::io::Write;

use super::{Archive, RawEntry};

/// The archive would need zip64, which OFD readers do not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Oversize;

/// An archive being written.
#[derive(Debug, Default)]
pub(crate) struct Assembler {
    out: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

/// 1980-01-01 00:00:00, the first moment a ZIP archive can name: the time of writing is no part of the content.
const MOMENT: [u8; 4] = [0, 0, 0x21, 0];

impl Assembler {
    /// Copies an entry of a checked archive: local header, data and descriptor as they are.
    pub(crate) fn copy(&mut self, archive: &Archive<'_>, entry: &RawEntry) -> Result<(), Oversize> {
        let offset = self.offset()?;
        let mut record = archive.bytes(&entry.central).to_vec();
        let field = record.get_mut(42..46).ok_or(Oversize)?;
        if field == [0xff; 4] {
            return Err(Oversize);
        }
        field.copy_from_slice(&offset.to_le_bytes());
        self.out.extend_from_slice(archive.bytes(&entry.raw));
        self.register(&record)
    }

    /// Adds a new entry, deflated where that saves space.
    pub(crate) fn add(&mut self, name: &str, content: &[u8]) -> Result<(), Oversize> {
        let offset = self.offset()?;
        let packed = deflate(content).filter(|packed| packed.len() < content.len());
        let (method, data) = match &packed {
            Some(packed) => (8u16, packed.as_slice()),
            None => (0u16, content),
        };
        let flags: u16 = if name.is_ascii() { 0 } else { 0x800 };
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let length = u16::try_from(name.len()).map_err(|_| Oversize)?;
        let mut common = Vec::with_capacity(26);
        common.extend_from_slice(&20u16.to_le_bytes());
        common.extend_from_slice(&flags.to_le_bytes());
        common.extend_from_slice(&method.to_le_bytes());
        common.extend_from_slice(&MOMENT);
        common.extend_from_slice(&crc.sum().to_le_bytes());
        common.extend_from_slice(&narrow(data.len())?.to_le_bytes());
        common.extend_from_slice(&narrow(content.len())?.to_le_bytes());
        common.extend_from_slice(&length.to_le_bytes());
        common.extend_from_slice(&[0, 0]);
        self.out.extend_from_slice(b"PK\x03\x04");
        self.out.extend_from_slice(&common);
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(data);
        let mut record = b"PK\x01\x02\x14\x00".to_vec();
        record.extend_from_slice(&common);
        record.extend_from_slice(&[0; 10]);
        record.extend_from_slice(&offset.to_le_bytes());
        record.extend_from_slice(name.as_bytes());
        self.register(&record)
    }

    /// Writes the central directory and gives the archive.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, Oversize> {
        let offset = self.offset()?;
        let size = narrow(self.directory.len())?;
        self.out.append(&mut self.directory);
        self.out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        self.out.extend_from_slice(&self.count.to_le_bytes());
        self.out.extend_from_slice(&self.count.to_le_bytes());
        self.out.extend_from_slice(&size.to_le_bytes());
        self.out.extend_from_slice(&offset.to_le_bytes());
        self.out.extend_from_slice(&[0, 0]);
        narrow(self.out.len())?;
        Ok(self.out)
    }

    fn register(&mut self, record: &[u8]) -> Result<(), Oversize> {
        self.directory.extend_from_slice(record);
        self.count = self
            .count
            .checked_add(1)
            .filter(|count| *count < u16::MAX)
            .ok_or(Oversize)?;
        Ok(())
    }

    fn offset(&self) -> Result<u32, Oversize> {
        narrow(self.out.len())
    }
}

fn narrow(value: usize) -> Result<u32, Oversize> {
    u32::try_from(value)
        .ok()
        .filter(|value| *value < u32::MAX)
        .ok_or(Oversize)
}

fn deflate(content: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(content).ok()?;
    encoder.finish().ok()
}
