//! A build of what is staged for the next commit, held against the outputs that are staged.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::session::Session;
use super::{Ahead, Mode, Progress, Report, Seen, anew, history, read_settings, scope, settings_path};
use crate::config::{Config, FILE_NAME};
use crate::diagnostic::{Diagnostic, Severity};
use crate::output::committed::Committed;
use crate::output::{Outcome, Outputs, Wanted};
use crate::path::RepoPath;
use crate::source::index::Index;
use crate::source::{Scope, Snapshot, SourceError};

/// What a build would do about the outputs in git's index, from the files in it; writes nothing.
pub fn check(session: &mut Session, progress: &Progress<'_>) -> Report {
    run(session, progress).unwrap_or_else(|error| Report { diagnostics: vec![error.diagnostic()], ..Report::nothing() })
}

fn run(session: &mut Session, progress: &Progress<'_>) -> Result<Report, SourceError> {
    let project = session.project();
    let staged = Arc::new(Index::open(&project.root)?);
    if !staged.holds(&settings_path()) {
        return Ok(Report { diagnostics: vec![not_staged()], ..Report::nothing() });
    }
    let settings = staged.snapshot(&Scope { folders: Vec::new(), files: vec![settings_path()] })?;
    let (config, diagnostics) = read_settings(&settings);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Ok(Report { diagnostics, seen: Some(Arc::new(settings)), ..Report::nothing() });
    }
    let version = settings.digest(&settings_path()).ok();
    let snapshot: Arc<dyn Snapshot> = Arc::new(staged.snapshot(&scope(&config))?);
    let outputs = Outputs::open(&project.root, &config.output, &project.cache.local);
    let tips = history::tips(project, &config);
    let saved = session.take_up((version, snapshot.tree(&config.templates).ok()), &config, &snapshot);
    let (mode, ahead, staged) = (Mode::Check, Ahead::default(), Some(staged));
    let seen = Seen { mode, config, version, snapshot, saved, outputs, staged, ahead, tips, inputs: None };
    let report = rayon::scope(|_| anew(session, &seen, diagnostics, progress));
    // What is said of outputs is shown as it stands there, too.
    Ok(Report { seen: seen.staged.map(|index| -> Arc<dyn Snapshot> { index }), ..report })
}

/// The project itself is no part of the commit: nothing of it can be checked.
fn not_staged() -> Diagnostic {
    let message = format!("`{FILE_NAME}` is not in git's index: there is no project to check");
    Diagnostic::new(Severity::Error, "not-staged", message).help(format!("`git add {FILE_NAME}`"))
}

/// Holds the outputs in the index against what is `wanted`. What git ignores is no part of a commit: of that, nothing is said.
pub fn compare(index: &Index, config: &Config, wanted: &Wanted) -> Outcome {
    let held = |path: &RepoPath| index.read(path).ok();
    let outputs = Committed::of(&config.output, &held);
    let absent = wanted.keys().filter(|path| !index.holds(path)).cloned().collect();
    let (ignored, failed) = match index.ignored(&absent) {
        Ok(ignored) => (ignored, None),
        Err(error) => (BTreeSet::new(), Some(error.diagnostic())),
    };
    let is_told = |path: &RepoPath| !ignored.contains(path);
    let told =
        wanted.iter().filter(|(path, _)| is_told(path)).map(|(path, content)| (path.clone(), *content)).collect();
    let mut outcome = outputs.check(&told);
    outcome.written.retain(|path, _| is_told(path));
    outcome.findings.extend(failed);
    outcome
}

/// The paths in the index at which forge may have written.
pub fn listed(index: &Index, config: &Config) -> BTreeSet<RepoPath> {
    Committed::of(&config.output, &|path| index.read(path).ok()).listed()
}
