//! The singular of a table's name: `accounts` is a table of accounts, and one row of it is an `account`.
//!
//! Generated names (`idx_account_owner`, `account_access`) and sentences about relationships use it. English has no
//! rule without exceptions, so the rules are the common endings, and the exceptions that occur as table names are
//! listed. A name that matches nothing stays as it is, which is never wrong, only less pretty.

/// The singular of `name`. Of several words only the last one is a plural: `work_orders` gives `work_order`.
///
/// Leading words and their separators are kept, and so is a capital first letter.
pub fn singular(name: &str) -> String {
    let start = last_word(name);
    let (head, word) = name.split_at(start);
    let one = singular_word(&word.to_lowercase());
    let keeps_case = word.starts_with(|c: char| c.is_uppercase());
    if keeps_case { format!("{head}{}", capitalised(&one)) } else { format!("{head}{one}") }
}

/// Where the last word of a snake, kebab, spaced or camel case name begins.
fn last_word(name: &str) -> usize {
    let letters: Vec<(usize, char)> = name.char_indices().collect();
    let boundary = letters.windows(2).rposition(|pair| {
        let ((_, before), (_, after)) = (pair[0], pair[1]);
        matches!(before, '_' | '-' | ' ' | '.') || (before.is_lowercase() && after.is_uppercase())
    });
    boundary.map_or(0, |at| letters[at + 1].0)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The singular of one lower-case word.
fn singular_word(word: &str) -> String {
    if let Ok(at) = IRREGULAR.binary_search_by_key(&word, |(plural, _)| plural) {
        return IRREGULAR[at].1.to_owned();
    }
    if SAME.binary_search(&word).is_ok() {
        return word.to_owned();
    }
    for (ending, replacement) in ENDINGS {
        if let Some(stem) = word.strip_suffix(ending).filter(|stem| !stem.is_empty()) {
            return format!("{stem}{replacement}");
        }
    }
    word.strip_suffix('s').filter(|stem| stem.len() > 1).unwrap_or(word).to_owned()
}

/// Endings and what takes their place; the first that fits decides. What is left loses its `s`.
const ENDINGS: &[(&str, &str)] = &[
    ("sses", "ss"),
    ("shes", "sh"),
    ("ches", "ch"),
    ("xes", "x"),
    ("zzes", "zz"),
    ("ouses", "ouse"),
    ("auses", "ause"),
    ("uses", "us"),
    ("ies", "y"),
    ("oes", "o"),
    ("ss", "ss"),
    ("us", "us"),
    ("is", "is"),
];

/// Words that are their own singular, or already one that ends in `s`; sorted.
#[rustfmt::skip]
const SAME: &[&str] = &[
    "aircraft", "alias", "atlas", "bias", "canvas", "chaos", "chassis", "data", "deer", "ethos", "fish", "gas", "iris",
    "lens", "logistics", "means", "media", "metadata", "news", "physics", "sales", "series", "sheep", "sms", "species",
    "statistics",
];

/// Plurals that no ending explains, and their singulars; sorted.
#[rustfmt::skip]
const IRREGULAR: &[(&str, &str)] = &[
    ("abuses", "abuse"), ("aches", "ache"), ("analyses", "analysis"), ("appendices", "appendix"), ("axes", "axis"),
    ("brownies", "brownie"), ("caches", "cache"), ("calories", "calorie"), ("calves", "calf"), ("canoes", "canoe"),
    ("children", "child"), ("codices", "codex"), ("cookies", "cookie"), ("crises", "crisis"),
    ("criteria", "criterion"), ("diagnoses", "diagnosis"), ("dies", "die"), ("excuses", "excuse"), ("feet", "foot"),
    ("fuses", "fuse"), ("geese", "goose"), ("halves", "half"), ("hypotheses", "hypothesis"), ("indices", "index"),
    ("knives", "knife"), ("leaves", "leaf"), ("lies", "lie"), ("lives", "life"), ("loaves", "loaf"),
    ("matrices", "matrix"), ("men", "man"), ("mice", "mouse"), ("movies", "movie"), ("niches", "niche"),
    ("parentheses", "parenthesis"), ("people", "person"), ("phenomena", "phenomenon"), ("pies", "pie"),
    ("quizzes", "quiz"), ("rookies", "rookie"), ("selves", "self"), ("shelves", "shelf"), ("shoes", "shoe"),
    ("synopses", "synopsis"), ("teeth", "tooth"), ("theses", "thesis"), ("thieves", "thief"), ("ties", "tie"),
    ("toes", "toe"), ("uses", "use"), ("vertices", "vertex"), ("wives", "wife"), ("wolves", "wolf"), ("women", "woman"),
];

#[cfg(test)]
mod tests {
    use super::{IRREGULAR, SAME, singular};

    #[test]
    fn the_lists_are_sorted() {
        assert!(IRREGULAR.is_sorted());
        assert!(SAME.is_sorted());
    }

    #[test]
    fn table_names_have_their_english_singulars() {
        #[rustfmt::skip]
        let table = [
            ("accounts", "account"), ("territories", "territory"), ("addresses", "address"), ("statuses", "status"),
            ("people", "person"), ("series", "series"), ("users", "user"), ("work_orders", "work_order"),
            ("boxes", "box"), ("branches", "branch"), ("dishes", "dish"), ("houses", "house"), ("warehouses", "warehouse"),
            ("clauses", "clause"), ("bonuses", "bonus"), ("buses", "bus"), ("invoices", "invoice"), ("expenses", "expense"),
            ("heroes", "hero"), ("movies", "movie"), ("ties", "tie"), ("analyses", "analysis"), ("statistics", "statistics"),
            ("status", "status"), ("address", "address"), ("basis", "basis"), ("account", "account"), ("data", "data"),
            ("user_addresses", "user_address"), ("OrderItems", "OrderItem"), ("Categories", "Category"),
            ("indexes", "index"), ("indices", "index"), ("cases", "case"), ("databases", "database"), ("s", "s"), ("", ""),
            ("caches", "cache"), ("keys", "key"), ("straße_n", "straße_n"), ("sales", "sales"), ("prices", "price"),
        ];
        for (plural, expected) in table {
            assert_eq!(singular(plural), expected, "the singular of `{plural}`");
        }
    }

    #[test]
    fn a_singular_is_its_own_singular() {
        for (plural, one) in IRREGULAR {
            assert_eq!(singular(one), *one, "from `{plural}`");
        }
    }
}
