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
    pub fn state(&self) -> Digest {
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
