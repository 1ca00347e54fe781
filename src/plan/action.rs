//! Actions: the nodes of the dependency graph, and the resources that order them.
//!
//! An action says what it *provides* and what it *requires*; whatever provides a resource runs before all that
//! require it. That one rule is all the order there is. Items and names are numbers here: a plan may have hundreds of
//! thousands of resources, and comparing their names would be most of its cost.

use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::plan::statement::{Hazard, HazardKind, Lock, LockMode, TableLayout};

/// What of an object is meant: most objects are whole, but some parts come and go on their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Part {
    /// The object itself.
    Whole,
    /// A type or a collation that stepped aside until its users have moved over.
    Parked,
    /// A column's default, or a domain's.
    Default,
    /// A domain's checks.
    Checks,
    /// A sequence's owner.
    Owner,
    /// A partition's place under its parent, where that is a statement of its own.
    Attach,
    /// A table's place under the parents that it inherits from.
    Inherit,
    /// Row level security of a table, switched on.
    Security,
    /// The index by which the rows of a table or materialized view are put in order.
    Cluster,
    /// A table's replica identity.
    Replica,
    /// Its comment, and those of columns that have no identity of their own.
    Comment,
    /// The privileges on it.
    Privileges,
}

/// A thing that depends on others: an object, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Item {
    pub id: ObjectId,
    pub part: Part,
}

impl Item {
    pub fn whole(id: ObjectId) -> Item {
        Item { id, part: Part::Whole }
    }

    pub fn part(id: &ObjectId, part: Part) -> Item {
        Item { id: id.clone(), part }
    }
}

/// The place of an item among all that the plan touches, in their order.
pub(super) type Slot = usize;

/// What orders actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resource {
    /// The extensions are there.
    Extensions,
    /// Nothing is left that could need an extension to be dropped.
    Unextended,
    /// The item is in its new state.
    Made(Slot),
    /// Nothing uses the item's old state any more.
    Free(Slot),
    /// The item's old state is gone.
    Gone(Slot),
    /// Nobody has the name any more, which is given by its number: relations share one set of names, and types another.
    Name(usize),
}

impl Resource {
    /// The item that the resource is about.
    pub fn slot(self) -> Option<Slot> {
        match self {
            Resource::Made(slot) | Resource::Free(slot) | Resource::Gone(slot) => Some(slot),
            Resource::Extensions | Resource::Unextended | Resource::Name(_) => None,
        }
    }

    /// The resource's number among all, so that a table can be kept by resources: below [`Actions::resources`].
    pub fn number(self, slots: usize) -> usize {
        match self {
            Resource::Extensions => 0,
            Resource::Unextended => 1,
            Resource::Made(slot) => 2 + 3 * slot,
            Resource::Free(slot) => 3 + 3 * slot,
            Resource::Gone(slot) => 4 + 3 * slot,
            Resource::Name(name) => 2 + 3 * slots + name,
        }
    }
}

/// One step of a plan, before it is ordered.
#[derive(Clone, Debug)]
pub(super) struct Action {
    pub item: Item,
    pub slot: Slot,
    pub verb: Verb,
    pub provides: Vec<Resource>,
    pub requires: Vec<Resource>,
    /// What it would rather come after, when nothing speaks against it.
    pub prefers: Vec<Resource>,
    /// What it would rather come before.
    pub yields: Vec<Resource>,
    /// The action of the same verb that may take this one in.
    pub owner: Option<usize>,
}

/// All steps of a plan.
#[derive(Clone, Debug, Default)]
pub(super) struct Actions {
    pub list: Vec<Action>,
    /// How many items there are.
    pub slots: usize,
    /// How many names are given up or taken.
    pub names: usize,
}

impl Actions {
    /// How many resources there are.
    pub fn resources(&self) -> usize {
        Resource::Name(self.names).number(self.slots)
    }
}

/// What an action does, in the order in which actions come when nothing else decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verb {
    Drop,
    Alter,
    Create,
}

/// A statement before it has its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub sql: String,
    pub hazards: Vec<Hazard>,
    pub lock: Option<Lock>,
    /// It converts the values of a column.
    pub converts: bool,
    /// It cannot run inside a transaction.
    pub alone: bool,
    /// It starts a new transaction: what ran before must be visible, or its lock released.
    pub apart: bool,
    /// Whether its transaction ends with it.
    pub ends: bool,
    /// A constant that no statement of the same transaction may use: a new value of an enum.
    pub unusable: Option<String>,
    pub layout: Option<TableLayout>,
}

impl Draft {
    pub fn new(sql: impl Into<String>) -> Draft {
        Draft { sql: sql.into(), ..Draft::default() }
    }

    #[must_use]
    pub fn hazard(mut self, kind: HazardKind, message: impl Into<String>) -> Draft {
        self.hazards.push(Hazard { kind, message: message.into() });
        self
    }

    #[must_use]
    pub fn lock(mut self, table: &Name, mode: LockMode) -> Draft {
        self.lock = Some(Lock { table: table.clone(), mode });
        self
    }

    #[must_use]
    pub fn alone(mut self) -> Draft {
        self.alone = true;
        self
    }

    #[must_use]
    pub fn apart(mut self) -> Draft {
        self.apart = true;
        self
    }
}
