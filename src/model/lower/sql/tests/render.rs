//! A model as short lines, for tests.

use std::fmt::Write;

use crate::model::constraint::{Action, Constraint, ConstraintKind, Deferrable};
use crate::model::index::{ElementKey, Family, Index, IndexElement};
use crate::model::name::{Ident, Name};
use crate::model::relation::{Trigger, View};
use crate::model::routine::{Body, Mode, Returns, Routine};
use crate::model::sequence::SequenceOptions;
use crate::model::table::{Column, Table};
use crate::model::types::TypeKind;
use crate::model::{Hints, Model};

/// All objects of `model`, one a line, parts indented.
pub fn model(model: &Model) -> String {
    let mut out = String::new();
    for (name, schema) in &model.schemas {
        line(&mut out, 0, &format!("schema {name}{}", comment(&schema.comment)));
    }
    for (name, it) in &model.extensions {
        let schema = it.schema.as_ref().map(|schema| format!(" in {schema}")).unwrap_or_default();
        line(&mut out, 0, &format!("extension {name}{schema}{}", comment(&it.comment)));
    }
    for (name, ty) in &model.types {
        line(&mut out, 0, &format!("type {name} {}{}", type_kind(&ty.kind), comment(&ty.comment)));
    }
    for (name, it) in &model.sequences {
        let owner = it.owned_by.as_ref().map(|(table, column)| format!(" of {table}.{column}")).unwrap_or_default();
        line(&mut out, 0, &format!("sequence {name}{owner}{}{}", sequence(&it.options), comment(&it.comment)));
    }
    model.tables.iter().for_each(|(name, it)| table(&mut out, name, it));
    model.views.iter().for_each(|(name, it)| view(&mut out, name, it));
    for (signature, it) in &model.routines {
        line(&mut out, 0, &format!("{:?} {signature}{}", it.kind, routine(it)));
    }
    for (key, grant) in &model.grants {
        let column = key.column.as_ref().map(|column| format!("({column})")).unwrap_or_default();
        line(&mut out, 0, &format!("{grant:?} {}{column} on {} to {}", key.privilege, key.object, key.grantee));
    }
    for (key, grant) in &model.default_privileges {
        let place = [&key.role, &key.schema].map(|it| it.as_ref().map_or("-", Ident::as_str));
        line(&mut out, 0, &format!("{grant:?} {} on {} to {} by {place:?}", key.privilege, key.objects, key.grantee));
    }
    for (id, it) in &model.others {
        line(&mut out, 0, &format!("{} {}: {}{}", id.kind, id.name, it.definition, comment(&it.comment)));
    }
    out
}

fn line(out: &mut String, indent: usize, text: &str) {
    writeln!(out, "{:indent$}{text}", "").unwrap();
}

fn comment(comment: &Option<String>) -> String {
    comment.as_ref().map(|text| format!(" -- {text}")).unwrap_or_default()
}

fn hints(hints: &Hints) -> String {
    let old = hints.renamed_from.as_ref().map(|old| format!(" was {old}")).unwrap_or_default();
    let backfill = hints.backfill.as_ref().map(|sql| format!(" backfill {sql}")).unwrap_or_default();
    let using = hints.using.as_ref().map(|sql| format!(" using {sql}")).unwrap_or_default();
    format!("{old}{backfill}{using}")
}

fn names(names: &[Ident]) -> String {
    names.iter().map(Ident::to_string).collect::<Vec<_>>().join(", ")
}

fn flag(on: bool, text: &str) -> String {
    if on { format!(" {text}") } else { String::new() }
}

fn sequence(it: &SequenceOptions) -> String {
    let mut out = it.ty.as_ref().map(|ty| format!(" as {ty}")).unwrap_or_default();
    let numbers = [("by", it.increment), ("from", it.start), ("min", it.min), ("max", it.max), ("cache", it.cache)];
    for (word, number) in numbers {
        out += &number.map(|number| format!(" {word} {number}")).unwrap_or_default();
    }
    out += &flag(it.cycle, "cycle");
    out + &it.name.as_ref().map(|name| format!(" named {name}")).unwrap_or_default()
}

fn type_kind(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Enum(values) => {
            let value = |it: &crate::model::types::EnumValue| match &it.renamed_from {
                Some(old) => format!("{} was {old}", it.label),
                None => it.label.clone(),
            };
            format!("enum {}", values.iter().map(value).collect::<Vec<_>>().join(" | "))
        }
        TypeKind::Domain(it) => {
            let default = it.default.as_ref().map(|sql| format!(" default {sql}")).unwrap_or_default();
            let checks: String = it
                .checks
                .iter()
                .map(|(name, it)| format!(" {name} check {}{}", it.expression, comment(&it.comment)))
                .collect();
            format!("domain {}{}{default}{checks}", it.base, flag(it.not_null, "not null"))
        }
        TypeKind::Composite(fields) => {
            let field = |it: &crate::model::types::Attribute| format!("{} {}{}", it.name, it.ty, comment(&it.comment));
            format!("({})", fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
        TypeKind::Range(parameters) => format!("range {parameters:?}"),
    }
}

fn table(out: &mut String, name: &Name, it: &Table) {
    let of = it.partition_of.as_ref().map(|of| format!(" of {} {}", of.parent, of.bound)).unwrap_or_default();
    let parents: String = it.inherits.iter().map(|parent| format!(" inherits {parent}")).collect();
    let by = it.partition_by.as_ref().map(|by| {
        let elements: Vec<String> = by.elements.iter().map(element).collect();
        format!(" by {} ({})", by.strategy, elements.join(", "))
    });
    let options: String = it.options.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    let flags = [(it.unlogged, "unlogged"), (it.row_security, "rls"), (it.force_row_security, "forced")];
    let flags: String = flags.into_iter().map(|(on, text)| flag(on, text)).collect();
    let by = by.unwrap_or_default() + &clustered(&it.clustered_on);
    let tail = format!("{of}{parents}{by}{options}{flags}{}{}", hints(&it.hints), comment(&it.comment));
    line(out, 0, &format!("table {name}{tail}"));
    it.columns.iter().for_each(|it| line(out, 2, &column(it)));
    for (name, it) in &it.constraints {
        line(out, 2, &format!("{name} {}", constraint(it)));
    }
    it.indexes.iter().for_each(|(name, it)| line(out, 2, &format!("index {name} {}", index(it))));
    it.triggers.iter().for_each(|(name, it)| line(out, 2, &format!("trigger {name} {}", trigger(it))));
    for (name, it) in &it.policies {
        let kind = if it.permissive { "" } else { "restrictive " };
        let using = it.using.as_ref().map(|sql| format!(" using {sql}")).unwrap_or_default();
        let check = it.check.as_ref().map(|sql| format!(" check {sql}")).unwrap_or_default();
        line(out, 2, &format!("policy {name} {kind}{} to {}{using}{check}", it.command, names(&it.roles)));
    }
}

fn clustered(on: &Option<Ident>) -> String {
    on.as_ref().map(|index| format!(" clustered on {index}")).unwrap_or_default()
}

fn column(it: &Column) -> String {
    let default = it.default.as_ref().map(|sql| format!(" default {sql}")).unwrap_or_default();
    let generated = it.generated.as_ref().map(|it| format!(" generated {}", it.expression)).unwrap_or_default();
    let identity =
        it.identity.as_ref().map(|it| format!(" identity{}{}", flag(it.always, "always"), sequence(&it.options)));
    let collation = it.collation.as_ref().map(|name| format!(" collate {name}")).unwrap_or_default();
    let storage = it.storage.as_ref().map(|mode| format!(" storage {mode}")).unwrap_or_default();
    let options: String = it.options.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    let marks = format!("{}{}", flag(it.inherited, "inherited"), flag(it.not_null, "not null"));
    let facts = format!("{marks}{collation}{storage}{options}{default}{}{generated}", identity.unwrap_or_default());
    format!("{} {}{facts}{}{}", it.name, it.ty, hints(&it.hints), comment(&it.comment))
}

fn constraint(it: &Constraint) -> String {
    let kind = match &it.kind {
        ConstraintKind::PrimaryKey(key) => format!("primary key ({})", names(&key.columns)),
        ConstraintKind::Unique(key) => {
            let include =
                if key.include.is_empty() { String::new() } else { format!(" include ({})", names(&key.include)) };
            format!("unique ({}){include}{}", names(&key.columns), flag(key.nulls_not_distinct, "nulls not distinct"))
        }
        ConstraintKind::ForeignKey(key) => {
            let action = |on: &str, action: Action| flag(action != Action::NoAction, &format!("on {on} {action:?}"));
            let actions = action("delete", key.on_delete) + &action("update", key.on_update);
            format!("foreign key ({}) to {} ({}){actions}", names(&key.columns), key.table, names(&key.referenced))
        }
        ConstraintKind::Check(condition) => format!("check {condition}"),
        ConstraintKind::Exclude(it) => {
            let elements: Vec<String> =
                it.elements.iter().map(|(key, op)| format!("{} with {op}", element(key))).collect();
            format!("exclude {} ({})", it.method, elements.join(", "))
        }
    };
    let deferrable = flag(it.deferrable != Deferrable::No, &format!("{:?}", it.deferrable));
    let marks = flag(it.not_valid, "not valid") + &flag(it.no_inherit, "no inherit");
    let family = it.key().map(|key| family(&key.family)).unwrap_or_default();
    format!("{kind}{deferrable}{marks}{family}{}{}", hints(&it.hints), comment(&it.comment))
}

fn index(it: &Index) -> String {
    let elements: Vec<String> = it.elements.iter().map(element).collect();
    let include = if it.include.is_empty() { String::new() } else { format!(" include ({})", names(&it.include)) };
    let predicate = it.predicate.as_ref().map(|sql| format!(" where {sql}")).unwrap_or_default();
    let options: String = it.options.iter().map(|option| format!(" {option}")).collect();
    let marks = flag(it.unique, "unique") + &family(&it.family);
    let what = format!("{} ({}){include}{predicate}{options}{marks}", it.method, elements.join(", "));
    format!("{what}{}{}", hints(&it.hints), comment(&it.comment))
}

fn family(it: &Family) -> String {
    let parent = it.attached_to.as_ref().map(|name| format!(" attached to {name}")).unwrap_or_default();
    parent + &flag(it.only, "only")
}

fn element(it: &IndexElement) -> String {
    let key = match &it.key {
        ElementKey::Column(name) => name.to_string(),
        ElementKey::Expression(sql) => format!("({sql})"),
    };
    let collation = it.collation.as_ref().map(|name| format!(" collate {name}")).unwrap_or_default();
    let class = it.opclass.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    format!("{key}{collation}{class}{}{}", flag(it.descending, "desc"), flag(it.nulls_first, "nulls first"))
}

fn trigger(it: &Trigger) -> String {
    let events = [
        (it.events.insert, "insert"),
        (it.events.update, "update"),
        (it.events.delete, "delete"),
        (it.events.truncate, "truncate"),
    ];
    let events: Vec<&str> = events.into_iter().filter(|(on, _)| *on).map(|(_, name)| name).collect();
    let columns =
        if it.events.update_of.is_empty() { String::new() } else { format!(" of {}", names(&it.events.update_of)) };
    let when = it.when.as_ref().map(|sql| format!(" when {sql}")).unwrap_or_default();
    let tables = [("old", &it.old_table), ("new", &it.new_table)];
    let tables: String = tables.iter().filter_map(|(word, name)| Some(format!(" {word} {}", name.as_ref()?))).collect();
    let constraint = it.constraint.map(|when| format!(" constraint {when:?}")).unwrap_or_default();
    let each = if it.each_row { "row" } else { "statement" };
    let fires = format!("{:?} {}{columns} each {each}{tables}{when}{constraint}", it.timing, events.join("|"));
    format!("{fires} calls {}{:?} {:?}{}", it.function, it.args, it.enabled, comment(&it.comment))
}

fn view(out: &mut String, name: &Name, it: &View) {
    let columns = if it.columns.is_empty() { String::new() } else { format!("({})", names(&it.columns)) };
    let kind = if it.materialized { "materialized view" } else { "view" };
    let options: String = it.options.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    let (query, clustered) = (&it.query, clustered(&it.clustered_on));
    line(out, 0, &format!("{kind} {name}{columns}{options}{clustered}{}: {query}", comment(&it.comment)));
    for (column, sql) in &it.column_defaults {
        line(out, 2, &format!("{column} default {sql}"));
    }
    for (column, text) in &it.column_comments {
        line(out, 2, &format!("{column} -- {text}"));
    }
    it.indexes.iter().for_each(|(name, it)| line(out, 2, &format!("index {name} {}", index(it))));
    it.triggers.iter().for_each(|(name, it)| line(out, 2, &format!("trigger {name} {}", trigger(it))));
}

fn routine(it: &Routine) -> String {
    let mode = |mode: Mode| if mode == Mode::In { String::new() } else { format!("{mode:?} ") };
    let args: Vec<String> = it
        .args
        .iter()
        .map(|arg| {
            let name = arg.name.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
            let default = arg.default.as_ref().map(|sql| format!(" = {sql}")).unwrap_or_default();
            format!("{}{name}{}{default}", mode(arg.mode), arg.ty)
        })
        .collect();
    let returns = match &it.returns {
        Returns::None => String::new(),
        Returns::Type(ty) => format!(" -> {ty}"),
        Returns::SetOf(ty) => format!(" -> setof {ty}"),
        Returns::Table(columns) => {
            let columns: Vec<String> = columns.iter().map(|(name, ty)| format!("{name} {ty}")).collect();
            format!(" -> table({})", columns.join(", "))
        }
    };
    let body = match &it.body {
        Body::Text(text) => format!("{text:?}"),
        Body::Library(file, symbol) => format!("{file}:{symbol}"),
        Body::Sql(sql) => sql.to_string(),
    };
    let a = &it.attributes;
    let words = [&a.volatility, &a.parallel, &a.cost, &a.rows];
    let words: String = words.into_iter().flatten().map(|word| format!(" {word}")).collect();
    let flags =
        [(a.strict, "strict"), (a.security_definer, "definer"), (a.leakproof, "leakproof"), (a.window, "window")];
    let flags: String = flags.into_iter().map(|(on, text)| flag(on, text)).collect();
    let settings: String = a.settings.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    let attributes = format!("{words}{flags}{settings}");
    format!(" [{}]{returns} {}{attributes} {body}{}", args.join(", "), it.language, comment(&it.comment))
}
