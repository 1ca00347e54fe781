//! The files of an edit: what was saved in folders that were there before.

use std::collections::{BTreeMap, BTreeSet};

use super::load::{MODULE_FILE, is_schema};
use crate::config::Config;
use crate::path::RepoPath;
use crate::source::Snapshot;

/// The schema files that were saved.
#[derive(Default)]
pub struct Saved {
    /// Those of the business-wide model.
    pub busm: Vec<RepoPath>,
    /// Whether something else happened in its folder, which may be that a folder went.
    pub beside_busm: bool,
    /// Those of each module in whose folder something happened.
    pub modules: BTreeMap<String, Vec<RepoPath>>,
}

impl Saved {
    /// The schema files among `changed`; none where something else is among them that matters.
    pub fn of(changed: &BTreeSet<RepoPath>, config: &Config, snapshot: &dyn Snapshot) -> Option<Saved> {
        let Config { busm, modules, templates, .. } = config;
        let mut saved = Saved::default();
        for path in changed {
            let is_module = path.is_below(modules);
            let module = path.strip_prefix(modules).and_then(|below| below.split_once('/')).map(|(module, _)| module);
            if path.is_below(templates)
                || busm.is_below(path)
                || modules.is_below(path)
                || is_module && module.is_none()
            {
                return None;
            }
            let (files, beside) = match module {
                Some(module) => (saved.modules.entry(module.to_owned()).or_default(), &mut false),
                None if path.is_below(busm) => (&mut saved.busm, &mut saved.beside_busm),
                None => continue,
            };
            if is_schema(path) && snapshot.digest(path).is_ok() && path.file_name() != MODULE_FILE {
                files.push(path.clone());
            } else if !is_schema(path) && snapshot.files(path).is_empty() {
                *beside = true; // an editor's own files come and go
            } else {
                return None;
            }
        }
        Some(saved)
    }
}
