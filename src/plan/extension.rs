//! Extensions.

use super::Context;
use super::action::{Draft, Verb};
use super::statement::HazardKind;
use super::text::literal;
use crate::model::Extension;
use crate::model::name::Ident;

/// The statements that carry out `verb`.
pub(super) fn drafts(context: &Context<'_>, name: &Ident, verb: Verb) -> Vec<Draft> {
    let find = |model: &'_ crate::model::Model| model.extensions.get(name).cloned().unwrap_or_default();
    let new = find(context.new.model);
    match verb {
        Verb::Create => vec![Draft::new(create(name, &new))],
        Verb::Drop => vec![Draft::new(format!("DROP EXTENSION {name}")).hazard(
            HazardKind::DeleteData,
            format!(
                "drops the extension {name} with all its objects; columns of its types go too, or the statement fails"
            ),
        )],
        Verb::Alter => alter(name, &find(context.old.model), &new),
    }
}

fn create(name: &Ident, extension: &Extension) -> String {
    let schema = extension.schema.as_ref().map(|schema| format!(" WITH SCHEMA {schema}")).unwrap_or_default();
    let version =
        extension.version.as_ref().map(|version| format!(" VERSION {}", literal(version))).unwrap_or_default();
    format!("CREATE EXTENSION {name}{schema}{version}")
}

fn alter(name: &Ident, old: &Extension, new: &Extension) -> Vec<Draft> {
    let mut drafts = Vec::new();
    if old.version != new.version {
        let to = new.version.as_ref().map(|version| format!(" TO {}", literal(version))).unwrap_or_default();
        drafts.push(Draft::new(format!("ALTER EXTENSION {name} UPDATE{to}")));
    }
    if old.schema != new.schema {
        let schema = new.schema.clone().unwrap_or_else(|| Ident::new("public"));
        drafts.push(Draft::new(format!("ALTER EXTENSION {name} SET SCHEMA {schema}")));
    }
    drafts
}
