//! `forge.toml`: the project's settings as plain values.

pub mod grammar;
pub mod harden;
pub mod hint;
pub mod layout;
mod read;
pub mod resolve;
pub mod target;

pub use read::read;

use harden::Harden;
use hint::Hint;
use layout::Layout;
use resolve::Resolution;
use target::Target;

use crate::diagnostic::Span;
use crate::path::RepoPath;

/// The name of the file that makes a folder a project.
pub const FILE_NAME: &str = "forge.toml";

/// A project's settings. The defaults are those that an empty `forge.toml` means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// What people call the project.
    pub name: String,
    /// The folder of the business-wide model.
    pub busm: RepoPath,
    /// The folder whose folders are the modules.
    pub modules: RepoPath,
    /// The folder of overridden and added templates.
    pub templates: RepoPath,
    /// The folder that outputs are written to.
    pub output: RepoPath,
    /// The folders to be read that the settings name otherwise than is usual, each with where they do: they have to be there.
    pub named: Vec<(RepoPath, Span)>,
    /// The branch whose commits are the iterations, when the settings name one.
    pub mainline: Option<String>,
    /// For which tool migrations are laid out.
    pub layout: Layout,
    /// What past commits lacked.
    pub hints: Vec<Hint>,
    /// How production is hardened.
    pub harden: Harden,
    /// How conflicts are settled.
    pub resolutions: Vec<Resolution>,
    /// The team's own outputs.
    pub targets: Vec<Target>,
}

impl Default for Config {
    fn default() -> Config {
        let folder = |name| RepoPath::new(name).unwrap_or_default();
        Config {
            name: "Data model".to_owned(),
            busm: folder("busm"),
            modules: folder("modules"),
            templates: folder("templates"),
            output: folder("generated"),
            named: Vec::new(),
            mainline: None,
            layout: Layout::default(),
            hints: Vec::new(),
            harden: Harden::default(),
            resolutions: Vec::new(),
            targets: Vec::new(),
        }
    }
}
