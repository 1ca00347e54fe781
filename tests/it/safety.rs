//! Safe at any moment: full disks, forbidden folders, too few files, two at once. The cause is said, the outputs keep what
//! they held, and all is well once the cause is gone.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::support::project::{Project, command};
use crate::support::watching::{hermetic, sh, until};

/// A page of this length, so that outputs differ.
fn entity(words: usize) -> String {
    format!(
        "[things]\ndoc = \"{}\"\n[things.fields]\nid = {{ type = \"uuid\", primary_key = true }}\n",
        "word ".repeat(words).trim_end()
    )
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_and_costs_nothing() {
    let project = Project::new(&format!("//- modules/a/things.toml\n{}", entity(10)));
    // A disk of its own, in a namespace that ends with the script. Blocks of a larger file are taken away bit by bit, so
    // that the disk is full at another moment of the build each time.
    let script = r#"
        mount -t tmpfs -o size=400k none "$1" && cd "$1" && cp -r ../files/. . && forge=$2
        $forge build --quiet
        cp -r generated before
        cp ../larger modules/a/things.toml
        head -c 900k /dev/zero > fill 2>/dev/null || true
        for step in 0 4 8 16 32 64; do
            size=$(stat -c %s fill) && truncate -s $((size - step * 1024)) fill
            $forge build 2> ../said && status=0 || status=$?
            echo "status $status: $(grep -c 'no space is left' ../said || true)"
            if [ $status = 0 ]; then break; fi
            for file in $(cd before && find . -type f ! -name .forge-manifest); do
                cmp -s "before/$file" "generated/$file" || test -s "generated/$file" || { echo "$file is cut"; exit 9; }
            done
        done
        rm -f fill
        $forge build --quiet
        $forge check --quiet && cp -r generated ../after
    "#;
    fs::create_dir(project.path("disk")).unwrap();
    sh(project.root(), "mkdir files && mv forge.toml modules files/");
    project.write("larger", entity(400));
    let mut unshare = Command::new("unshare");
    unshare.args(["--user", "--map-root-user", "--mount", "sh", "-euc", script, "sh"]);
    unshare.arg(project.path("disk")).arg(env!("CARGO_BIN_EXE_forge"));
    let output = hermetic(&mut unshare, project.root()).output().unwrap();
    let (said, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if error.contains("unshare failed") || error.contains("mount:") {
        println!("skipped: this system does not let a test have a disk of its own: {error}");
        return;
    }
    assert!(output.status.success(), "{said}{error}");
    assert!(
        said.lines().any(|line| line.starts_with("status 1: ") && line != "status 1: 0"),
        "it was full, and forge said so: {said}"
    );
    let clean = Project::new(&format!("//- modules/a/things.toml\n{}", entity(400)));
    clean.build();
    let made = |project: &Project, folder: &str| -> Vec<(String, Vec<u8>)> {
        let files = project.files(folder).into_iter();
        files.map(|(path, bytes)| (path.split_once('/').unwrap().1.to_owned(), bytes)).collect()
    };
    assert_eq!(made(&project, "after"), made(&clean, "generated"));
}

#[cfg(unix)]
#[test]
fn too_few_files_are_said_and_cost_nothing() {
    let project = Project::example();
    project.build();
    let before = project.files("generated");
    project.edit("modules/service-scheduler/schedule.toml", "smallint", "integer");
    let mut refused = 0;
    for files in 4..40 {
        let script = format!("ulimit -n {files} && exec {} build", env!("CARGO_BIN_EXE_forge"));
        let mut shell = Command::new("sh");
        let output = hermetic(shell.arg("-euc").arg(script), project.root()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code().is_some_and(|code| code <= 2), "{files} files: {:?} {said}", output.status);
        assert!(!said.contains("panicked"), "{files} files: {said}");
        if output.status.code() == Some(0) {
            break;
        }
        refused += 1;
        assert!(!said.is_empty(), "{files} files");
        for (path, bytes) in project.files("generated") {
            let old = before.get(&path);
            assert!(old.is_none_or(|old| !bytes.is_empty() || old.is_empty()), "{files} files: {path} is cut");
        }
    }
    assert!(refused > 0, "four files are too few");
    project.build();
    assert_eq!(project.build().written(), [""; 0]);
    let clean = Project::example();
    clean.edit("modules/service-scheduler/schedule.toml", "smallint", "integer");
    clean.build();
    assert_eq!(project.files("generated"), clean.files("generated"));
}

#[test]
fn many_at_once_agree_and_nobody_waits_long() {
    let project = Project::example();
    project.build();
    let clean = Project::example();
    for round in 0..4 {
        let length = 30 + round;
        for one in [&project, &clean] {
            let text = one.read("busm/services.toml");
            let start = text.find("varchar(").unwrap();
            let end = start + text[start..].find(')').unwrap() + 1;
            one.write("busm/services.toml", format!("{}varchar({length}){}", &text[..start], &text[end..]));
        }
        let start = Instant::now();
        let commands = ["build", "check", "build", "build", "check"];
        let mut running: Vec<_> = commands
            .iter()
            .map(|name| {
                let mut forge = command(project.root(), &[*name]);
                forge.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        for (name, child) in commands.iter().zip(running.drain(..)) {
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            // A build may find that another one was faster, and a check that outputs are being made.
            assert!(output.status.code().is_some_and(|code| code <= 1), "{name}: {:?} {said}", output.status);
        }
        assert!(start.elapsed().as_secs() < 60, "nobody waits for a lock for long");
        project.forge(&["build", "--quiet"]);
        clean.build();
        assert_eq!(project.files("generated"), clean.files("generated"), "round {round}");
        assert_eq!(project.build().written(), [""; 0]);
    }
}

#[test]
fn what_a_killed_build_left_is_swept() {
    let project = Project::example();
    for round in 0..12_u32 {
        project.forge(&["clean"]);
        let mut child = command(project.root(), &["build", "--quiet"]).spawn().unwrap();
        // Killed when so many files are there.
        until("the build goes on", || {
            child.try_wait().unwrap().is_some() || project.files("generated").len() > 2 * round as usize
        });
        child.kill().unwrap();
        child.wait().unwrap();
        project.build();
        assert_eq!(project.build().written(), [""; 0], "round {round}");
        let left = project.files("").into_keys().filter(|path| path.contains(".forge-tmp"));
        assert_eq!(left.collect::<Vec<_>>(), [""; 0], "round {round}");
    }
}

#[cfg(unix)]
#[test]
fn a_project_that_is_read_only_is_said() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new(&format!("//- modules/a/things.toml\n{}", entity(3)));
    project.build();
    project.write("modules/a/things.toml", entity(4));
    let before = project.files("generated");
    let folder = project.path("generated/concept/entities");
    let allow = |mode| fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
    allow(0o555);
    let Some(run) = unprivileged(&project, &folder) else { return };
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{said}");
    assert!(said.contains("permission denied"), "{said}");
    let page = "generated/concept/entities/things.md";
    assert_eq!(project.files("generated")[page], before[page]);
    allow(0o755);
    project.build();
    assert_ne!(project.files("generated")[page], before[page]);
}

/// A branch whose file a power failure has emptied has not lost its commits.
#[test]
fn a_broken_branch_is_no_branch_without_commits() {
    let project = Project::example();
    project.build();
    let outputs = || project.files("generated");
    let before = outputs();
    assert!(before.keys().any(|path| path.contains("/0001_")), "{:?}", before.keys());
    let branch = project.path(".git/refs/heads/main");
    let id = fs::read(&branch).unwrap();
    for broken in ["", "\0\0\0", "nothing\n", "ref: refs/heads/main\n"] {
        fs::write(&branch, broken).unwrap();
        let run = project.forge(&["build"]);
        let said = &run.stderr;
        assert!(said.contains("migrations stay as they are") && said.contains("`refs/heads/main`"), "{said}");
        assert_eq!(run.status, 1, "{said}");
        assert!(said.contains("`git update-ref <ref> <commit>` puts back"), "{said}");
        assert_eq!(outputs(), before, "{broken:?}");
    }
    fs::write(&branch, id).unwrap();
    assert_eq!(project.build().written(), [""; 0]);
}

/// A repository that nobody may look into is no project without one.
#[cfg(unix)]
#[test]
fn a_repository_that_cannot_be_looked_into_is_said() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::example();
    project.build();
    let before = project.files("generated");
    let place = project.path(".git");
    let mode = fs::metadata(&place).unwrap().permissions();
    fs::set_permissions(&place, fs::Permissions::from_mode(0o000)).unwrap();
    let run = unprivileged(&project, &place);
    fs::set_permissions(&place, mode).unwrap();
    let Some(run) = run else { return };
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(
        said.contains("migrations stay as they are: git's file `HEAD` cannot be read: Permission denied"),
        "{said}"
    );
    assert!(!said.contains("git init") && run.status.code() == Some(1), "{said}");
    assert_eq!(project.files("generated"), before);
}

/// What cannot be looked at is not gone: nothing is made of the rest.
#[cfg(unix)]
#[test]
fn folders_that_cannot_be_looked_at_are_said() {
    use std::os::unix::fs::PermissionsExt;
    let module = "//- modules/a/module.toml\ntitle = \"A title\"\n//- modules/a/things.toml\n";
    let project = Project::new(&format!("{module}{}", entity(3)));
    sh(project.root(), "git init -q -b main . && git add -A && git commit -q -m first");
    project.build();
    let before = project.files("generated");
    for path in ["modules", "modules/a", "forge.toml"] {
        let place = project.path(path);
        let mode = fs::metadata(&place).unwrap().permissions();
        fs::set_permissions(&place, fs::Permissions::from_mode(0o000)).unwrap();
        let Some(run) = unprivileged(&project, &place) else { return };
        fs::set_permissions(&place, mode).unwrap();
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(said.contains(&format!("error[unreadable-file]: `{path}` cannot be read")), "{said}");
        assert!(!said.contains("no module yet") && !said.contains("there is no file"), "{said}");
        assert_eq!(project.files("generated"), before, "{path}");
    }
    assert_eq!(project.build().written(), [""; 0]);
}

/// `forge build` by somebody whom permissions bind, which those of `place` forbid something; says so where there is nobody.
#[cfg(unix)]
fn unprivileged(project: &Project, place: &std::path::Path) -> Option<std::process::Output> {
    let is_free = match place.is_dir() {
        true => fs::write(place.join("probe~"), "").is_ok(),
        false => fs::read(place).is_ok(),
    };
    if !is_free {
        return Some(command(project.root(), &["build"]).output().unwrap());
    }
    let _ = fs::remove_file(place.join("probe~"));
    let id = "65534";
    sh(project.root(), &format!("chmod 755 . && chown -R {id}:{id} ."));
    let mut setpriv = Command::new("setpriv");
    setpriv.args(["--reuid", id, "--regid", id, "--clear-groups", env!("CARGO_BIN_EXE_forge"), "build"]);
    match hermetic(&mut setpriv, project.root()).output() {
        Ok(output) if output.status.code() != Some(127) && output.status.code() != Some(126) => Some(output),
        _ => {
            println!("skipped: root is bound by no permission, and there is no `setpriv` to become another");
            None
        }
    }
}
