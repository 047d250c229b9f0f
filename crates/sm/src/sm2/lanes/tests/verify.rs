//! Whole verifications against the RustCrypto curve.

use sm2::ProjectivePoint;

use super::super::prime::N;
use super::super::{Job, Multiplier, Outcome, Table, Width, verify_many, verify_one};
use super::curve::{coordinates, generator, scalar};
use super::{Random, random_below};

#[test]
fn small() {
    let (gx, gy) = generator();
    for width in Width::available() {
        let g = Table::new(width, gx, gy, 13);
        let mut random = Random(20);
        let d = scalar(&random_below(&mut random, &N));
        let q = ProjectivePoint::GENERATOR * d;
        let (x, y) = coordinates(&q);
        let t = Table::new(width, x, y, 5);
        let (u1, u2) = (random_below(&mut random, &N), random_below(&mut random, &N));
        let sum = ProjectivePoint::GENERATOR * (scalar(&u1) + scalar(&u2) * d);
        let job = Job {
            key: Multiplier::Table(&t),
            u1,
            u2,
            x: coordinates(&sum).0,
        };
        let mut out = [Outcome::Wrong; 8];
        verify_many(width, &g, &[job; 8], &mut out);
        assert_eq!(out, [Outcome::Right; 8]);
        assert_eq!(verify_one(width, &g, &job), Outcome::Right);
        let mut out = [Outcome::Wrong; 9];
        verify_many(width, &g, &[job; 9], &mut out);
        assert_eq!(out, [Outcome::Right; 9]);
    }
}
