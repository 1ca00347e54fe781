//! The layers and the house rules, held by reading the sources.
//!
//! A module of `src/` imports only from ranks below its own; the ranks are the groups of `src/lib.rs`, and modules of one
//! group do not know each other. What cannot be said to the compiler or to clippy stands
//! here: each rule is a function over the text of one file, and each says what it found, file and line.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders in which each file is one member of a family, and the file that registers them all.
const FAMILIES: &[(&str, &str)] =
    &[("production/harden", "production/harden/mod.rs"), ("cli/command", "cli/command/mod.rs")];

#[test]
fn imports_point_to_lower_ranks() {
    report(&|source| {
        let Some(module) = source.module() else { return Vec::new() };
        let Some(rank) = rank(module) else {
            return vec![format!("`{module}` has no rank: it is not in src/lib.rs")];
        };
        let breaks = |used: &str| used != module && self::rank(used).is_some_and(|other| other >= rank);
        let imports = crate_paths(&source.code());
        let broken = imports.into_iter().filter(|(_, used)| breaks(used));
        broken.map(|(line, used)| format!("line {line}: `{module}` uses `{used}`")).collect()
    });
}

#[test]
fn every_file_is_part_of_the_crate_and_says_what_it_is_for() {
    report(&|source| {
        let mut found = Vec::new();
        if !source.text.starts_with("//!") {
            found.push("does not open with `//!`".to_owned());
        }
        if let Some((parent, name)) = source.declared_by()
            && !fs::read_to_string(&parent).is_ok_and(|text| declares(&text, &name))
        {
            found.push(format!("is not declared by `mod {name};` in {}", parent.display()));
        }
        found
    });
}

#[test]
fn families_are_registered() {
    report(&|source| {
        let Some((_, file)) = FAMILIES.iter().find(|(family, _)| source.parent() == *family) else { return Vec::new() };
        let name = source.stem();
        let registry = fs::read_to_string(root().join(file)).unwrap_or_default();
        let registered = name == "mod" || registry.contains(&format!("{name}::"));
        if registered { Vec::new() } else { vec![format!("`{name}` is not in the registry, src/{file}")] }
    });
}

#[test]
fn house_rules_hold() {
    report(&|source| {
        type Breach = fn(&str) -> bool;
        let rules: [(&str, Breach); 4] = [
            ("a glob import", |line| {
                is_use(line) && (line.contains("::*;") || line.contains("::*,") || line.contains("::*}"))
            }),
            ("`super::super`", |line| line.contains("super::super")),
            ("a re-export of something that is not below", |line| {
                line.starts_with("pub use crate::") || line.starts_with("pub use super::")
            }),
            ("a path of one machine", |line| ["/home/", "/Users/", "/root/"].iter().any(|place| line.contains(place))),
        ];
        let numbered = source.text.lines().enumerate().map(|(at, line)| (at + 1, line.trim_start()));
        numbered
            .filter(|(_, line)| !line.starts_with("//"))
            .flat_map(|(number, line)| {
                let broken = rules.iter().filter(move |(_, breaks)| breaks(line));
                broken.map(move |(rule, _)| format!("line {number}: {rule}"))
            })
            .collect()
    });
}

/// A file of `src/`.
struct Source {
    /// Below `src/`.
    path: PathBuf,
    text: String,
}

impl Source {
    /// The crate's module that the file belongs to; `None` for the crate's own two files.
    fn module(&self) -> Option<&str> {
        let first = self.path.iter().next()?.to_str()?;
        let module = first.strip_suffix(".rs").unwrap_or(first);
        (!["lib", "main"].contains(&module)).then_some(module)
    }

    fn stem(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn parent(&self) -> String {
        self.path.parent().unwrap_or(Path::new("")).to_string_lossy().replace('\\', "/")
    }

    /// The file that has to hold this one's `mod` line, and the name there; `None` for a crate's root.
    fn declared_by(&self) -> Option<(PathBuf, String)> {
        self.module()?;
        let folder = self.path.parent()?;
        let (folder, name) = match self.stem().as_str() {
            "mod" => (folder.parent()?, folder.file_name()?.to_string_lossy().into_owned()),
            stem => (folder, stem.to_owned()),
        };
        let file = if folder.as_os_str().is_empty() { "lib.rs".into() } else { folder.join("mod.rs") };
        Some((root().join(file), name))
    }

    /// What the layers hold for: no comments, and nothing from the tests at the end on; the lines keep their numbers.
    fn code(&self) -> String {
        if self.parent().ends_with("tests") || self.stem() == "tests" {
            return String::new();
        }
        let code = self.text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
        code.map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
    }
}

/// Runs a rule over all files of `src/` and fails with everything that it found.
fn report(rule: &dyn Fn(&Source) -> Vec<String>) {
    let sources = sources(&root());
    assert!(sources.len() > 10, "no sources were read");
    let found: Vec<String> = sources
        .iter()
        .flat_map(|source| rule(source).into_iter().map(|text| format!("src/{}: {text}", source.path.display())))
        .collect();
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources(folder: &Path) -> Vec<Source> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the crate's folders can be read") {
        let path = entry.expect("the crate's folders can be read").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("sources are UTF-8");
            let path = path.strip_prefix(root()).expect("sources lie below src").to_owned();
            found.push(Source { path, text });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The rank of a module: which of the groups in `src/lib.rs`, between empty lines, it stands in.
fn rank(module: &str) -> Option<usize> {
    let text = fs::read_to_string(root().join("lib.rs")).expect("the crate has a root");
    let groups: Vec<&str> = text.split("\n\n").filter(|group| group.contains("pub mod ")).collect();
    groups.iter().position(|group| declares(group, module))
}

fn is_use(line: &str) -> bool {
    line.starts_with("use ") || line.starts_with("pub use ") || line.starts_with("pub(crate) use ")
}

fn declares(text: &str, name: &str) -> bool {
    let declaration = format!("mod {name};");
    text.lines().any(|line| {
        let line = line.trim();
        line.ends_with(&declaration) && !line.starts_with("//")
    })
}

/// The modules that a text names after `crate::`, those in braces included, each with its line.
fn crate_paths(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, prefix) in text.match_indices("crate::") {
        let rest = &text[at + prefix.len()..];
        let words = rest.strip_prefix('{').map_or_else(|| vec![first_word(rest)], outermost);
        let line = text[..at].matches('\n').count() + 1;
        found.extend(words.into_iter().map(|word| (line, word.to_owned())));
    }
    found
}

/// The first words of the members of a brace group whose opening brace is cut off.
fn outermost(group: &str) -> Vec<&str> {
    let (mut words, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, byte) in group.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => {
                words.push(first_word(&group[start..at]));
                return words;
            }
            b'}' => depth -= 1,
            b',' if depth == 0 => {
                words.push(first_word(&group[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(first_word(&group[start..]));
    words
}

fn first_word(text: &str) -> &str {
    let text = text.trim();
    &text[..text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())]
}

#[test]
fn the_reader_of_imports_reads_them() {
    let text =
        "use crate::{\n    path, model::{name, id},\n    diff::x};\nfn f(a: crate::plan::Plan) -> crate::cli::Exit {";
    let found: Vec<String> = crate_paths(text).iter().map(|(line, module)| format!("{line} {module}")).collect();
    assert_eq!(found, ["1 path", "1 model", "1 diff", "4 plan", "4 cli"]);
    assert!(rank("cli") > rank("path"));
}
