//! Why git's part of the work could not be done, and what to do about it.

use std::fmt;
use std::path::PathBuf;

use super::Id;
use crate::diagnostic::{Diagnostic, Severity};

/// Why something cannot be read from a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GitError {
    /// There is no repository at or above the project's folder.
    NoRepository,
    /// The repository belongs to another user, and was not declared safe (git's `safe.directory`).
    Untrusted(PathBuf),
    /// The repository is of a kind that only the git program reads, and the program cannot be started.
    NoProgram(String),
    /// The history is cut off at this commit: a shallow clone.
    Shallow(Id),
    /// An object is not in the repository, and could not be fetched, for the reason that git gives.
    Missing(Id, String),
    /// An object is not what its place says it is.
    Damaged(Id),
    /// The setting `mainline` names a branch that is not there.
    NoMainline(String),
    /// A ref, or what refs are packed into, cannot be read as what it should be: what is wrong with it.
    BrokenRef(String),
    /// A file of git's own cannot be read, for this reason.
    Unreadable(String, String),
    /// git refuses, in its own words.
    Refused(String),
}

impl GitError {
    /// What a user reads about it.
    pub fn diagnostic(&self) -> Diagnostic {
        let found = Diagnostic::new(Severity::Error, self.code(), self.to_string());
        match self.help() {
            Some(help) => found.help(help),
            None => found,
        }
    }

    /// Whether there is a history, and something that somebody has to mend keeps forge from it.
    pub fn hides_history(&self) -> bool {
        !matches!(self, GitError::NoRepository)
    }

    fn code(&self) -> &'static str {
        match self {
            GitError::NoRepository => "no-repository",
            GitError::Untrusted(_) => "untrusted-repository",
            GitError::NoProgram(_) => "no-git",
            GitError::Shallow(_) => "shallow-clone",
            GitError::Missing(..) => "missing-object",
            GitError::Damaged(_) => "damaged-object",
            GitError::NoMainline(_) => "no-mainline",
            GitError::BrokenRef(_) => "broken-ref",
            GitError::Unreadable(..) => "unreadable-repository",
            GitError::Refused(_) => "git",
        }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            GitError::NoRepository => "`git init` makes one".to_owned(),
            GitError::Untrusted(place) => {
                format!(
                    "if you trust its owner, run `git config --global --add safe.directory {}`",
                    quoted(&place.to_string_lossy())
                )
            }
            GitError::NoProgram(_) => "install git, or put it on the PATH".to_owned(),
            GitError::Shallow(_) => "run `git fetch --unshallow`".to_owned(),
            GitError::Missing(..) => {
                "run forge where the remote can be reached, or `git fetch --refetch --no-filter` once".to_owned()
            }
            GitError::Damaged(_) => "`git fsck` says more".to_owned(),
            GitError::NoMainline(name) => {
                format!(
                    "`git branch -a` lists what there is; where a remote has it, \
                     `git fetch origin {name}:refs/remotes/origin/{name}` fetches it"
                )
            }
            GitError::BrokenRef(_) => {
                "`git fsck` says more; the last line of `.git/logs/<ref>` names the commit that `git update-ref <ref> <commit>` \
                 puts back"
                    .to_owned()
            }
            GitError::Unreadable(..) => "let the user who runs forge read git's folder".to_owned(),
            GitError::Refused(_) => return None,
        })
    }
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GitError::NoRepository => f.write_str("the project is in no git repository"),
            GitError::Untrusted(place) => write!(f, "the repository `{}` belongs to another user", place.display()),
            GitError::NoProgram(why) => write!(f, "this repository needs the git program, which cannot be run: {why}"),
            GitError::Shallow(id) => write!(f, "the history is cut off at commit {} (a shallow clone)", id.short()),
            GitError::Missing(id, why) if why.is_empty() => write!(f, "the object {id} is not in this repository"),
            GitError::Missing(id, why) => write!(f, "the object {id} is not in this repository: {why}"),
            GitError::Damaged(id) => write!(f, "the object {id} cannot be read as what it should be"),
            GitError::NoMainline(name) => write!(f, "there is no branch `{name}`, which `mainline` names"),
            GitError::BrokenRef(what) => f.write_str(what),
            GitError::Unreadable(name, why) => write!(f, "git's file `{name}` cannot be read: {why}"),
            GitError::Refused(why) => write!(f, "git: {why}"),
        }
    }
}

impl std::error::Error for GitError {}

/// A word of a POSIX shell that means `text`.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::{GitError, quoted};

    #[test]
    fn a_command_can_be_pasted_whatever_the_folder_is_called() {
        assert_eq!(quoted("/srv/data-model.git"), "/srv/data-model.git");
        assert_eq!(quoted("/srv/it's here"), r"'/srv/it'\''s here'");
        let help = GitError::Untrusted("/srv/a b".into()).help();
        assert!(help.unwrap().contains("`git config --global --add safe.directory '/srv/a b'`"));
    }
}
