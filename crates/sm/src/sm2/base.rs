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

use super::{
    field::Field,
    point::{Addend, Affine, Jacobian, to_affine},
    table::Table,
};

const SMALL: u32 = 5;
const LARGE: u32 = 13;

/// The large table costs some eight milliseconds and saves some four microseconds of a verification.
const PAYS: usize = 1_000;

static SMALL_TABLE: OnceLock<Table> = OnceLock::new();
static LARGE_TABLE: OnceLock<Table> = OnceLock::new();
static ODD: OnceLock<Vec<Affine>> = OnceLock::new();
static USES: AtomicUsize = AtomicUsize::new(0);

/// Gives the best table there is now, for so many verifications.
pub(super) fn table<F: Field>(f: F, uses: usize) -> &'static Table {
    if let Some(table) = LARGE_TABLE.get() {
        return table;
    }
    let before = USES.fetch_add(uses, Relaxed);
    if before < PAYS && before.saturating_add(uses) >= PAYS {
        // Without a thread the small table goes on serving.
        let _ = thread::Builder::new()
            .name("sm2-base".into())
            .spawn(move || LARGE_TABLE.get_or_init(|| Table::new(f, &Affine::G, LARGE)));
    }
    SMALL_TABLE.get_or_init(|| Table::new(f, &Affine::G, SMALL))
}

/// Gives the large table if it exists.
pub(super) fn large() -> Option<&'static Table> {
    LARGE_TABLE.get()
}

/// Makes the large table now.
pub(super) fn make_large<F: Field>(f: F) {
    LARGE_TABLE.get_or_init(|| Table::new(f, &Affine::G, LARGE));
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
