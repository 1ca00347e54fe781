//! Settling: a conflict meets the `[[resolve]]` that the project wrote about it, or becomes a diagnostic.
//!
//! Remembers which facts of which resolutions were needed, so that those that were not can be reported.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::conflict::{Conflict, Fact};
use crate::config::resolve::Resolution;
use crate::diagnostic::{Diagnostic, nearest};
use crate::model::Model;
use crate::model::datatype::builtin_names;
use crate::model::name::{Ident, Name};

/// The places of resolutions in their list, by entity and field.
type ByPlace<'a> = BTreeMap<(&'a Name, Option<&'a Ident>), Vec<usize>>;

/// The project's resolutions, and what became of them so far.
pub struct Settlements<'a> {
    resolutions: &'a [Resolution],
    by_place: Arc<ByPlace<'a>>,
    needed: BTreeSet<(usize, Fact)>,
    /// What could not be settled, and what is wrong with what was said.
    pub diagnostics: Vec<Diagnostic>,
    /// What was settled, by entity: for the report.
    pub notes: BTreeMap<Name, Vec<String>>,
}

impl<'a> Settlements<'a> {
    /// Nothing settled yet.
    pub fn new(resolutions: &'a [Resolution]) -> Settlements<'a> {
        let mut by_place: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (at, resolution) in resolutions.iter().enumerate() {
            by_place.entry((&resolution.entity, resolution.field.as_ref())).or_default().push(at);
        }
        let (needed, diagnostics, notes) = (BTreeSet::new(), Vec::new(), BTreeMap::new());
        Settlements { resolutions, by_place: Arc::new(by_place), needed, diagnostics, notes }
    }

    /// The same resolutions, with nothing settled yet.
    pub fn apart(&self) -> Settlements<'a> {
        let (needed, diagnostics, notes) = (BTreeSet::new(), Vec::new(), BTreeMap::new());
        Settlements { resolutions: self.resolutions, by_place: Arc::clone(&self.by_place), needed, diagnostics, notes }
    }

    /// Adds what was settled apart, after what was settled here.
    pub fn join(&mut self, other: Settlements<'a>) {
        self.needed.extend(other.needed);
        self.diagnostics.extend(other.diagnostics);
        for (entity, notes) in other.notes {
            self.notes.entry(entity).or_default().extend(notes);
        }
    }

    /// The resolution that settles `conflict`; without one the conflict becomes a diagnostic.
    pub fn settle(&mut self, conflict: Conflict) -> Option<&'a Resolution> {
        let places = self.by_place.get(&(&conflict.entity, conflict.field.as_ref())).map_or(&[][..], Vec::as_slice);
        let Some(at) = places.iter().copied().find(|at| conflict.fact.settled_by(&self.resolutions[*at])) else {
            self.diagnostics.push(conflict.into_diagnostic());
            return None;
        };
        self.needed.insert((at, conflict.fact));
        let resolution = &self.resolutions[at];
        let note = format!("{}; resolved in `forge.toml`: {}", conflict.message, resolution.because);
        self.note(&conflict.entity, note);
        Some(resolution)
    }

    /// Remembers a choice for the report.
    pub fn note(&mut self, entity: &Name, text: String) {
        self.notes.entry(entity.clone()).or_default().push(text);
    }

    /// Reports each resolution that settles nothing: a mistyped place, or a conflict that is gone.
    pub fn report_unneeded(&mut self, merged: &Model) {
        for (at, resolution) in self.resolutions.iter().enumerate() {
            let idle: Vec<Fact> = Fact::ALL
                .into_iter()
                .filter(|fact| fact.settled_by(resolution) && !self.needed.contains(&(at, *fact)))
                .collect();
            let unknown = unknown_place(resolution, merged).or_else(|| unknown_type(resolution, merged));
            let finding = unknown.or_else(|| unneeded(resolution, &idle));
            self.diagnostics.extend(finding);
        }
    }
}

fn unknown_place(resolution: &Resolution, merged: &Model) -> Option<Diagnostic> {
    let error = |message: String| Diagnostic::error("unknown-resolve", resolution.span.clone(), message);
    let hint = |diagnostic: Diagnostic, near: Option<&str>| match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("remove this `[[resolve]]`, or correct what it names"),
    };
    let Some(table) = merged.tables.get(&resolution.entity) else {
        let known = merged.tables.keys().map(|name| name.name.as_str());
        let near = nearest(resolution.entity.name.as_str(), known);
        return Some(hint(error(format!("no entity `{}` is in use", resolution.entity)), near));
    };
    let field = resolution.field.as_ref()?;
    if table.column(field.as_str()).is_some() {
        return None;
    }
    let near = nearest(field.as_str(), table.columns.iter().map(|column| column.name.as_str()));
    Some(hint(error(format!("`{}` has no field `{field}`", resolution.entity)), near))
}

/// A type that nobody defines; one of an extension cannot be told.
fn unknown_type(resolution: &Resolution, merged: &Model) -> Option<Diagnostic> {
    let name = resolution.ty.as_ref()?.user_type()?;
    if merged.types.contains_key(name) || !merged.extensions.is_empty() {
        return None;
    }
    let found = Diagnostic::error("unknown-type", resolution.span.clone(), format!("unknown type `{name}`"));
    let own: Vec<String> = merged.types.keys().map(Name::to_string).collect();
    let mut candidates: Vec<&str> = builtin_names().collect();
    candidates.extend(own.iter().map(String::as_str));
    Some(match nearest(&name.to_string(), candidates) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help("name a type that PostgreSQL has, or that a schema file defines"),
    })
}

fn unneeded(resolution: &Resolution, idle: &[Fact]) -> Option<Diagnostic> {
    let place = match &resolution.field {
        Some(field) => format!("{}.{field}", resolution.entity),
        None => resolution.entity.to_string(),
    };
    let says_nothing = !Fact::ALL.iter().any(|fact| fact.settled_by(resolution));
    let message = if says_nothing {
        format!("this resolution of `{place}` does not say what holds")
    } else if !idle.is_empty() {
        let facts: Vec<String> = idle.iter().map(|fact| format!("`{fact}`")).collect();
        format!("there is no conflict about {} of `{place}`, so this has no effect", facts.join(" and "))
    } else {
        return None;
    };
    let help = if says_nothing { "add the fact to settle, such as `type`" } else { "remove it" };
    Some(Diagnostic::warning("unneeded-resolve", resolution.span.clone(), message).help(help))
}
