//! What reads columns of tables from elsewhere, when they get other names: views, bodies of functions in SQL, policies.
//!
//! PostgreSQL goes on to read the same columns, whatever they and others are called by then.

use std::rc::Rc;

use super::rename::family;
use super::rewrite::{Replace, rewrite};
use crate::model::canonical::{Renames, Scope, asks, body_after, expression_after, query_after};
use crate::model::name::{Ident, Name, Signature};
use crate::model::routine::{Body, Routine};
use crate::model::{Model, Sql};

/// A column that gets another name: its table, the old name and the new one.
pub type Pair = (Name, Ident, Ident);

/// Rewrites in `base`, in which no column is renamed yet, what reads those that will be, in order.
pub fn keep_up(base: &mut Model, pairs: &[Pair]) {
    let renames = Rc::new(renames(base, pairs));
    let views = base.views.iter().filter(|(_, view)| mentions_any(&view.query, &renames));
    let views = views.filter_map(|(name, view)| Some((name.clone(), query_after(&view.query, base, &renames)?)));
    let views: Vec<(Name, Sql)> = views.collect();
    let routines = base.routines.iter();
    let routines = routines.filter_map(|(key, it)| Some((key.clone(), body(key, it, base, &renames, pairs)?)));
    let routines: Vec<(Signature, Sql)> = routines.collect();
    let policies = policies(base, &renames);
    for (name, query) in views {
        base.views.entry(name).and_modify(|view| view.query = query);
    }
    for (signature, body) in routines {
        base.routines.entry(signature).and_modify(|routine| routine.body = Body::Sql(body));
    }
    for (table, name, [using, check]) in policies {
        let Some(policy) = base.tables.get_mut(&table).and_then(|table| table.policies.get_mut(&name)) else {
            continue;
        };
        policy.using = using.or(policy.using.take());
        policy.check = check.or(policy.check.take());
    }
}

/// The new names by table: those of a table are those of its partitions and heirs too.
fn renames(base: &Model, pairs: &[Pair]) -> Renames {
    let mut renames = Renames::new();
    for (table, old, new) in pairs {
        for name in family(base, table) {
            renames.entry(name).or_default().insert(old.as_str().to_owned(), new.as_str().to_owned());
        }
    }
    renames
}

fn mentions_any(sql: &Sql, renames: &Renames) -> bool {
    let text = sql.as_str().to_lowercase();
    renames.keys().any(|table| text.contains(&table.name.as_str().to_lowercase()))
}

/// The body of a function after the renames.
fn body(key: &Signature, routine: &Routine, base: &Model, renames: &Rc<Renames>, pairs: &[Pair]) -> Option<Sql> {
    let Body::Sql(sql) = &routine.body else { return None };
    if !mentions_any(sql, renames) {
        return None;
    }
    if asks(sql) {
        return body_after(sql, &key.name, routine, base, renames);
    }
    // Where rows are changed, names are taken for those of columns word by word.
    let mut sql = sql.clone();
    pairs.iter().for_each(|(_, old, new)| rewrite(&mut sql, &Replace::Column(old, new)));
    Some(sql)
}

/// The new conditions of policies on tables whose own columns keep their names.
fn policies(base: &Model, renames: &Rc<Renames>) -> Vec<(Name, Ident, [Option<Sql>; 2])> {
    let mut found = Vec::new();
    for (table, it) in base.tables.iter().filter(|(table, _)| !renames.contains_key(*table)) {
        for (name, policy) in &it.policies {
            let after = |sql: &Option<Sql>| {
                let sql = sql.as_ref().filter(|sql| mentions_any(sql, renames))?;
                expression_after(sql, Scope::of_table(base, table), renames)
            };
            let sides = [after(&policy.using), after(&policy.check)];
            found.extend(sides.iter().any(Option::is_some).then(|| (table.clone(), name.clone(), sides)));
        }
    }
    found
}
