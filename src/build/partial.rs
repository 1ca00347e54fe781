//! The partial view of the data model that the schema files of one folder give, as far as somebody has asked for it.
//!
//! Most of a build asks for little: which tables there are, and whether anything is what it was. So a view is known by
//! its [`Marks`], which are small, and what it says in full is read from the cache, or lowered, when it is asked for.
//!
//! A module takes from the business-wide model what its tables have there and what they refer to. Only that is among
//! its inputs: an edit of one entity of the model leaves alone the modules that have nothing to do with it.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::load::{self, Lowering, is_schema};
use super::marks::Marks;
use super::relower::{LARGE, Left};
use crate::concept::Told;
use crate::diagnostic::Diagnostic;
use crate::digest::{self, Digest};
use crate::memo::{Key, Memo, Query};
use crate::model::lower::Lowered;
use crate::model::lower::toml::Common;
use crate::model::name::Name;
use crate::model::table::Table;
use crate::model::{Model, canonical};
use crate::path::RepoPath;
use crate::prototype::{self, Prototype};
use crate::source::Snapshot;

const LEFT: &str = "folder ";
pub(super) const LOWER: Query = Query { name: "lower", version: 5 };
pub(super) const FOLDER: Query = Query { name: "folder", version: 2 };
pub(super) const MARKS: Query = Query { name: "marks", version: 3 };
pub(super) const TAKES: Query = Query { name: "takes", version: 1 };
const STATE: Query = Query { name: "state", version: 2 };

/// The name under which a build leaves what it has lowered of `folder` for the next.
pub fn left_as(folder: &RepoPath) -> String {
    format!("{LEFT}{folder}")
}

/// Drops what builds have left of folders that are not among these.
pub fn forget_all_but(folders: &BTreeSet<RepoPath>, memo: &Memo) {
    memo.retain_left(|name| name.strip_prefix(LEFT).is_none_or(|folder| folders.contains(folder)));
}

/// What a view takes from the business-wide model.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Takes {
    /// All, as far as is known: something is wrong, and what there is decides what is said about it.
    All,
    /// What it has to say about these tables, and all that is no table.
    Of(BTreeSet<Name>),
}

impl Takes {
    fn of(marks: &Marks) -> Takes {
        if !marks.diagnostics.is_empty() {
            return Takes::All;
        }
        let names = marks.tables.iter().flat_map(|(name, mark)| std::iter::once(name).chain(&mark.refers));
        Takes::Of(names.cloned().collect())
    }

    fn inputs(&self, versions: Digest, busm: Option<&Marks>) -> Digest {
        match (busm, self) {
            (None, _) => digest::of("inputs", &versions),
            (Some(busm), Takes::All) => digest::of("inputs", &(versions, busm.model)),
            (Some(busm), Takes::Of(names)) => {
                let taken: Vec<_> =
                    names.iter().map(|name| (name, busm.tables.get(name).map(|mark| mark.digest))).collect();
                digest::of("inputs", &(versions, busm.rest, taken))
            }
        }
    }
}

/// What the schema files of one folder say.
pub struct Partial {
    files: Files,
    busm: Option<Arc<Partial>>,
    /// The digest of all that decides what it says, and where.
    pub inputs: Digest,
    marks: Arc<Marks>,
    /// A large folder, entity by entity.
    left: OnceLock<Option<Arc<Left>>>,
    lowered: OnceLock<Arc<Lowered>>,
    /// The digest of which files there are, and of those in SQL.
    frame: OnceLock<Digest>,
    /// What was written to after it was looked at, and before it was read.
    torn: OnceLock<Vec<Diagnostic>>,
}

impl Common for Partial {
    fn table(&self, name: &Name) -> Option<&Table> {
        let left = self.left().filter(|_| !self.is_lowered());
        let is_there = left.is_none_or(|left| left.has(name));
        let read = || left?.table(name, &self.files.memo);
        is_there.then(|| read().or_else(|| self.model().tables.get(name))).flatten()
    }

    fn names(&self) -> Vec<&Name> {
        self.marks.tables.keys().collect()
    }

    fn rest(&self) -> &Model {
        let left = self.left().filter(|_| !self.is_lowered());
        left.map_or_else(|| self.model(), |left| &left.body.rest)
    }
}

impl Told for Partial {
    fn model(&self) -> &Model {
        Partial::model(self)
    }

    fn outline(&self) -> Vec<(&Name, Vec<&Name>)> {
        self.marks.tables.iter().map(|(name, mark)| (name, mark.refers.iter().collect())).collect()
    }
}

/// A view as a build leaves it.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    folder: RepoPath,
    list: Arc<Vec<(RepoPath, Digest)>>,
    inputs: Digest,
    /// What it is known by.
    pub marks: Arc<Marks>,
    /// Under which the memo has it.
    keys: [Key; 2],
}

/// Where a view comes from.
#[derive(Clone)]
pub struct Files {
    /// The folder that they lie in.
    pub folder: RepoPath,
    /// The schema files.
    pub list: Arc<Vec<(RepoPath, Digest)>>,
    /// Where they are read.
    pub snapshot: Arc<dyn Snapshot>,
    /// What is remembered of them.
    pub memo: Arc<Memo>,
}

impl Kept {
    /// The folder.
    pub fn folder(&self) -> &RepoPath {
        &self.folder
    }

    /// The schema files that it was made of.
    pub fn list(&self) -> &Arc<Vec<(RepoPath, Digest)>> {
        &self.list
    }
}

impl Files {
    /// The schema files among `paths`, of this folder; those that cannot be read are reported.
    pub fn new(
        folder: &RepoPath,
        paths: &[RepoPath],
        snapshot: &Arc<dyn Snapshot>,
        memo: &Arc<Memo>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Files {
        let mut list = Vec::new();
        for path in paths.iter().filter(|path| is_schema(path)) {
            match snapshot.digest(path) {
                Ok(digest) => list.push((path.clone(), digest)),
                Err(error) => diagnostics.push(error.diagnostic()),
            }
        }
        Files { list: Arc::new(list), ..Files::none(snapshot, memo) }.in_folder(folder)
    }

    /// No files.
    pub fn none(snapshot: &Arc<dyn Snapshot>, memo: &Arc<Memo>) -> Files {
        let (folder, list) = (RepoPath::root(), Arc::default());
        Files { folder, list, snapshot: Arc::clone(snapshot), memo: Arc::clone(memo) }
    }

    fn in_folder(self, folder: &RepoPath) -> Files {
        Files { folder: folder.clone(), ..self }
    }

    /// The same schema files as a view had, of which these were `saved`; `None` where one of them was not among these.
    pub fn again(kept: &Kept, saved: &[RepoPath], snapshot: &Arc<dyn Snapshot>, memo: &Arc<Memo>) -> Option<Files> {
        let mut list = Arc::clone(&kept.list);
        for path in saved {
            let place = list.binary_search_by(|(known, _)| known.cmp(path)).ok()?;
            Arc::make_mut(&mut list)[place].1 = snapshot.digest(path).ok()?;
        }
        Some(Files { list, ..Files::none(snapshot, memo) }.in_folder(&kept.folder))
    }

    /// The name under which a build leaves them for the next.
    fn left_as(&self) -> String {
        left_as(&self.folder)
    }

    /// What a build has left of the folder, which follows what its files say now.
    fn follow(&self, busm: Option<&Partial>) -> Option<Arc<Left>> {
        let left = Arc::unwrap_or_clone(self.memo.take_left::<Left>(&self.left_as())?);
        let busm = busm.map(|busm| (busm.marks(), busm as &dyn Common));
        let left = left.follow(self, busm).filter(|_| !self.memo.has_lost()).map(Arc::new)?;
        self.memo.leave(&self.left_as(), Arc::clone(&left));
        Some(left)
    }

    /// What they say, and what of them could not be read: what a file that is just being written made of it must not be
    /// remembered for what it held before.
    fn lower(&self, busm: Option<&Partial>) -> (Lowering, Vec<Diagnostic>) {
        self.memo.ran(LOWER, self.folder.as_str());
        let mut unread = Vec::new();
        let mut lowering = load::lower(self, busm.map(|busm| busm as &dyn Common), &mut unread);
        lowering.lowered.diagnostics.extend(unread.iter().cloned());
        (lowering, unread)
    }

    /// Remembers what they say, known by `marks`, under `inputs`: of a large folder, entity by entity.
    fn remember(&self, lowering: Lowering, inputs: Digest, marks: &Arc<Marks>, busm: Option<&Partial>) -> Arc<Lowered> {
        let left = Left::of(self, busm.map(Partial::marks), &lowering, marks).map(Arc::new);
        let lowered = Arc::new(lowering.lowered);
        match left {
            Some(left) => {
                self.memo.begin_anew();
                self.memo.put(self.memo.key(FOLDER, inputs), &*left);
                self.memo.leave(&self.left_as(), left);
            }
            None => self.memo.hold(self.memo.key(LOWER, inputs), Arc::clone(&lowered)),
        }
        lowered
    }
}

impl Partial {
    /// What `files` say, picking from `busm`.
    pub fn new(files: Files, busm: Option<Arc<Partial>>) -> Partial {
        let memo = &files.memo;
        let versions = digest::of("versions", &*files.list);
        let above = busm.as_deref().map(Partial::marks);
        let takes = memo.key(TAKES, versions);
        if let Some(inputs) = memo.held::<Takes>(takes).map(|takes| takes.inputs(versions, above))
            && let Some(marks) = memo.held::<Marks>(memo.key(MARKS, inputs))
        {
            memo.hit(LOWER);
            if memo.left::<Left>(&files.left_as()).is_some_and(|left| !left.is_of(&files, &marks)) {
                files.follow(busm.as_deref());
            }
            return Partial::known(files, busm, inputs, marks);
        }
        let followed = files.follow(busm.as_deref());
        let (lowering, marks, is_whole) = match &followed {
            Some(left) => (None, Arc::clone(&left.marks), true),
            None => {
                let (lowering, unread) = files.lower(busm.as_deref());
                let marks = Arc::new(Marks::of(&lowering.lowered));
                (Some(lowering), marks, unread.is_empty())
            }
        };
        let taken = Takes::of(&marks);
        let inputs = taken.inputs(versions, above);
        let (taken, as_marks) = (Arc::new(taken), memo.key(MARKS, inputs));
        if followed.is_some() && busm.is_none() {
            // It is long, and follows again where another process needs it.
            memo.hold_here(takes, taken);
            memo.hold_here(as_marks, Arc::clone(&marks));
        } else if is_whole {
            memo.hold(takes, taken);
            memo.hold(as_marks, Arc::clone(&marks));
        }
        let lowered = lowering.map(|lowering| match is_whole {
            true => files.remember(lowering, inputs, &marks, busm.as_deref()),
            false => Arc::new(lowering.lowered),
        });
        let lowered = lowered.map(OnceLock::from).unwrap_or_default();
        Partial { lowered, ..Partial::known(files, busm, inputs, marks) }
    }

    /// The view of `files` that is known by `marks`; nobody has asked for more.
    fn known(files: Files, busm: Option<Arc<Partial>>, inputs: Digest, marks: Arc<Marks>) -> Partial {
        let (left, lowered, frame, torn) = Default::default();
        Partial { files, busm, inputs, marks, left, lowered, frame, torn }
    }

    /// A view as it was `kept`, of the same files, over a business-wide model in which these tables are other than they were;
    /// `None` where that matters to it.
    pub fn again(kept: &Kept, files: Files, busm: Option<Arc<Partial>>, changed: &BTreeSet<Name>) -> Option<Partial> {
        let takes = |name: &Name| {
            let tables = &kept.marks.tables;
            tables.contains_key(name) || tables.values().any(|mark| mark.refers.contains(name))
        };
        let takes_all = !changed.is_empty() && !kept.marks.diagnostics.is_empty();
        if takes_all || changed.iter().any(takes) {
            return None;
        }
        files.memo.hit(LOWER);
        kept.keys.iter().for_each(|key| files.memo.touch(*key));
        Some(Partial::known(files, busm, kept.inputs, Arc::clone(&kept.marks)))
    }

    /// What the next build begins with.
    pub fn kept(&self) -> Kept {
        let memo = &self.files.memo;
        let keys = [memo.key(TAKES, digest::of("versions", &*self.files.list)), memo.key(MARKS, self.inputs)];
        let (list, marks) = (Arc::clone(&self.files.list), Arc::clone(&self.marks));
        Kept { folder: self.files.folder.clone(), list, inputs: self.inputs, marks, keys }
    }

    /// A view that says what is `lowered`, wherever that comes from, beside this business-wide model.
    pub fn saying(lowered: Lowered, files: Files, busm: Option<Arc<Partial>>) -> Partial {
        let (marks, inputs) = (Arc::new(Marks::of(&lowered)), digest::of("inputs", &*files.list));
        let (left, lowered) = (OnceLock::from(None), OnceLock::from(Arc::new(lowered)));
        Partial { left, lowered, ..Partial::known(files, busm, inputs, marks) }
    }

    /// The folder that it is the view of.
    pub fn folder(&self) -> &RepoPath {
        &self.files.folder
    }

    /// The digest of what decides that something is first said in the file at `path`, and where; `None` where that is none of
    /// its files. A file before it may come to say the same: where that is SQL, or new.
    pub fn place(&self, path: &RepoPath) -> Option<Digest> {
        let Files { folder, list, .. } = &self.files;
        let place = path.is_below(folder).then(|| list.binary_search_by(|(known, _)| known.cmp(path)).ok())??;
        let frame = self.frame.get_or_init(|| {
            let version = |path: &RepoPath, version| (path.extension() == Some("sql")).then_some(version);
            digest::of("frame", &list.iter().map(|(path, known)| (path, version(path, *known))).collect::<Vec<_>>())
        });
        Some(digest::of("place", &(list[place].1, frame)))
    }

    /// What it is known by.
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// As [`Partial::marks`], to be kept.
    pub fn marks_kept(&self) -> Arc<Marks> {
        Arc::clone(&self.marks)
    }

    /// Whether somebody has asked for what it says in full.
    pub fn is_lowered(&self) -> bool {
        self.lowered.get().is_some()
    }

    /// What it says in full.
    pub fn lowered(&self) -> &Lowered {
        self.all()
    }

    fn all(&self) -> &Arc<Lowered> {
        if let Some(lowered) = self.lowered.get() {
            return lowered;
        }
        // Outside of the cell: what is made there must not wait for other work.
        let memo = &self.files.memo;
        let known = match self.left() {
            Some(left) => left.lowered(memo).map(Arc::new),
            None => memo.held(memo.key(LOWER, self.inputs)),
        };
        let lowered = known.unwrap_or_else(|| {
            let (lowering, unread) = self.files.lower(self.busm.as_deref());
            if unread.is_empty() {
                return self.files.remember(lowering, self.inputs, &self.marks, self.busm.as_deref());
            }
            let _ = self.torn.set(unread);
            Arc::new(lowering.lowered)
        });
        self.lowered.get_or_init(|| lowered)
    }

    /// A large folder, entity by entity: as this process has it, or as an earlier one has left it.
    fn left(&self) -> Option<&Left> {
        let read = || {
            let Files { list, memo, .. } = &self.files;
            let here = || memo.left::<Left>(&self.files.left_as()).filter(|left| left.is_of(&self.files, &self.marks));
            let there = || {
                let left = Arc::new(memo.get::<Left>(memo.key(FOLDER, self.inputs))?);
                memo.leave(&self.files.left_as(), Arc::clone(&left));
                Some(left)
            };
            if list.len() < LARGE { None } else { here().or_else(there) }
        };
        self.left.get_or_init(read).as_deref()
    }

    /// What could not be read any more when it was asked for what it says in full: that is then no more than there was to be
    /// read, and nothing may be made of it.
    pub fn torn(&self) -> &[Diagnostic] {
        self.torn.get().map_or(&[], Vec::as_slice)
    }

    /// What it says of some entities, and where it is small, of others.
    pub fn part(&self, entities: &BTreeSet<Name>) -> Arc<Lowered> {
        let left = self.left().filter(|_| !self.is_lowered());
        let part = left.and_then(|left| left.part(entities, &self.files.memo)).map(Arc::new);
        part.unwrap_or_else(|| Arc::clone(self.all()))
    }

    /// What it describes.
    pub fn model(&self) -> &Model {
        &self.lowered().model
    }

    /// The state of its prototype.
    pub fn prototype_state(&self) -> Digest {
        let memo = &self.files.memo;
        let key = memo.key(STATE, self.prototype_basis());
        *memo.share(key, || canonical::state(&self.prototype().model))
    }

    /// Its prototype.
    pub fn prototype(&self) -> Prototype {
        match &self.busm {
            Some(busm) => prototype::minimal(self.model(), busm.rest()),
            None => prototype::minimal(self.model(), &Model::default()),
        }
    }

    /// The digest of what its prototype is made from.
    pub fn prototype_basis(&self) -> Digest {
        digest::of("prototype", &(self.marks.model, self.busm.as_ref().map(|busm| busm.marks.rest)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Files, MARKS, Partial, TAKES, Takes};
    use crate::build::ENGINE;
    use crate::diagnostic::Diagnostic;
    use crate::digest::{self, Digest};
    use crate::memo::Memo;
    use crate::path::RepoPath;
    use crate::source::memory::Memory;
    use crate::source::{Snapshot, SourceError};

    /// A snapshot whose SQL files are written to before they are read.
    struct Torn(Memory);

    impl Snapshot for Torn {
        fn files(&self, folder: &RepoPath) -> Vec<RepoPath> {
            self.0.files(folder)
        }

        fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, SourceError> {
            if path.extension() == Some("sql") { Err(SourceError::Changed(path.clone())) } else { self.0.read(path) }
        }

        fn digest(&self, path: &RepoPath) -> Result<Digest, SourceError> {
            self.0.digest(path)
        }

        fn findings(&self) -> &[Diagnostic] {
            self.0.findings()
        }

        fn tree(&self, folder: &RepoPath) -> Result<Digest, SourceError> {
            self.0.tree(folder)
        }
    }

    #[test]
    fn what_cannot_be_read_again_is_said() {
        let text = "//- m/a.sql\nCREATE TABLE a (id integer PRIMARY KEY);\n";
        let (cache, folder) = (tempfile::tempdir().unwrap(), RepoPath::new("m").unwrap());
        let view = |snapshot: Arc<dyn Snapshot>, memo: &Arc<Memo>| {
            let files = Files::new(&folder, &snapshot.files(&folder), &snapshot, memo, &mut Vec::new());
            Partial::new(files, None)
        };
        let [memo, other] = ["memo", "other"].map(|name| Arc::new(Memo::open(cache.path().join(name), ENGINE)));
        let whole = view(Arc::new(Memory::parse(text)), &memo);
        assert_eq!((whole.model().tables.len(), whole.torn()), (1, &[][..]));
        // Another memo has what the view is known by, and not what it says.
        let versions = digest::of("versions", &*whole.files.list);
        other.hold(other.key(TAKES, versions), memo.held::<Takes>(memo.key(TAKES, versions)).unwrap());
        other.hold(other.key(MARKS, whole.inputs), whole.marks_kept());
        let torn = view(Arc::new(Torn(Memory::parse(text))), &other);
        assert_eq!((torn.marks(), torn.torn()), (whole.marks(), &[][..]), "nobody has asked for more");
        assert_eq!(torn.model().tables.len(), 0);
        assert_eq!(torn.torn().iter().map(|found| found.code.as_ref()).collect::<Vec<_>>(), ["file-changed"]);
    }

    #[test]
    fn what_could_not_be_read_is_not_remembered() {
        let text = "//- m/a.sql\nCREATE TABLE a (id integer PRIMARY KEY);\n//- m/b.toml\n[b.fields]\nid = \"uuid\"\n";
        let (cache, folder) = (tempfile::tempdir().unwrap(), RepoPath::new("m").unwrap());
        let view = |snapshot: Arc<dyn Snapshot>| {
            let memo = Arc::new(Memo::open(cache.path(), ENGINE));
            let files = Files::new(&folder, &snapshot.files(&folder), &snapshot, &memo, &mut Vec::new());
            let view = Partial::new(files, None);
            memo.commit();
            (view.marks().diagnostics.len(), view.model().tables.len())
        };
        assert_eq!(view(Arc::new(Torn(Memory::parse(text)))), (1, 1));
        assert_eq!(view(Arc::new(Memory::parse(text))), (0, 2), "the same files, whole");
        assert_eq!(view(Arc::new(Torn(Memory::parse(text)))), (0, 2), "and what they said then is known");
    }
}
