//! Many verifications at once.
#![forbid(unsafe_code)]

#[cfg(target_arch = "x86_64")]
use super::lanes::{self, Outcome};
use super::{
    Backend, PreparedKey, PublicKey, Signature, TableSize,
    backend::with_field,
    base,
    prepared::Multiples,
    scalar::Equation,
    single,
    table::Table,
    tree::{self, Task},
};

/// The key of one verification.
#[derive(Debug, Clone, Copy)]
pub enum Key<'a> {
    /// Without a table.
    Plain(&'a PublicKey),
    /// With one.
    Prepared(&'a PreparedKey),
}

/// One verification to make.
#[derive(Debug, Clone, Copy)]
pub struct Check<'a> {
    /// Who is said to have signed.
    pub key: Key<'a>,
    /// `e = SM3(Z ‖ M)`.
    pub digest: [u8; 32],
    /// The value.
    pub signature: Signature,
}

/// Answers every check, index for index. A wrong one changes no other's answer.
#[must_use]
pub fn verify_many(checks: &[Check<'_>]) -> Vec<bool> {
    verify_many_on(Backend::best(), checks)
}

/// Answers every check in one of the ways that [`Backend::available`] names.
#[must_use]
pub fn verify_many_on(backend: Backend, checks: &[Check<'_>]) -> Vec<bool> {
    let mut answers = vec![false; checks.len()];
    let mut plain = Vec::new();
    let mut work = Work::default();
    for (index, check) in checks.iter().enumerate() {
        let Some(equation) = Equation::new(&check.digest, &check.signature) else {
            continue;
        };
        match check.key {
            Key::Plain(key) => plain.push(Open { index, key, equation }),
            Key::Prepared(prepared) => {
                let key = prepared.key();
                let open = Open { index, key, equation };
                if let Err(open) = work.add(backend, open, prepared.multiples()) {
                    plain.push(open);
                }
            }
        }
    }
    let (plain, groups) = split_recurring(plain, recurring(backend));
    let tables: Vec<Multiples> = groups.iter().map(|group| temporary(backend, group)).collect();
    for (group, table) in groups.into_iter().zip(&tables) {
        for open in group {
            // A table made for this backend is of its form.
            let _added = work.add(backend, open, table);
        }
    }
    work.plain(backend, plain, &mut answers);
    work.words(backend, &mut answers);
    #[cfg(target_arch = "x86_64")]
    work.lanes(backend, &mut answers);
    answers
}

/// Answers one check by the table of its key.
pub(super) fn verify_one(backend: Backend, key: &PublicKey, table: &Multiples, equation: &Equation) -> bool {
    match table {
        Multiples::Words(table) => {
            with_field!(backend, f => single::prepared(f, base::table(f, 1), table, equation))
        }
        #[cfg(target_arch = "x86_64")]
        Multiples::Lanes(width, table) => {
            let job = job(lanes::Multiplier::Table(table), equation);
            match lanes::verify_one(*width, base::lanes(*width, 1), &job) {
                Outcome::Right => true,
                Outcome::Wrong => false,
                Outcome::Exceptional => completely(backend, key, equation),
            }
        }
    }
}

/// Answers one check without a table, by formulas that know every exceptional case.
fn completely(backend: Backend, key: &PublicKey, equation: &Equation) -> bool {
    with_field!(backend, f => single::plain(f, &key.affine(), equation))
}

/// Fewer than this many are not worth the inversions of a tree.
const FEW: usize = 2;

/// Fewer keys without a table than this are faster one at a time than in lanes that stay half empty.
#[cfg(target_arch = "x86_64")]
const FEW_PLAIN: usize = 3;

/// A key without a table that is met so often in one batch gets one for its time: more often where lanes make it cheap to do without.
const RECURRING: usize = 5;
const RECURRING_LANES: usize = 12;
const OFTEN: usize = 120;

fn recurring(backend: Backend) -> usize {
    #[cfg(target_arch = "x86_64")]
    if backend.width().is_some() {
        return RECURRING_LANES;
    }
    RECURRING
}

/// A check that is not wrong by its numbers alone.
struct Open<'a> {
    index: usize,
    key: &'a PublicKey,
    equation: Equation,
}

/// Finds the keys that are met often enough to get a table.
fn split_recurring(mut plain: Vec<Open<'_>>, from: usize) -> (Vec<Open<'_>>, Vec<Vec<Open<'_>>>) {
    if plain.len() < from {
        return (plain, Vec::new());
    }
    plain.sort_by_cached_key(|open| open.key.to_sec1());
    let (mut once, mut groups) = (Vec::new(), Vec::new());
    let mut rest = plain.into_iter().peekable();
    while let Some(first) = rest.next() {
        let key = first.key;
        let mut group = vec![first];
        while let Some(same) = rest.next_if(|next| next.key == key) {
            group.push(same);
        }
        if group.len() < from {
            once.append(&mut group);
        } else {
            groups.push(group);
        }
    }
    (once, groups)
}

fn temporary(backend: Backend, group: &[Open<'_>]) -> Multiples {
    let size = if group.len() < OFTEN {
        TableSize::Small
    } else {
        TableSize::Medium
    };
    // A group is never empty.
    Multiples::new(backend, group[0].key, size)
}

/// The checks that go through a batch together, by the form of their tables.
#[derive(Default)]
struct Work<'a> {
    words: Vec<(Open<'a>, &'a Table)>,
    #[cfg(target_arch = "x86_64")]
    lanes: Vec<(Open<'a>, lanes::Multiplier<'a>)>,
}

impl<'a> Work<'a> {
    /// Gives the check back if the table is of another way to compute.
    fn add(&mut self, backend: Backend, open: Open<'a>, table: &'a Multiples) -> Result<(), Open<'a>> {
        match table {
            Multiples::Words(table) => self.words.push((open, table)),
            #[cfg(target_arch = "x86_64")]
            Multiples::Lanes(width, table) if backend.width() == Some(*width) => {
                self.lanes.push((open, lanes::Multiplier::Table(table)));
            }
            #[cfg(target_arch = "x86_64")]
            Multiples::Lanes(..) => return Err(open),
        }
        Ok(())
    }

    /// Answers those without a table, or leaves them to the lanes.
    fn plain(&mut self, backend: Backend, plain: Vec<Open<'a>>, answers: &mut [bool]) {
        #[cfg(target_arch = "x86_64")]
        if backend.width().is_some() && plain.len() >= FEW_PLAIN {
            self.lanes.extend(plain.into_iter().map(|open| {
                let (x, y) = open.key.coordinates();
                (open, lanes::Multiplier::Point { x, y })
            }));
            return;
        }
        for open in &plain {
            answers[open.index] = completely(backend, open.key, &open.equation);
        }
    }

    fn words(&self, backend: Backend, answers: &mut [bool]) {
        if self.words.len() < FEW {
            for (open, table) in &self.words {
                answers[open.index] = with_field!(backend, f => {
                    single::prepared(f, base::table(f, 1), table, &open.equation)
                });
            }
            return;
        }
        let tasks: Vec<Task<'_>> = self
            .words
            .iter()
            .map(|(open, table)| Task {
                key: table,
                equation: open.equation,
            })
            .collect();
        let outcomes = with_field!(backend, f => tree::verify(f, base::table(f, tasks.len()), &tasks));
        for (outcome, (open, _)) in outcomes.into_iter().zip(&self.words) {
            answers[open.index] = outcome.unwrap_or_else(|| completely(backend, open.key, &open.equation));
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn lanes(&self, backend: Backend, answers: &mut [bool]) {
        let Some(width) = backend.width().filter(|_| !self.lanes.is_empty()) else {
            return;
        };
        let jobs: Vec<lanes::Job<'_>> = self.lanes.iter().map(|(open, key)| job(*key, &open.equation)).collect();
        let mut outcomes = vec![Outcome::Exceptional; jobs.len()];
        lanes::verify_many(width, base::lanes(width, jobs.len()), &jobs, &mut outcomes);
        for (outcome, (open, _)) in outcomes.into_iter().zip(&self.lanes) {
            answers[open.index] = match outcome {
                Outcome::Right => true,
                Outcome::Wrong => false,
                Outcome::Exceptional => completely(backend, open.key, &open.equation),
            };
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn job<'a>(key: lanes::Multiplier<'a>, equation: &Equation) -> lanes::Job<'a> {
    let Equation { u1, u2, x } = *equation;
    lanes::Job { key, u1, u2, x }
}
