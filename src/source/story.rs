//! Makes a repository with a history: for the example project, which has to show one.
//!
//! The only place that writes to a repository, and it only ever makes a new one.

use std::path::Path;

use git2::{ErrorCode, IndexAddOption, Repository, RepositoryInitOptions, Signature, Time};

use super::git::{GitError, Place};

/// A commit to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told<'a> {
    /// Who makes it: name and address.
    pub author: (&'a str, &'a str),
    /// When, in seconds since 1970 UTC.
    pub seconds: i64,
    /// Why.
    pub subject: &'a str,
}

/// A new repository of which a history is being told, commit by commit.
pub struct Story {
    repository: Repository,
}

impl Story {
    /// A new repository in `root`, on the branch `main`; `None` when the folder is in one already.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn begin(root: &Path) -> Result<Option<Story>, GitError> {
        if Place::find(root).is_some() {
            return Ok(None);
        }
        // The user's template may hold hooks, which are about the user's own commits.
        let mut options = RepositoryInitOptions::new();
        options.initial_head("main").external_template(false).no_reinit(true);
        match Repository::init_opts(root, &options) {
            Ok(repository) => Ok(Some(Story { repository })),
            Err(error) if error.code() == ErrorCode::Exists => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    }

    /// Commits everything that lies in the folder now.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn commit(&self, told: &Told<'_>) -> Result<(), GitError> {
        self.try_commit(told).map_err(|error| refused(&error))
    }

    fn try_commit(&self, told: &Told<'_>) -> Result<(), git2::Error> {
        let mut index = self.repository.index()?;
        index.add_all(["*"], IndexAddOption::DEFAULT, None)?;
        index.write()?;
        let tree = self.repository.find_tree(index.write_tree()?)?;
        let who = Signature::new(told.author.0, told.author.1, &Time::new(told.seconds, 0))?;
        let parent = match self.repository.head() {
            Ok(head) => Some(head.peel_to_commit()?),
            Err(_) => None,
        };
        let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
        self.repository.commit(Some("HEAD"), &who, &who, told.subject, &tree, &parents)?;
        Ok(())
    }
}

fn refused(error: &git2::Error) -> GitError {
    GitError::Refused(error.message().to_owned())
}
