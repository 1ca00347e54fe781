//! For tests: the same test again in a process of its own, to be killed or to be without root's powers.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests are told where to work, and say what they skip"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The variable that tells a test that it is the other process, and where to work.
const FOLDER: &str = "FORGE_TEST_FOLDER";

/// The file that shows that the other process found its test.
const RAN: &str = "ran";

/// The folder to work in, when this process was made by [`again`].
pub fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// The command that runs `test`, named with its modules, in a process of its own that works in `folder`.
pub fn again(test: &str, folder: &Path) -> Command {
    rerun(Command::new(this_program()), test, folder)
}

fn this_program() -> PathBuf {
    std::env::current_exe().expect("a test knows its own program")
}

fn rerun(mut command: Command, test: &str, folder: &Path) -> Command {
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(FOLDER, folder);
    command.stdout(Stdio::null());
    command
}

/// Runs `body` as somebody whom permissions bind: here, or when this is root, in another process as `nobody`; says
/// so where neither is possible. The folder that `body` gets belongs to whoever runs it.
pub fn unprivileged(test: &str, body: impl FnOnce(&Path)) {
    if let Some(folder) = folder() {
        std::fs::write(folder.join(RAN), "").expect("the folder was given to this user");
        return body(&folder);
    }
    let parent = tempfile::tempdir().expect("a folder for temporary files");
    if !is_bound(parent.path()) {
        return as_nobody(test, parent.path());
    }
    body(parent.path());
}

/// Whether permissions bind this process.
fn is_bound(folder: &Path) -> bool {
    let probe = folder.join("probe");
    std::fs::write(&probe, "").expect("a folder of our own can be written");
    let mut permissions = std::fs::metadata(&probe).expect("it was just written").permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&probe, permissions).expect("it is ours");
    let is_bound = std::fs::write(&probe, "").is_err();
    std::fs::remove_file(&probe).expect("it is ours");
    is_bound
}

#[cfg(unix)]
fn as_nobody(test: &str, folder: &Path) {
    const NOBODY: u32 = 65_534;
    let id = NOBODY.to_string();
    std::os::unix::fs::chown(folder, Some(NOBODY), Some(NOBODY)).expect("root may give a folder away");
    let program = this_program();
    let mut setpriv = Command::new("setpriv");
    setpriv.args(["--reuid", &id, "--regid", &id, "--clear-groups"]);
    let may_run = setpriv.args(["test", "-x"]).arg(&program).status().is_ok_and(|status| status.success());
    if !may_run {
        eprintln!("skipped: {test} needs a user without root's powers, and `setpriv` to become one");
        return;
    }
    let mut setpriv = Command::new("setpriv");
    setpriv.args(["--reuid", &id, "--regid", &id, "--clear-groups"]).arg(&program);
    let status = rerun(setpriv, test, folder).status().expect("setpriv ran a moment ago");
    assert!(status.success() && folder.join(RAN).exists(), "{test} as nobody");
}

#[cfg(not(unix))]
fn as_nobody(test: &str, _: &Path) {
    eprintln!("skipped: {test} needs a user whom permissions bind");
}
