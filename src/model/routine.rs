//! Functions and procedures.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::datatype::DataType;
use super::name::{Ident, Name, Signature};
use super::{Hints, Sql};

/// A function or a procedure; its signature is its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routine {
    /// Which of the two.
    pub kind: RoutineKind,
    /// All arguments, in order.
    pub args: Vec<Argument>,
    /// What it returns; a procedure returns nothing.
    pub returns: Returns,
    /// The language, in lower case.
    pub language: Ident,
    /// What it does.
    pub body: Body,
    /// Everything that decides how it is called.
    pub attributes: Attributes,
    /// `COMMENT ON FUNCTION`.
    pub comment: Option<String>,
    /// How past states are carried over.
    pub hints: Hints,
}

/// A function or a procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoutineKind {
    /// `CREATE FUNCTION`.
    Function,
    /// `CREATE PROCEDURE`.
    Procedure,
}

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Argument {
    /// Its name, if it has one.
    pub name: Option<Ident>,
    /// Which way it goes.
    pub mode: Mode,
    /// Its type.
    pub ty: DataType,
    /// Its default.
    pub default: Option<Sql>,
}

/// Which way an argument goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// `IN`.
    In,
    /// `OUT`.
    Out,
    /// `INOUT`.
    InOut,
    /// `VARIADIC`.
    Variadic,
}

/// What a routine returns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Returns {
    /// Nothing said: a procedure, or what its OUT arguments make.
    None,
    /// One value.
    Type(DataType),
    /// `SETOF`.
    SetOf(DataType),
    /// `TABLE (…)`.
    Table(Vec<(Ident, DataType)>),
}

/// What a routine does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// A string in the routine's language, unquoted, exact.
    Text(String),
    /// `AS 'object file', 'symbol'`.
    Library(String, String),
    /// A body of SQL statements: `RETURN …` or `BEGIN ATOMIC … END`, as written.
    Sql(Sql),
}

/// How a routine is called. The defaults are PostgreSQL's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes {
    /// `immutable` or `stable`; `None` is volatile.
    pub volatility: Option<String>,
    /// `STRICT`.
    pub strict: bool,
    /// `SECURITY DEFINER`.
    pub security_definer: bool,
    /// `LEAKPROOF`.
    pub leakproof: bool,
    /// `WINDOW`.
    pub window: bool,
    /// `safe` or `restricted`; `None` is unsafe.
    pub parallel: Option<String>,
    /// `COST`, when not the language's default.
    pub cost: Option<String>,
    /// `ROWS`, when not 1000.
    pub rows: Option<String>,
    /// `SUPPORT`.
    pub support: Option<Name>,
    /// `SET parameter TO value`, by parameter, values as written.
    pub settings: BTreeMap<String, String>,
}

impl Routine {
    /// The signature by which calls find the routine `name`. Source: CREATE FUNCTION, "Overloading".
    pub fn signature(&self, name: Name) -> Signature {
        let args = self.args.iter().filter(|arg| arg.mode != Mode::Out).map(|arg| arg.ty.clone()).collect();
        Signature { name, args }
    }
}
