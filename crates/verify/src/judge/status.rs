//! The licence itself: its status, its last day, its identifier.

use cinnabar_licence::identifier::Identifier;

use crate::codes::{Code, Finding};
use crate::context::Context;
use crate::policy::StatusRule;
use crate::report::{LicenceSummary, Status};

/// China keeps one zone, eight hours ahead of UTC; a licence's last day ends there.
const CHINA_OFFSET: i64 = 8 * 3600;

/// Proves that the licence's status is known as well as the policy demands.
pub(super) struct StatusProof(());

pub(super) fn check(
    licence: Option<&LicenceSummary>,
    context: &Context<'_>,
    findings: &mut Vec<Finding>,
    needs: &mut Vec<String>,
) -> (Status, Option<StatusProof>) {
    let required = context.policy.status == StatusRule::Required;
    let Some(licence) = licence else {
        if required {
            findings.push(Finding::new(Code::StatusUnknown).with("the document names no licence"));
        }
        return (Status::NotApplicable, (!required).then_some(StatusProof(())));
    };
    if let Some(identifier) = &licence.identifier
        && Identifier::parse(identifier).is_err()
    {
        findings.push(Finding::about(Code::IdentifierCheck, identifier.clone()));
    }
    let mut status = Status::Unknown;
    if licence
        .valid_to
        .as_deref()
        .and_then(day_end)
        .is_some_and(|end| context.at >= end)
    {
        status = Status::Expired;
        findings.push(Finding::new(if required {
            Code::LicenceExpired
        } else {
            Code::LicencePastValidity
        }));
    }
    if let Some(uri) = &licence.status_uri {
        needs.push(format!("status list {uri}"));
    }
    findings.push(Finding::new(if required {
        Code::StatusUnknown
    } else {
        Code::StatusNotChecked
    }));
    (status, (!required).then_some(StatusProof(())))
}

/// The end of a day written `YYYYMMDD` or `YYYY-MM-DD`, Unix seconds; `None` for 长期 and anything else.
fn day_end(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    if digits.len() != 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let year = digits.get(..4)?.parse().ok()?;
    let month = time::Month::try_from(digits.get(4..6)?.parse::<u8>().ok()?).ok()?;
    let date = time::Date::from_calendar_date(year, month, digits.get(6..)?.parse().ok()?).ok()?;
    Some(date.next_day()?.midnight().assume_utc().unix_timestamp() - CHINA_OFFSET)
}
