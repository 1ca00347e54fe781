//! The view of production, which several outputs share.
//!
//! It is the largest view, and making it takes a plan of the whole schema. So it is known by the digest of what it is
//! made from, and made at most once, when an output needs it that no earlier build made from the same.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::views::{self, ProductionView};
use crate::digest::{self, Digest};
use crate::model::Model;
use crate::model::name::Name;
use crate::production::{Production, story};
use crate::render::facts::Facts;
use crate::render::view::{Group, ReportView};

/// The view of production, as far as somebody has asked for it.
#[derive(Debug)]
pub struct Shared {
    project: String,
    schema: Model,
    groups: views::Groups,
    report: ReportView,
    state: OnceLock<Digest>,
    facts: OnceLock<Facts>,
}

impl Shared {
    /// The view of `production`, when its schema may be written; `page` is the link from the report to an entity's page.
    pub fn new(project: &str, production: Production, page: impl Fn(&Name) -> Option<String>) -> Option<Arc<Shared>> {
        let report = views::report(project, &production, page);
        let groups = groups(&production);
        let schema = production.schema.into_ready()?;
        let project = project.to_owned();
        Some(Arc::new(Shared { project, schema, groups, report, state: OnceLock::new(), facts: OnceLock::new() }))
    }

    /// The schema that it shows.
    pub fn schema(&self) -> &Model {
        &self.schema
    }

    /// The digest of the schema that it shows, and of how it is laid out.
    fn state(&self) -> Digest {
        *self.state.get_or_init(|| digest::of("schema", &(&self.schema, &self.groups)))
    }

    /// The digest of all that it is made from.
    pub fn digest(&self) -> Digest {
        digest::of("production", &(&self.project, self.state(), &self.report))
    }

    /// Its facts.
    pub fn facts(&self) -> Facts {
        let make = || {
            Facts::of(&ProductionView {
                project: &self.project,
                statements: views::statements(&self.schema, &self.groups),
                report: &self.report,
            })
        };
        self.facts.get_or_init(make).clone()
    }
}

/// The group in which each field is laid out.
fn groups(production: &Production) -> views::Groups {
    let group = |field: &story::FieldStory| match field.group {
        story::Group::Core => Group::Core,
        story::Group::Relationship => Group::Relationship,
        story::Group::System => Group::System,
    };
    let of_table = |table: &story::TableStory| -> BTreeMap<_, _> {
        table.fields.iter().map(|(name, field)| (name.clone(), group(field))).collect()
    };
    production.tables.iter().map(|(name, table)| (name.clone(), of_table(table))).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Shared;
    use crate::build::{ENGINE, load, merged};
    use crate::config::Config;
    use crate::memo::Memo;
    use crate::source::memory::Memory;

    /// Production of a BUSM whose `accounts.name` is of `ty` and of two modules, the second of which picks `picks`.
    fn production(ty: &str, picks: &str) -> Arc<Shared> {
        let text = format!(
            "//- busm/accounts.toml\n[accounts.fields]\nid = {{ type = \"uuid\", primary_key = true }}\nname = \"{ty}\"\n\
             //- modules/a/accounts.toml\n[accounts]\npick = [\"id\", \"name\"]\n\
             //- modules/b/accounts.toml\n[accounts]\npick = [{picks}]\n\
             //- modules/a/module.toml\nstage = \"production\"\n//- modules/b/module.toml\nstage = \"production\"\n"
        );
        let cache = tempfile::tempdir().unwrap();
        let (config, memo) = (Config::default(), Memo::open(cache.path(), ENGINE));
        let mut diagnostics = Vec::new();
        let loaded = load::load(&Memory::parse(&text), &config, &memo, &mut diagnostics);
        assert_eq!(diagnostics, []);
        Shared::new(&config.name, merged::production(&config, &loaded), |_| None).unwrap()
    }

    #[test]
    fn what_leaves_production_alone_is_known_without_a_plan() {
        let (one, other) = (production("text", "\"id\""), production("text", "\"id\", \"name\""));
        assert_eq!((one.digest(), one.state()), (other.digest(), other.state()));
        assert!(one.facts.get().is_none() && other.facts.get().is_none(), "nobody asked for a view");
    }

    #[test]
    fn what_production_shows_is_in_its_digest() {
        let (text, varchar) = (production("text", "\"id\""), production("varchar(9)", "\"id\""));
        assert_ne!(text.state(), varchar.state());
        assert_ne!(text.digest(), varchar.digest());
    }
}
