//! Parts of a text that are rendered by themselves and remembered: `{{ run | part("production/statements.sql") }}`.
//!
//! What the filter gets counts as a whole for the text around it; a part with the same digest, from the same templates,
//! is the same text. So a long output costs what is new in it.

use std::sync::Arc;

use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State};
use serde::{Deserialize, Serialize};

use super::facts::recorder::{self, Shown, WITHIN};
use super::facts::scalar::Short;
use super::facts::trace::Trace;
use super::facts::tree::Whole;
use super::texts::{TemplateUse, Texts};
use crate::digest::{self, Digest};

/// A part that was rendered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The template that was asked for.
    pub template: String,
    /// Every template that it took.
    pub uses: Vec<TemplateUse>,
    /// The text.
    pub text: Arc<str>,
    /// The digest of that.
    pub digest: Digest,
}

impl Part {
    fn of(&self, shown: Short) -> Shown {
        Shown { shown, text: Arc::clone(&self.text), digest: self.digest }
    }
}

/// What remembers parts by the digest of what they show.
pub trait Parts: Send + Sync {
    /// The parts that show what has this digest, each from another template.
    fn known(&self, shown: &Short) -> Option<Arc<Vec<Part>>>;

    /// Remembers all parts that show what has this digest, and what the first of them saw.
    fn keep(&self, shown: &Short, parts: Vec<Part>, saw: &Trace);
}

/// Remembers nothing.
pub struct Forgetful;

impl Parts for Forgetful {
    fn known(&self, _: &Short) -> Option<Arc<Vec<Part>>> {
        None
    }

    fn keep(&self, _: &Short, _: Vec<Part>, _: &Trace) {}
}

/// Adds the filter `part`.
pub fn add(environment: &mut Environment<'_>, parts: Arc<dyn Parts>, texts: Arc<Texts>) {
    environment.add_filter("part", move |state: &State<'_, '_>, value: Value, template: String| {
        let text = match value.downcast_object_ref::<Whole>() {
            Some(whole) => part(state, whole, &template, parts.as_ref(), &texts)?,
            // Anything else has facts of its own, which the text around it notes.
            None => Arc::from(render(state, &template, value)?),
        };
        Ok::<_, Error>(match state.auto_escape() {
            AutoEscape::None => Value::from(text),
            _ => Value::from_safe_string(text.to_string()),
        })
    });
}

fn part(
    state: &State<'_, '_>,
    whole: &Whole,
    template: &str,
    parts: &dyn Parts,
    texts: &Texts,
) -> Result<Arc<str>, Error> {
    let known = parts.known(&whole.digest).unwrap_or_default();
    if let Some(part) = known.iter().find(|part| part.template == template && texts.has_still(&part.uses)) {
        part.uses.iter().for_each(|used| recorder::template(&used.name));
        recorder::part(part.of(whole.digest));
        return Ok(Arc::clone(&part.text));
    }
    let content = whole.content();
    let (result, reads) = recorder::record(WITHIN, || render(state, template, content.root().clone()));
    reads.templates.iter().for_each(|name| recorder::template(name));
    reads.failed.iter().cloned().for_each(recorder::failed);
    let text: Arc<str> = Arc::from(result?);
    let uses = texts.uses(&reads.templates);
    let digest = digest::bytes(text.as_bytes());
    let part = Part { template: template.to_owned(), uses, text: Arc::clone(&text), digest };
    recorder::part(part.of(whole.digest));
    let others = known.iter().filter(|part| part.template != template).cloned();
    parts.keep(&whole.digest, std::iter::once(part).chain(others).collect(), &content.trace(&reads));
    Ok(text)
}

fn render(state: &State<'_, '_>, template: &str, value: Value) -> Result<String, Error> {
    if value.kind() != ValueKind::Map {
        let message = format!("`part` renders a map, such as an item of `runs`, and this is a {}", value.kind());
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    }
    recorder::template(template);
    let template = state.env().get_template(template)?;
    template.render(value.clone()).inspect_err(|_| recorder::failed(value))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};

    use super::{Part, Parts};
    use crate::digest;
    use crate::render::engine::{Engine, Rendered};
    use crate::render::facts::Facts;
    use crate::render::facts::compare::Difference;
    use crate::render::facts::scalar::Short;
    use crate::render::facts::trace::Trace;
    use crate::render::facts::tree::Whole;
    use crate::render::text::Chunk;

    /// Remembers parts, and how many were made.
    #[derive(Default)]
    struct Book {
        parts: Mutex<BTreeMap<Short, Arc<Vec<Part>>>>,
        saw: Mutex<BTreeMap<Short, Trace>>,
        made: AtomicUsize,
    }

    impl Parts for Book {
        fn known(&self, shown: &Short) -> Option<Arc<Vec<Part>>> {
            self.parts.lock().unwrap().get(shown).cloned()
        }

        fn keep(&self, shown: &Short, parts: Vec<Part>, saw: &Trace) {
            self.made.fetch_add(1, Ordering::Relaxed);
            self.saw.lock().unwrap().insert(*shown, saw.clone());
            self.parts.lock().unwrap().insert(*shown, Arc::new(parts));
        }
    }

    /// A view of `runs`, and of what they hold in a list that nobody may look at.
    fn view(runs: &[Value]) -> Facts {
        Facts::of_fields(|view| {
            let whole = |run: &Value| {
                let (shown, name) = (run.clone(), run["name"].as_str().unwrap().to_owned());
                Whole::new(name, digest::of("run", &run.to_string()), move || shown.clone())
            };
            view.wholes("runs", runs.iter().map(whole).collect());
            view.list("all", || -> Vec<u8> { panic!("nobody asked") });
        })
    }

    fn run(name: &str, ty: &str) -> Value {
        json!({ "name": name, "fields": [{ "name": "id", "type": ty }] })
    }

    const WHOLE: &str = "{% for run in runs %}{{ run | part('part') }};{% endfor %}";
    const PART: &str = "{{ name }}: {{ fields[0].type }}";

    fn engine(part: &str, book: &Arc<Book>) -> Engine {
        let templates = [("whole", WHOLE), ("part", part), ("direct", "{{ runs[0].fields[0].type }}")];
        let templates = templates.map(|(name, text)| (name.to_owned(), text.to_owned()));
        Engine::remembering(templates.into(), Arc::<Book>::clone(book))
    }

    #[test]
    fn a_text_costs_the_parts_that_are_new() {
        let book = Arc::new(Book::default());
        let made = |engine: &Engine, view: &Facts| {
            let before = book.made.load(Ordering::Relaxed);
            let Rendered { text, reads } = engine.render_facts("whole", view).unwrap();
            assert_eq!(reads.templates.iter().collect::<Vec<_>>(), ["part", "whole"]);
            assert_eq!(reads.parts.iter().map(|part| format!("{};", part.text)).collect::<String>(), text.to_string());
            let own = text.chunks().iter().filter(|chunk| matches!(chunk, Chunk::Own(_)));
            assert!(own.map(Chunk::as_str).all(|own| own == ";"), "parts lie where they were");
            (text.to_string(), book.made.load(Ordering::Relaxed) - before)
        };
        let plain = engine(PART, &book);
        assert_eq!(made(&plain, &view(&[run("a", "int"), run("b", "int")])), ("a: int;b: int;".to_owned(), 2));
        assert_eq!(made(&plain, &view(&[run("a", "int"), run("b", "text")])), ("a: int;b: text;".to_owned(), 1));
        assert_eq!(made(&plain, &view(&[run("b", "int")])), ("b: int;".to_owned(), 0), "it was seen before");
        assert_eq!(made(&engine("{{ name }}", &book), &view(&[run("b", "int")])), ("b;".to_owned(), 1));
    }

    #[test]
    fn what_is_other_within_a_part_is_told() {
        let book = Arc::new(Book::default());
        let engine = engine(PART, &book);
        let (old, new) = (view(&[run("a", "int")]), view(&[run("a", "text")]));
        let trace = old.trace(&engine.render_facts("whole", &old).unwrap().reads);
        assert!(trace.matches(&old) && !trace.matches(&new));
        let within = |shown: &Short| book.saw.lock().unwrap().get(shown).cloned();
        let told: Vec<String> =
            trace.differences(&new, &within).into_iter().map(|Difference { name, .. }| name).collect();
        assert_eq!(told, ["`id` type"]);
        assert_eq!(
            trace.differences(&new, &|_| None).len(),
            1,
            "without the part's trace it is told that it is another"
        );
    }

    #[test]
    fn what_is_read_of_a_part_without_the_filter_counts_as_all_of_it() {
        let book = Arc::new(Book::default());
        let engine = engine(PART, &book);
        let old = view(&[run("a", "int")]);
        let rendered = engine.render_facts("direct", &old).unwrap();
        assert_eq!(rendered.text, "int");
        let trace = old.trace(&rendered.reads);
        assert!(trace.matches(&old) && !trace.matches(&view(&[run("a", "text")])));
    }

    #[test]
    fn any_other_value_is_rendered_as_if_it_were_included() {
        let templates = [("t", "{{ fields[0] | part('f') }}"), ("f", "{{ type }}")];
        let engine = Engine::new(templates.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
        let (old, other) = (Facts::of(&run("a", "int")), Facts::of(&run("b", "int")));
        let rendered = engine.render_facts("t", &old).unwrap();
        assert_eq!(rendered.text, "int");
        let trace = old.trace(&rendered.reads);
        assert!(trace.matches(&other), "the name was not read");
        assert!(!trace.matches(&Facts::of(&run("a", "text"))));
    }

    #[test]
    fn a_mistake_in_a_part_is_explained_by_what_the_part_was_given() {
        let error = |whole: &str, part: &str| {
            let templates = [("whole", whole), ("part", part)].map(|(name, text)| (name.to_owned(), text.to_owned()));
            Engine::new(templates.into()).render_facts("whole", &view(&[run("a", "int")])).unwrap_err()
        };
        let found = error(WHOLE, "{{ fieds }}");
        assert_eq!((&*found.message, &*found.template), ("the view has no `fieds`", "part"));
        assert_eq!(found.help, ["did you mean `fields`?"]);
        let found = error("{{ runs[0].fields[0] | part('part') }}", "{{ tpe }}");
        assert_eq!(found.help, ["did you mean `type`?"]);
        let found = error("{{ runs[0].name | part('part') }}", "{{ name }}");
        assert_eq!(found.message, "`part` renders a map, such as an item of `runs`, and this is a string");
    }
}
