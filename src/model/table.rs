//! Tables and their columns.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::constraint::Constraint;
use super::datatype::DataType;
use super::index::{Family, Index, IndexElement};
use super::name::{Ident, Name, default_name};
use super::relation::Trigger;
use super::security::Policy;
use super::sequence::SequenceOptions;
use super::{Hints, Intent, Sql};

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its columns, in the order in which they are written. The order is shown, and is never a change.
    pub columns: Vec<Column>,
    /// Its constraints by name; NOT NULL is a fact of the column instead.
    pub constraints: BTreeMap<Ident, Constraint>,
    /// Its indexes by name, but for those behind constraints. They live in the table's schema.
    pub indexes: BTreeMap<Ident, Index>,
    /// Its triggers by name.
    pub triggers: BTreeMap<Ident, Trigger>,
    /// Its row level security policies by name.
    pub policies: BTreeMap<Ident, Policy>,
    /// `ENABLE ROW LEVEL SECURITY`.
    pub row_security: bool,
    /// `FORCE ROW LEVEL SECURITY`: policies hold for the table's owner too.
    pub force_row_security: bool,
    /// `PARTITION BY`, for a partitioned table.
    pub partition_by: Option<PartitionBy>,
    /// `PARTITION OF`, for a partition. Its columns are listed all the same.
    pub partition_of: Option<PartitionOf>,
    /// `INHERITS`, the parents in order.
    pub inherits: Vec<Name>,
    /// `UNLOGGED`.
    pub unlogged: bool,
    /// Storage parameters: `WITH (fillfactor = 70)`.
    pub options: BTreeMap<String, String>,
    /// The index by which its rows are put in order: `CLUSTER ON`.
    pub clustered_on: Option<Ident>,
    /// `REPLICA IDENTITY`, when it is not the default.
    pub replica_identity: Option<ReplicaIdentity>,
    /// `COMMENT ON TABLE`.
    pub comment: Option<String>,
    /// What the table is for: documentation, no part of the state.
    pub doc: Option<String>,
    /// How past states are carried over.
    pub hints: Hints,
    /// What hardening needs to know.
    pub intent: Intent,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: DataType,
    /// `NOT NULL`, said or implied (by a primary key, an identity).
    pub not_null: bool,
    /// Whether it comes from a table that this one `INHERITS` from, and only its own facts are said here. Columns of
    /// partitions are all their parent's, and are not marked.
    pub inherited: bool,
    /// `DEFAULT`.
    pub default: Option<Sql>,
    /// `GENERATED … AS IDENTITY`.
    pub identity: Option<Box<Identity>>,
    /// `GENERATED ALWAYS AS (…)`.
    pub generated: Option<Generated>,
    /// `COLLATE`, when it is not the type's own.
    pub collation: Option<Name>,
    /// `SET STORAGE`, in lower case, when it is not the type's own.
    pub storage: Option<String>,
    /// `SET COMPRESSION`, in lower case, when one was chosen.
    pub compression: Option<String>,
    /// `SET STATISTICS`, when a target was chosen.
    pub statistics: Option<i32>,
    /// `SET (n_distinct = …)`, by lower case name.
    pub options: BTreeMap<String, String>,
    /// `COMMENT ON COLUMN`.
    pub comment: Option<String>,
    /// What the field means: documentation, no part of the state.
    pub doc: Option<String>,
    /// How past states are carried over.
    pub hints: Hints,
}

/// An identity column's sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// `ALWAYS`, else `BY DEFAULT`.
    pub always: bool,
    /// The sequence behind it.
    pub options: SequenceOptions,
}

impl Identity {
    /// The name of the sequence behind the identity of `column`.
    pub fn sequence(&self, table: &Name, column: &Ident) -> Name {
        let usual = || table.sibling(default_name(table.name.as_str(), column.as_str(), "seq").as_str());
        self.options.name.clone().unwrap_or_else(usual)
    }
}

/// A generated column's expression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generated {
    /// The expression.
    pub expression: Sql,
    /// `STORED`, else `VIRTUAL` (PostgreSQL 18).
    pub stored: bool,
}

/// How a partitioned table is divided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionBy {
    /// `range`, `list` or `hash`.
    pub strategy: String,
    /// The columns or expressions, with collation and operator class.
    pub elements: Vec<IndexElement>,
}

/// What makes a table a partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionOf {
    /// The partitioned table.
    pub parent: Name,
    /// `FOR VALUES …` or `DEFAULT`, as written.
    pub bound: Sql,
}

/// What identifies an old row in logical replication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReplicaIdentity {
    /// All columns.
    Full,
    /// Nothing.
    Nothing,
    /// The columns of this index.
    Index(Ident),
}

impl Column {
    /// A nullable column without anything else.
    pub fn new(name: impl AsRef<str>, ty: DataType) -> Column {
        Column {
            name: Ident::new(name),
            ty,
            not_null: false,
            inherited: false,
            default: None,
            identity: None,
            generated: None,
            collation: None,
            storage: None,
            compression: None,
            statistics: None,
            options: BTreeMap::new(),
            comment: None,
            doc: None,
            hints: Hints::default(),
        }
    }
}

impl Table {
    /// The tables that it gets fields from: those that it inherits from, and the one that it is a partition of.
    pub fn gets_from(&self) -> impl Iterator<Item = &Name> {
        self.inherits.iter().chain(self.partition_of.as_ref().map(|of| &of.parent))
    }

    /// The column `name`.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.as_str() == name)
    }

    /// The column `name`, to change it.
    pub fn column_mut(&mut self, name: &str) -> Option<&mut Column> {
        self.columns.iter_mut().find(|column| column.name.as_str() == name)
    }

    /// The index `name`, also when it stands behind a key.
    pub fn index(&self, name: &Ident) -> Option<Cow<'_, Index>> {
        let behind_key = || Some(Cow::Owned(self.constraints.get(name)?.key()?.index()));
        self.indexes.get(name).map(Cow::Borrowed).or_else(behind_key)
    }

    /// The places of all indexes, those behind keys included, by the indexes' names.
    pub fn families(&self) -> impl Iterator<Item = (&Ident, &Family)> {
        let keys = self.constraints.iter().filter_map(|(name, it)| Some((name, &it.key()?.family)));
        self.indexes.iter().map(|(name, it)| (name, &it.family)).chain(keys)
    }

    /// The place of the index `name`, also when it stands behind a key.
    pub fn family_mut(&mut self, name: &Ident) -> Option<&mut Family> {
        match self.indexes.get_mut(name) {
            Some(index) => Some(&mut index.family),
            None => Some(&mut self.constraints.get_mut(name)?.key_mut()?.family),
        }
    }

    /// The indexes that PostgreSQL would take into one like `whole` of the table's parent, were it made: those that are
    /// like it and part of none; into the index behind a key (`of_key`) it takes those behind keys only.
    pub fn fitting<'t>(&'t self, whole: &'t Index, of_key: bool) -> impl Iterator<Item = &'t Ident> {
        let free = self.families().filter(|(_, family)| family.attached_to.is_none()).map(|(name, _)| name);
        let fits = move |name: &&Ident| self.index(name).is_some_and(|index| index.is_like(whole));
        free.filter(move |name| !of_key || self.constraints.contains_key(*name)).filter(fits)
    }

    /// The primary key's columns; empty without one.
    pub fn primary_key(&self) -> &[Ident] {
        self.constraints.values().find_map(Constraint::primary_key).unwrap_or(&[])
    }
}
