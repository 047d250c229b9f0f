use std::collections::{BTreeMap, BTreeSet};

use subsetter::GlyphRemapper;
use typst::text::{FontFlags, FontInstance, FontStyle};

use crate::data::needs_no_glyph;
use crate::fonts::face_name;
use crate::sfnt::{self, Naming};
use crate::{FontUse, LayoutError, UsedGlyph};

/// The glyphs that a document uses, font by font.
///
/// A character map leads one character to one glyph. When a font shows one character by two glyphs (a punctuation mark and
/// its alternate, say), the second goes into a further subset of the same font, so that every character map stays true.
#[derive(Default)]
pub(crate) struct FontTable {
    entries: Vec<Entry>,
}

struct Entry {
    font: FontInstance,
    chars: BTreeMap<char, u16>,
    by_index_only: BTreeSet<u16>,
}

impl FontTable {
    /// Notes that `text` is shown by `glyph` of `font` and returns the index of the subset it goes into.
    pub(crate) fn register(&mut self, font: &FontInstance, glyph: u16, text: &str, current: Option<usize>) -> usize {
        let Some(ch) = only_character(text) else {
            let index = current
                .filter(|&index| self.entries.get(index).is_some_and(|entry| same(&entry.font, font)))
                .or_else(|| self.entries.iter().position(|entry| same(&entry.font, font)))
                .unwrap_or_else(|| self.add(font));
            if let Some(entry) = self.entries.get_mut(index) {
                entry.by_index_only.insert(glyph);
            }
            return index;
        };
        let fits = |entry: &Entry| same(&entry.font, font) && entry.chars.get(&ch).is_none_or(|&known| known == glyph);
        let index = self.entries.iter().position(fits).unwrap_or_else(|| self.add(font));
        if let Some(entry) = self.entries.get_mut(index) {
            entry.chars.insert(ch, glyph);
        }
        index
    }

    fn add(&mut self, font: &FontInstance) -> usize {
        self.entries.push(Entry {
            font: font.clone(),
            chars: BTreeMap::new(),
            by_index_only: BTreeSet::new(),
        });
        self.entries.len() - 1
    }

    /// Cuts every font down; the maps lead from the glyphs of the whole font to those of the subset.
    pub(crate) fn subset(&self) -> Result<(Vec<FontUse>, Vec<GlyphRemapper>), LayoutError> {
        let mut fonts = Vec::with_capacity(self.entries.len());
        let mut maps = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            let (font, map) = entry.subset()?;
            fonts.push(font);
            maps.push(map);
        }
        Ok((fonts, maps))
    }
}

impl Entry {
    fn subset(&self) -> Result<(FontUse, GlyphRemapper), LayoutError> {
        let name = || face_name(&self.font);
        let mut map = GlyphRemapper::new();
        let mut glyphs: BTreeMap<u16, Vec<char>> = BTreeMap::new();
        let mut cmap = Vec::with_capacity(self.chars.len());
        // In the order of the characters, so that the character map falls into few segments.
        for (&ch, &glyph) in &self.chars {
            let id = map.remap(glyph);
            glyphs.entry(id).or_default().push(ch);
            cmap.push((ch, id));
        }
        for &glyph in &self.by_index_only {
            glyphs.entry(map.remap(glyph)).or_default();
        }
        let cut = self
            .cut(&map)
            .map_err(|reason| LayoutError::Subset { font: name(), reason })?;

        let info = self.font.info();
        let weight = self.weight();
        let italic = info.variant.style != FontStyle::Normal;
        let base = self
            .font
            .post_script_name()
            .unwrap_or_else(|| info.family.replace(' ', ""));
        let naming = Naming {
            post_script: format!("{}+{base}", self.tag()),
            family: info.family.clone(),
            subfamily: match (weight >= 600, italic) {
                (false, false) => "Regular",
                (true, false) => "Bold",
                (false, true) => "Italic",
                (true, true) => "Bold Italic",
            },
        };
        let data = sfnt::standalone(&cut, self.font.ttf(), &naming, &cmap)
            .map_err(|table| LayoutError::FontTable { font: name(), table })?;
        let font = FontUse {
            name: naming.post_script,
            family: naming.family,
            weight,
            italic,
            serif: info.flags.contains(FontFlags::SERIF) || info.family.contains("Serif"),
            data,
            glyphs: glyphs.into_iter().map(|(id, chars)| UsedGlyph { id, chars }).collect(),
        };
        Ok((font, map))
    }

    fn cut(&self, map: &GlyphRemapper) -> Result<Vec<u8>, subsetter::Error> {
        let axes: Vec<(subsetter::Tag, f32)> = self
            .font
            .variations()
            .0
            .iter()
            .map(|&(tag, value)| (subsetter::Tag::new(&ttf_parser::Tag::from(tag).to_bytes()), value.0))
            .collect();
        if axes.is_empty() {
            subsetter::subset(self.font.data(), self.font.index(), map)
        } else {
            subsetter::subset_with_variations(self.font.data(), self.font.index(), &axes, map)
        }
    }

    fn weight(&self) -> u16 {
        let axis = self
            .font
            .variations()
            .0
            .iter()
            .find(|(tag, _)| ttf_parser::Tag::from(*tag).to_bytes() == *b"wght");
        match axis {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            Some((_, value)) => value.0.clamp(1.0, 1000.0).round() as u16,
            None => self.font.info().variant.weight.to_number(),
        }
    }

    /// Six letters from the glyphs in use, as PDF tags subsets, so that no reader takes it for an installed font.
    fn tag(&self) -> String {
        let glyphs = self.chars.iter().map(|(&ch, &glyph)| (u32::from(ch), glyph));
        let others = self.by_index_only.iter().map(|&glyph| (0, glyph));
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for (ch, glyph) in glyphs.chain(others) {
            for byte in ch.to_be_bytes().into_iter().chain(glyph.to_be_bytes()) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        let mut letters = String::with_capacity(6);
        for _ in 0..6 {
            letters.push(char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(hash % 26) as usize % 26]));
            hash /= 26;
        }
        letters
    }
}

/// The character a cluster shows when it shows just one; a variation selector only chooses its glyph.
fn only_character(text: &str) -> Option<char> {
    let mut chars = text.chars().filter(|&ch| ch == ' ' || !needs_no_glyph(ch));
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}

fn same(a: &FontInstance, b: &FontInstance) -> bool {
    a.data().as_ptr() == b.data().as_ptr() && a.index() == b.index() && a.variations() == b.variations()
}
