//! What running statements changes: the model so far, the names that are taken, the search path, and what was found.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::catalog::Catalog;
use super::default_privileges;
use super::qualify;
use super::tree::{Written, role_name, written};
use crate::diagnostic::{Diagnostic, Severity, Span, nearest};
use crate::model::datatype::DataType;
use crate::model::id::ObjectId;
use crate::model::name::{Ident, MAX_IDENTIFIER_BYTES, Name, clip};
use crate::model::table::Table;
use crate::model::{Hints, Model, Origins, Sql};
use crate::syntax::sql::hint::HintKind;
use crate::syntax::sql::scan::fold;
use crate::syntax::sql::{SqlFile, range_of};

/// The schema in which unqualified names live.
pub const PUBLIC: &str = "public";

/// After so many findings no name is guessed any more: each guess looks at all tables, and nobody reads that far.
const MOST_GUESSES: usize = 100;

/// A session on a server that only knows what the files said so far.
pub struct Session<'a> {
    /// The file that is read.
    pub file: &'a SqlFile,
    /// What the statements so far have made.
    pub model: Model,
    /// Where they are written.
    pub origins: Origins,
    /// The names that are taken.
    pub catalog: Catalog,
    /// `search_path`, without the schemas that PostgreSQL always searches.
    pub search_path: Vec<Ident>,
    /// What was found.
    pub diagnostics: Vec<Diagnostic>,
    /// The roles that were said to own something.
    pub owners: BTreeSet<Ident>,
    /// What was passed over, by kind.
    pub skipped: BTreeMap<String, u32>,
    /// What the file would leave behind that is no part of a schema, by kind: where the first of them stands, how many.
    left_out: BTreeMap<String, (Span, usize)>,
    /// Built-in types by their spelling: the few that a schema uses are read once.
    pub builtin_types: RefCell<BTreeMap<&'a str, DataType>>,
    /// Which of the file's hints were taken.
    taken_hints: Vec<bool>,
}

impl<'a> Session<'a> {
    /// A session before the first statement of `file`.
    pub fn new(file: &'a SqlFile) -> Session<'a> {
        Session {
            file,
            model: Model::default(),
            origins: Origins::default(),
            catalog: Catalog::default(),
            search_path: vec![Ident::new(PUBLIC)],
            diagnostics: Vec::new(),
            owners: BTreeSet::new(),
            skipped: BTreeMap::new(),
            left_out: BTreeMap::new(),
            builtin_types: RefCell::default(),
            taken_hints: vec![false; file.hints.len()],
        }
    }

    /// Goes on with the next file, in which the search path is the default one again.
    pub fn open(&mut self, file: &'a SqlFile) {
        self.file = file;
        self.search_path = vec![Ident::new(PUBLIC)];
        self.taken_hints = vec![false; file.hints.len()];
    }

    /// The span of `node` in the file that is read.
    pub fn span(&self, node: &SyntaxNode) -> Span {
        self.file.span(node)
    }

    /// The text of `node` in one line, without comments.
    pub fn text(&self, node: &SyntaxNode) -> String {
        fold(self.file.source(node))
    }

    /// The text of `node` as the model holds SQL: names in it say their schema, unless it is the usual one.
    pub fn sql(&self, node: &SyntaxNode) -> Sql {
        Sql::new(qualify::text(self, node))
    }

    /// The name of an object that is created: in the first schema of the search path, unless it says where.
    pub fn new_name(&self, node: &SyntaxNode) -> Name {
        let Written { schema, name } = written(node);
        let schema = schema.unwrap_or_else(|| self.creation_schema());
        Name::qualified(schema.as_str(), name.as_str())
    }

    /// The schema into which objects without one are created.
    pub fn creation_schema(&self) -> Ident {
        self.search_path.first().cloned().unwrap_or_else(|| Ident::new(PUBLIC))
    }

    /// The name of an object that is referred to: the first on the search path that `exists`.
    ///
    /// What exists nowhere (an extension's, another module's) is taken to be in the default schema where that is searched.
    pub fn find(&self, wanted: &Written, exists: impl Fn(&Name) -> bool) -> Name {
        if let Some(schema) = &wanted.schema {
            return Name::qualified(schema.as_str(), wanted.name.as_str());
        }
        let on_path = self.search_path.iter().map(|schema| Name::qualified(schema.as_str(), wanted.name.as_str()));
        on_path.clone().find(exists).unwrap_or_else(|| {
            let public = self.search_path.is_empty() || self.search_path.iter().any(|schema| schema.as_str() == PUBLIC);
            let schema = if public { Ident::new(PUBLIC) } else { self.creation_schema() };
            Name::qualified(schema.as_str(), wanted.name.as_str())
        })
    }

    /// The relation that `node` refers to.
    pub fn relation_name(&self, node: &SyntaxNode) -> Name {
        self.find(&written(node), |name| self.catalog.relation(name).is_some())
    }

    /// The user-defined type that `node` refers to.
    pub fn type_name(&self, node: &SyntaxNode) -> Name {
        self.find_type(&written(node))
    }

    /// The user-defined type that is `wanted`: tables and views are types too.
    pub fn find_type(&self, wanted: &Written) -> Name {
        self.find(wanted, |name| self.model.types.contains_key(name) || self.catalog.relation(name).is_some())
    }

    /// The table `name`, or a diagnostic at `node`.
    pub fn table(&mut self, name: &Name, node: &SyntaxNode) -> Option<&mut Table> {
        if !self.model.tables.contains_key(name) {
            self.missing("table", name, node);
        }
        self.model.tables.get_mut(name)
    }

    /// Remembers where `id` is written.
    pub fn origin(&mut self, id: ObjectId, node: &SyntaxNode) {
        let span = self.span(node);
        self.origins.insert(id, span);
    }

    /// Remembers where the new object `id` is written, and gives it the privileges that are the default.
    pub fn created(&mut self, id: ObjectId, node: &SyntaxNode) {
        default_privileges::give_to(self, &id);
        self.origin(id, node);
    }

    /// Passes over `OWNER TO`, but for the role: who owns everything needs no privileges on it.
    pub fn owned(&mut self, clause: &SyntaxNode) {
        self.skip("OWNER TO");
        self.owners.extend(ast::OwnerTo::cast(clause.clone()).and_then(|owner| Some(role_name(&owner.role_ref()?))));
    }

    /// Takes the hints that stand above `node`.
    pub fn hints(&mut self, node: &SyntaxNode) -> Hints {
        if self.file.hints.is_empty() {
            return Hints::default();
        }
        let start = range_of(node).start;
        let first = self.file.hints.partition_point(|hint| hint.target < start);
        let mut hints = Hints::default();
        for (at, hint) in self.file.hints.iter().enumerate().skip(first).take_while(|(_, hint)| hint.target == start) {
            self.taken_hints[at] = true;
            match hint.kind {
                HintKind::RenamedFrom => {
                    let (schema, name) = hinted_name(&hint.value);
                    (hints.moved_from, hints.renamed_from) = (schema, Some(name));
                }
                HintKind::Backfill => hints.backfill = Some(Sql::new(fold(&hint.value))),
                HintKind::Using => hints.using = Some(Sql::new(fold(&hint.value))),
            }
        }
        hints
    }

    /// The old label that a hint above the enum value `node` names.
    pub fn hinted_label(&mut self, node: &SyntaxNode) -> Option<String> {
        let start = range_of(node).start;
        let at = self.file.hints.iter().position(|hint| hint.target == start && hint.kind == HintKind::RenamedFrom)?;
        self.taken_hints[at] = true;
        let value = &self.file.hints[at].value;
        let quoted = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        Some(quoted.map_or_else(|| value.clone(), |label| label.replace("''", "'")))
    }

    /// Reports the file's hints that nothing took.
    pub fn report_unused_hints(&mut self) {
        for (hint, _) in self.file.hints.iter().zip(&self.taken_hints).filter(|(_, taken)| !**taken) {
            let message = format!("the hint `{}` stands above nothing that it could be about", hint.kind.name());
            let unused = Diagnostic::error("unused-hint", hint.span.clone(), message);
            self.diagnostics
                .push(unused.help("put it on the line above the table, column, constraint, index or value"));
        }
    }

    /// Counts something that has no meaning for a schema.
    pub fn skip(&mut self, kind: &str) {
        match self.skipped.get_mut(kind) {
            Some(count) => *count += 1,
            None => drop(self.skipped.insert(kind.to_owned(), 1)),
        }
    }

    /// Counts something that a schema has no place for, and that somebody may miss.
    pub fn leave_out(&mut self, kind: String, node: &SyntaxNode) {
        let span = self.span(node);
        self.left_out.entry(kind).or_insert((span, 0)).1 += 1;
    }

    /// Says what of the file was left out.
    pub fn report_left_out(&mut self) {
        for (kind, (span, count)) in std::mem::take(&mut self.left_out) {
            let more = if count > 1 { format!(", and {} more here", count - 1) } else { String::new() };
            let message = format!("this `{kind}` is left out{more}: it is no part of a schema");
            let note = Diagnostic::new(Severity::Note, "left-out", message).at(span, "");
            self.diagnostics
                .push(note.help("rows, roles and what else is the server's belong into a script of their own"));
        }
    }

    /// Reports what the model cannot hold.
    pub fn unmodelled(&mut self, what: impl Display, node: &SyntaxNode) {
        let message = format!("{what} is not modelled, so it is left out");
        self.diagnostics.push(Diagnostic::warning("not-modelled", self.span(node), message));
    }

    /// Reports a reference to something that no statement so far has made.
    pub fn missing(&mut self, kind: &str, name: impl Display, node: &SyntaxNode) {
        let name = name.to_string();
        let mut missing = Diagnostic::error("missing-object", self.span(node), format!("there is no {kind} `{name}`"));
        if let Some(known) = self.nearest(kind, &name) {
            missing = missing.help(format!("did you mean `{known}`?"));
        }
        self.diagnostics.push(missing);
    }

    fn nearest(&self, kind: &str, name: &str) -> Option<String> {
        if kind != "table" || self.diagnostics.len() > MOST_GUESSES {
            return None;
        }
        let tables: Vec<String> = self.model.tables.keys().map(Name::to_string).collect();
        nearest(name, tables.iter().map(String::as_str)).map(str::to_owned)
    }

    /// Reports a second definition of `id`.
    pub fn duplicate(&mut self, id: &ObjectId, node: &SyntaxNode) {
        let mut twice = Diagnostic::error("duplicate-object", self.span(node), format!("`{id}` is defined twice"));
        if let Some(first) = self.origins.get(id) {
            twice = twice.at(first.clone(), "defined here first");
        }
        self.diagnostics.push(twice);
    }

    /// Reports a second value of one label in an enum.
    pub fn duplicate_value(&mut self, name: &Name, label: &str, node: &SyntaxNode) {
        let message = format!("the enum `{name}` has the value `{label}` already");
        self.diagnostics.push(Diagnostic::error("duplicate-object", self.span(node), message));
    }

    /// Whether the relation `name` may be made: nothing has its name. With `IF NOT EXISTS` that is no mistake.
    pub fn is_free(&mut self, name: &Name, id: &ObjectId, if_not_exists: bool, node: &SyntaxNode) -> bool {
        let taken = self.catalog.relation(name).is_some();
        if taken && !if_not_exists {
            self.duplicate(id, node);
        }
        !taken
    }
}

/// The name that a hint names, folded unless it is quoted, and the schema before it.
fn hinted_name(value: &str) -> (Option<Ident>, Ident) {
    let mut quoted = false;
    let dot = value.char_indices().rev().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == '.' && !quoted
    });
    let (schema, name) = dot.map_or((None, value), |(at, _)| (Some(&value[..at]), &value[at + 1..]));
    let ident = |text: &str| match text.trim().strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
        Some(inner) => Ident::new(inner.replace("\"\"", "\"")),
        None => Ident::new(clip(&text.trim().to_ascii_lowercase(), MAX_IDENTIFIER_BYTES)),
    };
    (schema.map(ident), ident(name))
}

#[cfg(test)]
mod tests {
    use super::hinted_name;

    #[test]
    fn a_hinted_name_is_folded_unless_quoted() {
        let names = ["Old", "\"Old Name\"", "app.old", "\"a\"\"b\"", "App.\"x.y\"", "\"A.B\".c"].map(|value| {
            let (schema, name) = hinted_name(value);
            schema.map(|it| it.as_str().to_owned() + "|").unwrap_or_default() + name.as_str()
        });
        assert_eq!(names, ["old", "Old Name", "app|old", "a\"b", "app|x.y", "A.B|c"]);
    }
}
