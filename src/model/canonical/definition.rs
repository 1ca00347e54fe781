//! Definitions that are carried whole, in one spelling: what the server adds or leaves out is settled by kind.
//!
//! Works on the words of a statement. Source: what `pg_dump` prints of each kind, `src/bin/pg_dump/pg_dump.c`.

use std::collections::BTreeMap;

use super::options;
use super::scope::Scope;
use crate::model::datatype::canonical_builtin;
use crate::model::name::{Ident, Name};
use crate::model::{Model, Sql};
use crate::syntax::expr::words;

/// The canonical form of the definition `sql`, which stands in `model`.
pub fn definition(sql: &Sql, model: &Model) -> String {
    let mut list = split(&words(sql.as_str()));
    unqualify(&mut list);
    if matches!(strs(&list).as_slice(), ["create", "or", "replace", ..]) {
        list.drain(1..3);
    }
    match strs(&list).as_slice() {
        // Both are a function's.
        ["create", "event", ..] => list.join(" ").replace(" execute procedure ", " execute function "),
        ["create", "collation", ..] => collation(&list),
        ["create", "statistics", ..] => statistics(&list, model),
        ["create", "rule", ..] => rule(&list, model),
        ["create", "publication", ..] => publication(&list, model),
        ["create", "text", "search", "configuration", ..] => configuration(&list),
        ["create", "text", "search", "dictionary", ..] => dictionary(&list),
        ["create", "operator", "class", ..] => operator_class(spelled(list)),
        ["create", "operator", "family", ..] => list.join(" "),
        ["create", "operator", ..] => operator(list),
        ["create", "aggregate", ..] => options::attributes(&plain_operators(spelled(list)).join(" ")),
        ["create", "foreign", "table", ..] => foreign_table(spelled(list)),
        ["create", "cast", ..] => spelled(list).join(" "),
        _ => options::sorted(&list.join(" ")),
    }
}

fn strs(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

/// The words of a text in single spaces; what stands in quotes is one word.
fn split(text: &str) -> Vec<String> {
    let mut list = vec![String::new()];
    let mut quote = None;
    for found in text.chars() {
        match quote {
            None if found == ' ' => {
                list.push(String::new());
                continue;
            }
            None if found == '\'' || found == '"' => quote = Some(found),
            Some(open) if open == found => quote = None,
            _ => {}
        }
        if let Some(last) = list.last_mut() {
            last.push(found);
        }
    }
    list.retain(|word| !word.is_empty());
    list
}

/// Takes off the schemas in which names are found anyway.
fn unqualify(list: &mut Vec<String>) {
    while let Some(at) =
        list.windows(2).position(|pair| matches!(pair[0].as_str(), "public" | "pg_catalog") && pair[1] == ".")
    {
        list.drain(at..at + 2);
    }
}

/// The words with types in one spelling.
fn spelled(list: Vec<String>) -> Vec<String> {
    const LONG: [(&[&str], &str); 4] = [
        (&["character", "varying"], "varchar"),
        (&["double", "precision"], "double precision"),
        (&["bit", "varying"], "varbit"),
        (&["national", "character"], "char"),
    ];
    let mut out: Vec<String> = Vec::new();
    let mut rest = list.as_slice();
    while let Some((word, behind)) = rest.split_first() {
        let long = LONG.iter().find(|(words, _)| strs(rest).starts_with(words));
        if let Some((words, short)) = long {
            out.push((*short).to_owned());
            rest = &rest[words.len()..];
            continue;
        }
        if let ["with" | "without", "time", "zone", ..] = strs(rest).as_slice() {
            // The word that it belongs to stands before the digits, if there are some.
            let digits = if out.last().is_some_and(|it| it == ")") { 4 } else { 1 };
            let base = out.len().checked_sub(digits).and_then(|at| out.get_mut(at));
            if let Some(base) = base.filter(|_| word == "with") {
                base.push_str("tz");
            }
            rest = &rest[3..];
            continue;
        }
        out.push(canonical_builtin(word).unwrap_or(word).to_owned());
        rest = behind;
    }
    out
}

/// `key = value` pairs between the parentheses that end the statement.
fn attributes(list: &[String]) -> BTreeMap<String, String> {
    let pairs = list.split(|word| word == ",").filter_map(|pair| {
        let at = pair.iter().position(|word| word == "=")?;
        Some((pair[..at].join(" "), pair[at + 1..].join(" ")))
    });
    pairs.collect()
}

/// What stands between the first parenthesis behind `from` and the one that closes it.
fn parenthesized(list: &[String], from: usize) -> Option<(usize, usize)> {
    let open = from + list[from..].iter().position(|word| word == "(")?;
    let mut depth = 0;
    let close = list[open..].iter().position(|word| {
        depth += i32::from(word == "(") - i32::from(word == ")");
        depth == 0
    })?;
    Some((open, open + close))
}

/// A collation is libc's and deterministic unless it says otherwise, and its two halves are one locale when they agree.
fn collation(list: &[String]) -> String {
    let bare = |text: &str| text.trim_matches(|c| c == '\'' || c == '"').to_owned();
    if let [.., from, name] = strs(list).as_slice()
        && *from == "from"
    {
        let head = list[..list.len() - 2].join(" ");
        return match bare(name).as_str() {
            locale @ ("C" | "POSIX") => format!("{head} ( locale = {locale} , provider = libc )"),
            _ => list.join(" "),
        };
    }
    let Some((open, close)) = parenthesized(list, 0) else { return list.join(" ") };
    let mut found = attributes(&list[open + 1..close]);
    found.values_mut().for_each(|value| *value = bare(value));
    found.entry("provider".to_owned()).or_insert_with(|| "libc".to_owned());
    if found.get("lc_collate").is_some_and(|locale| found.get("lc_ctype") == Some(locale)) {
        found.remove("lc_ctype");
        let locale = found.remove("lc_collate").unwrap_or_default();
        found.insert("locale".to_owned(), locale);
    }
    found.retain(|key, value| !(key == "version" || key == "deterministic" && value == "true"));
    let pairs: Vec<String> = found.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    format!("{} ( {} )", list[..open].join(" "), pairs.join(" , "))
}

/// The kinds and the columns of extended statistics are sets; all kinds are what none means.
fn statistics(list: &[String], model: &Model) -> String {
    let Some(on) = list.iter().position(|word| word == "on") else { return list.join(" ") };
    let Some(from) = list.iter().rposition(|word| word == "from").filter(|from| *from > on) else {
        return list.join(" ");
    };
    let set = |words: &[String]| {
        let mut items = split_commas(words);
        items.sort();
        items
    };
    let (name, kinds) = match parenthesized(&list[..on], 0) {
        Some((open, close)) => (list[..open].join(" "), set(&list[open + 1..close])),
        None => (list[..on].join(" "), Vec::new()),
    };
    let kinds = if kinds == ["dependencies", "mcv", "ndistinct"] { String::new() } else { kinds.join(" , ") };
    let scope = table_named(&list[from + 1..]).map_or_else(Scope::unknown, |table| Scope::of_table(model, &table));
    let item = |item: String| super::expression(&Sql::new(text(&split(&item))), &scope);
    let mut items: Vec<String> = split_commas(&list[on + 1..from]).into_iter().map(item).collect();
    items.sort();
    format!("{name} ( {kinds} ) on {} {}", items.join(" , "), list[from..].join(" "))
}

/// ALSO is what a rule does when it says nothing, and one command needs no parentheses; its condition is an expression,
/// and its commands are statements, in which the old and the new row are in reach.
fn rule(list: &[String], model: &Model) -> String {
    let Some(at) = list.iter().position(|word| word == "do") else { return list.join(" ") };
    let (head, action) = list.split_at(at);
    let (head, condition) = head.split_at(head.iter().position(|word| word == "where").unwrap_or(head.len()));
    let table = head.iter().position(|word| word == "to").and_then(|to| table_named(&head[to + 1..]));
    let scope = table.map_or_else(Scope::unknown, |table| Scope::of_trigger(model, &table));
    let instead = if action.get(1).is_some_and(|word| word == "instead") { "instead" } else { "also" };
    let action = match strs(action).as_slice() {
        ["do", "also" | "instead", ..] => &action[2..],
        _ => &action[1..],
    };
    let inner = match action {
        [open, inner @ .., close] if open == "(" && close == ")" => inner,
        _ => action,
    };
    let commands = inner.split(|word| word == ";").filter(|words| !words.is_empty());
    let commands: Vec<String> = commands.map(|words| super::body::command(&text(words), &scope)).collect();
    let condition = condition.get(1..).map(|words| super::expression(&Sql::new(text(words)), &scope));
    format!("{} where {condition:?} do {instead} {}", head.join(" "), commands.join(" ; "))
}

/// What a publication holds is a set, in however many statements it is said; what it publishes has defaults.
fn publication(list: &[String], model: &Model) -> String {
    let mut statements = list.split(|word| word == ";");
    let Some((head, rest)) = statements.next().and_then(|first| first.split_at_checked(3)) else {
        return list.join(" ");
    };
    let (mut holds, mut options) = (Vec::new(), BTreeMap::new());
    let rest = rest.strip_prefix(&["for".to_owned()]).unwrap_or(rest);
    for statement in std::iter::once(rest).chain(statements.map(|it| it.get(4..).unwrap_or_default())) {
        let with = statement.iter().rposition(|word| word == "with").unwrap_or(statement.len());
        let (held, with) = statement.split_at(with);
        holds.extend(split_commas(held));
        if let Some((open, close)) = parenthesized(with, 0) {
            options.extend(attributes(&with[open + 1..close]));
        }
    }
    let mut kind = String::new();
    let named = holds.into_iter().map(|held| {
        let held = held.replacen("table only ", "table ", 1);
        for word in ["table ", "tables in schema ", "all tables"] {
            if held.starts_with(word) {
                word.clone_into(&mut kind);
                return held;
            }
        }
        format!("{kind}{}", held.trim_start_matches("only "))
    });
    let mut holds: Vec<String> = named.map(|held| published(&held, model)).collect();
    holds.sort();
    options.retain(|key, value| {
        let usual = match key.as_str() {
            "publish" => "'insert, update, delete, truncate'",
            "publish_via_partition_root" => "false",
            _ => "",
        };
        value != usual
    });
    format!("{} for {} with {options:?}", head.join(" "), holds.join(" , "))
}

/// What a publication holds; of a table the columns are a set, and the condition is an expression over its columns.
fn published(held: &str, model: &Model) -> String {
    let list = split(held);
    let Some(("table", rest)) = list.split_first().map(|(word, rest)| (word.as_str(), rest)) else {
        return held.to_owned();
    };
    let (head, condition) = rest.split_at(rest.iter().position(|word| word == "where").unwrap_or(rest.len()));
    let (name, columns) = head.split_at(head.iter().position(|word| word == "(").unwrap_or(head.len()));
    let Some(table) = table_named(name) else { return held.to_owned() };
    let mut columns = columns.get(1..columns.len().saturating_sub(1)).map(split_commas).unwrap_or_default();
    columns.sort();
    let condition = condition
        .get(1..)
        .map(|condition| super::expression(&Sql::new(text(condition)), &Scope::of_table(model, &table)));
    format!("table {table} {columns:?} {condition:?}")
}

/// The table that words name.
fn table_named(words: &[String]) -> Option<Name> {
    let parts: Vec<Ident> = words.iter().filter_map(|word| Ident::of_token(word)).collect();
    match parts.as_slice() {
        [schema, name] => Some(Name::qualified(schema.as_str(), name.as_str())),
        [name] => Some(Name::local(name.as_str())),
        _ => None,
    }
}

/// Words as a text that reads back as they were: the signs of an operator stand together, as the server's scanner takes
/// them. Source: `src/backend/parser/scan.l`.
fn text(words: &[String]) -> String {
    let sign = |word: &String| word.chars().all(|c| "+-*/<>=~!@#%^&|`?".contains(c));
    let mut out = String::new();
    for run in words.chunk_by(|a, b| sign(a) && sign(b) || a == ":" && b == ":") {
        let (operator, rest) = match run.concat() {
            run if run.contains(['~', '!', '@', '#', '%', '^', '&', '|', '`', '?']) => (run, String::new()),
            run => {
                let end = run.trim_end_matches(['+', '-']).len().max(1);
                (run[..end].to_owned(), run[end..].to_owned())
            }
        };
        let signs = rest.chars().map(String::from);
        out.extend(std::iter::once(operator).chain(signs).filter(|word| !word.is_empty()).map(|word| word + " "));
    }
    out
}

/// The items between commas that stand in no parentheses.
fn split_commas(words: &[String]) -> Vec<String> {
    let mut items = Vec::new();
    let (mut item, mut depth) = (Vec::new(), 0);
    for word in words {
        depth += i32::from(word == "(") - i32::from(word == ")");
        if word == "," && depth == 0 {
            items.push(std::mem::take(&mut item).join(" "));
        } else {
            item.push(word.clone());
        }
    }
    items.push(item.join(" "));
    items.retain(|item| !item.is_empty());
    items
}

/// The dictionaries of each kind of token, where those of a copied configuration are known.
/// Source: `src/backend/snowball/snowball_create.pl`.
fn configuration(list: &[String]) -> String {
    const PLAIN: [&str; 13] = [
        "email",
        "url",
        "url_path",
        "host",
        "file",
        "version",
        "sfloat",
        "float",
        "int",
        "uint",
        "numword",
        "hword_numpart",
        "numhword",
    ];
    let mut statements = list.split(|word| word == ";");
    let Some(first) = statements.next() else { return String::new() };
    let Some((open, close)) = parenthesized(first, 0) else { return list.join(" ") };
    let mut map: BTreeMap<String, String> = BTreeMap::new();
    match attributes(&first[open + 1..close]).into_iter().next() {
        Some((key, of)) if key == "copy" => {
            let of = of.trim_matches('"').to_owned();
            let stem = |language: &str| if of == "simple" { of.clone() } else { format!("{language}_stem") };
            let latin = if matches!(of.as_str(), "russian" | "hindi") { "english" } else { &of };
            map.extend(PLAIN.map(|kind| (kind.to_owned(), "simple".to_owned())));
            map.extend(["asciiword", "hword_asciipart", "asciihword"].map(|kind| (kind.to_owned(), stem(latin))));
            map.extend(["word", "hword_part", "hword"].map(|kind| (kind.to_owned(), stem(&of))));
        }
        Some((key, parser)) if key == "parser" && parser.trim_matches('"') == "default" => {}
        _ => return list.join(" "),
    }
    for statement in statements.filter(|it| !it.is_empty()) {
        let at = |word: &str| statement.iter().position(|it| it == word);
        let (Some(kinds), Some(with)) = (at("for"), at("with")) else { return list.join(" ") };
        if kinds > with || at("replace").is_some() {
            return list.join(" ");
        }
        for kind in split_commas(&statement[kinds + 1..with]) {
            map.insert(kind, statement[with + 1..].join(" "));
        }
    }
    format!("{} {map:?}", first[..open].join(" "))
}

/// The options of a dictionary are a set of texts.
fn dictionary(list: &[String]) -> String {
    let Some((open, close)) = parenthesized(list, 0) else { return list.join(" ") };
    let mut found = attributes(&list[open + 1..close]);
    found.values_mut().for_each(|value| *value = value.trim_matches('\'').to_owned());
    format!("{} {found:?}", list[..open].join(" "))
}

/// The options of a foreign table's columns stand with the columns, or in statements of their own.
fn foreign_table(list: Vec<String>) -> String {
    let mut statements: Vec<Vec<String>> = list.split(|word| word == ";").map(<[String]>::to_vec).collect();
    let first = statements.remove(0);
    let Some((open, close)) = parenthesized(&first, 0) else { return list.join(" ") };
    let name = first[3..open].join(" ");
    let mut rest: Vec<String> = statements.iter().map(|it| options::sorted(&it.join(" "))).collect();
    let columns = split_commas(&first[open + 1..close]).into_iter().map(|item| {
        let words = split(&item);
        let options = words.iter().position(|word| word == "options");
        let Some((at, end)) = options.and_then(|at| Some((at, parenthesized(&words, at)?.1))) else { return item };
        let said = words[at..=end].join(" ");
        rest.push(options::sorted(&format!("alter foreign table {name} alter column {} {said}", words[0])));
        [&words[..at], &words[end + 1..]].concat().join(" ")
    });
    let columns: Vec<String> = columns.collect();
    rest.retain(|statement| !statement.is_empty());
    rest.sort();
    let head = first[..open].join(" ");
    let tail = options::sorted(&first[close..].join(" "));
    format!("{head} ( {} {tail} ; {}", columns.join(" , "), rest.join(" ; "))
}

/// An operator is made of a function, or procedure, and names other operators plainly or as `OPERATOR(name)`.
fn operator(list: Vec<String>) -> String {
    let mut list = plain_operators(spelled(list));
    list.iter_mut().filter(|word| *word == "procedure").for_each(|word| "function".clone_into(word));
    options::attributes(&list.join(" "))
}

/// The words with operators named by their signs alone.
fn plain_operators(mut list: Vec<String>) -> Vec<String> {
    while let Some(at) = list.iter().skip(2).position(|word| word == "operator").map(|at| at + 2) {
        let Some((open, close)) = parenthesized(&list, at).filter(|(open, _)| *open == at + 1) else { break };
        list.remove(close);
        list.drain(at..=open);
    }
    list
}

/// The members of an operator class are about its type unless they say otherwise, and its family has its name.
/// Source: `DefineOpClass` in `src/backend/commands/opclasscmds.c`.
fn operator_class(list: Vec<String>) -> String {
    let place = |word: &str| list.iter().position(|it| it == word);
    let (Some(kind), Some(using), Some(members)) = (place("for"), place("using"), place("as")) else {
        return list.join(" ");
    };
    let name = list[3..kind].iter().filter(|word| *word != "default").cloned().collect::<Vec<_>>().join(" ");
    let ty = list[kind + 2..using].join(" ");
    let family = if place("family").is_some() { String::new() } else { format!(" family {name}") };
    let mut items: Vec<String> = top_level(&list[members + 1..]).filter_map(|item| member(item, &ty)).collect();
    items.sort();
    format!("{}{family} as {}", list[..members].join(" "), items.join(" , "))
}

/// What stands between the commas outside of parentheses.
fn top_level(list: &[String]) -> impl Iterator<Item = &[String]> {
    let mut depth = 0;
    list.split(move |word| {
        depth += i32::from(word == "(") - i32::from(word == ")");
        depth == 0 && word == ","
    })
}

/// A member of an operator class over `ty`, with the types that it is about; none that says what holds anyway.
fn member(item: &[String], ty: &str) -> Option<String> {
    let types = format!("( {ty} , {ty} )");
    match strs(item).as_slice() {
        ["storage", stored @ ..] if stored.join(" ") == ty => None,
        ["function", number, "(", one, ")", name @ ..] => {
            Some(format!("function {number} ( {one} , {one} ) {}", name.join(" ")))
        }
        ["function", _, "(", ..] => Some(item.join(" ")),
        ["function", number, name @ ..] => Some(format!("function {number} {types} {}", name.join(" "))),
        ["operator", number, name @ ..] => {
            let (name, purpose) = match name.iter().position(|word| *word == "for") {
                Some(at) if name[at..] == ["for", "search"] => (&name[..at], &[][..]),
                Some(at) => name.split_at(at),
                None => (name, &[][..]),
            };
            let own = if name.contains(&"(") { Vec::new() } else { vec![types.as_str()] };
            Some([&["operator", number], name, &own, purpose].concat().join(" "))
        }
        _ => Some(item.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{Model, Sql};

    fn definition(sql: &Sql) -> String {
        super::definition(sql, &Model::default())
    }

    #[test]
    fn what_pg_dump_prints_is_what_was_said() {
        for (said, printed) in [
            (
                "CREATE OPERATOR CLASS c DEFAULT FOR TYPE int USING btree AS OPERATOR 1 < FOR SEARCH, OPERATOR 3 =,
                    FUNCTION 1 f(int, int), STORAGE int",
                "CREATE OPERATOR CLASS public.c DEFAULT FOR TYPE integer USING btree FAMILY public.c AS
                    OPERATOR 1 <(integer,integer) , OPERATOR 3 =(integer,integer) ,
                    FUNCTION 1 (integer, integer) public.f(integer,integer)",
            ),
            ("CREATE COLLATION c FROM \"C\"", "CREATE COLLATION public.c (provider = libc, locale = 'C')"),
            (
                "CREATE COLLATION c (lc_collate = 'C', lc_ctype = 'C')",
                "CREATE COLLATION c (provider = libc, locale = 'C')",
            ),
            (
                "CREATE COLLATION c (locale = 'und', provider = icu, deterministic = true)",
                "CREATE COLLATION public.c (provider = icu, locale = 'und')",
            ),
            (
                "CREATE STATISTICS s (ndistinct, dependencies) ON b, a FROM t",
                "CREATE STATISTICS public.s (dependencies, ndistinct) ON a, b FROM public.t",
            ),
            ("CREATE STATISTICS s (mcv, ndistinct, dependencies) ON b, a FROM t", "CREATE STATISTICS s ON a, b FROM t"),
            (
                "CREATE FOREIGN TABLE f (id int, n varchar(20), at timestamptz(3)) SERVER s",
                "CREATE FOREIGN TABLE public.f (\n    id integer,\n    n character varying(20),\n    at timestamp(3) with time zone\n)\nSERVER s",
            ),
            (
                "CREATE FOREIGN TABLE f (id int OPTIONS (key 'true') NOT NULL, n text) SERVER s OPTIONS (t 'x', a 'y')",
                "CREATE FOREIGN TABLE public.f (\n    id integer NOT NULL,\n    n text\n)\nSERVER s\nOPTIONS (\n    a 'y',\n    t 'x'\n);\n\
                 ALTER FOREIGN TABLE public.f ALTER COLUMN id OPTIONS (\n    key 'true'\n)",
            ),
            (
                "CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int4, PROCEDURE = f, COMMUTATOR = ===)",
                "CREATE OPERATOR public.=== (FUNCTION = public.f, LEFTARG = integer, RIGHTARG = integer, COMMUTATOR = OPERATOR(public.===))",
            ),
            (
                "CREATE OR REPLACE RULE r AS ON INSERT TO t WHERE NEW.a > 3 DO ALSO NOTIFY x",
                "CREATE RULE r AS\n    ON INSERT TO public.t\n   WHERE (new.a > 3) DO NOTIFY x",
            ),
            (
                "CREATE PUBLICATION p FOR TABLE t, u WITH (publish = 'insert, update')",
                "CREATE PUBLICATION p WITH (publish = 'insert, update');\nALTER PUBLICATION p ADD TABLE ONLY public.u;\n\
                 ALTER PUBLICATION p ADD TABLE ONLY public.t",
            ),
            (
                "CREATE PUBLICATION p FOR TABLE a (id, x) WHERE (x >= -4 AND y = 'a'), s.u",
                "CREATE PUBLICATION p WITH (publish = 'insert, update, delete, truncate');\nALTER PUBLICATION p ADD TABLE ONLY s.u;\n\
                 ALTER PUBLICATION p ADD TABLE ONLY public.a (x, id) WHERE (((x >= -4) AND (y = 'a')))",
            ),
            (
                "CREATE CAST (float8 AS c) WITH FUNCTION f(float8)",
                "CREATE CAST (double precision AS public.c) WITH FUNCTION public.f(double precision)",
            ),
            (
                "CREATE PUBLICATION q FOR ALL TABLES",
                "CREATE PUBLICATION q FOR ALL TABLES WITH (publish = 'insert, update, delete, truncate')",
            ),
            (
                "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple, stopwords = english)",
                "CREATE TEXT SEARCH DICTIONARY public.d (\n    TEMPLATE = pg_catalog.simple,\n    stopwords = 'english' )",
            ),
            (
                "CREATE TEXT SEARCH CONFIGURATION c (PARSER = \"default\");\nALTER TEXT SEARCH CONFIGURATION c ADD MAPPING FOR a, b WITH x",
                "CREATE TEXT SEARCH CONFIGURATION public.c (\n    PARSER = pg_catalog.\"default\" );\n\
                 ALTER TEXT SEARCH CONFIGURATION public.c ADD MAPPING FOR b WITH public.x;\n\
                 ALTER TEXT SEARCH CONFIGURATION public.c ADD MAPPING FOR a WITH public.x",
            ),
        ] {
            assert_eq!(definition(&Sql::new(said)), definition(&Sql::new(printed)), "{said}");
        }
    }

    #[test]
    fn what_differs_stays_apart() {
        for (one, other) in [
            ("CREATE COLLATION c (locale = 'a b')", "CREATE COLLATION c (locale = 'a c')"),
            ("CREATE COLLATION c (locale = 'x', deterministic = false)", "CREATE COLLATION c (locale = 'x')"),
            ("CREATE STATISTICS s (mcv) ON b, a FROM t", "CREATE STATISTICS s ON a, b FROM t"),
            ("CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING", "CREATE RULE r AS ON INSERT TO t DO NOTHING"),
            ("CREATE PUBLICATION p FOR TABLE t, u", "CREATE PUBLICATION p FOR TABLE t"),
            ("CREATE PUBLICATION p FOR TABLE t", "CREATE PUBLICATION p FOR TABLES IN SCHEMA t"),
            ("CREATE PUBLICATION p FOR TABLE t (a)", "CREATE PUBLICATION p FOR TABLE t (b)"),
            ("CREATE PUBLICATION p FOR TABLE t WHERE (a > 1)", "CREATE PUBLICATION p FOR TABLE t WHERE (a > 2)"),
            (
                "CREATE TEXT SEARCH CONFIGURATION c (COPY = english)",
                "CREATE TEXT SEARCH CONFIGURATION c (COPY = simple)",
            ),
            ("CREATE FOREIGN TABLE f (a timestamptz) SERVER s", "CREATE FOREIGN TABLE f (a timestamp) SERVER s"),
        ] {
            assert_ne!(definition(&Sql::new(one)), definition(&Sql::new(other)), "{one}");
        }
    }
}
