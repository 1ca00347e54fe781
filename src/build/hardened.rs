//! Production as its outputs show it, and how it follows an edit.
//!
//! Making it takes a merge of all that is claimed. But an edit says something new about an entity or two; where nothing
//! else of it can matter to the others, only those are made anew, and put in the place of what there was.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::creation;
use super::merged::{Claims, Said};
use super::views::{self, Groups};
use crate::concept::Paths;
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::model::Model;
use crate::model::name::{Ident, Name};
use crate::model::table::Table;
use crate::path::RepoPath;
use crate::production::Schema;
use crate::production::part::{Part, interface, relations};
use crate::production::story::{self, TableStory};
use crate::render::view::{Group, RuleView, TableReport};

/// Beyond so many entities all of production is made.
const FEW: usize = 200;

/// The links from the report to the entities' pages.
#[derive(Clone, Debug, Default)]
pub struct Pages {
    report: Option<RepoPath>,
    paths: Arc<Paths>,
    /// The digest of them all.
    pub digest: Option<Digest>,
}

impl Pages {
    /// The links from the report at this path, if there is one.
    pub fn new(report: Option<RepoPath>, paths: Arc<Paths>) -> Pages {
        let digest = report.as_ref().map(|report| digest::of("pages", &(report, &paths.entities)));
        Pages { report, paths, digest }
    }

    /// The link to the page of an entity.
    pub fn to(&self, name: &Name) -> Option<String> {
        Some(self.report.as_ref()?.link_to(self.paths.entities.get(name)?))
    }
}

/// The rules that found something to add to a table: what they call has to exist.
type Needs = BTreeSet<String>;

/// Production.
pub struct Hardened {
    said: Said,
    pages: Option<Digest>,
    /// The schema.
    pub schema: Model,
    /// The digests of its tables.
    pub tables: BTreeMap<Name, Digest>,
    /// The digest of all but these.
    pub rest: Digest,
    /// The group in which each field is laid out.
    pub groups: Groups,
    /// The digests of those.
    pub layouts: BTreeMap<Name, Digest>,
    /// The hardening rules that were applied.
    pub rules: Vec<RuleView>,
    /// What the hardening report says about each table, in the order of their names.
    pub report: Vec<TableReport>,
    /// The digests of that.
    pub reported: Vec<Digest>,
    needs: BTreeMap<Name, Needs>,
}

impl Hardened {
    /// All that is claimed, merged, completed and hardened; and what is wrong with it.
    pub fn whole(claims: &Claims, pages: &Pages) -> (Vec<Diagnostic>, Hardened) {
        let production = claims.production();
        let preview = production.schema.preview();
        let about = |(name, story): (&Name, &TableStory)| {
            views::table_report(name, story, preview.tables.get(name), pages.to(name))
        };
        let report: Vec<TableReport> = production.tables.par_iter().map(about).collect();
        let rules = views::rules(&production);
        let groups: Groups = production.tables.iter().map(|(name, story)| (name.clone(), groups(story))).collect();
        let (Schema::Ready(schema) | Schema::Unresolved(schema)) = production.schema;
        let hardened = Hardened {
            said: claims.said(),
            pages: pages.digest,
            tables: creation::digests(&schema),
            rest: creation::rest(&schema),
            layouts: groups.par_iter().map(|(name, groups)| (name.clone(), layout(groups))).collect(),
            reported: report.par_iter().map(reported).collect(),
            needs: production.tables.par_iter().map(|(name, story)| (name.clone(), needs(story))).collect(),
            rules,
            schema,
            groups,
            report,
        };
        (production.diagnostics, hardened)
    }

    /// What becomes of this, with which nothing is wrong, by what is claimed now; `None` where all of it has to be made.
    pub fn follow(mut self, claims: &Claims, pages: &Pages) -> Option<Hardened> {
        let said = claims.said();
        let changed = said.changed(&self.said)?;
        // A view may read any table, whoever declares it.
        if self.pages != pages.digest || !self.schema.views.is_empty() {
            return None;
        }
        if !changed.is_empty() {
            let part = self.part(claims, &said, changed)?;
            self.take(part, pages);
        }
        self.said = said;
        Some(self)
    }

    /// The entities `changed`, and those to which that matters.
    fn part(&self, claims: &Claims, said: &Said, changed: BTreeSet<Name>) -> Option<Part> {
        let mut wanted = changed;
        while wanted.len() <= FEW && !wanted.contains(claims.users()) {
            let part = claims.part(&wanted)?;
            let is_other = |(name, (table, _)): &(&Name, &(Table, TableStory))| {
                self.schema.tables.get(*name).is_none_or(|old| interface(old) != interface(table))
            };
            let others: BTreeSet<Name> = part.iter().filter(is_other).map(|(name, _)| name.clone()).collect();
            let known = wanted.len();
            wanted.extend(said.children(&others));
            if wanted.len() == known {
                return self.stands_alone(&part).then_some(part);
            }
        }
        None
    }

    /// Whether nothing but the tables of `part` is other with it: no name was given up, none that is new is taken, and
    /// the rules need what they needed.
    fn stands_alone(&self, part: &Part) -> bool {
        let mut added: BTreeSet<Name> = BTreeSet::new();
        for (name, (table, story)) in part {
            let (Some(old), Some(needed)) = (self.schema.tables.get(name), self.needs.get(name)) else {
                return false;
            };
            let (old, new) = (relations(name, old), relations(name, table));
            if !old.is_subset(&new) || *needed != needs(story) {
                return false;
            }
            added.extend(new.difference(&old).cloned());
        }
        let mut others = self.schema.tables.iter().filter(|(name, _)| !part.contains_key(*name));
        let is_free = |(name, table): (&Name, &Table)| relations(name, table).is_disjoint(&added);
        added.is_empty() || (others.all(is_free) && !self.schema.sequences.keys().any(|name| added.contains(name)))
    }

    /// Takes the tables of `part` in place of what there was of them.
    fn take(&mut self, part: Part, pages: &Pages) {
        for (name, (table, story)) in part {
            // The report tells of the tables in the order of their names.
            let place = self.needs.range(..&name).count();
            let report = views::table_report(&name, &story, Some(&table), pages.to(&name));
            self.reported[place] = reported(&report);
            self.report[place] = report;
            let groups = groups(&story);
            self.layouts.insert(name.clone(), layout(&groups));
            self.groups.insert(name.clone(), groups);
            self.tables.insert(name.clone(), creation::digest(&self.schema, &name, &table));
            self.schema.tables.insert(name, table);
        }
    }
}

/// The group in which each field is laid out.
fn groups(story: &TableStory) -> BTreeMap<Ident, Group> {
    let group = |field: &story::FieldStory| match field.group {
        story::Group::Core => Group::Core,
        story::Group::Relationship => Group::Relationship,
        story::Group::System => Group::System,
    };
    story.fields.iter().map(|(name, field)| (name.clone(), group(field))).collect()
}

fn layout(groups: &BTreeMap<Ident, Group>) -> Digest {
    digest::of("layout", groups)
}

fn reported(report: &TableReport) -> Digest {
    digest::of("report", report)
}

fn needs(story: &TableStory) -> Needs {
    story.rules.iter().filter(|rule| rule.is_new).map(|rule| rule.rule.clone()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Hardened, Pages};
    use crate::build::creation;
    use crate::build::merged::Claims;
    use crate::build::{ENGINE, fixture, load};
    use crate::config;
    use crate::diagnostic::Diagnostic;
    use crate::memo::Memo;
    use crate::path::RepoPath;
    use crate::source::Snapshot;
    use crate::source::memory::Memory;

    /// What the project `text` claims, where nothing is wrong with its files.
    fn claims(text: &str, memo: &Arc<Memo>) -> Option<Claims> {
        let files: Arc<dyn Snapshot> = Arc::new(Memory::parse(text));
        let mut found: Vec<Diagnostic> = Vec::new();
        let settings = files.read(&RepoPath::new("forge.toml").unwrap()).unwrap();
        let config = config::read(&settings, &mut found);
        let loaded = load::load(&files, &config, memo, &mut found);
        (!found.iter().any(Diagnostic::is_error)).then(|| Claims::new(&config, &loaded))
    }

    fn whole(claims: &Claims) -> Option<Hardened> {
        let (found, hardened) = Hardened::whole(claims, &Pages::default());
        found.is_empty().then_some(hardened)
    }

    fn schema(Hardened { schema, tables, layouts, rest, .. }: &Hardened) -> creation::Schema<'_> {
        creation::Schema { model: schema, tables, layouts, rest: *rest }
    }

    /// Holds what follows from `before` by each of `edits` against what is made as a whole; returns how many followed, and
    /// how many of their statements did.
    fn follow(before: &str, edits: &[(String, String)], memo: &Arc<Memo>) -> (usize, usize) {
        let mut followed = (0, 0);
        for (edit, text) in edits {
            let Some(claims) = claims(text, memo) else { continue };
            let base = self::claims(before, memo).unwrap();
            let base = whole(&base).unwrap();
            let made = creation::creation(&schema(&base), memo);
            let Some(follows) = base.follow(&claims, &Pages::default()) else { continue };
            let whole = whole(&claims).unwrap_or_else(|| panic!("something is to be said where {edit}"));
            assert_eq!(follows.schema, whole.schema, "{edit}");
            assert_eq!((&follows.groups, &follows.report), (&whole.groups, &whole.report), "{edit}");
            assert_eq!((&follows.tables, &follows.layouts), (&whole.tables, &whole.layouts), "{edit}");
            assert_eq!(follows.rest, whole.rest, "{edit}");
            assert_eq!((&follows.reported, &follows.needs), (&whole.reported, &whole.needs), "{edit}");
            if let Some(made) = made.follow(&schema(&follows), memo) {
                let anew = creation::creation(&schema(&whole), memo);
                assert_eq!((made.runs, made.said), (anew.runs, anew.said), "{edit}");
                followed.1 += 1;
            }
            followed.0 += 1;
        }
        followed
    }

    #[test]
    fn what_follows_an_edit_is_what_the_whole_would_be() {
        let cache = tempfile::tempdir().unwrap();
        let memo = Arc::new(Memo::open(cache.path(), ENGINE));
        let files = fixture::example();
        let followed = follow(&fixture::project(&files), &fixture::edits(&files), &memo);
        assert!(followed.0 > 30 && followed.1 > 20, "{followed:?}");
    }

    #[test]
    fn a_key_that_another_declares_passes_a_type_on() {
        let cache = tempfile::tempdir().unwrap();
        let memo = Arc::new(Memo::open(cache.path(), ENGINE));
        // `b.id` is a key by the BUSM's word, and refers to `a` by the module's.
        let project = |note: &str| {
            format!(
                "//- forge.toml\n[project]\nname = \"p\"\n\
                 //- busm/b.toml\n[b.fields]\nid = {{ type = \"integer\", primary_key = true }}\n\
                 //- modules/m/module.toml\nstage = \"production\"\n\
                 //- modules/m/a.toml\n[a.fields]\nid = {{ type = \"bigint\", primary_key = true }}\n\
                 [b.fields]\nid = {{ type = \"integer\", references = \"a.id\" }}\n\
                 [c.fields]\nid = {{ type = \"uuid\", primary_key = true }}\n\
                 b_id = {{ type = \"integer\", references = \"b.id\" }}\nnote = \"{note}\"\n"
            )
        };
        assert_eq!(follow(&project("text"), &[("a note".to_owned(), project("varchar(9)"))], &memo).0, 1);
    }

    #[test]
    fn where_a_view_may_read_it_all_is_made() {
        let cache = tempfile::tempdir().unwrap();
        let memo = Arc::new(Memo::open(cache.path(), ENGINE));
        let project = |ty: &str| {
            format!(
                "//- forge.toml\n[project]\nname = \"p\"\n\
                 //- modules/m/module.toml\nstage = \"production\"\n\
                 //- modules/m/a.toml\n[a.fields]\nid = {{ type = \"uuid\", primary_key = true }}\nx = \"{ty}\"\n\
                 //- modules/n/module.toml\nstage = \"production\"\n//- modules/n/v.sql\nCREATE VIEW v WITH (security_invoker = true) AS SELECT x FROM a;\n"
            )
        };
        assert!(whole(&claims(&project("text"), &memo).unwrap()).is_some(), "nothing is to be said about it");
        assert_eq!(follow(&project("text"), &[("a type".to_owned(), project("varchar(9)"))], &memo).0, 0);
    }

    #[test]
    fn a_keys_new_type_reaches_those_that_refer_to_it() {
        let cache = tempfile::tempdir().unwrap();
        let memo = Arc::new(Memo::open(cache.path(), ENGINE));
        let project = |ty: &str, index: &str| {
            format!(
                "//- forge.toml\n[project]\nname = \"p\"\n\
                 //- busm/a.toml\n[a.fields]\nid = {{ type = \"{ty}\", primary_key = true }}\n\
                 [b.fields]\nid = {{ type = \"integer\", primary_key = true, references = \"a.id\" }}\nx = {{ type = \"text\", index = {index} }}\n\
                 [c.fields]\nid = {{ type = \"uuid\", primary_key = true }}\nb_id = {{ type = \"integer\", references = \"b.id\" }}\n\
                 //- modules/m/module.toml\nstage = \"production\"\n\
                 //- modules/m/a.toml\n[a]\npick = [\"id\"]\n[b]\npick = [\"id\", \"x\"]\n[c]\npick = [\"id\", \"b_id\"]\n"
            )
        };
        let base = project("integer", "false");
        for (edit, text) in [("a wider key", project("bigint", "false")), ("an index", project("integer", "true"))] {
            assert_eq!(follow(&base, &[(edit.to_owned(), text)], &memo).0, 1, "{edit}");
        }
        let back = [("an index less".to_owned(), base)];
        assert_eq!(follow(&project("integer", "true"), &back, &memo).0, 0, "another may take its name");
    }
}
