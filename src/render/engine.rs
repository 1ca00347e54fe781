//! The template environment: the project's templates over the built-in ones, and nothing ambient.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, escape_formatter};
use serde::Serialize;

use super::error::RenderError;
use super::facts::Facts;
use super::facts::recorder::{self, Reads};
use super::filters;
use super::parts::{self, Forgetful, Parts};
use super::text::Text;
use super::texts::{TemplateUse, Texts};

/// Renders templates.
pub struct Engine {
    environment: Environment<'static>,
    texts: Arc<Texts>,
}

/// A rendered text, and what it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub text: Text,
    /// The facts of the view that were read, and every template that was asked for: loaded, included, imported,
    /// extended, or looked for in vain.
    pub reads: Reads,
}

impl Engine {
    /// An engine with the built-in templates, those of the same name in `overrides` replaced and others added.
    ///
    /// Names are paths below the project's folder of templates. Line ends become `\n`, as in every output.
    pub fn new(overrides: BTreeMap<String, String>) -> Engine {
        Engine::remembering(overrides, Arc::new(Forgetful))
    }

    /// As [`Engine::new`], with somebody who remembers the parts of texts.
    pub fn remembering(overrides: BTreeMap<String, String>, parts: Arc<dyn Parts>) -> Engine {
        let texts = Arc::new(Texts::new(overrides));
        Engine { environment: environment(&texts, parts), texts }
    }

    /// Renders the template `template` with `view`.
    ///
    /// # Errors
    /// When there is no such template, its syntax is wrong, or it asks for what the view does not have.
    pub fn render(&self, template: &str, view: &impl Serialize) -> Result<Rendered, RenderError> {
        self.render_facts(template, &Facts::of(view))
    }

    /// As [`Engine::render`], with a view that is a tree of facts already.
    ///
    /// # Errors
    /// As [`Engine::render`].
    pub fn render_facts(&self, template: &str, view: &Facts) -> Result<Rendered, RenderError> {
        let (result, reads) = recorder::record(0, || {
            recorder::template(template);
            let mut text = Text::default();
            self.environment.get_template(template)?.render_captured_to(view.root().clone(), &mut text)?;
            Ok(text)
        });
        match result {
            Ok(text) => Ok(Rendered { text, reads }),
            Err(error) => {
                // Names are explained by what the template was given that holds the mistake.
                let given = reads.failed.as_ref().unwrap_or(view.root());
                Err(RenderError::new(template, &error, given, &self.names()).traced(reads.templates))
            }
        }
    }

    /// Renders `text`, a template of one line such as a target's path; `name` is what errors call it.
    ///
    /// # Errors
    /// As [`Engine::render`].
    pub fn render_line(&self, name: &str, text: &str, view: &impl Serialize) -> Result<String, RenderError> {
        let view = Value::from(Serde(view));
        self.environment
            .render_named_str(name, text, view.clone())
            .map_err(|error| RenderError::new(name, &error, &view, &self.names()))
    }

    /// The text of the template `name`: the project's own, else the built-in one.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.text(name)
    }

    /// Whether the project has its own template `name`.
    pub fn is_overridden(&self, name: &str) -> bool {
        self.texts.is_own(name)
    }

    /// The templates of these names as they are now.
    pub fn uses(&self, names: &BTreeSet<String>) -> Vec<TemplateUse> {
        self.texts.uses(names)
    }

    /// Whether the templates of an earlier render still have the same texts, those that were missing still are.
    pub fn has_still(&self, uses: &[TemplateUse]) -> bool {
        self.texts.has_still(uses)
    }

    /// All templates by name.
    fn names(&self) -> BTreeSet<&str> {
        self.texts.names()
    }
}

fn environment(texts: &Arc<Texts>, parts: Arc<dyn Parts>) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // Without this an error knows its line, and not its place in the line.
    environment.set_debug(true);
    environment.set_syntax(syntax());
    environment.set_auto_escape_callback(|name| match name.rsplit('.').next() {
        Some("html" | "htm") => AutoEscape::Html,
        _ => AutoEscape::None,
    });
    // A fact that is known to be absent is empty text; only a name that does not exist is an error.
    environment.set_formatter(
        |out, state, value| {
            if value.is_none() { Ok(()) } else { escape_formatter(out, state, value) }
        },
    );
    environment.set_path_join_callback(|name, _parent| {
        recorder::template(name);
        Cow::Borrowed(name)
    });
    let loaded = Arc::clone(texts);
    environment.set_loader(move |name| Ok(loaded.text(name).map(str::to_owned)));
    filters::add(&mut environment);
    parts::add(&mut environment, parts, Arc::clone(texts));
    environment
}

/// A tag alone in its line leaves no trace of the line; the last line's end is kept.
fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
        .expect("the default delimiters are valid")
}
