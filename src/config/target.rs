//! `[[target]]`: one kind of output. The built-in outputs are targets too.

use serde::{Deserialize, Serialize};

use super::layout::Layout;

/// One kind of output: a template, what it is rendered for, and where the result goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// What it is called in messages.
    pub name: String,
    /// The stage whose view the template is given.
    pub stage: Stage,
    /// What it is rendered for.
    #[serde(rename = "for")]
    pub each: Each,
    /// The template's name.
    pub template: String,
    /// The output's path below the output folder, itself a template.
    pub path: String,
    /// The layout of migrations that it belongs to; none for one that is always rendered.
    #[serde(default)]
    pub layout: Option<Layout>,
    /// For iterations: whether the step that is not committed yet is rendered too.
    #[serde(default = "yes")]
    pub drafts: bool,
}

fn yes() -> bool {
    true
}

/// The three stages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// "What do we need?"
    #[default]
    Concept,
    /// "Make it work."
    Prototype,
    /// "Make it right."
    Production,
}

/// What a target is rendered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Each {
    /// Once.
    Project,
    /// Each module.
    Module,
    /// Each entity, merged over the modules.
    Entity,
    /// Each iteration of each module.
    Iteration,
    /// Each module that has iterations, all of them together.
    Timeline,
}
