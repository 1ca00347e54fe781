//! The names that a view has: for help with one that it does not.

use std::collections::BTreeSet;

use minijinja::value::{Value, ValueKind};

use crate::diagnostic::nearest;

/// How many values of a list are looked into: its items have the same names.
const ITEMS: usize = 3;
/// How deep names are looked for.
const DEPTH: usize = 6;

/// What is said about a name that is not there.
pub struct Unknown {
    /// What has no such name.
    pub message: String,
    /// The name that was meant, or those that there are.
    pub help: Option<String>,
}

/// Explains why `expression`, such as `entity.nmae`, has no value; `None` where it is no path of names.
///
/// `source` is the template's text: a name that its tags speak of may be a loop's variable, whose value is not known
/// here, so any name of the view may have been meant after it.
pub fn explain(expression: &str, view: &Value, source: &str) -> Option<Unknown> {
    let path: Vec<&str> = expression.split('.').map(str::trim).collect();
    let (last, parents) = path.split_last()?;
    if !path.iter().all(|part| is_name(part)) {
        return None;
    }
    let (reached, value) = follow(parents, view);
    let local = reached == 0 && !parents.is_empty() && is_local(path[0], source);
    let (owner, wrong) = if local { (parents, *last) } else { (&path[..reached], path[reached]) };
    let message = match owner {
        [] => format!("the view has no `{wrong}`"),
        owner => format!("`{}` has no `{wrong}`", owner.join(".")),
    };
    let names = if local { all(view) } else { keys(&value) };
    let near = nearest(wrong, names.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
    let listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let those = (!local && !listed.is_empty()).then(|| format!("it has {}", listed.join(", ")));
    Some(Unknown { message, help: near.or(those) })
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
}

/// How many of `path` lead somewhere from `view`, and to what.
fn follow(path: &[&str], view: &Value) -> (usize, Value) {
    let mut value = view.clone();
    for (reached, part) in path.iter().enumerate() {
        match value.get_attr(part) {
            Ok(inner) if !inner.is_undefined() => value = inner,
            _ => return (reached, value),
        }
    }
    (path.len(), value)
}

/// Whether a tag of the template, which may declare a variable, holds the word `name`.
fn is_local(name: &str, source: &str) -> bool {
    let tags = source.split("{%").skip(1).filter_map(|rest| rest.split("%}").next());
    tags.flat_map(|tag| tag.split(|letter: char| !letter.is_alphanumeric() && letter != '_')).any(|word| word == name)
}

/// The names anywhere in `view`.
fn all(view: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    collect(view, DEPTH, &mut names);
    names
}

fn collect(value: &Value, depth: usize, names: &mut BTreeSet<String>) {
    if depth == 0 {
        return;
    }
    match value.kind() {
        ValueKind::Map => {
            for name in keys(value) {
                if let Ok(inner) = value.get_attr(&name) {
                    collect(&inner, depth - 1, names);
                }
                names.insert(name);
            }
        }
        ValueKind::Seq => {
            for item in value.try_iter().into_iter().flatten().take(ITEMS) {
                collect(&item, depth - 1, names);
            }
        }
        _ => {}
    }
}

fn keys(value: &Value) -> BTreeSet<String> {
    if value.kind() != ValueKind::Map {
        return BTreeSet::new();
    }
    value.try_iter().into_iter().flatten().filter_map(|key| key.as_str().map(str::to_owned)).collect()
}
