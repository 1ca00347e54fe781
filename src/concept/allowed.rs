//! TEMPORARY until `model::values` is on main.
use crate::model::Sql;
use crate::model::name::Ident;
pub struct AllowedValues {
    pub column: Ident,
    pub values: Vec<String>,
}
pub fn allowed_values(sql: &Sql) -> Option<AllowedValues> {
    let (column, rest) = sql.as_str().split_once(" IN (")?;
    let list = rest.strip_suffix(')')?;
    let values = list.split(", ").map(|v| v.trim_matches('\'').to_owned()).collect();
    Some(AllowedValues { column: Ident::new(column), values })
}
