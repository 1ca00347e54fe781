//! Changes between two models, by identity, down to facts (a column's type, default, comment …).
//!
//! Renames are decided by hints and nothing else: the old model is first rewritten as if they had been carried out
//! ([`Diff::base`]), and what is compared then has the same names on both sides. Documentation, hints, intents and
//! the order of columns are no change. Nothing here knows SQL statements: that is `plan`'s.

mod along;
pub mod facts;
mod hints;
mod implied;
mod likely;
pub mod object;
pub mod privileges;
mod property;
mod readers;
mod rebound;
pub mod rename;
mod rewrite;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::{Model, canonical};
pub use hints::Loss;
use rename::Rename;

/// What differs between two models.
#[derive(Clone, Debug, PartialEq)]
pub struct Diff<'a> {
    /// The changes, sorted by identity; a renamed object that also changed has two entries, the rename first.
    pub changes: Vec<Change>,
    /// The renames, in the order in which they can run.
    pub renames: Vec<Rename>,
    /// The old model under the new names: what is left to change once the renames are done. Its own only when there
    /// are renames.
    pub base: Cow<'a, Model>,
    /// Renames that were probably meant, and that no hint says.
    pub likely: Vec<Rename>,
    /// What a person should know: hints that were not used, renames that are likely, columns in another order.
    pub diagnostics: Vec<Diagnostic>,
    /// Those of them that say where data may be lost for want of a hint, or for one that is wrong.
    pub losses: Vec<Loss>,
}

/// One object that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The object, by its new name.
    pub id: ObjectId,
    /// How it differs.
    pub kind: ChangeKind,
}

/// How an object differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// Only the new model has it.
    Added,
    /// Only the old model has it.
    Removed,
    /// It had another name.
    Renamed {
        /// The identity that it had.
        from: ObjectId,
    },
    /// Both have it, and these facts differ.
    Altered(Vec<Fact>),
}

/// One fact about an object that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is about: `type`, `default`, `comment` …
    pub name: Cow<'static, str>,
    /// What it was; `None` when there was nothing.
    pub old: Option<String>,
    /// What it is to be.
    pub new: Option<String>,
}

impl fmt::Display for Fact {
    /// As a person says it: `type varchar(20) → varchar(30)`, `default 'x' dropped`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => write!(f, "{} {old} → {new}", self.name),
            (None, Some(new)) if new == facts::SET => write!(f, "{}", self.name),
            (Some(old), None) if old == facts::SET => write!(f, "no longer {}", self.name),
            (None, Some(new)) => write!(f, "{} {new}", self.name),
            (Some(old), None) => write!(f, "{} {old} dropped", self.name),
            (None, None) => write!(f, "{}", self.name),
        }
    }
}

impl fmt::Display for Change {
    /// `add column accounts.phone`, `alter column accounts.phone: type varchar(20) → varchar(30)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ChangeKind::Added => write!(f, "add {}", self.id),
            ChangeKind::Removed => write!(f, "drop {}", self.id),
            ChangeKind::Renamed { from } => write!(f, "rename {from} to {}", self.id),
            ChangeKind::Altered(facts) => {
                let facts: Vec<String> = facts.iter().map(Fact::to_string).collect();
                write!(f, "alter {}: {}", self.id, facts.join(", "))
            }
        }
    }
}

/// The changes that lead from one model to another. Costs one look at each object, and more only for those that differ.
pub fn diff<'a>(from: &'a Model, to: &Model) -> Diff<'a> {
    let mut base = Cow::Borrowed(from);
    let mut renames = rename::of_objects(&mut base, to);
    let tables: Vec<Name> = object::unequal(&base.tables, &to.tables).cloned().collect();
    renames.extend(rename::of_members(&mut base, to, &tables));
    renames.extend(implied::renames(from, &base, to, &renames));
    let changes = compare(&base, to, &tables);
    let likely = if from.is_empty() { Vec::new() } else { likely::likely(&base, to, &changes) };
    let (mut diagnostics, mut losses) = hints::findings(from, &base, to, &tables, &renames, &likely);
    let astray = hints::astray(&base, to, &changes, &renames);
    diagnostics.extend(astray.iter().map(|loss| loss.found.clone()));
    losses.extend(astray);
    let renamed =
        |Rename { from, to }: &Rename| Change { id: to.clone(), kind: ChangeKind::Renamed { from: from.clone() } };
    let mut all: Vec<Change> = renames.iter().map(renamed).chain(changes).collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    Diff { changes: all, renames, base, likely, diagnostics, losses }
}

/// The changes between two models whose objects have the same names; of tables only `tables` may differ.
fn compare(base: &Model, to: &Model, tables: &[Name]) -> Vec<Change> {
    let ids = object::differing(base, to, tables);
    let forms = OnceCell::new();
    let forms = || forms.get_or_init(|| [base, to].map(|model| canonical::only(model, &ids)));
    let kind = |id: &ObjectId| match (object::find(base, id), object::find(to, id)) {
        (None, None) => None,
        (None, Some(_)) => Some(ChangeKind::Added),
        (Some(_), None) => Some(ChangeKind::Removed),
        (Some(_), Some(_)) => altered(base, to, &forms, id),
    };
    let mut changes: Vec<Change> =
        ids.iter().filter_map(|id| Some(Change { id: id.clone(), kind: kind(id)? })).collect();
    rebound::add(&mut changes, base, to);
    changes.extend(privileges::default_privileges(base, to));
    changes
}

/// The facts as they are written that differ, of those that differ in the canonical form too; `forms` gives what
/// differs of both models in that form.
fn altered<'f>(base: &Model, to: &Model, forms: &dyn Fn() -> &'f [Model; 2], id: &ObjectId) -> Option<ChangeKind> {
    let written = facts::differences(base, to, id);
    if written.is_empty() {
        return None;
    }
    let [old, new] = forms();
    let meant = facts::differences(old, new, id);
    let found: Vec<Fact> =
        written.into_iter().filter(|fact| meant.iter().any(|other| other.name == fact.name)).collect();
    let facts = if found.is_empty() { meant } else { found };
    (!facts.is_empty()).then_some(ChangeKind::Altered(facts))
}
