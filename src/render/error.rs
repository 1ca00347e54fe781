//! What went wrong in a template, as a value and as a diagnostic that draws the template's line.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use minijinja::ErrorKind;
use minijinja::value::Value;

use super::{builtin, known};
use crate::diagnostic::{Diagnostic, Severity, Span, nearest};
use crate::path::RepoPath;

/// A template that could not be rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderError {
    /// The template that is wrong: the one asked for, or one that it includes.
    pub template: String,
    /// The line in it, counted from one; none when the template could not be read at all.
    pub line: Option<u32>,
    /// The bytes of it that are wrong, where that is known.
    pub range: Option<Range<u32>>,
    /// What kind of mistake it is.
    pub kind: Mistake,
    /// What is wrong, in one line.
    pub message: String,
    /// What could be written instead.
    pub help: Vec<String>,
    /// The templates that were asked for until then, as in [`Rendered`](super::engine::Rendered).
    pub templates: BTreeSet<String>,
}

/// The kinds of mistakes in templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// The template's text is no template.
    Syntax,
    /// There is no such template.
    Missing,
    /// The view has no such name.
    Undefined,
    /// There is no such filter, test, function or method.
    Unknown,
    /// Anything else: a value of the wrong kind, a recursion without end.
    Other,
}

impl Mistake {
    fn of(kind: ErrorKind) -> Mistake {
        match kind {
            ErrorKind::SyntaxError => Mistake::Syntax,
            ErrorKind::TemplateNotFound => Mistake::Missing,
            ErrorKind::UndefinedError => Mistake::Undefined,
            ErrorKind::UnknownFilter
            | ErrorKind::UnknownTest
            | ErrorKind::UnknownFunction
            | ErrorKind::UnknownMethod => Mistake::Unknown,
            _ => Mistake::Other,
        }
    }

    /// The stable code of the diagnostic.
    pub fn code(self) -> &'static str {
        match self {
            Mistake::Syntax => "template-syntax",
            Mistake::Missing => "template-missing",
            Mistake::Undefined => "template-undefined",
            Mistake::Unknown => "template-unknown",
            Mistake::Other => "template-error",
        }
    }
}

impl RenderError {
    /// The error as a value. `view` and `templates` are what names could have been meant.
    pub(super) fn new(asked: &str, error: &minijinja::Error, view: &Value, templates: &BTreeSet<&str>) -> RenderError {
        let error = innermost(error);
        let kind = Mistake::of(error.kind());
        let cut = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let wrong = error.template_source().zip(error.range()).and_then(|(text, range)| text.get(range)).unwrap_or("");
        let mut built = RenderError {
            template: error.name().unwrap_or(asked).to_owned(),
            line: error.line().and_then(|line| u32::try_from(line).ok()),
            range: error.range().map(|range| cut(range.start)..cut(range.end)),
            kind,
            message: error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
            help: Vec::new(),
            templates: BTreeSet::new(),
        };
        match kind {
            Mistake::Undefined => {
                if let Some(unknown) = known::explain(wrong, view, error.template_source().unwrap_or("")) {
                    built.message = unknown.message;
                    built.help.extend(unknown.help);
                }
            }
            Mistake::Missing => built.missing(templates),
            _ => {}
        }
        built
    }

    pub(super) fn traced(self, templates: BTreeSet<String>) -> RenderError {
        RenderError { templates, ..self }
    }

    fn missing(&mut self, templates: &BTreeSet<&str>) {
        let wrong = quoted(&self.message).unwrap_or(&self.template).to_owned();
        self.message = format!("there is no template `{wrong}`");
        match nearest(&wrong, templates.iter().copied()) {
            Some(near) => self.help.push(format!("did you mean `{near}`?")),
            None => self.help.push(format!("add the file `{wrong}` to the project's folder of templates")),
        }
    }

    fn span(&self, path: RepoPath) -> Span {
        let range = self.range.clone().unwrap_or(0..0);
        Span { path, start: range.start, end: range.end }
    }

    /// The finding for people; `file` is where a template lies in the project, none for one that does not.
    ///
    /// A template of the project is drawn; a built-in one, or a path, has no file to draw and is named instead.
    pub fn diagnostic(&self, file: impl Fn(&str) -> Option<RepoPath>) -> Diagnostic {
        let line = self.line.map(|line| format!(", line {line}")).unwrap_or_default();
        let found = |message: String| Diagnostic::new(Severity::Error, self.kind.code(), message);
        let diagnostic = match file(&self.template) {
            Some(path) => found(self.message.clone()).at(self.span(path), ""),
            None if builtin::template(&self.template).is_some() => {
                found(format!("{}, in the built-in template `{}`{line}", self.message, self.template))
            }
            // The one that was asked for: the message names it.
            None if self.kind == Mistake::Missing && self.line.is_none() => found(self.message.clone()),
            None => found(format!("{}, in {}", self.message, self.template)),
        };
        self.help.iter().fold(diagnostic, |diagnostic, help| diagnostic.help(help.clone()))
    }
}

/// What stands between the first quotes of `message`, of either kind.
fn quoted(message: &str) -> Option<&str> {
    let quote = message.chars().find(|letter| matches!(letter, '"' | '\''))?;
    message.split(quote).nth(1)
}

/// An error in an included template is wrapped by one that only says so.
fn innermost(error: &minijinja::Error) -> &minijinja::Error {
    let mut found = error;
    while let Some(inner) = std::error::Error::source(found).and_then(|source| source.downcast_ref()) {
        found = inner;
    }
    found
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.template, self.message),
            None => write!(f, "{}: {}", self.template, self.message),
        }
    }
}

impl std::error::Error for RenderError {}
