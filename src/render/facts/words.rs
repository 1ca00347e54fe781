//! Facts in words: a path in a view as people would name it.
//!
//! What has names goes by them: of `entity`, `fields`, the third item, `type` remains `` `accounts.phone` type ``.

/// One step of a path in a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// To the value of a key.
    Key(&'a str),
    /// To an item without a name, counted from zero.
    Item(usize),
    /// To something that has a name.
    Named(&'a str),
}

/// Keys that say nothing beside the names of what they hold.
const PLAIN: [&str; 10] =
    ["entity", "entities", "fields", "table", "tables", "groups", "items", "statements", "runs", "modules"];
/// Keys that say nothing at the end.
const LAST: [&str; 2] = ["sql", "text"];

/// The words for the fact at `path`.
pub fn of(path: &[Step<'_>]) -> String {
    let mut names: Vec<&str> = Vec::new();
    let mut words: Vec<String> = Vec::new();
    for (at, step) in path.iter().enumerate() {
        match *step {
            // The name of something is no part of it: its change is told of the key that it is under.
            Step::Named(_) if path.get(at + 1) == Some(&Step::Key("name")) && at + 2 == path.len() => {}
            Step::Named(name) if words.is_empty() => names.push(name),
            Step::Named(name) => words.push(format!("`{name}`")),
            Step::Item(_) if words.is_empty() => {}
            Step::Item(place) => words.push((place + 1).to_string()),
            Step::Key(key) if PLAIN.contains(&key) && is_led_on(&path[at + 1..]) => {}
            Step::Key(key) if LAST.contains(&key) && at + 1 == path.len() && !names.is_empty() => {}
            Step::Key(key) => words.push(key.replace('_', " ")),
        }
    }
    let name = (!names.is_empty()).then(|| format!("`{}`", names.join(".")));
    let all: Vec<String> = name.into_iter().chain(words).collect();
    if all.is_empty() { "the view".to_owned() } else { all.join(" ") }
}

/// Whether the path goes on into what is there, and does not end at the container itself.
fn is_led_on(rest: &[Step<'_>]) -> bool {
    !matches!(rest, [] | [Step::Key("order" | "number")])
}

#[cfg(test)]
mod tests {
    use super::Step::{Item, Key, Named};
    use super::of;

    #[test]
    fn what_has_a_name_goes_by_it() {
        let account = [Key("entity"), Named("accounts")];
        let phone = [account.as_slice(), &[Key("fields"), Named("phone")]].concat();
        let below = |path: &[super::Step<'static>], more: &[super::Step<'static>]| of(&[path, more].concat());
        assert_eq!(below(&phone, &[Key("type")]), "`accounts.phone` type");
        assert_eq!(of(&phone), "`accounts.phone`");
        assert_eq!(below(&phone, &[Key("references"), Named("users")]), "`accounts.phone` references `users`");
        assert_eq!(below(&account, &[Key("fields"), Key("order")]), "`accounts` fields order");
        assert_eq!(below(&account, &[Key("claimed_by"), Named("billing")]), "`accounts` claimed by `billing`");
        assert_eq!(of(&[Key("project"), Named("Shop"), Key("name")]), "project name");
        assert_eq!(of(&[Key("doc")]), "doc");
        let table = [Key("statements"), Named("accounts"), Key("table")];
        let column = [Key("groups"), Item(0), Key("items"), Named("phone"), Key("sql")];
        assert_eq!(below(&table, &column), "`accounts.phone`");
        assert_eq!(below(&table, &[Key("head")]), "`accounts` head");
    }
}
