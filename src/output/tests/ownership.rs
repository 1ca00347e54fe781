//! What is forge's and what is not: foreign files, edits by hand, links, folders in the way, cleaning.

use std::fs;

use super::{Project, changes, codes, path, wanted};
use crate::disk::testing;
use crate::output::{Bytes, Change, Outputs};

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

/// git leaves conflicts in outputs that two branches changed: both sides are in git, and nobody has to be asked. What somebody
/// wrote between them is kept all the same.
#[test]
fn an_output_in_conflict_is_made_anew_without_a_word() {
    let project = Project::new();
    project.apply(&[("out/a.md", "1"), ("out/b.md", "1")]);
    let conflict = "x\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> other\n";
    project.write("out/a.md", conflict);
    project.write("out/b.md", conflict);
    let files = [("out/a.md", "3")];
    assert!(codes(&project.check(&files)).is_empty());
    let outcome = project.apply(&files);
    assert!(codes(&outcome).is_empty());
    assert_eq!(changes(&outcome.written), [("out/a.md".to_owned(), Change::Merged)]);
    assert_eq!(changes(&outcome.removed), [("out/b.md".to_owned(), Change::Merged)]);
    assert_eq!(project.files(), ["a.md"]);
    assert_eq!(project.aside(), [conflict; 2]);
    project.write("out/a.md", ">>>>>>> quoted\n<<<<<<< quoted\n");
    assert_eq!(codes(&project.check(&files)), ["output-edited"]);
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
fn outputs_move_with_their_folder() {
    let project = Project::new();
    project.apply(&[("out/a.md", "1"), ("out/in/b.md", "1")]);
    project.write("out/in/mine.txt", "mine");
    let wanted = wanted(&[("new/a.md", "1")]);
    let outputs = Outputs::open(&project.folder, &path("new"), &project.at("cache"));
    assert_eq!(outputs.check(&wanted).removed.len(), 2);
    let outcome = outputs.apply(&wanted, &|_| Some(Bytes::from(b"1".to_vec())));
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
    let kept = crate::output::clean::clean_cache(&[&project.at("cache")]).unwrap();
    assert_eq!(kept, [project.at("cache/outputs/aside")]);
    assert_eq!((project.aside(), project.at("cache/outputs/ledger").exists()), (vec!["edited".to_owned()], false));
}

#[test]
fn cleaning_leaves_no_trace_where_all_is_forges() {
    let project = Project::new();
    project.apply(&[("out/a.md", "1")]);
    project.outputs().clean();
    assert!(crate::output::clean::clean_cache(&[&project.at("cache"), &project.at("never")]).unwrap().is_empty());
    assert_eq!(fs::read_dir(&project.folder).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn what_permissions_forbid_is_said_once_a_folder_and_costs_nothing() {
    use std::os::unix::fs::PermissionsExt;
    testing::unprivileged(
        "output::tests::ownership::what_permissions_forbid_is_said_once_a_folder_and_costs_nothing",
        |folder| {
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
        },
    );
}
