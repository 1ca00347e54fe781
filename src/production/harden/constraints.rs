//! Constraints: everything that the modules and the BUSM demand of a row holds in production.
//!
//! Prototypes have keys only. Production keeps every CHECK, UNIQUE, exclusion and NOT NULL that anybody declares, and
//! makes a `NOT VALID` constraint hold for old rows too. Switched off, it does neither this nor tells of them, but what
//! somebody declares is not taken back: a schema that demands less than its files would be no help to anybody. A table
//! without a primary key is a finding: its rows cannot be told apart, by an audit trail no more than by an UPDATE.

use super::piece::{Piece, Proposal};
use super::{Rule, Site};
use crate::config::harden::Harden;
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::id::ObjectId;
use crate::model::name::Ident;
use crate::model::table::Table;
use crate::model::values::allowed_values;

/// The rule.
pub const RULE: Rule = Rule {
    name: "constraints",
    title: "Constraints",
    about: "Prototypes hold primary and foreign keys only. Production keeps every CHECK, UNIQUE and NOT NULL that a \
            module or the BUSM declares, and validates those that were declared NOT VALID.",
    propose,
    needs: &[],
};

/// What is said where the project switches the rule off.
pub fn left_on(settings: &Harden) -> Option<Diagnostic> {
    let place = settings.places.get(RULE.name).filter(|_| settings.rules.get(RULE.name) == Some(&false))?;
    let message = "production keeps what schema files demand, with `constraints = false` too: the rule only tells of it and \
                   makes NOT VALID constraints valid";
    let found = Diagnostic::new(Severity::Note, "declared-constraints", message).at(place.clone(), "");
    Some(found.help("take a CHECK, UNIQUE or `required` out of the schema file that declares it"))
}

fn propose(site: &Site<'_>) -> Proposal {
    let mut proposal = Proposal::default();
    let key = site.table.primary_key();
    for (name, constraint) in &site.table.constraints {
        if constraint.not_valid {
            let valid = Constraint { not_valid: false, ..constraint.clone() };
            proposal.add(Piece::Constraint(name.clone(), valid), "it was declared NOT VALID; production starts valid");
        } else if let Some(kind) = beyond_prototype(constraint) {
            let who = declared_by(site, |table| table.constraints.contains_key(name));
            let object = ObjectId::Constraint(site.name.clone(), name.clone());
            proposal.add(Piece::Kept(object, kind), who);
        }
        proposal.diagnostics.extend(bad_default(site, constraint));
    }
    for column in site.table.columns.iter().filter(|column| column.not_null && !key.contains(&column.name)) {
        let requires = |table: &Table| table.column(column.name.as_str()).is_some_and(|column| column.not_null);
        let object = ObjectId::Column(site.name.clone(), column.name.clone());
        proposal.add(Piece::Kept(object, "required"), declared_by(site, requires));
    }
    if key.is_empty() {
        let message = format!("`{}` has no primary key", site.name);
        let finding = site.finding(Severity::Warning, "no-primary-key", None, message);
        let help = "mark a field with `primary_key = true`: without a key no two rows can be told apart";
        proposal.diagnostics.push(finding.help(help));
    }
    proposal
}

/// What a prototype leaves out, in a word.
fn beyond_prototype(constraint: &Constraint) -> Option<&'static str> {
    match constraint.kind {
        ConstraintKind::Unique(_) => Some("unique"),
        ConstraintKind::Check(_) => Some("check"),
        ConstraintKind::Exclude(_) => Some("exclusion"),
        ConstraintKind::PrimaryKey(_) | ConstraintKind::ForeignKey(_) => None,
    }
}

fn declared_by(site: &Site<'_>, declares: impl Fn(&Table) -> bool) -> String {
    let claims = site.claims.iter().filter(|claim| declares(claim.table));
    let names: Vec<String> = claims
        .map(|claim| if claim.by.busm { "the BUSM".to_owned() } else { format!("`{}`", claim.by.name) })
        .collect();
    match names.as_slice() {
        [] => "decided when claims were merged".to_owned(),
        names => format!("declared by {}", names.join(", ")),
    }
}

/// A default that the field's own list of values refuses: every INSERT that relies on it would fail.
fn bad_default(site: &Site<'_>, constraint: &Constraint) -> Option<Diagnostic> {
    let ConstraintKind::Check(check) = &constraint.kind else { return None };
    let allowed = allowed_values(check)?;
    let column = site.table.column(allowed.column.as_str())?;
    let default = text_literal(unwrapped(column.default.as_ref()?.as_str()))?;
    (!allowed.values.contains(&default)).then(|| refused_default(site, &column.name, &default, &allowed.values))
}

fn refused_default(site: &Site<'_>, field: &Ident, default: &str, values: &[String]) -> Diagnostic {
    let message = format!("the default `{default}` of `{}.{field}` is none of its allowed values", site.name);
    let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
    site.finding(Severity::Error, "refused-default", Some(field), message)
        .help(format!("add it to `values`, or use one of {}", values.join(", ")))
}

/// What stands inside parentheses around a literal.
fn unwrapped(sql: &str) -> &str {
    let sql = sql.trim();
    sql.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).map_or(sql, unwrapped)
}

/// The text of a plain string literal, a cast after it aside.
fn text_literal(sql: &str) -> Option<String> {
    let inner = sql.split("::").next()?.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    let unescaped = inner.replace("''", "\0");
    (!unescaped.contains('\'')).then(|| unescaped.replace('\0', "'"))
}
