//! Extensions.

use super::Context;
use super::action::{Draft, Verb};
use super::statement::HazardKind;
use super::text::literal;
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::name::Ident;
use crate::model::{Extension, Model};

/// The statements that carry out `verb`.
pub(super) fn drafts(context: &Context<'_>, name: &Ident, verb: Verb) -> Vec<Draft> {
    let find = |model: &Model| model.extensions.get(name).cloned().unwrap_or_default();
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

/// The extensions that are to have an older version than they have. Few come with a script for that way.
pub(super) fn downgrades(old: &Model, new: &Model) -> Vec<Diagnostic> {
    let version = |extension: &Extension| extension.version.as_deref().map(numbers);
    let older = |(name, after): (&Ident, &Extension)| {
        let before = old.extensions.get(name)?;
        (version(after)? < version(before)?).then(|| {
            let message = format!("the extension {name} would go back to an older version");
            Diagnostic::new(Severity::Warning, "extension-downgrade", message)
                .help("keep the newer version, or drop the extension in one step and create it in the next")
        })
    };
    new.extensions.iter().filter_map(older).collect()
}

/// The numbers of a version, which compare as people read them: 1.10 comes after 1.9.
fn numbers(version: &str) -> Vec<u64> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
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
        let fails = format!("fails if the server has no script that brings {name} from its version to the new one");
        drafts.push(Draft::new(format!("ALTER EXTENSION {name} UPDATE{to}")).hazard(HazardKind::MayFail, fails));
    }
    if old.schema != new.schema {
        let schema = new.schema.clone().unwrap_or_else(|| Ident::new("public"));
        drafts.push(Draft::new(format!("ALTER EXTENSION {name} SET SCHEMA {schema}")));
    }
    drafts
}

#[cfg(test)]
mod tests {
    use super::downgrades;
    use crate::model::name::Ident;
    use crate::model::{Extension, Model};

    fn with(version: Option<&str>) -> Model {
        let mut model = Model::default();
        let extension = Extension { version: version.map(str::to_owned), ..Extension::default() };
        model.extensions.insert(Ident::new("pg_trgm"), extension);
        model
    }

    #[test]
    fn going_back_to_an_older_version_is_said() {
        let count = |from, to| downgrades(&with(from), &with(to)).len();
        assert_eq!(count(Some("1.10"), Some("1.9")), 1);
        assert_eq!(count(Some("1.9"), Some("1.10")), 0);
        assert_eq!(count(Some("1.9"), Some("1.9")), 0);
        assert_eq!(count(None, Some("1.9")), 0);
        assert_eq!(count(Some("1.9"), None), 0);
    }
}
