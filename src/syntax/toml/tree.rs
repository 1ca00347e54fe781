//! The tree of a schema file: what its author wrote, each piece with its place.

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Span};
use crate::grammar::Text;
use crate::path::RepoPath;

/// A file of entities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityFile {
    /// The file.
    pub path: RepoPath,
    /// Its entities, in order.
    pub entities: Vec<EntityNode>,
    /// Whether all of the file was read; else a name that is missing here may stand in the part that was not.
    pub whole: bool,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

/// One `[entity]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityNode {
    /// Its name.
    pub name: Text,
    /// What it is for.
    pub doc: Option<String>,
    /// The name that it had before.
    pub renamed_from: Option<Text>,
    /// Fields taken from the BUSM.
    pub pick: Vec<Text>,
    /// Fields of its own, in order.
    pub fields: Vec<FieldNode>,
    /// A primary key of several fields.
    pub primary_key: Vec<Text>,
    /// Sets of fields that are unique together.
    pub unique: Vec<Vec<Text>>,
    /// Conditions on rows: name and expression.
    pub checks: Vec<(Text, Text)>,
    /// Indexes by name.
    pub indexes: Vec<IndexNode>,
    /// Row level security.
    pub access: Option<AccessNode>,
    /// Hardening rules switched on or off.
    pub harden: Vec<(Text, bool)>,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldNode {
    /// Its name.
    pub name: Text,
    /// Its type.
    pub ty: Option<Text>,
    /// Whether it is the primary key.
    pub primary_key: bool,
    /// Whether each row has a value.
    pub required: bool,
    /// Whether no two rows share a value.
    pub unique: bool,
    /// Whether it is indexed.
    pub index: bool,
    /// The value of rows that give none.
    pub default: Option<DefaultNode>,
    /// The only values allowed.
    pub values: Vec<Literal>,
    /// The entity, or `entity.field`, that it points to.
    pub references: Option<Text>,
    /// What happens to it when the row that it points to is deleted.
    pub on_delete: Option<Text>,
    /// What happens to it when the key that it points to changes.
    pub on_update: Option<Text>,
    /// A condition on its value.
    pub check: Option<Text>,
    /// The expression that computes it.
    pub generated: Option<Text>,
    /// `always` or `by default`: PostgreSQL numbers it.
    pub identity: Option<Text>,
    /// What it means.
    pub doc: Option<String>,
    /// The name that it had before.
    pub renamed_from: Option<Text>,
    /// The expression that fills rows without a value.
    pub backfill: Option<Text>,
    /// The expression that converts old values when the type changes.
    pub using: Option<Text>,
    /// Whether something about it was reported: then what it seems to lack may stand there under a wrong name.
    pub broken: bool,
}

/// A default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DefaultNode {
    /// A typed TOML value.
    Literal(Literal),
    /// `{ sql = "…" }`.
    Sql(Text),
}

/// A literal value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Literal {
    /// What it is.
    pub kind: LiteralKind,
    /// Its value: a string unquoted, anything else as TOML spells it.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of literals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LiteralKind {
    /// A string, or a date or time.
    Text,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Float,
    /// `true` or `false`.
    Flag,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexNode {
    /// Its name, without the `idx_` that forge puts before it.
    pub name: Text,
    /// Its columns, or expressions in parentheses.
    pub columns: Vec<Text>,
    /// Whether it is unique.
    pub unique: bool,
    /// The access method.
    pub method: Option<Text>,
    /// Columns carried along.
    pub include: Vec<Text>,
    /// The condition of a partial index.
    pub condition: Option<Text>,
}

/// Row level security.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessNode {
    /// The field that holds the owner's id.
    pub owner: Option<Text>,
    /// The condition under which all rows are reached.
    pub admin: Option<Text>,
    /// The condition under which rows are read.
    pub read: Option<Text>,
    /// Where it stands.
    pub span: Span,
}

/// A `module.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleFile {
    /// What people call it.
    pub title: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What it is for.
    pub doc: Option<String>,
    /// How far it has come.
    pub stage: Stage,
    /// The folder's name before it was renamed.
    pub renamed_from: Option<String>,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

/// How far a module has come: what forge makes of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Documentation only.
    Concept,
    /// Documentation and its prototype.
    Prototype,
    /// All of that, and merged into production.
    #[default]
    Production,
}
