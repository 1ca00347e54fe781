//! The views of SQL files and of the hardening report: what templates get. Small types of their own, so that a
//! template depends on nothing that the stages before it are free to change.
//!
//! The views of the documentation pages are [`concept::page`](crate::concept::page)'s.

use crate::concept::page::Reference;
use serde::{Deserialize, Serialize};

/// An SQL file: the prototype of a module, or the production schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SqlView {
    /// The project's name.
    pub project: String,
    /// The module; none for production.
    pub module: Option<String>,
    /// The statements, in the order in which they run.
    pub statements: Vec<StatementView>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatementView {
    /// What it is about: `accounts`, `accounts.phone`, `index idx_accounts_phone of accounts`.
    pub name: String,
    /// Its text, without a final semicolon.
    pub sql: String,
    /// What a reader should know, to stand above it.
    pub comment: Option<String>,
    /// For `CREATE TABLE`: its parts, to be laid out.
    pub table: Option<TableView>,
}

/// The parts of a `CREATE TABLE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableView {
    /// What stands before the first item: `CREATE TABLE accounts (`.
    pub head: String,
    /// The items in groups, none of them empty.
    pub groups: Vec<GroupView>,
    /// What stands after the last item: `)`.
    pub tail: String,
}

/// Items of a table that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupView {
    /// What they are.
    pub kind: Group,
    /// The heading: `Core fields`.
    pub title: &'static str,
    /// The items, in order.
    pub items: Vec<ItemView>,
}

/// A column or a constraint in a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemView {
    /// The name of the column or constraint.
    pub name: String,
    /// Its text, without a comma.
    pub sql: String,
    /// A word about it, to stand behind the comma.
    pub comment: Option<String>,
    /// Whether it is the table's last item: only that one has no comma behind it.
    pub last: bool,
}

/// The groups of a table's items, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// What the entity is.
    Core,
    /// References to other entities.
    Relationship,
    /// What hardening added to every table.
    System,
    /// Constraints of the table.
    Constraint,
}

impl ItemView {
    /// An item that is not known to be the last.
    pub fn new(name: impl Into<String>, sql: impl Into<String>, comment: Option<String>) -> ItemView {
        ItemView { name: name.into(), sql: sql.into(), comment, last: false }
    }
}

impl Group {
    /// The heading of the group.
    pub fn title(self) -> &'static str {
        match self {
            Group::Core => "Core fields",
            Group::Relationship => "Relationships",
            Group::System => "System fields",
            Group::Constraint => "Constraints",
        }
    }
}

impl TableView {
    /// A table of `items`, each with its group. Within a group their order stays.
    pub fn new(head: String, items: Vec<(Group, ItemView)>, tail: String) -> TableView {
        let mut items = items;
        items.sort_by_key(|(group, _)| *group);
        let end = items.len();
        let mut groups: Vec<GroupView> = Vec::new();
        for (place, (kind, item)) in (1..).zip(items) {
            let item = ItemView { last: place == end, ..item };
            match groups.last_mut() {
                Some(group) if group.kind == kind => group.items.push(item),
                _ => groups.push(GroupView { kind, title: kind.title(), items: vec![item] }),
            }
        }
        TableView { head, groups, tail }
    }
}

/// A hardening rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleView {
    /// Its name, as `forge.toml` switches it.
    pub name: String,
    /// What it does, in a sentence.
    pub doc: String,
}

/// The hardening report of an entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HardeningPage {
    /// The entity, and its page in the docs.
    pub entity: Reference,
    /// The project, and its report of all.
    pub project: Reference,
    /// What hardening did to it.
    pub table: TableReport,
}

/// What hardening did to a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableReport {
    /// The table's name.
    pub name: String,
    /// What is counted, before and after.
    pub counts: Vec<CountView>,
    /// What was added, rule by rule.
    pub added: Vec<AddedView>,
    /// Rules that are switched off for this table.
    pub skipped: Vec<String>,
}

/// One number of a table, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountView {
    /// What is counted: `fields`, `constraints`, `indexes`, `policies`, `triggers`.
    pub what: String,
    /// Before hardening.
    pub before: usize,
    /// After it.
    pub after: usize,
}

/// What one rule added to a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddedView {
    /// The rule.
    pub rule: String,
    /// Why it did.
    pub why: String,
    /// What: `field created_at`, `index idx_account_status`.
    pub what: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::{Group, ItemView, TableView};

    #[test]
    fn items_are_grouped_and_only_the_last_has_no_comma() {
        let items = vec![
            (Group::System, ItemView::new("version", "version INTEGER", None)),
            (Group::Core, ItemView::new("id", "id UUID", None)),
            (Group::Core, ItemView::new("name", "name TEXT", None)),
        ];
        let table = TableView::new("CREATE TABLE a (".to_owned(), items, ")".to_owned());
        let shown: Vec<(&str, bool)> = table
            .groups
            .iter()
            .flat_map(|group| group.items.iter().map(|item| (item.sql.as_str(), item.last)))
            .collect();
        assert_eq!(shown, [("id UUID", false), ("name TEXT", false), ("version INTEGER", true)]);
        assert_eq!(table.groups.iter().map(|group| group.title).collect::<Vec<_>>(), ["Core fields", "System fields"]);
    }
}
