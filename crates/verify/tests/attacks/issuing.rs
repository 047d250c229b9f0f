//! Whose licence it is: the authority that it names, before its anchor's sunset, with its signature still on the list.

use cinnabar_pki::trust::TrustSet;
use cinnabar_verify::Report;

use crate::support::ofd::{Signing, draft};
use crate::support::*;

const IDENTIFIER: &str = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U";

fn licence_of(issuer: &str) -> Vec<u8> {
    let metadata = [
        ("CertificateIdentifier", IDENTIFIER),
        ("CertificateIssuingAuthorityName", issuer),
    ];
    Signing::good(&PKI).sign(&draft(&metadata))
}

#[test]
fn a_licence_passes_only_when_the_authority_it_names_signed_it() {
    passed(&verify(&licence_of("Bureau")));
    undetermined(&verify(&licence_of("Other bureau")), "ISSUER_MISMATCH");
}

fn with_sunset(at: &str) -> Report {
    let names = ["org", "seal"];
    let text = format!(
        "name = \"t\"\nversion = \"1\"\n[[anchor]]\ncertificate = \"{}\"\nroles = [\"signer\"]\nsunset = \"{at}\"\n\
         [[anchor]]\ncertificate = \"{}\"\nroles = [\"seal-maker\"]\n",
        names[0], names[1]
    );
    let read = |name: &str| {
        Ok(match name {
            "org" => PKI.org_ca.der.clone(),
            _ => PKI.seal_ca.der.clone(),
        })
    };
    verify_under(&Signing::good(&PKI).document(), &TrustSet::parse(&text, &read).unwrap())
}

/// SIGNED_AT is September 2026 and AT January 2027.
#[test]
fn a_claimed_time_before_the_sunset_does_not_revive_an_anchor() {
    passed(&with_sunset("2027-06-01T00:00:00Z"));
    undetermined(&with_sunset("2026-12-01T00:00:00Z"), "NO_CERTIFICATE_CHAIN_FOUND");
}

#[test]
fn a_signature_taken_off_the_list_is_missed_when_a_later_one_covers_it() {
    let first = Signing::good(&PKI).document();
    let both = Signing {
        signer: &PKI.other_signer,
        seal: &seal::Order::default().make(&PKI.maker, &[&PKI.other_signer]),
        ..Signing::good(&PKI)
    }
    .sign(&first);
    passed(&verify(&both));
    let mut entries = zip::unzip(&both);
    let list = zip::text(&mut entries, "Signatures.xml");
    let start = list.find("<ofd:Signature ").unwrap();
    let end = start + list[start..].find("/>").unwrap() + 2;
    let shorter = format!("{}{}", &list[..start], &list[end..]);
    *zip::content(&mut entries, "Signatures.xml") = shorter.into_bytes();
    failed(&verify(&zip::zip(&entries)), "SIGNATURE_REMOVED");
}
