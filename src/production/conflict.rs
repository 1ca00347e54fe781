//! Conflicts between claims: who says what, and the diagnostic that draws all sides with a way out to paste.

use std::fmt::{self, Write};

use crate::config::resolve::Resolution;
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::model::name::{Ident, Name};

/// A fact that claims can disagree about and that a `[[resolve]]` can settle; `Display` is its key there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// The field's type.
    Type,
    /// The field's default.
    Default,
    /// Whether the field is required.
    Required,
    /// The values that the field allows.
    Values,
    /// The entity that the field refers to.
    References,
    /// What happens when the row referred to is deleted.
    OnDelete,
    /// The entity's primary key.
    PrimaryKey,
}

impl Fact {
    /// All facts.
    pub const ALL: [Fact; 7] =
        [Fact::Type, Fact::Default, Fact::Required, Fact::Values, Fact::References, Fact::OnDelete, Fact::PrimaryKey];

    /// Whether `resolution` says what holds.
    pub fn settled_by(self, resolution: &Resolution) -> bool {
        match self {
            Fact::Type => resolution.ty.is_some(),
            Fact::Default => resolution.default.is_some(),
            Fact::Required => resolution.required.is_some(),
            Fact::Values => resolution.values.is_some(),
            Fact::References => resolution.references.is_some(),
            Fact::OnDelete => resolution.on_delete.is_some(),
            Fact::PrimaryKey => resolution.primary_key.is_some(),
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fact::Type => "type",
            Fact::Default => "default",
            Fact::Required => "required",
            Fact::Values => "values",
            Fact::References => "references",
            Fact::OnDelete => "on_delete",
            Fact::PrimaryKey => "primary_key",
        })
    }
}

/// One side of a conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The claimant.
    pub who: String,
    /// What it says, in a few words: `` `uuid` ``.
    pub says: String,
    /// Where it says so.
    pub span: Option<Span>,
}

/// A disagreement that a `[[resolve]]` can settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The entity.
    pub entity: Name,
    /// The field; `None` when it is about the entity.
    pub field: Option<Ident>,
    /// What it is about.
    pub fact: Fact,
    /// What is wrong, in one line.
    pub message: String,
    /// All sides; the one that stands out first.
    pub sides: Vec<Side>,
    /// What a resolution might say, as the TOML value of the fact.
    pub proposal: String,
}

impl Conflict {
    /// The diagnostic: every side at its place, and the `[[resolve]]` to paste.
    pub fn into_diagnostic(self) -> Diagnostic {
        let block = self.block();
        disagreement("conflict", self.message, self.sides)
            .help("change the schema files so that they agree, or settle it in `forge.toml`:")
            .help(block)
    }

    fn block(&self) -> String {
        let mut block = format!("[[resolve]]\nentity = {}\n", toml_text(&plain_name(&self.entity)));
        if let Some(field) = &self.field {
            let _ = writeln!(block, "field = {}", toml_text(field.as_str()));
        }
        let _ = write!(block, "{} = {}\nbecause = \"why this is right for every module\"", self.fact, self.proposal);
        block
    }
}

/// Whether `found` is a disagreement between claims: their codes say so.
pub fn is_disagreement(found: &Diagnostic) -> bool {
    found.code.ends_with("conflict")
}

/// An error that shows what each side says; a side without a place is named in a line of its own.
pub fn disagreement(code: &'static str, message: String, sides: Vec<Side>) -> Diagnostic {
    sides.into_iter().fold(Diagnostic::new(Severity::Error, code, message), |diagnostic, side| {
        let text = format!("`{}` says {}", side.who, side.says);
        match side.span {
            Some(span) => diagnostic.at(span, text),
            None => diagnostic.help(text),
        }
    })
}

/// A name as TOML settings spell it: without SQL's quotes.
fn plain_name(name: &Name) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", schema.as_str(), name.name.as_str()),
        None => name.name.as_str().to_owned(),
    }
}

/// A TOML string.
pub fn toml_text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A TOML array of strings.
pub fn toml_list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.into_iter().map(toml_text).collect();
    format!("[{}]", texts.join(", "))
}
