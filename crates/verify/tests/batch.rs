//! A report does not depend on what else is in the batch, and a batch does no more work than its documents need.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, dead_code)]

#[path = "attacks/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cinnabar_sm::sm3;
use cinnabar_verify::claims::{Alternative, Claims, DigestAlgorithm, DigestClaim, Kind, Piece};
use cinnabar_verify::codes::Code;
use cinnabar_verify::compute::{Answers, Statistics};
use cinnabar_verify::extract::Unreadable;
use cinnabar_verify::plan::plan;
use cinnabar_verify::policy::Policy;
use cinnabar_verify::{Context, Document, Engine, Limits, policy, verify_batch};
use support::pki::{Pki, crl};
use support::zip::{content, replace, unzip, zip};
use support::*;

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Good, spoilt, hostile and unreadable documents, those in the repository, and other software's where they are at hand.
fn corpus() -> Vec<Document> {
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |name: &str, bytes: Vec<u8>| all.push((format!("{name} {}", all.len()), bytes));
    let namesake = Pki::new();
    for n in 0..6 {
        add("ofd", ofd::Signing::good(&PKI).at(SIGNED_AT + n).document());
    }
    add("pdf", PDF.clone());
    add("pdf of another", pdf::Signing::good(&namesake).document());
    add("ofd of a namesake", ofd::Signing::good(&namesake).document());
    add("seal", PKI.seal.clone());
    add("seal of a namesake", namesake.seal.clone());
    add("value", content(&mut unzip(&OFD), "SignedValue.dat").clone());
    add("nothing", Vec::new());
    add(
        "noise",
        (0..5000u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect(),
    );
    let signing = ofd::Signing::good(&PKI);
    add(
        "no reference",
        signing.forged(|_| {}, |xml| ofd::without_reference(xml, "/Document.xml")),
    );
    let twice = |xml: String| {
        let first = ofd::first_reference(&xml);
        xml.replacen(&first, &first.repeat(500), 1)
    };
    add("one file many times", signing.forged(|_| {}, twice));
    let mut changed = unzip(&OFD);
    replace(&mut changed, "Content.xml", "L 40 0", "L 41 0");
    add("changed page", zip(&changed));
    for (name, bytes) in [("ofd", &*OFD), ("pdf", &*PDF)] {
        for part in 1..8 {
            add(&format!("{name} cut"), bytes[..bytes.len() * part / 8].to_vec());
        }
        for at in (7..bytes.len()).step_by(bytes.len() / 24) {
            let mut spoilt = bytes.clone();
            spoilt[at] ^= 4;
            add(&format!("{name} spoilt"), spoilt);
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut paths = Vec::new();
    files_below(&root.join("fixtures"), &mut paths);
    files_below(&root.join("../shared/samples"), &mut paths);
    paths.retain(|p| {
        p.extension()
            .is_some_and(|e| e == "ofd" || e == "pdf" || e == "esl" || e == "dat")
    });
    assert!(paths.len() >= 4, "the fixtures are not in the repository");
    for path in paths {
        add(&path.display().to_string(), std::fs::read(&path).unwrap());
    }
    let mut documents: Vec<Document> = all.into_iter().map(|(n, b)| (n, Ok(Arc::from(b)))).collect();
    for at in [0, 17, documents.len()] {
        let lost = Unreadable::new(Code::IoError, "no such file");
        documents.insert(at, (format!("lost {at}"), Err(lost)));
    }
    documents
}

fn reports(documents: &[Document], context: &Context<'_>, engine: &Engine) -> Vec<String> {
    let reports = verify_batch(documents, context, &Limits::default(), engine);
    assert_eq!(reports.len(), documents.len());
    reports.iter().map(|r| serde_json::to_string(r).unwrap()).collect()
}

#[test]
fn reports_are_the_same_bytes_alone_together_and_in_any_order() {
    let documents = corpus();
    let revoked = crl(&PKI.org_ca, AT - DAY, AT + DAY, &[(&PKI.other_signer, SIGNED_AT)]);
    let mut lists = PKI.fresh_crls();
    lists.push(revoked);
    let trust = PKI.trust_with(&lists);
    for policy in Policy::ALL {
        let context = Context::new(Some(&trust), policy, AT);
        let alone: Vec<String> = documents
            .iter()
            .map(|d| reports(std::slice::from_ref(d), &context, &Engine::new()).remove(0))
            .collect();
        let engine = Engine::new();
        assert_eq!(reports(&documents, &context, &engine), alone, "together");
        assert_eq!(reports(&documents, &context, &engine), alone, "together again");
        for size in [1, 2, 7, 64] {
            let cut: Vec<String> = documents
                .chunks(size)
                .flat_map(|c| reports(c, &context, &engine))
                .collect();
            assert_eq!(cut, alone, "in batches of {size}");
        }
        // A step that has no factor in common with the length visits every place once.
        let step = (3..).find(|s| gcd(*s, documents.len()) == 1).unwrap();
        let order: Vec<usize> = (0..documents.len()).map(|n| (n * step + 5) % documents.len()).collect();
        let shuffled: Vec<Document> = order.iter().map(|&n| documents[n].clone()).collect();
        let expected: Vec<&String> = order.iter().map(|&n| &alone[n]).collect();
        let got = reports(&shuffled, &context, &Engine::new());
        assert_eq!(got.iter().collect::<Vec<_>>(), expected, "shuffled");
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[test]
fn in_a_batch_with_one_bad_document_that_one_fails_and_no_other() {
    let context = Context::new(Some(&TRUST), &policy::DOCUMENT, AT);
    let good: Vec<Vec<u8>> = (0..40)
        .map(|n| match n % 2 {
            0 => ofd::Signing::good(&PKI).at(SIGNED_AT + n).document(),
            _ => pdf::Signing {
                time: SIGNED_AT + n,
                ..pdf::Signing::good(&PKI)
            }
            .document(),
        })
        .collect();
    let engine = Engine::new();
    for bad in (0..good.len()).step_by(3) {
        let documents: Vec<Document> = good
            .iter()
            .enumerate()
            .map(|(index, bytes)| {
                let bytes = if index == bad {
                    spoil_value(bytes)
                } else {
                    bytes.clone()
                };
                (index.to_string(), Ok(Arc::from(bytes)))
            })
            .collect();
        for (index, report) in verify_batch(&documents, &context, &Limits::default(), &engine)
            .iter()
            .enumerate()
        {
            if index == bad {
                failed(report, "SIG_CRYPTO_FAILURE");
            } else {
                passed(report);
            }
        }
    }
}

/// Changes one bit of the signer's value and nothing else.
fn spoil_value(document: &[u8]) -> Vec<u8> {
    if document.starts_with(b"%PDF") {
        let start = document
            .windows(10)
            .rposition(|w| w.starts_with(b"/Contents<") || w.starts_with(b"/Contents "))
            .unwrap();
        let end = start + document[start..].iter().position(|b| *b == b'>').unwrap();
        let last = document[..end].iter().rposition(|b| *b != b'0').unwrap();
        let mut spoilt = document.to_vec();
        spoilt[last] = if spoilt[last] == b'1' { b'2' } else { b'1' };
        return spoilt;
    }
    let mut entries = unzip(document);
    *content(&mut entries, "SignedValue.dat").last_mut().unwrap() ^= 1;
    zip(&entries)
}

/// The answers to a document that claims only these digests, and what they cost.
fn compute(claims: &[Claims]) -> (Vec<Answers>, Statistics) {
    let context = Context::new(None, &policy::DOCUMENT, AT);
    let limits = Limits::default();
    let works: Vec<_> = claims.iter().map(|c| plan(c, &context, &limits)).collect();
    let engine = Engine::new();
    (engine.compute(&works), engine.statistics())
}

fn of(digests: Vec<DigestClaim>) -> Claims {
    let mut claims = Claims::new(Kind::Ofd);
    for claim in digests {
        claims.digest(claim);
    }
    claims
}

fn readings(file: &Arc<[u8]>, expected: &[u8]) -> DigestClaim {
    DigestClaim {
        algorithm: DigestAlgorithm::Sm3,
        alternatives: vec![
            Alternative::standard(vec![Piece::whole(file)]),
            Alternative {
                name: "z-prefixed",
                pieces: vec![Piece::Inline(vec![7; 32]), Piece::whole(file)],
            },
        ],
        expected: expected.to_vec(),
    }
}

#[test]
fn a_file_that_is_claimed_very_often_is_hashed_once_in_each_reading() {
    let file: Arc<[u8]> = Arc::from(vec![1; 1 << 20]);
    let right = sm3::digest([&file[..]]);
    let prefixed = sm3::digest([&[7; 32][..], &file]);
    let (answers, statistics) = compute(&[of(vec![readings(&file, &right); 65_536])]);
    assert!(answers[0].digests.iter().all(|a| a.holds_as("standard")));
    assert_eq!((statistics.messages, statistics.hashed_bytes), (1, 1 << 20));

    let mut mixed = vec![readings(&file, &[0; 32]); 30_000];
    mixed.extend(vec![readings(&file, &prefixed); 30_000]);
    mixed.push(readings(&file, &right));
    let (answers, statistics) = compute(&[of(mixed)]);
    assert!(answers[0].digests[..30_000].iter().all(|a| !a.is_right()));
    assert!(
        answers[0].digests[30_000..60_000]
            .iter()
            .all(|a| a.holds_as("z-prefixed"))
    );
    assert!(answers[0].digests[60_000].holds_as("standard"));
    assert_eq!((statistics.messages, statistics.hashed_bytes), (2, (2 << 20) + 32));
}

#[test]
fn a_second_reading_is_tried_only_where_the_first_does_not_hold() {
    let files: Vec<Arc<[u8]>> = (0..100u8).map(|n| Arc::from(vec![n; 1000])).collect();
    let mut claims: Vec<DigestClaim> = files.iter().map(|f| readings(f, &sm3::digest([&f[..]]))).collect();
    claims[40].expected = sm3::digest([&[7; 32][..], &files[40]]).to_vec();
    let (answers, statistics) = compute(&[of(claims)]);
    assert!(answers[0].digests.iter().all(|a| a.is_right()));
    assert!(answers[0].digests[40].holds_as("z-prefixed"));
    assert_eq!((statistics.messages, statistics.hashed_bytes), (101, 101 * 1000 + 32));
}

#[test]
fn very_long_pieces_made_for_a_claim_are_hashed_once_for_it() {
    let claim = |fill: u8| DigestClaim {
        algorithm: DigestAlgorithm::Sha256,
        alternatives: vec![Alternative::standard(vec![Piece::Inline(vec![fill; 1 << 20])])],
        expected: vec![0; 32],
    };
    let (answers, statistics) = compute(&[of((0..32).map(claim).collect()), of((0..32).map(claim).collect())]);
    assert!(answers.iter().flat_map(|a| &a.digests).all(|a| !a.is_right()));
    assert_eq!((statistics.messages, statistics.hashed_bytes), (64, 64 << 20));
}

#[test]
fn every_algorithm_is_answered_in_its_place() {
    let file: Arc<[u8]> = Arc::from(&b"abc"[..]);
    let hex = |text: &str| -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    };
    let known = [
        (
            DigestAlgorithm::Sm3,
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
        ),
        (
            DigestAlgorithm::Sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (DigestAlgorithm::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (DigestAlgorithm::Md5, "900150983cd24fb0d6963f7d28e17f72"),
        (
            DigestAlgorithm::Sha384,
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        ),
        (
            DigestAlgorithm::Sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
    ];
    let mut claims = Vec::new();
    for n in 0..60usize {
        let (algorithm, digest) = known[n % 6];
        let mut expected = hex(digest);
        if n % 7 == 0 {
            expected[n % 20] ^= 1;
        }
        if n % 11 == 0 {
            expected.pop();
        }
        claims.push(DigestClaim {
            algorithm,
            alternatives: vec![Alternative::standard(vec![Piece::whole(&file)])],
            expected,
        });
    }
    let (answers, statistics) = compute(&[of(claims)]);
    for (n, answer) in answers[0].digests.iter().enumerate() {
        assert_eq!(answer.is_right(), n % 7 != 0 && n % 11 != 0, "{n}");
    }
    assert_eq!(statistics.messages, 6);
}

#[test]
fn what_documents_of_a_batch_share_is_computed_once() {
    let context = Context::new(Some(&TRUST), &policy::DOCUMENT, AT);
    let documents: Vec<Document> = (0..64)
        .map(|n| {
            let bytes = ofd::Signing::good(&PKI).at(SIGNED_AT + n).document();
            (n.to_string(), Ok(Arc::from(bytes)))
        })
        .collect();
    let engine = Engine::new();
    verify_batch(&documents, &context, &Limits::default(), &engine)
        .iter()
        .for_each(passed);
    let statistics = engine.statistics();
    assert_eq!(statistics.documents, 64);
    // A value for each document; the seal and the two certificates once.
    assert_eq!(
        (statistics.signatures, statistics.repeated, statistics.recalled),
        (64 + 3, 63 * 3, 0)
    );
}

#[test]
fn a_revocation_list_of_the_operator_is_hashed_once_for_all_documents() {
    let trust = PKI.trust_with(&PKI.fresh_crls());
    let context = Context::new(Some(&trust), &policy::DOCUMENT, AT);
    let engine = Engine::new();
    let mut hashed = Vec::new();
    for n in 0..4 {
        let bytes = ofd::Signing::good(&PKI).at(SIGNED_AT + n).document();
        passed(&cinnabar_verify::verify_one(
            "x",
            &Arc::from(bytes),
            &context,
            &Limits::default(),
            &engine,
        ));
        hashed.push(engine.statistics().messages);
    }
    // Two lists less from the second document on: the seal maker's authority's and the signer's.
    assert_eq!(hashed[1] - hashed[0] + 2, hashed[0]);
    assert_eq!(hashed[2] - hashed[1], hashed[1] - hashed[0]);
    assert_eq!(hashed[3] - hashed[2], hashed[1] - hashed[0]);
}
