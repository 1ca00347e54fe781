//! The readers of TOML files take any bytes: `fuzz/run toml`.

#![no_main]

use forge::model::lower::{Lowered, toml::lower};
use forge::path::RepoPath;
use forge::syntax::toml::{module_file, schema_file};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let path = RepoPath::root();
    let entities = schema_file(&path, bytes);
    lower(&[&entities], Lowered::default(), None);
    module_file(&path, bytes);
    forge::config::read(bytes, &mut Vec::new());
});
