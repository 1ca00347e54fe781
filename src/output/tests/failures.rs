//! What goes wrong: failed pieces, killed runs, lost caches, full disks.

use std::fs;

use super::{KEEP, Project, changes, codes, path, wanted};
use crate::digest;
use crate::disk::{lock, testing};
use crate::output::{Bytes, Change};

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
fn a_killed_run_is_repaired() {
    let project = Project::new();
    project.apply(&[("out/a.md", "1")]);
    // Killed after it had noted its intent, written one new file and half of another.
    let intended = [(path("out/new.md"), digest::bytes(b"new")), (path("out/a.md"), digest::bytes(b"2"))];
    crate::output::ledger::intend(&project.at("cache/outputs"), &intended.into_iter().collect()).unwrap();
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
    crate::output::ledger::intend(&project.at("cache/outputs"), &intended.into_iter().collect()).unwrap();
    project.write("out/new.md", "new");
    assert_eq!(codes(&project.apply(&[("out/new.md", KEEP)])), [""; 0]);
    assert_eq!(codes(&project.apply(&[("out/new.md", "newer")])), [""; 0]);
    assert_eq!(project.read("out/new.md").unwrap(), "newer");
}

#[cfg(unix)]
#[test]
fn a_killed_runs_file_that_nobody_can_read_stays_known() {
    use std::os::unix::fs::PermissionsExt;
    testing::unprivileged("output::tests::failures::a_killed_runs_file_that_nobody_can_read_stays_known", |folder| {
        let project = Project::in_folder(folder);
        let intended = [(path("out/new.md"), digest::bytes(b"new"))];
        fs::create_dir_all(project.at("cache/outputs")).unwrap();
        crate::output::ledger::intend(&project.at("cache/outputs"), &intended.into_iter().collect()).unwrap();
        project.write("out/new.md", "new");
        let allow = |mode| fs::set_permissions(project.at("out/new.md"), fs::Permissions::from_mode(mode)).unwrap();
        allow(0o000);
        assert_eq!(codes(&project.apply(&[("out/new.md", "newer")])), ["output-unreadable"]);
        allow(0o644);
        assert_eq!(codes(&project.apply(&[("out/new.md", "newer")])), [""; 0]);
        assert_eq!(project.read("out/new.md").unwrap(), "newer");
    });
}

#[test]
fn what_a_killed_run_has_replaced_is_no_edit_by_hand() {
    for loses_cache in [false, true] {
        let project = Project::new();
        project.apply(&[("out/a.md", "1"), ("out/b.md", "1")]);
        let intended = ["out/a.md", "out/b.md"].map(|name| (path(name), digest::bytes(b"2")));
        crate::output::ledger::intend(&project.at("cache/outputs"), &intended.into_iter().collect()).unwrap();
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
        let outcome = project.outputs().apply(&wanted(&[("out/a.md", "2")]), &|_| bytes.clone().map(Bytes::from));
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
        let test = "output::tests::failures::a_run_that_is_killed_at_any_moment_is_repaired";
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
    let denied = || std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    let failed = [(path("out/a"), denied()), (path("out/b"), denied()), (path("out/in/c"), denied())];
    let findings = crate::output::report::failures(&failed.into_iter().collect());
    let messages: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
    let expected = [
        "`out/a` and one more in `out` could not be brought up to date: permission denied",
        "`out/in/c` in `out/in` could not be brought up to date: permission denied",
    ];
    assert_eq!(messages, expected);
}
