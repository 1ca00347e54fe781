//! Functions and procedures.

use std::collections::BTreeMap;

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::session::Session;
use super::tree::{Written, child, ident, ident_of, parts, string, written};
use super::{datatype, renames};
use crate::model::Hints;
use crate::model::datatype::DataType;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name, Signature};
use crate::model::routine::{Argument, Attributes, Body, Mode, Returns, Routine, RoutineKind};

/// Runs CREATE FUNCTION.
pub fn create_function(session: &mut Session, statement: &ast::CreateFunction) {
    let Some(name) = statement.name().map(|it| session.new_name(it.syntax())) else { return };
    let mut routine = empty(RoutineKind::Function);
    routine.args = arguments(session, statement.param_list());
    routine.returns = match statement.ret_type() {
        Some(it) => returns(session, &it),
        None => of_arguments(&routine.args),
    };
    let replace = statement.or_replace().is_some();
    finish(session, name, routine, statement.option_list(), statement.body(), replace, statement.syntax());
}

/// Runs CREATE PROCEDURE.
pub fn create_procedure(session: &mut Session, statement: &ast::CreateProcedure) {
    let Some(name) = statement.name().map(|it| session.new_name(it.syntax())) else { return };
    let mut routine = empty(RoutineKind::Procedure);
    routine.args = arguments(session, statement.param_list());
    let replace = statement.or_replace().is_some();
    finish(session, name, routine, statement.option_list(), statement.body(), replace, statement.syntax());
}

/// What a function returns that says so by its arguments alone. Source: CREATE FUNCTION, "rettype".
fn of_arguments(args: &[Argument]) -> Returns {
    let mut out = args.iter().filter(|arg| matches!(arg.mode, Mode::Out | Mode::InOut));
    match (out.next(), out.next()) {
        (Some(only), None) => Returns::Type(only.ty.clone()),
        (Some(_), Some(_)) => Returns::Type(datatype::builtin("record")),
        (None, _) => Returns::None,
    }
}

fn empty(kind: RoutineKind) -> Routine {
    Routine {
        kind,
        args: Vec::new(),
        returns: Returns::None,
        language: Ident::new("sql"),
        body: Body::Text(String::new()),
        attributes: Attributes::default(),
        comment: None,
        hints: Hints::default(),
    }
}

/// Reads what follows a routine's signature, and adds it.
fn finish(
    session: &mut Session,
    name: Name,
    mut routine: Routine,
    options: Option<ast::FuncOptionList>,
    body: Option<ast::RoutineBody>,
    replace: bool,
    node: &SyntaxNode,
) {
    for option in options.into_iter().flat_map(|list| list.options()) {
        apply(session, &mut routine, &option);
    }
    if let Some(body) = body {
        let crate::model::Sql(text) = session.sql(body.syntax());
        routine.body = Body::Sql(crate::model::Sql::new(text.trim_end_matches(';').trim_end()));
    }
    settle(&mut routine, &name);
    routine.hints = session.hints(node);
    let signature = routine.signature(name);
    let id = ObjectId::Routine(signature.clone());
    match session.model.routines.get(&signature) {
        Some(_) if !replace => return session.duplicate(&id, node),
        Some(old) => routine.comment = old.comment.clone(),
        None => session.created(id, node),
    }
    session.model.routines.insert(signature, routine);
}

/// Leaves out what is the default for the language, which is known only once all options are read.
fn settle(routine: &mut Routine, name: &Name) {
    let compiled = matches!(routine.language.as_str(), "c" | "internal");
    let usual_cost = if compiled { "1" } else { "100" };
    routine.attributes.cost = routine.attributes.cost.take().filter(|cost| cost != usual_cost);
    routine.attributes.rows = routine.attributes.rows.take().filter(|rows| rows != "1000");
    if let (Body::Text(file), "c") = (&routine.body, routine.language.as_str()) {
        routine.body = Body::Library(file.clone(), name.name.as_str().to_owned());
    }
}

fn arguments(session: &mut Session, list: Option<ast::ParamList>) -> Vec<Argument> {
    list.into_iter().flat_map(|list| list.params()).map(|param| argument(session, &param)).collect()
}

fn argument(session: &mut Session, param: &ast::Param) -> Argument {
    Argument {
        name: ident_of(param.name()),
        mode: mode(param),
        ty: param.func_type().map_or_else(|| datatype::builtin("text"), |ty| datatype::of_argument(session, &ty)),
        default: param.param_default().and_then(|it| it.expr()).map(|it| session.sql(it.syntax())),
    }
}

fn mode(param: &ast::Param) -> Mode {
    match param.mode() {
        Some(ast::ParamMode::ParamOut(_)) => Mode::Out,
        Some(ast::ParamMode::ParamInOut(_)) => Mode::InOut,
        Some(ast::ParamMode::ParamVariadic(_)) => Mode::Variadic,
        Some(ast::ParamMode::ParamIn(_)) | None => Mode::In,
    }
}

fn returns(session: &mut Session, node: &ast::RetType) -> Returns {
    if let Some(list) = node.return_table_arg_list() {
        let columns = list.args().filter_map(|column| {
            let ty = datatype::of_argument(session, &column.func_type()?);
            Some((ident_of(column.name())?, ty))
        });
        return Returns::Table(columns.collect());
    }
    let Some(ty) = node.func_type() else { return Returns::None };
    let found = datatype::of_argument(session, &ty);
    if datatype::is_set(ty.syntax()) { Returns::SetOf(found) } else { Returns::Type(found) }
}

/// Applies one option of CREATE or ALTER FUNCTION. A flat list.
fn apply(session: &mut Session, routine: &mut Routine, option: &ast::FuncOption) {
    let attributes = &mut routine.attributes;
    let literal = |node: &SyntaxNode| child::<ast::Literal>(node).map(|it| string(&it));
    match option {
        ast::FuncOption::AsFuncOption(it) => match it.as_func_target() {
            Some(ast::AsFuncTarget::AsDefinition(it)) => {
                routine.body = Body::Text(it.literal().map(|it| string(&it)).unwrap_or_default());
            }
            Some(ast::AsFuncTarget::AsObjFile(it)) => {
                let text = |literal: Option<ast::Literal>| literal.map(|it| string(&it)).unwrap_or_default();
                routine.body = Body::Library(text(it.obj_file()), text(it.link_symbol()));
            }
            None => {}
        },
        ast::FuncOption::LanguageFuncOption(it) => {
            let language = it.language_name().map(|it| it.name.to_lowercase()).unwrap_or_default();
            routine.language = Ident::new(language);
        }
        ast::FuncOption::VolatilityFuncOption(it) => {
            attributes.volatility = match it {
                ast::VolatilityFuncOption::Immutable(_) => Some("immutable".to_owned()),
                ast::VolatilityFuncOption::Stable(_) => Some("stable".to_owned()),
                ast::VolatilityFuncOption::Volatile(_) => None,
            }
        }
        ast::FuncOption::StrictFuncOption(_) | ast::FuncOption::ReturnsNullOnNullInputFuncOption(_) => {
            attributes.strict = true;
        }
        ast::FuncOption::CalledOnNullInputFuncOption(_) => attributes.strict = false,
        ast::FuncOption::SecurityDefinerFuncOption(_) => attributes.security_definer = true,
        ast::FuncOption::SecurityInvokerFuncOption(_) => attributes.security_definer = false,
        ast::FuncOption::LeakproofFuncOption(_) => attributes.leakproof = true,
        ast::FuncOption::NotLeakproofFuncOption(_) => attributes.leakproof = false,
        ast::FuncOption::WindowFuncOption(_) => attributes.window = true,
        ast::FuncOption::ParallelFuncOption(it) => {
            let said = it.ident_token().map(|token| token.text().to_ascii_lowercase());
            attributes.parallel = said.filter(|said| said != "unsafe");
        }
        ast::FuncOption::CostFuncOption(it) => attributes.cost = literal(it.syntax()),
        ast::FuncOption::RowsFuncOption(it) => attributes.rows = literal(it.syntax()),
        ast::FuncOption::SupportFuncOption(it) => {
            attributes.support = it.function_name_ref().map(|it| session.find(&written(it.syntax()), |_| false));
        }
        ast::FuncOption::SetFuncOption(it) => {
            let Some(said) = it.set_config_param() else { return };
            match setting(&said) {
                Some((name, Some(value))) => drop(attributes.settings.insert(name, value)),
                Some((name, None)) => drop(attributes.settings.remove(&name)),
                None => session.unmodelled("`FROM CURRENT`, a value that only the server knows,", said.syntax()),
            }
        }
        ast::FuncOption::ResetFuncOption(it) => match it.config_parameter_ref() {
            Some(name) => drop(attributes.settings.remove(&parameter(name.syntax()))),
            None => attributes.settings.clear(),
        },
        ast::FuncOption::TransformFuncOption(it) => session.unmodelled("`TRANSFORM FOR TYPE`", it.syntax()),
    }
}

/// The name of a setting, whose case means nothing: dumps say `"TimeZone"`.
fn parameter(node: &SyntaxNode) -> String {
    parts(node).iter().map(Ident::as_str).collect::<Vec<_>>().join(".").to_ascii_lowercase()
}

/// `SET name TO value`: values quoted, as PostgreSQL shows them, whether they were written as names or as strings; no
/// value is `DEFAULT`. Nothing at all when the value is the session's.
fn setting(node: &ast::SetConfigParam) -> Option<(String, Option<String>)> {
    let name = parameter(node.config_parameter_ref()?.syntax());
    let ast::ConfigAssignment::ToConfigValue(said) = node.config_assignment()? else { return None };
    let values: Vec<String> = said.config_values().map(|value| quoted(&value)).collect();
    Some((name, (!values.is_empty()).then(|| values.join(", "))))
}

fn quoted(value: &ast::ConfigValue) -> String {
    let text = match value {
        ast::ConfigValue::Literal(it) => string(it),
        ast::ConfigValue::ConfigValueName(it) => ident(it.syntax()).as_str().to_owned(),
        ast::ConfigValue::PrefixExpr(it) => it.syntax().text().to_string(),
    };
    format!("'{}'", text.replace('\'', "''"))
}

/// The routine that `node` refers to: a name with argument types, or a name alone where there is one such routine.
pub fn find(session: &mut Session, node: &SyntaxNode) -> Option<Signature> {
    let path = node.children().find(|it| !ast::ParamList::can_cast(it.kind()))?;
    let wanted = written(&path);
    let name = session.find(&wanted, |name| exists(session, name));
    let Some(list) = child::<ast::ParamList>(node) else {
        let first = Signature { name: name.clone(), args: Vec::new() };
        let mut named = session.model.routines.range(first..).map(|(it, _)| it).take_while(|it| it.name == name);
        return named.next().filter(|_| named.next().is_none()).cloned();
    };
    let args = arguments(session, Some(list));
    let all = args.iter().map(|arg| arg.ty.clone()).collect();
    let input = args.into_iter().filter(|arg| arg.mode != Mode::Out).map(|arg| arg.ty).collect();
    [input, all]
        .into_iter()
        .map(|args| Signature { name: name.clone(), args })
        .find(|it| session.model.routines.contains_key(it))
}

/// Whether there is a routine `name`, whatever its arguments.
pub fn exists(session: &Session, name: &Name) -> bool {
    let first = Signature { name: name.clone(), args: Vec::new() };
    session.model.routines.range(first..).next().is_some_and(|(signature, _)| signature.name == *name)
}

/// What ALTER FUNCTION, PROCEDURE and ROUTINE can do.
pub enum Change {
    /// Options are set.
    Options(ast::FuncOptionList),
    /// It gets another name.
    Rename(Option<Ident>),
    /// It moves to another schema.
    Schema(Option<ast::SchemaRef>),
    /// It gets another owner.
    Owner,
    /// Anything else.
    Other(SyntaxNode),
}

/// Reads the action of ALTER FUNCTION, PROCEDURE or ROUTINE, which have the same ones.
pub fn change(action: &SyntaxNode) -> Change {
    let action = action.clone();
    if let Some(options) = ast::FuncOptionList::cast(action.clone()) {
        return Change::Options(options);
    }
    if let Some(schema) = ast::SetSchema::cast(action.clone()) {
        return Change::Schema(schema.schema_ref());
    }
    if ast::OwnerTo::can_cast(action.kind()) {
        return Change::Owner;
    }
    let renames = [
        ast::FunctionRenameTo::can_cast(action.kind()),
        ast::ProcedureRenameTo::can_cast(action.kind()),
        ast::RoutineRenameTo::can_cast(action.kind()),
    ];
    match renames.contains(&true) {
        true => Change::Rename(action.first_child().map(|name| written(&name).name)),
        false => Change::Other(action),
    }
}

/// Runs ALTER FUNCTION, PROCEDURE or ROUTINE on the routine that `named` refers to.
pub fn alter(session: &mut Session, named: Option<&SyntaxNode>, action: Option<&SyntaxNode>) {
    let (Some(named), Some(action)) = (named, action) else { return };
    let change = change(action);
    if matches!(change, Change::Owner) {
        return session.owned(action);
    }
    let Some(signature) = find(session, named) else {
        let name = session.text(named);
        return session.missing("routine", name, named);
    };
    match change {
        Change::Options(list) => {
            let Some(mut routine) = session.model.routines.get(&signature).cloned() else { return };
            list.options().for_each(|option| apply(session, &mut routine, &option));
            settle(&mut routine, &signature.name);
            session.model.routines.insert(signature, routine);
        }
        Change::Rename(Some(new)) => {
            let name = signature.name.sibling(new.as_str());
            rename(session, &signature, name);
        }
        Change::Schema(Some(schema)) => {
            let name = Name::qualified(ident(schema.syntax()).as_str(), signature.name.name.as_str());
            rename(session, &signature, name);
        }
        Change::Other(node) => session.unmodelled("`DEPENDS ON EXTENSION`", &node),
        Change::Owner | Change::Rename(None) | Change::Schema(None) => {}
    }
}

fn rename(session: &mut Session, old: &Signature, name: Name) {
    let Some(routine) = session.model.routines.remove(old) else { return };
    let new = Signature { name: name.clone(), args: old.args.clone() };
    session.model.routines.insert(new.clone(), routine);
    if !exists(session, &old.name) {
        let tables = session.model.tables.values_mut().flat_map(|table| table.triggers.values_mut());
        let views = session.model.views.values_mut().flat_map(|view| view.triggers.values_mut());
        for trigger in tables.chain(views).filter(|trigger| trigger.function == old.name) {
            trigger.function = name.clone();
        }
    }
    let ids = [old.clone(), new].map(ObjectId::Routine);
    renames::move_grants(session, &ids[0], &ids[1]);
    let [old, new] = ids;
    renames::move_origin(session, &old, new);
}

/// Lets the types in all signatures follow a renamed type.
pub fn follow_type(session: &mut Session, mut follow: impl FnMut(&mut DataType)) {
    let routines = std::mem::take(&mut session.model.routines);
    let mut moved = BTreeMap::new();
    for (signature, mut routine) in routines {
        routine.args.iter_mut().for_each(|arg| follow(&mut arg.ty));
        match &mut routine.returns {
            Returns::Type(ty) | Returns::SetOf(ty) => follow(ty),
            Returns::Table(columns) => columns.iter_mut().for_each(|(_, ty)| follow(ty)),
            Returns::None => {}
        }
        moved.insert(routine.signature(signature.name), routine);
    }
    session.model.routines = moved;
}

/// A name as routines and aggregates are told apart: with the types of its arguments, in their canonical spelling.
pub fn spelled(session: &mut Session, name: &Name, list: Option<ast::ParamList>) -> String {
    let Some(list) = list else { return name.to_string() };
    let star = list.star_token().is_some();
    let ordered = list.aggregate_order_by().map(|order| {
        let types: Vec<String> = super::tree::children::<ast::Param>(order.syntax())
            .map(|param| argument(session, &param).ty.to_string())
            .collect();
        types.join(", ")
    });
    let types: Vec<String> = arguments(session, Some(list)).iter().map(|arg| arg.ty.to_string()).collect();
    let direct = if star { "*".to_owned() } else { types.join(", ") };
    match ordered {
        Some(ordered) => format!("{name}({direct}{}ORDER BY {ordered})", if direct.is_empty() { "" } else { " " }),
        None => format!("{name}({direct})"),
    }
}

/// A reference by a written name to a routine of that name, whatever its arguments.
pub fn name_of(session: &Session, wanted: &Written) -> Name {
    session.find(wanted, |name| exists(session, name))
}
