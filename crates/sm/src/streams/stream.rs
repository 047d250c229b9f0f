//! One message that comes piece by piece.
#![forbid(unsafe_code)]

use super::{BLOCK, Words, pad, to_bytes};

/// A digest in work: the words so far and what does not fill a block yet.
#[derive(Clone)]
pub(crate) struct Stream {
    words: Words,
    rest: [u8; 2 * BLOCK],
    /// How many bytes of `rest` are in use, fewer than a block.
    held: usize,
    bytes: u64,
    compress: fn(&mut Words, &[u8]),
}

impl Stream {
    pub(crate) fn new(initial: Words, compress: fn(&mut Words, &[u8])) -> Self {
        Self {
            words: initial,
            rest: [0; 2 * BLOCK],
            held: 0,
            bytes: 0,
            compress,
        }
    }

    pub(crate) fn update(&mut self, mut piece: &[u8]) {
        self.bytes = self.bytes.wrapping_add(piece.len() as u64);
        if self.held > 0 {
            let (head, tail) = piece.split_at(piece.len().min(BLOCK - self.held));
            self.rest[self.held..self.held + head.len()].copy_from_slice(head);
            self.held += head.len();
            if self.held < BLOCK {
                return;
            }
            (self.compress)(&mut self.words, &self.rest[..BLOCK]);
            piece = tail;
        }
        let (blocks, rest) = piece.split_at(piece.len() / BLOCK * BLOCK);
        if !blocks.is_empty() {
            (self.compress)(&mut self.words, blocks);
        }
        self.rest[..rest.len()].copy_from_slice(rest);
        self.held = rest.len();
    }

    pub(crate) fn finalize(mut self) -> [u8; 32] {
        let end = pad(&mut self.rest, self.held, self.bytes);
        (self.compress)(&mut self.words, &self.rest[..end]);
        to_bytes(&self.words)
    }
}
