//! An entity as text for the terminal: the box, the fields, the relationships. Prints nothing itself.

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use super::Concept;
use super::diagram::shown;
use super::field::FieldView;
use super::page::EntityView;
use super::wireframe::wireframe;
use crate::diagnostic::nearest;
use crate::model::name::Name;

/// Why nothing can be shown; the nearest known name, if one is near.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// No module has this name.
    Module(Option<String>),
    /// Nobody, or not the module that was asked for, declares this entity.
    Entity(Option<String>),
}

/// The text about the entity `name`: as everybody sees it, or as `module` does; with ANSI styles where `color` says so.
///
/// # Errors
/// When there is no such module or entity; with the nearest name.
pub fn show(concept: &Concept<'_>, name: &str, module: Option<&str>, color: bool) -> Result<String, Unknown> {
    let names: Vec<&Name> = match module {
        None => concept.entities().collect(),
        Some(module) => {
            let modules = || concept.sources.iter().filter(|source| !source.busm);
            let source = modules().find(|source| source.name == module).ok_or_else(|| {
                Unknown::Module(nearest(module, modules().map(|source| source.name.as_str())).map(str::to_owned))
            })?;
            source.model().tables.keys().collect()
        }
    };
    let view =
        names.iter().find(|known| shown(known) == name).and_then(|known| concept.unlinked(known, module)).ok_or_else(
            || {
                let known: Vec<String> = names.iter().map(|name| shown(name)).collect();
                Unknown::Entity(nearest(name, known.iter().map(String::as_str)).map(str::to_owned))
            },
        )?;
    Ok(text(&view, module.is_none(), &Styles::new(color)))
}

struct Styles {
    bold: Style,
    dim: Style,
    name: Style,
}

impl Styles {
    fn new(color: bool) -> Styles {
        if !color {
            return Styles { bold: Style::new(), dim: Style::new(), name: Style::new() };
        }
        let cyan = anstyle::AnsiColor::Cyan.on_default();
        Styles { bold: Style::new().bold(), dim: Style::new().dimmed(), name: cyan }
    }
}

fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

fn text(view: &EntityView, merged: bool, styles: &Styles) -> String {
    let mut text = String::new();
    if let Some(doc) = &view.doc {
        text.push_str(&format!("{}\n\n", doc.trim()));
    }
    let lines = view.fields.iter().map(|field| (field.name.as_str(), field.r#type.as_str()));
    text.push_str(&wireframe(&view.name, lines));
    text.push_str(&format!("\n{}\n", paint(styles.bold, "Fields")));
    let widest = |part: fn(&FieldView) -> &str| view.fields.iter().map(|field| part(field).width()).max().unwrap_or(0);
    let columns = [widest(|field| &field.name), widest(|field| &field.r#type)];
    for field in &view.fields {
        text.push_str(&field_lines(field, columns, merged, styles));
    }
    section(&mut text, "Relationships", view.relationships.iter().map(|it| it.sentence.as_str()), styles);
    section(&mut text, "Rules", view.rules.iter().map(String::as_str), styles);
    text
}

fn section<'a>(text: &mut String, title: &str, lines: impl Iterator<Item = &'a str>, styles: &Styles) {
    let lines: Vec<String> = lines.map(|line| format!("  {line}\n")).collect();
    if !lines.is_empty() {
        text.push_str(&format!("\n{}\n{}", paint(styles.bold, title), lines.concat()));
    }
}

/// The field's line, in `columns` of these widths, and below it what it means and who says so.
fn field_lines(field: &FieldView, columns: [usize; 2], merged: bool, styles: &Styles) -> String {
    let references = field.references.iter().map(|to| format!("refers to {}", to.name));
    let facts: Vec<String> = field.facts.iter().cloned().chain(references).collect();
    let [name, ty] = columns;
    let name_gap = " ".repeat(name - field.name.width());
    let type_gap = " ".repeat(ty - field.r#type.width());
    let line =
        format!("  {}{name_gap}  {}{type_gap}  {}", paint(styles.name, &field.name), field.r#type, facts.join(", "));
    let mut lines = format!("{}\n", line.trim_end());
    if let Some(meaning) = &field.meaning {
        lines.push_str(&format!("      {}\n", meaning.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    if merged {
        lines.push_str(&format!("      {}\n", paint(styles.dim, &claimed(field))));
        for difference in &field.differs {
            let sides: Vec<String> =
                difference.sides.iter().map(|side| format!("{} in {}", side.value, side.by.join(", "))).collect();
            lines.push_str(&format!("      {} differs: {}\n", difference.fact, sides.join("; ")));
        }
    }
    lines
}

fn claimed(field: &FieldView) -> String {
    let mut by: Vec<&str> = field.claimed_by.iter().map(|module| module.name.as_str()).collect();
    if field.busm {
        by.insert(0, "BUSM");
    }
    format!("claimed by {}", by.join(", "))
}
