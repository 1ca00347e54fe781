//! Real schemas through time, where they lie beside the repository: `../shared/histories`.
//!
//! Every step from one version of a project's schema file to the next is proven as a random pair is. A version that a
//! plain PostgreSQL refuses (extensions, C libraries) is left out, and its neighbours become one step. An ordinary run
//! takes every tenth version as a project's next one, so that it still goes the whole way; `./test --long` takes each.

use std::fs;
use std::path::Path;

use forge::plan::Style;

use crate::corpora::FILL;
use crate::support::postgres::Database;
use crate::support::proof::{Case, Failure, load, prove};
use crate::support::{expected, parallel, roles};

const EXPECTED: &str = include_str!("histories.txt");

#[test]
fn every_step_of_the_histories_reaches_the_next_version() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/histories");
    let Some(versions) = versions(&folder) else {
        return println!("skipped: there is no ../shared/histories beside this repository");
    };
    roles::create(&Database::new(), versions.iter().map(|version| &version.text));
    let loads = parallel::map(&versions, |version| load("", &version.text).is_ok());
    let loaded: Vec<&Version> =
        versions.iter().zip(loads).filter_map(|(version, loads)| loads.then_some(version)).collect();
    let stride =
        if std::env::var_os("FORGE_LONG").is_some() || std::env::var_os("FORGE_CASE").is_some() { 1 } else { 10 };
    let loaded: Vec<&Version> = loaded.into_iter().step_by(stride).collect();
    let steps: Vec<&[&Version]> = loaded.windows(2).filter(|pair| pair[0].project == pair[1].project).collect();
    println!("{} versions; {} that load are looked at, {} steps", versions.len(), loaded.len(), steps.len());
    let results = parallel::map(&steps, |pair| {
        let (name, result) = (pair[1].name.clone(), step(&pair[0].text, &pair[1].text));
        expected::tell(&name, &result);
        (name, result)
    });
    expected::check("tests/it/histories.txt", EXPECTED, &results);
}

/// One version of a project's schema file.
struct Version {
    project: String,
    name: String,
    text: String,
}

fn step(from: &str, to: &str) -> Result<(), Failure> {
    prove(&Case { setup: "", from, to, rows: FILL, rows_fit: false, style: Style::Plain })
}

/// All versions, in order; `None` without the folder.
fn versions(folder: &Path) -> Option<Vec<Version>> {
    let wanted = std::env::var("FORGE_CASE").unwrap_or_default();
    let mut found = Vec::new();
    for project in fs::read_dir(folder).ok()?.flatten().filter(|entry| entry.path().is_dir()) {
        for file in fs::read_dir(project.path()).ok()?.flatten() {
            let (project, file_name) = (project.file_name(), file.file_name());
            let (project, file_name) = (project.to_string_lossy(), file_name.to_string_lossy());
            let Some(version) = file_name.strip_suffix(".sql") else { continue };
            let name = format!("{project}/{version}");
            // The step that is wanted needs the version before it, so a project is read as a whole.
            if wanted.is_empty() || wanted.contains(&*project) || project.contains(&wanted) {
                let text = fs::read_to_string(file.path()).ok()?;
                found.push(Version { project: project.clone().into_owned(), name, text });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Some(found)
}
