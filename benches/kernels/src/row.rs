//! A row: one thing of one peer that can be checked and timed.

use crate::Fault;

/// What a row does once it is set up.
pub struct Work {
    /// Does it once and tells whether every answer was right.
    pub run: Box<dyn FnMut() -> bool>,
    /// Tells whether every corrupted input was refused; of a digest, whether it is the one that another crate computes.
    pub refuses: Box<dyn FnMut() -> bool>,
    /// How many verifications or bytes one run is.
    pub units: f64,
    /// What the report shall say of the set-up, such as the size of tables.
    pub note: String,
}

impl Work {
    pub fn new(units: f64, run: impl FnMut() -> bool + 'static) -> Self {
        Self {
            run: Box::new(run),
            refuses: Box::new(|| true),
            units,
            note: String::new(),
        }
    }

    pub fn refusing(mut self, refuses: impl FnMut() -> bool + 'static) -> Self {
        self.refuses = Box::new(refuses);
        self
    }

    pub fn noted(mut self, note: String) -> Self {
        self.note = note;
        self
    }
}

type Make = Box<dyn Fn() -> Result<Work, Fault>>;

/// A name, who is measured, and how to set it up.
pub struct Row {
    /// `what/peer`, the same for one thing in every language.
    pub name: String,
    make: Make,
    work: Option<Work>,
}

impl Row {
    pub fn new(what: &str, peer: &str, make: impl Fn() -> Result<Work, Fault> + 'static) -> Self {
        Self {
            name: format!("{what}/{peer}"),
            make: Box::new(make),
            work: None,
        }
    }

    pub fn work(&mut self) -> Result<&mut Work, Fault> {
        if self.work.is_none() {
            self.work = Some((self.make)()?);
        }
        self.work.as_mut().ok_or_else(|| "no work".into())
    }

    /// Gives its memory back.
    pub fn rest(&mut self) {
        self.work = None;
    }
}
