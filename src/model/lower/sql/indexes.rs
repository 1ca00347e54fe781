//! Indexes: CREATE INDEX and ALTER INDEX, and the elements that exclusion constraints and partition keys share.

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode};

use super::catalog::{Relation, joined};
use super::session::Session;
use super::tree::{Written, child, has, ident, ident_of, written};
use super::{expr, options, partition_indexes, renames};
use crate::model::id::ObjectId;
use crate::model::index::{ElementKey, Index, IndexElement};
use crate::model::name::{Ident, Name, clip};
use crate::syntax::sql::scan::fold;

/// An element, and the name that PostgreSQL would give to its column in the index.
pub struct Element {
    /// The element.
    pub element: IndexElement,
    /// The column's name.
    pub name: String,
}

/// Runs CREATE INDEX.
pub fn create(session: &mut Session, statement: &ast::CreateIndex) {
    let node = statement.syntax();
    let Some(target) = statement.table_relation_name() else { return };
    let table = target.table_name_ref().map(|it| session.relation_name(it.syntax())).unwrap_or_else(|| Name::local(""));
    if !is_indexable(session, &table) {
        return session.missing("table", &table, target.syntax());
    }
    let elements = elements(session, statement.partition_item_list());
    let include: Vec<Ident> = child::<ast::IndexIncludeClause>(node)
        .and_then(|clause| clause.partition_item_list())
        .into_iter()
        .flat_map(|list| list.partition_items())
        .map(|item| ident_of(item.expr()).unwrap_or_else(|| ident(item.syntax())))
        .collect();
    let name = match statement.index() {
        Some(name) => written(name.syntax()).name,
        None => {
            let mut names = column_names(elements.iter());
            names.extend(include.iter().map(|name| name.as_str().to_owned()));
            session.catalog.choose_relation(&table, &joined(names.iter().map(String::as_str)), "idx", false)
        }
    };
    let id = ObjectId::Index(table.clone(), name.clone());
    let full = table.sibling(name.as_str());
    if !session.is_free(&full, &id, has(node, SyntaxKind::IF_NOT_EXISTS), node) {
        return;
    }
    let only = has(target.syntax(), SyntaxKind::ONLY_KW);
    let index = Index {
        method: ident_of(child::<ast::UsingMethod>(node).and_then(|method| method.access_method_ref()))
            .map_or_else(|| "btree".to_owned(), |method| method.as_str().to_owned()),
        unique: has(node, SyntaxKind::UNIQUE_KW),
        elements: elements.into_iter().map(|element| element.element).collect(),
        include,
        nulls_not_distinct: has(node, SyntaxKind::NULLS_NOT_DISTINCT),
        predicate: child::<ast::WhereClause>(node).and_then(|it| it.expr()).map(|it| expr::bare(session, it)),
        options: options::list(child(node)),
        family: partition_indexes::family(session, &table, only),
        comment: None,
        hints: session.hints(node),
    };
    if has(node, SyntaxKind::TABLESPACE_CLAUSE) {
        session.skip("TABLESPACE");
    }
    let named: Vec<Ident> = index.elements.iter().filter_map(column).chain(&index.include).cloned().collect();
    report_unknown(session, &table, &named.iter().collect::<Vec<_>>(), node);
    session.origin(id, node);
    session.catalog.add(full, Relation::Index(table.clone()));
    insert(session, &table, name.clone(), index);
    if !only {
        partition_indexes::spread(session, &table, &name);
    }
}

/// Runs ALTER INDEX.
pub fn alter(session: &mut Session, statement: &ast::AlterIndex) {
    let (Some(named), Some(action)) = (statement.index_ref(), statement.action()) else {
        return session.skip("ALTER INDEX ALL IN TABLESPACE");
    };
    let name = session.relation_name(named.syntax());
    let Some(table) = owner(session, &name) else {
        if statement.if_exists().is_none() {
            session.missing("index", &name, named.syntax());
        }
        return;
    };
    match action {
        ast::AlterIndexAction::AttachIndexPartition(it) => {
            let Some(child) = it.index_ref() else { return };
            let child_name = session.relation_name(child.syntax());
            partition_indexes::attach(session, &name, &child_name, child.syntax());
        }
        ast::AlterIndexAction::IndexRenameTo(it) => {
            let Some(new) = it.index() else { return };
            renames::index(session, &table, &name.name, written(new.syntax()).name);
        }
        ast::AlterIndexAction::SetOptions(it) => {
            let set = it.attribute_list().map(|list| options::attributes(&list)).unwrap_or_default();
            change_options(
                session,
                &table,
                &name,
                set.keys().cloned().collect(),
                options::spelled(set.clone()),
                it.syntax(),
            );
        }
        ast::AlterIndexAction::ResetOptions(it) => {
            let reset = options::names(it.attribute_list());
            change_options(session, &table, &name, reset, Vec::new(), it.syntax());
        }
        ast::AlterIndexAction::SetTablespace(_) => session.skip("TABLESPACE"),
        ast::AlterIndexAction::AlterSetStatistics(it) => {
            session.unmodelled("a statistics target of an index", it.syntax())
        }
        ast::AlterIndexAction::DependsOnExtension(it) => session.unmodelled("`DEPENDS ON EXTENSION`", it.syntax()),
        ast::AlterIndexAction::NoDependsOnExtension(_) => {}
    }
}

fn change_options(
    session: &mut Session,
    table: &Name,
    name: &Name,
    drop: Vec<String>,
    add: Vec<String>,
    node: &SyntaxNode,
) {
    let Some(index) = get_mut(session, table, &name.name) else {
        return session.unmodelled("a storage parameter of the index behind a constraint", node);
    };
    index.options.retain(|option| !drop.iter().any(|name| option.split('=').next() == Some(name)));
    index.options.extend(add);
    index.options.sort();
}

/// The table or materialized view of the index `name`, also when it stands behind a constraint.
pub fn owner(session: &Session, name: &Name) -> Option<Name> {
    match session.catalog.relation(name) {
        Some(Relation::Index(table) | Relation::Key(table)) => Some(table.clone()),
        _ => None,
    }
}

/// The index `name` of the table or materialized view `table`.
pub fn get_mut<'s>(session: &'s mut Session, table: &Name, name: &Ident) -> Option<&'s mut Index> {
    let Some(found) = session.model.tables.get_mut(table) else {
        return session.model.views.get_mut(table)?.indexes.get_mut(name);
    };
    found.indexes.get_mut(name)
}

/// Puts an index onto the table or materialized view `table`.
pub fn insert(session: &mut Session, table: &Name, name: Ident, index: Index) {
    if let Some(found) = session.model.tables.get_mut(table) {
        found.indexes.insert(name, index);
    } else if let Some(view) = session.model.views.get_mut(table) {
        view.indexes.insert(name, index);
    }
}

/// Takes the index `name` off `table`, and gives its name free.
pub fn remove(session: &mut Session, table: &Name, name: &Ident) -> Option<Index> {
    session.catalog.remove(&table.sibling(name.as_str()));
    match session.model.tables.get_mut(table) {
        Some(found) => found.indexes.remove(name),
        None => session.model.views.get_mut(table)?.indexes.remove(name),
    }
}

/// Runs CLUSTER ON, or SET WITHOUT CLUSTER where no index is named.
pub fn cluster_on(session: &mut Session, relation: &Name, index: Option<ast::IndexRef>) {
    let index = index.map(|it| written(it.syntax()).name);
    if let Some(table) = session.model.tables.get_mut(relation) {
        table.clustered_on = index;
    } else if let Some(view) = session.model.views.get_mut(relation) {
        view.clustered_on = index;
    }
}

/// Runs CLUSTER, which remembers the index that it went by.
pub fn cluster(session: &mut Session, statement: &ast::Cluster) {
    let index = statement.cluster_using_index().and_then(|it| it.index_ref());
    if let (Some(table), Some(index)) = (statement.table_name_ref(), index) {
        let table = session.relation_name(table.syntax());
        cluster_on(session, &table, Some(index));
    }
}

fn is_indexable(session: &Session, name: &Name) -> bool {
    session.model.tables.contains_key(name) || session.model.views.get(name).is_some_and(|view| view.materialized)
}

/// Reports those of `columns` that `table` does not have. What inherits may have more than is known.
pub fn report_unknown(session: &mut Session, table: &Name, columns: &[&Ident], node: &SyntaxNode) {
    let Some(known) = session.model.tables.get(table) else { return };
    let parents_known = known.inherits.iter().all(|parent| session.model.tables.contains_key(parent));
    if !parents_known || known.partition_of.as_ref().is_some_and(|of| !session.model.tables.contains_key(&of.parent)) {
        return;
    }
    let unknown = columns.iter().find(|name| known.column(name.as_str()).is_none() && !is_system_column(name));
    if let Some(unknown) = unknown {
        let name = format!("{table}.{unknown}");
        session.missing("column", name, node);
    }
}

fn is_system_column(name: &Ident) -> bool {
    matches!(name.as_str(), "tableoid" | "ctid" | "xmin" | "cmin" | "xmax" | "cmax")
}

/// The elements of an index or a partition key.
pub fn elements(session: &Session, list: Option<ast::PartitionItemList>) -> Vec<Element> {
    list.into_iter().flat_map(|list| list.partition_items()).filter_map(|item| item_element(session, &item)).collect()
}

fn item_element(session: &Session, item: &ast::PartitionItem) -> Option<Element> {
    let mut read = element(session, item.expr()?);
    set_options(session, &mut read.element, item);
    Some(read)
}

/// Applies what stands behind the expression of an element.
pub fn set_options(session: &Session, element: &mut IndexElement, item: &ast::PartitionItem) {
    let node = item.syntax();
    if let Some(collate) = child(node) {
        element.collation = collation(session, &collate);
    }
    element.opclass = child::<ast::OpClassRef>(node).map(|class| in_catalog(session, class.syntax(), "OPERATOR CLASS"));
    element.opclass_options = child(node).map(|list| options::spelled(options::attributes(&list)).join(", "));
    element.descending = matches!(child(node), Some(ast::SortOrder::SortDesc(_)));
    element.nulls_first = match child(node) {
        Some(order) => matches!(order, ast::NullsOrder::NullsFirst(_)),
        None => element.descending,
    };
}

/// What stands behind `key`, the expression of an element of an exclusion constraint, as an element of an index has it.
/// The parser knows no such options there: they lie in the gap before `WITH`.
pub fn unparsed_options(session: &Session, exclusion: &SyntaxNode, key: &SyntaxNode) -> Option<ast::PartitionItem> {
    let with = exclusion.children_with_tokens().find(|it| it.kind() == SyntaxKind::WITH_KW)?;
    let gap = fold(&session.file.text[key.text_range().end().into()..with.text_range().start().into()]);
    if gap.is_empty() {
        return None;
    }
    let parsed = SourceFile::parse(&format!("CREATE INDEX ON t (x {gap})"));
    parsed.tree().syntax().descendants().find_map(ast::PartitionItem::cast)
}

/// An element that is `expr`, a column or an expression, perhaps with a collation.
pub fn element(session: &Session, expr: ast::Expr) -> Element {
    let name = expr::column_name(&expr).unwrap_or_else(|| "expr".to_owned());
    let (expr, collation) = match expr {
        ast::Expr::Collate(collate) => match collate.expr() {
            Some(within) => (within, self::collation(session, &collate)),
            None => (ast::Expr::Collate(collate), None),
        },
        other => (other, None),
    };
    let key = match expr {
        ast::Expr::NameRef(name) => ElementKey::Column(ident(name.syntax())),
        other => match expr::inner(other) {
            ast::Expr::NameRef(name) => ElementKey::Column(ident(name.syntax())),
            other => ElementKey::Expression(session.sql(other.syntax())),
        },
    };
    let mut element = IndexElement::of(key);
    element.collation = collation;
    Element { element, name }
}

/// The names of an index's columns: a number keeps them apart. Source: `ChooseIndexColumnNames` in `indexcmds.c`.
pub fn column_names<'e>(elements: impl Iterator<Item = &'e Element>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for element in elements {
        let mut name = element.name.clone();
        let mut number = 0;
        while names.contains(&name) {
            number += 1;
            let suffix = number.to_string();
            name = format!("{}{suffix}", clip(&element.name, 63 - suffix.len()));
        }
        names.push(name);
    }
    names
}

/// The names of the columns of an index that is in the model.
pub fn names_of(index: &Index) -> Vec<String> {
    let named = index.elements.iter().map(|element| {
        let name = match &element.key {
            ElementKey::Column(name) => name.as_str().to_owned(),
            ElementKey::Expression(sql) => expr::name_of(sql).unwrap_or_else(|| "expr".to_owned()),
        };
        Element { element: element.clone(), name }
    });
    let named: Vec<Element> = named.collect();
    let mut names = column_names(named.iter());
    names.extend(index.include.iter().map(|name| name.as_str().to_owned()));
    names
}

fn column(element: &IndexElement) -> Option<&Ident> {
    match &element.key {
        ElementKey::Column(name) => Some(name),
        ElementKey::Expression(_) => None,
    }
}

/// The collation that is named; `None` for the type's own.
pub fn collation(session: &Session, collate: &ast::Collate) -> Option<Name> {
    let name = in_catalog(session, collate.collation_ref()?.syntax(), "COLLATION");
    (name != Name::local("default")).then_some(name)
}

/// The name of a collation or an operator class: PostgreSQL's own ones are local names.
fn in_catalog(session: &Session, node: &SyntaxNode, kind: &str) -> Name {
    let Written { schema, name } = written(node);
    if schema.as_ref().is_some_and(|schema| schema.as_str() == "pg_catalog") {
        return Name::local(name.as_str());
    }
    let is_known =
        |name: &Name| session.model.others.keys().any(|id| id.kind == kind && id.name.starts_with(&name.to_string()));
    session.find(&Written { schema, name }, is_known)
}
