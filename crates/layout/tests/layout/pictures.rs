use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cinnabar_layout::{ImageFault, ImageFormat, Item, LayoutError, Pages, PathCommand, PdfMeta};
use serde_json::Value;

use crate::{data, face};

#[test]
fn a_photo_is_carried_unchanged_and_marked() {
    let file = png(4, 3);
    for encoded in [
        STANDARD.encode(&file),
        format!("data:image/png;base64,{}", STANDARD.encode(&file)),
    ] {
        let pages = face("marriage-certificate", &with_photo(&encoded)).unwrap();
        let picture = pages.pages[0].items.iter().find_map(|item| match item {
            Item::Image(picture) => Some(picture),
            _ => None,
        });
        let picture = picture.unwrap();
        assert_eq!(
            (picture.format, &picture.data, picture.pixel_width),
            (ImageFormat::Png, &file, 4)
        );
        assert_eq!(picture.field.as_deref(), Some("photo"));
        assert!(
            (picture.width_mm / picture.height_mm - 4.0 / 3.0).abs() < 1e-3,
            "keeps its proportions"
        );
        assert!(!shows(&pages, "双方合影"));
        pages.pdf_a(&PdfMeta::default()).unwrap();
    }
}

#[test]
fn without_a_photo_the_frame_is_labelled() {
    let pages = face("marriage-certificate", &data("marriage-certificate")).unwrap();
    assert!(shows(&pages, "双方合影"));
}

#[test]
fn images_are_refused_before_they_are_decoded() {
    let mut bomb = png(1, 1);
    bomb[16..24].copy_from_slice(&[0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF]);
    let error = face("marriage-certificate", &with_photo(&STANDARD.encode(&bomb))).unwrap_err();
    assert!(
        matches!(
            error,
            LayoutError::LimitExceeded {
                what: "max_image_pixels",
                ..
            }
        ),
        "{error}"
    );

    let error = face(
        "marriage-certificate",
        &with_photo("data:image/gif;base64,R0lGODlhAQABAAAAACw="),
    )
    .unwrap_err();
    assert!(
        matches!(
            error,
            LayoutError::Image {
                fault: ImageFault::Format,
                ..
            }
        ),
        "{error}"
    );

    let error = face("marriage-certificate", &with_photo("iVBORw0KGgo!!")).unwrap_err();
    assert!(
        matches!(&error, LayoutError::Image { fault: ImageFault::Base64, field } if field == "fields.photo"),
        "{error}"
    );

    let cut = &png(4, 3)[..40];
    let error = face("marriage-certificate", &with_photo(&STANDARD.encode(cut))).unwrap_err();
    assert!(matches!(error, LayoutError::Template(_)), "{error}");
}

#[test]
fn a_qr_code_is_drawn_module_by_module_as_one_outline() {
    let mut data = data("business-licence");
    let plain = face("business-licence", &data).unwrap();
    data["qr"] = serde_json::json!(["110", "001", "111"]);
    let pages = face("business-licence", &data).unwrap();
    let is_code = |item: &&Item| matches!(item, Item::Path(path) if path.fill == Some([0, 0, 0, 255]));
    assert_eq!(plain.pages[0].items.iter().filter(is_code).count(), 0);
    let codes: Vec<&Item> = pages.pages[0].items.iter().filter(is_code).collect();
    let [Item::Path(code)] = codes.as_slice() else { panic!() };
    let moves = code
        .commands
        .iter()
        .filter(|command| matches!(command, PathCommand::Move(..)))
        .count();
    assert_eq!(moves, 3, "one rectangle a run of dark modules");
}

fn with_photo(encoded: &str) -> Value {
    let mut data = data("marriage-certificate");
    data["fields"]["photo"] = encoded.into();
    data
}

fn shows(pages: &Pages, text: &str) -> bool {
    crate::texts(pages).any(|run| run.text == text)
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    writer
        .write_image_data(&vec![200; (width * height * 3) as usize])
        .unwrap();
    writer.finish().unwrap();
    file
}
