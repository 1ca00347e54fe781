//! Indexes, and the elements that they share with exclusion constraints and partition keys.

use serde::{Deserialize, Serialize};

use super::name::{Ident, Name};
use super::{Hints, Sql};

/// An index; its name is its key in the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// The access method: `btree`, `gin` …
    pub method: String,
    /// `UNIQUE`.
    pub unique: bool,
    /// What is indexed, in order.
    pub elements: Vec<IndexElement>,
    /// `INCLUDE`, columns that are carried along.
    pub include: Vec<Ident>,
    /// `NULLS NOT DISTINCT` (PostgreSQL 15).
    pub nulls_not_distinct: bool,
    /// `WHERE`, for a partial index.
    pub predicate: Option<Sql>,
    /// Storage parameters, sorted, as written: `fillfactor=70`.
    pub options: Vec<String>,
    /// Its place among the indexes of a partitioned table and its partitions.
    pub family: Family,
    /// `COMMENT ON INDEX`.
    pub comment: Option<String>,
    /// How past states are carried over.
    pub hints: Hints,
}

/// The place of an index among those of a partitioned table and its partitions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Family {
    /// `ON ONLY`: it is on a partitioned table, and not on all of its partitions.
    pub only: bool,
    /// The partitioned index that it is attached to.
    pub attached_to: Option<Name>,
}

/// One element of an index: a column or an expression, and how it is ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexElement {
    /// What is indexed.
    pub key: ElementKey,
    /// `COLLATE`.
    pub collation: Option<Name>,
    /// The operator class, when one was named.
    pub opclass: Option<Name>,
    /// The operator class's parameters, as written (`siglen=32`).
    pub opclass_options: Option<String>,
    /// `DESC`.
    pub descending: bool,
    /// `NULLS FIRST`; by default only descending elements have it.
    pub nulls_first: bool,
}

/// What an element indexes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ElementKey {
    /// A column.
    Column(Ident),
    /// An expression, without its outer parentheses.
    Expression(Sql),
}

impl Family {
    /// Whether it is a part of the index `whole`.
    pub fn is_part_of(&self, whole: &Name) -> bool {
        self.attached_to.as_ref() == Some(whole)
    }
}

impl Index {
    /// A B-tree over `columns`.
    pub fn on(columns: Vec<Ident>) -> Index {
        Index {
            method: "btree".to_owned(),
            unique: false,
            elements: columns.into_iter().map(IndexElement::column).collect(),
            include: Vec::new(),
            nulls_not_distinct: false,
            predicate: None,
            options: Vec::new(),
            family: Family::default(),
            comment: None,
            hints: Hints::default(),
        }
    }

    /// Whether two indexes index the same, so that one of a partition can be part of one of its parent. PostgreSQL asks
    /// for no order and for no parameters of operator classes. Source: `CompareIndexInfo` in `src/backend/catalog/index.c`.
    pub fn is_like(&self, other: &Index) -> bool {
        let facts = |it: &Index| (it.unique, it.nulls_not_distinct, it.method.to_ascii_lowercase());
        let indexed = |it: &IndexElement| IndexElement {
            collation: it.collation.clone(),
            opclass: it.opclass.clone(),
            ..IndexElement::of(it.key.clone())
        };
        let alike = |(one, other): (&IndexElement, &IndexElement)| indexed(one) == indexed(other);
        facts(self) == facts(other)
            && self.elements.len() == other.elements.len()
            && self.elements.iter().zip(&other.elements).all(alike)
            && (&self.include, &self.predicate) == (&other.include, &other.predicate)
    }

    /// The indexed columns, when all elements are columns; `None` when one is an expression.
    pub fn columns(&self) -> Option<Vec<&Ident>> {
        self.elements
            .iter()
            .map(|element| match &element.key {
                ElementKey::Column(name) => Some(name),
                ElementKey::Expression(_) => None,
            })
            .collect()
    }
}

impl IndexElement {
    /// A column in ascending order.
    pub fn column(name: Ident) -> IndexElement {
        IndexElement::of(ElementKey::Column(name))
    }

    /// `key` in ascending order, with the defaults of its type.
    pub fn of(key: ElementKey) -> IndexElement {
        IndexElement {
            key,
            collation: None,
            opclass: None,
            opclass_options: None,
            descending: false,
            nulls_first: false,
        }
    }
}
