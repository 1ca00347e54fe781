//! Dates and the timestamps of migrations. A commit's own time, never a clock's.

use crate::source::git::Time;

/// A day and a time of day, by the calendar.
struct Moment {
    year: i64,
    month: i64,
    day: i64,
    seconds: i64,
}

/// Source: Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`.
fn moment(seconds: i64) -> Moment {
    let (days, seconds) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Moment { year, month, day, seconds }
}

/// The day, by the clock of whoever wrote the commit: `2024-03-01`.
pub fn day(time: Time) -> String {
    let at = moment(time.seconds + i64::from(time.offset) * 60);
    format!("{:04}-{:02}-{:02}", at.year, at.month, at.day)
}

/// The moment with the clock's zone: `2024-03-01T10:00:00+01:00`.
pub fn full(time: Time) -> String {
    let at = moment(time.seconds + i64::from(time.offset) * 60);
    let (hours, minutes) = (time.offset.abs() / 60, time.offset.abs() % 60);
    let sign = if time.offset < 0 { '-' } else { '+' };
    let clock = format!("{:02}:{:02}:{:02}", at.seconds / 3600, at.seconds / 60 % 60, at.seconds % 60);
    format!("{:04}-{:02}-{:02}T{clock}{sign}{hours:02}:{minutes:02}", at.year, at.month, at.day)
}

/// Timestamps as migrations carry them, in UTC: `20240301090000`. Each is that of its commit or, where that is not
/// later than the one before, the second after that one: they are unique and rise with the numbers.
pub fn stamps(times: impl Iterator<Item = Time>) -> Vec<String> {
    let mut last = None;
    times
        .map(|time| {
            let seconds = last.map_or(time.seconds, |last: i64| time.seconds.max(last + 1));
            last = Some(seconds);
            let at = moment(seconds);
            let clock = at.seconds / 3600 * 10_000 + at.seconds / 60 % 60 * 100 + at.seconds % 60;
            format!("{:04}{:02}{:02}{clock:06}", at.year, at.month, at.day)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{day, full, stamps};
    use crate::source::git::Time;

    #[test]
    fn days_are_those_of_the_calendar() {
        let time = |seconds, offset| Time { seconds, offset };
        assert_eq!(full(time(0, 0)), "1970-01-01T00:00:00+00:00");
        assert_eq!(full(time(951_782_400, 60)), "2000-02-29T01:00:00+01:00");
        assert_eq!(full(time(-1, -90)), "1969-12-31T22:29:59-01:30");
        assert_eq!(day(time(1_709_251_199, 1)), "2024-03-01");
    }

    #[test]
    fn timestamps_are_unique_and_rise() {
        let times = [100, 100, 50, 102, 103].map(|seconds| Time { seconds, offset: 600 });
        let clocks: Vec<String> = stamps(times.into_iter()).iter().map(|stamp| stamp[8..].to_owned()).collect();
        assert_eq!(clocks, ["000140", "000141", "000142", "000143", "000144"]);
    }
}
