//! What names mean in an expression: the columns in reach and their types, and the model for everything else.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::renamed::Renames;
use super::types::{Type, bare, builtin, is, is_text, normal, of_data_type, widens};
use crate::model::Model;
use crate::model::datatype::{DataType, canonical_builtin};
use crate::model::name::{MAX_IDENTIFIER_BYTES, Name, Signature};
use crate::model::other::OtherId;
use crate::model::relation::View;
use crate::model::routine::{Mode, Returns, Routine};
use crate::model::table::{Column, Table};
use crate::model::types::{Attribute, Domain, TypeKind, UserType};
use crate::syntax::expr::{Arg, Call, Expr, TypeName, parse};

/// How far views over views are followed for the types of their columns.
const DEEPEST_VIEWS: usize = 32;

/// What an expression may speak of. Made once for a table, used for all of its expressions.
#[derive(Clone, Debug)]
pub struct Scope<'m> {
    model: Option<&'m Model>,
    levels: Vec<Level>,
    queries: Vec<(String, Rc<Columns>)>,
    /// The columns of views that were asked for; of one that is being read, `None`.
    views: Rc<RefCell<BTreeMap<Name, Option<Rc<Columns>>>>>,
    /// How many views are being read, each for the sake of another.
    depth: usize,
    /// The columns that are read and not there, where somebody wants to know.
    lacking: Option<Rc<RefCell<Lacking>>>,
    /// Whether a name by itself may be another thing than a column.
    is_among_words: bool,
    /// What columns are called in the canonical form, where that is not their name.
    renames: Rc<Renames>,
}

/// Columns by the tables that do not have them.
pub type Lacking = BTreeSet<(Name, String)>;

/// Words that an argument of `normalize` may be, beside a column.
const FORMS: [&str; 4] = ["nfc", "nfd", "nfkc", "nfkd"];

/// Built-in functions that take a row, or anything.
const ROW_FUNCTIONS: [&str; 16] = [
    "array_agg",
    "concat",
    "count",
    "format",
    "json_agg",
    "json_build_array",
    "jsonb_agg",
    "jsonb_build_array",
    "num_nonnulls",
    "num_nulls",
    "pg_column_size",
    "pg_typeof",
    "quote_literal",
    "row_to_json",
    "to_json",
    "to_jsonb",
];

/// The columns that every table has, and no list names. Source: PostgreSQL's documentation, "System Columns".
const SYSTEM: [&str; 7] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid", "oid"];

/// The sources of one query, or the table that an expression belongs to.
#[derive(Clone, Debug, Default)]
pub struct Level {
    /// The sources, in order.
    pub sources: Vec<Source>,
    /// Columns that USING made one of two: how each is called, and its type.
    pub merged: BTreeMap<String, (Vec<String>, Type)>,
    /// What `*` stands for, when it is known.
    pub shown: Shown,
    /// Whether its columns go without their table's name.
    bare: bool,
}

/// Columns as `*` gives them: how each is called here, its name, and its type.
pub type Shown = Option<Vec<(Vec<String>, String, Type)>>;

/// A table, or what stands in for one.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name that qualifies its columns.
    pub alias: String,
    /// The name that qualifies them in the canonical form: no other source in reach has it.
    pub spelled: String,
    /// Its columns, when they are known.
    pub columns: Option<Rc<Columns>>,
    /// The table that it is, under the table's own names of columns.
    pub table: Option<Name>,
    /// What its columns are called in the canonical form, where that is not their name.
    pub renamed: BTreeMap<String, String>,
}

/// Columns by position and by name.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// In order.
    pub list: Vec<(String, Type)>,
    index: BTreeMap<String, usize>,
}

impl Source {
    /// A source that is called `alias` in the canonical form too.
    pub fn new(alias: &str, columns: Option<Rc<Columns>>) -> Source {
        let (alias, spelled) = (alias.to_owned(), alias.to_owned());
        Source { alias, spelled, columns, table: None, renamed: BTreeMap::new() }
    }

    /// What its column `name` is called in the canonical form.
    pub fn called(&self, name: &str) -> String {
        self.renamed.get(name).map_or(name, String::as_str).to_owned()
    }

    /// Its row as one value: of a table that is of the type which the table is.
    fn row(&self) -> (Vec<String>, Type) {
        let ty = self.table.clone().map(|table| Type::Known(of_data_type(&DataType::named(table))));
        (vec![self.spelled.clone(), "*".to_owned()], ty.unwrap_or(Type::Open))
    }
}

impl Columns {
    /// The columns of `list`.
    pub fn new(list: Vec<(String, Type)>) -> Columns {
        let index = list.iter().enumerate().map(|(at, (name, _))| (name.clone(), at)).collect();
        Columns { list, index }
    }

    /// The columns of `table`.
    fn of(table: &Table) -> Columns {
        let column = |it: &Column| (it.name.as_str().to_owned(), Type::Known(of_data_type(&it.ty)));
        Columns::new(table.columns.iter().map(column).collect())
    }

    /// The type of the column `name`.
    pub fn get(&self, name: &str) -> Option<&Type> {
        self.index.get(name).map(|at| &self.list[*at].1)
    }
}

impl<'m> Scope<'m> {
    /// No columns in reach: a column's or an argument's default, a query.
    pub fn of_model(model: &'m Model) -> Scope<'m> {
        Scope { model: Some(model), ..Scope::unknown() }
    }

    /// Nothing is known.
    pub fn unknown() -> Scope<'m> {
        Scope {
            model: None,
            levels: Vec::new(),
            queries: Vec::new(),
            views: Rc::default(),
            depth: 0,
            lacking: None,
            is_among_words: false,
            renames: Rc::default(),
        }
    }

    /// As [`Scope::of_model`], with a list of what is read and not there, as far as that is certain.
    pub fn noting(model: &'m Model) -> (Scope<'m>, Rc<RefCell<Lacking>>) {
        let lacking = Rc::default();
        (Scope { lacking: Some(Rc::clone(&lacking)), ..Scope::of_model(model) }, lacking)
    }

    /// The columns of `table`, whatever else there is; with a list as that of [`Scope::noting`].
    pub fn noting_of(name: &Name, table: &Table) -> (Scope<'m>, Rc<RefCell<Lacking>>) {
        let lacking: Rc<RefCell<Lacking>> = Rc::default();
        let columns = Some(Rc::new(Columns::of(table)));
        let source = Source { table: Some(name.clone()), ..Source::new(name.name.as_str(), columns) };
        let levels = vec![Level { sources: vec![source], bare: true, ..Level::default() }];
        (Scope { lacking: Some(Rc::clone(&lacking)), levels, ..Scope::unknown() }, lacking)
    }

    /// The columns of the table or view `name`.
    pub fn of_table(model: &'m Model, name: &Name) -> Scope<'m> {
        let mut scope = Scope::of_model(model);
        let source = Source::new(name.name.as_str(), scope.relation(name));
        scope.levels.push(Level { sources: vec![source], bare: true, ..Level::default() });
        scope
    }

    /// The rows `OLD` and `NEW` of a trigger on the table or view `name`.
    pub fn of_trigger(model: &'m Model, name: &Name) -> Scope<'m> {
        let mut scope = Scope::of_model(model);
        let columns = scope.relation(name);
        let source = |alias: &str| Source::new(alias, columns.clone());
        scope.levels.push(Level { sources: vec![source("old"), source("new")], ..Level::default() });
        scope
    }

    /// The `VALUE` of a domain over `base`.
    pub fn of_domain(model: &'m Model, base: &DataType) -> Scope<'m> {
        let mut scope = Scope::of_model(model);
        let columns = Columns::new(vec![("value".to_owned(), Type::Known(of_data_type(base)))]);
        let source = Source::new("value", Some(Rc::new(columns)));
        scope.levels.push(Level { sources: vec![source], bare: true, ..Level::default() });
        scope
    }

    /// The arguments of the routine `name`, as the statements of its body can name them.
    pub fn of_routine(model: &'m Model, name: &Name, routine: &Routine) -> Scope<'m> {
        let mut scope = Scope::of_model(model);
        let named = routine.args.iter().filter(|arg| arg.mode != Mode::Out).filter_map(|arg| {
            let name = arg.name.as_ref()?.as_str().to_owned();
            Some((name, Type::Known(of_data_type(&arg.ty))))
        });
        let columns = Some(Rc::new(Columns::new(named.collect())));
        let source = Source::new(name.name.as_str(), columns);
        scope.levels.push(Level { sources: vec![source], bare: true, ..Level::default() });
        scope
    }

    /// This scope, in whose queries columns of tables are called by their new names.
    pub fn renaming(&self, renames: &Rc<Renames>) -> Scope<'m> {
        Scope { renames: Rc::clone(renames), ..self.clone() }
    }

    /// The new names of columns of a source called `parts` in FROM, whose first columns have the names of `aliases`.
    pub fn renamed(&self, parts: &[String], aliases: &[String]) -> BTreeMap<String, String> {
        let known = self.table(parts).and_then(|name| Some((self.renames.get(&name)?, self.relation(&name)?)));
        let Some((renames, columns)) = known else { return BTreeMap::new() };
        let own = columns.list.iter().skip(aliases.len());
        own.filter_map(|(name, _)| Some((name.clone(), renames.get(name)?.clone()))).collect()
    }

    /// The new name of the column `name` of a table called `parts` in FROM.
    pub fn after(&self, parts: &[String], name: &str) -> String {
        let renames = self.table(parts).and_then(|table| self.renames.get(&table));
        renames.and_then(|renames| renames.get(name)).map_or(name, String::as_str).to_owned()
    }

    /// This scope with the sources of an inner query in reach.
    pub fn inside(&self, level: Level) -> Scope<'m> {
        let mut scope = self.clone();
        scope.levels.push(level);
        scope
    }

    /// `name`, or with a number behind it, so that no source in reach of `level` is called that.
    ///
    /// Source: `set_rtable_names` in `src/backend/utils/adt/ruleutils.c`, which numbers in the same way.
    pub fn unique(&self, level: &Level, name: &str) -> String {
        let sources = self.levels.iter().chain([level]).flat_map(|level| &level.sources);
        let taken: BTreeSet<&str> = sources.map(|source| source.spelled.as_str()).collect();
        let numbered = (1..).map(|number| format!("{name}_{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        names.find(|name| name.is_empty() || !taken.contains(name.as_str())).unwrap_or_default()
    }

    /// This scope with the query `name` of a WITH in reach.
    pub fn with_query(&mut self, name: &str, columns: Columns) {
        self.queries.push((name.to_owned(), Rc::new(columns)));
    }

    /// The sources of the innermost query.
    pub fn innermost(&self) -> Option<&Level> {
        self.levels.last()
    }

    /// What a source called `parts` in FROM gives, when it is known.
    pub fn source(&self, parts: &[String]) -> Option<Rc<Columns>> {
        if let [name] = parts
            && let Some((_, columns)) = self.queries.iter().rev().find(|(query, _)| query == name)
        {
            return Some(columns.clone());
        }
        self.relation(&name_of(parts)?)
    }

    /// The table that a source called `parts` in FROM is; `None` when it is something else.
    pub fn table(&self, parts: &[String]) -> Option<Name> {
        name_of(parts)
            .filter(|name| !self.is_query(parts) && self.model.is_some_and(|model| model.tables.contains_key(name)))
    }

    /// Whether a source called `parts` in FROM is a query of a WITH.
    pub fn is_query(&self, parts: &[String]) -> bool {
        matches!(parts, [name] if self.queries.iter().any(|(query, _)| query == name))
    }

    /// Notes that nothing is called `parts`, if the table is certain that would have it.
    pub fn note_lack(&self, parts: &[String]) {
        let Some(lacking) = &self.lacking else { return };
        let (source, column) = match parts {
            [source, column] => {
                let mut found =
                    self.levels.iter().rev().filter_map(|level| level.sources.iter().find(|it| it.alias == *source));
                (found.next(), column)
            }
            [column] if !self.is_among_words && !FORMS.contains(&column.as_str()) => match self.levels.as_slice() {
                [Level { sources, .. }] if sources.len() == 1 => (sources.first(), column),
                _ => return,
            },
            _ => return,
        };
        let Some(source) = source.filter(|_| column != "*" && !SYSTEM.contains(&column.as_str())) else { return };
        let is_known = self.model.is_none() || source.columns.as_ref().is_some_and(|columns| !columns.list.is_empty());
        // Of longer names PostgreSQL knows the beginning, and the system's own tables come before others of the name.
        let is_cut = parts.iter().any(|part| part.len() > MAX_IDENTIFIER_BYTES);
        let table = source.table.as_ref().filter(|table| !table.name.as_str().starts_with("pg_"));
        if let Some(table) = table.filter(|_| is_known && !is_cut && !self.may_call(column, parts.len() > 1)) {
            lacking.borrow_mut().insert((table.clone(), column.clone()));
        }
    }

    /// Whether `column` behind a table's name may be a function of its row.
    /// Source: PostgreSQL's documentation, "Using Composite Types in Queries".
    fn may_call(&self, column: &str, is_qualified: bool) -> bool {
        let Some(model) = self.model else { return is_qualified };
        let is_own = || model.routines.keys().any(|signature| signature.name.name.as_str() == column);
        is_qualified && (ROW_FUNCTIONS.contains(&column) || !model.extensions.is_empty() || is_own())
    }

    /// This scope, in which nothing is noted any more.
    pub fn silent(&self) -> Cow<'_, Scope<'m>> {
        match &self.lacking {
            None => Cow::Borrowed(self),
            Some(_) => Cow::Owned(Scope { lacking: None, ..self.clone() }),
        }
    }

    /// This scope for what stands among key words.
    pub fn among_words(&self) -> Cow<'_, Scope<'m>> {
        match &self.lacking {
            None => Cow::Borrowed(self),
            Some(_) => Cow::Owned(Scope { is_among_words: true, ..self.clone() }),
        }
    }

    /// The columns of a table.
    fn relation(&self, name: &Name) -> Option<Rc<Columns>> {
        self.model?.tables.get(name).map(|table| Rc::new(Columns::of(table)))
    }

    /// The columns of the view `parts`, as `read` finds them in it; each view is read once.
    pub fn view(&self, parts: &[String], read: impl Fn(&View, &Scope) -> Option<Columns>) -> Option<Rc<Columns>> {
        let (model, name) = self.model.zip(name_of(parts))?;
        let view = model.views.get(&name)?;
        if let Some(known) = self.views.borrow().get(&name) {
            return known.clone();
        }
        if self.depth >= DEEPEST_VIEWS {
            return None;
        }
        self.views.borrow_mut().insert(name.clone(), None);
        let inside = Scope { views: self.views.clone(), depth: self.depth + 1, ..Scope::of_model(model) };
        let columns = read(view, &inside).map(Rc::new);
        self.views.borrow_mut().insert(name, columns.clone());
        columns
    }

    /// What the name `parts` means: its spelling here, and its type.
    pub fn resolve(&self, parts: &[String]) -> Option<(Vec<String>, Type)> {
        match parts {
            [column] if self.sole().is_some_and(|source| source.columns.is_none() && source.alias != *column) => {
                let source = self.sole()?;
                Some((vec![source.spelled.clone(), column.clone()], Type::Open))
            }
            [column] => {
                self.levels.iter().rev().enumerate().find_map(|(depth, level)| level.bare_name(column, depth == 0))?
            }
            [source, column] => self.qualified(source, column),
            [schema, source, column] if schema == "public" => self.qualified(source, column),
            _ => None,
        }
    }

    /// The only source of a query that stands in no other: every name is one of its columns.
    fn sole(&self) -> Option<&Source> {
        match self.levels.as_slice() {
            [Level { sources, bare: false, .. }] if sources.len() == 1 => sources.first(),
            _ => None,
        }
    }

    fn qualified(&self, source: &str, column: &str) -> Option<(Vec<String>, Type)> {
        self.levels.iter().rev().enumerate().find_map(|(depth, level)| {
            let found = level.sources.iter().find(|it| it.alias == source)?;
            if column == "*" {
                return Some(found.row());
            }
            let ty = match &found.columns {
                Some(columns) => columns.get(column)?.clone(),
                None => Type::Open,
            };
            Some((level.spell(found, column, depth == 0), ty))
        })
    }

    /// The columns of the source that `source.*` is about, when they are known.
    pub fn fields(&self, parts: &[String]) -> Option<Vec<Vec<String>>> {
        let [source, _] = parts else { return None };
        self.levels.iter().rev().enumerate().find_map(|(depth, level)| {
            let found = level.sources.iter().find(|it| it.alias == *source)?;
            let columns = found.columns.as_ref()?.list.iter();
            Some(columns.map(|(name, _)| level.spell(found, name, depth == 0)).collect())
        })
    }

    /// The function that `source.name` calls where the source has no such column: one of its row. Source: PostgreSQL's
    /// documentation, "Using Composite Types in Queries".
    pub fn computed(&self, parts: &[String]) -> Option<Expr> {
        let [source, name] = parts else { return None };
        let mut found =
            self.levels.iter().rev().filter_map(|level| level.sources.iter().find(|it| it.alias == *source));
        let row = DataType::named(found.next()?.table.clone()?);
        let function = Name::local(name);
        self.model?.routines.contains_key(&Signature { name: function, args: vec![row] }).then(|| {
            let arg = Arg { name: None, variadic: false, value: Expr::Name(vec![source.clone(), "*".to_owned()]) };
            Expr::Call(Call { name: vec![name.clone()], args: vec![arg], ..Call::default() })
        })
    }

    /// The bound and the range type where a call of `parts` makes a value of one of the model's range types.
    pub fn range(&self, parts: &[String]) -> Option<(TypeName, TypeName)> {
        let name = name_of(parts)?;
        let TypeKind::Range(said) = &self.model?.types.get(&name)?.kind else { return None };
        let bound = said.get("subtype")?;
        let own = self.model?.types.keys().find(|name| name.to_string() == *bound);
        let bound = own.map_or_else(|| builtin(bound), |name| of_data_type(&DataType::named(name.clone())));
        Some((normal(&bound), of_data_type(&DataType::named(name))))
    }

    /// The one routine called `parts` that takes arguments of these types: of several the one that most of them fit as
    /// they are.
    pub fn routine(&self, parts: &[String], types: &[Type]) -> Option<&'m Routine> {
        let name = name_of(parts)?;
        let count = types.len();
        let from = Signature { name: name.clone(), args: Vec::new() };
        let all = self.model?.routines.range(from..).take_while(|(signature, _)| signature.name == name);
        let mut found: Vec<(&Signature, &Routine)> = all
            .filter(|(signature, routine)| {
                let optional = routine.args.iter().filter(|arg| arg.default.is_some()).count();
                (signature.args.len() - optional.min(signature.args.len())..=signature.args.len()).contains(&count)
            })
            .collect();
        if found.len() > 1 {
            let fit = |signature: &Signature| {
                let pairs = signature.args.iter().zip(types);
                let fits = pairs.map(|(param, arg)| self.fit(&of_data_type(param), arg));
                fits.reduce(|a, b| Some((a?.0 + b?.0, a?.1 + b?.1))).flatten()
            };
            let best = found.iter().filter_map(|(signature, _)| fit(signature)).max()?;
            found.retain(|(signature, _)| fit(signature) == Some(best));
        }
        match found.as_slice() {
            [(_, routine)] => Some(routine),
            _ => None,
        }
    }

    /// How well an argument fits a parameter, and whether it is a constant without a type that is taken for a text;
    /// `None` when it does not fit. Source: PostgreSQL's documentation, "Functions" in "Type Conversion".
    fn fit(&self, param: &TypeName, arg: &Type) -> Option<(usize, usize)> {
        match arg {
            Type::Known(arg) => {
                let (param, arg) = (bare(&self.base(param)), bare(&self.base(arg)));
                match param == arg {
                    true => Some((2, 0)),
                    false => (widens(&arg, &param) || is_text(&arg) && is_text(&param)).then_some((1, 0)),
                }
            }
            // Of several kinds of text, `text` itself is preferred.
            Type::Literal => {
                let param = self.base(param);
                Some((0, usize::from(is_text(&param)) + usize::from(is(&param, "text"))))
            }
            Type::Open => Some((0, 0)),
        }
    }

    /// What the only column is called that a call of one of the model's routines gives, where that is one: by its argument, or
    /// (`None`) as the source is. Source: `chooseScalarFunctionAlias` in `src/backend/parser/parse_relation.c`.
    pub fn lone(&self, call: &Expr) -> Option<Option<String>> {
        let Expr::Call(call) = call else { return None };
        let routine = self.routine(&call.name, &vec![Type::Open; call.args.len()])?;
        let mut out = routine.args.iter().filter(|arg| matches!(arg.mode, Mode::Out | Mode::InOut));
        match (out.next(), out.next(), &routine.returns) {
            (Some(_), Some(_), _) => None,
            (Some(one), None, _) if one.name.is_some() => one.name.as_ref().map(|name| Some(name.as_str().to_owned())),
            (None, _, Returns::Type(ty) | Returns::SetOf(ty)) if self.is_scalar(ty) => Some(None),
            _ => None,
        }
    }

    /// Whether a type is certainly none of rows.
    fn is_scalar(&self, ty: &DataType) -> bool {
        match ty.user_type() {
            _ if ty.array => true,
            Some(name) => self.model.and_then(|model| model.types.get(name)).is_some_and(|ty| match &ty.kind {
                TypeKind::Domain(domain) => self.is_scalar(&domain.base),
                TypeKind::Enum(_) | TypeKind::Range(_) => true,
                TypeKind::Composite(_) => false,
            }),
            None => !ty.to_string().starts_with("any") && !matches!(ty.scalar_builtin(), Some("record" | "void")),
        }
    }

    /// Whether values of the type are an enum's, and no operator `op` is the model's own.
    pub fn is_plain_enum(&self, ty: &TypeName, op: &str) -> bool {
        let Some((model, name)) = self.model.zip(scalar(ty)) else { return false };
        let is_own = |id: &OtherId| id.kind == "OPERATOR" && id.name.split('(').next() == Some(op);
        let is_enum = |ty: &UserType| matches!(ty.kind, TypeKind::Enum(_));
        model.types.get(&name).is_some_and(is_enum) && !model.others.keys().any(is_own)
    }

    /// The columns of the rows that a call of one of the model's routines gives, when it gives rows.
    /// `read` finds those of a view.
    pub fn rows(&self, call: &Expr, read: impl Fn(&View, &Scope) -> Option<Columns>) -> Option<Vec<(String, Type)>> {
        let Expr::Call(call) = call else { return None };
        let routine = self.routine(&call.name, &vec![Type::Open; call.args.len()])?;
        let known = |name: &str, ty: &DataType| (name.to_owned(), Type::Known(of_data_type(ty)));
        let out: Vec<(String, Type)> = match &routine.returns {
            Returns::Table(columns) => columns.iter().map(|(name, ty)| known(name.as_str(), ty)).collect(),
            Returns::Type(ty) | Returns::SetOf(ty) if ty.user_type().is_some() && !ty.array => {
                let name = ty.user_type()?;
                let model = self.model?;
                match (model.tables.get(name), model.types.get(name).map(|ty| &ty.kind)) {
                    (Some(table), _) => table.columns.iter().map(|it| known(it.name.as_str(), &it.ty)).collect(),
                    (_, Some(TypeKind::Composite(list))) => {
                        list.iter().map(|it| known(it.name.as_str(), &it.ty)).collect()
                    }
                    (None, None) => self.view(&parts_of(name), read)?.list.clone(),
                    _ => return None,
                }
            }
            _ => {
                let out = routine.args.iter().filter(|arg| matches!(arg.mode, Mode::Out | Mode::InOut));
                let out = out.map(|arg| Some(known(arg.name.as_ref()?.as_str(), &arg.ty)));
                let out: Vec<(String, Type)> = out.collect::<Option<_>>()?;
                if out.len() < 2 { return None } else { out }
            }
        };
        out.iter().all(|(_, ty)| !matches!(ty, Type::Known(ty) if ty.name.starts_with("any"))).then_some(out)
    }

    /// An operator without the schema in which it is found anyway: `public`, or one into which an extension is put.
    pub fn operator<'o>(&self, op: &'o str) -> &'o str {
        let Some((schema, name)) =
            op.strip_prefix("operator(").and_then(|op| op.strip_suffix(')')).and_then(|op| op.split_once('.'))
        else {
            return op;
        };
        if schema == "public" || self.is_extended(schema) { name } else { op }
    }

    /// The types of the operands where the model has one operator `op` between two, and PostgreSQL has none.
    pub fn operands(&self, op: &str) -> Option<(TypeName, TypeName)> {
        let listed = |id: &'m OtherId| id.name.strip_prefix(op)?.strip_prefix('(')?.strip_suffix(')');
        let mut all = self.model?.others.keys().filter(|id| id.kind == "OPERATOR").filter_map(listed);
        let (Some(one), None) = (all.next(), all.next()) else { return None };
        let (left, right) = one.split_once(", ")?;
        Some((taken(left)?, taken(right)?))
    }

    /// The types of the arguments of the only aggregate called `parts`, if it has as many.
    pub fn aggregated(&self, parts: &[String], count: usize) -> Option<Vec<TypeName>> {
        let name = name_of(parts)?;
        let is_named = |id: &&OtherId| id.kind == "AGGREGATE" && id.path().as_ref() == Some(&name);
        let mut all = self.model?.others.keys().filter(is_named);
        let (Some(id), None) = (all.next(), all.next()) else { return None };
        let (_, list) = id.name.strip_suffix(')')?.split_once('(')?;
        let types: Vec<TypeName> = list.split(", ").map(taken).collect::<Option<_>>()?;
        (types.len() == count && !self.has_routine(parts)).then_some(types)
    }

    /// Whether an extension is put into the schema.
    pub fn is_extended(&self, schema: &str) -> bool {
        let mut extensions = self.model.into_iter().flat_map(|model| model.extensions.values());
        extensions.any(|extension| extension.schema.as_ref().is_some_and(|it| it.as_str() == schema))
    }

    /// The place and the type of the variadic parameter of the only routine called `parts`, if it has one.
    pub fn variadic(&self, parts: &[String]) -> Option<(usize, &'m DataType)> {
        let name = name_of(parts)?;
        let from = Signature { name: name.clone(), args: Vec::new() };
        let mut all = self.model?.routines.range(from..).take_while(|(signature, _)| signature.name == name);
        let (Some((_, routine)), None) = (all.next(), all.next()) else { return None };
        let inputs = routine.args.iter().filter(|arg| arg.mode != Mode::Out);
        let (at, last) = inputs.enumerate().last()?;
        let is_array = last.ty.array || matches!(last.ty.scalar_builtin(), Some("anyarray" | "anycompatiblearray"));
        (last.mode == Mode::Variadic && is_array).then_some((at, &last.ty))
    }

    /// Whether the model has one routine of this name.
    pub fn is_sole_routine(&self, parts: &[String]) -> bool {
        let Some((model, name)) = self.model.zip(name_of(parts)) else { return false };
        let from = Signature { name: name.clone(), args: Vec::new() };
        model.routines.range(from..).take_while(|(signature, _)| signature.name == name).count() == 1
    }

    /// Whether the model has a routine of this name.
    pub fn has_routine(&self, parts: &[String]) -> bool {
        let Some((model, name)) = self.model.zip(name_of(parts)) else { return false };
        let from = Signature { name: name.clone(), args: Vec::new() };
        model.routines.range(from..).next().is_some_and(|(signature, _)| signature.name == name)
    }

    /// The type below a domain, or the type itself.
    pub fn base(&self, ty: &TypeName) -> TypeName {
        let mut ty = normal(ty);
        // Domains over domains end; a cycle, which no server accepts, must end too.
        for _ in 0..8 {
            match self.domain(&ty) {
                Some(domain) => ty = of_data_type(&domain.base),
                None => break,
            }
        }
        ty
    }

    fn domain(&self, ty: &TypeName) -> Option<&'m Domain> {
        match &self.model?.types.get(&scalar(ty)?)?.kind {
            TypeKind::Domain(domain) => Some(domain),
            _ => None,
        }
    }

    /// The attributes of a value of the composite type, by name.
    pub fn parts(&self, ty: &TypeName) -> Option<Vec<(String, Type)>> {
        let name = scalar(&self.base(ty))?;
        let TypeKind::Composite(list) = &self.model?.types.get(&name)?.kind else { return None };
        let part = |it: &Attribute| (it.name.as_str().to_owned(), Type::Known(of_data_type(&it.ty)));
        Some(list.iter().map(part).collect())
    }

    /// The types that a row of the composite type consists of.
    pub fn attributes(&self, ty: &TypeName) -> Option<Vec<&'m DataType>> {
        let name = scalar(ty)?;
        let model = self.model?;
        if let Some(table) = model.tables.get(&name) {
            return Some(table.columns.iter().map(|column| &column.ty).collect());
        }
        match &model.types.get(&name)?.kind {
            TypeKind::Composite(attributes) => Some(attributes.iter().map(|attribute| &attribute.ty).collect()),
            _ => None,
        }
    }

    /// The type of a key word that is a value.
    pub fn keyword(word: &str) -> Type {
        Type::Known(builtin(match word {
            "current_date" => "date",
            "current_time" => "timetz",
            "current_timestamp" => "timestamptz",
            "localtime" => "time",
            "localtimestamp" => "timestamp",
            "system_user" => "text",
            _ => "name",
        }))
    }
}

impl Level {
    /// One source.
    pub fn of(source: Source) -> Level {
        Level { sources: vec![source], ..Level::default() }
    }

    /// What the unqualified `column` means here: `None` to look further out, `Some(None)` when that is not known.
    fn bare_name(&self, column: &str, innermost: bool) -> Option<Option<(Vec<String>, Type)>> {
        if let Some((parts, ty)) = self.merged.get(column) {
            return Some(Some((parts.clone(), ty.clone())));
        }
        let mut found = None;
        for source in &self.sources {
            let ty = match &source.columns {
                Some(columns) => columns.get(column),
                None => return Some(None),
            };
            if let Some(ty) = ty {
                // Two sources have it: ambiguous, which no server accepts.
                if found.is_some() {
                    return Some(None);
                }
                found = Some((self.spell(source, column, innermost), ty.clone()));
            }
        }
        if found.is_some() {
            return Some(found);
        }
        self.sources.iter().find(|it| it.alias == column).map(|source| Some(source.row()))
    }

    fn spell(&self, source: &Source, column: &str, innermost: bool) -> Vec<String> {
        let mut parts = vec![source.called(column)];
        if !(self.bare && innermost) {
            parts.insert(0, source.spelled.clone());
        }
        parts
    }
}

/// The name of a type that a schema defines and that is no array.
fn scalar(ty: &TypeName) -> Option<Name> {
    match &ty.schema {
        _ if ty.array => None,
        None if canonical_builtin(&ty.name).is_some() => None,
        schema => Some(Name::qualified(schema.as_deref().unwrap_or("public"), &ty.name)),
    }
}

/// The type that an operator or an aggregate takes, by what its object is called; `None` for one that stands for many.
fn taken(spelled: &str) -> Option<TypeName> {
    match parse(&format!("NULL::{spelled}")) {
        Some(Expr::Cast(_, ty)) if !ty.name.starts_with("any") => Some(bare(&normal(&ty))),
        _ => None,
    }
}

/// The parts by which an expression names an object.
fn parts_of(name: &Name) -> Vec<String> {
    name.schema.iter().chain([&name.name]).map(|part| part.as_str().to_owned()).collect()
}

/// The object that a name in an expression names; `pg_catalog` is no part of a model.
pub fn name_of(parts: &[String]) -> Option<Name> {
    match parts {
        [name] => Some(Name::local(name)),
        [schema, name] => Some(Name::qualified(schema, name)),
        _ => None,
    }
}
