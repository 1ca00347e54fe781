//! Draws a diagnostic with its lines of source, as compilers do.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::excerpt::{self, Excerpt};
use super::{Diagnostic, Severity};
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
        let labels = || diagnostic.labels.iter().enumerate().filter(|(_, label)| label.span.path == *path);
        let spans: Vec<_> = labels().map(|(_, label)| excerpt::visible(text, &label.span)).collect();
        let Excerpt { range, line, column } = excerpt::around(text, &spans);
        let mut snippet = Snippet::source(&text[range.clone()]).line_start(line);
        match column {
            None => snippet = snippet.path(path.as_str()),
            Some(column) => {
                group = group.element(Origin::path(path.as_str()).line(line).char_column(column));
            }
        }
        for ((index, label), span) in labels().zip(spans) {
            let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            let annotation = kind.span(span.start - range.start..span.end - range.start);
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
