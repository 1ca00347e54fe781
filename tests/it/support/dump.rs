//! A schema as `pg_dump` prints it, in a form in which two equal schemas are equal texts.
//!
//! The order of statements, `SET` lines and comments go; the order of a table's columns stays until
//! [`Dump::without_column_order`] is asked for.

use std::collections::BTreeMap;
use std::fmt;

/// The statements of a dump, sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dump {
    statements: Vec<String>,
}

impl Dump {
    /// Reads what `pg_dump --schema-only` printed.
    pub fn parse(text: &str) -> Dump {
        let mut statements: Vec<String> = entries(text).flat_map(|entry| split(&entry, b';')).collect();
        statements.retain(|statement| !statement.is_empty() && !is_setting(statement));
        statements.iter_mut().for_each(|statement| *statement = without_not_null_names(statement));
        statements.sort();
        Dump { statements }
    }

    /// The same with further statements.
    #[must_use]
    pub fn with(mut self, statements: impl IntoIterator<Item = String>) -> Dump {
        self.statements.extend(statements);
        self.statements.sort();
        self
    }

    /// The same with the columns, constraints and storage parameters of each table sorted, and without what a child by
    /// INHERITS would keep without its parents: no statement changes that.
    #[must_use]
    pub fn without_column_order(&self) -> Dump {
        let sorted = |statement: &String| sort_options(&sort_columns(statement));
        let mut statements: Vec<String> = self.statements.iter().map(sorted).collect();
        drop_inherited(&mut statements);
        statements.sort();
        Dump { statements }
    }

    /// The statements.
    pub fn statements(&self) -> &[String] {
        &self.statements
    }

    /// What `self` has and `other` lacks, and the reverse, a statement each; empty when they are equal.
    pub fn difference(&self, other: &Dump) -> String {
        let lacks = |a: &Dump, b: &Dump, sign: &str| -> String {
            let alone = a.statements.iter().filter(|statement| b.statements.binary_search(statement).is_err());
            alone.map(|statement| format!("{sign} {}\n", statement.replace('\n', &format!("\n{sign} ")))).collect()
        };
        lacks(self, other, "-") + &lacks(other, self, "+")
    }
}

impl fmt::Display for Dump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.statements.iter().try_for_each(|statement| writeln!(f, "{statement};\n"))
    }
}

/// The texts between pg_dump's headings (`--`, `-- Name: …`, `--`), so that comments inside bodies stay.
fn entries(text: &str) -> impl Iterator<Item = String> {
    text.split("\n--\n-- ").skip(1).filter_map(|entry| {
        let (_, body) = entry.split_once("\n--\n")?;
        let body = body.strip_suffix("\n--\n").unwrap_or(body);
        let kept = body.lines().filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
        Some(kept.collect::<Vec<_>>().join("\n"))
    })
}

fn is_setting(statement: &str) -> bool {
    statement.starts_with("SET ")
        || statement.starts_with("-- *not* creating schema")
        || statement.starts_with("SELECT pg_catalog.set_config(")
}

/// Takes the names from NOT NULL constraints, which PostgreSQL has since 18: they only tell under which name a column
/// or table was made.
fn without_not_null_names(statement: &str) -> String {
    let mut rest = statement;
    let mut text = String::new();
    while let Some(at) = rest.find(" CONSTRAINT ") {
        let (before, named) = rest.split_at(at);
        text.push_str(before);
        let name = &named[" CONSTRAINT ".len()..];
        let end = match name.strip_prefix('"') {
            Some(quoted) => quoted.find('"').map(|end| end + 2),
            None => name.find(' '),
        };
        let behind = end.map_or("", |end| &name[end..]);
        let kept = if behind.starts_with(" NOT NULL") { behind } else { named };
        text.push_str(&kept[..1]);
        rest = &kept[1..];
    }
    text + rest
}

/// Sorts what stands between the parentheses of a `CREATE TABLE`; other statements stay as they are.
fn sort_columns(statement: &str) -> String {
    let is_table = ["CREATE TABLE ", "CREATE UNLOGGED TABLE ", "CREATE FOREIGN TABLE "];
    let open = statement.find(" (\n").map(|at| at + 3);
    let close = statement.rfind("\n)");
    match (is_table.iter().any(|start| statement.starts_with(start)), open, close) {
        (true, Some(open), Some(close)) if open <= close => {
            let mut items = split(&statement[open..close], b',');
            items.sort();
            format!("{}    {}{}", &statement[..open], items.join(",\n    "), &statement[close..])
        }
        _ => statement.to_owned(),
    }
}

/// Sorts the storage parameters of a table, an index or a materialized view.
fn sort_options(statement: &str) -> String {
    let storage = ["TABLE ", "INDEX ", "UNIQUE INDEX ", "UNLOGGED TABLE ", "MATERIALIZED VIEW "];
    let rest = statement.strip_prefix("CREATE ").unwrap_or("");
    let open = statement.find(" WITH (").or_else(|| statement.find("\nWITH (")).map(|at| at + 7);
    let close = open.and_then(|open| Some(open + statement[open..].find(')')?));
    match (storage.iter().any(|start| rest.starts_with(start)), open, close) {
        (true, Some(open), Some(close)) => {
            let mut items = split(&statement[open..close], b',');
            items.sort();
            format!("{}{}{}", &statement[..open], items.join(", "), &statement[close..])
        }
        _ => statement.to_owned(),
    }
}

/// Takes the columns, defaults and checks off children by INHERITS that their parents have too.
fn drop_inherited(statements: &mut Vec<String>) {
    const BY: &str = "\nINHERITS (";
    let items = |statement: &str| -> Option<(String, Vec<String>)> {
        let rest =
            statement.strip_prefix("CREATE TABLE ").or_else(|| statement.strip_prefix("CREATE UNLOGGED TABLE "))?;
        let (name, rest) = rest.split_once(" (\n")?;
        Some((name.to_owned(), split(&rest[..rest.find("\n)")?], b',')))
    };
    const ATTACH: &str = " ATTACH PARTITION ";
    if !statements.iter().any(|statement| statement.contains(BY) || statement.contains(ATTACH)) {
        return;
    }
    // A partition has its parent's columns in any case, so only the checks are told twice.
    let attached: BTreeMap<String, String> = statements
        .iter()
        .filter_map(|statement| {
            let (parent, child) = statement.strip_prefix("ALTER TABLE ONLY ")?.split_once(ATTACH)?;
            let child = split(&child.replacen(" FOR VALUES", "\n", 1).replacen(" DEFAULT", "\n", 1), b'\n');
            Some((child.first()?.clone(), parent.to_owned()))
        })
        .collect();
    let known: BTreeMap<String, Vec<String>> = statements.iter().filter_map(|statement| items(statement)).collect();
    let parents_of = |statement: &str| -> Vec<String> {
        let parents = statement.find(BY).map_or("", |at| &statement[at + BY.len()..]);
        split(&parents[..parents.find(')').unwrap_or(parents.len())], b',')
    };
    let heirs: BTreeMap<String, Vec<String>> =
        statements.iter().filter_map(|it| Some((items(it)?.0, parents_of(it)))).collect();
    // The default of a column that is not the child's own stands apart.
    let repeats = |statement: &String| -> Option<bool> {
        let (child, rest) = statement.strip_prefix("ALTER TABLE ONLY ")?.split_once(" ALTER COLUMN ")?;
        let (column, default) = rest.split_once(" SET DEFAULT ")?;
        let mut above = heirs.get(child)?.iter().filter_map(|parent| known.get(parent)).flatten();
        let same = |item: &String| {
            let bare = item.strip_suffix(" NOT NULL").unwrap_or(item);
            item.starts_with(&format!("{column} ")) && bare.ends_with(&format!(" DEFAULT {default}"))
        };
        Some(above.any(same))
    };
    statements.retain(|statement| !repeats(statement).unwrap_or(false));
    for statement in statements {
        let Some((name, own)) = items(statement) else { continue };
        if let Some(parent) = attached.get(&name) {
            let above = known.get(parent).map_or(&[][..], Vec::as_slice);
            for check in above.iter().filter(|it| it.starts_with("CONSTRAINT ") && own.contains(it)) {
                *statement = statement.replacen(&format!("    {check},\n"), "", 1);
            }
        }
        let Some(at) = statement.find(BY) else { continue };
        let parents = parents_of(statement);
        let above: Vec<&String> = parents.iter().filter_map(|parent| known.get(parent)).flatten().collect();
        let is_above = |item: &str| above.iter().any(|it| *it == item || it.strip_suffix(" NOT NULL") == Some(item));
        let own: Vec<String> = own.into_iter().filter(|item| !is_above(item)).collect();
        let own = own.join(",\n    ");
        let own = if own.is_empty() { own } else { format!("    {own}\n") };
        *statement = format!("CREATE TABLE {name} (\n{own}){}", &statement[at..]);
    }
}

/// Splits at `separator` where it stands outside quotes and parentheses; the pieces are trimmed.
fn split(text: &str, separator: u8) -> Vec<String> {
    let bytes = text.as_bytes();
    let (mut pieces, mut start, mut at, mut depth) = (Vec::new(), 0, 0, 0usize);
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'\'' | b'"') => at += 1 + text[at + 1..].find(quote as char).unwrap_or(text.len() - at - 2),
            b'$' => at = end_of_dollar_quote(text, at),
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            byte if byte == separator && depth == 0 => {
                pieces.push(text[start..at].trim().to_owned());
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    pieces.push(text[start.min(text.len())..].trim().to_owned());
    pieces
}

/// The last byte of the dollar quoted string that opens at `at`, or `at` when none does.
fn end_of_dollar_quote(text: &str, at: usize) -> usize {
    let Some(length) = text[at + 1..].find('$') else { return at };
    let tag = &text[at..at + length + 2];
    let is_tag = tag[1..tag.len() - 1].bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let close = text[at + tag.len()..].find(tag).filter(|_| is_tag);
    close.map_or(at, |close| at + tag.len() + close + tag.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::{Dump, sort_columns, sort_options, split, without_not_null_names};

    #[test]
    fn splits_outside_quotes_only() {
        assert_eq!(split("a 'x;''y' (;) $f$ ; $$ ; $f$; b \";\"", b';'), ["a 'x;''y' (;) $f$ ; $$ ; $f$", "b \";\""]);
    }

    #[test]
    fn sorts_columns_of_tables_and_nothing_else() {
        assert_eq!(
            sort_columns("CREATE TABLE public.t (\n    b integer,\n    a numeric(3,1)\n)"),
            "CREATE TABLE public.t (\n    a numeric(3,1),\n    b integer\n)"
        );
        let view = "CREATE VIEW public.v AS\n SELECT (\n b, a\n)";
        assert_eq!(sort_columns(view), view);
    }

    #[test]
    fn storage_parameters_have_no_order() {
        let text = "CREATE INDEX i ON t USING btree (a) WITH (fillfactor='9', deduplicate_items=off) WHERE (a > 1)";
        let sorted = "CREATE INDEX i ON t USING btree (a) WITH (deduplicate_items=off, fillfactor='9') WHERE (a > 1)";
        assert_eq!(sort_options(text), sorted);
        assert_eq!(sort_options("CREATE VIEW v WITH (b, a) AS SELECT 1"), "CREATE VIEW v WITH (b, a) AS SELECT 1");
    }

    #[test]
    fn what_a_child_has_from_its_parent_is_not_its_own() {
        let entry = |sql: &str| format!("\n--\n-- Name: x; Type: TABLE\n--\n\n{sql};\n");
        let parent = "CREATE TABLE p (\n    a integer,\n    CONSTRAINT c CHECK ((a > 0))\n)";
        let child = |own: &str| format!("CREATE TABLE c (\n    {own}b integer\n)\nINHERITS (p)");
        let dump = |own| Dump::parse(&(entry(parent) + &entry(&child(own)))).without_column_order();
        assert_eq!(dump("a integer,\n    CONSTRAINT c CHECK ((a > 0)),\n    "), dump(""));
        assert_ne!(dump("a integer DEFAULT 1,\n    "), dump(""));
    }

    #[test]
    fn a_default_that_a_child_has_from_its_parent_is_not_its_own() {
        let entry = |sql: &str| format!("\n--\n-- Name: x; Type: TABLE\n--\n\n{sql};\n");
        let parent = "CREATE TABLE p (\n    a integer DEFAULT f(1) NOT NULL\n)";
        let child = "CREATE TABLE c (\n    b integer\n)\nINHERITS (p)";
        let apart = |default| format!("ALTER TABLE ONLY c ALTER COLUMN a SET DEFAULT {default}");
        let dump = |more: &str| Dump::parse(&(entry(parent) + &entry(child) + &entry(more))).without_column_order();
        assert_eq!(dump(&apart("f(1)")), dump(""));
        assert_ne!(dump(&apart("f(2)")), dump(""));
    }

    #[test]
    fn a_named_not_null_is_a_not_null() {
        let text = "a integer CONSTRAINT \"t 1_a_not_null\" NOT NULL, b integer CONSTRAINT n NOT NULL, CONSTRAINT c CHECK (a > 0)";
        assert_eq!(without_not_null_names(text), "a integer NOT NULL, b integer NOT NULL, CONSTRAINT c CHECK (a > 0)");
    }

    #[test]
    fn drops_noise_and_keeps_comments_in_bodies() {
        let text = "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nSET x = 1;\n\n--\n-- Name: f; Type: FUNCTION\n--\n\n\
                    CREATE FUNCTION f() AS $$\n-- why;\n$$;\n\n\nSET default_tablespace = '';\n\n--\n-- PostgreSQL database dump complete\n--\n\n";
        assert_eq!(Dump::parse(text).statements(), ["CREATE FUNCTION f() AS $$\n-- why;\n$$"]);
    }
}
