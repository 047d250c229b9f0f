use std::collections::BTreeSet;
use std::process::Command;

use cinnabar_layout::Pages;
use ttf_parser::{Face, GlyphId, OutlineBuilder};

use crate::{FACES, data, face, source, texts};

#[test]
fn every_run_names_the_glyphs_that_its_text_leads_to() {
    for name in FACES {
        assert_consistent(&face(name, &data(name)).unwrap());
    }
}

/// Glyph by glyph: the subset has it, its character map leads to it, its outline is not blank, its width is the font's.
fn assert_consistent(pages: &Pages) {
    let faces: Vec<Face<'_>> = pages
        .fonts
        .iter()
        .map(|font| Face::parse(&font.data, 0).unwrap())
        .collect();
    for run in texts(pages) {
        let face = &faces[run.font];
        assert_eq!(
            run.glyphs.iter().map(|glyph| glyph.text.as_str()).collect::<String>(),
            run.text
        );
        for glyph in &run.glyphs {
            assert!(glyph.id != 0 && glyph.id < face.number_of_glyphs());
            let mut chars = glyph.text.chars();
            let (Some(ch), None) = (chars.next(), chars.next()) else {
                continue;
            };
            assert_eq!(face.glyph_index(ch), Some(GlyphId(glyph.id)), "{ch}");
            assert!(ch.is_whitespace() || has_outline(face, glyph.id), "{ch} is blank");
            assert!(face.glyph_hor_advance(GlyphId(glyph.id)).is_some());
        }
    }
    for (font, face) in pages.fonts.iter().zip(&faces) {
        let used: BTreeSet<u16> = font.glyphs.iter().map(|glyph| glyph.id).collect();
        assert_eq!(used, (1..face.number_of_glyphs()).collect());
        for glyph in &font.glyphs {
            assert!(
                glyph
                    .chars
                    .iter()
                    .all(|&ch| face.glyph_index(ch) == Some(GlyphId(glyph.id)))
            );
        }
    }
}

fn has_outline(face: &Face<'_>, glyph: u16) -> bool {
    struct Ignore;
    impl OutlineBuilder for Ignore {
        fn move_to(&mut self, _: f32, _: f32) {}
        fn line_to(&mut self, _: f32, _: f32) {}
        fn quad_to(&mut self, _: f32, _: f32, _: f32, _: f32) {}
        fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, _: f32, _: f32) {}
        fn close(&mut self) {}
    }
    face.outline_glyph(GlyphId(glyph), &mut Ignore).is_some()
}

#[test]
fn a_second_glyph_for_a_character_goes_into_a_subset_of_its_own() {
    let text = r#"#set text(font: "Noto Serif CJK SC")
        （竖）#text(features: ("vert",))[（竖）]（竖）"#;
    let pages = source(text, "{}").unwrap();
    assert_consistent(&pages);
    assert_eq!(pages.fonts.len(), 2);
    assert_ne!(pages.fonts[0].name, pages.fonts[1].name);
    let whole: String = texts(&pages).map(|run| run.text.as_str()).collect();
    assert_eq!(whole, "（竖）（竖）（竖）");
}

#[test]
fn rare_characters_of_the_supplementary_plane_keep_their_text() {
    let pages = source(r#"#set text(font: "Noto Serif CJK SC"); 𠮷𠀋A"#, "{}").unwrap();
    assert_consistent(&pages);
    let whole: String = texts(&pages).map(|run| run.text.as_str()).collect();
    assert!(whole.contains("𠮷𠀋"));
}

#[test]
fn ligatures_keep_the_whole_text_of_the_cluster() {
    let pages = source(
        r#"#set text(font: "Noto Serif CJK SC", ligatures: true); office fluff 葛󠄀"#,
        "{}",
    )
    .unwrap();
    assert_consistent(&pages);
    let whole: String = texts(&pages).map(|run| run.text.as_str()).collect();
    assert!(whole.contains("office"), "{whole}");
}

#[test]
fn fontconfig_and_freetype_read_every_subset() {
    let pages = face("business-licence", &data("business-licence")).unwrap();
    for (index, font) in pages.fonts.iter().enumerate() {
        let file = std::env::temp_dir().join(format!("cinnabar-layout-{}-{index}.ttf", std::process::id()));
        std::fs::write(&file, &font.data).unwrap();
        let scanned = Command::new("fc-scan")
            .args(["-f", "%{postscriptname}|%{fontformat}|%{charset}"])
            .arg(&file)
            .output();
        std::fs::remove_file(&file).unwrap();
        let Ok(scanned) = scanned else {
            eprintln!("skipped: fontconfig is not installed");
            return;
        };
        let scanned = String::from_utf8(scanned.stdout).unwrap();
        let parts: Vec<&str> = scanned.split('|').collect();
        assert_eq!(parts[..2], [font.name.as_str(), "TrueType"]);
        assert!(!parts[2].is_empty());
    }
}

#[test]
fn checksums_of_every_subset_add_up() {
    let pages = face("marriage-certificate", &data("marriage-certificate")).unwrap();
    for font in &pages.fonts {
        let sum = font.data.chunks(4).fold(0_u32, |sum, word| {
            sum.wrapping_add(u32::from_be_bytes(word.try_into().unwrap()))
        });
        assert_eq!(sum, 0xB1B0_AFBA);
    }
}
