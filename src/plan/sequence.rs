//! Sequences that have a name of their own.

use super::Context;
use super::action::{Draft, Part, Verb};
use super::statement::HazardKind;
use super::text::literal;
use crate::diff::Fact;
use crate::model::name::Name;
use crate::model::sequence::{Sequence, SequenceOptions};

/// How a sequence counts, as CREATE SEQUENCE spells it.
pub(super) fn options(options: &SequenceOptions) -> Vec<String> {
    let mut words = Vec::new();
    words.extend(options.ty.as_ref().map(|ty| format!("AS {}", ty.to_sql())));
    words.extend(options.increment.map(|by| format!("INCREMENT BY {by}")));
    words.extend(options.min.map(|min| format!("MINVALUE {min}")));
    words.extend(options.max.map(|max| format!("MAXVALUE {max}")));
    words.extend(options.start.map(|start| format!("START WITH {start}")));
    words.extend(options.cache.map(|cache| format!("CACHE {cache}")));
    words.extend(options.cycle.then(|| "CYCLE".to_owned()));
    words
}

/// The statements that carry out `verb`.
pub(super) fn drafts(context: &Context<'_>, name: &Name, part: Part, verb: Verb, facts: &[Fact]) -> Vec<Draft> {
    let (old, new) = (context.old.model.sequences.get(name), context.new.model.sequences.get(name));
    match (part, verb, old, new) {
        (Part::Owner, Verb::Drop, ..) => vec![Draft::new(format!("ALTER SEQUENCE {name} OWNED BY NONE"))],
        (Part::Owner, _, _, Some(Sequence { owned_by: Some((table, column)), .. })) => {
            vec![Draft::new(format!("ALTER SEQUENCE {name} OWNED BY {table}.{column}"))]
        }
        (_, Verb::Create, _, Some(sequence)) => vec![Draft::new(create(name, sequence))],
        (_, Verb::Drop, ..) => vec![
            Draft::new(format!("DROP SEQUENCE {name}"))
                .hazard(HazardKind::DeleteData, format!("drops the sequence {name}; how far it had counted is lost")),
        ],
        (_, Verb::Alter, Some(old), Some(new)) => alter(name, old, new, facts),
        _ => Vec::new(),
    }
}

fn create(name: &Name, sequence: &Sequence) -> String {
    let unlogged = if sequence.unlogged { "UNLOGGED " } else { "" };
    let mut words = vec![format!("CREATE {unlogged}SEQUENCE {name}")];
    words.extend(options(&sequence.options));
    words.join(" ")
}

fn alter(name: &Name, old: &Sequence, new: &Sequence, facts: &[Fact]) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let changed = changes(&old.options, &new.options);
    drafts.extend(reach(name, &old.options, &new.options));
    if !changed.is_empty() {
        let draft = Draft::new(format!("ALTER SEQUENCE {name} {}", changed.join(" ")));
        drafts.push(if is_left(&old.options, &new.options) {
            draft.hazard(HazardKind::DeleteData, format!("{name} begins anew; how far it had counted is lost"))
        } else if bounds(&old.options) != bounds(&new.options) || old.options.ty != new.options.ty {
            let message = format!("fails if {name} has counted beyond its new bounds");
            draft.hazard(HazardKind::MayFail, message)
        } else {
            draft
        });
    }
    if facts.iter().any(|fact| fact.name == "unlogged") {
        let logged = if new.unlogged { "UNLOGGED" } else { "LOGGED" };
        drafts.push(Draft::new(format!("ALTER SEQUENCE {name} SET {logged}")));
    }
    drafts
}

/// Lets a sequence begin at its start again.
pub(super) const RESTART: &str = "RESTART";

fn falls(options: &SequenceOptions) -> bool {
    options.increment.is_some_and(|by| by < 0)
}

/// The least and the greatest value, the type's own bounds aside. Source: CREATE SEQUENCE, `MINVALUE` and `MAXVALUE`.
fn bounds(options: &SequenceOptions) -> (i64, i64) {
    let (least, most) = if falls(options) { (i64::MIN, -1) } else { (1, i64::MAX) };
    (options.min.unwrap_or(least), options.max.unwrap_or(most))
}

/// The first value.
fn start(options: &SequenceOptions) -> i64 {
    let (least, most) = bounds(options);
    options.start.unwrap_or(if falls(options) { most } else { least })
}

/// Whether no value that the sequence can have had is allowed any more: it cannot go on from there.
fn is_left(old: &SequenceOptions, new: &SequenceOptions) -> bool {
    let ((least, most), (new_least, new_most)) = (bounds(old), bounds(new));
    most < new_least || new_most < least
}

/// A sequence that has not counted up to its new bounds yet (down to them, when it falls) goes on at the first value
/// within: PostgreSQL would refuse the bounds, or a restart would repeat values.
pub(super) fn reach(name: &Name, old: &SequenceOptions, new: &SequenceOptions) -> Option<Draft> {
    let ((least, most), (new_least, new_most)) = (bounds(old), bounds(new));
    let (first, short, narrower) =
        if falls(new) { (new_most, '>', new_most < most) } else { (new_least, '<', new_least > least) };
    (narrower && !is_left(old, new)).then(|| {
        let quoted = literal(&name.to_string());
        Draft::new(format!("SELECT setval({quoted}, {first}, false) FROM {name} WHERE last_value {short} {first}"))
    })
}

/// What differs between two ways to count, as ALTER SEQUENCE spells it.
pub(super) fn changes(old: &SequenceOptions, new: &SequenceOptions) -> Vec<String> {
    let mut words = Vec::new();
    if old.ty != new.ty {
        words.push(format!("AS {}", new.ty.as_ref().map_or_else(|| "BIGINT".to_owned(), |ty| ty.to_sql())));
    }
    let default = |value: Option<i64>, with: &str, without: &str| {
        value.map_or_else(|| without.to_owned(), |value| format!("{with} {value}"))
    };
    if old.increment != new.increment {
        words.push(default(new.increment, "INCREMENT BY", "INCREMENT BY 1"));
    }
    // What is not said depends on the direction.
    let turns = falls(old) != falls(new);
    // With another type, a bound that was the old type's and is not said becomes the new type's, whatever the direction.
    let anew = |rises: bool, bound: &'static str, none: &'static str| {
        if old.ty != new.ty && falls(new) != rises { bound } else { none }
    };
    if old.min != new.min || turns {
        words.push(default(new.min, "MINVALUE", anew(true, "MINVALUE 1", "NO MINVALUE")));
    }
    if old.max != new.max || turns {
        words.push(default(new.max, "MAXVALUE", anew(false, "MAXVALUE -1", "NO MAXVALUE")));
    }
    if start(old) != start(new) {
        words.push(format!("START WITH {}", start(new)));
    }
    if is_left(old, new) {
        words.push(RESTART.to_owned());
    }
    if old.cache != new.cache {
        words.push(default(new.cache, "CACHE", "CACHE 1"));
    }
    if old.cycle != new.cycle {
        words.push(if new.cycle { "CYCLE" } else { "NO CYCLE" }.to_owned());
    }
    words
}
