//! What the docs say about one field: its own facts, and where the modules do not agree about them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Reference;
use super::union::{Claim, Entity, is_unique};
use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::datatype::DataType;
use crate::model::name::{Ident, Name};
use crate::model::table::{Column, Table};
use crate::model::types::TypeKind;
use crate::model::values::allowed_values;
use crate::model::{Model, Sql};

/// A field of an entity. Where claims differ, a fact is the BUSM's, else the first module's, of the type the one that holds all
/// claims if there is one; and `differs` has them all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldView {
    /// Its name.
    pub name: String,
    /// Its type: `varchar(255)`.
    pub r#type: String,
    /// What it means, in the schema file's words.
    pub meaning: Option<String>,
    /// Whether each row needs a value.
    pub required: bool,
    /// Whether no two rows share a value.
    pub unique: bool,
    /// Whether it is the primary key, or a part of it.
    pub primary_key: bool,
    /// The value that a row gets when none is given, in words.
    pub default: Option<String>,
    /// Whether it is computed from other fields.
    pub computed: bool,
    /// The only values that it may have; empty when it may have any.
    pub values: Vec<String>,
    /// The rules that hold for it, in a few words each: `required`, `by default Active`.
    pub facts: Vec<String>,
    /// The entities that it refers to.
    pub references: Vec<Reference>,
    /// Whether the BUSM has it.
    pub busm: bool,
    /// The modules that claim it.
    pub claimed_by: Vec<Reference>,
    /// The facts that not all claims agree about.
    pub differs: Vec<Difference>,
}

/// A fact that claims do not agree about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Which fact: `type`, `default`, `values`, `reference`, `meaning`.
    pub fact: &'static str,
    /// Each value, and who says so; in the order of the claims.
    pub sides: Vec<Side>,
}

/// One of the values of a fact that claims do not agree about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The value in words.
    pub value: String,
    /// The sources that say so, `BUSM` for the BUSM.
    pub by: Vec<String>,
}

/// The facts of one claim, before they are compared.
struct Facts {
    r#type: String,
    meaning: Option<String>,
    required: bool,
    unique: bool,
    primary_key: bool,
    default: Option<String>,
    computed: bool,
    values: Vec<String>,
    references: Vec<Name>,
}

/// The fields of `entity`; `module` and `link` say how to refer to a source and to an entity.
pub fn fields(
    entity: &Entity<'_>,
    module: &dyn Fn(usize) -> Reference,
    link: &dyn Fn(&Name) -> Reference,
) -> Vec<FieldView> {
    let mut told: BTreeMap<&Ident, Told<'_>> = BTreeMap::new();
    for claim in &entity.claims {
        let checked = checked_values(claim.table);
        for column in &claim.table.columns {
            told.entry(&column.name).or_default().push((*claim, facts(claim, column, &checked)));
        }
    }
    let field = |name: &Ident| Some(field(name, entity.field_type(name)?, &told[name], module, link));
    entity.field_names().into_iter().filter_map(field).collect()
}

/// The claims about a field, each with what it says.
type Told<'a> = Vec<(Claim<'a>, Facts)>;

fn field(
    name: &Ident,
    ty: DataType,
    told: &Told<'_>,
    module: &dyn Fn(usize) -> Reference,
    link: &dyn Fn(&Name) -> Reference,
) -> FieldView {
    let any = |fact: fn(&Facts) -> bool| told.iter().any(|(_, facts)| fact(facts));
    let first = |fact: fn(&Facts) -> Option<String>| told.iter().find_map(|(_, facts)| fact(facts));
    let mut references: Vec<&Name> = Vec::new();
    for name in told.iter().flat_map(|(_, facts)| &facts.references) {
        if !references.contains(&name) {
            references.push(name);
        }
    }
    let mut view = FieldView {
        name: name.as_str().to_owned(),
        r#type: ty.to_string(),
        meaning: first(|facts| facts.meaning.clone()),
        required: any(|facts| facts.required),
        unique: any(|facts| facts.unique),
        primary_key: any(|facts| facts.primary_key),
        default: first(|facts| facts.default.clone()),
        computed: any(|facts| facts.computed),
        values: told
            .iter()
            .map(|(_, facts)| &facts.values)
            .find(|values| !values.is_empty())
            .cloned()
            .unwrap_or_default(),
        references: references.into_iter().map(link).collect(),
        busm: told.iter().any(|(claim, _)| claim.busm),
        claimed_by: told.iter().filter(|(claim, _)| !claim.busm).map(|(claim, _)| module(claim.source)).collect(),
        differs: differences(told, module),
        facts: Vec::new(),
    };
    view.facts = in_few_words(&view);
    view
}

/// What holds for the field, beyond its type and what it refers to.
fn in_few_words(field: &FieldView) -> Vec<String> {
    let flag = |is: bool, word: &str| is.then(|| word.to_owned());
    [
        flag(field.primary_key, "primary key"),
        flag(field.required && !field.primary_key, "required"),
        flag(field.unique && !field.primary_key, "unique"),
        flag(field.computed, "computed"),
        field.default.as_ref().map(|default| format!("by default {default}")),
        (!field.values.is_empty()).then(|| format!("one of {}", field.values.join(", "))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What one claim says about `column`; `checked` are the values that the table's checks allow.
fn facts(claim: &Claim<'_>, column: &Column, checked: &BTreeMap<Ident, Vec<String>>) -> Facts {
    let own = std::slice::from_ref(&column.name);
    let key = claim.table.primary_key();
    Facts {
        r#type: column.ty.to_string(),
        meaning: column.doc.clone().or_else(|| column.comment.clone()),
        required: column.not_null || key.contains(&column.name),
        unique: is_unique(claim.table, own),
        primary_key: key.contains(&column.name),
        default: default_in_words(column),
        computed: column.generated.is_some(),
        values: checked.get(&column.name).cloned().or_else(|| typed_values(claim.model, column)).unwrap_or_default(),
        references: claim
            .table
            .constraints
            .values()
            .filter_map(Constraint::foreign_key)
            .filter(|key| key.columns.contains(&column.name))
            .map(|key| key.table.clone())
            .collect(),
    }
}

/// The values that the table's checks allow, by column.
fn checked_values(table: &Table) -> BTreeMap<Ident, Vec<String>> {
    let checks = table.constraints.values().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::Check(condition) => allowed_values(condition),
        _ => None,
    });
    checks.map(|allowed| (allowed.column, allowed.values)).collect()
}

/// The values that the column's own type allows: an enum's, or a domain's by its checks.
fn typed_values(model: &Model, column: &Column) -> Option<Vec<String>> {
    match &model.types.get(column.ty.user_type()?)?.kind {
        TypeKind::Enum(labels) => Some(labels.iter().map(|value| value.label.clone()).collect()),
        TypeKind::Domain(domain) => {
            domain.checks.values().find_map(|check| allowed_values(&check.expression)).map(|allowed| allowed.values)
        }
        _ => None,
    }
}

/// The default in words: docs hold no SQL, so a literal is shown bare and an expression by what it gives.
fn default_in_words(column: &Column) -> Option<String> {
    if column.identity.is_some() {
        return Some("the next number".to_owned());
    }
    column.default.as_ref().map(in_words)
}

fn in_words(default: &Sql) -> String {
    let text = default.as_str().trim();
    if let Some(literal) = string_literal(text) {
        return if literal.is_empty() { "an empty text".to_owned() } else { literal };
    }
    let call = text.to_lowercase();
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.'));
    match call.as_str() {
        "gen_random_uuid()" | "uuid_generate_v4()" | "uuidv4()" => "a random uuid".to_owned(),
        "uuidv7()" => "a new uuid, in order of time".to_owned(),
        "now()" | "current_timestamp" | "transaction_timestamp()" | "localtimestamp" => "the current time".to_owned(),
        "current_date" => "the current date".to_owned(),
        "auth.uid()" | "current_user" | "session_user" => "the current user".to_owned(),
        _ if call.starts_with("nextval(") => "the next number".to_owned(),
        _ if is_plain => text.to_owned(),
        _ => "computed".to_owned(),
    }
}

/// The content of a string literal, with or without a cast behind it.
fn string_literal(text: &str) -> Option<String> {
    let mut content = String::new();
    let mut letters = text.strip_prefix('\'')?.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' if letters.next_if_eq(&'\'').is_some() => content.push('\''),
            '\'' => {
                let rest: String = letters.collect();
                return (rest.is_empty() || is_cast(&rest)).then_some(content);
            }
            other => content.push(other),
        }
    }
    None
}

fn is_cast(text: &str) -> bool {
    text.strip_prefix("::").is_some_and(|ty| ty.chars().all(|c| c.is_alphanumeric() || " _.()[],\"".contains(c)))
}

/// The facts about which the claims do not agree. A partial view is silent about much: only what is said can differ,
/// and `required`, `unique` and the keys hold as soon as one claim says so.
fn differences(told: &Told<'_>, module: &dyn Fn(usize) -> Reference) -> Vec<Difference> {
    let compare = |fact: &'static str, value: &dyn Fn(&Facts) -> Option<String>| -> Option<Difference> {
        let mut sides: Vec<Side> = Vec::new();
        for (claim, facts) in told {
            let Some(value) = value(facts) else { continue };
            let by = if claim.busm { "BUSM".to_owned() } else { module(claim.source).name };
            match sides.iter_mut().find(|side| side.value == value) {
                Some(side) => side.by.push(by),
                None => sides.push(Side { value, by: vec![by] }),
            }
        }
        (sides.len() > 1).then_some(Difference { fact, sides })
    };
    let names = |facts: &Facts| facts.references.iter().map(|name| name.name.as_str().to_owned()).collect::<Vec<_>>();
    let said = |words: &[String]| (!words.is_empty()).then(|| words.join(", "));
    [
        compare("type", &|facts| Some(facts.r#type.clone())),
        compare("default", &|facts| facts.default.clone()),
        compare("values", &|facts| said(&facts.values)),
        compare("reference", &|facts| said(&names(facts))),
        compare("meaning", &|facts| facts.meaning.clone()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::in_words;
    use crate::model::Sql;

    #[test]
    fn defaults_are_words_and_no_sql() {
        let words = |sql: &str| in_words(&Sql::new(sql));
        assert_eq!(words("'Active'"), "Active");
        assert_eq!(words("'it''s'::character varying(20)"), "it's");
        assert_eq!(words("gen_random_uuid()"), "a random uuid");
        assert_eq!(words("-1.5"), "-1.5");
        assert_eq!(words("'a' || current_setting('x')"), "computed");
    }
}
