//! The ways to verify, and which of them the processor has.

use std::fmt;
#[cfg(target_arch = "x86_64")]
use std::sync::OnceLock;

use super::{base, field::portable::Portable};
#[cfg(target_arch = "x86_64")]
use super::{field::adx::Adx, lanes::Width};

/// Runs an expression with the field that was chosen: each function is compiled once for every field.
macro_rules! with_field {
    ($backend:expr, $field:ident => $body:expr) => {
        match $backend.arithmetic() {
            $crate::sm2::backend::Arithmetic::Portable($field) => $body,
            #[cfg(target_arch = "x86_64")]
            $crate::sm2::backend::Arithmetic::Adx($field) => $body,
        }
    };
}

/// A way to verify. Answers never depend on it; every other function takes [`Backend::best`] by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// Plain Rust, on every processor.
    Portable,
    /// One signature a multiplication, with MULX, ADCX and ADOX.
    Adx,
    /// Several signatures a multiplication in registers of 256 bits. No code takes this way: it gained too little over
    /// [`Backend::Adx`], so it is never available.
    Avx2,
    /// Eight signatures a multiplication in registers of 512 bits.
    Avx512,
    /// The same with the multiplier of 52 bits.
    Ifma,
}

impl Backend {
    /// Gives those that this processor has, the simplest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        [Self::Portable, Self::Adx, Self::Avx2, Self::Avx512, Self::Ifma]
            .into_iter()
            .filter(|backend| backend.is_available())
            .collect()
    }

    /// Gives the fastest that this processor has.
    #[must_use]
    pub fn best() -> Self {
        [Self::Ifma, Self::Avx512, Self::Avx2, Self::Adx]
            .into_iter()
            .find(|backend| backend.is_available())
            .unwrap_or(Self::Portable)
    }

    /// Makes the large tables of the base point now. Without this they are made, on a thread of their own, after some thousand
    /// verifications.
    pub fn warm(self) {
        base::make_large(self);
    }

    fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Adx => Adx::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            _ => self.width().is_some(),
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// The lanes to compute in, if this is a way with lanes and the processor has it.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn width(self) -> Option<Width> {
        static WIDTHS: OnceLock<Vec<(Backend, Width)>> = OnceLock::new();
        let widths = WIDTHS.get_or_init(|| {
            Width::available()
                .into_iter()
                .map(|width| (Self::of(width), width))
                .collect()
        });
        widths
            .iter()
            .find(|(backend, _)| *backend == self)
            .map(|(_, width)| *width)
    }

    #[cfg(target_arch = "x86_64")]
    pub(super) fn of(width: Width) -> Self {
        if width == Width::Ifma { Self::Ifma } else { Self::Avx512 }
    }

    /// The arithmetic for one number at a time. Asked for what the processor lacks, a backend takes the plain way.
    pub(super) fn arithmetic(self) -> Arithmetic {
        match self {
            Self::Portable => Arithmetic::Portable(Portable),
            #[cfg(target_arch = "x86_64")]
            _ => Adx::detect().map_or(Arithmetic::Portable(Portable), Arithmetic::Adx),
            #[cfg(not(target_arch = "x86_64"))]
            _ => Arithmetic::Portable(Portable),
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Portable => "portable",
            Self::Adx => "adx",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Ifma => "ifma",
        })
    }
}

/// Field arithmetic chosen at run time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Arithmetic {
    Portable(Portable),
    #[cfg(target_arch = "x86_64")]
    Adx(Adx),
}

pub(super) use with_field;
