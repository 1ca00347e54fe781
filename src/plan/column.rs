//! Columns: their definition inside CREATE TABLE, and every way in which one changes.

use std::collections::{BTreeMap, BTreeSet};

use super::action::{Draft, Item, Part, Verb};
use super::constraint::Inline;
use super::fate::Fate;
use super::statement::{Hazard, HazardKind, LockMode, Style};
use super::text::literal;
use super::{Context, casts, constraint, kinds, not_null, partitions, rows, sequence};
use crate::diff::Fact;
use crate::diff::object::{self, Object};
use crate::model::canonical::{Scope, restores};
use crate::model::constraint::ConstraintKind;
use crate::model::datatype::DataType;
use crate::model::id::ObjectId;
use crate::model::index::{ElementKey, Index};
use crate::model::name::{Ident, Name};
use crate::model::table::{Column, Identity, Table};
use crate::model::types::TypeKind;
use crate::model::{Model, Sql};

/// Whether a column must be made anew: PostgreSQL cannot change a generated column's expression (before version 17), nor
/// make a plain column a generated one.
pub(super) fn rebuilds(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| matches!(fact.name.as_ref(), "generated" | "stored") && fact.new.is_some())
}

/// Whether views, policies and triggers over the column have to go while it changes.
pub(super) fn disturbs(facts: &[Fact]) -> bool {
    facts.iter().any(retypes)
}

/// Whether the fact is told by a statement about the column's type.
fn retypes(fact: &Fact) -> bool {
    matches!(fact.name.as_ref(), "type" | "collation")
}

/// What becomes of `user` when the type of the column changes.
/// Source: `ATPrepAlterColumnType` and `RememberAllDependentForRebuilding` in `src/backend/commands/tablecmds.c`:
/// indexes and constraints are rebuilt from their texts, which may not fit the new type; views, policies, triggers and
/// generated columns are refused; a default keeps the old type's constants.
pub(super) fn follows(table: &Name, name: &Ident, user: &Item, old: &Model, new: &Model) -> Option<Fate> {
    let find = |model: &Model| {
        let table = model.tables.get(table)?;
        table.column(name.as_str()).map(|column| column.ty.clone())
    };
    let (before, after) = (find(old)?, find(new)?);
    // A type that is made again has the same name and is another type all the same.
    let fits = casts::same_family(&before, &after) && before.user_type().is_none();
    let reads_alike = |sql: &Sql| {
        before.base == after.base || restores(sql, &Scope::of_table(old, table), &Scope::of_table(new, table))
    };
    let goes = match (object::find(old, &user.id)?, user.part) {
        (Object::View(_) | Object::Policy(_) | Object::Trigger(_) | Object::Routine(_), Part::Whole) => true,
        (Object::Other(_), Part::Whole) => matches!(&user.id, ObjectId::Other(id) if id.kind == "RULE"),
        (Object::Column(column), Part::Whole) => column.generated.is_some(),
        (Object::Column(column), Part::Default) => {
            let constant = column.default.as_ref().is_some_and(|sql| !sql.as_str().contains("nextval("));
            if fits && constant && before.base != after.base {
                return Some(Fate::Alter(Vec::new()));
            }
            !fits
        }
        (Object::Constraint(constraint), Part::Whole) => match &constraint.kind {
            ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) => has_named_parts(&user.id, old),
            ConstraintKind::ForeignKey(_) => !fits,
            ConstraintKind::Check(check) => !fits || !reads_alike(check),
            ConstraintKind::Exclude(_) => !fits || before.base != after.base,
        },
        (Object::Index(index), Part::Whole) => {
            let plain = index.columns().is_some() && index.elements.iter().all(|element| element.opclass.is_none());
            let texts = index.predicate.iter().chain(index.elements.iter().filter_map(|element| match &element.key {
                ElementKey::Expression(sql) => Some(sql),
                ElementKey::Column(_) => None,
            }));
            let alike = || fits && plain_classes(index) && texts.into_iter().all(reads_alike);
            has_named_parts(&user.id, old) || !(plain && index.predicate.is_none() || alike())
        }
        (Object::Index(_), Part::Comment) => true,
        _ => false,
    };
    goes.then_some(Fate::Rebuild)
}

/// Whether the index names no operator class, which may not fit another type.
fn plain_classes(index: &Index) -> bool {
    index.elements.iter().all(|element| element.opclass.is_none())
}

/// What becomes of `user` when a collation is made anew: a column of that collation changes over to it.
pub(super) fn sorts_anew(user: &Item, old: &Model, new: &Model) -> Option<Fate> {
    match (object::find(old, &user.id)?, object::find(new, &user.id)?, user.part) {
        (Object::Column(before), Object::Column(after), Part::Whole) if before.collation.is_some() => {
            let spell = |column: &Column| column.collation.as_ref().map(Name::to_string);
            Some(Fate::Alter(vec![Fact { name: "collation".into(), old: spell(before), new: spell(after) }]))
        }
        _ => None,
    }
}

/// Whether an index or key of a partitioned table has parts under names of their own, or is one: PostgreSQL makes the
/// parts anew under names that it chooses when the type of a column changes.
fn has_named_parts(id: &ObjectId, model: &Model) -> bool {
    let (ObjectId::Index(table, name) | ObjectId::Constraint(table, name)) = id else { return false };
    let Some(described) = model.tables.get(table) else { return false };
    let whole = table.sibling(name.as_str());
    let partitioned = described.partition_by.is_some();
    let mut others = model.tables.values().filter(|_| partitioned).flat_map(Table::families);
    let is_part = described.index(name).is_some_and(|index| index.family.attached_to.is_some());
    is_part || others.any(|(_, family)| family.is_part_of(&whole))
}

/// A column as CREATE TABLE and ADD COLUMN define it, with the constraints of `inline` that may be written with it: those
/// that are `own`.
pub(super) fn definition(column: &Column, default: bool, inline: &Inline<'_>, own: &dyn Fn(&Ident) -> bool) -> String {
    let mut words = vec![column.name.to_string(), column.ty.to_sql()];
    if let Some(collation) = &column.collation {
        words.push(format!("COLLATE {collation}"));
    }
    words.extend(column.default.as_ref().filter(|_| default).map(|sql| format!("DEFAULT {sql}")));
    words.extend(column.identity.as_deref().map(identity));
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        words.push(format!("GENERATED ALWAYS AS {} {kind}", super::text::parenthesized(&generated.expression)));
    }
    let mut found: Vec<(u8, String)> = Vec::new();
    let mut key = false;
    let mine = inline.get(&column.name).into_iter().flatten();
    for (_, constraint) in mine.filter(|(name, _)| own(name)) {
        key |= matches!(constraint.kind, ConstraintKind::PrimaryKey(_));
        found.push((constraint::inline_rank(constraint), constraint::inline(constraint)));
    }
    if column.not_null && !key && column.identity.is_none() {
        found.push((3, "NOT NULL".to_owned()));
    }
    found.sort();
    words.extend(found.into_iter().map(|(_, text)| text));
    words.join(" ")
}

fn identity(identity: &Identity) -> String {
    let kind = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
    let mut options = sequence::options(&identity.options);
    if let Some(name) = &identity.options.name {
        options.insert(0, format!("SEQUENCE NAME {name}"));
    }
    let options = if options.is_empty() { String::new() } else { format!(" ({})", options.join(" ")) };
    format!("GENERATED {kind} AS IDENTITY{options}")
}

/// The statements that carry out `verb`.
pub(super) fn drafts(
    context: &Context<'_>,
    table: &Name,
    name: &Ident,
    part: Part,
    verb: Verb,
    facts: &[Fact],
    parts: &BTreeSet<&Item>,
) -> Vec<Draft> {
    let find = |model: &Model| model.tables.get(table).and_then(|found| found.column(name.as_str())).cloned();
    let (old, new) = (find(context.old.model), find(context.new.model));
    match (part, verb, old, new) {
        (Part::Default, Verb::Drop, ..) => {
            let draft = alter_column(table, name, "DROP DEFAULT");
            vec![if partitions::shares_default(context, table, name) { draft } else { only(draft) }]
        }
        (Part::Default, _, _, Some(column)) => {
            let shared = partitions::shares_default(context, table, name);
            let set = |sql| set_default(table, name, sql);
            column.default.iter().map(set).map(|draft| if shared { draft } else { only(draft) }).collect()
        }
        (Part::Whole, Verb::Create, _, Some(column)) => add_to(context, table, column, parts),
        (Part::Whole, Verb::Drop, Some(column), _) => drop_from(context, table, &column),
        (Part::Whole, Verb::Alter, Some(old), Some(new)) => alter(context, table, &old, &new, facts),
        _ => Vec::new(),
    }
}

/// DROP COLUMN, for all tables that inherit from this one; where one of them keeps the column, each by itself.
fn drop_from(context: &Context<'_>, table: &Name, column: &Column) -> Vec<Draft> {
    let has = |model: &Model, heir: &Name| {
        model.tables.get(heir).is_some_and(|heir| heir.column(column.name.as_str()).is_some())
    };
    let lasting = |heir: &&&Name| context.new.heirs(table).contains(heir) && has(context.old.model, heir);
    let heirs: Vec<&Name> = context.old.heirs(table).iter().filter(lasting).copied().collect();
    let (keep, lose): (Vec<&Name>, Vec<&Name>) = heirs.into_iter().partition(|heir| has(context.new.model, heir));
    let draft = drop(table, column);
    if keep.is_empty() {
        return vec![draft];
    }
    [only(draft)].into_iter().chain(lose.into_iter().map(|heir| drop(heir, column))).collect()
}

/// DROP COLUMN. A generated column holds nothing that could not be computed again.
fn drop(table: &Name, column: &Column) -> Draft {
    let name = &column.name;
    let draft = Draft::new(format!("ALTER TABLE {table} DROP COLUMN {name}"))
        .hazard(HazardKind::BreakCode, format!("code that says {table}.{name} fails"))
        .lock(table, LockMode::AccessExclusive);
    let message = format!("drops the column {name} of {table} with its values");
    if column.generated.is_some() { draft } else { draft.hazard(HazardKind::DeleteData, message) }
}

/// What is left to do for a column of a partition once the statement about its parent's column `above` has run.
pub(super) fn rest(
    context: &Context<'_>,
    above: &Item,
    item: &Item,
    verb: Verb,
    parts: &BTreeSet<&Item>,
) -> Vec<Draft> {
    let ObjectId::Column(table, name) = &item.id else { return Vec::new() };
    let wanted = find(context.new.model, item).filter(|_| verb != Verb::Drop && item.part == Part::Whole);
    let (Some(wanted), Some(carried)) = (wanted, find(context.new.model, above)) else { return Vec::new() };
    let above_table = above.id.table();
    let (old, above) = (find(context.old.model, item), find(context.old.model, above));
    // The parent's statement carries NOT NULL over only when it says it itself.
    let alone = || above_table.is_some_and(|above| !carried.not_null && is_demanded_below(context, above, name));
    let says = above.map(|above| above.not_null) != Some(carried.not_null) && !alone();
    let before = old.filter(|_| !says).unwrap_or(carried).not_null;
    let mut drafts = match (before, wanted.not_null) {
        (false, true) => not_null::set(context.style, table, name),
        (true, false) => vec![drop_not_null(context, table, name)],
        _ => Vec::new(),
    };
    // A column that comes has the parent's default.
    if old.is_none() && wanted.default != carried.default {
        let default = wanted.default.as_ref().filter(|_| parts.contains(&Item::part(&item.id, Part::Default)));
        let set = default.map(|sql| set_default(table, name, sql));
        let unset = || wanted.default.is_none().then(|| alter_column(table, name, "DROP DEFAULT"));
        drafts.extend(set.or_else(unset).map(only));
    }
    let retyped = kinds::facts(context, item).iter().any(retypes);
    drafts.extend(settings(table, Some(&carried_over(old, above, carried, retyped)), wanted));
    drafts
}

fn find<'m>(model: &'m Model, item: &Item) -> Option<&'m Column> {
    match object::find(model, &item.id)? {
        Object::Column(column) => Some(column),
        _ => None,
    }
}

/// The column of a child with the settings that it has once its parent's column became `carried`: storage and
/// statistics are carried over when the parent's are set, compression and options are not.
/// Source: `ATPrepCmd` in `src/backend/commands/tablecmds.c`.
fn carried_over(old: Option<&Column>, above: Option<&Column>, carried: &Column, retyped: bool) -> Column {
    let mut column = old.unwrap_or(carried).clone();
    if old.is_none() || retyped {
        (column.storage, column.compression) = (None, None);
    }
    if old.is_none() {
        (column.statistics, column.options) = (None, BTreeMap::new());
    }
    let set = |of: fn(&Column) -> Option<String>| above.and_then(of) != of(carried);
    if set(|column| column.storage.clone()) || (retyped && carried.storage.is_some()) {
        column.storage.clone_from(&carried.storage);
    }
    if set(|column| column.statistics.map(|it| it.to_string())) {
        column.statistics = carried.statistics;
    }
    column
}

fn alter_column(table: &Name, name: &Ident, words: impl std::fmt::Display) -> Draft {
    Draft::new(format!("ALTER TABLE {table} ALTER COLUMN {name} {words}")).lock(table, LockMode::AccessExclusive)
}

/// The statement for the table without those below it.
fn only(mut draft: Draft) -> Draft {
    draft.sql = draft.sql.replacen("ALTER TABLE ", "ALTER TABLE ONLY ", 1);
    draft
}

/// DROP NOT NULL, for the heirs too unless one of them keeps it. Of partitions PostgreSQL spares none.
fn drop_not_null(context: &Context<'_>, table: &Name, name: &Ident) -> Draft {
    let draft = alter_column(table, name, "DROP NOT NULL");
    if is_demanded_below(context, table, name) { only(draft) } else { draft }
}

/// Whether an heir of the table demands a value of the column.
fn is_demanded_below(context: &Context<'_>, table: &Name, name: &Ident) -> bool {
    let mut heirs = partitions::below(context, table);
    heirs.retain(|heir| context.new.model.tables.get(*heir).is_some_and(|heir| heir.partition_of.is_none()));
    let not_null =
        |heir: &Name| context.new.model.tables.get(heir)?.column(name.as_str()).map(|column| column.not_null);
    heirs.into_iter().any(|heir| not_null(heir) == Some(true))
}

fn set_default(table: &Name, name: &Ident, sql: &Sql) -> Draft {
    alter_column(table, name, format!("SET DEFAULT {sql}"))
}

/// ADD COLUMN, in steps where the column comes with a value and others hold rows of the table: PostgreSQL gives none to
/// rows that are there then.
fn add_to(context: &Context<'_>, table: &Name, mut column: Column, parts: &BTreeSet<&Item>) -> Vec<Draft> {
    let id = ObjectId::Column(table.clone(), column.name.clone());
    let folded = parts.contains(&Item::part(&id, Part::Default)) && rows::are_held(context, table);
    let Some(default) = column.default.take_if(|_| folded) else { return add(context, table, &column, parts) };
    column.hints.backfill.get_or_insert_with(|| default.clone());
    let mut drafts = add(context, table, &column, parts);
    drafts.insert(1, set_default(table, &column.name, &default));
    drafts
}

/// ADD COLUMN. With a backfill the column comes without NOT NULL, is filled, and only then must have values.
fn add(context: &Context<'_>, table: &Name, column: &Column, parts: &BTreeSet<&Item>) -> Vec<Draft> {
    let Some(found) = context.new.model.tables.get(table) else { return Vec::new() };
    let id = ObjectId::Column(table.clone(), column.name.clone());
    let default = parts.contains(&Item::part(&id, Part::Default));
    let own = |name: &Ident| parts.contains(&Item::whole(ObjectId::Constraint(table.clone(), name.clone())));
    let mut first = column.clone();
    let backfill = column.hints.backfill.as_ref().filter(|_| column.default.is_none() || column.not_null);
    first.not_null &= backfill.is_none();
    let inline = constraint::inline_constraints(&context.new, table, found);
    let sql = format!("ALTER TABLE {table} ADD COLUMN {}", definition(&first, default, &inline, &own));
    let mut draft = Draft::new(sql).lock(table, LockMode::AccessExclusive);
    draft.hazards.extend(adding(context.new.model, table, &first));
    let checks =
        found.constraints.iter().filter(|(name, found)| own(name) && matches!(found.kind, ConstraintKind::Check(_)));
    for (check, _) in checks {
        draft = draft.hazard(HazardKind::MayFail, format!("fails if a row of {table} breaks the constraint {check}"));
    }
    let keys = found.constraints.iter().filter(|(name, found)| {
        own(name) && matches!(found.kind, ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_))
    });
    for (key, _) in keys.filter(|_| first.default.as_ref().is_some_and(|sql| casts::is_stable(sql, context.new.model)))
    {
        let message =
            format!("fails if {table} has more than one row, since all would have the same {} ({key})", column.name);
        draft = draft.hazard(HazardKind::MayFail, message);
    }
    let mut drafts = vec![draft];
    let is_required = column.not_null && !first.not_null;
    drafts.extend(fill(context.style, table, &column.name, backfill, is_required));
    drafts.extend(settings(table, None, column));
    drafts
}

/// What adding the column does to the rows that are there.
fn adding(model: &Model, table: &Name, column: &Column) -> Vec<Hazard> {
    let checked = is_constrained(model, &column.ty);
    let volatile = checked || column.default.as_ref().is_some_and(|sql| !casts::is_stable(sql, model));
    let stored = column.generated.as_ref().is_some_and(|generated| generated.stored);
    let name = &column.name;
    let mut hazards = Vec::new();
    if volatile || stored || column.identity.is_some() {
        let message =
            format!("writes {table} anew to give each row its value of {name}; reads and writes of it wait meanwhile");
        hazards.push(Hazard { kind: HazardKind::Rewrite, message });
    }
    if column.not_null && column.generated.is_some() {
        let message = format!("fails if a row of {table} has no value for {name}");
        hazards.push(Hazard { kind: HazardKind::MayFail, message });
    } else if column.not_null && column.default.is_none() && column.identity.is_none() {
        let message =
            format!("fails if {table} has rows, since {name} would be null in them; a `backfill` says what they get");
        hazards.push(Hazard { kind: HazardKind::MayFail, message });
    } else if column.default.is_none() && column.generated.is_none() && demands_value(model, &column.ty) {
        let message = format!(
            "fails if {table} has rows, since {} takes no null; a default of {name} says what they get",
            column.ty
        );
        hazards.push(Hazard { kind: HazardKind::MayFail, message });
    }
    hazards
}

/// Whether the type is a domain that takes no null, and has no default in its place.
fn demands_value(model: &Model, ty: &DataType) -> bool {
    let found = ty.user_type().filter(|_| !ty.array).and_then(|name| model.types.get(name));
    let Some(TypeKind::Domain(domain)) = found.map(|ty| &ty.kind) else { return false };
    domain.default.is_none() && (domain.not_null || demands_value(model, &domain.base))
}

/// Whether the type is a domain that does not take every value: PostgreSQL then looks at each row's.
pub(super) fn is_constrained(model: &Model, ty: &DataType) -> bool {
    let found = ty.user_type().filter(|_| !ty.array).and_then(|name| model.types.get(name));
    match found.map(|ty| &ty.kind) {
        Some(TypeKind::Domain(domain)) => {
            domain.not_null || !domain.checks.is_empty() || is_constrained(model, &domain.base)
        }
        _ => false,
    }
}

/// The type below a domain, and below the domains under it; any other type is itself.
fn base(model: &Model, ty: &DataType) -> DataType {
    let mut found = ty.clone();
    while let Some(name) = found.user_type().filter(|_| !found.array)
        && let Some(TypeKind::Domain(domain)) = model.types.get(name).map(|ty| &ty.kind)
    {
        found = domain.base.clone();
    }
    found
}

/// Gives a value to the rows that lack one, and demands one where it is required. Online, the first has a transaction of its
/// own: a lock that another statement holds would keep everybody waiting while all rows are written.
fn fill(style: Style, table: &Name, name: &Ident, backfill: Option<&Sql>, is_required: bool) -> Vec<Draft> {
    let update = backfill.map(|sql| Draft::new(format!("UPDATE {table} SET {name} = {sql} WHERE {name} IS NULL")));
    let demand = if is_required { not_null::set(style, table, name) } else { Vec::new() };
    let Some(update) = update else { return demand };
    let is_apart = style == Style::Online;
    std::iter::once(Draft { apart: is_apart, ends: is_apart, ..update }).chain(demand).collect()
}

fn alter(context: &Context<'_>, table: &Name, old: &Column, new: &Column, facts: &[Fact]) -> Vec<Draft> {
    let name = &new.name;
    let mut drafts = Vec::new();
    if old.not_null && !new.not_null && !(old.identity.is_some() && new.identity.is_none()) {
        drafts.push(drop_not_null(context, table, name));
    }
    if old.generated.is_some() && new.generated.is_none() {
        drafts.push(alter_column(table, name, "DROP EXPRESSION"));
    }
    if old.identity.is_some() && new.identity.is_none() {
        drafts.push(alter_column(table, name, "DROP IDENTITY"));
        drafts.extend((!new.not_null).then(|| alter_column(table, name, "DROP NOT NULL")));
    }
    if facts.iter().any(retypes) {
        drafts.push(retype(context, table, old, new));
    }
    if !old.not_null && new.not_null {
        drafts.extend(fill(context.style, table, name, new.hints.backfill.as_ref(), true));
    }
    match (&old.identity, &new.identity) {
        (None, Some(after)) => {
            drafts.push(alter_column(table, name, format!("ADD {}", identity(after))));
            drafts.push(Draft::new(format!(
                "SELECT setval(pg_get_serial_sequence({}, {}), COALESCE(max({name}), 0) + 1, false) FROM {table}",
                literal(&table.to_string()),
                literal(name.as_str())
            )));
        }
        (Some(before), Some(after)) => {
            drafts.extend(rename_sequence(table, name, before, after));
            drafts.extend(sequence::reach(&after.sequence(table, name), &before.options, &after.options));
            drafts.extend(alter_identity(table, name, before, after));
        }
        (_, None) => {}
    }
    let mut before = old.clone();
    if facts.iter().any(retypes) {
        // PostgreSQL gives the column those of its new type.
        (before.storage, before.compression) = (None, None);
    }
    drafts.extend(settings(table, Some(&before), new));
    drafts
}

/// An identity's sequence keeps the name that it got when it was made.
fn rename_sequence(table: &Name, column: &Ident, old: &Identity, new: &Identity) -> Option<Draft> {
    let [was, is] = [old, new].map(|identity| identity.sequence(table, column));
    (was != is).then(|| Draft::new(format!("ALTER SEQUENCE {was} RENAME TO {}", is.name)))
}

fn alter_identity(table: &Name, name: &Ident, old: &Identity, new: &Identity) -> Option<Draft> {
    let mut words = Vec::new();
    if old.always != new.always {
        words.push(format!("SET GENERATED {}", if new.always { "ALWAYS" } else { "BY DEFAULT" }));
    }
    let mut before = old.options.clone();
    before.ty.clone_from(&new.options.ty);
    let set = |change: String| if change == sequence::RESTART { change } else { format!("SET {change}") };
    words.extend(sequence::changes(&before, &new.options).into_iter().map(set));
    (!words.is_empty()).then(|| alter_column(table, name, words.join(" ")))
}

/// The type change, with the conversion of old values.
fn retype(context: &Context<'_>, table: &Name, old: &Column, new: &Column) -> Draft {
    let name = &new.name;
    let (was, is) = (base(context.old.model, &old.ty), base(context.new.model, &new.ty));
    let remade = was.user_type().and_then(|ty| context.old.made_with(ty));
    let remade = remade.is_some_and(|ty| context.makes(&Item::whole(ObjectId::Type(ty.clone()))));
    let checked = old.ty != new.ty || old.ty != was;
    let checked = checked && is_constrained(context.new.model, &new.ty);
    let collation = new.collation.as_ref().map(|collation| format!(" COLLATE {collation}")).unwrap_or_default();
    let using = match &new.hints.using {
        Some(sql) => Some(sql.to_string()),
        None if was == old.ty && is == new.ty => casts::using(name, &was, &is, remade),
        None => casts::using(name, &was, &is, remade)
            .map(|sql| if is == new.ty { sql } else { format!("({sql})::{}", new.ty.to_sql()) }),
    };
    let using = using.map(|sql| format!(" USING {sql}")).unwrap_or_default();
    let mut draft = alter_column(table, name, format!("TYPE {}{collation}{using}", new.ty.to_sql()));
    draft.converts = true;
    if remade || checked || casts::rewrites(&was, &is) {
        let message = format!("writes {table} anew to convert {name}; reads and writes of it wait meanwhile");
        draft = draft.hazard(HazardKind::Rewrite, message);
    }
    if remade || checked || casts::may_fail(&was, &is) {
        let message = format!("fails if a value of {table}.{name} is no {}", new.ty);
        draft = draft.hazard(HazardKind::MayFail, message);
    }
    draft
}

/// Storage, compression, statistics and options, which no column definition can say in PostgreSQL 14.
pub(super) fn settings(table: &Name, old: Option<&Column>, new: &Column) -> Vec<Draft> {
    let name = &new.name;
    let mut drafts = Vec::new();
    if old.and_then(|old| old.storage.as_ref()) != new.storage.as_ref() {
        let storage = new.storage.clone().unwrap_or_else(|| casts::storage(&new.ty).to_owned());
        drafts.push(alter_column(table, name, format!("SET STORAGE {}", storage.to_uppercase())));
    }
    if old.and_then(|old| old.compression.as_ref()) != new.compression.as_ref() {
        let compression = new.compression.as_deref().unwrap_or("DEFAULT");
        drafts.push(alter_column(table, name, format!("SET COMPRESSION {compression}")));
    }
    if old.and_then(|old| old.statistics) != new.statistics {
        drafts.push(alter_column(table, name, format!("SET STATISTICS {}", new.statistics.unwrap_or(-1))));
    }
    let none = BTreeMap::new();
    let before = old.map_or(&none, |old| &old.options);
    let set = new.options.iter().filter(|(key, value)| before.get(*key) != Some(*value));
    let set: Vec<String> = set.map(|(key, value)| format!("{key} = {value}")).collect();
    let reset: Vec<&str> = before.keys().filter(|key| !new.options.contains_key(*key)).map(String::as_str).collect();
    if !set.is_empty() {
        drafts.push(alter_column(table, name, format!("SET ({})", set.join(", "))));
    }
    if !reset.is_empty() {
        drafts.push(alter_column(table, name, format!("RESET ({})", reset.join(", "))));
    }
    drafts
}
