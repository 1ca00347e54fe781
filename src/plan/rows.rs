//! Tables whose rows are values of columns elsewhere: PostgreSQL does not change what is stored there along with them.
//!
//! Source: `find_composite_type_dependencies` in `src/backend/commands/tablecmds.c`.

use super::action::{Item, Part};
use super::fate::Fate;
use super::{Context, column};
use crate::diagnostic::{Diagnostic, Severity};
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
pub(super) fn refused(context: &Context<'_>) -> Vec<Diagnostic> {
    let (old, new) = (context.old.model, context.new.model);
    let refused = |(item, fate): (&Item, &Fate)| {
        let ObjectId::Column(table, name) = &item.id else { return None };
        let column = new.tables.get(table)?.column(name.as_str()).filter(|_| item.part == Part::Whole)?;
        let what = match fate {
            Fate::Alter(facts) if column::disturbs(facts) => "cannot change its type",
            Fate::Create if column.generated.as_ref().is_some_and(|it| it.stored) || column.identity.is_some() => {
                "cannot be added with values"
            }
            Fate::Create if column::is_constrained(new, &column.ty) => "cannot be added with a type that is checked",
            _ => return None,
        };
        holder(old, table)?;
        let (holder, held) = holder(new, table)?;
        let message = format!("the column `{table}.{name}` {what} while `{holder}.{held}` holds rows of `{table}`");
        let help = format!("drop `{holder}.{held}`, or give it another type, in a step before");
        Some(Diagnostic::new(Severity::Warning, "row-type-held", message).help(help))
    };
    context.fates.iter().filter_map(refused).collect()
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
        let types = "CREATE TYPE pair AS (x t); CREATE DOMAIN rows AS t[];
            CREATE DOMAIN positive AS int CHECK (VALUE > 0);";
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
        let checked = "the column `t.g` cannot be added with a type that is checked while `log.old` holds rows of `t`";
        assert_eq!(said("a int, g positive", "t"), [checked]);
        assert_eq!(said("a bigint", "int"), [""; 0]);
        assert_eq!(said("a int, b int DEFAULT 1", "t"), [""; 0]);
    }
}
