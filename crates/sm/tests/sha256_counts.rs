//! Every number of messages up to a few more than there are lanes, long and short ones mixed, in every width.

use cinnabar_sm::sha256::{Lanes, digest, digest_many_on};

#[test]
fn any_number_of_messages_of_unequal_lengths_gives_the_digests_of_each_alone() {
    let lengths = [0, 1, 55, 56, 63, 64, 65, 119, 128, 1000, 5000, 20_000];
    for count in 0..40usize {
        let messages: Vec<Vec<u8>> = (0..count)
            .map(|n| {
                let length = lengths.iter().cycle().nth(n * 5 + count).copied().unwrap_or(0);
                (0..length).map(|at| (at * 7 + n * 13).to_le_bytes()[0]).collect()
            })
            .collect();
        // Cut in two, so that a message begins in the middle of a block.
        let pieces: Vec<[&[u8]; 2]> = messages
            .iter()
            .map(|m| <[&[u8]; 2]>::from(m.split_at(m.len() / 3)))
            .collect();
        let lists: Vec<&[&[u8]]> = pieces.iter().map(|p| &p[..]).collect();
        let expected: Vec<[u8; 32]> = messages.iter().map(|m| digest([&m[..]])).collect();
        for lanes in Lanes::available() {
            assert_eq!(digest_many_on(lanes, &lists), expected, "{count} messages, {lanes:?}");
        }
    }
}
