//! The promises of the working tree's snapshot, on real folders.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert_eq, prop_oneof, proptest};
use tempfile::TempDir;

use super::Worktree;
use super::table::Table;
use crate::digest;
use crate::disk::testing;
use crate::path::RepoPath;
use crate::source::{Scope, Snapshot, SourceError};

/// A project with a cache beside it.
struct Project {
    folder: PathBuf,
    _temporary: Option<TempDir>,
}

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

fn scope() -> Scope {
    Scope { folders: vec![path("busm"), path("modules")], files: vec![path("forge.toml")] }
}

impl Project {
    fn new() -> Project {
        let folder = tempfile::tempdir().unwrap();
        Project { folder: folder.path().to_owned(), _temporary: Some(folder) }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.join("project").join(name)
    }

    fn cache(&self) -> PathBuf {
        self.folder.join("cache")
    }

    fn write(&self, name: &str, content: &str) {
        fs::create_dir_all(self.at(name).parent().unwrap()).unwrap();
        fs::write(self.at(name), content).unwrap();
    }

    /// Waits until the file system's clock has moved on, so that what was written so far is settled.
    fn settle(&self) {
        use crate::disk::stamp::{Clock, look};
        let probe = self.folder.join("probe");
        fs::write(&probe, "").unwrap();
        let stamp = look(&probe).unwrap().0;
        while !Clock::ask(&self.folder).unwrap().settles(&stamp) {}
    }

    /// One look that starts from the table on disk and saves it, as a process does.
    fn look(&self) -> Worktree {
        let tree = Worktree::look(&self.at(""), &scope(), &Table::load(&self.cache()), Some(&self.cache()));
        if tree.looked_closer() {
            tree.table().save(&self.cache()).unwrap();
        }
        tree
    }
}

fn names(tree: &Worktree) -> Vec<String> {
    tree.files(&RepoPath::root()).iter().map(RepoPath::to_string).collect()
}

fn codes(tree: &Worktree) -> Vec<&str> {
    tree.findings().iter().map(|finding| &*finding.code).collect()
}

/// The files whose content a look had to read.
fn read(tree: &Worktree) -> Vec<&str> {
    tree.contents.keys().map(RepoPath::as_str).collect()
}

#[test]
fn lists_what_is_in_scope_and_no_leftovers() {
    let project = Project::new();
    for name in [
        "forge.toml",
        "README.md",
        "busm/a.toml",
        "modules/m/deep/x.sql",
        "modules/m/module.toml",
        "modules/.hidden/x.toml",
        "modules/m/.a.toml.swp",
        "modules/m/a.toml~",
        "modules/m/4913",
    ] {
        project.write(name, name);
    }
    let tree = project.look();
    assert_eq!(names(&tree), ["busm/a.toml", "forge.toml", "modules/m/deep/x.sql", "modules/m/module.toml"]);
    assert_eq!(tree.files(&path("modules/m/deep")), [path("modules/m/deep/x.sql")]);
    assert_eq!(&*tree.read(&path("busm/a.toml")).unwrap(), b"busm/a.toml");
    assert_eq!(tree.digest(&path("busm/a.toml")).unwrap(), digest::bytes(b"busm/a.toml"));
    assert_eq!(tree.read(&path("busm/b.toml")), Err(SourceError::Missing(path("busm/b.toml"))));
    assert_eq!(codes(&tree), [""; 0]);
}

#[test]
fn an_unchanged_tree_is_not_read() {
    let project = Project::new();
    project.write("busm/a.toml", "a");
    project.write("modules/m/b.toml", "b");
    project.write("forge.toml", "f");
    project.settle();
    assert_eq!(read(&project.look()).len(), 3);
    let tree = project.look();
    assert!(!tree.looked_closer());
    assert_eq!(read(&tree), [""; 0]);
    assert_eq!(&*tree.read(&path("modules/m/b.toml")).unwrap(), b"b");
}

#[test]
fn only_what_changed_is_read() {
    let project = Project::new();
    project.write("busm/a.toml", "a");
    project.write("busm/b.toml", "b");
    project.settle();
    project.look();
    project.write("busm/b.toml", "c");
    project.settle();
    assert_eq!(read(&project.look()), ["busm/b.toml"]);
    project.write("busm/new/c.toml", "c");
    fs::remove_file(project.at("busm/a.toml")).unwrap();
    project.settle();
    let tree = project.look();
    assert_eq!(
        (names(&tree), read(&tree)),
        (vec!["busm/b.toml".to_owned(), "busm/new/c.toml".to_owned()], vec!["busm/new/c.toml"])
    );
    fs::remove_dir_all(project.at("busm")).unwrap();
    assert!(names(&project.look()).is_empty());
    assert!(!project.look().looked_closer());
}

#[test]
fn writes_of_the_same_size_within_a_tick_are_seen() {
    let project = Project::new();
    for round in 0..60 {
        let text = format!("{round:03}");
        project.write("busm/a.toml", &text);
        assert_eq!(
            project.look().digest(&path("busm/a.toml")).unwrap(),
            digest::bytes(text.as_bytes()),
            "round {round}"
        );
    }
}

#[test]
fn a_time_that_was_set_back_hides_nothing() {
    let project = Project::new();
    project.write("busm/a.toml", "old");
    let time = fs::metadata(project.at("busm/a.toml")).unwrap().modified().unwrap();
    project.settle();
    project.look();
    project.write("busm/a.toml", "new");
    fs::File::options().write(true).open(project.at("busm/a.toml")).unwrap().set_modified(time).unwrap();
    assert_eq!(&*project.look().read(&path("busm/a.toml")).unwrap(), b"new");
}

#[test]
fn a_file_that_changes_after_the_look_is_not_passed_off_as_the_one_that_was_seen() {
    let project = Project::new();
    project.write("busm/a.toml", "old");
    project.settle();
    project.look();
    let tree = project.look();
    project.write("busm/a.toml", "new");
    assert_eq!(tree.read(&path("busm/a.toml")), Err(SourceError::Changed(path("busm/a.toml"))));
}

#[test]
fn a_table_that_is_lost_or_damaged_costs_reading_and_nothing_else() {
    let project = Project::new();
    project.write("busm/a.toml", "a");
    project.settle();
    project.look();
    let table = project.cache().join("table");
    let whole = fs::read(&table).unwrap();
    for cut in 0..whole.len() {
        fs::write(&table, &whole[..cut]).unwrap();
        assert_eq!(Table::load(&project.cache()), Table::default(), "cut at {cut}");
    }
    assert_eq!(read(&project.look()), ["busm/a.toml"]);
    assert_eq!(fs::read(&table).unwrap(), whole);
}

#[test]
fn without_a_cache_everything_is_read_each_time() {
    let project = Project::new();
    project.write("busm/a.toml", "a");
    project.settle();
    let first = Worktree::look(&project.at(""), &scope(), &Table::default(), None);
    let second = Worktree::look(&project.at(""), &scope(), first.table(), None);
    assert_eq!(read(&second), ["busm/a.toml"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_a_finding_each_time() {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    let project = Project::new();
    project.write("busm/a.toml", "a");
    project.write("outside.toml", "in the project");
    fs::write(project.folder.join("secret"), "outside").unwrap();
    fs::write(project.at("busm").join(std::ffi::OsStr::from_bytes(b"\xff.toml")), "").unwrap();
    fs::write(project.at("busm/back\\slash.toml"), "").unwrap();
    symlink("../../secret", project.at("busm/out.toml")).unwrap();
    symlink("nowhere", project.at("busm/dangling.toml")).unwrap();
    symlink("circle.toml", project.at("busm/circle.toml")).unwrap();
    symlink("..", project.at("busm/up")).unwrap();
    symlink("../outside.toml", project.at("busm/in.toml")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(project.at("busm/socket")).unwrap();
    project.settle();
    for _ in 0..2 {
        let tree = project.look();
        assert_eq!(names(&tree), ["busm/a.toml", "busm/in.toml"]);
        assert_eq!(&*tree.read(&path("busm/in.toml")).unwrap(), b"in the project");
        let mut found = codes(&tree);
        found.sort_unstable();
        let expected = ["file-name", "file-name", "not-a-file", "not-a-file", "not-a-file", "not-a-file", "not-a-file"];
        assert_eq!(found, expected, "{:?}", tree.findings());
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_shows_that_files_changes() {
    let project = Project::new();
    project.write("shared.toml", "1");
    project.write("busm/a.toml", "a");
    std::os::unix::fs::symlink("../shared.toml", project.at("busm/s.toml")).unwrap();
    project.settle();
    project.look();
    project.write("shared.toml", "2");
    assert_eq!(&*project.look().read(&path("busm/s.toml")).unwrap(), b"2");
}

#[cfg(unix)]
#[test]
fn every_step_of_a_link_is_known_also_one_that_is_not_there() {
    let project = Project::new();
    project.write("busm/a.toml", "a");
    project.write("shared/v1.toml", "1");
    for (target, link) in
        [("v1.toml", "shared/real.toml"), ("../shared/real.toml", "busm/s.toml"), ("../gone/x.toml", "busm/g.toml")]
    {
        std::os::unix::fs::symlink(target, project.at(link)).unwrap();
    }
    let targets: Vec<String> = project.look().table().targets().iter().map(ToString::to_string).collect();
    assert_eq!(targets, ["gone/x.toml", "shared/real.toml", "shared/v1.toml"]);
}

#[cfg(unix)]
#[test]
fn a_module_folder_that_is_a_link_is_refused() {
    let project = Project::new();
    fs::create_dir_all(project.folder.join("elsewhere/m")).unwrap();
    fs::create_dir_all(project.at("")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", project.at("modules")).unwrap();
    let tree = project.look();
    assert_eq!((names(&tree).len(), codes(&tree)), (0, vec!["not-a-file"]));
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_a_finding_until_it_is_readable() {
    use std::os::unix::fs::PermissionsExt;
    let test = "source::worktree::tests::an_unreadable_file_is_a_finding_until_it_is_readable";
    testing::unprivileged(test, |folder| {
        let project = Project { folder: folder.to_owned(), _temporary: None };
        project.write("busm/a.toml", "a");
        project.write("busm/b.toml", "b");
        project.write("modules/m/c.toml", "c");
        let mode = |name, mode| fs::set_permissions(project.at(name), fs::Permissions::from_mode(mode)).unwrap();
        mode("busm/a.toml", 0o000);
        mode("modules/m", 0o000);
        project.settle();
        for _ in 0..2 {
            let tree = project.look();
            assert_eq!((names(&tree), codes(&tree)), (vec!["busm/b.toml".to_owned()], vec!["unreadable-file"; 2]));
        }
        mode("busm/a.toml", 0o644);
        mode("modules/m", 0o755);
        let tree = project.look();
        assert_eq!((names(&tree).len(), codes(&tree).len()), (3, 0));
    });
}

#[derive(Clone, Debug)]
enum Edit {
    Write(u8, u8),
    Remove(u8),
    Rename(u8, u8),
    Settle,
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => (0_u8..6, 0_u8..4).prop_map(|(file, text)| Edit::Write(file, text)),
        2 => (0_u8..6).prop_map(Edit::Remove),
        2 => (0_u8..6, 0_u8..6).prop_map(|(from, to)| Edit::Rename(from, to)),
        1 => Just(Edit::Settle),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is edited between two looks, a look from memory sees what a look without one sees.
    #[test]
    fn memory_never_shows(edits in proptest::collection::vec(edit(), 1..25)) {
        let project = Project::new();
        let name = |file: u8| format!("modules/{}/{}.toml", file % 3, file / 3);
        for edit in edits {
            match edit {
                Edit::Write(file, text) => project.write(&name(file), &text.to_string()),
                Edit::Remove(file) => drop(fs::remove_file(project.at(&name(file)))),
                Edit::Rename(from, to) => drop(fs::rename(project.at(&name(from)), project.at(&name(to)))),
                Edit::Settle => project.settle(),
            }
            let tree = project.look();
            let clean = Worktree::look(&project.at(""), &scope(), &Table::default(), None);
            prop_assert_eq!(names(&tree), names(&clean));
            prop_assert_eq!(tree.tree(&RepoPath::root()).unwrap(), clean.tree(&RepoPath::root()).unwrap());
        }
    }
}
