//! A schema made from nothing, part by part: each table by itself, and all else together.
//!
//! What makes a table does not depend on what else there is, but for its place. So the plan of each part can be made, and
//! remembered, alone; [`assemble`] puts the statements of all parts into one order, in which each kind of object stands
//! together: tables by their references, then indexes, triggers, policies, comments, each by the table's name. Where
//! tables have more to do with each other than foreign keys, there is no such order, and the schema is planned as a whole.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use serde::{Deserialize, Serialize};

use super::action::{self, Item};
use super::catalog::Catalog;
use super::scan::mentions;
use super::statement::{Statement, Style, TableLayout};
use super::uses::expression;
use super::{kinds, plan, ranked, trusting};
use crate::diff::{diff, object};
use crate::digest::{self, Digest};
use crate::model::constraint::{Constraint, ConstraintKind, ForeignKey};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::security::{Grant, GrantKey};
use crate::model::table::Table;
use crate::model::{Model, Sql};

/// A statement that makes something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Making {
    /// The statement, without a final semicolon.
    pub sql: String,
    /// The object that it is about.
    pub object: ObjectId,
    /// For CREATE TABLE: its parts, so that a template can lay them out.
    pub layout: Option<TableLayout>,
}

impl From<Statement> for Making {
    fn from(Statement { sql, object, layout, .. }: Statement) -> Making {
        Making { sql, object, layout }
    }
}

/// Statements of one part, each with its place among the kinds of objects, which never falls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    statements: Vec<(u8, Arc<Making>)>,
    /// The names that a table itself mentions; of all else, those that have to wait for tables.
    names: BTreeSet<Ident>,
    /// The digest of the statements of each stretch.
    pub said: Vec<Digest>,
}

impl Part {
    fn new(statements: Vec<(u8, Arc<Making>)>, names: BTreeSet<Ident>) -> Part {
        let said = stretches(&statements).map(|stretch| digest::of("said", &stretch)).collect();
        Part { said, statements, names }
    }
}

impl Part {
    /// Its stretches; they are about `table`.
    pub fn stretches<'p>(&'p self, table: Option<&'p Name>) -> impl Iterator<Item = Stretch<'p>> {
        let stretch = move |(statements, said): (&'p [(u8, Arc<Making>)], &Digest)| {
            let place = if statements[0].0 < BEHIND { 0 } else { statements[0].0 };
            Stretch { table, place, said: *said, statements }
        };
        stretches(&self.statements).zip(&self.said).map(stretch)
    }

    /// Whether this, the part of a table, mentions nothing of `rest` that has to wait for tables.
    pub fn fits(&self, rest: &Part) -> bool {
        self.names.is_disjoint(&rest.names)
    }
}

/// The digest of all that the order of tables depends on in one.
pub fn ties(table: &Table) -> Digest {
    let keys = table.constraints.values().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => Some((true, &key.columns)),
        ConstraintKind::Unique(key) => Some((false, &key.columns)),
        _ => None,
    });
    let (foreign, keys): (Vec<_>, Vec<_>) = (foreign_keys(table).collect(), keys.collect());
    digest::of("ties", &(&table.partition_of, &table.partition_by, &table.inherits, foreign, keys))
}

/// Statements that stand together: those that are not behind all tables, then those of each place.
fn stretches(statements: &[(u8, Arc<Making>)]) -> impl Iterator<Item = &[(u8, Arc<Making>)]> {
    statements.chunk_by(|(one, _), (next, _)| one == next || *next < BEHIND)
}

/// The order of the tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline<'m> {
    /// All tables: one comes behind those that it refers to, where that can be.
    pub tables: Vec<&'m Name>,
    /// The foreign keys that refer to a table behind their own: they are added once that is there.
    pub late: BTreeMap<&'m Name, BTreeSet<&'m Ident>>,
}

/// The first place behind all tables and what is made together with them.
const BEHIND: u8 = kinds::CONSTRAINTS;

impl<'m> Outline<'m> {
    /// The order of the tables of `model`; `None` when they depend on each other by more than foreign keys to keys.
    pub fn of(model: &'m Model) -> Option<Outline<'m>> {
        let alone =
            |table: &Table| table.partition_of.is_none() && table.partition_by.is_none() && table.inherits.is_empty();
        let found = |key: &ForeignKey| model.tables.get(&key.table).is_some_and(|target| has_key(target, key));
        let sound = |table: &Table| alone(table) && foreign_keys(table).all(|(_, key)| found(key));
        let plain = model.default_privileges.is_empty() && model.tables.values().all(sound);
        plain.then(|| Outline::by_references(model))
    }

    /// Kahn's algorithm; a circle is entered at its first table by name.
    fn by_references(model: &'m Model) -> Outline<'m> {
        let names: Vec<&Name> = model.tables.keys().collect();
        let place: BTreeMap<&Name, usize> = names.iter().copied().zip(0..).collect();
        let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(names.len(), names.len());
        for _ in &names {
            graph.add_node(());
        }
        for (own, table) in model.tables.values().enumerate() {
            let targets: BTreeSet<usize> = foreign_keys(table).map(|(_, key)| place[&key.table]).collect();
            for target in targets.into_iter().filter(|target| *target != own) {
                graph.add_edge(NodeIndex::new(target), NodeIndex::new(own), ());
            }
        }
        let mut circle = vec![0; names.len()];
        for (at, nodes) in kosaraju_scc(&graph).into_iter().rev().enumerate() {
            nodes.into_iter().for_each(|node| circle[node.index()] = at);
        }
        let mut waits: Vec<usize> =
            graph.node_indices().map(|node| graph.neighbors_directed(node, petgraph::Incoming).count()).collect();
        let mut free: BinaryHeap<Reverse<usize>> = (0..names.len()).filter(|at| waits[*at] == 0).map(Reverse).collect();
        let mut blocked: BinaryHeap<Reverse<(usize, usize)>> =
            (0..names.len()).map(|at| Reverse((circle[at], at))).collect();
        let mut outline = Outline::default();
        let mut done = vec![false; names.len()];
        loop {
            let next = std::iter::from_fn(|| free.pop()).map(|Reverse(at)| at).find(|at| !done[*at]);
            let entered = || std::iter::from_fn(|| blocked.pop()).map(|Reverse((_, at))| at).find(|at| !done[*at]);
            let Some(at) = next.or_else(entered) else { break };
            done[at] = true;
            let (name, table) = (names[at], &model.tables[names[at]]);
            let late = foreign_keys(table).filter(|(_, key)| !done[place[&key.table]]).map(|(name, _)| name);
            let late: BTreeSet<&Ident> = late.collect();
            if !late.is_empty() {
                outline.late.insert(name, late);
            }
            outline.tables.push(name);
            for child in graph.neighbors(NodeIndex::new(at)) {
                waits[child.index()] -= 1;
                if waits[child.index()] == 0 {
                    free.push(Reverse(child.index()));
                }
            }
        }
        outline
    }
}

fn foreign_keys(table: &Table) -> impl Iterator<Item = (&Ident, &ForeignKey)> {
    table.constraints.iter().filter_map(|(name, constraint)| Some((name, constraint.foreign_key()?)))
}

/// Whether what the foreign key refers to is a key that is made together with its table.
fn has_key(target: &Table, foreign: &ForeignKey) -> bool {
    let same = |columns: &[Ident]| {
        columns.len() == foreign.referenced.len() && columns.iter().all(|column| foreign.referenced.contains(column))
    };
    target.constraints.values().any(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => foreign.referenced.is_empty() || same(&key.columns),
        ConstraintKind::Unique(key) => same(&key.columns),
        _ => false,
    })
}

/// The part of one table, with the privileges on it; the foreign keys `late` come behind all tables.
pub fn table(name: &Name, table: &Table, grants: BTreeMap<GrantKey, Grant>, late: &BTreeSet<&Ident>) -> Part {
    let whole = Model { tables: BTreeMap::from([(name.clone(), table.clone())]), grants, ..Model::default() };
    let mut first = whole.clone();
    let own = first.tables.entry(name.clone()).or_default();
    own.constraints.retain(|name, _| !late.contains(name));
    let mut statements = rising(made(&Model::default(), &first), |rank, _| rank);
    if !late.is_empty() {
        statements.extend(rising(made(&first, &whole), |rank, _| rank));
    }
    Part::new(statements, names(table))
}

/// The part of all that is no table.
pub fn rest(model: &Model) -> Part {
    let of_tables = |object: &ObjectId| matches!(object, ObjectId::Table(_) | ObjectId::Column(..));
    let tables = model.tables.keys().map(|name| (name.clone(), Table::default())).collect();
    // Empty tables stand in for those that are named.
    let mut alone = Model { tables, ..model.without_tables() };
    alone.grants.retain(|key, _| !of_tables(&key.object));
    let waiting = waiting(&alone);
    let routines: Vec<ObjectId> = alone.routines.keys().cloned().map(ObjectId::Routine).collect();
    let setting = trusting(&alone, routines.iter()).map(|setting| (0, Arc::new(setting.into())));
    alone.tables.clear();
    let early = |rank: u8, object: &ObjectId| rank < kinds::TABLES && !waiting.contains(object);
    let place = |rank: u8, object: &ObjectId| if early(rank, object) { 0 } else { rank.max(BEHIND) };
    let (early, late) = made(&Model::default(), &alone).into_iter().partition(|(rank, it)| early(*rank, &it.object));
    let statements = setting.into_iter().chain(rising(early, place)).chain(rising(late, place)).collect();
    Part::new(statements, waiting.iter().filter_map(own_name).collect())
}

/// The objects that need a table, or one that does.
fn waiting(model: &Model) -> BTreeSet<ObjectId> {
    let catalog = Catalog::new(model);
    let tables = |id: &ObjectId| matches!(id, ObjectId::Table(name) if model.tables.contains_key(name));
    let uses = |id: &ObjectId| -> BTreeSet<ObjectId> {
        // What a domain checks is made together with it here.
        let items = [action::Part::Whole, action::Part::Checks, action::Part::Default].map(|part| Item::part(id, part));
        let uses = items.iter().map(|item| catalog.uses(item));
        uses.flat_map(|uses| uses.needs.into_iter().chain(uses.reads).chain(uses.likes)).map(|item| item.id).collect()
    };
    let objects = object::all(model).into_iter().filter(|id| !tables(id));
    let objects: Vec<(ObjectId, BTreeSet<ObjectId>)> = objects.map(|id| (id.clone(), uses(&id))).collect();
    let mut waiting: BTreeSet<ObjectId> = BTreeSet::new();
    loop {
        let waits = |uses: &BTreeSet<ObjectId>| uses.iter().any(|id| tables(id) || waiting.contains(id));
        let more: Vec<ObjectId> = objects
            .iter()
            .filter(|(id, uses)| !waiting.contains(id) && waits(uses))
            .map(|(id, _)| id.clone())
            .collect();
        if more.is_empty() {
            return waiting;
        }
        waiting.extend(more);
    }
}

/// The name by which an expression calls the object.
fn own_name(object: &ObjectId) -> Option<Ident> {
    match object {
        ObjectId::Type(name) | ObjectId::Sequence(name) | ObjectId::View(name) => Some(name.name.clone()),
        ObjectId::Routine(signature) => Some(signature.name.name.clone()),
        ObjectId::Other(id) => id.name.split(['(', ' ']).next().map(Ident::new),
        _ => None,
    }
}

/// The names that a table mentions in what is made together with it.
fn names(table: &Table) -> BTreeSet<Ident> {
    let mut names: BTreeSet<Ident> = BTreeSet::new();
    let mut texts: Vec<&Sql> = Vec::new();
    for column in &table.columns {
        names.extend(column.ty.user_type().map(|name| name.name.clone()));
        names.extend(column.collation.iter().map(|name| name.name.clone()));
        texts.extend(column.default.iter().chain(column.generated.iter().map(|generated| &generated.expression)));
    }
    for Constraint { kind, .. } in table.constraints.values() {
        match kind {
            ConstraintKind::Check(check) => texts.push(check),
            ConstraintKind::Exclude(exclude) => {
                texts.extend(
                    exclude.predicate.iter().chain(exclude.elements.iter().filter_map(|(it, _)| expression(it))),
                );
            }
            _ => {}
        }
    }
    for text in texts {
        let found = mentions(text);
        names.extend(found.chains.into_iter().chain(found.quoted).filter_map(|chain| chain.last().cloned()));
    }
    names
}

/// The statements that lead from one schema to the other, each with the rank of what it is about.
fn made(from: &Model, to: &Model) -> Vec<(u8, Statement)> {
    ranked(&diff(from, to), to, Style::Plain)
}

/// Gives each statement a place that is not before that of the one above it.
fn rising(statements: Vec<(u8, Statement)>, place: impl Fn(u8, &ObjectId) -> u8) -> Vec<(u8, Arc<Making>)> {
    let mut least = 0;
    let rise = |(rank, statement): (u8, Statement)| {
        least = least.max(place(rank, &statement.object));
        (least, Arc::new(statement.into()))
    };
    statements.into_iter().map(rise).collect()
}

/// The statements that make `model`, planned as a whole.
pub fn whole(model: &Model) -> Vec<Arc<Making>> {
    plan(&Model::default(), model, Style::Plain).statements.into_iter().map(|it| Arc::new(it.into())).collect()
}

/// Statements that stand together.
#[derive(Clone, Copy, Debug)]
pub struct Stretch<'p> {
    /// The table that they are about; none for all that is no table.
    pub table: Option<&'p Name>,
    /// Their place among the kinds of objects: a table has one stretch at a place.
    pub place: u8,
    /// The digest of what they say.
    pub said: Digest,
    statements: &'p [(u8, Arc<Making>)],
}

impl<'p> Stretch<'p> {
    /// The statements.
    pub fn statements(self) -> impl Iterator<Item = &'p Arc<Making>> {
        self.statements.iter().map(|(_, statement)| statement)
    }
}

/// The statements of all parts in one order; `None` when a table mentions something that has to wait for tables.
pub fn assemble<'p>(
    outline: &Outline<'p>,
    tables: &BTreeMap<&'p Name, &'p Part>,
    rest: &'p Part,
) -> Option<Vec<Stretch<'p>>> {
    if !tables.values().all(|part| part.fits(rest)) {
        return None;
    }
    let is_early = |stretch: &Stretch<'_>| stretch.place < BEHIND;
    let mut order: Vec<Stretch<'p>> = rest.stretches(None).filter(is_early).collect();
    order.extend(outline.tables.iter().flat_map(|name| tables[name].stretches(Some(name))).filter(is_early));
    let parts = tables.iter().map(|(name, part)| (Some(*name), *part)).chain([(None, rest)]);
    let mut behind: Vec<Stretch<'p>> =
        parts.flat_map(|(table, part)| part.stretches(table)).filter(|stretch| !is_early(stretch)).collect();
    behind.sort_by_key(|stretch| stretch.place);
    order.extend(behind);
    Some(order)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Arc;

    use super::{Making, Outline, Part, Stretch, assemble, rest, table, whole};
    use crate::model::Model;
    use crate::model::id::ObjectId;
    use crate::model::lower::sql::lower;
    use crate::path::RepoPath;
    use crate::syntax::sql::parse;

    fn model(sql: &str) -> Model {
        let lowered = lower(&[parse(&RepoPath::new("a.sql").unwrap(), sql)]);
        assert_eq!(lowered.diagnostics, []);
        lowered.model
    }

    /// The statements of all parts, and those of the plan of the whole.
    fn both(model: &Model) -> Option<[Vec<String>; 2]> {
        let outline = Outline::of(model)?;
        let none = BTreeSet::new();
        let grants = |name: &ObjectId| {
            model.grants.iter().filter(|(key, _)| key.object == *name).map(|(key, it)| (key.clone(), *it)).collect()
        };
        let part = |name| {
            let late = outline.late.get(name).unwrap_or(&none);
            table(name, &model.tables[name], grants(&ObjectId::Table(name.clone())), late)
        };
        let tables: BTreeMap<_, _> = model.tables.keys().map(|name| (name, part(name))).collect();
        let rest = rest(model);
        let tables = tables.iter().map(|(name, part)| (*name, part)).collect();
        let made = assemble(&outline, &tables, &rest)?.into_iter().flat_map(Stretch::statements);
        let text = |statement: &Arc<Making>| statement.sql.clone();
        Some([made.map(text).collect(), whole(model).iter().map(text).collect()])
    }

    #[test]
    fn a_part_can_be_remembered() {
        let model = model("CREATE TABLE a (id int PRIMARY KEY); COMMENT ON TABLE a IS 'A.';");
        let (name, content) = model.tables.first_key_value().unwrap();
        let part = table(name, content, BTreeMap::new(), &BTreeSet::new());
        let bytes = postcard::to_stdvec(&part).unwrap();
        assert_eq!(postcard::from_bytes::<Part>(&bytes).unwrap(), part);
    }

    #[test]
    fn the_parts_say_what_the_whole_does() {
        let sql = "CREATE SCHEMA s; CREATE TYPE mood AS ENUM ('a', 'b'); CREATE SEQUENCE n;
            CREATE TABLE orders (id int PRIMARY KEY DEFAULT nextval('n'), who int REFERENCES people (id), m mood);
            ALTER SEQUENCE n OWNED BY orders.id;
            CREATE TABLE people (id int PRIMARY KEY, boss int REFERENCES people (id), name text NOT NULL CHECK (name <> ''));
            CREATE TABLE s.notes (id int PRIMARY KEY, person int REFERENCES people (id));
            CREATE FUNCTION anybody() RETURNS bool LANGUAGE sql AS 'SELECT exists (SELECT 1 FROM people)';
            CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
            CREATE INDEX people_name ON people (lower(name));
            CREATE VIEW names AS SELECT name FROM people;
            CREATE TRIGGER touched BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION touch();
            ALTER TABLE people ENABLE ROW LEVEL SECURITY;
            CREATE POLICY mine ON people USING (anybody());
            COMMENT ON TABLE people IS 'Who there is.'; COMMENT ON VIEW names IS 'What they are called.';
            GRANT SELECT ON people TO PUBLIC;";
        let [made, whole] = both(&model(sql)).unwrap();
        let sorted = |statements: &[String]| statements.iter().cloned().collect::<BTreeSet<String>>();
        assert_eq!(sorted(&made), sorted(&whole));
        let place = |text: &str| made.iter().position(|it| it.contains(text)).unwrap();
        let order = [
            "CREATE TYPE mood",
            "CREATE TABLE people",
            "CREATE TABLE orders",
            "FUNCTION anybody",
            "OWNED BY",
            "CREATE INDEX",
            "CREATE VIEW",
            "CREATE TRIGGER",
            "CREATE POLICY",
            "COMMENT ON",
            "GRANT",
        ];
        assert!(order.windows(2).all(|pair| place(pair[0]) < place(pair[1])), "{made:#?}");
    }

    #[test]
    fn a_body_that_a_search_path_has_to_be_known_for_is_not_looked_into() {
        let first = |body: &str| {
            let sql = "CREATE SCHEMA app; CREATE TABLE app.users (id int PRIMARY KEY);
                CREATE FUNCTION app.f() RETURNS bigint LANGUAGE sql AS";
            let [made, whole] = both(&model(&format!("{sql} '{body}';"))).unwrap();
            [made, whole].map(|statements| statements[0].clone())
        };
        assert_eq!(first("SELECT count(*) FROM users"), ["SET check_function_bodies = off"; 2]);
        assert_eq!(first("SELECT count(users.id) FROM app.users"), ["CREATE SCHEMA app"; 2]);
    }

    #[test]
    fn a_circle_of_references_is_closed_behind_the_tables() {
        let sql =
            "CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a (id));
            CREATE TABLE aa (id int PRIMARY KEY, b int REFERENCES b (id));
            ALTER TABLE a ADD CONSTRAINT a_b_fkey FOREIGN KEY (b) REFERENCES b (id);";
        let [made, whole] = both(&model(sql)).unwrap();
        assert_eq!(made, whole);
        assert!(made.last().unwrap().starts_with("ALTER TABLE a ADD CONSTRAINT a_b_fkey"), "{made:#?}");
    }

    #[test]
    fn what_has_more_to_do_with_each_other_is_planned_as_a_whole() {
        let partitions = "CREATE TABLE p (id int) PARTITION BY RANGE (id);";
        let heirs = "CREATE TABLE p (id int); CREATE TABLE c (more int) INHERITS (p);";
        let index =
            "CREATE TABLE p (id int); CREATE UNIQUE INDEX u ON p (id); CREATE TABLE c (p int REFERENCES p (id));";
        let needed = "CREATE TABLE p (id int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT max(id) FROM p';
            CREATE TABLE c (id int DEFAULT f());";
        for sql in [partitions, heirs, index, needed] {
            assert_eq!(both(&model(sql)), None, "{sql}");
        }
    }
}
