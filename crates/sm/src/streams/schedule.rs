//! Keeps the lanes full: a message that ends gives its lane to the next one.
#![forbid(unsafe_code)]

use super::{BLOCK, Cursor, State, Words, to_bytes};

/// What a digest needs: its first words, and one stream's compression of any number of whole blocks.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) initial: Words,
    pub(crate) one: fn(&mut Words, &[u8]),
}

/// A compression of `N` streams side by side: so many blocks of each run.
#[derive(Clone, Copy)]
pub(crate) struct Stage<const N: usize> {
    pub(crate) compress: fn(&mut State<N>, &[&[u8]; N], usize),
    /// With so many messages left or fewer, a narrower way is faster.
    pub(crate) floor: usize,
}

/// A message in work.
struct Seat<'m> {
    index: usize,
    cursor: Cursor<'m>,
}

/// The messages that wait, in the order in which they are taken.
struct Queue<'m, 'o> {
    messages: &'m [&'m [&'m [u8]]],
    order: Option<std::vec::IntoIter<(u64, usize)>>,
    next: usize,
    digests: &'o mut [[u8; 32]],
}

impl<'m> Queue<'m, '_> {
    fn take(&mut self) -> Option<Seat<'m>> {
        let index = match &mut self.order {
            Some(order) => order.next()?.1,
            None => self.next,
        };
        self.next += 1;
        let pieces = self.messages.get(index)?;
        Some(Seat {
            index,
            cursor: Cursor::new(pieces),
        })
    }

    fn left(&self) -> usize {
        self.messages.len() - self.next.min(self.messages.len())
    }
}

/// Gives the digest of each message, index for index: the widest stage first, a narrower one when few are left, and
/// one stream at a time for the last.
pub(crate) fn digest_many<const N: usize, const M: usize>(
    plan: &Plan,
    wide: Option<Stage<N>>,
    narrow: Option<Stage<M>>,
    messages: &[&[&[u8]]],
) -> Vec<[u8; 32]> {
    let mut digests = vec![[0; 32]; messages.len()];
    let mut queue = Queue {
        messages,
        order: longest_first(messages, N),
        next: 0,
        digests: &mut digests,
    };
    let mut started = Vec::new();
    if let Some(stage) = wide {
        started = side_by_side(plan, stage, started, &mut queue);
    }
    if let Some(stage) = narrow {
        started = side_by_side(plan, stage, started, &mut queue);
    }
    for (mut seat, mut words) in started {
        alone(plan, &mut seat, &mut words, &mut queue);
    }
    while let Some(mut seat) = queue.take() {
        alone(plan, &mut seat, &mut plan.initial.clone(), &mut queue);
    }
    digests
}

/// The order that leaves the fewest lanes idle at the end, where the messages' own order would not do.
///
/// A lane idles at the end for at most as long as the longest message takes. Where that is little against the whole
/// (a lane's share of the blocks), sorting would cost more than it gains.
fn longest_first(messages: &[&[&[u8]]], lanes: usize) -> Option<std::vec::IntoIter<(u64, usize)>> {
    let length = |pieces: &[&[u8]]| pieces.iter().map(|piece| piece.len() as u64).sum::<u64>();
    let (mut sum, mut longest, mut shortest) = (0u64, 0u64, u64::MAX);
    for pieces in messages {
        let length = length(pieces);
        sum = sum.saturating_add(length);
        longest = longest.max(length);
        shortest = shortest.min(length);
    }
    let share = sum / lanes as u64;
    if longest <= shortest.saturating_add(BLOCK as u64) || longest < share / 32 {
        return None;
    }
    let mut order: Vec<_> = messages.iter().enumerate().map(|(i, m)| (length(m), i)).collect();
    order.sort_unstable_by_key(|(length, _)| std::cmp::Reverse(*length));
    Some(order.into_iter())
}

/// Works on up to `N` messages at a time until no more than the floor are left; gives those. What a wider stage began
/// may be more than there are lanes; it comes first.
fn side_by_side<'m, const N: usize>(
    plan: &Plan,
    stage: Stage<N>,
    mut started: Vec<(Seat<'m>, Words)>,
    queue: &mut Queue<'m, '_>,
) -> Vec<(Seat<'m>, Words)> {
    if started.len() + queue.left() <= stage.floor {
        return started;
    }
    let mut next = |queue: &mut Queue<'m, '_>| {
        let begun = started.pop();
        begun.or_else(|| queue.take().map(|seat| (seat, plan.initial)))
    };
    let mut state = State([[0; N]; 8]);
    let mut seats = Vec::with_capacity(N);
    while seats.len() < N
        && let Some((seat, words)) = next(queue)
    {
        state.set_column(seats.len(), &words);
        seats.push(seat);
    }
    while seats.len() > stage.floor {
        let mut blocks = usize::MAX;
        // A lane without a message repeats the first one's; nobody reads what comes of it.
        let mut runs = [seats[0].cursor.run(); N];
        for (run, seat) in runs.iter_mut().zip(&seats) {
            *run = seat.cursor.run();
            blocks = blocks.min(run.len() / BLOCK);
        }
        (stage.compress)(&mut state, &runs, blocks);
        for lane in (0..seats.len()).rev() {
            seats[lane].cursor.advance(blocks);
            if !seats[lane].cursor.is_done() {
                continue;
            }
            queue.digests[seats[lane].index] = to_bytes(&state.column(lane));
            if let Some((seat, words)) = next(queue) {
                seats[lane] = seat;
                state.set_column(lane, &words);
            } else {
                let last = state.column(seats.len() - 1);
                state.set_column(lane, &last);
                seats.swap_remove(lane);
            }
        }
    }
    let begun = seats.into_iter().enumerate();
    begun
        .map(|(lane, seat)| (seat, state.column(lane)))
        .chain(started)
        .collect()
}

/// Ends one message by itself.
fn alone(plan: &Plan, seat: &mut Seat<'_>, words: &mut Words, queue: &mut Queue<'_, '_>) {
    while !seat.cursor.is_done() {
        let run = seat.cursor.run();
        let blocks = run.len() / BLOCK;
        (plan.one)(words, run);
        seat.cursor.advance(blocks);
    }
    queue.digests[seat.index] = to_bytes(words);
}
