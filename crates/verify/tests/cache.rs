//! What the engine remembers is arithmetic alone: no certificate, key, encoding or order of questions can turn one answer into
//! another's.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, dead_code)]

#[path = "attacks/support/mod.rs"]
mod support;

use std::path::Path;
use std::sync::Arc;
use std::thread;

use cinnabar_keys::Signer as _;
use cinnabar_pki::certificate::{Certificate, PublicKey};
use cinnabar_sm::sm2;
use cinnabar_verify::claims::{
    Alternative, Claims, DigestAlgorithm, Form, Kind, Piece, Scheme, SealClaims, SignatureClaims, ValueClaim,
    VerifyingKey,
};
use cinnabar_verify::compute::Answer;
use cinnabar_verify::plan::plan;
use cinnabar_verify::{Context, Engine, Limits, policy};
use support::pki::{Pki, crl, crl_signed_by};
use support::*;

/// The engine's answers to values that seal makers made, which it remembers.
fn ask(engine: &Engine, values: &[ValueClaim]) -> Vec<Answer> {
    let mut claims = Claims::new(Kind::Value);
    for value in values {
        let mut signature = SignatureClaims::new("1", Form::SealOnly);
        signature.seal = Some(SealClaims {
            id: String::new(),
            name: String::new(),
            version: 4,
            created: None,
            picture: String::new(),
            valid_from: None,
            valid_to: None,
            maker: None,
            value: Some(claims.value(value.clone())),
            lists_signer: None,
            listed_digests: Vec::new(),
        });
        claims.signatures.push(signature);
    }
    let context = Context::new(None, &policy::DOCUMENT, AT);
    let work = plan(&claims, &context, &Limits::default());
    engine.compute(&[work]).remove(0).values
}

fn ask_one(engine: &Engine, value: &ValueClaim) -> Answer {
    ask(engine, std::slice::from_ref(value))[0]
}

const RIGHT: Answer = Answer::Right {
    alternative: "standard",
    raw: false,
};

/// Asks all pairs in both orders with engines that know nothing else: no first question may change the second's answer.
fn no_question_changes_another(claims: &[ValueClaim]) {
    let fresh: Vec<Answer> = claims.iter().map(|claim| ask_one(&Engine::new(), claim)).collect();
    for first in 0..claims.len() {
        for second in 0..claims.len() {
            let engine = Engine::new();
            let one_by_one = [ask_one(&engine, &claims[first]), ask_one(&engine, &claims[second])];
            assert_eq!(one_by_one, [fresh[first], fresh[second]], "{first} before {second}");
            let together = ask(&Engine::new(), &[claims[first].clone(), claims[second].clone()]);
            assert_eq!(together, [fresh[first], fresh[second]], "{first} beside {second}");
        }
    }
    let engine = Engine::new();
    for _ in 0..2 {
        assert_eq!(ask(&engine, claims), fresh);
    }
}

struct Signed {
    key: [u8; 65],
    message: Vec<u8>,
    value: Vec<u8>,
}

impl Signed {
    fn new(key: &cinnabar_keys::soft::SoftKey, message: &[u8]) -> Self {
        let spki = &key.info().spki;
        Self {
            key: spki[spki.len() - 65..].try_into().unwrap(),
            message: message.to_vec(),
            value: key.sign(message).unwrap(),
        }
    }

    fn claim(&self) -> ValueClaim {
        ValueClaim {
            key: VerifyingKey::Sm2(self.key),
            scheme: Scheme::Sm2Sm3,
            alternatives: vec![Alternative::standard(vec![Piece::Inline(self.message.clone())])],
            value: self.value.clone(),
        }
    }
}

fn soft_key() -> cinnabar_keys::soft::SoftKey {
    cinnabar_keys::soft::SoftKey::generate_sm2().unwrap()
}

fn raw(der: &[u8]) -> Vec<u8> {
    let value = sm2::Signature::from_der(der).unwrap();
    [value.r, value.s].concat()
}

/// `(x, p − y)`.
fn opposite(mut point: [u8; 65]) -> [u8; 65] {
    const P: [u8; 32] = [
        0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, //
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, //
    ];
    let mut borrow = false;
    for (y, p) in point[33..].iter_mut().zip(P).rev() {
        let (less, first) = p.overflowing_sub(*y);
        let (less, second) = less.overflowing_sub(u8::from(borrow));
        (*y, borrow) = (less, first || second);
    }
    assert!(
        sm2::PublicKey::from_sec1(&point).is_ok(),
        "the opposite point is on the curve"
    );
    point
}

#[test]
fn another_key_message_or_value_is_another_question() {
    let (key, other) = (soft_key(), soft_key());
    let right = Signed::new(&key, b"message");
    let same_message = Signed::new(&key, b"message");
    let mut claims = vec![
        right.claim(),
        same_message.claim(),
        Signed::new(&other, b"message").claim(),
    ];
    let swap = |change: &dyn Fn(&mut ValueClaim)| {
        let mut claim = right.claim();
        change(&mut claim);
        claim
    };
    claims.push(swap(&|c| c.key = Signed::new(&other, b"").claim().key));
    claims.push(swap(&|c| {
        c.alternatives[0].pieces = vec![Piece::Inline(b"massage".to_vec())]
    }));
    claims.push(swap(&|c| {
        c.alternatives[0].pieces.insert(0, Piece::Inline(b"m".to_vec()))
    }));
    claims.push(swap(&|c| c.value = Signed::new(&key, b"another").value));
    claims.push(swap(&|c| c.value = raw(&right.value)));
    claims.push(swap(&|c| c.value = raw(&right.value)[..63].to_vec()));
    claims.push(swap(&|c| c.value[10] ^= 1));
    claims.push(swap(&|c| c.value.clear()));
    claims.push(swap(&|c| c.alternatives.clear()));
    // The opposite point: the same x, so the same key to whoever looks at half of it.
    claims.push(swap(&|c| c.key = VerifyingKey::Sm2(opposite(right.key))));
    let answers: Vec<Answer> = claims.iter().map(|c| ask_one(&Engine::new(), c)).collect();
    assert_eq!(answers.iter().filter(|a| a.is_right()).count(), 4, "{answers:?}");
    no_question_changes_another(&claims);
}

#[test]
fn the_same_bytes_under_another_algorithm_are_another_question() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../keys-dev/rsa");
    let read = |file: &str| {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        Certificate::parse(&cinnabar_pki::pem::decode(&text, "CERTIFICATE").unwrap()[0]).unwrap()
    };
    let (subject, issuer) = (read("org-ca.crt"), read("root.crt"));
    let PublicKey::Rsa { der, bits } = issuer.public_key() else {
        panic!("the root's key is not RSA");
    };
    let (rsa, point) = (VerifyingKey::Rsa(der.clone(), *bits), Signed::new(&soft_key(), b"").key);
    let claim = |scheme, key: &VerifyingKey| ValueClaim {
        key: key.clone(),
        scheme,
        alternatives: vec![Alternative::standard(vec![Piece::Inline(subject.tbs().to_vec())])],
        value: subject.signature().to_vec(),
    };
    let mut claims = Vec::new();
    for digest in [
        DigestAlgorithm::Sha256,
        DigestAlgorithm::Sha1,
        DigestAlgorithm::Sha384,
        DigestAlgorithm::Sha512,
        DigestAlgorithm::Sm3,
    ] {
        claims.push(claim(Scheme::RsaPkcs1(digest), &rsa));
        claims.push(claim(Scheme::RsaPss(digest), &rsa));
        claims.push(claim(Scheme::Ecdsa(digest), &VerifyingKey::P256(point.to_vec())));
        claims.push(claim(Scheme::Ecdsa(digest), &VerifyingKey::P384(point.to_vec())));
    }
    claims.push(claim(Scheme::Sm2Sm3, &VerifyingKey::Sm2(point)));
    claims.push(claim(Scheme::Sm2Sm3, &rsa));
    claims.push(claim(Scheme::Unknown("1.2.3".to_owned()), &rsa));
    let answers: Vec<Answer> = claims.iter().map(|c| ask_one(&Engine::new(), c)).collect();
    assert_eq!(answers[0], RIGHT);
    assert!(answers[1..].iter().all(|a| !a.is_right()), "{answers:?}");
    no_question_changes_another(&claims);
}

#[test]
fn both_encodings_of_a_value_are_one_computation_and_each_is_told_as_it_is() {
    let signed = Signed::new(&soft_key(), b"message");
    let der = signed.claim();
    let raw = ValueClaim {
        value: raw(&signed.value),
        ..der.clone()
    };
    let as_raw = Answer::Right {
        alternative: "standard",
        raw: true,
    };
    for claims in [[&der, &raw], [&raw, &der]] {
        let engine = Engine::new();
        for claim in claims {
            let expected = if claim.value.len() == 64 { as_raw } else { RIGHT };
            assert_eq!(ask_one(&engine, claim), expected);
        }
        assert_eq!((engine.statistics().signatures, engine.statistics().recalled), (1, 1));
    }
}

#[test]
fn a_reading_is_told_by_the_name_that_the_claim_gives_it() {
    let signed = Signed::new(&soft_key(), b"signed");
    let reading = |name, message: &[u8]| Alternative {
        name,
        pieces: vec![Piece::Inline(message.to_vec())],
    };
    let with = |alternatives: Vec<Alternative>| ValueClaim {
        alternatives,
        ..signed.claim()
    };
    let claims = [
        with(vec![reading("file-order", b"signed"), reading("sorted", b"other")]),
        with(vec![reading("file-order", b"other"), reading("sorted", b"signed")]),
        with(vec![reading("sorted", b"signed"), reading("file-order", b"other")]),
        with(vec![reading("standard", b"other"), reading("signature-xml", b"signed")]),
        with(vec![reading("standard", b"other"), reading("signature-xml", b"more")]),
    ];
    no_question_changes_another(&claims);
    let names: Vec<Answer> = ask(&Engine::new(), &claims);
    let right = |alternative| Answer::Right {
        alternative,
        raw: false,
    };
    let expected = ["file-order", "sorted", "sorted", "signature-xml"].map(right);
    assert_eq!(names[..4], expected);
    assert_eq!(names[4], Answer::Wrong);
}

#[test]
fn a_message_at_an_address_that_another_one_had_is_read_anew() {
    let engine = Engine::new();
    let key = soft_key();
    for round in 0..200u32 {
        // The allocator likes to give the same place again.
        let message: Arc<[u8]> = Arc::from(round.to_be_bytes().repeat(100));
        let mut claim = Signed::new(&key, &message).claim();
        claim.alternatives[0].pieces = vec![Piece::whole(&message)];
        assert_eq!(ask_one(&engine, &claim), RIGHT);
        let other: Arc<[u8]> = Arc::from((round + 1).to_be_bytes().repeat(100));
        claim.alternatives[0].pieces = vec![Piece::whole(&other)];
        assert_eq!(ask_one(&engine, &claim), Answer::Wrong);
    }
}

#[test]
fn a_namesake_with_the_same_serial_and_key_identifier_gains_nothing_from_what_is_remembered() {
    let (good, false_one) = (Pki::new(), Pki::new());
    let (trust, false_trust) = (good.trust(), false_one.trust());
    let document = ofd::Signing::good(&good).document();
    let forged = ofd::Signing::good(&false_one).document();
    let engine = Engine::new();
    let look = |bytes: &[u8], trust| verify_as(bytes, Some(trust), &policy::DOCUMENT, AT, &engine);
    for _ in 0..3 {
        passed(&look(&document, &trust));
        undetermined(&look(&forged, &trust), "NO_CERTIFICATE_CHAIN_FOUND");
        passed(&look(&forged, &false_trust));
        undetermined(&look(&document, &false_trust), "NO_CERTIFICATE_CHAIN_FOUND");
    }
    assert!(
        engine.statistics().recalled > 0,
        "nothing was remembered, so nothing was tried"
    );
}

#[test]
fn a_list_that_a_namesake_signed_gains_nothing_from_what_is_remembered() {
    let (good, false_one) = (Pki::new(), Pki::new());
    let revoked = [(&good.signer, SIGNED_AT - DAY)];
    let true_list = crl(&good.org_ca, AT - DAY, AT + DAY, &revoked);
    let false_list = crl_signed_by(&good.org_ca, &false_one.org_ca, AT - DAY, AT + DAY, &revoked);
    let document = ofd::Signing::good(&good).document();
    let engine = Engine::new();
    let under = |lists: &[Vec<u8>]| {
        let trust = good.trust_with(lists);
        verify_as(&document, Some(&trust), &policy::DOCUMENT, AT, &engine)
    };
    for _ in 0..3 {
        passed(&under(std::slice::from_ref(&false_list)));
        failed(&under(std::slice::from_ref(&true_list)), "REVOKED");
        failed(&under(&[false_list.clone(), true_list.clone()]), "REVOKED");
        passed(&under(&[]));
    }
}

/// A trust decision must not be remembered with the arithmetic: time, role and sunset are asked each time.
#[test]
fn what_is_remembered_does_not_outlive_the_trust_it_was_asked_under() {
    let engine = Engine::new();
    let none = pki::trust(&[(&PKI.stamp_ca, &["time-stamp"])], &[]);
    let swapped = pki::trust(&[(&PKI.seal_ca, &["signer"]), (&PKI.org_ca, &["seal-maker"])], &[]);
    for _ in 0..2 {
        passed(&verify_as(&OFD, Some(&TRUST), &policy::DOCUMENT, AT, &engine));
        for (trust, at) in [(&none, AT), (&swapped, AT), (&*TRUST, SIGNED_AT - 300 * DAY)] {
            let report = verify_as(&OFD, Some(trust), &policy::DOCUMENT, at, &engine);
            assert!(!report.verdict.is_passed(), "{}", told(&report));
        }
        let untrusting = verify_as(&OFD, None, &policy::DOCUMENT, AT, &engine);
        assert!(!untrusting.verdict.is_passed(), "{}", told(&untrusting));
    }
}

#[test]
fn seals_and_links_are_remembered_and_document_values_are_not() {
    let engine = Engine::new();
    let look = || passed(&verify_as(&OFD, Some(&TRUST), &policy::DOCUMENT, AT, &engine));
    look();
    let first = engine.statistics();
    // The signer's value; and the seal maker's, the signer's and the seal maker's certificates.
    assert_eq!((first.signatures, first.answers_held), (4, 3));
    for _ in 0..10 {
        look();
    }
    let later = engine.statistics();
    assert_eq!(later.signatures - first.signatures, 10);
    assert_eq!((later.recalled, later.answers_held), (30, 3));
    let mut last = later;
    for number in 0..10 {
        let other = ofd::Signing::good(&PKI).at(SIGNED_AT + number).document();
        passed(&verify_as(&other, Some(&TRUST), &policy::DOCUMENT, AT, &engine));
        let now = engine.statistics();
        assert_eq!((now.signatures - last.signatures, now.answers_held), (1, 3));
        last = now;
    }
}

#[test]
fn a_flood_of_junk_costs_time_and_changes_no_answer() {
    let (key, other) = (soft_key(), soft_key());
    let hot: Vec<ValueClaim> = (0..8u8).map(|n| Signed::new(&key, &[n]).claim()).collect();
    let engine = Engine::with_memory(1 << 20);
    for _ in 0..3 {
        assert!(ask(&engine, &hot).iter().all(|a| a.is_right()));
    }
    let template = Signed::new(&other, b"junk");
    for round in 0..30u32 {
        let junk: Vec<ValueClaim> = (0..100u32)
            .map(|n| {
                let mut claim = template.claim();
                let message = (round * 1000 + n).to_be_bytes().to_vec();
                claim.alternatives[0].pieces = vec![Piece::Inline(message)];
                claim
            })
            .collect();
        assert!(ask(&engine, &junk).iter().all(|a| !a.is_right()));
        assert!(engine.statistics().answer_bytes <= 1 << 20);
    }
    let before = engine.statistics();
    assert!(ask(&engine, &hot).iter().all(|a| a.is_right()));
    let after = engine.statistics();
    assert_eq!(
        after.signatures, before.signatures,
        "the flood drove out what was in use"
    );
}

#[test]
fn an_engine_without_memory_gives_the_same_answers() {
    let engine = Engine::with_memory(0);
    for _ in 0..2 {
        passed(&verify_as(&OFD, Some(&TRUST), &policy::DOCUMENT, AT, &engine));
        passed(&verify_as(&PDF, Some(&TRUST), &policy::DOCUMENT, AT, &engine));
    }
    assert_eq!((engine.statistics().answers_held, engine.statistics().recalled), (0, 0));
}

#[test]
fn threads_that_share_an_engine_get_the_answers_they_would_get_alone() {
    let (key, other) = (soft_key(), soft_key());
    let mut claims: Vec<ValueClaim> = (0..16u8).map(|n| Signed::new(&key, &[n]).claim()).collect();
    for claim in claims.iter_mut().skip(1).step_by(3) {
        claim.key = Signed::new(&other, b"").claim().key;
    }
    let expected = ask(&Engine::new(), &claims);
    assert!(expected.iter().any(|a| a.is_right()) && expected.iter().any(|a| !a.is_right()));
    let engine = Engine::with_memory(1 << 16);
    thread::scope(|scope| {
        for shift in 0..4 {
            let (claims, expected, engine) = (&claims, &expected, &engine);
            scope.spawn(move || {
                for round in 0..25 {
                    let at = (round * 7 + shift * 3) % claims.len();
                    let turn = [&claims[at..], &claims[..at]].concat();
                    let right = [&expected[at..], &expected[..at]].concat();
                    assert_eq!(ask(engine, &turn), right);
                }
            });
        }
    });
}
