//! UTCTime and GeneralizedTime (X.680 46 and 47) as Unix seconds.

use time::{Date, Month};

/// Reads `YYMMDDhhmm[ss](Z|±hhmm)`, years 1950 to 2049 (RFC 5280 4.1.2.5.1); `None` if malformed.
pub fn parse_utc_time(text: &[u8]) -> Option<i64> {
    let mut scan = Scan(text);
    let year = scan.two()?;
    let year = if year < 50 { 2000 + year } else { 1900 + year };
    let day = scan.day(year)?;
    let (hour, minute) = (scan.two()?, scan.two()?);
    let second = if scan.digit_next() { scan.two()? } else { 0 };
    finish(scan, day, hour, minute, second)
}

/// Reads `YYYYMMDDhh[mm[ss[.f…]]](Z|±hhmm)`; a fraction is cut off; `None` if malformed or without a zone, since local time says
/// nothing.
pub fn parse_generalized_time(text: &[u8]) -> Option<i64> {
    let mut scan = Scan(text);
    let year = scan.two()? * 100 + scan.two()?;
    let day = scan.day(year)?;
    let hour = scan.two()?;
    let minute = if scan.digit_next() { scan.two()? } else { 0 };
    let second = if scan.digit_next() { scan.two()? } else { 0 };
    if let [b'.' | b',', digits @ ..] = scan.0 {
        let length = digits.iter().take_while(|octet| octet.is_ascii_digit()).count();
        if length == 0 {
            return None;
        }
        scan.0 = digits.get(length..)?;
    }
    finish(scan, day, hour, minute, second)
}

fn finish(mut scan: Scan<'_>, day: Date, hour: i32, minute: i32, second: i32) -> Option<i64> {
    let clock = |value: i32| u8::try_from(value).ok();
    let local = day
        .with_hms(clock(hour)?, clock(minute)?, clock(second)?)
        .ok()?
        .assume_utc()
        .unix_timestamp();
    let (sign, rest) = match scan.0 {
        [b'Z'] => return Some(local),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    scan.0 = rest;
    let (hours, minutes) = (i64::from(scan.two()?), i64::from(scan.two()?));
    (scan.0.is_empty() && hours < 24 && minutes < 60).then_some(local - sign * (hours * 3600 + minutes * 60))
}

struct Scan<'a>(&'a [u8]);

impl Scan<'_> {
    fn two(&mut self) -> Option<i32> {
        let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = self.0 else {
            return None;
        };
        self.0 = rest;
        Some(i32::from(tens - b'0') * 10 + i32::from(ones - b'0'))
    }

    fn digit_next(&self) -> bool {
        self.0.first().is_some_and(u8::is_ascii_digit)
    }

    fn day(&mut self, year: i32) -> Option<Date> {
        let month = Month::try_from(u8::try_from(self.two()?).ok()?).ok()?;
        Date::from_calendar_date(year, month, u8::try_from(self.two()?).ok()?).ok()
    }
}
