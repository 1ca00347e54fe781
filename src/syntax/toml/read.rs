//! From a TOML document to the tree of a schema file.

use super::grammar::{ACCESS, ENTITY, FIELD, INDEX, MODULE, SQL};
use super::tree::{
    AccessNode, DefaultNode, EntityFile, EntityNode, FieldNode, IndexNode, Literal, LiteralKind, ModuleFile, Stage,
};
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::grammar::{Document, Node, Text, Value, check, read};
use crate::path::RepoPath;

/// Reads a file of entities.
pub fn schema_file(path: &RepoPath, content: &[u8]) -> EntityFile {
    let mut diagnostics = Vec::new();
    let Document { root, whole } = read(path, content, &mut diagnostics);
    if whole && root.is_empty() {
        diagnostics.push(empty(path, content));
    }
    let mut entities = Vec::new();
    for (name, node) in &root {
        match node.as_table() {
            Some(entries) => entities.push(entity(name, entries, &mut diagnostics)),
            None => diagnostics.push(
                Diagnostic::error(
                    "wrong-type",
                    name.span.clone(),
                    format!("`{}` stands outside of any entity", name.text),
                )
                .help("write it below an entity's header, such as `[accounts]`"),
            ),
        }
    }
    EntityFile { path: path.clone(), entities, whole, diagnostics }
}

/// Reads a `module.toml`.
pub fn module_file(path: &RepoPath, content: &[u8]) -> ModuleFile {
    let mut diagnostics = Vec::new();
    let root = read(path, content, &mut diagnostics).root;
    let keys = check(&MODULE, &root, Span::file(path), &mut diagnostics);
    let text = |name: &str| keys.text(name).map(|text| text.text);
    let stage = match text("stage").as_deref() {
        Some("concept") => Stage::Concept,
        Some("prototype") => Stage::Prototype,
        _ => Stage::Production,
    };
    ModuleFile {
        title: text("title"),
        owner: text("owner"),
        doc: text("doc"),
        stage,
        renamed_from: text("renamed_from"),
        diagnostics,
    }
}

fn empty(path: &RepoPath, content: &[u8]) -> Diagnostic {
    // An empty file is hardly meant: it is being written, or its content was lost. What it held stays built.
    let (message, severity) = match content.trim_ascii() {
        [] => ("is empty", Severity::Error),
        _ => ("declares no entity", Severity::Warning),
    };
    let found = Diagnostic::new(severity, "empty-file", format!("`{path}` {message}")).at(Span::file(path), "");
    found.help("declare an entity, such as `[accounts]` with `[accounts.fields]`, or delete the file")
}

fn entity(name: &Text, entries: &[(Text, Node)], diagnostics: &mut Vec<Diagnostic>) -> EntityNode {
    let keys = check(&ENTITY, entries, name.span.clone(), diagnostics);
    EntityNode {
        name: name.clone(),
        doc: keys.text("doc").map(|text| text.text),
        renamed_from: keys.text("renamed_from"),
        pick: keys.texts("pick"),
        fields: keys.table("fields").iter().map(|(name, node)| field(name, node, diagnostics)).collect(),
        primary_key: keys.texts("primary_key"),
        unique: keys.node("unique").and_then(Node::as_list).unwrap_or(&[]).iter().map(Node::texts).collect(),
        checks: keys.table("checks").iter().filter_map(|(name, node)| Some((name.clone(), node.as_text()?))).collect(),
        indexes: keys.table("indexes").iter().map(|(name, node)| index(name, node, diagnostics)).collect(),
        access: keys.entry("access").map(|(key, node)| access(key, node, diagnostics)),
        harden: keys.table("harden").iter().filter_map(|(name, node)| Some((name.clone(), node.as_flag()?))).collect(),
    }
}

fn field(name: &Text, node: &Node, diagnostics: &mut Vec<Diagnostic>) -> FieldNode {
    let short = node.as_text();
    let known = diagnostics.len();
    let keys = check(&FIELD, node.as_table().unwrap_or(&[]), name.span.clone(), diagnostics);
    let flag = |name: &str| keys.flag(name).unwrap_or(false);
    FieldNode {
        // What is neither text nor table was reported with the entity.
        broken: diagnostics.len() > known || (short.is_none() && node.as_table().is_none()),
        name: name.clone(),
        ty: short.or_else(|| keys.text("type")),
        primary_key: flag("primary_key"),
        required: flag("required"),
        unique: flag("unique"),
        index: flag("index"),
        default: keys.node("default").and_then(|node| default_node(node, diagnostics)),
        values: keys.node("values").and_then(Node::as_list).unwrap_or(&[]).iter().filter_map(literal).collect(),
        references: keys.text("references"),
        on_delete: keys.text("on_delete"),
        on_update: keys.text("on_update"),
        check: keys.text("check"),
        generated: keys.text("generated"),
        identity: keys.text("identity"),
        doc: keys.text("doc").map(|text| text.text),
        renamed_from: keys.text("renamed_from"),
        backfill: keys.text("backfill"),
        using: keys.text("using"),
    }
}

/// A default: a literal, or `{ sql = "…" }`.
pub fn default_node(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<DefaultNode> {
    match node.as_table() {
        Some(entries) => check(&SQL, entries, node.span.clone(), diagnostics).text("sql").map(DefaultNode::Sql),
        None => literal(node).map(DefaultNode::Literal),
    }
}

fn literal(node: &Node) -> Option<Literal> {
    let (kind, text) = match &node.value {
        Value::Text(text) | Value::Datetime(text) => (LiteralKind::Text, text.clone()),
        Value::Integer(number) => (LiteralKind::Integer, number.clone()),
        Value::Float(number) => (LiteralKind::Float, number.clone()),
        Value::Flag(flag) => (LiteralKind::Flag, flag.to_string()),
        Value::List(_) | Value::Table(_) => return None,
    };
    Some(Literal { kind, text, span: node.span.clone() })
}

fn index(name: &Text, node: &Node, diagnostics: &mut Vec<Diagnostic>) -> IndexNode {
    let keys = check(&INDEX, node.as_table().unwrap_or(&[]), name.span.clone(), diagnostics);
    IndexNode {
        name: name.clone(),
        columns: node.as_list().map_or_else(|| keys.texts("columns"), |_| node.texts()),
        unique: keys.flag("unique").unwrap_or(false),
        method: keys.text("using"),
        include: keys.texts("include"),
        condition: keys.text("where"),
    }
}

fn access(key: &Text, node: &Node, diagnostics: &mut Vec<Diagnostic>) -> AccessNode {
    let keys = check(&ACCESS, node.as_table().unwrap_or(&[]), key.span.clone(), diagnostics);
    AccessNode { owner: keys.text("owner"), admin: keys.text("admin"), read: keys.text("read"), span: key.span.clone() }
}

#[cfg(test)]
mod tests {
    use super::schema_file;
    use crate::path::RepoPath;

    fn findings(text: &str) -> Vec<String> {
        let file = schema_file(&RepoPath::new("a.toml").unwrap(), text.as_bytes());
        file.diagnostics
            .iter()
            .map(|found| format!("{}: {} | {}", found.code, found.message, found.help.join("; ")))
            .collect()
    }

    #[test]
    fn a_mistake_is_named_and_the_rest_is_read() {
        let text = "[a]\nfieldz = 1\n[a.fields]\nid = { type = \"uuid\", requird = true, unique = \"x\" }\nname = 3\n[b.fields]\nid = \"uuid\"\n";
        assert_eq!(
            findings(text),
            [
                "unknown-key: unknown key `fieldz` in an entity | did you mean `fields`?",
                "wrong-type: `name` is a string, or a table (a field), not a number | ",
                "unknown-key: unknown key `requird` in a field | did you mean `required`?",
                "wrong-type: `unique` is `true` or `false`, not a string | ",
            ]
        );
        let file = schema_file(&RepoPath::new("a.toml").unwrap(), text.as_bytes());
        assert_eq!(file.entities.len(), 2);
    }

    #[test]
    fn an_empty_file_is_questioned() {
        assert_eq!(findings(" \n")[0].split('|').next().unwrap().trim(), "empty-file: `a.toml` is empty");
        assert!(findings("# soon\n")[0].contains("declares no entity"));
    }
}
