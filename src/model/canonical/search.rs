//! Constants of the text search types, as the server prints them.
//! Source: `tsvector.c` and `tsquery.c` in `src/backend/utils/adt`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The `tsvector` that `text` stands for: its words in order, each with its places; `None` when it is not read here.
pub fn vector(text: &str) -> Option<String> {
    let mut words: BTreeMap<String, BTreeMap<u16, char>> = BTreeMap::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (word, behind) = lexeme(rest, char::is_whitespace)?;
        let known = words.entry(word).or_default();
        let end = behind.find(char::is_whitespace).unwrap_or(behind.len());
        let (places, behind) = behind.split_at(end);
        for (number, weight) in read_places(places)? {
            let strongest = known.entry(number).or_insert(weight);
            *strongest = weight.min(*strongest);
        }
        rest = behind.trim_start();
    }
    let spelled = words.into_iter().map(|(word, places)| format!("{}{}", quoted(&word), spell_places(places)));
    Some(spelled.collect::<Vec<_>>().join(" "))
}

/// The places of a word and their weights, of which `D` is the usual one: `:1A,2`, or nothing.
fn read_places(text: &str) -> Option<Vec<(u16, char)>> {
    let Some(places) = text.strip_prefix(':') else { return text.is_empty().then(Vec::new) };
    let place = |place: &str| {
        let number = place.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let weight = match &place[number.len()..] {
            "" => 'D',
            letter => letter.parse::<char>().ok().map(|it| it.to_ascii_uppercase()).filter(|it| *it <= 'D')?,
        };
        Some((number.parse().ok().filter(|number| (1..16384).contains(number))?, weight))
    };
    places.split(',').map(place).collect()
}

fn spell_places(places: BTreeMap<u16, char>) -> String {
    let place = |(number, weight): (u16, char)| match weight {
        'D' => number.to_string(),
        weight => format!("{number}{weight}"),
    };
    let places: Vec<String> = places.into_iter().map(place).collect();
    if places.is_empty() { String::new() } else { format!(":{}", places.join(",")) }
}

/// The word that `text` begins with, in quotes or up to a colon or what `ends` it, and what stands behind it.
/// Source: `gettoken_tsvector` in `tsvector_parser.c`.
fn lexeme(text: &str, ends: impl Fn(char) -> bool) -> Option<(String, &str)> {
    let open = text.starts_with('\'');
    let mut word = String::new();
    let mut chars = text.char_indices().skip(usize::from(open)).peekable();
    let end = loop {
        match chars.next() {
            Some((_, '\\')) => word.push(chars.next()?.1),
            Some((at, '\'')) if open => match chars.next_if(|(_, next)| *next == '\'') {
                Some(_) => word.push('\''),
                None => break at + 1,
            },
            Some((at, c)) if !open && (c == ':' || ends(c)) => break at,
            Some((_, c)) => word.push(c),
            None if open => return None,
            None => break text.len(),
        }
    };
    (!word.is_empty()).then(|| (word, &text[end..]))
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\\', "\\\\").replace('\'', "''"))
}

/// The `tsquery` that `text` stands for, with the parentheses that it needs; `None` when it is not read here.
pub fn query(text: &str) -> Option<String> {
    let mut reader = Reader { rest: text };
    let found = reader.binary(OR)?;
    reader.rest.trim().is_empty().then(|| spell(&found, 0))
}

const OR: u8 = 1;
const AND: u8 = 2;
const PHRASE: u8 = 3;
const NOT: u8 = 4;

/// The farthest that two words of a phrase may be apart.
const FARTHEST: u16 = 16384;

/// A query; operators with their priority.
enum Node {
    /// A word, with its weights.
    Word(String),
    Not(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
}

#[derive(Clone, Copy)]
enum Operator {
    Or,
    And,
    /// The words stand so far apart, in this order.
    Followed(u16),
}

impl Operator {
    fn priority(self) -> u8 {
        match self {
            Operator::Or => OR,
            Operator::And => AND,
            Operator::Followed(_) => PHRASE,
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operator::Or => f.write_str("|"),
            Operator::And => f.write_str("&"),
            Operator::Followed(1) => f.write_str("<->"),
            Operator::Followed(distance) => write!(f, "<{distance}>"),
        }
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn take(&mut self, sign: char) -> bool {
        let found = self.rest.trim_start().strip_prefix(sign);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn binary(&mut self, priority: u8) -> Option<Node> {
        if priority > PHRASE {
            return self.unary();
        }
        let mut left = self.binary(priority + 1)?;
        while let Some(operator) = self.operator(priority) {
            left = Node::Binary(operator, Box::new(left), Box::new(self.binary(priority + 1)?));
        }
        Some(left)
    }

    /// The next operator, when it is one of this priority.
    fn operator(&mut self, priority: u8) -> Option<Operator> {
        match priority {
            OR => self.take('|').then_some(Operator::Or),
            AND => self.take('&').then_some(Operator::And),
            _ => {
                let (distance, rest) = self.rest.trim_start().strip_prefix('<')?.split_once('>')?;
                let distance = if distance == "-" { 1 } else { distance.parse().ok().filter(|it| *it <= FARTHEST)? };
                self.rest = rest;
                Some(Operator::Followed(distance))
            }
        }
    }

    fn unary(&mut self) -> Option<Node> {
        if self.take('!') {
            return Some(Node::Not(Box::new(self.unary()?)));
        }
        if self.take('(') {
            let inner = self.binary(OR)?;
            return self.take(')').then_some(inner);
        }
        let ends = |c: char| c.is_whitespace() || "!&|()<".contains(c);
        let (word, behind) = lexeme(self.rest.trim_start(), ends)?;
        let weights = behind.strip_prefix(':').map_or("", |rest| {
            let end = rest.find(|c: char| !matches!(c, 'a'..='d' | 'A'..='D' | '*')).unwrap_or(rest.len());
            &rest[..end]
        });
        self.rest = behind.strip_prefix(':').map_or(behind, |rest| &rest[weights.len()..]);
        Some(Node::Word(quoted(&word) + &spell_weights(weights)))
    }
}

/// The weights that a word may have, and whether it is only how one begins (`*`), which stands first.
fn spell_weights(weights: &str) -> String {
    let known: BTreeSet<char> = weights.chars().map(|c| c.to_ascii_uppercase()).collect();
    let colon = if known.is_empty() { "" } else { ":" };
    colon.chars().chain(known).collect()
}

/// The query below an operator of priority `above`.
fn spell(node: &Node, above: u8) -> String {
    let (priority, text) = match node {
        Node::Word(word) => return word.clone(),
        Node::Not(inner) => (NOT, format!("!{}", spell(inner, NOT))),
        Node::Binary(operator, left, right) => {
            let priority = operator.priority();
            // A phrase does not mean the same when it is read from the right.
            let [left, right] = [spell(left, priority), spell(right, priority + u8::from(priority == PHRASE))];
            (priority, format!("{left} {operator} {right}"))
        }
    };
    if priority < above { format!("( {text} )") } else { text }
}

#[cfg(test)]
mod tests {
    use super::{query, vector};

    #[test]
    fn words_are_in_order_with_their_places() {
        assert_eq!(vector("b a:2 a:1A  'c':3b,3d").as_deref(), Some("'a':1A,2 'b' 'c':3B"));
        assert_eq!(vector("a:1*"), None);
        assert_eq!(vector("'open"), None);
        assert_eq!(vector("").as_deref(), Some(""));
    }

    #[test]
    fn words_are_read_with_what_is_escaped_in_them() {
        let text = r#"'it''s':1A b\'c\\d:2 'a b' x\:y é "q" a&b|(c)"#;
        let stored = r#"'"q"' 'a b' 'a&b|(c)' 'b''c\\d':2 'it''s':1A 'x:y' 'é'"#;
        assert_eq!(vector(text).as_deref(), Some(stored));
        assert_eq!(vector(stored).as_deref(), Some(stored));
        assert_eq!(query(r"'it''s' & b\'c\\d").as_deref(), Some(r"'it''s' & 'b''c\\d'"));
    }

    #[test]
    fn a_query_has_the_parentheses_that_it_needs() {
        assert_eq!(query("a&b | !c").as_deref(), Some("'a' & 'b' | !'c'"));
        assert_eq!(query("(a | b) & 'c'").as_deref(), Some("( 'a' | 'b' ) & 'c'"));
        assert_eq!(query("!(a & b)").as_deref(), Some("!( 'a' & 'b' )"));
    }

    #[test]
    fn a_phrase_keeps_its_order() {
        assert_eq!(query("a<->b <1> c").as_deref(), Some("'a' <-> 'b' <-> 'c'"));
        assert_eq!(query("a <-> (b <3> c)").as_deref(), Some("'a' <-> ( 'b' <3> 'c' )"));
        assert_eq!(query("(a | b) <-> !c & d:*ba").as_deref(), Some("( 'a' | 'b' ) <-> !'c' & 'd':*AB"));
        assert_eq!(query("a <-> "), None);
    }
}
