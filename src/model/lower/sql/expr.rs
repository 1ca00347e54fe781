//! Expressions: their text, the columns that they name, and the name that PostgreSQL derives from them.

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode};

use super::session::{PUBLIC, Session};
use super::tree::{ident, parts, written};
use crate::model::Sql;
use crate::model::name::{Ident, Name};
use crate::syntax::sql::scan::{Piece, pieces};
use crate::syntax::sql::{green, range_of};

/// The text of `expr` without its outer parentheses.
pub fn bare(session: &Session, expr: ast::Expr) -> Sql {
    session.sql(inner(expr).syntax())
}

/// `expr` without its outer parentheses.
pub fn inner(mut expr: ast::Expr) -> ast::Expr {
    while let ast::Expr::ParenExpr(parens) = &expr {
        match parens.expr() {
            Some(within) => expr = within,
            None => break,
        }
    }
    expr
}

/// The names in `expr` that may be columns, each once, in order of appearance: functions' names are not among them.
pub fn names(expr: &ast::Expr) -> Vec<Ident> {
    let mut names: Vec<Ident> = Vec::new();
    for node in expr.syntax().descendants().filter(|it| it.kind() == SyntaxKind::NAME_REF) {
        if is_called(&node) || is_qualifier(&node) {
            continue;
        }
        let name = ident(&node);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn is_called(node: &SyntaxNode) -> bool {
    let callee = node.parent().filter(|it| it.kind() == SyntaxKind::FIELD_EXPR).unwrap_or_else(|| node.clone());
    callee.parent().is_some_and(|it| it.kind() == SyntaxKind::CALL_EXPR)
}

/// Whether `node` is the `t` of `t.column`.
fn is_qualifier(node: &SyntaxNode) -> bool {
    node.parent().is_some_and(|it| it.kind() == SyntaxKind::FIELD_EXPR) && node.next_sibling().is_some()
}

/// Whether `sql` names `name` somewhere outside of strings.
pub fn mentions(sql: &str, name: &Ident) -> bool {
    let quoted = format!("\"{}\"", name.as_str().replace('"', "\"\""));
    pieces(sql).any(|(piece, range)| match piece {
        Piece::Quoted => sql[range] == quoted,
        Piece::Code => sql[range]
            .split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$')
            .any(|word| word.eq_ignore_ascii_case(name.as_str())),
        _ => false,
    })
}

/// Whether a query reads `relation`. Its names are resolved: without a schema they are in `public`.
pub fn reads(query: &Sql, relation: &Name) -> bool {
    let parsed = SourceFile::parse(query.as_str());
    parsed.tree().syntax().descendants().any(|node| is_relation(&node, relation))
}

/// Whether `node` is where a query names `relation`.
fn is_relation(node: &SyntaxNode, relation: &Name) -> bool {
    if node.kind() != SyntaxKind::RELATION_NAME_REF {
        return false;
    }
    let found = written(node);
    let schema = found.schema.as_ref().map_or(PUBLIC, Ident::as_str);
    Name::qualified(schema, found.name.as_str()) == *relation
}

/// A query with `new` wherever it reads `old`, and where it says whose a column is, unless that goes by an alias.
pub fn moved(query: &Sql, old: &Name, new: &Name) -> Sql {
    let parsed = SourceFile::parse(query.as_str());
    let tree = parsed.tree();
    let nodes = || tree.syntax().descendants();
    let named: Vec<SyntaxNode> = nodes().filter(|node| is_relation(node, old)).collect();
    let after = |node: &SyntaxNode| std::iter::successors(node.next_sibling(), SyntaxNode::next_sibling);
    let is_aliased = |node: &SyntaxNode| after(node).any(|it| it.kind() == SyntaxKind::FROM_ALIAS);
    let bare = named.iter().any(|node| !is_aliased(node));
    let is_owner =
        |node: &SyntaxNode| node.kind() == SyntaxKind::NAME_REF && is_qualifier(node) && ident(node) == old.name;
    let mut edits: Vec<(SyntaxNode, String)> = named.into_iter().map(|node| (node, new.to_string())).collect();
    edits.extend(nodes().filter(|node| bare && is_owner(node)).map(|node| (node, new.name.to_string())));
    edits.sort_by_key(|(node, _)| range_of(node).start);
    let mut text = query.as_str().to_owned();
    for (node, name) in edits.iter().rev() {
        text.replace_range(range_of(node), name);
    }
    Sql::new(text)
}

/// `sql` with `new` wherever it says the column `old`: outside of strings, and not where a function is called.
pub fn renamed(sql: &str, old: &Ident, new: &Ident) -> String {
    let quoted = format!("\"{}\"", old.as_str().replace('"', "\"\""));
    let new = new.to_string();
    let mut renamed = String::with_capacity(sql.len());
    for (piece, range) in pieces(sql) {
        match piece {
            Piece::Quoted if sql[range.clone()] == quoted => renamed.push_str(&new),
            Piece::Code => renamed_words(&mut renamed, &sql[range.clone()], &sql[range.end..], old, &new),
            _ => renamed.push_str(&sql[range]),
        }
    }
    renamed
}

fn renamed_words(out: &mut String, code: &str, after: &str, old: &Ident, new: &str) {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| is_word(c) != is_word(first)).unwrap_or(rest.len());
        let (word, following) = rest.split_at(end);
        let called = following.chars().chain(after.chars()).find(|c| !c.is_whitespace()) == Some('(');
        let is_old = word.eq_ignore_ascii_case(old.as_str()) && !called;
        out.push_str(if is_old { new } else { word });
        rest = following;
    }
}

/// The column name that PostgreSQL gives to an index element that is an expression; `None` stands for `expr`.
/// Source: `FigureColnameInternal` in `src/backend/parser/parse_target.c`.
pub fn column_name(expr: &ast::Expr) -> Option<String> {
    strongest(expr).map(|(_, name)| name)
}

/// The column name that PostgreSQL gives to an index element that is the expression `sql`.
pub fn name_of(sql: &Sql) -> Option<String> {
    let tree = green::tree(&format!("CREATE INDEX ON t (({}))", sql.as_str()));
    let item = tree.descendants().find_map(ast::PartitionItem::cast)?;
    column_name(&item.expr()?)
}

/// The name and how good it is: 2 for a name of its own, 1 for one that only stands in.
fn strongest(expr: &ast::Expr) -> Option<(u8, String)> {
    match expr {
        ast::Expr::NameRef(name) => Some((2, ident(name.syntax()).as_str().to_owned())),
        ast::Expr::FieldExpr(field) => Some((2, ident(field.field()?.syntax()).as_str().to_owned())),
        ast::Expr::ParenExpr(parens) => strongest(&parens.expr()?),
        ast::Expr::Collate(collate) => strongest(&collate.expr()?),
        ast::Expr::IndexExpr(index) => strongest(&index.base()?),
        ast::Expr::SliceExpr(slice) => strongest(&slice.base()?),
        ast::Expr::CallExpr(call) => Some((2, called(call)?)),
        ast::Expr::ArrayExpr(_) => Some((2, "array".to_owned())),
        ast::Expr::TupleExpr(_) => Some((2, "row".to_owned())),
        ast::Expr::CastExpr(cast) => {
            let of_argument = cast.expr().and_then(|argument| strongest(&argument));
            of_argument.filter(|(strength, _)| *strength == 2).or_else(|| Some((1, internal_type(&cast.ty()?))))
        }
        ast::Expr::CaseExpr(case) => {
            let of_else = case.else_clause().and_then(|clause| strongest(&clause.expr()?));
            of_else.filter(|(strength, _)| *strength == 2).or_else(|| Some((1, "case".to_owned())))
        }
        ast::Expr::BinExpr(binary) => {
            let zone = binary.syntax().children().any(|it| matches!(it.kind(), SyntaxKind::AT_TIME_ZONE));
            zone.then(|| (2, "timezone".to_owned()))
        }
        _ => None,
    }
}

/// The function behind a call; some have a key word of their own.
fn called(call: &ast::CallExpr) -> Option<String> {
    if let Some(function) = call.expr() {
        let name = match function {
            ast::Expr::FieldExpr(field) => ident(field.field()?.syntax()),
            other => ident(other.syntax()),
        };
        return Some(name.as_str().to_owned());
    }
    let special = call.syntax().children().next()?;
    let keyword = special.first_token()?.text().to_ascii_lowercase();
    Some(if keyword == "trim" { "btrim".to_owned() } else { keyword })
}

/// The name under which the catalog knows a type that has a name of its own in the grammar.
fn internal_type(ty: &ast::Type) -> String {
    let internal = match ty {
        ast::Type::ArrayType(array) => return array.ty().map(|element| internal_type(&element)).unwrap_or_default(),
        ast::Type::VarcharType(_) => "varchar",
        ast::Type::CharacterType(_) => "bpchar",
        ast::Type::BitType(_) => "bit",
        ast::Type::BitVaryingType(_) => "varbit",
        ast::Type::DoubleType(_) => "float8",
        ast::Type::IntervalType(_) => "interval",
        ast::Type::TimeType(_) => zoned(ty, "time", "timetz"),
        ast::Type::TimestampType(_) => zoned(ty, "timestamp", "timestamptz"),
        ast::Type::PathType(path) => {
            let name = parts(path.syntax()).pop();
            return name.map(|name| internal_name(name.as_str()).to_owned()).unwrap_or_default();
        }
    };
    internal.to_owned()
}

fn zoned(ty: &ast::Type, without: &'static str, with: &'static str) -> &'static str {
    if ty.syntax().children().any(|it| it.kind() == SyntaxKind::WITH_TIMEZONE) { with } else { without }
}

fn internal_name(name: &str) -> &str {
    match name {
        "int" | "integer" => "int4",
        "bigint" => "int8",
        "smallint" => "int2",
        "boolean" => "bool",
        "real" => "float4",
        "float" => "float8",
        "decimal" | "dec" => "numeric",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{mentions, name_of, renamed};
    use crate::model::Sql;
    use crate::model::name::Ident;

    #[test]
    fn a_call_gives_its_name_and_an_operation_none() {
        let named = |sql: &str| name_of(&Sql::new(sql)).unwrap_or_else(|| "expr".to_owned());
        assert_eq!(named("app.f((a), g(b))"), "f");
        assert_eq!(named("COALESCE(a, '')"), "coalesce");
        assert_eq!(named("\"left\"(a, 3)"), "left");
        assert_eq!(named("f(a) || g(b)"), "expr");
        assert_eq!(named("(a + b)"), "expr");
    }

    #[test]
    fn a_name_is_found_outside_of_strings_only() {
        let name = Ident::new("a");
        assert!(mentions("lower(A) > 1", &name));
        assert!(mentions("t.\"a\"", &name));
        assert!(!mentions("'a' || ab || a_b", &name));
    }

    #[test]
    fn a_column_is_renamed_outside_of_strings_and_calls() {
        let sql = renamed("lower(t.lower) = 'lower' AND \"lower\" <> ab", &Ident::new("lower"), &Ident::new("Up"));
        assert_eq!(sql, "lower(t.\"Up\") = 'lower' AND \"Up\" <> ab");
    }
}
