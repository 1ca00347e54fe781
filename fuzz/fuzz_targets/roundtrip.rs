//! What the reader made of any text without an error, forge writes so that it reads the same again; and it plans
//! nothing from a state to itself: `fuzz/run roundtrip`.

#![no_main]

use forge::diff::diff;
use forge::model::Model;
use forge::model::lower::sql::lower;
use forge::path::RepoPath;
use forge::plan::{Style, plan};
use forge::syntax::sql::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let lowered = lower(&[parse(&RepoPath::root(), &text)]);
    if !lowered.diagnostics.is_empty() {
        return;
    }
    assert!(plan(&lowered.model, &lowered.model, Style::Plain).statements.is_empty());
    let made = plan(&Model::default(), &lowered.model, Style::Plain);
    let sql: String = made.statements.iter().map(|it| format!("{};\n", it.sql)).collect();
    let again = lower(&[parse(&RepoPath::root(), &sql)]);
    let changes = diff(&lowered.model, &again.model).changes;
    assert!(changes.is_empty(), "{changes:?}\n{sql}");
});
