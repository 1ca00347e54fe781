//! GRANT and REVOKE.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::catalog::Relation;
use super::routines;
use super::session::Session;
use super::tree::{children, columns, ident, idents, roles, written};
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::other::OtherId;
use crate::model::routine::RoutineKind;
use crate::model::security::{Grant, GrantKey, all_privileges};

/// A privilege as it is written, and the columns that it is limited to.
pub struct Privilege {
    /// Its name in lower case; `all` for all that the kind of object has.
    pub name: String,
    /// The columns; none for the whole object.
    pub columns: Vec<Ident>,
}

/// Runs GRANT.
pub fn grant(session: &mut Session, statement: &ast::Grant) {
    let Some(on) = statement.on_privilege_objects_clause().and_then(|it| it.privilege_objects()) else {
        return session.skip("membership in a role");
    };
    let grantable = is_grantable(statement.grant_with_clause());
    let privileges = privileges(statement.privileges());
    let grantees = roles(statement.role_ref_list());
    for object in objects(session, &on) {
        for key in keys(&object, &privileges, &grantees) {
            give(session, key, grantable);
        }
    }
}

/// Runs REVOKE.
pub fn revoke(session: &mut Session, statement: &ast::Revoke) {
    let Some(on) = statement.on_privilege_objects_clause().and_then(|it| it.privilege_objects()) else {
        return session.skip("membership in a role");
    };
    let option_only = matches!(statement.revoke_option_for(), Some(ast::RevokeOptionFor::GrantOptionFor(_)));
    let privileges = privileges(statement.privileges());
    let grantees = roles(statement.role_ref_list());
    for object in objects(session, &on) {
        for key in keys(&object, &privileges, &grantees) {
            take(session, key, option_only);
        }
    }
}

/// Whether a clause says `WITH GRANT OPTION`.
pub fn is_grantable(clause: Option<ast::GrantWithClause>) -> bool {
    clause.is_some_and(|clause| clause.grant_option().is_some())
}

/// Reads a list of privileges.
pub fn privileges(list: Option<ast::Privileges>) -> Vec<Privilege> {
    match list {
        Some(ast::Privileges::AllPrivileges(it)) => {
            vec![Privilege { name: "all".to_owned(), columns: columns(it.column_ref_list()) }]
        }
        Some(ast::Privileges::RevokeCommandList(it)) => it.revoke_commands().map(|it| privilege(&it)).collect(),
        None => Vec::new(),
    }
}

fn privilege(command: &ast::RevokeCommand) -> Privilege {
    let word = command.syntax().first_token().map(|token| token.text().to_ascii_lowercase()).unwrap_or_default();
    let name = if word == "temp" { "temporary".to_owned() } else { word };
    Privilege { name, columns: columns(command.column_ref_list()) }
}

/// Each combination of privilege, column and grantee; `all` is spelled out.
fn keys(object: &ObjectId, privileges: &[Privilege], grantees: &[Ident]) -> Vec<GrantKey> {
    let mut keys = Vec::new();
    for privilege in privileges {
        let columns: Vec<Option<Ident>> = match privilege.columns.as_slice() {
            [] => vec![None],
            columns => columns.iter().cloned().map(Some).collect(),
        };
        for column in columns {
            for name in spelled_out(object, column.is_some(), &privilege.name) {
                keys.extend(grantees.iter().map(|grantee| GrantKey {
                    object: object.clone(),
                    column: column.clone(),
                    grantee: grantee.clone(),
                    privilege: name.to_owned(),
                }));
            }
        }
    }
    keys
}

fn spelled_out<'p>(object: &ObjectId, of_column: bool, privilege: &'p str) -> Vec<&'p str> {
    match privilege {
        "all" if of_column => vec!["select", "insert", "update", "references"],
        "all" => all_privileges(object).to_vec(),
        one => vec![one],
    }
}

/// Whether PostgreSQL gives a privilege to everyone when it makes the object. Source: `acldefault` in `acl.c`.
fn is_default(key: &GrantKey) -> bool {
    key.grantee.as_str() == "public"
        && match &key.object {
            ObjectId::Routine(_) => key.privilege == "execute",
            ObjectId::Type(_) => key.privilege == "usage",
            ObjectId::Schema(schema) => schema.as_str() == "public" && key.privilege == "usage",
            ObjectId::Other(id) => matches!(id.kind.as_str(), "AGGREGATE" | "LANGUAGE"),
            _ => false,
        }
}

fn give(session: &mut Session, key: GrantKey, grantable: bool) {
    if is_default(&key) && !grantable {
        session.model.grants.remove(&key);
        return;
    }
    let before = matches!(session.model.grants.get(&key), Some(Grant::Granted { grantable: true }));
    session.model.grants.insert(key, Grant::Granted { grantable: grantable || before });
}

fn take(session: &mut Session, key: GrantKey, option_only: bool) {
    if option_only {
        session.model.grants.entry(key).and_modify(|grant| *grant = Grant::Granted { grantable: false });
    } else if is_default(&key) {
        session.model.grants.insert(key, Grant::Revoked);
    } else {
        take_all(session, &key);
    }
}

/// Takes a privilege away; taking it from a whole table takes it from the columns too.
fn take_all(session: &mut Session, key: &GrantKey) {
    if key.column.is_some() {
        session.model.grants.remove(key);
        return;
    }
    // What is left of ALL is what every version of PostgreSQL knows.
    let of = |privilege: &str| GrantKey { privilege: privilege.to_owned(), ..key.clone() };
    if all_privileges(&key.object).iter().all(|privilege| session.model.grants.contains_key(&of(privilege))) {
        session.model.grants.remove(&of("maintain"));
    }
    session.model.grants.remove(key);
    let on_object = session.model.grants.range(key.clone()..).map(|(other, _)| other);
    let of_columns: Vec<GrantKey> = on_object
        .take_while(|other| other.object == key.object)
        .filter(|other| other.grantee == key.grantee && other.privilege == key.privilege)
        .cloned()
        .collect();
    for column in of_columns {
        session.model.grants.remove(&column);
    }
}

/// The objects that a clause names, or all of a schema.
fn objects(session: &mut Session, on: &ast::PrivilegeObjects) -> Vec<ObjectId> {
    use ast::PrivilegeObjects as On;
    let node = on.syntax().clone();
    match on {
        On::PrivilegeDefault(_) | On::PrivilegeTable(_) => {
            each(session, children::<ast::RelationNameRef>(&node).map(|it| it.syntax().clone()).collect(), relation)
        }
        On::PrivilegeSequence(_) => {
            each(session, children::<ast::SequenceRef>(&node).map(|it| it.syntax().clone()).collect(), relation)
        }
        On::PrivilegeType(_) | On::PrivilegeDomain(_) => each(session, node.children().collect(), user_type),
        On::PrivilegeFunction(_) | On::PrivilegeProcedure(_) | On::PrivilegeRoutine(_) => {
            each(session, node.children().flat_map(|list| list.children()).collect(), routine)
        }
        On::PrivilegeSchema(_) => node.children().map(|it| ObjectId::Schema(ident(&it))).collect(),
        On::PrivilegeLanguage(_) => carried_whole(session, "LANGUAGE", &node),
        On::PrivilegeForeignServer(_) => carried_whole(session, "SERVER", &node),
        On::PrivilegeForeignDataWrapper(_) => carried_whole(session, "FOREIGN DATA WRAPPER", &node),
        On::PrivilegeAllTablesInSchema(_) => in_schemas(session, &node, is_like_a_table),
        On::PrivilegeAllSequencesInSchema(_) => in_schemas(session, &node, |it| *it == Relation::Sequence),
        On::PrivilegeAllFunctionsInSchema(_) => routines_in_schemas(session, &node, &[RoutineKind::Function]),
        On::PrivilegeAllProceduresInSchema(_) => routines_in_schemas(session, &node, &[RoutineKind::Procedure]),
        On::PrivilegeAllRoutinesInSchema(_) => {
            routines_in_schemas(session, &node, &[RoutineKind::Function, RoutineKind::Procedure])
        }
        On::PrivilegeDatabase(_)
        | On::PrivilegeTablespace(_)
        | On::PrivilegeParameter(_)
        | On::PrivilegeLargeObject(_) => {
            session.skip("privilege on what is outside of a schema");
            Vec::new()
        }
        On::PrivilegePropertyGraph(_) => {
            session.unmodelled("a property graph", &node);
            Vec::new()
        }
    }
}

fn each(
    session: &mut Session,
    nodes: Vec<SyntaxNode>,
    find: impl Fn(&mut Session, &SyntaxNode) -> Option<ObjectId>,
) -> Vec<ObjectId> {
    nodes.iter().filter_map(|node| find(session, node)).collect()
}

fn carried_whole(session: &mut Session, kind: &str, node: &SyntaxNode) -> Vec<ObjectId> {
    each(session, node.children().collect(), |session, node| {
        let id = OtherId { kind: kind.to_owned(), name: ident(node).to_string() };
        if session.model.others.contains_key(&id) || id.is_built_in() {
            return Some(ObjectId::Other(id));
        }
        session.missing(&kind.to_lowercase(), &id.name, node);
        None
    })
}

fn relation(session: &mut Session, node: &SyntaxNode) -> Option<ObjectId> {
    let name = session.relation_name(node);
    let found = session.catalog.relation(&name).and_then(|relation| id(relation, &name));
    if found.is_none() {
        session.missing("table", &name, node);
    }
    found
}

/// The identity of a relation on which privileges can be granted.
pub fn id(relation: &Relation, name: &Name) -> Option<ObjectId> {
    match relation {
        Relation::Table => Some(ObjectId::Table(name.clone())),
        Relation::View => Some(ObjectId::View(name.clone())),
        Relation::Sequence | Relation::Identity(..) => Some(ObjectId::Sequence(name.clone())),
        Relation::Foreign => {
            Some(ObjectId::Other(OtherId { kind: "FOREIGN TABLE".to_owned(), name: name.to_string() }))
        }
        Relation::Index(_) | Relation::Key(_) | Relation::Composite => None,
    }
}

fn is_like_a_table(relation: &Relation) -> bool {
    matches!(relation, Relation::Table | Relation::View | Relation::Foreign)
}

fn user_type(session: &mut Session, node: &SyntaxNode) -> Option<ObjectId> {
    let name = session.type_name(node);
    if session.model.types.contains_key(&name) {
        return Some(ObjectId::Type(name));
    }
    session.missing("type", &name, node);
    None
}

fn routine(session: &mut Session, node: &SyntaxNode) -> Option<ObjectId> {
    if let Some(signature) = routines::find(session, node) {
        return Some(ObjectId::Routine(signature));
    }
    let wanted = written(node.first_child().as_ref().unwrap_or(node));
    let name = routines::name_of(session, &wanted);
    let spelled = routines::spelled(session, &name, super::tree::child(node));
    let aggregate = OtherId { kind: "AGGREGATE".to_owned(), name: spelled.clone() };
    if session.model.others.contains_key(&aggregate) {
        return Some(ObjectId::Other(aggregate));
    }
    session.missing("routine", spelled, node);
    None
}

fn schemas(node: &SyntaxNode) -> Vec<Option<Ident>> {
    let named = idents(children::<ast::SchemaRef>(node));
    named.into_iter().map(|schema| Some(schema).filter(|it| it.as_str() != "public")).collect()
}

fn in_schemas(session: &Session, node: &SyntaxNode, of: impl Fn(&Relation) -> bool) -> Vec<ObjectId> {
    let mut found = Vec::new();
    for schema in schemas(node) {
        let relations = session.catalog.in_schema(&schema).filter(|(_, relation)| of(relation));
        found.extend(relations.filter_map(|(name, relation)| id(relation, name)));
    }
    found
}

/// The routines of these kinds in the schemas that are named; aggregates are functions there.
fn routines_in_schemas(session: &Session, node: &SyntaxNode, kinds: &[RoutineKind]) -> Vec<ObjectId> {
    let schemas = schemas(node);
    let is_one = |kind: RoutineKind, name: &Name| kinds.contains(&kind) && schemas.contains(&name.schema);
    let routines = session.model.routines.iter().filter(|(it, routine)| is_one(routine.kind, &it.name));
    let is_aggregate =
        |id: &&OtherId| id.kind == "AGGREGATE" && id.path().is_some_and(|name| is_one(RoutineKind::Function, &name));
    let aggregates = session.model.others.keys().filter(is_aggregate);
    routines.map(|(it, _)| ObjectId::Routine(it.clone())).chain(aggregates.cloned().map(ObjectId::Other)).collect()
}
