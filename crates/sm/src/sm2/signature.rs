//! Signature values and their two encodings.

use sm2::dsa;

use super::{Error, scalar::scalar};

/// How a signature value was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `SEQUENCE { INTEGER r, INTEGER s }`, the form of GB/T 35276.
    Der,
    /// `r ‖ s`, 64 bytes, met in files of several vendors.
    Raw,
}

/// An SM2 signature: two numbers, big endian.
///
/// The constructors admit only `1 <= r, s < n`. The fields are public, so a value put together by hand may break that;
/// [`PublicKey::verify_digest`](super::PublicKey::verify_digest) then answers false.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature {
    /// The first half.
    pub r: [u8; 32],
    /// The second half.
    pub s: [u8; 32],
}

impl Signature {
    /// Reads strict DER `SEQUENCE { INTEGER r, INTEGER s }`.
    ///
    /// # Errors
    /// [`Error::NotDer`] for anything else, long-form lengths, padded integers and trailing bytes included;
    /// [`Error::OutOfRange`] unless `1 <= r, s < n`.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let (body, after) = element(0x30, der)?;
        let (r, rest) = element(0x02, body)?;
        let (s, end) = element(0x02, rest)?;
        if !after.is_empty() || !end.is_empty() {
            return Err(Error::NotDer);
        }
        Self {
            r: integer(r)?,
            s: integer(s)?,
        }
        .checked()
    }

    /// Reads `r ‖ s`.
    ///
    /// # Errors
    /// [`Error::RawLength`] unless there are 64 bytes; [`Error::OutOfRange`] unless `1 <= r, s < n`.
    pub fn from_raw(raw: &[u8]) -> Result<Self, Error> {
        let wrong = || Error::RawLength(raw.len());
        let (r, rest) = raw.split_first_chunk::<32>().ok_or_else(wrong)?;
        let s = <[u8; 32]>::try_from(rest).map_err(|_| wrong())?;
        Self { r: *r, s }.checked()
    }

    /// Reads either encoding and tells which it was. DER is tried first.
    ///
    /// # Errors
    /// Those of [`from_raw`](Self::from_raw) for 64 bytes that are not DER, those of [`from_der`](Self::from_der) otherwise.
    pub fn from_any(bytes: &[u8]) -> Result<(Self, Encoding), Error> {
        match Self::from_der(bytes) {
            Ok(signature) => Ok((signature, Encoding::Der)),
            Err(_) if bytes.len() == 64 => Self::from_raw(bytes).map(|signature| (signature, Encoding::Raw)),
            Err(error) => Err(error),
        }
    }

    /// Writes DER `SEQUENCE { INTEGER r, INTEGER s }`, 8 to 72 bytes.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(70);
        push_integer(&mut body, &self.r);
        push_integer(&mut body, &self.s);
        let mut der = Vec::with_capacity(72);
        push_header(&mut der, 0x30, body.len());
        der.extend_from_slice(&body);
        der
    }

    fn checked(self) -> Result<Self, Error> {
        scalar(&self.r)
            .and(scalar(&self.s))
            .map(|_| self)
            .ok_or(Error::OutOfRange)
    }

    pub(super) fn from_crate(signature: &dsa::Signature) -> Self {
        Self {
            r: signature.r_bytes().into(),
            s: signature.s_bytes().into(),
        }
    }
}

/// Takes one element with a short-form length off the front: no signature is long enough for another form.
fn element(tag: u8, bytes: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    match bytes {
        [found, length @ ..=0x7f, rest @ ..] if *found == tag => {
            rest.split_at_checked(usize::from(*length)).ok_or(Error::NotDer)
        }
        _ => Err(Error::NotDer),
    }
}

fn integer(content: &[u8]) -> Result<[u8; 32], Error> {
    let magnitude = match content {
        [] => return Err(Error::NotDer),
        [0x00] => return Err(Error::OutOfRange),
        [0x00, 0x00..=0x7f, ..] => return Err(Error::NotDer),
        [0x00, rest @ ..] => rest,
        [0x80..=0xff, ..] => return Err(Error::OutOfRange),
        _ => content,
    };
    let mut number = [0; 32];
    let start = 32usize.checked_sub(magnitude.len()).ok_or(Error::OutOfRange)?;
    for (to, from) in number.iter_mut().skip(start).zip(magnitude) {
        *to = *from;
    }
    Ok(number)
}

fn push_integer(out: &mut Vec<u8>, number: &[u8; 32]) {
    let zeros = number.iter().take(31).take_while(|byte| **byte == 0).count();
    let magnitude = number.get(zeros..).unwrap_or_default();
    let pad = magnitude.first().is_some_and(|byte| *byte >= 0x80);
    push_header(out, 0x02, magnitude.len() + usize::from(pad));
    if pad {
        out.push(0);
    }
    out.extend_from_slice(magnitude);
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "at most 70: two integers of at most 35 bytes each"
)]
fn push_header(out: &mut Vec<u8>, tag: u8, length: usize) {
    out.extend_from_slice(&[tag, length as u8]);
}
