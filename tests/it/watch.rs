//! `forge watch`, the real program on a real folder: every way of saving, every operation of git, every loss of events.
//! Nothing here waits for a time: each step waits for what must follow from it.

use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::project::{Built, Project, command};
use crate::support::watching::{PATIENCE, Watching, hermetic, remove, sh, until};

const ENTITY: &str = "modules/a/things.toml";
const PAGE: &str = "generated/concept/entities/things.md";

/// A module with one entity, which has a field of this name.
fn things(field: &str) -> String {
    format!("[things.fields]\nid = {{ type = \"uuid\", primary_key = true }}\n{field} = \"text\"\n")
}

fn project() -> Project {
    Project::new(&format!("//- {ENTITY}\n{}", things("first")))
}

/// Waits until the entity's page shows `field`.
fn shows(project: &Project, field: &str) {
    until(&format!("the page shows {field}"), || {
        fs::read_to_string(project.path(PAGE)).is_ok_and(|page| page.contains(field))
    });
}

fn git(project: &Project, script: &str) -> String {
    sh(project.root(), script)
}

/// A project in a repository, with its outputs committed.
fn repository() -> Project {
    let project = project();
    git(&project, "git init -q -b main .");
    project.build();
    git(&project, "git add -A && git commit -q -m first");
    project
}

#[test]
fn a_build_is_one_event_with_what_was_done_and_which_fact_caused_it() {
    let project = project();
    let watching = Watching::start(&project);
    assert!(watching.first.written().contains(&PAGE.to_owned()));
    project.edit(ENTITY, "first = \"text\"", "first = \"integer\"");
    let built = watching.built();
    assert!(built.written().contains(&PAGE.to_owned()), "{}", built.0);
    let causes = built.0["causes"].as_array().unwrap();
    assert!(causes.iter().any(|cause| cause.as_str().unwrap().contains("`text` -> `integer`")), "{causes:?}");
    assert!(built.0["milliseconds"].as_f64().unwrap() > 0.0);
    assert_eq!(built.0["time"].as_str().unwrap().len(), 8);
    // Going back is a build that renders nothing, and has the same cause.
    project.edit(ENTITY, "first = \"integer\"", "first = \"text\"");
    let built = watching.built();
    assert!(built.rendered().is_empty() && built.written().contains(&PAGE.to_owned()), "{}", built.0);
    let causes = built.0["causes"].as_array().unwrap();
    assert!(causes.iter().any(|cause| cause.as_str().unwrap().contains("`integer` -> `text`")), "{causes:?}");
    assert!(built.0["returned"].as_array().unwrap().iter().any(|it| it["path"] == PAGE), "{}", built.0);
    assert!(watching.builds_so_far(&project, "End").is_empty(), "its own outputs cause no build");
}

/// What is written ahead of the rest of a build counts once.
#[test]
fn a_build_counts_each_output_once() {
    let project = project();
    let watching = Watching::start(&project);
    let all = watching.first.written().len();
    for (old, new) in
        [("first", "second"), ("second", "first"), ("first", "second"), ("text", "tekst"), ("tekst", "text")]
    {
        project.edit(ENTITY, old, new);
        let built = watching.built();
        let [unchanged, kept] =
            ["unchanged", "kept"].map(|key| usize::try_from(built.0[key].as_u64().unwrap()).unwrap());
        assert_eq!(built.written().len() + unchanged + kept, all, "{new}: {}", built.0);
        assert_eq!(kept > 0, new == "tekst", "{}", built.0);
    }
}

/// Who saves a file in which an error stands sees that it was looked at.
#[test]
fn a_save_that_ends_no_error_is_a_build() {
    let project = project();
    let watching = Watching::start(&project);
    project.edit(ENTITY, "text", "tekst");
    let codes = watching.built().codes();
    assert!(!codes.is_empty());
    project.edit(ENTITY, "[things", "# A comment.\n[things");
    let built = watching.built();
    assert_eq!((built.codes(), built.written()), (codes.clone(), vec![]));
    project.write("forge.toml", "# A comment.\n");
    let built = watching.built();
    assert_eq!((built.codes(), built.written()), (codes, vec![]));
    project.edit(ENTITY, "tekst", "text");
    assert_eq!(watching.built().codes(), [""; 0]);
}

#[test]
fn each_way_of_saving_is_seen() {
    let project = project();
    let _watching = Watching::start(&project);
    let place = project.path(ENTITY);
    // Truncated and written.
    fs::write(&place, things("truncated")).unwrap();
    shows(&project, "truncated");
    // Written beside and renamed, as vim does, with a backup.
    sh(project.root(), &format!("mv {ENTITY} {ENTITY}~ && printf %s '{}' > {ENTITY} && rm {ENTITY}~", things("vim")));
    shows(&project, "vim");
    fs::write(project.path("modules/a/.things.tmp"), things("renamed")).unwrap();
    fs::rename(project.path("modules/a/.things.tmp"), &place).unwrap();
    shows(&project, "renamed");
    // In place, by a tool.
    sh(project.root(), &format!("sed -i s/renamed/by_sed/ {ENTITY}"));
    shows(&project, "by_sed");
    // In pieces, the file open all the while.
    let text = things("in_pieces");
    let mut file = fs::File::create(&place).unwrap();
    for piece in text.as_bytes().chunks(7) {
        file.write_all(piece).unwrap();
        file.sync_data().unwrap();
    }
    drop(file);
    shows(&project, "in_pieces");
    // By way of a link that replaces the file, and as a copy with the old time.
    sh(
        project.root(),
        &format!(
            "printf %s '{}' > modules/a/.t && touch -d 2001-01-01 modules/a/.t && cp -p modules/a/.t {ENTITY}",
            things("old_time")
        ),
    );
    shows(&project, "old_time");
    // Two saves of one size within a moment.
    fs::write(&place, things("same_size_1")).unwrap();
    fs::write(&place, things("same_size_2")).unwrap();
    shows(&project, "same_size_2");
}

#[test]
fn folders_come_and_go() {
    let project = project();
    let watching = Watching::start(&project);
    let outside = tempfile::tempdir_in(project.root()).unwrap();
    fs::create_dir_all(outside.path().join("moved/deep/er")).unwrap();
    fs::write(outside.path().join("moved/deep/er/moved.toml"), "[moved.fields]\nid = \"uuid\"\n").unwrap();
    let page = project.path("generated/concept/entities/moved.md");
    fs::rename(outside.path().join("moved"), project.path("modules/moved")).unwrap();
    until("a folder that was moved in is built", || page.exists());
    // What is written below it later is seen too.
    project.write("modules/moved/deep/er/moved.toml", "[moved.fields]\nid = \"uuid\"\nlater = \"text\"\n");
    until("what is written below is built", || fs::read_to_string(&page).is_ok_and(|page| page.contains("later")));
    fs::rename(project.path("modules/moved"), outside.path().join("moved")).unwrap();
    until("a folder that was moved out is gone", || !page.exists());
    fs::rename(outside.path().join("moved"), project.path("modules/moved")).unwrap();
    until("it is back", || page.exists());
    let is_back =
        |built: &Built| built.rendered().is_empty() && built.written().iter().any(|path| path.ends_with("/moved.md"));
    watching.built_until(is_back);
    fs::remove_dir_all(project.path("modules/moved")).unwrap();
    until("a folder that was removed is gone", || !page.exists());
}

#[test]
fn a_file_made_right_after_its_folder_is_never_missed() {
    let project = project();
    let _watching = Watching::start(&project);
    for round in 0..200 {
        let folder = project.path(&format!("modules/m{round}/deep"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("e.toml"), format!("[e{round}.fields]\nid = \"uuid\"\n")).unwrap();
        let page = project.path(&format!("generated/concept/entities/e{round}.md"));
        until(&format!("round {round} is built"), || page.exists());
        // The project stays small.
        fs::remove_dir_all(project.path(&format!("modules/m{round}"))).unwrap();
    }
}

#[test]
fn settings_and_templates_are_watched_wherever_they_appear() {
    let project = project();
    let watching = Watching::start(&project);
    project.write("forge.toml", "[project]\nname = \"Renamed\"\n");
    let readme = project.path("generated/concept/README.md");
    let begins = |text: &str| fs::read_to_string(&readme).is_ok_and(|page| page.starts_with(text));
    until("the project's name", || begins("# Renamed"));
    // An override appears in a folder that was not there, changes, and goes.
    let template = "templates/concept/project.md";
    project.write(template, "mine\n");
    until("the override", || begins("mine"));
    project.write(template, "yours\n");
    until("the changed override", || begins("yours"));
    fs::remove_dir_all(project.path("templates")).unwrap();
    until("the built-in template again", || begins("# Renamed"));
    // The modules move, by the settings first: as long as they are not there, everything stays.
    project.write("forge.toml", "[project]\nname = \"Renamed\"\nmodules = \"db/parts\"\n");
    let page = project.path(PAGE);
    watching.built_until(|built| built.codes().iter().any(|code| code == "missing-folder"));
    assert!(page.exists());
    fs::create_dir(project.path("db")).unwrap();
    fs::rename(project.path("modules"), project.path("db/parts")).unwrap();
    watching.built_until(|built| built.codes().is_empty());
    project.write("db/parts/a/things.toml", things("moved"));
    shows(&project, "moved");
}

#[test]
fn errors_end_nothing_keep_outputs_and_go_when_they_are_fixed() {
    let project = project();
    let mut watching = Watching::start(&project);
    let before = project.files("generated");
    project.write(ENTITY, "[things.fields\n");
    let built = watching.built();
    assert!(!built.codes().is_empty());
    assert_eq!(project.files("generated"), before, "outputs keep what they held");
    project.write("forge.toml", "[project\n");
    assert!(watching.built().codes().iter().any(|code| code.contains("toml")));
    project.write("forge.toml", "");
    watching.built_until(|built| built.codes().len() == 1 || built.codes().is_empty());
    project.write(ENTITY, things("fixed"));
    watching.built_until(|built| built.codes().is_empty());
    shows(&project, "fixed");
    assert!(watching.is_running());
}

#[test]
fn the_error_of_a_half_written_file_is_not_shown() {
    let project = project();
    let watching = Watching::start(&project);
    let outputs = project.files("generated");
    for round in 0..5 {
        // Each half is a save of its own: closed, and wrong.
        let whole = things(&format!("round_{round}"));
        let (half, _) = whole.split_at(whole.len() - 4);
        fs::write(project.path(ENTITY), half).unwrap();
        until("the half was read", || {
            let table = project.files(".forge/cache/tree");
            table.contains_key(".forge/cache/tree/table")
        });
        fs::write(project.path(ENTITY), &whole).unwrap();
        shows(&project, &format!("round_{round}"));
    }
    assert_ne!(project.files("generated"), outputs);
    for built in watching.builds_so_far(&project, "End") {
        assert!(built.codes().is_empty(), "{}", built.0);
    }
}

#[test]
fn outputs_are_put_right_when_somebody_changes_them() {
    let project = project();
    let watching = Watching::start(&project);
    let page = project.read(PAGE);
    fs::remove_file(project.path(PAGE)).unwrap();
    assert_eq!(watching.built().written(), [PAGE]);
    remove(&project.path("generated"));
    until("all outputs are back", || project.path(PAGE).exists() && project.path("generated/.forge-manifest").exists());
    assert_eq!(project.read(PAGE), page);
    project.write(PAGE, "mine\n");
    watching.built_until(|built| built.codes().contains(&"output-edited".to_owned()));
    assert_eq!(project.read(PAGE), page);
}

#[test]
fn outputs_beside_the_inputs_cause_no_build() {
    let entity = "db/modules/a/things.toml";
    let project = Project::new("");
    project.write(entity, things("first"));
    project.write("forge.toml", "[project]\noutput = \"db\"\nmodules = \"db/modules\"\n");
    let watching = Watching::start(&project);
    let page = project.path("db/concept/entities/things.md");
    for round in 0..5 {
        project.write(entity, things(&format!("round_{round}")));
        until("it is built", || page_shows(&page, &format!("round_{round}")));
        let built = watching.built();
        assert!(built.written().contains(&"db/concept/entities/things.md".to_owned()), "{}", built.0);
    }
    project.write(entity, "[things.fields\n");
    assert!(!watching.built().codes().is_empty(), "no build of its own came before");
}

fn page_shows(page: &std::path::Path, field: &str) -> bool {
    fs::read_to_string(page).is_ok_and(|page| page.contains(field))
}

#[test]
fn the_watched_root_is_removed_and_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    let place = |path: &str| root.join(path);
    let write = |field: &str| {
        fs::create_dir_all(place("modules/a")).unwrap();
        fs::write(place("forge.toml"), "").unwrap();
        fs::write(place(ENTITY), things(field)).unwrap();
    };
    write("first");
    let mut watching = Watching::of(command(&root, &["-C", root.to_str().unwrap(), "watch", "--format", "json"]));
    until("it is built", || place(PAGE).exists());
    remove(&root);
    watching.built_until(|built| !built.codes().is_empty());
    write("second");
    until("it is built again", || page_shows(&place(PAGE), "second"));
    fs::write(place(ENTITY), things("third")).unwrap();
    until("it is watched again", || page_shows(&place(PAGE), "third"));
    // Moved away, and another put in its place.
    fs::rename(&root, folder.path().join("old")).unwrap();
    write("fourth");
    until("the other is built", || page_shows(&place(PAGE), "fourth"));
    fs::write(place(ENTITY), things("fifth")).unwrap();
    until("the other is watched", || page_shows(&place(PAGE), "fifth"));
    assert!(watching.is_running());
}

#[test]
fn a_checkout_of_thousands_of_files_is_one_build() {
    let project = repository();
    remove(&project.path("generated"));
    git(&project, "echo generated > .gitignore && git add -A && git commit -q -m ignore && git checkout -q -b many");
    for number in 0..1_000 {
        project.write(&format!("busm/e{number}.toml"), format!("[e{number}.fields]\nid = \"uuid\"\n"));
        project.write(&format!("docs/{number}.txt"), "x");
    }
    project.build();
    git(&project, "git add -A && git commit -q -m many && git checkout -q main");
    let watching = Watching::start(&project);
    git(&project, "git checkout -q many");
    watching.built_until(|built| built.0["unchanged"].as_u64() > Some(0));
    until("the entities are there", || project.path("generated/concept/entities/e999.md").exists());
    let more = watching.builds_so_far(&project, "End");
    assert!(more.is_empty(), "{:?}", more.iter().map(did).collect::<Vec<_>>());
}

/// A build in short, for a test that did not expect it.
fn did(built: &Built) -> String {
    format!("wrote {:?}, removed {:?}, {}", built.written(), built.removed(), built.0["diagnostics"])
}

#[test]
fn a_rebase_is_one_build_and_so_is_a_stash() {
    let project = repository();
    remove(&project.path("generated"));
    git(&project, "echo generated > .gitignore && git add -A && git commit -q -m ignore && git checkout -q -b side");
    for number in 0..50 {
        project.write("modules/a/more.toml", format!("[more.fields]\nid = \"uuid\"\nf{number} = \"text\"\n"));
        git(&project, &format!("git add -A && git commit -q -m 'step {number}'"));
    }
    git(&project, "git checkout -q main");
    project.write(ENTITY, things("on_main"));
    git(&project, "git commit -q -am main && git checkout -q side");
    let watching = Watching::start(&project);
    git(&project, "git rebase -q main");
    shows(&project, "on_main");
    let builds = watching.builds_so_far(&project, "Rebased");
    assert_eq!(builds.len(), 1, "{:?}", builds.iter().map(did).collect::<Vec<_>>());
    git(&project, "git checkout -q forge.toml");
    watching.built();
    // A stash takes back what was written since the last commit.
    project.write(ENTITY, things("stashed"));
    shows(&project, "stashed");
    watching.built();
    git(&project, "git stash -q");
    shows(&project, "on_main");
    let builds = watching.builds_so_far(&project, "Stashed");
    assert_eq!(builds.len(), 1);
    git(&project, "git checkout -q forge.toml && git stash pop -q");
    shows(&project, "stashed");
}

/// A commit of what is saved already changes no file of the working tree: only a branch, and with it what the history says.
#[test]
fn a_commit_that_changes_no_file_is_seen_and_so_are_an_amendment_and_a_repository_that_appears() {
    let project = project();
    project.write("forge.toml", "[project]\n\n[prototype]\nlayout = \"supabase\"\n");
    let _watching = Watching::start(&project);
    let migrations = || {
        let files = project.files("generated/prototype/a").into_keys();
        let names = files.map(|path| path.rsplit('/').next().unwrap().to_owned());
        names.filter(|name| name.starts_with("2026")).collect::<Vec<_>>()
    };
    assert_eq!(migrations(), [""; 0]);
    git(&project, "git init -q -b main . && echo generated > .gitignore && git add -A && git commit -q -m first");
    until("the first commit's migration", || migrations() == ["20260101000000_create_things.sql"]);
    project.write(ENTITY, things("second"));
    shows(&project, "second");
    let commit = |time: &str, how: &str| {
        git(&project, &format!("GIT_COMMITTER_DATE={time} GIT_AUTHOR_DATE={time} git commit -q {how}"));
    };
    commit("2026-01-02T00:00:00Z", "-a -m second");
    until("the second commit's migration", || migrations().iter().any(|name| name.starts_with("20260102")));
    commit("2026-01-03T00:00:00Z", "--amend --no-edit --reset-author");
    until("the amended commit's migration", || migrations().iter().any(|name| name.starts_with("20260103")));
    git(&project, "git pack-refs --all && git branch -q -f other HEAD~1 && git checkout -q other");
    shows(&project, "first");
}

#[test]
fn a_lock_of_git_is_waited_for_and_a_forgotten_one_is_not() {
    let project = repository();
    let watching = Watching::start(&project);
    let lock = project.path(".git/index.lock");
    fs::write(&lock, "").unwrap();
    project.write(ENTITY, things("locked"));
    // Nothing is said while the lock stands and the tree is written to.
    for round in 0..30 {
        project.write(&format!("modules/a/extra{}.toml", round % 3), format!("[x{round}.fields]\nid = \"uuid\"\n"));
    }
    assert!(!page_shows(&project.path(PAGE), "locked"));
    fs::remove_file(&lock).unwrap();
    shows(&project, "locked");
    let builds = watching.builds_so_far(&project, "Unlocked");
    assert_eq!(builds.len(), 1);
    // An editor is open for the message of `git commit -a`.
    sh(project.root(), "touch -d '1 minute ago' .git/index.lock && touch .git/COMMIT_EDITMSG");
    project.write(ENTITY, things("beside_an_editor"));
    shows(&project, "beside_an_editor");
    // A killed git left its lock.
    sh(project.root(), "touch -d '1 minute ago' .git/COMMIT_EDITMSG .git/index.lock");
    project.write(ENTITY, things("beside_a_lock"));
    shows(&project, "beside_a_lock");
    assert!(lock.exists(), "forge leaves it alone");
}

#[test]
fn gits_index_is_never_touched() {
    let project = repository();
    let index = || fs::read(project.path(".git/index")).unwrap();
    let (before, time) = (index(), fs::metadata(project.path(".git/index")).unwrap().modified().unwrap());
    let _watching = Watching::start(&project);
    for round in 0..3 {
        project.write(ENTITY, things(&format!("round_{round}")));
        shows(&project, &format!("round_{round}"));
    }
    assert_eq!(index(), before);
    assert_eq!(fs::metadata(project.path(".git/index")).unwrap().modified().unwrap(), time);
}

#[cfg(target_os = "linux")]
#[test]
fn an_overflow_of_the_kernels_queue_is_a_look_at_everything() {
    let project = project();
    let watching = Watching::start(&project);
    let signal = |name: &str| sh(project.root(), &format!("kill -{name} {}", watching.id()));
    signal("STOP");
    let queue: usize = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap().trim().parse().unwrap();
    let noise = [project.path("modules/a/one.tmp~"), project.path("modules/a/two.tmp~")];
    for round in 0..=queue {
        let _ = fs::File::create(&noise[round % 2]);
        let _ = fs::remove_file(&noise[(round + 1) % 2]);
    }
    noise.iter().for_each(|place| drop(fs::remove_file(place)));
    // Said after the queue was full.
    project.write(ENTITY, things("after_the_overflow"));
    project.write("modules/late/deep/late.toml", "[late.fields]\nid = \"uuid\"\n");
    signal("CONT");
    shows(&project, "after_the_overflow");
    until("the new folder", || project.path("generated/concept/entities/late.md").exists());
    project.write("modules/late/deep/late.toml", "[late.fields]\nid = \"uuid\"\nlater = \"text\"\n");
    until("it is watched", || page_shows(&project.path("generated/concept/entities/late.md"), "later"));
}

#[cfg(target_os = "linux")]
#[test]
fn where_watches_run_out_forge_polls_and_says_how_to_raise_the_limit() {
    for (limit, sysctl) in [("watches", "max_user_watches"), ("instances", "max_user_instances")] {
        let project = project();
        // A namespace of its own has limits of its own.
        let script = format!("echo 2 > /proc/sys/user/max_inotify_{limit} && exec \"$@\"");
        let few = if limit == "instances" { script.replace("echo 2", "echo 0") } else { script };
        let mut unshare = Command::new("unshare");
        unshare.args([
            "--user",
            "--map-root-user",
            "sh",
            "-euc",
            &few,
            "sh",
            env!("CARGO_BIN_EXE_forge"),
            "watch",
            "--format",
            "json",
        ]);
        if !is_allowed() {
            println!("skipped: this system does not let a test have limits of its own (unshare --user)");
            return;
        }
        hermetic(&mut unshare, project.root());
        let watching = Watching::of(unshare);
        let polling = &watching.around["polling"];
        assert_eq!(polling["code"], "watch-polling", "{}", watching.around);
        assert!(
            polling["help"][0].as_str().unwrap().contains(&format!("sudo sysctl fs.inotify.{sysctl}=")),
            "{polling}"
        );
        project.write(ENTITY, things("polled"));
        shows(&project, "polled");
        project.write("modules/new/new.toml", "[new.fields]\nid = \"uuid\"\n");
        until("a new folder is found", || project.path("generated/concept/entities/new.md").exists());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn where_watches_run_out_later_that_is_said_then() {
    if !is_allowed() {
        return println!("skipped: this system does not let a test have limits of its own (unshare --user)");
    }
    let project = project();
    let mut unshare = Command::new("unshare");
    let script = "echo 40 > /proc/sys/user/max_inotify_watches && exec \"$@\"";
    unshare.args(["--user", "--map-root-user", "sh", "-euc", script, "sh", env!("CARGO_BIN_EXE_forge")]);
    hermetic(unshare.args(["watch", "--format", "json"]), project.root());
    let watching = Watching::of(unshare);
    assert!(watching.around["polling"].is_null(), "{}", watching.around);
    for round in 0..40 {
        project.write(&format!("modules/m{round}/m.toml"), format!("[m{round}.fields]\nid = \"uuid\"\n"));
    }
    let said = std::iter::repeat_with(|| watching.event()).find(|event| event["event"] == "watching").unwrap();
    assert_eq!(said["polling"]["code"], "watch-polling", "{said}");
    project.write(ENTITY, things("polled"));
    shows(&project, "polled");
}

#[cfg(target_os = "linux")]
fn is_allowed() -> bool {
    let script = "echo 9 > /proc/sys/user/max_inotify_watches";
    let mut unshare = Command::new("unshare");
    unshare.args(["--user", "--map-root-user", "sh", "-c", script]).output().is_ok_and(|output| output.status.success())
}

#[test]
fn without_a_terminal_lines_are_appended_and_an_interrupt_ends_it_well() {
    let project = project();
    let log = project.path("log~");
    let mut watch = command(project.root(), &["watch"]);
    let mut child = watch.stderr(fs::File::create(&log).unwrap()).stdin(Stdio::null()).spawn().unwrap();
    let said = |text: &str| fs::read_to_string(&log).unwrap().contains(text);
    until("it watches", || said("Ctrl-C ends it"));
    project.edit(ENTITY, "first = \"text\"", "first = \"integer\"");
    until("it says what it did and why", || said("`TEXT` -> `INTEGER`") || said("`text` -> `integer`"));
    project.write(ENTITY, "[things.fields\n");
    until("it shows what is wrong", || said("modules/a/things.toml:1:"));
    project.write(ENTITY, things("fixed"));
    shows(&project, "fixed");
    // A lock that a killed git left is waited for once, and named.
    sh(project.root(), "git init -q . && touch -d '1 minute ago' .git/index.lock");
    for field in ["beside_a_lock", "beside_it_still"] {
        project.write(ENTITY, things(field));
        shows(&project, field);
    }
    assert_eq!(fs::read_to_string(&log).unwrap().matches("index.lock` stays").count(), 1);
    sh(project.root(), &format!("kill -INT {}", child.id()));
    let mut status = None;
    until("it ends", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    assert_eq!(status.unwrap().code(), Some(0));
    let log = fs::read_to_string(&log).unwrap();
    assert!(!log.contains('\u{1b}'), "no controls: {log}");
    assert!(PATIENCE.as_secs() > 1);
}

/// No event tells that somebody else is done: forge tries again by itself.
#[test]
fn what_another_process_was_in_the_way_of_is_tried_again() {
    let project = project();
    let watching = Watching::start(&project);
    let lock = project.path(".forge/cache/tree/outputs/lock");
    // Held for as long as this process lives.
    let mut holder = Command::new("flock");
    let mut holder = match holder
        .arg(&lock)
        .args(["sh", "-c", "echo held && cat"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
    {
        Ok(holder) => holder,
        Err(_) => return println!("skipped: there is no `flock`"),
    };
    holder.stdout.as_mut().unwrap().read_exact(&mut [0; 4]).unwrap();
    project.write(ENTITY, things("in_the_way"));
    watching.built_until(|built| built.codes().contains(&"output-busy".to_owned()));
    assert!(!page_shows(&project.path(PAGE), "in_the_way"));
    drop(holder.stdin.take());
    holder.wait().unwrap();
    shows(&project, "in_the_way");
    watching.built_until(|built| built.codes().is_empty());
}

/// Nor does an event tell that somebody made a file writable again.
#[test]
fn an_output_that_was_read_only_is_tried_again() {
    let project = project();
    let watching = Watching::start(&project);
    let allow = |mode: &str| sh(project.root(), &format!("chmod {mode} {PAGE}"));
    allow("444");
    project.write(ENTITY, things("in_the_way"));
    watching.built_until(|built| built.codes().contains(&"output-read-only".to_owned()));
    assert!(!page_shows(&project.path(PAGE), "in_the_way"));
    // That it is tried in vain meanwhile is said once.
    project.write("modules/b/b.toml", "[b.fields]\nid = { type = \"uuid\", primary_key = true }\n");
    let other = project.path("generated/concept/entities/b.md");
    let start = Instant::now();
    until("it was tried again", || other.exists() && start.elapsed() > Duration::from_millis(2500));
    allow("644");
    shows(&project, "in_the_way");
    let builds = watching.built_until(|built| built.codes().is_empty());
    assert_eq!(builds.len(), 2, "the other module, and the end");
    let cause = &builds[1].0["causes"][0];
    assert!(cause.as_str().is_some_and(|cause| cause.contains("`things.")), "what it waited with: {cause}");
}

/// What is tried again is tried when git is done: half of a checkout is nothing to build from.
#[test]
fn what_is_tried_again_waits_for_git() {
    let project = repository();
    let watching = Watching::start(&project);
    let in_the_way = project.path("generated/.forge-tmp");
    fs::write(&in_the_way, "").unwrap();
    project.write(ENTITY, things("half"));
    watching.built_until(|built| built.codes().contains(&"output-not-written".to_owned()));
    let lock = project.path(".git/index.lock");
    fs::write(&lock, "").unwrap();
    fs::remove_file(&in_the_way).unwrap();
    // Three times as long as it takes to try again, git is seen to work.
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(3) {
        fs::write(&lock, "still").unwrap();
        assert!(!page_shows(&project.path(PAGE), "half"));
    }
    fs::remove_file(&lock).unwrap();
    shows(&project, "half");
}

/// What is asserted of a build is what it says of itself.
#[test]
fn a_watch_beside_a_build_and_a_check_agrees_with_them() {
    let project = project();
    let _watching = Watching::start(&project);
    for round in 0..5 {
        project.write(ENTITY, things(&format!("round_{round}")));
        let run = project.forge(&["build", "--format", "json"]);
        assert_eq!(run.status, 0, "{run:?}");
        shows(&project, &format!("round_{round}"));
        let built = Built::of(&project.forge(&["build", "--format", "json"]));
        assert_eq!(built.written(), [""; 0]);
        assert_eq!(project.forge(&["check"]).status, 0);
    }
}

/// A day of watching in small: what a save leaves behind in memory and in open files is nothing.
#[cfg(target_os = "linux")]
#[test]
fn memory_and_open_files_stay_flat() {
    let saves = if std::env::var_os("FORGE_LONG").is_some() { 10_000 } else { 60 };
    let project = project();
    let watching = Watching::start(&project);
    let used = || {
        let process = format!("/proc/{}", watching.id());
        let status = fs::read_to_string(format!("{process}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let kilobytes: usize = line.trim().trim_end_matches(" kB").parse().unwrap();
        (kilobytes, fs::read_dir(format!("{process}/fd")).unwrap().count())
    };
    let save = |number: usize| {
        project.write(ENTITY, things(&format!("save_{number}")));
        watching.built();
    };
    (0..saves / 5).for_each(save);
    let (memory, files) = used();
    (saves / 5..saves).for_each(save);
    let (memory_after, files_after) = used();
    println!("{saves} saves: {memory} kB, then {memory_after} kB; {files} open files, then {files_after}");
    assert!(files_after <= files + 2, "{files} open files, then {files_after}");
    assert!(memory_after < memory + memory / 2, "{memory} kB, then {memory_after} kB");
    let cache: usize = project.files(".forge/cache").values().map(Vec::len).sum();
    assert!(cache < (2 * (64 + 16)) << 20, "the cache is bounded: {cache} bytes");
}

/// A branch moves in the folder that all working trees of a repository share, and there as its format has it.
#[test]
fn a_commit_is_seen_in_a_linked_working_tree_and_in_a_reftable() {
    for make in [
        "git checkout -q --detach && git worktree add -q linked main",
        "git clone -q --ref-format=reftable . linked && git -C linked remote remove origin",
    ] {
        let project = repository();
        remove(&project.path("generated"));
        git(&project, "echo generated > .gitignore && git add -A && git commit -q -m ignore");
        if make.contains("reftable") && !git(&project, "git clone -h 2>&1 || true").contains("--ref-format") {
            println!("skipped: this git knows no reftable");
            continue;
        }
        git(&project, make);
        let linked = project.path("linked");
        let _watching = Watching::of(command(&linked, &["watch", "--format", "json"]));
        fs::write(linked.join(ENTITY), things("second")).unwrap();
        sh(&linked, "git add -A");
        fs::write(linked.join(ENTITY), things("third")).unwrap();
        until("the page is written", || fs::read_to_string(linked.join(PAGE)).is_ok_and(|page| page.contains("third")));
        // No file of the working tree changes with it.
        sh(&linked, "git commit -q -m 'A second field'");
        until("the commit is an iteration", || {
            let story = fs::read_to_string(linked.join("generated/prototype/a/iterations.md"));
            story.is_ok_and(|story| story.contains("A second field"))
        });
    }
}

/// What git has merged can be given up as long as a conflict stands: forge writes nothing beside it.
#[test]
fn a_merge_is_gits_own_while_a_conflict_stands() {
    let project = repository();
    let other = "modules/b/others.toml";
    let commit = |path: &str, text: &str| {
        project.write(path, text);
        project.build();
        git(&project, "git add -A && git commit -q -m edit");
    };
    project.write("generated/.gitattributes", ".forge-manifest merge=union\n");
    commit(other, &things("first").replace("things", "others"));
    git(&project, "git checkout -q -b side");
    commit(ENTITY, &things("on_side"));
    git(&project, "git checkout -q main");
    commit(ENTITY, &things("on_main"));
    commit(other, &things("second").replace("things", "others"));
    let watching = Watching::start(&project);
    assert!(git(&project, "git merge -q side || git status --short").contains(&format!("UU {ENTITY}")));
    assert_eq!(watching.built().codes(), ["conflict-marker"]);
    let outputs = "git status --short generated | grep '^.M' || true";
    assert_eq!(git(&project, outputs), "", "outputs are as git left them");
    git(&project, "git merge --abort");
    assert_eq!(watching.built().codes(), [""; 0]);
    assert_eq!(git(&project, "git diff HEAD"), "");
}

/// Who removes a project is told that it is gone, and it does not come back.
#[test]
fn a_project_can_be_removed_while_it_is_watched() {
    for _ in 0..3 {
        let project = Project::example();
        let watching = Watching::start(&project);
        // On a busy machine it may look in between.
        sh(project.root().parent().unwrap(), &format!("until rm -rf '{}'; do :; done", project.root().display()));
        watching.built_until(|built| built.codes() == ["no-folder"]);
        assert!(!project.root().exists());
    }
}

/// A link shows what it leads to, wherever in the project that is.
#[cfg(unix)]
#[test]
fn what_a_link_leads_to_is_watched() {
    for target in ["busm/real.toml", "modules/b/real.toml", "elsewhere/deep/real.toml"] {
        let project = project();
        project.write(target, things("first"));
        fs::remove_file(project.path(ENTITY)).unwrap();
        let up = "../".repeat(2);
        std::os::unix::fs::symlink(format!("{up}{target}"), project.path(ENTITY)).unwrap();
        let _watching = Watching::start(&project);
        for field in ["second", "third"] {
            project.write(target, things(field));
            shows(&project, field);
        }
        until("nothing is left to do", || project.forge(&["check"]).status == 0);
        project.build();
        fs::remove_dir_all(project.path(".forge/cache")).unwrap();
        assert_eq!(project.build().written(), [""; 0], "{target}");
    }
}

/// Between the commits of a rebase git runs a command, and stops where that finds other files than git left.
#[cfg(target_os = "linux")]
#[test]
fn a_rebase_that_runs_a_command_is_left_alone_and_one_that_failed_is_not() {
    let project = project();
    // Only what is made of files alone is committed: it can be right where it is committed with them.
    project.write(".gitignore", "generated/*\n!generated/concept\n");
    git(&project, "git init -q -b main .");
    project.build();
    git(&project, "git add -A && git commit -q -m first && git checkout -q -b side");
    for step in 0..2 {
        project.write(ENTITY, things(&format!("step{step}")));
        git(&project, "git commit -q -am step");
    }
    project.build();
    git(&project, "git add -A && git commit -q -m 'What forge has made, at last'");
    let watching = Watching::start(&project);
    // A command that takes longer than commits follow each other, beside outputs that two commits left as they were; and
    // one that fails for its user to look at.
    git(&project, "git rebase -q --force-rebase -x 'sleep 1 && git diff --exit-code' main && git diff --exit-code");
    git(&project, "git rebase -q -x false HEAD~1 2>&1 || true");
    project.write(ENTITY, things("mended"));
    shows(&project, "mended");
    drop(watching);
}
