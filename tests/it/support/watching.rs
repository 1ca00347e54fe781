//! The real `forge watch` in a project, and what it says.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::project::{Built, Project, command};

/// How long to wait for what must come; a test that fails waits as long, one that passes does not.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A running watch; it ends with this value.
pub struct Watching {
    child: Child,
    events: Receiver<Value>,
    /// What it said when it began to watch.
    pub around: Value,
    /// The build that it began with.
    pub first: Built,
}

impl Watching {
    /// Starts `forge watch` in `project` and waits until it watches.
    pub fn start(project: &Project) -> Watching {
        Watching::of(command(project.root(), &["watch", "--format", "json"]))
    }

    /// Starts the watch that `command` runs, and waits until it watches.
    pub fn of(mut command: Command) -> Watching {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (said, events) = mpsc::channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
                if said.send(event).is_err() {
                    break;
                }
            }
        });
        let mut watching = Watching { child, events, around: Value::Null, first: Built(Value::Null) };
        watching.first = Built(watching.event());
        watching.around = watching.event();
        assert_eq!(watching.around["event"], "watching");
        watching
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next event.
    pub fn event(&self) -> Value {
        self.events.recv_timeout(PATIENCE).expect("forge watch says something")
    }

    /// The next build.
    pub fn built(&self) -> Built {
        let event = self.event();
        assert_eq!(event["event"], "built", "{event}");
        Built(event)
    }

    /// Builds until `is_right`, which the last of them is.
    pub fn built_until(&self, is_right: impl Fn(&Built) -> bool) -> Vec<Built> {
        let mut builds = Vec::new();
        loop {
            builds.push(self.built());
            if builds.last().is_some_and(&is_right) {
                return builds;
            }
        }
    }

    /// The builds that were made of everything up to now, told by one more change: a note in `forge.toml`'s name.
    pub fn builds_so_far(&self, project: &Project, mark: &str) -> Vec<Built> {
        let before = project.read("forge.toml");
        let named = format!("[project]\nname = \"{mark}\"\n");
        let rest = before.split_once("[project]").map_or(before.as_str(), |(head, _)| head);
        project.write("forge.toml", format!("{rest}{named}"));
        let title = format!("# {mark}\n");
        let page = || std::fs::read_to_string(project.path("generated/concept/README.md")).unwrap_or_default();
        let mut builds = self.built_until(|built| {
            built.written().iter().any(|path| path == "generated/concept/README.md") && page().starts_with(&title)
        });
        builds.pop();
        builds
    }

    /// Whether it is still there.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until `is_so`.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Removes a folder in which forge may be writing just now: one that is not empty after all is removed once more.
pub fn remove(folder: &Path) {
    until("it is removed", || std::fs::remove_dir_all(folder).is_ok() || !folder.exists());
}

/// A system's program, as `sh -c`, in `folder`.
pub fn sh(folder: &Path, script: &str) -> String {
    let mut command = Command::new("sh");
    let output = hermetic(command.arg("-euc").arg(script), folder).output().unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// `command` in `folder`, without the user's settings and with git's time and author fixed.
pub fn hermetic<'a>(command: &'a mut Command, folder: &Path) -> &'a mut Command {
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_NAME", "Test")
        .env("GIT_AUTHOR_EMAIL", "test@example.org")
        .env("GIT_COMMITTER_NAME", "Test")
        .env("GIT_COMMITTER_EMAIL", "test@example.org")
        .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
        .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
        .env("GIT_EDITOR", "true")
        .env("GIT_SEQUENCE_EDITOR", "true")
}
