//! Production: one schema for all modules. Merge, resolve, complete, harden.
//!
//! [`build`] takes the partial views of all modules and the BUSM's full one, and returns the hardened schema with the
//! story of each table. It is a pure function of values: it knows no files, writes no SQL, and leaves what is shown to
//! the layers above. The steps are folders and files of this module:
//!
//! - [`complete`] decides which entities are in use,
//! - [`merge`] unites the claims about each of them, on the [lattice](crate::model::lattice) of types,
//! - [`settle`] resolves conflicts by what the project says, or reports them,
//! - [`harden`] applies the declared rules.
//!
//! [`part`] does the same for a few entities, where only those are new.

pub mod claim;
pub mod complete;
pub mod conflict;
pub mod harden;
pub mod meaning;
pub mod merge;
pub mod part;
pub mod settle;
pub mod story;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use claim::Claimant;

use crate::config::harden::Harden;
use crate::config::resolve::Resolution;
use crate::diagnostic::Diagnostic;
use crate::model::Model;
use crate::model::name::Name;
use crate::model::table::Table;
use merge::Merged;
use settle::Settlements;
use story::{Added, TableStory};

/// What the project says about production.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Settings {
    /// `[harden]`.
    pub harden: Harden,
    /// `[[resolve]]`.
    pub resolutions: Vec<Resolution>,
}

/// Production, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Production {
    /// The schema.
    pub schema: Schema,
    /// The story of each table, those that hardening added included.
    pub tables: BTreeMap<Name, TableStory>,
    /// What hardening says about itself.
    pub report: Report,
    /// What is wrong, and choices that were made.
    pub diagnostics: Vec<Diagnostic>,
}

/// A production schema, by whether it may be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Schema {
    /// Every conflict is settled.
    Ready(Model),
    /// A conflict or another error stands: for showing what the schema would be, never to be written.
    Unresolved(Model),
}

impl Schema {
    /// The schema to write; `None` while an error stands.
    pub fn ready(&self) -> Option<&Model> {
        match self {
            Schema::Ready(model) => Some(model),
            Schema::Unresolved(_) => None,
        }
    }

    /// As [`Schema::ready`], taken out.
    pub fn into_ready(self) -> Option<Model> {
        match self {
            Schema::Ready(model) => Some(model),
            Schema::Unresolved(_) => None,
        }
    }

    /// The schema to show, with the first claim in place of each conflict.
    pub fn preview(&self) -> &Model {
        match self {
            Schema::Ready(model) | Schema::Unresolved(model) => model,
        }
    }
}

/// What hardening says about itself, beside the stories of the tables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The rules in the order in which they ran.
    pub rules: Vec<RuleText>,
    /// What was defined for their use, outside of the entities.
    pub support: Vec<Added>,
    /// What is worth knowing about that.
    pub notes: Vec<Diagnostic>,
    /// What is worth knowing or mending about views, by the view.
    pub views: Vec<(Name, Diagnostic)>,
    /// The entities of which a row has to be there before the first of the people that sign in.
    pub before_users: BTreeSet<Name>,
    /// Whether more than what stands in them decided how objects that are no tables go together ([`merge::Merged`]).
    pub is_compared: bool,
}

/// A rule as the report presents it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleText {
    /// Its name in settings.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it does and why that way.
    pub about: String,
    /// Whether the project has it on, unless an entity says otherwise.
    pub on: bool,
}

/// Builds the production schema from what all modules and the BUSM claim.
pub fn build(claimants: &[Claimant<'_>], settings: &Settings) -> Production {
    let claimants = claim::in_order(claimants);
    let (in_use, mut diagnostics) = complete::in_use(&claimants);
    let mut settlements = Settlements::new(&settings.resolutions);
    let merged = merge::merge(&claimants, &in_use, &mut settlements);
    settlements.report_unneeded(&merged.model);
    let stories = story::begin(&claimants, &merged.model, &settlements.notes);
    diagnostics.append(&mut settlements.diagnostics);
    let Merged { model, left_out, is_compared } = merged;
    let hardened = harden::harden(model, stories, &claimants, &settings.harden);
    diagnostics.extend(hardened.diagnostics);
    let (notes, views) = (hardened.notes, [left_out, hardened.views].concat());
    let of_views = views.iter().map(|(_, found)| found);
    diagnostics.extend(of_views.chain(&notes).chain(story::findings(&hardened.tables)).cloned());
    let broken = diagnostics.iter().any(Diagnostic::is_error);
    Production {
        schema: if broken { Schema::Unresolved(hardened.model) } else { Schema::Ready(hardened.model) },
        tables: hardened.tables,
        report: Report {
            rules: rules(&settings.harden),
            support: hardened.support,
            notes,
            views,
            before_users: hardened.before_users,
            is_compared,
        },
        diagnostics,
    }
}

/// The conflicts between what `claimants` say, where others claim something, too, that is not known. Of the entities `unsure`
/// nothing is known for certain, and where a type is not, nothing is said of its entity. The others stand whatever else is
/// claimed.
pub fn conflicts(claimants: &[Claimant<'_>], settings: &Settings, unsure: &BTreeSet<Name>) -> Vec<Diagnostic> {
    let claimants = claim::in_order(claimants);
    let (mut in_use, _) = complete::in_use(&claimants);
    let is_known = |table: &Table| table.columns.iter().all(|column| column.ty.scalar_builtin() != Some("unknown"));
    in_use.retain(|name| {
        let mut claims = claimants.iter().filter_map(|by| by.model.tables.get(name));
        !unsure.contains(name) && claims.all(is_known)
    });
    let mut settlements = Settlements::new(&settings.resolutions);
    merge::entities(&claimants, &in_use, &mut settlements);
    merge::objects(&claimants, &mut settlements.diagnostics);
    settlements.diagnostics.retain(conflict::is_disagreement);
    settlements.diagnostics
}

fn rules(settings: &Harden) -> Vec<RuleText> {
    let text = |rule: &&harden::Rule| RuleText {
        name: rule.name.to_owned(),
        title: rule.title.to_owned(),
        about: rule.about.to_owned(),
        on: settings.rules.get(rule.name).copied().unwrap_or(true),
    };
    harden::RULES.iter().map(text).collect()
}
