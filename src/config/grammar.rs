//! The keys of `forge.toml`.

use serde_json::Value;

use crate::grammar::{Grammar, Key, Shape, json_schema};
use crate::syntax::toml::grammar::ACTIONS;

const TEXTS: Shape = Shape::List(&Shape::Text);

/// The keys of `forge.toml`.
pub static PROJECT_FILE: Grammar = Grammar {
    what: "`forge.toml`",
    keys: &[
        Key { name: "project", shape: Shape::Table(&PROJECT), doc: "The project's name and its folders." },
        Key { name: "prototype", shape: Shape::Table(&PROTOTYPE), doc: "How migrations are laid out." },
        Key { name: "harden", shape: Shape::Table(&HARDEN), doc: "How the production schema is hardened." },
        Key {
            name: "resolve",
            shape: Shape::List(&Shape::Table(&RESOLVE)),
            doc: "How conflicts between modules are settled.",
        },
        Key {
            name: "hint",
            shape: Shape::List(&Shape::Table(&HINT)),
            doc: "What past commits lacked: renames, conversions.",
        },
        Key {
            name: "target",
            shape: Shape::List(&Shape::Table(&TARGET)),
            doc: "Outputs of the team's own, by template.",
        },
    ],
};

/// The keys of `[project]`.
pub static PROJECT: Grammar = Grammar {
    what: "`[project]`",
    keys: &[
        Key { name: "name", shape: Shape::Text, doc: "What people call the project." },
        Key { name: "busm", shape: Shape::Text, doc: "The folder of the business-wide model (default `busm`)." },
        Key {
            name: "modules",
            shape: Shape::Text,
            doc: "The folder whose folders are the modules (default `modules`).",
        },
        Key {
            name: "templates",
            shape: Shape::Text,
            doc: "The folder of overridden and added templates (default `templates`).",
        },
        Key {
            name: "output",
            shape: Shape::Text,
            doc: "The folder that outputs are written to (default `generated`).",
        },
        Key {
            name: "mainline",
            shape: Shape::Text,
            doc: "The branch whose commits are the iterations (default: the remote's own, else `main`, `master` …).",
        },
    ],
};

/// The keys of `[prototype]`.
pub static PROTOTYPE: Grammar = Grammar {
    what: "`[prototype]`",
    keys: &[Key {
        name: "layout",
        shape: Shape::OneOf(&["forge", "supabase", "sqlx", "dbmate", "flyway"]),
        doc: "The tool that runs the migrations (default `forge`: a numbered file a step). The others name files by the \
              time of a commit, so a migration appears with the first build after its commit.",
    }],
};

/// The keys of `[harden]`.
pub static HARDEN: Grammar = Grammar {
    what: "`[harden]`",
    keys: &[
        Key {
            name: "platform",
            shape: Shape::OneOf(&["postgres", "supabase"]),
            doc: "Where the schema is going to live (default `postgres`: forge brings `auth.uid()` along).",
        },
        Key { name: "users", shape: Shape::Text, doc: "The entity of the people who sign in (default `users`)." },
        Key {
            name: "admin",
            shape: Shape::Text,
            doc: "The SQL condition under which a caller is an administrator (default `has_role('admin')`).",
        },
        Key {
            name: "without_access",
            shape: Shape::OneOf(&["admin", "read", "open"]),
            doc: "Who reaches the rows of an entity that declares no access (default `admin`).",
        },
        Key {
            name: "demand_version",
            shape: Shape::Flag,
            doc: "Whether an UPDATE that does not set `version` is refused (default `false`).",
        },
        Key { name: "audit_table", shape: Shape::Text, doc: "The table of the audit trail (default `audit_log`)." },
        Key {
            name: "roles_table",
            shape: Shape::Text,
            doc: "The table that `has_role` reads when users have no `role` (default `user_roles`).",
        },
        Key {
            name: "user_setting",
            shape: Shape::Text,
            doc: "The session setting that holds the signed-in user's id (default `app.user_id`).",
        },
        Key { name: "rules", shape: Shape::Map(&Shape::Flag), doc: "Hardening rules switched on or off, by name." },
    ],
};

/// The keys of `[[resolve]]`.
pub static RESOLVE: Grammar = Grammar {
    what: "`[[resolve]]`",
    keys: &[
        Key { name: "entity", shape: Shape::Text, doc: "The entity that the conflict is about." },
        Key { name: "field", shape: Shape::Text, doc: "The field that the conflict is about." },
        Key { name: "type", shape: Shape::Text, doc: "The type that holds." },
        Key {
            name: "default",
            shape: Shape::Either(&Shape::Literal, &Shape::Table(&SQL)),
            doc: "The default that holds.",
        },
        Key { name: "required", shape: Shape::Flag, doc: "Whether the field is required." },
        Key { name: "values", shape: TEXTS, doc: "The values that are allowed." },
        Key { name: "references", shape: Shape::Text, doc: "The entity that the field points to." },
        Key {
            name: "on_delete",
            shape: Shape::OneOf(ACTIONS),
            doc: "What happens when the row that it points to is deleted.",
        },
        Key { name: "primary_key", shape: TEXTS, doc: "The entity's primary key." },
        Key { name: "because", shape: Shape::Text, doc: "Why this is right; mandatory." },
    ],
};

/// The keys of `[[hint]]`.
pub static HINT: Grammar = Grammar {
    what: "`[[hint]]`",
    keys: &[
        Key { name: "edge", shape: Shape::Text, doc: "The step's edge, as `forge log` shows it." },
        Key {
            name: "entity",
            shape: Shape::Text,
            doc: "The entity, by its name after the step; none for the module itself.",
        },
        Key { name: "field", shape: Shape::Text, doc: "The field, by its name after the step." },
        Key {
            name: "renamed_from",
            shape: Shape::Either(&Shape::Text, &Shape::Flag),
            doc: "The name that it had before the step; `false` where what looks like a rename is none.",
        },
        Key { name: "using", shape: Shape::Text, doc: "The SQL expression that converts old values." },
        Key { name: "backfill", shape: Shape::Text, doc: "The SQL expression that fills rows without a value." },
    ],
};

/// The keys of a default that is an expression.
pub static SQL: Grammar =
    Grammar { what: "a default", keys: &[Key { name: "sql", shape: Shape::Text, doc: "An SQL expression." }] };

/// The keys of `[[target]]`.
pub static TARGET: Grammar = Grammar {
    what: "`[[target]]`",
    keys: &[
        Key { name: "name", shape: Shape::Text, doc: "What the target is called in messages." },
        Key {
            name: "for",
            shape: Shape::OneOf(&["project", "module", "entity", "iteration", "timeline"]),
            doc: "What it is rendered for: once, or for each.",
        },
        Key {
            name: "stage",
            shape: Shape::OneOf(&["concept", "prototype", "production"]),
            doc: "The stage whose view it is given (default `concept`).",
        },
        Key { name: "template", shape: Shape::Text, doc: "The template, a file of the templates folder." },
        Key { name: "path", shape: Shape::Text, doc: "The output's path below the output folder, itself a template." },
        Key {
            name: "layout",
            shape: Shape::OneOf(&["forge", "supabase", "sqlx", "dbmate", "flyway"]),
            doc: "Rendered only where `[prototype]` has this layout.",
        },
        Key {
            name: "drafts",
            shape: Shape::Flag,
            doc: "For iterations: whether the step that is not committed yet is rendered too (default `true`).",
        },
    ],
};

/// The JSON Schema of `forge.toml`.
pub fn project_schema() -> Value {
    json_schema("forge: project", &PROJECT_SHAPE)
}

static PROJECT_SHAPE: Shape = Shape::Table(&PROJECT_FILE);
