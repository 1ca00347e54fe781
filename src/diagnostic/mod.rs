//! Diagnostics as values: what is wrong, where, and what to write instead.
//!
//! Every layer returns them beside what it could still make; nothing here prints. [`draw`] turns one into the
//! text that a person reads. House style: lower case, names in backticks, one terse message without a final
//! full stop, and help that can be acted on.

pub mod draw;
mod excerpt;
pub mod lines;
mod nearest;

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use nearest::nearest;

use crate::path::RepoPath;

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// What it is about is not built; the exit status is 1.
    Error,
    /// Built, but probably not what was meant; the exit status is 1 for `forge check`.
    Warning,
    /// Worth knowing: a choice that forge made, something skipped and counted.
    Note,
}

/// A range of bytes in a file of the project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The file.
    pub path: RepoPath,
    /// First byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// A span of `range` in `path`; offsets beyond 4 GiB are cut, since no schema file is that long.
    pub fn new(path: &RepoPath, range: Range<usize>) -> Span {
        let cut = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { path: path.clone(), start: cut(range.start), end: cut(range.end) }
    }

    /// The start of `path`: for what is wrong with a file as a whole.
    pub fn file(path: &RepoPath) -> Span {
        Span::new(path, 0..0)
    }

    /// The bytes that the span covers.
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A place with a word about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there; may be empty.
    pub text: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Diagnostic {
    /// The place that is wrong first, then places that explain it.
    pub labels: Vec<Label>,
    /// How much it weighs.
    pub severity: Severity,
    /// A stable name, such as `unknown-key`, by which tests and tools refer to this kind of finding.
    pub code: Cow<'static, str>,
    /// What is wrong, in one line.
    pub message: String,
    /// What to write or do instead, one way out each.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error at `span`.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, code, message).at(span, "")
    }

    /// A warning at `span`.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, code, message).at(span, "")
    }

    /// A diagnostic that has no place yet, or none at all (a folder that is missing).
    pub fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            labels: Vec::new(),
            severity,
            code: Cow::Borrowed(code),
            message: message.into(),
            help: Vec::new(),
        }
    }

    /// The same with one more place; the first is where the mistake is.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// The same with a word beside its first place.
    #[must_use]
    pub fn labelled(mut self, text: impl Into<String>) -> Diagnostic {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// The same with one more way out.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help.push(text.into());
        self
    }

    /// The file that the diagnostic is about, if it is about one.
    pub fn path(&self) -> Option<&RepoPath> {
        self.labels.first().map(|label| &label.span.path)
    }

    /// Whether what it is about could not be built.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
