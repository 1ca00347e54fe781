//! Privileges in their canonical form: `ALL` on a table is the same before and after PostgreSQL 17 made MAINTAIN one of them.
//!
//! Older servers know seven privileges on tables and show them as ALL, which says eight here. So whoever has the seven has
//! all: a server of either age is met by what it shows.

use std::collections::BTreeMap;

use crate::model::id::ObjectId;
use crate::model::security::{DefaultPrivilege, Grant, GrantKey, all_by_default};

const NEW: &str = "maintain";

/// The privileges, completed.
pub fn grants(grants: &BTreeMap<GrantKey, Grant>) -> BTreeMap<GrantKey, Grant> {
    let tables = grants.keys().filter(|key| key.privilege == "trigger" && key.column.is_none());
    let tables = tables.filter(|key| match &key.object {
        ObjectId::Table(_) | ObjectId::View(_) => true,
        ObjectId::Other(id) => id.kind == "FOREIGN TABLE",
        _ => false,
    });
    complete(grants, tables, |key, privilege| GrantKey { privilege, ..key.clone() })
}

/// The default privileges, completed.
pub fn default_privileges(defaults: &BTreeMap<DefaultPrivilege, Grant>) -> BTreeMap<DefaultPrivilege, Grant> {
    let tables = defaults.keys().filter(|key| key.privilege == "trigger" && key.objects == "tables");
    complete(defaults, tables, |key, privilege| DefaultPrivilege { privilege, ..key.clone() })
}

/// Adds the new privilege beside each key of `tables` that all of the old ones stand beside, on the same terms.
fn complete<'a, K: Ord + Clone + 'a>(
    all: &'a BTreeMap<K, Grant>,
    tables: impl Iterator<Item = &'a K>,
    with: impl Fn(&K, String) -> K,
) -> BTreeMap<K, Grant> {
    let mut completed = all.clone();
    for key in tables {
        let grant = all.get(key).copied();
        let mut old = all_by_default("tables").iter().filter(|privilege| **privilege != NEW);
        if old.all(|privilege| all.get(&with(key, (*privilege).to_owned())).copied() == grant) {
            completed.extend(grant.map(|grant| (with(key, NEW.to_owned()), grant)));
        }
    }
    completed
}

#[cfg(test)]
mod tests {
    use crate::model::canonical::state;
    use crate::model::lower::sql::lower;
    use crate::path::RepoPath;
    use crate::syntax::sql::parse;

    fn of(privileges: &str) -> crate::digest::Digest {
        let text = format!(
            "CREATE TABLE t (); GRANT {privileges} ON t TO u;
             ALTER DEFAULT PRIVILEGES GRANT {privileges} ON TABLES TO u;"
        );
        state(&lower(&[parse(&RepoPath::root(), &text)]).model)
    }

    #[test]
    fn the_seven_privileges_are_all() {
        let seven = "SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER";
        assert_eq!(of("ALL"), of(seven));
        assert_ne!(of("ALL"), of(&seven.replace("SELECT, ", "")));
    }
}
