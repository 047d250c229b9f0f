//! Little-endian fields read one after another.

use crate::PackageError;

/// A position in the source that never runs past its end.
pub(super) struct Fields<'a> {
    source: &'a [u8],
    pub(super) at: usize,
    what: &'static str,
}

impl<'a> Fields<'a> {
    pub(super) fn new(source: &'a [u8], at: usize, what: &'static str) -> Self {
        Self { source, at, what }
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], PackageError> {
        let end = self.at.checked_add(count).ok_or(self.truncated())?;
        let bytes = self.source.get(self.at..end).ok_or(self.truncated())?;
        self.at = end;
        Ok(bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, PackageError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(super) fn u32(&mut self) -> Result<u32, PackageError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(super) fn u64(&mut self) -> Result<u64, PackageError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// Takes a four-byte signature or says that the structure is not there.
    pub(super) fn signature(&mut self, expected: [u8; 4]) -> Result<(), PackageError> {
        let at = self.at;
        if self.array::<4>()? == expected {
            Ok(())
        } else {
            Err(PackageError::BadStructure { what: self.what, at })
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PackageError> {
        let bytes = self.take(N)?;
        bytes.try_into().map_err(|_| self.truncated())
    }

    fn truncated(&self) -> PackageError {
        PackageError::Truncated {
            what: self.what,
            at: self.at.min(self.source.len()),
        }
    }
}

/// Looks up one field of an extra area; the area must be a whole number of fields, none of them twice.
pub(super) fn extra<'a>(area: &'a [u8], id: u16, what: &'static str) -> Result<Option<&'a [u8]>, PackageError> {
    let mut fields = Fields::new(area, 0, what);
    let mut found = None;
    // Some writers pad the area with fewer bytes than a field header has.
    while area.len().saturating_sub(fields.at) >= 4 {
        let (field, length) = (fields.u16()?, fields.u16()?);
        let value = fields.take(usize::from(length))?;
        if field == id && found.replace(value).is_some() {
            return Err(PackageError::BadStructure { what, at: fields.at });
        }
    }
    Ok(found)
}
