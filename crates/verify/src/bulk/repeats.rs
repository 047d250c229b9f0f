//! Files met again: the report of the first serves all that are identical, byte for byte.
//!
//! Files are told apart by BLAKE3, because whoever chooses the files must not be able to make two that look the same.
//! A report depends on the bytes and on what the whole run shares (trust set, policy, time, limits), and on nothing else
//! but the name. What is remembered is bounded: two generations, the older of which is dropped when the younger is full.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::report::Report;

/// What identifies a file's bytes.
pub(super) type Key = [u8; 32];

/// The key of these bytes.
pub(super) fn key(bytes: &[u8]) -> Key {
    *blake3::hash(bytes).as_bytes()
}

/// What meeting a file means for it. `W` is whoever waits for the report.
pub(super) enum Meeting<W> {
    /// It is the first: judge it, then call [`Repeats::settle`].
    First(W),
    /// It waits for the first, which is being judged.
    Waits,
    /// It was judged before.
    Known(W, Arc<Report>),
}

pub(super) struct Repeats<W> {
    state: Mutex<State<W>>,
    half: usize,
}

struct State<W> {
    pending: HashMap<Key, Vec<W>>,
    young: HashMap<Key, Arc<Report>>,
    old: HashMap<Key, Arc<Report>>,
    young_bytes: usize,
}

impl<W> Repeats<W> {
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            state: Mutex::new(State {
                pending: HashMap::new(),
                young: HashMap::new(),
                old: HashMap::new(),
                young_bytes: 0,
            }),
            half: bytes / 2,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn meet(&self, key: Key, who: W) -> Meeting<W> {
        let mut state = self.lock();
        if let Some(report) = state.young.get(&key) {
            return Meeting::Known(who, Arc::clone(report));
        }
        if let Some(report) = state.old.remove(&key) {
            state.remember(key, &report, self.half);
            return Meeting::Known(who, report);
        }
        if let Some(waiting) = state.pending.get_mut(&key) {
            waiting.push(who);
            return Meeting::Waits;
        }
        state.pending.insert(key, Vec::new());
        Meeting::First(who)
    }

    /// Gives those who wait for `key`, and keeps the report when it is worth keeping.
    pub(super) fn settle(&self, key: Key, report: &Arc<Report>, keep: bool) -> Vec<W> {
        let mut state = self.lock();
        let waiting = state.pending.remove(&key).unwrap_or_default();
        if keep {
            state.remember(key, report, self.half);
        }
        waiting
    }
}

impl<W> State<W> {
    fn remember(&mut self, key: Key, report: &Arc<Report>, half: usize) {
        let weight = weigh(report);
        if weight > half {
            return;
        }
        if self.young_bytes + weight > half {
            self.old = mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        if self.young.insert(key, Arc::clone(report)).is_none() {
            self.young_bytes += weight;
        }
    }
}

/// What a report takes in memory, roughly and rather more.
fn weigh(report: &Report) -> usize {
    const TEXT: usize = 32;
    let text = |text: &Option<String>| text.as_ref().map_or(0, |t| t.len() + TEXT);
    let findings = |findings: &[crate::codes::Finding]| -> usize {
        findings
            .iter()
            .map(|f| size_of_val(f) + text(&f.subject) + text(&f.detail))
            .sum()
    };
    let signatures: usize = report
        .signatures
        .iter()
        .map(|s| {
            let seal = s
                .seal
                .as_ref()
                .map_or(0, |seal| seal.name.len() + seal.id.len() + text(&seal.maker) + 6 * TEXT);
            let uncovered: usize = s.uncovered.iter().map(|u| u.len() + TEXT).sum();
            let texts = [
                &s.signer,
                &s.issuer,
                &s.certificate,
                &s.algorithm,
                &s.claimed_time,
                &s.proven_time,
            ];
            let texts: usize = texts.into_iter().map(text).sum();
            size_of_val(s) + s.id.len() + s.covers.len() + texts + seal + uncovered + findings(&s.findings)
        })
        .sum();
    let licence = report.licence.as_ref().map_or(0, |l| {
        let texts = [
            &l.identifier,
            &l.name,
            &l.type_code,
            &l.number,
            &l.holder,
            &l.issuer,
            &l.status_uri,
        ];
        texts.into_iter().map(text).sum::<usize>() + 8 * TEXT
    });
    let evidence: usize = report
        .evidence
        .iter()
        .map(|e| size_of_val(e) + e.issuer.len() + 4 * TEXT)
        .sum();
    let needs: usize = report.needs.iter().map(|n| n.len() + TEXT).sum();
    size_of_val(report) + 512 + report.file.len() + signatures + licence + evidence + needs + findings(&report.findings)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::codes::Code;
    use crate::extract::Unreadable;
    use crate::{Context, judge, policy};

    fn report() -> Arc<Report> {
        let why = Unreadable::new(Code::FormatFailure, "nothing");
        Arc::new(judge::judge_unreadable(
            "x",
            &why,
            &Context::new(None, &policy::DOCUMENT, 0),
        ))
    }

    #[test]
    fn the_first_is_judged_and_those_in_between_wait_for_it() {
        let repeats = Repeats::new(1 << 20);
        let key = key(b"file");
        assert!(matches!(repeats.meet(key, 1), Meeting::First(1)));
        assert!(matches!(repeats.meet(key, 2), Meeting::Waits));
        assert!(matches!(repeats.meet(super::key(b"other"), 3), Meeting::First(3)));
        assert_eq!(repeats.settle(key, &report(), true), [2]);
        assert!(matches!(repeats.meet(key, 4), Meeting::Known(4, _)));
    }

    #[test]
    fn what_is_not_kept_is_judged_again() {
        let repeats = Repeats::new(1 << 20);
        let key = key(b"file");
        assert!(matches!(repeats.meet(key, 1), Meeting::First(1)));
        assert!(repeats.settle(key, &report(), false).is_empty());
        assert!(matches!(repeats.meet(key, 2), Meeting::First(2)));
    }

    #[test]
    fn memory_is_bounded_and_what_is_met_often_stays() {
        let report = report();
        let weight = weigh(&report);
        let repeats = Repeats::new(20 * weight);
        let often = key(b"often");
        assert!(matches!(repeats.meet(often, 0), Meeting::First(0)));
        repeats.settle(often, &report, true);
        for n in 0..1000u32 {
            let key = key(&n.to_be_bytes());
            assert!(matches!(repeats.meet(key, 0), Meeting::First(0)));
            repeats.settle(key, &report, true);
            if n % 5 == 0 {
                assert!(matches!(repeats.meet(often, 0), Meeting::Known(..)), "after {n}");
            }
        }
        let state = repeats.lock();
        assert!(state.young.len() + state.old.len() <= 20);
        assert!(state.pending.is_empty());
    }
}
