//! The report as a clerk reads it: Chinese first, English beside it.

use std::fmt::Write as _;

use crate::codes::{Code, Finding, Weight};
use crate::report::{Integrity, Report, SignatureReport, Status, Trust, Verdict};

/// A time as RFC 3339, UTC; the number itself when it lies outside the calendar.
pub fn rfc3339(unix: i64) -> String {
    let time = time::OffsetDateTime::from_unix_timestamp(unix).ok();
    let Some(t) = time.filter(|t| (0..=9999).contains(&t.year())) else {
        return unix.to_string();
    };
    // Digit by digit: a report states half a dozen times.
    let (year, month, day) = (t.year(), u8::from(t.month()), t.day());
    let (hour, minute, second) = t.to_hms();
    let mut text = String::with_capacity(20);
    for (number, width, after) in [
        (year, 4, '-'),
        (month.into(), 2, '-'),
        (day.into(), 2, 'T'),
        (hour.into(), 2, ':'),
        (minute.into(), 2, ':'),
        (second.into(), 2, 'Z'),
    ] {
        let mut place = 10_i32.pow(width - 1);
        while place > 0 {
            let digit = u32::try_from(number / place % 10).unwrap_or_default();
            text.push(char::from_digit(digit, 10).unwrap_or_default());
            place /= 10;
        }
        text.push(after);
    }
    text
}

/// The whole report as text, each line ending in `\n`.
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    let (zh, en) = verdict_words(report.verdict);
    let _ = writeln!(out, "{}", report.file);
    let _ = writeln!(
        out,
        "  结论 Verdict     {zh} {} ({en}) · {}",
        report.verdict.as_str(),
        report.reason
    );
    if let Some(finding) = report.findings.iter().find(|f| f.code.as_str() == report.reason) {
        let _ = writeln!(out, "  原因 Reason      {}", finding.code.zh());
        let _ = writeln!(out, "                   {}{}", finding.code.en(), about(finding));
    }
    if report.findings.iter().any(|f| f.code == Code::DevelopmentTrust) {
        let _ = writeln!(
            out,
            "  信任集 Trust set  ** 开发用信任集，仅供演示 · DEVELOPMENT TRUST **"
        );
    }
    let _ = writeln!(
        out,
        "  完整性 Integrity {} · 信任 Trust {} · 状态 Status {}",
        integrity_words(report.integrity),
        trust_words(report.trust),
        status_words(report.status)
    );
    if let Some(licence) = &report.licence {
        let line: Vec<&str> = [&licence.name, &licence.number, &licence.holder]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let _ = writeln!(out, "  证照 Licence     {}", line.join(" · "));
        if let Some(identifier) = &licence.identifier {
            let _ = writeln!(out, "                   {identifier}");
        }
    }
    for signature in &report.signatures {
        render_signature(&mut out, signature);
    }
    let told: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|f| f.code.as_str() != report.reason && f.code != Code::DevelopmentTrust)
        .collect();
    if !told.is_empty() {
        let _ = writeln!(out, "  说明 Findings");
    }
    for finding in told {
        let mark = match finding.code.weight() {
            Weight::Violation => "✗",
            Weight::Unknown => "?",
            Weight::Deviation => "!",
            Weight::Note => "·",
        };
        let _ = writeln!(
            out,
            "    {mark} {} {}{}",
            finding.code.as_str(),
            finding.code.zh(),
            about(finding)
        );
    }
    let _ = writeln!(
        out,
        "  策略 Policy      {} v{} · 验证时间 At {}",
        report.policy.name, report.policy.version, report.at
    );
    out
}

fn render_signature(out: &mut String, signature: &SignatureReport) {
    let (zh, _) = verdict_words(signature.verdict);
    let _ = writeln!(
        out,
        "  签章 Signature   {} [{}] {zh} {} · {}",
        signature.id,
        signature.form,
        signature.verdict.as_str(),
        signature.reason
    );
    if let Some(seal) = &signature.seal {
        let _ = writeln!(out, "    印章 Seal      {} ({})", seal.name, seal.id);
        if let Some(maker) = &seal.maker {
            let _ = writeln!(out, "    制章人 Maker   {maker}");
        }
    }
    if let Some(signer) = &signature.signer {
        let _ = writeln!(out, "    签章人 Signer  {signer}");
    }
    match (&signature.proven_time, &signature.claimed_time) {
        (Some(time), _) => {
            let _ = writeln!(out, "    时间 Time      {time} 可信时间戳 proven");
        }
        (None, Some(time)) => {
            let _ = writeln!(out, "    时间 Time      {time} 签章人声明 claimed");
        }
        (None, None) => {}
    }
    let _ = writeln!(out, "    范围 Covers    {}", signature.covers);
}

fn about(finding: &Finding) -> String {
    match (&finding.subject, &finding.detail) {
        (Some(subject), Some(detail)) => format!(" [{subject}: {detail}]"),
        (Some(only), None) | (None, Some(only)) => format!(" [{only}]"),
        (None, None) => String::new(),
    }
}

fn verdict_words(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Passed(_) => ("通过", "valid"),
        Verdict::Failed => ("不通过", "not valid"),
        Verdict::Indeterminate => ("无法确定", "cannot be decided"),
    }
}

fn integrity_words(integrity: Integrity) -> &'static str {
    match integrity {
        Integrity::Intact => "完好 INTACT",
        Integrity::Broken => "已破坏 BROKEN",
        Integrity::Unknown => "未知 UNKNOWN",
    }
}

fn trust_words(trust: Trust) -> &'static str {
    match trust {
        Trust::Trusted => "可信 TRUSTED",
        Trust::Untrusted => "不可信 UNTRUSTED",
        Trust::Unknown => "未知 UNKNOWN",
    }
}

fn status_words(status: Status) -> &'static str {
    match status {
        Status::NotApplicable => "不适用 n/a",
        Status::Unknown => "未知 UNKNOWN",
        Status::Expired => "已过期 EXPIRED",
    }
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn times_are_written_as_the_standard_has_them() {
        for (unix, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (-62_167_219_200, "0000-01-01T00:00:00Z"),
            (-62_167_219_201, "-62167219201"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
            (253_402_300_800, "253402300800"),
            (i64::MAX, "9223372036854775807"),
        ] {
            assert_eq!(rfc3339(unix), text);
        }
        for step in -600..2500_i64 {
            let unix = step * 99_999_989;
            let general = time::OffsetDateTime::from_unix_timestamp(unix)
                .ok()
                .and_then(|t| t.format(&time::format_description::well_known::Rfc3339).ok());
            assert_eq!(Some(rfc3339(unix)), general, "{unix}");
        }
    }
}
