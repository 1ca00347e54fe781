//! SQL schema files to statements.
//!
//! `squawk-syntax` parses; this module takes away what is no SQL before ([`blank`]), finds forge's hints in the comments
//! ([`hint`]), and turns syntax errors into diagnostics. A statement is parsed once and read where it lies. Knows no
//! table and no column: what a statement does is decided in `model::lower::sql`.

pub mod blank;
mod errors;
pub mod hint;
mod nesting;
pub mod scan;
pub mod tokens;

use std::collections::BTreeMap;
use std::ops::Range;

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{Parse, SourceFile, SyntaxNode};

use crate::diagnostic::{Diagnostic, Span};
use crate::path::RepoPath;
use blank::Cleaned;
use hint::Hint;

/// A parsed SQL file.
#[derive(Clone, Debug)]
pub struct SqlFile {
    /// Which file.
    pub path: RepoPath,
    /// Its text, with spaces in place of all that is no SQL; offsets are the file's own.
    pub text: String,
    /// The hints in its comments, by what they stand above.
    pub hints: Vec<Hint>,
    /// What is wrong with its syntax.
    pub diagnostics: Vec<Diagnostic>,
    /// What was taken out before parsing, by kind.
    pub skipped: BTreeMap<String, u32>,
    parsed: Parse<SourceFile>,
    broken: Vec<usize>,
}

/// A statement of a file.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its tree.
    pub tree: ast::Stmt,
    /// Its bytes, with a final semicolon.
    pub range: Range<usize>,
    /// Whether a syntax error lies in it, so that what it says is known in part only.
    pub broken: bool,
}

/// Parses the SQL file `path`, whose content is `text`. Never fails: what cannot be read is a diagnostic.
pub fn parse(path: &RepoPath, text: &str) -> SqlFile {
    let Cleaned { text, skipped, mut diagnostics } = blank::clean(path, text);
    let parsed = SourceFile::parse(&text);
    let errors = errors::read(path, &text, &parsed);
    diagnostics.extend(errors.diagnostics);
    let hints = hint::find(path, &text, &mut diagnostics);
    SqlFile { path: path.clone(), text, hints, diagnostics, skipped, parsed, broken: errors.offsets }
}

impl SqlFile {
    /// The statements, in order.
    pub fn statements(&self) -> impl Iterator<Item = Statement> {
        self.parsed.tree().stmts().map(|tree| {
            let range = range_of(tree.syntax());
            let next = self.broken.partition_point(|offset| *offset < range.start);
            let broken = self.broken.get(next).is_some_and(|offset| *offset <= range.end);
            Statement { tree, range, broken }
        })
    }

    /// The span of `node` in this file.
    pub fn span(&self, node: &SyntaxNode) -> Span {
        Span::new(&self.path, range_of(node))
    }

    /// The text of `node`, as written.
    pub fn source(&self, node: &SyntaxNode) -> &str {
        &self.text[range_of(node)]
    }
}

/// The bytes that `node` covers, without the trivia around it.
pub fn range_of(node: &SyntaxNode) -> Range<usize> {
    let range = node.text_range();
    range.start().into()..range.end().into()
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::path::RepoPath;

    fn read(text: &str) -> super::SqlFile {
        parse(&RepoPath::new("a.sql").unwrap(), text)
    }

    #[test]
    fn statements_keep_their_offsets_behind_what_is_cut_out() {
        let text =
            "\u{feff}\\connect db\r\nCREATE TABLE a ();\r\nCOPY a FROM stdin;\r\n1\té\r\n\\.\r\nCREATE TABLE b ()";
        let file = read(text);
        assert_eq!(file.diagnostics, []);
        assert_eq!(file.text.len(), text.len());
        let seen: Vec<&str> = file.statements().map(|it| &text[it.range]).collect();
        assert_eq!(seen, ["CREATE TABLE a ();", "COPY a FROM stdin;", "CREATE TABLE b ()"]);
        assert_eq!(file.skipped["psql meta-command"], 1);
        assert_eq!(file.skipped["COPY data"], 1);
    }

    #[test]
    fn a_broken_statement_is_told_once_and_spares_the_rest() {
        let file = read("CREATE TABLE a (id int,,, x y z);\nCREATE TABLE b (id int);\nSELECT FROM WHERE;");
        let codes: Vec<&str> = file.diagnostics.iter().map(|it| &*it.code).collect();
        assert_eq!(codes, ["sql-syntax", "sql-syntax"], "{:?}", file.diagnostics);
        let broken: Vec<bool> = file.statements().map(|it| it.broken).collect();
        assert_eq!(broken, [true, false, true]);
    }

    #[test]
    fn a_name_that_the_parser_takes_for_a_key_word_is_named() {
        let help = |text: &str| read(text).diagnostics[0].help.join("; ");
        assert!(help("CREATE FUNCTION f(json jsonb) RETURNS int LANGUAGE sql AS 'SELECT 1';").contains("`\"json\"`"));
        assert!(help("CREATE TABLE t (user text);").contains("`\"user\"`"));
        assert_eq!(help("CREATE TABLE t (a b c);"), "");
    }

    #[test]
    fn another_dialect_is_told_what_to_write() {
        let help = |text: &str| read(text).diagnostics[0].help.join("; ");
        assert!(help("CREATE TABLE `t` (id int);").contains("double quotes"));
        assert!(help("CREATE TABLE t (id int AUTO_INCREMENT);").contains("GENERATED ALWAYS AS IDENTITY"));
        assert!(help("CREATE TABLE :schema.t (id int);").contains("psql's variables"));
    }

    #[test]
    fn nothing_and_almost_nothing_are_files() {
        for text in ["", "\u{feff}", ";", "-- a comment", "/* open", "'open", "$a$ open", "\\", "COPY a FROM stdin;"] {
            let file = read(text);
            assert_eq!(file.text.len(), text.len(), "{text}");
        }
    }
}
