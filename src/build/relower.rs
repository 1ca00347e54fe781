//! Lowers a large folder again where few of its files are new, in a process that has lowered it before.
//!
//! An entity is lowered from its node and from what the names mean that it asks for. So what a new file can change are its
//! own entities and those that asked for one of them. Where more than that may have changed (an entity came or went, a
//! mistake stands somewhere, SQL files are among them), the folder is lowered as a whole.
//!
//! The same shows what new files say before the folder follows them: [`Left::amended`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::{IntoParallelRefIterator, ParallelIterator};

use super::load;
use super::partial::{Files, Marks, Partial, TableMark};
use crate::digest::Digest;
use crate::model::Model;
use crate::model::lower::Lowered;
use crate::model::lower::toml::{self as lower, Asked, Common, Piece, Scope};
use crate::model::name::Name;
use crate::model::table::Table;
use crate::path::RepoPath;
use crate::syntax::toml::{EntityFile, EntityNode};

/// Folders with fewer files are lowered as a whole: it costs nothing.
pub const LARGE: usize = 64;
/// New files at which a folder is lowered as a whole.
const FEW: usize = 32;

/// A folder as a build has lowered it.
pub struct Left {
    list: Arc<Vec<(RepoPath, Digest)>>,
    /// The business-wide model that was picked from.
    busm: Option<Digest>,
    /// What it says.
    pub lowered: Arc<Lowered>,
    /// What that is known by.
    pub marks: Arc<Marks>,
    /// What the files say, where each entity stands in them, and what it asked for, once that was needed.
    parsed: Vec<Arc<EntityFile>>,
    places: BTreeMap<Name, (usize, usize)>,
    asked: BTreeMap<Name, Asked>,
    /// The entities that asked for each name.
    askers: BTreeMap<Name, BTreeSet<Name>>,
    /// The entities that asked for something that everything decides.
    curious: BTreeSet<Name>,
}

/// A folder over which some of its files are saved anew.
pub struct Amended {
    /// What it said before.
    pub under: Arc<Lowered>,
    /// What it says now of the tables that this may change.
    pub tables: BTreeMap<Name, Table>,
    /// The entities that stand in the new files.
    pub touched: BTreeSet<Name>,
}

/// The files of a folder, some of them as they are saved anew.
struct Sheets<'a> {
    left: &'a Left,
    new: BTreeMap<usize, Arc<EntityFile>>,
}

impl Left {
    /// What is left of `files`, which were lowered over a business-wide model with these marks; none where it would not help.
    pub fn of(files: &Files, busm: Option<&Marks>, lowered: &Arc<Lowered>, marks: &Arc<Marks>) -> Option<Left> {
        let is_toml = |(path, _): &(RepoPath, Digest)| path.extension() == Some("toml");
        let helps = files.list.len() >= LARGE && files.list.iter().all(is_toml) && lowered.diagnostics.is_empty();
        helps.then(|| Left {
            list: files.list.clone(),
            busm: busm.map(|busm| busm.model),
            lowered: Arc::clone(lowered),
            marks: Arc::clone(marks),
            parsed: Vec::new(),
            places: BTreeMap::new(),
            asked: BTreeMap::new(),
            askers: BTreeMap::new(),
            curious: BTreeSet::new(),
        })
    }

    /// Whether `marks` are what it is known by.
    pub fn is_known_by(&self, marks: &Marks) -> bool {
        self.marks.model == marks.model
    }

    /// Whether it is what `files`, known by `marks`, say.
    pub fn is_of(&self, files: &Files, marks: &Marks) -> bool {
        self.is_known_by(marks) && self.list == files.list
    }

    /// What `files` say, over a business-wide model; `None` where the folder has to be lowered as a whole.
    pub fn follow(mut self, files: &Files, busm: Option<&Partial>) -> Option<Left> {
        if self.busm != busm.map(|busm| busm.marks().model) {
            return None;
        }
        let new = self.new_files(files)?;
        if self.parsed.is_empty() {
            self.open(files, busm)?;
        }
        let sheets = self.sheets(new.into_iter().map(|place| (place, &files.list[place])), files)?;
        let touched = sheets.touched();
        let pieces = sheets.again(&touched, busm.map(|busm| busm.model() as &dyn Common))?;
        let new = sheets.new;
        self.parsed.iter_mut().enumerate().for_each(|(place, file)| {
            if let Some(new) = new.get(&place) {
                file.clone_from(new);
            }
        });
        self.take(pieces);
        self.list.clone_from(&files.list);
        Some(self)
    }

    /// What the folder says now that the files at `saved` are others; `None` where that takes the whole of it.
    pub fn amended(&self, saved: &[RepoPath], files: &Files) -> Option<Amended> {
        if self.parsed.is_empty() || self.busm.is_some() {
            return None;
        }
        let place = |path: &RepoPath| self.list.binary_search_by(|(known, _)| known.cmp(path)).ok();
        let version = |path: &RepoPath| Some((place(path)?, (path.clone(), files.snapshot.digest(path).ok()?)));
        let new: Vec<_> = saved.iter().map(version).collect::<Option<_>>()?;
        let sheets = self.sheets(new.iter().map(|(place, file)| (*place, file)), files)?;
        let touched = sheets.touched();
        let pieces = sheets.again(&touched, None)?;
        let tables = pieces.into_iter().map(|(name, piece)| (name, piece.table)).collect();
        Some(Amended { under: Arc::clone(&self.lowered), tables, touched })
    }

    /// Reads all files, and asks each entity for what it asks.
    fn open(&mut self, files: &Files, busm: Option<&Partial>) -> Option<()> {
        self.parsed = self.list.par_iter().map(|file| load::parsed(file, files)).collect::<Option<_>>()?;
        for (at, file) in self.parsed.iter().enumerate() {
            self.places.extend(names(file).into_iter().enumerate().map(|(place, name)| (name, (at, place))));
        }
        let sheets = Sheets { left: self, new: BTreeMap::new() };
        let nodes = self.places.keys().filter_map(|name| Some((name.clone(), sheets.node(name)?))).collect();
        let nothing = Model::default();
        let scope = Scope::new(&nodes, &nothing, busm.map(|busm| busm.model() as &dyn Common), true);
        let asked: Vec<_> = nodes.iter().map(|(name, node)| (name.clone(), scope.piece(name, node).asked)).collect();
        asked.into_iter().for_each(|(name, asked)| self.note_asked(name, asked));
        Some(())
    }

    /// Notes what the entity `name` asks for now.
    fn note_asked(&mut self, name: Name, asked: Asked) {
        for gone in self.asked.get(&name).iter().flat_map(|before| before.names.difference(&asked.names)) {
            if let Some(askers) = self.askers.get_mut(gone) {
                askers.remove(&name);
            }
        }
        for other in &asked.names {
            self.askers.entry(other.clone()).or_default().insert(name.clone());
        }
        match asked.everything {
            true => self.curious.insert(name.clone()),
            false => self.curious.remove(&name),
        };
        self.asked.insert(name, asked);
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
    fn sheets<'f>(
        &self,
        new: impl Iterator<Item = (usize, &'f (RepoPath, Digest))>,
        files: &Files,
    ) -> Option<Sheets<'_>> {
        let read = |(place, file): (usize, &(RepoPath, Digest))| {
            let file = load::parsed(file, files)?;
            let fits = names(&self.parsed[place]) == names(&file) && file.whole && file.diagnostics.is_empty();
            fits.then_some((place, file))
        };
        Some(Sheets { left: self, new: new.map(read).collect::<Option<_>>()? })
    }

    /// Takes `pieces` in place of what was there of them.
    fn take(&mut self, pieces: Vec<(Name, Piece)>) {
        let again: BTreeSet<&Name> = pieces.iter().map(|(name, _)| name).collect();
        let (lowered, marks) = (Arc::make_mut(&mut self.lowered), Arc::make_mut(&mut self.marks));
        lowered.origins.retain(|id| id.table().is_none_or(|name| !again.contains(name)));
        let mut asked = Vec::new();
        for (name, piece) in pieces {
            marks.tables.insert(name.clone(), TableMark::of(&piece.table));
            lowered.model.tables.insert(name.clone(), piece.table);
            lowered.origins.extend(piece.origins);
            asked.push((name, piece.asked));
        }
        marks.seal();
        asked.into_iter().for_each(|(name, asked)| self.note_asked(name, asked));
    }
}

impl<'a> Sheets<'a> {
    /// The entities that stand in the new files.
    fn touched(&self) -> BTreeSet<Name> {
        self.new.values().flat_map(|file| names(file)).collect()
    }

    fn node(&self, name: &Name) -> Option<&EntityNode> {
        let (file, place) = *self.left.places.get(name)?;
        self.new.get(&file).unwrap_or(&self.left.parsed[file]).entities.get(place)
    }

    /// The entities `touched`, lowered again, and those that asked for one of them; `None` when something is wrong.
    fn again(&self, touched: &BTreeSet<Name>, busm: Option<&dyn Common>) -> Option<Vec<(Name, Piece)>> {
        let left = self.left;
        let askers = touched.iter().filter_map(|name| left.askers.get(name)).flatten();
        let again: BTreeSet<&Name> = touched.iter().chain(askers).chain(&left.curious).collect();
        let asked = again.into_iter().filter_map(|name| Some((name, left.asked.get(name)?)));
        asked.map(|(name, asked)| Some((name.clone(), self.piece(name, asked, busm)?))).collect()
    }

    /// An entity, lowered among those that it asks for: by and large what it `asked` for before.
    fn piece(&self, name: &Name, asked: &Asked, busm: Option<&dyn Common>) -> Option<Piece> {
        let nothing = Model::default();
        let mut near: BTreeSet<Name> = asked.names.clone();
        loop {
            let nodes = near.iter().filter_map(|name| Some((name.clone(), self.node(name)?))).collect();
            let piece = Scope::new(&nodes, &nothing, busm, true).piece(name, self.node(name)?);
            if piece.asked.names.is_subset(&near) {
                return piece.diagnostics.is_empty().then_some(piece);
            }
            near.extend(piece.asked.names);
        }
    }
}

impl Common for Amended {
    fn table(&self, name: &Name) -> Option<&Table> {
        self.tables.get(name).or_else(|| self.under.model.tables.get(name))
    }

    fn names(&self) -> Vec<&Name> {
        self.under.model.tables.keys().collect()
    }

    fn rest(&self) -> &Model {
        &self.under.model
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
    use crate::build::partial::{Files, Marks};
    use crate::memo::Memo;
    use crate::model::lower::Lowered;
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

    fn whole(files: &Files) -> (Arc<Lowered>, Arc<Marks>) {
        let lowered = Arc::new(crate::build::load::lower(files, None, &mut Vec::new()));
        let marks = Arc::new(Marks::of(&lowered));
        (lowered, marks)
    }

    fn left(files: &Files) -> Option<Left> {
        let (lowered, marks) = whole(files);
        Left::of(files, None, &lowered, &marks)
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
            let (lowered, marks) = whole(&files);
            assert_eq!((&left.lowered, &left.marks), (&lowered, &marks), "{new}");
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
