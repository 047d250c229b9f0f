//! The checked-in catalogue admits its examples, and every kind of fault is reported by field.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, missing_docs)]

use std::path::{Path, PathBuf};

use cinnabar_licence::admit::{Allotment, Fault, FaultCode, admit};
use cinnabar_licence::identifier::Identifier;
use cinnabar_licence::types::{Catalogue, CatalogueError, LicenceType};
use cinnabar_licence::{Licence, from_metadata};
use serde_json::{Value, json};

fn catalogue_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalogue")
}

fn kind(id: &str) -> LicenceType {
    Catalogue::load(&[catalogue_dir()]).unwrap().find(id).unwrap().clone()
}

fn example(id: &str) -> Value {
    serde_json::from_slice(&std::fs::read(catalogue_dir().join(id).join("example.json")).unwrap()).unwrap()
}

fn allotment() -> Allotment {
    Allotment {
        serial: "0A1B2C3D4E5F6G7H8I9J".into(),
        status_uri: "https://licences.example/status/1".into(),
        status_idx: 123_456_789,
    }
}

fn admitted(id: &str) -> Licence {
    admit(&kind(id), &example(id), &allotment()).unwrap()
}

fn faults(id: &str, request: &Value) -> Vec<Fault> {
    admit(&kind(id), request, &allotment()).unwrap_err()
}

/// Faults of an example after one change at a JSON pointer.
fn after(id: &str, pointer: &str, value: Value) -> Vec<Fault> {
    let mut request = example(id);
    *request.pointer_mut(pointer).unwrap() = value;
    faults(id, &request)
}

fn places(faults: &[Fault]) -> Vec<(&str, FaultCode)> {
    faults.iter().map(|fault| (fault.path.as_str(), fault.code)).collect()
}

#[test]
fn the_three_examples_are_admitted_with_valid_identifiers() {
    for id in ["business-licence", "household-register", "marriage-certificate"] {
        let licence = admitted(id);
        let text = licence.identifier.to_string();
        assert_eq!(Identifier::parse(&text).unwrap(), licence.identifier);
    }
    assert_eq!(admitted("household-register").identifier.serial, "990101026318");
    assert_eq!(admitted("business-licence").identifier.serial, "0A1B2C3D4E5F6G7H8I9J");
}

#[test]
fn metadata_survive_the_way_into_a_file_and_back() {
    let licence = admitted("business-licence");
    let items = licence.metadata();
    let read = from_metadata(&items).unwrap();
    assert_eq!(read.identifier, Some(licence.identifier.to_string()));
    assert_eq!(read.holder_code_type_name.as_deref(), Some("统一社会信用代码"));
    assert_eq!(read.valid_to.as_deref(), Some("长期"));
    assert_eq!(read.issued_on.as_deref(), Some("20260302"));
    assert_eq!(read.status, Some(licence.status));
    assert!(read.extended.contains(&("KZ_ESTABLISHED_ON".into(), "20190618".into())));
    assert!(items.iter().all(|(name, value)| !name.is_empty() && !value.is_empty()));
}

#[test]
fn groups_flatten_lists_become_one_item_and_pictures_stay_out_of_the_metadata() {
    let items = admitted("marriage-certificate").metadata();
    assert!(
        items
            .iter()
            .any(|(name, value)| name == "KZ_PARTY_A_NAME" && value == "裴青山")
    );
    assert!(!items.iter().any(|(name, _)| name.contains("PHOTO")));
    let items = admitted("household-register").metadata();
    let members = items.iter().find(|(name, _)| name == "KZ_MEMBERS").unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&members.1)
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

#[test]
fn every_fault_is_listed_at_once_by_field_name() {
    let request = json!({
        "holder": {"name": "甲", "code": "91350100M000100Y48", "code_type": "001"},
        "issued_on": "2026-02-30",
        "valid_to": "永远",
        "fields": {"uscc": 7, "copy_kind": "抄本", "colour": "红"},
        "surprise": true,
    });
    let found = faults("business-licence", &request);
    let places = places(&found);
    for expected in [
        ("surprise", FaultCode::UnknownField),
        ("holder.code", FaultCode::BadCode),
        ("issuer", FaultCode::Missing),
        ("issued_on", FaultCode::BadDate),
        ("valid_to", FaultCode::BadDate),
        ("fields.uscc", FaultCode::WrongType),
        ("fields.name", FaultCode::Missing),
        ("fields.business_scope", FaultCode::Missing),
        ("fields.copy_kind", FaultCode::NotListed),
        ("fields.colour", FaultCode::UnknownField),
    ] {
        assert!(places.contains(&expected), "{expected:?} in {places:?}");
    }
    let code = found.iter().find(|fault| fault.path == "holder.code").unwrap();
    assert_eq!(code.expected.as_deref(), Some("91350100M000100Y43"));
    assert!(code.zh.contains("第 18 位") && code.en.contains("`3`"));
}

#[test]
fn a_request_that_is_no_object_is_one_fault() {
    for request in [json!([]), json!(null), json!("x")] {
        assert_eq!(faults("business-licence", &request).len(), 1);
    }
    assert!(faults("business-licence", &json!({})).len() > 10);
}

#[test]
fn a_wrong_check_character_is_reported_once_with_the_right_code() {
    let found = after("business-licence", "/fields/uscc", json!("91990101MA0CNB011A"));
    assert_eq!(places(&found), [("fields.uscc", FaultCode::BadCode)]);
    assert_eq!(found.first().unwrap().expected.as_deref(), Some("91990101MA0CNB011Q"));
}

#[test]
fn conditional_fields_are_required_only_under_their_condition() {
    let found = after("business-licence", "/fields/copy_kind", json!("副本"));
    assert_eq!(places(&found), [("fields.copy_number", FaultCode::Missing)]);
    let mut request = example("business-licence");
    request["fields"].as_object_mut().unwrap().remove("registered_capital");
    assert_eq!(
        places(&faults("business-licence", &request)),
        [("fields.registered_capital", FaultCode::Missing)]
    );
    request["fields"]["legal_representative_label"] = json!("经营者");
    assert!(admit(&kind("business-licence"), &request, &allotment()).is_ok());
}

#[test]
fn the_rules_of_the_household_register_name_the_member() {
    let id = "household-register";
    let found = after(id, "/fields/members/1/birth_date", json!("1989-11-04"));
    assert_eq!(places(&found), [("fields.members[1].birth_date", FaultCode::Differs)]);
    assert_eq!(found.first().unwrap().expected.as_deref(), Some("1989-11-03"));
    let found = after(id, "/fields/members/2/sex", json!("女"));
    assert_eq!(places(&found), [("fields.members[2].sex", FaultCode::Differs)]);
    let found = after(id, "/fields/members/2/relation", json!("户主"));
    assert_eq!(places(&found), [("fields.members", FaultCode::RuleBroken)]);
    let found = after(id, "/fields/members", json!([]));
    assert!(places(&found).contains(&("fields.members", FaultCode::OutOfRange)));
    let found = after(id, "/fields/head_name", json!("陆行周"));
    assert_eq!(found.len(), 1);
    let found = after(id, "/fields/members/0/height_cm", json!("176"));
    assert_eq!(places(&found), [("fields.members[0].height_cm", FaultCode::WrongType)]);
}

#[test]
fn the_rules_of_the_marriage_certificate_hold() {
    let id = "marriage-certificate";
    let found = after(id, "/fields/certificate_number", json!("J99010-2026-000520"));
    assert_eq!(places(&found), [("fields.certificate_number", FaultCode::RuleBroken)]);
    let found = after(id, "/fields/photo", json!("data:image/png;base64,AAAA"));
    assert_eq!(places(&found), [("fields.photo", FaultCode::BadImage)]);
    let found = after(id, "/fields/party_b/id_number", json!("990101199909266287"));
    assert!(places(&found).contains(&("fields.party_b.id_number", FaultCode::BadCode)));
    let mut request = example(id);
    request["issued_on"] = json!("2018-02-13");
    request["valid_from"] = json!("2018-02-13");
    request["fields"]["registered_on"] = json!("2018-02-13");
    let found = faults(id, &request);
    let expected = [
        ("fields.party_a.birth_date", FaultCode::RuleBroken),
        ("fields.party_b.birth_date", FaultCode::RuleBroken),
    ];
    assert_eq!(places(&found), expected);
    let mut request = example(id);
    request["fields"]["party_b"]["nationality"] = json!("法国");
    request["fields"]["party_b"]["id_number"] = json!("12AB34567");
    assert!(admit(&kind(id), &request, &allotment()).is_ok());
}

#[test]
fn texts_no_face_can_show_are_refused() {
    for text in ["甲\u{7}乙", "甲\u{202e}乙", "甲\u{200b}", " 甲", &"甲".repeat(81)] {
        let mut request = example("business-licence");
        request["fields"]["name"] = json!(text);
        request["holder"]["name"] = json!(text);
        let found = faults("business-licence", &request);
        assert!(
            places(&found).contains(&("fields.name", FaultCode::BadText)),
            "{found:?}"
        );
    }
}

#[test]
fn serial_version_and_status_may_come_from_the_request() {
    let mut request = example("business-licence");
    request["serial"] = json!("2026A1");
    request["version"] = json!(2);
    request["status"] = json!({"uri": "https://x.example/s", "idx": 5});
    let licence = admit(&kind("business-licence"), &request, &allotment()).unwrap();
    assert!(licence.identifier.to_string().contains(".2026A1.002."));
    assert_eq!(licence.status.idx, 5);
    request["serial"] = json!("2026-a");
    request["version"] = json!(1000);
    request["status"] = json!({"idx": -1});
    let found = faults("business-licence", &request);
    assert_eq!(
        places(&found),
        [
            ("version", FaultCode::OutOfRange),
            ("status.idx", FaultCode::OutOfRange)
        ]
    );
    request["version"] = json!(1);
    request["status"] = json!({});
    assert_eq!(
        places(&faults("business-licence", &request)),
        [("serial", FaultCode::BadIdentifier)]
    );
}

#[test]
fn a_faulty_type_names_the_file_and_the_key() {
    let good = std::fs::read_to_string(catalogue_dir().join("business-licence/type.toml")).unwrap();
    for (from, to, expected) in [
        ("name_en =", "name_fr =", "name_fr"),
        ("R001\"", "X001\"", "`code`"),
        ("kind = \"uscc\"", "kind = \"usc\"", "field `uscc`: `kind`"),
        ("open_ended = true", "max = 3", "field `term_to`: `max`"),
        (
            "\"fields.term_to\", \"valid_to\"",
            "\"fields.term_too\"",
            "fields.term_too",
        ),
        ("kind = \"date-order\"", "kind = \"dates\"", "rule `dates`"),
        ("code_types = [\"001\"]", "code_types = [\"1\"]", "holder.code_types"),
    ] {
        let dir = std::env::temp_dir().join(format!("cinnabar-type-{}-{}", std::process::id(), expected.len()));
        let folder = dir.join("business-licence");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("type.toml"), good.replacen(from, to, 1)).unwrap();
        let fault = Catalogue::load(std::slice::from_ref(&dir)).unwrap_err();
        std::fs::remove_dir_all(&dir).unwrap();
        let text = fault.to_string();
        assert!(text.contains(expected) && text.contains("type.toml"), "{text}");
    }
}

#[test]
fn a_type_in_two_folders_is_a_conflict_that_names_both() {
    let fault = Catalogue::load(&[catalogue_dir(), catalogue_dir()]).unwrap_err();
    assert!(matches!(fault, CatalogueError::Conflict { .. }), "{fault}");
}

/// Every place of a JSON value.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(object) => object
            .iter()
            .for_each(|(key, value)| pointers(value, &format!("{at}/{key}"), all)),
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, value)| pointers(value, &format!("{at}/{index}"), all));
        }
        _ => {}
    }
}

#[test]
fn any_value_at_any_place_gives_a_licence_or_faults() {
    let strange = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("\u{0}"),
        json!("长期"),
        json!([]),
        json!([[]]),
        json!([null, {}]),
        json!({}),
        json!({"name": {"name": []}}),
        json!("９".repeat(40)),
        json!("data:image/png;base64,"),
    ];
    for id in ["business-licence", "household-register", "marriage-certificate"] {
        let (kind, example) = (kind(id), example(id));
        let mut all = Vec::new();
        pointers(&example, "", &mut all);
        for pointer in &all {
            for value in &strange {
                let mut request = example.clone();
                *request.pointer_mut(pointer).unwrap() = value.clone();
                if let Err(faults) = admit(&kind, &request, &allotment()) {
                    assert!(!faults.is_empty(), "{id} {pointer} {value}");
                }
            }
        }
    }
}
