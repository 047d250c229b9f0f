use cinnabar_layout::{Feature, Fonts, LayoutError, Limits, Template, compose_with};

use crate::{DAY, FONTS, data, face, source};

#[test]
fn a_character_no_font_has_names_itself_and_the_field() {
    let mut data = data("household-register");
    data["fields"]["members"][1]["name"] = "张\u{10FFFD}三".into();
    let error = face("household-register", &data).unwrap_err();
    let LayoutError::MissingGlyph { ch, field, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!((*ch, field.as_deref()), ('\u{10FFFD}', Some("fields.members[1].name")));
    assert!(error.to_string().contains("U+10FFFD"), "{error}");
}

#[test]
fn a_character_of_the_template_that_no_font_has_is_refused_on_the_page() {
    let text = r#"#import "/cinnabar.typ": *
        #field("name", "张" + str.from-unicode(0x10FFFD))"#;
    let error = source(text, "{}").unwrap_err();
    let LayoutError::MissingGlyph { ch, field, page } = &error else {
        panic!("{error}")
    };
    assert_eq!((*ch, field.as_deref(), *page), ('\u{10FFFD}', Some("name"), Some(0)));
}

#[test]
fn characters_that_hide_or_reorder_text_are_refused() {
    for ch in ['\u{202E}', '\u{2066}', '\u{200B}', '\u{7}', '\u{FEFF}'] {
        let mut data = data("business-licence");
        data["fields"]["name"] = format!("朱砂{ch}公司").into();
        let error = face("business-licence", &data).unwrap_err();
        assert!(
            matches!(&error, LayoutError::ForbiddenCharacter { ch: found, field } if *found == ch && field == "fields.name"),
            "{error}"
        );
    }
}

#[test]
fn a_value_too_long_for_its_place_is_refused_by_name() {
    let mut data = data("marriage-certificate");
    data["fields"]["remarks"] = "备注".repeat(600).into();
    let error = face("marriage-certificate", &data).unwrap_err();
    assert!(
        matches!(&error, LayoutError::DoesNotFit { field } if field == "remarks"),
        "{error}"
    );
}

#[test]
fn limits_name_what_exceeded_them() {
    let mut data = data("business-licence");
    data["fields"]["address"] = "长".repeat(4_001).into();
    let error = face("business-licence", &data).unwrap_err();
    let LayoutError::LimitExceeded {
        what,
        field,
        found,
        limit,
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!(
        (what, field.as_deref(), found, limit),
        ("max_text_chars", Some("fields.address"), 4_001, 4_000)
    );

    let limits = Limits {
        max_pages: 2,
        ..Limits::default()
    };
    let three = Template::new("a #pagebreak() b #pagebreak() c");
    let error = compose_with(&three, &FONTS, b"{}", DAY, &limits).unwrap_err();
    assert!(
        matches!(
            error,
            LayoutError::LimitExceeded {
                what: "max_pages",
                found: 3,
                ..
            }
        ),
        "{error}"
    );

    let limits = Limits {
        max_png_pixels: 1_000,
        ..Limits::default()
    };
    let pages = compose_with(&Template::new("a"), &FONTS, b"{}", DAY, &limits).unwrap();
    for dpi in [72.0, f64::INFINITY, f64::NAN] {
        assert!(matches!(pages.png(0, dpi), Err(LayoutError::LimitExceeded { .. })));
    }
    assert!(matches!(
        pages.png(1, 1.0),
        Err(LayoutError::NoSuchPage { page: 1, pages: 1 })
    ));
}

#[test]
fn deeply_nested_or_broken_data_is_an_error() {
    for json in ["{", "", "nul", &"[".repeat(100_000)] {
        assert!(matches!(source("a", json), Err(LayoutError::Data(_))));
    }
}

#[test]
fn a_template_error_names_the_line() {
    let error = source("first\n  #undefined-name\n", "{}").unwrap_err();
    let LayoutError::Template(found) = &error else {
        panic!("{error}")
    };
    assert_eq!(
        (found[0].file.as_deref(), found[0].line, found[0].column),
        (Some("face.typ"), Some(2), Some(4))
    );
    assert!(error.to_string().contains("face.typ:2:4: unknown variable"), "{error}");
}

#[test]
fn a_template_sees_neither_disk_nor_network_nor_clock() {
    for text in [
        r#"#read("/etc/passwd")"#,
        r#"#read("../../../../etc/passwd")"#,
        r#"#read("/data/../../etc/passwd")"#,
        r#"#import "@preview/example:0.1.0""#,
        r#"#image("/data/fields.photo")"#,
    ] {
        assert!(matches!(source(text, "{}"), Err(LayoutError::Template(_))), "{text}");
    }
    let day = r#"#assert.eq(datetime.today().display(), "2025-03-01")"#;
    source(day, "{}").unwrap();
}

#[test]
fn what_one_output_could_not_show_is_refused() {
    let cases = [
        ("#rect(fill: gradient.linear(red, blue))", Feature::GradientOrTiling),
        ("#text(stroke: 1pt + red)[a]", Feature::StrokedText),
        (
            "#box(width: 5pt, height: 5pt, clip: true, rect(width: 50pt, height: 5pt, fill: red))",
            Feature::Clip,
        ),
        (
            r#"#image(bytes("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"))"#,
            Feature::VectorImage,
        ),
    ];
    for (text, expected) in cases {
        let error = source(text, "{}").unwrap_err();
        assert!(
            matches!(error, LayoutError::Unsupported { feature, page: 0 } if feature == expected),
            "{text}: {error}"
        );
    }
    source(
        "#box(width: 50pt, height: 5pt, clip: true, rect(width: 50pt, height: 5pt, fill: red))",
        "{}",
    )
    .unwrap();
}

#[test]
fn a_missing_font_names_its_package() {
    let error = Fonts::load(&["/nonexistent/font.otf".into()]).unwrap_err();
    assert!(
        matches!(error, LayoutError::FontNotFound { package: None, .. }),
        "{error}"
    );
    let error = Fonts::load(&[concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml").into()]).unwrap_err();
    assert!(matches!(error, LayoutError::NotAFont { .. }), "{error}");
    let message = LayoutError::FontNotFound {
        path: "x.ttc".into(),
        package: Some("fonts-noto-cjk"),
    }
    .to_string();
    assert!(message.contains("apt install fonts-noto-cjk"), "{message}");
}
