//! A schema as the generator sees it: objects that refer to each other by number, so that a rename is one change and
//! a drop takes along, by [`Schema::prune`], whatever cannot be without what was dropped.

use std::collections::BTreeSet;

use super::types::Ty;

/// The number of an object, given once and never again.
pub type Id = u32;

/// A whole schema.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// The last number that was given.
    pub next: Id,
    /// The awkward names that were given.
    pub names: BTreeSet<String>,
    pub namespaces: Vec<At>,
    pub enums: Vec<Enum>,
    pub domains: Vec<Domain>,
    pub composites: Vec<Composite>,
    pub sequences: Vec<Sequence>,
    pub routines: Vec<Routine>,
    pub tables: Vec<Table>,
    pub views: Vec<View>,
    pub grants: Vec<Grant>,
}

/// What each object has: a number, a place, a name, its name before, a comment.
#[derive(Clone, Debug, Default)]
pub struct At {
    pub id: Id,
    /// The namespace; `None` is public.
    pub namespace: Option<Id>,
    pub name: String,
    /// The name that it had in the schema that this one was made from.
    pub was: Option<String>,
    pub comment: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Enum {
    pub at: At,
    /// Labels, each with the label that it was; the first two are never removed.
    pub labels: Vec<(String, Option<String>)>,
}

#[derive(Clone, Debug)]
pub struct Domain {
    pub at: At,
    pub base: Ty,
    pub default: Option<String>,
    pub not_null: bool,
    pub checks: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub struct Composite {
    pub at: At,
    pub attributes: Vec<Attribute>,
}

#[derive(Clone, Debug)]
pub struct Attribute {
    pub name: String,
    pub ty: Ty,
}

#[derive(Clone, Debug)]
pub struct Sequence {
    pub at: At,
    pub options: String,
    /// The column that it goes with.
    pub owner: Option<Id>,
}

/// A text in which `{0}` stands for a column, and `{f}` for a routine or a sequence.
#[derive(Clone, Debug)]
pub struct Expr {
    pub text: String,
    pub columns: Vec<Id>,
    pub object: Option<Id>,
}

#[derive(Clone, Debug)]
pub struct Table {
    pub at: At,
    pub columns: Vec<Column>,
    pub constraints: Vec<Constraint>,
    pub indexes: Vec<Index>,
    pub triggers: Vec<Trigger>,
    pub policies: Vec<Policy>,
    pub row_security: bool,
    pub force_row_security: bool,
    pub partitions: Option<Partitions>,
    pub inherits: Option<Id>,
    pub unlogged: bool,
    pub options: Option<&'static str>,
    pub replica_identity: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub struct Column {
    pub at: At,
    pub ty: Ty,
    pub not_null: bool,
    pub default: Option<Expr>,
    pub kind: ColumnKind,
    pub collation: Option<&'static str>,
    pub storage: Option<&'static str>,
    pub statistics: Option<u32>,
}

#[derive(Clone, Debug)]
pub enum ColumnKind {
    Plain,
    Serial,
    Identity { always: bool, options: &'static str },
    Generated(Expr),
}

#[derive(Clone, Debug)]
pub struct Constraint {
    /// An empty name leaves naming to PostgreSQL.
    pub at: At,
    pub kind: ConstraintKind,
    /// `DEFERRABLE …`, `NOT VALID`, or nothing.
    pub suffix: &'static str,
}

#[derive(Clone, Debug)]
pub enum ConstraintKind {
    Primary(Vec<Id>),
    Unique { columns: Vec<Id>, include: Vec<Id> },
    Check(Expr),
    Foreign { columns: Vec<Id>, table: Id, key: Vec<Id>, actions: &'static str },
    Exclude { column: Id, gist: bool },
}

#[derive(Clone, Debug)]
pub struct Index {
    pub at: At,
    pub method: &'static str,
    pub unique: bool,
    /// Each element: the expression, and what follows it (`text_pattern_ops`, `DESC NULLS LAST`).
    pub elements: Vec<(Expr, &'static str)>,
    pub include: Vec<Id>,
    pub predicate: Option<Expr>,
    pub options: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub struct Trigger {
    pub at: At,
    /// `BEFORE INSERT OR UPDATE`.
    pub event: &'static str,
    pub update_of: Option<Id>,
    pub each_row: bool,
    pub when: Option<Expr>,
    pub routine: Id,
    pub args: &'static str,
    pub enabled: &'static str,
}

#[derive(Clone, Debug)]
pub struct Policy {
    pub at: At,
    pub restrictive: bool,
    pub command: &'static str,
    pub roles: &'static str,
    pub using: Option<Expr>,
    pub check: Option<Expr>,
}

#[derive(Clone, Debug)]
pub struct Partitions {
    pub strategy: &'static str,
    pub column: Id,
    /// Each partition with its bound.
    pub parts: Vec<(At, String)>,
}

#[derive(Clone, Debug)]
pub struct View {
    pub at: At,
    pub materialized: bool,
    pub query: Query,
    pub options: Option<&'static str>,
    /// A unique index on the first column, of a materialized view.
    pub index: Option<At>,
    pub column_comment: Option<String>,
}

#[derive(Clone, Debug)]
pub enum Query {
    /// Columns of a table, each with a name of its own or not, and a condition.
    Columns { table: Id, columns: Vec<(Id, Option<String>)>, filter: Option<Expr> },
    /// Two tables joined on a foreign key: one column of each.
    Join { left: Id, right: Id, on: (Id, Id), shown: (Id, Id) },
    /// Rows counted by a column.
    Count { table: Id, column: Id },
    /// A view on a view, by the name of its first column.
    Over(Id),
}

#[derive(Clone, Debug)]
pub struct Routine {
    pub at: At,
    pub kind: RoutineKind,
    pub attributes: Vec<&'static str>,
}

#[derive(Clone, Debug)]
pub enum RoutineKind {
    /// `LANGUAGE plpgsql RETURNS trigger`, with a body that differs by number.
    Trigger { body: u32 },
    /// An immutable test of one value, used in checks, indexes and policies.
    Test { ty: Ty, body: &'static str },
    /// Arguments with and without defaults, and a result of some type.
    Plain { args: Vec<Argument>, returns: Ty, body: u32 },
    /// `RETURNS TABLE`.
    Rows { columns: Vec<Attribute> },
    /// Counts a table's rows; `standard` has a body that PostgreSQL parses at once.
    Reads { table: Id, standard: bool },
    /// `CREATE PROCEDURE`.
    Procedure { args: Vec<Argument>, body: u32 },
}

#[derive(Clone, Debug)]
pub struct Argument {
    pub name: String,
    pub ty: Ty,
    pub default: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Grant {
    /// A table, view, sequence, routine, type or namespace.
    pub object: Id,
    pub privileges: &'static str,
    /// The table's column that it is limited to.
    pub column: Option<Id>,
    pub role: &'static str,
    pub option: bool,
}

impl Schema {
    /// A new number.
    pub fn id(&mut self) -> Id {
        self.next += 1;
        self.next
    }

    /// The object's name as SQL, with its namespace.
    pub fn name(&self, at: &At) -> String {
        match at.namespace.and_then(|id| self.namespaces.iter().find(|it| it.id == id)) {
            Some(namespace) => format!("{}.{}", quote(&namespace.name), quote(&at.name)),
            None => quote(&at.name),
        }
    }

    pub fn table(&self, id: Id) -> Option<&Table> {
        self.tables.iter().find(|table| table.at.id == id)
    }

    pub fn domain(&self, id: Id) -> Option<&Domain> {
        self.domains.iter().find(|domain| domain.at.id == id)
    }

    pub fn composite(&self, id: Id) -> Option<&Composite> {
        self.composites.iter().find(|composite| composite.at.id == id)
    }

    pub fn routine(&self, id: Id) -> Option<&Routine> {
        self.routines.iter().find(|routine| routine.at.id == id)
    }

    pub fn view(&self, id: Id) -> Option<&View> {
        self.views.iter().find(|view| view.at.id == id)
    }

    /// A label that no edit takes away.
    pub fn safe_label(&self, id: Id) -> String {
        let found = self.enums.iter().find(|it| it.at.id == id);
        found.and_then(|it| it.labels.first()).map_or(String::new(), |(label, _)| label.replace('\'', "''"))
    }

    /// The column's name as SQL.
    pub fn column(&self, id: Id) -> String {
        let found = self.tables.iter().flat_map(|table| &table.columns).find(|column| column.at.id == id);
        found.map_or_else(|| "missing".into(), |column| quote(&column.at.name))
    }

    /// The names of columns, with commas between.
    pub fn columns(&self, ids: &[Id]) -> String {
        ids.iter().map(|id| self.column(*id)).collect::<Vec<_>>().join(", ")
    }

    /// The expression as SQL.
    pub fn expr(&self, expr: &Expr) -> String {
        let mut text = expr.text.clone();
        for (at, id) in expr.columns.iter().enumerate() {
            text = text.replace(&format!("{{{at}}}"), &self.column(*id));
        }
        let Some(id) = expr.object else { return text };
        let mut named = self.routines.iter().map(|it| &it.at).chain(self.sequences.iter().map(|it| &it.at));
        let name = named.find(|at| at.id == id).map_or_else(String::new, |at| self.name(at));
        text.replace("'{f}'", &format!("'{}'", name.replace('\'', "''"))).replace("{f}", &name)
    }

    /// Drops what refers to something that is no longer there, until nothing does.
    pub fn prune(&mut self) {
        loop {
            let before = self.size();
            self.prune_once();
            if self.size() == before {
                return;
            }
        }
    }

    fn size(&self) -> usize {
        let of = |table: &Table| {
            let defaults = table.columns.iter().filter(|column| column.default.is_some()).count();
            let parts = table.constraints.len() + table.indexes.len() + table.triggers.len() + table.policies.len();
            1 + table.columns.len() + defaults + parts
        };
        let types = self.composites.iter().map(|it| 1 + it.attributes.len()).sum::<usize>() + self.enums.len();
        self.tables.iter().map(of).sum::<usize>()
            + types
            + self.domains.len()
            + self.sequences.len()
            + self.views.len()
            + self.routines.len()
            + self.grants.len()
    }

    fn prune_once(&mut self) {
        let known = self.clone();
        let ty = |ty: Ty| ty.user_type().is_none_or(|id| known.has(id));
        let expr = |expr: &Expr| expr.columns.iter().chain(&expr.object).all(|id| known.has(*id));
        let all = |ids: &[Id]| ids.iter().all(|id| known.has(*id));
        self.composites.iter_mut().for_each(|it| it.attributes.retain(|attribute| ty(attribute.ty)));
        self.composites.retain(|it| !it.attributes.is_empty());
        self.sequences.retain(|it| it.owner.is_none_or(|id| known.has(id)));
        for table in &mut self.tables {
            table.columns.retain(|column| {
                ty(column.ty) && !matches!(&column.kind, ColumnKind::Generated(source) if !expr(source))
            });
            for column in &mut table.columns {
                column.default = column.default.take().filter(&expr);
            }
            table.inherits = table.inherits.filter(|id| known.has(*id));
            table.constraints.retain(|constraint| match &constraint.kind {
                ConstraintKind::Primary(columns) => all(columns),
                ConstraintKind::Unique { columns, include } => all(columns) && all(include),
                ConstraintKind::Check(check) => expr(check),
                ConstraintKind::Foreign { columns, table, key, .. } => all(columns) && known.is_key(*table, key),
                ConstraintKind::Exclude { column, .. } => known.has(*column),
            });
            table.indexes.retain(|index| {
                index.elements.iter().all(|(element, _)| expr(element))
                    && all(&index.include)
                    && index.predicate.iter().all(&expr)
            });
            table.triggers.retain(|it| {
                known.has(it.routine) && it.update_of.is_none_or(|id| known.has(id)) && it.when.iter().all(&expr)
            });
            table.policies.retain(|it| it.using.iter().chain(&it.check).all(&expr));
        }
        self.views.retain(|view| match &view.query {
            Query::Columns { table, columns, filter } => {
                known.has(*table) && columns.iter().all(|(id, _)| known.has(*id)) && filter.iter().all(&expr)
            }
            Query::Join { left, right, on, shown } => all(&[*left, *right, on.0, on.1, shown.0, shown.1]),
            Query::Count { table, column } => all(&[*table, *column]),
            Query::Over(view) => known.has(*view),
        });
        self.routines.retain(|routine| match &routine.kind {
            RoutineKind::Trigger { .. } => true,
            RoutineKind::Test { ty: tested, .. } => ty(*tested),
            RoutineKind::Plain { args, returns, .. } => ty(*returns) && args.iter().all(|arg| ty(arg.ty)),
            RoutineKind::Rows { columns } => columns.iter().all(|column| ty(column.ty)),
            RoutineKind::Reads { table, .. } => known.has(*table),
            RoutineKind::Procedure { args, .. } => args.iter().all(|arg| ty(arg.ty)),
        });
        self.grants.retain(|grant| known.has(grant.object) && grant.column.is_none_or(|id| known.has(id)));
    }

    /// Whether an object or a column of this number is there.
    fn has(&self, id: Id) -> bool {
        let named = self.namespaces.iter().chain(self.enums.iter().map(|it| &it.at));
        let named = named.chain(self.domains.iter().map(|it| &it.at)).chain(self.composites.iter().map(|it| &it.at));
        let named = named.chain(self.sequences.iter().map(|it| &it.at)).chain(self.routines.iter().map(|it| &it.at));
        let named = named.chain(self.views.iter().map(|it| &it.at)).chain(self.tables.iter().map(|it| &it.at));
        let columns = self.tables.iter().flat_map(|it| &it.columns).map(|it| &it.at);
        named.chain(columns).any(|at| at.id == id)
    }

    /// Whether `key` is a primary or unique key of the table.
    fn is_key(&self, table: Id, key: &[Id]) -> bool {
        self.table(table).is_some_and(|table| {
            table.constraints.iter().any(|constraint| match &constraint.kind {
                ConstraintKind::Primary(columns) => columns == key,
                ConstraintKind::Unique { columns, .. } => columns == key && constraint.suffix.is_empty(),
                _ => false,
            })
        })
    }
}

impl Table {
    /// The primary key's columns.
    pub fn key(&self) -> Option<&[Id]> {
        self.constraints.iter().find_map(|constraint| match &constraint.kind {
            ConstraintKind::Primary(columns) => Some(columns.as_slice()),
            _ => None,
        })
    }

    /// The column of this number.
    pub fn column(&self, id: Id) -> Option<&Column> {
        self.columns.iter().find(|column| column.at.id == id)
    }
}

impl Expr {
    /// `text` over columns.
    pub fn over(text: impl Into<String>, columns: &[Id]) -> Expr {
        Expr { text: text.into(), columns: columns.to_vec(), object: None }
    }
}

/// An identifier in quotes, unless it is plainly no key word and lower case.
pub fn quote(name: &str) -> String {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit());
    if plain
        && name.bytes().any(|byte| byte.is_ascii_digit() || byte == b'_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
    {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}
