//! Mermaid's text for diagrams: what GitHub draws, and how its parser wants names and types written.
//!
//! Knows no schema: only boxes, lines and text. Written for the grammar of Mermaid 10 and later
//! (`packages/mermaid/src/diagrams/er/parser/erDiagram.jison`), and kept to what its older releases read too:
//! types and field names are one word of letters, digits, `_`, `[` and `]`.

use std::fmt::Write;

/// A box of an `erDiagram`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The entity's name.
    pub name: String,
    /// What is listed in it; may be empty.
    pub attributes: Vec<Attribute>,
}

/// A line in a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The type, without modifiers.
    pub r#type: String,
    /// The field's name.
    pub name: String,
    /// `PK`, `FK`, `UK`.
    pub keys: Vec<&'static str>,
    /// A few words about it.
    pub comment: Option<String>,
}

/// A line between two boxes, from the entity that is referred to, to the one that refers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The entity that is referred to.
    pub parent: String,
    /// The entity that holds the reference.
    pub child: String,
    /// Whether a child may do without a parent.
    pub optional: bool,
    /// Whether a parent has at most one child.
    pub unique: bool,
    /// The fields that hold the reference.
    pub label: String,
}

/// The longest comment that a diagram shows, in characters.
const COMMENT: usize = 48;

/// The text of an `erDiagram`.
pub fn er(nodes: &[Node], edges: &[Edge]) -> String {
    let mut text = String::from("erDiagram\n");
    for edge in edges {
        // A crow's foot is at the side of the many: the child refers to one parent, a parent has many children.
        let parent = if edge.optional { "|o" } else { "||" };
        let child = if edge.unique { "o|" } else { "o{" };
        let (from, to, label) = (entity(&edge.parent), entity(&edge.child), entity(&edge.label));
        writeln!(text, "    {from} {parent}--{child} {to} : {label}").expect("a String takes all text");
    }
    for node in nodes {
        block(&mut text, node);
    }
    text
}

fn block(text: &mut String, node: &Node) {
    text.push_str("    ");
    text.push_str(&entity(&node.name));
    if node.attributes.is_empty() {
        text.push('\n');
        return;
    }
    text.push_str(" {\n");
    for attribute in &node.attributes {
        text.push_str("        ");
        text.push_str(&line(attribute));
        text.push('\n');
    }
    text.push_str("    }\n");
}

fn line(attribute: &Attribute) -> String {
    let name = word(&attribute.name);
    let mut line = format!("{} {name}", word(&attribute.r#type));
    if !attribute.keys.is_empty() {
        line.push(' ');
        line.push_str(&attribute.keys.join(", "));
    }
    // What the grammar cannot spell is said in the comment.
    let comment = match (&attribute.comment, name == attribute.name) {
        (comment, true) => comment.clone(),
        (None, false) => Some(attribute.name.clone()),
        (Some(comment), false) => Some(format!("{}: {comment}", attribute.name)),
    };
    if let Some(comment) = comment {
        line.push_str(&format!(" \"{}\"", quotable(&clipped(&comment))));
    }
    line
}

/// An entity's name or a relation's label: as it is where the grammar reads one word, else in quotes.
pub fn entity(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && KEYWORDS.binary_search(&name.to_ascii_lowercase().as_str()).is_err();
    if plain { name.to_owned() } else { format!("\"{}\"", quotable(name)) }
}

/// Words that the grammar reads as something else where an entity's name may stand, sorted.
const KEYWORDS: &[&str] = &[
    "accdescr",
    "acctitle",
    "class",
    "classdef",
    "direction",
    "end",
    "erdiagram",
    "many",
    "one",
    "only",
    "optionally",
    "style",
    "subgraph",
    "title",
    "to",
    "u",
    "zero",
];

/// A type or a field's name as one word; what the grammar does not take becomes `_`.
fn word(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '[' | ']');
    let mut word: String = text.chars().map(|c| if safe(c) { c } else { '_' }).collect();
    if !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
        word.insert_str(0, "x_");
    }
    if ["pk", "fk", "uk"].contains(&word.to_ascii_lowercase().as_str()) {
        word.push('_');
    }
    word
}

/// Text for between quotes: without what would end them or what Mermaid reads as HTML, a directive or an escape.
pub fn quotable(text: &str) -> String {
    let replaced = text.chars().map(|c| match c {
        '"' | '`' => '\'',
        '\\' => '/',
        '%' => '\u{ff05}',
        '<' => '\u{2039}',
        '>' => '\u{203a}',
        '#' => '\u{ff03}',
        ';' => ',',
        '~' => '-',
        '{' | '}' => '\'',
        c if c.is_control() || c.is_whitespace() => ' ',
        c => c,
    });
    let text: String = replaced.collect();
    if text.trim().is_empty() { "_".to_owned() } else { text }
}

/// The first sentence, cut between words where it is long.
fn clipped(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or("").trim();
    let sentence = line.split_once(". ").map_or(line, |(first, _)| first).trim_end_matches('.');
    if sentence.chars().count() <= COMMENT {
        return sentence.to_owned();
    }
    let room: String = sentence.chars().take(COMMENT - 1).collect();
    let whole_words = room.rsplit_once(' ').map_or(room.as_str(), |(start, _)| start);
    format!("{whole_words}…")
}

#[cfg(test)]
mod tests {
    use super::{Attribute, Edge, KEYWORDS, Node, clipped, entity, er, word};

    fn edge(optional: bool, unique: bool) -> Edge {
        let (parent, child, label) = ("accounts".to_owned(), "locations".to_owned(), "account_id".to_owned());
        Edge { parent, child, optional, unique, label }
    }

    #[test]
    fn crows_feet_stand_at_the_many() {
        let drawn = er(&[], &[edge(false, false), edge(true, false), edge(false, true), edge(true, true)]);
        let expected = "\
erDiagram
    accounts ||--o{ locations : account_id
    accounts |o--o{ locations : account_id
    accounts ||--o| locations : account_id
    accounts |o--o| locations : account_id
";
        assert_eq!(drawn, expected);
    }

    #[test]
    fn boxes_list_type_name_keys_and_comment() {
        let attribute = |ty: &str, name: &str, keys: &[&'static str], comment: Option<&str>| Attribute {
            r#type: ty.to_owned(),
            name: name.to_owned(),
            keys: keys.to_vec(),
            comment: comment.map(str::to_owned),
        };
        let node = Node {
            name: "order lines".to_owned(),
            attributes: vec![
                attribute("uuid", "id", &["PK", "FK"], Some("the \"key\". And more")),
                attribute("double precision", "größe", &[], None),
                attribute("text[]", "pk", &[], None),
            ],
        };
        let expected = "\
erDiagram
    \"order lines\" {
        uuid id PK, FK \"the 'key'\"
        double_precision gr__e \"größe\"
        text[] pk_ \"pk\"
    }
";
        assert_eq!(er(&[node], &[]), expected);
    }

    #[test]
    fn names_are_quoted_where_the_grammar_needs_it() {
        let shown = ["accounts", "end", "One", "a-b", "1st", "a\"b%", "", "_x"].map(entity);
        assert_eq!(shown, ["accounts", "\"end\"", "\"One\"", "\"a-b\"", "\"1st\"", "\"a'b％\"", "\"_\"", "\"_x\""]);
        assert!(KEYWORDS.is_sorted());
        assert_eq!(word("1st"), "x_1st");
    }

    #[test]
    fn comments_are_short() {
        assert_eq!(clipped("A customer. We bill it."), "A customer");
        let long = clipped("a customer, a person, a company or the owner of a site that we bill");
        assert_eq!(long, "a customer, a person, a company or the owner…");
        assert!(clipped(&"x".repeat(100)).chars().count() <= super::COMMENT);
    }
}
