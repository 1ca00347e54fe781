//! Hints: comments of the form `-- forge:renamed_from old_name` that say how past states are carried over.
//!
//! A hint is about what follows it, on the next line or after further hints: it holds the offset of the next token, and
//! whoever reads a table, a column or a value there asks for the hints at its own start.

use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::path::RepoPath;

use super::scan::{Piece, pieces};

/// What a hint says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HintKind {
    /// `renamed_from`: the name that the object had before.
    RenamedFrom,
    /// `backfill`: the expression that fills rows which lack a value.
    Backfill,
    /// `using`: the expression that converts old values.
    Using,
}

/// A hint in a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// What it says.
    pub kind: HintKind,
    /// The name or the expression, as written.
    pub value: String,
    /// Where the comment stands.
    pub span: Span,
    /// The offset of the first token after it.
    pub target: usize,
}

const NAMES: [(&str, HintKind); 3] =
    [("renamed_from", HintKind::RenamedFrom), ("backfill", HintKind::Backfill), ("using", HintKind::Using)];

impl HintKind {
    /// The hint's name in a comment.
    pub fn name(self) -> &'static str {
        NAMES[self as usize].0
    }
}

/// Finds the hints of `text`, in order; malformed ones become diagnostics.
pub fn find(path: &RepoPath, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<Hint> {
    let mut hints: Vec<Hint> = Vec::new();
    if !text.contains("forge:") {
        return hints;
    }
    let mut waiting = 0;
    for (piece, range) in pieces(text) {
        match piece {
            Piece::Space | Piece::BlockComment => {}
            Piece::LineComment => {
                let Some(said) = text[range.clone()].trim_start_matches('-').trim().strip_prefix("forge:") else {
                    continue;
                };
                match read(said, Span::new(path, range)) {
                    Ok(hint) => hints.push(hint),
                    Err(diagnostic) => diagnostics.push(diagnostic),
                }
            }
            _ => {
                hints[waiting..].iter_mut().for_each(|hint| hint.target = range.start);
                waiting = hints.len();
            }
        }
    }
    hints[waiting..].iter_mut().for_each(|hint| hint.target = text.len());
    hints
}

/// Reads what follows `forge:`.
fn read(said: &str, span: Span) -> Result<Hint, Diagnostic> {
    let said = said.trim_start();
    let (name, value) = said.split_once(|c: char| c.is_whitespace() || c == '=').unwrap_or((said, ""));
    let Some((_, kind)) = NAMES.iter().find(|(known, _)| *known == name) else {
        let unknown = Diagnostic::error("unknown-hint", span, format!("there is no hint `{name}`"));
        return Err(match nearest(name, NAMES.iter().map(|(known, _)| *known)) {
            Some(known) => unknown.help(format!("did you mean `-- forge:{known}`?")),
            None => unknown.help("hints are `renamed_from`, `backfill` and `using`"),
        });
    };
    let value = value.trim();
    if let Some(value) = value.strip_prefix('=').or_else(|| said[name.len()..].starts_with('=').then_some(value)) {
        let found = Diagnostic::error("unknown-hint", span, format!("a hint in an SQL file has no `=`: `{name}`"));
        return Err(found.help(format!("write `-- forge:{name} {}`", value.trim().trim_matches('"'))));
    }
    if value.is_empty() {
        let empty = Diagnostic::error("unknown-hint", span, format!("the hint `{name}` says nothing"));
        let wanted = if *kind == HintKind::RenamedFrom { "the old name" } else { "an expression" };
        return Err(empty.help(format!("write {wanted} after `forge:{name}`")));
    }
    Ok(Hint { kind: *kind, value: value.to_owned(), span, target: 0 })
}

#[cfg(test)]
mod tests {
    use super::{HintKind, find};
    use crate::path::RepoPath;

    #[test]
    fn a_hint_is_about_the_next_token() {
        let text = "CREATE TABLE a (\n-- forge:renamed_from old\n  -- forge:backfill now()\n /* x */ b int\n);";
        let mut diagnostics = Vec::new();
        let hints = find(&RepoPath::root(), text, &mut diagnostics);
        assert_eq!(diagnostics, []);
        let b = text.find("b int").unwrap();
        let seen: Vec<_> = hints.iter().map(|hint| (hint.kind, hint.value.as_str(), hint.target)).collect();
        assert_eq!(seen, [(HintKind::RenamedFrom, "old", b), (HintKind::Backfill, "now()", b)]);
        assert_eq!(HintKind::Using.name(), "using");
    }

    #[test]
    fn a_string_holds_no_hint_and_a_slip_is_told() {
        let mut diagnostics = Vec::new();
        let hints =
            find(&RepoPath::root(), "SELECT '\n-- forge:using x\n';\n-- forge:renamed_form a", &mut diagnostics);
        assert_eq!(hints, []);
        assert_eq!(diagnostics[0].help, ["did you mean `-- forge:renamed_from`?"]);
        for slip in ["-- forge: renamed_from = \"a\"", "-- forge:renamed_from=a"] {
            diagnostics.clear();
            assert_eq!(find(&RepoPath::root(), slip, &mut diagnostics), []);
            assert_eq!(diagnostics[0].help, ["write `-- forge:renamed_from a`"]);
        }
        assert_eq!(find(&RepoPath::root(), "-- forge: renamed_from a", &mut diagnostics)[0].value, "a");
    }
}
