//! Which names a snapshot shows.
//!
//! Hidden names are not schema files, and neither is what editors leave beside a file while it is open:
//! `.accounts.toml.swp`, `.#accounts.toml`, `#accounts.toml#`, `accounts.toml~`, vim's probe `4913`, the
//! `accounts.toml___jb_tmp___` of JetBrains. They are passed over without a word, since nobody meant them.

use std::ffi::OsStr;

use crate::diagnostic::{Diagnostic, Span};
use crate::path::RepoPath;

/// Whether `name`, of a file or a folder, is passed over.
pub fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
        || name.ends_with('~')
        || (name.starts_with('#') && name.ends_with('#'))
        || name.bytes().all(|byte| byte.is_ascii_digit())
        || name.contains("___jb_")
}

/// The path of `name` in `folder`; `None` when it is passed over, a finding when it is no name for a project's file.
pub fn place(folder: &RepoPath, name: &OsStr) -> Option<Result<RepoPath, Diagnostic>> {
    let Some(text) = name.to_str() else {
        let message = format!("the name `{}` is not UTF-8", name.display());
        return Some(Err(refuse(folder, message)));
    };
    if is_hidden(text) {
        return None;
    }
    Some(folder.join(text).map_err(|error| refuse(folder, format!("the name `{text}` cannot be used: {error}"))))
}

fn refuse(folder: &RepoPath, message: String) -> Diagnostic {
    Diagnostic::error("file-name", Span::file(folder), message).help("rename the file, or move it out of the folder")
}

/// The finding about something in a schema folder that is no file and no folder.
pub fn not_a_file(path: &RepoPath, what: &str) -> Diagnostic {
    Diagnostic::error("not-a-file", Span::file(path), format!("`{path}` is {what}, which forge does not read"))
        .help("put the file itself there, or move this out of the schema folders")
}

#[cfg(test)]
mod tests {
    use super::is_hidden;

    #[test]
    fn editors_leftovers_are_no_schema_files() {
        for name in [".x.toml.swp", ".#x.toml", "#x.toml#", "x.toml~", "4913", "x.toml___jb_tmp___", ".git"] {
            assert!(is_hidden(name), "{name}");
        }
        for name in ["x.toml", "x#y.toml", "0001_init.sql", "x~y.toml", "schema"] {
            assert!(!is_hidden(name), "{name}");
        }
    }
}
