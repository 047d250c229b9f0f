//! Tables of the base point, made when they are first wanted and kept.
//!
//! A process that verifies one file must not wait for five megabytes of multiples: it starts with a small table, made in a tenth
//! of a millisecond, and the large one is made on a thread of its own once so many verifications were made that it pays.
#![forbid(unsafe_code)]

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
};

#[cfg(target_arch = "x86_64")]
use super::lanes::{self, Width};
use super::{
    Backend,
    backend::with_field,
    field::{Field, portable::Portable},
    point::{Addend, Affine, Jacobian, to_affine},
    table::Table,
};

const SMALL: u32 = 5;
const LARGE: u32 = 13;

/// The large table costs some eight milliseconds and saves some four microseconds of a verification.
const PAYS: usize = 1_000;

/// The tables of one way to compute.
struct Base<T> {
    small: OnceLock<T>,
    large: OnceLock<T>,
    uses: AtomicUsize,
}

impl<T: Send + Sync + 'static> Base<T> {
    const fn new() -> Self {
        Self {
            small: OnceLock::new(),
            large: OnceLock::new(),
            uses: AtomicUsize::new(0),
        }
    }

    /// Gives the best table there is now, for so many verifications.
    fn get(&'static self, uses: usize, make: impl Fn(u32) -> T + Send + Copy + 'static) -> &'static T {
        if let Some(table) = self.large.get() {
            return table;
        }
        let before = self.uses.fetch_add(uses, Relaxed);
        if before < PAYS && before.saturating_add(uses) >= PAYS {
            // Without a thread the small table goes on serving.
            let _ = thread::Builder::new()
                .name("sm2-base".into())
                .spawn(move || self.large.get_or_init(|| make(LARGE)));
        }
        self.small.get_or_init(|| make(SMALL))
    }
}

static WORDS: Base<Table> = Base::new();
#[cfg(target_arch = "x86_64")]
static LANES: [Base<lanes::Table>; 3] = [const { Base::new() }; 3];
static ODD: OnceLock<Vec<Affine>> = OnceLock::new();

/// Gives the best table for additions of one number at a time, for so many verifications.
pub(super) fn table<F: Field>(f: F, uses: usize) -> &'static Table {
    WORDS.get(uses, move |window| Table::new(f, &Affine::G, window))
}

/// Gives the large one of these if it exists.
pub(super) fn large() -> Option<&'static Table> {
    WORDS.large.get()
}

/// Gives the best table for a width, for so many verifications.
#[cfg(target_arch = "x86_64")]
pub(super) fn lanes(width: Width, uses: usize) -> &'static lanes::Table {
    of_width(width).get(uses, move |window| of_g(width, window))
}

/// Makes the large tables now.
pub(super) fn make_large(backend: Backend) {
    with_field!(backend, f => WORDS.large.get_or_init(|| Table::new(f, &Affine::G, LARGE)));
    #[cfg(target_arch = "x86_64")]
    if let Some(width) = backend.width() {
        of_width(width).large.get_or_init(|| of_g(width, LARGE));
    }
}

/// A table is of the form of its width.
#[cfg(target_arch = "x86_64")]
fn of_width(width: Width) -> &'static Base<lanes::Table> {
    let [avx2, avx512, ifma] = &LANES;
    match Backend::of(width) {
        Backend::Ifma => ifma,
        Backend::Avx512 => avx512,
        _ => avx2,
    }
}

#[cfg(target_arch = "x86_64")]
fn of_g(width: Width, window: u32) -> lanes::Table {
    let Affine { x, y } = Affine::G;
    lanes::Table::new(width, Portable.leave(&x), Portable.leave(&y), window)
}

/// The window of [`odd`].
pub(super) const ODD_WINDOW: u32 = 8;

/// Gives `G, 3G, 5G … 127G`.
pub(super) fn odd<F: Field>(f: F) -> &'static [Affine] {
    ODD.get_or_init(|| {
        let mut point = Jacobian::from(Affine::G);
        let twice = Addend::new(f, point.double(f));
        let multiples: Vec<Jacobian> = (0..1 << (ODD_WINDOW - 2))
            .map(|_| {
                let this = point;
                point = point.add(f, &twice, false);
                this
            })
            .collect();
        to_affine(f, &multiples)
    })
}
