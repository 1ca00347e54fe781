//! The migration of one edge: the way from one state to the next, and back.
//!
//! An edge is known by its id, the digest of both states and of the hints that were followed: whatever git calls
//! the commit, however often it is rebased, amended, squashed or picked, the same change is the same edge, and its
//! statements are the same bytes. So nothing of a commit enters here.

use std::borrow::Cow;

use super::hint;
use super::words::{Deed, deeds};
use crate::config::hint::Hint;
use crate::diagnostic::Diagnostic;
use crate::diff::rename::Rename;
use crate::diff::{Diff, Loss, diff};
use crate::digest::{self, Digest};
use crate::model::Model;
use crate::model::id::ObjectId;
use crate::plan::{Hazard, HazardKind, Plan, Style, of_diff, plan};

/// One edge: what it is and does.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Its id.
    pub id: Digest,
    /// What changes, in words.
    pub deeds: Vec<Deed>,
    /// Which of the given hints were meant for it, by their places among them.
    pub taken: Vec<usize>,
    /// Renames that were probably meant, and were not said.
    pub likely: Vec<Rename>,
    /// What is wrong with the hints.
    pub diagnostics: Vec<Diagnostic>,
}

/// The statements of one edge.
#[derive(Clone, Debug, PartialEq)]
pub struct Migration {
    /// The way there.
    pub up: Plan,
    /// The way back.
    pub down: Plan,
    /// Where the way there may lose data for want of a hint.
    pub losses: Vec<Loss>,
}

/// A schema and its state.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    /// The schema.
    pub model: &'a Model,
    /// Its state.
    pub state: Digest,
}

/// The edge from one schema to another, with what `forge.toml` says about past edges.
///
/// A hint there names the edge as it was committed; an edge that took one has another id, since its statements are
/// others.
pub fn edge(from: End<'_>, to: End<'_>, hints: &[Hint]) -> Edge {
    way(from, to, hints).edge(from, to)
}

/// The edge from one schema to another with its statements.
pub fn migration(from: End<'_>, to: End<'_>, hints: &[Hint]) -> (Edge, Migration) {
    let way = way(from, to, hints);
    let made = Migration {
        up: of_diff(&way.diff, &way.goal, Style::Plain),
        down: back(from.model, &way.diff, &way.goal, Style::Plain),
        losses: way.diff.losses.clone(),
    };
    (way.edge(from, to), made)
}

/// The way back from `to` to `from`: what was renamed on the way there is renamed back.
pub fn down(from: &Model, to: &Model, style: Style) -> Plan {
    back(from, &diff(from, to), to, style)
}

/// The way back over `diff`, which led from `from` to `goal`.
fn back(from: &Model, diff: &Diff<'_>, goal: &Model, style: Style) -> Plan {
    let mut plan = plan(goal, &hint::backwards(from, diff), style);
    for (column, using) in hint::converted(diff, goal) {
        let message = format!(
            "the way there made its values by `USING {using}`; they stay as that left them, since nobody says how to undo it"
        );
        let is_about = |object: &ObjectId| *object == column || hint::before(diff, &column).as_ref() == Some(object);
        let retype = plan.statements.iter_mut().find(|it| is_about(&it.object) && it.converts);
        retype
            .into_iter()
            .for_each(|it| it.hazards.push(Hazard { kind: HazardKind::DeleteData, message: message.clone() }));
    }
    plan
}

impl Way<'_> {
    fn edge(self, from: End<'_>, to: End<'_>) -> Edge {
        let deeds = deeds(&self.diff.changes, from.model, to.model);
        Edge { id: self.id, deeds, taken: self.taken, likely: self.diff.likely, diagnostics: self.diagnostics }
    }
}

/// What differs between two schemas once every hint is known.
struct Way<'a> {
    id: Digest,
    diff: Diff<'a>,
    /// The schema that it leads to, with every hint.
    goal: Cow<'a, Model>,
    taken: Vec<usize>,
    diagnostics: Vec<Diagnostic>,
}

fn way<'a>(from: End<'a>, to: End<'a>, hints: &[Hint]) -> Way<'a> {
    let plain = diff(from.model, to.model);
    let id = id(from, to, &plain, to.model);
    let name = id.to_string();
    let of_edge = hints.iter().enumerate().filter(|(_, hint)| name.starts_with(&hint.edge));
    let about: Vec<(usize, ObjectId)> = of_edge.filter_map(|(at, hint)| Some((at, hint::object(hint)?))).collect();
    let taken: Vec<usize> = about.iter().map(|(at, _)| *at).collect();
    if taken.is_empty() {
        return Way { id, diff: plain, goal: Cow::Borrowed(to.model), taken, diagnostics: Vec::new() };
    }
    let mut goal = to.model.clone();
    let mut diagnostics = Vec::new();
    for (at, object) in &about {
        if !hint::put(&mut goal, &hints[*at]) {
            let message = format!("after this step there is no {object}");
            diagnostics.push(Diagnostic::error("unknown-object", hints[*at].span.clone(), message));
        }
    }
    let mut diff = diff(from.model, &goal);
    let followed = hint::followed(&diff, &goal);
    for (at, object) in &about {
        let likely = diff.likely.len();
        diff.likely.retain(|rename| !hints[*at].is_new || rename.to != *object);
        diff.losses.retain(|loss| !hints[*at].is_new || loss.object != *object);
        let is_used = diff.likely.len() < likely || followed.iter().any(|(about, ..)| *about == object.to_string());
        if diagnostics.is_empty() && !is_used {
            let message = format!("the step does not do to {object} what the hint speaks of");
            diagnostics.push(Diagnostic::warning("unused-hint", hints[*at].span.clone(), message));
        }
    }
    Way { id: self::id(from, to, &diff, &goal), diff, goal: Cow::Owned(goal), taken, diagnostics }
}

/// The id of an edge; `goal` is the schema that it leads to, with every hint.
fn id(from: End<'_>, to: End<'_>, diff: &Diff<'_>, goal: &Model) -> Digest {
    digest::of("edge", &(from.state, to.state, hint::followed(diff, goal)))
}

#[cfg(test)]
mod tests {
    use super::{Edge, End};
    use crate::config::hint::Hint;
    use crate::diagnostic::Span;
    use crate::model::Model;
    use crate::model::canonical::state;
    use crate::model::lower::Lowered;
    use crate::model::lower::toml::lower;
    use crate::model::name::{Ident, Name};
    use crate::path::RepoPath;
    use crate::plan::{HazardKind, Plan, Style};
    use crate::prototype::minimal;
    use crate::prototype::words::{deeds, short, slug};
    use crate::syntax::toml::schema_file;

    fn model(text: &str) -> Model {
        if text.is_empty() {
            return Model::default();
        }
        let file = schema_file(&RepoPath::new("a.toml").unwrap(), text.as_bytes());
        let lowered = lower(&[&file], Lowered::default(), None);
        assert_eq!(lowered.diagnostics, []);
        minimal(&lowered.model, &Model::default()).model
    }

    /// An edge with its statements, there and back.
    fn step(from: &str, to: &str, hints: &[Hint]) -> (Edge, Vec<String>, Vec<String>) {
        let (from, to) = (model(from), model(to));
        let (from, to) = (End { model: &from, state: state(&from) }, End { model: &to, state: state(&to) });
        let (edge, made) = super::migration(from, to, hints);
        assert_eq!(edge, super::edge(from, to, hints));
        (edge, sql(&made.up), sql(&made.down))
    }

    fn edge(from: &str, to: &str, hints: &[Hint]) -> Edge {
        step(from, to, hints).0
    }

    fn sql(plan: &Plan) -> Vec<String> {
        plan.statements.iter().map(|statement| statement.sql.clone()).collect()
    }

    const BEFORE: &str = "[a.fields]\nid = { type = \"uuid\", primary_key = true }\nphone = \"text\"\n";
    const AFTER: &str = "[a.fields]\nid = { type = \"uuid\", primary_key = true }\nmobile = \"text\"\n";

    fn hint(edge: &str) -> Hint {
        Hint {
            edge: edge.to_owned(),
            entity: Some(Name::local("a")),
            field: Some(Ident::new("mobile")),
            renamed_from: Some(Ident::new("phone")),
            moved_from: None,
            is_new: false,
            using: None,
            backfill: None,
            span: Span::file(&RepoPath::new("forge.toml").unwrap()),
        }
    }

    #[test]
    fn a_rename_goes_back_as_a_rename() {
        let after = AFTER.replace("mobile = \"text\"", "mobile = { type = \"text\", renamed_from = \"phone\" }");
        let (_, up, down) = step(BEFORE, &after, &[]);
        assert_eq!(up, ["ALTER TABLE a RENAME COLUMN phone TO mobile"]);
        assert_eq!(down, ["ALTER TABLE a RENAME COLUMN mobile TO phone"]);
        // The way on, with the hint still there, is another matter, and so is the way back from it.
        let (next, up, down) = step(&after, &format!("{after}phone = \"text\"\n"), &[]);
        assert_eq!(up, ["ALTER TABLE a ADD COLUMN phone TEXT"]);
        assert_eq!(down, ["ALTER TABLE a DROP COLUMN phone"]);
        assert_eq!(next.diagnostics, []);
        let bare = edge(AFTER, &format!("{AFTER}phone = \"text\"\n"), &[]);
        assert_eq!(next.id, bare.id, "a hint that was not followed is no part of the edge");
    }

    #[test]
    fn the_way_back_says_what_it_cannot_undo() {
        let field = |name: &str, rest: &str| {
            model(&format!("[a.fields]\nid = {{ type = \"uuid\", primary_key = true }}\n{name} = {{ {rest} }}\n"))
        };
        let before = field("total", "type = \"numeric(12,2)\"");
        let to = "type = \"bigint\", using = \"(cents * 100)::bigint\", renamed_from = \"total\"";
        let plan = super::down(&before, &field("cents", to), Style::Plain);
        assert_eq!(sql(&plan)[0], "ALTER TABLE a RENAME COLUMN cents TO total");
        let found = plan.statements[1].hazards.iter().filter(|hazard| hazard.kind == HazardKind::DeleteData);
        assert_eq!(
            found.map(|hazard| hazard.message.as_str()).collect::<Vec<_>>(),
            [
                "the way there made its values by `USING (cents * 100)::bigint`; they stay as that left them, since nobody says \
              how to undo it"
            ]
        );
        let plan = super::down(&before, &field("total", "type = \"bigint\""), Style::Plain);
        assert!(plan.statements[0].hazards.iter().all(|hazard| hazard.kind != HazardKind::DeleteData));
    }

    #[test]
    fn a_hint_for_a_past_edge_makes_another_edge_of_it() {
        let plain = edge(BEFORE, AFTER, &[]);
        assert_eq!(plain.likely.len(), 1);
        let (hinted, up, _) = step(BEFORE, AFTER, &[hint(&plain.id.short()), hint("0000000000000000")]);
        assert_eq!(up, ["ALTER TABLE a RENAME COLUMN phone TO mobile"]);
        assert_eq!((hinted.taken, hinted.likely.len(), hinted.diagnostics.len()), (vec![0], 0, 0));
        assert_ne!(hinted.id, plain.id);
        let said = AFTER.replace("mobile = \"text\"", "mobile = { type = \"text\", renamed_from = \"phone\" }");
        assert_eq!(hinted.id, edge(BEFORE, &said, &[]).id, "wherever it is said");
    }

    #[test]
    fn what_was_no_rename_is_not_asked_about_again() {
        let plain = edge(BEFORE, AFTER, &[]);
        let new = Hint { renamed_from: None, is_new: true, ..hint(&plain.id.short()) };
        let (said, up, _) = step(BEFORE, AFTER, std::slice::from_ref(&new));
        assert_eq!((said.likely.len(), said.diagnostics.len(), said.id), (0, 0, plain.id));
        assert_eq!(up, step(BEFORE, AFTER, &[]).1);
        // Where nobody would ask, the hint says nothing.
        let other = edge("", AFTER, &[]);
        let unused = edge("", AFTER, &[Hint { edge: other.id.to_string(), ..new }]);
        assert_eq!(unused.diagnostics[0].code, "unused-hint");
    }

    #[test]
    fn a_hint_that_does_not_fit_is_said() {
        let id = edge(BEFORE, AFTER, &[]).id.to_string();
        let code = |hint: Hint| edge(BEFORE, AFTER, &[hint]).diagnostics.first().map(|found| found.code.to_string());
        assert_eq!(code(Hint { field: Some(Ident::new("x")), ..hint(&id) }).as_deref(), Some("unknown-object"));
        assert_eq!(code(Hint { renamed_from: Some(Ident::new("x")), ..hint(&id) }).as_deref(), Some("unused-hint"));
    }

    #[test]
    fn an_edge_is_told_in_words() {
        let told = |from: &str, to: &str| {
            let (from, to) = (model(from), model(to));
            let deeds = deeds(&crate::diff::diff(&from, &to).changes, &from, &to);
            (deeds.iter().map(ToString::to_string).collect::<Vec<_>>(), short(&deeds), slug(&deeds))
        };
        let (deeds, line, name) = told("", BEFORE);
        assert_eq!(
            (deeds.as_slice(), line.as_str(), name.as_str()),
            (&["create a".to_owned()][..], "create a", "create_a")
        );
        let more = "c = \"text\"\nd = { references = \"a\" }\n[b.fields]\nid = \"uuid\"\n";
        let (deeds, line, name) = told(BEFORE, &BEFORE.replace("phone = \"text\"\n", more));
        assert_eq!(deeds, ["create b", "add a.c (text)", "add a.d (uuid)", "link a.d (to a)", "drop a.phone"]);
        assert_eq!(line, "create b, add a.c, add a.d and 2 more");
        assert_eq!(name, "create_b_add_a_c_a_d_link_a_d_drop_a_phone");
        let (deeds, ..) = told(BEFORE, &BEFORE.replace("\"text\"", "\"varchar(9)\""));
        assert_eq!(deeds, ["change a.phone (type text → varchar(9))"]);
    }

    #[test]
    fn what_moved_to_another_schema_moves_back() {
        let fields = "fields]\nid = { type = \"uuid\", primary_key = true }";
        let to = format!("[\"app.t\"]\nrenamed_from = \"public.t\"\n[\"app.t\".{fields}");
        let (_, _, back) = step(&format!("[t.{fields}"), &to, &[]);
        assert_eq!(back, ["ALTER TABLE app.t SET SCHEMA public", "DROP SCHEMA app"]);
    }
}
