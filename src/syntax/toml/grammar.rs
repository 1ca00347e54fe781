//! The keys of schema files: the one list that the reader, the editors' JSON Schema and the diagnostics share.

use serde_json::Value;

use crate::grammar::{Grammar, Key, Shape, json_schema};

const TEXTS: Shape = Shape::List(&Shape::Text);

/// The keys of an entity.
pub static ENTITY: Grammar = Grammar {
    what: "an entity",
    keys: &[
        Key { name: "doc", shape: Shape::Text, doc: "What the entity is for, in a sentence." },
        Key { name: "pick", shape: TEXTS, doc: "Fields taken from the business-wide model as they are there." },
        Key {
            name: "fields",
            shape: Shape::Map(&Shape::Either(&Shape::Text, &Shape::Table(&FIELD))),
            doc: "The entity's own fields: a type, or a table that says more.",
        },
        Key { name: "primary_key", shape: TEXTS, doc: "The fields of a primary key of several fields." },
        Key { name: "unique", shape: Shape::List(&TEXTS), doc: "Sets of fields that are unique together." },
        Key {
            name: "checks",
            shape: Shape::Map(&Shape::Text),
            doc: "Conditions that each row meets: a name and an SQL expression.",
        },
        Key {
            name: "indexes",
            shape: Shape::Map(&Shape::Either(&TEXTS, &Shape::Table(&INDEX))),
            doc: "Indexes by name: fields in order, or a table that says more.",
        },
        Key { name: "access", shape: Shape::Table(&ACCESS), doc: "Who reaches which rows (row level security)." },
        Key {
            name: "harden",
            shape: Shape::Map(&Shape::Flag),
            doc: "Hardening rules switched on or off for this entity.",
        },
        Key {
            name: "renamed_from",
            shape: Shape::Text,
            doc: "The name that the entity had before, with its schema when that was another.",
        },
    ],
};

/// The keys of a field.
pub static FIELD: Grammar = Grammar {
    what: "a field",
    keys: &[
        Key { name: "type", shape: Shape::Text, doc: "A PostgreSQL type: `uuid`, `varchar(20)`, `text[]`." },
        Key { name: "doc", shape: Shape::Text, doc: "What the field means, in a sentence." },
        Key { name: "primary_key", shape: Shape::Flag, doc: "Whether the field is the primary key." },
        Key { name: "required", shape: Shape::Flag, doc: "Whether each row has a value (NOT NULL)." },
        Key { name: "unique", shape: Shape::Flag, doc: "Whether no two rows share a value." },
        Key { name: "index", shape: Shape::Flag, doc: "Whether the field is indexed in production." },
        Key {
            name: "default",
            shape: Shape::Either(&Shape::Literal, &Shape::Table(&SQL)),
            doc: "The value of rows that give none: a literal, or `{ sql = \"now()\" }`.",
        },
        Key { name: "values", shape: Shape::List(&Shape::Literal), doc: "The only values that are allowed." },
        Key { name: "references", shape: Shape::Text, doc: "The entity, or `entity.field`, that the field points to." },
        Key {
            name: "on_delete",
            shape: Shape::OneOf(ACTIONS),
            doc: "What happens when the row that it points to is deleted.",
        },
        Key {
            name: "on_update",
            shape: Shape::OneOf(ACTIONS),
            doc: "What happens when the key that it points to changes.",
        },
        Key { name: "check", shape: Shape::Text, doc: "An SQL condition on the value." },
        Key { name: "generated", shape: Shape::Text, doc: "The SQL expression that computes the field from others." },
        Key {
            name: "identity",
            shape: Shape::OneOf(&["always", "by default"]),
            doc: "PostgreSQL numbers the rows itself.",
        },
        Key { name: "renamed_from", shape: Shape::Text, doc: "The name that the field had before." },
        Key {
            name: "backfill",
            shape: Shape::Text,
            doc: "The SQL expression that fills rows which have no value yet.",
        },
        Key {
            name: "using",
            shape: Shape::Text,
            doc: "The SQL expression that converts old values when the type changes.",
        },
    ],
};

/// What a foreign key may do, as schema files spell it.
pub const ACTIONS: &[&str] = &["no action", "restrict", "cascade", "set null", "set default"];

/// The keys of a default that is an expression.
pub static SQL: Grammar =
    Grammar { what: "a default", keys: &[Key { name: "sql", shape: Shape::Text, doc: "An SQL expression." }] };

/// The keys of an index that says more than its columns.
pub static INDEX: Grammar = Grammar {
    what: "an index",
    keys: &[
        Key { name: "columns", shape: TEXTS, doc: "Fields in order; an SQL expression stands in parentheses." },
        Key { name: "unique", shape: Shape::Flag, doc: "Whether no two rows share these values." },
        Key { name: "using", shape: Shape::Text, doc: "The access method: `btree`, `gin`, `gist` …" },
        Key { name: "include", shape: TEXTS, doc: "Fields that the index carries along." },
        Key { name: "where", shape: Shape::Text, doc: "The SQL condition of a partial index." },
    ],
};

/// The keys of `access`.
pub static ACCESS: Grammar = Grammar {
    what: "an entity's `access`",
    keys: &[
        Key { name: "owner", shape: Shape::Text, doc: "The field that holds the id of the user who reaches the row." },
        Key { name: "admin", shape: Shape::Text, doc: "The SQL condition under which every row is reached." },
        Key { name: "read", shape: Shape::Text, doc: "The SQL condition under which rows may be read by others." },
    ],
};

/// The keys of `module.toml`.
pub static MODULE: Grammar = Grammar {
    what: "a module",
    keys: &[
        Key { name: "title", shape: Shape::Text, doc: "What people call the module." },
        Key { name: "owner", shape: Shape::Text, doc: "Who answers for it." },
        Key { name: "doc", shape: Shape::Text, doc: "What it is for." },
        Key {
            name: "stage",
            shape: Shape::OneOf(&["concept", "prototype", "production"]),
            doc: "How far it has come: only documented, a prototype too, or merged into production (the default).",
        },
        Key { name: "renamed_from", shape: Shape::Text, doc: "The folder's name before it was renamed." },
    ],
};

static ENTITIES: Shape = Shape::Map(&Shape::Table(&ENTITY));

/// The JSON Schema of files of entities.
pub fn entity_schema() -> Value {
    json_schema("forge: entities", &ENTITIES)
}

static MODULE_FILE: Shape = Shape::Table(&MODULE);

/// The JSON Schema of `module.toml`.
pub fn module_schema() -> Value {
    json_schema("forge: module", &MODULE_FILE)
}
