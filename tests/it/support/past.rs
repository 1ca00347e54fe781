//! Generates a long history, as a stream for `git fast-import`: what years of work by many teams leave in a repository.
//!
//! A function of its size and nothing else, so that a figure measured on it can be measured again. Shared with the
//! benches, and knows nothing of forge. Code changes beside the schema; modules begin one after the other; a change is
//! a field added, retyped or dropped, a new entity, a comment, a text, a file moved, a mistake that the next
//! change of the module takes back; the business-wide model changes under those who pick from it; some work is done on
//! branches, and merged.

use std::fmt::Write;

/// How long a history is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Size {
    /// Commits, those of branches included.
    pub commits: usize,
    /// Modules; the business-wide model has as many entities.
    pub modules: usize,
    /// How many of a hundred commits change schema files.
    pub schema: usize,
}

/// Source files beside the schema.
const CODE: usize = 1_500;
const TYPES: [&str; 6] = ["text", "integer", "bigint", "timestamptz", "numeric(12,2)", "boolean"];

/// The whole history, on `main`.
pub fn stream(size: Size) -> Vec<u8> {
    told(size).text.into_bytes()
}

/// One commit more, of each of `edits` in order: it adds a field to the first module.
pub fn more(size: Size, edits: usize) -> Vec<Vec<u8>> {
    let mut past = told(size);
    let mut made = Vec::new();
    for _ in 0..edits {
        past.text.clear();
        let change = past.add_field(0);
        past.commit("main", "one field more", &["refs/heads/main^0".to_owned()], &[change]);
        made.push(std::mem::take(&mut past.text).into_bytes());
    }
    made
}

fn told(size: Size) -> Past {
    let mut past = Past { random: 0x9e37_79b9_7f4a_7c15, size, ..Past::default() };
    past.begin();
    while past.marks < size.commits {
        let due = past.modules.len() * size.commits < past.marks * size.modules * 2;
        match () {
            () if past.modules.len() < size.modules && due => past.module(),
            () if past.chance(8) && past.marks + 6 < size.commits => past.branch(),
            () => {
                let (subject, changes) = past.work();
                past.on_main(&subject, &changes);
            }
        }
    }
    past
}

/// A file's new content; `None` where it goes.
type Change = (String, Option<String>);

#[derive(Default)]
struct Past {
    size: Size,
    random: u64,
    text: String,
    marks: usize,
    tip: usize,
    busm: Vec<Entity>,
    modules: Vec<Module>,
}

struct Module {
    entities: Vec<Entity>,
    /// Entities of the business-wide model.
    picks: Vec<usize>,
    /// An entity whose file holds a mistake.
    broken: Option<usize>,
}

#[derive(Clone)]
struct Entity {
    name: String,
    file: String,
    doc: usize,
    comments: usize,
    fields: Vec<(String, String)>,
    next: usize,
}

impl Entity {
    fn new(name: String, folder: &str, fields: usize) -> Entity {
        let file = format!("{folder}/{name}.toml");
        let mut entity = Entity { name, file, doc: 0, comments: 0, fields: Vec::new(), next: 0 };
        for at in 0..fields {
            entity.add(TYPES[at % TYPES.len()]);
        }
        entity
    }

    fn add(&mut self, ty: &str) {
        self.fields.push((format!("field_{}", self.next), format!("\"{ty}\"")));
        self.next += 1;
    }

    fn text(&self) -> String {
        let Entity { name, doc, .. } = self;
        let mut text = "# Looked through once more.\n".repeat(self.comments % 4);
        let _ = writeln!(text, "[{name}]\ndoc = \"What we know of {name}, said {doc} times.\"\n\n[{name}.fields]");
        text.push_str("id = { type = \"uuid\", primary_key = true }\n");
        for (field, definition) in &self.fields {
            let _ = writeln!(text, "{field} = {definition}");
        }
        text
    }

    fn change(&self) -> Change {
        (self.file.clone(), Some(self.text()))
    }
}

impl Past {
    /// A number below `limit`.
    fn number(&mut self, limit: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 16) as usize % limit.max(1)
    }

    /// Whether something happens that happens so often in a hundred times.
    fn chance(&mut self, often: usize) -> bool {
        self.number(100) < often
    }

    fn commit(&mut self, branch: &str, subject: &str, parents: &[String], changes: &[Change]) -> usize {
        self.marks += 1;
        let (mark, time) = (self.marks, 1_500_000_000 + self.marks * 600);
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "commit refs/heads/{branch}\nmark :{mark}");
        let _ = writeln!(self.text, "committer Team {} <team@example.org> {time} +0000", mark % 9);
        let _ = writeln!(self.text, "data {}\n{subject}", subject.len());
        for (at, parent) in parents.iter().enumerate() {
            let _ = writeln!(self.text, "{} {parent}", if at == 0 { "from" } else { "merge" });
        }
        for (path, text) in changes {
            let _ = match text {
                Some(text) => writeln!(self.text, "M 100644 inline {path}\ndata {}\n{text}", text.len()),
                None => writeln!(self.text, "D {path}"),
            };
        }
        self.text.push('\n');
        mark
    }

    fn on_main(&mut self, subject: &str, changes: &[Change]) {
        let parents = [format!(":{}", self.tip)];
        self.tip = self.commit("main", subject, &parents, changes);
    }

    fn begin(&mut self) {
        let mut changes = vec![("forge.toml".to_owned(), Some("[project]\nname = \"Generated\"\n".to_owned()))];
        changes.extend((0..CODE).map(|file| (code(file), Some(source(file, 0)))));
        for entity in 0..self.size.modules {
            self.busm.push(Entity::new(format!("common_{entity:03}"), "busm", 8));
            changes.extend(self.busm.last().map(Entity::change));
        }
        self.tip = self.commit("main", "begin", &[], &changes);
    }

    /// A new module with a few entities, and views of two that all share.
    fn module(&mut self) {
        let number = self.modules.len();
        let folder = format!("modules/module-{number:03}");
        let entities: Vec<Entity> =
            (0..6).map(|at| Entity::new(format!("own_{number:03}_{at}"), &folder, 4 + at % 4)).collect();
        let picks = vec![number, (number * 7 + 3) % self.size.modules];
        let mut changes: Vec<Change> = entities.iter().map(Entity::change).collect();
        for pick in &picks {
            let name = &self.busm[*pick].name;
            let text = format!("[{name}]\npick = [\n  \"id\",\n  \"field_0\",\n  \"field_1\",\n  \"field_4\",\n]\n");
            changes.push((format!("{folder}/{name}.toml"), Some(text)));
        }
        self.modules.push(Module { entities, picks, broken: None });
        self.on_main(&format!("begin module {number}"), &changes);
    }

    /// Work on a branch, while the mainline goes on; then the merge.
    fn branch(&mut self) {
        let (fork, name) = (self.tip, format!("work-{}", self.marks));
        let (mut tip, mut all) = (fork, Vec::new());
        for _ in 0..2 + self.number(3) {
            let (subject, changes) = self.work();
            tip = self.commit(&name, &subject, &[format!(":{tip}")], &changes);
            all.extend(changes);
        }
        for _ in 0..self.number(3) {
            let change = self.code();
            self.on_main("meanwhile", &[change]);
        }
        let parents = [format!(":{}", self.tip), format!(":{tip}")];
        self.tip = self.commit("main", &format!("merge {name}"), &parents, &all);
        let _ = writeln!(self.text, "reset refs/heads/{name}\nfrom {}\n", "0".repeat(40));
    }

    /// What a commit does.
    fn work(&mut self) -> (String, Vec<Change>) {
        if self.modules.is_empty() || !self.chance(self.size.schema) {
            let changes = (0..1 + self.number(3)).map(|_| self.code()).collect();
            return ("code".to_owned(), changes);
        }
        let module = self.number(self.modules.len());
        let repaired = self.modules[module].broken.take().map(|at| self.modules[module].entities[at].change());
        let (subject, mut changes) = self.schema(module);
        changes.extend(repaired);
        (format!("module {module}: {subject}"), changes)
    }

    fn code(&mut self) -> Change {
        let file = self.number(CODE);
        (code(file), Some(source(file, self.marks)))
    }

    fn schema(&mut self, module: usize) -> (&'static str, Vec<Change>) {
        let at = self.number(self.modules[module].entities.len());
        match self.number(100) {
            0..42 => ("a field", vec![self.add_field(module)]),
            42..50 => {
                let other = self.number(self.modules.len());
                ("a field here and there", vec![self.add_field(module), self.add_field(other)])
            }
            50..62 => {
                let entity = &mut self.modules[module].entities[at];
                let width = 20 + entity.next * 5;
                entity.next += 1;
                if let Some((_, definition)) = entity.fields.first_mut() {
                    *definition = format!("{{ type = \"varchar({width})\" }}");
                }
                ("a wider field", vec![entity.change()])
            }
            62..70 => {
                let entity = &mut self.modules[module].entities[at];
                if entity.fields.len() > 3 {
                    entity.fields.remove(1);
                }
                ("a field less", vec![entity.change()])
            }
            70..80 => {
                let entity = &mut self.modules[module].entities[at];
                entity.comments += 1;
                ("a comment", vec![entity.change()])
            }
            80..84 => {
                let entity = &mut self.modules[module].entities[at];
                entity.doc += 1;
                ("a text", vec![entity.change()])
            }
            84..88 => {
                let entity = &mut self.modules[module].entities[at];
                let old = entity.file.clone();
                entity.next += 1;
                let folder = old.rsplit_once('/').map_or("", |(folder, _)| folder);
                entity.file = format!("{folder}/{}-{}.toml", entity.name, entity.next);
                ("a file moved", vec![(old, None), entity.change()])
            }
            88..91 => {
                let module = &mut self.modules[module];
                module.broken = Some(at);
                let entity = &module.entities[at];
                ("a mistake", vec![(entity.file.clone(), Some(format!("{}<<<<<<< HEAD\n", entity.text())))])
            }
            91..94 => ("an entity", vec![self.add_entity(module)]),
            94..97 => {
                let pick = self.modules[module].picks[at % 2];
                let entity = &mut self.busm[pick];
                entity.next += 1;
                let width = 20 + entity.next;
                entity.fields[0].1 = format!("\"varchar({width})\"");
                ("a common field", vec![entity.change()])
            }
            _ => {
                let at = self.number(self.busm.len());
                let entity = &mut self.busm[at];
                entity.add("text");
                ("a common field that nobody picked", vec![entity.change()])
            }
        }
    }

    fn add_field(&mut self, module: usize) -> Change {
        let (at, ty) = (self.number(self.modules[module].entities.len()), self.number(TYPES.len()));
        let entity = &mut self.modules[module].entities[at];
        if entity.fields.len() > 24 {
            entity.fields.remove(1);
        }
        entity.add(TYPES[ty]);
        entity.change()
    }

    fn add_entity(&mut self, module: usize) -> Change {
        let entities = &mut self.modules[module].entities;
        let (number, target) = (entities.len(), entities[0].name.clone());
        let mut entity = Entity::new(format!("own_{module:03}_{number}"), &format!("modules/module-{module:03}"), 3);
        entity.fields.push(("parent_id".to_owned(), format!("{{ references = \"{target}\" }}")));
        let change = entity.change();
        entities.push(entity);
        change
    }
}

fn code(file: usize) -> String {
    format!("src/part_{:02}/area_{}/file_{file:04}.rs", file % 30, file / 30 % 5)
}

fn source(file: usize, version: usize) -> String {
    format!(
        "//! File {file}.\n\n/// Does what it does in version {version}.\npub fn run() -> usize {{\n    {version}\n}}\n"
    )
}
