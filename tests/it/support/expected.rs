//! Cases that are known to fail, each with its reason, in a file that is checked both ways: a failure that is not listed
//! is a failure, and so is a listed case that passes.

use std::fmt::Display;

/// The listed cases: `case: reason`, a line each; lines that start with `#` are for readers.
fn listed(file: &str) -> Vec<(&str, &str)> {
    let lines = file.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once(": ").unwrap_or_else(|| panic!("`{line}` lacks its reason"))).collect()
}

/// Tells of a failure at once: a long run says the rest at its end.
pub fn tell<E: Display>(case: &str, result: &Result<(), E>) {
    if let Err(error) = result {
        println!("{case}: {}", error.to_string().lines().next().unwrap_or_default());
    }
}

/// Compares results with the expectations in `file`, whose path is `path`; prints how many cases are right.
///
/// # Panics
/// When the two are not the same.
pub fn check<E: Display>(path: &str, file: &str, results: &[(String, Result<(), E>)]) {
    let listed = listed(file);
    let mut wrong = Vec::new();
    for (case, result) in results {
        let reason = listed.iter().find(|(name, _)| name == case);
        match (result, reason) {
            (Err(error), None) => wrong.push(format!("==== {case}: {error}")),
            (Ok(()), Some(_)) => wrong.push(format!("==== {case} passes: strike it from {path}")),
            (Ok(()), None) | (Err(_), Some(_)) => {}
        }
    }
    let right = results.iter().filter(|(_, result)| result.is_ok()).count();
    println!("{right} of {} are right, {} are listed in {path}", results.len(), listed.len());
    assert!(wrong.is_empty(), "{} surprises\n\n{}", wrong.len(), wrong.join("\n\n"));
}
