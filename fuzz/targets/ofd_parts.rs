//! Any files as an OFD package. The input names each part and gives its bytes, `name 00 bytes 00 00`, and the archive is
//! made here, so that a change reaches the XML and does not end at a checksum.
#![no_main]

use std::io::{Cursor, Write};

use cinnabar_ofd::{Limits, Package, read};
use libfuzzer_sys::fuzz_target;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fuzz_target!(|data: &[u8]| {
    let Some(bytes) = archive(data) else { return };
    let limits = Limits::default();
    let Ok(package) = Package::open(&bytes, &limits) else {
        return;
    };
    let Ok(ofd) = read::read(&package, &limits) else { return };
    for reached in ofd.bodies.iter().flat_map(|body| &body.reachable) {
        assert!(
            !ofd.unreachable.contains(&reached.path),
            "{} is reached, and is not",
            reached.path
        );
    }
});

fn archive(data: &[u8]) -> Option<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for part in split(data) {
        let end = part.iter().position(|byte| *byte == 0)?;
        let (name, content) = part.split_at(end);
        writer.start_file(std::str::from_utf8(name).ok()?, options).ok()?;
        writer.write_all(content.get(1..)?).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

fn split(data: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = data;
    while let Some(end) = rest.windows(2).position(|pair| pair == [0, 0]) {
        let (part, tail) = rest.split_at(end);
        parts.push(part);
        rest = tail.get(2..).unwrap_or_default();
    }
    parts
}
