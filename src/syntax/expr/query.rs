//! From the parser's tree to [`Query`]. A clause that has no place in the tree makes the whole select one of words.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::calls::tidy;
use super::read::{child, expression, raw};
use super::token::{ident, parts, tokens, word};
use super::tree::{Body, Common, Cycle, Expr, Join, Lock, Query, Select, Source, Target, TypeName};
use super::types::{is_type, type_name};

/// Whether a node of this kind is a query.
pub fn is_query(kind: SyntaxKind) -> bool {
    use SyntaxKind as K;
    matches!(kind, K::SELECT | K::COMPOUND_SELECT | K::PAREN_SELECT | K::VALUES | K::TABLE)
}

/// The query that `node` is.
pub fn read(node: &SyntaxNode) -> Query {
    shaped(node).unwrap_or_else(|| bare(Body::Raw(raw(node))))
}

fn bare(body: Body) -> Query {
    Query {
        with: Vec::new(),
        recursive: false,
        body,
        order: Vec::new(),
        limit: None,
        ties: false,
        offset: None,
        locks: Vec::new(),
    }
}

fn shaped(node: &SyntaxNode) -> Option<Query> {
    match node.kind() {
        SyntaxKind::SELECT => select(node),
        SyntaxKind::COMPOUND_SELECT => compound(node),
        SyntaxKind::PAREN_SELECT => {
            let inner = node.first_child()?;
            (is_query(inner.kind()) && node.children().count() == 1).then(|| read(&inner))
        }
        SyntaxKind::VALUES => values(node),
        _ => None,
    }
}

fn values(node: &SyntaxNode) -> Option<Query> {
    let list = node.first_child()?;
    if node.children().count() != 1 {
        return None;
    }
    let rows = list.children().map(|row| row.children().map(|it| expression(&it)).collect()).collect();
    Some(bare(Body::Values(rows)))
}

fn compound(node: &SyntaxNode) -> Option<Query> {
    let mut children = node.children();
    let (left, op, right) = (children.next()?, children.next()?, children.next()?);
    let mut words = tokens(&op).map(|token| token.text().to_ascii_lowercase());
    let name = words.next()?;
    let all = words.next().as_deref() == Some("all");
    let (left, right) = (Box::new(read(&left)), Box::new(read(&right)));
    let mut query = bare(Body::Set { op: name, all, left, right });
    children.try_for_each(|clause| tail(&clause, &mut query))?;
    Some(query)
}

fn select(node: &SyntaxNode) -> Option<Query> {
    let mut select = Select::default();
    let mut query = bare(Body::Values(Vec::new()));
    for part in node.children() {
        match part.kind() {
            SyntaxKind::WITH_CLAUSE => with(&part, &mut query)?,
            SyntaxKind::SELECT_CLAUSE => targets(&part, &mut select)?,
            SyntaxKind::FROM_CLAUSE => {
                select.from = part.children().map(|it| source(&it)).collect::<Option<_>>()?;
            }
            SyntaxKind::WHERE_CLAUSE => select.filter = Some(expression(&part.first_child()?)),
            SyntaxKind::HAVING_CLAUSE => select.having = Some(expression(&part.first_child()?)),
            SyntaxKind::GROUP_BY_CLAUSE => select.group = group(&part)?,
            SyntaxKind::WINDOW_CLAUSE => {
                select.windows = part.children().map(|it| window(&it)).collect::<Option<_>>()?
            }
            _ => tail(&part, &mut query)?,
        }
    }
    query.body = Body::Select(Box::new(select));
    Some(query)
}

/// `name AS (definition)`, without the parentheses.
fn window(node: &SyntaxNode) -> Option<(String, Vec<super::tree::Piece>)> {
    let name = ident(&node.first_child()?.text().to_string());
    let spec = node.children().find(|it| it.kind() == SyntaxKind::WINDOW_SPEC);
    let mut definition = spec.map(|spec| raw(&spec)).unwrap_or_default();
    tidy(&mut definition);
    Some((name, definition))
}

fn with(clause: &SyntaxNode, query: &mut Query) -> Option<()> {
    query.recursive = clause.children_with_tokens().any(|it| it.kind() == SyntaxKind::RECURSIVE_KW);
    for table in clause.children() {
        let (mut name, mut columns, mut inner, mut materialized) = (None, Vec::new(), None, None);
        let (mut search, mut cycle) = (None, None);
        for part in table.children() {
            match part.kind() {
                SyntaxKind::CTE_NAME => name = Some(ident(&part.text().to_string())),
                SyntaxKind::COLUMN_LIST => columns = names(&part),
                SyntaxKind::MATERIALIZED => materialized = Some(true),
                SyntaxKind::NOT_MATERIALIZED => materialized = Some(false),
                SyntaxKind::SEARCH_CLAUSE => search = Some(self::search(&part)?),
                SyntaxKind::CYCLE_CLAUSE => cycle = Some(self::cycle(&part)?),
                kind if is_query(kind) => inner = Some(read(&part)),
                _ => return None,
            }
        }
        query.with.push(Common { name: name?, columns, materialized, query: inner?, search, cycle });
    }
    Some(())
}

/// `SEARCH … SET column`.
fn search(clause: &SyntaxNode) -> Option<(String, String)> {
    let mut all: Vec<String> = tokens(clause).map(|token| word(&token)).collect();
    let column = ident(&all.pop()?);
    let order = all.strip_suffix(&["set".to_owned()])?.join(" ");
    Some((order, column))
}

/// `CYCLE … SET column TO value DEFAULT value USING column`.
fn cycle(clause: &SyntaxNode) -> Option<Cycle> {
    let part = |kind| child(clause, kind);
    let set = part(SyntaxKind::CYCLE_SET_COLUMN)?;
    let values = match child(&set, SyntaxKind::CYCLE_COLUMN_TO) {
        Some(to) => {
            let default = child(&to, SyntaxKind::CYCLE_DEFAULT)?;
            Some((expression(&to.first_child()?), expression(&default.first_child()?)))
        }
        None => None,
    };
    Some(Cycle {
        columns: names(&part(SyntaxKind::CYCLE_COLUMNS)?),
        mark: ident(&set.first_child()?.text().to_string()),
        values: values.filter(|values| *values != (Expr::Bool(true), Expr::Bool(false))),
        path: ident(&part(SyntaxKind::CYCLE_PATH)?.first_child()?.text().to_string()),
    })
}

/// The names of a list in parentheses.
fn names(list: &SyntaxNode) -> Vec<String> {
    list.children().map(|it| ident(&it.text().to_string())).collect()
}

fn targets(clause: &SyntaxNode, select: &mut Select) -> Option<()> {
    for part in clause.children() {
        match part.kind() {
            SyntaxKind::ALL => {}
            SyntaxKind::DISTINCT_CLAUSE => {
                let on = part.first_child();
                select.distinct =
                    Some(on.map(|on| on.children().map(|it| expression(&it)).collect()).unwrap_or_default());
            }
            SyntaxKind::TARGET_LIST => {
                for item in part.children() {
                    select.targets.push(target(&item)?);
                }
            }
            _ => return None,
        }
    }
    Some(())
}

fn target(node: &SyntaxNode) -> Option<Target> {
    let mut children = node.children();
    match children.next() {
        Some(value) => {
            let name = children.next().and_then(|it| it.last_child()).map(|it| ident(&it.text().to_string()));
            Some(Target { value: expression(&value), name })
        }
        None => Some(Target { value: Expr::Name(vec!["*".to_owned()]), name: None }),
    }
}

fn group(clause: &SyntaxNode) -> Option<Vec<Expr>> {
    let mut list = clause.children();
    let (items, more) = (list.next()?, list.next());
    if more.is_some() || clause.children_with_tokens().any(|it| it.kind() == SyntaxKind::DISTINCT_KW) {
        return None;
    }
    items
        .children()
        .map(|item| match item.kind() {
            SyntaxKind::GROUPING_EXPR => Some(expression(&item.first_child()?)),
            _ => Some(Expr::Raw(raw(&item))),
        })
        .collect()
}

/// A clause behind the body.
fn tail(clause: &SyntaxNode, query: &mut Query) -> Option<()> {
    match clause.kind() {
        SyntaxKind::ORDER_BY_CLAUSE => {
            for item in clause.first_child()?.children() {
                let mut children = item.children();
                let value = expression(&children.next()?);
                let words: Vec<String> = children.map(|it| it.text().to_string().to_ascii_lowercase()).collect();
                query.order.push((value, ordering(&words.join(" "))));
            }
            Some(())
        }
        SyntaxKind::LIMIT_CLAUSE => {
            let value = clause.first_child()?;
            if value.kind() != SyntaxKind::ALL {
                query.limit = Some(Box::new(expression(&value)));
            }
            Some(())
        }
        SyntaxKind::FETCH_CLAUSE => {
            query.ties = child(clause, SyntaxKind::WITH_TIES).is_some();
            let mut count = clause.children();
            let count = count.find(|it| !matches!(it.kind(), SyntaxKind::WITH_TIES | SyntaxKind::FETCH_ONLY));
            let count = count.map_or_else(|| Expr::Number("1".to_owned()), |count| expression(&count));
            query.limit = Some(Box::new(count));
            Some(())
        }
        SyntaxKind::LOCKING_CLAUSE => {
            let mut lock = Lock { strength: String::new(), of: Vec::new(), wait: String::new() };
            for part in clause.children() {
                let said = tokens(&part).map(|token| word(&token)).collect::<Vec<_>>().join(" ");
                match part.kind() {
                    SyntaxKind::LOCKING_OF => {
                        lock.of = names(&part);
                    }
                    SyntaxKind::SKIP_LOCKED | SyntaxKind::NOWAIT => lock.wait = said,
                    _ => lock.strength = said,
                }
            }
            query.locks.push(lock);
            Some(())
        }
        SyntaxKind::OFFSET_CLAUSE => {
            query.offset = Some(Box::new(expression(&clause.first_child()?)));
            Some(())
        }
        _ => None,
    }
}

/// What follows an expression in ORDER BY, without what holds anyway.
fn ordering(words: &str) -> String {
    let words: Vec<&str> = words.split_whitespace().collect();
    match words.as_slice() {
        ["asc"] | ["asc", "nulls", "last"] | ["nulls", "last"] => String::new(),
        ["asc", rest @ ..] => rest.join(" "),
        ["desc", "nulls", "first"] => "desc".to_owned(),
        other => other.join(" "),
    }
}

fn source(node: &SyntaxNode) -> Option<Source> {
    let has = |kind| node.children_with_tokens().any(|it| it.kind() == kind);
    let (only, lateral) = (has(SyntaxKind::ONLY_KW), has(SyntaxKind::LATERAL_KW));
    let (alias, columns, types) = alias(node)?;
    let is_call = matches!(node.kind(), SyntaxKind::FUNCTION_FROM_ITEM | SyntaxKind::EXPR_FROM_ITEM);
    if !types.is_empty() && !is_call {
        return None;
    }
    match node.kind() {
        SyntaxKind::RELATION_FROM_ITEM => {
            let name = node.first_child().filter(|it| it.kind() == SyntaxKind::RELATION_NAME_REF)?;
            let mut sample = child(node, SyntaxKind::TABLESAMPLE_CLAUSE).map(|it| raw(&it)).unwrap_or_default();
            tidy(&mut sample);
            let name = tokens(&name).filter(|it| it.kind() != SyntaxKind::DOT).map(|it| ident(it.text())).collect();
            Some(Source::Relation { name, only, alias, columns, sample })
        }
        SyntaxKind::FUNCTION_FROM_ITEM | SyntaxKind::EXPR_FROM_ITEM => {
            let call = Box::new(expression(&node.first_child()?));
            let ordinality = has(SyntaxKind::WITH_ORDINALITY);
            Some(Source::Call { call, lateral, ordinality, alias, columns, types })
        }
        SyntaxKind::ROWS_FROM_ITEM => rows(node, lateral, has(SyntaxKind::WITH_ORDINALITY), alias, columns),
        SyntaxKind::PAREN_FROM_ITEM => {
            let inner = node.first_child()?;
            match inner.kind() {
                SyntaxKind::PAREN_SELECT => {
                    Some(Source::Query { query: Box::new(read(&inner)), lateral, alias, columns })
                }
                SyntaxKind::PAREN_EXPR if alias.is_none() && !only => source(&inner.first_child()?),
                _ => None,
            }
        }
        SyntaxKind::JOIN_EXPR => join(node, None),
        _ => None,
    }
}

/// `ROWS FROM` of one call is that call, unless it says more than a call can.
fn rows(
    node: &SyntaxNode,
    lateral: bool,
    ordinality: bool,
    alias: Option<String>,
    columns: Vec<String>,
) -> Option<Source> {
    let argument = |arg: SyntaxNode| {
        let mut parts = arg.children();
        let call = expression(&parts.next()?);
        let defined = parts.next().map_or(Some(Vec::new()), |list| definitions(&list));
        Some((call, defined?))
    };
    let arguments = node.children().filter(|it| it.kind() == SyntaxKind::ROWS_FROM_ARG);
    let mut calls: Vec<(Expr, Vec<(String, TypeName)>)> = arguments.map(argument).collect::<Option<_>>()?;
    if calls.len() > 1 || calls.iter().any(|(_, defined)| ordinality && !defined.is_empty()) {
        return Some(Source::Rows { calls, ordinality, alias, columns });
    }
    let (call, defined) = calls.pop()?;
    let (names, types): (Vec<String>, Vec<TypeName>) = defined.into_iter().unzip();
    let columns = columns.iter().chain(names.iter().skip(columns.len())).cloned().collect();
    Some(Source::Call { call: Box::new(call), lateral, ordinality, alias, columns, types })
}

/// The names and types of a list of columns that are defined for a call.
fn definitions(list: &SyntaxNode) -> Option<Vec<(String, TypeName)>> {
    let column = |column: SyntaxNode| {
        let [name, ty] = [column.first_child()?, column.children().find(|it| is_type(it.kind()))?];
        (column.children().count() == 2).then(|| (ident(&name.text().to_string()), type_name(&ty)))
    };
    list.children().map(column).collect()
}

/// The alias of a source, and the names and types that it gives to columns.
fn alias(node: &SyntaxNode) -> Option<(Option<String>, Vec<String>, Vec<TypeName>)> {
    let Some(alias) = node.children().find(|it| it.kind() == SyntaxKind::FROM_ALIAS) else {
        return Some((None, Vec::new(), Vec::new()));
    };
    let (mut name, mut columns, mut types) = (None, Vec::new(), Vec::new());
    for part in alias.children() {
        match part.kind() {
            SyntaxKind::TABLE_ALIAS => name = Some(ident(&part.text().to_string())),
            SyntaxKind::COLUMN_LIST => columns = names(&part),
            SyntaxKind::COLUMN_DEF_LIST => (columns, types) = definitions(&part)?.into_iter().unzip(),
            _ => return None,
        }
    }
    Some((name, columns, types))
}

/// The join of `node`, whose first source is crossed with what stands `before` it.
fn join(node: &SyntaxNode, before: Option<Source>) -> Option<Source> {
    let mut children = node.children();
    let (first, join) = (children.next()?, children.next()?);
    let left = match (first.kind(), before) {
        (SyntaxKind::JOIN_EXPR, before) => self::join(&first, before)?,
        (_, None) => source(&first)?,
        (_, Some(before)) => crossed(before, source(&first)?),
    };
    let natural = parts(&join).any(|it| it.kind() == SyntaxKind::NATURAL_KW);
    let mut kind = "inner";
    let (mut right, mut on, mut using) = (None, None, Vec::new());
    for part in join.children() {
        match part.kind() {
            SyntaxKind::JOIN_INNER => kind = "inner",
            SyntaxKind::JOIN_LEFT => kind = "left",
            SyntaxKind::JOIN_RIGHT => kind = "right",
            SyntaxKind::JOIN_FULL => kind = "full",
            SyntaxKind::JOIN_CROSS => kind = "cross",
            SyntaxKind::ON_CLAUSE => on = Some(expression(&part.first_child()?)),
            SyntaxKind::JOIN_USING_CLAUSE => {
                let list = part.first_child()?;
                if part.children().count() != 1 {
                    return None;
                }
                using = names(&list);
            }
            // Joins go from left to right; the parser gives all that follows CROSS JOIN to its right side.
            SyntaxKind::JOIN_EXPR if kind == "cross" => return self::join(&part, Some(left)),
            _ => right = Some(source(&part)?),
        }
    }
    Some(Source::Join(Box::new(Join { kind: kind.to_owned(), left, right: right?, on, using, natural })))
}

fn crossed(left: Source, right: Source) -> Source {
    Source::Join(Box::new(Join { kind: "cross".to_owned(), left, right, on: None, using: Vec::new(), natural: false }))
}
