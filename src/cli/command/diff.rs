//! `forge diff FROM TO`: the statements that take one schema to another.

use std::collections::BTreeMap;

use crate::build::project::Project;
use crate::build::side::{NoSide, Side, Which};
use crate::cli::args::{Diff, Global, PlanFormat, StageArg};
use crate::cli::exit::Exit;
use crate::cli::ui::{BAD, Ui, count, paint};
use crate::diagnostic::Diagnostic;
use crate::plan::{HazardKind, Plan, Style, plan};
use crate::prototype::migration::down;
use crate::render::engine::Engine;
use crate::render::migration::PlanView;

/// Runs the command.
pub fn run(global: &Global, options: &Diff, ui: &Ui) -> Exit {
    let which = match (&options.module, options.stage) {
        (Some(_), Some(StageArg::Production)) => {
            ui.complain("forge: production has no modules; leave out `--module` or `--stage production`");
            return Exit::Failed;
        }
        (Some(name), _) => Which::Prototype(name.clone()),
        (None, Some(StageArg::Prototype)) => {
            ui.complain("forge: a prototype is one module's; name it with `--module NAME`");
            return Exit::Failed;
        }
        (None, _) => Which::Production,
    };
    let project = Project::find_past(&global.project).ok();
    let (from, to) = (&options.from, &options.to);
    let open = |text: &str| Side::open(text, &which, project.as_ref());
    let (from, to) = rayon::join(|| open(from), || open(to));
    let sides = from.and_then(|from| Ok((from, to?)));
    let (from, to) = match sides {
        Ok(sides) => sides,
        Err(NoSide::Source(error)) => {
            ui.diagnostics(&[error.diagnostic()], |_| None);
            return Exit::Failed;
        }
        Err(error) => {
            ui.complain(format!("forge: {error}"));
            return Exit::Failed;
        }
    };
    if let (Some(missing), Some(_)) = (&from.missing, &to.missing) {
        ui.complain(format!("forge: {missing}"));
        return Exit::Failed;
    }
    for side in [&from, &to] {
        ui.diagnostics(&side.diagnostics, |path| side.text(path));
    }
    if [&from, &to].iter().any(|side| side.diagnostics.iter().any(Diagnostic::is_error)) {
        ui.complain("forge: nothing was planned, since a side could not be read whole");
        return Exit::Failed;
    }
    let style = if options.online { Style::Online } else { Style::Plain };
    let way = if options.down { down } else { plan };
    let plan = way(&from.model, &to.model, style);
    ui.diagnostics(&plan.diagnostics, |path| from.text(path).or_else(|| to.text(path)));
    if plan.diagnostics.iter().any(Diagnostic::is_error) {
        ui.complain("forge: nothing was planned");
        return Exit::Failed;
    }
    match text(&plan, options.format) {
        Ok(text) => ui.data(&text),
        Err(error) => {
            ui.complain(format!("forge: {error}"));
            return Exit::Failed;
        }
    }
    summary(&plan, ui);
    denied(&plan, &options.deny, ui)
}

fn text(plan: &Plan, format: PlanFormat) -> Result<String, String> {
    let view = PlanView::new(plan);
    let engine = Engine::new(BTreeMap::new());
    let rendered = |template| {
        engine.render(template, &view).map(|rendered| rendered.text.to_string()).map_err(|error| error.to_string())
    };
    match format {
        PlanFormat::Sql => rendered("migration/plan.sql"),
        PlanFormat::Markdown => rendered("migration/plan.md"),
        PlanFormat::Json => {
            serde_json::to_string_pretty(&plan).map(|text| text + "\n").map_err(|error| error.to_string())
        }
        PlanFormat::Summary => Ok(plan.statements.iter().map(|statement| format!("{}\n", statement.reason)).collect()),
    }
}

/// How much the plan does, and which hazards it holds: on standard error, below the plan.
fn summary(plan: &Plan, ui: &Ui) {
    if plan.statements.is_empty() {
        ui.say("no difference");
        return;
    }
    let mut hazards: BTreeMap<HazardKind, usize> = BTreeMap::new();
    for hazard in plan.statements.iter().flat_map(|statement| &statement.hazards) {
        *hazards.entry(hazard.kind).or_default() += 1;
    }
    let hazards: Vec<String> = hazards.iter().map(|(kind, number)| format!("{number} {kind}")).collect();
    let hazards = if hazards.is_empty() { "no hazard".to_owned() } else { hazards.join(", ") };
    ui.say(format!("{}, {hazards}", count(plan.statements.len(), "statement")));
}

/// The exit status under the policy of `deny`.
fn denied(plan: &Plan, deny: &[HazardKind], ui: &Ui) -> Exit {
    let mut exit = Exit::Fine;
    for statement in &plan.statements {
        for hazard in statement.hazards.iter().filter(|hazard| deny.contains(&hazard.kind)) {
            ui.complain(format!("{} {hazard} ({})", paint(BAD, "denied"), statement.reason));
            exit = Exit::Findings;
        }
    }
    exit
}
