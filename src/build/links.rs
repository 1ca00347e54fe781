//! Where the hardening reports are, and the links between them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::pieces::{Piece, Subject};
use crate::concept::page::Reference;
use crate::config::target::Stage;
use crate::digest::{self, Digest};
use crate::model::name::Name;
use crate::path::RepoPath;

/// The built-in target of the hardening report of all.
const OF_ALL: &str = "hardening-report";
/// The built-in target of that of an entity.
const OF_ONE: &str = "hardening";

/// Where the hardening reports are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reports {
    /// Where that of all is.
    pub of_all: Option<RepoPath>,
    /// The digest of where all of them are.
    pub digest: Digest,
}

impl Reports {
    /// Those in `list`.
    pub fn of(list: &[Piece]) -> Reports {
        let is_of_all =
            |piece: &&Piece| piece.is_built_in(OF_ALL, Stage::Production) && matches!(piece.subject, Subject::Project);
        let of_all = list.iter().find(is_of_all).map(|piece| piece.path.clone());
        let digest = digest::of("reports", &(&of_all, reported(list).collect::<Vec<_>>()));
        Reports { of_all, digest }
    }
}

/// The links from the hardening report of all to those of the entities.
#[derive(Clone)]
pub struct Links {
    /// The outputs, the reports among them.
    pub list: Arc<Vec<Piece>>,
    /// Where these are.
    pub reports: Reports,
}

impl Links {
    /// The links, in the order of the entities' names.
    pub fn entities(&self) -> Vec<Reference> {
        let href = |path: &RepoPath| Some(self.reports.of_all.as_ref()?.link_to(path));
        let reports: BTreeMap<&Name, &RepoPath> = reported(&self.list).collect();
        reports.into_iter().map(|(name, path)| Reference { name: name.to_string(), href: href(path) }).collect()
    }
}

/// Where in `list` the hardening reports of the entities are.
fn reported(list: &[Piece]) -> impl Iterator<Item = (&Name, &RepoPath)> {
    list.iter().filter_map(|piece| match &piece.subject {
        Subject::Entity(name) if piece.is_built_in(OF_ONE, Stage::Production) => Some((name, &piece.path)),
        _ => None,
    })
}
