//! What a run does and, where nothing changed, does not do; random sequences of all of it.

use std::fs;

use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::{Project, changes, codes, path, wanted};
use crate::output::ledger::Ledger;
use crate::output::{Bytes, Change, Wanted, state};

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
fn a_manifest_that_a_merge_left_stays_while_it_tells_all() {
    let project = Project::new();
    let files = [("out/a.md", "1"), ("out/b.md", "1")];
    project.apply(&[("out/a.md", "0"), ("out/b.md", "1")]);
    let older = project.read("out/.forge-manifest").unwrap();
    project.apply(&files);
    let both = older + &project.read("out/.forge-manifest").unwrap();
    project.write("out/.forge-manifest", &both);
    for _ in 0..3 {
        assert!(project.apply(&files).is_current());
        assert_eq!(project.read("out/.forge-manifest").unwrap(), both);
    }
    assert_eq!(project.apply(&[("out/a.md", "2"), ("out/b.md", "1")]).written.len(), 1);
    assert_eq!(project.read("out/.forge-manifest").unwrap().lines().count(), 4, "other outputs, another manifest");
}

#[test]
fn what_cannot_be_written_is_counted_and_named() {
    let project = Project::new();
    let files = [("out/a.md", "1"), ("out/b.md", "1"), ("out/c.md", "1")];
    project.apply(&files[..2]);
    fs::create_dir(project.at("out/c.md")).unwrap();
    let outcome = project.apply(&files);
    assert_eq!((outcome.unchanged, outcome.kept, outcome.total()), (2, 1, 3));
    assert_eq!(outcome.failed, [path("out/c.md")].into());
    let lock = crate::disk::lock::take(&project.outputs().cache.join("lock"), std::time::Duration::ZERO);
    let outcome = project.apply(&files);
    drop(lock);
    assert_eq!((codes(&outcome), outcome.kept, outcome.failed.len()), (vec!["output-busy"], 3, 3));
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
    let outcome = outputs.apply(&wanted(&files), &|_| Some(Bytes::from(b"1".to_vec())));
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
