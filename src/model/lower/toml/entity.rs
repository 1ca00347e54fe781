//! One entity: a table.

use super::{Piece, Scope, expression, field, index_name, names, pick};
use crate::diagnostic::{Diagnostic, nearest};
use crate::grammar::Text;
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::hints::former_entity;
use crate::model::id::ObjectId;
use crate::model::index::{ElementKey, Index, IndexElement};
use crate::model::name::{Ident, Name, default_name};
use crate::model::table::Table;
use crate::model::{Access, Sql};
use crate::syntax::toml::{AccessNode, EntityNode, IndexNode};

/// Lowers `node` into `piece`, which is empty.
pub fn lower(name: &Name, node: &EntityNode, scope: &Scope<'_>, piece: &mut Piece) {
    let Piece { table, origins, diagnostics, .. } = piece;
    table.doc.clone_from(&node.doc);
    pick::lower(name, node, scope, table, origins, diagnostics);
    table.columns.reserve_exact(node.fields.len());
    for field in &node.fields {
        origins.insert(ObjectId::Column(name.clone(), Ident::new(&field.name.text)), field.name.span.clone());
        field::lower(field, name, scope, table, diagnostics);
    }
    primary_key(name, node, table, diagnostics);
    unique(name, node, table, diagnostics);
    checks(node, table, diagnostics);
    for declared in &node.indexes {
        index(declared, table, diagnostics);
    }
    if let Some(declared) = &node.access {
        table.intent.access = Some(access(declared, table, diagnostics));
    }
    table.intent.harden.extend(node.harden.iter().map(|(rule, on)| (rule.text.clone(), *on)));
    if let Some(from) = &node.renamed_from {
        let (schema, name) = former_entity(&from.text);
        (table.hints.moved_from, table.hints.renamed_from) = (schema, Some(name));
    }
    origins.insert(ObjectId::Table(name.clone()), node.name.span.clone());
}

/// The primary key: one field's flag, or the entity's list.
fn primary_key(name: &Name, node: &EntityNode, table: &mut Table, diagnostics: &mut Vec<Diagnostic>) {
    let flagged: Vec<&Text> = node.fields.iter().filter(|field| field.primary_key).map(|field| &field.name).collect();
    let picked = !table.primary_key().is_empty();
    let (columns, second) = match (flagged.as_slice(), node.primary_key.as_slice()) {
        ([], []) => return,
        ([one], []) => (vec![*one], picked.then_some(*one)),
        ([], list) => (list.iter().collect(), picked.then_some(&list[0])),
        ([first, second, ..], []) => (vec![*first], Some(*second)),
        ([first, ..], [listed, ..]) => (vec![*first], Some(listed)),
    };
    if let Some(second) = second {
        let names: Vec<String> = flagged.iter().map(|name| format!("\"{}\"", name.text)).collect();
        let found = Diagnostic::error(
            "two-primary-keys",
            second.span.clone(),
            format!("entity `{}` has two primary keys", node.name.text),
        )
        .labelled("the second");
        let found = if columns[0].span == second.span { found } else { found.at(columns[0].span.clone(), "the first") };
        diagnostics.push(match names.len() {
            0 | 1 => found.help("keep one of them"),
            _ => found.help(format!(
                "for one key of several fields write `primary_key = [{}]` below `[{}]`",
                names.join(", "),
                node.name.text
            )),
        });
        return;
    }
    let columns = known(&columns, table, diagnostics);
    for column in &columns {
        if let Some(column) = table.column_mut(column.as_str()) {
            column.not_null = true;
        }
    }
    table.constraints.insert(default_name(name.name.as_str(), "", "pkey"), Constraint::primary(columns));
}

fn unique(name: &Name, node: &EntityNode, table: &mut Table, diagnostics: &mut Vec<Diagnostic>) {
    for set in &node.unique {
        let columns = known(&set.iter().collect::<Vec<_>>(), table, diagnostics);
        if !columns.is_empty() {
            let joined = columns.iter().map(Ident::as_str).collect::<Vec<_>>().join("_");
            table.constraints.insert(default_name(name.name.as_str(), &joined, "key"), Constraint::unique(columns));
        }
    }
}

fn checks(node: &EntityNode, table: &mut Table, diagnostics: &mut Vec<Diagnostic>) {
    for (name, text) in &node.checks {
        names::check(name, "check", diagnostics);
        if let Some(sql) = expression::lower(text, "the check", diagnostics) {
            table.constraints.insert(Ident::new(&name.text), Constraint::new(ConstraintKind::Check(sql)));
        }
    }
}

fn index(node: &IndexNode, table: &mut Table, diagnostics: &mut Vec<Diagnostic>) {
    let name = index_name(&node.name.text);
    names::check(&Text { text: name.as_str().to_owned(), span: node.name.span.clone() }, "index", diagnostics);
    let mut elements = Vec::new();
    for text in &node.columns {
        match text.text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            Some(inner) => {
                if expression::lower(text, "the indexed expression", diagnostics).is_some() {
                    elements.push(IndexElement::of(ElementKey::Expression(Sql::new(inner.trim()))));
                }
            }
            None => elements.extend(known(&[text], table, diagnostics).into_iter().map(IndexElement::column)),
        }
    }
    if node.columns.is_empty() {
        diagnostics.push(
            Diagnostic::error(
                "empty-index",
                node.name.span.clone(),
                format!("index `{}` indexes nothing", node.name.text),
            )
            .help("list its fields"),
        );
    }
    let index = Index {
        method: node.method.as_ref().map_or_else(|| "btree".to_owned(), |method| method.text.to_lowercase()),
        unique: node.unique,
        elements,
        include: known(&node.include.iter().collect::<Vec<_>>(), table, diagnostics),
        predicate: node.condition.as_ref().and_then(|text| expression::lower(text, "`where`", diagnostics)),
        ..Index::on(Vec::new())
    };
    if !index.elements.is_empty() {
        table.indexes.insert(name, index);
    }
}

fn access(node: &AccessNode, table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Access {
    let owner = node.owner.as_ref().and_then(|owner| known(&[owner], table, diagnostics).pop());
    let mut sql =
        |text: &Option<Text>| text.as_ref().and_then(|text| expression::lower(text, "the condition", diagnostics));
    let (admin, read) = (sql(&node.admin), sql(&node.read));
    if node.owner.is_none() && node.admin.is_none() && node.read.is_none() {
        diagnostics.push(
            Diagnostic::error("empty-access", node.span.clone(), "`access` says nothing about who reaches the rows")
                .help("add `owner = \"<field>\"`, `admin = \"<condition>\"` or `read = \"<condition>\"`"),
        );
    }
    Access { owner, admin, read }
}

/// The fields of `names` that the table has; the others are reported.
fn known(names: &[&Text], table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Vec<Ident> {
    let mut columns = Vec::new();
    for name in names {
        if table.column(&name.text).is_some() {
            columns.push(Ident::new(&name.text));
            continue;
        }
        let found = Diagnostic::error(
            "unknown-field",
            name.span.clone(),
            format!("this view of the entity has no field `{}`", name.text),
        );
        diagnostics.push(match nearest(&name.text, table.columns.iter().map(|column| column.name.as_str())) {
            Some(near) => found.help(format!("did you mean `{near}`?")),
            None => found.help("declare the field, or pick it from the BUSM"),
        });
    }
    columns
}
