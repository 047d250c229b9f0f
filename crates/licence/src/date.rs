//! A day of the Gregorian calendar, as licences print it: no clock, no zone.

use std::fmt;

use serde::{Serialize, Serializer};

/// The word for a validity without end, in requests and in metadata.
pub const OPEN_ENDED: &str = "长期";

/// A day that exists in the calendar, years 1000 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// Makes a date if the calendar has the day.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        let exists = (1000..=9999).contains(&year) && (1..=days).contains(&day);
        exists.then_some(Self { year, month, day })
    }

    /// Parses `2026-03-01`, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
            return None;
        }
        Self::from_parts(text.get(..4)?, text.get(5..7)?, text.get(8..)?)
    }

    /// Parses `20260301`, the form of the metadata.
    pub fn parse_compact(text: &str) -> Option<Self> {
        if text.len() != 8 {
            return None;
        }
        Self::from_parts(text.get(..4)?, text.get(4..6)?, text.get(6..)?)
    }

    /// The day in UTC+8 that contains a Unix time; none outside the years 1000 to 9999.
    pub fn in_china(unix: i64) -> Option<Self> {
        let days = unix.checked_add(8 * 3600)?.div_euclid(86_400);
        // Civil date from a day count, in eras of 400 years that begin on 1 March.
        let shifted = days.checked_add(719_468)?;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self::new(
            u16::try_from(year).ok()?,
            u8::try_from(month).ok()?,
            u8::try_from(day).ok()?,
        )
    }

    /// The date as `20260301`.
    pub fn compact(&self) -> String {
        format!("{:04}{:02}{:02}", self.year, self.month, self.day)
    }

    /// The date as it is printed: `2026年3月1日`.
    pub fn zh(&self) -> String {
        format!("{}年{}月{}日", self.year, self.month, self.day)
    }

    /// Full years of age at `at` of someone born on this day; negative before the birth.
    pub fn age_at(&self, at: Date) -> i32 {
        let years = i32::from(at.year) - i32::from(self.year);
        let before_birthday = (at.month, at.day) < (self.month, self.day);
        years - i32::from(before_birthday)
    }

    fn from_parts(year: &str, month: &str, day: &str) -> Option<Self> {
        let all_digits = [year, month, day]
            .iter()
            .all(|part| part.bytes().all(|b| b.is_ascii_digit()));
        if !all_digits {
            return None;
        }
        Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The last day of a validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValidTo {
    /// Valid up to and including this day.
    Day(Date),
    /// 长期: no end.
    OpenEnded,
}

impl ValidTo {
    /// Parses a date of the request form or `长期`.
    pub fn parse(text: &str) -> Option<Self> {
        if text == OPEN_ENDED {
            return Some(Self::OpenEnded);
        }
        Date::parse(text).map(Self::Day)
    }

    /// The form of the metadata: `20260301` or `长期`.
    pub fn compact(&self) -> String {
        match self {
            Self::Day(day) => day.compact(),
            Self::OpenEnded => OPEN_ENDED.to_owned(),
        }
    }
}

impl fmt::Display for ValidTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::OpenEnded => f.write_str(OPEN_ENDED),
        }
    }
}

impl Serialize for ValidTo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_days_of_the_calendar_parse() {
        assert_eq!(Date::parse("2024-02-29").unwrap().compact(), "20240229");
        for wrong in [
            "2023-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-1-01",
            "20240101",
            "0999-01-01",
            "二〇二四",
        ] {
            assert_eq!(Date::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Date::parse_compact("+2024010"), None);
    }

    #[test]
    fn age_counts_the_birthday_itself() {
        let born = Date::parse("2004-05-20").unwrap();
        assert_eq!(born.age_at(Date::parse("2026-05-19").unwrap()), 21);
        assert_eq!(born.age_at(Date::parse("2026-05-20").unwrap()), 22);
    }

    #[test]
    fn the_day_in_china_begins_eight_hours_early() {
        assert_eq!(Date::in_china(0).unwrap().to_string(), "1970-01-01");
        assert_eq!(Date::in_china(1_772_323_199).unwrap().to_string(), "2026-03-01");
        assert_eq!(
            Date::in_china(1_709_136_000 + 16 * 3600).unwrap().to_string(),
            "2024-02-29"
        );
        assert_eq!(Date::in_china(-30_610_224_000 - 86_400 * 2), None);
        assert_eq!(Date::in_china(i64::MAX), None);
    }
}
