//! Constants of the text search types, as the server prints them.
//! Source: `tsvector.c` and `tsquery.c` in `src/backend/utils/adt`.

use std::collections::BTreeMap;

/// The `tsvector` that `text` stands for: its words in order, each with its places; `None` when it is not read here.
pub fn vector(text: &str) -> Option<String> {
    let mut words: BTreeMap<&str, BTreeMap<u16, char>> = BTreeMap::new();
    for item in text.split_whitespace() {
        let (word, places) = item.split_once(':').map_or((item, None), |(word, places)| (word, Some(places)));
        let known = words.entry(plain(word)?).or_default();
        for place in places.into_iter().flat_map(|places| places.split(',')) {
            let number = place.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let weight = match &place[number.len()..] {
                "" => 'D',
                letter => letter.parse::<char>().ok()?.to_ascii_uppercase(),
            };
            let number = number.parse().ok().filter(|number| (1..16384).contains(number))?;
            let strongest = known.entry(number).or_insert(weight);
            *strongest = weight.min(*strongest);
        }
    }
    let place = |(number, weight): (u16, char)| match weight {
        'D' => number.to_string(),
        weight => format!("{number}{weight}"),
    };
    let spelled = words.into_iter().map(|(word, places)| {
        let places: Vec<String> = places.into_iter().map(place).collect();
        if places.is_empty() { format!("'{word}'") } else { format!("'{word}':{}", places.join(",")) }
    });
    Some(spelled.collect::<Vec<_>>().join(" "))
}

/// The word, without its quotes, when nothing in it needs them.
fn plain(word: &str) -> Option<&str> {
    let bare = word.strip_prefix('\'').and_then(|word| word.strip_suffix('\'')).unwrap_or(word);
    (!bare.is_empty() && bare.chars().all(|c| c.is_alphanumeric() || c == '_')).then_some(bare)
}

/// The `tsquery` that `text` stands for, with the parentheses that it needs; `None` when it is not read here.
pub fn query(text: &str) -> Option<String> {
    let mut reader = Reader { rest: text };
    let found = reader.binary(OR)?;
    reader.rest.trim().is_empty().then(|| spell(&found, 0))
}

const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 4;

/// A query; operators with their priority.
enum Node {
    Word(String),
    Not(Box<Node>),
    Binary(u8, Box<Node>, Box<Node>),
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
        if priority > AND {
            return self.unary();
        }
        let sign = if priority == OR { '|' } else { '&' };
        let mut left = self.binary(priority + 1)?;
        while self.take(sign) {
            left = Node::Binary(priority, Box::new(left), Box::new(self.binary(priority + 1)?));
        }
        Some(left)
    }

    fn unary(&mut self) -> Option<Node> {
        if self.take('!') {
            return Some(Node::Not(Box::new(self.unary()?)));
        }
        if self.take('(') {
            let inner = self.binary(OR)?;
            return self.take(')').then_some(inner);
        }
        let text = self.rest.trim_start();
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '\'')).unwrap_or(text.len());
        self.rest = &text[end..];
        plain(&text[..end]).map(|word| Node::Word(word.to_owned()))
    }
}

/// The query below an operator of priority `above`.
fn spell(node: &Node, above: u8) -> String {
    let (priority, text) = match node {
        Node::Word(word) => return format!("'{word}'"),
        Node::Not(inner) => (NOT, format!("!{}", spell(inner, NOT))),
        Node::Binary(priority, left, right) => {
            let sign = if *priority == OR { '|' } else { '&' };
            let [left, right] = [left, right].map(|side| spell(side, *priority));
            (*priority, format!("{left} {sign} {right}"))
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
        assert_eq!(vector("it''s"), None);
    }

    #[test]
    fn a_query_has_the_parentheses_that_it_needs() {
        assert_eq!(query("a&b | !c").as_deref(), Some("'a' & 'b' | !'c'"));
        assert_eq!(query("(a | b) & 'c'").as_deref(), Some("( 'a' | 'b' ) & 'c'"));
        assert_eq!(query("!(a & b)").as_deref(), Some("!( 'a' & 'b' )"));
        assert_eq!(query("a <-> b"), None);
        assert_eq!(query("a:*"), None);
    }
}
