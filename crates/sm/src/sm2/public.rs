//! Public keys, the value Z and verification.
#![forbid(unsafe_code)]

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use super::{
    Backend, DEFAULT_ID, Error, Signature,
    backend::with_field,
    field::{Fe, Field, P, portable::sub},
    point::Affine,
    scalar::{Equation, words},
    single,
};
use crate::sm3;

/// `a ‖ b ‖ xG ‖ yG` of the recommended curve, GB/T 32918.5-2017, 2.
const CURVE: [u8; 128] = [
    0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, //
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc, //
    0x28, 0xe9, 0xfa, 0x9e, 0x9d, 0x9f, 0x5e, 0x34, 0x4d, 0x5a, 0x9e, 0x4b, 0xcf, 0x65, 0x09, 0xa7, //
    0xf3, 0x97, 0x89, 0xf5, 0x15, 0xab, 0x8f, 0x92, 0xdd, 0xbc, 0xbd, 0x41, 0x4d, 0x94, 0x0e, 0x93, //
    0x32, 0xc4, 0xae, 0x2c, 0x1f, 0x19, 0x81, 0x19, 0x5f, 0x99, 0x04, 0x46, 0x6a, 0x39, 0xc9, 0x94, //
    0x8f, 0xe3, 0x0b, 0xbf, 0xf2, 0x66, 0x0b, 0xe1, 0x71, 0x5a, 0x45, 0x89, 0x33, 0x4c, 0x74, 0xc7, //
    0xbc, 0x37, 0x36, 0xa2, 0xf4, 0xf6, 0x77, 0x9c, 0x59, 0xbd, 0xce, 0xe3, 0x6b, 0x69, 0x21, 0x53, //
    0xd0, 0xa9, 0x87, 0x7c, 0xc6, 0x2a, 0x47, 0x40, 0x02, 0xdf, 0x32, 0xe5, 0x21, 0x39, 0xf0, 0xa0, //
];

/// An SM2 public key: a point of the curve, never the point at infinity.
#[derive(Clone)]
pub struct PublicKey {
    point: [u8; 65],
    x: Fe,
    y: Fe,
}

impl PublicKey {
    /// Reads `04 ‖ x ‖ y` and proves that the point is on the curve.
    ///
    /// # Errors
    /// [`Error::PublicKey`] for any other form; compressed points are not used by GB/T 20518 certificates.
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, Error> {
        let point = <[u8; 65]>::try_from(bytes).map_err(|_| Error::PublicKey)?;
        let ([0x04], coordinates) = point.split_first_chunk().ok_or(Error::PublicKey)? else {
            return Err(Error::PublicKey);
        };
        let (halves, _) = coordinates.as_chunks::<32>();
        let [x, y] = halves else {
            return Err(Error::PublicKey);
        };
        let (x, y) = (words(x), words(y));
        if !sub(&x, &P).1 || !sub(&y, &P).1 {
            return Err(Error::PublicKey);
        }
        with_field!(Backend::best(), f => {
            let (x, y) = (f.enter(&x), f.enter(&y));
            f.on_curve(&x, &y).then_some(Self { point, x, y }).ok_or(Error::PublicKey)
        })
    }

    /// The coordinates as numbers, the least word first.
    pub(super) fn coordinates(&self) -> ([u64; 4], [u64; 4]) {
        with_field!(Backend::best(), f => (f.leave(&self.x), f.leave(&self.y)))
    }

    pub(super) fn affine(&self) -> Affine {
        Affine { x: self.x, y: self.y }
    }

    /// Gives `04 ‖ x ‖ y`.
    #[must_use]
    pub fn to_sec1(&self) -> [u8; 65] {
        self.point
    }

    /// Computes `Z = SM3(ENTL ‖ id ‖ a ‖ b ‖ xG ‖ yG ‖ xA ‖ yA)`, GB/T 32918.2-2016, 5.5.
    ///
    /// ENTL holds the length of the identifier in bits in two bytes, so the standard has no Z for more than 8191 bytes; of a
    /// longer one ENTL keeps the low 16 bits.
    #[must_use]
    pub fn z(&self, id: &[u8]) -> [u8; 32] {
        let bits = id.len().wrapping_mul(8).to_be_bytes();
        let entl = bits.last_chunk::<2>().copied().unwrap_or_default();
        let coordinates = self.point.split_first().map_or(&[][..], |(_, xy)| xy);
        sm3::digest([&entl[..], id, &CURVE, coordinates])
    }

    /// Tells whether the signature fits the digest `e = SM3(Z ‖ M)`.
    #[must_use]
    pub fn verify_digest(&self, e: &[u8; 32], signature: &Signature) -> bool {
        Equation::new(e, signature)
            .is_some_and(|equation| with_field!(Backend::best(), f => single::plain(f, &self.affine(), &equation)))
    }

    /// Tells whether the signature fits the message under [`DEFAULT_ID`].
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &Signature) -> bool {
        self.verify_digest(&sm3::digest([&self.z(DEFAULT_ID)[..], message]), signature)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.point == other.point
    }
}

impl Eq for PublicKey {}

impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.point.hash(state);
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sm2::PublicKey(")?;
        for byte in self.point {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}
