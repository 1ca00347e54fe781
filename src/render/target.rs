//! The built-in outputs, and what a target's path is made of.

use serde::{Deserialize, Serialize};

use super::builtin::TARGETS;
use crate::config::target::Target;

/// The file of target declarations: the embedded one of defaults has the shape of `[[target]]` in `forge.toml`.
#[derive(Deserialize)]
struct File {
    target: Vec<Target>,
}

/// The built-in targets, in the order in which their file declares them.
pub fn builtin() -> Vec<Target> {
    let file: File = toml::from_str(TARGETS).expect("the embedded file is read by a test");
    file.target
}

/// The view of a path template: what the target is rendered for.
///
/// A path that stands for each entity of each module uses both names; one for the project uses neither.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PathView {
    /// The project's name.
    pub project: String,
    /// The module, for targets that have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<Named>,
    /// The entity, for targets that have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<Named>,
    /// The iteration, for targets that have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iteration: Option<Numbered>,
}

/// An iteration as a path names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Numbered {
    /// Its number in four digits or more, so that files sort by it.
    pub number: String,
    /// What it does, as a file's name.
    pub name: String,
    /// The time of its commit in fourteen digits; none for a draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stamp: Option<String>,
}

/// A module or an entity as a path names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Its name as a file's: see [`slugs`](crate::concept::slug::slugs).
    pub slug: String,
}

#[cfg(test)]
mod tests {
    use super::builtin;
    use crate::render::builtin::template;

    #[test]
    fn every_builtin_target_has_its_template() {
        let targets = builtin();
        assert!(!targets.is_empty());
        for target in targets {
            assert!(template(&target.template).is_some(), "{target:?}");
        }
    }
}
