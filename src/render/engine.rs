//! The template environment: the project's templates over the built-in ones, and nothing ambient.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, escape_formatter};
use serde::Serialize;

use super::error::RenderError;
use super::{builtin, filters, trace};
use crate::digest::{self, Digest};

/// Renders templates.
pub struct Engine {
    environment: Environment<'static>,
    overrides: Arc<BTreeMap<String, String>>,
}

/// A rendered text, and which templates it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// Every template that was asked for, by name: loaded, included, imported, extended, or looked for in vain.
    pub templates: BTreeSet<String>,
}

impl Engine {
    /// An engine with the built-in templates, those of the same name in `overrides` replaced and others added.
    ///
    /// Names are paths below the project's folder of templates. Line ends become `\n`, as in every output.
    pub fn new(overrides: BTreeMap<String, String>) -> Engine {
        let overrides: BTreeMap<String, String> =
            overrides.into_iter().map(|(name, text)| (name, text.replace("\r\n", "\n"))).collect();
        let overrides = Arc::new(overrides);
        Engine { environment: environment(Arc::clone(&overrides)), overrides }
    }

    /// Renders the template `template` with `view`.
    ///
    /// # Errors
    /// When there is no such template, its syntax is wrong, or it asks for what the view does not have.
    pub fn render(&self, template: &str, view: &impl Serialize) -> Result<Rendered, RenderError> {
        let view = Value::from(Serde(view));
        let (result, templates) = trace::record(|| {
            trace::note(template);
            self.environment.get_template(template)?.render(view.clone())
        });
        match result {
            Ok(text) => Ok(Rendered { text, templates }),
            Err(error) => Err(RenderError::new(template, &error, &view, &self.names()).traced(templates)),
        }
    }

    /// Renders `text`, a template of one line such as a target's path; `name` is what errors call it.
    ///
    /// # Errors
    /// As [`Engine::render`].
    pub fn render_line(&self, name: &str, text: &str, view: &impl Serialize) -> Result<String, RenderError> {
        let view = Value::from(Serde(view));
        let (result, _) = trace::record(|| self.environment.render_named_str(name, text, view.clone()));
        result.map_err(|error| RenderError::new(name, &error, &view, &self.names()))
    }

    /// The text of the template `name`: the project's own, else the built-in one.
    pub fn text(&self, name: &str) -> Option<&str> {
        text(&self.overrides, name)
    }

    /// Whether the project has its own template `name`.
    pub fn is_overridden(&self, name: &str) -> bool {
        self.overrides.contains_key(name)
    }

    /// The digest of the texts that `templates` have now, by name; a template that is missing counts as such.
    ///
    /// With a [`Rendered::templates`] it says whether rendering again could give another text for the same view.
    pub fn digest(&self, templates: &BTreeSet<String>) -> Digest {
        let texts: BTreeMap<&str, Option<Digest>> = templates
            .iter()
            .map(|name| (name.as_str(), self.text(name).map(|text| digest::bytes(text.as_bytes()))))
            .collect();
        digest::of("templates", &texts)
    }

    /// All templates by name.
    fn names(&self) -> BTreeSet<&str> {
        builtin::TEMPLATES.iter().map(|(name, _)| *name).chain(self.overrides.keys().map(String::as_str)).collect()
    }
}

fn text<'a>(overrides: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    overrides.get(name).map(String::as_str).or_else(|| builtin::template(name))
}

fn environment(overrides: Arc<BTreeMap<String, String>>) -> Environment<'static> {
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
        trace::note(name);
        Cow::Borrowed(name)
    });
    environment.set_loader(move |name| Ok(text(&overrides, name).map(str::to_owned)));
    filters::add(&mut environment);
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
