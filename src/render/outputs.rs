//! Refuses output paths that would collide or leave the output folder, before anything is written.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::path::RepoPath;

/// An output that is about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The target that makes it.
    pub target: String,
    /// What the target is rendered for: `project`, `module master-view`, `entity accounts`.
    pub subject: String,
    /// Its path below the output folder, as the target's path template gave it.
    pub path: String,
    /// Where the target was declared; none for a built-in one.
    pub declared: Option<Span>,
}

/// The path of `output` below the output folder.
///
/// # Errors
/// When the path leaves the folder, is the folder itself, or is not portable.
pub fn path(output: &Output) -> Result<RepoPath, Diagnostic> {
    let refuse = |why: &str| {
        let message = format!("{} has the path `{}`: {why}", describe(output), output.path);
        placed(Diagnostic::new(Severity::Error, "output-path", message), output)
            .help("write a path below the output folder, such as `types/{{ entity.slug }}.ts`")
    };
    // A file's name does not end where a folder's does: `a/` would silently become the file `a`.
    if output.path.ends_with('/') {
        return Err(refuse("it names a folder, not a file"));
    }
    if output.path.split('/').any(|part| part == "..") {
        return Err(refuse("it climbs with `..`"));
    }
    if output.path.chars().any(char::is_control) {
        return Err(refuse("it holds a line break or another control character"));
    }
    let path = RepoPath::new(&output.path).map_err(|error| refuse(&error.to_string()))?;
    if path.is_root() { Err(refuse("it names no file")) } else { Ok(path) }
}

/// Every reason not to write `outputs`: paths that leave the output folder, that two outputs share (case aside), or
/// that need a file where another output needs a folder. Empty when all is well.
pub fn check(outputs: &[Output]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut files: BTreeMap<String, &Output> = BTreeMap::new();
    for output in outputs {
        match path(output) {
            Err(finding) => findings.push(finding),
            Ok(path) => {
                let folded = path.as_str().to_lowercase();
                match files.get(&folded) {
                    Some(other) => findings.push(shared(output, other)),
                    None => {
                        files.insert(folded, output);
                    }
                }
            }
        }
    }
    for (path, output) in &files {
        let folders = path.match_indices('/').map(|(end, _)| &path[..end]);
        findings.extend(folders.filter_map(|folder| files.get(folder)).map(|file| in_a_file(output, file)));
    }
    findings
}

fn describe(output: &Output) -> String {
    format!("target `{}` for {}", output.target, output.subject)
}

fn shared(output: &Output, other: &Output) -> Diagnostic {
    let alike = if output.path == other.path { "" } else { ", which some file systems take for the same" };
    let message = format!("{} and {} both write `{}`{alike}", describe(other), describe(output), output.path);
    let finding = placed(Diagnostic::new(Severity::Error, "output-shared", message), output);
    let finding = other.declared.iter().fold(finding, |finding, span| finding.at(span.clone(), "the other target"));
    if output.target == other.target {
        finding.help("let the path name what it is for: `{{ module.slug }}`, `{{ entity.slug }}`")
    } else {
        finding.help("give one of the two targets another `path`")
    }
}

fn in_a_file(output: &Output, file: &Output) -> Diagnostic {
    let message = format!(
        "{} writes `{}`, where {} needs a folder for `{}`",
        describe(file),
        file.path,
        describe(output),
        output.path
    );
    placed(Diagnostic::new(Severity::Error, "output-shared", message), output)
        .help("give one of the two targets another `path`")
}

fn placed(diagnostic: Diagnostic, output: &Output) -> Diagnostic {
    output.declared.iter().fold(diagnostic, |diagnostic, span| diagnostic.at(span.clone(), ""))
}

#[cfg(test)]
mod tests {
    use super::{Output, check};

    fn codes(paths: &[&str]) -> Vec<String> {
        let outputs: Vec<Output> = paths
            .iter()
            .map(|path| Output {
                target: "t".to_owned(),
                subject: "project".to_owned(),
                path: (*path).to_owned(),
                declared: None,
            })
            .collect();
        check(&outputs).into_iter().map(|finding| finding.code.into_owned()).collect()
    }

    #[test]
    fn paths_stay_below_the_output_folder() {
        for path in ["../a", "/a", "", ".", "a/", "C:/a", "a\\b", "a/../../b", "a/../b", "a\nb"] {
            assert_eq!(codes(&[path]), ["output-path"], "{path:?}");
        }
        assert_eq!(codes(&["a/b.md", "a/c.md", "a.md"]), [""; 0]);
    }

    #[test]
    fn no_two_outputs_share_a_file() {
        assert_eq!(codes(&["a/b", "A/B"]), ["output-shared"]);
        assert_eq!(codes(&["a/b", "a//./b"]), ["output-shared"]);
        assert_eq!(codes(&["a", "a/b/c"]), ["output-shared"]);
        assert_eq!(codes(&["a/b/c", "A"]), ["output-shared"]);
        assert_eq!(codes(&["a-b", "a/c"]), [""; 0]);
    }
}
