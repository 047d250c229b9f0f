//! DEFLATE into room of the size that the directory states.

use std::io::Read;
use std::sync::Arc;

use flate2::{Decompress, FlushDecompress, Status};

/// A decoder used for one entry after another, so that its state is made once.
pub(crate) struct Inflater(Decompress);

impl Inflater {
    pub(crate) fn new() -> Self {
        Self(Decompress::new(false))
    }

    /// Inflates `stored` to `size` bytes, the limit of which is checked before. Content of another length is given as it is,
    /// at most one byte longer.
    pub(super) fn inflate(&mut self, stored: &[u8], size: usize) -> Result<Arc<[u8]>, &'static str> {
        match self.at_once(stored, size) {
            Some(content) => Ok(content),
            None => step_by_step(stored, size).map(Arc::from),
        }
    }

    /// The way of a sound entry: straight into its final place. `None` if anything is odd about it.
    fn at_once(&mut self, stored: &[u8], size: usize) -> Option<Arc<[u8]>> {
        let mut content: Arc<[u8]> = std::iter::repeat_n(0, size).collect();
        let room = Arc::get_mut(&mut content)?;
        self.0.reset(false);
        let status = self.0.decompress(stored, room, FlushDecompress::Finish).ok()?;
        let whole = status == Status::StreamEnd
            && self.0.total_in() == stored.len() as u64
            && self.0.total_out() == size as u64;
        whole.then_some(content)
    }
}

/// The way that tells what is wrong with an entry.
fn step_by_step(stored: &[u8], size: usize) -> Result<Vec<u8>, &'static str> {
    let mut content = Vec::with_capacity(size.min(1 << 20));
    let mut decoder = flate2::bufread::DeflateDecoder::new(stored);
    let ceiling = u64::try_from(size).unwrap_or(u64::MAX).saturating_add(1);
    decoder
        .by_ref()
        .take(ceiling)
        .read_to_end(&mut content)
        .map_err(|_| "its compressed data cannot be inflated")?;
    if content.len() == size && decoder.total_in() != stored.len() as u64 {
        return Err("data follows the end of its compressed data");
    }
    Ok(content)
}
