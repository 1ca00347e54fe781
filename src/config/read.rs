//! Reads `forge.toml`.

use super::grammar::{HARDEN, HINT, PROJECT, PROJECT_FILE, PROTOTYPE, RESOLVE, TARGET};
use super::harden::{Harden, Platform, WithoutAccess};
use super::hint::{DIGITS, Hint};
use super::layout::Layout;
use super::resolve::Resolution;
use super::target::{Each, Stage, Target};
use super::{Config, FILE_NAME};
use crate::diagnostic::{Diagnostic, Span};
use crate::grammar::{self, Checked, Node, Text, check};
use crate::model::Sql;
use crate::model::hints::former_entity;
use crate::model::lower::toml::{action, data_type, default_sql, entity_name};
use crate::model::name::Ident;
use crate::path::RepoPath;
use crate::syntax::{expr, toml as schema};

/// Reads the content of `forge.toml`. What is wrong is reported, and its default holds instead.
pub fn read(content: &[u8], diagnostics: &mut Vec<Diagnostic>) -> Config {
    let path = RepoPath::new(FILE_NAME).unwrap_or_default();
    let document = grammar::read(&path, content, diagnostics);
    let keys = check(&PROJECT_FILE, &document.root, Span::file(&path), diagnostics);
    let mut config = Config::default();
    project(&mut config, &keys, diagnostics);
    harden(&mut config.harden, &keys, diagnostics);
    config.resolutions = tables(&keys, "resolve").filter_map(|node| resolution(node, diagnostics)).collect();
    let prototype = check(&PROTOTYPE, keys.table("prototype"), keys.span.clone(), diagnostics);
    config.layout = layout(&prototype).unwrap_or_default();
    config.hints = tables(&keys, "hint").filter_map(|node| hint(node, diagnostics)).collect();
    config.targets = tables(&keys, "target").filter_map(|node| target(node, diagnostics)).collect();
    config
}

fn tables<'a>(keys: &Checked<'a>, name: &str) -> impl Iterator<Item = &'a Node> {
    keys.node(name).and_then(Node::as_list).unwrap_or(&[]).iter()
}

fn project(config: &mut Config, keys: &Checked<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let keys = check(&PROJECT, keys.table("project"), keys.span.clone(), diagnostics);
    if let Some(name) = keys.text("name") {
        config.name = name.text;
    }
    config.mainline = keys.text("mainline").map(|text| text.text);
    let places = [
        ("busm", &mut config.busm),
        ("modules", &mut config.modules),
        ("templates", &mut config.templates),
        ("output", &mut config.output),
    ];
    for (key, place) in places {
        if let Some(text) = keys.text(key)
            && let Some(path) = folder(&text, diagnostics)
        {
            if key != "output" && path != *place {
                config.named.push((path.clone(), text.span));
            }
            *place = path;
        }
    }
    let nested =
        [&config.busm, &config.modules, &config.templates].into_iter().find(|folder| config.output.is_below(folder));
    if let Some(folder) = nested {
        let span = keys.text("output").map_or(keys.span.clone(), |text| text.span);
        diagnostics.push(
            Diagnostic::error(
                "output-folder",
                span,
                format!("outputs would be written into `{folder}`, which forge reads"),
            )
            .help("give `output` a folder of its own"),
        );
    }
}

fn folder(text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<RepoPath> {
    match RepoPath::new(&text.text) {
        Ok(path) if path.is_root() => {
            diagnostics.push(
                Diagnostic::error("invalid-path", text.span.clone(), "the project's own folder cannot be used here")
                    .help("name a folder below it"),
            );
            None
        }
        Ok(path) if path.components().any(|part| part.eq_ignore_ascii_case(".git")) => {
            diagnostics.push(
                Diagnostic::error("invalid-path", text.span.clone(), format!("`{path}` is git's own"))
                    .help("name a folder beside it"),
            );
            None
        }
        Ok(path) => Some(path),
        Err(error) => {
            diagnostics.push(Diagnostic::error("invalid-path", text.span.clone(), error.to_string()));
            None
        }
    }
}

fn harden(harden: &mut Harden, keys: &Checked<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let keys = check(&HARDEN, keys.table("harden"), keys.span.clone(), diagnostics);
    let text = |name: &str| keys.text(name).map(|text| text.text);
    if text("platform").as_deref() == Some("supabase") {
        harden.platform = Platform::Supabase;
    }
    match text("without_access").as_deref() {
        Some("read") => harden.without_access = WithoutAccess::Read,
        Some("open") => harden.without_access = WithoutAccess::Open,
        _ => {}
    }
    for (key, place) in [
        ("users", &mut harden.users),
        ("audit_table", &mut harden.audit_table),
        ("roles_table", &mut harden.roles_table),
    ] {
        if let Some(name) = keys.text(key) {
            *place = entity_name(&name.text);
            harden.places.insert(key.to_owned(), name.span);
        }
    }
    if let Some(admin) = keys.text("admin").and_then(|text| sql(&text, diagnostics)) {
        harden.admin = admin;
    }
    harden.demand_version = keys.flag("demand_version").unwrap_or(harden.demand_version);
    if let Some(setting) = keys.text("user_setting").and_then(|text| setting(text, diagnostics)) {
        harden.user_setting = setting;
    }
    for (rule, node) in keys.table("rules") {
        if let Some(flag) = node.as_flag() {
            harden.rules.insert(rule.text.clone(), flag);
            harden.places.insert(rule.text.clone(), rule.span.clone());
        }
    }
}

/// The name of a session setting that an application can make. Source: PostgreSQL's documentation, "Customized Options",
/// and `valid_custom_variable_name` in `src/backend/utils/misc/guc.c`.
fn setting(text: Text, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let is_word = |part: &str| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$')
    };
    if text.text.contains('.') && text.text.split('.').all(is_word) {
        return Some(text.text);
    }
    let message = format!("PostgreSQL lets no application make a setting `{}`", text.text);
    let found = Diagnostic::error("invalid-setting", text.span, message);
    diagnostics.push(found.help("name it as `app.user_id`: two words with a dot between them"));
    None
}

fn sql(text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<Sql> {
    match expr::check(&text.text) {
        Ok(()) => Some(Sql::new(text.text.trim())),
        Err(error) => {
            diagnostics.push(Diagnostic::error(
                "invalid-sql",
                text.span.clone(),
                format!("this is not an SQL expression: {}", error.message),
            ));
            None
        }
    }
}

fn resolution(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Resolution> {
    let keys = check(&RESOLVE, node.as_table()?, node.span.clone(), diagnostics);
    let entity = needed(&keys, "entity", "[[resolve]]", diagnostics)?;
    let because = needed(&keys, "because", "[[resolve]]", diagnostics)?;
    let field = keys.text("field").map(|text| Ident::new(text.text));
    let mut resolution = Resolution::new(entity_name(&entity.text), field, because.text, entity.span);
    resolution.ty = keys.text("type").and_then(|text| {
        let ty = data_type(&text.text);
        if ty.is_none() {
            diagnostics.push(Diagnostic::error("invalid-type", text.span, format!("`{}` is not a type", text.text)));
        }
        ty
    });
    resolution.default = keys
        .node("default")
        .and_then(|node| schema::default_node(node, diagnostics))
        .map(|default| default_sql(&default));
    resolution.required = keys.flag("required");
    resolution.values = keys.node("values").map(|node| node.texts().into_iter().map(|text| text.text).collect());
    resolution.references = keys.text("references").map(|text| entity_name(&text.text));
    resolution.on_delete = keys.text("on_delete").map(|text| action(&text.text));
    resolution.primary_key =
        keys.node("primary_key").map(|node| node.texts().into_iter().map(|text| Ident::new(text.text)).collect());
    Some(resolution)
}

/// The layout that a table names.
fn layout(keys: &Checked<'_>) -> Option<Layout> {
    let name = keys.text("layout")?.text;
    Layout::ALL.iter().find(|(known, _)| *known == name).map(|(_, layout)| *layout)
}

fn hint(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Hint> {
    let keys = check(&HINT, node.as_table()?, node.span.clone(), diagnostics);
    let edge = needed(&keys, "edge", "[[hint]]", diagnostics)?;
    let is_of_module = ["field", "using", "backfill"].iter().all(|key| keys.entry(key).is_none());
    let entity = match keys.entry("entity") {
        None if is_of_module && keys.entry("renamed_from").is_some() => None,
        _ => Some(needed(&keys, "entity", "[[hint]]", diagnostics)?),
    };
    if edge.text.len() < DIGITS || !edge.text.chars().all(|digit| matches!(digit, '0'..='9' | 'a'..='f')) {
        diagnostics.push(
            Diagnostic::error("invalid-edge", edge.span, format!("`{}` is not the id of an edge", edge.text))
                .help(format!("write at least {DIGITS} of the digits that `forge log` shows")),
        );
        return None;
    }
    let expression = |name: &str, diagnostics: &mut Vec<Diagnostic>| sql(&keys.text(name)?, diagnostics);
    let renamed = keys.node("renamed_from").and_then(Node::as_flag);
    if renamed == Some(true) {
        diagnostics.push(
            Diagnostic::error("wrong-type", edge.span.clone(), "`renamed_from = true` does not say from what")
                .help("write the name that it had before the step, or `false` if it had none"),
        );
    }
    let field = keys.text("field").map(|text| Ident::new(text.text));
    let (moved_from, renamed_from) = match keys.text("renamed_from") {
        Some(text) if field.is_none() && entity.is_some() => {
            let (schema, name) = former_entity(&text.text);
            (schema, Some(name))
        }
        text => (None, text.map(|text| Ident::new(text.text))),
    };
    let hint = Hint {
        edge: edge.text,
        entity: entity.map(|entity| entity_name(&entity.text)),
        field,
        renamed_from,
        moved_from,
        is_new: renamed == Some(false),
        using: expression("using", diagnostics),
        backfill: expression("backfill", diagnostics),
        span: edge.span,
    };
    if ["renamed_from", "using", "backfill"].iter().all(|key| keys.entry(key).is_none()) {
        diagnostics.push(
            Diagnostic::error("missing-key", hint.span.clone(), "this `[[hint]]` says nothing about the step")
                .help("add `renamed_from`, `using` or `backfill`"),
        );
    }
    Some(hint)
}

fn target(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Target> {
    let keys = check(&TARGET, node.as_table()?, node.span.clone(), diagnostics);
    let mut word = |name: &str| needed(&keys, name, "[[target]]", diagnostics).map(|text| text.text);
    let (name, each, template, path) = (word("name")?, word("for")?, word("template")?, word("path")?);
    let stage = match keys.text("stage").map(|text| text.text).as_deref() {
        Some("prototype") => Stage::Prototype,
        Some("production") => Stage::Production,
        _ => Stage::Concept,
    };
    let each = match each.as_str() {
        "module" => Each::Module,
        "entity" => Each::Entity,
        "iteration" => Each::Iteration,
        "timeline" => Each::Timeline,
        _ => Each::Project,
    };
    let drafts = keys.flag("drafts").unwrap_or(true);
    Some(Target { name, stage, each, template, path, layout: layout(&keys), drafts })
}

/// The string `name`, which this table cannot do without.
fn needed(keys: &Checked<'_>, name: &str, what: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Text> {
    let text = keys.text(name);
    if text.is_none() && keys.entry(name).is_none() {
        diagnostics.push(
            Diagnostic::error("missing-key", keys.span.clone(), format!("this `{what}` has no `{name}`"))
                .help(format!("add `{name} = \"…\"`")),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::config::Config;

    fn codes(text: &str) -> Vec<String> {
        let mut diagnostics = Vec::new();
        read(text.as_bytes(), &mut diagnostics);
        diagnostics.into_iter().map(|found| format!("{}: {}", found.code, found.message)).collect()
    }

    #[test]
    fn nothing_said_means_the_defaults() {
        let mut diagnostics = Vec::new();
        assert_eq!(read(b"", &mut diagnostics), Config::default());
        assert_eq!(diagnostics, []);
    }

    #[test]
    fn a_resolution_needs_its_reason() {
        assert_eq!(
            codes("[[resolve]]\nentity = \"accounts\"\nfield = \"phone\"\ntype = \"text\"\n"),
            ["missing-key: this `[[resolve]]` has no `because`"]
        );
    }

    #[test]
    fn a_setting_is_one_that_postgresql_takes() {
        let codes = |name: &str| codes(&format!("[harden]\nuser_setting = \"{name}\"\n"));
        for fine in ["app.user_id", "request.jwt.sub", "_a.b$1"] {
            assert_eq!(codes(fine), [""; 0], "{fine}");
        }
        for wrong in ["userid", "app.", ".id", "app.1", "app.user id"] {
            assert!(codes(wrong)[0].starts_with("invalid-setting: "), "{wrong}");
        }
    }

    #[test]
    fn outputs_stay_out_of_what_is_read() {
        assert_eq!(
            codes("[project]\noutput = \"busm/out\"\n"),
            ["output-folder: outputs would be written into `busm`, which forge reads"]
        );
        assert_eq!(codes("[project]\noutput = \"../out\"\n"), ["invalid-path: the path leaves the project's folder"]);
        assert_eq!(codes("[projet]\n"), ["unknown-key: unknown key `projet` in `forge.toml`"]);
    }
}
