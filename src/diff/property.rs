//! A property of an object: a name, and a value that is a text, or SQL, which may be spelled in many ways.

use std::borrow::Cow;
use std::fmt;

use crate::model::canonical::{self, Scope};
use crate::model::datatype::DataType;
use crate::model::name::Name;
use crate::model::relation::View;
use crate::model::routine::Routine;
use crate::model::{Model, Sql};

/// One property of an object.
#[derive(Clone, Debug)]
pub struct Property<'a> {
    /// What it is about.
    pub name: Cow<'static, str>,
    /// Its value.
    pub value: Value<'a>,
}

/// A property's value.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// Text that is the same only when it is equal.
    Text(String),
    /// SQL, which may be spelled in many ways, and what its names may refer to.
    Sql(&'a Sql, Place<'a>),
}

/// Where an expression stands.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// Among the columns of a table or view.
    Table(&'a Name),
    /// In a trigger of a table or view.
    Trigger(&'a Name),
    /// In a check of a domain over the type.
    Domain(&'a DataType),
    /// As the default of something of the type.
    Default(&'a DataType),
    /// Among the columns of a table, for a value of the type.
    Generated(&'a Name, &'a DataType),
    /// As the default of a view's column.
    ViewColumn,
    /// As the query of the view.
    Query(&'a View),
    /// As the body of a routine.
    Routine(&'a Name, &'a Routine),
    /// In a definition that is carried whole.
    Body,
}

impl Value<'_> {
    /// Whether PostgreSQL would store the two, each in its model, as the same.
    pub fn same(&self, model: &Model, other: &Value<'_>, other_model: &Model) -> bool {
        match (self, other) {
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::Sql(a, _), Value::Sql(b, _)) if a == b => true,
            (Value::Sql(a, at), Value::Sql(b, bt)) => meaning(a, *at, model) == meaning(b, *bt, other_model),
            _ => false,
        }
    }
}

/// The canonical form of a piece of SQL. The only place where diff asks what SQL means.
pub(super) fn meaning(sql: &Sql, place: Place<'_>, model: &Model) -> Option<String> {
    let form = |scope: Scope<'_>| Some(canonical::expression(sql, &scope));
    match place {
        Place::Table(name) => form(Scope::of_table(model, name)),
        Place::Trigger(name) => form(Scope::of_trigger(model, name)),
        Place::Domain(base) => form(Scope::of_domain(model, base)),
        Place::Default(ty) => canonical::assigned(sql, ty, &Scope::of_model(model)),
        Place::Generated(name, ty) => canonical::assigned(sql, ty, &Scope::of_table(model, name)),
        Place::ViewColumn => Some(canonical::default_of_view(sql, model)),
        Place::Query(view) => Some(canonical::view_query(view, model)),
        Place::Routine(name, routine) => Some(canonical::body(sql, name, routine, model)),
        Place::Body => Some(canonical::definition(sql, model)),
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Sql(sql, _) => f.write_str(sql.as_str()),
        }
    }
}
