//! What a run says at its end.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;
use std::{fs, io};

use cinnabar_verify::compute::Statistics;
use serde_json::json;

use super::names;
use super::tally::Tally;

/// Reasons and seals told by name.
const TOLD: usize = 8;

/// A run that has ended.
#[derive(Debug)]
pub struct Summary<'a> {
    pub tally: &'a Tally,
    /// Whether every document has its result.
    pub complete: bool,
    /// How long this run took, and how many documents and bytes it was about: a resumed run counts its own share.
    pub elapsed: Duration,
    pub documents: u64,
    pub bytes: u64,
    /// What the arithmetic of this run was.
    pub engine: Statistics,
}

impl Summary<'_> {
    /// For people.
    pub fn text(&self) -> String {
        let tally = self.tally;
        let mut text = format!(
            "cinnabar: {} documents: {} PASSED 通过, {} FAILED 不通过, {} INDETERMINATE 无法确定, {} unreadable 无法读取",
            tally.documents, tally.passed, tally.failed, tally.undetermined, tally.unreadable
        );
        if tally.skipped > 0 {
            let _ = write!(text, "; {} other files left out 跳过", tally.skipped);
        }
        if !self.complete {
            text.push_str("\n  ** 已中断，结果不完整 · STOPPED: the result is partial **");
        }
        if tally.documents > 1 {
            let mut reasons: Vec<_> = tally
                .reasons
                .iter()
                .map(|(code, count)| (*count, code.clone()))
                .collect();
            let mut seals: Vec<_> = tally
                .seals
                .iter()
                .map(|(id, seal)| (seal.signatures, names::plain(&format!("{} ({id})", seal.name))))
                .collect();
            line(&mut text, "原因 Reasons    ", &mut reasons, 0);
            line(&mut text, "印章 Seals      ", &mut seals, tally.further_seals);
            let _ = write!(
                text,
                "\n  重复 Repeats     {} identical to another file 与其他文件相同\n  计算 Arithmetic  {} signatures computed 计算签名 · {} recalled 取自记忆 · {} keys prepared 备用公钥\n  速度 Speed       {:.0} documents/s 份/秒 · {:.1} MB/s · {:.1} s",
                tally.repeats,
                self.engine.signatures,
                self.recalled(),
                self.engine.keys_prepared,
                self.rate(self.documents),
                self.rate(self.bytes) / 1e6,
                self.elapsed.as_secs_f64(),
            );
            if let Some(peak) = peak_memory() {
                let _ = write!(text, "\n  内存 Peak memory {:.0} MB", peak as f64 / 1e6);
            }
        }
        text
    }

    /// Answers that were known already, from this batch or an earlier one.
    fn recalled(&self) -> u64 {
        self.engine.recalled + self.engine.repeated
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    fn rate(&self, count: u64) -> f64 {
        count as f64 / self.elapsed.as_secs_f64().max(1e-6)
    }

    /// For programs.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let value = json!({
            "complete": self.complete,
            "total": self.tally,
            "this_run": {
                "documents": self.documents,
                "bytes": self.bytes,
                "seconds": self.elapsed.as_secs_f64(),
                "documents_per_second": self.rate(self.documents),
                "bytes_per_second": self.rate(self.bytes),
                "peak_memory_bytes": peak_memory(),
                "signatures_computed": self.engine.signatures,
                "signatures_recalled": self.recalled(),
                "keys_prepared": self.engine.keys_prepared,
            },
        });
        let mut text = serde_json::to_vec_pretty(&value)?;
        text.push(b'\n');
        fs::write(path, text)
    }
}

fn line(text: &mut String, title: &str, counted: &mut [(u64, String)], more: u64) {
    if counted.is_empty() {
        return;
    }
    counted.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let told: Vec<String> = counted
        .iter()
        .take(TOLD)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    let _ = write!(text, "\n  {title} {}", told.join(" · "));
    let rest = counted.iter().skip(TOLD).map(|(count, _)| count).sum::<u64>() + more;
    if rest > 0 {
        let _ = write!(text, " · {rest} others 其他");
    }
}

/// The most memory that this process has held, bytes, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
