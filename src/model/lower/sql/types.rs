//! Types: enums, composite types, ranges. Domains have a file of their own.

use squawk_syntax::ast::{self, AstNode};

use super::catalog::Relation;
use super::session::Session;
use super::tree::{child, ident_of, string, written};
use super::{datatype, indexes, others};
use crate::model::Hints;
use crate::model::datatype::{BaseType, DataType};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::types::{Attribute, EnumValue, TypeKind, UserType, multirange_name};

/// Runs CREATE TYPE.
pub fn create(session: &mut Session, statement: &ast::CreateType) {
    let node = statement.syntax();
    let Some(named) = statement.type_name() else { return };
    let name = session.new_name(named.syntax());
    let kind = match statement.kind() {
        Some(ast::CreateTypeKind::EnumType(it)) => TypeKind::Enum(values(session, it.variant_list())),
        Some(ast::CreateTypeKind::CompositeType(it)) => {
            let fields = it.composite_field_list().into_iter().flat_map(|list| list.composite_field_defs());
            TypeKind::Composite(fields.filter_map(|field| attribute(session, &field)).collect())
        }
        Some(ast::CreateTypeKind::RangeType(it)) => range(session, &name, it.attribute_list()),
        Some(ast::CreateTypeKind::BaseType(_)) | None => return others::base_type(session, &name, statement),
    };
    let id = ObjectId::Type(name.clone());
    if session.model.types.contains_key(&name) {
        return session.duplicate(&id, node);
    }
    if matches!(kind, TypeKind::Composite(_)) {
        if !session.is_free(&name, &id, false, node) {
            return;
        }
        session.catalog.add(name.clone(), Relation::Composite);
    }
    session.created(id, node);
    let hints = session.hints(node);
    session.model.types.insert(name, UserType { kind, comment: None, hints });
}

fn values(session: &mut Session, list: Option<ast::VariantList>) -> Vec<EnumValue> {
    let mut values = Vec::new();
    for variant in list.into_iter().flat_map(|list| list.variants()) {
        let renamed_from = session.hinted_label(variant.syntax());
        let label = variant.literal().map(|it| string(&it)).unwrap_or_default();
        values.push(EnumValue { label, renamed_from });
    }
    values
}

fn attribute(session: &mut Session, field: &ast::CompositeFieldDef) -> Option<Attribute> {
    Some(Attribute {
        name: ident_of(field.name())?,
        ty: datatype::of(session, field.ty()),
        collation: field.collate().and_then(|it| indexes::collation(session, &it)),
        comment: None,
        hints: session.hints(field.syntax()),
    })
}

/// Reads a range's parameters. The name of its multirange is left out when it is the one that PostgreSQL derives.
fn range(session: &Session, name: &Name, list: Option<ast::AttributeList>) -> TypeKind {
    let mut parameters = std::collections::BTreeMap::new();
    for option in list.iter().flat_map(ast::AttributeList::attribute_options) {
        let Some(key) = ident_of(option.name()) else { continue };
        let value = option.attribute_value();
        let ty = value.as_ref().and_then(|value| child::<ast::Type>(value.syntax()));
        let text = match ty {
            Some(ty) => datatype::read(session, &ty).to_string(),
            None => value.map(|value| session.text(value.syntax())).unwrap_or_default(),
        };
        parameters.insert(key.as_str().to_owned(), text);
    }
    let usual = DataType::named(name.sibling(multirange_name(name.name.as_str()))).to_string();
    if parameters.get("multirange_type_name").is_some_and(|multirange| *multirange == usual) {
        parameters.remove("multirange_type_name");
    }
    TypeKind::Range(parameters)
}

/// Runs ALTER TYPE.
pub fn alter(session: &mut Session, statement: &ast::AlterType) {
    let (Some(named), Some(action)) = (statement.type_name_ref(), statement.action()) else { return };
    let name = session.type_name(named.syntax());
    if !session.model.types.contains_key(&name) {
        return match action {
            ast::AlterTypeAction::OwnerTo(owner) => session.owned(owner.syntax()),
            _ => session.missing("type", &name, named.syntax()),
        };
    }
    match action {
        ast::AlterTypeAction::AddValue(it) => add_value(session, &name, &it),
        ast::AlterTypeAction::RenameValue(it) => rename_value(session, &name, &it),
        ast::AlterTypeAction::AlterTypeAttributeActionList(list) => {
            list.actions().for_each(|action| alter_attribute(session, &name, &action));
        }
        ast::AlterTypeAction::RenameAttribute(it) => {
            let (Some(old), Some(new)) = (ident_of(it.composite_field_ref()), ident_of(it.composite_field())) else {
                return;
            };
            match attributes(session, &name).and_then(|list| list.iter_mut().find(|field| field.name == old)) {
                Some(field) => field.name = new,
                None => session.missing("attribute", format!("{name}.{old}"), it.syntax()),
            }
        }
        ast::AlterTypeAction::TypeRenameTo(it) => {
            let Some(new) = it.type_name() else { return };
            rename(session, &name, &name.sibling(written(new.syntax()).name.as_str()));
        }
        ast::AlterTypeAction::SetSchema(it) => {
            let Some(schema) = ident_of(it.schema_ref()) else { return };
            rename(session, &name, &Name::qualified(schema.as_str(), name.name.as_str()));
        }
        ast::AlterTypeAction::OwnerTo(owner) => session.owned(owner.syntax()),
        ast::AlterTypeAction::SetOptions(it) => session.unmodelled("an option of a type", it.syntax()),
    }
}

fn enum_values<'s>(session: &'s mut Session, name: &Name) -> Option<&'s mut Vec<EnumValue>> {
    match &mut session.model.types.get_mut(name)?.kind {
        TypeKind::Enum(values) => Some(values),
        _ => None,
    }
}

fn add_value(session: &mut Session, name: &Name, node: &ast::AddValue) {
    let Some(label) = node.literal().map(|it| string(&it)) else { return };
    let neighbour = node.value_position().map(|position| match position {
        ast::ValuePosition::BeforeValue(it) => (it.literal().map(|it| string(&it)).unwrap_or_default(), 0),
        ast::ValuePosition::AfterValue(it) => (it.literal().map(|it| string(&it)).unwrap_or_default(), 1),
    });
    let Some(values) = enum_values(session, name) else {
        return session.missing("enum", name, node.syntax());
    };
    if values.iter().any(|value| value.label == label) {
        if node.if_not_exists().is_none() {
            session.duplicate_value(name, &label, node.syntax());
        }
        return;
    }
    let value = EnumValue { label, renamed_from: None };
    match neighbour {
        None => values.push(value),
        Some((neighbour, offset)) => match values.iter().position(|value| value.label == neighbour) {
            Some(at) => values.insert(at + offset, value),
            None => session.missing("enum value", neighbour, node.syntax()),
        },
    }
}

fn rename_value(session: &mut Session, name: &Name, node: &ast::RenameValue) {
    let (Some(from), Some(to)) = (node.from().map(|it| string(&it)), node.to().map(|it| string(&it))) else { return };
    match enum_values(session, name).and_then(|values| values.iter_mut().find(|value| value.label == from)) {
        Some(value) => value.label = to,
        None => session.missing("enum value", from, node.syntax()),
    }
}

fn attributes<'s>(session: &'s mut Session, name: &Name) -> Option<&'s mut Vec<Attribute>> {
    match &mut session.model.types.get_mut(name)?.kind {
        TypeKind::Composite(attributes) => Some(attributes),
        _ => None,
    }
}

fn alter_attribute(session: &mut Session, name: &Name, action: &ast::AlterTypeAttributeAction) {
    let node = action.syntax().clone();
    let (field, changed) = match action {
        ast::AlterTypeAttributeAction::AddAttribute(it) => {
            (ident_of(it.composite_field()), Some((datatype::of(session, it.ty()), it.collate())))
        }
        ast::AlterTypeAttributeAction::AlterAttribute(it) => {
            (ident_of(it.composite_field_ref()), Some((datatype::of(session, it.ty()), it.collate())))
        }
        ast::AlterTypeAttributeAction::DropAttribute(it) => (ident_of(it.composite_field_ref()), None),
    };
    let Some(field) = field else { return };
    let collation = changed.as_ref().and_then(|(_, collate)| indexes::collation(session, collate.as_ref()?));
    let adds = matches!(action, ast::AlterTypeAttributeAction::AddAttribute(_));
    let Some(list) = attributes(session, name) else { return };
    let known = list.iter().position(|it| it.name == field);
    match (changed, known) {
        (Some((ty, _)), None) if adds => {
            list.push(Attribute { name: field, ty, collation, comment: None, hints: Hints::default() });
        }
        (Some((ty, _)), Some(at)) if !adds => (list[at].ty, list[at].collation) = (ty, collation),
        (None, Some(at)) => drop(list.remove(at)),
        (Some(_), Some(_)) => session.duplicate(&ObjectId::Column(name.clone(), field), &node),
        _ => session.missing("attribute", format!("{name}.{field}"), &node),
    }
}

/// Renames a type or moves it: columns, arguments and other types follow.
pub fn rename(session: &mut Session, old: &Name, new: &Name) {
    let Some(found) = session.model.types.remove(old) else { return };
    if session.catalog.relation(old) == Some(&Relation::Composite) {
        session.catalog.remove(old);
        session.catalog.add(new.clone(), Relation::Composite);
    }
    session.model.types.insert(new.clone(), found);
    for column in session.model.tables.values_mut().flat_map(|table| &mut table.columns) {
        follow(&mut column.ty, old, new);
    }
    for ty in session.model.types.values_mut() {
        match &mut ty.kind {
            TypeKind::Domain(domain) => follow(&mut domain.base, old, new),
            TypeKind::Composite(fields) => fields.iter_mut().for_each(|field| follow(&mut field.ty, old, new)),
            TypeKind::Enum(_) | TypeKind::Range(_) => {}
        }
    }
    super::routines::follow_type(session, |ty| follow(ty, old, new));
    super::renames::move_grants(session, &ObjectId::Type(old.clone()), &ObjectId::Type(new.clone()));
    super::renames::move_origin(session, &ObjectId::Type(old.clone()), ObjectId::Type(new.clone()));
}

fn follow(ty: &mut DataType, old: &Name, new: &Name) {
    if ty.base == BaseType::Named(old.clone()) {
        ty.base = BaseType::Named(new.clone());
    }
}

/// The comment of the attribute `field` of a composite type, to change it.
pub fn attribute_comment<'s>(session: &'s mut Session, name: &Name, field: &Ident) -> Option<&'s mut Option<String>> {
    attributes(session, name)?.iter_mut().find(|it| it.name == *field).map(|it| &mut it.comment)
}
