//! Composes a template with data and writes PDF and PNG: `preview FOLDER DATA.json OUT-PREFIX`.
#![allow(clippy::print_stdout)]

use std::path::PathBuf;
use std::time::Instant;

use cinnabar_layout::{Fonts, PdfMeta, Template, compose};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, data, out] = arguments.as_slice() else {
        return Err("usage: preview FOLDER DATA.json OUT-PREFIX".into());
    };
    let begun = Instant::now();
    let fonts = Fonts::load(&[])?;
    println!("fonts    {:>8.1?}", begun.elapsed());
    let template = Template::load(&PathBuf::from(folder))?;
    let data = std::fs::read(data)?;
    let begun = Instant::now();
    let pages = compose(&template, &fonts, &data, 1_740_787_200)?;
    println!("compose  {:>8.1?}  {} pages, {} fonts", begun.elapsed(), pages.pages.len(), pages.fonts.len());
    for warning in &pages.warnings {
        println!("warning  {warning}");
    }
    let begun = Instant::now();
    let meta = PdfMeta { title: "预览".into(), created: 1_740_787_200, ..PdfMeta::default() };
    let pdf = pages.pdf_a(&meta)?;
    println!("pdf      {:>8.1?}  {} bytes", begun.elapsed(), pdf.len());
    std::fs::write(format!("{out}.pdf"), pdf)?;
    for page in 0..pages.pages.len() {
        let begun = Instant::now();
        let png = pages.png(page, 110.0)?;
        println!("png {page}    {:>8.1?}  {} bytes", begun.elapsed(), png.len());
        std::fs::write(format!("{out}-{page}.png"), png)?;
    }
    for (index, font) in pages.fonts.iter().enumerate() {
        println!("font     {} {} bytes, {} glyphs", font.name, font.data.len(), font.glyphs.len());
        std::fs::write(format!("{out}-{index}.otf"), &font.data)?;
    }
    println!("seal     {:?}", pages.seal_anchor());
    println!("fields   {:?}", pages.shown_fields());
    Ok(())
}
