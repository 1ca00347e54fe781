//! Types, and what the generator has to know of each: its SQL, its values, what it can be turned into.

use super::schema::{Id, Schema};

/// A type of a column, an argument or an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ty {
    Smallint,
    Integer,
    Bigint,
    Numeric(u8, u8),
    Double,
    Text,
    Varchar(u16),
    Char(u16),
    Boolean,
    Date,
    Timestamp,
    Timestamptz,
    Interval,
    Uuid,
    Jsonb,
    Bytea,
    Inet,
    Range,
    Integers,
    Texts,
    /// One of the schema's enums.
    Enum(Id),
    /// An array of it.
    Enums(Id),
    /// One of its domains.
    Domain(Id),
    /// One of its composite types.
    Composite(Id),
}

/// Types that expressions treat alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Number,
    Text,
    Time,
    Boolean,
    Json,
    Array,
    Range,
    Other,
}

/// The built-in types, the plainest first.
pub const BUILTIN: &[Ty] = &[
    Ty::Integer,
    Ty::Text,
    Ty::Varchar(40),
    Ty::Bigint,
    Ty::Boolean,
    Ty::Numeric(10, 2),
    Ty::Timestamptz,
    Ty::Date,
    Ty::Uuid,
    Ty::Jsonb,
    Ty::Smallint,
    Ty::Double,
    Ty::Varchar(20),
    Ty::Char(4),
    Ty::Timestamp,
    Ty::Interval,
    Ty::Bytea,
    Ty::Inet,
    Ty::Range,
    Ty::Integers,
    Ty::Texts,
];

/// Types of keys: every row has its own value, and the same one wherever the type is used.
pub const KEYS: &[Ty] = &[Ty::Integer, Ty::Bigint, Ty::Uuid, Ty::Text, Ty::Varchar(40)];

impl Ty {
    /// The type as SQL; sometimes in another spelling than PostgreSQL's own, by `variant`.
    pub fn sql(self, schema: &Schema, variant: u32) -> String {
        let other = variant.is_multiple_of(3);
        match self {
            Ty::Smallint => "smallint".into(),
            Ty::Integer => if other { "int" } else { "integer" }.into(),
            Ty::Bigint => if other { "int8" } else { "bigint" }.into(),
            Ty::Numeric(precision, scale) => {
                format!("{}({precision}, {scale})", if other { "decimal" } else { "numeric" })
            }
            Ty::Double => if other { "float8" } else { "double precision" }.into(),
            Ty::Text => "text".into(),
            Ty::Varchar(length) => format!("{}({length})", if other { "character varying" } else { "varchar" }),
            Ty::Char(length) => format!("char({length})"),
            Ty::Boolean => if other { "bool" } else { "boolean" }.into(),
            Ty::Date => "date".into(),
            Ty::Timestamp => if other { "timestamp without time zone" } else { "timestamp" }.into(),
            Ty::Timestamptz => if other { "timestamp with time zone" } else { "timestamptz" }.into(),
            Ty::Interval => "interval".into(),
            Ty::Uuid => "uuid".into(),
            Ty::Jsonb => "jsonb".into(),
            Ty::Bytea => "bytea".into(),
            Ty::Inet => "inet".into(),
            Ty::Range => "int4range".into(),
            Ty::Integers => "integer[]".into(),
            Ty::Texts => "text[]".into(),
            Ty::Enum(id) => {
                schema.enums.iter().find(|it| it.at.id == id).map_or("text".into(), |it| schema.name(&it.at))
            }
            Ty::Enums(id) => format!("{}[]", Ty::Enum(id).sql(schema, variant)),
            Ty::Domain(id) => schema.domain(id).map_or("text".into(), |it| schema.name(&it.at)),
            Ty::Composite(id) => schema.composite(id).map_or("text".into(), |it| schema.name(&it.at)),
        }
    }

    /// The user-defined type that this one is made of.
    pub fn user_type(self) -> Option<Id> {
        match self {
            Ty::Enum(id) | Ty::Enums(id) | Ty::Domain(id) | Ty::Composite(id) => Some(id),
            _ => None,
        }
    }

    pub fn family(self) -> Family {
        match self {
            Ty::Smallint | Ty::Integer | Ty::Bigint | Ty::Numeric(..) | Ty::Double => Family::Number,
            Ty::Text | Ty::Varchar(_) => Family::Text,
            Ty::Date | Ty::Timestamp | Ty::Timestamptz => Family::Time,
            Ty::Boolean => Family::Boolean,
            Ty::Jsonb => Family::Json,
            Ty::Integers | Ty::Texts => Family::Array,
            Ty::Range => Family::Range,
            _ => Family::Other,
        }
    }

    /// Whether a B-tree can sort it.
    pub fn sorts(self) -> bool {
        !matches!(self, Ty::Jsonb | Ty::Composite(_) | Ty::Range)
    }

    /// Whether the values of two rows always differ.
    pub fn is_distinct(self) -> bool {
        !matches!(self, Ty::Boolean | Ty::Enum(_) | Ty::Enums(_) | Ty::Domain(_) | Ty::Composite(_))
    }

    /// The types that old values fit into without a word, this one aside.
    pub fn neighbours(self) -> &'static [Ty] {
        match self {
            Ty::Smallint => &[Ty::Integer, Ty::Bigint, Ty::Numeric(12, 2)],
            Ty::Integer => &[Ty::Bigint, Ty::Smallint, Ty::Numeric(12, 2), Ty::Double],
            Ty::Bigint => &[Ty::Integer, Ty::Numeric(20, 4)],
            Ty::Numeric(..) => &[Ty::Numeric(14, 4), Ty::Numeric(14, 2), Ty::Double],
            Ty::Text => &[Ty::Varchar(80), Ty::Varchar(40)],
            Ty::Varchar(_) => &[Ty::Text, Ty::Varchar(80), Ty::Varchar(10)],
            Ty::Date => &[Ty::Timestamp, Ty::Timestamptz],
            Ty::Timestamp => &[Ty::Timestamptz, Ty::Date],
            Ty::Timestamptz => &[Ty::Timestamp],
            _ => &[],
        }
    }

    /// The value of row `row` (from 1), as a literal that any context takes.
    pub fn value(self, schema: &Schema, row: usize) -> String {
        match self {
            Ty::Smallint | Ty::Integer | Ty::Bigint => row.to_string(),
            Ty::Numeric(..) | Ty::Double => format!("{row}.5"),
            Ty::Text | Ty::Varchar(_) | Ty::Char(_) => format!("'v{row}'"),
            Ty::Boolean => (row % 2 == 1).to_string(),
            Ty::Date => format!("'2024-01-0{row}'"),
            Ty::Timestamp => format!("'2024-01-0{row} 10:00:00'"),
            Ty::Timestamptz => format!("'2024-01-0{row} 10:00:00+00'"),
            Ty::Interval => format!("'{row} days'"),
            Ty::Uuid => format!("'00000000-0000-4000-8000-00000000000{row}'"),
            Ty::Jsonb => format!("'{{\"n\": {row}}}'"),
            Ty::Bytea => format!("'\\x0{row}'"),
            Ty::Inet => format!("'10.0.0.{row}'"),
            Ty::Range => format!("'[{row}0,{row}5)'"),
            Ty::Integers => format!("'{{{row},0}}'"),
            Ty::Texts => format!("'{{v{row},\"it''s\"}}'"),
            Ty::Enum(id) => format!("'{}'", schema.safe_label(id)),
            Ty::Enums(id) => format!("'{{{}}}'", schema.safe_label(id)),
            Ty::Domain(id) => schema.domain(id).map_or("NULL".into(), |domain| domain.base.value(schema, row)),
            Ty::Composite(id) => schema.composite(id).map_or("NULL".into(), |composite| {
                let values: Vec<String> = composite.attributes.iter().map(|it| it.ty.value(schema, row)).collect();
                format!("ROW({})", values.join(", "))
            }),
        }
    }

    /// Expressions for a default, besides a value.
    pub fn defaults(self) -> &'static [&'static str] {
        match self {
            Ty::Smallint | Ty::Integer | Ty::Bigint => &["0", "-1", "(1 + 2) * 3", "length('abc')"],
            Ty::Numeric(..) | Ty::Double => &["0", "0.5", "-1.25", "1e2"],
            Ty::Text => &["''", "'it''s'", "('a' || 'b')", "lower('ABC')", "CURRENT_USER", "'x'::text", "E'tab\\t'"],
            Ty::Varchar(_) => &["''", "'it''s'", "'new'::varchar", "'new'::character varying(10)"],
            Ty::Boolean => &["false", "true", "(NOT true)", "'f'"],
            Ty::Date => &["CURRENT_DATE", "'2020-02-02'", "now()::date", "('now'::text)::date"],
            Ty::Timestamp => &["now()", "'2020-02-02 10:00:00'", "LOCALTIMESTAMP", "timezone('utc', now())"],
            Ty::Timestamptz => {
                &["now()", "CURRENT_TIMESTAMP", "now() + interval '1 day'", "now() + '01:00:00'::interval"]
            }
            Ty::Interval => &["'1 day'", "interval '2 hours'", "'1 year 2 mons'::interval"],
            Ty::Uuid => &["gen_random_uuid()"],
            Ty::Jsonb => &["'{}'", "'[]'::jsonb", "'{\"a\": [1, 2]}'", "jsonb_build_object('a', 1)"],
            Ty::Integers => &["'{}'", "ARRAY[1, 2]", "ARRAY[]::integer[]", "'{1,2}'::int[]"],
            Ty::Texts => &["'{}'", "ARRAY['a', 'b']", "ARRAY[]::text[]", "ARRAY['a'::text]"],
            Ty::Range => &["'empty'", "int4range(1, 5)"],
            _ => &[],
        }
    }

    /// Conditions on a column `{0}` that every value satisfies.
    pub fn conditions(self) -> &'static [&'static str] {
        match self.family() {
            Family::Number => &[
                "{0} > 0",
                "{0} >= 0 AND {0} < 1000",
                "{0} BETWEEN 0 AND 1000",
                "({0} + 1) * 2 > 2",
                "{0} <> 13 OR {0} IS NULL",
                "NOT {0} < 0",
                "{0} IN (1, 2, 3, 1.5, 2.5, 3.5)",
                "{0}::integer > 0",
                "{0} - 1 >= -5",
                "CASE WHEN {0} > 10 THEN true ELSE {0} > 0 END",
            ],
            Family::Text => &[
                "{0} <> ''",
                "{0} IN ('v1', 'v2', 'v3', '1', '2', '3')",
                "length({0}) > 0",
                "{0} LIKE 'v%' OR {0} ~ '^[0-9]+$'",
                "{0} = ANY (ARRAY['v1', 'v2', 'v3', '1', '2', '3'])",
                "lower({0}) = {0}",
                "char_length({0}) <= 40",
                "COALESCE({0}, 'x') <> 'y'",
                "{0} ~* '^[a-z0-9]+$'",
                "{0} = trim({0}) AND ({0} <> 'a' OR {0} <> 'b')",
                "{0} IS DISTINCT FROM 'none'",
                "substring({0} from 1 for 1) <> ' '",
                "{0} NOT IN ('x', 'y')",
                "position('z' in {0}) = 0",
            ],
            Family::Time => {
                &["{0} > '2000-01-01'", "{0} >= '2000-01-01' AND {0} < '2100-01-01'", "extract(year from {0}) > 1999"]
            }
            Family::Boolean => &["{0} OR NOT {0}", "{0} IS NOT NULL OR {0} IS NULL", "{0} IN (true, false)"],
            Family::Json => &[
                "jsonb_typeof({0}) = 'object'",
                "{0} ? 'n'",
                "{0} IS NULL OR ({0} ->> 'n') IS NOT NULL",
                "({0} -> 'n') <> 'null'::jsonb",
            ],
            Family::Array => &["cardinality({0}) > 0", "array_length({0}, 1) >= 1", "{0} <> '{}'"],
            Family::Range => &["NOT isempty({0})", "lower({0}) > 0"],
            Family::Other => &["{0} IS NOT NULL OR {0} IS NULL"],
        }
    }

    /// Immutable expressions over a column `{0}`, to be indexed.
    pub fn expressions(self) -> &'static [&'static str] {
        match self.family() {
            Family::Number => &["{0} + 1", "({0} * 2) - 1", "abs({0})"],
            Family::Text => {
                &["lower({0})", "upper({0})", "COALESCE({0}, '')", "md5({0})", "left({0}, 3)", "{0} || '!'"]
            }
            Family::Json => &["{0} ->> 'n'", "({0} -> 'n')", "({0} ->> 'n')::integer"],
            Family::Array => &["cardinality({0})"],
            Family::Boolean => &["NOT {0}"],
            _ => &[],
        }
    }
}
