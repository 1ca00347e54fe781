//! Names as PostgreSQL knows them, and the one place that quotes them.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::datatype::DataType;

/// The longest identifier that PostgreSQL keeps, in bytes (`NAMEDATALEN - 1`); longer ones it cuts.
pub const MAX_IDENTIFIER_BYTES: usize = 63;

/// One identifier, unquoted and case folded: the name as the catalog holds it. `Display` quotes it where SQL needs that.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ident(SmolStr);

impl Ident {
    /// The identifier `name`, taken as it is: no folding, no unquoting.
    pub fn new(name: impl AsRef<str>) -> Ident {
        Ident(SmolStr::new(name))
    }

    /// The identifier that the SQL token `token` is, folded and unquoted; key words count, since most may be names.
    pub fn of_token(token: &str) -> Option<Ident> {
        if let Some(inner) = token.strip_prefix('"') {
            return Some(Ident::new(inner.strip_suffix('"').unwrap_or(inner).replace("\"\"", "\"")));
        }
        let mut chars = token.chars();
        let starts = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
        (starts && chars.all(|c| c.is_alphanumeric() || c == '_' || c == '$')).then(|| Ident::new(token.to_lowercase()))
    }

    /// The name, unquoted.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Ident {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Ident {
    fn from(name: &str) -> Ident {
        Ident::new(name)
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if needs_quotes(&self.0) { write!(f, "\"{}\"", self.0.replace('"', "\"\"")) } else { f.write_str(&self.0) }
    }
}

impl fmt::Debug for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A name that may stand in a schema; without one it is in the default schema, `public`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Name {
    /// The schema, unless it is `public`.
    pub schema: Option<Ident>,
    /// The name within it.
    pub name: Ident,
}

impl Name {
    /// `name` in the default schema.
    pub fn local(name: impl AsRef<str>) -> Name {
        Name { schema: None, name: Ident::new(name) }
    }

    /// `name` in `schema`; `public` is the default schema and is folded away.
    pub fn qualified(schema: impl AsRef<str>, name: impl AsRef<str>) -> Name {
        let schema = schema.as_ref();
        Name { schema: (schema != "public").then(|| Ident::new(schema)), name: Ident::new(name) }
    }

    /// Another name in the same schema.
    #[must_use]
    pub fn sibling(&self, name: impl AsRef<str>) -> Name {
        Name { schema: self.schema.clone(), name: Ident::new(name) }
    }
}

/// A few names in their order, each once; thousands of such sets are kept, so they take no more room than their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Names(Box<[Name]>);

impl Names {
    /// The names, in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Name> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `name` is among them.
    pub fn contains(&self, name: &Name) -> bool {
        self.0.binary_search(name).is_ok()
    }

    /// Whether none of them is one of `others`.
    pub fn is_disjoint(&self, others: &BTreeSet<Name>) -> bool {
        !self.iter().any(|name| others.contains(name))
    }
}

impl FromIterator<Name> for Names {
    fn from_iter<I: IntoIterator<Item = Name>>(names: I) -> Names {
        let mut names: Vec<Name> = names.into_iter().collect();
        names.sort_unstable();
        names.dedup();
        Names(names.into())
    }
}

impl<'n> IntoIterator for &'n Names {
    type Item = &'n Name;
    type IntoIter = std::slice::Iter<'n, Name>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => write!(f, "{}", self.name),
        }
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What PostgreSQL tells overloaded routines apart by: the name and the types of the input arguments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Signature {
    /// The routine's name.
    pub name: Name,
    /// The types of its IN, INOUT and VARIADIC arguments.
    pub args: Vec<DataType>,
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let args: Vec<String> = self.args.iter().map(DataType::to_string).collect();
        write!(f, "{}({})", self.name, args.join(", "))
    }
}

/// The name that PostgreSQL gives to an object whose statement names none: `table_column_suffix`, cut so that it
/// fits into [`MAX_IDENTIFIER_BYTES`] by shortening the longer of the two parts first.
///
/// Source: `makeObjectName` in `src/backend/commands/indexcmds.c`.
pub fn default_name(table: &str, columns: &str, suffix: &str) -> Ident {
    let separators = usize::from(!columns.is_empty()) + usize::from(!suffix.is_empty());
    let room = MAX_IDENTIFIER_BYTES - suffix.len() - separators;
    let (mut first, mut second) = (table.len(), columns.len());
    while first + second > room {
        if first > second { first -= 1 } else { second -= 1 }
    }
    let mut name = clip(table, first).to_owned();
    for part in [clip(columns, second), suffix].into_iter().filter(|part| !part.is_empty()) {
        name.push('_');
        name.push_str(part);
    }
    Ident::new(name)
}

/// The longest start of `text` that has at most `bytes` bytes and ends between characters.
pub fn clip(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

/// Whether an identifier has to be quoted so that PostgreSQL reads it back as it is.
///
/// Source: `quote_identifier` in `src/backend/utils/adt/ruleutils.c`: anything but lower case letters, digits and
/// `_`, and every key word that is not unreserved.
fn needs_quotes(name: &str) -> bool {
    let plain = name.bytes().enumerate().all(|(at, byte)| match byte {
        b'a'..=b'z' | b'_' => true,
        b'0'..=b'9' => at > 0,
        _ => false,
    });
    !plain || name.is_empty() || is_reserved(name)
}

/// Whether `name` is a key word that is not unreserved in any of PostgreSQL 14 to 18, so a name only when quoted.
pub fn is_reserved(name: &str) -> bool {
    KEYWORDS.binary_search(&name).is_ok()
}

/// Reserved, type-or-function and column-name key words of PostgreSQL 14 to 18, sorted.
/// Source: `src/include/parser/kwlist.h`.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization",
    "between", "bigint", "binary", "bit", "boolean", "both",
    "case", "cast", "char", "character", "check", "coalesce", "collate", "collation", "column", "concurrently",
    "constraint", "create", "cross", "current_catalog", "current_date", "current_role", "current_schema",
    "current_time", "current_timestamp", "current_user",
    "dec", "decimal", "default", "deferrable", "desc", "distinct", "do",
    "else", "end", "except", "exists", "extract",
    "false", "fetch", "float", "for", "foreign", "freeze", "from", "full",
    "grant", "greatest", "group", "grouping",
    "having",
    "ilike", "in", "initially", "inner", "inout", "int", "integer", "intersect", "interval", "into", "is", "isnull",
    "join", "json", "json_array", "json_arrayagg", "json_exists", "json_object", "json_objectagg", "json_query",
    "json_scalar", "json_serialize", "json_table", "json_value",
    "lateral", "leading", "least", "left", "like", "limit", "localtime", "localtimestamp",
    "merge_action",
    "national", "natural", "nchar", "none", "normalize", "not", "notnull", "null", "nullif", "numeric",
    "offset", "on", "only", "or", "order", "out", "outer", "overlaps", "overlay",
    "placing", "position", "precision", "primary",
    "real", "references", "returning", "right", "row",
    "select", "session_user", "setof", "similar", "smallint", "some", "substring", "symmetric", "system_user",
    "table", "tablesample", "then", "time", "timestamp", "to", "trailing", "treat", "trim", "true",
    "union", "unique", "user", "using",
    "values", "varchar", "variadic", "verbose",
    "when", "where", "window", "with",
    "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces", "xmlparse", "xmlpi",
    "xmlroot", "xmlserialize", "xmltable",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Ident, KEYWORDS, Name, Names, default_name};

    #[test]
    fn quotes_only_where_sql_needs_it() {
        let shown: Vec<String> = ["accounts", "order", "Name", "a\"b", "1st", "ok_2", ""]
            .iter()
            .map(|name| Ident::new(name).to_string())
            .collect();
        assert_eq!(shown, ["accounts", "\"order\"", "\"Name\"", "\"a\"\"b\"", "\"1st\"", "ok_2", "\"\""]);
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn public_is_the_default_schema() {
        assert_eq!(Name::qualified("public", "a"), Name::local("a"));
    }

    #[test]
    fn a_few_names_are_a_set() {
        let of = |names: &[&str]| names.iter().map(Name::local).collect::<Names>();
        let names = of(&["c", "a", "b", "a"]);
        assert_eq!(names, of(&["a", "b", "c"]));
        assert!(names.iter().eq(&["a", "b", "c"].map(Name::local)), "{names:?}");
        assert!(names.contains(&Name::local("b")) && !names.contains(&Name::local("d")));
        let others = |names: &[&str]| names.iter().map(Name::local).collect::<BTreeSet<_>>();
        assert!(names.is_disjoint(&others(&["d", "e"])) && !names.is_disjoint(&others(&["c", "d"])));
        assert!(names.is_disjoint(&BTreeSet::new()) && of(&[]).is_empty() && !names.is_empty());
    }

    #[test]
    fn default_names_are_cut_as_postgres_cuts_them() {
        assert_eq!(default_name("accounts", "owner_id", "fkey").as_str(), "accounts_owner_id_fkey");
        assert_eq!(default_name("accounts", "", "pkey").as_str(), "accounts_pkey");
        let long = default_name(&"t".repeat(60), &"c".repeat(40), "fkey");
        assert_eq!(long.as_str(), format!("{}_{}_fkey", "t".repeat(29), "c".repeat(28)));
    }
}
