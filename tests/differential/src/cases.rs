//! The signatures that are put to everybody: good ones, spoilt ones, and ones built to meet the rare paths.

use std::{cell::OnceCell, rc::Rc};

use sm2::{ProjectivePoint, Scalar, U256};

use crate::{
    Backend, TableSize,
    curve::{
        self, N, P, abscissa, canonical, combine, inverse, number, odd_scalar, random_scalar, reduce, scalar, small,
        times_g,
    },
    dice::Dice,
    judges::{OpenSsl, RustCrypto},
    meetings,
    subject::Subject,
};

/// A key, known to everybody.
pub struct Key {
    /// Its discrete logarithm, when known.
    pub secret: Option<Scalar>,
    pub point: ProjectivePoint,
    pub sec1: [u8; 65],
    pub subject: Subject,
    pub rust_crypto: RustCrypto,
    openssl: OnceCell<OpenSsl>,
}

impl Key {
    pub fn new(secret: Option<Scalar>, point: ProjectivePoint, tables: &[(Backend, TableSize)]) -> Option<Rc<Self>> {
        let sec1 = curve::sec1(&point)?;
        Some(Rc::new(Self {
            secret,
            point,
            sec1,
            subject: Subject::new(&sec1, tables).expect("a point of the curve"),
            rust_crypto: RustCrypto::new(&sec1).expect("a point of the curve"),
            openssl: OnceCell::new(),
        }))
    }

    pub fn openssl(&self) -> &OpenSsl {
        self.openssl
            .get_or_init(|| OpenSsl::new(&self.sec1).expect("a point of the curve"))
    }
}

/// One question: does (r, s) fit e under this key?
pub struct Vector {
    pub kind: &'static str,
    pub who: Rc<Key>,
    pub e: [u8; 32],
    pub r: [u8; 32],
    pub s: [u8; 32],
    /// What the construction implies, when it implies something.
    pub expected: Option<bool>,
}

/// Gives secrets whose points meet others inside additions: ±1, ±2, small, powers of two, halves, or any at all.
pub fn secret(dice: &mut Dice) -> Scalar {
    let tiny = small(1 + dice.next() % 20);
    match dice.below(16) {
        0 => Scalar::ONE,
        1 => -Scalar::ONE,
        2 => small(2),
        3 => -small(2),
        4 => tiny,
        5 => -tiny,
        6 => curve::power_of_two(dice.below(256)),
        7 => -curve::power_of_two(dice.below(256)),
        8 => inverse(&curve::power_of_two(1 + dice.below(255))),
        9 => odd_scalar(dice),
        _ => random_scalar(dice),
    }
}

/// A point with tiny x, or x just below p, or no larger than p − n: nobody knows its logarithm.
pub fn strange_point(dice: &mut Dice) -> ProjectivePoint {
    let step = U256::from_u64(dice.next() % 400);
    let odd = dice.one_in(2);
    match dice.below(4) {
        0 => curve::lift_from(step, odd),
        1 => curve::lift_from(P.wrapping_sub(&U256::from_u64(1000)).wrapping_add(&step), odd),
        2 => curve::lift_from(number(&dice.bytes()).shr(129), odd),
        _ => beyond_order(dice),
    }
}

/// A point with x in [n, p): one in 2^128 of all.
fn beyond_order(dice: &mut Dice) -> ProjectivePoint {
    let odd = dice.one_in(2);
    let offset = match dice.below(3) {
        0 => U256::from_u64(dice.next() % 300),
        1 => number(&dice.bytes()).shr(129),
        _ => P
            .wrapping_sub(&N)
            .wrapping_sub(&U256::from_u64(900 + dice.next() % 300)),
    };
    curve::lift_from(N.wrapping_add(&offset), odd)
}

/// Makes the next question. The keys are those with tables; a few kinds need keys of their own.
pub fn next(dice: &mut Dice, keys: &[Rc<Key>]) -> Vector {
    loop {
        let key = dice.pick(keys).clone();
        let made = match dice.below(32) {
            0..=4 => signed(dice, key),
            5..=8 => flipped(dice, key),
            9 => other_key(dice, key, keys),
            10 => edges(dice, key),
            11 => edge_halves(dice, key),
            12 => chosen_digest(dice, key),
            13 => digest_beyond_order(dice, key),
            14 => sum_zero(dice, key),
            15 => unreduced(dice, key),
            16..=18 => digits(dice, key),
            19 | 20 => related(dice, key),
            21 | 22 => infinity(dice, key),
            23..=25 => meeting(dice),
            26 => small_sum(dice, key),
            27 => abscissa_beyond_order(dice),
            28 => wrapped(dice, key),
            29 => abscissa_zero(dice, key),
            30 => strange_key(dice),
            _ => random(dice, key),
        };
        if let Some(vector) = made {
            return vector;
        }
    }
}

/// The signature with [s]G + [t]Q = R for given s and t: choosing e last makes every such pair reachable.
fn fitting(kind: &'static str, who: Rc<Key>, s: &Scalar, t: &Scalar) -> Option<Vector> {
    let sum = combine(s, t, &who.point);
    let r = *t - s;
    if [*s, *t, r].contains(&Scalar::ZERO) || sum == ProjectivePoint::IDENTITY {
        return None;
    }
    let e = r - reduce(&abscissa(&sum));
    Some(Vector {
        kind,
        who,
        e: canonical(&e),
        r: canonical(&r),
        s: canonical(s),
        expected: Some(true),
    })
}

fn signed(dice: &mut Dice, who: Rc<Key>) -> Option<Vector> {
    let Some(secret) = who.secret else {
        return fitting("good", who, &random_scalar(dice), &random_scalar(dice));
    };
    let (e, nonce) = (dice.bytes(), random_scalar(dice));
    sign("good", who, &secret, &nonce, e)
}

/// GB/T 32918.2, 6.1, with a nonce of our choice.
fn sign(kind: &'static str, who: Rc<Key>, secret: &Scalar, nonce: &Scalar, e: [u8; 32]) -> Option<Vector> {
    if *nonce == Scalar::ZERO {
        return None;
    }
    let r = reduce(&e) + reduce(&abscissa(&times_g(nonce)));
    let s = inverse(&(Scalar::ONE + secret)) * (*nonce - r * secret);
    if [r, s, r + s].contains(&Scalar::ZERO) {
        return None;
    }
    Some(Vector {
        kind,
        who,
        e,
        r: canonical(&r),
        s: canonical(&s),
        expected: Some(true),
    })
}

fn flipped(dice: &mut Dice, who: Rc<Key>) -> Option<Vector> {
    let mut vector = signed(dice, who)?;
    let part = match dice.below(3) {
        0 => &mut vector.e,
        1 => &mut vector.r,
        _ => &mut vector.s,
    };
    let bit = dice.below(256);
    part[bit / 8] ^= 1 << (bit % 8);
    Some(Vector {
        kind: "one bit wrong",
        expected: None,
        ..vector
    })
}

fn other_key(dice: &mut Dice, who: Rc<Key>, keys: &[Rc<Key>]) -> Option<Vector> {
    let vector = signed(dice, who)?;
    let negated = dice.one_in(2).then(|| Key::new(None, -vector.who.point, &[])).flatten();
    Some(Vector {
        kind: "another's key",
        who: negated.unwrap_or_else(|| dice.pick(keys).clone()),
        expected: None,
        ..vector
    })
}

fn edge(dice: &mut Dice) -> [u8; 32] {
    let step = U256::from_u64(dice.next() % 3);
    let number = match dice.below(8) {
        0 => step,
        1 => N.wrapping_sub(&step),
        2 => N.wrapping_add(&step),
        3 => P.wrapping_sub(&step),
        4 => P.wrapping_add(&step),
        5 => U256::MAX.wrapping_sub(&step),
        6 => P.wrapping_sub(&N).wrapping_add(&step),
        _ => return dice.bytes(),
    };
    curve::bytes(number)
}

fn edges(dice: &mut Dice, who: Rc<Key>) -> Option<Vector> {
    let (e, r, s) = (edge(dice), edge(dice), edge(dice));
    let in_range = [r, s].iter().all(|half| (U256::ONE..N).contains(&number(half)));
    Some(Vector {
        kind: "halves and digests at the edges",
        who,
        e,
        r,
        s,
        expected: if in_range { None } else { Some(false) },
    })
}

fn edge_halves(dice: &mut Dice, who: Rc<Key>) -> Option<Vector> {
    let (mut s, mut r) = (reduce(&edge(dice)), reduce(&edge(dice)));
    if dice.one_in(3) {
        r = random_scalar(dice);
    } else if dice.one_in(3) {
        s = random_scalar(dice);
    }
    fitting("good, with halves at the edges", who, &s, &(r + s))
}

fn chosen_digest(dice: &mut Dice, who: Rc<Key>) -> Option<Vector> {
    let secret = who.secret?;
    let (e, nonce) = (
        edge(dice),
        if dice.one_in(2) {
            odd_scalar(dice)
        } else {
            random_scalar(dice)
        },
    );
    sign("good, with a digest at the edges", who, &secret, &nonce, e)
}

/// e and e + n name the same number.
fn digest_beyond_order(dice: &mut Dice, who: Rc<Key>) -> Option<Vector> {
    let secret = who.secret?;
    let room = U256::MAX.wrapping_sub(&N);
    let small = number(&dice.bytes()).shr(32);
    let e = if small > room { room } else { small };
    let nonce = random_scalar(dice);
    let vector = sign("good, with e >= n", who, &secret, &nonce, curve::bytes(e))?;
    Some(Vector {
        e: curve::bytes(e.wrapping_add(&N)),
        ..vector
    })
}

fn sum_zero(dice: &mut Dice, who: Rc<Key>) -> Option<Vector> {
    let s = if dice.one_in(2) {
        odd_scalar(dice)
    } else {
        random_scalar(dice)
    };
    if s == Scalar::ZERO {
        return None;
    }
    let x = reduce(&abscissa(&times_g(&s)));
    let e = match dice.below(3) {
        // What a verifier that goes on would accept: [s]G + [0]Q has this x.
        0 => canonical(&(-s - x)),
        1 => canonical(&-s),
        _ => dice.bytes(),
    };
    Some(Vector {
        kind: "r + s = n",
        who,
        e,
        r: canonical(&-s),
        s: canonical(&s),
        expected: Some(false),
    })
}

/// A half that is right modulo n and written as itself plus n.
fn unreduced(dice: &mut Dice, who: Rc<Key>) -> Option<Vector> {
    let tiny = scalar(U256::from_u64(1 + dice.next() % 5000));
    let other = random_scalar(dice);
    let first = dice.one_in(2);
    let (r, s) = if first { (tiny, other) } else { (other, tiny) };
    let mut vector = fitting("a half with n added", who, &s, &(r + s))?;
    let half = if first { &mut vector.r } else { &mut vector.s };
    *half = curve::bytes(number(half).wrapping_add(&N));
    vector.expected = Some(false);
    Some(vector)
}

/// [s]G + [t]Q with s, t or both of unusual digits.
fn digits(dice: &mut Dice, who: Rc<Key>) -> Option<Vector> {
    let (mut s, mut t) = (odd_scalar(dice), odd_scalar(dice));
    match dice.below(4) {
        0 => s = random_scalar(dice),
        1 => t = random_scalar(dice),
        _ => {}
    }
    fitting("good, with unusual digits", who, &s, &t).map(|vector| spoil(dice, vector))
}

/// s in a simple ratio to t·d, so that terms of G and of Q are equal, opposite or in step.
fn related(dice: &mut Dice, who: Rc<Key>) -> Option<Vector> {
    let secret = who.secret?;
    let t = if dice.one_in(2) {
        odd_scalar(dice)
    } else {
        random_scalar(dice)
    };
    let ratio = match dice.below(4) {
        0 => Scalar::ONE,
        1 => small(1 + dice.next() % 8),
        2 => curve::power_of_two(dice.below(256)),
        _ => inverse(&curve::power_of_two(dice.below(256))),
    };
    let s = t * secret * ratio;
    let s = if dice.one_in(2) { -s } else { s };
    fitting("good, terms of G and Q related", who, &s, &t).map(|vector| spoil(dice, vector))
}

/// Half of the vectors with unusual scalars are made wrong in e alone: the way through the additions stays the same.
fn spoil(dice: &mut Dice, vector: Vector) -> Vector {
    if dice.one_in(2) {
        return vector;
    }
    let e = if dice.one_in(2) {
        canonical(&(reduce(&vector.e) + Scalar::ONE))
    } else {
        dice.bytes()
    };
    Vector {
        e,
        expected: None,
        ..vector
    }
}

/// s = −t·d: the whole sum is the point at infinity, whatever e claims of its x.
fn infinity(dice: &mut Dice, who: Rc<Key>) -> Option<Vector> {
    let secret = who.secret?;
    let t = if dice.one_in(2) {
        odd_scalar(dice)
    } else {
        random_scalar(dice)
    };
    let s = -(t * secret);
    let r = t - s;
    if [s, t, r].contains(&Scalar::ZERO) {
        return None;
    }
    let claimed = match dice.below(6) {
        0 => Scalar::ZERO,
        1 => Scalar::ONE,
        2 => reduce(&abscissa(&who.point)),
        3 => reduce(&abscissa(&ProjectivePoint::GENERATOR)),
        4 => scalar(P.wrapping_sub(&N)),
        _ => random_scalar(dice),
    };
    Some(Vector {
        kind: "the sum is infinity",
        who,
        e: canonical(&(r - claimed)),
        r: canonical(&r),
        s: canonical(&s),
        expected: Some(false),
    })
}

/// Partial sums that are equal or opposite, under a key of their own; half of these keys have small tables.
fn meeting(dice: &mut Dice) -> Option<Vector> {
    let (s, t, secret) = meetings::meeting(dice)?;
    let tables: Vec<_> = match dice.below(4) {
        0 => Backend::available()
            .into_iter()
            .map(|on| (on, TableSize::Small))
            .collect(),
        1 => Backend::available()
            .into_iter()
            .map(|on| (on, TableSize::Medium))
            .collect(),
        _ => Vec::new(),
    };
    let who = Key::new(Some(secret), times_g(&secret), &tables)?;
    fitting("good, partial sums meet", who, &s, &t).map(|vector| spoil(dice, vector))
}

/// The sum is a tiny multiple of G or of Q, so that the last additions meet table entries.
fn small_sum(dice: &mut Dice, who: Rc<Key>) -> Option<Vector> {
    let secret = who.secret?;
    let t = if dice.one_in(2) {
        odd_scalar(dice)
    } else {
        random_scalar(dice)
    };
    let multiple = small(dice.next() % 70);
    let target = if dice.one_in(2) { multiple } else { multiple * secret };
    let target = if dice.one_in(2) { -target } else { target };
    fitting("good, the sum is a small multiple", who, &(target - t * secret), &t).map(|vector| spoil(dice, vector))
}

/// x1 in [n, p), so that r − e mod n is not x1 itself: Q = (R − [s]G)/t.
fn abscissa_beyond_order(dice: &mut Dice) -> Option<Vector> {
    let (s, t) = (random_scalar(dice), random_scalar(dice));
    let sum = beyond_order(dice);
    let point = (sum - times_g(&s)).mul_vartime(&inverse(&t));
    let who = Key::new(None, point, &[])?;
    let mut vector = fitting("x1 in [n, p)", who, &s, &t)?;
    if dice.one_in(3) {
        // x1 − n ± 1: its neighbours in the comparison.
        let step = if dice.one_in(2) { Scalar::ONE } else { -Scalar::ONE };
        vector.e = canonical(&(reduce(&vector.e) + step));
        vector.expected = None;
    }
    Some(vector)
}

/// Wrong values whose comparison comes out right when a carry or a reduction is lost: x1 off by p − n, 2^256 − n, 2^256 − p.
fn wrapped(dice: &mut Dice, who: Rc<Key>) -> Option<Vector> {
    let point = strange_point(dice);
    let (who, s, t) = if dice.one_in(2) {
        let (s, t) = (random_scalar(dice), random_scalar(dice));
        (
            Key::new(None, (point - times_g(&s)).mul_vartime(&inverse(&t)), &[])?,
            s,
            t,
        )
    } else {
        (who, random_scalar(dice), random_scalar(dice))
    };
    let vector = fitting("x1 off by a lost carry", who, &s, &t)?;
    let beyond_p = scalar(U256::ZERO.wrapping_sub(&P));
    let beyond_n = scalar(U256::ZERO.wrapping_sub(&N));
    let between = scalar(P.wrapping_sub(&N));
    let step = *dice.pick(&[beyond_p, beyond_n, between, between.double(), Scalar::ONE]);
    let step = if dice.one_in(2) { step } else { -step };
    Some(Vector {
        e: canonical(&(reduce(&vector.e) + step)),
        expected: None,
        ..vector
    })
}

/// e = r modulo n claims x1 = 0 modulo n.
fn abscissa_zero(dice: &mut Dice, who: Rc<Key>) -> Option<Vector> {
    if dice.one_in(2) {
        let (r, s) = (random_scalar(dice), random_scalar(dice));
        return Some(Vector {
            kind: "r = e mod n",
            who,
            e: canonical(&r),
            r: canonical(&r),
            s: canonical(&s),
            expected: None,
        });
    }
    // Such points exist where 0 or n is an x of the curve.
    let x = if dice.one_in(2) { U256::ZERO } else { N };
    let sum = curve::lift(x, dice.one_in(2))?;
    let (s, t) = (random_scalar(dice), random_scalar(dice));
    let who = Key::new(None, (sum - times_g(&s)).mul_vartime(&inverse(&t)), &[])?;
    fitting("r = e mod n", who, &s, &t)
}

fn strange_key(dice: &mut Dice) -> Option<Vector> {
    let who = Key::new(None, strange_point(dice), &[])?;
    let (s, t) = (
        random_scalar(dice),
        if dice.one_in(2) {
            odd_scalar(dice)
        } else {
            random_scalar(dice)
        },
    );
    fitting("good, a key with unusual coordinates", who, &s, &t).map(|vector| spoil(dice, vector))
}

fn random(dice: &mut Dice, who: Rc<Key>) -> Option<Vector> {
    Some(Vector {
        kind: "nonsense",
        who,
        e: dice.bytes(),
        r: dice.bytes(),
        s: dice.bytes(),
        expected: None,
    })
}
