//! Relationships: what the foreign keys between entities say, as facts and as sentences both ways.

use std::collections::BTreeMap;

use serde::Serialize;

use super::union::{Claim, Entities, Entity, is_unique};
use super::words::{list, many, one, spaced, with_article};
use crate::model::constraint::{Constraint, ForeignKey};
use crate::model::name::{Ident, Name};

/// A foreign key, as all who declare it see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// The entity that holds the reference.
    pub child: Name,
    /// The entity that it refers to.
    pub parent: Name,
    /// The fields that hold the reference.
    pub columns: Vec<Ident>,
    /// The fields that it points to; empty when that is simply the key.
    pub referenced: Vec<Ident>,
    /// Whether a row may do without: no claim requires all of the fields.
    pub optional: bool,
    /// Whether at most one row refers to each row of the parent.
    pub unique: bool,
    /// What sets it apart from other references between the same two entities.
    pub role: Role,
}

/// What a reference is called by, beyond the entity that it points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Nothing: `account_id` to `accounts`.
    Plain,
    /// A noun: `owner_id` to `users` is the `owner`.
    As(String),
    /// No noun, so the fields' own names: `created_by`.
    Through(String),
}

/// A sentence about two entities, in pieces so that the other entity's name can be a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sentence {
    /// What stands before the other entity: `an account has many `.
    pub head: String,
    /// The other entity, or its role: `locations`.
    pub noun: String,
    /// What stands after it: ` (optional)`.
    pub tail: String,
}

impl Sentence {
    fn new(head: String, noun: String, tail: String) -> Sentence {
        Sentence { head, noun, tail }
    }

    /// The whole sentence, without a full stop.
    pub fn text(&self) -> String {
        format!("{}{}{}", self.head, self.noun, self.tail)
    }
}

/// The relations of all entities: sorted by the child's name, then in the order of its fields.
pub fn relations<'e>(entities: &'e Entities<'_>) -> Vec<&'e Relation> {
    entities.values().flat_map(Entity::relations).collect()
}

/// The relations that `entity` holds, in the order of its fields.
pub(super) fn of_entity(entity: &Entity<'_>) -> Vec<Relation> {
    let mut found: BTreeMap<(&Name, &[Ident]), Relation> = BTreeMap::new();
    for claim in &entity.claims {
        for key in claim.table.constraints.values().filter_map(Constraint::foreign_key) {
            let told = relation(entity.name, claim, key);
            found
                .entry((&key.table, &key.columns))
                .and_modify(|known| {
                    known.optional &= told.optional;
                    known.unique |= told.unique;
                })
                .or_insert(told);
        }
    }
    let order: BTreeMap<&Ident, usize> = entity.field_names().into_iter().zip(0..).collect();
    let mut relations: Vec<Relation> = found.into_values().collect();
    relations.sort_by_key(|relation| relation.columns.first().and_then(|first| order.get(first).copied()));
    tell_apart(&mut relations);
    relations
}

fn relation(child: &Name, claim: &Claim<'_>, key: &ForeignKey) -> Relation {
    let required = |name: &Ident| claim.table.column(name.as_str()).is_some_and(|column| column.not_null);
    Relation {
        child: child.clone(),
        parent: key.table.clone(),
        columns: key.columns.clone(),
        referenced: key.referenced.clone(),
        optional: !key.columns.iter().all(required),
        unique: is_unique(claim.table, &key.columns),
        role: role(key),
    }
}

/// The role that the field's name gives: what stands before `_id`, unless that only repeats the entity or its key.
fn role(key: &ForeignKey) -> Role {
    let [column] = key.columns.as_slice() else { return Role::Plain };
    let column = column.as_str();
    let target = key.referenced.first().map_or("id", Ident::as_str);
    let stem = [target, "id"].into_iter().find_map(|suffix| column.strip_suffix(suffix)?.strip_suffix('_'));
    let (own, said) = (key.table.name.as_str(), stem.unwrap_or(column));
    if column == target || said == own || spaced(said) == one(own) {
        return Role::Plain;
    }
    match stem {
        Some(stem) if !stem.is_empty() => Role::As(spaced(stem)),
        _ => Role::Through(column.to_owned()),
    }
}

/// References between the same entities that no role sets apart are called by their fields.
fn tell_apart(relations: &mut [Relation]) {
    let mut plain: BTreeMap<Name, usize> = BTreeMap::new();
    for relation in relations.iter().filter(|relation| relation.role == Role::Plain) {
        *plain.entry(relation.parent.clone()).or_default() += 1;
    }
    for relation in relations.iter_mut().filter(|relation| relation.role == Role::Plain) {
        if plain[&relation.parent] > 1 {
            let fields: Vec<String> = relation.columns.iter().map(|column| column.as_str().to_owned()).collect();
            relation.role = Role::Through(list(&fields));
        }
    }
}

impl Relation {
    /// Whether an entity refers to itself.
    pub fn is_own(&self) -> bool {
        self.child == self.parent
    }

    /// The sentence from the side that holds the reference: "a location belongs to one account (optional)".
    pub fn from_child(&self) -> Sentence {
        let child = with_article(&one(self.child.name.as_str()));
        let parent = one(self.parent.name.as_str());
        if !self.is_own() {
            let optional = if self.optional { " (optional)" } else { "" };
            return Sentence::new(
                format!("{child} belongs to one "),
                parent,
                format!("{}{optional}", self.role.tail()),
            );
        }
        match &self.role {
            Role::As(role) => {
                let verb = if self.optional { "may have" } else { "has" };
                let role = with_article(role);
                let (article, noun) = role.split_once(' ').unwrap_or(("", &role));
                Sentence::new(format!("{child} {verb} {article} "), noun.to_owned(), String::new())
            }
            other => {
                let verb = if self.optional { "may belong" } else { "belongs" };
                Sentence::new(format!("{child} {verb} to another "), parent, other.tail())
            }
        }
    }

    /// The sentence from the side that is referred to: "an account has many locations".
    pub fn from_parent(&self) -> Sentence {
        let parent = with_article(&one(self.parent.name.as_str()));
        let children = if self.unique { one(self.child.name.as_str()) } else { many(self.child.name.as_str()) };
        let tail = self.role.tail();
        match (&self.role, self.is_own(), self.unique) {
            (Role::As(role), true, true) => {
                Sentence::new(format!("{parent} may be the {role} of one "), children, String::new())
            }
            (Role::As(role), true, false) => {
                Sentence::new(format!("{parent} may be the {role} of many "), children, String::new())
            }
            (_, true, true) => Sentence::new(format!("{parent} may have one other "), children, tail),
            (_, true, false) => Sentence::new(format!("{parent} may have many other "), children, tail),
            (_, false, true) => Sentence::new(format!("{parent} has at most one "), children, tail),
            (_, false, false) => Sentence::new(format!("{parent} has many "), children, tail),
        }
    }
}

impl Role {
    /// What a sentence adds for the role.
    fn tail(&self) -> String {
        match self {
            Role::Plain => String::new(),
            Role::As(role) => format!(" as {role}"),
            Role::Through(fields) => format!(" through {fields}"),
        }
    }
}
