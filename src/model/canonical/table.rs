//! The canonical form of a table and all that belongs to it.

use super::objects::{collation, comment, data_type, options};
use super::scope::Scope;
use super::{assigned, elaborate, expression, literal, opclass, words, write};
use crate::model::constraint::{Constraint, ConstraintKind, Key};
use crate::model::datatype::DataType;
use crate::model::index::{ElementKey, Index, IndexElement};
use crate::model::name::{Ident, Name, default_name};
use crate::model::relation::Trigger;
use crate::model::security::Policy;
use crate::model::table::{Column, PartitionOf, Table};
use crate::model::{Hints, Intent, Model, Sql};
use crate::syntax::expr::{Expr, parse};

/// The canonical form of the table `name`.
pub fn table(name: &Name, mut table: Table, model: &Model) -> Table {
    let scope = if has_expressions(&table) { Scope::of_table(model, name) } else { Scope::unknown() };
    table.doc = None;
    table.hints = Hints::default();
    table.intent = Intent::default();
    comment(&mut table.comment);
    let key = table.primary_key().to_vec();
    for column in &mut table.columns {
        column.not_null |= key.contains(&column.name);
        self::column(column, name, &scope);
    }
    table.columns.sort_by(|a, b| a.name.cmp(&b.name));
    table.constraints.values_mut().for_each(|it| constraint(it, &scope, model));
    table.indexes.values_mut().for_each(|it| index(it, &scope));
    table.policies.values_mut().for_each(|it| policy(it, &scope));
    if !table.triggers.is_empty() {
        let rows = Scope::of_trigger(model, name);
        table.triggers.values_mut().for_each(|it| trigger(it, &rows));
    }
    if let Some(partition) = &mut table.partition_by {
        partition.elements.iter_mut().for_each(|it| element(it, "btree", &scope));
    }
    if let Some(partition) = &mut table.partition_of {
        bound(partition, model);
    }
    table
}

/// Whether anything in the table, triggers aside, is read among its columns. In a prototype nothing is.
fn has_expressions(table: &Table) -> bool {
    let is_simple = |constraint: &Constraint| {
        matches!(
            constraint.kind,
            ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) | ConstraintKind::ForeignKey(_)
        )
    };
    table.columns.iter().any(|column| column.default.is_some() || column.generated.is_some())
        || !table.constraints.values().all(is_simple)
        || !(table.indexes.is_empty() && table.policies.is_empty() && table.partition_by.is_none())
}

fn column(column: &mut Column, table: &Name, scope: &Scope) {
    column.doc = None;
    column.hints = Hints::default();
    column.ty = data_type(&column.ty);
    column.collation = collation(column.collation.take());
    column.statistics = column.statistics.filter(|it| *it >= 0);
    comment(&mut column.comment);
    column.default = column.default.take().and_then(|it| assigned(&it, &column.ty, scope)).map(Sql);
    if let Some(generated) = &mut column.generated {
        let form = assigned(&generated.expression, &column.ty, scope);
        generated.expression = Sql(form.unwrap_or_else(|| "NULL".to_owned()));
    }
    if let Some(identity) = &mut column.identity {
        column.not_null = true;
        identity.options = options(&identity.options, Some(&column.ty));
        let usual = table.sibling(default_name(table.name.as_str(), column.name.as_str(), "seq").as_str());
        identity.options.name = identity.options.name.take().filter(|name| *name != usual);
    }
}

fn constraint(constraint: &mut Constraint, scope: &Scope, model: &Model) {
    constraint.hints = Hints::default();
    comment(&mut constraint.comment);
    match &mut constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => self::key(key),
        ConstraintKind::ForeignKey(foreign) => {
            if foreign.referenced.is_empty()
                && let Some(table) = model.tables.get(&foreign.table)
            {
                foreign.referenced = table.primary_key().to_vec();
            }
            foreign.set_columns.sort();
        }
        ConstraintKind::Check(check) => *check = Sql(expression(check, scope)),
        ConstraintKind::Exclude(exclude) => {
            exclude.method = exclude.method.to_ascii_lowercase();
            for (element, operator) in &mut exclude.elements {
                self::element(element, &exclude.method, scope);
                *operator = operator.strip_prefix("pg_catalog.").unwrap_or(operator).to_owned();
            }
            predicate(&mut exclude.predicate, scope);
        }
    }
}

fn key(key: &mut Key) {
    key.options.sort();
}

fn predicate(predicate: &mut Option<Sql>, scope: &Scope) {
    *predicate = predicate.take().map(|it| Sql(expression(&it, scope)));
}

/// Makes `index` canonical, its expressions read in `scope`.
pub fn index(index: &mut Index, scope: &Scope) {
    index.hints = Hints::default();
    comment(&mut index.comment);
    index.method = index.method.to_ascii_lowercase();
    index.options.sort();
    for element in &mut index.elements {
        self::element(element, &index.method, scope);
    }
    predicate(&mut index.predicate, scope);
}

/// An element: a bare column as such, its collation beside it, without the operator class that its type has anyway.
fn element(element: &mut IndexElement, method: &str, scope: &Scope) {
    let (parsed, ty) = match &element.key {
        ElementKey::Column(name) => {
            let known = scope.resolve(&[name.as_str().to_owned()]).and_then(|(_, ty)| ty.known().cloned());
            (None, known)
        }
        ElementKey::Expression(sql) => match parse(sql.as_str()) {
            Some(Expr::Collate(inner, collation)) if element.collation.is_none() => {
                element.collation = super::scope::name_of(&collation);
                let value = elaborate::elaborate(&inner, scope);
                (Some(value.expr), value.ty.known().cloned())
            }
            Some(expr) => {
                let value = elaborate::elaborate(&expr, scope);
                (Some(value.expr), value.ty.known().cloned())
            }
            None => (None, None),
        },
    };
    match parsed {
        Some(Expr::Name(parts)) if parts.len() == 1 => element.key = ElementKey::Column(Ident::new(&parts[0])),
        Some(expr) => element.key = ElementKey::Expression(Sql(write::expression(&expr))),
        None => {}
    }
    element.collation = collation(element.collation.take());
    let base = ty.map(|ty| scope.base(&ty));
    element.opclass = element.opclass.take().filter(|name| !opclass::is_default(name, method, base.as_ref()));
}

fn policy(policy: &mut Policy, scope: &Scope) {
    policy.hints = Hints::default();
    comment(&mut policy.comment);
    policy.command = policy.command.to_ascii_lowercase();
    if policy.roles.is_empty() {
        policy.roles.push(Ident::new("public"));
    }
    policy.roles.sort();
    policy.roles.dedup();
    predicate(&mut policy.using, scope);
    predicate(&mut policy.check, scope);
}

/// Makes `trigger` canonical; `rows` holds OLD and NEW.
pub fn trigger(trigger: &mut Trigger, rows: &Scope) {
    trigger.hints = Hints::default();
    comment(&mut trigger.comment);
    trigger.events.update_of.sort();
    trigger.events.update_of.dedup();
    predicate(&mut trigger.when, rows);
}

/// A partition's bound, its values as constants of the partition key's types.
fn bound(partition: &mut PartitionOf, model: &Model) {
    let types: Vec<Option<DataType>> = match model.tables.get(&partition.parent) {
        Some(parent) => parent
            .partition_by
            .iter()
            .flat_map(|it| &it.elements)
            .map(|element| match &element.key {
                ElementKey::Column(name) => parent.column(name.as_str()).map(|it| it.ty.clone()),
                ElementKey::Expression(_) => None,
            })
            .collect(),
        None => Vec::new(),
    };
    partition.bound = Sql(spell_bound(partition.bound.as_str(), &types));
}

/// `text` with each list of values spelled out; `IN` lists values of the first column, `FROM` and `TO` one of each.
fn spell_bound(text: &str, types: &[Option<DataType>]) -> String {
    let plain = words(text);
    if plain.contains("modulus") {
        return plain;
    }
    let mut out = Vec::new();
    let mut rest = text;
    // Outside of the lists these are no words of an expression, which a cast would need to be one word.
    while let Some((before, list, after)) = next_list(rest) {
        let Some(Expr::Row(items)) = parse(&format!("ROW({list})")) else { return plain };
        let before = words(before);
        let in_list = before.ends_with("in");
        let value = |(at, item): (usize, &Expr)| bound_value(item, types.get(if in_list { 0 } else { at }));
        let mut values: Vec<String> = items.iter().enumerate().map(value).collect();
        if in_list {
            values.sort();
        }
        out.push(format!("{before} ({})", values.join(", ")));
        rest = after;
    }
    if out.is_empty() { plain } else { out.join(" ") }
}

/// The text before a list in parentheses, the list, and what follows.
fn next_list(text: &str) -> Option<(&str, &str, &str)> {
    let open = text.find('(')?;
    let (mut depth, mut quoted) = (0, false);
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < open) {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&text[..open], &text[open + 1..at], &text[at + 1..]));
        }
    }
    None
}

fn bound_value(item: &Expr, ty: Option<&Option<DataType>>) -> String {
    let scope = Scope::unknown();
    match ty.and_then(Option::as_ref) {
        _ if matches!(item, Expr::Name(_)) => write::expression(item),
        Some(ty) => {
            let form = elaborate::assigned(item, ty, &scope);
            // The server keeps the value, and not how it was made one of the key's type.
            let value = match &form {
                Expr::Cast(inner, _) => literal::as_constant(&form).or_else(|| literal::as_constant(inner)),
                other => literal::as_constant(other),
            };
            value.map_or_else(|| write::expression(&form), |(text, _)| literal::stored(text, ty))
        }
        None => write::expression(item),
    }
}
