//! Judges the rules of a type over a request.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::fault::{Fault, FaultCode, Label};
use crate::check;
use crate::date::{Date, ValidTo};
use crate::path::{Found, Path};
use crate::types::{Rule, RuleCheck, When};

/// Judges every rule. Values at a `faulty` path count as absent: their own fault is already reported,
/// and what a rule would expect from them would mislead.
pub(crate) fn judge(rules: &[Rule], request: &Value, faulty: &BTreeSet<String>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for rule in rules {
        let bases = match &rule.each {
            Some(list) => list.find(request, None).map(|found| found.items()).unwrap_or_default(),
            None => Vec::new(),
        };
        let bases: Vec<Option<&Found<'_>>> = match rule.each {
            Some(_) => bases.iter().map(Some).collect(),
            None => vec![None],
        };
        for base in bases {
            let scene = Scene { request, base, faulty };
            if scene.counts(rule) {
                faults.extend(scene.judge(rule));
            }
        }
    }
    faults
}

/// A request and, for rules on lists, the item in view.
struct Scene<'a> {
    request: &'a Value,
    base: Option<&'a Found<'a>>,
    faulty: &'a BTreeSet<String>,
}

impl<'a> Scene<'a> {
    fn counts(&self, rule: &Rule) -> bool {
        let Some(when) = &rule.when else { return true };
        self.text(&when.path).is_some_and(|found| when.is.contains(&found.1))
    }

    /// Place and text of a value.
    fn text(&self, path: &Path) -> Option<(String, String)> {
        let found = path.find(self.request, self.base)?;
        let text = found.text().filter(|_| !self.faulty.contains(&found.at))?;
        Some((found.at, text))
    }

    fn judge(&self, rule: &Rule) -> Option<Fault> {
        match &rule.check {
            RuleCheck::Equal { paths } => self.equal(paths),
            RuleCheck::OneOf { path, among } => self.one_of(path, among),
            RuleCheck::Required { path } => self.required(path, rule.when.as_ref()),
            RuleCheck::ExactlyOne { list, key, value } => self.exactly_one(list, key, value),
            RuleCheck::CitizenId { path } => self.citizen_id(path),
            RuleCheck::CitizenIdBirth { id, birth } => self.citizen_birth(id, birth),
            RuleCheck::CitizenIdSex { id, sex } => self.citizen_sex(id, sex),
            RuleCheck::AgeAtLeast { birth, at, sex, years } => self.age(birth, at, sex, years),
            RuleCheck::Pattern { path, patterns } => self.pattern(path, patterns),
            RuleCheck::DateOrder { dates } => self.date_order(dates),
        }
    }

    fn equal(&self, paths: &[Path]) -> Option<Fault> {
        let mut values = paths.iter().filter_map(|path| self.text(path));
        let (first_at, first) = values.next()?;
        let (at, other) = values.find(|(_, text)| *text != first)?;
        let zh = format!("应与 {first_at} 一致（“{first}”），实为“{other}”");
        let en = format!("should be the same as {first_at} (`{first}`), it is `{other}`");
        Some(Fault::new(&at, FaultCode::Differs, zh, en).expecting(first))
    }

    fn one_of(&self, path: &Path, among: &[Path]) -> Option<Fault> {
        let (at, text) = self.text(path)?;
        let others: Vec<(String, String)> = among.iter().filter_map(|path| self.text(path)).collect();
        if others.is_empty() || others.iter().any(|(_, other)| *other == text) {
            return None;
        }
        let places = others.iter().map(|(at, _)| at.as_str()).collect::<Vec<_>>().join(", ");
        let (zh, en) = (
            format!("“{text}”应与下列之一相同：{places}"),
            format!("`{text}` should be the same as one of: {places}"),
        );
        Some(Fault::new(&at, FaultCode::Differs, zh, en))
    }

    fn required(&self, path: &Path, when: Option<&When>) -> Option<Fault> {
        if path.find(self.request, self.base).is_some() {
            return None;
        }
        let place = path.place(self.base);
        let Some(When { path, is }) = when else {
            return Some(Fault::new(&place, FaultCode::Missing, "必填", "must be given"));
        };
        let (when, values) = (path.place(self.base), is.join(", "));
        let zh = format!("{when} 为“{values}”时必填");
        let en = format!("must be given when {when} is {values}");
        Some(Fault::new(&place, FaultCode::Missing, zh, en))
    }

    fn exactly_one(&self, list: &Path, key: &str, value: &str) -> Option<Fault> {
        let found = list.find(self.request, self.base)?;
        let fits = |item: &Found<'_>| item.value.get(key).and_then(Value::as_str) == Some(value);
        let count = found.items().iter().filter(|item| fits(item)).count();
        if count == 1 || !found.value.is_array() {
            return None;
        }
        let zh = format!("应恰有一项的 {key} 为“{value}”，实有 {count} 项");
        let en = format!("exactly one item should have {key} `{value}`, {count} have it");
        Some(Fault::new(&found.at, FaultCode::RuleBroken, zh, en))
    }

    fn citizen_id(&self, path: &Path) -> Option<Fault> {
        let (at, text) = self.text(path)?;
        let label = Label {
            zh: "公民身份号码",
            en: "Citizen number",
        };
        let fault = check::citizen_id(&text).err()?;
        Some(Fault::of_check(&at, label, &text, &fault))
    }

    fn citizen_birth(&self, id: &Path, birth: &Path) -> Option<Fault> {
        let (id_at, id) = self.text(id)?;
        let (at, text) = self.text(birth)?;
        let (expected, found) = (check::citizen_birth(&id)?, Date::parse(&text)?);
        if expected == found {
            return None;
        }
        let zh = format!("出生日期 {found} 与 {id_at} 中的 {expected} 不符");
        let en = format!("the birth date {found} differs from {expected} in {id_at}");
        Some(Fault::new(&at, FaultCode::Differs, zh, en).expecting(expected.to_string()))
    }

    fn citizen_sex(&self, id: &Path, sex: &Path) -> Option<Fault> {
        let (id_at, id) = self.text(id)?;
        let (at, found) = self.text(sex)?;
        let expected = if check::citizen_is_male(&id)? { "男" } else { "女" };
        if found == expected {
            return None;
        }
        let zh = format!("性别“{found}”与 {id_at} 第 17 位（“{expected}”）不符");
        let en = format!("the sex `{found}` differs from character 17 of {id_at} (`{expected}`)");
        Some(Fault::new(&at, FaultCode::Differs, zh, en).expecting(expected))
    }

    fn age(&self, birth: &Path, at: &Path, sex: &Path, years: &BTreeMap<String, i32>) -> Option<Fault> {
        let (place, birth) = self.text(birth)?;
        let (_, at) = self.text(at)?;
        let (_, sex) = self.text(sex)?;
        let (birth, at) = (Date::parse(&birth)?, Date::parse(&at)?);
        let limit = *years.get(&sex)?;
        let age = birth.age_at(at);
        if age >= limit {
            return None;
        }
        let zh = format!("{at} 时为 {age} 周岁，{sex}性应满 {limit} 周岁");
        let en = format!("aged {age} on {at}; the limit for {sex} is {limit}");
        Some(Fault::new(&place, FaultCode::RuleBroken, zh, en))
    }

    fn pattern(&self, path: &Path, patterns: &[String]) -> Option<Fault> {
        let (at, text) = self.text(path)?;
        if patterns.iter().any(|pattern| fits(&text, pattern)) {
            return None;
        }
        let shown = patterns.join("、");
        let zh = format!("“{text}”格式有误，应形如 {shown}（# 为数字，@ 为大写字母）");
        let en = format!("`{text}` should look like {shown} (# a digit, @ a capital letter)");
        Some(Fault::new(&at, FaultCode::RuleBroken, zh, en))
    }

    fn date_order(&self, dates: &[Path]) -> Option<Fault> {
        let mut before: Option<(String, ValidTo)> = None;
        for path in dates {
            let Some((at, text)) = self.text(path) else { continue };
            let Some(date) = ValidTo::parse(&text) else { continue };
            if let Some((earlier_at, earlier)) = &before
                && is_later(earlier, &date)
            {
                let zh = format!("{date} 早于 {earlier_at}（{earlier}）");
                let en = format!("{date} is before {earlier_at} ({earlier})");
                return Some(Fault::new(&at, FaultCode::RuleBroken, zh, en));
            }
            before = Some((at, date));
        }
        None
    }
}

fn is_later(one: &ValidTo, other: &ValidTo) -> bool {
    match (one, other) {
        (ValidTo::Day(one), ValidTo::Day(other)) => one > other,
        (ValidTo::OpenEnded, ValidTo::Day(_)) => true,
        (_, ValidTo::OpenEnded) => false,
    }
}

fn fits(text: &str, pattern: &str) -> bool {
    let matches = |(c, p): (char, char)| match p {
        '#' => c.is_ascii_digit(),
        '@' => c.is_ascii_uppercase(),
        _ => c == p,
    };
    text.chars().count() == pattern.chars().count() && text.chars().zip(pattern.chars()).all(matches)
}
