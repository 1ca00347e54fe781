//! What pieces of a model mean: comments, hints and the spelling of SQL aside.
//!
//! Claims are compared in this form only; what is kept is what was written.

use crate::model::constraint::{Constraint, ConstraintKind};
use crate::model::index::{ElementKey, Index, IndexElement};
use crate::model::name::Name;
use crate::model::relation::Trigger;
use crate::model::security::Policy;
use crate::model::{Hints, Sql};

/// A part of a table that claims are compared by.
pub trait Meaning: Clone + PartialEq {
    /// The part without comment and hints, its SQL in one spelling.
    #[must_use]
    fn meaning(&self) -> Self;
}

/// Whether two texts mean the same. Most claims are picked from the BUSM and alike to the letter.
pub fn same(a: &Sql, b: &Sql) -> bool {
    a == b || a.meaning() == b.meaning()
}

impl Meaning for Sql {
    /// Lower case and single spaces outside quotes, and no parentheses around the whole.
    fn meaning(&self) -> Sql {
        let mut text = folded(self.as_str());
        while let Some(inner) = unwrapped(&text) {
            text = inner.trim().to_owned();
        }
        Sql(text)
    }
}

impl Meaning for Constraint {
    fn meaning(&self) -> Constraint {
        let mut bare = Constraint { comment: None, hints: Hints::default(), ..self.clone() };
        match &mut bare.kind {
            ConstraintKind::Check(check) => *check = check.meaning(),
            ConstraintKind::Exclude(exclude) => {
                exclude.elements.iter_mut().for_each(|(element, _)| *element = element.meaning());
                exclude.predicate = exclude.predicate.as_ref().map(Sql::meaning);
            }
            _ => {}
        }
        bare
    }
}

impl Meaning for IndexElement {
    fn meaning(&self) -> IndexElement {
        let key = match &self.key {
            ElementKey::Expression(expression) => ElementKey::Expression(expression.meaning()),
            ElementKey::Column(_) => self.key.clone(),
        };
        IndexElement { key, ..self.clone() }
    }
}

impl Meaning for Index {
    fn meaning(&self) -> Index {
        Index {
            elements: self.elements.iter().map(IndexElement::meaning).collect(),
            predicate: self.predicate.as_ref().map(Sql::meaning),
            comment: None,
            hints: Hints::default(),
            ..self.clone()
        }
    }
}

impl Meaning for Trigger {
    fn meaning(&self) -> Trigger {
        let when = self.when.as_ref().map(Sql::meaning);
        Trigger { when, comment: None, hints: Hints::default(), ..self.clone() }
    }
}

impl Meaning for Policy {
    fn meaning(&self) -> Policy {
        let (using, check) = (self.using.as_ref().map(Sql::meaning), self.check.as_ref().map(Sql::meaning));
        Policy { using, check, comment: None, hints: Hints::default(), ..self.clone() }
    }
}

/// Whether the table's name stands in the text as a word.
pub fn mentions(sql: &Sql, table: &Name) -> bool {
    sql.as_str().split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == table.name.as_str())
}

/// The text in lower case with single spaces, what stands in quotes aside; spaces beside parentheses are dropped.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let (mut quote, mut space) = (None, false);
    for c in text.trim().chars() {
        if quote.is_none() && c.is_whitespace() {
            space = true;
            continue;
        }
        let after_open = folded.ends_with('(');
        if std::mem::take(&mut space) && quote.is_none() && !after_open && c != ')' {
            folded.push(' ');
        }
        match quote {
            Some(open) if open == c => quote = None,
            None if matches!(c, '\'' | '"') => quote = Some(c),
            _ => {}
        }
        if quote.is_none() { folded.extend(c.to_lowercase()) } else { folded.push(c) }
    }
    folded
}

/// What stands inside the parentheses, when one pair is around the whole text.
fn unwrapped(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let (mut depth, mut quote) = (0_i32, None);
    for c in inner.chars() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    (depth == 0 && quote.is_none()).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::{Meaning, Sql};

    fn same(a: &str, b: &str) -> bool {
        Sql::new(a).meaning() == Sql::new(b).meaning()
    }

    #[test]
    fn spelling_is_no_meaning() {
        assert!(same("NOW()", "now( )"));
        assert!(same("((a > 1))", "a\n > 1"));
        assert!(same("(a) + (b)", "( (a) + (b) )"));
    }

    #[test]
    fn quotes_keep_their_case_and_spaces() {
        assert!(!same("'Active'", "'active'"));
        assert!(!same("'a  b'", "'a b'"));
        assert!(!same("\"Name\"", "name"));
        assert!(!same("(a) + (b)", "a) + (b"));
    }
}
