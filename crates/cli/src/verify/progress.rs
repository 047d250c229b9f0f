//! How far a run is, on stderr: one line that is redrawn on a terminal, a line now and then elsewhere.

use std::collections::VecDeque;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cinnabar_verify::bulk::{Progress, Snapshot};

use super::tally::Tally;

/// The rate is that of the last seconds.
const MEMORY: Duration = Duration::from_secs(10);

/// Shows how far a run is.
pub struct Meter {
    shared: Arc<Progress>,
    /// How many there will be, 0 while that is unknown.
    total: Arc<AtomicU64>,
    /// Documents of an earlier run that is resumed.
    before: u64,
    terminal: bool,
    pause: Duration,
    drawn: Option<Instant>,
    seen: VecDeque<(Instant, Snapshot)>,
}

impl Meter {
    /// A meter, if one is wanted: on a terminal, or when asked for.
    pub fn new(
        shared: Arc<Progress>,
        total: Arc<AtomicU64>,
        before: u64,
        asked: bool,
        text_on_terminal: bool,
    ) -> Option<Self> {
        let terminal = io::stderr().is_terminal();
        if !asked && (!terminal || text_on_terminal) {
            return None;
        }
        Some(Self {
            shared,
            total,
            before,
            terminal,
            pause: Duration::from_millis(if terminal { 200 } else { 2000 }),
            drawn: None,
            seen: VecDeque::from([(Instant::now(), Snapshot::default())]),
        })
    }

    /// Draws if it is time to.
    pub fn draw(&mut self, tally: &Tally) {
        let now = Instant::now();
        let last = self.drawn.or_else(|| self.seen.front().map(|(at, _)| *at));
        if last.is_some_and(|last| now - last < self.pause) {
            return;
        }
        self.drawn = Some(now);
        let snapshot = self.shared.snapshot();
        self.seen.push_back((now, snapshot));
        while self.seen.len() > 2 && self.seen.front().is_some_and(|(at, _)| now - *at > MEMORY) {
            self.seen.pop_front();
        }
        let line = self.line(now, snapshot, tally);
        let mut out = io::stderr().lock();
        let _ = if self.terminal {
            write!(out, "\r\x1b[K{line}")
        } else {
            writeln!(out, "{line}")
        };
        let _ = out.flush();
    }

    #[expect(clippy::cast_precision_loss, reason = "rates for people")]
    fn line(&self, now: Instant, snapshot: Snapshot, tally: &Tally) -> String {
        let Some((since, first)) = self.seen.front() else {
            return String::new();
        };
        let seconds = (now - *since).as_secs_f64().max(1e-3);
        let rate = (snapshot.delivered - first.delivered) as f64 / seconds;
        let megabytes = (snapshot.bytes - first.bytes) as f64 / seconds / 1e6;
        let done = self.before + snapshot.delivered;
        let total = if snapshot.all_listed {
            Some(self.before + snapshot.listed)
        } else {
            Some(self.total.load(Ordering::Relaxed)).filter(|total| *total >= done && *total > 0)
        };
        let mut line = match total {
            Some(total) => format!(
                "cinnabar: {done}/{total} ({}%)",
                (done * 100).checked_div(total).unwrap_or(100)
            ),
            None => format!("cinnabar: {done}"),
        };
        line.push_str(&format!(" · {rate:.0} 份/秒 documents/s · {megabytes:.1} MB/s"));
        if let Some(total) = total
            && rate > 0.0
        {
            let left = Duration::from_secs_f64(((total - done) as f64 / rate).min(1e9));
            line.push_str(&format!(" · 剩余 left {}", clock(left)));
        }
        line.push_str(&format!(" · 不通过 failed {}", tally.failed));
        line
    }

    /// Leaves the line that was drawn.
    pub fn end(&self) {
        if self.terminal && self.drawn.is_some() {
            eprint!("\r\x1b[K");
        }
    }
}

fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds / 3600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_is_told_as_a_clock_does() {
        assert_eq!(clock(Duration::from_secs(59)), "0:59");
        assert_eq!(clock(Duration::from_secs(3661)), "1:01:01");
    }
}
