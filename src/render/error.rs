//! What went wrong in a template, as a value and as a diagnostic that draws the template's line.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use minijinja::ErrorKind;
use minijinja::value::Value;

use super::known;
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
            Mistake::Undefined => built.undefined(wrong, view),
            Mistake::Missing => built.missing(templates),
            _ => {}
        }
        built
    }

    pub(super) fn traced(mut self, templates: BTreeSet<String>) -> RenderError {
        self.templates = templates;
        self
    }

    /// Names the value that is not there, and those that are.
    fn undefined(&mut self, expression: &str, view: &Value) {
        let path: Vec<&str> = expression.split('.').map(str::trim).collect();
        let is_path = path.iter().all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_'));
        if !is_path {
            return;
        }
        let (mut reached, mut value) = (0, view.clone());
        while let Some(inner) =
            path.get(reached).and_then(|part| value.get_attr(part).ok()).filter(|v| !v.is_undefined())
        {
            value = inner;
            reached += 1;
        }
        // The first part may be a loop's variable, whose value is not known here: then all names of the view count.
        let local = reached == 0 && path.len() > 1;
        let (wrong, names) = if local {
            (path[path.len() - 1], known::all(view))
        } else {
            (path[reached.min(path.len() - 1)], known::top(&value))
        };
        self.message = match path[..path.len() - 1].join(".") {
            parent if parent.is_empty() => format!("the view has no `{wrong}`"),
            parent => format!("`{parent}` has no `{wrong}`"),
        };
        if let Some(near) = nearest(wrong, names.iter().map(String::as_str)) {
            self.help.push(format!("did you mean `{near}`?"));
        } else if !local && !names.is_empty() {
            let listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            self.help.push(format!("it has {}", listed.join(", ")));
        }
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

    /// The finding for people; `file` is where a template lies in the project, none for a built-in one.
    pub fn diagnostic(&self, file: impl Fn(&str) -> Option<RepoPath>) -> Diagnostic {
        let path = file(&self.template);
        let line = self.line.map(|line| format!(", line {line}")).unwrap_or_default();
        let message = match path {
            Some(_) => self.message.clone(),
            None => format!("{}, in `{}`{line}", self.message, self.template),
        };
        let diagnostic = Diagnostic::new(Severity::Error, self.kind.code(), message);
        let placed = path.into_iter().fold(diagnostic, |diagnostic, path| diagnostic.at(self.span(path), ""));
        self.help.iter().fold(placed, |diagnostic, help| diagnostic.help(help.clone()))
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
