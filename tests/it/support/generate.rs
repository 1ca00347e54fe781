//! Generates a project of any size: entities in full in the BUSM, partial views of them in modules.
//!
//! A function of its size and nothing else, so that a figure measured on it can be measured again. Shared with the
//! benches, and knows nothing of forge.

use std::fmt::Write;
use std::path::Path;
use std::{fs, io};

/// How large a project is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Entities in the BUSM; each belongs to one module and is picked from by the next one.
    pub entities: usize,
    /// Modules.
    pub modules: usize,
}

/// The kinds of fields that entities are made of, after their key: name, definition.
const FIELDS: &[(&str, &str)] = &[
    ("name", r#"{ type = "varchar(255)", required = true, doc = "What people call it." }"#),
    (
        "status",
        r#"{ type = "varchar(50)", required = true, default = "open", values = ["open", "closed", "void"], index = true }"#,
    ),
    ("code", r#"{ type = "varchar(20)", unique = true }"#),
    ("amount", r#"{ type = "numeric(12,2)", check = "amount >= 0" }"#),
    ("email", r#""varchar(255)""#),
    ("is_active", r#"{ type = "boolean", required = true, default = true }"#),
    ("notes", r#""text""#),
    ("starts_on", r#""date""#),
    ("details", r#"{ type = "jsonb", default = { sql = "'{}'::jsonb" } }"#),
    ("seen_at", r#"{ type = "timestamptz", default = { sql = "now()" } }"#),
];

/// All files of the project, by path, sorted.
pub fn project(size: Size) -> Vec<(String, String)> {
    let mut files = vec![("forge.toml".to_owned(), "[project]\nname = \"Generated\"\n".to_owned())];
    for entity in 0..size.entities {
        files.push((format!("busm/{}.toml", name(entity)), full(entity)));
    }
    for module in 0..size.modules {
        let folder = format!("modules/module-{module:04}");
        files.push((format!("{folder}/module.toml"), about(module)));
        // Entities are dealt out like cards, and each module also looks at its neighbour's first one.
        let own = (module..size.entities).step_by(size.modules.max(1));
        for entity in own {
            files.push((format!("{folder}/{}.toml", name(entity)), partial(entity, size)));
        }
        let other = (module + 1) % size.modules.max(1);
        if other != module && other < size.entities {
            files.push((format!("{folder}/{}.toml", name(other)), glance(other)));
        }
    }
    files.sort();
    files
}

/// Writes the project into `folder`.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path, size: Size) -> io::Result<()> {
    for (path, text) in project(size) {
        let file = folder.join(path);
        fs::create_dir_all(file.parent().unwrap_or(folder))?;
        fs::write(file, text)?;
    }
    Ok(())
}

/// The name of an entity.
fn name(entity: usize) -> String {
    const STEMS: [&str; 8] = ["accounts", "locations", "orders", "items", "visits", "invoices", "assets", "notes"];
    format!("{}_{entity:05}", STEMS[entity % STEMS.len()])
}

/// How many of [`FIELDS`] an entity has: five to ten.
fn width(entity: usize) -> usize {
    5 + entity * 7 % (FIELDS.len() - 4)
}

/// The entities that an entity points to: earlier ones, so that there is an order in which they load; one in ten also
/// points to itself.
fn references(entity: usize) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (field, distance) in [("parent_id", 1), ("owner_id", 3 + entity % 11)] {
        if entity >= distance && (entity + distance).is_multiple_of(2) {
            found.push((field.to_owned(), entity - distance));
        }
    }
    if entity.is_multiple_of(10) {
        found.push(("previous_id".to_owned(), entity));
    }
    found
}

fn full(entity: usize) -> String {
    let name = name(entity);
    let mut text = format!("[{name}]\ndoc = \"What the business knows of {name}.\"\n\n[{name}.fields]\n");
    text.push_str("id = { type = \"uuid\", primary_key = true, default = { sql = \"gen_random_uuid()\" } }\n");
    for (field, definition) in &FIELDS[..width(entity)] {
        let _ = writeln!(text, "{field} = {definition}");
    }
    for (field, target) in references(entity) {
        let _ = writeln!(text, "{field} = {{ references = \"{}\", index = true }}", self::name(target));
    }
    text
}

/// The module's own view: some fields picked, and every third entity gets a field that only the module knows.
fn partial(entity: usize, size: Size) -> String {
    let mut fields = vec!["id"];
    fields
        .extend(FIELDS[..width(entity)].iter().enumerate().filter(|(at, _)| (at + entity) % 3 < 2).map(|(_, it)| it.0));
    // A reference is picked where the module also holds the entity that it points to.
    let near =
        references(entity).into_iter().filter(|(_, target)| (entity - target).is_multiple_of(size.modules.max(1)));
    let near: Vec<String> = near.map(|(field, _)| field).collect();
    fields.extend(near.iter().map(String::as_str));
    let mut text = pick(entity, &fields);
    if entity.is_multiple_of(3) {
        let _ = write!(text, "\n[{}.fields]\nlocal_note = {{ type = \"text\", doc = \"Only here.\" }}\n", name(entity));
    }
    text
}

/// A neighbour's view: the key and the name.
fn glance(entity: usize) -> String {
    pick(entity, &["id", "name"])
}

fn pick(entity: usize, fields: &[&str]) -> String {
    let lines: String = fields.iter().map(|field| format!("  \"{field}\",\n")).collect();
    format!("[{}]\npick = [\n{lines}]\n", name(entity))
}

fn about(module: usize) -> String {
    format!("title = \"Module {module}\"\nowner = \"team-{}\"\ndoc = \"The work of module {module}.\"\n", module % 7)
}

#[cfg(test)]
mod tests {
    use super::{Size, project};

    #[test]
    fn a_project_is_the_same_each_time_and_has_the_size_that_was_asked_for() {
        let size = Size { entities: 30, modules: 4 };
        let files = project(size);
        assert_eq!(files, project(size));
        assert_eq!(files.iter().filter(|(path, _)| path.starts_with("busm/")).count(), 30);
        assert_eq!(files.iter().filter(|(path, _)| path.ends_with("module.toml")).count(), 4);
        assert!(files.windows(2).all(|pair| pair[0].0 < pair[1].0), "no two files share a path");
    }
}
