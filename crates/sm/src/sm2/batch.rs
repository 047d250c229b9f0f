//! Many verifications at once.
#![forbid(unsafe_code)]

use super::{
    Backend, PreparedKey, PublicKey, Signature, TableSize,
    backend::with_field,
    base,
    field::Field,
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

impl<'a> Key<'a> {
    fn public(self) -> &'a PublicKey {
        match self {
            Self::Plain(key) => key,
            Self::Prepared(key) => key.key(),
        }
    }
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
    with_field!(backend, f => verify_all(f, checks))
}

/// Fewer than this many are not worth the inversions of a tree.
const FEW: usize = 6;

/// A key without a table that is met so often in one batch gets one for its time.
const RECURRING: usize = 5;
const OFTEN: usize = 200;

/// A check that is not wrong by its numbers alone.
struct Open<'a> {
    index: usize,
    key: &'a PublicKey,
    equation: Equation,
}

fn verify_all<F: Field>(f: F, checks: &[Check<'_>]) -> Vec<bool> {
    let mut answers = vec![false; checks.len()];
    let mut plain = Vec::new();
    let mut tabled: Vec<(Open<'_>, &Table)> = Vec::new();
    for (index, check) in checks.iter().enumerate() {
        let Some(equation) = Equation::new(&check.digest, &check.signature) else {
            continue;
        };
        let key = check.key.public();
        let open = Open { index, key, equation };
        match check.key {
            Key::Plain(_) => plain.push(open),
            Key::Prepared(prepared) => tabled.push((open, prepared.multiples())),
        }
    }

    let mut groups = Vec::new();
    if plain.len() >= RECURRING {
        plain.sort_by_cached_key(|open| open.key.to_sec1());
        let mut once = Vec::new();
        let mut rest = plain.into_iter().peekable();
        while let Some(first) = rest.next() {
            let key = first.key;
            let mut group = vec![first];
            while let Some(same) = rest.next_if(|next| next.key == key) {
                group.push(same);
            }
            if group.len() < RECURRING {
                once.append(&mut group);
                continue;
            }
            let size = if group.len() < OFTEN {
                TableSize::Small
            } else {
                TableSize::Medium
            };
            groups.push((group, Table::new(f, &key.affine(), size.window())));
        }
        plain = once;
    }
    for (group, table) in &mut groups {
        tabled.extend(group.drain(..).map(|open| (open, &*table)));
    }

    for open in &plain {
        answers[open.index] = single::plain(f, &open.key.affine(), &open.equation);
    }
    if tabled.is_empty() {
        return answers;
    }
    let base = base::table(f, tabled.len());
    if tabled.len() < FEW {
        for (open, table) in &tabled {
            answers[open.index] = single::prepared(f, base, table, &open.equation);
        }
        return answers;
    }
    let tasks: Vec<Task<'_>> = tabled
        .iter()
        .map(|(open, table)| Task {
            key: table,
            equation: open.equation,
        })
        .collect();
    for (answer, (open, _)) in tree::verify(f, base, &tasks).into_iter().zip(&tabled) {
        answers[open.index] = answer.unwrap_or_else(|| single::plain(f, &open.key.affine(), &open.equation));
    }
    answers
}
