//! Where outputs lie that are made of something which can be out of reach as a whole: the history, and production. Nobody
//! knows then which of them there should be: those that are there stay, and of no others it matters.

use std::borrow::Borrow;
use std::collections::BTreeSet;

use crate::config::target::{Each, Stage, Target};
use crate::path::RepoPath;

/// The grounds of outputs.
#[derive(Debug, Default)]
pub struct Grounds {
    /// That of the history, which may be unreadable.
    pub history: Ground,
    /// That of production, which a conflict stands in the way of.
    pub production: Ground,
}

impl Grounds {
    /// The grounds of those that `targets` make.
    pub fn of(targets: &[impl Borrow<Target>]) -> Grounds {
        let of = |is_theirs: fn(&Target) -> bool| Ground::of(targets.iter().map(Borrow::borrow), is_theirs);
        Grounds {
            history: of(|target| matches!(target.each, Each::Iteration | Each::Timeline)),
            production: of(|target| target.stage == Stage::Production),
        }
    }
}

/// The paths that only some of the targets can have made.
#[derive(Debug, Default)]
pub struct Ground {
    /// The fixed beginnings of those targets' paths, below the output folder.
    beginnings: Vec<String>,
    /// The fixed names of files that other targets make, wherever they lie.
    others: BTreeSet<String>,
}

impl Ground {
    fn of<'t>(targets: impl Iterator<Item = &'t Target>, is_theirs: impl Fn(&Target) -> bool) -> Ground {
        let mut ground = Ground::default();
        for target in targets {
            let fixed = target.path.split("{{").next().unwrap_or_default();
            let name = target.path.rsplit('/').next().unwrap_or_default();
            if is_theirs(target) {
                ground.beginnings.push(fixed.to_owned());
            } else if !name.contains("{{") {
                ground.others.insert(name.to_owned());
            }
        }
        ground
    }

    /// Whether `path`, below the folder `output`, can be one of their outputs.
    pub fn holds(&self, path: &RepoPath, output: &RepoPath) -> bool {
        let Some(below) = path.strip_prefix(output) else { return false };
        !self.others.contains(path.file_name()) && self.beginnings.iter().any(|fixed| below.starts_with(fixed))
    }
}

#[cfg(test)]
mod tests {
    use super::Grounds;
    use crate::path::RepoPath;
    use crate::render::target::builtin;

    #[test]
    fn outputs_are_told_by_what_they_are_made_of() {
        let path = |text: &str| RepoPath::new(text).unwrap();
        let Grounds { history, production } = Grounds::of(&builtin());
        for (output, of) in [
            ("generated/prototype/a/0001_create_things.sql", (true, false)),
            ("generated/prototype/a/iterations.md", (true, false)),
            ("generated/prototype/a/supabase/migrations/20260101000000_x.sql", (true, false)),
            ("generated/prototype/a/schema.sql", (false, false)),
            ("generated/production/schema.sql", (false, false)),
            ("generated/production/hardening-report.md", (false, true)),
            ("generated/production/hardening/a.md", (false, true)),
            ("generated/concept/modules/a.md", (false, false)),
            ("generated/concept/entities/a.md", (false, false)),
            ("elsewhere/prototype/a/iterations.md", (false, false)),
            ("elsewhere/production/hardening/a.md", (false, false)),
        ] {
            let holds = [&history, &production].map(|ground| ground.holds(&path(output), &path("generated")));
            assert_eq!(holds, [of.0, of.1], "{output}");
        }
    }
}
