//! A damaged cache: whatever is flipped, cut or zeroed in whichever of its files, no build crashes, no output is wrong, and
//! the run after is a no-op.

use forge::build::project::Project as Opened;
use forge::build::{Mode, Report};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

use crate::support::project::Project;

/// What is done to a file.
#[derive(Clone, Debug)]
enum Damage {
    Flip { at: f64, mask: u8 },
    Cut { at: f64 },
    Zero { at: f64, length: usize },
    Grow(Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = || 0.0..1.0_f64;
    prop_oneof![
        (at(), 1_u8..).prop_map(|(at, mask)| Damage::Flip { at, mask }),
        at().prop_map(|at| Damage::Cut { at }),
        (at(), 1_usize..64).prop_map(|(at, length)| Damage::Zero { at, length }),
        proptest::collection::vec(any::<u8>(), 1..40).prop_map(Damage::Grow),
    ]
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |at: f64, bytes: &[u8]| ((bytes.len() as f64 * at) as usize).min(bytes.len().saturating_sub(1));
        match self {
            _ if bytes.is_empty() => {}
            Damage::Flip { at, mask } => {
                let at = place(*at, bytes);
                bytes[at] ^= mask;
            }
            Damage::Cut { at } => bytes.truncate(place(*at, bytes)),
            Damage::Zero { at, length } => {
                let start = place(*at, bytes);
                let end = (start + length).min(bytes.len());
                bytes[start..end].fill(0);
            }
            Damage::Grow(more) => bytes.extend_from_slice(more),
        }
    }
}

fn build(project: &Project) -> Report {
    forge::build::build(&Opened::find(project.root()).unwrap(), Mode::Write, &|_, _| {})
}

/// The cache's files.
fn cache(project: &Project) -> Vec<String> {
    let files = project.files(".git/forge").into_keys();
    files.filter(|path| !path.ends_with("/lock")).collect()
}

fn cases() -> u32 {
    if std::env::var_os("FORGE_LONG").is_some() { 3_000 } else { 24 }
}

#[test]
fn every_kind_of_cache_file_is_damaged() {
    let project = Project::example();
    build(&project);
    let names: Vec<String> = cache(&project);
    for name in ["log", "index", "table", "last-build", "standing", "outputs/ledger", "traces/log"] {
        assert!(names.iter().any(|path| path.ends_with(name)), "{name} is none of {names:?}");
    }
}

/// What is handed on stands for values in the log: where some of them are damaged, all is made again, and only once.
#[test]
fn what_is_handed_on_and_lost_is_made_again() {
    let (project, clean) = (Project::large("\"varchar(20)\""), Project::large("\"varchar(20)\""));
    build(&project);
    let pristine = project.files(".git/forge");
    let log = pristine.keys().find(|path| path.ends_with("forge/log")).unwrap();
    for share in 1..12 {
        pristine.iter().for_each(|(path, bytes)| project.write(path, bytes));
        let mut bytes = pristine[log].clone();
        let (from, to) = (bytes.len() * (share - 1) / 12, bytes.len() * (share + 1) / 12);
        bytes[from.max(20)..to].iter_mut().step_by(300).for_each(|byte| *byte ^= 1);
        project.write(log, bytes);
        let (old, new) = (format!("varchar({})", 19 + share), format!("varchar({})", 20 + share));
        for project in [&project, &clean] {
            project.edit("busm/more_07.toml", &old, &new);
        }
        let report = build(&project);
        assert!(!report.all_diagnostics().any(forge::diagnostic::Diagnostic::is_error), "share {share}");
        build(&clean);
        assert_eq!(project.files("generated"), clean.files("generated"), "share {share}");
        let again = build(&project);
        assert!(again.outcome.is_current() && again.reasons.is_empty(), "share {share}: {:?}", again.outcome);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn a_damaged_cache_changes_no_output(
        hits in proptest::collection::vec((any::<proptest::sample::Index>(), damage()), 1..4),
        of_many in proptest::bool::weighted(0.25),
        edit in prop_oneof![Just(None), Just(Some(("varchar(20)", "varchar(30)"))), Just(Some(("[services]", "# x\n[services]")))],
    ) {
        let begin = || if of_many { Project::large("\"varchar(20)\"") } else { Project::example() };
        let (project, clean) = (begin(), begin());
        build(&project);
        if of_many {
            // What is handed on is older than the last build then.
            [&project, &clean].iter().for_each(|project| project.edit("busm/more_07.toml", "(20)", "(21)"));
            build(&project);
        }
        for (index, damage) in &hits {
            let files = cache(&project);
            let path = index.get(&files);
            let mut bytes = project.files(".git/forge")[path].clone();
            damage.apply(&mut bytes);
            project.write(path, bytes);
        }
        if let Some((old, new)) = edit {
            let path = if of_many && old.contains("varchar") { "busm/more_08.toml" } else { "busm/services.toml" };
            project.edit(path, old, new);
            clean.edit(path, old, new);
        }
        let report = build(&project);
        prop_assert!(!report.all_diagnostics().any(forge::diagnostic::Diagnostic::is_error));
        build(&clean);
        prop_assert_eq!(project.files("generated"), clean.files("generated"));
        let again = build(&project);
        prop_assert!(again.outcome.is_current() && again.reasons.is_empty(), "{:?}", again.outcome);
    }
}
