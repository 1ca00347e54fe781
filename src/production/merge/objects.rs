//! Everything that is no table: united by identity. The same identity with two contents is reported; the values of
//! an enum are united in their order.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Severity};
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::types::{EnumValue, TypeKind, UserType};
use crate::model::{Hints, Model, canonical};
use crate::production::claim::Claimant;
use crate::production::conflict::{Side, disagreement};
use crate::production::meaning::mentions;

/// Adds all objects but tables to `merged`; says whether some were compared in the form in which PostgreSQL would store them.
pub fn merge(
    claimants: &[&Claimant<'_>],
    in_use: &BTreeSet<Name>,
    merged: &mut Model,
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    let mut union = Union { claimants, diagnostics, is_compared: false };
    merged.schemas = union.of(
        |model| &model.schemas,
        |id| ObjectId::Schema(id.clone()),
        |object| {
            (object.comment, object.hints) = (None, Hints::default());
        },
    );
    merged.extensions =
        union.of(|model| &model.extensions, |id| ObjectId::Extension(id.clone()), |object| object.comment = None);
    merged.types = union.types();
    merged.sequences = union.of(
        |model| &model.sequences,
        |id| ObjectId::Sequence(id.clone()),
        |object| {
            (object.comment, object.hints) = (None, Hints::default());
        },
    );
    merged.sequences.retain(|_, sequence| sequence.owned_by.as_ref().is_none_or(|(table, _)| in_use.contains(table)));
    merged.views = union.of(
        |model| &model.views,
        |id| ObjectId::View(id.clone()),
        |object| {
            (object.comment, object.hints) = (None, Hints::default());
        },
    );
    merged.routines = union.of(
        |model| &model.routines,
        |id| ObjectId::Routine(id.clone()),
        |object| {
            (object.comment, object.hints) = (None, Hints::default());
        },
    );
    merged.grants = union.of(|model| &model.grants, |key| key.object.clone(), |_| {});
    merged.grants.retain(|key, _| table_of(&key.object).is_none_or(|table| in_use.contains(table)));
    merged.default_privileges =
        union.of(|model| &model.default_privileges, |_| ObjectId::Schema("public".into()), |_| {});
    merged.others = union.of(|model| &model.others, |id| ObjectId::Other(id.clone()), |object| object.comment = None);
    union.is_compared
}

/// Leaves out the views that read an entity of the BUSM which is not in use, and says so of each.
pub fn leave_out_unused_views(
    claimants: &[&Claimant<'_>],
    in_use: &BTreeSet<Name>,
    merged: &mut Model,
) -> Vec<(Name, Diagnostic)> {
    let unused: BTreeSet<&Name> = claimants
        .iter()
        .filter(|claimant| claimant.busm)
        .flat_map(|claimant| claimant.model.tables.keys())
        .filter(|name| !in_use.contains(*name))
        .collect();
    let mut left_out = Vec::new();
    if unused.is_empty() {
        return left_out;
    }
    merged.views.retain(|name, view| {
        let Some(missing) = unused.iter().find(|table| mentions(&view.query, table)) else { return true };
        let message = format!("the view `{name}` is left out, because no module uses `{missing}`, which it reads");
        let mut note = Diagnostic::new(Severity::Note, "view-left-out", message);
        let place = claimants.iter().find_map(|claimant| claimant.span(&ObjectId::View(name.clone())));
        note = place.into_iter().fold(note, |note, span| note.at(span.clone(), ""));
        left_out.push((name.clone(), note));
        false
    });
    left_out
}

/// The table that an object is, or is a part of.
fn table_of(object: &ObjectId) -> Option<&Name> {
    match object {
        ObjectId::Table(table) | ObjectId::Column(table, _) => Some(table),
        _ => None,
    }
}

struct Union<'c, 'a, 'd> {
    claimants: &'c [&'c Claimant<'a>],
    diagnostics: &'d mut Vec<Diagnostic>,
    is_compared: bool,
}

impl Union<'_, '_, '_> {
    /// The objects of one kind; `bare` takes away what is no part of an object's meaning.
    fn of<K: Ord + Clone, V: Clone + PartialEq>(
        &mut self,
        objects: impl Fn(&Model) -> &BTreeMap<K, V>,
        id: impl Fn(&K) -> ObjectId,
        bare: impl Fn(&mut V),
    ) -> BTreeMap<K, V> {
        let mut union: BTreeMap<K, (V, &Claimant<'_>)> = BTreeMap::new();
        // In the form in which PostgreSQL would store it.
        let meaning = |key: &K, by: &Claimant<'_>| {
            let only = canonical::only(by.model, &[id(key)]);
            let mut object = objects(&only).get(key).or_else(|| objects(by.model).get(key)).cloned();
            object.iter_mut().for_each(&bare);
            object
        };
        for claimant in self.claimants {
            for (key, object) in objects(claimant.model) {
                match union.get(key) {
                    None => drop(union.insert(key.clone(), (object.clone(), claimant))),
                    Some((known, by)) if known != object => {
                        self.is_compared = true;
                        if meaning(key, by) != meaning(key, claimant) {
                            self.diagnostics.push(contradiction(&id(key), by, claimant));
                        }
                    }
                    Some(_) => {}
                }
            }
        }
        union.into_iter().map(|(key, (object, _))| (key, object)).collect()
    }

    fn types(&mut self) -> BTreeMap<Name, UserType> {
        let mut union: BTreeMap<Name, (UserType, &Claimant<'_>)> = BTreeMap::new();
        for claimant in self.claimants {
            for (name, ty) in &claimant.model.types {
                let Some((known, by)) = union.get_mut(name) else {
                    union.insert(name.clone(), (ty.clone(), claimant));
                    continue;
                };
                match (&mut known.kind, &ty.kind) {
                    (known, kind) if known == kind => {}
                    (TypeKind::Enum(known), TypeKind::Enum(values)) => match unite_values(known, values) {
                        Some(united) => *known = united,
                        None => self.diagnostics.push(contradiction(&ObjectId::Type(name.clone()), by, claimant)),
                    },
                    _ => self.diagnostics.push(contradiction(&ObjectId::Type(name.clone()), by, claimant)),
                }
            }
        }
        union.into_iter().map(|(name, (ty, _))| (name, ty)).collect()
    }
}

fn contradiction(object: &ObjectId, a: &Claimant<'_>, b: &Claimant<'_>) -> Diagnostic {
    let message = format!("`{}` and `{}` define {} differently", a.name, b.name, named(object));
    let sides = [a, b].map(|claimant| Side {
        who: claimant.name.clone(),
        says: "this".to_owned(),
        span: claimant.span(object).cloned(),
    });
    disagreement("object-conflict", message, sides.to_vec())
        .help("give both the same definition, or one of them another name")
}

fn named(object: &ObjectId) -> String {
    let text = object.to_string();
    text.split_once(' ').map_or_else(|| text.clone(), |(kind, name)| format!("the {kind} `{name}`"))
}

/// The values of both enums in an order that keeps that of each; `None` when the two orders contradict each other.
fn unite_values(known: &[EnumValue], other: &[EnumValue]) -> Option<Vec<EnumValue>> {
    let mut united = known.to_vec();
    let mut after = 0;
    for value in other {
        match united.iter().position(|known| known.label == value.label) {
            Some(at) if at < after => return None,
            Some(at) => after = at + 1,
            None => {
                united.insert(after, value.clone());
                after += 1;
            }
        }
    }
    Some(united)
}

#[cfg(test)]
mod tests {
    use super::{EnumValue, unite_values};

    fn values(labels: &str) -> Vec<EnumValue> {
        labels.split(' ').map(|label| EnumValue { label: label.to_owned(), renamed_from: None }).collect()
    }

    #[test]
    fn enum_values_keep_the_order_of_both() {
        assert_eq!(
            unite_values(&values("new open done"), &values("open held done")),
            Some(values("new open held done"))
        );
        assert_eq!(unite_values(&values("open"), &values("new open")), Some(values("new open")));
        assert_eq!(unite_values(&values("a b"), &values("b a")), None);
    }
}
