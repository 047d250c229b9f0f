//! The SM3 digest, GB/T 32905-2016.

use std::fmt;

use sm3::digest::Digest;

/// An SM3 computation that takes its message piece by piece.
#[derive(Clone, Default)]
pub struct Sm3(sm3::Sm3);

impl Sm3 {
    /// Starts an empty message.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a piece of the message.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Ends the message and gives its digest.
    #[must_use]
    pub fn finalize(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

impl fmt::Debug for Sm3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sm3").finish_non_exhaustive()
    }
}

/// Gives the digest of the pieces laid end to end.
///
/// ```
/// use cinnabar_sm::sm3::digest;
/// assert_eq!(digest([&b"a"[..], b"bc"]), digest([&b"abc"[..]]));
/// ```
#[must_use]
pub fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut message = Sm3::new();
    for part in parts {
        message.update(part);
    }
    message.finalize()
}

/// Gives the digest of each message, itself a list of pieces laid end to end: index for index, whatever their lengths.
#[must_use]
pub fn digest_many(messages: &[&[&[u8]]]) -> Vec<[u8; 32]> {
    messages.iter().map(|pieces| digest(pieces.iter().copied())).collect()
}
