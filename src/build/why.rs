//! What an output was made from, and what changed it last: the answer of `forge why`, from what the last builds noted.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::made::Made;
use super::project::Project;
use super::session::Session;
use super::stages::Stages;
use super::{ENGINE, history, load, parts, pieces, settings};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::memo::Memo;
use crate::memo::trace::{Reason, Traces};
use crate::output::Outputs;
use crate::path::RepoPath;
use crate::render::facts::summary::Group;
use crate::render::texts::TemplateUse;
use crate::source::Snapshot;

/// What is known of an output.
#[derive(Clone, Debug)]
pub struct Why {
    /// The output.
    pub output: RepoPath,
    /// The target that makes it.
    pub target: String,
    /// What the target is rendered for.
    pub subject: String,
    /// The template of the target.
    pub template: String,
    /// Every template that was asked for.
    pub templates: Vec<TemplateUse>,
    /// What was read of the view, by kinds of things; `None` when that is no longer in the cache.
    pub facts: Option<Vec<Group>>,
    /// How many builds that did something came after the one that changed it last.
    pub builds_since: u64,
    /// Why that one did.
    pub reasons: Vec<Reason>,
}

/// What the output that `text` names was made from. A path is taken from the project's folder, from `here`, or from the
/// output folder, whichever names an output.
///
/// # Errors
/// When there is no such output, or none of this cache's builds made it.
pub fn why(project: &Project, here: &Path, text: &str) -> Result<Why, Diagnostic> {
    let output = meant(project, &settings(project).0, here, text)?;
    let traces = Traces::open(project.cache.local.join("traces"));
    let made: Made = traces.last(output.as_str()).ok_or_else(|| forgotten(&output))?;
    let memo = Memo::open(&project.cache.shared, ENGINE);
    Ok(Why {
        facts: made.known.trace(&memo).map(|trace| trace.summary(&|shown| parts::trace(shown, &memo))),
        builds_since: traces.builds().saturating_sub(made.build),
        output,
        target: made.target,
        subject: made.subject,
        template: made.template,
        templates: made.known.templates,
        reasons: made.reasons,
    })
}

/// What the template of the output that `text` names is given now, as data.
///
/// # Errors
/// When there is no such output, or a mistake in the schema files stands in its way.
pub fn data(project: &Project, here: &Path, text: &str) -> Result<serde_json::Value, Diagnostic> {
    let (config, mut found) = settings(project);
    let output = meant(project, &config, here, text)?;
    let mut session = Session::new(project.clone());
    let snapshot: Arc<dyn Snapshot> = Arc::new(session.look(&config, None).0);
    let (memo, sources) = (Arc::new(Memo::open(&project.cache.shared, ENGINE)), OnceLock::new());
    let loaded = load::load(&snapshot, &config, &memo, &mut found);
    let past = history::read(project, &config, &history::tips(project, &config));
    let iterations = history::views::iterations(&config, past, &loaded, &memo, &mut found);
    let pieces = pieces::pieces(&config, &loaded, &iterations, snapshot.as_ref(), &memo, &mut found)
        .with_production(&config, &loaded, &memo, &mut found);
    let stages = Stages::new(&config.name, &loaded, &iterations, &sources, &pieces);
    let piece = pieces.list.iter().find(|piece| piece.path == output);
    let view = piece.and_then(|piece| stages.view(piece));
    let data = view.and_then(|view| serde_json::to_value(view.facts().root()).ok());
    data.ok_or_else(|| {
        let message = format!("a mistake stands in the way of `{output}`: its template is given nothing now");
        Diagnostic::new(Severity::Error, "output-not-made", message).help("`forge check` shows the mistake")
    })
}

/// The output that `text` means.
fn meant(project: &Project, config: &Config, here: &Path, text: &str) -> Result<RepoPath, Diagnostic> {
    let outputs = Outputs::open(&project.root, &config.output, &project.cache.local).listed();
    let meant = [RepoPath::new(text).ok(), below(project, here, text), config.output.join(text).ok()];
    let output = meant.into_iter().flatten().find(|path| outputs.contains(path));
    output.ok_or_else(|| unknown(text, outputs.iter().map(RepoPath::as_str).collect()))
}

/// The path of `text`, taken from `here`, below the project's folder.
fn below(project: &Project, here: &Path, text: &str) -> Option<RepoPath> {
    let place = std::path::absolute(here.join(text)).ok()?;
    RepoPath::new(&place.strip_prefix(&project.root).ok()?.to_str()?.replace('\\', "/")).ok()
}

fn unknown(text: &str, outputs: Vec<&str>) -> Diagnostic {
    let unknown = Diagnostic::new(Severity::Error, "unknown-output", format!("`{text}` is no output of this project"));
    let ending = format!("/{text}");
    let file = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let near = outputs.iter().find(|path| path.ends_with(&ending)).copied().or_else(|| {
        nearest(text, outputs.iter().copied()).or_else(|| {
            let files: Vec<String> = outputs.iter().map(|path| file(path)).collect();
            let near = nearest(&file(text), files.iter().map(String::as_str))?;
            outputs.iter().find(|path| file(path) == near).copied()
        })
    });
    match near {
        Some(near) => unknown.help(format!("did you mean `{near}`?")),
        None if outputs.is_empty() => unknown.help("nothing was built yet; `forge build` does"),
        None => unknown.help("`forge build --format json` lists the outputs"),
    }
}

fn forgotten(output: &RepoPath) -> Diagnostic {
    let message = format!("no build of this cache made `{output}`");
    Diagnostic::new(Severity::Error, "output-not-made", message)
        .help("`forge clean` and `forge build` make it anew, and note from what")
}
