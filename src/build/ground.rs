//! Where outputs that are made of the history lie. When the history cannot be read nobody knows which of them there
//! should be: those that are there stay, and of no others it matters.

use std::borrow::Borrow;
use std::collections::BTreeSet;

use crate::config::target::{Each, Target};
use crate::path::RepoPath;

/// The paths that only the targets of the history can have made.
#[derive(Debug, Default)]
pub struct Ground {
    /// The fixed beginnings of those targets' paths, below the output folder.
    beginnings: Vec<String>,
    /// The fixed names of files that other targets make, wherever they lie.
    others: BTreeSet<String>,
}

impl Ground {
    /// The ground of the history's targets among `targets`.
    pub fn of(targets: &[impl Borrow<Target>]) -> Ground {
        let mut ground = Ground::default();
        for target in targets.iter().map(Borrow::borrow) {
            let fixed = target.path.split("{{").next().unwrap_or_default();
            let name = target.path.rsplit('/').next().unwrap_or_default();
            match target.each {
                Each::Iteration | Each::Timeline => ground.beginnings.push(fixed.to_owned()),
                Each::Project | Each::Module | Each::Entity if !name.contains("{{") => {
                    ground.others.insert(name.to_owned());
                }
                Each::Project | Each::Module | Each::Entity => {}
            }
        }
        ground
    }

    /// Whether `path`, below the folder `output`, can be one of the history's outputs.
    pub fn holds(&self, path: &RepoPath, output: &RepoPath) -> bool {
        let Some(below) = path.strip_prefix(output) else { return false };
        !self.others.contains(path.file_name()) && self.beginnings.iter().any(|fixed| below.starts_with(fixed))
    }
}

#[cfg(test)]
mod tests {
    use super::Ground;
    use crate::path::RepoPath;
    use crate::render::target::builtin;

    #[test]
    fn migrations_and_timelines_are_told_from_all_other_outputs() {
        let path = |text: &str| RepoPath::new(text).unwrap();
        let ground = Ground::of(&builtin());
        for (output, is) in [
            ("generated/prototype/a/0001_create_things.sql", true),
            ("generated/prototype/a/iterations.md", true),
            ("generated/prototype/a/supabase/migrations/20260101000000_x.sql", true),
            ("generated/prototype/a/schema.sql", false),
            ("generated/production/schema.sql", false),
            ("generated/concept/modules/a.md", false),
            ("elsewhere/prototype/a/iterations.md", false),
        ] {
            assert_eq!(ground.holds(&path(output), &path("generated")), is, "{output}");
        }
    }
}
