//! Harden: declared rules that turn the merged schema into one that can be trusted with real data.
//!
//! A rule is a pure function from a table as it stands to what the rule adds, each addition with its reason. [`RULES`]
//! is the one list of them; they run in its order, table by table, and each can be switched off for the project or for
//! an entity. What rules call (functions, the audit log) is defined by [`support`] when something uses it.

pub mod audit_columns;
pub mod audit_trail;
pub mod comments;
pub mod constraints;
mod expressions;
pub mod indexes;
mod names;
pub mod partitions;
pub mod piece;
pub mod row_level_security;
pub mod soft_delete;
pub mod support;
pub mod version;
pub mod views;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::claim::{Claimant, EntityClaim, by_entity};
use super::part;
use super::story::{self, FieldSource, FieldStory, Group, RuleStory, TableStory};
use crate::config::harden::{Harden, Platform};
use crate::diagnostic::{Diagnostic, Severity, Span, nearest};
use crate::model::Model;
use crate::model::constraint::Deferrable;
use crate::model::datatype::DataType;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::table::Table;
use piece::{Piece, Proposal};
use support::Support;

/// A hardening rule.
pub struct Rule {
    /// Its name in settings: `soft_delete`.
    pub name: &'static str,
    /// What it is called in the report.
    pub title: &'static str,
    /// What it adds and why it works that way, for the report.
    pub about: &'static str,
    /// What it adds to one table.
    pub propose: fn(&Site<'_>) -> Proposal,
    /// What has to exist once it added anything.
    pub needs: &'static [Support],
}

/// All rules, in the order in which they run: fields before what is built on them.
pub const RULES: &[&Rule] = &[
    &constraints::RULE,
    &audit_columns::RULE,
    &row_level_security::RULE,
    &soft_delete::RULE,
    &version::RULE,
    &indexes::RULE,
    &audit_trail::RULE,
    &comments::RULE,
];

/// A table that a rule looks at.
pub struct Site<'a> {
    /// The table's name.
    pub name: &'a Name,
    /// The table as the rules before left it.
    pub table: &'a Table,
    /// What is claimed about it.
    pub claims: &'a [EntityClaim<'a>],
    /// What holds for all tables.
    pub context: &'a Context<'a>,
    /// Names in use among tables, views, sequences and indexes, which share one space: as the rules before left them, or as
    /// this one did on some tables. A rule that takes a free name proposes an index of that name.
    pub relations: &'a BTreeSet<Name>,
}

/// What rules know beside the table.
pub struct Context<'a> {
    /// The settings.
    pub settings: &'a Harden,
    /// The entity of the people that sign in, if it is there and has one key field.
    pub users: Option<Users>,
    /// The entities of which a row has to be there before the first of `users`: nobody can have made it.
    pub before_users: BTreeSet<Name>,
    /// Those who claim, for places.
    pub claimants: &'a [&'a Claimant<'a>],
    /// What they claim, for reasons.
    pub entities: BTreeMap<&'a Name, Vec<EntityClaim<'a>>>,
}

/// The people that sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Users {
    /// Their table.
    pub table: Name,
    /// Its key.
    pub key: Ident,
    /// The key's type.
    pub ty: DataType,
    /// Whether it has a field `role`.
    pub has_role: bool,
}

impl Context<'_> {
    /// The type of what `auth.uid()` returns.
    pub fn user_type(&self) -> DataType {
        let uuid =
            DataType { base: crate::model::datatype::BaseType::Builtin("uuid".into()), modifiers: None, array: false };
        self.users.as_ref().map_or(uuid, |users| users.ty.clone())
    }

    /// What is claimed about an entity.
    pub fn claims(&self, entity: &Name) -> &[EntityClaim<'_>] {
        self.entities.get(entity).map_or(&[], Vec::as_slice)
    }

    /// The first place where an object is declared.
    pub fn place(&self, id: &ObjectId) -> Option<&Span> {
        self.claimants.iter().find_map(|claimant| claimant.span(id))
    }
}

impl Site<'_> {
    /// A finding about the table or one of its fields, at its place if it has one.
    pub fn finding(
        &self,
        severity: Severity,
        code: &'static str,
        field: Option<&Ident>,
        message: String,
    ) -> Diagnostic {
        let id = match field {
            Some(field) => ObjectId::Column(self.name.clone(), field.clone()),
            None => ObjectId::Table(self.name.clone()),
        };
        let finding = Diagnostic::new(severity, code, message);
        match self.context.place(&id) {
            Some(span) => finding.at(span.clone(), ""),
            None => finding,
        }
    }
}

/// A hardened schema, and how it came about.
pub struct Hardened {
    /// The schema.
    pub model: Model,
    /// The stories of its tables, with what each rule did.
    pub tables: BTreeMap<Name, TableStory>,
    /// What was defined for the rules' use, outside of any table.
    pub support: Vec<story::Added>,
    /// What is worth knowing about that.
    pub notes: Vec<Diagnostic>,
    /// What is worth mending about views, by the view.
    pub views: Vec<(Name, Diagnostic)>,
    /// What is wrong, beside that and what the stories tell of single tables.
    pub diagnostics: Vec<Diagnostic>,
    /// The entities of which a row has to be there before the first of the people that sign in.
    pub before_users: BTreeSet<Name>,
}

/// Applies all rules to `model`.
pub fn harden(
    model: Model,
    tables: BTreeMap<Name, TableStory>,
    claimants: &[&Claimant<'_>],
    settings: &Harden,
) -> Hardened {
    let users = users(&model, settings);
    let before_users = users.as_ref().map_or_else(BTreeSet::new, |users| before(&model, &users.table));
    let context =
        Context { settings, users, before_users: before_users.clone(), claimants, entities: by_entity(claimants) };
    let mut diagnostics = unknown_rules(&model, &context);
    diagnostics.extend(unknown_users(&model, &context));
    diagnostics.extend(foreign_user_type(&context));
    let mut hardened = Hardened {
        model,
        tables,
        support: Vec::new(),
        notes: Vec::new(),
        views: Vec::new(),
        diagnostics,
        before_users,
    };
    let mut needed: BTreeSet<Support> = BTreeSet::new();
    let mut relations = relations(&hardened.model);
    for rule in RULES {
        if apply(rule, &context, &mut relations, &mut hardened) {
            needed.extend(rule.needs);
        }
    }
    partitions::follow(&mut hardened.model);
    support::define(&needed, &context, &mut hardened);
    hardened.notes.extend(constraints::left_on(settings));
    hardened.views = views::check(&hardened.model, &context);
    let mut tables = std::mem::take(&mut hardened.model.tables);
    for (name, table) in &mut tables {
        let story = hardened.tables.entry(name.clone()).or_default();
        story.after = story::count(table);
        story.findings.extend(expressions::check(name, table, &context));
        story.findings.extend(names::check(name, table, &hardened.model, &context));
        // Groups are the order in which a person reads the table; within one, the order stays.
        table.columns.sort_by_key(|column| story.fields.get(&column.name).map(|field| field.group));
    }
    hardened.model.tables = tables;
    hardened
}

/// Lets one rule look at each table that it is switched on for; true when it added anything anywhere.
fn apply(rule: &Rule, context: &Context<'_>, relations: &mut BTreeSet<Name>, hardened: &mut Hardened) -> bool {
    let mut used = false;
    let propose = |name: &Name, table: &Table, relations: &BTreeSet<Name>| {
        (rule.propose)(&Site { name, table, claims: context.claims(name), context, relations })
    };
    let first = |(name, table): (&Name, &Table)| {
        let is_asked = !partitions::is_child(table) && is_on(rule, table, context.settings);
        is_asked.then(|| propose(name, table, relations))
    };
    let proposals: Vec<Option<Proposal>> = hardened.model.tables.par_iter().map(first).collect();
    for ((name, table), proposal) in hardened.model.tables.iter_mut().zip(proposals) {
        let Some(mut proposal) = proposal else { continue };
        if proposal.indexes().any(|index| relations.contains(&name.sibling(index.as_str()))) {
            proposal = propose(name, table, relations); // a table before it took a name that was free
        }
        let is_new = proposal.additions.iter().any(|addition| addition.piece.is_new());
        used |= is_new;
        let story = hardened.tables.entry(name.clone()).or_default();
        story.findings.extend(proposal.diagnostics);
        let mut told = RuleStory { rule: rule.name.to_owned(), is_new, added: Vec::new(), notes: proposal.notes };
        for mut addition in proposal.additions {
            addition.piece = addition.piece.beside(table);
            if let Some(kept) = addition.piece.taken(table) {
                told.notes.push(format!("the {kept} that a schema file declares is kept"));
                continue;
            }
            let (added, piece) = addition.into_story(name);
            told.added.push(added);
            match &piece {
                Piece::Index(index, _) => drop(relations.insert(name.sibling(index.as_str()))),
                Piece::Column(column) => {
                    let source = FieldSource::Rule(rule.name.to_owned());
                    let field = FieldStory { group: Group::System, modules: Vec::new(), source };
                    story.fields.insert(column.name.clone(), field);
                }
                _ => {}
            }
            piece.put(table);
        }
        if !told.added.is_empty() || !told.notes.is_empty() {
            story.rules.push(told);
        }
    }
    used
}

/// Whether a rule runs for a table: the entity's word, then the project's, then yes.
fn is_on(rule: &Rule, table: &Table, settings: &Harden) -> bool {
    let entity = table.intent.harden.get(rule.name);
    *entity.or_else(|| settings.rules.get(rule.name)).unwrap_or(&true)
}

fn users(model: &Model, settings: &Harden) -> Option<Users> {
    let table = model.tables.get(&settings.users)?;
    let [key] = table.primary_key() else { return None };
    let ty = table.column(key.as_str())?.ty.clone();
    Some(Users { table: settings.users.clone(), key: key.clone(), ty, has_role: table.column("role").is_some() })
}

/// The tables of which the first row of `users` needs one, by required references and those of what these lead to.
fn before(model: &Model, users: &Name) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    let mut open = vec![users];
    while let Some(name) = open.pop() {
        let Some(table) = model.tables.get(name) else { continue };
        let required = |column: &Ident| table.column(column.as_str()).is_some_and(|column| column.not_null);
        for key in table.constraints.values().filter(|it| it.deferrable == Deferrable::No) {
            let needed = key.foreign_key().filter(|key| key.table != *users && key.columns.iter().all(required));
            open.extend(needed.map(|key| &key.table).filter(|table| found.insert((*table).clone())));
        }
    }
    found
}

/// The names that no index may take.
pub fn relations(model: &Model) -> BTreeSet<Name> {
    let mut names: BTreeSet<Name> =
        model.tables.keys().chain(model.views.keys()).chain(model.sequences.keys()).cloned().collect();
    for (name, table) in &model.tables {
        names.extend(part::relations(name, table));
    }
    for (name, view) in &model.views {
        names.extend(view.indexes.keys().map(|part| name.sibling(part.as_str())));
    }
    names
}

/// The setting names the people that sign in, and no entity of production is that.
fn unknown_users(model: &Model, context: &Context<'_>) -> Option<Diagnostic> {
    let (users, place) = (&context.settings.users, context.settings.places.get("users")?);
    // Those of a platform are no entity of any project.
    let is_foreign = users.schema.as_ref().is_some_and(|schema| !model.schemas.contains_key(schema));
    if context.users.is_some() || model.tables.is_empty() || is_foreign {
        return None;
    }
    let found = |message: String| Diagnostic::error("unknown-users", place.clone(), message);
    if model.tables.contains_key(users) {
        let found = found(format!("`{users}` has no key of one field, so nobody can be told by it"));
        return Some(found.help("name the entity of the people that sign in"));
    }
    let names: Vec<String> = model.tables.keys().map(Name::to_string).collect();
    let found = found(format!("no entity of production is called `{users}`"));
    Some(found.help(match nearest(&users.to_string(), names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name the entity of the people that sign in, and let a module in production have it".to_owned(),
    }))
}

/// Supabase's `auth.uid()` returns a `uuid`, whatever the users' key is.
fn foreign_user_type(context: &Context<'_>) -> Option<Diagnostic> {
    let users = context.users.as_ref().filter(|users| users.ty.scalar_builtin() != Some("uuid"))?;
    if context.settings.platform != Platform::Supabase {
        return None;
    }
    let message =
        format!("the key of `{}` is `{}`, but on Supabase a signed-in user's id is `uuid`", users.table, users.ty);
    let found = Diagnostic::new(Severity::Error, "user-type", message);
    let place = context.place(&ObjectId::Column(users.table.clone(), users.key.clone()));
    let found = place.into_iter().fold(found, |found, span| found.at(span.clone(), ""));
    Some(found.help("make it a `uuid`, or name another entity with `users` in `[harden]`"))
}

/// Reports the names of rules that do not exist.
fn unknown_rules(model: &Model, context: &Context<'_>) -> Vec<Diagnostic> {
    let known = |rule: &str| RULES.iter().any(|known| known.name == rule);
    let report = |rule: &str, span: Option<&Span>| {
        let found = Diagnostic::new(Severity::Error, "unknown-rule", format!("there is no hardening rule `{rule}`"));
        let found = span.into_iter().fold(found, |found, span| found.at(span.clone(), ""));
        let names = RULES.iter().map(|rule| rule.name);
        match nearest(rule, names.clone()) {
            Some(near) => found.help(format!("did you mean `{near}`?")),
            None => found.help(format!("the rules are {}", names.collect::<Vec<_>>().join(", "))),
        }
    };
    let mut found: Vec<Diagnostic> = context
        .settings
        .rules
        .keys()
        .filter(|rule| !known(rule))
        .map(|rule| report(rule, context.settings.places.get(rule)))
        .collect();
    for (name, table) in &model.tables {
        let place = context.place(&ObjectId::Table(name.clone()));
        found.extend(table.intent.harden.keys().filter(|rule| !known(rule)).map(|rule| report(rule, place)));
    }
    found
}
