//! English for sentences about entities: nouns, articles, lists. Knows no entity.

use crate::model::singular::singular;

/// One row of `entity`, as a noun: `work_orders` gives `work order`.
pub fn one(entity: &str) -> String {
    spaced(&singular(entity))
}

/// Many rows of `entity`: its name, or `… records` where the name itself is no plural.
pub fn many(entity: &str) -> String {
    if singular(entity) == entity { format!("{} records", spaced(entity)) } else { spaced(entity) }
}

/// A name as words: `work_orders` gives `work orders`.
pub fn spaced(name: &str) -> String {
    name.replace(['_', '-'], " ")
}

/// The noun with `a` or `an` before it, by its sound.
pub fn with_article(noun: &str) -> String {
    format!("{} {noun}", if sounds_like_a_vowel(noun) { "an" } else { "a" })
}

/// The items as a list in prose: `a`, `a and b`, `a, b and c`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}

/// Starts that are written with a vowel and spoken with a consonant (`a user`, `a one-off`).
const CONSONANT_SOUNDS: &[&str] = &["eu", "ewe", "once", "one", "ubi", "uni", "ura", "usa", "use", "usu", "uti", "uto"];
/// Starts that are spoken with a vowel all the same: a silent `h`, and `un-` before an `i` (`an uninsured driver`).
const VOWEL_SOUNDS: &[&str] = &["heir", "honest", "honor", "honour", "hour", "unim", "unin"];
/// Letters whose own names start with a vowel: how an abbreviation without vowels is spoken (`an SMS`).
const VOWEL_LETTERS: &str = "aefhilmnorsx";

fn sounds_like_a_vowel(noun: &str) -> bool {
    let word = noun.split(' ').next().unwrap_or("").to_lowercase();
    let starts_with_any = |starts: &[&str]| starts.iter().any(|start| word.starts_with(start));
    let Some(first) = word.chars().next() else { return false };
    let spelled_out = word.chars().all(|letter| letter.is_ascii_alphabetic() && !"aeiouy".contains(letter));
    if spelled_out || word.len() == 1 {
        return VOWEL_LETTERS.contains(first);
    }
    starts_with_any(VOWEL_SOUNDS)
        || ("aeiouàáâäåæèéêëìíîïòóôöøùúûü".contains(first) && !starts_with_any(CONSONANT_SOUNDS))
}

#[cfg(test)]
mod tests {
    use super::{list, many, one, with_article};

    #[test]
    fn articles_follow_the_sound() {
        let spoken: Vec<String> =
            ["account", "user", "hour", "unit", "uninsured driver", "sms log", "x", "location", "one off"]
                .map(with_article)
                .to_vec();
        assert_eq!(
            spoken,
            [
                "an account",
                "a user",
                "an hour",
                "a unit",
                "an uninsured driver",
                "an sms log",
                "an x",
                "a location",
                "a one off"
            ]
        );
    }

    #[test]
    fn nouns_come_from_names() {
        assert_eq!((one("work_orders").as_str(), many("work_orders").as_str()), ("work order", "work orders"));
        assert_eq!(many("account"), "account records");
    }

    #[test]
    fn lists_read_as_prose() {
        let items = ["a", "b", "c"].map(str::to_owned);
        assert_eq!([list(&items[..1]), list(&items[..2]), list(&items)], ["a", "a and b", "a, b and c"]);
    }
}
