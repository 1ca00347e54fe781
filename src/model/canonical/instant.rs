//! Instants with an offset of their own, in UTC: `2022-07-01 01:00:00+01` is `2022-07-01 00:00:00+00`.
//!
//! Without an offset an instant depends on the session's time zone, and stays as written.

/// The instant `text` in UTC; `None` when it is not of the form `YYYY-MM-DD HH:MM:SS±HH[:MM]`.
pub fn spell(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let shape = bytes.len() >= 22 && bytes[4] == b'-' && bytes[7] == b'-' && bytes[13] == b':' && bytes[16] == b':';
    if !shape || !text.is_ascii() || !matches!(bytes[10], b' ' | b'T') {
        return None;
    }
    let digits = |from: usize, to: usize| {
        text[from..to].bytes().all(|it| it.is_ascii_digit()).then(|| text[from..to].parse::<i64>().ok())?
    };
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let (hour, minute, second) = (digits(11, 13)?, digits(14, 16)?, digits(17, 19)?);
    let valid = (1..=12).contains(&month) && (1..=28).contains(&day) && hour < 24 && minute < 60 && second < 60;
    // Days beyond the 28th are left to who knows how long a month is, unless nothing has to be added up.
    let seconds = hour * 3600 + minute * 60 + second - offset(&text[19..])?;
    let (days, clock) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    if days != 0 && (!valid || !(1..=28).contains(&(day + days))) {
        return None;
    }
    let day = day + days;
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    Some(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}+00"))
}

/// `+HH`, `-HH`, `+HH:MM` in seconds.
fn offset(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text[1..].split_once(':').unwrap_or((&text[1..], "0"));
    let number = |text: &str| text.parse::<i64>().ok().filter(|it| (0..60).contains(it));
    Some(sign * (number(hours)? * 3600 + number(minutes)? * 60))
}

#[cfg(test)]
mod tests {
    use super::spell;

    #[test]
    fn one_instant_has_one_spelling() {
        for (text, spelled) in [
            ("2022-07-01 01:00:00+01", "2022-07-01 00:00:00+00"),
            ("2022-07-01 01:00:00+05:30", ""),
            ("2022-07-10 01:00:00+05:30", "2022-07-09 19:30:00+00"),
            ("2022-07-31 00:00:00+00", "2022-07-31 00:00:00+00"),
            ("2022-07-01 23:30:00-01", "2022-07-02 00:30:00+00"),
            ("2022-07-01 23:30:00", ""),
            ("2022-07-01", ""),
        ] {
            assert_eq!(spell(text).unwrap_or_default(), spelled, "{text}");
        }
    }
}
