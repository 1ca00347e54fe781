//! What an edge changes, in words: for the timeline, the log, and the names of migrations.
//!
//! A table that comes or goes says all about its columns and constraints. Words are of the schema alone, never of a
//! commit: a migration keeps its name whatever the commit is called.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::diff::{Change, ChangeKind, Fact};
use crate::model::Model;
use crate::model::constraint::ConstraintKind;
use crate::model::id::ObjectId;
use crate::model::name::Name;

/// One thing that an edge does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Deed {
    /// What is done.
    pub verb: Verb,
    /// To what: `accounts`, `accounts.phone`.
    pub what: String,
    /// What else there is to know: `varchar(20)`, `from phone`.
    pub rest: Option<String>,
}

/// What is done to something, in the order in which a person tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// It is made, as a whole.
    Create,
    /// It is given another name.
    Rename,
    /// It is made, as a part.
    Add,
    /// It is made to point to something.
    Link,
    /// It becomes something else.
    Change,
    /// It is taken away from what it pointed to.
    Unlink,
    /// It goes.
    Drop,
}

impl Verb {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Verb::Create => "create",
            Verb::Rename => "rename",
            Verb::Add => "add",
            Verb::Link => "link",
            Verb::Change => "change",
            Verb::Unlink => "unlink",
            Verb::Drop => "drop",
        }
    }
}

impl fmt::Display for Deed {
    /// `add accounts.phone (varchar(20))`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb.word(), self.what)?;
        self.rest.iter().try_for_each(|rest| write!(f, " ({rest})"))
    }
}

/// What `changes` do, from the schema `from` to the schema `to`.
pub fn deeds(changes: &[Change], from: &Model, to: &Model) -> Vec<Deed> {
    let whole: BTreeSet<&Name> = changes
        .iter()
        .filter(|change| matches!(change.kind, ChangeKind::Added | ChangeKind::Removed))
        .filter_map(|change| match &change.id {
            ObjectId::Table(name) => Some(name),
            _ => None,
        })
        .collect();
    let mut deeds: Vec<Deed> = changes.iter().filter_map(|change| deed(change, &whole, from, to)).collect();
    deeds.sort();
    deeds.dedup();
    deeds
}

fn deed(change: &Change, whole: &BTreeSet<&Name>, from: &Model, to: &Model) -> Option<Deed> {
    let said = |verb, what: String, rest: Option<String>| Some(Deed { verb, what, rest });
    let rest = match &change.kind {
        ChangeKind::Renamed { from } => Some(format!("from {}", plain(from))),
        ChangeKind::Altered(facts) => Some(facts.iter().map(Fact::to_string).collect::<Vec<_>>().join(", ")),
        ChangeKind::Added | ChangeKind::Removed => None,
    };
    let verb = |make| match change.kind {
        ChangeKind::Added => make,
        ChangeKind::Removed => Verb::Drop,
        ChangeKind::Renamed { .. } => Verb::Rename,
        ChangeKind::Altered(_) => Verb::Change,
    };
    match &change.id {
        ObjectId::Table(_) | ObjectId::Type(_) | ObjectId::Extension(_) | ObjectId::Schema(_) => {
            said(verb(Verb::Create), plain(&change.id), rest)
        }
        ObjectId::Column(table, _) | ObjectId::Constraint(table, _) if whole.contains(table) => None,
        ObjectId::Column(table, name) => {
            let added = matches!(change.kind, ChangeKind::Added);
            let ty = || Some(to.tables.get(table)?.column(name.as_str())?.ty.to_sql().to_lowercase());
            said(verb(Verb::Add), plain(&change.id), if added { ty() } else { rest })
        }
        ObjectId::Constraint(table, name) => match &change.kind {
            // Its name is nobody's concern.
            ChangeKind::Renamed { .. } => None,
            kind => {
                let side = if *kind == ChangeKind::Removed { from } else { to };
                constraint(side, table, &side.constraint(table, name)?.kind, kind)
            }
        },
        _ => said(verb(Verb::Create), change.id.to_string(), rest),
    }
}

fn constraint(side: &Model, table: &Name, kind: &ConstraintKind, change: &ChangeKind) -> Option<Deed> {
    let removed = *change == ChangeKind::Removed;
    match kind {
        ConstraintKind::ForeignKey(key) => {
            // The table that it hung on is said to be gone already.
            let columns: Vec<String> = key.columns.iter().map(|column| column.as_str().to_owned()).collect();
            let verb = match change {
                ChangeKind::Removed => Verb::Unlink,
                ChangeKind::Altered(_) => Verb::Change,
                _ => Verb::Link,
            };
            let word = if removed { "from" } else { "to" };
            let target = ObjectId::Table(key.table.clone());
            Some(Deed {
                verb,
                what: format!("{}.{}", plain(&ObjectId::Table(table.clone())), columns.join("+")),
                rest: Some(format!("{word} {}", plain(&target))),
            })
        }
        ConstraintKind::PrimaryKey(_) => {
            let columns: Vec<&str> = side.tables[table].primary_key().iter().map(|column| column.as_str()).collect();
            let what = format!("the key of {}", plain(&ObjectId::Table(table.clone())));
            let rest = Some(columns.join(", "));
            Some(Deed { verb: if removed { Verb::Drop } else { Verb::Change }, what, rest })
        }
        ConstraintKind::Unique(_) | ConstraintKind::Check(_) | ConstraintKind::Exclude(_) => None,
    }
}

/// An object without its kind and without quotes: `accounts.phone`.
fn plain(id: &ObjectId) -> String {
    let name = |name: &Name| match &name.schema {
        Some(schema) => format!("{}.{}", schema.as_str(), name.name.as_str()),
        None => name.name.as_str().to_owned(),
    };
    match id {
        ObjectId::Table(table) => name(table),
        ObjectId::Column(table, column) => format!("{}.{}", name(table), column.as_str()),
        ObjectId::Type(ty) => format!("type {}", name(ty)),
        other => other.to_string(),
    }
}

/// How many deeds are told before the rest is counted.
const TOLD: usize = 3;

/// What is done, in a line: `create locations, add accounts.phone and 2 more`.
pub fn short(deeds: &[Deed]) -> String {
    let told: Vec<String> = deeds.iter().take(TOLD).map(|deed| format!("{} {}", deed.verb.word(), deed.what)).collect();
    let more = deeds.len().saturating_sub(TOLD);
    match (deeds.len(), more) {
        (0, _) => "nothing that shows".to_owned(),
        (_, 0) => told.join(", "),
        _ => format!("{} and {more} more", told.join(", ")),
    }
}

/// The longest name of a migration, in characters.
const LONGEST: usize = 48;

/// A name for the migration, of small letters, digits and `_`: `add_accounts_phone`.
pub fn slug(deeds: &[Deed]) -> String {
    let Some(first) = deeds.first() else { return "change".to_owned() };
    let mut name = word(&format!("{} {}", first.verb.word(), first.what));
    for (at, deed) in deeds.iter().enumerate().skip(1) {
        let same = deeds[at - 1].verb == deed.verb;
        let part = if same { word(&deed.what) } else { word(&format!("{} {}", deed.verb.word(), deed.what)) };
        let longer = format!("{name}_{part}");
        if longer.chars().count() > LONGEST {
            name = format!("{}_and_{}_more", cut(&name), deeds.len() - at);
            return name;
        }
        name = longer;
    }
    cut(&name)
}

fn cut(name: &str) -> String {
    name.chars().take(LONGEST).collect::<String>().trim_end_matches('_').to_owned()
}

/// Small letters and digits; whatever else stands between them is one `_`.
fn word(text: &str) -> String {
    let mut word = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => word.push(letter),
            _ if word.ends_with('_') || word.is_empty() => {}
            _ => word.push('_'),
        }
    }
    word.trim_end_matches('_').to_owned()
}
