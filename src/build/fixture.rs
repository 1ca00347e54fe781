//! The example project, and what it becomes by an edit of one line.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::concept::diagram::TABLES;

/// The files of the example, by path.
pub fn example() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/field-service");
    let mut files = BTreeMap::new();
    texts(&root, &root, &mut files);
    files
}

/// The files below `folder`, each with its path from `root`.
fn texts(folder: &Path, root: &Path, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, root, files);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// A module of so many entities that, with it, a project is too large to be drawn.
pub fn many() -> String {
    let entity = |at| format!("[more_{at}.fields]\nid = {{ type = \"uuid\", primary_key = true }}\n");
    format!("//- modules/more/all.toml\n{}", (0..TABLES).map(entity).collect::<String>())
}

/// The files as one text.
pub fn project(files: &BTreeMap<String, String>) -> String {
    files.iter().fold(String::new(), |mut text, (path, content)| {
        writeln!(text, "//- {path}\n{content}").unwrap();
        text
    })
}

/// The project with one line that is gone, or says something else: in words, and as one text.
pub fn edits(files: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let mut edited = Vec::new();
    for (path, content) in files {
        let lines: Vec<&str> = content.lines().collect();
        for (at, line) in lines.iter().enumerate().skip(path.len() % 2).step_by(2) {
            let changed =
                if line.contains(" = \"") { line.replace(" = \"", " = \"a ") } else { line.replace('2', "3") };
            for edit in [String::new(), changed].iter().filter(|edit| edit != line) {
                let mut lines = lines.clone();
                lines[at] = edit;
                let mut files = files.clone();
                files.insert(path.clone(), lines.join("\n"));
                edited.push((format!("{path} says `{edit}` for `{line}`"), project(&files)));
            }
        }
    }
    edited
}
