//! The filters that forge adds to minijinja's own, for every template.
//!
//! | filter | what it gives |
//! | --- | --- |
//! | `snake`, `kebab`, `camel`, `pascal` | a name in another case: `work_orders` as `work-orders`, `workOrders`, `WorkOrders` |
//! | `spaced` | a name as words: `work orders` |
//! | `singular` | one row of an entity: `work_orders` gives `work_order` |
//! | `capital` | a sentence with a capital first letter, the rest as it is |
//! | `sql_ident` | a name as SQL writes it, quoted where that is needed |
//! | `sql_text` | a text as an SQL literal, in quotes |
//! | `comment` | text as SQL comments: `-- ` before each line; `comment("// ")` for other languages |
//! | `line` | text in one line |
//! | `md` | text that Markdown shows as it is: its marks escaped, in one line |
//! | `cell` | prose for a table's cell: in one line, `\|` escaped, its Markdown kept |
//! | `code` | text as a code span, safe in a table's cell too |
//! | `link` | a Markdown link to a reference (`entity | link`), or its bare name where it has no page |
//! | `code_link` | the same with the name as a code span |
//! | `mermaid` | a name as Mermaid's diagrams write it |
//! | `part` | a value rendered by a template of its own, remembered by itself: see [`parts`](super::parts) |
//!
//! `indent`, `join`, `map`, `selectattr`, `sort`, `tojson`, `upper`, `lower`, `replace` and more are minijinja's own.

use minijinja::value::Value;
use minijinja::{Environment, Error};

use crate::concept::diagram::mermaid_name;
use crate::concept::words::spaced;
use crate::model::name::Ident;
use crate::model::singular::singular;

/// Adds the filters to `environment`.
pub fn add(environment: &mut Environment<'_>) {
    environment.add_filter("snake", |name: &str| join_words(name, "_"));
    environment.add_filter("kebab", |name: &str| join_words(name, "-"));
    environment.add_filter("camel", |name: &str| uncapital(&pascal(name)));
    environment.add_filter("pascal", pascal);
    environment.add_filter("spaced", spaced);
    environment.add_filter("singular", singular);
    environment.add_filter("capital", capital);
    environment.add_filter("sql_ident", |name: &str| Ident::new(name).to_string());
    environment.add_filter("sql_text", |text: &str| format!("'{}'", text.replace('\'', "''")));
    environment.add_filter("comment", comment);
    environment.add_filter("line", one_line);
    environment.add_filter("md", escaped);
    environment.add_filter("cell", |text: &str| one_line(text).replace('|', "\\|"));
    environment.add_filter("code", code);
    environment.add_filter("link", |to: &Value| link(to, escaped));
    environment.add_filter("code_link", |to: &Value| link(to, code));
    environment.add_filter("mermaid", mermaid_name);
}

/// The words of a name: parted by anything but letters and digits, and where a capital follows a small letter.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in name.chars() {
        let parts = !letter.is_alphanumeric() || (before.is_lowercase() && letter.is_uppercase());
        if parts {
            words.push(String::new());
        }
        if letter.is_alphanumeric() {
            words.last_mut().expect("there is a first word").extend(letter.to_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

fn join_words(name: &str, separator: &str) -> String {
    words(name).join(separator)
}

fn pascal(name: &str) -> String {
    words(name).iter().map(|word| capital(word)).collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn uncapital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn comment(text: &str, prefix: Option<&str>) -> String {
    let prefix = prefix.unwrap_or("-- ");
    let lines: Vec<String> = text.lines().map(|line| format!("{prefix}{line}").trim_end().to_owned()).collect();
    lines.join("\n")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text without marks: what Markdown or HTML would read as one has a backslash, and nothing else, since people read
/// the source of a page too.
fn escaped(text: &str) -> String {
    let line = one_line(text);
    let letters: Vec<char> = line.chars().collect();
    let mut shown = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| letters[before]);
        if is_mark(*letter, before, letters.get(at + 1).copied()) {
            shown.push('\\');
        }
        shown.push(*letter);
    }
    shown
}

/// Whether Markdown would read `letter` as a mark where it stands. An underscore within a word is none.
fn is_mark(letter: char, before: Option<char>, after: Option<char>) -> bool {
    let in_a_word = |neighbour: Option<char>| neighbour.is_some_and(char::is_alphanumeric);
    match letter {
        '\\' | '`' | '*' | '[' | ']' | '<' | '|' => true,
        '_' => !(in_a_word(before) && in_a_word(after)),
        '~' => before == Some('~') || after == Some('~'),
        '&' => after.is_some_and(|after| after.is_alphanumeric() || after == '#'),
        '#' | '>' | '+' | '-' => before.is_none(),
        _ => false,
    }
}

/// A code span, with as many backticks around as the text needs; within a table `|` needs a backslash even there.
fn code(text: &str) -> String {
    let text = one_line(text).replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A link to `to`, which has a `name` and perhaps a `href`.
fn link(to: &Value, shown: fn(&str) -> String) -> Result<String, Error> {
    let name = to.get_attr("name")?;
    let name = shown(name.as_str().unwrap_or_default());
    let href = to.get_attr("href")?;
    Ok(href.as_str().map_or_else(|| name.clone(), |href| format!("[{name}]({href})")))
}

#[cfg(test)]
mod tests {
    use super::{code, comment, escaped, join_words, pascal};

    #[test]
    fn names_change_their_case() {
        let cases = ["work_orders", "WorkOrders", "work-orders", "work orders"];
        assert!(cases.iter().all(|name| join_words(name, "_") == "work_orders"));
        assert_eq!(cases.map(pascal), ["WorkOrders"; 4]);
        assert_eq!(join_words("größe2", "-"), "größe2");
    }

    #[test]
    fn markdown_shows_text_as_it_is() {
        assert_eq!(escaped("a|b *c*\n<d>_e_ R&D"), "a\\|b \\*c\\* \\<d>\\_e\\_ R\\&D");
        assert_eq!(escaped("work_orders, C & D, -1"), "work_orders, C & D, -1");
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
    }

    #[test]
    fn comments_start_every_line() {
        assert_eq!(comment("a\n\nb", None), "-- a\n--\n-- b");
        assert_eq!(comment("a", Some("// ")), "// a");
    }
}
