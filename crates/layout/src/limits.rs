/// The bounds within which [`compose_with`](crate::compose_with) works; every one is checked and named when it is exceeded.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Bytes of the data JSON.
    pub max_data_bytes: usize,
    /// Characters of one text value.
    pub max_text_chars: usize,
    /// Text values in the data.
    pub max_texts: usize,
    /// Bytes of one decoded image.
    pub max_image_bytes: usize,
    /// Pixels of one image, read from its header before it is decoded.
    pub max_image_pixels: u64,
    /// Pages of the composed document.
    pub max_pages: usize,
    /// Pixels of one rendered preview.
    pub max_png_pixels: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_data_bytes: 16 << 20,
            max_text_chars: 4_000,
            max_texts: 20_000,
            max_image_bytes: 4 << 20,
            max_image_pixels: 40_000_000,
            max_pages: 64,
            max_png_pixels: 100_000_000,
        }
    }
}
