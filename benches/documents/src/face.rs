//! What the documents show and say: text that differs from one to the next, metadata and fonts of a checked-in licence.

use std::io::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use cinnabar_ofd::{Limits, Package};
use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

use crate::Fault;

pub const DAY: i64 = 86_400;

/// Side of the seal's picture in dots; a quarter of them, on the ring and the letters, cannot be compressed.
const SIDE: usize = 84;

pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or_default()
}

/// What is taken from `fixtures/good.ofd`.
pub struct Fixture {
    pub fonts: Vec<Vec<u8>>,
    pub metadata: Vec<(String, String)>,
}

impl Fixture {
    pub fn open() -> Result<Self, Fault> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/good.ofd");
        let package = Package::open(&std::fs::read(file)?, &Limits::default())?;
        let entry = |name: &str| {
            package
                .entry(name)
                .ok_or_else(|| format!("fixtures/good.ofd has no {name}"))
        };
        let root = std::str::from_utf8(entry("OFD.xml")?)?;
        let xml = roxmltree::Document::parse(root)?;
        let pairs = xml
            .descendants()
            .filter(|node| node.has_tag_name(("http://www.ofdspec.org/2016", "CustomData")));
        let metadata = pairs
            .filter_map(|node| Some((node.attribute("Name")?.to_owned(), node.text()?.to_owned())))
            .collect();
        let fonts = ["Doc_0/Res/font_0.ttf", "Doc_0/Res/font_1.ttf"];
        Ok(Self {
            fonts: fonts
                .iter()
                .map(|name| Ok(entry(name)?.to_vec()))
                .collect::<Result<_, Fault>>()?,
            metadata,
        })
    }

    /// The metadata with a status index and an address of its own.
    pub fn metadata(&self, number: usize) -> Vec<(String, String)> {
        let mut own = self.metadata.clone();
        for (name, value) in &mut own {
            match name.as_str() {
                "CNB_StatusIndex" => *value = (100_000_000_000 + number).to_string(),
                "KZ_ADDRESS" => *value = format!("朱砂市银朱区窑湾路 {number} 号"),
                _ => (),
            }
        }
        own
    }
}

/// Numbers that follow from a document's own number.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: usize) -> Self {
        Self((seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0xd1b5_4a32_d192_ed03)
    }

    pub fn below(&mut self, limit: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as u32) % limit
    }

    /// A line of Chinese characters.
    pub fn line(&mut self, length: usize) -> String {
        (0..length)
            .filter_map(|_| char::from_u32(0x4e00 + self.below(3000)))
            .collect()
    }
}

/// A PNG of a seal's size: eight-bit grey.
pub fn picture() -> Vec<u8> {
    let mut numbers = Numbers::new(1);
    let mut rows = Vec::new();
    for _ in 0..SIDE {
        rows.push(0);
        rows.extend((0..SIDE).map(|_| numbers.below(256) as u8));
    }
    let side = u32::try_from(SIDE).unwrap_or_default().to_be_bytes();
    let header = [&side[..], &side[..], &[8, 0, 0, 0, 0]].concat();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", header), (b"IDAT", deflated(&rows)), (b"IEND", Vec::new())] {
        png.extend(u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
        let mut crc = Crc::new();
        crc.update(kind);
        crc.update(&data);
        png.extend(kind);
        png.extend(&data);
        png.extend(crc.sum().to_be_bytes());
    }
    png
}

/// Zlib, as PDF and PNG have it.
pub fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(data)
        .and_then(|()| encoder.finish())
        .unwrap_or_default()
}
