//! Rules about an entity that no single field tells: fields that are unique together, checks, who reaches a row.

use super::union::Entity;
use super::words::{list, many, one, spaced, with_article};
use crate::model::constraint::ConstraintKind;
use crate::model::name::Ident;
use crate::model::values::allowed_values;

/// The rules in sentences, each once, in the order of the claims.
pub fn rules(entity: &Entity<'_>) -> Vec<String> {
    let mut rules = Vec::new();
    for claim in &entity.claims {
        let keys = claim
            .table
            .constraints
            .iter()
            .filter_map(|(name, constraint)| rule(entity, name, &constraint.kind, constraint.comment.as_deref()));
        let owner = claim.table.intent.access.as_ref().and_then(|access| access.owner.as_ref());
        // A partial view may pick an entity and leave out the field that names the owner.
        let access = owner.filter(|owner| claim.table.column(owner.as_str()).is_some()).map(|owner| {
            let row = with_article(&one(entity.name.name.as_str()));
            format!("{row} is reached by the user whom `{}` names", owner.as_str())
        });
        for rule in keys.chain(access) {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
    }
    rules
}

fn rule(entity: &Entity<'_>, name: &Ident, kind: &ConstraintKind, comment: Option<&str>) -> Option<String> {
    let rows = many(entity.name.name.as_str());
    let fields =
        |columns: &[Ident]| list(&columns.iter().map(|column| format!("`{}`", column.as_str())).collect::<Vec<_>>());
    match kind {
        ConstraintKind::Unique(key) | ConstraintKind::PrimaryKey(key) if key.columns.len() > 1 => {
            Some(format!("no two {rows} share the same {}", fields(&key.columns)))
        }
        ConstraintKind::Check(condition) if allowed_values(condition).is_none() => {
            Some(comment.map_or_else(|| format!("{rows} pass the check {}", spaced(name.as_str())), str::to_owned))
        }
        ConstraintKind::Exclude(_) => {
            Some(comment.map_or_else(|| format!("no two {rows} collide in {}", spaced(name.as_str())), str::to_owned))
        }
        _ => None,
    }
}
