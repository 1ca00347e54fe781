//! SQL schema files to statements.
//!
//! `squawk-syntax` parses ([`tree`]); this module takes away what is no SQL before ([`blank`]), finds where statements end
//! ([`statements`]) and forge's hints in the comments ([`hint`]), and turns syntax errors into diagnostics. A statement is
//! parsed once and read where it lies. Knows no table and no column: what a statement does is decided in `model::lower::sql`.

pub mod blank;
mod doubt;
mod errors;
pub mod green;
pub mod hint;
mod respell;
pub mod scan;
mod statements;
pub mod tokens;
mod tree;

use std::collections::BTreeMap;
use std::ops::Range;

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use crate::diagnostic::{Diagnostic, Span};
use crate::path::RepoPath;
use blank::Cleaned;
use hint::Hint;
use tree::Tree;

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
    tree: Tree,
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
    let Cleaned { mut text, skipped, mut diagnostics } = blank::clean(path, text);
    let cuts = statements::cut(&text);
    let deep: Vec<Range<usize>> = cuts.iter().filter(|cut| cut.too_deep).map(|cut| cut.range.clone()).collect();
    if !deep.is_empty() {
        diagnostics.extend(cuts.iter().filter(|cut| cut.too_deep).map(|cut| errors::too_deep(path, &text, cut)));
        text = blank::overwritten(&text, &deep);
    }
    let tree = tree::parse(&text, &cuts);
    diagnostics.extend(errors::told(path, &text, &tree.errors));
    let hints = hint::find(path, &text, &mut diagnostics);
    SqlFile { path: path.clone(), text, hints, diagnostics, skipped, tree }
}

impl SqlFile {
    /// The statements, in order.
    pub fn statements(&self) -> impl Iterator<Item = Statement> {
        let errors = &self.tree.errors;
        self.tree.file().stmts().map(|tree| {
            let range = range_of(tree.syntax());
            let next = errors.partition_point(|error| error.range.start < range.start);
            let broken = errors.get(next).is_some_and(|error| error.range.start <= range.end);
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
    fn a_key_word_of_the_parser_is_read_as_the_name_that_it_is() {
        for text in [
            "CREATE FUNCTION f(json jsonb) RETURNS int LANGUAGE plpgsql AS 'x';",
            "CREATE TABLE t (a int, exclude text, system_user text);",
            "CREATE VIEW v AS WITH update AS (SELECT 1) SELECT cube FROM update GROUP BY cube;",
            "CREATE TABLE t (EXCLUDE USING gist (time WITH =, a gist_int4_ops WITH &&));",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT rollup FROM t GROUP BY rollup $$;",
            "CREATE PROCEDURAL LANGUAGE plperl;",
        ] {
            let file = read(text);
            assert_eq!(file.diagnostics, [], "{text}");
            let tree = file.statements().next().unwrap().tree;
            assert_eq!(squawk_syntax::ast::AstNode::syntax(&tree).text().to_string(), text);
        }
    }

    #[test]
    fn a_reserved_word_is_no_name() {
        let help = |text: &str| read(text).diagnostics[0].help.join("; ");
        assert!(help("CREATE TABLE t (user text);").contains("`\"user\"`"));
        assert!(help("CREATE FUNCTION f() RETURNS TABLE (left int) AS 'x' LANGUAGE c;").contains("`\"left\"`"));
        assert_eq!(help("CREATE TABLE t (a b c);"), "");
        assert_eq!(help("CREATE TABLE t (a int primary);"), "");
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
