//! What each output here was last made from, and why it was made again.

use serde::{Deserialize, Serialize};

use super::ENGINE;
use super::known::Known;
use super::parts;
use super::pieces::{Piece, Pieces};
use crate::memo::Memo;
use crate::memo::trace::{Reason, Traces};
use crate::render::facts::Facts;
use crate::render::facts::compare::{Difference, Shown};
use crate::render::texts::TemplateUse;

/// What an output was last made from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Made {
    /// The version of forge that made it.
    pub engine: String,
    /// The target.
    pub target: String,
    /// What the target was rendered for.
    pub subject: String,
    /// The template.
    pub template: String,
    /// The render.
    pub known: Known,
    /// The number of the build that changed it last.
    pub build: u64,
    /// Why it did.
    pub reasons: Vec<Reason>,
}

impl Made {
    /// The note about `piece`, which is now what `known` made, for `reasons`, in the build numbered `build`.
    pub fn new(piece: &Piece, known: Known, reasons: Vec<Reason>, build: u64) -> Made {
        Made {
            engine: ENGINE.to_owned(),
            target: piece.target.name.clone(),
            subject: piece.subject.to_string(),
            template: piece.target.template.clone(),
            known,
            build,
            reasons,
        }
    }
}

/// Why `piece` is not what it was when it was last made here.
pub fn reasons(piece: &Piece, pieces: &Pieces, facts: &Facts, traces: &Traces, memo: &Memo) -> Vec<Reason> {
    let Some(made) = traces.last::<Made>(piece.path.as_str()) else { return vec![Reason::FirstBuild] };
    let mut reasons = Vec::new();
    if made.engine != ENGINE {
        reasons.push(Reason::EngineVersion { old: made.engine.clone(), new: ENGINE.to_owned() });
    }
    if made.template != piece.target.template {
        let name = format!("the template of target `{}`", piece.target.name);
        reasons.push(Reason::Changed { name, old: made.template.clone(), new: piece.target.template.clone() });
    }
    reasons.extend(made.known.templates.iter().filter_map(|old| template(old, pieces)));
    if let Some(trace) = made.known.trace(memo) {
        reasons.extend(trace.differences(facts, &|shown| parts::trace(shown, memo)).into_iter().map(reason));
    }
    reasons
}

/// How a template differs from the one that was used.
fn template(old: &TemplateUse, pieces: &Pieces) -> Option<Reason> {
    if pieces.engine.has_still(std::slice::from_ref(old)) {
        return None;
    }
    let name = format!("template `{}`", old.name);
    let whose = |own: bool| if own { "the project's own" } else { "built in" }.to_owned();
    let own = pieces.engine.is_overridden(&old.name);
    Some(match (old.digest, pieces.engine.text(&old.name)) {
        (None, _) => Reason::Appeared { name, new: String::new() },
        (Some(_), None) => Reason::Disappeared { name, old: String::new() },
        (Some(_), Some(_)) => Reason::Changed { name, old: whose(old.own), new: whose(own) },
    })
}

fn reason(Difference { name, old, new }: Difference) -> Reason {
    let text = |shown: Shown| match shown {
        Shown::Value(text) => text,
        Shown::Nothing | Shown::Something => String::new(),
    };
    match (old, new) {
        (Shown::Nothing, new) => Reason::Appeared { name, new: text(new) },
        (old, Shown::Nothing) => Reason::Disappeared { name, old: text(old) },
        (old, new) => Reason::Changed { name, old: text(old), new: text(new) },
    }
}
