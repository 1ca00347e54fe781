//! Moments: `2022-07-01 01:00:00+01` is `2022-07-01 00:00:00+00`, and `2022-07-01` is midnight of that day.
//!
//! An instant without an offset is read in UTC, as a server without a time zone of its own does. What is not written
//! in ISO 8601, and words such as `infinity` and `now`, stay as written.

/// The instant `text` in UTC; `None` when it is not of the form `YYYY-MM-DD[ HH:MM[:SS[.fraction]][±HH[:MM]]]`, in which
/// a month, a day and the hours of an offset may have one digit.
pub fn zoned(text: &str) -> Option<String> {
    if is_epoch(text) {
        return Some("1970-01-01 00:00:00+00".to_owned());
    }
    let (day, clock, zone) = split(text)?;
    let shift = if zone.is_empty() { 0 } else { offset(zone)? };
    Some(format!("{}+00", written(day, clock, shift)?))
}

/// The moment `text` of a calendar without time zones; `None` when it has an offset or another form.
pub fn local(text: &str) -> Option<String> {
    if is_epoch(text) {
        return Some("1970-01-01 00:00:00".to_owned());
    }
    let (day, clock, zone) = split(text)?;
    if zone.is_empty() { written(day, clock, 0) } else { None }
}

/// The day of the moment `text`, which is all that a date keeps.
pub fn day(text: &str) -> Option<String> {
    local(text)?.get(..10).map(str::to_owned)
}

/// The time of day `text`, to the second.
pub fn clock(text: &str) -> Option<String> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let mut fields = whole.split(':').map(one_or_two).collect::<Option<Vec<_>>>()?;
    if fields.len() == 2 && fraction.is_empty() {
        fields.push(0);
    }
    let [hour, minute, second] = fields.as_slice() else { return None };
    if *hour >= 24 || *minute >= 60 || *second >= 60 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let fraction = if fraction.is_empty() { String::new() } else { format!(".{fraction}") };
    Some(format!("{hour:02}:{minute:02}:{second:02}{fraction}"))
}

/// The time of day `text` with its offset of whole hours.
pub fn zoned_clock(text: &str) -> Option<String> {
    let (time, zone) = text.trim().split_at(text.trim().find(['+', '-'])?);
    let seconds = offset(zone)?;
    let whole = seconds % 3600 == 0;
    whole.then(|| Some(format!("{}{}{:02}", clock(time)?, &zone[..1], (seconds / 3600).abs())))?
}

fn is_epoch(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("epoch")
}

/// Year, month and day of `text`, its time of day, and its offset; each of the last two may be empty.
fn split(text: &str) -> Option<([i64; 3], &str, &str)> {
    let text = text.trim();
    let (date, rest) = text.split_at(text.find([' ', 'T']).unwrap_or(text.len()));
    let day = match date.split('-').collect::<Vec<_>>().as_slice() {
        [year, month, day] => [number(year, 4)?, one_or_two(month)?, one_or_two(day)?],
        _ => return None,
    };
    if rest.is_empty() {
        return Some((day, "", ""));
    }
    let clock = rest.strip_prefix([' ', 'T'])?;
    let end = clock.find(['+', '-', 'Z', 'z', ' ']).unwrap_or(clock.len());
    (end > 0).then(|| (day, &clock[..end], clock[end..].trim_start()))
}

/// A moment that is `shift` seconds ahead of UTC.
fn written([year, month, day]: [i64; 3], clock: &str, shift: i64) -> Option<String> {
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let fields = match clock {
        "" => vec![0, 0],
        clock => clock.split(':').map(|it| number(it, 2)).collect::<Option<Vec<_>>>()?,
    };
    let (hour, minute, second) = match fields.as_slice() {
        [hour, minute] if fraction.is_empty() => (*hour, *minute, 0),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return None,
    };
    let valid = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 60;
    if !valid || fraction.len() > 6 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = hour * 3600 + minute * 60 + second - shift;
    let (days, seconds) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days beyond the 28th are left to who knows how long a month is, unless nothing has to be added up.
    if days != 0 && !(day <= 28 && (1..=28).contains(&(day + days))) {
        return None;
    }
    let (day, hour, minute, second) = (day + days, seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = match fraction.trim_end_matches('0') {
        "" => String::new(),
        digits => format!(".{digits}"),
    };
    Some(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{fraction}"))
}

/// `Z`, `+HH`, `-HH`, `+HH:MM` in seconds.
fn offset(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first()? {
        b'Z' | b'z' if text.len() == 1 => return Some(0),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text[1..].split_once(':').unwrap_or((&text[1..], "00"));
    let fields = (one_or_two(hours)?, number(minutes, 2)?);
    (fields.0 < 16 && fields.1 < 60).then_some(sign * (fields.0 * 3600 + fields.1 * 60))
}

/// The number that `text` is, of one digit or two.
fn one_or_two(text: &str) -> Option<i64> {
    number(text, text.len().clamp(1, 2))
}

/// The number that `text` is, of exactly so many digits.
fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::{clock, day, local, zoned, zoned_clock};

    #[test]
    fn one_instant_has_one_spelling() {
        for (text, spelled) in [
            ("2022-07-01 01:00:00+01", "2022-07-01 00:00:00+00"),
            ("2022-07-01 01:00:00+05:30", ""),
            ("2022-07-10 01:00:00+05:30", "2022-07-09 19:30:00+00"),
            ("2022-07-31 00:00:00+00", "2022-07-31 00:00:00+00"),
            ("2022-07-01 23:30:00-01", "2022-07-02 00:30:00+00"),
            ("2022-07-01T23:30:00.250Z", "2022-07-01 23:30:00.25+00"),
            ("2022-07-01 23:30", "2022-07-01 23:30:00+00"),
            ("2022-07-01", "2022-07-01 00:00:00+00"),
            ("2022-7-1 0:00:00+0:00", ""),
            ("2022-7-1 00:00:00+0:00", "2022-07-01 00:00:00+00"),
            ("2022-13-01", ""),
            ("2022-07-01 24:00:00", ""),
            ("2022-07-01 10:00:00 Europe/Vienna", ""),
            ("infinity", ""),
            ("now", ""),
        ] {
            assert_eq!(zoned(text).unwrap_or_default(), spelled, "{text}");
        }
    }

    #[test]
    fn without_time_zones_an_offset_is_left_alone() {
        assert_eq!(local("2022-07-01").as_deref(), Some("2022-07-01 00:00:00"));
        assert_eq!(local("2022-07-01 10:30").as_deref(), Some("2022-07-01 10:30:00"));
        assert_eq!(local("2022-07-01 10:30:00+02"), None);
        assert_eq!(day("2022-07-01 10:30").as_deref(), Some("2022-07-01"));
        assert_eq!(day("tomorrow"), None);
        assert_eq!(day("epoch").as_deref(), Some("1970-01-01"));
    }

    #[test]
    fn times_of_day_have_seconds() {
        for (text, spelled) in [("1:00", "01:00:00"), ("01:02:03.50", "01:02:03.5"), ("24:00", ""), ("noon", "")] {
            assert_eq!(clock(text).unwrap_or_default(), spelled, "{text}");
        }
        for (text, spelled) in
            [("01:00+0", "01:00:00+00"), ("1:30-11", "01:30:00-11"), ("01:00", ""), ("1:00+5:30", "")]
        {
            assert_eq!(zoned_clock(text).unwrap_or_default(), spelled, "{text}");
        }
    }
}
