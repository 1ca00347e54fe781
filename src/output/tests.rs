//! The promises of the output layer, on real folders.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest};
use tempfile::TempDir;

use super::ledger::Ledger;
use super::{Change, Content, Outcome, Outputs, Wanted, state};
use crate::digest;
use crate::disk::stamp::{self, Clock};
use crate::disk::{lock, testing};
use crate::path::RepoPath;

/// A project with an output folder `out`.
struct Project {
    folder: PathBuf,
    _temporary: Option<TempDir>,
}

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

/// Wanted outputs of these texts; a text of `KEEP` keeps.
fn wanted(files: &[(&str, &str)]) -> Wanted {
    let content = |text: &str| match text {
        KEEP => Content::Keep,
        text => Content::Bytes(digest::bytes(text.as_bytes())),
    };
    files.iter().map(|(name, text)| (path(name), content(text))).collect()
}

const KEEP: &str = "\0keep";

impl Project {
    fn new() -> Project {
        let folder = tempfile::tempdir().unwrap();
        Project { folder: folder.path().to_owned(), _temporary: Some(folder) }
    }

    fn in_folder(folder: &Path) -> Project {
        Project { folder: folder.to_owned(), _temporary: None }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn outputs(&self) -> Outputs {
        Outputs::open(&self.folder, &path("out"), &self.at("cache"))
    }

    fn apply(&self, files: &[(&str, &str)]) -> Outcome {
        let texts: BTreeMap<RepoPath, String> =
            files.iter().map(|(name, text)| (path(name), (*text).to_owned())).collect();
        self.outputs().apply(&wanted(files), &|path| texts.get(path).map(|text| Cow::Borrowed(text.as_bytes())))
    }

    fn check(&self, files: &[(&str, &str)]) -> Outcome {
        self.outputs().check(&wanted(files))
    }

    fn are_at(&self, files: &[(&str, &str)]) -> bool {
        self.outputs().are_at(state(&wanted(files)))
    }

    /// Waits until the file system's clock has moved on, so that what was written so far is settled.
    fn settle(&self) {
        self.write("probe", "");
        let stamp = stamp::look(&self.at("probe")).unwrap().0;
        while !Clock::ask(&self.folder).unwrap().settles(&stamp) {}
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.at(name).parent().unwrap()).unwrap();
        fs::write(self.at(name), text).unwrap();
    }

    fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.at(name)).ok()
    }

    fn lose_cache(&self) {
        fs::remove_dir_all(self.at("cache")).unwrap();
    }

    /// All files of the output folder but the manifest.
    fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        list(&self.at("out"), "", &mut files);
        files.retain(|name| name != ".forge-manifest");
        files.sort();
        files
    }

    /// What was set aside.
    fn aside(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.at("cache/outputs/aside")) else { return Vec::new() };
        entries.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
    }
}

fn list(folder: &Path, prefix: &str, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            files.push(format!("{name}/"));
            list(&entry.path(), &format!("{name}/"), files);
        } else {
            files.push(name);
        }
    }
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.findings.iter().map(|finding| &*finding.code).collect()
}

fn changes(changes: &BTreeMap<RepoPath, Change>) -> Vec<(String, Change)> {
    changes.iter().map(|(path, change)| (path.to_string(), *change)).collect()
}

#[test]
fn writes_what_is_missing_and_then_nothing() {
    let project = Project::new();
    let files = [("out/a.md", "a\r\n"), ("out/deep/b.md", "")];
    assert_eq!(changes(&project.check(&files).written).len(), 2);
    assert_eq!(project.files(), [""; 0], "checking writes nothing");
    assert!(!project.are_at(&files));
    let outcome = project.apply(&files);
    let expected = [("out/a.md".to_owned(), Change::Missing), ("out/deep/b.md".to_owned(), Change::Missing)];
    assert_eq!(changes(&outcome.written), expected);
    assert_eq!(project.read("out/a.md").unwrap(), "a\r\n", "line endings are as given");
    assert_eq!(project.files(), ["a.md", "deep/", "deep/b.md"]);
    assert!(project.are_at(&files));
    let again = project.apply(&files);
    assert!(again.is_current() && again.unchanged == 2);
    assert!(project.check(&files).is_current());
}

#[test]
fn replaces_what_it_wrote_and_removes_what_no_longer_belongs() {
    let project = Project::new();
    project.apply(&[("out/a.md", "1"), ("out/deep/er/b.md", "1"), ("out/c.md", "1")]);
    let outcome = project.apply(&[("out/a.md", "2"), ("out/c.md", "1")]);
    assert_eq!(changes(&outcome.written), [("out/a.md".to_owned(), Change::Outdated)]);
    assert_eq!(changes(&outcome.removed), [("out/deep/er/b.md".to_owned(), Change::Surplus)]);
    assert_eq!((codes(&outcome), outcome.unchanged), (vec![], 1));
    assert_eq!(project.files(), ["a.md", "c.md"], "folders that became empty are gone");
}

#[test]
fn only_what_was_touched_is_looked_at_when_somebody_knows() {
    let project = Project::new();
    let files = [("out/a.md", "1"), ("out/deep/b.md", "1"), ("out/deep/c.md", "1")];
    project.apply(&files);
    project.settle();
    assert!(project.are_at(&files), "what could not be settled when it was written is now");
    let state = state(&wanted(&files));
    fs::remove_file(project.at("out/deep/b.md")).unwrap();
    let told = |since, name: &str| project.outputs().touched(since, [path(name)].into()).are_at(state);
    assert!(told(state, "out/a.md"));
    assert!(!told(state, "out/deep/b.md") && !told(state, "out/deep") && !told(state, "out"));
    assert!(!told(super::state(&Wanted::new()), "out/a.md"), "they were left in another state");
    let outputs = project.outputs().touched(state, [path("out/deep")].into());
    let outcome = outputs.apply(&wanted(&files), &|_| Some(Cow::Borrowed(b"1")));
    assert_eq!(changes(&outcome.written), [("out/deep/b.md".to_owned(), Change::Missing)]);
}

#[test]
fn a_look_at_what_is_settled_reads_nothing() {
    let project = Project::new();
    let files = [("out/a.md", "1"), ("out/b.md", "1")];
    project.apply(&files);
    project.settle();
    assert!(project.are_at(&files));
    let mut ledger = Ledger::load(&project.at("cache/outputs"));
    assert_eq!(ledger.confirm(&project.outputs(), || panic!("something is read")), Some(false));
}

#[test]
fn a_lost_or_damaged_cache_changes_nothing() {
    for damage in [None, Some("garbage"), Some("")] {
        let project = Project::new();
        project.apply(&[("out/a.md", "1"), ("out/b.md", "1")]);
        match damage {
            None => project.lose_cache(),
            Some(garbage) => project.write("cache/outputs/ledger", garbage),
        }
        let outcome = project.apply(&[("out/a.md", "2")]);
        assert_eq!(changes(&outcome.written), [("out/a.md".to_owned(), Change::Outdated)]);
        assert_eq!(changes(&outcome.removed), [("out/b.md".to_owned(), Change::Surplus)]);
        assert_eq!(codes(&outcome), [""; 0]);
        assert!(project.are_at(&[("out/a.md", "2")]));
    }
}

#[test]
fn a_lost_manifest_is_written_again() {
    let project = Project::new();
    let files = [("out/a.md", "1"), ("out/b.md", "1")];
    project.apply(&files);
    let manifest = project.read("out/.forge-manifest");
    fs::remove_file(project.at("out/.forge-manifest")).unwrap();
    assert!(!project.are_at(&files));
    let outcome = project.apply(&[("out/a.md", "2")]);
    assert_eq!((codes(&outcome), project.files()), (vec![], vec!["a.md".to_owned()]));
    project.apply(&files);
    assert_eq!(project.read("out/.forge-manifest"), manifest);
}

#[test]
fn a_foreign_file_is_left_alone_and_the_rest_is_done() {
    let project = Project::new();
    project.write("out/a.md", "mine");
    project.write("out/notes.txt", "mine too");
    let outcome = project.apply(&[("out/a.md", "1"), ("out/b.md", "1")]);
    assert_eq!(codes(&outcome), ["output-in-the-way"]);
    assert_eq!(project.read("out/a.md").unwrap(), "mine");
    assert_eq!(project.files(), ["a.md", "b.md", "notes.txt"]);
    let outcome = project.apply(&[]);
    assert_eq!(codes(&outcome), [""; 0]);
    assert_eq!(project.files(), ["a.md", "notes.txt"]);
}

#[test]
fn a_foreign_file_with_the_wanted_bytes_is_adopted() {
    let project = Project::new();
    project.write("out/a.md", "1");
    assert!(project.apply(&[("out/a.md", "1")]).is_current());
    assert_eq!(changes(&project.apply(&[]).removed), [("out/a.md".to_owned(), Change::Surplus)]);
}

#[test]
fn an_edited_output_is_set_aside_before_it_is_replaced_or_removed() {
    let project = Project::new();
    project.apply(&[("out/a.md", "1"), ("out/b.md", "1")]);
    project.write("out/a.md", "my a");
    project.write("out/b.md", "my b");
    let files = [("out/a.md", "1")];
    assert!(!project.are_at(&[("out/a.md", "1"), ("out/b.md", "1")]));
    assert_eq!(codes(&project.check(&files)), ["output-edited"; 2]);
    assert_eq!(project.read("out/a.md").unwrap(), "my a");
    let outcome = project.apply(&files);
    assert_eq!(codes(&outcome), ["output-edited"; 2]);
    assert_eq!(changes(&outcome.written), [("out/a.md".to_owned(), Change::Edited)]);
    assert_eq!(changes(&outcome.removed), [("out/b.md".to_owned(), Change::Edited)]);
    assert_eq!(project.files(), ["a.md"]);
    let mut aside = project.aside();
    aside.sort();
    assert_eq!(aside, ["my a", "my b"]);
}

#[test]
fn an_edit_of_the_same_size_at_once_is_seen() {
    let project = Project::new();
    for round in 0..30 {
        let text = format!("{round:03}");
        let files = [("out/a.md", text.as_str())];
        project.apply(&files);
        project.write("out/a.md", "own");
        assert!(!project.are_at(&files), "round {round}");
        assert_eq!(changes(&project.apply(&files).written), [("out/a.md".to_owned(), Change::Edited)]);
    }
}

#[test]
fn an_edited_output_that_cannot_be_set_aside_stays() {
    let project = Project::new();
    project.apply(&[("out/a.md", "1")]);
    project.write("out/a.md", "mine");
    project.write("cache/outputs/aside", "a file where the folder should be");
    let outcome = project.apply(&[("out/a.md", "2")]);
    assert_eq!(codes(&outcome), ["output-edited"]);
    assert!(outcome.findings[0].is_error() && outcome.written.is_empty());
    assert_eq!(project.read("out/a.md").unwrap(), "mine");
}

#[test]
fn a_failed_piece_keeps_its_bytes_and_its_place() {
    let project = Project::new();
    project.apply(&[("out/a.md", "1"), ("out/b.md", "1")]);
    let kept = [("out/a.md", KEEP), ("out/b.md", "2"), ("out/never.md", KEEP)];
    let outcome = project.apply(&kept);
    assert_eq!(changes(&outcome.written), [("out/b.md".to_owned(), Change::Outdated)]);
    assert_eq!(project.read("out/a.md").unwrap(), "1");
    assert!(!project.are_at(&kept), "an incomplete run is never taken for a complete one");
    project.lose_cache();
    assert_eq!(codes(&project.apply(&[("out/a.md", "2"), ("out/b.md", "2")])), [""; 0]);
    assert_eq!(project.files(), ["a.md", "b.md"]);
}

#[test]
fn a_branch_with_a_file_of_its_own_where_another_branch_had_an_output() {
    let project = Project::new();
    project.apply(&[("out/a.md", "1"), ("out/b.md", "1")]);
    let manifest = project.read("out/.forge-manifest").unwrap();
    let line = manifest.lines().find(|line| line.ends_with(" b.md")).unwrap();
    project.write("out/.forge-manifest", line); // the other branch's manifest, and its file
    project.write("out/a.md", "somebody's");
    let outcome = project.apply(&[("out/b.md", "1")]);
    assert!(outcome.is_current(), "{outcome:?}");
    assert_eq!(project.read("out/a.md").unwrap(), "somebody's");
}

#[test]
fn a_manifest_with_conflict_markers_does_no_harm() {
    let project = Project::new();
    project.apply(&[("out/a.md", "1")]);
    let ours = project.read("out/.forge-manifest").unwrap();
    project.apply(&[("out/a.md", "2"), ("out/b.md", "1")]);
    let theirs = project.read("out/.forge-manifest").unwrap();
    project.lose_cache();
    project.write("out/a.md", "1");
    project.write("out/.forge-manifest", &format!("<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> side\n"));
    let outcome = project.apply(&[("out/a.md", "3")]);
    assert_eq!(changes(&outcome.written), [("out/a.md".to_owned(), Change::Outdated)]);
    assert_eq!(changes(&outcome.removed), [("out/b.md".to_owned(), Change::Surplus)]);
    assert_eq!(project.read("out/.forge-manifest").unwrap().matches("a.md").count(), 1);
}

#[test]
fn a_file_becomes_a_folder_and_back() {
    let project = Project::new();
    project.apply(&[("out/a", "1")]);
    let folder = [("out/a/b", "1")];
    assert_eq!(changes(&project.check(&folder).written), [("out/a/b".to_owned(), Change::Missing)]);
    assert_eq!(codes(&project.apply(&folder)), [""; 0]);
    let file = [("out/a", "2")];
    assert_eq!(codes(&project.check(&file)), [""; 0]);
    assert_eq!(codes(&project.apply(&file)), [""; 0]);
    assert_eq!(project.files(), ["a"]);
}

#[test]
fn paths_that_cannot_both_be_are_refused_and_keep_their_bytes() {
    let project = Project::new();
    project.apply(&[("out/a.md", "1")]);
    let outcome =
        project.apply(&[("out/A.md", "2"), ("out/a.md", "2"), ("out/b", "1"), ("out/B/c", "1"), ("out/d", "1")]);
    assert_eq!(codes(&outcome), ["output-collision"; 4]);
    assert_eq!(project.files(), ["a.md", "d"]);
    assert_eq!(project.read("out/a.md").unwrap(), "1");
}

#[test]
fn paths_outside_the_folder_and_forges_own_are_refused() {
    let project = Project::new();
    let files = [
        ("a.md", "1"),
        ("outer/a.md", "1"),
        ("out/.forge-manifest", "1"),
        ("out/.forge-tmp/x", "1"),
        ("out/a\nb", "1"),
    ];
    assert_eq!(codes(&project.apply(&files)), ["output-path"; 5]);
    assert!(!project.at("a.md").exists() && project.files().is_empty());
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let (project, elsewhere) = (Project::new(), tempfile::tempdir().unwrap());
    fs::write(elsewhere.path().join("a.md"), "theirs").unwrap();
    project.apply(&[("out/in/a.md", "1"), ("out/b.md", "1")]);
    fs::remove_dir_all(project.at("out/in")).unwrap();
    symlink(elsewhere.path(), project.at("out/in")).unwrap();
    fs::remove_file(project.at("out/b.md")).unwrap();
    symlink(elsewhere.path().join("a.md"), project.at("out/b.md")).unwrap();
    let outcome = project.apply(&[("out/in/a.md", "2"), ("out/in/b.md", "2"), ("out/b.md", "2")]);
    assert_eq!(codes(&outcome), ["output-in-the-way"; 2], "one for the folder, one for the file");
    project.apply(&[]);
    assert_eq!(fs::read_to_string(elsewhere.path().join("a.md")).unwrap(), "theirs");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn an_output_folder_that_is_a_link_is_not_used_at_all() {
    let (project, elsewhere) = (Project::new(), tempfile::tempdir().unwrap());
    fs::write(elsewhere.path().join(".forge-manifest"), "theirs").unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), project.at("out")).unwrap();
    for outcome in [project.apply(&[("out/a.md", "1")]), project.apply(&[]), project.check(&[("out/a.md", "1")])] {
        assert_eq!(codes(&outcome), ["output-in-the-way"]);
    }
    assert_eq!(fs::read_to_string(elsewhere.path().join(".forge-manifest")).unwrap(), "theirs");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_in_the_way_is_refused() {
    let project = Project::new();
    project.write("out/a.md/mine.txt", "mine");
    assert_eq!(codes(&project.apply(&[("out/a.md", "1")])), ["output-in-the-way"]);
    assert_eq!(project.read("out/a.md/mine.txt").unwrap(), "mine");
}

#[test]
fn a_read_only_output_is_said_and_stays() {
    let project = Project::new();
    project.apply(&[("out/a.md", "1"), ("out/b.md", "1")]);
    let mut permissions = fs::metadata(project.at("out/a.md")).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(project.at("out/a.md"), permissions).unwrap();
    let files = [("out/a.md", "2"), ("out/b.md", "2")];
    assert_eq!(codes(&project.apply(&files)), ["output-read-only"]);
    assert_eq!(
        (project.read("out/a.md").unwrap(), project.read("out/b.md").unwrap()),
        ("1".to_owned(), "2".to_owned())
    );
    #[expect(clippy::permissions_set_readonly_false, reason = "a file of this test's own folder")]
    {
        let mut permissions = fs::metadata(project.at("out/a.md")).unwrap().permissions();
        permissions.set_readonly(false);
        fs::set_permissions(project.at("out/a.md"), permissions).unwrap();
    }
    assert_eq!(codes(&project.apply(&files)), [""; 0]);
}

#[test]
fn a_killed_run_is_repaired() {
    let project = Project::new();
    project.apply(&[("out/a.md", "1")]);
    // Killed after it had noted its intent, written one new file and half of another.
    let intended = [(path("out/new.md"), digest::bytes(b"new")), (path("out/a.md"), digest::bytes(b"2"))];
    super::ledger::intend(&project.at("cache/outputs"), &intended.into_iter().collect()).unwrap();
    project.write("out/new.md", "new");
    project.write("out/.forge-tmp/.forge-tmp-123", "ha");
    let outcome = project.apply(&[("out/a.md", "3"), ("out/new.md", "newer")]);
    assert_eq!(codes(&outcome), [""; 0]);
    assert_eq!(project.files(), ["a.md", "new.md"]);
    assert!(!project.at("cache/outputs/intent").exists());
}

#[test]
fn a_killed_runs_file_is_known_until_its_piece_works_again() {
    let project = Project::new();
    let intended = [(path("out/new.md"), digest::bytes(b"new"))];
    fs::create_dir_all(project.at("cache/outputs")).unwrap();
    super::ledger::intend(&project.at("cache/outputs"), &intended.into_iter().collect()).unwrap();
    project.write("out/new.md", "new");
    assert_eq!(codes(&project.apply(&[("out/new.md", KEEP)])), [""; 0]);
    assert_eq!(codes(&project.apply(&[("out/new.md", "newer")])), [""; 0]);
    assert_eq!(project.read("out/new.md").unwrap(), "newer");
}

#[test]
fn what_a_killed_run_has_replaced_is_no_edit_by_hand() {
    for loses_cache in [false, true] {
        let project = Project::new();
        project.apply(&[("out/a.md", "1"), ("out/b.md", "1")]);
        let intended = ["out/a.md", "out/b.md"].map(|name| (path(name), digest::bytes(b"2")));
        super::ledger::intend(&project.at("cache/outputs"), &intended.into_iter().collect()).unwrap();
        project.write("out/a.md", "2"); // and then it was killed
        let kept = [("out/a.md", KEEP), ("out/b.md", KEEP)];
        assert_eq!(codes(&project.apply(&kept)), [""; 0]);
        assert!(!project.are_at(&kept), "an incomplete run is never taken for a complete one");
        if loses_cache {
            project.lose_cache();
        }
        let outcome = project.apply(&[("out/a.md", "3"), ("out/b.md", "3")]);
        assert_eq!(codes(&outcome), [""; 0]);
        assert_eq!(changes(&outcome.written).len(), 2);
        assert_eq!(project.aside(), [""; 0]);
    }
}

#[test]
fn an_output_whose_content_is_lost_keeps_its_bytes() {
    let project = Project::new();
    project.apply(&[("out/a.md", "1")]);
    for bytes in [None, Some(b"not that".to_vec())] {
        let outcome = project.outputs().apply(&wanted(&[("out/a.md", "2")]), &|_| bytes.as_deref().map(Cow::Borrowed));
        assert_eq!(codes(&outcome), ["output-lost"]);
        assert_eq!(project.read("out/a.md").unwrap(), "1");
    }
}

#[test]
fn two_at_once_do_not_interleave() {
    let project = Project::new();
    project.apply(&[("out/a.md", "1")]);
    let _held = lock::take(&project.at("cache/outputs/lock"), std::time::Duration::ZERO).unwrap().unwrap();
    assert_eq!(codes(&project.apply(&[("out/a.md", "2")])), ["output-busy"]);
    assert_eq!(project.read("out/a.md").unwrap(), "1");
}

#[test]
fn without_a_cache_the_outputs_are_the_same() {
    let project = Project::new();
    project.write("cache", "a file where the folder should be");
    for text in ["1", "2"] {
        assert_eq!(codes(&project.apply(&[("out/a.md", text)])), ["cache-not-written"]);
        assert_eq!(project.read("out/a.md").unwrap(), text);
    }
}

#[test]
fn outputs_move_with_their_folder() {
    let project = Project::new();
    project.apply(&[("out/a.md", "1"), ("out/in/b.md", "1")]);
    project.write("out/in/mine.txt", "mine");
    let wanted = wanted(&[("new/a.md", "1")]);
    let outputs = Outputs::open(&project.folder, &path("new"), &project.at("cache"));
    assert_eq!(outputs.check(&wanted).removed.len(), 2);
    let outcome = outputs.apply(&wanted, &|_| Some(Cow::Borrowed(b"1")));
    assert_eq!((outcome.removed.len(), outcome.written.len(), codes(&outcome)), (2, 1, vec![]));
    assert_eq!(project.files(), ["in/", "in/mine.txt"]);
    assert!(!project.at("out/.forge-manifest").exists());
    assert!(outputs.apply(&wanted, &|_| None).is_current());
}

#[test]
fn cleaning_takes_back_what_forge_made_and_nothing_else() {
    let project = Project::new();
    project.apply(&[("out/a.md", "1"), ("out/in/b.md", "1"), ("out/c.md", "1")]);
    project.write("out/c.md", "edited");
    project.write("out/in/mine.txt", "mine");
    project.lose_cache();
    let outcome = project.outputs().clean();
    assert_eq!((codes(&outcome), outcome.removed.len()), (vec!["output-edited"], 3));
    assert_eq!(project.files(), ["in/", "in/mine.txt"]);
    assert!(!project.at("out/.forge-manifest").exists());
    let kept = super::clean::clean_cache(&[&project.at("cache")]).unwrap();
    assert_eq!(kept, [project.at("cache/outputs/aside")]);
    assert_eq!((project.aside(), project.at("cache/outputs/ledger").exists()), (vec!["edited".to_owned()], false));
}

#[test]
fn cleaning_leaves_no_trace_where_all_is_forges() {
    let project = Project::new();
    project.apply(&[("out/a.md", "1")]);
    project.outputs().clean();
    assert!(super::clean::clean_cache(&[&project.at("cache"), &project.at("never")]).unwrap().is_empty());
    assert_eq!(fs::read_dir(&project.folder).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn what_permissions_forbid_is_said_once_a_folder_and_costs_nothing() {
    use std::os::unix::fs::PermissionsExt;
    testing::unprivileged("output::tests::what_permissions_forbid_is_said_once_a_folder_and_costs_nothing", |folder| {
        let project = Project::in_folder(folder);
        let mode = |name, mode| fs::set_permissions(project.at(name), fs::Permissions::from_mode(mode)).unwrap();
        project.apply(&[("out/in/a.md", "1"), ("out/in/b.md", "1"), ("out/in/c.md", "1"), ("out/d.md", "1")]);
        let files = [("out/in/a.md", "2"), ("out/in/b.md", "2"), ("out/d.md", "2")];
        mode("out/in", 0o555);
        let outcome = project.apply(&files);
        assert_eq!(codes(&outcome), ["output-not-written"]);
        let message = &outcome.findings[0].message;
        assert!(message.contains("and 2 more") && message.contains("permission denied"), "{message}");
        assert_eq!(project.read("out/in/a.md").unwrap(), "1");
        assert_eq!(project.files(), ["d.md", "in/", "in/a.md", "in/b.md", "in/c.md"]);
        assert!(!project.are_at(&files));
        mode("out/in", 0o755);
        mode("out", 0o555);
        let outcome = project.apply(&files);
        assert!(codes(&outcome).iter().all(|code| *code == "output-not-written"), "{outcome:?}");
        mode("out", 0o755);
        assert_eq!(codes(&project.apply(&files)), [""; 0], "fine again once the cause is gone");
        assert_eq!(project.files(), ["d.md", "in/", "in/a.md", "in/b.md"]);
        mode("cache/outputs", 0o555);
        let outcome = project.apply(&[("out/d.md", "3")]);
        assert!(outcome.findings.iter().all(|finding| !finding.is_error()), "{outcome:?}");
        assert_eq!(project.files(), ["d.md"]);
        mode("cache/outputs", 0o755);
        assert!(project.apply(&[("out/d.md", "3")]).is_current());
    });
}

#[test]
fn a_run_that_is_killed_at_any_moment_is_repaired() {
    let names: Vec<String> = (0..12).map(|number| format!("out/{}/{number}.md", number % 3)).collect();
    let files = |text: &'static str| names.iter().map(move |name| (name.as_str(), text)).collect::<Vec<_>>();
    if let Some(folder) = testing::folder() {
        let project = Project::in_folder(&folder);
        loop {
            project.apply(&files("one"));
            project.apply(&files("two")[..6]);
        }
    }
    for (round, name) in names.iter().enumerate() {
        let project = Project::new();
        let test = "output::tests::a_run_that_is_killed_at_any_moment_is_repaired";
        let mut child = testing::again(test, &project.folder).spawn().unwrap();
        while !project.at(name).exists() {
            assert!(child.try_wait().unwrap().is_none(), "the other process ended by itself");
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let outcome = project.apply(&files("three"));
        assert_eq!(codes(&outcome), [""; 0], "round {round}");
        let expected = ["0/", "0/0.md", "0/3.md", "0/6.md", "0/9.md", "1/", "1/1.md"];
        assert_eq!(project.files()[..7], expected);
        assert_eq!(project.files().len(), 15);
        assert!(project.apply(&files("three")).is_current() && project.are_at(&files("three")));
    }
}

#[test]
fn failures_of_one_cause_are_one_finding() {
    let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
    let failed = [(path("out/a"), full()), (path("out/b"), full()), (path("out/in/c"), full())];
    let findings = super::report::failures(&failed.into_iter().collect());
    let messages: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
    let expected = [
        "`out/a` and one more in `out` could not be brought up to date: no space is left on the disk",
        "`out/in/c` in `out/in` could not be brought up to date: no space is left on the disk",
    ];
    assert_eq!(messages, expected);
}

#[derive(Clone, Debug)]
enum Event {
    Want(Vec<(u8, u8)>),
    Edit(u8),
    Delete(u8),
    LoseCache,
    LoseManifest,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => proptest::collection::btree_map(0_u8..6, 0_u8..3, 0..6).prop_map(|map| Event::Want(map.into_iter().collect())),
        1 => (0_u8..6).prop_map(Event::Edit),
        1 => (0_u8..6).prop_map(Event::Delete),
        1 => Just(Event::LoseCache),
        1 => Just(Event::LoseManifest),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// After any sequence of builds, edits and losses (not of cache *and* manifest, which together are all that is
    /// known), the folder holds what is wanted and what forge never wrote; one more run does nothing.
    #[test]
    fn the_folder_holds_what_is_wanted(events in proptest::collection::vec(event(), 1..12)) {
        let project = Project::new();
        project.write("out/0/mine.txt", "mine");
        let mut known = true;
        for event in events {
            let name = |file: u8| format!("out/{}/{file}.md", file % 2);
            match event {
                Event::Edit(file) if known && project.at(&name(file)).exists() => project.write(&name(file), "edited"),
                Event::Edit(_) => {}
                Event::Delete(file) => drop(fs::remove_file(project.at(&name(file)))),
                Event::LoseCache if known => drop(fs::remove_dir_all(project.at("cache"))),
                Event::LoseManifest if known => {
                    // Without the manifest only bytes are known, so nothing may be edited before the next run.
                    let edited = (0..6).any(|file| project.read(&name(file)).as_deref() == Some("edited"));
                    if edited || !project.at("cache/outputs/ledger").exists() { continue }
                    drop(fs::remove_file(project.at("out/.forge-manifest")));
                    known = false;
                }
                Event::LoseCache | Event::LoseManifest => {}
                Event::Want(files) => {
                    known = true;
                    let texts: Vec<_> = files.iter().map(|(file, text)| (name(*file), text.to_string())).collect();
                    let files: Vec<_> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
                    let outcome = project.apply(&files);
                    prop_assert!(outcome.findings.iter().all(|finding| finding.code == "output-edited"), "{:?}", outcome);
                    for file in 0..6 {
                        let wanted = files.iter().find(|(wanted, _)| *wanted == name(file)).map(|(_, text)| *text);
                        prop_assert_eq!(project.read(&name(file)), wanted.map(str::to_owned));
                    }
                    prop_assert_eq!(project.read("out/0/mine.txt").unwrap(), "mine");
                    prop_assert!(project.apply(&files).is_current());
                    prop_assert!(project.check(&files).is_current());
                }
            }
        }
    }
}
