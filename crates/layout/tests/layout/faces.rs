use std::process::Command;

use cinnabar_layout::{Item, PathCommand, PdfMeta, compose};

use crate::{DAY, FACES, FONTS, data, face, shown, source, template, texts};

#[test]
fn every_face_shows_its_values_each_as_a_marked_field() {
    for name in FACES {
        let data = data(name);
        let pages = face(name, &data).unwrap();
        assert_eq!(pages.warnings, [], "{name}");
        assert_eq!(
            shown(&pages, "identifier").replace(' ', ""),
            data["identifier"].as_str().unwrap().repeat(pages.pages.len())
        );
        for (field, value) in data["fields"].as_object().unwrap() {
            let Some(text) = value.as_str().filter(|text| !text.is_empty()) else {
                continue;
            };
            if field.ends_with("_label") {
                continue;
            }
            let found = shown(&pages, field);
            let is_date = text.len() == 10 && text.as_bytes()[4] == b'-';
            let expected = if is_date { chinese_date(text) } else { text.to_owned() };
            assert!(
                found.starts_with(&expected),
                "{name}: {field} shows {found:?}, not {expected:?}"
            );
        }
    }
}

fn chinese_date(iso: &str) -> String {
    let number = |part: &str| part.parse::<u32>().unwrap();
    format!("{}年{}月{}日", number(&iso[..4]), number(&iso[5..7]), number(&iso[8..]))
}

#[test]
fn the_examples_of_the_catalogue_compose() {
    for name in FACES {
        let example = std::fs::read(crate::here().join("../../catalogue").join(name).join("example.json")).unwrap();
        let pages = compose(&template(name), &FONTS, &example, DAY).unwrap();
        assert_eq!(pages.warnings, [], "{name}");
        assert!(pages.seal_anchor().is_some(), "{name}");
    }
}

#[test]
fn members_of_a_household_have_a_page_and_field_names_each() {
    let pages = face("household-register", &data("household-register")).unwrap();
    assert_eq!(pages.pages.len(), 3);
    assert_eq!(shown(&pages, "members[0].name"), "欧阳清");
    assert_eq!(shown(&pages, "members[1].birth_date"), "1991年12月8日");
    assert_eq!(shown(&pages, "members[1].former_name"), "古丽");
    assert_eq!(shown(&pages, "members[0].former_name"), "");
}

#[test]
fn a_seal_of_42_mm_stays_on_the_page() {
    for name in FACES {
        let pages = face(name, &data(name)).unwrap();
        let anchor = pages.seal_anchor().unwrap();
        let page = &pages.pages[anchor.page];
        assert!(anchor.x_mm > 21.0 && anchor.x_mm < page.width_mm - 21.0, "{name}");
        assert!(anchor.y_mm > 21.0 && anchor.y_mm < page.height_mm - 21.0, "{name}");
    }
}

#[test]
fn long_values_wrap_inside_the_page() {
    let mut data = data("business-licence");
    let scope = data["fields"]["business_scope"].as_str().unwrap().repeat(5);
    data["fields"]["business_scope"] = scope.clone().into();
    data["fields"]["name"] = "朱砂".repeat(40).into();
    let pages = face("business-licence", &data).unwrap();
    assert_eq!(pages.pages.len(), 1);
    assert_eq!(shown(&pages, "business_scope"), scope);
    for run in texts(&pages) {
        assert!(run.x_mm > 0.0 && run.x_mm + run.width_mm() < 297.0, "{}", run.text);
    }
}

#[test]
fn pages_are_in_mm_with_the_baseline_measured_from_the_top() {
    let page = r##"
        #set page(width: 100mm, height: 50mm, margin: 0mm, fill: rgb("#112233"))
        #set text(size: 10mm, top-edge: 1em, bottom-edge: 0em, font: "Noto Serif CJK SC")
        #place(top + left, dx: 20mm, dy: 5mm)[中文]
        #place(top + left, dx: 1mm, dy: 2mm, line(end: (3mm, 4mm), stroke: (paint: red, thickness: 0.5mm, dash: (2mm, 1mm))))
        #place(top + left, dx: 50mm, dy: 20mm, rotate(90deg, origin: top + left)[转])
    "##;
    let pages = source(page, "{}").unwrap();
    let page = &pages.pages[0];
    assert_eq!((page.width_mm, page.height_mm), (100.0, 50.0));
    let Item::Path(background) = &page.items[0] else {
        panic!()
    };
    assert_eq!(background.fill, Some([0x11, 0x22, 0x33, 255]));
    assert_eq!(background.commands[2], PathCommand::Line(100.0, 50.0));
    let Item::Text(run) = &page.items[1] else { panic!() };
    assert_eq!(
        (run.x_mm, run.y_mm, run.size_mm, run.text.as_str()),
        (20.0, 15.0, 10.0, "中文")
    );
    assert_eq!(run.origins(), [(0.0, 0.0), (10.0, 0.0)]);
    let Item::Path(line) = &page.items[2] else { panic!() };
    assert_eq!(
        line.commands,
        [PathCommand::Move(1.0, 2.0), PathCommand::Line(4.0, 6.0)]
    );
    let stroke = line.stroke.as_ref().unwrap();
    assert_eq!(
        (stroke.width_mm, stroke.dash_mm.as_slice()),
        (0.5, [2.0, 1.0].as_slice())
    );
    let Item::Text(turned) = &page.items[3] else { panic!() };
    assert_eq!(turned.transform, [0.0, 1.0, -1.0, 0.0, 40.0, 20.0]);
    assert_eq!((turned.x_mm, turned.y_mm), (0.0, 0.0));
}

#[test]
fn the_same_licence_gives_the_same_bytes() {
    for name in FACES {
        let meta = PdfMeta {
            title: name.into(),
            identifier: "1.2.156".into(),
            created: DAY,
            ..PdfMeta::default()
        };
        let write = || {
            let pages = face(name, &data(name)).unwrap();
            (
                pages.pdf_a(&meta).unwrap(),
                pages.png(0, 72.0).unwrap(),
                pages.fonts,
                pages.pages,
            )
        };
        let first = write();
        for _ in 0..12 {
            comemo::evict(0);
            assert!(first == write(), "{name}");
        }
    }
}

#[test]
fn the_pdf_declares_pdf_a_2b_and_embeds_every_font() {
    let pages = face("business-licence", &data("business-licence")).unwrap();
    let meta = PdfMeta {
        title: "营业执照".into(),
        author: Some("北京市朝阳区市场监督管理局".into()),
        identifier: "1.2.156".into(),
        created: DAY,
        ..PdfMeta::default()
    };
    let pdf = pages.pdf_a(&meta).unwrap();
    let text = String::from_utf8_lossy(&pdf);
    assert!(
        text.contains("<pdfaid:part>2</pdfaid:part>") && text.contains("<pdfaid:conformance>B</pdfaid:conformance>")
    );
    assert!(text.contains("/OutputIntents") && text.contains("2025-03-01T00:00:00"));

    let file = std::env::temp_dir().join(format!("cinnabar-layout-{}.pdf", std::process::id()));
    std::fs::write(&file, &pdf).unwrap();
    let listed = Command::new("pdffonts").arg(&file).output();
    let extracted = Command::new("pdftotext").arg(&file).arg("-").output();
    std::fs::remove_file(&file).unwrap();
    let (Ok(listed), Ok(extracted)) = (listed, extracted) else {
        eprintln!("skipped: poppler-utils is not installed");
        return;
    };
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(
        listed.lines().skip(2).all(|line| line.contains("yes yes yes")),
        "{listed}"
    );
    assert!(
        String::from_utf8(extracted.stdout)
            .unwrap()
            .contains("北京朱砂测试科技有限公司")
    );
}
