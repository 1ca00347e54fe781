//! Types as schema files write them: `varchar(20)`, `text[]`, `mood`.

use super::Scope;
use crate::diagnostic::{Diagnostic, nearest};
use crate::grammar::Text;
use crate::model::datatype::{DataType, builtin_names};
use crate::model::lower::extension_of;
use crate::model::name::Name;

/// The type that `text` names, or why there is none.
pub fn lower(text: &Text, scope: &Scope<'_>) -> Result<DataType, Box<Diagnostic>> {
    let ty = data_type(&text.text).ok_or_else(|| {
        let found = Diagnostic::error("invalid-type", text.span.clone(), format!("`{}` is not a type", text.text));
        Box::new(found.help("write a PostgreSQL type, such as `uuid`, `varchar(20)` or `text[]`"))
    })?;
    match ty.user_type() {
        Some(name) if !may_exist(name, scope) => Err(Box::new(unknown(text, &name.to_string(), scope))),
        _ => Ok(ty),
    }
}

/// The type that `text` spells, whether or not anybody defines it; `None` when it spells none.
pub fn data_type(text: &str) -> Option<DataType> {
    match DataType::builtin(text) {
        // The usual spelling, which need not be taken apart.
        Some(ty) if !has_length(&ty) => return Some(ty),
        _ => {}
    }
    let parts = split(text)?;
    let mut ty = match DataType::builtin(&parts.base.to_lowercase()) {
        Some(ty) => ty,
        None => DataType::named(match parts.base.split_once('.') {
            Some((schema, name)) => Name::qualified(schema, name),
            None => Name::local(&parts.base),
        }),
    };
    ty.modifiers = parts.modifiers.map(Into::into);
    if ty.modifiers.is_none() && has_length(&ty) {
        ty.modifiers = Some("1".into());
    }
    ty.array = parts.array;
    Some(ty)
}

/// Whether a type has a length where none is said: `char` is `char(1)`, `bit` is `bit(1)`.
fn has_length(ty: &DataType) -> bool {
    matches!(ty.scalar_builtin(), Some("char" | "bit"))
}

struct Parts {
    base: String,
    modifiers: Option<String>,
    array: bool,
}

/// Takes `timestamp(3) with time zone[]` apart; `None` when it has no such form.
fn split(text: &str) -> Option<Parts> {
    let mut rest = text.trim();
    let mut array = false;
    while let Some(inner) = rest.strip_suffix("[]") {
        (rest, array) = (inner.trim_end(), true);
    }
    let (before, modifiers, after) = match rest.split_once('(') {
        Some((before, tail)) => {
            let (inside, after) = tail.split_once(')')?;
            let compact: String = inside.chars().filter(|c| !c.is_whitespace()).collect();
            (before, Some(compact), after)
        }
        None => (rest, None, ""),
    };
    let words: Vec<&str> = before.split_whitespace().chain(after.split_whitespace()).collect();
    let wordlike = |word: &&str| word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '"'));
    let base = words.join(" ");
    (!words.is_empty() && words.iter().all(wordlike) && modifiers.as_deref() != Some("")).then_some(Parts {
        base,
        modifiers,
        array,
    })
}

/// Whether the project defines the type, or has an extension that may.
fn may_exist(name: &Name, scope: &Scope<'_>) -> bool {
    scope.models().any(|model| model.types.contains_key(name) || !model.extensions.is_empty())
}

fn unknown(text: &Text, base: &str, scope: &Scope<'_>) -> Diagnostic {
    let found = Diagnostic::error("unknown-type", text.span.clone(), format!("unknown type `{base}`"));
    if let Some(extension) = extension_of(&base.to_lowercase()) {
        return found
            .help(format!("the extension brings it that `CREATE EXTENSION {extension};` in an SQL file makes"));
    }
    let elsewhere = match base.to_lowercase().as_str() {
        "string" | "str" => Some("`text`, or `varchar(255)` with a limit"),
        "datetime" => Some("`timestamptz`"),
        "number" => Some("`integer`, or `numeric(10, 2)` with decimals"),
        "double" => Some("`double precision`"),
        "blob" | "binary" => Some("`bytea`"),
        "tinyint" => Some("`smallint`"),
        "serial" | "bigserial" | "smallserial" | "autoincrement" => Some("`bigint` with `identity = \"by default\"`"),
        "enum" => Some("`text` with `values = [\"…\"]`"),
        "guid" => Some("`uuid`"),
        _ => None,
    };
    if let Some(instead) = elsewhere {
        return found.help(format!("PostgreSQL calls it {instead}"));
    }
    let own: Vec<String> = scope.base.types.keys().map(Name::to_string).collect();
    let mut candidates: Vec<&str> = builtin_names().collect();
    candidates.extend(own.iter().map(String::as_str));
    match nearest(base, candidates) {
        Some(name) => found.help(format!("did you mean `{name}`?")),
        None => found.help(
            "define it in an SQL schema file (CREATE TYPE, CREATE DOMAIN), or create the extension that has it there",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn takes_types_apart() {
        let parts = |text| split(text).map(|parts| (parts.base, parts.modifiers, parts.array));
        assert_eq!(parts("varchar( 20 )"), Some(("varchar".into(), Some("20".into()), false)));
        assert_eq!(
            parts("timestamp(3) with time zone[]"),
            Some(("timestamp with time zone".into(), Some("3".into()), true))
        );
        assert_eq!(parts("varchar(20"), None);
        assert_eq!(parts("int; drop"), None);
    }
}
