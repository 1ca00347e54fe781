//! `forge init`: start a project. Writes what is missing, and changes nothing that is there.

use std::io;
use std::path::Path;

use crate::cli::args::{Global, Init};
use crate::cli::exit::Exit;
use crate::cli::ui::{GOOD, Ui, paint};
use crate::config::grammar::project_schema;
use crate::diagnostic::nearest;
use crate::disk::place::{Placed, place_new};
use crate::output::ATTRIBUTES;
use crate::syntax::toml::grammar::{entity_schema, module_schema};

/// The files of a small project of one entity and one module.
const SMALL: &[(&str, &str)] = &[
    ("forge.toml", include_str!("init/forge.toml")),
    ("busm/accounts.toml", include_str!("init/busm.toml")),
    ("modules/first/module.toml", include_str!("init/module.toml")),
    ("modules/first/accounts.toml", include_str!("init/entity.toml")),
];

/// The example projects by name.
const EXAMPLES: &[(&str, &[(&str, &str)])] = &[("field-service", FIELD_SERVICE)];

macro_rules! example {
    ($name:literal: $($path:literal)*) => {
        &[$(($path, include_str!(concat!("../../../fixtures/", $name, "/", $path)))),*]
    };
}

/// The files of `fixtures/field-service`; a test holds the list against the folder.
const FIELD_SERVICE: &[(&str, &str)] = example!("field-service":
    "forge.toml"
    "busm/accounts.toml"
    "busm/contacts.toml"
    "busm/locations.toml"
    "busm/organisation.toml"
    "busm/services.toml"
    "busm/work_orders.toml"
    "modules/account-management/accounts.toml"
    "modules/account-management/contacts.toml"
    "modules/account-management/module.toml"
    "modules/master-view/accounts.toml"
    "modules/master-view/locations.toml"
    "modules/master-view/module.toml"
    "modules/service-scheduler/module.toml"
    "modules/service-scheduler/schedule.toml"
);

/// Runs the command.
pub fn run(global: &Global, options: &Init, ui: &Ui) -> Exit {
    let files = match &options.example {
        None => SMALL,
        Some(name) => match EXAMPLES.iter().find(|(known, _)| known == name) {
            Some((_, files)) => files,
            None => {
                let near = nearest(name, EXAMPLES.iter().map(|(name, _)| *name)).unwrap_or(EXAMPLES[0].0);
                ui.complain(format!("forge: there is no example `{name}`; did you mean `{near}`?"));
                return Exit::Failed;
            }
        },
    };
    match write(&global.project, files, ui) {
        Ok(()) => {
            ui.say(format!("{} is ready; `forge build` builds it", paint(GOOD, "the project")));
            Exit::Fine
        }
        Err(error) => {
            ui.complain(format!("forge: {error}"));
            Exit::Failed
        }
    }
}

/// Writes `files` and what editors and git need to know, as far as they are not there.
fn write(root: &Path, files: &[(&str, &str)], ui: &Ui) -> io::Result<()> {
    let schemas = [
        (".forge/entity.schema.json", format!("{:#}\n", entity_schema())),
        (".forge/module.schema.json", format!("{:#}\n", module_schema())),
        (".forge/forge.schema.json", format!("{:#}\n", project_schema())),
        (".forge/.gitignore", "cache/\n".to_owned()),
        ("generated/.gitattributes", format!("* linguist-generated\n{ATTRIBUTES}\n")),
    ];
    let files = files.iter().map(|(path, text)| (*path, (*text).to_owned()));
    for (path, text) in files.chain(schemas) {
        match place_new(&root.join(path), text.as_bytes())? {
            Placed::New => ui.say(format!("  wrote  {path}")),
            Placed::Kept => ui.say(format!("  kept   {path}")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::FIELD_SERVICE;

    #[test]
    fn the_example_is_the_whole_fixture() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/field-service");
        let mut found = Vec::new();
        let mut open = vec![root.clone()];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.ends_with("generated") {
                    open.push(path);
                } else if path.is_file() {
                    found.push(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        found.sort();
        let mut listed: Vec<&str> = FIELD_SERVICE.iter().map(|(path, _)| *path).collect();
        listed.sort_unstable();
        assert_eq!(found, listed);
    }
}
