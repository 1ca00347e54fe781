//! Which statements `squawk-syntax` could still refuse when it looks at their trees a second time (`Parse::errors`, its
//! `validation.rs`).
//!
//! That look costs more than parsing, and finds nothing in almost all statements. So the shapes that it asks about are
//! recognised here, and whatever is not certainly right is *doubtful*: the statement is then given to it. Doubting too
//! much costs time; doubting too little would lose an error, so a shape that is rare is always doubtful. The tests hold
//! this against the library, rule by rule.

use rowan::{GreenNodeData, GreenTokenData, NodeCache, NodeOrToken};
use squawk_parser::{is_col_name_keyword, is_reserved_keyword, is_type_func_name_keyword};
use squawk_syntax::SyntaxKind as K;

use super::green::{self, first_token, has, kind, nodes, token_kind, within};

/// Whether a second look at the tree of a statement could find an error.
pub fn may_be_refused(statement: &GreenNodeData) -> bool {
    let mut waiting = vec![(statement, K::SOURCE_FILE)];
    while let Some((node, parent)) = waiting.pop() {
        let own = kind(node);
        if is_doubtful(node, own, parent) {
            return true;
        }
        for child in node.children() {
            match child {
                NodeOrToken::Node(child) => waiting.push((child, own)),
                NodeOrToken::Token(token) if is_escaped(token) => return true,
                NodeOrToken::Token(_) => {}
            }
        }
    }
    false
}

/// Whether a token has Unicode escapes, which may be wrong.
fn is_escaped(token: &GreenTokenData) -> bool {
    match token_kind(token) {
        K::UNICODE_ESC_STRING | K::UESCAPE_KW => true,
        K::IDENT => token.text().as_bytes().get(1) == Some(&b'&'),
        _ => false,
    }
}

fn is_doubtful(node: &GreenNodeData, kind: K, parent: K) -> bool {
    match kind {
        K::BIN_EXPR => operator_is_doubtful(node),
        K::CALL_EXPR => call_is_doubtful(node, parent),
        K::CREATE_FUNCTION | K::CREATE_PROCEDURE => routine_is_doubtful(node),
        K::CREATE_TABLE => table_is_doubtful(node),
        K::CUSTOM_OP => u32::from(node.text_len()) > 63,
        K::FUNC_OPTION_LIST => options_are_doubtful(node),
        K::FUNCTION_SIG | K::PROCEDURE_SIG | K::ROUTINE_SIG => {
            within(node, &[K::PARAM_LIST, K::PARAM]).any(|it| has(it, K::PARAM_DEFAULT))
        }
        K::FUNCTION_FROM_ITEM => has(node, K::ONLY_KW),
        K::RELATION_FROM_ITEM => has(node, K::LATERAL_KW),
        K::PREFIX_EXPR => has(node, K::CUSTOM_OP),
        K::ARRAY_EXPR => has(node, K::L_PAREN) || (!has(node, K::ARRAY_KW) && parent != K::ARRAY_EXPR),
        K::JOIN => join_is_doubtful(node),
        K::LITERAL => node.children().len() > 1 || has(node, K::DEFAULT_KW),
        K::NAME_REF => first_kind(node).is_some_and(|it| it != K::CURRENT_SCHEMA_KW && is_type_func_name_keyword(it)),
        K::TABLE_NAME => first_kind(node).is_some_and(is_type_func_name_keyword),
        K::PAREN_FROM_ITEM => from_item_is_doubtful(node),
        K::SELECT => select_is_doubtful(node, parent),
        K::SET_EXPR => has(node, K::DEFAULT_KW),
        K::SET_COLUMN_LIST | K::TO_CONFIG_VALUE => nodes(node).next().is_none(),
        K::ARG_LIST if is_type(parent) => !within(node, &[K::ARG]).all(is_plain_modifier),
        K::AGGREGATE
        | K::CREATE_AGGREGATE
        | K::ATOMIC_BODY
        | K::DO
        | K::DISTINCT_ON
        | K::EXCEPT_TABLE_CLAUSE
        | K::JSON_ARRAY_FN
        | K::JSON_OBJECT_FN
        | K::NON_STANDARD_PARAM
        | K::PARTITION_FOR_VALUES_WITH
        | K::RULE_STMT_LIST
        | K::SELECT_INTO
        | K::STORAGE_MODE => true,
        _ => false,
    }
}

/// `a IN b` where `b` is no list, OVERLAPS, and what stands at the wrong side of an operator.
fn operator_is_doubtful(node: &GreenNodeData) -> bool {
    if has(node, K::OVERLAPS_KW) {
        return true;
    }
    if !has(node, K::IN_KW) && !has(node, K::NOT_IN) {
        return nodes(node).next().is_some_and(is_quantified);
    }
    match nodes(node).last() {
        Some(list) if kind(list) == K::PAREN_EXPR => false,
        Some(list) if kind(list) == K::TUPLE_EXPR => has(list, K::ROW_KW) || nodes(list).next().is_none(),
        _ => true,
    }
}

/// Whether `node` is `ANY (…)` or one of its kin, which must follow an operator.
fn is_quantified(node: &GreenNodeData) -> bool {
    nodes(node).any(|it| matches!(kind(it), K::ANY_FN | K::SOME_FN | K::ALL_FN))
}

fn call_is_doubtful(node: &GreenNodeData, parent: K) -> bool {
    if is_quantified(node) {
        return parent != K::BIN_EXPR;
    }
    let Some(name) = nodes(node).next().filter(|it| kind(it) == K::NAME_REF).and_then(first_kind) else { return false };
    match name {
        K::COALESCE_KW | K::GREATEST_KW | K::LEAST_KW => within(node, &[K::ARG_LIST, K::ARG]).next().is_none(),
        name => is_col_name_keyword(name) || is_reserved_keyword(name),
    }
}

/// A routine with two bodies, with arguments that do not go together, or with a body in SQL that is not clean.
fn routine_is_doubtful(node: &GreenNodeData) -> bool {
    let mode = |mode: K| within(node, &[K::PARAM_LIST, K::PARAM]).any(|it| has(it, mode));
    let returns_table = within(node, &[K::RET_TYPE]).any(|it| has(it, K::TABLE_KW));
    mode(K::PARAM_VARIADIC)
        || (returns_table && (mode(K::PARAM_OUT) || mode(K::PARAM_IN_OUT)))
        || has(node, K::RETURN_STMT)
        || within(node, &[K::FUNC_OPTION_LIST]).any(|options| !body_is_clean(options))
}

/// Whether a routine has no body in quotes that is SQL, or one that is certainly right.
fn body_is_clean(options: &GreenNodeData) -> bool {
    let language = within(options, &[K::LANGUAGE_FUNC_OPTION]).any(|it| !is_other_language(it));
    let mut bodies = within(options, &[K::AS_FUNC_OPTION, K::AS_DEFINITION, K::LITERAL]).filter_map(first_token);
    !language || bodies.all(|body| unquoted(body).is_some_and(is_clean))
}

/// Whether a LANGUAGE clause certainly names another language than SQL.
fn is_other_language(clause: &GreenNodeData) -> bool {
    let name = within(clause, &[K::LANGUAGE_REF]).find_map(first_token);
    name.is_some_and(|it| it.text().starts_with(char::is_alphabetic) && !it.text().eq_ignore_ascii_case("sql"))
}

/// What stands in quotes, where nothing in it is escaped.
fn unquoted(token: &GreenTokenData) -> Option<&str> {
    let text = token.text();
    match token_kind(token) {
        K::STRING => text.get(1..text.len() - 1).filter(|inner| !inner.contains('\'')),
        K::DOLLAR_QUOTED_STRING => {
            let tag = text[1..].find('$')? + 2;
            text.get(tag..text.len() - tag)
        }
        _ => None,
    }
}

fn is_clean(source: &str) -> bool {
    let (file, broken) = green::parse(source, &mut NodeCache::default());
    let between = |it: &GreenNodeData| has(it, K::SEMICOLON);
    let last = nodes(&file).count().saturating_sub(1);
    !broken && nodes(&file).take(last).all(between) && !nodes(&file).any(may_be_refused)
}

/// A column without a type.
fn table_is_doubtful(node: &GreenNodeData) -> bool {
    within(node, &[K::TABLE_ARG_LIST, K::COLUMN]).any(|column| !nodes(column).any(|it| is_type(kind(it))))
        && !has(node, K::PARTITION_OF)
        && !has(node, K::OF_TYPE)
}

/// Options that say the same thing twice.
fn options_are_doubtful(node: &GreenNodeData) -> bool {
    let group = |option: K| match option {
        K::NOT_LEAKPROOF_FUNC_OPTION => K::LEAKPROOF_FUNC_OPTION,
        K::SECURITY_INVOKER_FUNC_OPTION => K::SECURITY_DEFINER_FUNC_OPTION,
        K::STABLE | K::VOLATILE => K::IMMUTABLE,
        K::CALLED_ON_NULL_INPUT_FUNC_OPTION | K::RETURNS_NULL_ON_NULL_INPUT_FUNC_OPTION => K::STRICT_FUNC_OPTION,
        other => other,
    };
    let repeats = |kind: K| matches!(kind, K::SET_FUNC_OPTION | K::RESET_FUNC_OPTION);
    let groups: Vec<K> = nodes(node).map(|it| group(kind(it))).filter(|it| !repeats(*it)).collect();
    groups.iter().enumerate().any(|(at, group)| groups[..at].contains(group))
}

/// A join without a condition, or with one that it may not have.
fn join_is_doubtful(node: &GreenNodeData) -> bool {
    let bare = has(node, K::NATURAL_KW) || has(node, K::JOIN_CROSS);
    let condition = nodes(node).last().map(kind);
    match condition {
        Some(K::ON_CLAUSE | K::JOIN_USING_CLAUSE) => bare,
        _ => !bare,
    }
}

/// Parentheses around what is neither a query nor a join.
fn from_item_is_doubtful(node: &GreenNodeData) -> bool {
    let inner = nodes(node).next();
    match inner.map(|it| (kind(it), nodes(it).next().map(kind))) {
        Some((K::PAREN_EXPR, Some(K::JOIN_EXPR))) => has(node, K::ONLY_KW),
        Some((K::PAREN_SELECT, Some(K::SELECT | K::VALUES | K::COMPOUND_SELECT))) => has(node, K::ONLY_KW),
        _ => true,
    }
}

fn select_is_doubtful(node: &GreenNodeData, parent: K) -> bool {
    let place = |wanted: K| nodes(node).position(|it| kind(it) == wanted);
    let selects =
        place(K::SELECT_CLAUSE).filter(|_| within(node, &[K::SELECT_CLAUSE]).any(|it| has(it, K::TARGET_LIST)));
    match (selects, place(K::FROM_CLAUSE)) {
        (None, _) => true,
        (Some(_), None) => parent == K::TUPLE_EXPR,
        (Some(select), Some(from)) => parent == K::TUPLE_EXPR || from < select,
    }
}

/// Whether an argument of a type is one constant or name, with nothing around it.
fn is_plain_modifier(arg: &GreenNodeData) -> bool {
    let constant = |node| matches!(first_kind(node), Some(K::INT_NUMBER | K::NUMERIC_NUMBER | K::STRING | K::IDENT));
    arg.children().len() == 1 && nodes(arg).any(|it| matches!(kind(it), K::LITERAL | K::NAME_REF) && constant(it))
}

fn first_kind(node: &GreenNodeData) -> Option<K> {
    first_token(node).map(token_kind)
}

fn is_type(kind: K) -> bool {
    matches!(
        kind,
        K::ARRAY_TYPE
            | K::BIT_TYPE
            | K::BIT_VARYING_TYPE
            | K::CHARACTER_TYPE
            | K::DOUBLE_TYPE
            | K::INTERVAL_TYPE
            | K::PATH_TYPE
            | K::PERCENT_TYPE
            | K::TIMESTAMP_TYPE
            | K::TIME_TYPE
            | K::VARCHAR_TYPE
    )
}
