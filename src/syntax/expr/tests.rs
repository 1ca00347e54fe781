//! What is an expression, and what its tree is.

use super::{check, looks_like_call, parse};

#[test]
fn one_expression_and_nothing_else() {
    for text in ["1", "now()", "a > 0 AND b", "(a)", "'x'::text", "CASE WHEN a THEN 1 END", "(SELECT 1)", "a -- why"] {
        assert_eq!(check(text), Ok(()), "{text}");
    }
    for (text, offset) in [("", 0), ("a, b", 3), ("a b", 2), ("a FROM b", 2), ("a; b", 3), ("a +", 3), ("a;", 1)] {
        assert_eq!(check(text).expect_err(text).offset, offset, "{text}");
    }
}

#[test]
fn a_literal_that_means_a_call() {
    for text in ["now()", "gen_random_uuid()", "CURRENT_TIMESTAMP", "nextval('x')", "'quoted'::text", "auth.uid()"] {
        assert!(looks_like_call(text), "{text}");
    }
    for text in ["Active", "n/a", "Smith (Jr.)", "f(x) is great", "", "user", "it's", "snake_case", "(draft)", "a'b'c"]
    {
        assert!(!looks_like_call(text), "{text}");
    }
}

#[test]
fn operators_of_one_rank_lean_to_the_left() {
    assert_eq!(parse("a -> 'b' ->> 'c'"), parse("(a -> 'b') ->> 'c'"));
    assert_eq!(parse("a || b || c"), parse("(a || b) || c"));
    assert_eq!(parse("a - b - c"), parse("(a - b) - c"));
    assert_eq!(parse("a OR NOT b = c + d * e AND f"), parse("a OR ((NOT (b = (c + (d * e)))) AND f)"));
    assert_ne!(parse("a - (b - c)"), parse("a - b - c"));
}

#[test]
fn between_takes_what_binds_more_tightly() {
    let text = "a + 1 BETWEEN 1 AND b + 2 OR c NOT BETWEEN SYMMETRIC 2 AND 3 AND d LIKE e";
    let clear = "((a + 1) BETWEEN 1 AND (b + 2)) OR ((c NOT BETWEEN SYMMETRIC 2 AND 3) AND (d LIKE e))";
    assert_eq!(parse(text), parse(clear));
    assert_ne!(parse("a BETWEEN 1 AND 2 OR b"), parse("a NOT BETWEEN 1 AND 2 OR b"));
    let text = "c AND a::int /* why */ BETWEEN 1 AND b::int OR d::int::text NOT BETWEEN SYMMETRIC 'x' AND 'y' AND e";
    let clear =
        "(c AND ((a::int) BETWEEN 1 AND (b::int))) OR ((((d::int)::text) NOT BETWEEN SYMMETRIC 'x' AND 'y') AND e)";
    assert_eq!(parse(text), parse(clear));
    assert_eq!(check("a::date BETWEEN b AND c AND d"), Ok(()));
}

#[test]
fn spelling_is_no_part_of_a_tree() {
    assert_eq!(parse("\"name\" = E'a\\nb'"), parse("NAME /* the name */ = 'a\nb'"));
    assert_eq!(parse("CAST(a AS int)"), parse("a::INT"));
    assert_ne!(parse("\"Name\""), parse("name"));
}
