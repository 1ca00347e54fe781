//! Lowers a large folder again where few of its files are new, by what an earlier build has left of it.
//!
//! An entity is lowered from its node and from what the names mean that it asks for. So what a new file can change are its
//! own entities and those that asked for one of them. Where more than that may have changed (an entity came or went, a
//! mistake stands somewhere, SQL files are among them), the folder is lowered as a whole.
//!
//! What is left are digests: what an entity was lowered to is read when somebody asks for it ([`Stored`]). The same shows
//! what new files say before the folder follows them: [`Left::amended`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;
use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

use super::load::{self, Lowering};
use super::marks::{Marks, TableMark};
use super::partial::Files;
use crate::diagnostic::Span;
use crate::digest::Digest;
use crate::memo::stored::Stored;
use crate::memo::{Memo, Query};
use crate::model::id::ObjectId;
use crate::model::lower::Lowered;
use crate::model::lower::toml::{self as lower, Asked, Common, Piece, Scope};
use crate::model::name::{Name, Names};
use crate::model::table::Table;
use crate::model::{Model, Origins};
use crate::path::RepoPath;
use crate::syntax::toml::{EntityFile, EntityNode};

/// Folders with fewer files are lowered as a whole: it costs nothing.
pub const LARGE: usize = 64;
/// New files at which a folder is lowered as a whole.
const FEW: usize = 32;

/// What an entity is lowered to.
pub(super) const ENTITY: Query = Query { name: "entity", version: 1 };

/// A folder as a build has lowered it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Left {
    /// Its files.
    pub list: Arc<Vec<(RepoPath, Digest)>>,
    /// What it is known by.
    pub marks: Arc<Marks>,
    /// What was made of it.
    pub body: Body,
}

/// What was made of a folder.
#[derive(Clone, Serialize, Deserialize)]
pub struct Body {
    /// The business-wide model that was picked from.
    busm: Option<Digest>,
    /// What it says beside entities.
    pub rest: Arc<Model>,
    entities: BTreeMap<Name, Entity>,
}

/// An entity of it.
#[derive(Clone, Serialize, Deserialize)]
struct Entity {
    /// The file that declares it, by its place in the list, and its place among the entities of that.
    place: (usize, usize),
    /// The names of entities that it asked for.
    asked: Names,
    /// Whether it asked for something that all of the folder decides.
    everything: bool,
    /// What it was lowered to, and where that is written.
    said: Stored<(Table, Origins)>,
}

/// A large folder, as others pick from it.
pub struct Under {
    left: Arc<Left>,
    memo: Arc<Memo>,
}

/// A folder over which some of its files are saved anew.
pub struct Amended {
    /// What it said before.
    pub under: Arc<dyn Common + Send + Sync>,
    /// What it says now of the tables that this may change.
    pub tables: BTreeMap<Name, Table>,
    /// The entities that stand in the new files.
    pub touched: BTreeSet<Name>,
}

/// The files of a folder, some of them as they are saved anew.
struct Sheets<'a> {
    left: &'a Left,
    files: &'a Files,
    new: BTreeMap<usize, Arc<EntityFile>>,
}

impl Left {
    /// What is left of `files`, which were lowered over a business-wide model with these marks; none where it would not help.
    pub fn of(files: &Files, busm: Option<&Marks>, lowering: &Lowering, marks: &Arc<Marks>) -> Option<Left> {
        let Lowering { lowered, asked, files: read } = lowering;
        let is_toml = |(path, _): &(RepoPath, Digest)| path.extension() == Some("toml");
        let helps = files.list.len() >= LARGE
            && files.list.iter().all(is_toml)
            && lowered.diagnostics.is_empty()
            && read.len() == files.list.len();
        if !helps {
            return None;
        }
        let mut places = BTreeMap::new();
        for (at, file) in read.iter().enumerate() {
            places.extend(names(file).into_iter().enumerate().map(|(place, name)| (name, (at, place))));
        }
        let mut origins: BTreeMap<&Name, IndexMap<&ObjectId, &Span>> = BTreeMap::new();
        for (id, span) in lowered.origins.iter() {
            if let Some(name) = id.table() {
                origins.entry(name).or_default().insert(id, span);
            }
        }
        let none = IndexMap::new();
        let entity = |(name, table): (&Name, &Table)| {
            let said = Stored::new(ENTITY, &(table, origins.get(name).unwrap_or(&none)), &files.memo);
            let Asked { names, everything } = asked.get(name)?;
            let (place, asked) = (*places.get(name)?, names.iter().cloned().collect());
            Some((name.clone(), Entity { place, asked, everything: *everything, said }))
        };
        let body = Body {
            busm: busm.map(|busm| busm.model),
            rest: Arc::new(lowered.model.without_tables()),
            entities: lowered.model.tables.par_iter().map(entity).collect::<Option<_>>()?,
        };
        Some(Left { list: Arc::clone(&files.list), marks: Arc::clone(marks), body })
    }

    /// Whether `marks` are what it is known by.
    pub fn is_known_by(&self, marks: &Marks) -> bool {
        self.marks.model == marks.model
    }

    /// Whether it is what `files`, known by `marks`, say.
    pub fn is_of(&self, files: &Files, marks: &Marks) -> bool {
        self.is_known_by(marks) && self.list == files.list
    }

    /// All that it says; nothing when some of it is lost.
    pub fn lowered(&self, memo: &Memo) -> Option<Lowered> {
        let said: Vec<_> =
            self.body.entities.par_iter().map(|(_, entity)| entity.said.get(memo)).collect::<Option<_>>()?;
        let said = self.body.entities.keys().zip(said.into_iter().map(Arc::as_ref));
        Some(self.of_these(said))
    }

    /// What it says of some entities; nothing when some of that is lost.
    pub fn part(&self, names: &BTreeSet<Name>, memo: &Memo) -> Option<Lowered> {
        let named = names.iter().filter_map(|name| self.body.entities.get_key_value(name));
        let said: Vec<_> = named.map(|(name, entity)| Some((name, entity.said.get(memo)?))).collect::<Option<_>>()?;
        Some(self.of_these(said.into_iter().map(|(name, said)| (name, said.as_ref()))))
    }

    fn of_these<'s>(&self, said: impl Iterator<Item = (&'s Name, &'s (Table, Origins))>) -> Lowered {
        let mut lowered = Lowered { model: Model::clone(&self.body.rest), ..Lowered::default() };
        for (name, (table, origins)) in said {
            lowered.model.tables.insert(name.clone(), table.clone());
            lowered.origins.extend(origins.clone());
        }
        lowered
    }

    /// The table of an entity; nothing when there is none, or it is lost.
    pub fn table(&self, name: &Name, memo: &Memo) -> Option<&Table> {
        Some(&self.body.entities.get(name)?.said.get(memo)?.0)
    }

    /// Whether it has an entity of this name.
    pub fn has(&self, name: &Name) -> bool {
        self.body.entities.contains_key(name)
    }

    /// Notes that what it says is relied upon.
    pub fn touch(&self, memo: &Memo) {
        self.body.entities.values().for_each(|entity| entity.said.touch(memo));
    }

    /// What `files` say, over a business-wide model; `None` where the folder has to be lowered as a whole.
    pub fn follow(mut self, files: &Files, busm: Option<(&Marks, &dyn Common)>) -> Option<Left> {
        if self.body.busm != busm.map(|(marks, _)| marks.model) {
            return None;
        }
        let new = self.new_files(files)?;
        let sheets = self.sheets(new.into_iter().map(|place| (place, &files.list[place])), files)?;
        let touched = sheets.touched();
        let pieces = sheets.again(&touched, busm.map(|(_, model)| model))?;
        self.take(pieces, &files.memo);
        self.list = Arc::clone(&files.list);
        Some(self)
    }

    /// What the folder says now that the files at `saved` are others; `None` where that takes the whole of it.
    pub fn amended(self: &Arc<Left>, saved: &[RepoPath], files: &Files) -> Option<Amended> {
        if self.body.busm.is_some() {
            return None;
        }
        let place = |path: &RepoPath| self.list.binary_search_by(|(known, _)| known.cmp(path)).ok();
        let version = |path: &RepoPath| Some((place(path)?, (path.clone(), files.snapshot.digest(path).ok()?)));
        let new: Vec<_> = saved.iter().map(version).collect::<Option<_>>()?;
        let sheets = self.sheets(new.iter().map(|(place, file)| (*place, file)), files)?;
        let touched = sheets.touched();
        let pieces = sheets.again(&touched, None)?;
        let tables = pieces.into_iter().map(|(name, piece)| (name, piece.table)).collect();
        let under = Under { left: Arc::clone(self), memo: Arc::clone(&files.memo) };
        Some(Amended { under: Arc::new(under), tables, touched })
    }

    /// The places of the files that are new; `None` where more than that differs.
    fn new_files(&self, files: &Files) -> Option<Vec<usize>> {
        let same = self.list.len() == files.list.len();
        let pairs = || self.list.iter().zip(files.list.iter());
        let new: Vec<usize> =
            pairs().enumerate().filter(|(_, (was, is))| was.1 != is.1).map(|(place, _)| place).collect();
        (same && new.len() <= FEW && pairs().all(|(was, is)| was.0 == is.0)).then_some(new)
    }

    /// The files, with those that are `new`; `None` where these declare other entities, or something is wrong with them.
    fn sheets<'s>(
        &'s self,
        new: impl Iterator<Item = (usize, &'s (RepoPath, Digest))>,
        files: &'s Files,
    ) -> Option<Sheets<'s>> {
        let read = |(place, file): (usize, &(RepoPath, Digest))| {
            let file = load::parsed(file, files)?;
            let fits = self.declared(place) == names(&file) && file.whole && file.diagnostics.is_empty();
            fits.then_some((place, file))
        };
        Some(Sheets { left: self, files, new: new.map(read).collect::<Option<_>>()? })
    }

    /// The entities that the file at `place` declares, in their order.
    fn declared(&self, place: usize) -> Vec<Name> {
        let here = self.body.entities.iter().filter(|(_, entity)| entity.place.0 == place);
        let by_place: BTreeMap<usize, &Name> = here.map(|(name, entity)| (entity.place.1, name)).collect();
        by_place.into_values().cloned().collect()
    }

    /// Takes `pieces` in place of what was there of them.
    fn take(&mut self, pieces: Vec<(Name, Piece)>, memo: &Memo) {
        let marks = Arc::make_mut(&mut self.marks);
        for (name, piece) in pieces {
            marks.tables.insert(name.clone(), TableMark::of(&piece.table));
            if let Some(entity) = self.body.entities.get_mut(&name) {
                entity.said = Stored::new(ENTITY, &(piece.table, piece.origins), memo);
                entity.everything = piece.asked.everything;
                entity.asked = piece.asked.names.into_iter().collect();
            }
        }
        marks.seal();
    }
}

impl<'a> Sheets<'a> {
    /// The entities that stand in the new files.
    fn touched(&self) -> BTreeSet<Name> {
        self.new.values().flat_map(|file| names(file)).collect()
    }

    /// The file that declares the entity `name`, and its place there.
    fn sheet(&self, name: &Name) -> Option<(Arc<EntityFile>, usize)> {
        let (file, place) = self.left.body.entities.get(name)?.place;
        let sheet = match self.new.get(&file) {
            Some(new) => Arc::clone(new),
            None => load::parsed(&self.left.list[file], self.files)?,
        };
        Some((sheet, place))
    }

    /// The entities `touched`, lowered again, and those that asked for one of them; `None` when something is wrong.
    fn again(&self, touched: &BTreeSet<Name>, busm: Option<&dyn Common>) -> Option<Vec<(Name, Piece)>> {
        let asks = |entity: &Entity| entity.everything || !entity.asked.is_disjoint(touched);
        let entities = self.left.body.entities.iter();
        let again = entities.filter(|(name, entity)| touched.contains(*name) || asks(entity));
        again.map(|(name, entity)| Some((name.clone(), self.piece(name, &entity.asked, busm)?))).collect()
    }

    /// An entity, lowered among those that it asks for: by and large what it `asked` for before.
    fn piece(&self, name: &Name, asked: &Names, busm: Option<&dyn Common>) -> Option<Piece> {
        let nothing = Model::default();
        let mut near: BTreeSet<Name> = asked.iter().chain([name]).cloned().collect();
        loop {
            let known = |name: &Name| self.left.body.entities.contains_key(name);
            let sheets = near.iter().filter(|name| known(name)).map(|name| Some((name, self.sheet(name)?)));
            let sheets: Vec<(&Name, (Arc<EntityFile>, usize))> = sheets.collect::<Option<_>>()?;
            let nodes = sheets.iter().map(|(name, (file, place))| Some(((*name).clone(), file.entities.get(*place)?)));
            let nodes: BTreeMap<Name, &EntityNode> = nodes.collect::<Option<_>>()?;
            let piece = Scope::new(&nodes, &nothing, busm, true).piece(name, nodes.get(name)?);
            if piece.asked.names.is_subset(&near) {
                return piece.diagnostics.is_empty().then_some(piece);
            }
            let more = piece.asked.names;
            near.extend(more);
        }
    }
}

impl Common for Under {
    fn table(&self, name: &Name) -> Option<&Table> {
        self.left.table(name, &self.memo)
    }

    fn names(&self) -> Vec<&Name> {
        self.left.body.entities.keys().collect()
    }

    fn rest(&self) -> &Model {
        &self.left.body.rest
    }
}

impl Common for Amended {
    fn table(&self, name: &Name) -> Option<&Table> {
        self.tables.get(name).or_else(|| self.under.table(name))
    }

    fn names(&self) -> Vec<&Name> {
        self.under.names()
    }

    fn rest(&self) -> &Model {
        self.under.rest()
    }
}

fn names(file: &EntityFile) -> Vec<Name> {
    file.entities.iter().map(|node| lower::entity_name(&node.name.text)).collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::sync::Arc;

    use super::Left;
    use crate::build::ENGINE;
    use crate::build::load::Lowering;
    use crate::build::marks::Marks;
    use crate::build::partial::Files;
    use crate::memo::Memo;
    use crate::path::RepoPath;
    use crate::source::Snapshot;
    use crate::source::memory::Memory;

    /// A folder of 70 files; the entity of each but the first refers to that of the file before.
    fn folder(edit: impl Fn(usize, String) -> String, memo: &Arc<Memo>) -> Files {
        let mut text = String::new();
        for at in 0..70_usize {
            let key = match at {
                0 => "id = { type = \"integer\", primary_key = true }".to_owned(),
                _ => format!("id = {{ references = \"e{:02}.id\", primary_key = true }}", at - 1),
            };
            let file =
                format!("[e{at:02}.fields]\n{key}\nname = {{ type = \"text\", doc = \"What {at} is called.\" }}\n");
            writeln!(text, "//- busm/e{at:02}.toml\n{}", edit(at, file)).unwrap();
        }
        let files: Arc<dyn Snapshot> = Arc::new(Memory::parse(&text));
        let folder = RepoPath::new("busm").unwrap();
        Files::new(&folder, &files.files(&folder), &files, memo, &mut Vec::new())
    }

    fn whole(files: &Files) -> (Lowering, Arc<Marks>) {
        let lowering = crate::build::load::lower(files, None, &mut Vec::new());
        let marks = Arc::new(Marks::of(&lowering.lowered));
        (lowering, marks)
    }

    /// What is left of the folder, as another process finds it.
    fn left(files: &Files) -> Option<Left> {
        let (lowering, marks) = whole(files);
        let left = Left::of(files, None, &lowering, &marks)?;
        Some(postcard::from_bytes(&postcard::to_stdvec(&left).unwrap()).unwrap())
    }

    #[test]
    fn what_follows_is_what_the_whole_would_be() {
        let cache = tempfile::tempdir().unwrap();
        let memo = Arc::new(Memo::open(cache.path(), ENGINE));
        let mut left = left(&folder(|_, text| text, &memo)).unwrap();
        let replaced = |place: usize, old: &'static str, new: &'static str| {
            move |at: usize, text: String| if at == place { text.replace(old, new) } else { text }
        };
        let edits: [(usize, &str, &str); 5] = [
            (3, "text", "varchar(9)"),
            (0, "integer", "bigint"), // reaches all others by their references
            (5, "[e05", "# moves what stands below\n[e05"),
            (69, "called", "named"),
            (7, "name =", "title ="),
        ];
        for (place, old, new) in edits {
            let files = folder(replaced(place, old, new), &memo);
            left = left.follow(&files, None).unwrap_or_else(|| panic!("{new}"));
            let (lowering, marks) = whole(&files);
            assert_eq!((left.lowered(&memo), &left.marks), (Some(lowering.lowered.clone()), &marks), "{new}");
            let anew = Left::of(&files, None, &lowering, &marks).unwrap();
            assert_eq!(postcard::to_stdvec(&left), postcard::to_stdvec(&anew), "{new}");
            assert!(left.is_of(&files, &marks));
        }
    }

    #[test]
    fn what_may_reach_further_is_lowered_as_a_whole() {
        let cache = tempfile::tempdir().unwrap();
        let memo = Arc::new(Memo::open(cache.path(), ENGINE));
        for (old, new) in [("[e07", "[f07"), ("text", "texd"), ("\n", "\n[more.fields]\nid = \"text\"\n"), ("]", "")] {
            let before = left(&folder(|_, text| text, &memo)).unwrap();
            let after = folder(|at, text| if at == 7 { text.replacen(old, new, 1) } else { text }, &memo);
            assert!(before.follow(&after, None).is_none(), "{new}");
        }
        let small = folder(|_, text| text, &memo);
        let small = Files { list: Arc::new(small.list[..9].to_vec()), ..small };
        assert!(left(&small).is_none());
    }
}
