//! Whether git is at work in a working tree, told by the files that it keeps while it is: nothing is run, nothing locked.
//!
//! `index.lock` and `HEAD.lock` stand as long as a command changes the working tree, and `index.lock` also while an editor
//! is open for the message of `git commit -a`: then the message's file is the younger one. `rebase-merge` and `rebase-apply` stand from the first to the last commit of a
//! rebase, but also while it has stopped for its user, who then edits and wants to see results; `REBASE_HEAD` tells
//! the two apart. Between two commits a rebase may run a command for minutes, and leaves the same files where that failed:
//! then only the system knows whether git is still there. A merge or a cherry-pick that waits for its user is at rest.

use std::fs;
use std::path::{Path, PathBuf};

use super::git::Place;

/// The folder of branches and tags; and the one that has them as tables, in a repository of that format.
const REFS: &str = "refs";
const TABLES: &str = "reftable";

/// What git does just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing.
    Still,
    /// A command holds this lock.
    Locked(PathBuf),
    /// A rebase goes on; between two of its commits nothing may be locked.
    Rebasing,
    /// A rebase runs a command of its user's (`--exec`), to which what is committed must not change.
    Executing,
}

/// What a change of one of git's own files says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A branch, a tag or `HEAD` may point elsewhere.
    Refs,
    /// A command began, goes on or ended.
    AtWork,
}

impl Place {
    /// What git does just now, by one look at each of a few files; locks that nobody holds any more, as `is_left` says, are
    /// none.
    pub fn rest(&self, is_left: impl Fn(&Path) -> bool) -> Rest {
        let locks = ["index.lock", "HEAD.lock"].map(|name| self.own.join(name));
        if let Some(lock) = locks.into_iter().find(|lock| lock.exists() && !is_left(lock)) {
            let time = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).ok();
            let is_asking = time(&self.own.join("COMMIT_EDITMSG")) > time(&lock);
            return if is_asking { Rest::Still } else { Rest::Locked(lock) };
        }
        let is_rebase = ["rebase-merge", "rebase-apply"].iter().any(|name| self.own.join(name).exists());
        match () {
            () if !is_rebase || self.own.join("REBASE_HEAD").exists() => Rest::Still,
            () if self.last_step_is_a_command() => match self.tree.as_deref().and_then(rebases_in) {
                Some(true) => Rest::Executing,
                Some(false) => Rest::Still,
                None => Rest::Rebasing,
            },
            () => Rest::Rebasing,
        }
    }

    /// Whether the last step that a rebase began is a command. Source: git's `rebase-merge/done`, in the words of its todo
    /// list.
    fn last_step_is_a_command(&self) -> bool {
        let done = fs::read_to_string(self.own.join("rebase-merge/done")).unwrap_or_default();
        let step = done.lines().rfind(|line| !line.trim().is_empty()).and_then(|line| line.split_whitespace().next());
        matches!(step, Some("exec" | "x"))
    }

    /// What a change of `path` says; `None` when it is no file of git's, or says nothing.
    pub fn sign(&self, path: &Path) -> Option<Sign> {
        let inside = path.strip_prefix(&self.own).or_else(|_| path.strip_prefix(&self.common)).ok()?;
        let name = inside.file_name()?.to_str()?;
        let is_table = inside.starts_with(TABLES);
        let is_ref = inside.starts_with(REFS) || is_table || matches!(inside.to_str()?, "HEAD" | "packed-refs");
        match () {
            () if name.ends_with(".lock") || name.starts_with("rebase-") || name == "REBASE_HEAD" => Some(Sign::AtWork),
            () if is_ref => Some(Sign::Refs),
            () => None,
        }
    }

    /// The folders in which git's signs show.
    pub fn folders(&self) -> Vec<PathBuf> {
        let mut found = vec![self.own.clone(), self.common.clone()];
        let tops = [&self.own, &self.common].map(|folder| [folder.join(REFS), folder.join(TABLES)]);
        let mut open: Vec<PathBuf> = tops.into_iter().flatten().filter(|folder| folder.is_dir()).collect();
        while let Some(folder) = open.pop() {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            let below = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
            open.extend(below.map(|entry| entry.path()));
            found.push(folder);
        }
        found.sort();
        found.dedup();
        found
    }
}

/// Whether some `git rebase` works in the working tree at `tree`, at whose root git stands then; `None` where the system does not tell.
fn rebases_in(tree: &Path) -> Option<bool> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let rebases = |process: &Path| {
        let is_git = fs::read(process.join("comm")).is_ok_and(|name| name.trim_ascii() == b"git");
        let asks = || fs::read(process.join("cmdline")).is_ok_and(|line| is_rebase(&line));
        is_git && asks() && fs::read_link(process.join("cwd")).is_ok_and(|folder| folder == tree)
    };
    Some(fs::read_dir("/proc").ok()?.flatten().any(|entry| rebases(&entry.path())))
}

/// Whether a command line of git's, its words ended by zeros, is one of the commands that rebase.
fn is_rebase(line: &[u8]) -> bool {
    let mut words = line.split(|byte| *byte == 0).skip(1);
    while let Some(word) = words.next() {
        match word {
            b"-C" | b"-c" => drop(words.next()),
            [b'-', ..] => {}
            command => return matches!(command, b"rebase" | b"pull"),
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{Rest, Sign};
    use crate::source::git::Place;

    #[test]
    fn git_is_at_work_while_it_holds_a_lock_or_rebases() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().to_owned();
        let git = Place { tree: None, own: own.clone(), common: own.clone(), inside: PathBuf::new() };
        let rest = || git.rest(|_| false);
        assert_eq!(rest(), Rest::Still);
        fs::write(own.join("index.lock"), "").unwrap();
        assert_eq!(rest(), Rest::Locked(own.join("index.lock")));
        let beside = || git.rest(|lock| lock == own.join("index.lock"));
        assert_eq!(beside(), Rest::Still, "it was left there");
        fs::write(own.join("HEAD.lock"), "").unwrap();
        assert_eq!(beside(), Rest::Locked(own.join("HEAD.lock")), "and hides no other");
        ["index.lock", "HEAD.lock"].iter().for_each(|name| fs::remove_file(own.join(name)).unwrap());
        fs::create_dir(own.join("rebase-merge")).unwrap();
        assert_eq!(rest(), Rest::Rebasing);
        fs::write(own.join("REBASE_HEAD"), "").unwrap();
        assert_eq!(rest(), Rest::Still, "it stopped for its user");
        fs::remove_file(own.join("REBASE_HEAD")).unwrap();
        fs::write(own.join("rebase-merge/done"), "pick 0000000 # a commit\nexec false\n\n").unwrap();
        let git = Place { tree: Some(own.clone()), ..git };
        let left = if cfg!(target_os = "linux") { Rest::Still } else { Rest::Rebasing };
        assert_eq!(git.rest(|_| false), left, "the command failed, and git is gone");
    }

    #[test]
    fn a_command_that_rebases_is_told_by_its_name_alone() {
        let is_rebase = |line: &str| super::is_rebase(line.replace(' ', "\0").as_bytes());
        for line in ["git rebase main", "git -C x -c a=b --no-pager rebase -i", "git pull --rebase"] {
            assert!(is_rebase(line), "{line}");
        }
        for line in ["git log rebase", "git -C rebase status", "git"] {
            assert!(!is_rebase(line), "{line}");
        }
    }

    #[test]
    fn only_refs_and_locks_say_something() {
        let folder = tempfile::tempdir().unwrap();
        let (own, common) = (folder.path().join("worktrees/side"), folder.path().to_owned());
        let git = Place { tree: None, own: own.clone(), common: common.clone(), inside: PathBuf::new() };
        assert_eq!(git.sign(&own.join("HEAD")), Some(Sign::Refs));
        assert_eq!(git.sign(&own.join("index.lock")), Some(Sign::AtWork));
        assert_eq!(git.sign(&own.join("index")), None);
        assert_eq!(git.sign(&common.join("refs/heads/main")), Some(Sign::Refs));
        assert_eq!(git.sign(&common.join("refs/heads/main.lock")), Some(Sign::AtWork));
        assert_eq!(git.sign(&common.join("packed-refs")), Some(Sign::Refs));
        assert_eq!(git.sign(&common.join("COMMIT_EDITMSG")), None);
        assert_eq!(git.sign(&common.join("reftable/tables.list")), Some(Sign::Refs));
        assert_eq!(git.sign(&common.join("reftable/tables.list.lock")), Some(Sign::AtWork));
        for folder in ["refs/heads/team", "reftable"].map(|folder| common.join(folder)) {
            fs::create_dir_all(&folder).unwrap();
            assert!(git.folders().contains(&folder));
        }
    }
}
