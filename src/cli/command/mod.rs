//! The commands, one file each.

mod build;
mod check;
mod clean;
mod completions;
mod diff;
mod init;
mod log;
mod show;
mod watch;
mod why;

use super::args::{Args, Command, Global};
use super::exit::Exit;
use super::ui::Ui;
use crate::build::project::Project;
use crate::build::session::{Look, Session};
use crate::build::{Mode, Progress, Report};

/// Runs the command that `args` name.
pub fn run(args: Args, ui: &Ui) -> Exit {
    let global = &args.global;
    match args.command {
        Command::Build(options) => build::run(global, &options, ui),
        Command::Check(options) => check::run(global, &options, ui),
        Command::Clean => clean::run(global, ui),
        Command::Completions(options) => completions::run(&options),
        Command::Diff(options) => diff::run(global, &options, ui),
        Command::Init(options) => init::run(global, &options, ui),
        Command::Log(options) => log::run(global, &options, ui),
        Command::Show(options) => show::run(global, &options, ui),
        Command::Watch(options) => watch::run(global, &options, ui),
        Command::Why(options) => why::run(global, &options, ui),
    }
}

/// The project that the command line means, or the exit status after having said that there is none.
fn project(global: &Global, ui: &Ui) -> Result<Project, Exit> {
    Project::find(&global.project).map_err(|error| {
        ui.complain(format!("forge: {error}"));
        Exit::Failed
    })
}

/// Builds once; whoever has said what came of it ends the session.
fn once(project: &Project, mode: Mode, progress: &Progress<'_>) -> (Report, Session) {
    let mut session = Session::new(project.clone());
    (session.build(&Look::All, mode, progress), session)
}
