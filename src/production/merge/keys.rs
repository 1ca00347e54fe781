//! Keys: the primary key, foreign keys, and whether required fields can be.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Diagnostic;
use crate::model::Sql;
use crate::model::constraint::{Action, Constraint, ConstraintKind, Deferrable, ForeignKey};
use crate::model::name::{Ident, Name};
use crate::model::table::Table;
use crate::production::claim::{Claim, EntityClaim};
use crate::production::conflict::{Conflict, Fact, Side, disagreement, toml_list, toml_text};
use crate::production::settle::Settlements;

/// A constraint that a claimant declares.
#[derive(Clone, Copy)]
struct Declared<'a> {
    by: EntityClaim<'a>,
    name: &'a Ident,
    constraint: &'a Constraint,
}

impl Declared<'_> {
    fn side(&self, says: String) -> Side {
        Side { who: self.by.by.name.clone(), says, span: self.by.constraint_span(self.name, self.constraint).cloned() }
    }
}

fn declared<'a>(
    claims: &[EntityClaim<'a>],
    wanted: impl Fn(&Constraint) -> bool + Copy,
) -> impl Iterator<Item = Declared<'a>> {
    claims.iter().flat_map(move |by| {
        let constraints = by.table.constraints.iter().filter(move |(_, constraint)| wanted(constraint));
        constraints.map(|(name, constraint)| Declared { by: *by, name, constraint })
    })
}

/// Adds the primary key that all claimants who declare one agree on.
pub fn merge_primary(entity: &Name, claims: &[EntityClaim<'_>], table: &mut Table, settlements: &mut Settlements<'_>) {
    let keys: Vec<Declared<'_>> = declared(claims, |constraint| constraint.primary_key().is_some()).collect();
    let Some(first) = keys.first() else { return };
    let mut merged = first.constraint.clone();
    let columns = |key: &Declared<'_>| key.constraint.primary_key().unwrap_or_default().to_vec();
    if keys.iter().any(|key| columns(key) != columns(first)) {
        let text = |key: &Declared<'_>| toml_list(columns(key).iter().map(Ident::as_str));
        let conflict = Conflict {
            entity: entity.clone(),
            field: None,
            fact: Fact::PrimaryKey,
            message: format!("`{entity}` has several primary keys"),
            sides: keys.iter().map(|key| key.side(text(key))).collect(),
            proposal: text(first),
        };
        let settled = settlements.settle(conflict).and_then(|resolution| resolution.primary_key.clone());
        if let (Some(settled), ConstraintKind::PrimaryKey(key)) = (settled, &mut merged.kind) {
            key.columns = settled;
        }
    }
    for name in merged.primary_key().unwrap_or_default() {
        match table.column_mut(name.as_str()) {
            Some(column) => column.not_null = true,
            None => settlements.diagnostics.push(unknown_key_field(entity, name, first)),
        }
    }
    table.constraints.insert(first.name.clone(), merged);
}

fn unknown_key_field(entity: &Name, field: &Ident, key: &Declared<'_>) -> Diagnostic {
    let message = format!("the primary key of `{entity}` names `{field}`, which is no field of it");
    let side = key.side("what the key was".to_owned());
    disagreement("unknown-key-field", message, vec![side]).help("correct `primary_key` in the `[[resolve]]`")
}

/// Adds the foreign keys, united by their fields.
pub fn merge_foreign(entity: &Name, claims: &[EntityClaim<'_>], table: &mut Table, settlements: &mut Settlements<'_>) {
    let mut by_columns: BTreeMap<&[Ident], Vec<(Declared<'_>, &ForeignKey)>> = BTreeMap::new();
    for key in declared(claims, |constraint| constraint.foreign_key().is_some()) {
        if let Some(foreign) = key.constraint.foreign_key() {
            by_columns.entry(&foreign.columns).or_default().push((key, foreign));
        }
    }
    for keys in by_columns.values() {
        let targets: BTreeSet<&Name> = keys.iter().map(|(_, foreign)| &foreign.table).collect();
        let chosen = settle_target(entity, keys, &targets, settlements);
        for target in targets.into_iter().filter(|target| chosen.as_ref().is_none_or(|chosen| chosen == *target)) {
            let same: Vec<_> = keys.iter().copied().filter(|(_, foreign)| foreign.table == *target).collect();
            let (name, constraint) = unite(entity, &same, settlements);
            let name = if table.constraints.contains_key(&name) { free_name(table, &name) } else { name };
            table.constraints.insert(name, constraint);
        }
    }
}

/// The one table that these fields refer to, when claims disagree; `None` when all targets hold.
///
/// A claimant that itself refers to several tables by the same fields means all of them.
fn settle_target(
    entity: &Name,
    keys: &[(Declared<'_>, &ForeignKey)],
    targets: &BTreeSet<&Name>,
    settlements: &mut Settlements<'_>,
) -> Option<Name> {
    let of = |who: &str| keys.iter().filter(|(key, _)| key.by.by.name == who).count();
    if targets.len() < 2 || keys.iter().any(|(key, _)| of(&key.by.by.name) >= targets.len()) {
        return None;
    }
    let (_, first) = keys[0];
    let sides = keys.iter().map(|(key, foreign)| key.side(format!("it refers to `{}`", foreign.table))).collect();
    let fields: Vec<&str> = first.columns.iter().map(Ident::as_str).collect();
    let message = format!("`{entity}.{}` refers to several entities", fields.join(", "));
    if first.columns.len() > 1 {
        let finding = disagreement("foreign-key-conflict", message, sides);
        settlements.diagnostics.push(finding.help("let these fields refer to one entity in all modules"));
        return Some(first.table.clone());
    }
    let conflict = Conflict {
        entity: entity.clone(),
        field: Some(first.columns[0].clone()),
        fact: Fact::References,
        message,
        sides,
        proposal: toml_text(first.table.name.as_str()),
    };
    let settled = settlements.settle(conflict).and_then(|resolution| resolution.references.clone());
    Some(settled.filter(|settled| targets.contains(settled)).unwrap_or_else(|| first.table.clone()))
}

/// One foreign key of those that have the same fields and refer to the same table.
fn unite(
    entity: &Name,
    keys: &[(Declared<'_>, &ForeignKey)],
    settlements: &mut Settlements<'_>,
) -> (Ident, Constraint) {
    let (declared, foreign) = keys[0];
    let mut merged = foreign.clone();
    if let Some((_, said)) = keys.iter().find(|(_, foreign)| !foreign.referenced.is_empty()) {
        merged.referenced.clone_from(&said.referenced);
    }
    merged.match_full = keys.iter().any(|(_, foreign)| foreign.match_full);
    merged.on_delete = settle_action(entity, keys, "on_delete", |foreign| foreign.on_delete, settlements);
    merged.on_update = settle_action(entity, keys, "on_update", |foreign| foreign.on_update, settlements);
    if let Some((_, said)) = keys.iter().find(|(_, foreign)| !foreign.set_columns.is_empty()) {
        merged.set_columns.clone_from(&said.set_columns);
    }
    if keys.iter().any(|(_, said)| !said.referenced.is_empty() && said.referenced != merged.referenced) {
        let sides =
            keys.iter().map(|(key, said)| key.side(format!("it refers to {}", list(&said.referenced)))).collect();
        let message = format!("{} of `{entity}` refers to several fields of `{}`", list(&merged.columns), merged.table);
        let finding = disagreement("foreign-key-conflict", message, sides);
        settlements.diagnostics.push(finding.help("let it refer to the same fields in all modules"));
    }
    let mut constraint = Constraint { kind: ConstraintKind::ForeignKey(merged), ..declared.constraint.clone() };
    constraint.deferrable = keys
        .iter()
        .map(|(key, _)| key.constraint.deferrable)
        .find(|deferrable| *deferrable != Deferrable::No)
        .unwrap_or_default();
    (declared.name.clone(), constraint)
}

/// The action that is declared; `NO ACTION` is what silence means, so any other comes first.
fn settle_action(
    entity: &Name,
    keys: &[(Declared<'_>, &ForeignKey)],
    what: &str,
    action: impl Fn(&ForeignKey) -> Action,
    settlements: &mut Settlements<'_>,
) -> Action {
    let said: Vec<(Declared<'_>, Action)> = keys
        .iter()
        .map(|(key, foreign)| (*key, action(foreign)))
        .filter(|(_, action)| *action != Action::NoAction)
        .collect();
    let Some((_, first)) = said.first().copied() else { return Action::NoAction };
    if said.iter().all(|(_, action)| *action == first) {
        return first;
    }
    let columns = &keys[0].1.columns;
    let sides = said.iter().map(|(key, action)| key.side(format!("`{what}` is `{}`", action_name(*action)))).collect();
    let message = format!("{} of `{entity}` has several `{what}`", list(columns));
    match columns.as_slice() {
        [field] if what == "on_delete" => {
            let conflict = Conflict {
                entity: entity.clone(),
                field: Some(field.clone()),
                fact: Fact::OnDelete,
                message,
                sides,
                proposal: toml_text(action_name(first)),
            };
            settlements.settle(conflict).and_then(|resolution| resolution.on_delete).unwrap_or(first)
        }
        _ => {
            let finding = disagreement("foreign-key-conflict", message, sides);
            settlements.diagnostics.push(finding.help("say the same in all modules"));
            first
        }
    }
}

/// An action as a schema file spells it.
fn action_name(action: Action) -> &'static str {
    match action {
        Action::NoAction => "no action",
        Action::Restrict => "restrict",
        Action::Cascade => "cascade",
        Action::SetNull => "set null",
        Action::SetDefault => "set default",
    }
}

fn list(columns: &[Ident]) -> String {
    let columns: Vec<String> = columns.iter().map(|column| format!("`{column}`")).collect();
    columns.join(", ")
}

fn free_name(table: &Table, name: &Ident) -> Ident {
    (2..)
        .map(|number| Ident::new(format!("{name}{number}")))
        .find(|name| !table.constraints.contains_key(name))
        .unwrap_or_else(|| name.clone())
}

/// Finds required fields that another declaration empties: `ON DELETE SET NULL`, or NULL as the default.
pub fn settle_required(entity: &Name, fields: &[Vec<Claim<'_>>], table: &mut Table, settlements: &mut Settlements<'_>) {
    let key = table.primary_key().to_vec();
    for claims in fields {
        let name = &claims[0].column.name;
        let required = claims.iter().any(|claim| claim.column.not_null) && !key.contains(name);
        if !required {
            continue;
        }
        let emptied: Vec<&Claim<'_>> = claims.iter().filter(|claim| empties(claim)).collect();
        if emptied.is_empty() {
            continue;
        }
        let requiring = claims.iter().filter(|claim| claim.column.not_null);
        let sides = requiring
            .map(|claim| side(claim, "it is required"))
            .chain(emptied.iter().map(|claim| side(claim, "it can become empty")));
        let conflict = Conflict {
            entity: entity.clone(),
            field: Some(name.clone()),
            fact: Fact::Required,
            message: format!("`{entity}.{name}` is required, but another claim empties it"),
            sides: sides.collect(),
            proposal: "false".to_owned(),
        };
        match settlements.settle(conflict).and_then(|resolution| resolution.required) {
            Some(true) => keep_filled(table, name),
            Some(false) => table
                .columns
                .iter_mut()
                .filter(|column| column.name == *name)
                .for_each(|column| column.not_null = false),
            None => {}
        }
    }
}

fn side(claim: &Claim<'_>, says: &str) -> Side {
    Side { who: claim.entity.by.name.clone(), says: says.to_owned(), span: claim.span().cloned() }
}

fn is_null(default: &Sql) -> bool {
    default.as_str().trim().eq_ignore_ascii_case("null")
}

/// Whether what the claim declares sets the field to NULL.
fn empties(claim: &Claim<'_>) -> bool {
    let name = &claim.column.name;
    let null_default = claim.column.default.as_ref().is_some_and(is_null);
    null_default
        || claim.entity.table.constraints.values().filter_map(Constraint::foreign_key).any(|key| sets_null(key, name))
}

fn sets_null(key: &ForeignKey, column: &Ident) -> bool {
    let set = if key.set_columns.is_empty() { &key.columns } else { &key.set_columns };
    (key.on_delete == Action::SetNull && set.contains(column))
        || (key.on_update == Action::SetNull && key.columns.contains(column))
}

/// Takes back what would empty a field that stays required.
fn keep_filled(table: &mut Table, name: &Ident) {
    if let Some(column) = table.column_mut(name.as_str()) {
        column.default = column.default.take().filter(|default| !is_null(default));
    }
    for constraint in table.constraints.values_mut() {
        if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
            && sets_null(key, name)
        {
            (key.on_delete, key.on_update) = (Action::NoAction, Action::NoAction);
            key.set_columns.clear();
        }
    }
}
