//! The trigger functions that keep system fields.

use super::{Hardened, add_routine, builtin, function};
use crate::model::name::Name;
use crate::model::routine::Routine;
use crate::production::harden::{Context, audit_columns, soft_delete, version};

/// `touch_row()`: the author is whoever is signed in; what the statement says counts when nobody is.
pub fn touch_row(context: &Context<'_>, hardened: &mut Hardened) {
    let own = context.users.as_ref().map_or(String::new(), |users| {
        format!(
            "    -- A user whom nobody signed in made is their own author.\n    \
             IF TG_NARGS > 0 AND NEW.created_by IS NULL THEN\n      NEW.created_by := NEW.{};\n    END IF;\n",
            users.key
        )
    });
    let body = format!(
        "\nBEGIN\n  IF TG_OP = 'INSERT' THEN\n    \
         NEW.created_at := coalesce(NEW.created_at, now());\n    \
         NEW.created_by := coalesce(auth.uid(), NEW.created_by);\n{own}  \
         ELSE\n    \
         NEW.created_at := OLD.created_at;\n    \
         NEW.created_by := OLD.created_by;\n    \
         NEW.updated_at := now();\n    \
         NEW.updated_by := coalesce(auth.uid(), NEW.updated_by);\n  \
         END IF;\n  RETURN NEW;\nEND;\n"
    );
    let routine = trigger_function(body, "Keeps created_at, created_by, updated_at and updated_by.");
    add_routine(Name::local(audit_columns::FUNCTION), routine, "its trigger keeps the audit fields", hardened);
}

/// `stamp_deletion()`.
pub fn stamp_deletion(hardened: &mut Hardened) {
    let body = "\nBEGIN\n  NEW.deleted_at := now();\n  RETURN NEW;\nEND;\n".to_owned();
    let routine = trigger_function(body, "Says when a row was deleted, whatever the statement said.");
    add_routine(Name::local(soft_delete::FUNCTION), routine, "its trigger says when a row was deleted", hardened);
}

/// `check_version()`, and with `demand_version` also `carry_version()`.
pub fn check_version(context: &Context<'_>, hardened: &mut Hardened) {
    let demand = context.settings.demand_version;
    let carried = "  -- carry_version() turned the sign of a version that the statement names.\n  \
                   IF TG_NARGS > 0 AND NEW.version > 0 THEN\n    \
                   IF pg_trigger_depth() = 1 THEN\n      \
                   RAISE EXCEPTION 'an update of % does not name the version that it read', TG_TABLE_NAME\n        \
                   USING ERRCODE = 'serialization_failure', HINT = 'Set version to the number that was read.';\n    \
                   END IF;\n  \
                   ELSIF TG_NARGS > 0 THEN\n    \
                   NEW.version := -NEW.version;\n  \
                   END IF;\n";
    let carried = if demand { carried } else { "" };
    let body = format!(
        "\nBEGIN\n{carried}  IF NEW.version IS DISTINCT FROM OLD.version THEN\n    \
         RAISE EXCEPTION 'version % of a row of % is stale: it is at version % now', NEW.version, TG_TABLE_NAME, OLD.version\n      \
         USING ERRCODE = 'serialization_failure', HINT = 'Read the row again and repeat the change.';\n  \
         END IF;\n  NEW.version := OLD.version + 1;\n  RETURN NEW;\nEND;\n"
    );
    let routine = trigger_function(body, "Refuses an update of a version that is not the row's, and counts up.");
    add_routine(Name::local(version::CHECK), routine, "its trigger refuses a stale version", hardened);
    if demand {
        let body = "\nBEGIN\n  NEW.version := -NEW.version;\n  RETURN NEW;\nEND;\n".to_owned();
        let routine = trigger_function(body, "Marks, for check_version(), an update that names the version.");
        add_routine(
            Name::local(version::CARRY),
            routine,
            "its trigger sees whether an update names the version",
            hardened,
        );
    }
}

fn trigger_function(body: String, comment: &str) -> Routine {
    function("plpgsql", builtin("trigger"), body, comment)
}
