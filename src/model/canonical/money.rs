//! Constants of the type `money`, as a server prints them whose `lc_monetary` is the usual one: C, POSIX or `en_US`.
//! Source: `cash_in` and `cash_out` in `src/backend/utils/adt/cash.c`.

/// The amount that `text` stands for: `$1,234.50`; `None` when it is not read here.
pub fn spell(text: &str) -> Option<String> {
    let (negative, digits) = unsigned(text)?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let places: String = fraction.chars().chain("000".chars()).take(3).collect();
    let thousandths: i64 = format!("{whole}{places}").parse().ok()?;
    let cents = (thousandths + 5) / 10;
    let sign = if negative && cents > 0 { "-" } else { "" };
    Some(format!("{sign}${}.{:02}", grouped(cents / 100), cents % 100))
}

/// Whether there is a minus, and what is left without signs, the currency and the commas between thousands.
fn unsigned(text: &str) -> Option<(bool, String)> {
    let text = text.trim();
    let (minus, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let text = text.strip_prefix('$').unwrap_or(text);
    let (second, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let whole = text.split('.').next().unwrap_or(text);
    let twice = minus && second;
    (!twice && !text[whole.len()..].contains(',')).then(|| (minus || second, text.replace(',', "")))
}

/// The number with a comma between thousands.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut spelled = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            spelled.push(',');
        }
        spelled.push(digit);
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::spell;

    #[test]
    fn amounts_have_two_places_and_commas() {
        for (written, stored) in [
            ("1.5", "$1.50"),
            ("$1,234.567", "$1,234.57"),
            ("-1.005", "-$1.01"),
            ("$-5", "-$5.00"),
            (".5", "$0.50"),
            ("5.", "$5.00"),
            (" +5 ", "$5.00"),
            ("-0", "$0.00"),
            ("1234567.89", "$1,234,567.89"),
        ] {
            assert_eq!(spell(written).as_deref(), Some(stored), "{written}");
            assert_eq!(spell(stored).as_deref(), Some(stored));
        }
    }

    #[test]
    fn what_is_no_amount_stays() {
        for text in ["", "$", "1e3", "--1", "1.2.3", "1.5,0", "5 €", "(3)"] {
            assert_eq!(spell(text), None, "{text}");
        }
    }
}
