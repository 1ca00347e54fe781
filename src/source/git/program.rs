//! Reads a repository through the plumbing of the git program.
//!
//! One `cat-file --batch` stays open and answers for all objects. The environment is cleaned of everything that could
//! turn git to another repository or index; what says how to reach a remote stays, for a partial clone fetches
//! what it lacks. Optional locks are off, so that nothing here is in the way of the user's own commands.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::refs::Ref;
use super::{GitError, Header, Id, Kind, Object, Place, Point, Repository, parse};
use crate::path::RepoPath;

/// A repository read by the git program.
pub struct Program {
    place: Place,
    /// Commits whose parents are said to be others (`info/grafts`).
    grafts: BTreeMap<Id, Vec<Id>>,
    batch: Mutex<Option<Batch>>,
}

/// A running `git cat-file --batch`.
struct Batch {
    child: Child,
    /// Taken when the program is to end.
    ask: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    complaints: std::fs::File,
}

impl Program {
    /// Checks that the program can be run and reads this repository.
    ///
    /// # Errors
    /// When there is no such program, or it refuses.
    pub fn open(place: &Place) -> Result<Program, GitError> {
        let program = Program { place: place.clone(), grafts: grafts(place), batch: Mutex::new(None) };
        program.output(&["rev-parse", "--git-dir"])?;
        Ok(program)
    }

    /// What a command of the program prints.
    ///
    /// # Errors
    /// When it cannot be run, or fails.
    pub fn output(&self, args: &[&str]) -> Result<Vec<u8>, GitError> {
        output(&self.place, args)
    }

    /// The objects of `ids` that are not here.
    fn missing(&self, ids: &BTreeSet<Id>) -> Result<Vec<Id>, GitError> {
        let mut command = command(&self.place);
        command.args(["cat-file", "--batch-check=%(objectname)", "--buffer"]).env("GIT_NO_LAZY_FETCH", "1");
        let output = command.stdin(listed(ids)?).output().map_err(|error| not_started(&error))?;
        let lines = output.stdout.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
        Ok(lines.filter_map(|line| line.strip_suffix(" missing")?.parse().ok()).collect())
    }

    /// Fetches objects from where a partial clone left them, as git itself does (`fetch_objects` in `promisor-remote.c`).
    fn bring(&self, ids: &BTreeSet<Id>) -> Result<(), GitError> {
        let missing: BTreeSet<Id> = self.missing(ids)?.into_iter().collect();
        if missing.is_empty() {
            return Ok(());
        }
        let remotes = self.output(&["config", "--name-only", "--get-regexp", r"^remote\..*\.promisor$"])?;
        for remote in String::from_utf8_lossy(&remotes)
            .lines()
            .filter_map(|key| key.strip_prefix("remote.")?.strip_suffix(".promisor"))
        {
            let mut command = command(&self.place);
            command.args(["-c", "fetch.negotiationAlgorithm=noop", "fetch", remote, "--no-tags"]);
            command.args(["--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none", "--stdin"]);
            let output = command.stdin(listed(&missing)?).output().map_err(|error| not_started(&error))?;
            if output.status.success() {
                break;
            }
        }
        Ok(())
    }

    /// Asks the running program for an object, after starting it if need be.
    fn ask(&self, id: Id) -> Result<Object, GitError> {
        let mut slot = self.batch.lock().unwrap_or_else(PoisonError::into_inner);
        let batch = match &mut *slot {
            Some(batch) => batch,
            none => none.insert(Batch::start(&self.place)?),
        };
        let answer = batch.ask(id);
        if answer.is_err() {
            // Whatever it would say next, it would be out of step.
            *slot = None;
        }
        answer
    }
}

impl Repository for Program {
    fn resolve(&self, revision: &str) -> Result<Option<Id>, GitError> {
        let mut command = command(&self.place);
        command.args(["rev-parse", "--verify", "--quiet", "--end-of-options", revision]);
        let output = command.stdin(Stdio::null()).output().map_err(|error| not_started(&error))?;
        let mut named = std::str::from_utf8(&output.stdout).ok().and_then(|text| text.trim().parse().ok());
        // Not by `^{commit}`, which behind `:/text` would be a part of the text.
        while let Some(id) = named {
            let object = self.object(id)?;
            match object.kind {
                Kind::Commit => return Ok(Some(id)),
                Kind::Tag => named = parse::tagged(&object.content),
                Kind::Tree | Kind::Blob => return Ok(None),
            }
        }
        Ok(None)
    }

    fn object(&self, id: Id) -> Result<Object, GitError> {
        self.ask(id)
    }

    fn commit(&self, id: Id) -> Result<Header, GitError> {
        let mut header = parse::commit(&self.of_kind(id, Kind::Commit)?).ok_or(GitError::Damaged(id))?;
        if let Some(parents) = self.grafts.get(&id) {
            header.parents.clone_from(parents);
        }
        Ok(header)
    }

    fn is_partial(&self) -> bool {
        super::is_partial(&self.place)
    }

    fn fetch(&self, ids: &BTreeSet<Id>) {
        // What does not come now is asked for again when it is read, and then it is said why it does not.
        let _ = self.bring(ids);
    }

    fn first_parents(&self, tip: Id, visit: &mut dyn FnMut(Point) -> ControlFlow<()>) -> Result<(), GitError> {
        let mut command = command(&self.place);
        command.args(["rev-list", "--first-parent", "--format=%H %T", &tip.to_string(), "--"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| not_started(&error))?;
        let lines = BufReader::new(child.stdout.take().expect("the output was asked for as a pipe")).lines();
        // Between those of the format stand lines that say `commit`.
        for point in lines.map_while(Result::ok).filter_map(|line| point(&line)) {
            if visit(point).is_break() {
                let _ = child.kill();
                let _ = child.wait();
                return Ok(());
            }
        }
        let output = child.wait_with_output().map_err(|error| GitError::Refused(error.to_string()))?;
        if output.status.success() { Ok(()) } else { Err(complaint(&self.place, &output.stderr)) }
    }
}

impl Batch {
    fn start(place: &Place) -> Result<Batch, GitError> {
        let broken = |error: std::io::Error| GitError::NoProgram(error.to_string());
        let complaints = tempfile::tempfile().map_err(broken)?;
        let mut command = command(place);
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(complaints.try_clone().map_err(broken)?);
        let mut child = command.spawn().map_err(|error| not_started(&error))?;
        let ask = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("the output was asked for as a pipe"));
        Ok(Batch { child, ask, answers, complaints })
    }

    fn ask(&mut self, id: Id) -> Result<Object, GitError> {
        let asked = self.ask.as_mut().map(|ask| writeln!(ask, "{id}").and_then(|()| ask.flush()));
        let mut head = String::new();
        if !matches!(asked, Some(Ok(()))) || self.answers.read_line(&mut head).unwrap_or(0) == 0 {
            return Err(GitError::Missing(id, self.complaint()));
        }
        let words: Vec<&str> = head.split_ascii_whitespace().collect();
        let (kind, size) = match words[..] {
            [_, "missing"] => return Err(GitError::Missing(id, self.complaint())),
            [_, kind, size] => (kind, size),
            _ => return Err(GitError::Damaged(id)),
        };
        let kind = match kind {
            "commit" => Kind::Commit,
            "tree" => Kind::Tree,
            "blob" => Kind::Blob,
            "tag" => Kind::Tag,
            _ => return Err(GitError::Damaged(id)),
        };
        let size: usize = size.parse().map_err(|_| GitError::Damaged(id))?;
        let mut content = vec![0; size + 1];
        self.answers.read_exact(&mut content).map_err(|_| GitError::Missing(id, self.complaint()))?;
        content.pop();
        Ok(Object { kind, content })
    }

    /// What the program has complained about so far, as one line.
    fn complaint(&mut self) -> String {
        let mut text = Vec::new();
        let _ = self.complaints.rewind().and_then(|()| self.complaints.read_to_end(&mut text));
        one_line(&text)
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        drop(self.ask.take());
        let _ = self.child.wait();
    }
}

/// What a command of the program prints about the repository.
///
/// # Errors
/// When it cannot be run, or fails.
pub fn output(place: &Place, args: &[&str]) -> Result<Vec<u8>, GitError> {
    let mut command = command(place);
    command.args(args);
    printed(place, command)
}

fn printed(place: &Place, mut command: Command) -> Result<Vec<u8>, GitError> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| not_started(&error))?;
    if output.status.success() { Ok(output.stdout) } else { Err(complaint(place, &output.stderr)) }
}

/// A file of the index.
pub struct Staged {
    /// Its path from the project's folder on.
    pub path: Vec<u8>,
    /// Its mode, in git's digits.
    pub mode: String,
    /// Its object.
    pub id: Id,
    /// Which side of a merge it is of; 0 where there is no conflict about it.
    pub stage: u8,
}

/// The ids of a file without content, in both hashes.
const EMPTY: [&str; 2] =
    ["e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"];

/// The files of the project that git's index holds, sorted by path; a path that is only intended to be added is none.
///
/// # Errors
/// When the program cannot be run, or fails.
pub fn staged(place: &Place) -> Result<Vec<Staged>, GitError> {
    let list = |args: &[&str]| {
        let mut command = command_inside(place);
        command.envs(index(place).map(|file| ("GIT_INDEX_FILE", file))).args(args);
        printed(place, command)
    };
    let line = |line: &[u8]| {
        let tab = line.iter().position(|byte| *byte == b'\t')?;
        let mut words = std::str::from_utf8(&line[..tab]).ok()?.split(' ');
        let (mode, id, stage) = (words.next()?, words.next()?, words.next()?);
        let path = line[tab + 1..].to_owned();
        Some(Staged { path, mode: mode.to_owned(), id: id.parse().ok()?, stage: stage.parse().ok()? })
    };
    let listed = list(&["ls-files", "--stage", "-z"])?;
    let mut files: Vec<Staged> = listed.split(|byte| *byte == 0).filter_map(line).collect();
    // What is to be added stands there like an empty file, whose object need not be.
    if files.iter().any(|file| EMPTY.contains(&&*file.id.to_string())) {
        let intended = list(&["diff-files", "--name-only", "--diff-filter=A", "--relative", "-z"])?;
        let intended: BTreeSet<&[u8]> = intended.split(|byte| *byte == 0).collect();
        files.retain(|file| !intended.contains(&*file.path));
    }
    Ok(files)
}

/// The index that git has turned its hooks to, if that is one of this working tree: where only a part is committed, it is not
/// the usual one.
#[allow(clippy::disallowed_methods, reason = "what git tells its hooks is in the environment")]
fn index(place: &Place) -> Option<PathBuf> {
    let file = std::path::absolute(std::env::var_os("GIT_INDEX_FILE")?).ok()?;
    let own = match std::env::var_os("GIT_DIR") {
        Some(own) => std::fs::canonicalize(own).ok()?,
        None => std::fs::canonicalize(Place::find(&std::env::current_dir().ok()?)?.own).ok()?,
    };
    (std::fs::canonicalize(&place.own).ok()? == own).then_some(file)
}

/// Those among `paths` of the project that git is told to ignore.
///
/// # Errors
/// When the program cannot be run, or fails.
pub fn ignored(place: &Place, paths: &BTreeSet<RepoPath>) -> Result<BTreeSet<RepoPath>, GitError> {
    let broken = |error: std::io::Error| GitError::Refused(error.to_string());
    let mut asked = tempfile::tempfile().map_err(broken)?;
    // By paths that are none of git's patterns, which this command does not take literally.
    let text: String = paths.iter().map(|path| format!("./{path}\0")).collect();
    asked.write_all(text.as_bytes()).and_then(|()| asked.rewind()).map_err(broken)?;
    let mut command = command_inside(place);
    let output = command
        .args(["--no-literal-pathspecs", "check-ignore", "-z", "--stdin"])
        .stdin(asked)
        .output()
        .map_err(|error| not_started(&error))?;
    match output.status.code() {
        // None is.
        Some(1) => Ok(BTreeSet::new()),
        Some(0) => {
            let names = output.stdout.split(|byte| *byte == 0).filter_map(|name| std::str::from_utf8(name).ok());
            Ok(names.filter_map(|name| RepoPath::new(name.strip_prefix("./")?).ok()).collect())
        }
        _ => Err(complaint(place, &output.stderr)),
    }
}

/// What the working tree's `HEAD` holds.
///
/// # Errors
/// When the program cannot be run.
pub fn head(place: &Place) -> Result<Option<Ref>, GitError> {
    if let Ok(name) = output(place, &["symbolic-ref", "--quiet", "HEAD"]) {
        return Ok(Some(Ref::Symbolic(String::from_utf8_lossy(&name).trim().to_owned())));
    }
    let id = output(place, &["rev-parse", "--verify", "HEAD"])?;
    Ok(String::from_utf8_lossy(&id).trim().parse().ok().map(Ref::Id))
}

/// All refs, by their full names.
///
/// # Errors
/// When the program cannot be run, or fails.
pub fn refs(place: &Place) -> Result<BTreeMap<String, Ref>, GitError> {
    let listed = output(place, &["for-each-ref", "--format=%(refname) %(objectname) %(symref)"])?;
    let line = |line: &str| {
        let mut words = line.splitn(3, ' ');
        let (name, id, symbolic) = (words.next()?, words.next()?, words.next().unwrap_or_default());
        let holds = if symbolic.is_empty() { Ref::Id(id.parse().ok()?) } else { Ref::Symbolic(symbolic.to_owned()) };
        Some((name.to_owned(), holds))
    };
    Ok(String::from_utf8_lossy(&listed).lines().filter_map(line).collect())
}

/// The program, turned to this repository and to nothing else.
pub fn command(place: &Place) -> Command {
    let mut command = Command::new("git");
    let outside = std::env::vars_os().map(|(name, _)| name);
    for name in
        outside.filter(|name| name.to_str().is_some_and(|name| name.starts_with("GIT_") && !is_of_the_user(name)))
    {
        command.env_remove(name);
    }
    command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0").env("GIT_DISCOVERY_ACROSS_FILESYSTEM", "1");
    command.env("LC_ALL", "C").arg("--no-pager").arg("--literal-pathspecs").arg("-C").arg(place.root());
    command
}

/// As [`command`], in the project's folder: paths are those of the project, and files elsewhere are left out.
fn command_inside(place: &Place) -> Command {
    let mut command = command(place);
    command.arg("-C").arg(&place.inside);
    command
}

/// Whether a variable says where the user's configuration lies or how a remote is reached, and not which
/// repository, index or objects are meant.
fn is_of_the_user(name: &str) -> bool {
    let reach = ["GIT_SSH", "GIT_SSL_", "GIT_HTTP_", "GIT_PROXY_", "GIT_ASKPASS", "GIT_EXEC_PATH"];
    let configuration = ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"];
    configuration.contains(&name) || reach.iter().any(|prefix| name.starts_with(prefix))
}

fn not_started(error: &std::io::Error) -> GitError {
    GitError::NoProgram(format!("`git`: {error}"))
}

/// The parents that the repository's grafts give to commits; each line is a commit and its parents.
fn grafts(place: &Place) -> BTreeMap<Id, Vec<Id>> {
    let text = std::fs::read_to_string(place.common.join("info/grafts")).unwrap_or_default();
    let line = |line: &str| {
        let mut ids = line.split_ascii_whitespace().map_while(|word| word.parse().ok());
        Some((ids.next()?, ids.collect()))
    };
    text.lines().filter_map(line).collect()
}

/// Ids, one a line, to be read by a program.
fn listed(ids: &BTreeSet<Id>) -> Result<Stdio, GitError> {
    let broken = |error: std::io::Error| GitError::Refused(error.to_string());
    let mut file = tempfile::tempfile().map_err(broken)?;
    let text: String = ids.iter().map(|id| format!("{id}\n")).collect();
    file.write_all(text.as_bytes()).and_then(|()| file.rewind()).map_err(broken)?;
    Ok(file.into())
}

/// Reads the ids of a commit and its tree.
fn point(line: &str) -> Option<Point> {
    let (commit, tree) = line.split_once(' ')?;
    Some(Point { commit: commit.parse().ok()?, tree: tree.parse().ok()? })
}

/// What a failed command means.
fn complaint(place: &Place, stderr: &[u8]) -> GitError {
    let text = one_line(stderr);
    if text.contains("dubious ownership") {
        return GitError::Untrusted(place.root().to_owned());
    }
    GitError::Refused(text.strip_prefix("fatal: ").unwrap_or(&text).to_owned())
}

fn one_line(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}
