//! The reader of SQL schema files takes any text: `cargo fuzz run sql -- -timeout=5 -rss_limit_mb=512`.
//!
//! `cargo fuzz` wants a nightly toolchain; `RUSTC_BOOTSTRAP=1` lets a stable one do.

#![no_main]

use forge::model::Model;
use forge::model::lower::sql::lower;
use forge::path::RepoPath;
use forge::plan::{Style, plan};
use forge::syntax::sql::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let lowered = lower(&[parse(&RepoPath::root(), &text)]);
    // What the reader made of it can also be planned.
    plan(&Model::default(), &lowered.model, Style::Plain);
});
