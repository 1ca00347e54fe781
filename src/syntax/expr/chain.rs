//! Operators between operands: a chain of them becomes a tree by PostgreSQL's precedence.
//!
//! The parser's own nesting is not taken, since it leans user-defined operators (`->`, `||`) to the right, where
//! PostgreSQL leans them to the left.

use super::tree::Expr;

/// What stands between the bounds of BETWEEN, as an operator: what binds more tightly belongs to the upper bound.
pub const BOUNDS: &str = "between and";

/// How tightly an operator binds; a comparison is the only one that does not chain, which needs no care here.
/// Source: PostgreSQL documentation, "4.1.6. Operator Precedence"; `src/backend/parser/gram.y`.
fn rank(op: &str) -> u8 {
    match op {
        "or" => 1,
        "and" => 2,
        "is" | "is not" | "is distinct from" | "is not distinct from" => 3,
        "<" | ">" | "=" | "<=" | ">=" | "<>" => 4,
        "like"
        | "not like"
        | "ilike"
        | "not ilike"
        | "similar to"
        | "not similar to"
        | "in"
        | "not in"
        | "overlaps"
        | "between"
        | "not between"
        | "between symmetric"
        | "not between symmetric" => 5,
        "escape" | BOUNDS => 6,
        "+" | "-" => 8,
        "*" | "/" | "%" => 9,
        "^" => 10,
        "at time zone" => 11,
        _ => 7,
    }
}

/// The tree of `first op operand op operand …`.
pub fn nest(first: Expr, rest: Vec<(String, Expr)>) -> Expr {
    let mut operands = vec![first];
    let mut operators: Vec<String> = Vec::new();
    for (op, operand) in rest {
        while operators.last().is_some_and(|last| rank(last) >= rank(&op)) {
            reduce(&mut operands, &mut operators);
        }
        operators.push(op);
        operands.push(operand);
    }
    while !operators.is_empty() {
        reduce(&mut operands, &mut operators);
    }
    operands.swap_remove(0)
}

/// Joins the last two operands by the last operator.
fn reduce(operands: &mut Vec<Expr>, operators: &mut Vec<String>) {
    if let (Some(op), Some(right), Some(left)) = (operators.pop(), operands.pop(), operands.pop()) {
        operands.push(join(op, left, right));
    }
}

/// `left op right` as a tree: AND and OR flat, tests and memberships as such.
fn join(op: String, left: Expr, right: Expr) -> Expr {
    let flat = |mut items: Vec<Expr>, last: Expr| {
        items.push(last);
        items
    };
    match (op.as_str(), left, right) {
        ("and", Expr::And(items), right) => Expr::And(flat(items, right)),
        ("and", left, right) => Expr::And(vec![left, right]),
        ("or", Expr::Or(items), right) => Expr::Or(flat(items, right)),
        ("or", left, right) => Expr::Or(vec![left, right]),
        ("is" | "is not", value, test) => Expr::Test(Box::new(value), format!("{op} {}", word(&test))),
        (BOUNDS, low, high) => Expr::Row(vec![low, high]),
        ("between" | "not between" | "between symmetric" | "not between symmetric", value, Expr::Row(mut bounds))
            if bounds.len() == 2 =>
        {
            let (high, low) = (bounds.pop().unwrap_or(Expr::Null), bounds.pop().unwrap_or(Expr::Null));
            Expr::Between {
                value: Box::new(value),
                low: Box::new(low),
                high: Box::new(high),
                negated: op.starts_with("not"),
                symmetric: op.ends_with("symmetric"),
            }
        }
        ("in" | "not in", value, Expr::In { list, .. }) => {
            Expr::In { value: Box::new(value), list, negated: op == "not in" }
        }
        ("in" | "not in", value, set @ Expr::Subquery(_)) => {
            let negated = op == "not in";
            let op = if negated { "<>" } else { "=" };
            Expr::Any { value: Box::new(value), op: op.to_owned(), all: negated, set: Box::new(set) }
        }
        (_, value, Expr::Any { op: marker, all, set, .. }) if marker.is_empty() => {
            Expr::Any { value: Box::new(value), op, all, set }
        }
        (_, left, right) => Expr::Binary(op, Box::new(left), Box::new(right)),
    }
}

/// The word behind IS.
fn word(test: &Expr) -> String {
    match test {
        Expr::Null => "null".to_owned(),
        Expr::Bool(value) => value.to_string(),
        Expr::Name(parts) => parts.join("."),
        other => format!("{other:?}"),
    }
}
