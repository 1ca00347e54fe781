//! Privileges: those on objects, which are facts of the objects, and the default ones, which stand by themselves.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::object;
use super::{Change, ChangeKind, Fact};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::other::OtherId;
use crate::model::security::{DefaultPrivilege, Grant, GrantKey};
use crate::model::{Model, canonical};

/// The privileges on the object `id`: they stand together, since a key's first part is its object.
pub fn grants_of<'a>(model: &'a Model, id: &'a ObjectId) -> impl Iterator<Item = (&'a GrantKey, &'a Grant)> {
    let first = || GrantKey { object: id.clone(), column: None, grantee: Ident::new(""), privilege: String::new() };
    let first = (!model.grants.is_empty()).then(first);
    first.into_iter().flat_map(|first| model.grants.range(first..)).take_while(move |(key, _)| key.object == *id)
}

/// The object whose privileges go with the object `id`: itself, or the sequence behind a column's identity.
pub fn bearer(model: &Model, id: &ObjectId) -> Option<ObjectId> {
    let ObjectId::Column(table, name) = id else { return Some(id.clone()) };
    let column = model.tables.get(table)?.column(name.as_str())?;
    Some(ObjectId::Sequence(column.identity.as_ref()?.sequence(table, name)))
}

/// The privileges that go with the object `id`.
pub fn grants_with(model: &Model, id: &ObjectId) -> Vec<(GrantKey, Grant)> {
    let bearer = if model.grants.is_empty() { None } else { bearer(model, id) };
    let grants = bearer.iter().flat_map(|id| grants_of(model, id));
    grants.map(|(key, grant)| (key.clone(), *grant)).collect()
}

/// The privileges on a table, and on the sequences behind its identities.
pub fn grants_of_table(model: &Model, table: &Name) -> BTreeMap<GrantKey, Grant> {
    let columns = model.tables.get(table).into_iter().flat_map(|it| &it.columns);
    let columns = columns.map(|column| ObjectId::Column(table.clone(), column.name.clone()));
    let ids = [ObjectId::Table(table.clone())].into_iter().chain(columns.filter(|_| !model.grants.is_empty()));
    ids.flat_map(|id| grants_with(model, &id)).collect()
}

/// The changes of default privileges, each as if it were an object of its own.
pub fn default_privileges(from: &Model, to: &Model) -> Vec<Change> {
    if from.default_privileges == to.default_privileges {
        return Vec::new();
    }
    let [from, to] = [from, to].map(|model| canonical::default_privileges(&model.default_privileges));
    let mut changes: Vec<Change> = object::unequal(&from, &to)
        .map(|key| {
            let old = from.get(key).map(spell_grant);
            let new = to.get(key).map(spell_grant);
            let fact = Fact { name: Cow::Borrowed("privilege"), old, new };
            Change { id: default_privilege_id(key), kind: ChangeKind::Altered(vec![fact]) }
        })
        .collect();
    changes.sort_by(|a, b| a.id.cmp(&b.id));
    changes
}

/// What a default privilege is called where an object is named.
pub fn default_privilege_id(key: &DefaultPrivilege) -> ObjectId {
    let role = key.role.as_ref().map(|role| format!(" of role {role}")).unwrap_or_default();
    let schema = key.schema.as_ref().map(|schema| format!(" in schema {schema}")).unwrap_or_default();
    let name = format!("{} on {} to {}{role}{schema}", key.privilege, key.objects, key.grantee);
    ObjectId::Other(OtherId { kind: "DEFAULT PRIVILEGE".to_owned(), name })
}

/// The privilege's outcome as a fact says it.
pub fn spell_grant(grant: &Grant) -> String {
    match grant {
        Grant::Granted { grantable: false } => "granted",
        Grant::Granted { grantable: true } => "granted with grant option",
        Grant::Revoked => "revoked",
    }
    .to_owned()
}
