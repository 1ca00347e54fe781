//! The log: every iteration of every module, as far as the mainline goes, and how it is kept for the next run.
//!
//! What only grows with the mainline, the iterations and their commits, stands in one file, the *book*, which a new
//! commit makes longer by no more than itself. What was so at one commit, how far each module had come, is a *page*: a small
//! file for each commit that a run reached, so that a branch with an older base finds its own. A page says how much
//! of the book it stands on. With more commits a log is continued, not made anew. A *note* says what the last run told:
//! where branches point to the same, that is told again, and where the mainline went on by a few commits, these are all that
//! is looked at.
//!
//! Both are told apart by what they were made from: forge's version, the hints of `forge.toml`.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::source::Source;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::disk::ledger::{Before, Ledger, gather};
use crate::disk::place::make_own;
use crate::disk::{atomic, frame};
use crate::prototype::follow::{Chains, Iteration};
use crate::source::git::{Id, Meta, Tips};
use crate::source::history::{Mark, Step};

const BOOK: &str = "forge log book 1\n";
const PAGE: &str = "forge log page 2\n";
const NOTE: &str = "forge log note 1\n";
/// How many pages are kept for one project: for branches that are switched between.
const KEPT: usize = 8;

/// Every iteration of the mainline.
#[derive(Debug, Default)]
pub struct Log {
    /// The last step that was looked at, with all modules that there are; none when there is none.
    pub last: Option<Step>,
    /// How far each module has come.
    pub chains: Chains<Source>,
    /// The commits that are iterations, oldest first.
    pub commits: Vec<Commit>,
    /// The iterations, in the order of their commits, then of their modules' names.
    pub entries: Vec<Entry>,
    /// Versions that hold mistakes.
    pub broken: Vec<Broken>,
    /// The hints that were meant for an edge, by their places in `forge.toml`.
    pub taken: Vec<usize>,
    /// Modules in which a link leads out of their folders.
    pub open: Vec<String>,
    /// Modules whose last version holds a mistake.
    pub unread: BTreeSet<String>,
    /// What the book holds, which may be more, or another line's.
    filed: Option<Filed>,
}

/// A book's file, and the commits in it.
#[derive(Debug)]
struct Filed {
    ledger: Ledger,
    commits: Vec<Id>,
}

/// A chapter of a book: what follows a commit.
#[derive(Serialize, Deserialize)]
struct Chapter<C, E> {
    after: Option<Id>,
    commits: C,
    entries: E,
}

/// What was so at one commit; with how many commits and entries of the book, and the last of these commits.
type Page = (Option<Step>, Chains<Source>, Vec<Broken>, Vec<usize>, Vec<String>, BTreeSet<String>, Stand);

/// What the last run noted.
#[derive(Serialize, Deserialize)]
pub struct Note {
    made_from: Digest,
    /// What branches pointed to.
    pub tips: Tips,
    /// The newest commit of the mainline that `HEAD` contained.
    pub base: Mark,
    /// The last commit of the log, which was that of the base.
    at: Id,
}

/// How much of a book a page stands on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Stand {
    commits: usize,
    entries: usize,
    last: Option<Id>,
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Commit {
    /// Its id.
    pub id: Id,
    /// Who made it, when, and why.
    pub meta: Meta,
}

/// An iteration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its commit, by its place in the log.
    pub commit: usize,
    /// The step.
    pub step: Iteration<Source>,
    /// The edge's id.
    pub edge: Digest,
    /// What it does, in a line.
    pub short: String,
    /// What is wrong with hints for it, renames that were probably meant.
    pub diagnostics: Vec<Diagnostic>,
}

/// A version that holds a mistake.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Broken {
    /// The commit.
    pub commit: Id,
    /// Its subject.
    pub subject: String,
    /// The module.
    pub module: String,
    /// The first mistake.
    pub message: String,
}

impl Log {
    /// The iterations of one chain, oldest first.
    pub fn chain(&self, id: u32) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.step.chain == id)
    }

    /// The last commit that was looked at.
    pub fn at(&self) -> Option<Id> {
        self.last.as_ref().map(|step| step.commit)
    }

    /// How much of a book the log is.
    fn stand(&self) -> Stand {
        let last = self.commits.last().map(|commit| commit.id);
        Stand { commits: self.commits.len(), entries: self.entries.len(), last }
    }
}

/// The logs of a project that were made from the same.
pub struct Shelf {
    folder: PathBuf,
    made_from: Digest,
}

impl Shelf {
    /// The logs that lie in `folder` and were made from this.
    pub fn new(folder: PathBuf, made_from: Digest) -> Shelf {
        Shelf { folder, made_from }
    }

    /// The book as earlier runs left it.
    pub fn book(&self) -> Book {
        Book::read(self.book_path())
    }

    /// The log that reaches the latest of `commits`, of those that earlier runs left, and how many of them it has seen.
    pub fn latest(&self, book: Book, commits: impl DoubleEndedIterator<Item = (usize, Id)>) -> (usize, Log) {
        let pages = self.pages();
        let mut known = commits.rev().filter(|(_, id)| pages.contains(&self.name(*id)));
        let page = known.find_map(|(done, id)| Some((done, self.page(id, &book)?)));
        let (done, page) = page.unwrap_or_default();
        (done, book.log(page))
    }

    /// What the last run noted about the same.
    pub fn note(&self) -> Option<Note> {
        let note: Note = frame::decode(NOTE, &fs::read(self.note_path()).ok()?)?;
        (note.made_from == self.made_from).then_some(note)
    }

    /// The log that a note is about.
    pub fn noted(&self, note: &Note, book: Book) -> Option<Log> {
        let page = self.page(note.at, &book)?;
        Some(book.log(page))
    }

    /// Notes that `log` is that of `tips`, whose base is `base`.
    pub fn note_down(&self, log: &Log, tips: &Tips, base: Mark) {
        if let Some(at) = log.at() {
            let note = Note { made_from: self.made_from, tips: tips.clone(), base, at };
            let _ = atomic::replace(&self.note_path(), &frame::encode(NOTE, &note));
        }
    }

    /// Keeps a log for later runs. Without it they take longer, and tell the same.
    pub fn save(&self, log: &mut Log) {
        let (Some(at), Some(filed)) = (log.at(), log.filed.take()) else { return };
        if make_own(&self.folder).is_ok() && filed.add(log).is_ok() {
            let stand = log.stand();
            let page = (&log.last, &log.chains, &log.broken, &log.taken, &log.open, &log.unread, stand);
            let _ = atomic::replace(&self.folder.join(self.name(at)), &frame::encode(PAGE, &page));
            self.prune();
        }
    }

    /// The page of a commit, when there is one that stands on `book`.
    fn page(&self, at: Id, book: &Book) -> Option<Page> {
        let page: Page = frame::decode(PAGE, &fs::read(self.folder.join(self.name(at))).ok()?)?;
        let (last, .., stand) = &page;
        (last.as_ref().is_some_and(|last| last.commit == at) && book.has(*stand)).then_some(page)
    }

    fn note_path(&self) -> PathBuf {
        self.folder.with_extension("note")
    }

    fn book_path(&self) -> PathBuf {
        self.folder.join(format!("{}.book", self.made_from.short()))
    }

    fn name(&self, at: Id) -> String {
        format!("{}-{}", self.made_from.short(), at.short())
    }

    /// The names of the pages that there are.
    fn pages(&self) -> BTreeSet<String> {
        let files = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        files.filter_map(|file| file.file_name().into_string().ok()).filter(|name| name.contains('-')).collect()
    }

    /// Removes the pages that were written longest ago, but for a few, and the books that no page stands on.
    fn prune(&self) {
        let mut pages: Vec<(_, String)> = Vec::new();
        for name in self.pages() {
            let written = fs::metadata(self.folder.join(&name)).and_then(|meta| meta.modified());
            pages.extend(written.ok().map(|written| (written, name)));
        }
        pages.sort();
        let (old, kept) = pages.split_at(pages.len().saturating_sub(KEPT));
        for (_, name) in old {
            let _ = fs::remove_file(self.folder.join(name));
        }
        let in_use = |book: &str| kept.iter().any(|(_, name)| name.split('-').next() == Some(book));
        for file in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let path = file.path();
            let of_book = path.extension().is_some_and(|extension| extension == "book" || extension == "lock");
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            if of_book && !stem.is_some_and(in_use) {
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// A book as it was read.
pub struct Book {
    commits: Vec<Commit>,
    entries: Vec<Entry>,
    ledger: Ledger,
}

impl Book {
    fn read(path: PathBuf) -> Book {
        let (mut commits, mut entries): (Vec<Commit>, Vec<Entry>) = Default::default();
        let ledger = Ledger::read(path, BOOK, |part: Chapter<Vec<Commit>, Vec<Entry>>| {
            let follows = part.after == commits.last().map(|last| last.id);
            if follows {
                gather(&mut commits, part.commits);
                gather(&mut entries, part.entries);
            }
            follows
        });
        Book { commits, entries, ledger }
    }

    /// Whether a page's part of it is here; a commit's id stands for all that comes before.
    fn has(&self, stand: Stand) -> bool {
        let last = stand.commits.checked_sub(1).map(|last| self.commits.get(last).map(|commit| commit.id));
        self.entries.len() >= stand.entries && last.unwrap_or_default() == stand.last
    }

    /// The log that a page tells with it.
    fn log(self, page: Page) -> Log {
        let (last, chains, broken, taken, open, unread, stand) = page;
        let Book { mut commits, mut entries, ledger } = self;
        let filed = Some(Filed { ledger, commits: commits.iter().map(|commit| commit.id).collect() });
        commits.truncate(stand.commits);
        entries.truncate(stand.entries);
        Log { last, chains, commits, entries, broken, taken, open, unread, filed }
    }
}

impl Filed {
    /// Makes the book hold a log: adds what it lacks, or where it is of another line, begins anew.
    fn add(mut self, log: &Log) -> std::io::Result<()> {
        let is_here = |place: usize| log.commits.get(place).map(|commit| commit.id) == self.commits.get(place).copied();
        let (length, filed) = (log.commits.len(), self.commits.len());
        if length <= filed && length.checked_sub(1).is_none_or(is_here) {
            return Ok(());
        }
        if !filed.checked_sub(1).is_none_or(is_here) {
            self.ledger.forget();
        }
        self.ledger.add(|before| {
            let first = if before == Before::Nothing { 0 } else { filed };
            let after = first.checked_sub(1).map(|last| log.commits[last].id);
            let entries = log.entries.partition_point(|entry| entry.commit < first);
            Chapter { after, commits: &log.commits[first..], entries: &log.entries[entries..] }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{Commit, Entry, Log, Shelf};
    use crate::digest;
    use crate::path::RepoPath;
    use crate::prototype::follow::{Iteration, nothing};
    use crate::source::git::{Id, Meta};
    use crate::source::history::{Folders, Step};

    fn shelf(folder: &Path) -> Shelf {
        Shelf::new(folder.join("logs"), digest::bytes(b"made from"))
    }

    /// The id of a commit: a line's name, and a number on it.
    fn id(line: u8, number: usize) -> Id {
        let mut bytes = [line; 20];
        bytes[1] = number as u8;
        Id::new(&bytes).unwrap()
    }

    /// A step of which nothing matters but its commit.
    fn step(commit: Id) -> Step {
        let meta = Meta {
            author: Default::default(),
            authored: Default::default(),
            committed: Default::default(),
            subject: String::new(),
        };
        let folders = Folders::new(RepoPath::root(), RepoPath::root());
        let (project, settings, busm, modules) = (None, None, None, Vec::new());
        Step { at: 0, commit, meta, project, settings, folders, busm, has_modules: true, modules }
    }

    /// Takes the log on to the commit `to` of a line, each of which is an iteration.
    fn go_on(log: &mut Log, line: u8, to: usize) {
        for number in log.commits.len()..to {
            let meta = step(id(line, number)).meta;
            log.commits.push(Commit { id: id(line, number), meta });
            let state = nothing();
            let (from, to) = (None, None);
            let step =
                Iteration { chain: 1, module: "m".into(), number: 0, from_state: state, to_state: state, from, to };
            let short = format!("{line} {number}");
            log.entries.push(Entry { commit: number, step, edge: state, short, diagnostics: Vec::new() });
        }
        log.last = Some(step(id(line, to - 1)));
    }

    /// What is told of the log that reaches the first commits of a line, and how many of them were known.
    fn run(shelf: &Shelf, line: u8, to: usize) -> (usize, Vec<String>) {
        let (done, mut log) = shelf.latest(shelf.book(), (0..to).map(|number| (number + 1, id(line, number))));
        go_on(&mut log, line, to);
        if done < to {
            shelf.save(&mut log);
        }
        (done, log.entries.into_iter().map(|entry| entry.short).collect())
    }

    fn expected(line: u8, to: usize) -> Vec<String> {
        (0..to).map(|number| format!("{line} {number}")).collect()
    }

    fn book(folder: &Path) -> u64 {
        let files = fs::read_dir(folder.join("logs")).unwrap().map(|file| file.unwrap());
        files
            .filter(|file| file.path().extension().is_some_and(|it| it == "book"))
            .map(|file| file.metadata().unwrap().len())
            .sum()
    }

    #[test]
    fn a_commit_more_makes_the_book_longer_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf(folder.path());
        assert_eq!(run(&shelf, 1, 100), (0, expected(1, 100)));
        let before = book(folder.path());
        assert_eq!(run(&shelf, 1, 101), (100, expected(1, 101)));
        let grown = book(folder.path()) - before;
        assert!(grown < before / 20, "{grown} of {before}");
        assert_eq!(run(&shelf, 1, 101), (101, expected(1, 101)));
    }

    #[test]
    fn an_older_base_has_a_page_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf(folder.path());
        run(&shelf, 1, 10);
        let whole = book(folder.path());
        assert_eq!(run(&shelf, 1, 7), (0, expected(1, 7)));
        assert_eq!(run(&shelf, 1, 8), (7, expected(1, 8)), "what follows is in the book already");
        assert_eq!(book(folder.path()), whole);
        for to in [7, 8, 10] {
            assert_eq!(run(&shelf, 1, to), (to, expected(1, to)));
        }
    }

    #[test]
    fn of_another_line_nothing_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf(folder.path());
        run(&shelf, 1, 10);
        assert_eq!(run(&shelf, 2, 6), (0, expected(2, 6)));
        assert_eq!(run(&shelf, 2, 7), (6, expected(2, 7)));
        assert_eq!(run(&shelf, 1, 10), (0, expected(1, 10)), "its book is another's now");
    }

    #[test]
    fn what_is_cut_anywhere_costs_time_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf(folder.path());
        for to in 1..5 {
            run(&shelf, 1, to);
        }
        let kept: Vec<_> = fs::read_dir(folder.path().join("logs")).unwrap().map(|file| file.unwrap().path()).collect();
        for path in kept.iter().filter(|path| path.extension().is_none_or(|it| it != "lock")) {
            let whole = fs::read(path).unwrap();
            for cut in (0..whole.len()).step_by(7) {
                fs::write(path, &whole[..cut]).unwrap();
                assert_eq!(run(&shelf, 1, 4).1, expected(1, 4), "{path:?} cut at {cut}");
                assert_eq!(run(&shelf, 1, 4), (4, expected(1, 4)), "{path:?} cut at {cut}: the run after");
                fs::write(path, &whole).unwrap();
            }
        }
    }

    #[test]
    fn only_a_few_pages_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for made_from in 0..30_u8 {
            let shelf = Shelf::new(folder.path().join("logs"), digest::bytes(&[made_from]));
            run(&shelf, 1, 3);
        }
        let names = fs::read_dir(folder.path().join("logs")).unwrap().count();
        assert!(names <= 3 * super::KEPT, "{names}");
    }
}
