//! OFD: what a signature leaves out, lists wrongly or is not bound to. Where only the owner of the key can make the
//! file, the signature itself is right and the structure is not.

use cinnabar_sm::sm3;

use crate::support::ofd::{Signing, draft, first_reference, without_reference};
use crate::support::zip::{content, replace, text, unzip, zip};
use crate::support::*;

fn good() -> Signing<'static> {
    Signing::good(&PKI)
}

/// A good document whose signer left the reference of an entry out.
fn without(ending: &str) -> cinnabar_verify::Report {
    verify(&good().forged(|_| {}, |xml| without_reference(xml, ending)))
}

#[test]
fn forging_without_a_change_gives_a_good_document() {
    passed(&verify(&good().forged(|_| {}, |xml| xml)));
}

#[test]
fn each_part_that_the_signature_leaves_out_is_named() {
    let parts = [
        "/OFD.xml",
        "/Document.xml",
        "Content.xml",
        "Attachments.xml",
        "attachment_0.xml",
        "PublicRes.xml",
    ];
    let listed = text(&mut unzip(&OFD), "Signature.xml");
    let mut tried = 0;
    for part in parts.into_iter().filter(|part| listed.contains(part)) {
        let report = without(part);
        undetermined(&report, "CONTENT_NOT_COVERED");
        assert!(
            report.signatures[0]
                .uncovered
                .iter()
                .any(|path| part.ends_with(path) || path.ends_with(part))
        );
        tried += 1;
    }
    assert!(tried >= 5, "{listed}");
}

#[test]
fn a_seal_file_that_the_signature_leaves_out_is_named() {
    undetermined(&without("Seal.esl"), "CONTENT_NOT_COVERED");
}

#[test]
fn a_page_added_to_a_document_whose_description_is_not_covered_is_seen() {
    let mut entries = unzip(&good().forged(|_| {}, |xml| without_reference(xml, "/Document.xml")));
    let page = content(&mut entries, "Content.xml").clone();
    entries.push(("Doc_0/Pages/Evil.xml".to_owned(), page));
    replace(
        &mut entries,
        "Doc_0/Document.xml",
        "</ofd:Pages>",
        "<ofd:Page ID=\"999\" BaseLoc=\"Pages/Evil.xml\"/></ofd:Pages>",
    );
    let report = verify(&zip(&entries));
    undetermined(&report, "CONTENT_NOT_COVERED");
    assert!(
        report.signatures[0]
            .uncovered
            .iter()
            .any(|path| path.ends_with("Evil.xml"))
    );
}

#[test]
fn an_entry_that_nothing_refers_to_is_named_and_holds_passed_back() {
    let mut entries = unzip(&OFD);
    entries.push(("Doc_0/Pages/Page_9/Content.xml".to_owned(), b"<x/>".to_vec()));
    let report = verify(&zip(&entries));
    undetermined(&report, "SMUGGLED_ENTRY");
    assert!(
        report
            .findings
            .iter()
            .any(|f| f.subject.as_deref() == Some("Doc_0/Pages/Page_9/Content.xml"))
    );
}

#[test]
fn a_file_added_under_a_version_is_seen() {
    let mut entries = unzip(&OFD);
    replace(
        &mut entries,
        "OFD.xml",
        "<ofd:Signatures>",
        "<ofd:Versions><ofd:Version ID=\"1\" Index=\"1\" Current=\"true\" BaseLoc=\"Doc_0/V.xml\"/></ofd:Versions><ofd:Signatures>",
    );
    entries.push((
        "Doc_0/V.xml".to_owned(),
        b"<ofd:DocVersion xmlns:ofd=\"http://www.ofdspec.org/2016\"/>".to_vec(),
    ));
    failed(&verify(&zip(&entries)), "HASH_FAILURE");
}

#[test]
fn a_changed_page_is_a_broken_digest() {
    let mut entries = unzip(&OFD);
    replace(&mut entries, "Content.xml", "L 40 0", "L 41 0");
    let report = verify(&zip(&entries));
    failed(&report, "HASH_FAILURE");
    assert_eq!(serde_json::to_value(&report).unwrap()["integrity"], "BROKEN");
}

#[test]
fn a_listed_file_that_is_missing_fails() {
    let mut entries = unzip(&OFD);
    entries.retain(|(name, _)| !name.ends_with("attachment_0.xml"));
    assert_ne!(entries.len(), unzip(&OFD).len());
    let report = verify(&zip(&entries));
    assert_eq!(report.verdict.as_str(), "FAILED", "{}", told(&report));
    assert!(has(&report, "REFERENCE_MISSING"), "{}", told(&report));
}

#[test]
fn a_file_listed_twice_with_different_digests_fails() {
    let twice = |xml: String| {
        let first = first_reference(&xml);
        let start = first.find("CheckValue>").unwrap() + 11;
        let mut other = first.clone();
        other.replace_range(
            start..start + 1,
            if other[start..].starts_with('A') { "B" } else { "A" },
        );
        xml.replacen(&first, &format!("{other}{first}"), 1)
    };
    let report = verify(&good().forged(|_| {}, twice));
    assert_eq!(report.verdict.as_str(), "FAILED", "{}", told(&report));
}

#[test]
fn a_signature_that_lists_nothing_fails() {
    let empty = |xml: String| {
        let start = xml.find("<ofd:Reference ").unwrap();
        let end = xml.find("</ofd:References>").unwrap();
        format!("{}{}", &xml[..start], &xml[end..])
    };
    let report = verify(&good().forged(|_| {}, empty));
    assert_eq!(report.verdict.as_str(), "FAILED", "{}", told(&report));
    assert!(has(&report, "REFERENCES_EMPTY"), "{}", told(&report));
}

#[test]
fn two_lists_of_references_fail() {
    let two = |xml: String| {
        let start = xml.find("<ofd:References").unwrap();
        let end = xml.find("</ofd:References>").unwrap() + "</ofd:References>".len();
        let list = xml[start..end].to_owned();
        xml.replacen(&list, &format!("{list}{list}"), 1)
    };
    failed(&verify(&good().forged(|_| {}, two)), "STRUCTURE_AMBIGUOUS");
}

/// The MD5 values are right; MD5 is not.
#[test]
fn md5_never_passes_whether_named_or_by_default() {
    use base64::Engine as _;
    use md5::Digest as _;
    for name in ["1.2.840.113549.2.5", "MD5", ""] {
        let entries = unzip(&OFD);
        let weaken = |mut xml: String| {
            for (path, content) in &entries {
                let Some(at) = xml.find(&format!("FileRef=\"/{path}\"")) else {
                    continue;
                };
                let start = at + xml[at..].find("CheckValue>").unwrap() + 11;
                let end = start + xml[start..].find('<').unwrap();
                let digest = base64::engine::general_purpose::STANDARD.encode(md5::Md5::digest(content));
                xml.replace_range(start..end, &digest);
            }
            let named = "CheckMethod=\"1.2.156.10197.1.401\"";
            assert!(xml.contains(named));
            let other = if name.is_empty() {
                String::new()
            } else {
                format!("CheckMethod=\"{name}\"")
            };
            xml.replacen(named, &other, 1)
        };
        let report = verify(&good().forged(|_| {}, weaken));
        undetermined(&report, "CRYPTO_CONSTRAINTS_FAILURE");
    }
}

#[test]
fn a_method_that_nobody_knows_never_passes() {
    let odd = |xml: String| xml.replacen("CheckMethod=\"1.2.156.10197.1.401\"", "CheckMethod=\"1.2.3\"", 1);
    let report = verify(&good().forged(|_| {}, odd));
    assert!(!report.verdict.is_passed(), "{}", told(&report));
    assert!(has(&report, "UNSUPPORTED_ALGORITHM"), "{}", told(&report));
}

#[test]
fn a_name_that_occurs_twice_makes_the_package_ambiguous() {
    for ending in ["Content.xml", "Seal.esl", "OFD.xml", "SignedValue.dat"] {
        let mut entries = unzip(&OFD);
        let copy = entries.iter().find(|(name, _)| name.ends_with(ending)).unwrap().clone();
        entries.push(copy);
        failed(&verify(&zip(&entries)), "STRUCTURE_AMBIGUOUS");
    }
}

#[test]
fn a_name_in_other_case_makes_the_package_ambiguous() {
    let mut entries = unzip(&OFD);
    let (name, content) = entries
        .iter()
        .find(|(name, _)| name.ends_with("Content.xml"))
        .unwrap()
        .clone();
    entries.push((name.to_uppercase(), content));
    let report = verify(&zip(&entries));
    assert!(!report.verdict.is_passed(), "{}", told(&report));
}

#[test]
fn a_second_document_without_a_signature_fails() {
    let insert = |entries: &mut zip::Entries| {
        let xml = text(entries, "OFD.xml");
        let start = xml.find("<ofd:DocBody>").unwrap();
        let end = xml.find("</ofd:DocBody>").unwrap() + "</ofd:DocBody>".len();
        let mut body = xml[start..end].to_owned();
        let list = body.find("<ofd:Signatures>").unwrap()..body.find("</ofd:Signatures>").unwrap() + 17;
        body.replace_range(list, "");
        *content(entries, "OFD.xml") = xml
            .replacen("<ofd:DocBody>", &format!("{body}<ofd:DocBody>"), 1)
            .into_bytes();
    };
    let report = verify(&good().forged(insert, |xml| xml));
    assert_eq!(report.verdict.as_str(), "FAILED", "{}", told(&report));
    assert!(has(&report, "UNSIGNED_BODY"), "{}", told(&report));
}

#[test]
fn a_seal_file_that_is_not_the_seal_inside_the_signature_fails() {
    let other = seal::Order {
        name: "Another seal",
        ..Default::default()
    }
    .make(&PKI.maker, &[&PKI.signer]);
    let swap = |entries: &mut zip::Entries| *content(entries, "Seal.esl") = other.clone();
    failed(&verify(&good().forged(swap, |xml| xml)), "SEAL_MISMATCH");
}

/// Putting another good seal into the value of a good signature breaks that value.
#[test]
fn a_seal_swapped_inside_the_signature_fails() {
    let other = seal::Order {
        name: "Another one",
        ..Default::default()
    }
    .make(&PKI.maker, &[&PKI.signer]);
    let mut entries = unzip(&OFD);
    let path = entries
        .iter()
        .find(|(name, _)| name.ends_with("Signature.xml"))
        .unwrap();
    let (path, hash) = (format!("/{}", path.0), sm3::digest([path.1.as_slice()]));
    let genuine =
        cinnabar_seal::parse_signature(content(&mut entries, "SignedValue.dat"), &Default::default()).unwrap();
    let request = cinnabar_seal::make::SignatureRequest {
        seal: &other,
        time: SIGNED_AT,
        data_hash: hash,
        property_info: &path,
    };
    let tbs = request.to_be_signed().unwrap();
    let mixed = cinnabar_seal::make::SignatureRequest::finish(
        &tbs,
        &PKI.signer.der,
        cms::SM2_WITH_SM3,
        &genuine.signature,
        None,
    );
    *content(&mut entries, "SignedValue.dat") = mixed.unwrap();
    let report = verify(&zip(&entries));
    failed(&report, "SIG_CRYPTO_FAILURE");
    assert!(has(&report, "SEAL_MISMATCH"), "{}", told(&report));
    *content(&mut entries, "Seal.esl") = other;
    failed(&verify(&zip(&entries)), "HASH_FAILURE");
}

#[test]
fn a_signer_who_is_not_in_the_seal_fails() {
    let foreign = Signing {
        signer: &PKI.other_signer,
        ..good()
    };
    failed(&verify(&foreign.document()), "SIGNER_NOT_IN_SEAL");
}

#[test]
fn a_value_over_the_description_instead_of_the_seal_structure_fails() {
    let mut entries = unzip(&OFD);
    let xml = content(&mut entries, "Signature.xml").clone();
    let path = entries
        .iter()
        .find(|(name, _)| name.ends_with("Signature.xml"))
        .unwrap()
        .0
        .clone();
    let request = cinnabar_seal::make::SignatureRequest {
        seal: &PKI.seal,
        time: SIGNED_AT,
        data_hash: sm3::digest([xml.as_slice()]),
        property_info: &format!("/{path}"),
    };
    let tbs = request.to_be_signed().unwrap();
    let value = PKI.signer.sign(&xml);
    let value =
        cinnabar_seal::make::SignatureRequest::finish(&tbs, &PKI.signer.der, cms::SM2_WITH_SM3, &value, None).unwrap();
    *content(&mut entries, "SignedValue.dat") = value;
    failed(&verify(&zip(&entries)), "VALUE_COVERS_XML_NOT_SEAL");
}

#[test]
fn a_seal_that_its_maker_did_not_sign_fails() {
    let mut broken = PKI.seal.clone();
    let at = broken.windows(6).position(|w| w == b"Bureau").unwrap();
    broken[at] = b'Z';
    let report = verify(
        &Signing {
            seal: &broken,
            ..good()
        }
        .document(),
    );
    failed(&report, "SEAL_SIGNATURE_INVALID");
}

#[test]
fn the_signature_of_another_document_does_not_fit_this_one() {
    let mut entries = unzip(&OFD);
    let other = good().sign(&draft(&[("key", "value")]));
    let mut other = unzip(&other);
    for ending in ["Signature.xml", "SignedValue.dat", "Seal.esl"] {
        *content(&mut entries, ending) = content(&mut other, ending).clone();
    }
    failed(&verify(&zip(&entries)), "HASH_FAILURE");
}

#[test]
fn a_signature_that_was_removed_leaves_the_document_without_one() {
    let mut entries = unzip(&OFD);
    entries.retain(|(name, _)| !name.contains("Sign_0") && !name.contains("/Signs/Sign"));
    let report = verify(&zip(&entries));
    assert!(!report.verdict.is_passed(), "{}", told(&report));
    passed(&verify(&OFD));
}

/// Nothing covers the list of signatures in continue mode, so a signature that goes without a trace cannot be missed;
/// the report says that the list is not protected. One that leaves its files behind is seen.
#[test]
fn a_second_signature_that_was_removed_is_seen_by_what_it_left() {
    let seal = seal::Order::default().make(&PKI.maker, &[&PKI.other_signer]);
    let other = Signing {
        signer: &PKI.other_signer,
        seal: &seal,
        ..good()
    };
    let mut entries = unzip(&other.sign(&OFD));
    let list = text(&mut unzip(&OFD), "Signatures.xml");
    *content(&mut entries, "Signatures.xml") = list.into_bytes();
    undetermined(&verify(&zip(&entries)), "SMUGGLED_ENTRY");
    entries.retain(|(name, _)| !name.contains("Sign_1"));
    let report = verify(&zip(&entries));
    passed(&report);
    assert!(has(&report, "SIGNATURE_LIST_UNPROTECTED"));
}

/// The second signer vouched for the first signature too.
#[test]
fn a_first_signature_that_was_removed_breaks_the_second() {
    let seal = seal::Order::default().make(&PKI.maker, &[&PKI.other_signer]);
    let other = Signing {
        signer: &PKI.other_signer,
        seal: &seal,
        ..good()
    };
    let mut entries = unzip(&other.sign(&OFD));
    let list = text(&mut entries, "Signatures.xml");
    let start = list.find("<ofd:Signature ").unwrap();
    let end = start + list[start..].find("/>").map_or(0, |at| at + 2);
    *content(&mut entries, "Signatures.xml") = format!("{}{}", &list[..start], &list[end..]).into_bytes();
    entries.retain(|(name, _)| !name.contains("Sign_0"));
    let report = verify(&zip(&entries));
    assert_eq!(report.verdict.as_str(), "FAILED", "{}", told(&report));
}

/// An attacker names an uncovered page as a file of a later signature, where the first signer could not cover it.
#[test]
fn a_page_is_not_taken_for_a_file_of_a_later_signature() {
    let mut entries = unzip(&good().forged(|_| {}, |xml| without_reference(xml, "Content.xml")));
    let page = entries
        .iter()
        .find(|(name, _)| name.ends_with("Content.xml"))
        .unwrap()
        .0
        .clone();
    let list = text(&mut entries, "Signatures.xml");
    let signature = list[list.find("<ofd:Signature ").unwrap()..]
        .split_inclusive("/>")
        .next()
        .unwrap()
        .to_owned();
    let second = signature.replace("ID=\"", "ID=\"9").replace(
        &signature[signature.find("BaseLoc=\"").unwrap()..],
        &format!("BaseLoc=\"/{page}\"/>"),
    );
    let both = list.replacen(&signature, &format!("{signature}{second}"), 1);
    *content(&mut entries, "Signatures.xml") = both.into_bytes();
    failed(&verify(&zip(&entries)), "STRUCTURE_AMBIGUOUS");
}

#[test]
fn a_bare_value_without_certificate_names_nobody() {
    let mut entries = unzip(&OFD);
    let xml = content(&mut entries, "Signature.xml").clone();
    *content(&mut entries, "SignedValue.dat") = PKI.signer.sign(&xml);
    undetermined(&verify(&zip(&entries)), "NO_SIGNING_CERTIFICATE_FOUND");
}

#[test]
fn an_empty_or_absent_value_fails() {
    let mut entries = unzip(&OFD);
    content(&mut entries, "SignedValue.dat").clear();
    assert_eq!(verify(&zip(&entries)).verdict.as_str(), "FAILED");
    entries.retain(|(name, _)| !name.ends_with("SignedValue.dat"));
    assert_eq!(verify(&zip(&entries)).verdict.as_str(), "FAILED");
}

#[test]
fn an_unsigned_package_is_unsigned() {
    failed(&verify(&draft(&[])), "UNSIGNED");
}

/// A picture of a seal whose maker nobody asked must not ride on a plain signature.
#[test]
fn a_seal_shown_beside_a_plain_signature_is_judged_as_a_seal() {
    let stranger = pki::Pki::new();
    let fake = seal::Order {
        name: "Mint of the realm",
        ..Default::default()
    }
    .make(&stranger.maker, &[&PKI.signer]);
    let mut entries = unzip(&good().document());
    *content(&mut entries, "Seal.esl") = fake;
    let _ = good().forge(&mut entries, |xml| xml);
    let xml = content(&mut entries, "Signature.xml").clone();
    let attributes = cms::attributes(cms::DATA, sm3::digest([xml.as_slice()]));
    *content(&mut entries, "SignedValue.dat") = cms::Plan {
        content_type: cms::DATA,
        content: None,
        certificates: vec![&PKI.signer],
        signers: vec![cms::signer(&PKI.signer, attributes)],
    }
    .der();
    let report = verify(&zip(&entries));
    assert!(!report.verdict.is_passed(), "{}", told(&report));
    assert!(has(&report, "SEAL_MAKER_UNTRUSTED"), "{}", told(&report));
}

/// What a trusted second signer adds and covers, the first one still did not vouch for.
#[test]
fn a_second_signature_does_not_lend_its_coverage() {
    let seal = seal::Order::default().make(&PKI.maker, &[&PKI.other_signer]);
    let other = Signing {
        signer: &PKI.other_signer,
        seal: &seal,
        ..good()
    };
    let incomplete = good().forged(|_| {}, |xml| without_reference(xml, "Content.xml"));
    let report = verify(&other.sign(&incomplete));
    undetermined(&report, "CONTENT_NOT_COVERED");
    assert!(!report.signatures[0].verdict.is_passed() && report.signatures[1].verdict.is_passed());

    let mut entries = unzip(&incomplete);
    replace(&mut entries, "Content.xml", "L 40 0", "L 41 0");
    undetermined(&verify(&other.sign(&zip(&entries))), "CONTENT_NOT_COVERED");
}

/// Anyone can call a signature plain or sealed in the list, which nothing covers; the value says what it is.
#[test]
fn the_type_in_the_list_decides_nothing() {
    let mut entries = unzip(&OFD);
    let list = text(&mut entries, "Signatures.xml");
    let renamed = list.replacen("Type=\"Seal\"", "Type=\"Sign\"", 1);
    assert_ne!(list, renamed);
    *content(&mut entries, "Signatures.xml") = renamed.into_bytes();
    let report = verify(&zip(&entries));
    assert_eq!(
        report.signatures[0].seal.as_ref().unwrap().name,
        "Bureau seal",
        "{}",
        told(&report)
    );
}
