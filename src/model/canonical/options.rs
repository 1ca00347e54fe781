//! Options of servers, foreign-data wrappers, user mappings and foreign tables, attributes of aggregates and operators:
//! sets, whatever order they are given in.

/// The list opened by these words is sorted.
const OPENING: &str = " options ( ";

/// `words`, a definition in single spaces, with each list of options sorted.
pub fn sorted(words: &str) -> String {
    let Some(at) = words.find(OPENING) else { return words.to_owned() };
    let (before, rest) = words.split_at(at + OPENING.len());
    let Some(end) = unquoted(rest, ')') else { return words.to_owned() };
    let (mut list, after) = rest.split_at(end);
    let mut options = Vec::new();
    while let Some(comma) = unquoted(list, ',') {
        options.push(list[..comma].trim());
        list = &list[comma + 1..];
    }
    options.push(list.trim());
    options.sort_unstable();
    format!("{before}{} {}", options.join(" , "), sorted(after))
}

/// `words`, the definition of an aggregate or operator, with its attributes sorted.
pub fn attributes(words: &str) -> String {
    match words.strip_suffix(" )").and_then(|words| words.rsplit_once(" ( ")) {
        Some((before, list)) if list.contains(" = ") => {
            let mut list: Vec<&str> = list.split(" , ").collect();
            list.sort_unstable();
            format!("{before} ( {} )", list.join(" , "))
        }
        _ => words.to_owned(),
    }
}

/// Where `wanted` stands outside of quotes.
fn unquoted(text: &str, wanted: char) -> Option<usize> {
    let mut quoted = false;
    text.char_indices()
        .find(|(_, found)| {
            quoted ^= *found == '\'';
            !quoted && *found == wanted
        })
        .map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::{attributes, sorted};

    #[test]
    fn options_are_a_set() {
        let text = "create server s options ( b 'x, ) ''y' , a '1' ) ( c options ( z '' , y '' ) )";
        assert_eq!(sorted(text), "create server s options ( a '1' , b 'x, ) ''y' ) ( c options ( y '' , z '' ) )");
        assert_eq!(sorted("create server s"), "create server s");
    }

    #[test]
    fn attributes_are_a_set_too() {
        let text = "create aggregate a ( integer ) ( stype = integer , sfunc = f )";
        assert_eq!(attributes(text), "create aggregate a ( integer ) ( sfunc = f , stype = integer )");
    }
}
