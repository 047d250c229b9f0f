//! What the layout crate promises, against the catalogue's own templates.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

mod faces;
mod outlines;
mod pictures;
mod refusals;
mod subsets;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cinnabar_layout::{Fonts, LayoutError, Pages, Template, TextRun, compose};
use serde_json::Value;

/// 2025-03-01 00:00 UTC.
const DAY: i64 = 1_740_787_200;

const FACES: [&str; 3] = ["business-licence", "household-register", "marriage-certificate"];

static FONTS: LazyLock<Fonts> = LazyLock::new(|| Fonts::load(&[]).unwrap());

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn template(face: &str) -> Template {
    Template::load(&here().join("../../catalogue").join(face)).unwrap()
}

fn data(face: &str) -> Value {
    let path: &Path = &here().join("tests/data").join(format!("{face}.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn face(face: &str, data: &Value) -> Result<Pages, LayoutError> {
    compose(&template(face), &FONTS, data.to_string().as_bytes(), DAY)
}

fn source(text: &str, data: &str) -> Result<Pages, LayoutError> {
    compose(&Template::new(text), &FONTS, data.as_bytes(), DAY)
}

fn texts(pages: &Pages) -> impl Iterator<Item = &TextRun> {
    pages
        .pages
        .iter()
        .flat_map(|page| &page.items)
        .filter_map(|item| match item {
            cinnabar_layout::Item::Text(run) => Some(run),
            _ => None,
        })
}

fn shown(pages: &Pages, field: &str) -> String {
    texts(pages)
        .filter(|run| run.field.as_deref() == Some(field))
        .map(|run| run.text.as_str())
        .collect()
}
