//! The names of entries: the second in UTC, and which entry of that second.

use std::fmt;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

/// `20261121-231502-1`. Later ids are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id {
    day: u32,
    time: u32,
    number: u32,
}

impl Id {
    /// The id of an entry written `now`, which is greater than the last one even if the clock was put back.
    pub(super) fn after(last: Option<&Self>, now: SystemTime) -> Self {
        let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let (day, time) = (day(seconds / 86_400), time(seconds % 86_400));
        let id = Self { day, time, number: 1 };
        match last {
            Some(last) if id <= *last => Self { number: last.number + 1, ..*last },
            _ => id,
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (day, rest) = text.split_once('-')?;
        let (time, number) = rest.split_once('-')?;
        let id = Self { day: day.parse().ok()?, time: time.parse().ok()?, number: number.parse().ok()? };
        (id.to_string() == text).then_some(id)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:08}-{:06}-{}", self.day, self.time, self.number)
    }
}

/// `HHMMSS` as one number.
fn time(seconds: u64) -> u32 {
    let time = seconds / 3600 * 10_000 + seconds / 60 % 60 * 100 + seconds % 60;
    u32::try_from(time).unwrap_or(0)
}

/// `YYYYMMDD` as one number, in the Gregorian calendar.
fn day(days: u64) -> u32 {
    let mut left = days;
    let mut year = 1970;
    while left >= days_of_year(year) {
        left -= days_of_year(year);
        year += 1;
    }
    let february = if days_of_year(year) == 366 { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    u32::try_from(year * 10_000 + month * 100 + left + 1).unwrap_or(u32::MAX)
}

fn days_of_year(year: u64) -> u64 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    if is_leap { 366 } else { 365 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn check(seconds: u64, id: &str) {
        assert_eq!(Id::after(None, UNIX_EPOCH + Duration::from_secs(seconds)).to_string(), id);
    }

    #[test]
    fn ids_name_the_second() {
        check(0, "19700101-000000-1");
        check(951_782_399, "20000228-235959-1");
        check(951_782_400, "20000229-000000-1");
        check(1_709_251_199, "20240229-235959-1");
        check(1_795_302_902, "20261121-231502-1");
        check(4_107_542_400, "21000301-000000-1");
    }

    #[test]
    fn a_later_entry_has_a_greater_id_even_if_the_clock_was_put_back() {
        let last = Id::parse("20261121-231502-9").unwrap();
        let next = Id::after(Some(&last), UNIX_EPOCH);
        assert_eq!(next.to_string(), "20261121-231502-10");
        assert!(next > last);
    }

    #[test]
    fn only_ids_are_read_as_ids() {
        for text in ["lock", ".new", "20261121-231502", "2026-1-1", "20261121-231502-01", "+0261121-231502-1"] {
            assert_eq!(Id::parse(text), None, "{text}");
        }
    }
}
