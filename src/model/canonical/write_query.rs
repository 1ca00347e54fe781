//! Writes a query in one layout: its clauses, and what they read from.

use super::write::{bracketed, ident, list, path, type_name, write, write_pieces};
use crate::syntax::expr::{Body, Common, Expr, Join, Query, Select, Source, Target, TypeName};

/// Writes `query` behind `out`.
pub fn write_query(query: &Query, out: &mut String) {
    if !query.with.is_empty() {
        out.push_str(if query.recursive { "WITH RECURSIVE " } else { "WITH " });
        list(&query.with, ", ", out, |common: &Common, out| {
            out.push_str(&ident(&common.name));
            names(&common.columns, out);
            out.push_str(match common.materialized {
                None => " AS ",
                Some(true) => " AS MATERIALIZED ",
                Some(false) => " AS NOT MATERIALIZED ",
            });
            bracketed("(", &common.query, out);
            marks(common, out);
        });
        out.push(' ');
    }
    body(&query.body, out);
    if !query.order.is_empty() {
        out.push_str(" ORDER BY ");
        list(&query.order, ", ", out, |(value, words), out| {
            write(value, out);
            if !words.is_empty() {
                out.push(' ');
                out.push_str(&words.to_uppercase());
            }
        });
    }
    let limit = if query.ties { " FETCH FIRST (" } else { " LIMIT " };
    for (word, value) in [(" OFFSET ", &query.offset), (limit, &query.limit)] {
        if let Some(value) = value {
            out.push_str(word);
            write(value, out);
        }
    }
    out.push_str(if query.ties { ") ROWS WITH TIES" } else { "" });
    for lock in &query.locks {
        out.push_str(" FOR ");
        out.push_str(&lock.strength.to_uppercase());
        if !lock.of.is_empty() {
            out.push_str(" OF ");
            list(&lock.of, ", ", out, |name, out| out.push_str(&ident(name)));
        }
        out.push_str(if lock.wait.is_empty() { "" } else { " " });
        out.push_str(&lock.wait.to_uppercase());
    }
}

/// SEARCH and CYCLE.
fn marks(common: &Common, out: &mut String) {
    if let Some((order, column)) = &common.search {
        out.push_str(&format!(" SEARCH {order} SET {}", ident(column)));
    }
    let Some(cycle) = &common.cycle else { return };
    out.push_str(" CYCLE ");
    list(&cycle.columns, ", ", out, |name, out| out.push_str(&ident(name)));
    out.push_str(&format!(" SET {}", ident(&cycle.mark)));
    if let Some((mark, usual)) = &cycle.values {
        out.push_str(" TO ");
        write(mark, out);
        out.push_str(" DEFAULT ");
        write(usual, out);
    }
    out.push_str(&format!(" USING {}", ident(&cycle.path)));
}

fn names(columns: &[String], out: &mut String) {
    if !columns.is_empty() {
        out.push('(');
        list(columns, ", ", out, |name, out| out.push_str(&ident(name)));
        out.push(')');
    }
}

fn body(body: &Body, out: &mut String) {
    match body {
        Body::Select(inner) => select(inner, out),
        Body::Set { op, all, left, right } => {
            bracketed("(", left, out);
            out.push(' ');
            out.push_str(&op.to_uppercase());
            out.push_str(if *all { " ALL " } else { " " });
            bracketed("(", right, out);
        }
        Body::Values(rows) => {
            out.push_str("VALUES ");
            list(rows, ", ", out, |row, out| {
                out.push('(');
                list(row, ", ", out, write);
                out.push(')');
            });
        }
        Body::Raw(pieces) => write_pieces(pieces, out),
    }
}

fn select(select: &Select, out: &mut String) {
    out.push_str("SELECT");
    if let Some(on) = &select.distinct {
        out.push_str(" DISTINCT");
        if !on.is_empty() {
            out.push_str(" ON (");
            list(on, ", ", out, write);
            out.push(')');
        }
    }
    if !select.targets.is_empty() {
        out.push(' ');
    }
    list(&select.targets, ", ", out, |target: &Target, out| {
        write(&target.value, out);
        if let Some(name) = &target.name {
            out.push_str(" AS ");
            out.push_str(&ident(name));
        }
    });
    if !select.from.is_empty() {
        out.push_str(" FROM ");
        list(&select.from, ", ", out, source);
    }
    clause(" WHERE ", select.filter.as_ref(), out);
    if !select.group.is_empty() {
        out.push_str(" GROUP BY ");
        list(&select.group, ", ", out, write);
    }
    clause(" HAVING ", select.having.as_ref(), out);
    if !select.windows.is_empty() {
        out.push_str(" WINDOW ");
        list(&select.windows, ", ", out, |(name, definition), out| {
            out.push_str(&ident(name));
            out.push_str(" AS (");
            write_pieces(definition, out);
            out.push(')');
        });
    }
}

fn clause(word: &str, value: Option<&Expr>, out: &mut String) {
    if let Some(value) = value {
        out.push_str(word);
        write(value, out);
    }
}

fn source(source: &Source, out: &mut String) {
    let none = Vec::new();
    let (alias, columns, types) = match source {
        Source::Relation { name, only, alias, columns, sample } => {
            out.push_str(if *only { "ONLY " } else { "" });
            out.push_str(&path(name));
            if !sample.is_empty() {
                // It stands behind the alias.
                named(alias.as_deref(), columns, &none, out);
                out.push(' ');
                return write_pieces(sample, out);
            }
            (alias, columns, &none)
        }
        Source::Query { query, lateral, alias, columns } => {
            bracketed(if *lateral { "LATERAL (" } else { "(" }, query, out);
            (alias, columns, &none)
        }
        Source::Call { call, lateral, ordinality, alias, columns, types } => {
            out.push_str(if *lateral { "LATERAL " } else { "" });
            write(call, out);
            out.push_str(if *ordinality { " WITH ORDINALITY" } else { "" });
            (alias, columns, types)
        }
        Source::Rows { calls, ordinality, alias, columns } => {
            out.push_str("ROWS FROM (");
            list(calls, ", ", out, |(call, defined), out| {
                write(call, out);
                if !defined.is_empty() {
                    out.push_str(" AS ");
                    definitions(defined.iter().map(|(name, ty)| (name, ty)), out);
                }
            });
            out.push_str(if *ordinality { ") WITH ORDINALITY" } else { ")" });
            (alias, columns, &none)
        }
        Source::Join(inner) => return join(inner, out),
    };
    named(alias.as_deref(), columns, types, out);
}

/// The alias of a source, with the names and types that it gives to columns.
fn named(alias: Option<&str>, columns: &[String], types: &[TypeName], out: &mut String) {
    if let Some(alias) = alias {
        out.push_str(" AS ");
        out.push_str(&ident(alias));
        if types.is_empty() {
            return names(columns, out);
        }
        definitions(columns.iter().zip(types), out);
    }
}

/// The columns that are defined for a call.
fn definitions<'d>(columns: impl Iterator<Item = (&'d String, &'d TypeName)>, out: &mut String) {
    out.push('(');
    list(&columns.collect::<Vec<_>>(), ", ", out, |(name, ty), out| {
        out.push_str(&ident(name));
        out.push(' ');
        type_name(ty, out);
    });
    out.push(')');
}

fn join(join: &Join, out: &mut String) {
    out.push('(');
    source(&join.left, out);
    out.push_str(if join.natural { " NATURAL " } else { " " });
    out.push_str(&join.kind.to_uppercase());
    out.push_str(" JOIN ");
    source(&join.right, out);
    clause(" ON ", join.on.as_ref(), out);
    if !join.using.is_empty() {
        out.push_str(" USING ");
        names(&join.using, out);
    }
    out.push(')');
}
