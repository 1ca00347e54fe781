//! What a complete schema speaks of and nothing in it makes: types, and the tables and columns of foreign keys.
//!
//! Only for files that are a whole schema; a module's partial view may speak of what another module declares. What may
//! come from elsewhere is taken to be there: a type that an extension in use may bring, and all in a schema (`auth`) of
//! which the files describe nothing.

use std::collections::BTreeSet;

use super::Lowered;
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::model::Model;
use crate::model::constraint::ForeignKey;
use crate::model::datatype::DataType;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::routine::{Returns, Routine};
use crate::model::table::Table;
use crate::model::types::{TypeKind, UserType};

/// The types that extensions bring; what is not listed may bring any.
const BROUGHT: [(&str, &[&str]); 22] = [
    ("btree_gin", &[]),
    ("btree_gist", &[]),
    ("citext", &["citext"]),
    ("cube", &["cube"]),
    ("dblink", &[]),
    ("fuzzystrmatch", &[]),
    ("hstore", &["hstore", "ghstore"]),
    ("intarray", &["query_int"]),
    ("isn", &["ean13", "isbn", "isbn13", "ismn", "ismn13", "issn", "issn13", "upc"]),
    ("lo", &["lo"]),
    ("ltree", &["ltree", "lquery", "ltxtquery"]),
    ("pg_stat_statements", &[]),
    ("pg_trgm", &["gtrgm"]),
    ("pgcrypto", &[]),
    ("pgstattuple", &[]),
    ("postgres_fdw", &[]),
    ("seg", &["seg"]),
    ("tablefunc", &[]),
    ("unaccent", &[]),
    ("uuid-ossp", &[]),
    ("vector", &["vector", "halfvec", "sparsevec"]),
    ("xml2", &[]),
];

/// The extension that brings a type of this name, as far as that is known.
pub fn extension_of(ty: &str) -> Option<&'static str> {
    if matches!(ty, "geometry" | "geography") {
        return Some("postgis");
    }
    BROUGHT.iter().find(|(_, types)| types.contains(&ty)).map(|(extension, _)| *extension)
}

/// The findings, in the order of the objects that they are about.
pub fn unresolved(lowered: &Lowered) -> Vec<Diagnostic> {
    let model = &lowered.model;
    let known = Known::of(model);
    let mut found = Found { lowered, known, diagnostics: Vec::new() };
    for (name, ty) in &model.types {
        found.user_type(name, ty);
    }
    for (name, table) in &model.tables {
        found.table(name, table);
    }
    for (signature, routine) in &model.routines {
        found.routine(&ObjectId::Routine(signature.clone()), routine);
    }
    found.diagnostics
}

/// The types that a module's SQL speaks of and that neither it nor the business-wide model makes: its prototype does not load.
pub fn unknown_types(lowered: &Lowered, common: &Model) -> Vec<Diagnostic> {
    let model = &lowered.model;
    let mut known = Known::of(model);
    let beside = Known::of(common);
    let named = common.tables.keys().chain(common.types.keys()).chain(common.views.keys());
    known.types.extend(beside.types.into_iter().chain(named.cloned()));
    known.extended |= beside.extended;
    let mut found = Found { lowered, known, diagnostics: Vec::new() };
    for (name, ty) in &model.types {
        found.user_type(name, ty);
    }
    for (name, table) in &model.tables {
        found.columns(name, table);
    }
    let help =
        "declare it here or in the business-wide model; what only another module declares is missing in the prototype";
    let told = |found: Diagnostic| {
        let found = Diagnostic { severity: Severity::Warning, code: "unknown-type".into(), ..found };
        if found.help.iter().any(|help| help.starts_with("did you mean")) { found } else { found.help(help) }
    };
    found.diagnostics.into_iter().map(told).collect()
}

/// What names may mean.
struct Known<'m> {
    /// The types that come with others: multiranges, and those that the model carries whole.
    types: BTreeSet<Name>,
    /// The schemas of which something is described.
    schemas: BTreeSet<&'m Ident>,
    /// Whether an extension is in use that may bring any type.
    extended: bool,
}

impl<'m> Known<'m> {
    fn of(model: &'m Model) -> Known<'m> {
        let multiranges = model.types.iter().filter_map(|(name, ty)| ty.multirange(name));
        let whole = model.others.keys().filter(|id| matches!(id.kind.as_str(), "TYPE" | "FOREIGN TABLE"));
        let whole = whole.map(|id| match id.name.split_once('.') {
            Some((schema, name)) => Name::qualified(unquoted(schema), unquoted(name)),
            None => Name::local(unquoted(&id.name)),
        });
        let tables = model.tables.keys().chain(model.views.keys()).chain(model.types.keys());
        let schemas = tables.filter_map(|name| name.schema.as_ref()).chain(model.schemas.keys());
        let listed = |name: &Ident| BROUGHT.iter().any(|(known, _)| *known == name.as_str());
        let extended = !model.extensions.keys().all(listed);
        Known { types: multiranges.chain(whole).collect(), schemas: schemas.collect(), extended }
    }
}

/// Whether an extension or the server's own catalog has a type of this name.
fn is_brought(name: &Ident) -> bool {
    let name = name.as_str();
    BROUGHT.iter().any(|(_, types)| types.contains(&name)) || name.starts_with("pg_") || name.ends_with("_handler")
}

fn unquoted(name: &str) -> &str {
    name.trim_matches('"')
}

struct Found<'m> {
    lowered: &'m Lowered,
    known: Known<'m>,
    diagnostics: Vec<Diagnostic>,
}

impl Found<'_> {
    /// Whether the files describe the schema in which `name` would be.
    fn is_ours(&self, name: &Name) -> bool {
        name.schema.as_ref().is_none_or(|schema| self.known.schemas.contains(schema))
    }

    fn user_type(&mut self, name: &Name, ty: &UserType) {
        let id = ObjectId::Type(name.clone());
        match &ty.kind {
            TypeKind::Domain(domain) => self.data_type(&id, &domain.base),
            TypeKind::Composite(attributes) => attributes.iter().for_each(|it| self.data_type(&id, &it.ty)),
            TypeKind::Enum(_) | TypeKind::Range(_) => {}
        }
    }

    fn columns(&mut self, name: &Name, table: &Table) {
        for column in table.columns.iter().filter(|column| !column.inherited) {
            self.data_type(&ObjectId::Column(name.clone(), column.name.clone()), &column.ty);
        }
    }

    fn table(&mut self, name: &Name, table: &Table) {
        self.columns(name, table);
        for (key, constraint) in &table.constraints {
            if let Some(foreign) = constraint.foreign_key() {
                self.foreign_key(&ObjectId::Constraint(name.clone(), key.clone()), foreign);
            }
        }
    }

    fn routine(&mut self, id: &ObjectId, routine: &Routine) {
        routine.args.iter().for_each(|argument| self.data_type(id, &argument.ty));
        match &routine.returns {
            Returns::Type(ty) | Returns::SetOf(ty) => self.data_type(id, ty),
            Returns::Table(columns) => columns.iter().for_each(|(_, ty)| self.data_type(id, ty)),
            Returns::None => {}
        }
    }

    fn data_type(&mut self, id: &ObjectId, ty: &DataType) {
        let Some(name) = ty.user_type().filter(|name| !self.known.extended && self.is_ours(name)) else { return };
        let model = &self.lowered.model;
        let is_row = model.tables.contains_key(name) || model.views.contains_key(name);
        if is_row || model.types.contains_key(name) || self.known.types.contains(name) || is_brought(&name.name) {
            return;
        }
        let names: Vec<String> = model.types.keys().map(Name::to_string).collect();
        let near = nearest(name.name.as_str(), crate::model::datatype::builtin_names());
        let near = near.or_else(|| nearest(&name.to_string(), names.iter().map(String::as_str))).map(str::to_owned);
        let help = "if an extension brings it, say so with CREATE EXTENSION".to_owned();
        self.report(id, format!("there is no type `{name}`"), near, Some(help));
    }

    fn foreign_key(&mut self, id: &ObjectId, key: &ForeignKey) {
        if !self.is_ours(&key.table) {
            return;
        }
        let model = &self.lowered.model;
        let Some(table) = model.tables.get(&key.table) else {
            let names: Vec<String> = model.tables.keys().map(Name::to_string).collect();
            let near = nearest(&key.table.to_string(), names.iter().map(String::as_str)).map(str::to_owned);
            return self.report(id, format!("there is no table `{}`", key.table), near, None);
        };
        for column in key.referenced.iter().filter(|column| table.column(column.as_str()).is_none()) {
            let names = table.columns.iter().map(|column| column.name.as_str());
            let near = nearest(column.as_str(), names).map(str::to_owned);
            self.report(id, format!("the table `{}` has no column `{column}`", key.table), near, None);
        }
    }

    fn report(&mut self, id: &ObjectId, message: String, near: Option<String>, help: Option<String>) {
        let origins = &self.lowered.origins;
        let table = || match id {
            ObjectId::Column(table, _) | ObjectId::Constraint(table, _) => origins.get(&ObjectId::Table(table.clone())),
            _ => None,
        };
        let Some(span) = origins.get(id).or_else(table) else { return };
        let finding = Diagnostic::error("missing-object", span.clone(), message);
        let help = near.map(|near| format!("did you mean `{near}`?")).or(help);
        self.diagnostics.push(match help {
            Some(help) => finding.help(help),
            None => finding,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::unresolved;
    use crate::model::lower::sql::lower;
    use crate::path::RepoPath;
    use crate::syntax::sql::parse;

    /// What is said of a schema, and at which line.
    fn said(text: &str) -> Vec<String> {
        let lowered = lower(&[parse(&RepoPath::root(), text)]);
        assert_eq!(lowered.diagnostics, []);
        let line = |at: usize| text[..at].matches('\n').count() + 1;
        let found = unresolved(&lowered).into_iter();
        found
            .map(|it| format!("{}: {}; {}", line(it.labels[0].span.range().start), it.message, it.help.join(" ")))
            .collect()
    }

    #[test]
    fn mistyped_names_are_told_with_the_nearest_one() {
        let text = "CREATE TABLE users (id int PRIMARY KEY);\nCREATE TABLE a (\n  n intger,\n  u int REFERENCES usres (id),\n  \
                    v int,\n  FOREIGN KEY (v) REFERENCES users (ids)\n);\nCREATE DOMAIN d AS txet;";
        assert_eq!(
            said(text),
            [
                "8: there is no type `txet`; did you mean `text`?",
                "3: there is no type `intger`; did you mean `integer`?",
                "4: there is no table `usres`; did you mean `users`?",
                "6: the table `users` has no column `ids`; did you mean `id`?",
            ]
        );
    }

    #[test]
    fn what_may_come_from_elsewhere_is_taken_to_be_there() {
        for text in [
            "CREATE EXTENSION postgis; CREATE TABLE a (g geometry, h box3d);",
            "CREATE EXTENSION citext; CREATE TABLE a (g citext[]);",
            "CREATE TABLE a (g citext, o auth.level, u uuid REFERENCES auth.users (id));",
            "CREATE TABLE b (id int); CREATE VIEW v AS SELECT 1 AS x; CREATE TABLE a (r b, s v, t b[]);",
            "CREATE TYPE fr AS RANGE (subtype = float8); CREATE TABLE a (r fr, m fr_multirange);",
            "CREATE FUNCTION f(r record) RETURNS SETOF anyelement LANGUAGE sql AS '';",
            "CREATE FUNCTION h() RETURNS fdw_handler LANGUAGE c AS 'x', 'h';",
        ] {
            assert_eq!(said(text), [""; 0], "{text}");
        }
        let text = "CREATE EXTENSION citext; CREATE TABLE a (g citex);";
        assert_eq!(
            said(text),
            ["1: there is no type `citex`; if an extension brings it, say so with CREATE EXTENSION"]
        );
    }
}
