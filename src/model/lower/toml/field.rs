//! One field: a column, and the constraints that it carries alone.

use super::reference::{self, Target};
use super::{Scope, default, expression, names, types};
use crate::diagnostic::Diagnostic;
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::datatype::DataType;
use crate::model::hints::Said;
use crate::model::index::Index;
use crate::model::name::{Ident, Name, default_name};
use crate::model::sequence::SequenceOptions;
use crate::model::table::{Column, Generated, Identity, Table};
use crate::model::{Sql, singular, values};
use crate::syntax::toml::FieldNode;

/// Adds `field` to `table`, which is named `name`.
pub fn lower(field: &FieldNode, name: &Name, scope: &Scope<'_>, table: &mut Table, diagnostics: &mut Vec<Diagnostic>) {
    names::check(&field.name, "field", diagnostics);
    let target = field.references.as_ref().map(|reference| reference::resolve(field, reference, scope, diagnostics));
    let Some(ty) = type_of(field, target.as_ref().map(Option::as_ref), scope, diagnostics) else {
        table.columns.push(Column::new(&field.name.text, DataType::unknown()));
        return;
    };
    let column = column(field, ty, diagnostics);
    let own = column.name.clone();
    let mut add = |constraint: Constraint| {
        let name = default_name(name.name.as_str(), own.as_str(), constraint.suffix());
        table.constraints.insert(free(name, table), constraint);
    };
    if field.unique && !field.primary_key {
        add(Constraint::unique(vec![own.clone()]));
    }
    if let Some(Some(target)) = &target {
        add(Constraint::new(ConstraintKind::ForeignKey(reference::foreign_key(field, own.clone(), target))));
    }
    if !field.values.is_empty() {
        let allowed: Vec<String> = field.values.iter().map(|value| value.text.clone()).collect();
        add(Constraint::new(ConstraintKind::Check(values::values_check(&own, &allowed))));
    }
    if let Some(check) = field.check.as_ref().and_then(|text| expression::lower(text, "the check", diagnostics)) {
        add(Constraint::new(ConstraintKind::Check(check)));
    }
    if field.index {
        let index = index_name(name, &own, table);
        table.indexes.insert(index, Index::on(vec![own.clone()]));
    }
    question(field, diagnostics);
    table.columns.push(column);
}

/// The field's own type, else that of the key that it points to.
fn type_of(
    field: &FieldNode,
    target: Option<Option<&Target>>,
    scope: &Scope<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<DataType> {
    if let Some(text) = &field.ty {
        let ty = types::lower(text, scope).map_err(|found| diagnostics.push(*found)).ok()?;
        if let Some(key) = target.flatten().and_then(|target| target.ty.as_ref())
            && !comparable(&ty, key)
        {
            diagnostics.push(
                Diagnostic::error(
                    "reference-type",
                    text.span.clone(),
                    format!("the key that this field points to is `{key}`, which is not comparable with `{ty}`"),
                )
                .help("leave `type` out: the field then has the key's type"),
            );
        }
        return Some(ty);
    }
    match target {
        Some(Some(target)) => {
            if target.ty.is_none() && scope.whole {
                let span = field.references.as_ref().map_or(&field.name.span, |text| &text.span);
                diagnostics.push(
                    Diagnostic::error(
                        "unknown-type",
                        span.clone(),
                        format!(
                            "the type of `{}` follows from nothing: its references run in a circle",
                            field.name.text
                        ),
                    )
                    .help("give one of the fields a `type`"),
                );
            }
            target.ty.clone()
        }
        Some(None) => None,           // the reference was reported already
        None if field.broken => None, // and so was what stands in the place of the type
        None => {
            diagnostics.push(
                Diagnostic::error(
                    "missing-type",
                    field.name.span.clone(),
                    format!("field `{}` has no type", field.name.text),
                )
                .help("add `type = \"…\"`, or `references = \"…\"` to take the type of another entity's key"),
            );
            None
        }
    }
}

/// Whether PostgreSQL has an equality between the two, so that a foreign key may join them.
fn comparable(a: &DataType, b: &DataType) -> bool {
    if [a, b].contains(&&DataType::unknown()) {
        return true;
    }
    let family = |ty: &DataType| match ty.scalar_builtin() {
        Some("smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision") => Some("number".to_owned()),
        Some("varchar" | "char" | "text" | "name") => Some("text".to_owned()),
        Some("date" | "timestamp" | "timestamptz") => Some("time".to_owned()),
        _ => None,
    };
    match (family(a), family(b)) {
        (None, None) => a.base == b.base && a.array == b.array || a.user_type().is_some() || b.user_type().is_some(),
        (a_family, b_family) => a_family == b_family || a.user_type().is_some() || b.user_type().is_some(),
    }
}

fn column(field: &FieldNode, ty: DataType, diagnostics: &mut Vec<Diagnostic>) -> Column {
    let mut sql =
        |text: &Option<_>, what: &str| text.as_ref().and_then(|text| expression::lower(text, what, diagnostics));
    let generated: Option<Sql> = sql(&field.generated, "`generated`");
    let hints = Said {
        renamed_from: field.renamed_from.as_ref().map(|name| Ident::new(&name.text)),
        moved_from: None,
        backfill: sql(&field.backfill, "`backfill`"),
        using: sql(&field.using, "`using`"),
    };
    let default = default::lower(field, &ty, diagnostics);
    let identity = field
        .identity
        .as_ref()
        .map(|kind| Box::new(Identity { always: kind.text == "always", options: SequenceOptions::default() }));
    Column {
        not_null: field.required || field.primary_key || identity.is_some(),
        default,
        generated: generated.map(|expression| Generated { expression, stored: true }),
        identity,
        doc: field.doc.clone(),
        hints: hints.into(),
        ..Column::new(&field.name.text, ty)
    }
}

/// `idx_account_owner` for `owner_id` of `accounts`; the whole column's name where that is taken.
fn index_name(table: &Name, column: &Ident, taken: &Table) -> Ident {
    let entity = singular::singular(table.name.as_str());
    let short = column.as_str().strip_suffix("_id").filter(|word| !word.is_empty()).unwrap_or(column.as_str());
    let name = super::index_name(&format!("{entity}_{short}"));
    if taken.indexes.contains_key(&name) {
        super::index_name(&format!("{entity}_{column}", column = column.as_str()))
    } else {
        name
    }
}

/// PostgreSQL numbers default names that are taken: `accounts_type_check1`.
fn free(name: Ident, table: &Table) -> Ident {
    let numbered =
        |number: u32| if number == 0 { name.clone() } else { Ident::new(format!("{}{number}", name.as_str())) };
    (0..).map(numbered).find(|name| !table.constraints.contains_key(name)).unwrap_or(name.clone())
}

/// Keys that cannot stand together.
fn question(field: &FieldNode, diagnostics: &mut Vec<Diagnostic>) {
    let mut clash = |is: bool, message: &str, help: &str| {
        if is {
            diagnostics.push(
                Diagnostic::error(
                    "contradiction",
                    field.name.span.clone(),
                    format!("field `{}` {message}", field.name.text),
                )
                .help(help),
            );
        }
    };
    clash(
        field.generated.is_some() && field.default.is_some(),
        "is generated and has a default",
        "remove one of `generated` and `default`",
    );
    clash(
        field.generated.is_some() && field.identity.is_some(),
        "is generated and an identity",
        "remove one of `generated` and `identity`",
    );
    clash(
        field.identity.is_some() && field.default.is_some(),
        "is an identity and has a default",
        "remove one of `identity` and `default`",
    );
    clash(
        field.references.is_none() && (field.on_delete.is_some() || field.on_update.is_some()),
        "says what happens when its target changes, but has no target",
        "add `references = \"…\"`, or remove `on_delete` and `on_update`",
    );
    clash(
        field.required && field.on_delete.as_ref().is_some_and(|action| action.text == "set null"),
        "is required, but `on_delete = \"set null\"` would empty it",
        "write `on_delete = \"restrict\"` or `\"cascade\"`, or let the field be optional",
    );
}
