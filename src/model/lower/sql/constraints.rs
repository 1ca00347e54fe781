//! Constraints of tables: reading them, and the names that PostgreSQL gives to those without one.

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::catalog::{Relation, joined};
use super::session::Session;
use super::tree::{child, children, columns, contains, ident_of, idents};
use super::{expr, indexes, options, partition_indexes};
use crate::model::constraint::{Action, Constraint, ConstraintKind, Deferrable, Exclude, ForeignKey, Key};
use crate::model::id::ObjectId;
use crate::model::index::{ElementKey, Family};
use crate::model::name::{Ident, Name};

/// A constraint that is read and not yet added to its table.
pub struct Pending {
    /// The name that is written, if one is.
    pub name: Option<Ident>,
    /// What it says.
    pub constraint: Constraint,
    /// What its name is made of when none is written: columns, as the kind of constraint takes them.
    pub named_after: Vec<String>,
    /// Where it is written.
    pub node: SyntaxNode,
}

/// Reads a constraint; inside the definition of `column` it is about that. `None` for what is no constraint in the
/// model: NOT NULL, defaults, generated columns.
pub fn read(session: &mut Session, column: Option<&Ident>, node: &ast::Constraint) -> Option<Pending> {
    let of_column = |listed: Vec<Ident>| match column {
        Some(column) if listed.is_empty() => vec![column.clone()],
        _ => listed,
    };
    let (kind, named_after) = match node {
        ast::Constraint::PrimaryKeyConstraint(it) => {
            let key = key(it.index_parameters(), of_column);
            (ConstraintKind::PrimaryKey(key), Vec::new())
        }
        ast::Constraint::UniqueConstraint(it) => {
            let key = key(it.index_parameters(), of_column);
            let names = key.columns.iter().chain(&key.include).map(|name| name.as_str().to_owned()).collect();
            (ConstraintKind::Unique(key), names)
        }
        ast::Constraint::CheckConstraint(it) => {
            let condition = it.expr()?;
            let names = expr::names(&condition).iter().map(|name| name.as_str().to_owned()).collect();
            (ConstraintKind::Check(expr::bare(session, condition)), names)
        }
        ast::Constraint::ExcludeConstraint(it) => exclude(session, it),
        ast::Constraint::ReferencesConstraint(it) => {
            let mut key = foreign_key(session, it.table()?, it.match_type(), it.referential_actions());
            key.columns = of_column(Vec::new());
            key.referenced = ident_of(it.column()).into_iter().collect();
            foreign(key)
        }
        ast::Constraint::ForeignKeyConstraint(it) => {
            let mut key = foreign_key(session, it.table_name_ref()?, it.match_type(), it.referential_actions());
            let lists = [it.from_columns(), it.to_columns()];
            if let Some(period) = lists.iter().flatten().find_map(ast::ForeignKeyColumnList::period_column) {
                session.unmodelled("`PERIOD` in a foreign key", period.syntax());
            }
            let [from, to] = lists.map(|list| list.map(|list| idents(list.column_name_refs())).unwrap_or_default());
            (key.columns, key.referenced) = (from, to);
            foreign(key)
        }
        ast::Constraint::NotNullConstraint(_)
        | ast::Constraint::NullConstraint(_)
        | ast::Constraint::DefaultConstraint(_)
        | ast::Constraint::GeneratedConstraint(_) => return None,
    };
    let mut constraint = Constraint::new(kind);
    constraint.hints = session.hints(node.syntax());
    set_options(session, &mut constraint, children(node.syntax()));
    report_placement(session, node.syntax());
    let clause = child::<ast::ConstraintNameClause>(node.syntax());
    let name = ident_of(clause.and_then(|clause| clause.constraint_name()));
    Some(Pending { name, constraint, named_after, node: node.syntax().clone() })
}

fn foreign(key: ForeignKey) -> (ConstraintKind, Vec<String>) {
    let named_after = names_of(&key.columns);
    (ConstraintKind::ForeignKey(key), named_after)
}

fn names_of(columns: &[Ident]) -> Vec<String> {
    columns.iter().map(|name| name.as_str().to_owned()).collect()
}

/// Applies `DEFERRABLE`, `NOT VALID` and the like.
pub fn set_options(
    session: &mut Session,
    constraint: &mut Constraint,
    options: impl Iterator<Item = ast::ConstraintOption>,
) {
    for option in options {
        match option {
            ast::ConstraintOption::DeferrableConstraintOption(_) => {
                constraint.deferrable = match constraint.deferrable {
                    Deferrable::No => Deferrable::InitiallyImmediate,
                    said => said,
                }
            }
            ast::ConstraintOption::NotDeferrableConstraintOption(_) => constraint.deferrable = Deferrable::No,
            ast::ConstraintOption::InitiallyDeferredConstraintOption(_) => {
                constraint.deferrable = Deferrable::InitiallyDeferred
            }
            ast::ConstraintOption::InitiallyImmediateConstraintOption(_) => {
                if constraint.deferrable == Deferrable::InitiallyDeferred {
                    constraint.deferrable = Deferrable::InitiallyImmediate;
                }
            }
            ast::ConstraintOption::NotValid(_) => constraint.not_valid = true,
            ast::ConstraintOption::NoInherit(_) => constraint.no_inherit = true,
            ast::ConstraintOption::Inherit(_) => constraint.no_inherit = false,
            ast::ConstraintOption::Enforced(_) => {}
            ast::ConstraintOption::NotEnforced(it) => session.unmodelled("`NOT ENFORCED`", it.syntax()),
        }
    }
}

fn report_placement(session: &mut Session, node: &SyntaxNode) {
    if contains(node, SyntaxKind::CONSTRAINT_INDEX_TABLESPACE) {
        session.skip("TABLESPACE");
    }
    if contains(node, SyntaxKind::WITHOUT_OVERLAPS)
        && let Some(overlaps) = node.descendants().find_map(ast::WithoutOverlaps::cast)
    {
        session.unmodelled("`WITHOUT OVERLAPS`", overlaps.syntax());
    }
}

fn key(parameters: Option<ast::IndexParameters>, of_column: impl Fn(Vec<Ident>) -> Vec<Ident>) -> Key {
    let Some(parameters) = parameters else { return Key::default() };
    let listed = parameters.column_list().map(|list| idents(list.column_name_refs())).unwrap_or_default();
    Key {
        columns: of_column(listed),
        include: columns(parameters.constraint_include_clause().and_then(|clause| clause.column_ref_list())),
        nulls_not_distinct: matches!(
            parameters.nulls_distinct_option(),
            Some(ast::NullsDistinctOption::NullsNotDistinct(_))
        ),
        options: options::list(parameters.with_params()),
        family: Family::default(),
    }
}

fn foreign_key(
    session: &Session,
    table: ast::TableNameRef,
    match_type: Option<ast::MatchType>,
    actions: impl Iterator<Item = ast::ReferentialAction>,
) -> ForeignKey {
    let mut key = ForeignKey {
        columns: Vec::new(),
        table: session.relation_name(table.syntax()),
        referenced: Vec::new(),
        on_delete: Action::NoAction,
        on_update: Action::NoAction,
        set_columns: Vec::new(),
        match_full: matches!(match_type, Some(ast::MatchType::MatchFull(_))),
    };
    for action in actions {
        match action {
            ast::ReferentialAction::OnDeleteAction(it) => {
                (key.on_delete, key.set_columns) = it.ref_action().map(reaction).unwrap_or_default();
            }
            ast::ReferentialAction::OnUpdateAction(it) => {
                (key.on_update, _) = it.ref_action().map(reaction).unwrap_or_default();
            }
        }
    }
    key
}

/// What happens to referencing rows, and the columns that it is limited to.
fn reaction(action: ast::RefAction) -> (Action, Vec<Ident>) {
    match action {
        ast::RefAction::NoAction(_) => (Action::NoAction, Vec::new()),
        ast::RefAction::Restrict(_) => (Action::Restrict, Vec::new()),
        ast::RefAction::Cascade(_) => (Action::Cascade, Vec::new()),
        ast::RefAction::SetNullColumns(it) => (Action::SetNull, columns(it.column_ref_list())),
        ast::RefAction::SetDefaultColumns(it) => (Action::SetDefault, columns(it.column_ref_list())),
    }
}

fn exclude(session: &mut Session, node: &ast::ExcludeConstraint) -> (ConstraintKind, Vec<String>) {
    let method = ident_of(node.constraint_index_method().and_then(|clause| clause.access_method_ref()));
    let mut elements = Vec::new();
    for exclusion in node.constraint_exclusion_list().into_iter().flat_map(|list| list.constraint_exclusions()) {
        let Some(key) = exclusion.expr() else { continue };
        let operator = exclusion.op().map(|op| op.syntax().clone());
        let operator = operator.or_else(|| exclusion.operator_call().map(|call| call.syntax().clone()));
        let operator = operator.map(|op| session.text(&op)).unwrap_or_default();
        let written = indexes::unparsed_options(session, exclusion.syntax(), key.syntax());
        let mut element = indexes::element(session, key);
        if let Some(item) = written {
            indexes::set_options(session, &mut element.element, &item);
        }
        elements.push((element, operator));
    }
    if let Some(parameters) = node.with_params() {
        session.unmodelled("storage parameters of an exclusion constraint", parameters.syntax());
    }
    let include = columns(node.constraint_include_clause().and_then(|clause| clause.column_ref_list()));
    let mut named_after = indexes::column_names(elements.iter().map(|(element, _)| element));
    named_after.extend(names_of(&include));
    let exclude = Exclude {
        method: method.map_or_else(|| "btree".to_owned(), |method| method.as_str().to_owned()),
        elements: elements.into_iter().map(|(element, operator)| (element.element, operator)).collect(),
        include,
        predicate: node
            .where_condition_clause()
            .and_then(|clause| clause.expr())
            .map(|condition| expr::bare(session, condition)),
    };
    (ConstraintKind::Exclude(exclude), named_after)
}

/// Adds the constraints of a new table in PostgreSQL's order, which decides their numbers: checks, then keys, the
/// primary one first, then foreign keys. Source: `transformCreateStmt` and `transformIndexConstraints`.
pub fn add_all(session: &mut Session, table: &Name, pending: Vec<Pending>) {
    let rank = |pending: &Pending| match pending.constraint.kind {
        ConstraintKind::Check(_) => 0,
        ConstraintKind::PrimaryKey(_) => 1,
        ConstraintKind::Unique(_) | ConstraintKind::Exclude(_) => 2,
        ConstraintKind::ForeignKey(_) => 3,
    };
    let mut pending = pending;
    pending.sort_by_key(rank);
    for constraint in without_repeated_keys(pending) {
        add(session, table, constraint);
    }
}

/// Of keys over the same columns PostgreSQL makes one; a name that only a later one has is taken over.
fn without_repeated_keys(pending: Vec<Pending>) -> Vec<Pending> {
    let mut kept: Vec<Pending> = Vec::new();
    for next in pending {
        let same = |prior: &&mut Pending| {
            prior.constraint.deferrable == next.constraint.deferrable
                && index_key(&prior.constraint).is_some_and(|key| index_key(&next.constraint) == Some(key))
        };
        match kept.iter_mut().find(same) {
            Some(prior) => prior.name = prior.name.take().or(next.name),
            None => kept.push(next),
        }
    }
    kept
}

fn index_key(constraint: &Constraint) -> Option<(&[Ident], &[Ident], bool)> {
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
            Some((&key.columns, &key.include, key.nulls_not_distinct))
        }
        _ => None,
    }
}

/// Adds a constraint to `table` under its own name, or under the one that PostgreSQL would choose.
pub fn add(session: &mut Session, table: &Name, pending: Pending) {
    let Pending { name, constraint, named_after, node } = pending;
    let name = name.unwrap_or_else(|| choose_name(session, table, &constraint, &named_after));
    let id = ObjectId::Constraint(table.clone(), name.clone());
    if session.model.constraint(table, &name).is_some() {
        return session.duplicate(&id, &node);
    }
    let behind_index = constraint.has_index();
    let index = table.sibling(name.as_str());
    if behind_index && !session.is_free(&index, &id, false, &node) {
        return;
    }
    report_unknown_columns(session, table, &constraint, &node);
    if behind_index {
        session.catalog.add(index, Relation::Key(table.clone()));
    }
    session.catalog.add_constraint(table, &name);
    session.origin(id, &node);
    if let Some(columns) = constraint.primary_key() {
        forbid_null(session, table, columns);
    }
    let spreads = constraint.key().is_some_and(|key| !key.family.only);
    if let Some(table) = session.model.tables.get_mut(table) {
        table.constraints.insert(name.clone(), constraint);
    }
    if spreads {
        partition_indexes::spread(session, table, &name);
    }
}

/// The columns of a primary key are NOT NULL, in partitions too.
fn forbid_null(session: &mut Session, table: &Name, columns: &[Ident]) {
    for table in session.catalog.family(table) {
        let Some(table) = session.model.tables.get_mut(&table) else { continue };
        for column in table.columns.iter_mut().filter(|column| columns.contains(&column.name)) {
            column.not_null = true;
        }
    }
}

fn choose_name(session: &Session, table: &Name, constraint: &Constraint, named_after: &[String]) -> Ident {
    let suffix = constraint.suffix();
    match &constraint.kind {
        ConstraintKind::Check(_) => {
            let known = session.model.tables.get(table);
            let is_column = |name: &&String| known.is_some_and(|table| table.column(name).is_some());
            let mut columns = named_after.iter().filter(is_column);
            let only = columns.next().filter(|_| columns.next().is_none());
            session.catalog.choose_constraint(table, only.map_or("", String::as_str), suffix)
        }
        ConstraintKind::ForeignKey(_) => {
            let columns = joined(named_after.iter().map(String::as_str));
            session.catalog.choose_constraint(table, &columns, suffix)
        }
        _ => {
            let columns = joined(named_after.iter().map(String::as_str));
            session.catalog.choose_relation(table, &columns, suffix, true)
        }
    }
}

fn report_unknown_columns(session: &mut Session, table: &Name, constraint: &Constraint, node: &SyntaxNode) {
    let named: Vec<&Ident> = match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
            key.columns.iter().chain(&key.include).collect()
        }
        ConstraintKind::ForeignKey(key) => key.columns.iter().collect(),
        ConstraintKind::Exclude(exclude) => {
            let keys = exclude.elements.iter().filter_map(|(element, _)| match &element.key {
                ElementKey::Column(name) => Some(name),
                ElementKey::Expression(_) => None,
            });
            keys.chain(&exclude.include).collect()
        }
        ConstraintKind::Check(_) => return,
    };
    indexes::report_unknown(session, table, &named, node);
}

/// Removes the constraint `name` of `table`, and gives its names free.
pub fn remove(session: &mut Session, table: &Name, name: &Ident) -> Option<Constraint> {
    let removed = session.model.tables.get_mut(table)?.constraints.remove(name)?;
    session.catalog.remove_constraint(table, name);
    if removed.has_index() {
        session.catalog.remove(&table.sibling(name.as_str()));
    }
    Some(removed)
}

/// The index that `USING INDEX` of a new constraint names.
pub fn using_index(node: &SyntaxNode) -> Option<ast::UsingIndexName> {
    child(node)
}

/// The options that follow a constraint's name in `ALTER CONSTRAINT`.
pub fn options_of(node: &SyntaxNode) -> impl Iterator<Item = ast::ConstraintOption> {
    children(node)
}
