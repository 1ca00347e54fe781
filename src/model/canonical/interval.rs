//! Intervals as the server prints them (`IntervalStyle` postgres): `90 minutes` is `01:30:00`, `1 week` is `7 days`.
//!
//! Source: `EncodeInterval` in `src/backend/utils/adt/datetime.c`. Fractions of units and ISO 8601 stay as written.

/// The interval `text` in one spelling; `fields` is what follows the type (`day` in `INTERVAL '1' DAY`).
pub fn spell(text: &str, fields: Option<&str>) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let text = match fields {
        Some(field) if text.parse::<i64>().is_ok() && !field.contains([' ', '(']) => format!("{text} {field}"),
        _ => text,
    };
    let spaced = spaced(&text);
    let mut words = spaced.split_whitespace().peekable();
    let (mut months, mut days, mut seconds) = (0_i64, 0_i64, 0_i64);
    while let Some(word) = words.next() {
        if word.contains(':') {
            seconds = seconds.checked_add(clock(word)?)?;
            continue;
        }
        let count: i64 = word.parse().ok()?;
        let unit = words.next().unwrap_or("second");
        let add = |to: &mut i64, factor: i64| {
            *to = to.checked_add(count.checked_mul(factor)?)?;
            Some(())
        };
        match unit.strip_suffix('s').unwrap_or(unit) {
            "year" | "yr" | "y" => add(&mut months, 12)?,
            "month" | "mon" => add(&mut months, 1)?,
            "week" | "w" => add(&mut days, 7)?,
            "day" | "d" => add(&mut days, 1)?,
            "hour" | "hr" | "h" => add(&mut seconds, 3600)?,
            "minute" | "min" | "m" => add(&mut seconds, 60)?,
            "second" | "sec" | "" => add(&mut seconds, 1)?,
            _ => return None,
        }
    }
    print(months, days, seconds)
}

/// A space between a number and its unit: `1day`.
fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    let mut digit = false;
    for c in text.chars() {
        if digit && c.is_ascii_alphabetic() {
            out.push(' ');
        }
        digit = c.is_ascii_digit();
        out.push(c);
    }
    out
}

/// `hh:mm[:ss]` in seconds.
fn clock(word: &str) -> Option<i64> {
    let parts: Vec<i64> = word.split(':').map(|part| part.parse().ok().filter(|it| *it >= 0)).collect::<Option<_>>()?;
    match parts.as_slice() {
        [hours, minutes] if *minutes < 60 => hours.checked_mul(3600)?.checked_add(minutes * 60),
        [hours, minutes, seconds] if *minutes < 60 && *seconds < 60 => {
            hours.checked_mul(3600)?.checked_add(minutes * 60 + seconds)
        }
        _ => None,
    }
}

/// Mixed signs have a notation of their own, and stay as written.
fn print(months: i64, days: i64, seconds: i64) -> Option<String> {
    let parts = [months, days, seconds];
    if parts.iter().any(|it| *it < 0) && parts.iter().any(|it| *it > 0) {
        return None;
    }
    let mut words = Vec::new();
    let mut unit = |count: i64, name: &str| {
        if count != 0 {
            words.push(format!("{count} {name}{}", if count == 1 { "" } else { "s" }));
        }
    };
    unit(months / 12, "year");
    unit(months % 12, "mon");
    unit(days, "day");
    if seconds != 0 || words.is_empty() {
        let (sign, total) = (if seconds < 0 { "-" } else { "" }, seconds.unsigned_abs());
        words.push(format!("{sign}{:02}:{:02}:{:02}", total / 3600, total / 60 % 60, total % 60));
    }
    Some(words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::spell;

    #[test]
    fn as_the_server_prints_them() {
        for (text, spelled) in [
            ("90 minutes", "01:30:00"),
            ("1 week", "7 days"),
            ("1 year 2 mons", "1 year 2 mons"),
            ("1 DAY 12:30", "1 day 12:30:00"),
            ("0", "00:00:00"),
            ("-1 day", "-1 days"),
            ("36 hours", "36:00:00"),
            ("14 months", "1 year 2 mons"),
        ] {
            assert_eq!(spell(text, None).as_deref(), Some(spelled), "{text}");
        }
        assert_eq!(spell("7", Some("day")).as_deref(), Some("7 days"));
        assert_eq!(spell("1.5 days", None), None);
        assert_eq!(spell("P1D", None), None);
        assert_eq!(spell("9223372036854775807:00", None), None);
    }
}
