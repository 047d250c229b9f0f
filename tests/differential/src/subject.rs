//! What is judged: every way to put a question to `cinnabar-sm`.

use cinnabar_sm::sm2::{self, Backend, Check, Key, KeyCache, PreparedKey, PublicKey, Signature, TableSize};

use crate::{cases::Vector, dice::Dice};

pub const SIZES: [TableSize; 3] = [TableSize::Small, TableSize::Medium, TableSize::Large];

/// A table, with the backend that made it.
pub struct Table {
    pub size: TableSize,
    pub made_on: Backend,
    pub key: PreparedKey,
}

/// One key in Cinnabar's form.
pub struct Subject {
    pub key: PublicKey,
    pub tables: Vec<Table>,
}

impl Subject {
    pub fn new(point: &[u8; 65], tables: &[(Backend, TableSize)]) -> Option<Self> {
        let key = PublicKey::from_sec1(point).ok()?;
        let tables = tables
            .iter()
            .map(|&(made_on, size)| Table {
                size,
                made_on,
                key: PreparedKey::new_on(made_on, &key, size),
            })
            .collect();
        Some(Self { key, tables })
    }

    /// The plain key or one of the tables; seldom a table that another backend made.
    fn form<'a>(&'a self, dice: &mut Dice, backend: Backend) -> (Key<'a>, String) {
        let foreign = dice.one_in(16);
        let tables: Vec<_> = self
            .tables
            .iter()
            .filter(|table| (table.made_on == backend) != foreign)
            .collect();
        if tables.is_empty() || dice.one_in(3) {
            return (Key::Plain(&self.key), "plain".into());
        }
        let table = dice.pick(&tables);
        let name = match foreign {
            true => format!("{:?} of another backend", table.size),
            false => format!("{:?}", table.size),
        };
        (Key::Prepared(&table.key), name)
    }
}

impl Subject {
    /// One signature alone and nine times over, with the plain key and with each table.
    pub fn every_form(&self, backend: Backend, digest: [u8; 32], signature: Signature) -> Vec<(String, bool)> {
        let plain = std::iter::once(("plain".to_owned(), Key::Plain(&self.key)));
        let tables = self
            .tables
            .iter()
            .map(|table| (format!("{:?}", table.size), Key::Prepared(&table.key)));
        plain
            .chain(tables)
            .flat_map(|(name, key)| {
                let check = Check { key, digest, signature };
                let batch = sm2::verify_many_on(backend, &[check; 9]).into_iter().enumerate();
                let alone = sm2::verify_many_on(backend, &[check]).into_iter();
                let alone = alone.map(|said| (format!("{name}, alone"), said));
                alone
                    .chain(batch.map(|(place, said)| (format!("{name}, nine times, the {place}th"), said)))
                    .collect::<Vec<_>>()
            })
            .collect()
    }
}

/// One answer: which vector of the batch, and how it was asked.
pub struct Answer {
    pub vector: usize,
    pub backend: String,
    pub form: String,
    pub said: bool,
}

/// Asks for the whole batch on every backend, and for some of it in each of the other ways.
pub fn ask(dice: &mut Dice, vectors: &[Vector], cache: &KeyCache) -> Vec<Answer> {
    let mut answers = Vec::new();
    for backend in Backend::available() {
        ask_batch(
            dice,
            vectors,
            &mut answers,
            backend,
            &(0..vectors.len()).collect::<Vec<_>>(),
        );
        // Small batches of what the large one held: lanes that stay empty, one lonely signature.
        for _ in 0..4 {
            let len = 1 + dice.below(9);
            let some: Vec<_> = (0..len).map(|_| dice.below(vectors.len())).collect();
            ask_batch(dice, vectors, &mut answers, backend, &some);
        }
        for _ in 0..vectors.len().div_ceil(8) {
            let one = dice.below(vectors.len());
            ask_batch(dice, vectors, &mut answers, backend, &[one]);
        }
    }
    for _ in 0..vectors.len().div_ceil(8) {
        let index = dice.below(vectors.len());
        let vector = &vectors[index];
        let subject = &vector.who.subject;
        let (digest, signature) = (vector.e, signature(vector));
        let mut push = |form: &str, said| {
            answers.push(Answer {
                vector: index,
                backend: "chosen by the crate".into(),
                form: form.into(),
                said,
            });
        };
        push("PublicKey", subject.key.verify_digest(&digest, &signature));
        for table in &subject.tables {
            push("PreparedKey", table.key.verify_digest(&digest, &signature));
        }
        let known = cache.meet(&subject.key.to_sec1(), dice.below(40));
        let key = known.as_ref().map(|known| known.key());
        let said = key.is_some_and(|key| sm2::verify_many(&[Check { key, digest, signature }]) == [true]);
        push("KeyCache", said);
    }
    let keys: Vec<_> = vectors
        .iter()
        .map(|vector| cache.meet(&vector.who.subject.key.to_sec1(), 1))
        .collect();
    let checks: Vec<_> = vectors
        .iter()
        .zip(&keys)
        .filter_map(|(vector, known)| {
            Some(Check {
                key: known.as_ref()?.key(),
                digest: vector.e,
                signature: signature(vector),
            })
        })
        .collect();
    assert_eq!(
        checks.len(),
        vectors.len(),
        "the cache refused a key that is on the curve"
    );
    for (vector, said) in sm2::verify_many(&checks).into_iter().enumerate() {
        answers.push(Answer {
            vector,
            backend: "chosen by the crate".into(),
            form: "KeyCache, batch".into(),
            said,
        });
    }
    answers
}

fn ask_batch(dice: &mut Dice, vectors: &[Vector], answers: &mut Vec<Answer>, backend: Backend, which: &[usize]) {
    let (checks, forms): (Vec<_>, Vec<_>) = which
        .iter()
        .map(|&index| {
            let vector = &vectors[index];
            let (key, form) = vector.who.subject.form(dice, backend);
            let check = Check {
                key,
                digest: vector.e,
                signature: signature(vector),
            };
            (check, form)
        })
        .unzip();
    let said = sm2::verify_many_on(backend, &checks);
    assert_eq!(said.len(), checks.len(), "{backend:?} gave another number of answers");
    let size = match which.len() {
        1 => "alone",
        _ => "batch",
    };
    for ((&vector, form), said) in which.iter().zip(forms).zip(said) {
        answers.push(Answer {
            vector,
            backend: format!("{backend:?}"),
            form: format!("{form}, {size}"),
            said,
        });
    }
}

pub fn signature(vector: &Vector) -> Signature {
    Signature {
        r: vector.r,
        s: vector.s,
    }
}
