//! Aliases that name the columns of a table by their places: `accounts AS a (id, name)`.
//!
//! New columns of a table come last, wherever a schema file says them. A text that is read by the server then has to
//! name the columns in the order in which they stand there.

use std::borrow::Cow;
use std::ops::Range;

use squawk_lexer::{TokenKind, tokenize};

use super::Context;
use super::action::Item;
use super::fate::Fate;
use super::text::columns;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};

/// The text, whose aliases name columns by the places that they have in the new schema, with the names by the places
/// that they have in the database.
pub(super) fn rewritten<'t>(context: &Context<'_>, text: &'t str) -> Cow<'t, str> {
    let mut out = Cow::Borrowed(text);
    for (table, names, place) in lists(text).into_iter().rev() {
        let Some(all) = all_names(context, &table, &names) else { continue };
        out.to_mut().replace_range(place, &columns(&all));
    }
    out
}

/// The names of all columns in the order of the database; `None` where that is the order of the schema.
fn all_names(context: &Context<'_>, table: &Name, names: &[Ident]) -> Option<Vec<Ident>> {
    let said = &context.new.model.tables.get(table)?.columns;
    let fate = |column: &Ident| context.fates.get(&Item::whole(ObjectId::Column(table.clone(), column.clone())));
    let stays = |column: &Ident| !matches!(fate(column), Some(Fate::Create | Fate::Drop | Fate::Rebuild));
    let before = context.old.model.tables.get(table).filter(|_| !context.is_new(table))?;
    let kept = before.columns.iter().map(|column| &column.name).filter(|name| stays(name));
    let added = said.iter().map(|column| &column.name).filter(|name| !stays(name));
    let there: Vec<&Ident> = kept.chain(added).collect();
    if there.iter().copied().eq(said.iter().map(|column| &column.name)) {
        return None;
    }
    let called = |column: &&Ident| {
        let at = said.iter().position(|it| it.name == **column)?;
        Some(names.get(at).unwrap_or(column).clone())
    };
    there.iter().map(called).collect()
}

/// The tables with the names that an alias gives to their columns, and where these stand with their parentheses.
fn lists(text: &str) -> Vec<(Name, Vec<Ident>, Range<usize>)> {
    let mut at = 0;
    let tokens = tokenize(text).filter_map(|token| {
        let start = at;
        at += token.len as usize;
        let blank =
            matches!(token.kind, TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. });
        (!blank).then_some(start..at)
    });
    let tokens: Vec<Range<usize>> = tokens.collect();
    let word = |at: usize| tokens.get(at).and_then(|range| Ident::of_token(&text[range.clone()]));
    let is = |at: usize, sign: &str| tokens.get(at).is_some_and(|range| text[range.clone()] == *sign);
    let list = |open: usize| {
        let alias = open.checked_sub(1).filter(|at| word(*at).is_some())?;
        let before = alias.checked_sub(1)?;
        let last = if word(before)?.as_str() == "as" { before.checked_sub(1)? } else { before };
        let schema = last.checked_sub(2).filter(|at| is(at + 1, ".")).and_then(word);
        let name = match schema {
            Some(schema) => Name::qualified(schema.as_str(), word(last)?.as_str()),
            None => Name::local(word(last)?.as_str()),
        };
        let mut names = vec![word(open + 1)?];
        let mut end = open + 2;
        while is(end, ",") {
            names.push(word(end + 1)?);
            end += 2;
        }
        is(end, ")").then(|| (name, names, tokens[open].start..tokens[end].end))
    };
    (0..tokens.len()).filter(|at| is(*at, "(")).filter_map(list).collect()
}
