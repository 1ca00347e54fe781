//! Holds a table against its grammar: unknown keys and wrong shapes become diagnostics, the rest can be read.

use super::document::{Node, Text, Value};
use super::{Grammar, Shape, quoted};
use crate::diagnostic::{Diagnostic, Span, nearest};

/// A table whose entries are of the kinds that its grammar declares; entries that were not are left out.
#[derive(Clone, Debug)]
pub struct Checked<'a> {
    entries: Vec<(&'a Text, &'a Node)>,
    /// Where the table stands.
    pub span: Span,
}

/// Holds `entries` against `grammar`.
pub fn check<'a>(
    grammar: &Grammar,
    entries: &'a [(Text, Node)],
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Checked<'a> {
    let mut kept = Vec::new();
    for (key, node) in entries {
        match grammar.key(&key.text) {
            None => diagnostics.push(unknown_key(grammar, key)),
            Some(known) => {
                // A table or an array is kept when one of its items is wrong: whoever reads it skips that item.
                if fits(&known.shape, node, &format!("`{}`", key.text), diagnostics)
                    || same_kind(&known.shape, &node.value)
                {
                    kept.push((key, node));
                }
            }
        }
    }
    Checked { entries: kept, span }
}

fn unknown_key(grammar: &Grammar, key: &Text) -> Diagnostic {
    let names: Vec<&str> = grammar.keys.iter().map(|key| key.name).collect();
    let diagnostic =
        Diagnostic::error("unknown-key", key.span.clone(), format!("unknown key `{}` in {}", key.text, grammar.what));
    match nearest(&key.text, names.iter().copied()) {
        Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
        None => diagnostic.help(format!("{} has the keys {}", grammar.what, quoted(&names))),
    }
}

/// Whether `node` has `shape`; what does not is reported, down to the innermost value that is wrong. Tables with
/// grammars of their own are only seen to be tables: whoever reads them checks them.
fn fits(shape: &Shape, node: &Node, what: &str, diagnostics: &mut Vec<Diagnostic>) -> bool {
    match (shape, &node.value) {
        (Shape::Text, Value::Text(_))
        | (Shape::Flag, Value::Flag(_))
        | (
            Shape::Literal,
            Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Flag(_) | Value::Datetime(_),
        )
        | (Shape::Table(_), Value::Table(_)) => true,
        (Shape::OneOf(words), Value::Text(word)) => {
            words.contains(&word.as_str()) || {
                let wrong = Diagnostic::error(
                    "unknown-value",
                    node.span.clone(),
                    format!("{what} is {}, not `{word}`", shape.in_words()),
                );
                diagnostics.push(match nearest(word, words.iter().copied()) {
                    Some(near) => wrong.help(format!("did you mean `{near}`?")),
                    None => wrong,
                });
                false
            }
        }
        (Shape::List(item), Value::List(items)) => {
            items
                .iter()
                // Counted, so that each item is looked at and not only those before the first that is wrong.
                .filter(|node| !fits(item, node, &format!("each item of {what}"), diagnostics))
                .count()
                == 0
        }
        (Shape::Map(item), Value::Table(entries)) => {
            entries.iter().filter(|(key, node)| !fits(item, node, &format!("`{}`", key.text), diagnostics)).count() == 0
        }
        (Shape::Either(short, long), value) => {
            let meant = if same_kind(short, value) { short } else { long };
            if same_kind(meant, value) {
                fits(meant, node, what, diagnostics)
            } else {
                diagnostics.push(wrong_shape(shape, node, what));
                false
            }
        }
        _ => {
            diagnostics.push(wrong_shape(shape, node, what));
            false
        }
    }
}

fn wrong_shape(shape: &Shape, node: &Node, what: &str) -> Diagnostic {
    Diagnostic::error(
        "wrong-type",
        node.span.clone(),
        format!("{what} is {}, not {}", shape.in_words(), node.value.in_words()),
    )
}

/// Whether `value` could be meant as `shape`: the outermost kind decides.
fn same_kind(shape: &Shape, value: &Value) -> bool {
    match shape {
        Shape::Text | Shape::OneOf(_) => matches!(value, Value::Text(_)),
        Shape::Flag => matches!(value, Value::Flag(_)),
        Shape::Literal => !matches!(value, Value::List(_) | Value::Table(_)),
        Shape::List(_) => matches!(value, Value::List(_)),
        Shape::Table(_) | Shape::Map(_) => matches!(value, Value::Table(_)),
        Shape::Either(short, long) => same_kind(short, value) || same_kind(long, value),
    }
}

impl<'a> Checked<'a> {
    /// The key and the value of `name`, if it is there.
    pub fn entry(&self, name: &str) -> Option<(&'a Text, &'a Node)> {
        self.entries.iter().find(|(key, _)| key.text == name).copied()
    }

    /// The value of `name`, if it is there.
    pub fn node(&self, name: &str) -> Option<&'a Node> {
        self.entry(name).map(|(_, node)| node)
    }

    /// The string `name`, if it is there.
    pub fn text(&self, name: &str) -> Option<Text> {
        self.node(name).and_then(Node::as_text)
    }

    /// The flag `name`, if it is there.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.node(name)?.as_flag()
    }

    /// The strings of the array `name`; none when it is absent.
    pub fn texts(&self, name: &str) -> Vec<Text> {
        self.node(name).map(Node::texts).unwrap_or_default()
    }

    /// The entries of the table `name`; none when it is absent.
    pub fn table(&self, name: &str) -> &'a [(Text, Node)] {
        self.node(name).and_then(Node::as_table).unwrap_or(&[])
    }
}

impl Node {
    /// The string, if it is one.
    pub fn as_text(&self) -> Option<Text> {
        match &self.value {
            Value::Text(text) => Some(Text { text: text.clone(), span: self.span.clone() }),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_flag(&self) -> Option<bool> {
        match self.value {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    /// The entries, if it is a table.
    pub fn as_table(&self) -> Option<&[(Text, Node)]> {
        match &self.value {
            Value::Table(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items, if it is an array.
    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The strings of an array, or a single string as one.
    pub fn texts(&self) -> Vec<Text> {
        match self.as_list() {
            Some(items) => items.iter().filter_map(Node::as_text).collect(),
            None => self.as_text().into_iter().collect(),
        }
    }
}
