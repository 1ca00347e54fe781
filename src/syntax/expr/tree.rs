//! The tree of an expression or a query: what was said, not how.
//!
//! Names are folded and unquoted, literals decoded, parentheses gone, operators nested by precedence.

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expr {
    /// `NULL`.
    Null,
    /// `TRUE` or `FALSE`.
    Bool(bool),
    /// A number without a sign, as written.
    Number(String),
    /// A string literal, decoded; its type is open.
    String(String),
    /// A key word that is a value: `current_user`, in lower case.
    Keyword(String),
    /// A column, perhaps qualified: its last part may be `*`.
    Name(Vec<String>),
    /// A call of a function.
    Call(Call),
    /// `x::type`.
    Cast(Box<Expr>, TypeName),
    /// `AND` over all of these, flat.
    And(Vec<Expr>),
    /// `OR` over all of these, flat.
    Or(Vec<Expr>),
    /// `NOT`.
    Not(Box<Expr>),
    /// A sign or another operator before its operand.
    Prefix(String, Box<Expr>),
    /// An operator between its operands, in lower case: `=`, `not like`, `is distinct from`, `at time zone`.
    Binary(String, Box<Expr>, Box<Expr>),
    /// What follows its operand: `is null`, `is not true`.
    Test(Box<Expr>, String),
    /// `BETWEEN`, possibly negated, possibly symmetric.
    Between {
        /// What is compared.
        value: Box<Expr>,
        /// The lower bound.
        low: Box<Expr>,
        /// The upper bound.
        high: Box<Expr>,
        /// `NOT BETWEEN`.
        negated: bool,
        /// `BETWEEN SYMMETRIC`.
        symmetric: bool,
    },
    /// `IN (a, b)`, possibly negated.
    In {
        /// What is looked for.
        value: Box<Expr>,
        /// Where.
        list: Vec<Expr>,
        /// `NOT IN`.
        negated: bool,
    },
    /// `x op ANY (y)`, or ALL; `y` is an array or a subquery.
    Any {
        /// The left side.
        value: Box<Expr>,
        /// The operator.
        op: String,
        /// `ALL`, else `ANY`.
        all: bool,
        /// The right side.
        set: Box<Expr>,
    },
    /// `ARRAY[…]`.
    Array(Vec<Expr>),
    /// `ROW(…)`, or `(a, b)`.
    Row(Vec<Expr>),
    /// `CASE`.
    Case {
        /// What the branches are compared with.
        operand: Option<Box<Expr>>,
        /// Each `WHEN` with its `THEN`.
        branches: Vec<(Expr, Expr)>,
        /// `ELSE`.
        otherwise: Option<Box<Expr>>,
    },
    /// `x[1]`, `x[1:2]`.
    Index(Box<Expr>, Subscript),
    /// `(x).field`, or `(x).*`.
    Field(Box<Expr>, String),
    /// `x COLLATE c`.
    Collate(Box<Expr>, Vec<String>),
    /// A scalar subquery.
    Subquery(Box<Query>),
    /// `EXISTS (…)`.
    Exists(Box<Query>),
    /// `ARRAY(SELECT …)`.
    ArrayQuery(Box<Query>),
    /// Anything else: its words in lower case, its expressions as trees.
    Raw(Vec<Piece>),
}

/// A call of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The function's name, perhaps qualified.
    pub name: Vec<String>,
    /// Its arguments, in order.
    pub args: Vec<Arg>,
    /// `*` instead of arguments.
    pub star: bool,
    /// `DISTINCT`.
    pub distinct: bool,
    /// What else belongs to it: ORDER BY, WITHIN GROUP, FILTER, OVER.
    pub tail: Vec<Piece>,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arg {
    /// `name =>`.
    pub name: Option<String>,
    /// `VARIADIC`.
    pub variadic: bool,
    /// Its value.
    pub value: Expr,
}

/// What stands in brackets behind an array.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subscript {
    /// One element.
    At(Box<Expr>),
    /// From one to another, either open.
    Slice(Option<Box<Expr>>, Option<Box<Expr>>),
}

/// A type as an expression names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TypeName {
    /// The schema, where one is named.
    pub schema: Option<String>,
    /// The name, with single spaces (`character varying`); `"char"` and `"bit"` keep their quotes.
    pub name: String,
    /// What stands in parentheses, without spaces; for interval also its fields.
    pub modifiers: Option<String>,
    /// Whether it is an array.
    pub array: bool,
}

/// A part of what has no tree of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Piece {
    /// A key word, a punctuation or a name, as SQL writes it.
    Word(String),
    /// An expression.
    Expr(Expr),
    /// A query.
    Query(Query),
}

/// A query: its body, and what orders and limits the whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Query {
    /// `WITH`, in order.
    pub with: Vec<Common>,
    /// `WITH RECURSIVE`.
    pub recursive: bool,
    /// What gives the rows.
    pub body: Body,
    /// `ORDER BY`: each expression with what follows it (`desc`, `nulls first`).
    pub order: Vec<(Expr, String)>,
    /// `LIMIT`.
    pub limit: Option<Box<Expr>>,
    /// `WITH TIES`: rows that are equal to the last one count as one with it.
    pub ties: bool,
    /// `OFFSET`.
    pub offset: Option<Box<Expr>>,
    /// `FOR UPDATE` and its kin, in order.
    pub locks: Vec<Lock>,
}

/// What a query locks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lock {
    /// How: `update`, `no key update`.
    pub strength: String,
    /// The sources; all when none is named.
    pub of: Vec<String>,
    /// What it does where a row is locked: `nowait`, `skip locked`, or empty to wait.
    pub wait: String,
}

/// A query of a `WITH`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Common {
    /// Its name.
    pub name: String,
    /// The names of its columns, where they are given.
    pub columns: Vec<String>,
    /// `MATERIALIZED` or `NOT MATERIALIZED`, where one is said.
    pub materialized: Option<bool>,
    /// The query.
    pub query: Query,
    /// `SEARCH`: in lower case up to the column that it makes, and that column.
    pub search: Option<(String, String)>,
    /// `CYCLE`.
    pub cycle: Option<Cycle>,
}

/// How a recursive query tells that it goes in circles.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cycle {
    /// The columns by which rows are the same.
    pub columns: Vec<String>,
    /// The column that marks it.
    pub mark: String,
    /// Its value in a circle and its value elsewhere, unless they are true and false.
    pub values: Option<(Expr, Expr)>,
    /// The column with the way there.
    pub path: String,
}

/// What gives a query's rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Body {
    /// `SELECT`.
    Select(Box<Select>),
    /// `UNION`, `INTERSECT` or `EXCEPT`.
    Set {
        /// Which, in lower case.
        op: String,
        /// `ALL`.
        all: bool,
        /// The left query.
        left: Box<Query>,
        /// The right query.
        right: Box<Query>,
    },
    /// `VALUES`.
    Values(Vec<Vec<Expr>>),
    /// What has no tree of its own.
    Raw(Vec<Piece>),
}

/// One `SELECT`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Select {
    /// `DISTINCT`, with the expressions of `ON`.
    pub distinct: Option<Vec<Expr>>,
    /// What is selected.
    pub targets: Vec<Target>,
    /// `FROM`, the items between commas.
    pub from: Vec<Source>,
    /// `WHERE`.
    pub filter: Option<Expr>,
    /// `GROUP BY`.
    pub group: Vec<Expr>,
    /// `HAVING`.
    pub having: Option<Expr>,
    /// `WINDOW`: each window's name and its definition.
    pub windows: Vec<(String, Vec<Piece>)>,
}

/// What a select gives as one column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Its value.
    pub value: Expr,
    /// Its name, where one is given.
    pub name: Option<String>,
}

/// Where rows come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A table or a view.
    Relation {
        /// Its name, perhaps qualified.
        name: Vec<String>,
        /// `ONLY`.
        only: bool,
        /// `AS`.
        alias: Option<String>,
        /// The names that the alias gives to columns.
        columns: Vec<String>,
        /// `TABLESAMPLE`; empty when all rows are read.
        sample: Vec<Piece>,
    },
    /// A query in parentheses.
    Query {
        /// The query.
        query: Box<Query>,
        /// `LATERAL`.
        lateral: bool,
        /// `AS`.
        alias: Option<String>,
        /// The names that the alias gives to columns.
        columns: Vec<String>,
    },
    /// A call of a function.
    Call {
        /// The call.
        call: Box<Expr>,
        /// `LATERAL`, which a call needs not say.
        lateral: bool,
        /// `WITH ORDINALITY`.
        ordinality: bool,
        /// `AS`.
        alias: Option<String>,
        /// The names that the alias gives to columns.
        columns: Vec<String>,
        /// The types that it gives to them, one each; empty when it gives none.
        types: Vec<TypeName>,
    },
    /// `ROWS FROM (…)`: the rows of several calls side by side.
    Rows {
        /// Each call, with the columns that are defined for it.
        calls: Vec<(Expr, Vec<(String, TypeName)>)>,
        /// `WITH ORDINALITY`.
        ordinality: bool,
        /// `AS`.
        alias: Option<String>,
        /// The names that the alias gives to columns.
        columns: Vec<String>,
    },
    /// A join of two.
    Join(Box<Join>),
}

/// A join.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Join {
    /// `inner`, `left`, `right`, `full` or `cross`.
    pub kind: String,
    /// The left side.
    pub left: Source,
    /// The right side.
    pub right: Source,
    /// `ON`.
    pub on: Option<Expr>,
    /// `USING`.
    pub using: Vec<String>,
    /// `NATURAL`: by all columns that both sides have.
    pub natural: bool,
}
