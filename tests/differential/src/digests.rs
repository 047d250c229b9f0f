//! SM3 and SHA-256 of many messages at once, in every width, beside OpenSSL and RustCrypto.

use cinnabar_sm::{sha256, sm3};
use openssl::hash::{MessageDigest, hash};
use sha2::Digest;

use crate::{dice::Dice, tally::Tally};

/// Puts one heap of messages to everybody; gives how many there were.
pub fn round(dice: &mut Dice, tally: &mut Tally) -> usize {
    let messages = messages(dice);
    let pieces: Vec<Vec<&[u8]>> = messages.iter().map(|message| split(dice, message)).collect();
    let pieces: Vec<&[&[u8]]> = pieces.iter().map(Vec::as_slice).collect();

    let sm3_expected = agreed(&messages, tally, "SM3", MessageDigest::sm3(), |m| {
        sm3_crate::Sm3::digest(m).into()
    });
    for lanes in sm3::Lanes::available() {
        let said = sm3::digest_many_on(lanes, &pieces);
        compare(
            tally,
            "SM3",
            &format!("{lanes:?}"),
            &messages,
            &pieces,
            &said,
            &sm3_expected,
        );
    }
    compare(
        tally,
        "SM3",
        "chosen by the crate",
        &messages,
        &pieces,
        &sm3::digest_many(&pieces),
        &sm3_expected,
    );
    let single: Vec<_> = pieces
        .iter()
        .map(|pieces| sm3::digest(pieces.iter().copied()))
        .collect();
    compare(tally, "SM3", "one stream", &messages, &pieces, &single, &sm3_expected);

    let expected = agreed(&messages, tally, "SHA-256", MessageDigest::sha256(), |m| {
        sha2::Sha256::digest(m).into()
    });
    for lanes in sha256::Lanes::available() {
        let said = sha256::digest_many_on(lanes, &pieces);
        compare(
            tally,
            "SHA-256",
            &format!("{lanes:?}"),
            &messages,
            &pieces,
            &said,
            &expected,
        );
    }
    compare(
        tally,
        "SHA-256",
        "chosen by the crate",
        &messages,
        &pieces,
        &sha256::digest_many(&pieces),
        &expected,
    );
    messages.len()
}

/// Lengths about the edges of blocks most of the time, some long, some all equal.
fn messages(dice: &mut Dice) -> Vec<Vec<u8>> {
    let count = if dice.one_in(4) {
        dice.below(4)
    } else {
        1 + dice.below(70)
    };
    let equal = dice.one_in(4).then(|| length(dice));
    (0..count)
        .map(|_| {
            let len = equal.unwrap_or_else(|| length(dice));
            dice.fill(len)
        })
        .collect()
}

fn length(dice: &mut Dice) -> usize {
    match dice.below(16) {
        0..=5 => dice.below(200),
        6..=11 => (64 * dice.below(40)).saturating_add_signed(dice.below(20) as isize - 10),
        12..=14 => dice.below(5000),
        _ => dice.below(40_000),
    }
}

/// Cuts a message anywhere, into empty pieces too.
fn split<'a>(dice: &mut Dice, mut message: &'a [u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let style = dice.below(4);
    while !message.is_empty() && style != 0 && pieces.len() < 200 {
        let most = match style {
            1 => message.len(),
            2 => 70,
            _ => 4,
        };
        let (piece, rest) = message.split_at(dice.below(most + 1).min(message.len()));
        pieces.push(piece);
        message = rest;
    }
    if !message.is_empty() || dice.one_in(3) {
        pieces.push(message);
    }
    pieces
}

fn agreed(
    messages: &[Vec<u8>],
    tally: &mut Tally,
    name: &str,
    openssl: MessageDigest,
    rust: impl Fn(&[u8]) -> [u8; 32],
) -> Vec<[u8; 32]> {
    messages
        .iter()
        .map(|message| {
            let theirs: [u8; 32] = rust(message);
            let other = hash(openssl, message).expect("OpenSSL knows this digest");
            if other[..] != theirs {
                tally.disagree(format!("{name}: the peers disagree on {}", hex(message)));
            }
            theirs
        })
        .collect()
}

fn compare(
    tally: &mut Tally,
    name: &str,
    lanes: &str,
    messages: &[Vec<u8>],
    pieces: &[&[&[u8]]],
    said: &[[u8; 32]],
    expected: &[[u8; 32]],
) {
    if said.len() != expected.len() {
        tally.disagree(format!(
            "{name} on {lanes}: {} answers to {} messages",
            said.len(),
            expected.len()
        ));
    }
    for (index, (said, expected)) in said.iter().zip(expected).enumerate() {
        tally.count(&format!("{name} on {lanes}"), true);
        if said != expected {
            let cuts: Vec<_> = pieces[index].iter().map(|piece| piece.len()).collect();
            let lengths: Vec<_> = messages.iter().map(Vec::len).collect();
            tally.disagree(format!(
                "{name} on {lanes}: message {index} of lengths {lengths:?}, cut into {cuts:?}: said {}, is {}, message {}",
                hex(said),
                hex(expected),
                hex(&messages[index])
            ));
        }
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
