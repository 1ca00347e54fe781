//! Where outputs lie that are made of something which can be out of reach as a whole: the history, and production. Those that
//! are there stay then, whichever there should be now: they tell of each other. Of no others it matters.

use std::borrow::Borrow;

use crate::config::target::{Each, Stage, Target};
use crate::path::RepoPath;

/// The grounds of outputs.
#[derive(Debug, Default)]
pub struct Grounds {
    /// That of the history, which may be unreadable.
    pub history: Ground,
    /// That of production, which an error may stand in the way of.
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

/// The paths that some of the targets can have made, and no others.
#[derive(Debug, Default)]
pub struct Ground {
    theirs: Vec<Frame>,
    /// Those of the others whose files have one name, wherever they lie.
    others: Vec<Frame>,
}

/// What is fixed of a target's paths, below the output folder.
#[derive(Debug)]
struct Frame {
    beginning: String,
    ending: String,
}

impl Ground {
    fn of<'t>(targets: impl Iterator<Item = &'t Target>, is_theirs: impl Fn(&Target) -> bool) -> Ground {
        let mut ground = Ground::default();
        for target in targets {
            let has_one_name = !target.path.rsplit('/').next().unwrap_or_default().contains("}}");
            match is_theirs(target) {
                true => ground.theirs.push(Frame::of(&target.path)),
                false if has_one_name => ground.others.push(Frame::of(&target.path)),
                false => {}
            }
        }
        ground
    }

    /// Whether `path`, below the folder `output`, can be one of their outputs.
    pub fn holds(&self, path: &RepoPath, output: &RepoPath) -> bool {
        let Some(below) = path.strip_prefix(output) else { return false };
        // Where both can have made it, it is whose frame has more of it.
        let nearest = |frames: &[Frame]| frames.iter().filter(|frame| frame.holds(below)).map(Frame::length).max();
        nearest(&self.theirs).is_some_and(|theirs| nearest(&self.others).is_none_or(|others| others <= theirs))
    }
}

impl Frame {
    /// What is fixed of the paths that `template` makes.
    fn of(template: &str) -> Frame {
        let beginning = template.split_once("{{").map_or(template, |(fixed, _)| fixed);
        let ending = template.rsplit_once("}}").map_or(template, |(_, fixed)| fixed);
        Frame { beginning: beginning.to_owned(), ending: ending.to_owned() }
    }

    fn length(&self) -> (usize, usize) {
        (self.beginning.len(), self.ending.len())
    }

    fn holds(&self, path: &str) -> bool {
        path.starts_with(&self.beginning) && path.ends_with(&self.ending)
    }
}

#[cfg(test)]
mod tests {
    use super::Grounds;
    use crate::config::target::{Stage, Target};
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
            ("generated/production/schema.sql", (false, true)),
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

    #[test]
    fn what_others_make_there_is_theirs() {
        let target = |stage, path: &str| Target { stage, path: path.to_owned(), ..builtin().remove(0) };
        let targets = [
            target(Stage::Production, "{{ entity.slug }}/README.md"),
            target(Stage::Production, "{{ entity.slug }}.txt"),
            target(Stage::Production, "production/{{ entity.slug }}/README.md"),
            target(Stage::Concept, "{{ entity.slug }}/notes/README.md"),
            target(Stage::Concept, "concept/README.md"),
            target(Stage::Concept, "concept/{{ module.slug }}/README.md"),
        ];
        let ground = Grounds::of(&targets).production;
        for (output, is) in [
            ("out/a/README.md", true),
            ("out/production/a/README.md", true),
            ("out/a/notes/README.md", false),
            ("out/concept/README.md", false),
            ("out/concept/m/README.md", false),
            ("out/a.txt", true),
            ("out/a.md", false),
        ] {
            let path = |text: &str| RepoPath::new(text).unwrap();
            assert_eq!(ground.holds(&path(output), &path("out")), is, "{output}");
        }
    }
}
