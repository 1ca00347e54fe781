//! Throw-away projects, and the real `forge` program run in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// A project in a folder of its own.
pub struct Project {
    folder: TempDir,
}

/// How a run of the program ended.
#[derive(Debug)]
pub struct Run {
    /// The exit status.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Project {
    /// A project of the files in `text`, each after a line `//- path`; an empty `forge.toml` is added.
    pub fn new(text: &str) -> Project {
        let project = Project { folder: tempfile::tempdir().unwrap() };
        project.write("forge.toml", "");
        for file in text.split("//- ").skip(1) {
            let (path, content) = file.split_once('\n').unwrap();
            project.write(path.trim(), content);
        }
        project
    }

    /// The example project, as `forge init` writes it.
    pub fn example() -> Project {
        let project = Project { folder: tempfile::tempdir().unwrap() };
        let run = project.forge(&["init", "--example", "field-service"]);
        assert_eq!(run.status, 0, "{run:?}");
        project
    }

    /// The example with so many more entities, each of which has a `name` of this definition and refers to the one before,
    /// that what is known of them is handed on one by one; the module `more` picks them.
    pub fn large(name: &str) -> Project {
        let project = Project::example();
        let mut picks = String::new();
        for number in 0..70 {
            let before = if number == 0 { "services".to_owned() } else { format!("more_{:02}", number - 1) };
            let text = format!(
                "[more_{number:02}.fields]\nid = {{ type = \"uuid\", primary_key = true }}\n\
                 before_id = {{ references = \"{before}\" }}\nname = {name}\n"
            );
            project.write(&format!("busm/more_{number:02}.toml"), text);
            picks.push_str(&format!("[more_{number:02}]\npick = [\"id\", \"before_id\", \"name\"]\n"));
        }
        project.write("modules/more/module.toml", "stage = \"production\"\n");
        project.write("modules/more/all.toml", picks);
        project
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// The place of a file.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// Writes a file, making its folders.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let place = self.path(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, content).unwrap();
    }

    /// Replaces `old`, which must be there, by `new` in a file.
    pub fn edit(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{path} does not hold {old:?}");
        self.write(path, text.replace(old, new));
    }

    /// A file's text.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Runs `forge` here, with nothing of the caller's environment that could change what it does.
    pub fn forge(&self, args: &[&str]) -> Run {
        forge(self.root(), args)
    }

    /// Runs the machine's `git` here, as nobody in particular and with nobody's settings.
    pub fn git(&self, args: &[&str]) {
        let output = Command::new("git")
            .args(["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "init.defaultBranch=main"])
            .args(args)
            .current_dir(self.root())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    /// Builds; nothing may be wrong.
    pub fn build(&self) -> Built {
        let run = self.forge(&["build", "--format", "json"]);
        assert_eq!(run.status, 0, "{}", run.stdout);
        Built::of(&run)
    }

    /// Every file below `folder`, by path.
    pub fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut open = vec![self.path(folder)];
        while let Some(place) = open.pop() {
            for entry in fs::read_dir(place).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let name = path.strip_prefix(self.root()).unwrap().to_str().unwrap().replace('\\', "/");
                    // A build that runs meanwhile may have renamed or removed it.
                    match fs::read(&path) {
                        Ok(content) => drop(found.insert(name, content)),
                        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{name}: {error}"),
                    }
                }
            }
        }
        found
    }
}

/// What a build did, as it says in JSON.
pub struct Built(pub Value);

impl Built {
    /// Reads what `run` printed.
    pub fn of(run: &Run) -> Built {
        Built(serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}")))
    }

    /// The outputs that were rendered.
    pub fn rendered(&self) -> Vec<String> {
        self.paths("rendered")
    }

    /// The outputs that were written.
    pub fn written(&self) -> Vec<String> {
        self.paths("written")
    }

    /// The outputs that were removed.
    pub fn removed(&self) -> Vec<String> {
        self.paths("removed")
    }

    /// The files that were parsed, the folders that were lowered …
    pub fn ran(&self, query: &str) -> Vec<String> {
        let pieces = self.0["work"][query].as_array().cloned().unwrap_or_default();
        pieces.iter().map(|piece| piece.as_str().unwrap().to_owned()).collect()
    }

    /// The codes of what is wrong.
    pub fn codes(&self) -> Vec<String> {
        let found = self.0["diagnostics"].as_array().unwrap();
        found
            .iter()
            .filter(|found| found["severity"] != "note")
            .map(|found| found["code"].as_str().unwrap().to_owned())
            .collect()
    }

    fn paths(&self, key: &str) -> Vec<String> {
        self.0[key].as_array().unwrap().iter().map(|item| item["path"].as_str().unwrap().to_owned()).collect()
    }
}

/// The command that runs `forge` in `folder`, with nothing of the caller's environment.
pub fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_forge"));
    command
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap());
    command
}

/// Runs `forge` in `folder`.
pub fn forge(folder: &Path, args: &[&str]) -> Run {
    let output = command(folder, args).output().unwrap();
    Run {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
