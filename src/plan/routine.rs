//! Functions and procedures.

use super::Context;
use super::action::{Draft, Verb};
use super::placed;
use super::statement::HazardKind;
use super::text::{dollar_quoted, literal};
use crate::diff::Fact;
use crate::model::Model;
use crate::model::name::Signature;
use crate::model::routine::{Argument, Attributes, Body, Mode, Returns, Routine, RoutineKind};

/// Whether a routine must be made anew: CREATE OR REPLACE refuses another result, other names of arguments, and the
/// loss of a default. Source: CREATE FUNCTION, "Notes".
pub(super) fn rebuilds(signature: &Signature, facts: &[Fact], old: &Model, new: &Model) -> bool {
    let (Some(old), Some(new)) = (old.routines.get(signature), new.routines.get(signature)) else { return true };
    let lost_default = old.args.iter().zip(&new.args).any(|(old, new)| old.default.is_some() && new.default.is_none());
    lost_default || facts.iter().any(|fact| matches!(fact.name.as_ref(), "kind" | "arguments" | "returns" | "window"))
}

/// The statements that carry out `verb`.
pub(super) fn drafts(context: &Context<'_>, signature: &Signature, verb: Verb) -> Vec<Draft> {
    let (old, new) = (context.old.model.routines.get(signature), context.new.model.routines.get(signature));
    match (verb, old, new) {
        (Verb::Create, _, Some(routine)) => vec![Draft::new(create(context, signature, routine, ""))],
        (Verb::Alter, _, Some(routine)) => vec![Draft::new(create(context, signature, routine, "OR REPLACE "))],
        (Verb::Drop, Some(routine), _) => vec![
            Draft::new(format!("DROP {} {signature}", kind(routine)))
                .hazard(HazardKind::BreakCode, format!("code that calls {signature} fails")),
        ],
        _ => Vec::new(),
    }
}

fn kind(routine: &Routine) -> &'static str {
    match routine.kind {
        RoutineKind::Function => "FUNCTION",
        RoutineKind::Procedure => "PROCEDURE",
    }
}

fn create(context: &Context<'_>, signature: &Signature, routine: &Routine, replace: &str) -> String {
    let args: Vec<String> = routine.args.iter().map(argument).collect();
    let mut lines = vec![format!("CREATE {replace}{} {}({})", kind(routine), signature.name, args.join(", "))];
    lines.extend(returns(&routine.returns).map(|returns| format!("RETURNS {returns}")));
    lines.push(format!("LANGUAGE {}", routine.language));
    lines.extend(attributes(&routine.attributes));
    match &routine.body {
        Body::Text(text) => lines.push(format!("AS {}", dollar_quoted(text))),
        Body::Library(file, symbol) => lines.push(format!("AS {}, {}", literal(file), literal(symbol))),
        Body::Sql(sql) => lines.push(placed::rewritten(context, sql.as_str().trim()).into_owned()),
    }
    lines.join("\n")
}

fn argument(argument: &Argument) -> String {
    let mode = match argument.mode {
        Mode::In => "",
        Mode::Out => "OUT ",
        Mode::InOut => "INOUT ",
        Mode::Variadic => "VARIADIC ",
    };
    let name = argument.name.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
    let default = argument.default.as_ref().map(|sql| format!(" DEFAULT {sql}")).unwrap_or_default();
    format!("{mode}{name}{}{default}", argument.ty.to_sql())
}

fn returns(returns: &Returns) -> Option<String> {
    match returns {
        Returns::None => None,
        Returns::Type(ty) => Some(ty.to_sql()),
        Returns::SetOf(ty) => Some(format!("SETOF {}", ty.to_sql())),
        Returns::Table(columns) => {
            let columns: Vec<String> = columns.iter().map(|(name, ty)| format!("{name} {}", ty.to_sql())).collect();
            Some(format!("TABLE ({})", columns.join(", ")))
        }
    }
}

fn attributes(attributes: &Attributes) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(attributes.window.then(|| "WINDOW".to_owned()));
    lines.extend(attributes.volatility.as_ref().map(|volatility| volatility.to_uppercase()));
    lines.extend(attributes.strict.then(|| "STRICT".to_owned()));
    lines.extend(attributes.security_definer.then(|| "SECURITY DEFINER".to_owned()));
    lines.extend(attributes.leakproof.then(|| "LEAKPROOF".to_owned()));
    lines.extend(attributes.parallel.as_ref().map(|parallel| format!("PARALLEL {}", parallel.to_uppercase())));
    lines.extend(attributes.cost.as_ref().map(|cost| format!("COST {cost}")));
    lines.extend(attributes.rows.as_ref().map(|rows| format!("ROWS {rows}")));
    lines.extend(attributes.support.as_ref().map(|support| format!("SUPPORT {support}")));
    lines.extend(attributes.settings.iter().map(|(key, value)| format!("SET {key} TO {value}")));
    lines
}
