//! Names that a table's parts say and that nothing brings: the function of a trigger, the method and the operator classes
//! of an index. A module may leave it to another one to define a function, so it is asked of all of them together.

use crate::diagnostic::{Diagnostic, nearest};
use crate::model::Model;
use crate::model::constraint::ConstraintKind;
use crate::model::datatype::DataType;
use crate::model::id::ObjectId;
use crate::model::index::{ElementKey, IndexElement};
use crate::model::name::Name;
use crate::model::routine::{Returns, Routine};
use crate::model::table::Table;

use super::Context;
use super::expressions::finding;

/// PostgreSQL's own access methods, each with its operator classes; those of BRIN are told by their ends.
/// Source: `src/include/catalog/pg_opclass.dat`, version 18.
const METHODS: [(&str, &str); 6] = [
    ("btree", SORTED),
    ("hash", SORTED),
    ("gist", "box circle inet multirange point poly range tsquery tsvector"),
    ("gin", "array jsonb jsonb_path tsvector"),
    ("spgist", "box inet kd_point poly quad_point range text"),
    ("brin", ""),
];

/// The operator classes of B-trees and hashes, of which few have but one of them.
const SORTED: &str = "aclitem array bit bool bpchar bpchar_pattern bytea char cid cidr date enum float4 float8 inet int2 \
                      int4 int8 interval jsonb macaddr macaddr8 money multirange name numeric oid oidvector pg_lsn range \
                      record record_image text text_pattern tid time timestamp timestamptz timetz tsquery tsvector uuid \
                      varbit varchar varchar_pattern xid xid8";

/// How the operator classes of BRIN end.
const OF_BRIN: [&str; 4] = ["_minmax_ops", "_minmax_multi_ops", "_bloom_ops", "_inclusion_ops"];

/// PostgreSQL's own trigger functions. Source: "Trigger Functions", "Text Search Features", `pg_proc.dat`.
const OWN: [&str; 4] = [
    "suppress_redundant_updates_trigger",
    "tsvector_update_trigger",
    "tsvector_update_trigger_column",
    "unique_key_recheck",
];

/// Extensions that bring no operator class, no access method and no trigger function.
const PLAIN: [&str; 10] = [
    "dblink",
    "fuzzystrmatch",
    "pg_stat_statements",
    "pgcrypto",
    "pgstattuple",
    "postgres_fdw",
    "tablefunc",
    "unaccent",
    "uuid-ossp",
    "xml2",
];

/// Those that bring operator classes, none of which a column of a type of PostgreSQL's has without naming it, and nothing
/// else: those of types of their own, and those of pg_trgm.
const OF_CLASSES: [&str; 7] = ["citext", "cube", "hstore", "isn", "ltree", "pg_trgm", "seg"];

/// Those that bring operator classes and no trigger functions.
const OF_INDEXES: [&str; 4] = ["btree_gin", "btree_gist", "intarray", "vector"];

/// Types that no B-tree can sort. Source: `pg_opclass.dat`.
const UNSORTED: [&str; 9] = ["json", "xml", "point", "box", "line", "lseg", "path", "polygon", "circle"];

/// Reports what the parts of a table name in vain, as far as that is certain.
pub fn check(name: &Name, table: &Table, model: &Model, context: &Context<'_>) -> Vec<Diagnostic> {
    let sight = Sight { name, table, model, context };
    [sight.triggers(), sight.indexes()].concat()
}

/// What is looked at.
struct Sight<'a> {
    name: &'a Name,
    table: &'a Table,
    model: &'a Model,
    context: &'a Context<'a>,
}

impl Sight<'_> {
    /// Whether every extension is among these.
    fn has_only(&self, known: &[&[&str]]) -> bool {
        let mut extensions = self.model.extensions.keys();
        extensions.all(|extension| known.iter().any(|known| known.contains(&extension.as_str())))
    }

    fn triggers(&self) -> Vec<Diagnostic> {
        let Sight { name, table, model, .. } = *self;
        let mut found = Vec::new();
        for (trigger, it) in &table.triggers {
            let function = &it.function;
            if !is_ours(function, model) || OWN.contains(&function.name.as_str()) {
                continue;
            }
            let mut named = model.routines.iter().filter(|(signature, _)| signature.name == *function).peekable();
            let (what, near) = if named.peek().is_some() {
                let fits = |routine: &Routine| match &routine.returns {
                    Returns::Type(ty) => ty.scalar_builtin() == Some("trigger") && routine.args.is_empty(),
                    _ => false,
                };
                if named.any(|(_, routine)| fits(routine)) {
                    continue;
                }
                ("which is no function without arguments that returns `trigger`", None)
            } else if self.has_only(&[&PLAIN, &OF_CLASSES, &OF_INDEXES]) {
                let names: Vec<String> = model.routines.keys().map(|signature| signature.name.to_string()).collect();
                let near = nearest(&function.to_string(), names.iter().map(String::as_str)).map(str::to_owned);
                ("which nothing defines", near)
            } else {
                continue;
            };
            let id = ObjectId::Trigger(name.clone(), trigger.clone());
            let what = format!("the trigger `{trigger}` of `{name}` calls `{function}`, {what}");
            found.push(self.unknown("unknown-function", &id, &what, near.as_deref()));
        }
        found
    }

    fn indexes(&self) -> Vec<Diagnostic> {
        let Sight { name, table, .. } = *self;
        let mut found = Vec::new();
        for (index, it) in &table.indexes {
            let id = ObjectId::Index(name.clone(), index.clone());
            found.extend(self.elements(&id, &format!("the index `{index}`"), &it.method, it.elements.iter()));
        }
        for (constraint, it) in &table.constraints {
            let id = ObjectId::Constraint(name.clone(), constraint.clone());
            let what = format!("the constraint `{constraint}`");
            match &it.kind {
                ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
                    found.extend(self.elements(&id, &what, "btree", key.index().elements.iter()));
                }
                ConstraintKind::Exclude(exclude) => {
                    let elements = exclude.elements.iter().map(|(element, _)| element);
                    found.extend(self.elements(&id, &what, &exclude.method, elements));
                }
                ConstraintKind::ForeignKey(_) | ConstraintKind::Check(_) => {}
            }
        }
        found
    }

    /// The elements of an index, or of what one stands behind.
    fn elements<'e>(
        &self,
        id: &ObjectId,
        what: &str,
        method: &str,
        elements: impl Iterator<Item = &'e IndexElement>,
    ) -> Vec<Diagnostic> {
        let Sight { name, table, model, .. } = *self;
        let made = |kind: &str| model.others.keys().any(|other| other.kind.contains(kind));
        let (method, mut found) = (method.to_ascii_lowercase(), Vec::new());
        let Some((_, classes)) = METHODS.iter().find(|(known, _)| *known == method) else {
            if self.has_only(&[&PLAIN, &OF_CLASSES]) && !made("ACCESS METHOD") {
                let what = format!("{what} of `{name}` is made with `{method}`, which is no access method");
                let near = nearest(&method, METHODS.iter().map(|(known, _)| *known));
                found.push(self.unknown("unknown-method", id, &what, near));
            }
            return found;
        };
        for element in elements.filter(|_| !made("OPERATOR CLASS")) {
            match (&element.opclass, &element.key) {
                (Some(class), _) => {
                    let stem = class.name.as_str().strip_suffix("_ops");
                    let is_known = stem.is_some_and(|stem| classes.split_whitespace().any(|known| known == stem))
                        || method == "brin" && OF_BRIN.iter().any(|end| class.name.as_str().ends_with(end));
                    if !is_known && is_ours(class, model) && self.has_only(&[&PLAIN]) {
                        let what =
                            format!("{what} of `{name}` names `{class}`, which is no operator class of {method}");
                        let names: Vec<String> =
                            classes.split_whitespace().map(|known| format!("{known}_ops")).collect();
                        let near = nearest(class.name.as_str(), names.iter().map(String::as_str));
                        found.push(self.unknown("unknown-operator-class", id, &what, near));
                    }
                }
                (None, ElementKey::Column(column)) => {
                    let ty = table.column(column.as_str()).map(|column| &column.ty);
                    let lacks = ty.filter(|ty| lacks_class(&method, ty) && self.has_only(&[&PLAIN, &OF_CLASSES]));
                    if let Some(ty) = lacks {
                        let what = format!(
                            "{what} of `{name}` cannot take `{column}`: {method} has no operator class for `{ty}`"
                        );
                        let help = match method.as_str() {
                            "gin" | "gist" if !UNSORTED.contains(&ty.scalar_builtin().unwrap_or_default()) => {
                                format!(
                                    "`CREATE EXTENSION btree_{method};` in an SQL file brings one; for texts, pg_trgm has others to be named"
                                )
                            }
                            _ => "take another type, such as `jsonb`, or index an expression of it".to_owned(),
                        };
                        found.push(self.told("unknown-operator-class", id, &what, help));
                    }
                }
                (None, ElementKey::Expression(_)) => {}
            }
        }
        found
    }

    fn unknown(&self, code: &'static str, id: &ObjectId, what: &str, near: Option<&str>) -> Diagnostic {
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if code == "unknown-function" && !what.ends_with("defines") => {
                "a function for triggers takes no arguments, and returns `trigger`".to_owned()
            }
            None => "if an extension brings it, say so with CREATE EXTENSION".to_owned(),
        };
        self.told(code, id, what, help)
    }

    fn told(&self, code: &'static str, id: &ObjectId, what: &str, help: String) -> Diagnostic {
        finding(code, id, self.name, format!("{what}: the schema does not load"), self.context).help(help)
    }
}

/// Whether no operator class is there for columns of a type that PostgreSQL has itself. Source: `pg_opclass.dat`, those with
/// `opcdefault`.
fn lacks_class(method: &str, ty: &DataType) -> bool {
    let Some(ty) = ty.scalar_builtin() else { return false };
    let shaped = ["box", "circle", "point", "polygon", "tsquery", "tsvector"];
    match method {
        "btree" | "hash" => UNSORTED.contains(&ty),
        "gin" => !matches!(ty, "jsonb" | "tsvector"),
        "gist" => !shaped.contains(&ty) && !ty.ends_with("range"),
        _ => false,
    }
}

/// Whether the schema files describe the schema in which `name` would be.
fn is_ours(name: &Name, model: &Model) -> bool {
    name.schema.as_ref().is_none_or(|schema| model.schemas.contains_key(schema))
}
