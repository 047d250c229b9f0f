//! Counts what was asked, keeps what disagreed.

use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub struct Tally {
    /// Row → (questions, of which answered *right*).
    rows: BTreeMap<String, (u64, u64)>,
    remarks: BTreeSet<String>,
    pub disagreements: u64,
}

impl Tally {
    pub fn count(&mut self, row: &str, right: bool) {
        if let Some(counts) = self.rows.get_mut(row) {
            counts.0 += 1;
            counts.1 += u64::from(right);
        } else {
            self.rows.insert(row.into(), (1, u64::from(right)));
        }
    }

    /// Something worth knowing that is no fault; said once.
    pub fn remark(&mut self, text: String) {
        self.remarks.insert(text);
    }

    pub fn disagree(&mut self, text: String) {
        self.disagreements += 1;
        // The first ones tell the story; a flood would hide them.
        if self.disagreements <= 20 {
            println!("DISAGREEMENT {text}");
        }
    }

    pub fn add(&mut self, other: Self) {
        for (row, (asked, right)) in other.rows {
            let counts = self.rows.entry(row).or_default();
            counts.0 += asked;
            counts.1 += right;
        }
        self.remarks.extend(other.remarks);
        self.disagreements += other.disagreements;
    }

    pub fn print(&self) {
        println!("\n{:<62} {:>10} {:>10} {:>10}", "", "asked", "accepted", "refused");
        for (row, (asked, right)) in &self.rows {
            println!("{row:<62} {asked:>10} {right:>10} {:>10}", asked - right);
        }
        if !self.remarks.is_empty() {
            println!("\nWhere readers differ, as they should:");
        }
        for remark in &self.remarks {
            println!("  {remark}");
        }
    }
}
