//! Random histories: every chain of migrations leads from nothing to the prototype, and back.
//!
//! A history is a function of a tape of numbers: edits of two modules and of the business-wide model, branches, merges,
//! commits that hold mistakes. git makes it, and PostgreSQL runs what forge derives from it. Written anew on
//! the same mainline with other words at another time, it gives the same statements. `FORGE_LONG=1` goes through more.

use std::collections::BTreeMap;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::iterations::{applies, build, edges, migrations};
use crate::support::git::Repo;
use crate::support::random::Choices;

const TYPES: &[&str] = &["text", "varchar(20)", "integer", "bigint", "boolean", "date", "uuid", "numeric(10, 2)"];
const MODULES: &[&str] = &["shop", "stock"];
/// What the business-wide model has, of which each module picks.
const PEOPLE: &[&str] = &["name", "email", "age"];

#[test]
fn random_histories_apply_and_go_back() {
    let seeds = if std::env::var_os("FORGE_LONG").is_some() { 40 } else { 3 };
    for seed in 0..seeds {
        println!("seed {seed}");
        let history = History::new(tape(seed));
        build(history.repo.root());
        assert!(edges(history.repo.root()).len() > MODULES.len(), "there is something to apply");
        for module in MODULES {
            applies(history.repo.root(), module);
        }
        reworded(&history.repo);
    }
}

fn tape(seed: u64) -> Vec<u32> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let numbers = proptest::collection::vec(proptest::num::u32::ANY, 400);
    numbers.new_tree(&mut runner).unwrap().current()
}

/// The same trees committed by others, later and in other words: the same edges, the same files.
fn reworded(repo: &Repo) {
    let before = (migrations(repo.root(), "generated"), edges(repo.root()));
    let commits = repo.git(&["rev-list", "--first-parent", "--reverse", "main"]);
    let mut parent = String::new();
    for (place, commit) in commits.lines().enumerate() {
        let (tree, subject) = (format!("{commit}^{{tree}}"), format!("step {place}"));
        let mut args = vec!["commit-tree", &tree, "-m", &subject];
        if !parent.is_empty() {
            args.extend(["-p", &parent]);
        }
        parent = repo.git(&args);
    }
    repo.git(&["reset", "--quiet", "--hard", &parent]);
    build(repo.root());
    assert_eq!((migrations(repo.root(), "generated"), edges(repo.root())), before);
}

/// The fields of a table: name, and what TOML says about it.
type Fields = BTreeMap<String, String>;

/// What the files of a branch say.
#[derive(Clone, Default)]
struct State {
    /// The tables of each module.
    modules: BTreeMap<&'static str, BTreeMap<String, Fields>>,
    /// The types of the business-wide model's fields.
    people: BTreeMap<&'static str, &'static str>,
    /// The fields that each module picks from it.
    picks: BTreeMap<&'static str, Vec<&'static str>>,
}

/// A repository and how its history came about.
struct History {
    repo: Repo,
    choices: Choices,
    names: usize,
}

impl History {
    fn new(tape: Vec<u32>) -> History {
        let mut history = History { repo: Repo::new(), choices: Choices::new(tape), names: 0 };
        let people = PEOPLE.iter().map(|field| (*field, "text")).collect();
        let mut state = State { people, ..State::default() };
        history.repo.write("forge.toml", "");
        history.commit(&mut state);
        for branch in 0..6 {
            for _ in 0..history.choices.below(3) {
                history.commit(&mut state);
            }
            let name = format!("branch-{branch}");
            history.repo.git(&["switch", "--quiet", "--create", &name]);
            let mut side = state.clone();
            for _ in 0..=history.choices.below(3) {
                history.commit(&mut side);
            }
            history.repo.git(&["switch", "--quiet", "main"]);
            match history.choices.below(4) {
                0 => drop(history.repo.merge(&name, &["--strategy=ours"])),
                1 => {
                    // The branch was rebased, and the mainline goes where it went.
                    history.repo.git(&["reset", "--quiet", "--hard", &name]);
                    state = side;
                }
                2 => {
                    history.repo.git(&["merge", "--quiet", "--squash", &name]);
                    state = side;
                    history.write(&state);
                    history.repo.commit("squash");
                }
                _ => {
                    history.repo.merge(&name, &[]);
                    state = side;
                }
            }
        }
        // Whatever was broken on the way, the end is not.
        history.write(&state);
        history.repo.commit("end");
        history
    }

    fn fresh(&mut self, word: &str) -> String {
        self.names += 1;
        format!("{word}_{}", self.names)
    }

    /// Edits a few things and commits them.
    fn commit(&mut self, state: &mut State) {
        for _ in 0..=self.choices.below(3) {
            self.edit(state);
        }
        self.write(state);
        if self.choices.chance(15) {
            let module = self.choices.of(MODULES);
            self.repo.write(&format!("modules/{module}/broken.toml"), "[x.fields]\nid = { typo = 1 }\n");
        }
        self.repo.commit("edit");
    }

    fn edit(&mut self, state: &mut State) {
        let module = self.choices.of(MODULES);
        let ty = self.choices.of(TYPES);
        let (table, column) = (self.fresh("table"), self.fresh("column"));
        let tables = state.modules.entry(module).or_default();
        let names: Vec<String> = tables.keys().cloned().collect();
        let chosen = self.choices.pick(&names).cloned();
        let fields = chosen.as_ref().and_then(|name| tables.get_mut(name));
        let old = fields.as_ref().and_then(|fields| {
            let plain: Vec<&String> = fields.keys().filter(|name| name.starts_with("column")).collect();
            self.choices.pick(&plain).map(|name| (*name).clone())
        });
        match (self.choices.below(9), fields, old) {
            (0, ..) => {
                let free = state.picks.entry(module).or_default();
                *free = PEOPLE.iter().copied().filter(|_| self.choices.chance(50)).collect();
            }
            (1, ..) => drop(state.people.insert(self.choices.of(PEOPLE), ty)),
            (2, Some(fields), Some(old)) => drop(fields.remove(&old)),
            (3, Some(fields), Some(old)) => {
                // Its type or what it refers to; an older hint is of no use any more.
                let said = fields.remove(&old).unwrap_or_default();
                let first =
                    said.trim_start_matches("{ ").split([',', '}']).next().unwrap_or_default().trim().to_owned();
                let first = if first.contains("numeric") { "type = \"text\"".to_owned() } else { first };
                fields.insert(column, format!("{{ {first}, renamed_from = \"{old}\" }}"));
            }
            (4, Some(fields), Some(old)) => drop(fields.insert(old, format!("{{ type = \"{ty}\" }}"))),
            (5, ..) if names.len() > 2 => {
                let gone = chosen.unwrap_or_default();
                tables.remove(&gone);
                let target = format!("\"{gone}\"");
                tables.values_mut().for_each(|fields| fields.retain(|_, said| !said.contains(&target)));
            }
            (6, Some(fields), _) => drop(fields.insert(column, format!("{{ references = \"{}\" }}", names[0]))),
            (7 | 8, Some(fields), _) => drop(fields.insert(column, format!("{{ type = \"{ty}\" }}"))),
            _ => drop(tables.insert(table, Fields::new())),
        }
    }

    /// Writes what the state says, and nothing else.
    fn write(&self, state: &State) {
        for folder in ["modules", "busm"] {
            let _ = std::fs::remove_dir_all(self.repo.root().join(folder));
        }
        let people: String = state.people.iter().map(|(name, ty)| format!("{name} = \"{ty}\"\n")).collect();
        let key = "id = { type = \"uuid\", primary_key = true }\n";
        self.repo.write("busm/people.toml", format!("[people.fields]\n{key}{people}"));
        for module in MODULES {
            let picks = state.picks.get(module).into_iter().flatten().map(|name| format!(", \"{name}\""));
            let picks: String = picks.collect();
            self.repo.write(&format!("modules/{module}/people.toml"), format!("[people]\npick = [\"id\"{picks}]\n"));
            for (table, fields) in state.modules.get(module).into_iter().flatten() {
                let fields: String = fields.iter().map(|(name, said)| format!("{name} = {said}\n")).collect();
                let text = format!("[{table}.fields]\n{key}{fields}");
                self.repo.write(&format!("modules/{module}/{table}.toml"), text);
            }
        }
    }
}
