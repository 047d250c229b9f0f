//! Composes a template with data and writes PDF and PNG: `preview FOLDER DATA.json OUT-PREFIX [ROUNDS]`. With
//! ROUNDS it then measures that many compositions, each with an identifier of its own.
#![allow(clippy::print_stdout)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use cinnabar_layout::{Fonts, PdfMeta, Template, compose};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, data, out, rest @ ..] = arguments.as_slice() else {
        return Err("usage: preview FOLDER DATA.json OUT-PREFIX [ROUNDS]".into());
    };
    let rounds: u32 = rest.first().map_or(Ok(0), |rounds| rounds.parse())?;
    let begun = Instant::now();
    let fonts = Fonts::load(&[])?;
    println!("fonts    {:>8.1?}", begun.elapsed());
    let template = Template::load(&PathBuf::from(folder))?;
    let data = std::fs::read(data)?;
    let begun = Instant::now();
    let pages = compose(&template, &fonts, &data, 1_740_787_200)?;
    println!(
        "compose  {:>8.1?}  {} pages, {} fonts",
        begun.elapsed(),
        pages.pages.len(),
        pages.fonts.len()
    );
    for warning in &pages.warnings {
        println!("warning  {warning}");
    }
    let begun = Instant::now();
    let meta = PdfMeta {
        title: "预览".into(),
        created: 1_740_787_200,
        ..PdfMeta::default()
    };
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
        println!(
            "font     {} {} bytes, {} glyphs",
            font.name,
            font.data.len(),
            font.glyphs.len()
        );
        std::fs::write(format!("{out}-{index}.ttf"), &font.data)?;
    }
    measure(&template, &fonts, &data, &meta, rounds)?;
    println!("seal     {:?}", pages.seal_anchor());
    println!("fields   {:?}", pages.shown_fields());
    Ok(())
}

fn measure(
    template: &Template,
    fonts: &Fonts,
    data: &[u8],
    meta: &PdfMeta,
    rounds: u32,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut data: serde_json::Value = serde_json::from_slice(data)?;
    let mut spent = [Duration::ZERO; 3];
    for round in 0..rounds {
        data["identifier"] = format!("1.2.156.3005.2.{round:06}").into();
        let json = serde_json::to_vec(&data)?;
        let begun = Instant::now();
        let pages = compose(template, fonts, &json, 1_740_787_200)?;
        spent[0] += begun.elapsed();
        let begun = Instant::now();
        pages.pdf_a(meta)?;
        spent[1] += begun.elapsed();
        let begun = Instant::now();
        pages.png(0, 144.0)?;
        spent[2] += begun.elapsed();
    }
    if rounds > 0 {
        let [compose, pdf, png] = spent.map(|spent| spent / rounds);
        println!("mean of {rounds}: compose {compose:.1?}, pdf {pdf:.1?}, png of page 0 at 144 dpi {png:.1?}");
    }
    Ok(())
}
