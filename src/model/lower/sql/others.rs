//! Objects that the model carries whole: aggregates, casts, collations, rules, statistics, publications and their like.

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::catalog::Relation;
use super::session::Session;
use super::tree::{child, children, ident, ident_of, written};
use super::{datatype, routines};
use crate::model::Sql;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::other::{Other, OtherId};

/// Runs a CREATE statement whose object is carried whole, when it is one.
pub fn create(session: &mut Session, statement: &ast::Stmt) -> bool {
    let Some(id) = created(session, statement) else { return false };
    let node = statement.syntax();
    let replace = child::<ast::OrReplace>(node).is_some();
    if session.model.others.contains_key(&id) && !replace {
        if child::<ast::IfNotExists>(node).is_none() {
            session.duplicate(&ObjectId::Other(id), node);
        }
        return true;
    }
    if let ast::Stmt::CreateForeignTable(it) = statement
        && let Some(name) = it.table_name()
    {
        let name = session.new_name(name.syntax());
        session.catalog.add(name, Relation::Foreign);
    }
    if let ast::Stmt::CreateOperatorClass(it) = statement
        && it.operator_family_clause().is_none()
    {
        own_family(session, &id);
    }
    match session.model.others.contains_key(&id) {
        true => session.origin(ObjectId::Other(id.clone()), node),
        false => session.created(ObjectId::Other(id.clone()), node),
    }
    let definition = definition(session, node);
    let comment = session.model.others.remove(&id).and_then(|old| old.comment);
    session.model.others.insert(id, Other { definition, comment });
    true
}

/// An operator class that names no family is in the one of its name, which is made when it is not there.
fn own_family(session: &mut Session, class: &OtherId) {
    let id = identity("OPERATOR FAMILY", class.name.clone());
    let definition = Sql::new(format!("CREATE {} {}", id.kind, id.name));
    session.model.others.entry(id).or_insert(Other { definition, comment: None });
}

fn definition(session: &Session, node: &SyntaxNode) -> Sql {
    Sql::new(session.text(node).trim_end_matches(';').trim_end())
}

/// Carries a base type whole; the shell that announces it and the type itself are one object.
pub fn base_type(session: &mut Session, name: &Name, statement: &ast::CreateType) {
    let id = OtherId { kind: "TYPE".to_owned(), name: name.to_string() };
    let text = definition(session, statement.syntax());
    session.origin(ObjectId::Other(id.clone()), statement.syntax());
    match session.model.others.get_mut(&id) {
        Some(shell) => shell.definition = Sql::new(format!("{};\n{text}", shell.definition)),
        None => drop(session.model.others.insert(id, Other { definition: text, comment: None })),
    }
}

/// What a CREATE statement makes, when that is carried whole. A flat list.
fn created(session: &mut Session, statement: &ast::Stmt) -> Option<OtherId> {
    use ast::Stmt as S;
    Some(match statement {
        S::CreateAggregate(it) => {
            let name = session.new_name(it.aggregate_name()?.syntax());
            identity("AGGREGATE", routines::spelled(session, &name, it.param_list()))
        }
        S::CreateCast(it) => cast(session, it.cast_sig()?.syntax()),
        S::CreateTransform(it) => transform(session, it.ty()?, it.language_ref()?),
        S::CreateOperator(it) => created_operator(session, it)?,
        S::CreateOperatorClass(it) => {
            let name = session.new_name(it.op_class_name()?.syntax());
            identity("OPERATOR CLASS", using(&name, it.using_method()))
        }
        S::CreateOperatorFamily(it) => {
            let name = session.new_name(child::<ast::OpFamilyName>(it.syntax())?.syntax());
            identity("OPERATOR FAMILY", using(&name, child(it.syntax())))
        }
        S::CreateRule(it) => {
            let table = session.relation_name(it.rule_on()?.relation_name_ref()?.syntax());
            identity("RULE", format!("{} ON {table}", ident_of(it.rule())?))
        }
        S::CreateUserMapping(it) => user_mapping(it.user_mapping_role()?.syntax(), it.server_clause()?.server_ref()?),
        S::CreateCollation(it) => new_path(session, "COLLATION", it.collation()?.syntax()),
        S::CreateConversion(it) => new_path(session, "CONVERSION", child::<ast::Conversion>(it.syntax())?.syntax()),
        S::CreateStatistics(it) => match it.statistics() {
            Some(name) => new_path(session, "STATISTICS", name.syntax()),
            None => unnamed_statistics(session, it)?,
        },
        S::CreateForeignTable(it) => new_path(session, "FOREIGN TABLE", it.table_name()?.syntax()),
        S::CreateTextSearchConfiguration(it) => {
            new_path(session, "TEXT SEARCH CONFIGURATION", child::<ast::TextSearchConfiguration>(it.syntax())?.syntax())
        }
        S::CreateTextSearchDictionary(it) => {
            new_path(session, "TEXT SEARCH DICTIONARY", child::<ast::TextSearchDictionary>(it.syntax())?.syntax())
        }
        S::CreateTextSearchParser(it) => {
            new_path(session, "TEXT SEARCH PARSER", child::<ast::TextSearchParser>(it.syntax())?.syntax())
        }
        S::CreateTextSearchTemplate(it) => {
            new_path(session, "TEXT SEARCH TEMPLATE", child::<ast::TextSearchTemplate>(it.syntax())?.syntax())
        }
        S::CreateEventTrigger(it) => single("EVENT TRIGGER", it.event_trigger()?.syntax()),
        S::CreatePublication(it) => single("PUBLICATION", it.publication()?.syntax()),
        S::CreateSubscription(it) => single("SUBSCRIPTION", child::<ast::Subscription>(it.syntax())?.syntax()),
        S::CreateServer(it) => single("SERVER", child::<ast::Server>(it.syntax())?.syntax()),
        S::CreateForeignDataWrapper(it) => {
            single("FOREIGN DATA WRAPPER", child::<ast::ForeignDataWrapper>(it.syntax())?.syntax())
        }
        S::CreateLanguage(it) => single("LANGUAGE", child::<ast::Language>(it.syntax())?.syntax()),
        S::CreateAccessMethod(it) => single("ACCESS METHOD", child::<ast::AccessMethod>(it.syntax())?.syntax()),
        _ => return None,
    })
}

/// What a comment or a DROP refers to, when that is carried whole. A flat list.
pub fn referred(session: &mut Session, node: &SyntaxNode) -> Option<OtherId> {
    let last = node.children().last();
    let target = last.as_ref().unwrap_or(node);
    Some(match node.kind() {
        SyntaxKind::OBJECT_AGGREGATE => aggregate(session, &child::<ast::Aggregate>(node)?),
        SyntaxKind::OBJECT_CAST => cast(session, child::<ast::CastSig>(node)?.syntax()),
        SyntaxKind::OBJECT_TRANSFORM => transform(session, child(node)?, child(node)?),
        SyntaxKind::OBJECT_OPERATOR => operator(session, node)?,
        SyntaxKind::OBJECT_OPERATOR_CLASS => {
            let name = path_name(session, "OPERATOR CLASS", child::<ast::OpClassRef>(node)?.syntax());
            identity("OPERATOR CLASS", using(&name, child(node)))
        }
        SyntaxKind::OBJECT_OPERATOR_FAMILY => {
            let name = path_name(session, "OPERATOR FAMILY", child::<ast::OpFamilyRef>(node)?.syntax());
            identity("OPERATOR FAMILY", using(&name, child(node)))
        }
        SyntaxKind::OBJECT_RULE => {
            let table = session.relation_name(child::<ast::RelationNameRef>(node)?.syntax());
            identity("RULE", format!("{} ON {table}", ident(child::<ast::RuleRef>(node)?.syntax())))
        }
        SyntaxKind::OBJECT_COLLATION | SyntaxKind::DROP_COLLATION => old_path(session, "COLLATION", target),
        SyntaxKind::OBJECT_CONVERSION => old_path(session, "CONVERSION", target),
        SyntaxKind::OBJECT_STATISTICS => old_path(session, "STATISTICS", target),
        SyntaxKind::OBJECT_FOREIGN_TABLE => old_path(session, "FOREIGN TABLE", target),
        SyntaxKind::OBJECT_TEXT_SEARCH_CONFIG => old_path(session, "TEXT SEARCH CONFIGURATION", target),
        SyntaxKind::OBJECT_TEXT_SEARCH_DICT => old_path(session, "TEXT SEARCH DICTIONARY", target),
        SyntaxKind::OBJECT_TEXT_SEARCH_PARSER => old_path(session, "TEXT SEARCH PARSER", target),
        SyntaxKind::OBJECT_TEXT_SEARCH_TEMPLATE => old_path(session, "TEXT SEARCH TEMPLATE", target),
        SyntaxKind::OBJECT_EVENT_TRIGGER => single("EVENT TRIGGER", target),
        SyntaxKind::OBJECT_PUBLICATION => single("PUBLICATION", target),
        SyntaxKind::OBJECT_SUBSCRIPTION => single("SUBSCRIPTION", target),
        SyntaxKind::OBJECT_SERVER => single("SERVER", target),
        SyntaxKind::OBJECT_FOREIGN_DATA_WRAPPER => single("FOREIGN DATA WRAPPER", target),
        SyntaxKind::OBJECT_LANGUAGE => single("LANGUAGE", target),
        SyntaxKind::OBJECT_ACCESS_METHOD => single("ACCESS METHOD", target),
        _ => return None,
    })
}

/// Runs a DROP statement whose objects are carried whole, when it is one. A flat list.
pub fn drop_statement(session: &mut Session, statement: &ast::Stmt) -> bool {
    use ast::Stmt as S;
    let node = statement.syntax();
    let refs: Vec<SyntaxNode> = node.children().filter(|it| !is_clause(it.kind())).collect();
    let found: Vec<Option<OtherId>> =
        match statement {
            S::DropAggregate(it) => it.aggregates().map(|it| Some(aggregate(session, &it))).collect(),
            S::DropCast(it) => vec![it.cast_sig().map(|it| cast(session, it.syntax()))],
            S::DropTransform(it) => {
                vec![it.ty().zip(it.language_ref()).map(|(ty, language)| transform(session, ty, language))]
            }
            S::DropOperator(it) => it
                .op_sig_list()
                .into_iter()
                .flat_map(|list| children::<ast::OpSig>(list.syntax()).collect::<Vec<_>>())
                .map(|it| operator(session, it.syntax()))
                .collect(),
            S::DropOperatorClass(it) => vec![it.op_class_ref().map(|class| {
                let name = path_name(session, "OPERATOR CLASS", class.syntax());
                identity("OPERATOR CLASS", using(&name, it.using_method()))
            })],
            S::DropOperatorFamily(it) => vec![it.op_family_ref().map(|family| {
                let name = path_name(session, "OPERATOR FAMILY", family.syntax());
                identity("OPERATOR FAMILY", using(&name, child(it.syntax())))
            })],
            S::DropRule(it) => {
                let table = it.on_relation().and_then(|it| it.relation_name_ref());
                vec![ident_of(it.rule_ref()).zip(table).map(|(rule, table)| {
                    identity("RULE", format!("{rule} ON {}", session.relation_name(table.syntax())))
                })]
            }
            S::DropUserMapping(it) => {
                let server = it.server_clause().and_then(|it| it.server_ref());
                vec![it.user_mapping_role().zip(server).map(|(role, server)| user_mapping(role.syntax(), server))]
            }
            S::DropCollation(_) => paths(session, "COLLATION", &refs),
            S::DropConversion(_) => paths(session, "CONVERSION", &refs),
            S::DropStatistics(_) => paths(session, "STATISTICS", &refs),
            S::DropForeignTable(_) => {
                for node in &refs {
                    let name = session.relation_name(node);
                    session.catalog.remove(&name);
                }
                paths(session, "FOREIGN TABLE", &refs)
            }
            S::DropTextSearchConfig(_) => paths(session, "TEXT SEARCH CONFIGURATION", &refs),
            S::DropTextSearchDict(_) => paths(session, "TEXT SEARCH DICTIONARY", &refs),
            S::DropTextSearchParser(_) => paths(session, "TEXT SEARCH PARSER", &refs),
            S::DropTextSearchTemplate(_) => paths(session, "TEXT SEARCH TEMPLATE", &refs),
            S::DropEventTrigger(_) => singles("EVENT TRIGGER", &refs),
            S::DropPublication(_) => singles("PUBLICATION", &refs),
            S::DropSubscription(_) => singles("SUBSCRIPTION", &refs),
            S::DropServer(_) => singles("SERVER", &refs),
            S::DropForeignDataWrapper(_) => singles("FOREIGN DATA WRAPPER", &refs),
            S::DropLanguage(_) => singles("LANGUAGE", &refs),
            S::DropAccessMethod(_) => singles("ACCESS METHOD", &refs),
            _ => return false,
        };
    for id in found.into_iter().flatten() {
        if session.model.others.remove(&id).is_none() && child::<ast::IfExists>(node).is_none() {
            session.missing(&id.kind.to_lowercase(), &id.name, node);
        }
        super::drops::grants_on(session, &ObjectId::Other(id));
    }
    true
}

fn is_clause(kind: SyntaxKind) -> bool {
    ast::IfExists::can_cast(kind) || ast::DropBehavior::can_cast(kind)
}

/// Runs an ALTER statement of something carried whole: it completes the definition. A flat list.
pub fn alter(session: &mut Session, statement: &ast::Stmt) -> bool {
    use ast::Stmt as S;
    let node = statement.syntax();
    let Some(kind) = (match statement {
        S::AlterTextSearchConfiguration(_) => Some("TEXT SEARCH CONFIGURATION"),
        S::AlterTextSearchDictionary(_) => Some("TEXT SEARCH DICTIONARY"),
        S::AlterTextSearchParser(_) => Some("TEXT SEARCH PARSER"),
        S::AlterTextSearchTemplate(_) => Some("TEXT SEARCH TEMPLATE"),
        S::AlterPublication(_) => Some("PUBLICATION"),
        S::AlterSubscription(_) => Some("SUBSCRIPTION"),
        S::AlterEventTrigger(_) => Some("EVENT TRIGGER"),
        S::AlterStatistics(_) => Some("STATISTICS"),
        S::AlterCollation(_) => Some("COLLATION"),
        S::AlterConversion(_) => Some("CONVERSION"),
        S::AlterServer(_) => Some("SERVER"),
        S::AlterForeignDataWrapper(_) => Some("FOREIGN DATA WRAPPER"),
        S::AlterForeignTable(_) => Some("FOREIGN TABLE"),
        S::AlterLanguage(_) => Some("LANGUAGE"),
        S::AlterAggregate(_) => Some("AGGREGATE"),
        S::AlterOperator(_) => Some("OPERATOR"),
        S::AlterOperatorClass(_) => Some("OPERATOR CLASS"),
        S::AlterOperatorFamily(_) => Some("OPERATOR FAMILY"),
        S::AlterRule(_) => Some("RULE"),
        S::AlterUserMapping(_) => Some("USER MAPPING"),
        _ => None,
    }) else {
        return false;
    };
    if let Some(owner) = children::<ast::OwnerTo>(node).next() {
        session.owned(owner.syntax());
        return true;
    }
    complete(session, kind, node);
    true
}

/// Appends a statement to the definition of the object that it alters.
fn complete(session: &mut Session, kind: &str, node: &SyntaxNode) {
    let text = definition(session, node);
    let Some(first) = node.children().find(|it| !is_clause(it.kind())) else { return };
    let renamed = node
        .children()
        .any(|it| format!("{:?}", it.kind()).ends_with("RENAME_TO") || ast::SetSchema::can_cast(it.kind()));
    let wanted = [path_name(session, kind, &first).to_string(), ident(&first).to_string()];
    let id = wanted.into_iter().map(|name| identity(kind, name)).find(|id| session.model.others.contains_key(id));
    match id {
        Some(id) if !renamed => {
            if let Some(other) = session.model.others.get_mut(&id) {
                other.definition = Sql::new(format!("{};\n{text}", other.definition));
            }
        }
        Some(_) => session.unmodelled(format!("a new name for this {}", kind.to_lowercase()), node),
        None => session.unmodelled(format!("this change of {} {}", article(kind), kind.to_lowercase()), node),
    }
}

fn article(kind: &str) -> &'static str {
    if kind.starts_with(['A', 'E', 'O']) { "an" } else { "a" }
}

fn identity(kind: &str, name: impl Into<String>) -> OtherId {
    OtherId { kind: kind.to_owned(), name: name.into() }
}

fn new_path(session: &Session, kind: &str, node: &SyntaxNode) -> OtherId {
    identity(kind, session.new_name(node).to_string())
}

fn old_path(session: &Session, kind: &str, node: &SyntaxNode) -> OtherId {
    identity(kind, path_name(session, kind, node).to_string())
}

fn paths(session: &Session, kind: &str, nodes: &[SyntaxNode]) -> Vec<Option<OtherId>> {
    nodes.iter().map(|node| Some(old_path(session, kind, node))).collect()
}

fn singles(kind: &str, nodes: &[SyntaxNode]) -> Vec<Option<OtherId>> {
    nodes.iter().map(|node| Some(single(kind, node))).collect()
}

/// The object of `kind` that `node` refers to, found along the search path.
fn path_name(session: &Session, kind: &str, node: &SyntaxNode) -> Name {
    let is_known = |name: &Name| {
        let spelled = name.to_string();
        session.model.others.keys().any(|id| {
            id.kind == kind
                && id.name.strip_prefix(&spelled).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '(']))
        })
    };
    session.find(&written(node), is_known)
}

fn single(kind: &str, node: &SyntaxNode) -> OtherId {
    identity(kind, ident(node).to_string())
}

fn using(name: &Name, method: Option<ast::UsingMethod>) -> String {
    let method = ident_of(method.and_then(|it| it.access_method_ref()));
    format!("{name} USING {}", method.map(|it| it.to_string()).unwrap_or_default())
}

fn aggregate(session: &mut Session, node: &ast::Aggregate) -> OtherId {
    let wanted = node.path_ref().map(|path| path_name(session, "AGGREGATE", path.syntax()));
    let name = wanted.unwrap_or_else(|| Name::local(""));
    identity("AGGREGATE", routines::spelled(session, &name, node.param_list()))
}

fn cast(session: &Session, signature: &SyntaxNode) -> OtherId {
    let types: Vec<String> =
        children::<ast::Type>(signature).map(|ty| datatype::read(session, &ty).to_string()).collect();
    identity("CAST", format!("({})", types.join(" AS ")))
}

fn transform(session: &Session, ty: ast::Type, language: ast::LanguageRef) -> OtherId {
    let ty = datatype::read(session, &ty);
    identity("TRANSFORM", format!("FOR {ty} LANGUAGE {}", ident(language.syntax())))
}

fn user_mapping(role: &SyntaxNode, server: ast::ServerRef) -> OtherId {
    let role = ident(role.descendants().last().as_ref().unwrap_or(role));
    identity("USER MAPPING", format!("FOR {role} SERVER {}", ident(server.syntax())))
}

/// An operator is told apart by its sign and its operands.
fn operator(session: &Session, node: &SyntaxNode) -> Option<OtherId> {
    let text = session.text(node);
    let start = text.to_ascii_uppercase().strip_prefix("OPERATOR").map_or(0, |_| "OPERATOR".len());
    let sign = text[start..].rsplit_once('(')?.0.trim();
    let mut operands: Vec<String> =
        children::<ast::Type>(node).map(|ty| datatype::read(session, &ty).to_string()).collect();
    if operands.len() == 1 {
        operands.insert(0, "NONE".to_owned());
    }
    Some(identity("OPERATOR", format!("{}({})", local(sign), operands.join(", "))))
}

fn created_operator(session: &Session, node: &ast::CreateOperator) -> Option<OtherId> {
    let text = session.text(node.syntax());
    let sign = text.get("CREATE OPERATOR".len()..)?.split_once('(')?.0.trim();
    let operand = |name: &str| {
        let options = node.attribute_list()?;
        let option =
            options.attribute_options().find(|it| ident_of(it.name()).is_some_and(|it| it.as_str() == name))?;
        let value = option.attribute_value()?;
        let ty = child::<ast::Type>(value.syntax());
        Some(ty.map_or_else(|| session.text(value.syntax()), |ty| datatype::read(session, &ty).to_string()))
    };
    let none = || "NONE".to_owned();
    let operands = [operand("leftarg").unwrap_or_else(none), operand("rightarg").unwrap_or_else(none)];
    Some(identity("OPERATOR", format!("{}({})", local(sign), operands.join(", "))))
}

fn local(sign: &str) -> &str {
    sign.strip_prefix("public.").unwrap_or(sign)
}

/// Statistics without a name get `table_columns_stat`. Source: `ChooseExtendedStatisticName` in `statscmds.c`.
fn unnamed_statistics(session: &Session, node: &ast::CreateStatistics) -> Option<OtherId> {
    let list = child::<ast::FromTable>(node.syntax())?;
    let table = session.relation_name(list.table_name_ref()?.syntax());
    let columns: Vec<String> = node
        .statistics_on_clause()
        .into_iter()
        .flat_map(|clause| children::<ast::Expr>(clause.syntax()).collect::<Vec<_>>())
        .map(|expr| match &expr {
            ast::Expr::NameRef(name) => ident(name.syntax()).as_str().to_owned(),
            _ => "expr".to_owned(),
        })
        .collect();
    let columns = super::catalog::joined(columns.iter().map(String::as_str));
    let name = crate::model::name::default_name(table.name.as_str(), &columns, "stat");
    Some(identity("STATISTICS", table.sibling(name.as_str()).to_string()))
}
