//! The built-in templates, embedded.

use crate::digest::{self, Digest};

/// Every built-in template by name, sorted: its path below `templates/`.
pub const TEMPLATES: &[(&str, &str)] = &[
    ("concept/entity.md", include_str!("../../templates/concept/entity.md")),
    ("concept/module.md", include_str!("../../templates/concept/module.md")),
    ("concept/parts.md", include_str!("../../templates/concept/parts.md")),
    ("concept/project.md", include_str!("../../templates/concept/project.md")),
    ("migration/plan.md", include_str!("../../templates/migration/plan.md")),
    ("migration/plan.sql", include_str!("../../templates/migration/plan.sql")),
    ("production/entities.md", include_str!("../../templates/production/entities.md")),
    ("production/hardening-report.md", include_str!("../../templates/production/hardening-report.md")),
    ("production/hardening.md", include_str!("../../templates/production/hardening.md")),
    ("production/parts.md", include_str!("../../templates/production/parts.md")),
    ("production/schema.sql", include_str!("../../templates/production/schema.sql")),
    ("production/statements.sql", include_str!("../../templates/production/statements.sql")),
    ("prototype/dbmate.sql", include_str!("../../templates/prototype/dbmate.sql")),
    ("prototype/down.sql", include_str!("../../templates/prototype/down.sql")),
    ("prototype/iteration.sql", include_str!("../../templates/prototype/iteration.sql")),
    ("prototype/iterations.md", include_str!("../../templates/prototype/iterations.md")),
    ("prototype/parts.sql", include_str!("../../templates/prototype/parts.sql")),
    ("prototype/schema.sql", include_str!("../../templates/prototype/schema.sql")),
    ("prototype/sqlx.down.sql", include_str!("../../templates/prototype/sqlx.down.sql")),
    ("prototype/sqlx.up.sql", include_str!("../../templates/prototype/sqlx.up.sql")),
    ("prototype/up.sql", include_str!("../../templates/prototype/up.sql")),
    ("sql/statements.sql", include_str!("../../templates/sql/statements.sql")),
];

/// The declarations of the built-in outputs.
pub const TARGETS: &str = include_str!("../../templates/targets.toml");

/// The text of the built-in template `name`.
pub fn template(name: &str) -> Option<&'static str> {
    TEMPLATES.binary_search_by_key(&name, |(name, _)| name).ok().map(|at| TEMPLATES[at].1)
}

/// The digest of the built-in templates and outputs.
pub fn digest() -> Digest {
    digest::of("built in", &(TEMPLATES, TARGETS))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::TEMPLATES;

    fn files(folder: &Path, root: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, root, found);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }

    #[test]
    fn every_file_of_the_folder_is_embedded() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let mut found = BTreeSet::new();
        files(&root, &root, &mut found);
        found.remove("targets.toml");
        let embedded: Vec<&str> = TEMPLATES.iter().map(|(name, _)| *name).collect();
        assert_eq!(embedded, found.iter().map(String::as_str).collect::<Vec<_>>());
    }
}
