//! Production as its outputs show it, and how it follows an edit.
//!
//! Making it takes a merge of all that is claimed. But an edit says something new about an entity or two; where nothing
//! else of it can matter to the others, only those are made anew, and put in the place of what there was.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use super::creation;
use super::merged::{Claims, Places, Said};
use super::views;
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::memo::stored::Stored;
use crate::memo::{Memo, Query};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name, Names};
use crate::model::table::Table;
use crate::path::RepoPath;
use crate::production::harden;
use crate::production::meaning::mentions;
use crate::production::part::{Part, interface, relations};
use crate::production::story::{self, TableStory};
use crate::production::{Report, Schema};
use crate::render::view::{Group, RuleView, TableReport};

/// Beyond so many entities all of production is made.
const FEW: usize = 200;

/// What an entity says in a schema of its own, beside what others need of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// The group in which each field is laid out.
    pub groups: BTreeMap<Ident, Group>,
    /// What the hardening report says about it.
    pub report: TableReport,
    /// The names that it takes from the space that tables, views, sequences and indexes share.
    relations: BTreeSet<Name>,
}

/// A table of production, by its digests.
#[derive(Clone, Serialize, Deserialize)]
pub struct Hard {
    /// The table, with the privileges on it.
    pub digest: Digest,
    /// How it is laid out.
    pub layout: Digest,
    /// What the hardening report says about it.
    pub reported: Digest,
    /// What others can refer to in it.
    interface: Digest,
    /// The rules that found something to add to it: what they call has to exist.
    needs: Digest,
    /// The tables that it gets fields from.
    pub gets_from: Names,
    /// Whether somebody declares it; others exist since rules need them.
    pub is_declared: bool,
    /// What rules found about it.
    findings: Vec<Diagnostic>,
    /// Whether row level security holds for it: views are told of that show its rows past that.
    is_protected: bool,
    /// What is shown of it.
    pub detail: Stored<Detail>,
    /// The table, where it was made by itself.
    pub table: Option<Stored<Table>>,
}

/// Production, and what it was made from.
#[derive(Clone)]
pub struct Hardened {
    /// What was claimed.
    pub said: Said,
    /// What that came to.
    pub made: Yield,
}

/// Production.
#[derive(Clone, Serialize, Deserialize)]
pub struct Yield {
    /// The schema without its tables.
    pub model: Model,
    /// The digest of that.
    pub rest: Digest,
    /// The hardening rules that were applied.
    pub rules: Vec<RuleView>,
    /// Its tables.
    pub tables: BTreeMap<Name, Hard>,
    /// What is worth knowing about what was defined for the rules' use.
    notes: Vec<Diagnostic>,
    /// What was found about views, by the view.
    views: Vec<(Name, Diagnostic)>,
    /// The entities of which a row has to be there before the first of the people that sign in: with such a one, others may be.
    before_users: BTreeSet<Name>,
    /// Whether tables decided how all else goes together ([`Report`]).
    is_compared: bool,
    /// The files in which something stands that was found.
    places: Places,
}

/// All of production, as it is made at once.
pub struct Whole {
    /// The schema.
    pub schema: Model,
    /// What is shown of each table.
    pub details: BTreeMap<Name, Arc<Detail>>,
}

/// The name of the work of merging, completing and hardening.
const HARDEN: Query = Query { name: "harden", version: 1 };
/// What is shown of a table, and what production keeps of it.
pub(super) const DETAIL: Query = Query { name: "detail", version: 2 };
/// A table that was made by itself.
pub(super) const TABLE: Query = Query { name: "hardened", version: 1 };

impl Hardened {
    /// All that is claimed, merged, completed and hardened; and what is wrong with it. What can follow is told by
    /// [`Yield::tells_all`].
    pub fn whole(claims: &Claims, memo: &Memo) -> (Vec<Diagnostic>, Hardened, Whole) {
        memo.ran(HARDEN, "everything");
        let production = claims.production();
        let rules = views::rules(&production);
        let (Schema::Ready(schema) | Schema::Unresolved(schema)) = production.schema;
        let table = |(name, story): (&Name, &TableStory)| {
            let none = Table::default();
            let table = schema.tables.get(name).unwrap_or(&none);
            let detail = Detail::of(name, table, story);
            let hard = Hard::of(creation::digest(&schema, name, table), table, story, &detail, memo);
            (name.clone(), (hard, Arc::new(detail)))
        };
        let made: Vec<(Name, (Hard, Arc<Detail>))> = production.tables.par_iter().map(table).collect();
        let (tables, details) =
            made.into_iter().map(|(name, (hard, detail))| ((name.clone(), hard), (name, detail))).unzip();
        let (rest, model) = (creation::rest(&schema), schema.without_tables());
        let Report { notes, views, before_users, is_compared, .. } = production.report;
        let places = Places::new();
        let mut made = Yield { model, rest, rules, tables, notes, views, before_users, is_compared, places };
        made.places = claims.places(made.found());
        let hardened = Hardened { said: claims.said(), made };
        (production.diagnostics, hardened, Whole { schema, details })
    }

    /// What becomes of this, of which [`Yield::tells_all`], by what is claimed now; `None` where all of it has to be made.
    pub fn follow(mut self, claims: &Claims, memo: &Memo) -> Option<Hardened> {
        let said = claims.said();
        let mut changed = said.changed(&self.said)?;
        // The same entities are in use, and of others production tells nothing.
        changed.retain(|name| self.made.uses(name));
        // What was found may stand elsewhere now.
        let moved = self.made.moved(claims);
        changed.extend(self.made.found_in(&moved));
        self.made.place_views(&moved, claims)?;
        let is_other = !changed.is_empty() || !moved.is_empty();
        if !changed.is_empty() {
            let part = self.made.part(claims, &said, changed, memo)?;
            self.made.take(part, memo);
        }
        if is_other {
            self.made.places = claims.places(self.made.found());
        }
        self.said = said;
        (!memo.has_lost()).then_some(self)
    }
}

impl Yield {
    /// Whether the entity `name` is in use. A table of that name that rules need is another one.
    fn uses(&self, name: &Name) -> bool {
        self.tables.get(name).is_some_and(|hard| hard.is_declared)
    }

    /// What was found about single tables.
    fn of_tables(&self) -> impl Iterator<Item = &Diagnostic> {
        self.tables.values().flat_map(|hard| &hard.findings)
    }

    /// What was found, in the order in which that is said where all of it is made.
    fn found(&self) -> impl Iterator<Item = &Diagnostic> {
        self.views.iter().map(|(_, found)| found).chain(&self.notes).chain(self.of_tables())
    }

    /// What is to be said about it.
    pub fn findings(&self) -> Vec<Diagnostic> {
        self.found().cloned().collect()
    }

    /// Whether `found`, what is to be said about it, is no error and about nothing but single tables, views, and what was
    /// defined for the rules' use: then it follows an edit as the tables do.
    pub fn tells_all(&self, found: &[Diagnostic]) -> bool {
        !found.iter().any(Diagnostic::is_error) && !self.is_compared && found.len() == self.found().count()
    }

    /// The files in which what was found may stand elsewhere by what is claimed now.
    fn moved(&self, claims: &Claims) -> BTreeSet<RepoPath> {
        let moved = self.places.iter().filter(|(path, place)| claims.place(path) != *place);
        moved.map(|(path, _)| path.clone()).collect()
    }

    /// The tables about which something was found in one of these files.
    fn found_in(&self, files: &BTreeSet<RepoPath>) -> BTreeSet<Name> {
        let stands = |found: &Diagnostic| found.labels.iter().any(|label| files.contains(&label.span.path));
        let tables = self.tables.iter().filter(|(_, hard)| !files.is_empty() && hard.findings.iter().any(stands));
        tables.map(|(name, _)| name.clone()).collect()
    }

    /// Finds again the views about which something was found in one of these files; `None` where one is not there.
    fn place_views(&mut self, files: &BTreeSet<RepoPath>, claims: &Claims) -> Option<()> {
        for (name, found) in &mut self.views {
            for label in found.labels.iter_mut().filter(|label| files.contains(&label.span.path)) {
                label.span = claims.declared(&ObjectId::View(name.clone()), &label.span.path)?;
            }
        }
        Some(())
    }

    /// Notes that what is kept of its tables is relied upon.
    pub fn touch(&self, memo: &Memo) {
        for hard in self.tables.values() {
            hard.detail.touch(memo);
            hard.table.iter().for_each(|table| table.touch(memo));
        }
    }

    /// The entities `changed`, and those to which that matters; `None` where one of them gives its fields to another.
    fn part(&self, claims: &Claims, said: &Said, changed: BTreeSet<Name>, memo: &Memo) -> Option<Part> {
        let mut wanted = changed;
        let gives = |wanted: &BTreeSet<Name>| self.tables.values().any(|hard| !hard.gets_from.is_disjoint(wanted));
        let leads = |wanted: &BTreeSet<Name>| wanted.contains(claims.users()) || !self.before_users.is_disjoint(wanted);
        while wanted.len() <= FEW && !leads(&wanted) && !gives(&wanted) {
            let part = claims.part(&wanted, |name| self.uses(name))?;
            let is_other = |(name, (table, _)): &(&Name, &(Table, TableStory))| {
                self.tables.get(*name).is_none_or(|old| old.interface != digest::of("interface", &interface(table)))
            };
            let others: BTreeSet<Name> = part.iter().filter(is_other).map(|(name, _)| name.clone()).collect();
            let known = wanted.len();
            wanted.extend(said.children(&others).into_iter().filter(|name| self.uses(name)));
            if wanted.len() == known {
                return self.stands_alone(&part, memo)?.then_some(part);
            }
        }
        None
    }

    /// Whether nothing but the tables of `part` is other with it: no name was given up, none that is new is taken, the rules
    /// need what they needed, and views show rows past the same policies and find the fields that they read.
    fn stands_alone(&self, part: &Part, memo: &Memo) -> Option<bool> {
        let mut added: BTreeSet<Name> = BTreeSet::new();
        for (name, (table, story)) in part {
            let old = self.tables.get(name)?;
            let detail = old.detail.get(memo)?;
            let (before, new) = (&detail.relations, relations(name, table));
            let is_same = old.is_protected == table.row_security && detail.groups.keys().eq(story.fields.keys());
            let shows = is_same || !self.model.views.values().any(|view| mentions(&view.query, name));
            if !before.is_subset(&new) || old.needs != needs(story) || !shows {
                return Some(false);
            }
            added.extend(new.difference(before).cloned());
        }
        if added.is_empty() {
            return Some(true);
        }
        let others: Vec<&Hard> =
            self.tables.iter().filter(|(name, _)| !part.contains_key(*name)).map(|(_, hard)| hard).collect();
        let is_free = |hard: &&Hard| Some(hard.detail.get(memo)?.relations.is_disjoint(&added));
        let free: Vec<bool> = others.par_iter().map(is_free).collect::<Option<_>>()?;
        Some(free.into_iter().all(|free| free) && harden::relations(&self.model).is_disjoint(&added))
    }

    /// Takes the tables of `part` in place of what there was of them.
    fn take(&mut self, part: Part, memo: &Memo) {
        for (name, (table, story)) in part {
            memo.ran(HARDEN, &name.to_string());
            let detail = Detail::of(&name, &table, &story);
            let mut hard = Hard::of(creation::digest(&self.model, &name, &table), &table, &story, &detail, memo);
            hard.table = Some(Stored::new(TABLE, &table, memo));
            self.tables.insert(name, hard);
        }
    }
}

impl Detail {
    fn of(name: &Name, table: &Table, story: &TableStory) -> Detail {
        Detail {
            groups: groups(story),
            report: views::table_report(name, story, Some(table)),
            relations: relations(name, table),
        }
    }
}

impl Hard {
    fn of(digest: Digest, table: &Table, story: &TableStory, detail: &Detail, memo: &Memo) -> Hard {
        Hard {
            digest,
            layout: digest::of("layout", &detail.groups),
            reported: digest::of("report", &detail.report),
            interface: digest::of("interface", &interface(table)),
            needs: needs(story),
            gets_from: table.gets_from().cloned().collect(),
            is_declared: story.is_declared(),
            findings: story.findings.clone(),
            is_protected: table.row_security,
            detail: Stored::new(DETAIL, detail, memo),
            table: None,
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

fn needs(story: &TableStory) -> Digest {
    digest::of("needs", &story.rules.iter().filter(|rule| rule.is_new).map(|rule| &rule.rule).collect::<BTreeSet<_>>())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde::Serialize;
    use serde::de::DeserializeOwned;

    use super::{Hard, Hardened};
    use crate::build::creation::{Creation, Run};
    use crate::build::merged::Claims;
    use crate::build::product::Product;
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

    fn whole(claims: &Claims, memo: &Memo) -> Option<Hardened> {
        let (found, hardened, _) = Hardened::whole(claims, memo);
        hardened.made.tells_all(&found).then_some(hardened)
    }

    /// As another process finds it.
    fn handed_on<T: Serialize + DeserializeOwned>(value: &T) -> T {
        postcard::from_bytes(&postcard::to_stdvec(value).unwrap()).unwrap()
    }

    /// Holds what follows from `before` by each of `edits` against what is made as a whole; returns how many followed, and
    /// how many of their statements did.
    fn follow(before: &str, edits: &[(String, String)], memo: &Arc<Memo>) -> (usize, usize) {
        let mut followed = (0, 0);
        let product = |text: &str, made| Product::made_of(claims(text, memo).unwrap(), made, memo);
        let base = product(before, whole(&claims(before, memo).unwrap(), memo).unwrap());
        let said = claims(before, memo).unwrap().said();
        let made = base.creation().parts.as_ref().map(handed_on);
        let runs: Vec<Run> = base.creation().runs.iter().map(|run| handed_on(&**run)).collect();
        let runs: Vec<Arc<Run>> = runs.into_iter().map(Arc::new).collect();
        for (edit, text) in edits {
            let Some(claims) = claims(text, memo) else { continue };
            let base = Hardened { said: said.clone(), made: handed_on(base.made()) };
            let Some(follows) = base.follow(&claims, memo) else { continue };
            let whole = whole(&claims, memo).unwrap_or_else(|| panic!("more is to be said where {edit}"));
            let (after, all) = (&follows.made, &whole.made);
            assert_eq!((after.findings(), &after.places), (all.findings(), &all.places), "{edit}");
            assert_eq!((&after.model, after.rest), (&all.model, all.rest), "{edit}");
            assert!(after.tables.keys().eq(all.tables.keys()), "{edit}");
            for (name, hard) in &after.tables {
                let anew = Hard { table: hard.table.clone(), ..all.tables[name].clone() };
                assert_eq!(postcard::to_stdvec(hard), postcard::to_stdvec(&anew), "{name} where {edit}");
                assert_eq!(hard.detail.get(memo), all.tables[name].detail.get(memo), "{name} where {edit}");
            }
            let (follows, whole) = (product(text, follows), product(text, whole));
            let made = Creation { runs: runs.clone(), parts: made.clone() };
            if let Some(made) = made.follow(&follows) {
                assert!(!follows.is_whole(), "nothing was made but what followed, where {edit}");
                let anew = whole.creation();
                assert!(made.said().eq(anew.said()), "{edit}");
                assert_eq!(made.runs.len(), anew.runs.len(), "{edit}");
                for (run, anew) in made.runs.iter().zip(&anew.runs) {
                    assert_eq!(postcard::to_stdvec(run), postcard::to_stdvec(anew), "{edit}");
                    assert_eq!(follows.statements(run), whole.statements(anew), "{edit}");
                }
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
    fn what_is_to_be_said_about_tables_follows_with_them() {
        let cache = tempfile::tempdir().unwrap();
        let memo = Arc::new(Memo::open(cache.path(), ENGINE));
        let own = "CREATE FUNCTION has_role(role text) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$;\n";
        let project = |a: &str, b: &str, ty: &str| {
            format!(
                "//- forge.toml\n[project]\nname = \"p\"\n//- modules/m/module.toml\nstage = \"production\"\n\
                 //- modules/m/f.sql\n{own}//- modules/m/a.sql\n{a}\nCREATE TABLE a (id integer);\n\
                 //- modules/m/b.sql\nCREATE TABLE b (id integer {b}, x {ty});\n\
                 //- modules/m/c.toml\n[c.fields]\nid = {{ type = \"uuid\", primary_key = true }}\nx = \"{ty}\"\n\
                 [c.access]\nadmin = \"has_role('admin')\"\n"
            )
        };
        let base = project("", "", "text");
        let found = whole(&claims(&base, &memo).unwrap(), &memo).unwrap().made.findings();
        let codes: Vec<&str> = found.iter().map(|found| found.code.as_ref()).collect();
        assert_eq!(codes, ["own-function", "no-primary-key", "no-primary-key"]);
        let edits = [
            ("a line before", project("-- A comment.", "", "text")),
            ("a key", project("", "PRIMARY KEY", "text")),
            ("types", project("", "", "varchar(9)")),
        ];
        let edits = edits.map(|(edit, text)| (edit.to_owned(), text));
        assert_eq!(follow(&base, &edits, &memo).0, 3);
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
    fn what_is_no_table_stays_beside_an_edit() {
        let cache = tempfile::tempdir().unwrap();
        let memo = Arc::new(Memo::open(cache.path(), ENGINE));
        let project = |above: &str, ty: &str, x: &str, more: &str| {
            format!(
                "//- forge.toml\n[project]\nname = \"p\"\n\
                 //- busm/idle.toml\n[idle.fields]\nid = {{ type = \"uuid\", primary_key = true }}\n\
                 //- modules/m/module.toml\nstage = \"production\"\n\
                 //- modules/m/a.toml\n[a.fields]\nid = {{ type = \"uuid\", primary_key = true }}\nx = {{ type = \"{ty}\"{x} }}\n\
                 [a.access]\nadmin = \"has_role('admin')\"\n{more}\
                 //- modules/n/module.toml\nstage = \"production\"\n\
                 //- modules/n/n.sql\n{above}CREATE TABLE b (id serial PRIMARY KEY, y {ty});\n\
                 CREATE VIEW past AS SELECT x FROM a;\nCREATE VIEW useless AS SELECT id FROM idle;\n\
                 CREATE MATERIALIZED VIEW seen AS SELECT y FROM b;\nCREATE INDEX idx_a_x ON seen (y);\n\
                 GRANT SELECT ON past TO PUBLIC;\nGRANT SELECT ON b TO PUBLIC;\n"
            )
        };
        let base = project("", "text", "", "");
        let found = whole(&claims(&base, &memo).unwrap(), &memo).unwrap().made.findings();
        let codes: Vec<&str> = found.iter().map(|found| found.code.as_ref()).collect();
        assert_eq!(codes, ["view-left-out", "view-past-policies", "view-past-policies"]);
        let follows = |edit: &str, text: String| follow(&base, &[(edit.to_owned(), text)], &memo).0;
        assert_eq!(follows("a type, of what views read, too", project("", "varchar(9)", "", "")), 1);
        assert_eq!(follows("views stand elsewhere", project("-- A comment.\n\n", "text", "", "")), 1);
        assert_eq!(follows("both", project("-- A comment.\n\n", "varchar(9)", "", "")), 1);
        assert_eq!(follows("a field of what a view reads", project("", "text", " }\nz = { type = \"text\"", "")), 0);
        let beside = |more: &str| {
            let alone = format!("[alone.fields]\nid = {{ type = \"uuid\", primary_key = true }}\n{more}");
            project("", "text", "", &alone)
        };
        let more = beside("z = \"text\"\n");
        assert_eq!(follow(&beside(""), &[("a field of what none reads".to_owned(), more)], &memo).0, 1);
        assert_eq!(follows("an index of the name of another", project("", "text", ", index = true", "")), 0);
        let off = "[a.harden]\nrow_level_security = false\n";
        assert_eq!(follows("there are no policies any more", project("", "text", "", off)), 0);
    }

    #[test]
    fn what_gives_its_fields_to_another_is_made_with_it() {
        let cache = tempfile::tempdir().unwrap();
        let memo = Arc::new(Memo::open(cache.path(), ENGINE));
        let project = |x: &str, y: &str| {
            format!(
                "//- forge.toml\n[project]\nname = \"p\"\n\
                 //- modules/s/module.toml\nstage = \"production\"\n\
                 //- busm/e.toml\n[e.fields]\nid = {{ type = \"uuid\", primary_key = true }}\nx = {{ type = \"text\"{x} }}\n\
                 [f.fields]\nid = {{ type = \"uuid\", primary_key = true }}\ny = \"{y}\"\n\
                 //- modules/s/s.sql\nCREATE TABLE e (id uuid PRIMARY KEY);\nCREATE TABLE f (id uuid PRIMARY KEY);\n\
                 CREATE TABLE kid (extra integer) INHERITS (e);\n"
            )
        };
        let follows = |text: String| follow(&project("", "text"), &[("an edit".to_owned(), text)], &memo).0;
        assert_eq!(follows(project(", required = true", "text")), 0);
        assert_eq!(follows(project("", "varchar(9)")), 1, "beside them");
    }

    #[test]
    fn where_tables_decide_whether_others_agree_all_is_made() {
        let cache = tempfile::tempdir().unwrap();
        let memo = Arc::new(Memo::open(cache.path(), ENGINE));
        // The two views are one as long as both tables have nothing but `x`.
        let project = |n: &str| {
            let module = |name: &str, what: &str, more: &str| {
                format!(
                    "//- modules/{name}/module.toml\nstage = \"production\"\n//- modules/{name}/a.sql\n\
                     CREATE TABLE a (x integer PRIMARY KEY{more});\n\
                     CREATE VIEW v WITH (security_invoker = true) AS SELECT {what} FROM a;\n"
                )
            };
            format!("//- forge.toml\n[project]\nname = \"p\"\n{}{}", module("m", "x", ""), module("n", "*", n))
        };
        let codes = |text: &str| {
            let (found, hardened, _) = Hardened::whole(&claims(text, &memo).unwrap(), &memo);
            let codes: Vec<String> = found.iter().map(|found| found.code.to_string()).collect();
            (codes, hardened.made.tells_all(&found))
        };
        assert_eq!(codes(&project("")), (vec![], false));
        assert_eq!(codes(&project(", y integer")), (vec!["object-conflict".to_owned()], false));
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
