//! The facts of an object: what can differ about it, one property each.
//!
//! Two objects of one kind are the same for PostgreSQL when their facts are. Documentation, hints, intents and the
//! order of columns are not among them.

use std::borrow::Cow;

use super::Fact;
use super::object::{self, Object};
use super::privileges::{grants_with, spell_grant};
use super::property::{Place, Property, Value};
use crate::model::canonical;
use crate::model::constraint::{Action, Constraint, ConstraintKind, Deferrable, ForeignKey, Key};
use crate::model::datatype::DataType;
use crate::model::id::ObjectId;
use crate::model::index::{ElementKey, Family, Index, IndexElement};
use crate::model::name::Name;
use crate::model::relation::{Trigger, View};
use crate::model::routine::{Argument, Body, Returns, Routine};
use crate::model::security::Policy;
use crate::model::sequence::{Sequence, SequenceOptions};
use crate::model::table::{Column, ReplicaIdentity, Table};
use crate::model::types::{Attribute, Domain, TypeKind, UserType};
use crate::model::{Extension, Model, Sql};

/// The value of a fact that is only there or not, such as NOT NULL.
pub const SET: &str = "set";

/// The properties that differ between the objects that are called `id` in two models.
pub fn differences(from: &Model, to: &Model, id: &ObjectId) -> Vec<Fact> {
    // Facts are of the object alone, and of most objects none differs.
    if object::find(from, id) == object::find(to, id) && grants_with(from, id) == grants_with(to, id) {
        return Vec::new();
    }
    let (old, new) = (of(from, id), of(to, id));
    let mut facts = Vec::new();
    for before in &old {
        let after = new.iter().find(|after| after.name == before.name);
        if after.is_none_or(|after| !before.value.same(from, &after.value, to)) {
            let old = Some(before.value.to_string());
            facts.push(Fact { name: before.name.clone(), old, new: after.map(|after| after.value.to_string()) });
        }
    }
    if matches!(id, ObjectId::Extension(_)) {
        // An extension brings a version and a comment of its own: saying none does not ask for none.
        facts.retain(|fact: &Fact| fact.new.is_some() || fact.name == "schema");
    }
    for after in new.iter().filter(|after| old.iter().all(|before| before.name != after.name)) {
        facts.push(Fact { name: after.name.clone(), old: None, new: Some(after.value.to_string()) });
    }
    facts
}

/// The facts of the object `id`, its privileges included; none when the model lacks it.
pub(super) fn of<'a>(model: &'a Model, id: &'a ObjectId) -> Vec<Property<'a>> {
    let mut list = Facts(Vec::new());
    let Some(object) = object::find(model, id) else { return Vec::new() };
    match (object, id) {
        (Object::Schema(schema), _) => list.some("comment", &schema.comment),
        (Object::Extension(extension), _) => list.extension(extension),
        (Object::Type(ty), _) => list.user_type(ty),
        (Object::Sequence(sequence), _) => list.sequence(sequence),
        (Object::Table(table), _) => list.table(table),
        (Object::Column(column), ObjectId::Column(table, _)) => list.column(table, column),
        (Object::Constraint(constraint), ObjectId::Constraint(table, _)) => list.constraint(table, constraint),
        (Object::Index(index), ObjectId::Index(table, _)) => list.index(table, index),
        (Object::Trigger(trigger), ObjectId::Trigger(table, _)) => list.trigger(table, trigger),
        (Object::Policy(policy), ObjectId::Policy(table, _)) => list.policy(table, policy),
        (Object::View(view), _) => list.view(view),
        (Object::Routine(routine), ObjectId::Routine(signature)) => list.routine(&signature.name, routine),
        (Object::Other(other), _) => {
            list.sql("definition", Some(&other.definition), Place::Body);
            list.some("comment", &other.comment);
        }
        (
            Object::Column(_)
            | Object::Constraint(_)
            | Object::Index(_)
            | Object::Trigger(_)
            | Object::Policy(_)
            | Object::Routine(_),
            _,
        ) => {}
    }
    for (key, grant) in grants_with(model, id) {
        let column = key.column.as_ref().map(|column| format!(" ({column})")).unwrap_or_default();
        list.text(format!("privilege {}{column} of {}", key.privilege, key.grantee), spell_grant(&grant));
    }
    list.0
}

struct Facts<'a>(Vec<Property<'a>>);

impl<'a> Facts<'a> {
    fn text(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        self.0.push(Property { name: name.into(), value: Value::Text(value.into()) });
    }

    fn some<T: ToString>(&mut self, name: &'static str, value: &Option<T>) {
        if let Some(value) = value {
            self.text(name, value.to_string());
        }
    }

    fn flag(&mut self, name: &'static str, set: bool) {
        if set {
            self.text(name, SET);
        }
    }

    fn list<T: ToString>(&mut self, name: &'static str, values: &[T]) {
        if !values.is_empty() {
            self.text(name, join(values));
        }
    }

    fn sql(&mut self, name: impl Into<Cow<'static, str>>, value: Option<&'a Sql>, place: Place<'a>) {
        if let Some(sql) = value {
            self.0.push(Property { name: name.into(), value: Value::Sql(sql, place) });
        }
    }

    /// A default of NULL is none.
    fn default(&mut self, name: impl Into<Cow<'static, str>>, value: Option<&'a Sql>, ty: &'a DataType) {
        let said = |sql: &&Sql| !sql.as_str().trim().eq_ignore_ascii_case("null");
        self.sql(name, value.filter(said), Place::Default(ty));
    }

    fn extension(&mut self, extension: &Extension) {
        self.some("schema", &extension.schema);
        self.some("version", &extension.version);
        self.some("comment", &extension.comment);
    }

    fn user_type(&mut self, ty: &'a UserType) {
        match &ty.kind {
            TypeKind::Enum(values) => {
                let labels: Vec<&str> = values.iter().map(|value| value.label.as_str()).collect();
                self.text("values", labels.join(", "));
            }
            TypeKind::Domain(domain) => self.domain(domain),
            TypeKind::Composite(attributes) => self.attributes(attributes),
            TypeKind::Range(parameters) => {
                let spelled: Vec<String> = parameters.iter().map(|(key, value)| format!("{key} = {value}")).collect();
                self.text("range", spelled.join(", "));
            }
        }
        self.some("comment", &ty.comment);
    }

    fn domain(&mut self, domain: &'a Domain) {
        self.text("base type", domain.base.to_string());
        self.some("collation", &domain.collation);
        self.default("default", domain.default.as_ref(), &domain.base);
        self.flag("not null", domain.not_null);
        for (name, check) in &domain.checks {
            self.sql(format!("check {name}"), Some(&check.expression), Place::Domain(&domain.base));
            if check.not_valid {
                self.text(format!("check {name} not valid"), SET);
            }
            if let Some(comment) = &check.comment {
                self.text(format!("comment on {name}"), comment);
            }
        }
    }

    fn attributes(&mut self, attributes: &[Attribute]) {
        // A composite type's attributes are a row's shape: their order is meaning.
        let names: Vec<&str> = attributes.iter().map(|attribute| attribute.name.as_str()).collect();
        self.text("attributes", names.join(", "));
        for attribute in attributes {
            let collation = attribute.collation.as_ref().map(|name| format!(" collate {name}")).unwrap_or_default();
            self.text(format!("attribute {}", attribute.name), format!("{}{collation}", attribute.ty));
            if let Some(comment) = &attribute.comment {
                self.text(format!("comment on {}", attribute.name), comment);
            }
        }
    }

    fn sequence(&mut self, sequence: &Sequence) {
        self.options(&sequence.options);
        self.flag("unlogged", sequence.unlogged);
        if let Some((table, column)) = &sequence.owned_by {
            self.text("owned by", format!("{table}.{column}"));
        }
        self.some("comment", &sequence.comment);
    }

    fn options(&mut self, options: &SequenceOptions) {
        self.some("sequence type", &options.ty);
        self.some("increment", &options.increment);
        self.some("start", &options.start);
        self.some("minimum", &options.min);
        self.some("maximum", &options.max);
        self.some("cache", &options.cache);
        self.flag("cycle", options.cycle);
        self.some("sequence name", &options.name);
    }

    fn table(&mut self, table: &Table) {
        if let Some(by) = &table.partition_by {
            self.text("partition by", format!("{} ({})", by.strategy, spell_elements(&by.elements)));
        }
        if let Some(of) = &table.partition_of {
            self.text("partition of", format!("{} {}", of.parent, of.bound));
        }
        self.list("inherits", &table.inherits);
        self.flag("unlogged", table.unlogged);
        for (key, value) in &table.options {
            self.text(format!("storage parameter {key}"), value);
        }
        self.flag("row level security", table.row_security);
        self.flag("forced row level security", table.force_row_security);
        self.some("clustered on", &table.clustered_on);
        match &table.replica_identity {
            None => {}
            Some(ReplicaIdentity::Full) => self.text("replica identity", "full"),
            Some(ReplicaIdentity::Nothing) => self.text("replica identity", "nothing"),
            Some(ReplicaIdentity::Index(name)) => self.text("replica identity", format!("using index {name}")),
        }
        self.some("comment", &table.comment);
    }

    fn column(&mut self, table: &'a Name, column: &'a Column) {
        self.text("type", column.ty.to_string());
        self.some("collation", &column.collation);
        if let Some(generated) = &column.generated {
            self.sql("generated", Some(&generated.expression), Place::Generated(table, &column.ty));
            self.flag("stored", generated.stored);
        }
        self.default("default", column.default.as_ref(), &column.ty);
        if let Some(identity) = &column.identity {
            self.text("identity", if identity.always { "always" } else { "by default" });
            self.options(&identity.options);
        }
        self.flag("not null", column.not_null);
        self.some("storage", &column.storage);
        self.some("compression", &column.compression);
        self.some("statistics", &column.statistics);
        for (key, value) in &column.options {
            self.text(format!("option {key}"), value);
        }
        self.some("comment", &column.comment);
    }

    fn constraint(&mut self, table: &'a Name, constraint: &'a Constraint) {
        match &constraint.kind {
            ConstraintKind::PrimaryKey(key) => self.key("primary key", key),
            ConstraintKind::Unique(key) => self.key("unique", key),
            ConstraintKind::ForeignKey(key) => self.foreign_key(key),
            ConstraintKind::Check(expression) => self.sql("check", Some(expression), Place::Table(table)),
            ConstraintKind::Exclude(exclude) => {
                let elements: Vec<String> = exclude
                    .elements
                    .iter()
                    .map(|(element, operator)| format!("{} with {operator}", spell_element(element)))
                    .collect();
                self.text("exclude", format!("using {} ({})", exclude.method, elements.join(", ")));
                self.list("include", &exclude.include);
                self.sql("predicate", exclude.predicate.as_ref(), Place::Table(table));
            }
        }
        match constraint.deferrable {
            Deferrable::No => {}
            Deferrable::InitiallyImmediate => self.text("deferrable", "initially immediate"),
            Deferrable::InitiallyDeferred => self.text("deferrable", "initially deferred"),
        }
        self.flag("not valid", constraint.not_valid);
        self.flag("no inherit", constraint.no_inherit);
        self.some("comment", &constraint.comment);
    }

    fn key(&mut self, kind: &'static str, key: &Key) {
        self.text(kind, format!("({})", join(&key.columns)));
        self.list("include", &key.include);
        self.flag("nulls not distinct", key.nulls_not_distinct);
        self.list("storage parameters", &key.options);
        self.family(&key.family);
    }

    fn foreign_key(&mut self, key: &ForeignKey) {
        let referenced = join(&key.referenced);
        self.text("foreign key", format!("({}) references {}({referenced})", join(&key.columns), key.table));
        for (name, action) in [("on delete", key.on_delete), ("on update", key.on_update)] {
            if action != Action::NoAction {
                self.text(name, spell_action(action).to_lowercase());
            }
        }
        self.list("columns to set", &key.set_columns);
        self.flag("match full", key.match_full);
    }

    fn index(&mut self, table: &'a Name, index: &'a Index) {
        self.text("method", &index.method);
        self.flag("unique", index.unique);
        for (at, element) in index.elements.iter().enumerate() {
            match &element.key {
                ElementKey::Column(name) => self.text(format!("element {}", at + 1), name.to_string()),
                ElementKey::Expression(sql) => self.sql(format!("element {}", at + 1), Some(sql), Place::Table(table)),
            }
            let order = spell_order(element);
            if !order.is_empty() {
                self.text(format!("order of element {}", at + 1), order);
            }
        }
        self.list("include", &index.include);
        self.flag("nulls not distinct", index.nulls_not_distinct);
        self.sql("predicate", index.predicate.as_ref(), Place::Table(table));
        self.list("storage parameters", &index.options);
        self.family(&index.family);
        self.some("comment", &index.comment);
    }

    fn family(&mut self, family: &Family) {
        self.flag("on its own table only", family.only);
        self.some("attached to", &family.attached_to);
    }

    fn trigger(&mut self, table: &'a Name, trigger: &'a Trigger) {
        let events = &trigger.events;
        let named = [("insert", events.insert), ("update", events.update), ("delete", events.delete)];
        let fired: Vec<&str> = named.into_iter().filter(|(_, on)| *on).map(|(name, _)| name).collect();
        self.text("timing", format!("{:?}", trigger.timing).to_lowercase());
        self.text("events", fired.join(" or "));
        self.flag("truncate", events.truncate);
        self.list("update of", &events.update_of);
        self.flag("for each row", trigger.each_row);
        self.sql("condition", trigger.when.as_ref(), Place::Trigger(table));
        self.text("function", format!("{}({})", trigger.function, trigger.args.join(", ")));
        self.some("old table", &trigger.old_table);
        self.some("new table", &trigger.new_table);
        if let Some(constraint) = &trigger.constraint {
            self.text("constraint trigger", format!("{constraint:?}").to_lowercase());
        }
        self.some("from table", &trigger.from_table);
        self.text("enabled", format!("{:?}", trigger.enabled).to_lowercase());
        self.some("comment", &trigger.comment);
    }

    fn policy(&mut self, table: &'a Name, policy: &'a Policy) {
        self.text("kind", if policy.permissive { "permissive" } else { "restrictive" });
        self.text("command", &policy.command);
        self.list("roles", &policy.roles);
        self.sql("using", policy.using.as_ref(), Place::Table(table));
        self.sql("check", policy.check.as_ref(), Place::Table(table));
        self.some("comment", &policy.comment);
    }

    fn view(&mut self, view: &'a View) {
        self.flag("materialized", view.materialized);
        self.sql("query", Some(&view.query), Place::Query(view));
        self.list("columns", &view.columns);
        for (key, value) in &view.options {
            self.text(format!("option {key}"), value);
        }
        for (column, default) in &view.column_defaults {
            self.sql(format!("default of {}", column.as_str()), Some(default), Place::ViewColumn);
        }
        self.some("clustered on", &view.clustered_on);
        self.some("comment", &view.comment);
        for (column, comment) in &view.column_comments {
            self.text(format!("comment on {column}"), comment);
        }
    }

    fn routine(&mut self, name: &'a Name, routine: &'a Routine) {
        self.text("kind", format!("{:?}", routine.kind).to_lowercase());
        let arguments: Vec<String> = routine.args.iter().map(spell_argument).collect();
        self.text("arguments", arguments.join(", "));
        for (at, argument) in routine.args.iter().enumerate() {
            // A default of NULL makes an argument optional: it is not none.
            let name = format!("default of argument {}", at + 1);
            self.sql(name, argument.default.as_ref(), Place::Default(&argument.ty));
        }
        self.text("returns", spell_returns(&routine.returns));
        self.text("language", routine.language.to_string());
        match &routine.body {
            Body::Text(text) => self.text("body", text),
            Body::Library(file, symbol) => self.text("body", format!("{file}, {symbol}")),
            Body::Sql(sql) => self.sql("body", Some(sql), Place::Routine(name, routine)),
        }
        let attributes = &routine.attributes;
        self.some("volatility", &attributes.volatility);
        self.flag("strict", attributes.strict);
        self.flag("security definer", attributes.security_definer);
        self.flag("leakproof", attributes.leakproof);
        self.flag("window", attributes.window);
        self.some("parallel", &attributes.parallel);
        self.some("cost", &attributes.cost);
        self.some("rows", &attributes.rows);
        self.some("support", &attributes.support);
        for (key, value) in &attributes.settings {
            self.text(format!("setting {key}"), canonical::setting(value));
        }
        self.some("comment", &routine.comment);
    }
}

/// `a, b, c`.
pub fn join<T: ToString>(values: &[T]) -> String {
    values.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

/// The action as SQL spells it.
pub fn spell_action(action: Action) -> &'static str {
    match action {
        Action::NoAction => "NO ACTION",
        Action::Restrict => "RESTRICT",
        Action::Cascade => "CASCADE",
        Action::SetNull => "SET NULL",
        Action::SetDefault => "SET DEFAULT",
    }
}

fn spell_argument(argument: &Argument) -> String {
    let name = argument.name.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
    format!("{} {name}{}", format!("{:?}", argument.mode).to_lowercase(), argument.ty)
}

fn spell_returns(returns: &Returns) -> String {
    match returns {
        Returns::None => "nothing".to_owned(),
        Returns::Type(ty) => ty.to_string(),
        Returns::SetOf(ty) => format!("setof {ty}"),
        Returns::Table(columns) => {
            let columns: Vec<String> = columns.iter().map(|(name, ty)| format!("{name} {ty}")).collect();
            format!("table ({})", columns.join(", "))
        }
    }
}

fn spell_elements(elements: &[IndexElement]) -> String {
    elements.iter().map(spell_element).collect::<Vec<_>>().join(", ")
}

fn spell_element(element: &IndexElement) -> String {
    let key = match &element.key {
        ElementKey::Column(name) => name.to_string(),
        ElementKey::Expression(sql) => format!("({sql})"),
    };
    let order = spell_order(element);
    if order.is_empty() { key } else { format!("{key} {order}") }
}

fn spell_order(element: &IndexElement) -> String {
    let mut words = Vec::new();
    if let Some(collation) = &element.collation {
        words.push(format!("collate {collation}"));
    }
    if let Some(opclass) = &element.opclass {
        let options = element.opclass_options.as_ref().map(|options| format!("({options})")).unwrap_or_default();
        words.push(format!("{opclass}{options}"));
    }
    if element.descending {
        words.push("desc".to_owned());
    }
    if element.nulls_first != element.descending {
        words.push(if element.nulls_first { "nulls first" } else { "nulls last" }.to_owned());
    }
    words.join(" ")
}
