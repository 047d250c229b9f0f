//! Whole verifications against the RustCrypto curve.

use sm2::elliptic_curve::group::Group;
use sm2::{ProjectivePoint, Scalar};

use super::super::prime::{N, P, Words, minus, plus};
use super::super::{Job, Multiplier, Outcome, Table, Width, verify_many, verify_one};
use super::curve::{coordinates, generator, scalar, scalars};
use super::{Random, random_below};

/// A key in all its forms.
struct Key {
    secret: Scalar,
    x: Words,
    y: Words,
    tables: Vec<Table>,
}

impl Key {
    fn new(width: Width, secret: Scalar, windows: &[u32]) -> Self {
        let (x, y) = coordinates(&(ProjectivePoint::GENERATOR * secret));
        Self {
            secret,
            x,
            y,
            tables: windows.iter().map(|&window| Table::new(width, x, y, window)).collect(),
        }
    }

    /// The table of one of its windows; none beyond the last.
    fn multiplier(&self, form: usize) -> Multiplier<'_> {
        match self.tables.get(form) {
            Some(table) => Multiplier::Table(table),
            None => Multiplier::Point { x: self.x, y: self.y },
        }
    }

    /// The x-coordinate modulo n that is right for two scalars; nothing at infinity.
    fn right(&self, u1: &Words, u2: &Words) -> Option<Words> {
        let sum = ProjectivePoint::GENERATOR * (scalar(u1) + scalar(u2) * self.secret);
        if bool::from(sum.is_identity()) {
            return None;
        }
        let x = coordinates(&sum).0;
        let (less, borrow) = minus(&x, &N);
        Some(if borrow { x } else { less })
    }
}

/// A job and whether its signature is right.
fn case<'a>(random: &mut Random, key: &'a Key, form: usize) -> (Job<'a>, Outcome) {
    let (u1, u2) = (random_below(random, &N), random_below(random, &N));
    let mut job = Job {
        key: key.multiplier(form),
        u1,
        u2,
        x: key.right(&u1, &u2).unwrap(),
    };
    let mut outcome = Outcome::Wrong;
    // One of the three inputs is damaged in half of the cases, by a bit or by another value.
    match random.next() % 8 {
        0 => job.x = random_below(random, &N),
        1 => job.u1 = random_below(random, &N),
        2 => job.u2 = random_below(random, &N),
        3 => job.x[random.index(3)] ^= 1 << (random.next() % 64),
        _ => outcome = Outcome::Right,
    }
    (job, outcome)
}

#[test]
fn batches_of_every_size_name_exactly_the_wrong_ones() {
    let (gx, gy) = generator();
    for width in Width::available() {
        let mut random = Random(20);
        let keys: Vec<Key> = (0..5)
            .map(|_| Key::new(width, scalar(&random_below(&mut random, &N)), &[5, 8]))
            .collect();
        for window in [6, 13] {
            let g = Table::new(width, gx, gy, window);
            // forms 0 and 1 are tables, 2 none; 3 is a mixture.
            for form in 0..4 {
                let cases: Vec<(Job, Outcome)> = (0..200)
                    .map(|i| {
                        let form = if form == 3 { random.index(3) } else { form };
                        case(&mut random, &keys[i % 5], form)
                    })
                    .collect();
                let jobs: Vec<Job> = cases.iter().map(|(job, _)| *job).collect();
                for size in (0..=40).chain([63, 64, 65, 127, 128, 129, 191, 200]) {
                    let start = random.index(201 - size);
                    let mut out = vec![Outcome::Exceptional; size];
                    verify_many(width, &g, &jobs[start..start + size], &mut out);
                    for (i, outcome) in out.iter().enumerate() {
                        assert_eq!(*outcome, cases[start + i].1, "{width:?}, form {form}, {i} of {size}");
                    }
                }
            }
        }
    }
}

#[test]
fn one_signature_is_judged_by_its_points_side_by_side() {
    let (gx, gy) = generator();
    for width in Width::available() {
        let mut random = Random(21);
        for (g_window, windows) in [(8, [4, 7, 8]), (13, [2, 11, 13])] {
            let g = Table::new(width, gx, gy, g_window);
            let key = Key::new(width, scalar(&random_below(&mut random, &N)), &windows);
            for i in 0..150 {
                let (job, outcome) = case(&mut random, &key, i % 3);
                assert_eq!(
                    verify_one(width, &g, &job),
                    outcome,
                    "{width:?} {g_window} {}",
                    windows[i % 3]
                );
            }
            let (job, _) = case(&mut random, &key, 3);
            assert_eq!(verify_one(width, &g, &job), Outcome::Exceptional, "left to other code");
        }
    }
}

/// Keys that are small multiples of G make equal and opposite points meet, and scalars at the ends of their range make
/// partial sums small. Whatever is not exceptional must be right, and must not harm its neighbours.
#[test]
fn exceptional_points_never_touch_a_neighbour() {
    let (gx, gy) = generator();
    for width in Width::available() {
        let mut random = Random(22);
        let g = Table::new(width, gx, gy, 8);
        let secrets = [
            Scalar::ONE,
            -Scalar::ONE,
            Scalar::from(2u64),
            -Scalar::from(3u64),
            Scalar::from(256u64),
        ];
        let keys: Vec<Key> = secrets.iter().map(|secret| Key::new(width, *secret, &[8])).collect();
        let other = Key::new(width, scalar(&random_below(&mut random, &N)), &[8]);
        let ends = scalars(&mut random, 0);
        let mut exceptional = 0;
        for form in [0, 1] {
            for (number, key) in keys.iter().enumerate() {
                for (turn, &u1) in ends.iter().enumerate() {
                    let mut cases = Vec::new();
                    for &u2 in ends.iter().skip(turn % 3).step_by(3).chain([&u1]) {
                        let x = key.right(&u1, &u2);
                        let job = Job {
                            key: key.multiplier(form),
                            u1,
                            u2,
                            x: x.unwrap_or([7, 0, 0, 0]),
                        };
                        cases.push((job, x.map_or(Outcome::Exceptional, |_| Outcome::Right), true));
                        let (job, outcome) = case(&mut random, &other, form);
                        cases.push((job, outcome, false));
                    }
                    let jobs: Vec<Job> = cases.iter().map(|(job, ..)| *job).collect();
                    let mut out = vec![Outcome::Wrong; jobs.len()];
                    verify_many(width, &g, &jobs, &mut out);
                    for ((job, wanted, special), outcome) in cases.iter().zip(&out) {
                        exceptional += usize::from(*outcome == Outcome::Exceptional);
                        let let_off = *special && *outcome == Outcome::Exceptional;
                        assert!(let_off || outcome == wanted, "{width:?} key {number}: {outcome:?}");
                        if form == 0 {
                            let one = verify_one(width, &g, job);
                            assert!(*special && one == Outcome::Exceptional || one == *wanted, "{one:?}");
                        }
                    }
                }
            }
        }
        assert!(
            exceptional > 100,
            "the cases must reach what they are for: {exceptional}"
        );
    }
}

/// x = r - e may stand for x or x + n: a point whose x lies in n..p is made, and its twin below.
#[test]
fn the_second_x_counts_when_it_is_below_p() {
    let (gx, gy) = generator();
    // The first x at or above n that is on the curve, found by asking the crate for each.
    let mut x = N;
    let point = loop {
        let mut bytes = [2u8; 33];
        for (chunk, word) in bytes[1..].chunks_exact_mut(8).zip(x.iter().rev()) {
            chunk.copy_from_slice(&word.to_be_bytes());
        }
        if let Ok(key) = sm2::PublicKey::from_sec1_bytes(&bytes) {
            break ProjectivePoint::from(*key.as_affine());
        }
        x = plus(&x, &[1, 0, 0, 0]).0;
    };
    assert!(minus(&x, &P).1 && !minus(&x, &N).1);
    for width in Width::available() {
        let g = Table::new(width, gx, gy, 8);
        let mut random = Random(23);
        for _ in 0..20 {
            // u1·G + u2·Q is the point for Q = (point - u1·G) / u2.
            let (u1, u2) = (random_below(&mut random, &N), random_below(&mut random, &N));
            let inverse = scalar(&u2).invert().unwrap();
            let (qx, qy) = coordinates(&((point - ProjectivePoint::GENERATOR * scalar(&u1)) * inverse));
            let table = Table::new(width, qx, qy, 5);
            let small = minus(&x, &N).0;
            for key in [Multiplier::Table(&table), Multiplier::Point { x: qx, y: qy }] {
                let right = Job { key, u1, u2, x: small };
                let wrong = Job {
                    x: plus(&small, &[1, 0, 0, 0]).0,
                    ..right
                };
                let jobs = [right, wrong, right, wrong, wrong, right, right, wrong, wrong];
                let mut out = [Outcome::Exceptional; 9];
                verify_many(width, &g, &jobs, &mut out);
                for (job, outcome) in jobs.iter().zip(out) {
                    let wanted = if job.x == small { Outcome::Right } else { Outcome::Wrong };
                    assert_eq!(outcome, wanted, "{width:?}");
                    if let Multiplier::Table(_) = key {
                        assert_eq!(verify_one(width, &g, job), wanted, "{width:?}");
                    }
                }
            }
        }
    }
}
