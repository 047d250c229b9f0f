//! Identifier octets: class and number.

use std::fmt;

/// The class of a tag (X.690 8.1.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Types the ASN.1 standard defines.
    Universal,
    /// Types one application defines.
    Application,
    /// Types that mean something in their container only, written `[n]`.
    Context,
    /// Types an enterprise defines.
    Private,
}

/// Class and number of a tag. Whether the value is constructed is a matter of its encoding: see [`Tlv::constructed`](super::Tlv::constructed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag {
    /// The class.
    pub class: Class,
    /// The number.
    pub number: u32,
}

macro_rules! universal {
    ($($name:ident = $number:literal),* $(,)?) => {
        $(#[doc = concat!("UNIVERSAL ", stringify!($number), ".")] pub const $name: Tag = Tag { class: Class::Universal, number: $number };)*
    };
}

impl Tag {
    universal! {
        BOOLEAN = 1, INTEGER = 2, BIT_STRING = 3, OCTET_STRING = 4, NULL = 5, OBJECT_IDENTIFIER = 6, ENUMERATED = 10,
        UTF8_STRING = 12, SEQUENCE = 16, SET = 17, NUMERIC_STRING = 18, PRINTABLE_STRING = 19, TELETEX_STRING = 20,
        IA5_STRING = 22, UTC_TIME = 23, GENERALIZED_TIME = 24, VISIBLE_STRING = 26, UNIVERSAL_STRING = 28, BMP_STRING = 30,
    }

    /// The context-specific tag `[number]`.
    pub const fn context(number: u32) -> Self {
        Tag {
            class: Class::Context,
            number,
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.class {
            Class::Universal => write!(f, "UNIVERSAL {}", self.number),
            Class::Application => write!(f, "[APPLICATION {}]", self.number),
            Class::Context => write!(f, "[{}]", self.number),
            Class::Private => write!(f, "[PRIVATE {}]", self.number),
        }
    }
}
