//! Names that a piece of SQL mentions, found by its tokens: no grammar, no scopes, so too many rather than too few.

use std::collections::BTreeSet;

use squawk_lexer::{TokenKind, tokenize};

use crate::model::Sql;
use crate::model::name::Ident;

/// What a text mentions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mentions {
    /// Names, each with what qualifies it: `auth.uid`, `accounts`.
    pub chains: Vec<Vec<Ident>>,
    /// Names inside string constants: `nextval('accounts_id_seq')`.
    pub quoted: Vec<Vec<Ident>>,
    /// The signs of operators.
    pub operators: BTreeSet<String>,
    /// Whether a `*` may stand for all columns.
    pub star: bool,
    /// What may be tables whose columns an alias names by their places: `accounts AS a (id, name)`.
    pub placed: BTreeSet<Vec<Ident>>,
}

/// The names in `sql`.
pub(super) fn mentions(sql: &Sql) -> Mentions {
    mentions_in(sql.as_str())
}

/// The names in `text`.
pub(super) fn mentions_in(text: &str) -> Mentions {
    let mut found = Mentions::default();
    let mut chain: Vec<Ident> = Vec::new();
    let mut after_dot = false;
    let mut at = 0;
    let mut before = "";
    let mut signs = String::new();
    // Where the names that stand together begin.
    let mut run = 0;
    for token in tokenize(text) {
        let start = at;
        at += token.len as usize;
        let is_sign = text[start..at].chars().all(|c| SIGNS.contains(c));
        if is_sign {
            signs.push_str(&text[start..at]);
        } else {
            found.operators.extend(operator(&mut signs));
        }
        match token.kind {
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. } => continue,
            TokenKind::Dot => {
                after_dot = true;
                before = ".";
                continue;
            }
            _ => {}
        }
        let text = &text[start..at];
        match Ident::of_token(text) {
            Some(name) => {
                if !after_dot {
                    found.chains.extend(take(&mut chain));
                }
                chain.push(name);
            }
            None => {
                found.chains.extend(take(&mut chain));
                if text == "(" {
                    found.placed.extend(placed(&found.chains[run..]));
                }
                run = found.chains.len();
                found.star |= text == "*" && may_be_columns(before);
                found.quoted.extend(quoted(text));
            }
        }
        after_dot = false;
        before = text;
    }
    found.chains.extend(take(&mut chain));
    found.operators.extend(operator(&mut signs));
    found
}

/// What has an alias before a parenthesis that opens behind these names.
fn placed(names: &[Vec<Ident>]) -> Option<Vec<Ident>> {
    let (alias, before) = names.split_last()?;
    let (last, rest) = before.split_last()?;
    let named = if matches!(last.as_slice(), [word] if word.as_str() == "as") { rest.last()? } else { last };
    (alias.len() == 1).then(|| named.clone())
}

/// What operators are made of. Source: `src/backend/parser/scan.l`.
const SIGNS: &str = "+-*/<>=~!@#%^&|`?";

/// The operator that `signs` begins with: it ends in a sign of a number only if it holds what no other operator does.
fn operator(signs: &mut String) -> Option<String> {
    let signs = std::mem::take(signs);
    let end = match signs.contains(['~', '!', '@', '#', '%', '^', '&', '|', '`', '?']) {
        true => signs.len(),
        false => signs.trim_end_matches(['+', '-']).len().max(1),
    };
    signs.get(..end).map(str::to_owned)
}

impl Mentions {
    /// Whether `name` stands somewhere in the text, qualified or not.
    pub fn has(&self, name: &Ident) -> bool {
        self.chains.iter().any(|chain| chain.contains(name))
    }
}

/// Whether a `*` behind this token may stand for columns: behind a name or a number it multiplies, and `(*)` counts.
fn may_be_columns(before: &str) -> bool {
    let is = |word: &str| before.eq_ignore_ascii_case(word);
    let operand = before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '"' | '\'' | ']'));
    before != "(" && (!operand || ["select", "all", "distinct", "returning"].into_iter().any(is))
}

fn take(chain: &mut Vec<Ident>) -> Option<Vec<Ident>> {
    (!chain.is_empty()).then(|| std::mem::take(chain))
}

/// The name inside a string constant that looks like one.
fn quoted(token: &str) -> Option<Vec<Ident>> {
    let inner = token.strip_prefix('\'')?.strip_suffix('\'')?;
    let parts: Vec<Ident> = inner.split('.').map(Ident::of_token).collect::<Option<_>>()?;
    (parts.len() <= 2).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::mentions_in;

    #[test]
    fn names_are_found_with_what_qualifies_them() {
        let found = mentions_in("a.\"B c\" = auth . uid() AND x IN ('text', 'app.seq') -- not this\n");
        let chains: Vec<String> = found
            .chains
            .iter()
            .map(|chain| chain.iter().map(|name| name.as_str()).collect::<Vec<_>>().join("."))
            .collect();
        assert_eq!(chains, ["a.B c", "auth.uid", "and", "x", "in"]);
        assert_eq!(found.quoted.len(), 2);
        assert!(!found.star);
        assert!(mentions_in("SELECT * FROM t").star && mentions_in("SELECT a, t.* FROM t").star);
        let placed = mentions_in("SELECT f (a) FROM s.t AS x (a, b), u y (c), f(x) WHERE (a) OVER w (o)").placed;
        let placed: Vec<String> = placed.iter().filter_map(|chain| Some(chain.last()?.as_str().to_owned())).collect();
        assert_eq!(placed, ["over", "t", "select", "u"], "a key word is none in the end");
        assert!(!mentions_in("SELECT count(*), a * 2, \"b\" * c FROM t").star);
        let operators = mentions_in("a === -1 AND b<=-2 OR c OPERATOR(x.@-) d--+\n");
        assert_eq!(operators.operators, ["===", "-", "<=", "@-"].map(str::to_owned).into());
    }
}
