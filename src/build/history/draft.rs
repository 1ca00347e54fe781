//! The draft: the step of each module from the mainline to the working tree.

use std::collections::BTreeMap;

use super::log::Log;
use super::source::Source;
use crate::build::load::Loaded;
use crate::prototype::follow::{Chain, Chains, Iteration, Sight};
use crate::syntax::toml::Stage;

/// A side of a step: where its schema is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// In a commit.
    Past(Source),
    /// In the working tree, as the module of this name.
    Here(String),
}

/// The modules of the working tree at the end of the mainline's chains.
pub struct Draft {
    /// The chains with the drafts as their last steps.
    pub chains: Chains<Side>,
    /// The drafts, by the modules' names.
    pub steps: Vec<Iteration<Side>>,
}

/// What the working tree adds to the mainline. A module that holds a mistake, or cannot be looked at, adds nothing.
pub fn draft(log: &Log, loaded: &Loaded) -> Draft {
    let mut chains = log.chains.map(|source| Side::Past(source.clone()));
    let not_seen = || if loaded.poison.unseen { Sight::Broken { renamed_from: None } } else { Sight::Absent };
    let mut seen: BTreeMap<String, Sight<Side>> =
        chains.by_name.keys().map(|name| (name.clone(), not_seen())).collect();
    for (name, module) in &loaded.modules {
        let renamed_from = module.info.renamed_from.clone();
        let sight = if loaded.poison.modules.contains(name) {
            Sight::Broken { renamed_from }
        } else if module.info.stage >= Stage::Prototype {
            let state = module.view.prototype_state();
            Sight::Whole { state, source: Side::Here(name.clone()), renamed_from }
        } else {
            Sight::Absent
        };
        seen.insert(name.clone(), sight);
    }
    let steps = chains.see(&seen);
    Draft { chains, steps }
}

impl Draft {
    /// All steps of a chain: those of the mainline, and the draft.
    pub fn steps_of(&self, log: &Log, chain: &Chain<Side>) -> Vec<Iteration<Side>> {
        let past = log.chain(chain.id).map(|entry| past(&entry.step));
        past.chain(self.steps.iter().filter(|step| step.chain == chain.id).cloned()).collect()
    }
}

/// A step of the mainline among drafts.
pub fn past(step: &Iteration<Source>) -> Iteration<Side> {
    let side = |source: &Option<Source>| source.clone().map(Side::Past);
    Iteration {
        chain: step.chain,
        module: step.module.clone(),
        number: step.number,
        from_state: step.from_state,
        to_state: step.to_state,
        from: side(&step.from),
        to: side(&step.to),
    }
}
