//! JSON as `jsonb` stores it: spaces after colons and commas, the last of equal keys, shorter keys first.
//!
//! Source: PostgreSQL documentation, "8.14. JSON Types"; `lengthCompareJsonbStringValue` in `jsonb_util.c`.

use std::collections::BTreeMap;

/// The text of `text` in one spelling; `None` when it is no JSON that is understood here.
pub fn spell(text: &str) -> Option<String> {
    let mut reader = Reader { rest: text, depth: 0 };
    let value = reader.value()?;
    reader.rest.trim().is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        self.depth += 1;
        // Beyond this depth the text stays as it is.
        if self.depth > 64 {
            return None;
        }
        let value = match self.rest.chars().next()? {
            '{' => self.object(),
            '[' => self.array(),
            '"' => self.string().map(str::to_owned),
            _ => self.word().map(str::to_owned),
        };
        self.depth -= 1;
        value
    }

    fn eat(&mut self, sign: char) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(sign) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => false,
        }
    }

    /// A string with its quotes; escapes stay as written.
    fn string(&mut self) -> Option<&'a str> {
        let bytes = self.rest.as_bytes();
        let mut at = 1;
        while *bytes.get(at)? != b'"' {
            at += if bytes[at] == b'\\' { 2 } else { 1 };
        }
        let (string, rest) = self.rest.split_at_checked(at + 1)?;
        self.rest = rest;
        Some(string)
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Option<&'a str> {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    fn array(&mut self) -> Option<String> {
        let mut items = Vec::new();
        self.eat('[');
        if !self.eat(']') {
            loop {
                items.push(self.value()?);
                if self.eat(']') {
                    break;
                }
                self.eat(',').then_some(())?;
            }
        }
        Some(format!("[{}]", items.join(", ")))
    }

    fn object(&mut self) -> Option<String> {
        let mut members = BTreeMap::new();
        self.eat('{');
        if !self.eat('}') {
            loop {
                self.rest = self.rest.trim_start();
                let key = self.rest.starts_with('"').then(|| self.string()).flatten()?;
                self.eat(':').then_some(())?;
                members.insert((key.len(), key), self.value()?);
                if self.eat('}') {
                    break;
                }
                self.eat(',').then_some(())?;
            }
        }
        let members: Vec<String> = members.iter().map(|((_, key), value)| format!("{key}: {value}")).collect();
        Some(format!("{{{}}}", members.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::spell;

    #[test]
    fn spaces_and_the_order_of_keys_are_settled() {
        assert_eq!(spell("{\"bb\":1, \"a\" : [1,\"x y\"] }").as_deref(), Some("{\"a\": [1, \"x y\"], \"bb\": 1}"));
        assert_eq!(spell("{}").as_deref(), Some("{}"));
        assert_eq!(spell("{a}"), None);
        assert_eq!(spell("[1,"), None);
        assert_eq!(spell("\"é"), None);
    }
}
