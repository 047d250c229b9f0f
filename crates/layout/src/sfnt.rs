//! Makes a whole font file of a subset: the tables that a PDF does without (`cmap`, `name`, `OS/2`) are added, after
//! ISO/IEC 14496-22.

use ttf_parser::{Face, RawFace, Tag, name_id};

use crate::glyf;

/// Names of a subset font.
pub(crate) struct Naming {
    pub post_script: String,
    pub family: String,
    pub subfamily: &'static str,
}

/// A table of a font: its tag and its content.
pub(crate) type Table = ([u8; 4], Vec<u8>);

const CARRIED_OVER: [(&[u8; 4], bool); 10] = [
    (b"cvt ", false),
    (b"fpgm", false),
    (b"glyf", true),
    (b"loca", true),
    (b"prep", false),
    (b"head", true),
    (b"hhea", true),
    (b"hmtx", true),
    (b"maxp", true),
    (b"post", true),
];

/// Wraps `subset` (as the subsetter leaves it) into a standalone font of TrueType outlines whose character map is `cmap`
/// (sorted by character). On failure returns the tag of the table to blame.
pub(crate) fn standalone(
    subset: &[u8],
    original: &Face<'_>,
    naming: &Naming,
    cmap: &[(char, u16)],
) -> Result<Vec<u8>, &'static str> {
    let raw = RawFace::parse(subset, 0).map_err(|_| "head")?;
    let mut tables = if raw.table(Tag::from_bytes(b"CFF ")).is_some() {
        glyf::tables(subset)?
    } else {
        carried_over(&raw)?
    };
    tables.push((*b"cmap", character_map(cmap).ok_or("cmap")?));
    tables.push((*b"name", names(original, naming).ok_or("name")?));
    tables.push((*b"OS/2", metrics(original, cmap).ok_or("OS/2")?));
    tables.sort_by_key(|(tag, _)| *tag);
    assemble(tables).ok_or("head")
}

fn carried_over(raw: &RawFace<'_>) -> Result<Vec<Table>, &'static str> {
    let mut tables = Vec::with_capacity(CARRIED_OVER.len() + 3);
    for (tag, required) in CARRIED_OVER {
        match raw.table(Tag::from_bytes(tag)) {
            Some(data) => tables.push((*tag, data.to_vec())),
            None if required => return Err(tag_name(tag)),
            None => {}
        }
    }
    Ok(tables)
}

fn tag_name(tag: &[u8; 4]) -> &'static str {
    match tag {
        b"glyf" => "glyf",
        b"loca" => "loca",
        b"head" => "head",
        b"hhea" => "hhea",
        b"hmtx" => "hmtx",
        b"maxp" => "maxp",
        _ => "post",
    }
}

/// `cmap` with format 4 for readers that know only the basic plane and format 12 with all characters, each listed for the
/// Unicode and the Windows platform.
fn character_map(cmap: &[(char, u16)]) -> Option<Vec<u8>> {
    let basic = segments(cmap.iter().filter(|(ch, _)| u32::from(*ch) < 0xFFFF));
    let format4 = format4(&basic)?;
    let format12 = format12(&segments(cmap.iter()))?;
    let header = 4 + 4 * 8;
    let offset4 = u32::try_from(header).ok()?;
    let offset12 = u32::try_from(header + format4.len()).ok()?;
    let mut table = Vec::with_capacity(header + format4.len() + format12.len());
    push16(&mut table, 0);
    push16(&mut table, 4);
    for (platform, encoding, offset) in [(0, 3, offset4), (0, 4, offset12), (3, 1, offset4), (3, 10, offset12)] {
        push16(&mut table, platform);
        push16(&mut table, encoding);
        push32(&mut table, offset);
    }
    table.extend(format4);
    table.extend(format12);
    Some(table)
}

/// Characters and glyphs that count up together.
struct Segment {
    first: u32,
    last: u32,
    glyph: u16,
}

fn segments<'a>(cmap: impl Iterator<Item = &'a (char, u16)>) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for &(ch, glyph) in cmap {
        let code = u32::from(ch);
        match segments.last_mut() {
            Some(open) if open.last + 1 == code && u32::from(open.glyph) + (code - open.first) == u32::from(glyph) => {
                open.last = code;
            }
            _ => segments.push(Segment {
                first: code,
                last: code,
                glyph,
            }),
        }
    }
    segments
}

fn format4(segments: &[Segment]) -> Option<Vec<u8>> {
    let code = |code: u32| u16::try_from(code).ok();
    let mut ends = Vec::new();
    let mut starts = Vec::new();
    let mut deltas = Vec::new();
    for segment in segments {
        let first = code(segment.first)?;
        push16(&mut ends, code(segment.last)?);
        push16(&mut starts, first);
        push16(&mut deltas, segment.glyph.wrapping_sub(first));
    }
    push16(&mut ends, 0xFFFF);
    push16(&mut starts, 0xFFFF);
    push16(&mut deltas, 1);
    let count = u16::try_from(segments.len() + 1).ok()?;
    let length = u16::try_from(16 + 8 * usize::from(count)).ok()?;
    let (search_range, entry_selector, range_shift) = search_fields(count, 2)?;
    let mut table = Vec::with_capacity(usize::from(length));
    for value in [4, length, 0, count * 2, search_range, entry_selector, range_shift] {
        push16(&mut table, value);
    }
    table.extend(ends);
    push16(&mut table, 0);
    table.extend(starts);
    table.extend(deltas);
    table.resize(usize::from(length), 0);
    Some(table)
}

fn format12(segments: &[Segment]) -> Option<Vec<u8>> {
    let count = u32::try_from(segments.len()).ok()?;
    let mut table = Vec::with_capacity(16 + 12 * segments.len());
    push16(&mut table, 12);
    push16(&mut table, 0);
    push32(&mut table, count.checked_mul(12)?.checked_add(16)?);
    push32(&mut table, 0);
    push32(&mut table, count);
    for segment in segments {
        push32(&mut table, segment.first);
        push32(&mut table, segment.last);
        push32(&mut table, u32::from(segment.glyph));
    }
    Some(table)
}

/// `name` for the Windows platform in English, with the original's copyright and licence.
fn names(original: &Face<'_>, naming: &Naming) -> Option<Vec<u8>> {
    let kept = |id: u16| {
        original
            .names()
            .into_iter()
            .filter(|n| n.name_id == id)
            .find_map(|n| n.to_string())
    };
    let full = format!("{} {}", naming.family, naming.subfamily);
    let records = [
        (name_id::COPYRIGHT_NOTICE, kept(name_id::COPYRIGHT_NOTICE)),
        (name_id::FAMILY, Some(naming.family.clone())),
        (name_id::SUBFAMILY, Some(naming.subfamily.to_owned())),
        (name_id::UNIQUE_ID, Some(naming.post_script.clone())),
        (name_id::FULL_NAME, Some(full)),
        (
            name_id::VERSION,
            kept(name_id::VERSION).or(Some("Version 1.000".into())),
        ),
        (name_id::POST_SCRIPT_NAME, Some(naming.post_script.clone())),
        (name_id::LICENSE, kept(name_id::LICENSE)),
        (name_id::LICENSE_URL, kept(name_id::LICENSE_URL)),
    ];
    let records: Vec<(u16, String)> = records.into_iter().filter_map(|(id, text)| Some((id, text?))).collect();
    let count = u16::try_from(records.len()).ok()?;
    let mut table = Vec::new();
    let mut storage = Vec::new();
    push16(&mut table, 0);
    push16(&mut table, count);
    push16(&mut table, 6 + 12 * count);
    for (id, text) in records {
        let offset = u16::try_from(storage.len()).ok()?;
        text.encode_utf16().for_each(|unit| push16(&mut storage, unit));
        let length = u16::try_from(storage.len()).ok()?.checked_sub(offset)?;
        for value in [3, 1, 0x0409, id, length, offset] {
            push16(&mut table, value);
        }
    }
    table.extend(storage);
    Some(table)
}

/// `OS/2` of the original with the range of characters left in the subset.
fn metrics(original: &Face<'_>, cmap: &[(char, u16)]) -> Option<Vec<u8>> {
    const FIRST_CHAR: std::ops::Range<usize> = 64..66;
    const LAST_CHAR: std::ops::Range<usize> = 66..68;
    let mut table = original.raw_face().table(Tag::from_bytes(b"OS/2"))?.to_vec();
    let code = |entry: Option<&(char, u16)>| entry.map_or(0, |(ch, _)| u16::try_from(u32::from(*ch)).unwrap_or(0xFFFF));
    table
        .get_mut(FIRST_CHAR)?
        .copy_from_slice(&code(cmap.first()).to_be_bytes());
    table
        .get_mut(LAST_CHAR)?
        .copy_from_slice(&code(cmap.last()).to_be_bytes());
    Some(table)
}

/// Writes directory and tables, each table on a multiple of four bytes, and the checksums.
fn assemble(mut tables: Vec<Table>) -> Option<Vec<u8>> {
    const ADJUSTMENT: std::ops::Range<usize> = 8..12;
    let count = u16::try_from(tables.len()).ok()?;
    let (search_range, entry_selector, range_shift) = search_fields(count, 16)?;
    let mut font = vec![0, 1, 0, 0];
    for value in [count, search_range, entry_selector, range_shift] {
        push16(&mut font, value);
    }
    let mut offset = 12 + 16 * tables.len();
    let mut adjustment_at = None;
    for (tag, data) in &mut tables {
        if tag == b"head" {
            data.get_mut(ADJUSTMENT)?.fill(0);
            adjustment_at = Some(offset + ADJUSTMENT.start);
        }
        font.extend(*tag);
        push32(&mut font, checksum(data));
        push32(&mut font, u32::try_from(offset).ok()?);
        push32(&mut font, u32::try_from(data.len()).ok()?);
        offset += data.len().next_multiple_of(4);
    }
    for (_, data) in &tables {
        font.extend(data);
        font.resize(font.len().next_multiple_of(4), 0);
    }
    let adjustment = 0xB1B0_AFBA_u32.wrapping_sub(checksum(&font));
    let at = adjustment_at?;
    font.get_mut(at..at + 4)?.copy_from_slice(&adjustment.to_be_bytes());
    Some(font)
}

fn checksum(data: &[u8]) -> u32 {
    data.chunks(4).fold(0, |sum: u32, chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        sum.wrapping_add(u32::from_be_bytes(word))
    })
}

/// `searchRange`, `entrySelector` and `rangeShift` of a table of `count` entries of `size` bytes.
fn search_fields(count: u16, size: u16) -> Option<(u16, u16, u16)> {
    let entry_selector = u16::try_from(count.checked_ilog2()?).ok()?;
    let search_range = size.checked_mul(1 << entry_selector)?;
    let range_shift = count.checked_mul(size)?.checked_sub(search_range)?;
    Some((search_range, entry_selector, range_shift))
}

pub(crate) fn push16(table: &mut Vec<u8>, value: u16) {
    table.extend(value.to_be_bytes());
}

pub(crate) fn push32(table: &mut Vec<u8>, value: u32) {
    table.extend(value.to_be_bytes());
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn character_map_leads_every_plane_to_its_glyph() {
        let cmap = [
            ('A', 1),
            ('B', 2),
            ('C', 9),
            ('中', 3),
            ('\u{20000}', 4),
            ('\u{20001}', 5),
        ];
        let table = character_map(&cmap).unwrap();
        let parsed = ttf_parser::cmap::Table::parse(&table).unwrap();
        assert_eq!(parsed.subtables.len(), 4);
        for subtable in parsed.subtables {
            assert!(subtable.is_unicode());
            for (ch, glyph) in cmap {
                let basic_only = matches!(
                    subtable.format,
                    ttf_parser::cmap::Format::SegmentMappingToDeltaValues(_)
                );
                let expected = (!basic_only || u32::from(ch) < 0xFFFF).then_some(ttf_parser::GlyphId(glyph));
                assert_eq!(subtable.glyph_index(u32::from(ch)), expected, "{ch}");
            }
            assert_eq!(subtable.glyph_index(u32::from('D')), None);
        }
    }

    #[test]
    fn empty_character_map_is_still_a_table() {
        let table = character_map(&[]).unwrap();
        assert!(ttf_parser::cmap::Table::parse(&table).is_some());
    }
}
