//! Triggers of tables and views.

use super::Context;
use super::action::{Draft, Verb};
use super::statement::{HazardKind, LockMode};
use super::text::{list, literal, parenthesized};
use crate::diff::Fact;
use crate::diff::object::{self, Object};
use crate::model::constraint::Deferrable;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, Name};
use crate::model::relation::{Enabled, Events, Timing, Trigger};

/// Whether a trigger must be made anew: only whether it fires changes in place.
pub(super) fn rebuilds(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| fact.name != "enabled")
}

/// The statements that carry out `verb`.
pub(super) fn drafts(context: &Context<'_>, relation: &Name, name: &Ident, verb: Verb, facts: &[Fact]) -> Vec<Draft> {
    let _ = facts;
    let id = ObjectId::Trigger(relation.clone(), name.clone());
    let new = object::find(context.new.model, &id);
    match (verb, new) {
        (Verb::Create, Some(Object::Trigger(trigger))) => {
            let mut drafts =
                vec![Draft::new(create(relation, name, trigger)).lock(relation, LockMode::ShareRowExclusive)];
            drafts.extend((trigger.enabled != Enabled::Origin).then(|| enable(relation, name, trigger.enabled)));
            drafts
        }
        (Verb::Alter, Some(Object::Trigger(trigger))) => vec![enable(relation, name, trigger.enabled)],
        (Verb::Drop, _) => vec![
            Draft::new(format!("DROP TRIGGER {name} ON {relation}"))
                .hazard(
                    HazardKind::BreakCode,
                    format!("what the trigger {name} did for changes of {relation} is no longer done"),
                )
                .lock(relation, LockMode::AccessExclusive),
        ],
        _ => Vec::new(),
    }
}

fn enable(relation: &Name, name: &Ident, enabled: Enabled) -> Draft {
    let words = match enabled {
        Enabled::Origin => "ENABLE TRIGGER",
        Enabled::Disabled => "DISABLE TRIGGER",
        Enabled::Replica => "ENABLE REPLICA TRIGGER",
        Enabled::Always => "ENABLE ALWAYS TRIGGER",
    };
    Draft::new(format!("ALTER TABLE {relation} {words} {name}")).lock(relation, LockMode::ShareRowExclusive)
}

fn create(relation: &Name, name: &Ident, trigger: &Trigger) -> String {
    let constraint = if trigger.constraint.is_some() { "CONSTRAINT " } else { "" };
    let timing = match trigger.timing {
        Timing::Before => "BEFORE",
        Timing::After => "AFTER",
        Timing::InsteadOf => "INSTEAD OF",
    };
    let mut lines = vec![format!("CREATE {constraint}TRIGGER {name}")];
    lines.push(format!("{timing} {} ON {relation}", events(&trigger.events)));
    lines.extend(trigger.from_table.as_ref().map(|table| format!("FROM {table}")));
    lines.extend(trigger.constraint.as_ref().and_then(|deferrable| match deferrable {
        Deferrable::No => None,
        Deferrable::InitiallyImmediate => Some("DEFERRABLE".to_owned()),
        Deferrable::InitiallyDeferred => Some("DEFERRABLE INITIALLY DEFERRED".to_owned()),
    }));
    let old = trigger.old_table.as_ref().map(|name| format!("OLD TABLE AS {name}"));
    let new = trigger.new_table.as_ref().map(|name| format!("NEW TABLE AS {name}"));
    let transition: Vec<String> = old.into_iter().chain(new).collect();
    if !transition.is_empty() {
        lines.push(format!("REFERENCING {}", transition.join(" ")));
    }
    let each = if trigger.each_row { "FOR EACH ROW" } else { "FOR EACH STATEMENT" };
    let when = trigger.when.as_ref().map(|sql| format!(" WHEN {}", parenthesized(sql))).unwrap_or_default();
    let args: Vec<String> = trigger.args.iter().map(|arg| literal(arg)).collect();
    lines.push(format!("{each}{when} EXECUTE FUNCTION {}({})", trigger.function, args.join(", ")));
    lines.join("\n  ")
}

fn events(events: &Events) -> String {
    let update = if events.update_of.is_empty() {
        "UPDATE".to_owned()
    } else {
        format!("UPDATE OF {}", list(&events.update_of))
    };
    let named = [
        (events.insert, "INSERT".to_owned()),
        (events.update, update),
        (events.delete, "DELETE".to_owned()),
        (events.truncate, "TRUNCATE".to_owned()),
    ];
    named.into_iter().filter(|(on, _)| *on).map(|(_, name)| name).collect::<Vec<_>>().join(" OR ")
}
