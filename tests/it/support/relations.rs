//! What PostgreSQL knows of the tables of a database by number, before and after a plan: files, columns and their
//! values. A rename changes no number, so what is gone by number is gone.

use std::collections::{BTreeMap, BTreeSet};

use forge::model::id::ObjectId;
use forge::plan::{HazardKind, Plan};

use super::postgres::Database;

/// Tables by number.
pub struct Relations(BTreeMap<u32, Relation>);

struct Relation {
    /// Its name, quoted where that is needed, with its schema unless that is `public`.
    name: String,
    /// The file that holds its rows; none for a partitioned table.
    file: Option<u32>,
    /// The partitioned or inherited tables above it.
    parents: Vec<u32>,
    columns: BTreeMap<i16, Column>,
}

struct Column {
    name: String,
    /// The type with its modifier.
    ty: String,
    /// How many values are not null.
    count: i64,
    /// A digest of all values.
    values: String,
}

impl Relations {
    /// The tables of a database.
    pub fn read(database: &Database) -> Relations {
        let mut client = database.client();
        let tables = client
            .query(
                "SELECT c.oid, c.oid::regclass::text, nullif(pg_relation_filenode(c.oid), 0),
                        array(SELECT inhparent FROM pg_inherits WHERE inhrelid = c.oid)
                 FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace::regnamespace::text
                     NOT IN ('pg_catalog', 'information_schema', 'pg_toast')",
                &[],
            )
            .expect("the catalog can be read");
        let mut found = BTreeMap::new();
        for row in tables {
            let (id, name): (u32, String) = (row.get(0), row.get(1));
            let file: Option<u32> = row.get(2);
            // A partitioned table has its partitions' rows, any other one its own.
            let own = if file.is_some() { format!("ONLY {name}") } else { name.clone() };
            let columns = columns(&mut client, id, &own);
            found.insert(id, Relation { name, file, parents: row.get(3), columns });
        }
        Relations(found)
    }

    /// Adds the tables above this one to `found`.
    fn above(&self, id: u32, found: &mut BTreeSet<u32>) {
        for parent in self.0.get(&id).into_iter().flat_map(|relation| &relation.parents) {
            found.insert(*parent);
            self.above(*parent, found);
        }
    }

    /// Whether a plan that speaks of `names` speaks of this table or of one above it.
    fn is_named(&self, id: u32, names: &[String]) -> bool {
        let Some(relation) = self.0.get(&id) else { return false };
        names.contains(&relation.name) || relation.parents.iter().any(|parent| self.is_named(*parent, names))
    }
}

fn columns(client: &mut postgres::Client, table: u32, name: &str) -> BTreeMap<i16, Column> {
    let rows = client
        .query(
            "SELECT attnum, quote_ident(attname), format_type(atttypid, atttypmod) FROM pg_attribute
             WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
            &[&table],
        )
        .expect("the catalog can be read");
    let of = |row: postgres::Row| {
        let (number, column, ty): (i16, String, String) = (row.get(0), row.get(1), row.get(2));
        let query = format!(
            "SELECT count({column}), coalesce(md5(string_agg({column}::text, ',' ORDER BY {column}::text COLLATE \"C\")), '') FROM {name}"
        );
        let values = client.query_one(&query, &[]).unwrap_or_else(|error| panic!("{query}: {error}"));
        (number, Column { name: column, ty, count: values.get(0), values: values.get(1) })
    };
    rows.into_iter().map(of).collect()
}

/// Compares what happened with what the plan said.
///
/// # Errors
/// With what the plan did not say, or said for nothing.
pub fn judge(before: &Relations, after: &Relations, plan: &Plan) -> Result<(), String> {
    let mut found = Vec::new();
    let (lost, kept): (Vec<_>, Vec<_>) = before.0.iter().partition(|(id, _)| !after.0.contains_key(id));
    let deletes = named(plan, HazardKind::DeleteData);
    let rewrites = named(plan, HazardKind::Rewrite);
    for (id, table) in &lost {
        if table.columns.values().any(|column| column.count > 0) && !before.is_named(**id, &deletes) {
            found.push(format!("the rows of {} are gone", table.name));
        }
    }
    // What a partition held is gone from the tables above it too.
    let mut regrouped: BTreeSet<u32> = BTreeSet::new();
    for (id, _) in lost.iter().filter(|(id, _)| before.is_named(**id, &deletes)) {
        before.above(**id, &mut regrouped);
    }
    // What joins a table or leaves it takes its rows along: they are looked for where they are.
    for (id, _) in kept.iter().filter(|(id, old)| old.parents != after.0[id].parents) {
        before.above(**id, &mut regrouped);
        after.above(**id, &mut regrouped);
    }
    let mut rewritten = Vec::new();
    for (id, old) in kept {
        let new = &after.0[id];
        let said = |names: &[String]| before.is_named(*id, names) || after.is_named(*id, names);
        for (number, column) in &old.columns {
            if let Some(text) =
                change(column, new.columns.get(number)).filter(|_| !said(&deletes) && !regrouped.contains(id))
            {
                found.push(format!("{}.{}: {text}", old.name, column.name));
            }
        }
        let is_new_file = old.file != new.file;
        if is_new_file && !said(&rewrites) {
            found.push(format!("{} was rewritten, and no statement says so", old.name));
        }
        // In a session whose time zone is UTC, as these are, PostgreSQL need not rewrite between the two timestamps.
        let clocks = |(number, column): (&i16, &Column)| {
            let later = new.columns.get(number).filter(|later| later.ty != column.ty);
            later.is_some_and(|later| later.ty.starts_with("timestamp") && column.ty.starts_with("timestamp"))
        };
        if is_new_file || old.columns.iter().any(clocks) {
            rewritten.extend([old.name.clone(), new.name.clone()]);
            let above = old.parents.iter().chain(&new.parents);
            rewritten
                .extend(above.flat_map(|id| [before.0.get(id), after.0.get(id)]).flatten().map(|it| it.name.clone()));
        }
    }
    for name in rewrites.iter().filter(|name| !rewritten.contains(name)) {
        found.push(format!("{name} was called rewritten, and keeps its file"));
    }
    if found.is_empty() {
        Ok(())
    } else {
        Err(format!("{}\n\nthe plan:\n{}", found.join("\n"), super::proof::show(plan)))
    }
}

/// What became of a column's values, when it is not nothing.
fn change(old: &Column, new: Option<&Column>) -> Option<String> {
    match new {
        None if old.count == 0 => None,
        None => Some(format!("{} values are gone", old.count)),
        Some(new) if new.ty == old.ty && new.values != old.values => Some("the values are others".into()),
        Some(new) if new.count < old.count => Some(format!("{} of {} values are left", new.count, old.count)),
        Some(_) => None,
    }
}

/// The tables that statements with a hazard of this kind are about, as the server spells them.
fn named(plan: &Plan, kind: HazardKind) -> Vec<String> {
    let with = plan.statements.iter().filter(|it| it.hazards.iter().any(|hazard| hazard.kind == kind));
    let table = |id: &ObjectId| match id {
        ObjectId::Table(name) => Some(name.to_string()),
        ObjectId::Column(name, _) | ObjectId::Constraint(name, _) | ObjectId::Index(name, _) => Some(name.to_string()),
        _ => None,
    };
    with.filter_map(|statement| table(&statement.object)).collect()
}
