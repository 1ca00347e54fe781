//! Stand-in until the real one is merged.
use super::Sql;
use super::name::Ident;

/// The values that a CHECK allows one column.
pub struct AllowedValues {
    /// The column.
    pub column: Ident,
    /// Its values.
    pub values: Vec<String>,
}

/// Reads `column IN ('a', 'b')`.
pub fn allowed_values(check: &Sql) -> Option<AllowedValues> {
    let (column, list) = check.as_str().split_once(" IN (")?;
    let list = list.strip_suffix(')')?;
    let values = list.split(", ").map(|value| Some(value.strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'")));
    Some(AllowedValues { column: Ident::new(column), values: values.collect::<Option<_>>()? })
}

/// Writes it.
pub fn values_check(column: &Ident, values: &[String]) -> Sql {
    let values: Vec<String> = values.iter().map(|value| format!("'{}'", value.replace('\'', "''"))).collect();
    Sql::new(format!("{column} IN ({})", values.join(", ")))
}
