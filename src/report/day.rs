//! How a time is written.

use time::OffsetDateTime;

/// The day of a time (in seconds since 1970) in UTC, as `YYYY-MM-DD`.
pub fn day(time: i64) -> String {
    OffsetDateTime::from_unix_timestamp(time).map_or_else(|_| "?".to_owned(), |time| time.date().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(1_709_251_199), "2024-02-29");
        assert_eq!(day(i64::MAX), "?");
    }
}
