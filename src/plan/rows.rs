//! Tables whose rows are values of columns elsewhere: PostgreSQL does not change what is stored there along with them.
//!
//! Source: `find_composite_type_dependencies` in `src/backend/commands/tablecmds.c`.

use super::Context;
use crate::diagnostic::{Diagnostic, Severity};
use crate::diff::{Change, ChangeKind};
use crate::model::Model;
use crate::model::datatype::DataType;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::types::TypeKind;

/// A column that holds rows of the table `name`.
fn holder<'m>(model: &'m Model, name: &Name) -> Option<(&'m Name, &'m Ident)> {
    let columns = |(table, found): (&'m Name, &'m crate::model::table::Table)| {
        found.columns.iter().find(|column| holds(model, &column.ty, name)).map(|column| (table, &column.name))
    };
    model.tables.iter().find_map(columns)
}

/// Whether values of the type are, or consist of, rows of the table `name`.
fn holds(model: &Model, ty: &DataType, name: &Name) -> bool {
    let Some(own) = ty.user_type() else { return false };
    match model.types.get(own).map(|ty| &ty.kind) {
        Some(TypeKind::Domain(domain)) => holds(model, &domain.base, name),
        Some(TypeKind::Composite(attributes)) => attributes.iter().any(|it| holds(model, &it.ty, name)),
        Some(TypeKind::Enum(_) | TypeKind::Range(_)) => false,
        None => own == name,
    }
}

/// Whether columns hold rows of the table before or after the change.
pub(super) fn are_held(context: &Context<'_>, name: &Name) -> bool {
    [context.old.model, context.new.model].into_iter().any(|model| holder(model, name).is_some())
}

/// The changes that PostgreSQL refuses because columns hold rows of the table.
pub(super) fn refused(changes: &[Change], old: &Model, new: &Model) -> Vec<Diagnostic> {
    let refused = |change: &Change| {
        let ObjectId::Column(table, name) = &change.id else { return None };
        let column = new.tables.get(table)?.column(name.as_str())?;
        let what = match &change.kind {
            ChangeKind::Altered(facts)
                if facts.iter().any(|fact| matches!(fact.name.as_ref(), "type" | "collation")) =>
            {
                "cannot change its type"
            }
            ChangeKind::Added if column.generated.as_ref().is_some_and(|it| it.stored) || column.identity.is_some() => {
                "cannot be added with values"
            }
            _ => return None,
        };
        holder(old, table)?;
        let (holder, held) = holder(new, table)?;
        let message = format!("the column `{table}.{name}` {what} while `{holder}.{held}` holds rows of `{table}`");
        let help = format!("drop `{holder}.{held}`, or give it another type, in a step before");
        Some(Diagnostic::new(Severity::Warning, "row-type-held", message).help(help))
    };
    changes.iter().filter_map(refused).collect()
}

#[cfg(test)]
mod tests {
    use crate::model::Model;
    use crate::model::lower::sql::lower;
    use crate::path::RepoPath;
    use crate::plan::{Style, plan};
    use crate::syntax::sql::parse;

    fn read(sql: &str) -> Model {
        lower(&[parse(&RepoPath::root(), sql)]).model
    }

    fn said(t: &str, log: &str) -> Vec<String> {
        let types = "CREATE TYPE pair AS (x t); CREATE DOMAIN rows AS t[];";
        let text = |t: &str, log: &str| format!("CREATE TABLE t (id int, {t}); {types} CREATE TABLE log (old {log});");
        let plan = plan(&read(&text("a int", log)), &read(&text(t, log)), Style::Plain);
        plan.diagnostics.into_iter().map(|found| found.message).collect()
    }

    #[test]
    fn a_change_of_rows_that_a_column_holds_is_told() {
        let retyped = "the column `t.a` cannot change its type while `log.old` holds rows of `t`";
        for log in ["t", "t[]", "pair", "rows"] {
            assert_eq!(said("a bigint", log), [retyped], "{log}");
        }
        let added = "the column `t.g` cannot be added with values while `log.old` holds rows of `t`";
        assert_eq!(said("a int, g int GENERATED ALWAYS AS (1) STORED", "t"), [added]);
        assert_eq!(said("a bigint", "int"), [""; 0]);
        assert_eq!(said("a int, b int DEFAULT 1", "t"), [""; 0]);
    }
}
