//! The texts of templates: the built-in ones, and the project's own over them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::builtin;
use crate::digest::{self, Digest};

/// The texts of all templates.
pub struct Texts {
    overrides: BTreeMap<String, String>,
    digests: BTreeMap<String, Digest>,
}

/// A template that a render asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateUse {
    /// Its name.
    pub name: String,
    /// The digest of its text; none when there was no such template.
    pub digest: Option<Digest>,
    /// Whether it was the project's own.
    pub own: bool,
}

impl Texts {
    /// The built-in templates, those of the same name in `overrides` replaced and others added; line ends become `\n`.
    pub fn new(overrides: BTreeMap<String, String>) -> Texts {
        let overrides: BTreeMap<String, String> =
            overrides.into_iter().map(|(name, text)| (name, text.replace("\r\n", "\n"))).collect();
        let builtin = builtin::TEMPLATES.iter().map(|(name, text)| (*name, *text));
        let texts = builtin.chain(overrides.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        let digests = texts.map(|(name, text)| (name.to_owned(), digest::bytes(text.as_bytes()))).collect();
        Texts { overrides, digests }
    }

    /// The text of the template `name`: the project's own, else the built-in one.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.overrides.get(name).map(String::as_str).or_else(|| builtin::template(name))
    }

    /// Whether the project has its own template `name`.
    pub fn is_own(&self, name: &str) -> bool {
        self.overrides.contains_key(name)
    }

    /// The templates of these names as they are now.
    pub fn uses(&self, names: &BTreeSet<String>) -> Vec<TemplateUse> {
        let used = |name: &String| TemplateUse {
            name: name.clone(),
            digest: self.digests.get(name).copied(),
            own: self.is_own(name),
        };
        names.iter().map(used).collect()
    }

    /// Whether the templates of an earlier render still have the same texts, those that were missing still are.
    pub fn has_still(&self, uses: &[TemplateUse]) -> bool {
        uses.iter().all(|used| self.digests.get(&used.name) == used.digest.as_ref())
    }

    /// The names of all templates.
    pub fn names(&self) -> BTreeSet<&str> {
        self.digests.keys().map(String::as_str).collect()
    }
}
