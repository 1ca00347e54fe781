//! The example projects, embedded: their files, and the commits in which they came.

/// An example.
pub struct Example {
    /// Its name.
    pub name: &'static str,
    /// Its history, oldest first.
    pub steps: &'static [Step],
}

/// A commit of an example: the files that it makes or changes.
pub struct Step {
    /// Who made it: name and address.
    pub author: (&'static str, &'static str),
    /// When, in seconds since 1970 UTC.
    pub seconds: i64,
    /// Why.
    pub subject: &'static str,
    /// The files by path.
    pub files: &'static [(&'static str, &'static str)],
}

macro_rules! files {
    ($folder:literal: $($path:literal)*) => {
        &[$(($path, include_str!(concat!("../../../../fixtures/", $folder, "/", $path)))),*]
    };
}

/// Every example.
pub const EXAMPLES: &[Example] = &[Example { name: "field-service", steps: FIELD_SERVICE }];

const ADA: (&str, &str) = ("Ada Marsh", "ada@field-service.example");
const BEN: (&str, &str) = ("Ben Ortiz", "ben@field-service.example");
const DAY: i64 = 86_400;
/// 2026-03-02, nine o'clock.
const MONDAY: i64 = 1_772_442_000;

/// The history of `fixtures/field-service`; a test holds its end against the folder.
const FIELD_SERVICE: &[Step] = &[
    Step {
        author: ADA,
        seconds: MONDAY,
        subject: "The business-wide model",
        files: files!("field-service":
            "forge.toml"
            "busm/accounts.toml"
            "busm/contacts.toml"
            "busm/locations.toml"
            "busm/organisation.toml"
            "busm/services.toml"
            "busm/work_orders.toml"
        ),
    },
    Step {
        author: ADA,
        seconds: MONDAY + DAY,
        subject: "Master view: just the accounts",
        files: files!("field-service.steps/2-accounts": "modules/master-view/accounts.toml" "modules/master-view/module.toml"),
    },
    Step {
        author: ADA,
        seconds: MONDAY + 2 * DAY,
        subject: "Master view: where we work for them",
        files: files!("field-service": "modules/master-view/locations.toml"),
    },
    Step {
        author: BEN,
        seconds: MONDAY + 3 * DAY,
        subject: "Master view: how to reach them",
        files: files!("field-service": "modules/master-view/accounts.toml"),
    },
    Step {
        author: BEN,
        seconds: MONDAY + 7 * DAY,
        subject: "Account management",
        files: files!("field-service":
            "modules/account-management/accounts.toml"
            "modules/account-management/contacts.toml"
            "modules/account-management/module.toml"
        ),
    },
    Step {
        author: ADA,
        seconds: MONDAY + 9 * DAY,
        subject: "Service scheduler",
        files: files!("field-service": "modules/service-scheduler/module.toml" "modules/service-scheduler/schedule.toml"),
    },
];

impl Example {
    /// The files at the end of the history, by path.
    pub fn files(&self) -> std::collections::BTreeMap<&'static str, &'static str> {
        self.steps.iter().flat_map(|step| step.files).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::EXAMPLES;

    #[test]
    fn an_examples_history_ends_in_the_whole_fixture() {
        for example in EXAMPLES {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(example.name);
            let mut found = Vec::new();
            let mut open = vec![root.clone()];
            while let Some(folder) = open.pop() {
                for entry in std::fs::read_dir(folder).unwrap() {
                    let path = entry.unwrap().path();
                    if path.is_dir() && !path.ends_with("generated") {
                        open.push(path);
                    } else if path.is_file() {
                        let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                        found.push((name, std::fs::read_to_string(&path).unwrap()));
                    }
                }
            }
            found.sort();
            let told: Vec<(String, String)> =
                example.files().into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect();
            assert_eq!(found, told);
        }
    }
}
