//! A project in a repository, and the steps that change it.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::project::{Project, command};
use crate::support::random::Choices;
use crate::support::watching::sh;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Writes a schema file of an entity with these fields: adds it, or edits it.
    Write { path: String, text: String },
    /// Removes a file.
    Remove(String),
    /// Gives a file another name.
    Rename { from: String, to: String },
    /// Gives a folder another name.
    Move { from: String, to: String },
    /// Saves a file that is wrong, builds, and makes it right again.
    Stumble(String),
    /// Commits everything.
    Commit,
    /// Switches to a branch, making it where it is not there; what is not committed goes with it or is committed first.
    Switch(String),
    /// Takes back what is not committed.
    Reset,
    /// Starts a build after a change and kills it.
    Kill { path: String, text: String, after: u64 },
    /// Somebody removes or edits an output.
    Spoil { which: usize, edit: bool },
    /// The cache is lost.
    Forget,
}

/// The project, and what a step needs to know of it.
pub struct World {
    /// The project.
    pub project: Project,
    /// The output folder.
    pub output: String,
    /// Whether the business-wide model has many entities, so that builds hand on what they know of each.
    is_large: bool,
}

const MODULES: [&str; 3] = ["orders", "billing", "people"];
const ENTITIES: [&str; 4] = ["accounts", "items", "visits", "notes"];
/// The entities of a large model beside these.
const MORE: usize = 66;
const BRANCHES: [&str; 3] = ["main", "left", "right"];
const TEMPLATES: [&str; 3] = ["concept/entity.md", "concept/parts.md", "prototype/schema.sql"];

impl World {
    /// A project, committed; whether its outputs are committed too is drawn, and whether its model is large.
    pub fn new(choices: &mut Choices) -> World {
        let project = Project::new("");
        sh(project.root(), "git init -q -b main --template=");
        // The cache is forge's own; outputs may be ignored or not.
        let ignored = if choices.chance(50) { "generated\n" } else { "" };
        project.write(".gitignore", ignored);
        project.write("busm/accounts.toml", entity("accounts", choices));
        project.write("modules/orders/items.toml", entity("items", choices));
        let is_large = choices.chance(35);
        for number in 0..if is_large { MORE } else { 0 } {
            let (path, text) = one_more(number, choices);
            project.write(&path, text);
        }
        let world = World { project, output: "generated".to_owned(), is_large };
        world.take(&Step::Commit);
        world
    }

    /// The schema files, the settings and the templates.
    fn files(&self) -> Vec<String> {
        let folders = ["busm", "modules", "templates"];
        folders.iter().flat_map(|folder| self.project.files(folder).into_keys()).collect()
    }

    /// Takes a step.
    pub fn take(&self, step: &Step) {
        let root = self.project.root();
        match step {
            Step::Write { path, text } => self.project.write(path, text),
            Step::Remove(path) => fs::remove_file(self.project.path(path)).unwrap(),
            Step::Rename { from, to } | Step::Move { from, to } => {
                fs::create_dir_all(self.project.path(to).parent().unwrap()).unwrap();
                let _ = fs::remove_dir_all(self.project.path(to));
                fs::rename(self.project.path(from), self.project.path(to)).unwrap();
            }
            Step::Stumble(path) => {
                let before = self.project.read(path);
                self.project.write(path, format!("{before}\n[broken\n"));
                let run = self.project.forge(&["build", "--quiet"]);
                assert_eq!(run.status, 1, "{run:?}");
                self.project.write(path, before);
            }
            Step::Commit => drop(sh(root, "git add -A && git commit -q --allow-empty -m step")),
            Step::Switch(branch) => {
                let script = "git add -A && git commit -q --allow-empty -m step && git checkout -q";
                sh(root, &format!("{script} {branch} 2>/dev/null || git checkout -q -b {branch}"));
            }
            // A watch may be writing into a folder that git is about to remove.
            Step::Reset => drop(sh(root, "git reset -q --hard; until git clean -fdq 2>/dev/null; do sleep 0.01; done")),
            Step::Kill { path, text, after } => self.kill(path, text, *after),
            Step::Spoil { which, edit } => self.spoil(*which, *edit),
            Step::Forget => drop(fs::remove_dir_all(self.project.path(".git/forge"))),
        }
    }

    /// Starts a build and kills it after a random time: at any moment of its work.
    fn kill(&self, path: &str, text: &str, after: u64) {
        self.project.write(path, text);
        let mut build = command(self.project.root(), &["build", "--quiet"]);
        let mut child = build.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let start = Instant::now();
        while start.elapsed() < Duration::from_micros(after) && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        let _ = child.kill();
        child.wait().unwrap();
    }

    fn spoil(&self, which: usize, edit: bool) {
        let mut outputs: Vec<String> = self.project.files(&self.output).into_keys().collect();
        outputs.retain(|path| !path.ends_with(".forge-manifest"));
        let Some(path) = outputs.get(which % outputs.len().max(1)) else { return };
        if edit {
            self.project.write(path, "spoiled\n");
        } else {
            fs::remove_file(self.project.path(path)).unwrap();
        }
    }
}

impl Step {
    /// A step that can be taken in `world`.
    pub fn draw(world: &World, choices: &mut Choices) -> Step {
        let files = world.files();
        let some = |choices: &mut Choices| choices.pick(&files).cloned();
        let step = match choices.below(16) {
            0..4 => None,
            4 => some(choices).map(Step::Remove),
            5 => some(choices).map(|from| Step::Rename { to: sibling(&from, choices), from }),
            6 => {
                let folders: Vec<&str> = MODULES.into_iter().filter(|name| has(world, name)).collect();
                let to = choices.of(&MODULES);
                let from = choices.pick(&folders).copied().filter(|from| *from != to);
                from.map(|from| Step::Move { from: format!("modules/{from}"), to: format!("modules/{to}") })
            }
            7 => {
                let schemas: Vec<String> = files.iter().filter(|path| path.ends_with(".toml")).cloned().collect();
                choices.pick(&schemas).cloned().map(Step::Stumble)
            }
            8 => Some(Step::Commit),
            9 | 10 => Some(Step::Switch(choices.of(&BRANCHES).to_owned())),
            11 => Some(Step::Reset),
            12 => {
                let (path, text) = draw_schema(world, choices);
                Some(Step::Kill { path, text, after: 500 + choices.below(400_000) as u64 })
            }
            13 => Some(Step::Spoil { which: choices.below(100), edit: choices.chance(50) }),
            14 => Some(template(choices)),
            _ if choices.chance(70) => Some(settings(choices)),
            _ => Some(Step::Forget),
        };
        step.unwrap_or_else(|| {
            let (path, text) = draw_schema(world, choices);
            Step::Write { path, text }
        })
    }
}

fn has(world: &World, module: &str) -> bool {
    world.project.path(&format!("modules/{module}")).is_dir()
}

/// Another name for a file, in the same folder.
fn sibling(path: &str, choices: &mut Choices) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap();
    let (_, extension) = name.rsplit_once('.').unwrap();
    format!("{folder}/renamed{}.{extension}", choices.below(3))
}

/// One of the many entities of a large model; each refers to the one before.
fn one_more(number: usize, choices: &mut Choices) -> (String, String) {
    let mut text = format!("[e{number:02}]\ndoc = \"Meaning {}.\"\n\n[e{number:02}.fields]\n", choices.below(3));
    text.push_str("id = { type = \"uuid\", primary_key = true }\n");
    text.push_str(&format!("width = {{ type = \"varchar({})\", index = true }}\n", 10 * (1 + choices.below(4))));
    if let Some(before) = number.checked_sub(1) {
        text.push_str(&format!("before_id = {{ references = \"e{before:02}\" }}\n"));
    }
    (format!("busm/more/e{number:02}.toml"), text)
}

fn draw_schema(world: &World, choices: &mut Choices) -> (String, String) {
    if world.is_large && choices.chance(50) {
        let number = choices.below(MORE);
        if choices.chance(30) {
            let picks = if choices.chance(50) { "\"id\", \"width\"" } else { "\"id\"" };
            let path = format!("modules/{}/e{number:02}.toml", choices.of(&MODULES));
            return (path, format!("[e{number:02}]\npick = [{picks}]\n"));
        }
        return one_more(number, choices);
    }
    let name = choices.of(&ENTITIES);
    let folder = match choices.below(4) {
        0 => "busm".to_owned(),
        _ => format!("modules/{}", choices.of(&MODULES)),
    };
    if choices.chance(15) {
        let text = format!("title = \"Title {}\"\nowner = \"team-{}\"\n", choices.below(3), choices.below(3));
        return (format!("modules/{}/module.toml", choices.of(&MODULES)), text);
    }
    // Each entity lies in a file of its own folder's, so that two files may declare one.
    (format!("{folder}/{name}.toml"), entity(name, choices))
}

/// An entity whose fields have one type wherever they are declared, so that modules never disagree.
fn entity(name: &str, choices: &mut Choices) -> String {
    let mut text = String::new();
    if choices.chance(30) {
        text.push_str(&format!("# Comment {}.\n", choices.below(10)));
    }
    text.push_str(&format!("[{name}]\ndoc = \"Meaning {}.\"\n\n[{name}.fields]\n", choices.below(4)));
    text.push_str("id = { type = \"uuid\", primary_key = true }\n");
    let fields = [
        ("label", "\"text\""),
        ("size", "\"integer\""),
        ("seen", "{ type = \"timestamptz\", doc = \"When it was seen.\" }"),
        ("state", "{ type = \"text\", index = true }"),
        ("code", "\"varchar(20)\""),
    ];
    for (field, definition) in fields {
        if choices.chance(55) {
            text.push_str(&format!("{field} = {definition}\n"));
        }
    }
    // The lattice joins these, so that types change and never conflict.
    text.push_str(&format!("width = \"varchar({})\"\n", 10 * (1 + choices.below(4))));
    text
}

fn template(choices: &mut Choices) -> Step {
    let path = format!("templates/{}", choices.of(&TEMPLATES));
    let text = match path.as_str() {
        "templates/prototype/schema.sql" => format!("-- made by template {}\n", choices.below(3)),
        "templates/concept/parts.md" => return settings(choices),
        _ => format!("template {}\n", choices.below(3)),
    };
    Step::Write { path, text }
}

fn settings(choices: &mut Choices) -> Step {
    let mut text = format!("[project]\nname = \"Project {}\"\n", choices.below(3));
    if choices.chance(40) {
        text.push_str("\n[harden.rules]\nsoft_delete = false\n");
    }
    Step::Write { path: "forge.toml".to_owned(), text }
}
