//! From a step to its view: the statements there and back, and the words and diagrams about them.
//!
//! What an edge does is worked out once: views are remembered by the schemas that they were made from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::Past;
use super::draft::Side;
use super::source::Reader;
use crate::build::load::Module;
use crate::concept::diagram::bare_type;
use crate::concept::mermaid::{Attribute, Edge as Line, Node, er};
use crate::config::hint::Hint;
use crate::digest::{self, Digest};
use crate::memo::{Key, Memo, Query};
use crate::model::Model;
use crate::model::constraint::Constraint;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::table::Table;
use crate::plan::{Plan, Statement};
use crate::prototype::Prototype;
use crate::prototype::follow::Iteration;
use crate::prototype::migration::{End, migration};
use crate::prototype::words::{short, slug};
use crate::render::iteration::{StepView, WayGroup, WayStatement, WayView};
use crate::render::migration::HazardView;
use crate::source::git::GitError;

pub(in crate::build) const STEP: Query = Query { name: "iteration", version: 1 };
/// What the mainline has of a module.
const MAINLINE: Query = Query { name: "mainline", version: 1 };

/// What the views of steps are made from.
pub struct Steps<'a> {
    past: &'a Past,
    here: &'a BTreeMap<String, Module>,
    hints: &'a [Hint],
    memo: &'a Memo,
    reader: OnceLock<Reader<'a>>,
}

impl<'a> Steps<'a> {
    /// Steps of the past and of the working tree, whose modules are `here`; `hints` say what past commits lacked, `memo`
    /// holds what was worked out.
    pub fn new(past: &'a Past, here: &'a BTreeMap<String, Module>, hints: &'a [Hint], memo: &'a Memo) -> Steps<'a> {
        Steps { past, here, hints, memo, reader: OnceLock::new() }
    }

    /// Reads the business-wide model that a draft among `steps` begins from, where its view has to be made: once, before
    /// several threads ask for it.
    ///
    /// # Errors
    /// When git cannot read a commit's files.
    pub fn prepare<'s>(&self, mut steps: impl Iterator<Item = &'s Iteration<Side>>) -> Result<(), GitError> {
        let lacks = |step: &&Iteration<Side>| {
            let is_draft = matches!(step.to, Some(Side::Here(_))) && matches!(step.from, Some(Side::Past(_)));
            let key = || self.memo.key(MAINLINE, self.key(step.from.as_ref()));
            is_draft
                && self.memo.held::<StepView>(self.inputs(step).1).is_none()
                && self.memo.held::<Prototype>(key()).is_none()
        };
        let lacking = steps.find(lacks).and_then(|step| step.from.as_ref());
        if let Some(Side::Past(source)) = lacking {
            self.reader()?.busm(source.project, &source.busm)?;
        }
        Ok(())
    }

    /// The digest of all that the view of a step is made from, and the key under which that is known.
    fn inputs(&self, step: &Iteration<Side>) -> (Digest, Key) {
        let hints: Vec<String> = self.hints.iter().map(|hint| format!("{hint:?}")).collect();
        let sides = [self.key(step.from.as_ref()), self.key(step.to.as_ref())];
        let inputs = digest::of("step", &(STEP.version, sides, step.from_state, step.to_state, hints));
        (inputs, self.memo.key(STEP, inputs))
    }

    fn reader(&self) -> Result<&Reader<'a>, GitError> {
        let repository = self.past.repository()?;
        Ok(self.reader.get_or_init(|| self.past.reader(repository)))
    }

    /// The view of a step, and the digest of all that it is made from.
    ///
    /// # Errors
    /// When git cannot read a commit's files.
    pub fn view(&self, step: &Iteration<Side>) -> Result<(Digest, Arc<StepView>), GitError> {
        let (inputs, key) = self.inputs(step);
        if let Some(view) = self.memo.held(key) {
            self.memo.hit(STEP);
            return Ok((inputs, view));
        }
        self.memo.ran(STEP, &format!("{} {}", step.module, step.number));
        let (from, to) = (self.from(step)?, self.prototype(step.to.as_ref())?);
        let view = Arc::new(view(step, &from, &to, self.hints));
        self.memo.hold(key, Arc::clone(&view));
        Ok((inputs, view))
    }

    /// What tells a side from all others.
    fn key(&self, side: Option<&Side>) -> Digest {
        match side {
            None => digest::of("side", &0),
            Some(Side::Past(source)) => digest::of("side", &(1, source)),
            Some(Side::Here(name)) => digest::of("side", &(2, self.here[name].view.prototype_basis())),
        }
    }

    /// The prototype that a step begins from. That of a draft is asked for again and again while files are edited.
    fn from(&self, step: &Iteration<Side>) -> Result<Arc<Prototype>, GitError> {
        let side = step.from.as_ref();
        if !matches!((side, &step.to), (Some(Side::Past(_)), Some(Side::Here(_)))) {
            return self.prototype(side).map(Arc::new);
        }
        let key = self.memo.key(MAINLINE, self.key(side));
        if let Some(known) = self.memo.held(key) {
            return Ok(known);
        }
        let prototype = Arc::new(self.prototype(side)?);
        self.memo.hold(key, Arc::clone(&prototype));
        Ok(prototype)
    }

    /// The prototype on a side of a step; nothing where there is none.
    ///
    /// # Errors
    /// When git cannot read a commit's files.
    pub fn prototype(&self, side: Option<&Side>) -> Result<Prototype, GitError> {
        Ok(match side {
            None => Prototype::default(),
            Some(Side::Past(source)) => self.reader()?.version(source)?.schema.prototype(),
            Some(Side::Here(name)) => self.here[name].view.prototype(),
        })
    }
}

fn view(step: &Iteration<Side>, from: &Prototype, to: &Prototype, hints: &[Hint]) -> StepView {
    let ends = [End { model: &from.model, state: step.from_state }, End { model: &to.model, state: step.to_state }];
    let (edge, made) = migration(ends[0], ends[1], hints);
    let state = |side: &Option<Side>, state: Digest| side.as_ref().map(|_| state.short());
    let (before, after) = diagrams(&made.up, &from.model, &to.model);
    let up = way(&made.up, to);
    let hazards = up.groups.iter().flat_map(|group| &group.statements).flat_map(|statement| statement.hazards.clone());
    StepView {
        edge: edge.id.short(),
        from: state(&step.from, step.from_state),
        to: state(&step.to, step.to_state),
        name: slug(&edge.deeds),
        short: short(&edge.deeds),
        deeds: edge.deeds.iter().map(ToString::to_string).collect(),
        hazards: hazards.collect(),
        down: way(&made.down, from),
        up,
        before,
        after,
        losses: made.losses,
    }
}

fn way(plan: &Plan, goal: &Prototype) -> WayView {
    let groups: Vec<WayGroup> = plan
        .statements
        .chunk_by(|a, b| a.group == b.group)
        .map(|statements| WayGroup {
            transaction: statements.iter().all(|statement| statement.transactional),
            statements: statements.iter().map(|one| statement(one, goal)).collect(),
        })
        .collect();
    WayView { together: groups.len() < 2 && groups.iter().all(|group| group.transaction), groups }
}

fn statement(statement: &Statement, goal: &Prototype) -> WayStatement {
    let hazard =
        |hazard: &crate::plan::Hazard| HazardView { kind: hazard.kind.to_string(), message: hazard.message.clone() };
    let about = |(table, column): &(Name, crate::model::name::Ident)| match &statement.object {
        ObjectId::Table(name) => statement.layout.is_some() && name == table,
        ObjectId::Column(owner, name) => owner == table && name == column && statement.sql.contains(" ADD COLUMN "),
        _ => false,
    };
    let notes = goal.notes.iter().filter(|(place, _)| about(place));
    WayStatement {
        sql: statement.sql.clone(),
        notes: notes.map(|((_, column), note)| format!("{column} {note}")).collect(),
        hazards: statement.hazards.iter().map(hazard).collect(),
    }
}

/// More tables than these are not drawn: the words say it better.
const DRAWN: usize = 12;

/// The tables that a plan makes, drops, renames or links, with their neighbours, before and after. A plan that only
/// changes columns has nothing to show that its words do not say.
fn diagrams(plan: &Plan, from: &Model, to: &Model) -> (Option<String>, Option<String>) {
    let mut touched: BTreeSet<&Name> = BTreeSet::new();
    for statement in &plan.statements {
        match &statement.object {
            ObjectId::Table(name) => drop(touched.insert(name)),
            ObjectId::Constraint(table, name) => {
                let side = |model: &Model| model.constraint(table, name).and_then(Constraint::foreign_key).is_some();
                if side(from) || side(to) {
                    touched.insert(table);
                }
            }
            _ => {}
        }
    }
    (diagram(&touched, from), diagram(&touched, to))
}

fn diagram(touched: &BTreeSet<&Name>, model: &Model) -> Option<String> {
    let shown: Vec<(&Name, &Table)> = model.tables.iter().filter(|(name, _)| touched.contains(name)).collect();
    if shown.is_empty() || shown.len() > DRAWN {
        return None;
    }
    let nodes: Vec<Node> = shown.iter().map(|(name, table)| node(name, table)).collect();
    let mut lines = Vec::new();
    for (name, table) in &model.tables {
        for key in table.constraints.values().filter_map(Constraint::foreign_key) {
            if touched.contains(name) || touched.contains(&key.table) {
                let columns: Vec<&str> = key.columns.iter().map(|column| column.as_str()).collect();
                lines.push(Line {
                    parent: key.table.name.as_str().to_owned(),
                    child: name.name.as_str().to_owned(),
                    optional: key
                        .columns
                        .iter()
                        .all(|column| table.column(column.as_str()).is_none_or(|it| !it.not_null)),
                    unique: table.primary_key() == key.columns,
                    label: columns.join(", "),
                });
            }
        }
    }
    Some(er(&nodes, &lines))
}

fn node(name: &Name, table: &Table) -> Node {
    let refers = |column: &Ident| {
        table.constraints.values().filter_map(Constraint::foreign_key).any(|key| key.columns.contains(column))
    };
    let attributes = table.columns.iter().map(|column| {
        let keys = [(table.primary_key().contains(&column.name), "PK"), (refers(&column.name), "FK")];
        Attribute {
            r#type: bare_type(column.ty.clone()),
            name: column.name.as_str().to_owned(),
            keys: keys.iter().filter(|(is, _)| *is).map(|(_, key)| *key).collect(),
            comment: None,
        }
    });
    Node { name: name.name.as_str().to_owned(), attributes: attributes.collect() }
}
