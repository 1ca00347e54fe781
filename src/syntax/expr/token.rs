//! Tokens: identifiers folded, strings decoded, comments and spaces passed over.

use squawk_syntax::decoded_text::DecodedText;
use squawk_syntax::quote::{needs_quoting, strip_dollar_quotes};
use squawk_syntax::unescape::{decode_esc_string, decode_plain_string};
use squawk_syntax::{SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken};

/// Whether a token says nothing.
pub fn is_trivia(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::WHITESPACE | SyntaxKind::COMMENT)
}

/// The nodes and tokens directly below `node` that say something.
pub fn parts(node: &SyntaxNode) -> impl Iterator<Item = SyntaxElement> {
    node.children_with_tokens().filter(|it| !is_trivia(it.kind()))
}

/// All tokens below `node` that say something, in order.
pub fn tokens(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> {
    node.descendants_with_tokens().filter_map(|it| it.into_token()).filter(|token| !is_trivia(token.kind()))
}

/// The identifier that `text` writes: unquoted, or folded to lower case.
pub fn ident(text: &str) -> String {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => text.to_ascii_lowercase(),
    }
}

/// The text of a string literal, whichever way it is quoted; `None` for what is no text (a bit string).
pub fn string(token: &SyntaxToken) -> Option<String> {
    let text = token.text();
    let quoted = |prefix: &[char]| text.trim_start_matches(prefix).strip_prefix('\'')?.strip_suffix('\'');
    let mut out = DecodedText::new(0.into());
    match token.kind() {
        SyntaxKind::STRING => decode_plain_string(quoted(&[])?, 0.into(), &mut out),
        SyntaxKind::NATIONAL_STRING => decode_plain_string(quoted(&['n', 'N'])?, 0.into(), &mut out),
        SyntaxKind::ESC_STRING => decode_esc_string(quoted(&['e', 'E'])?, 0.into(), &mut out),
        SyntaxKind::UNICODE_ESC_STRING => return unicode(text.get(2..)?.strip_prefix('\'')?.strip_suffix('\'')?),
        SyntaxKind::DOLLAR_QUOTED_STRING => return strip_dollar_quotes(text).map(str::to_owned),
        _ => return None,
    }
    Some(out.into_text())
}

/// What stands between the quotes of `U&'…'`, with the escape sign that it has when it says none.
fn unicode(text: &str) -> Option<String> {
    let text = text.replace("''", "'");
    let mut pieces = text.split('\\');
    let mut out = pieces.next()?.to_owned();
    while let Some(piece) = pieces.next() {
        if piece.is_empty() {
            out.push('\\');
            out.push_str(pieces.next()?);
            continue;
        }
        let (from, to) = if piece.starts_with('+') { (1, 7) } else { (0, 4) };
        out.push(char::from_u32(u32::from_str_radix(piece.get(from..to)?, 16).ok()?)?);
        out.push_str(&piece[to..]);
    }
    Some(out)
}

/// A token as SQL writes it, in one spelling: key words and plain names in lower case, quotes where they are needed.
pub fn word(token: &SyntaxToken) -> String {
    let text = token.text();
    if let Some(text) = string(token) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inner) if needs_quoting(inner) => text.to_owned(),
        Some(inner) => inner.to_owned(),
        None => text.to_ascii_lowercase(),
    }
}
