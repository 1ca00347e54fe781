//! What happened to each table on its way to production: who claims what, what was added, by which rule and why.
//!
//! Plain values for the hardening report and for the layout of `schema.sql`; decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use super::claim::{Claimant, EntityClaim, by_entity};
use crate::diagnostic::Diagnostic;
use crate::model::Model;
use crate::model::constraint::Constraint;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::table::Table;

/// How one table came to be what it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableStory {
    /// The modules that declare the entity, by name.
    pub modules: Vec<String>,
    /// Whether the BUSM declares it.
    pub in_busm: bool,
    /// Its fields.
    pub fields: BTreeMap<Ident, FieldStory>,
    /// What the prototypes of all modules together have of it.
    pub before: Counts,
    /// What production has of it.
    pub after: Counts,
    /// What each rule that ran had to do, in the rules' order.
    pub rules: Vec<RuleStory>,
    /// Choices that were made in merging it.
    pub notes: Vec<String>,
    /// What rules found about it.
    pub findings: Vec<Diagnostic>,
}

impl TableStory {
    /// Whether somebody declares the entity; others are tables that rules need.
    pub fn is_declared(&self) -> bool {
        self.in_busm || !self.modules.is_empty()
    }
}

/// How one field came to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldStory {
    /// The group in which it is laid out.
    pub group: Group,
    /// The modules that claim it, by name.
    pub modules: Vec<String>,
    /// Where it comes from.
    pub source: FieldSource,
}

/// Where a field of production comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldSource {
    /// At least one module claims it.
    Modules,
    /// The BUSM has it and no module claims it: the entity was completed.
    Busm,
    /// This hardening rule added it.
    Rule(String),
}

/// The groups in which a table's fields are laid out, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// What the entity is about.
    Core,
    /// What it refers to.
    Relationship,
    /// What production needs to know about each row.
    System,
}

/// How much there is of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Fields.
    pub fields: usize,
    /// Constraints, NOT NULL aside.
    pub constraints: usize,
    /// Fields that must hold a value.
    pub required: usize,
    /// Indexes, those behind constraints aside.
    pub indexes: usize,
    /// Row level security policies.
    pub policies: usize,
    /// Triggers.
    pub triggers: usize,
}

/// What one rule did to one table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleStory {
    /// The rule's name.
    pub rule: String,
    /// Whether it had anything to add beyond what there is: then what it calls has to exist.
    pub is_new: bool,
    /// What it added, or keeps beyond what the prototype has.
    pub added: Vec<Added>,
    /// What it left alone, and why.
    pub notes: Vec<String>,
}

/// One thing that production has because of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// The object that was added or changed.
    pub object: ObjectId,
    /// What about it, in a word: `field`, `index`, `required` …
    pub what: String,
    /// Why.
    pub why: String,
}

/// Fields that every table gets: laid out as system fields wherever they were declared.
pub const SYSTEM_FIELDS: [&str; 6] = ["created_at", "created_by", "updated_at", "updated_by", "deleted_at", "version"];

/// The stories of the merged tables, before any rule ran.
pub fn begin(
    claimants: &[&Claimant<'_>],
    merged: &Model,
    notes: &BTreeMap<Name, Vec<String>>,
) -> BTreeMap<Name, TableStory> {
    let entities = by_entity(claimants);
    let story = |(name, table): (&Name, &Table)| {
        let claims = entities.get(name).map_or(&[][..], Vec::as_slice);
        (
            name.clone(),
            TableStory {
                modules: modules(claims, |_| true),
                in_busm: claims.iter().any(|claim| claim.by.busm),
                fields: fields(claims, table),
                before: before(claims),
                notes: notes.get(name).cloned().unwrap_or_default(),
                ..TableStory::default()
            },
        )
    };
    merged.tables.par_iter().map(story).collect()
}

/// What rules found about the tables, in the order of their names.
pub fn findings(tables: &BTreeMap<Name, TableStory>) -> impl Iterator<Item = &Diagnostic> {
    tables.values().flat_map(|story| &story.findings)
}

fn modules(claims: &[EntityClaim<'_>], wanted: impl Fn(&Table) -> bool) -> Vec<String> {
    claims.iter().filter(|claim| !claim.by.busm && wanted(claim.table)).map(|claim| claim.by.name.clone()).collect()
}

fn fields(claims: &[EntityClaim<'_>], table: &Table) -> BTreeMap<Ident, FieldStory> {
    let field = |name: &Ident| {
        let modules = modules(claims, |table| table.column(name.as_str()).is_some());
        let source = if modules.is_empty() { FieldSource::Busm } else { FieldSource::Modules };
        FieldStory { group: group(table, name), modules, source }
    };
    table.columns.iter().map(|column| (column.name.clone(), field(&column.name))).collect()
}

/// The group in which `column` of `table` is laid out.
pub fn group(table: &Table, column: &Ident) -> Group {
    let refers = table.constraints.values().filter_map(Constraint::foreign_key).any(|key| key.columns.contains(column));
    if SYSTEM_FIELDS.contains(&column.as_str()) {
        Group::System
    } else if refers && !table.primary_key().contains(column) {
        Group::Relationship
    } else {
        Group::Core
    }
}

/// What the modules' prototypes have of an entity together: fields, primary and foreign keys.
fn before(claims: &[EntityClaim<'_>]) -> Counts {
    let mut fields: BTreeSet<&Ident> = BTreeSet::new();
    let mut keys: BTreeSet<Vec<&str>> = BTreeSet::new();
    for claim in claims.iter().filter(|claim| !claim.by.busm) {
        fields.extend(claim.table.columns.iter().map(|column| &column.name));
        keys.extend(claim.table.constraints.values().filter_map(key_identity));
    }
    let key = claims.iter().map(|claim| claim.table.primary_key().len()).max().unwrap_or_default();
    Counts { fields: fields.len(), constraints: keys.len(), required: key, ..Counts::default() }
}

/// What tells two keys of an entity apart: its only primary key, or the fields and the target of a foreign key.
fn key_identity(constraint: &Constraint) -> Option<Vec<&str>> {
    if constraint.primary_key().is_some() {
        return Some(Vec::new());
    }
    let key = constraint.foreign_key()?;
    Some(key.columns.iter().chain([&key.table.name]).map(Ident::as_str).collect())
}

/// What there is of a table now.
pub fn count(table: &Table) -> Counts {
    Counts {
        fields: table.columns.len(),
        constraints: table.constraints.len(),
        required: table.columns.iter().filter(|column| column.not_null).count(),
        indexes: table.indexes.len(),
        policies: table.policies.len(),
        triggers: table.triggers.len(),
    }
}
