//! Signatures that every peer gets, in a text that every language reads: `set key message e r s der`, hexadecimal.

use std::fmt::Write as _;

use cinnabar_sm::sm2::{DEFAULT_ID, PublicKey, SecretKey};
use cinnabar_sm::sm3;

use crate::Fault;

/// Name, keys, signatures of each key. A signature's key changes from line to line.
const SETS: [(&str, usize, usize); 4] = [("one", 1, 512), ("eight", 8, 128), ("64", 64, 64), ("1024", 1024, 8)];
const MESSAGE: usize = 32;

/// One signature.
#[derive(Clone)]
pub struct Signed {
    pub set: String,
    pub key: Vec<u8>,
    pub e: [u8; 32],
    pub r: [u8; 32],
    pub s: [u8; 32],
    pub der: Vec<u8>,
}

/// All of them.
pub struct Vectors(Vec<Signed>);

pub fn write(file: &str) -> Result<(), Fault> {
    let mut text = String::new();
    for (set, keys, each) in SETS {
        let keys = (0..keys)
            .map(|_| SecretKey::generate())
            .collect::<Result<Vec<_>, _>>()?;
        let publics: Vec<PublicKey> = keys.iter().map(SecretKey::public_key).collect();
        for number in 0..keys.len() * each {
            let key = number % keys.len();
            let message = sm3::digest([set.as_bytes(), &number.to_be_bytes()]);
            debug_assert_eq!(message.len(), MESSAGE);
            let signature = keys[key].sign(&message)?;
            let e = sm3::digest([&publics[key].z(DEFAULT_ID)[..], &message]);
            let hex: Vec<String> = [
                &publics[key].to_sec1()[..],
                &message,
                &e,
                &signature.r,
                &signature.s,
                &signature.to_der(),
            ]
            .map(hex::encode)
            .to_vec();
            writeln!(text, "{set} {}", hex.join(" "))?;
        }
    }
    Ok(std::fs::write(file, text)?)
}

impl Vectors {
    pub fn read(file: &str) -> Result<Self, Fault> {
        let line = |line: &str| -> Result<Signed, Fault> {
            let (set, rest) = line.split_once(' ').ok_or("no set")?;
            let fields = rest.split(' ').map(hex::decode).collect::<Result<Vec<_>, _>>()?;
            let [key, _, e, r, s, der] = <[Vec<u8>; 6]>::try_from(fields).map_err(|_| "not six fields")?;
            let number = |bytes: Vec<u8>| <[u8; 32]>::try_from(bytes).map_err(|_| "not 32 bytes");
            Ok(Signed {
                set: set.to_owned(),
                key,
                e: number(e)?,
                r: number(r)?,
                s: number(s)?,
                der,
            })
        };
        Ok(Self(
            std::fs::read_to_string(file)?
                .lines()
                .map(line)
                .collect::<Result<_, _>>()?,
        ))
    }

    pub fn set(&self, name: &str) -> Vec<Signed> {
        self.0.iter().filter(|signed| signed.set == name).cloned().collect()
    }
}

impl Signed {
    /// The same over another digest: what every verifier must refuse.
    pub fn corrupted(mut self) -> Self {
        self.e[31] ^= 1;
        self
    }

    /// The same with another `s`.
    pub fn with_other_s(mut self) -> Self {
        self.s[31] ^= 1;
        let last = self.der.len() - 1;
        self.der[last] ^= 1;
        self
    }
}

/// Both ways of corrupting, of the first few.
pub fn bad(good: &[Signed]) -> Vec<Signed> {
    let some = || good.iter().take(8).cloned();
    some()
        .map(Signed::corrupted)
        .chain(some().map(Signed::with_other_s))
        .collect()
}
