//! Why there are no events to be had, and what to do about it.

use std::io::ErrorKind::NotFound;
use std::time::Duration;

use crate::diagnostic::{Diagnostic, Severity};

/// Why forge looks from time to time instead of listening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The kernel gives this user no more watches.
    NoWatches,
    /// The kernel gives this user no more watchers.
    NoWatchers,
    /// The folder lies on a file system that does not tell what others do there.
    Silent(&'static str),
    /// A file was made, and nothing was heard of it.
    Unheard,
    /// The system refuses, in its own words.
    Refused(String),
}

impl Why {
    /// What an error of the watcher means.
    pub fn of(error: &notify::Error) -> Why {
        const TOO_MANY_FILES: i32 = 24;
        match &error.kind {
            notify::ErrorKind::MaxFilesWatch => Why::NoWatches,
            notify::ErrorKind::Io(cause) if cause.raw_os_error() == Some(TOO_MANY_FILES) => Why::NoWatchers,
            _ => Why::Refused(error.to_string()),
        }
    }

    /// Whether an error only says that there is nothing to watch.
    pub fn is_gone(error: &notify::Error) -> bool {
        match &error.kind {
            notify::ErrorKind::PathNotFound => true,
            notify::ErrorKind::Io(cause) => matches!(cause.kind(), NotFound | std::io::ErrorKind::NotADirectory),
            _ => false,
        }
    }

    /// What a user reads, who has to know that a save is seen after `interval` only.
    pub fn diagnostic(&self, interval: Duration) -> Diagnostic {
        let raise = |name: &str, number: u32| {
            format!("`sudo sysctl fs.inotify.{name}={number}` raises the limit; start `forge watch` again afterwards")
        };
        let (why, help) = match self {
            Why::NoWatches => ("the kernel's watches are used up".to_owned(), raise("max_user_watches", 524_288)),
            Why::NoWatchers => (
                "the kernel's watchers or this process's files are used up".to_owned(),
                raise("max_user_instances", 1_024),
            ),
            Why::Silent(kind) => (
                format!("this folder lies on {kind}, which does not tell what changes on the other side"),
                "work on a copy on a local disk to have saves seen at once".to_owned(),
            ),
            Why::Unheard => (
                "this system does not tell when a file changes".to_owned(),
                "work on a copy on a local disk to have saves seen at once".to_owned(),
            ),
            Why::Refused(error) => (
                format!("this system does not tell when a file changes: {error}"),
                "start `forge watch` again once the cause is gone".to_owned(),
            ),
        };
        let message = format!("{why}; forge looks every {interval:?} instead");
        Diagnostic::new(Severity::Warning, "watch-polling", message).help(help)
    }
}
