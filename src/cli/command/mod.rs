//! The commands, one file each.

pub mod build;
pub mod check;
pub mod clean;
pub mod completions;
pub mod diff;
pub mod init;
pub mod show;

use super::args::Global;
use super::exit::Exit;
use super::ui::Ui;
use crate::build::project::Project;

/// The project that the command line means, or the exit status after having said that there is none.
fn project(global: &Global, ui: &Ui) -> Result<Project, Exit> {
    Project::find(&global.project).map_err(|error| {
        ui.complain(format!("forge: {error}"));
        Exit::Failed
    })
}
