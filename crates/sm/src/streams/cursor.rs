//! A message read block by block out of its pieces.
#![forbid(unsafe_code)]

/// The bytes of one block, for SM3 and SHA-256 alike.
pub(crate) const BLOCK: usize = 64;

/// Where a message has been read to.
///
/// Whole blocks are handed out where they lie. Only a block that straddles two pieces, and the padded end, are copied
/// into the cursor's own two blocks.
pub(crate) struct Cursor<'m> {
    pieces: std::slice::Iter<'m, &'m [u8]>,
    piece: &'m [u8],
    bytes: u64,
    copied: [u8; 2 * BLOCK],
    /// What of `copied` is still to be handed out.
    from: usize,
    to: usize,
    padded: bool,
}

impl<'m> Cursor<'m> {
    pub(crate) fn new(pieces: &'m [&'m [u8]]) -> Self {
        let mut cursor = Self {
            pieces: pieces.iter(),
            piece: &[],
            bytes: 0,
            copied: [0; 2 * BLOCK],
            from: 0,
            to: 0,
            padded: false,
        };
        cursor.fill();
        cursor
    }

    /// The whole blocks that come next and lie together; empty once the message has ended.
    pub(crate) fn run(&self) -> &[u8] {
        if self.from < self.to {
            &self.copied[self.from..self.to]
        } else {
            &self.piece[..self.piece.len() / BLOCK * BLOCK]
        }
    }

    /// Passes over so many blocks of the run.
    pub(crate) fn advance(&mut self, blocks: usize) {
        if self.from < self.to {
            self.from += blocks * BLOCK;
        } else {
            self.piece = &self.piece[blocks * BLOCK..];
        }
        self.fill();
    }

    /// Whether every block has been handed out, the padding's too.
    pub(crate) fn is_done(&self) -> bool {
        self.padded && self.from == self.to
    }

    /// Makes sure that there is a run, unless the message has ended.
    fn fill(&mut self) {
        if self.from < self.to || self.piece.len() >= BLOCK || self.padded {
            return;
        }
        self.from = 0;
        self.to = 0;
        loop {
            let taken = self.piece.len().min(BLOCK - self.to);
            let (head, rest) = self.piece.split_at(taken);
            self.copied[self.to..self.to + taken].copy_from_slice(head);
            self.piece = rest;
            self.to += taken;
            if self.to == BLOCK {
                return;
            }
            let Some(next) = self.pieces.next() else { break };
            self.piece = next;
            self.bytes = self.bytes.wrapping_add(next.len() as u64);
            if self.to == 0 && next.len() >= BLOCK {
                return;
            }
        }
        self.to = pad(&mut self.copied, self.to, self.bytes);
        self.padded = true;
    }
}

/// Pads what is left of a message of so many bytes, `used` of them at the front of `blocks`, and gives the end of the
/// padding: one block or two. The standards count bits in 64 bits.
pub(crate) fn pad(blocks: &mut [u8; 2 * BLOCK], used: usize, bytes: u64) -> usize {
    let end = if used + 9 <= BLOCK { BLOCK } else { 2 * BLOCK };
    blocks[used] = 0x80;
    blocks[used + 1..end - 8].fill(0);
    blocks[end - 8..end].copy_from_slice(&bytes.wrapping_mul(8).to_be_bytes());
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(pieces: &[&[u8]]) -> Vec<u8> {
        let mut cursor = Cursor::new(pieces);
        let mut read = Vec::new();
        while !cursor.is_done() {
            let run = cursor.run();
            assert!(!run.is_empty() && run.len().is_multiple_of(BLOCK));
            read.extend_from_slice(&run[..BLOCK]);
            cursor.advance(1);
        }
        assert!(cursor.run().is_empty());
        read
    }

    #[test]
    fn blocks_do_not_depend_on_how_a_message_is_cut() {
        let message: Vec<u8> = (0..=255).collect();
        for length in 0..message.len() {
            let whole = blocks(&[&message[..length]]);
            let mut expected = message[..length].to_vec();
            expected.push(0x80);
            while expected.len() % BLOCK != BLOCK - 8 {
                expected.push(0);
            }
            expected.extend_from_slice(&(length as u64 * 8).to_be_bytes());
            assert_eq!(whole, expected);
            for cut in 0..=length {
                assert_eq!(blocks(&[&message[..cut], &[], &message[cut..length]]), whole);
            }
        }
        assert_eq!(blocks(&[]), blocks(&[&[]]));
    }

    #[test]
    fn the_padding_counts_bits_beyond_thirty_two_bits_of_bytes() {
        let mut end = [0xff; 2 * BLOCK];
        assert_eq!(pad(&mut end, 3, (1 << 32) + 3), BLOCK);
        assert_eq!(end[BLOCK - 8..BLOCK], [0, 0, 0, 8, 0, 0, 0, 24]);
        assert_eq!(end[3..5], [0x80, 0]);
        assert_eq!(pad(&mut end, 55, 0x1fff_ffff_ffff_ffff), BLOCK);
        assert_eq!(end[BLOCK - 8..BLOCK], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf8]);
        assert_eq!(pad(&mut end, 56, 56), 2 * BLOCK);
        assert_eq!(end[56], 0x80);
        assert_eq!(end[57..2 * BLOCK - 8], [0; 63]);
        assert_eq!(end[2 * BLOCK - 8..], 448u64.to_be_bytes());
    }
}
