//! Throw-away repositories, made by the real git program.
//!
//! Hermetic: no configuration but the repository's own, a fixed author, and a clock that goes on by a minute with each
//! commit, so that the same description makes the same commits on any machine.

use std::cell::Cell;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use super::project::{Run, forge};

/// When the first commit is made: 2024-01-01T09:00:00Z.
const START: i64 = 1_704_099_600;

/// A repository in a folder of its own, with its working tree in a folder below.
pub struct Repo {
    folder: TempDir,
    root: PathBuf,
    clock: Cell<i64>,
}

impl Repo {
    /// A repository without commits, whose branch is called `main`.
    pub fn new() -> Repo {
        Repo::init(&["--initial-branch=main"])
    }

    /// A repository made by `git init` with these arguments.
    pub fn init(args: &[&str]) -> Repo {
        let repo = Repo::nothing();
        repo.git(&[&["init", "--quiet"], args].concat());
        repo
    }

    /// A folder in which there is no repository yet.
    pub fn nothing() -> Repo {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("work");
        fs::create_dir(&root).unwrap();
        Repo { folder, root, clock: Cell::new(START) }
    }

    /// The same repository's place elsewhere in the same throw-away folder: a clone, a linked worktree.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The root of the working tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Runs git in the working tree; it has to succeed. Gives what it printed, without the last line's end.
    pub fn git(&self, args: &[&str]) -> String {
        self.git_in(&self.root, args)
    }

    /// Runs git in a folder; it has to succeed.
    pub fn git_in(&self, folder: &Path, args: &[&str]) -> String {
        let output = self.try_git_in(folder, args);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\n').to_owned();
        assert!(output.status.success(), "git {args:?}: {}{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }

    /// Runs git in a folder, whatever comes of it.
    pub fn try_git_in(&self, folder: &Path, args: &[&str]) -> Output {
        self.command(folder).args(args).stdin(Stdio::null()).output().unwrap()
    }

    /// Feeds `git fast-import`, which makes any history at once.
    pub fn import(&self, stream: &[u8]) {
        let mut command = self.command(&self.root);
        command.args(["fast-import", "--quiet", "--date-format=raw", "--force"]).stdin(Stdio::piped());
        let mut child = command.stderr(Stdio::inherit()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(stream).unwrap();
        assert!(child.wait().unwrap().success(), "fast-import refused");
    }

    /// git, turned to nothing but what is below the throw-away folder.
    pub fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new("git");
        command.current_dir(folder).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.folder.path()).env("LC_ALL", "C");
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        command.env("GIT_CEILING_DIRECTORIES", self.folder.path());
        command.env("GIT_AUTHOR_NAME", "Ada").env("GIT_AUTHOR_EMAIL", "ada@example.org");
        command.env("GIT_COMMITTER_NAME", "Ada").env("GIT_COMMITTER_EMAIL", "ada@example.org");
        let now = format!("{} +0100", self.clock.get());
        command.env("GIT_AUTHOR_DATE", &now).env("GIT_COMMITTER_DATE", &now);
        command
    }

    /// Runs `forge` in the working tree.
    pub fn forge(&self, args: &[&str]) -> Run {
        forge(&self.root, args)
    }

    /// Writes a file of the working tree, making its folders.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let place = self.root.join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, content).unwrap();
    }

    /// Commits everything in the working tree, a minute after the commit before; gives the commit's id.
    pub fn commit(&self, subject: &str) -> String {
        self.git(&["add", "--all"]);
        self.clock.set(self.clock.get() + 60);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", subject]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Merges `branch` into the current one by a merge commit, a minute after the commit before.
    pub fn merge(&self, branch: &str, args: &[&str]) -> String {
        self.clock.set(self.clock.get() + 60);
        let subject = format!("merge {branch}");
        self.git(&[&["merge", "--quiet", "--no-ff", "--message", &subject], args, &[branch]].concat());
        self.git(&["rev-parse", "HEAD"])
    }

    /// Makes commits by a description, and gives their ids. Each begins with a line `//= subject`; then come
    /// files, each after a line `//- path`, and removals, `//x path`.
    pub fn story(&self, text: &str) -> Vec<String> {
        let mut commits = Vec::new();
        let (mut subject, mut file): (Option<&str>, Option<(&str, String)>) = (None, None);
        for line in text.split_inclusive('\n').chain(["//= "]) {
            let command =
                ["//= ", "//- ", "//x "].into_iter().find_map(|mark| Some((mark, line.strip_prefix(mark)?.trim())));
            if command.is_some()
                && let Some((path, content)) = file.take()
            {
                self.write(path, content);
            }
            match (command, &mut file) {
                (Some(("//= ", next)), _) => commits.extend(subject.replace(next).map(|subject| self.commit(subject))),
                (Some(("//- ", path)), _) => file = Some((path, String::new())),
                (Some((_, path)), _) => fs::remove_file(self.root.join(path)).unwrap(),
                (None, Some((_, content))) => content.push_str(line),
                (None, None) => assert!(line.trim().is_empty(), "{line:?} belongs to no file"),
            }
        }
        commits
    }
}
