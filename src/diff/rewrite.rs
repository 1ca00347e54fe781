//! Names replaced inside SQL text, token by token: everything else stays as it was written.

use squawk_syntax::{SourceFile, SyntaxKind};

use crate::model::Sql;
use crate::model::name::{Ident, Name};

/// What a name in a text is replaced with.
#[derive(Clone, Debug)]
pub enum Replace<'a> {
    /// A relation or a type, qualified or not, also inside the string of `nextval('…')`.
    Global(&'a Name, &'a Name),
    /// A column, wherever its name stands.
    Column(&'a Ident, &'a Ident),
}

/// Replaces in `sql` what `replace` says. Texts that do not hold the name are not even looked into.
pub fn rewrite(sql: &mut Sql, replace: &Replace<'_>) {
    let old = match replace {
        Replace::Global(old, _) => old.name.as_str(),
        Replace::Column(old, _) => old.as_str(),
    };
    if sql.0.to_lowercase().contains(&old.to_lowercase()) {
        sql.0 = rewritten(&sql.0, replace);
    }
}

fn rewritten(text: &str, replace: &Replace<'_>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut qualifier: Option<Ident> = None;
    let mut dotted = false;
    // Where the qualifier begins, which another schema replaces.
    let mut start = 0;
    let root = SourceFile::parse(text).syntax_node();
    for token in root.descendants_with_tokens().filter_map(|element| element.into_token()) {
        let spelled = token.text();
        let name = Ident::of_token(spelled);
        match (&name, replace) {
            (Some(name), Replace::Column(old, new)) if name == *old => out.push_str(&new.to_string()),
            (Some(name), Replace::Global(old, new))
                if *name == old.name && qualifies(dotted, qualifier.as_ref(), old) =>
            {
                if old.schema == new.schema {
                    out.push_str(&new.name.to_string());
                } else {
                    out.truncate(if dotted { start } else { out.len() });
                    out.push_str(&new.to_string());
                }
            }
            (None, Replace::Global(old, new)) if spelled.starts_with('\'') => {
                let quoted = [old.to_string(), format!("public.{old}")].map(|name| format!("'{name}'"));
                let named = quoted.iter().any(|quoted| quoted == spelled);
                out.push_str(&if named { format!("'{new}'") } else { spelled.to_owned() });
            }
            _ => out.push_str(spelled),
        }
        match token.kind() {
            SyntaxKind::WHITESPACE | SyntaxKind::COMMENT => {}
            SyntaxKind::DOT => dotted = true,
            _ => {
                qualifier = name;
                start = out.len() - spelled.len().min(out.len());
                dotted = false;
            }
        }
    }
    out
}

fn qualifies(dotted: bool, qualifier: Option<&Ident>, name: &Name) -> bool {
    match (dotted, &name.schema) {
        (false, schema) => schema.is_none(),
        (true, Some(schema)) => qualifier == Some(schema),
        (true, None) => qualifier.is_some_and(|qualifier| qualifier.as_str() == "public"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Replace, rewritten};
    use crate::model::name::{Ident, Name};

    #[test]
    fn names_are_replaced_and_nothing_else() {
        let (old, new) = (Name::local("a"), Name::local("b"));
        let global = Replace::Global(&old, &new);
        assert_eq!(
            rewritten("SELECT a.x, 'a' FROM public.a -- a\n, s.a", &global),
            "SELECT b.x, 'b' FROM public.b -- a\n, s.a"
        );
        let (old, new) = (Name::qualified("s", "a"), Name::local("b"));
        let text = "SELECT a.x, 's.a' FROM s . a, t.a, 's.a.b'";
        assert_eq!(rewritten(text, &Replace::Global(&old, &new)), "SELECT a.x, 'b' FROM b, t.a, 's.a.b'");
        let back = "SELECT b.x FROM public.b AS a, b";
        assert_eq!(rewritten(back, &Replace::Global(&new, &old)), "SELECT s.a.x FROM s.a AS a, s.a");
        let (old, new) = (Ident::new("phone"), Ident::new("order"));
        let column = Replace::Column(&old, &new);
        assert_eq!(
            rewritten("Phone IS NOT NULL AND phones > 'phone'", &column),
            "\"order\" IS NOT NULL AND phones > 'phone'"
        );
    }
}
