//! A random schema as a person would write it: one SQL file in an order that loads, with forge's hints.

use std::fmt::Write;

use super::schema::{
    Argument, At, Column, ColumnKind, Constraint, ConstraintKind, Index, Query, Routine, RoutineKind, Schema, Table,
    Trigger, View, quote,
};

/// The roles that grants and policies name; they have to exist in the cluster.
pub const ROLES: &str = "DO $$ BEGIN
    CREATE ROLE reader; CREATE ROLE writer;
EXCEPTION WHEN duplicate_object THEN NULL; END $$;";

impl Schema {
    /// The whole schema as SQL.
    pub fn sql(&self) -> String {
        let mut out = String::new();
        for at in &self.namespaces {
            hint(&mut out, "", at);
            statement(&mut out, format!("CREATE SCHEMA {}", quote(&at.name)));
            self.comment(&mut out, "SCHEMA", &quote(&at.name), at);
        }
        self.types(&mut out);
        for sequence in &self.sequences {
            hint(&mut out, "", &sequence.at);
            let name = self.name(&sequence.at);
            statement(&mut out, format!("CREATE SEQUENCE {name}{}", sequence.options));
            self.comment(&mut out, "SEQUENCE", &name, &sequence.at);
        }
        let (late, early): (Vec<&Routine>, Vec<&Routine>) =
            self.routines.iter().partition(|it| matches!(it.kind, RoutineKind::Reads { .. }));
        early.iter().for_each(|routine| self.routine_sql(&mut out, routine));
        self.tables.iter().for_each(|table| self.table_sql(&mut out, table));
        self.tables.iter().for_each(|table| self.foreign_keys(&mut out, table));
        late.iter().for_each(|routine| self.routine_sql(&mut out, routine));
        self.views.iter().for_each(|view| self.view_sql(&mut out, view));
        self.tables.iter().for_each(|table| self.around_table(&mut out, table));
        for sequence in &self.sequences {
            if let Some(table) = sequence.owner.and_then(|id| self.tables.iter().find(|it| it.column(id).is_some())) {
                let column = format!("{}.{}", self.name(&table.at), self.column(sequence.owner.unwrap_or(0)));
                statement(&mut out, format!("ALTER SEQUENCE {} OWNED BY {column}", self.name(&sequence.at)));
            }
        }
        self.grants_sql(&mut out);
        out
    }

    fn types(&self, out: &mut String) {
        for it in &self.enums {
            hint(out, "", &it.at);
            let mut labels = Vec::new();
            for (label, was) in &it.labels {
                let hint = was.as_ref().map_or(String::new(), |was| format!("    -- forge:renamed_from {was}\n"));
                labels.push(format!("{hint}    '{}'", label.replace('\'', "''")));
            }
            statement(out, format!("CREATE TYPE {} AS ENUM (\n{}\n)", self.name(&it.at), labels.join(",\n")));
            self.comment(out, "TYPE", &self.name(&it.at), &it.at);
        }
        for it in &self.domains {
            hint(out, "", &it.at);
            let mut text = format!("CREATE DOMAIN {} AS {}", self.name(&it.at), it.base.sql(self, it.at.id));
            if let Some(default) = &it.default {
                let _ = write!(text, " DEFAULT {default}");
            }
            if it.not_null {
                text.push_str(" NOT NULL");
            }
            for (name, check) in &it.checks {
                let _ = write!(text, "\n    CONSTRAINT {} CHECK ({check})", quote(name));
            }
            statement(out, text);
            self.comment(out, "DOMAIN", &self.name(&it.at), &it.at);
        }
        for it in &self.composites {
            hint(out, "", &it.at);
            let attributes: Vec<String> = it
                .attributes
                .iter()
                .map(|attribute| format!("    {} {}", quote(&attribute.name), attribute.ty.sql(self, it.at.id)))
                .collect();
            statement(out, format!("CREATE TYPE {} AS (\n{}\n)", self.name(&it.at), attributes.join(",\n")));
            self.comment(out, "TYPE", &self.name(&it.at), &it.at);
        }
    }

    fn table_sql(&self, out: &mut String, table: &Table) {
        let name = self.name(&table.at);
        hint(out, "", &table.at);
        let mut items: Vec<String> = table.columns.iter().map(|column| self.column_sql(column)).collect();
        let here = table.constraints.iter().filter(|it| !it.is_foreign() && !it.suffix.contains("NOT VALID"));
        items.extend(here.map(|it| {
            let mut text = String::new();
            hint(&mut text, "    ", &it.at);
            text + "    " + &self.constraint_sql(it)
        }));
        let mut text =
            format!("CREATE {}TABLE {name} (\n{}\n)", if table.unlogged { "UNLOGGED " } else { "" }, items.join(",\n"));
        if let Some(parent) = table.inherits.and_then(|id| self.table(id)) {
            let _ = write!(text, " INHERITS ({})", self.name(&parent.at));
        }
        if let Some(partitions) = &table.partitions {
            let _ = write!(text, " PARTITION BY {} ({})", partitions.strategy, self.column(partitions.column));
        }
        if let Some(options) = table.options {
            let _ = write!(text, " WITH ({options})");
        }
        statement(out, text);
        for (part, bound) in table.partitions.iter().flat_map(|it| &it.parts) {
            hint(out, "", part);
            statement(out, format!("CREATE TABLE {} PARTITION OF {name} {bound}", self.name(part)));
        }
        for constraint in table.constraints.iter().filter(|it| !it.is_foreign() && it.suffix.contains("NOT VALID")) {
            statement(out, format!("ALTER TABLE {name} ADD {}", self.constraint_sql(constraint)));
        }
    }

    fn column_sql(&self, column: &Column) -> String {
        let mut text = String::new();
        hint(&mut text, "    ", &column.at);
        let _ = write!(text, "    {} ", quote(&column.at.name));
        let ty = column.ty.sql(self, column.at.id);
        match &column.kind {
            ColumnKind::Serial => {
                text.push_str(if ty.contains("big") || ty == "int8" { "bigserial" } else { "serial" })
            }
            _ => text.push_str(&ty),
        }
        if let Some(collation) = column.collation {
            let _ = write!(text, " COLLATE \"{collation}\"");
        }
        if let Some(default) = &column.default {
            let _ = write!(text, " DEFAULT {}", self.expr(default));
        }
        match &column.kind {
            ColumnKind::Identity { always, options } => {
                let when = if *always { "ALWAYS" } else { "BY DEFAULT" };
                let _ = write!(text, " GENERATED {when} AS IDENTITY{options}");
            }
            ColumnKind::Generated(source) => {
                let _ = write!(text, " GENERATED ALWAYS AS ({}) STORED", self.expr(source));
            }
            ColumnKind::Plain | ColumnKind::Serial => {}
        }
        if column.not_null {
            text.push_str(" NOT NULL");
        }
        text
    }

    fn constraint_sql(&self, constraint: &Constraint) -> String {
        let mut text = String::new();
        if !constraint.at.name.is_empty() {
            let _ = write!(text, "CONSTRAINT {} ", quote(&constraint.at.name));
        }
        match &constraint.kind {
            ConstraintKind::Primary(columns) => {
                let _ = write!(text, "PRIMARY KEY ({})", self.columns(columns));
            }
            ConstraintKind::Unique { columns, include } => {
                let _ = write!(text, "UNIQUE ({})", self.columns(columns));
                if !include.is_empty() {
                    let _ = write!(text, " INCLUDE ({})", self.columns(include));
                }
            }
            ConstraintKind::Check(check) => {
                let _ = write!(text, "CHECK ({})", self.expr(check));
            }
            ConstraintKind::Foreign { columns, table, key, actions } => {
                let target = self.table(*table).map_or(String::new(), |table| self.name(&table.at));
                let _ = write!(
                    text,
                    "FOREIGN KEY ({}) REFERENCES {target} ({}){actions}",
                    self.columns(columns),
                    self.columns(key)
                );
            }
            ConstraintKind::Exclude { column, gist } => {
                let (method, operator) = if *gist { ("gist", "&&") } else { ("btree", "=") };
                let _ = write!(text, "EXCLUDE USING {method} ({} WITH {operator})", self.column(*column));
            }
        }
        text + constraint.suffix
    }

    fn foreign_keys(&self, out: &mut String, table: &Table) {
        for constraint in table.constraints.iter().filter(|it| it.is_foreign()) {
            hint(out, "", &constraint.at);
            statement(out, format!("ALTER TABLE {} ADD {}", self.name(&table.at), self.constraint_sql(constraint)));
        }
    }

    /// What stands beside a table: indexes, triggers, policies, settings and comments.
    fn around_table(&self, out: &mut String, table: &Table) {
        let name = self.name(&table.at);
        for column in &table.columns {
            if let Some(storage) = column.storage {
                let column = quote(&column.at.name);
                statement(out, format!("ALTER TABLE {name} ALTER COLUMN {column} SET STORAGE {storage}"));
            }
            if let Some(target) = column.statistics {
                let column = quote(&column.at.name);
                statement(out, format!("ALTER TABLE {name} ALTER COLUMN {column} SET STATISTICS {target}"));
            }
            self.comment(out, "COLUMN", &format!("{name}.{}", quote(&column.at.name)), &column.at);
        }
        self.comment(out, "TABLE", &name, &table.at);
        for constraint in table.constraints.iter().filter(|it| !it.at.name.is_empty()) {
            let on = format!("{} ON {name}", quote(&constraint.at.name));
            self.comment(out, "CONSTRAINT", &on, &constraint.at);
        }
        for index in &table.indexes {
            hint(out, "", &index.at);
            self.index_sql(out, &name, index);
            let full = self.name(&At { namespace: table.at.namespace, ..index.at.clone() });
            self.comment(out, "INDEX", &full, &index.at);
        }
        for trigger in &table.triggers {
            hint(out, "", &trigger.at);
            self.trigger_sql(out, &name, trigger);
        }
        if table.row_security {
            statement(out, format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"));
        }
        if table.force_row_security {
            statement(out, format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY"));
        }
        if let Some(identity) = table.replica_identity {
            statement(out, format!("ALTER TABLE {name} REPLICA IDENTITY {identity}"));
        }
        for policy in &table.policies {
            hint(out, "", &policy.at);
            let mut text = format!("CREATE POLICY {} ON {name}", quote(&policy.at.name));
            if policy.restrictive {
                text.push_str(" AS RESTRICTIVE");
            }
            let _ = write!(text, " FOR {} TO {}", policy.command, policy.roles);
            if let Some(using) = &policy.using {
                let _ = write!(text, " USING ({})", self.expr(using));
            }
            if let Some(check) = &policy.check {
                let _ = write!(text, " WITH CHECK ({})", self.expr(check));
            }
            statement(out, text);
            self.comment(out, "POLICY", &format!("{} ON {name}", quote(&policy.at.name)), &policy.at);
        }
    }

    fn index_sql(&self, out: &mut String, table: &str, index: &Index) {
        let elements: Vec<String> = index
            .elements
            .iter()
            .map(|(element, suffix)| {
                let plain = element.text == "{0}";
                let text = self.expr(element);
                if plain { format!("{text}{suffix}") } else { format!("({text}){suffix}") }
            })
            .collect();
        let unique = if index.unique { "UNIQUE " } else { "" };
        let name = quote(&index.at.name);
        let mut text =
            format!("CREATE {unique}INDEX {name} ON {table} USING {} ({})", index.method, elements.join(", "));
        if !index.include.is_empty() {
            let _ = write!(text, " INCLUDE ({})", self.columns(&index.include));
        }
        if let Some(options) = index.options {
            let _ = write!(text, " WITH ({options})");
        }
        if let Some(predicate) = &index.predicate {
            let _ = write!(text, " WHERE {}", self.expr(predicate));
        }
        statement(out, text);
    }

    fn trigger_sql(&self, out: &mut String, table: &str, trigger: &Trigger) {
        let Some(routine) = self.routine(trigger.routine) else { return };
        let name = quote(&trigger.at.name);
        let mut text = format!("CREATE TRIGGER {name} {}", trigger.event);
        if let Some(column) = trigger.update_of {
            let _ = write!(text, " OF {}", self.column(column));
        }
        let _ = write!(text, " ON {table} FOR EACH {}", if trigger.each_row { "ROW" } else { "STATEMENT" });
        if let Some(when) = &trigger.when {
            let _ = write!(text, " WHEN ({})", self.expr(when));
        }
        let _ = write!(text, " EXECUTE FUNCTION {}({})", self.name(&routine.at), trigger.args);
        statement(out, text);
        if !trigger.enabled.is_empty() {
            statement(out, format!("ALTER TABLE {table} {} TRIGGER {name}", trigger.enabled));
        }
        self.comment(out, "TRIGGER", &format!("{name} ON {table}"), &trigger.at);
    }

    fn view_sql(&self, out: &mut String, view: &View) {
        hint(out, "", &view.at);
        let name = self.name(&view.at);
        let kind = if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
        let options = view.options.map_or(String::new(), |options| format!(" WITH ({options})"));
        statement(out, format!("CREATE {kind} {name}{options} AS {}", self.query(&view.query)));
        self.comment(out, kind, &name, &view.at);
        if let Some(comment) = &view.column_comment {
            let column = format!("{name}.{}", quote(&self.first_column(view)));
            statement(out, format!("COMMENT ON COLUMN {column} IS '{}'", comment.replace('\'', "''")));
        }
        if let Some(index) = &view.index {
            let column = quote(&self.first_column(view));
            statement(out, format!("CREATE INDEX {} ON {name} ({column})", quote(&index.name)));
        }
    }

    fn query(&self, query: &Query) -> String {
        let table = |id: u32| self.table(id).map_or(String::new(), |table| self.name(&table.at));
        match query {
            Query::Columns { table: id, columns, filter } => {
                let shown = columns.iter().map(|(column, alias)| match alias {
                    Some(alias) => format!("{} AS {}", self.column(*column), quote(alias)),
                    None => self.column(*column),
                });
                let filter = filter.as_ref().map_or(String::new(), |it| format!(" WHERE {}", self.expr(it)));
                format!("SELECT {} FROM {}{filter}", shown.collect::<Vec<_>>().join(", "), table(*id))
            }
            Query::Join { left, right, on, shown } => format!(
                "SELECT a.{}, b.{} AS other FROM {} a LEFT JOIN {} b ON a.{} = b.{}",
                self.column(shown.0),
                self.column(shown.1),
                table(*left),
                table(*right),
                self.column(on.0),
                self.column(on.1)
            ),
            Query::Count { table: id, column } => {
                let column = self.column(*column);
                format!("SELECT {column}, count(*) AS rows FROM {} GROUP BY {column}", table(*id))
            }
            Query::Over(id) => {
                let Some(view) = self.view(*id) else { return String::new() };
                format!("SELECT {} FROM {}", quote(&self.first_column(view)), self.name(&view.at))
            }
        }
    }

    /// The name of a view's first column, unquoted.
    fn first_column(&self, view: &View) -> String {
        let column = |id: u32| {
            let found = self.tables.iter().flat_map(|table| &table.columns).find(|column| column.at.id == id);
            found.map_or_else(String::new, |column| column.at.name.clone())
        };
        match &view.query {
            Query::Columns { columns, .. } => {
                columns.first().map_or_else(String::new, |(id, alias)| alias.clone().unwrap_or_else(|| column(*id)))
            }
            Query::Join { shown, .. } => column(shown.0),
            Query::Count { column: id, .. } => column(*id),
            Query::Over(id) => self.view(*id).map_or_else(String::new, |view| self.first_column(view)),
        }
    }

    fn routine_sql(&self, out: &mut String, routine: &Routine) {
        hint(out, "", &routine.at);
        let name = self.name(&routine.at);
        let attributes: String = routine.attributes.iter().map(|it| format!(" {it}")).collect();
        let (kind, signature, rest) = match &routine.kind {
            RoutineKind::Trigger { body } => {
                let body = format!("BEGIN\n  -- body {body};\n  RETURN COALESCE(NEW, OLD);\nEND");
                (
                    "FUNCTION",
                    "()".to_owned(),
                    format!(" RETURNS trigger LANGUAGE plpgsql{attributes} AS $$\n{body}\n$$"),
                )
            }
            RoutineKind::Test { ty, body } => {
                let rest = format!(" RETURNS boolean LANGUAGE sql IMMUTABLE{attributes} AS $$ SELECT {body} $$");
                ("FUNCTION", format!("(value {})", ty.sql(self, routine.at.id)), rest)
            }
            RoutineKind::Plain { args, returns, body } => {
                let ty = returns.sql(self, routine.at.id);
                let rest = format!(" RETURNS {ty} LANGUAGE sql{attributes} AS $$ SELECT NULL::{ty} /* {body} */ $$");
                ("FUNCTION", self.args(args), rest)
            }
            RoutineKind::Rows { columns } => {
                let list = |with_name: bool| {
                    let one = |it: &super::schema::Attribute| {
                        let ty = it.ty.sql(self, routine.at.id);
                        if with_name { format!("{} {ty}", quote(&it.name)) } else { format!("NULL::{ty}") }
                    };
                    columns.iter().map(one).collect::<Vec<_>>().join(", ")
                };
                let body = format!("AS $$ SELECT {} $$", list(false));
                (
                    "FUNCTION",
                    "()".to_owned(),
                    format!(" RETURNS TABLE ({}) LANGUAGE sql{attributes} {body}", list(true)),
                )
            }
            RoutineKind::Reads { table, standard } => {
                let table = self.table(*table).map_or(String::new(), |table| self.name(&table.at));
                let body = if *standard {
                    format!("BEGIN ATOMIC SELECT count(*) FROM {table}; END")
                } else {
                    format!("AS $$ SELECT count(*) FROM {table} $$")
                };
                ("FUNCTION", "()".to_owned(), format!(" RETURNS bigint LANGUAGE sql STABLE{attributes} {body}"))
            }
            RoutineKind::Procedure { args, body } => {
                let body = format!("BEGIN PERFORM {body}; END");
                ("PROCEDURE", self.args(args), format!(" LANGUAGE plpgsql{attributes} AS $$ {body} $$"))
            }
        };
        statement(out, format!("CREATE {kind} {name}{signature}{rest}"));
        self.comment(out, kind, &format!("{name}{}", self.signature(routine)), &routine.at);
    }

    fn args(&self, args: &[Argument]) -> String {
        let shown: Vec<String> = args
            .iter()
            .map(|arg| {
                let default = arg.default.as_ref().map_or(String::new(), |it| format!(" DEFAULT {it}"));
                format!("{} {}{default}", quote(&arg.name), arg.ty.sql(self, 1))
            })
            .collect();
        format!("({})", shown.join(", "))
    }

    /// What tells a routine apart: the types of its arguments.
    fn signature(&self, routine: &Routine) -> String {
        let types: Vec<String> = match &routine.kind {
            RoutineKind::Test { ty, .. } => vec![ty.sql(self, 1)],
            RoutineKind::Plain { args, .. } | RoutineKind::Procedure { args, .. } => {
                args.iter().map(|arg| arg.ty.sql(self, 1)).collect()
            }
            _ => Vec::new(),
        };
        format!("({})", types.join(", "))
    }

    fn grants_sql(&self, out: &mut String) {
        for grant in &self.grants {
            let option = if grant.option { " WITH GRANT OPTION" } else { "" };
            let column = grant.column.map_or(String::new(), |id| format!(" ({})", self.column(id)));
            let Some(object) = self.grantee_object(grant.object) else { continue };
            statement(out, format!("GRANT {}{column} ON {object} TO {}{option}", grant.privileges, grant.role));
        }
    }

    /// An object as GRANT names it.
    fn grantee_object(&self, id: u32) -> Option<String> {
        if let Some(at) = self.namespaces.iter().find(|at| at.id == id) {
            return Some(format!("SCHEMA {}", quote(&at.name)));
        }
        if let Some(routine) = self.routine(id) {
            let kind = if matches!(routine.kind, RoutineKind::Procedure { .. }) { "PROCEDURE" } else { "FUNCTION" };
            return Some(format!("{kind} {}{}", self.name(&routine.at), self.signature(routine)));
        }
        let tables =
            self.tables.iter().map(|it| ("TABLE", &it.at)).chain(self.views.iter().map(|it| ("TABLE", &it.at)));
        let rest =
            self.sequences.iter().map(|it| ("SEQUENCE", &it.at)).chain(self.enums.iter().map(|it| ("TYPE", &it.at)));
        let (kind, at) = tables.chain(rest).find(|(_, at)| at.id == id)?;
        Some(format!("{kind} {}", self.name(at)))
    }

    fn comment(&self, out: &mut String, kind: &str, name: &str, at: &At) {
        if let Some(comment) = &at.comment {
            statement(out, format!("COMMENT ON {kind} {name} IS '{}'", comment.replace('\'', "''")));
        }
    }
}

impl Constraint {
    fn is_foreign(&self) -> bool {
        matches!(self.kind, ConstraintKind::Foreign { .. })
    }
}

fn statement(out: &mut String, text: String) {
    out.push_str(&text);
    out.push_str(";\n");
}

/// The line that says what an object was called before.
fn hint(out: &mut String, indent: &str, at: &At) {
    if let Some(was) = &at.was {
        let _ = writeln!(out, "{indent}-- forge:renamed_from {}", quote(was));
    }
}
