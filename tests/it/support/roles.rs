//! Roles that schemas name and do not make: a cluster is shared by all databases of a run, so they are made once.

use std::collections::BTreeSet;

use super::postgres::Database;

/// The words after which SQL names a role.
const BEFORE: &[&str] = &["TO", "FROM", "ROLE", "AUTHORIZATION", "USER"];

/// Creates every role that one of the texts may name. Too many do no harm.
pub fn create<'a>(database: &Database, texts: impl Iterator<Item = &'a String>) {
    let mut names = BTreeSet::new();
    for text in texts {
        let words: Vec<&str> =
            text.split(|c: char| c.is_whitespace() || ",;()".contains(c)).filter(|it| !it.is_empty()).collect();
        let listed = |pair: &[&str]| BEFORE.iter().any(|word| pair[0].eq_ignore_ascii_case(word));
        let mut after = words.windows(2).filter(|pair| listed(pair)).map(|pair| pair[1]).collect::<BTreeSet<_>>();
        // `TO reader, writer`: what stands after a comma may be a role as well.
        after.extend(text.split(',').skip(1).filter_map(|rest| rest.split_whitespace().next()));
        names.extend(after.into_iter().map(|name| name.trim_end_matches(';').to_owned()));
    }
    let plain = |name: &String| {
        name.trim_matches('"').bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    };
    for name in names.into_iter().filter(plain) {
        let quoted = name.starts_with('"') && name.ends_with('"') && name.len() > 2;
        let name = if quoted { name } else { format!("\"{}\"", name.to_lowercase()) };
        // Key words and names that are there already are refused, and that is fine.
        let _ = database.run(&format!("CREATE ROLE {name}"));
    }
}
