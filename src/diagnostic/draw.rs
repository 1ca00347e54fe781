//! Draws a diagnostic with its lines of source, as compilers do.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Severity, Span};
use crate::path::RepoPath;

/// Draws `diagnostic`, asking `source` for the text of the files that it names; colours as `color` says.
///
/// A file that cannot be shown (deleted, binary) is named without its lines.
pub fn draw<'a>(diagnostic: &Diagnostic, color: bool, source: impl Fn(&RepoPath) -> Option<&'a str>) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = Group::with_title(level.primary_title(&diagnostic.message).id(&*diagnostic.code));
    let mut unseen = Vec::new();
    for path in files(diagnostic) {
        let Some(text) = source(path) else {
            unseen.push(format!("in `{path}`"));
            continue;
        };
        let mut snippet = Snippet::source(text).path(path.as_str());
        for (index, label) in diagnostic.labels.iter().enumerate().filter(|(_, label)| label.span.path == *path) {
            let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            let annotation = kind.span(visible(text, &label.span));
            snippet =
                snippet.annotation(if label.text.is_empty() { annotation } else { annotation.label(&label.text) });
        }
        group = group.element(snippet);
    }
    for place in &unseen {
        group = group.element(Level::NOTE.message(place));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// The files that the diagnostic points into, in the order of its labels, each once.
fn files(diagnostic: &Diagnostic) -> Vec<&RepoPath> {
    let mut files = Vec::new();
    for label in &diagnostic.labels {
        if !files.contains(&&label.span.path) {
            files.push(&label.span.path);
        }
    }
    files
}

/// The span cut to the text and to whole characters: sources may have changed since the span was made.
fn visible(text: &str, span: &Span) -> std::ops::Range<usize> {
    let floor = |offset: usize| (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let start = floor(span.range().start);
    start..floor(span.range().end).max(start)
}
