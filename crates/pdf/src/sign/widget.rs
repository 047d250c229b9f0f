//! The field merged with its widget, and its appearance.

use std::io::Write as _;
use std::sync::Arc;

use crate::object::{Dictionary, Object, ObjectId};
use crate::pages::Page;
use crate::sign::{Appearance, SignError, SignatureField};
use crate::update::{Update, integer, stream_bytes, text};

/// Points in a millimetre.
const POINTS: f64 = 72.0 / 25.4;
/// Points by which a rectangle may overlap the edge of the page: rounding.
const TOLERANCE: f64 = 0.5;

pub(super) fn put_widget(
    update: &mut Update<'_, '_>,
    field: &SignatureField,
    page: &Page,
    widget: ObjectId,
    value: ObjectId,
) -> Result<(), SignError> {
    let [x, y, width, height] = field.rect_mm;
    let mut dictionary = Dictionary::default();
    dictionary.set("Type", Object::name("Annot"));
    dictionary.set("Subtype", Object::name("Widget"));
    dictionary.set("FT", Object::name("Sig"));
    dictionary.set("T", text(&field.name));
    dictionary.set("F", Object::Integer(132));
    dictionary.set("P", Object::Reference(page.id));
    dictionary.set("V", Object::Reference(value));
    let mut rectangle = [0.0; 4];
    if width > 0.0 && height > 0.0 {
        let Some(view) = page.view.filter(|_| page.rotation == 0) else {
            return Err(SignError::PageGeometry(field.page));
        };
        let [left, bottom, right, top] = view;
        rectangle = [
            left + x * POINTS,
            top - (y + height) * POINTS,
            left + (x + width) * POINTS,
            top - y * POINTS,
        ];
        let overlaps = [
            left - rectangle[0],
            bottom - rectangle[1],
            rectangle[2] - right,
            rectangle[3] - top,
        ];
        if overlaps.iter().any(|overlap| *overlap > TOLERANCE) {
            return Err(SignError::OutsidePage(field.page));
        }
        let empty = Appearance {
            content: String::new(),
            width_mm: width,
            height_mm: height,
        };
        let drawing = field.appearance.as_ref().unwrap_or(&empty);
        let form = update.allot();
        update.put(form, form_bytes(drawing));
        let mut appearance = Dictionary::default();
        appearance.set("N", Object::Reference(form));
        dictionary.set("AP", Object::Dictionary(Arc::new(appearance)));
    }
    dictionary.set("Rect", reals(&rectangle));
    update.put_dictionary(widget, &dictionary);
    Ok(())
}

/// Numbers to a ten-thousandth.
fn reals(values: &[f64]) -> Object {
    let round = |value: &f64| Object::Real((value * 1e4).round() / 1e4);
    Object::Array(values.iter().map(round).collect())
}

/// The form XObject of an appearance: its box in mm, its matrix to points.
fn form_bytes(drawing: &Appearance) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    let packed = encoder
        .write_all(drawing.content.as_bytes())
        .and_then(|()| encoder.finish());
    let mut dictionary = Dictionary::default();
    dictionary.set("Type", Object::name("XObject"));
    dictionary.set("Subtype", Object::name("Form"));
    dictionary.set("BBox", reals(&[0.0, 0.0, drawing.width_mm, drawing.height_mm]));
    dictionary.set("Matrix", reals(&[POINTS, 0.0, 0.0, POINTS, 0.0, 0.0]));
    dictionary.set("Resources", Object::Dictionary(Arc::default()));
    let data = match packed {
        Ok(packed) => {
            dictionary.set("Filter", Object::name("FlateDecode"));
            packed
        }
        // Writing to memory does not fail; if it did, the drawing would go in as it is.
        Err(_) => drawing.content.clone().into_bytes(),
    };
    dictionary.set("Length", integer(data.len()));
    stream_bytes(&dictionary, &data)
}
