//! The example project: what the seed shows comes out, and PostgreSQL takes it.

use forge::diff::diff;
use forge::model::lower;
use forge::path::RepoPath;
use forge::syntax::sql;

use crate::support::postgres::Database;
use crate::support::project::Project;

fn model(text: &str) -> forge::model::Model {
    let lowered = lower::sql::lower(&[sql::parse(&RepoPath::new("schema.sql").unwrap(), text)]);
    let errors: Vec<_> = lowered.diagnostics.iter().filter(|found| found.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    lowered.model
}

/// Loads `text`, and holds the catalog against it.
pub fn loads_as_written(text: &str) {
    let database = Database::new();
    database.psql(text).unwrap();
    let stored = model(&database.pg_dump(&[]));
    let changes: Vec<String> = diff(&model(text), &stored).changes.iter().map(ToString::to_string).collect();
    assert!(changes.is_empty(), "{changes:#?}");
}

#[test]
fn production_loads_and_the_catalog_is_what_the_model_says() {
    let project = Project::example();
    project.build();
    loads_as_written(&project.read("generated/production/schema.sql"));
}

#[test]
fn every_prototype_loads_and_the_catalog_is_what_the_model_says() {
    let project = Project::example();
    project.build();
    for module in ["account-management", "master-view", "service-scheduler"] {
        loads_as_written(&project.read(&format!("generated/prototype/{module}/schema.sql")));
    }
}

#[test]
fn the_prototype_is_written_as_the_seed_writes_it() {
    let project = Project::example();
    project.build();
    let text = project.read("generated/prototype/master-view/schema.sql");
    let locations = "CREATE TABLE locations (\n  id UUID PRIMARY KEY,\n  account_id UUID REFERENCES accounts(id),\n  address TEXT\n);\n";
    assert!(text.contains(locations), "{text}");
}

#[test]
fn production_accounts_has_all_that_the_seed_shows() {
    let project = Project::example();
    project.build();
    let text = project.read("generated/production/schema.sql");
    let table = &text[text.find("CREATE TABLE accounts (").unwrap()..];
    let table = &table[..table.find("\n);").unwrap()];
    for line in [
        "-- Core fields",
        "id UUID DEFAULT gen_random_uuid() PRIMARY KEY,",
        "account_number VARCHAR(20) UNIQUE NOT NULL,",
        "name VARCHAR(255) NOT NULL,",
        "type VARCHAR(50) NOT NULL CHECK (type IN ('Residential', 'Commercial', 'Industrial')),",
        "status VARCHAR(50) DEFAULT 'Active' NOT NULL,",
        "email VARCHAR(255),",
        "phone VARCHAR(20),",
        "address TEXT,",
        "city VARCHAR(100),",
        "state VARCHAR(2),",
        "zip VARCHAR(10),",
        "-- Relationships",
        "territory_id UUID REFERENCES territories(id),",
        "owner_id UUID REFERENCES users(id) NOT NULL,",
        "parent_account_id UUID REFERENCES accounts(id),",
        "-- System fields",
        "created_at TIMESTAMPTZ DEFAULT now() NOT NULL,",
        "created_by UUID REFERENCES users(id) NOT NULL,",
        "updated_at TIMESTAMPTZ,",
        "updated_by UUID REFERENCES users(id),",
        "deleted_at TIMESTAMPTZ,",
        "version INTEGER DEFAULT 1 NOT NULL",
    ] {
        assert!(table.lines().any(|found| found.trim() == line), "{line}\n{table}");
    }
    for statement in [
        "CREATE INDEX idx_account_status ON accounts (status);",
        "CREATE INDEX idx_account_type ON accounts (type);",
        "CREATE INDEX idx_account_owner ON accounts (owner_id);",
        "CREATE INDEX idx_account_search ON accounts (name, account_number);",
        "ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;",
        "CREATE POLICY account_access ON accounts\n  FOR ALL\n  USING (owner_id = auth.uid() OR has_role('admin'));",
        "CREATE TRIGGER audit_accounts\n  AFTER INSERT OR UPDATE OR DELETE ON accounts\n  FOR EACH ROW EXECUTE FUNCTION audit_changes();",
    ] {
        assert!(text.contains(statement), "{statement}\n{text}");
    }
}
