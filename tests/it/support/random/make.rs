//! Makes a random schema, object by object, each from what is there already.

use super::Choices;
use super::schema::{
    Argument, At, Attribute, Column, ColumnKind, Composite, Constraint, ConstraintKind, Domain, Enum, Expr, Grant, Id,
    Index, Partitions, Policy, Query, Routine, RoutineKind, Schema, Sequence, Table, Trigger, View,
};
use super::types::{BUILTIN, Family, KEYS, Ty};

/// Names that need quotes, are key words, hold what parsers stumble over, or are long.
const NAMES: &[&str] = &[
    "accounts",
    "items",
    "order",
    "user",
    "Locations",
    "work orders",
    "naïve",
    "group",
    "événement",
    "say \"hi\"",
    "select",
    "a_name_of_sixty_bytes_that_the_default_names_have_to_be_cut",
    "type",
    "value",
    "it's",
    "$tag$",
    "-- no",
];

const COMMENTS: &[&str] = &["What it is for.", "It's \"quoted\"; with -- dashes", "two\nlines", "$$ ümlaut"];

/// A schema.
pub fn schema(choices: &mut Choices) -> Schema {
    let mut schema = Schema::default();
    if choices.chance(40) {
        let at = at(&mut schema, choices, "app");
        schema.namespaces.push(At { namespace: None, ..at });
    }
    for _ in 0..choices.below(3) {
        user_type(&mut schema, choices);
    }
    for _ in 0..choices.below(2) {
        sequence(&mut schema, choices);
    }
    for _ in 0..choices.below(3) {
        early_routine(&mut schema, choices);
    }
    for _ in 0..1 + choices.below(4) {
        table(&mut schema, choices);
    }
    for _ in 0..choices.below(4) {
        foreign_key(&mut schema, choices, 0);
    }
    for _ in 0..choices.below(10) {
        around_tables(&mut schema, choices);
    }
    schema
}

/// Adds an object of some kind beside the tables: what an edit also does.
pub fn around_tables(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    match choices.below(8) {
        0 | 1 => index(schema, choices),
        2 | 3 => view(schema, choices),
        4 => trigger(schema, choices),
        5 => policy(schema, choices),
        6 => late_routine(schema, choices),
        _ => grant(schema, choices),
    }
}

/// A place for a new object: a number, a namespace, a name that is not taken.
fn at(schema: &mut Schema, choices: &mut Choices, stem: &str) -> At {
    let id = schema.id();
    let namespace = if choices.chance(30) { schema.namespaces.first().map(|it| it.id) } else { None };
    let name = name(schema, choices, stem, id);
    At { id, namespace, name, was: None, comment: comment(choices) }
}

/// A name that nothing has: sometimes an awkward one.
pub fn name(schema: &mut Schema, choices: &mut Choices, stem: &str, id: Id) -> String {
    if choices.chance(30) {
        let awkward = choices.of(NAMES).to_owned();
        if schema.names.insert(awkward.clone()) {
            return awkward;
        }
    }
    format!("{stem}_{id}")
}

pub fn comment(choices: &mut Choices) -> Option<String> {
    choices.chance(15).then(|| choices.of(COMMENTS).to_owned())
}

/// A part of a table: its name only has to be unique there, and mostly is anyway.
fn part(schema: &mut Schema, choices: &mut Choices, stem: &str) -> At {
    At { namespace: None, ..at(schema, choices, stem) }
}

pub fn user_type(schema: &mut Schema, choices: &mut Choices) -> String {
    let at = at(schema, choices, "ty");
    let text = format!("add type {}", at.name);
    match choices.below(3) {
        0 => {
            let pool = ["new", "open", "it's done", "Ärger", "a b"];
            let labels = pool[..2 + choices.below(4)].iter().map(|label| ((*label).to_owned(), None)).collect();
            schema.enums.push(Enum { at, labels });
        }
        1 => {
            let base = choices.of(&[Ty::Integer, Ty::Text, Ty::Varchar(40), Ty::Numeric(10, 2)]);
            let default = choices.chance(30).then(|| base.value(schema, 1));
            let mut checks = Vec::new();
            for at in 0..choices.below(3) {
                checks.push((format!("check_{at}"), choices.of(base.conditions()).replace("{0}", "VALUE")));
            }
            schema.domains.push(Domain { at, base, default, not_null: choices.chance(15), checks });
        }
        _ => {
            let mut attributes = Vec::new();
            for at in 0..1 + choices.below(3) {
                attributes.push(Attribute { name: format!("part_{at}"), ty: choices.of(&BUILTIN[..6]) });
            }
            schema.composites.push(Composite { at, attributes });
        }
    }
    text
}

pub fn sequence(schema: &mut Schema, choices: &mut Choices) -> String {
    let at = at(schema, choices, "seq");
    let text = format!("add sequence {}", at.name);
    schema.sequences.push(Sequence { at, options: sequence_options(choices).to_owned(), owner: None });
    text
}

pub fn sequence_options(choices: &mut Choices) -> &'static str {
    choices.of(&[
        "",
        " START WITH 100",
        " INCREMENT BY 5 MINVALUE 10 START WITH 20",
        " AS integer",
        " INCREMENT BY -1",
        " AS smallint MAXVALUE 1000 CYCLE",
        " CACHE 20",
    ])
}

const ATTRIBUTES: &[&str] = &["STRICT", "SECURITY DEFINER", "PARALLEL SAFE", "COST 50", "SET search_path TO 'public'"];

pub fn attributes(choices: &mut Choices) -> Vec<&'static str> {
    ATTRIBUTES.iter().filter(|_| choices.chance(15)).copied().collect()
}

/// A routine that no table is needed for.
pub fn early_routine(schema: &mut Schema, choices: &mut Choices) -> String {
    let at = at(schema, choices, "fn");
    let text = format!("add routine {}", at.name);
    let kind = match choices.below(5) {
        0 => RoutineKind::Trigger { body: 1 },
        1 => match choices.chance(50) {
            true => RoutineKind::Test { ty: Ty::Integer, body: "value > 0" },
            false => RoutineKind::Test { ty: Ty::Text, body: "value <> ''" },
        },
        2 => RoutineKind::Plain { args: arguments(schema, choices), returns: any_type(schema, choices), body: 1 },
        3 => {
            let columns =
                ["first", "second"].map(|name| Attribute { name: name.to_owned(), ty: any_type(schema, choices) });
            RoutineKind::Rows { columns: columns.to_vec() }
        }
        _ => RoutineKind::Procedure { args: arguments(schema, choices), body: 1 },
    };
    let attributes = match kind {
        RoutineKind::Procedure { .. } => Vec::new(),
        _ => attributes(choices),
    };
    schema.routines.push(Routine { at, kind, attributes });
    text
}

fn late_routine(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let table = choices.pick(&schema.tables)?.at.id;
    let at = at(schema, choices, "fn");
    let text = format!("add routine {}", at.name);
    let standard = choices.chance(50);
    schema.routines.push(Routine { at, kind: RoutineKind::Reads { table, standard }, attributes: Vec::new() });
    Some(text)
}

fn arguments(schema: &Schema, choices: &mut Choices) -> Vec<Argument> {
    let mut args: Vec<Argument> = Vec::new();
    for at in 0..choices.below(3) {
        let ty = any_type(schema, choices);
        let after_default = args.last().is_some_and(|it| it.default.is_some());
        let default = (after_default || choices.chance(30)).then(|| "NULL".to_owned());
        args.push(Argument { name: format!("arg_{at}"), ty, default });
    }
    args
}

/// Any type, the schema's own ones included.
pub fn any_type(schema: &Schema, choices: &mut Choices) -> Ty {
    let mut types: Vec<Ty> = schema.enums.iter().flat_map(|it| [Ty::Enum(it.at.id), Ty::Enums(it.at.id)]).collect();
    types.extend(schema.domains.iter().map(|it| Ty::Domain(it.at.id)));
    types.extend(schema.composites.iter().map(|it| Ty::Composite(it.at.id)));
    match choices.chance(30) {
        true => choices.pick(&types).copied().unwrap_or(Ty::Integer),
        false => choices.of(BUILTIN),
    }
}

pub fn table(schema: &mut Schema, choices: &mut Choices) -> String {
    let at = at(schema, choices, "t");
    let text = format!("add table {}", at.name);
    let mut table = Table {
        at,
        columns: Vec::new(),
        constraints: Vec::new(),
        indexes: Vec::new(),
        triggers: Vec::new(),
        policies: Vec::new(),
        row_security: choices.chance(15),
        force_row_security: choices.chance(5),
        partitions: None,
        inherits: None,
        unlogged: choices.chance(5),
        options: choices.chance(10).then(|| choices.of(&["fillfactor=70", "autovacuum_enabled=false"])),
        replica_identity: choices.chance(5).then(|| choices.of(&["FULL", "NOTHING"])),
    };
    key(schema, choices, &mut table);
    if choices.chance(15) {
        partitions(schema, choices, &mut table);
    }
    for _ in 0..1 + choices.below(4) {
        let column = column(schema, choices, &table);
        table.columns.push(column);
    }
    for _ in 0..choices.below(3) {
        constraint(schema, choices, &mut table, 0);
    }
    schema.tables.push(table);
    text
}

/// Gives the table a key: a column of its own, in most cases the primary key.
fn key(schema: &mut Schema, choices: &mut Choices, table: &mut Table) {
    let mut column = plain_column(schema, choices, "id");
    column.ty = choices.of(KEYS);
    column.not_null = true;
    let whole = matches!(column.ty, Ty::Integer | Ty::Bigint);
    match choices.below(5) {
        1 if whole => column.kind = ColumnKind::Serial,
        2 if whole => {
            let options = choices.of(&["", " (START WITH 10)", " (INCREMENT BY 2 MAXVALUE 100000)"]);
            column.kind = ColumnKind::Identity { always: choices.chance(50), options };
        }
        3 if column.ty == Ty::Uuid => column.default = Some(Expr::over("gen_random_uuid()", &[])),
        _ => {}
    }
    let id = column.at.id;
    table.columns.push(column);
    if choices.below(10) < 9 {
        let at = constraint_at(schema, choices, "pk");
        table.constraints.push(Constraint { at, kind: ConstraintKind::Primary(vec![id]), suffix: "" });
    }
}

fn constraint_at(schema: &mut Schema, choices: &mut Choices, stem: &str) -> At {
    let mut at = part(schema, choices, stem);
    if choices.chance(50) {
        at.name.clear();
        at.comment = None;
    }
    at
}

/// Divides the table by its key column, which every row satisfies.
fn partitions(schema: &mut Schema, choices: &mut Choices, table: &mut Table) {
    let Some(first) = table.columns.first_mut() else { return };
    first.ty = choices.of(&[Ty::Integer, Ty::Text]);
    first.kind = ColumnKind::Plain;
    first.default = None;
    let (column, whole) = (first.at.id, first.ty == Ty::Integer);
    table.unlogged = false;
    table.options = None;
    table.replica_identity = None;
    let (strategy, bounds): (_, &[&str]) = match (choices.below(3), whole) {
        (0, true) => ("RANGE", &["DEFAULT", "FOR VALUES FROM (1) TO (3)", "FOR VALUES FROM (100) TO (200)"]),
        (0, false) => ("RANGE", &["DEFAULT", "FOR VALUES FROM ('v1') TO ('v2')"]),
        (1, true) => ("LIST", &["DEFAULT", "FOR VALUES IN (1, 2)", "FOR VALUES IN (70)"]),
        (1, false) => ("LIST", &["DEFAULT", "FOR VALUES IN ('v1', 'v3')"]),
        _ => ("HASH", &["FOR VALUES WITH (modulus 2, remainder 0)", "FOR VALUES WITH (modulus 2, remainder 1)"]),
    };
    let count = if strategy == "HASH" { 2 } else { 1 + choices.below(bounds.len()) };
    let mut parts = Vec::new();
    for bound in &bounds[..count] {
        parts.push((
            At { namespace: table.at.namespace, comment: None, ..at(schema, choices, "part") },
            (*bound).to_owned(),
        ));
    }
    table.partitions = Some(Partitions { strategy, column, parts });
}

fn plain_column(schema: &mut Schema, choices: &mut Choices, stem: &str) -> Column {
    let at = part(schema, choices, stem);
    Column {
        at,
        ty: Ty::Integer,
        not_null: false,
        default: None,
        kind: ColumnKind::Plain,
        collation: None,
        storage: None,
        statistics: None,
    }
}

/// A column for the table, which rows that are there survive: it may be null, or has a default.
pub fn column(schema: &mut Schema, choices: &mut Choices, table: &Table) -> Column {
    let mut column = plain_column(schema, choices, "c");
    column.ty = any_type(schema, choices);
    match choices.below(6) {
        1 | 2 => column.default = default(schema, choices, column.ty),
        3 => column.kind = generated(choices, table, &mut column.ty).unwrap_or(ColumnKind::Plain),
        4 if matches!(column.ty, Ty::Integer | Ty::Bigint) && choices.chance(40) => {
            column.kind = ColumnKind::Serial;
            column.not_null = true;
        }
        _ => {}
    }
    column.not_null |= column.default.is_some() && choices.chance(50);
    if column.ty.family() == Family::Text && matches!(column.kind, ColumnKind::Plain) && choices.chance(10) {
        column.collation = Some(choices.of(&["C", "POSIX"]));
    }
    if matches!(column.ty, Ty::Text | Ty::Jsonb | Ty::Bytea) && choices.chance(8) {
        column.storage = Some(choices.of(&["EXTERNAL", "MAIN"]));
    }
    if choices.chance(5) {
        column.statistics = Some(500);
    }
    column
}

/// A default for a column of type `ty`.
pub fn default(schema: &Schema, choices: &mut Choices, ty: Ty) -> Option<Expr> {
    let sequence = schema.sequences.first().filter(|_| ty == Ty::Bigint && choices.chance(30));
    let text = match (sequence, choices.chance(50)) {
        (Some(_), _) => "nextval('{f}')".to_owned(),
        (None, true) if !ty.defaults().is_empty() => choices.of(ty.defaults()).to_owned(),
        (None, _) => ty.value(schema, 1),
    };
    Some(Expr { text, columns: Vec::new(), object: sequence.map(|it| it.at.id) })
}

fn generated(choices: &mut Choices, table: &Table, ty: &mut Ty) -> Option<ColumnKind> {
    let sources: Vec<&Column> = table.columns.iter().filter(|it| matches!(it.kind, ColumnKind::Plain)).collect();
    let source = choices.pick(&sources)?;
    let (text, result) = match source.ty {
        Ty::Smallint | Ty::Integer | Ty::Bigint => (choices.of(&["{0} + 1", "({0} * 2)", "abs({0}) % 7"]), Ty::Bigint),
        Ty::Text | Ty::Varchar(_) => (choices.of(&["upper({0})", "{0} || '!'", "COALESCE({0}, 'none')"]), Ty::Text),
        Ty::Jsonb => ("{0} ->> 'n'", Ty::Text),
        _ => return None,
    };
    *ty = result;
    Some(ColumnKind::Generated(Expr::over(text, &[source.at.id])))
}

/// Adds a constraint that the rows of tables made before number `base` satisfy. New columns have no rows but nulls or
/// one default for all, so keys are only made of old ones.
pub fn constraint(schema: &mut Schema, choices: &mut Choices, table: &mut Table, base: Id) -> Option<String> {
    let with_rows = |column: &&Column| base == 0 || column.at.id < base;
    let usable: Vec<&Column> = table.columns.iter().filter(with_rows).collect();
    let column = *choices.pick(&usable)?;
    let (id, ty) = (column.at.id, column.ty);
    let generated = matches!(column.kind, ColumnKind::Generated(_));
    // Two keys of the same columns in one CREATE TABLE are one to PostgreSQL.
    let is_key = |it: &Constraint| match &it.kind {
        ConstraintKind::Primary(columns) | ConstraintKind::Unique { columns, .. } => columns == &[id],
        _ => false,
    };
    let free = table.partitions.is_none() && !table.constraints.iter().any(is_key);
    let (kind, suffixes): (_, &[&str]) = match choices.below(6) {
        0 | 1 if ty.is_distinct() && ty.sorts() && !generated && free => {
            let include: Vec<Id> =
                usable.iter().filter(|it| it.at.id != id && choices.chance(10)).map(|it| it.at.id).collect();
            (
                ConstraintKind::Unique { columns: vec![id], include },
                &["", "", "", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"],
            )
        }
        2 if matches!(ty, Ty::Range | Ty::Integer) && !generated && free => {
            (ConstraintKind::Exclude { column: id, gist: ty == Ty::Range }, &[""])
        }
        _ if generated => return None,
        _ => (ConstraintKind::Check(condition(schema, choices, id, ty)), &["", "", "", "", " NOT VALID"]),
    };
    let suffix = choices.of(suffixes);
    let at = constraint_at(schema, choices, "k");
    let text = format!("add constraint {} to {}", at.name, table.at.name);
    table.constraints.push(Constraint { at, kind, suffix });
    Some(text)
}

/// A condition that every value of the column satisfies.
fn condition(schema: &Schema, choices: &mut Choices, column: Id, ty: Ty) -> Expr {
    let tests: Vec<&Routine> = schema
        .routines
        .iter()
        .filter(|it| matches!(it.kind, RoutineKind::Test { ty: tested, .. } if tested == ty))
        .collect();
    match choices.pick(&tests) {
        Some(routine) if choices.chance(30) => {
            Expr { text: "{f}({0})".into(), columns: vec![column], object: Some(routine.at.id) }
        }
        _ => Expr::over(choices.of(ty.conditions()), &[column]),
    }
}

/// Adds a foreign key on a new column, nullable, to the primary key of a table.
pub fn foreign_key(schema: &mut Schema, choices: &mut Choices, base: Id) -> Option<String> {
    let targets: Vec<(Id, Id, Ty)> = schema
        .tables
        .iter()
        .filter(|table| !table.unlogged)
        .filter_map(|table| {
            let [key] = table.key()? else { return None };
            Some((table.at.id, *key, table.column(*key)?.ty))
        })
        .collect();
    let (target, key, ty) = *choices.pick(&targets)?;
    let at = choices.below(schema.tables.len());
    let mut column = plain_column(schema, choices, "ref");
    column.ty = match ty {
        Ty::Integer if choices.chance(20) => Ty::Bigint,
        other => other,
    };
    let own = column.at.id;
    let actions =
        choices.of(&["", "", " ON DELETE CASCADE", " ON DELETE SET NULL ON UPDATE CASCADE", " ON DELETE RESTRICT"]);
    let deferred = choices.of(&["", "", "", " DEFERRABLE INITIALLY DEFERRED", " NOT VALID"]);
    // A partitioned table cannot have a foreign key that is not valid yet.
    let partitioned = schema.tables.get(at).is_some_and(|table| table.partitions.is_some());
    let suffix = if partitioned { "" } else { deferred };
    let constraint = Constraint {
        at: constraint_at(schema, choices, "fk"),
        kind: ConstraintKind::Foreign { columns: vec![own], table: target, key: vec![key], actions },
        suffix,
    };
    let table = schema.tables.get_mut(at)?;
    column.not_null = base == 0 && choices.chance(20);
    table.columns.push(column);
    table.constraints.push(constraint);
    Some(format!("add foreign key from {} to {target}", table.at.name))
}

fn index(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let table = choices.below(schema.tables.len());
    let columns: Vec<(Id, Ty)> = schema.tables.get(table)?.columns.iter().map(|it| (it.at.id, it.ty)).collect();
    let (column, ty) = *choices.pick(&columns)?;
    let mut index = Index {
        at: part(schema, choices, "ix"),
        method: "btree",
        unique: false,
        elements: vec![(Expr::over("{0}", &[column]), "")],
        include: Vec::new(),
        predicate: None,
        options: None,
    };
    match (choices.below(6), ty.family()) {
        (_, Family::Json) => index.elements[0].1 = choices.of(&["", " jsonb_path_ops"]),
        (1, Family::Text) => {
            index.elements[0].1 = choices.of(&[" text_pattern_ops", " COLLATE \"C\"", " DESC NULLS LAST"])
        }
        (2, Family::Number | Family::Time) => index.method = choices.of(&["brin", "hash", "btree"]),
        (3 | 4, _) if !ty.expressions().is_empty() => {
            index.elements[0].0 = Expr::over(choices.of(ty.expressions()), &[column]);
        }
        (5, _) => index.elements[0].1 = choices.of(&[" DESC", " NULLS FIRST", " DESC NULLS LAST", " ASC"]),
        _ => {}
    }
    match ty.family() {
        Family::Json | Family::Array => index.method = "gin",
        Family::Range => index.method = "gist",
        _ if !ty.sorts() => return None,
        _ => {}
    }
    if index.method != "btree" && !index.elements[0].1.contains("jsonb") {
        index.elements = vec![(Expr::over("{0}", &[column]), "")];
    }
    if index.method == "btree" {
        let more: Vec<(Id, Ty)> = columns.iter().copied().filter(|(id, ty)| *id != column && ty.sorts()).collect();
        if let Some((id, _)) = choices.pick(&more).filter(|_| choices.chance(30)) {
            index.elements.push((Expr::over("{0}", &[*id]), choices.of(&["", " DESC"])));
        } else if let Some((id, _)) = choices.pick(&more).filter(|_| choices.chance(20)) {
            index.include.push(*id);
        }
        index.options = choices.chance(10).then_some("fillfactor=80");
    }
    if choices.chance(25) {
        index.predicate = Some(Expr::over(choices.of(ty.conditions()), &[column]));
    }
    let immutable = |it: &Expr| !matches!(ty.family(), Family::Time) || !it.text.contains("extract");
    index.predicate =
        index.predicate.filter(immutable).filter(|_| ty != Ty::Timestamptz && ty != Ty::Timestamp && ty != Ty::Date);
    let text = format!("add index {}", index.at.name);
    schema.tables.get_mut(table)?.indexes.push(index);
    Some(text)
}

fn view(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let table = choices.pick(&schema.tables)?.clone();
    let foreign: Vec<(Id, Id, Id)> = table
        .constraints
        .iter()
        .filter_map(|it| match &it.kind {
            ConstraintKind::Foreign { columns, table, key, .. } => Some((columns[0], *table, key[0])),
            _ => None,
        })
        .collect();
    let query = match choices.below(5) {
        0 | 1 => {
            let mut columns = Vec::new();
            for column in &table.columns {
                if columns.is_empty() || choices.chance(40) {
                    columns.push((column.at.id, choices.chance(40).then(|| format!("shown_{}", column.at.id))));
                }
            }
            let filter = choices.pick(&table.columns).filter(|_| choices.chance(40));
            let filter = filter.map(|it| Expr::over(choices.of(it.ty.conditions()), &[it.at.id]));
            Query::Columns { table: table.at.id, columns, filter }
        }
        2 => {
            let (own, right, key) = *choices.pick(&foreign)?;
            Query::Join { left: table.at.id, right, on: (own, key), shown: (own, key) }
        }
        3 => {
            let column = choices.pick(&table.columns).filter(|it| it.ty.sorts())?;
            Query::Count { table: table.at.id, column: column.at.id }
        }
        _ => Query::Over(choices.pick(&schema.views)?.at.id),
    };
    let materialized = choices.chance(25);
    let options = (!materialized && choices.chance(15)).then_some("security_barrier=true");
    let at = at(schema, choices, "v");
    let index = (materialized && choices.chance(50)).then(|| At { comment: None, ..part(schema, choices, "vix") });
    let text = format!("add view {}", at.name);
    let column_comment = comment(choices);
    schema.views.push(View { at, materialized, query, options, index, column_comment });
    Some(text)
}

fn trigger(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let routines: Vec<Id> =
        schema.routines.iter().filter(|it| matches!(it.kind, RoutineKind::Trigger { .. })).map(|it| it.at.id).collect();
    let routine = *choices.pick(&routines)?;
    let at_table = choices.below(schema.tables.len());
    let columns = schema.tables.get(at_table)?.columns.clone();
    let event =
        choices.of(&["BEFORE UPDATE", "AFTER INSERT", "BEFORE INSERT OR UPDATE", "AFTER INSERT OR DELETE OR UPDATE"]);
    let column = choices.pick(&columns)?;
    let update_of = (event.ends_with("UPDATE") && choices.chance(30)).then_some(column.at.id);
    let when = (event == "BEFORE UPDATE" && column.ty.sorts() && choices.chance(40))
        .then(|| Expr::over("OLD.{0} IS DISTINCT FROM NEW.{0}", &[column.at.id]))
        .filter(|_| !matches!(column.kind, ColumnKind::Generated(_)));
    let trigger = Trigger {
        at: part(schema, choices, "tr"),
        event,
        update_of,
        each_row: when.is_some() || choices.chance(70),
        when,
        routine,
        args: choices.of(&["", "", "'one', 'it''s'"]),
        enabled: choices.of(&["", "", "", "DISABLE", "ENABLE ALWAYS"]),
    };
    let text = format!("add trigger {}", trigger.at.name);
    schema.tables.get_mut(at_table)?.triggers.push(trigger);
    Some(text)
}

fn policy(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let at_table = choices.below(schema.tables.len());
    let table = schema.tables.get(at_table)?;
    let column = choices.pick(&table.columns)?;
    let expr = Expr::over(choices.of(column.ty.conditions()), &[column.at.id]);
    let command = choices.of(&["ALL", "SELECT", "INSERT", "UPDATE", "DELETE"]);
    let policy = Policy {
        at: part(schema, choices, "po"),
        restrictive: choices.chance(20),
        command,
        roles: choices.of(&["PUBLIC", "reader", "reader, writer"]),
        using: (command != "INSERT").then(|| expr.clone()),
        check: (command == "INSERT" || (matches!(command, "ALL" | "UPDATE") && choices.chance(40))).then_some(expr),
    };
    let text = format!("add policy {}", policy.at.name);
    schema.tables.get_mut(at_table)?.policies.push(policy);
    Some(text)
}

fn grant(schema: &mut Schema, choices: &mut Choices) -> Option<String> {
    let role = choices.of(&["reader", "writer", "PUBLIC"]);
    let option = role != "PUBLIC" && choices.chance(15);
    let table = choices.pick(&schema.tables)?;
    let (object, privileges, column) = match choices.below(7) {
        0 | 1 => (table.at.id, choices.of(&["SELECT", "INSERT, UPDATE", "ALL"]), None),
        2 => (table.at.id, choices.of(&["SELECT", "UPDATE"]), choices.pick(&table.columns).map(|it| it.at.id)),
        3 => (choices.pick(&schema.views)?.at.id, "SELECT", None),
        4 => (choices.pick(&schema.sequences)?.at.id, "USAGE", None),
        5 => (choices.pick(&schema.routines)?.at.id, "EXECUTE", None),
        _ => (choices.pick(&schema.namespaces)?.id, "USAGE", None),
    };
    let is_taken = schema.grants.iter().any(|it| it.object == object && it.role == role && it.column == column);
    if is_taken || (object != table.at.id && role == "PUBLIC" && privileges == "EXECUTE") {
        return None;
    }
    schema.grants.push(Grant { object, privileges, column, role, option });
    Some(format!("grant {privileges} to {role}"))
}
