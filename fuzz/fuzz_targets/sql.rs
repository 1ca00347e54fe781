//! The reader of SQL schema files takes any text, and what it made of it can be planned and read again:
//! `fuzz/run sql` (see there).

#![no_main]

use forge::diff::diff;
use forge::model::Model;
use forge::model::canonical::canonical;
use forge::model::lower::sql::lower;
use forge::path::RepoPath;
use forge::plan::{Style, plan};
use forge::syntax::sql::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let nothing = Model::default();
    let model = lower(&[parse(&RepoPath::root(), &text)]).model;
    canonical(&model);
    let sql: String =
        plan(&nothing, &model, Style::Plain).statements.iter().map(|it| format!("{};\n", it.sql)).collect();
    let again = lower(&[parse(&RepoPath::root(), &sql)]).model;
    diff(&model, &again);
    plan(&model, &nothing, Style::Online);
});
