//! `forge init`: start a project. Writes what is missing, and changes nothing that is there.
//!
//! An example comes with its history, in a repository of its own; in a folder that has one already, or holds a project,
//! it is written as files, and what becomes of those is the user's to say.

mod example;

use std::io;
use std::path::Path;

use example::{EXAMPLES, Example, Step};

use crate::cli::args::{Global, Init};
use crate::cli::exit::Exit;
use crate::cli::ui::{GOOD, Ui, paint};
use crate::config::grammar::project_schema;
use crate::diagnostic::nearest;
use crate::disk::atomic;
use crate::disk::place::{Placed, place_new};
use crate::output::ATTRIBUTES;
use crate::source::story::{Story, Told};
use crate::syntax::toml::grammar::{entity_schema, module_schema};

/// The files of a small project of one entity and one module.
const SMALL: &[(&str, &str)] = &[
    ("forge.toml", include_str!("forge.toml")),
    ("busm/accounts.toml", include_str!("busm.toml")),
    ("modules/first/module.toml", include_str!("module.toml")),
    ("modules/first/accounts.toml", include_str!("entity.toml")),
];

/// Runs the command.
pub fn run(global: &Global, options: &Init, ui: &Ui) -> Exit {
    let root = &global.project;
    let done = match &options.example {
        None => write(root, SMALL, ui).and_then(|()| surroundings(root, ui)).map_err(|error| error.to_string()),
        Some(name) => match EXAMPLES.iter().find(|example| example.name == name) {
            Some(example) => tell(root, example, ui),
            None => {
                let near = nearest(name, EXAMPLES.iter().map(|example| example.name)).unwrap_or(EXAMPLES[0].name);
                ui.complain(format!("forge: there is no example `{name}`; did you mean `{near}`?"));
                return Exit::Failed;
            }
        },
    };
    match done {
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

/// Writes an example: with its history where that gets into nobody's way.
fn tell(root: &Path, example: &Example, ui: &Ui) -> Result<(), String> {
    let files: Vec<(&str, &str)> = example.files().into_iter().collect();
    let free = files.iter().all(|(path, _)| !root.join(path).exists()) && !root.join(IGNORE).exists();
    std::fs::create_dir_all(root).map_err(|error| error.to_string())?;
    let story = if free { Story::begin(root).map_err(|error| error.to_string())? } else { None };
    let Some(story) = story else {
        ui.say("  the folder is in a git repository, or holds files of the example: its history is left out");
        return write(root, &files, ui).and_then(|()| surroundings(root, ui)).map_err(|error| error.to_string());
    };
    surroundings(root, ui).map_err(|error| error.to_string())?;
    for Step { author, seconds, subject, files } in example.steps {
        for (path, text) in *files {
            replace(&root.join(path), text).map_err(|error| error.to_string())?;
        }
        let told = Told { author: *author, seconds: *seconds, subject };
        story.commit(&told).map_err(|error| error.to_string())?;
        ui.say(format!("  commit {subject}"));
    }
    files.iter().for_each(|(path, _)| ui.say(format!("  wrote  {path}")));
    Ok(())
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    std::fs::create_dir_all(path.parent().unwrap_or(path))?;
    atomic::replace(path, text.as_bytes()).map(drop)
}

/// The file that keeps forge's cache out of git.
const IGNORE: &str = ".forge/.gitignore";

/// Writes what editors and git need to know, as far as it is not there.
fn surroundings(root: &Path, ui: &Ui) -> io::Result<()> {
    let files = [
        (".forge/entity.schema.json", format!("{:#}\n", entity_schema())),
        (".forge/module.schema.json", format!("{:#}\n", module_schema())),
        (".forge/forge.schema.json", format!("{:#}\n", project_schema())),
        (IGNORE, "cache/\n".to_owned()),
        ("generated/.gitattributes", format!("* -text linguist-generated\n{ATTRIBUTES}\n")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    write(root, &files, ui)
}

/// Writes `files`, as far as they are not there.
fn write(root: &Path, files: &[(&str, &str)], ui: &Ui) -> io::Result<()> {
    for (path, text) in files {
        match place_new(&root.join(path), text.as_bytes())? {
            Placed::New => ui.say(format!("  wrote  {path}")),
            Placed::Kept => ui.say(format!("  kept   {path}")),
        }
    }
    Ok(())
}
