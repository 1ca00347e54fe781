//! `forge why`: what an output was made from, and what changed it last.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::build::why::{self, Why};
use crate::cli::args::{Format, Global, Why as Options};
use crate::cli::exit::Exit;
use crate::cli::json;
use crate::cli::ui::{DIM, GOOD, Ui, paint};
use crate::render::facts::summary::Group;
use crate::render::texts::TemplateUse;

use super::project;

/// Reasons that are told one by one.
const TOLD: usize = 12;

/// Runs the command.
pub fn run(global: &Global, options: &Options, ui: &Ui) -> Exit {
    let project = match project(global, ui) {
        Ok(project) => project,
        Err(exit) => return exit,
    };
    let (here, output) = (&global.project, &options.output);
    let said = match () {
        () if options.data => why::data(&project, here, output).map(|data| format!("{data:#}\n")),
        () if options.printed.format == Format::Json => why::why(&project, here, output).map(|why| document(&why)),
        () => why::why(&project, here, output).map(|why| text(&why)),
    };
    match said {
        Ok(said) => {
            ui.data(&said);
            Exit::Fine
        }
        Err(found) => {
            ui.diagnostics(&[found], |_| None);
            Exit::Findings
        }
    }
}

/// The answer for people.
fn text(why: &Why) -> String {
    let mut text = String::new();
    let mut line = |line: String| {
        text.push_str(line.trim_end());
        text.push('\n');
    };
    line(paint(GOOD, &why.output));
    line(format!("  target    {}, for {}", why.target, why.subject));
    for (place, used) in why.templates.iter().enumerate() {
        let label = if place == 0 { "template" } else { "" };
        line(format!("  {label:<9} {} {}", used.name, paint(DIM, whose(used))));
    }
    line("  made from".to_owned());
    match &why.facts {
        Some(groups) => groups.iter().filter_map(group).for_each(|group| line(format!("    {group}"))),
        None => line("    what is no longer in the cache".to_owned()),
    }
    line(format!("  changed   {}", when(why.builds_since)));
    for reason in why.reasons.iter().take(TOLD) {
        line(format!("    {reason}"));
    }
    if why.reasons.len() > TOLD {
        line(format!("    … and {} more", why.reasons.len() - TOLD));
    }
    text
}

fn whose(used: &TemplateUse) -> &'static str {
    match (used.digest, used.own) {
        (None, _) => "(looked for in vain)",
        (_, true) => "(the project's own)",
        (_, false) => "(built in)",
    }
}

fn when(builds: u64) -> String {
    match builds {
        0 => "in the last build".to_owned(),
        1 => "in the build before the last".to_owned(),
        more => format!("{more} builds ago"),
    }
}

/// What was read of one kind of thing, in a line; none where that is nothing that needs to be said.
fn group(group: &Group) -> Option<String> {
    let mut read: Vec<&str> = group.read.iter().chain(&group.asked).map(String::as_str).collect();
    let absent: Vec<String> = group.absent.iter().map(|key| format!("no {key}")).collect();
    // The view is asked for every name of a template first, `range` too: only what is below it is worth a word.
    if !group.path.is_empty() {
        read.extend(absent.iter().map(String::as_str));
    }
    if read.is_empty() {
        return None;
    }
    let mut line = format!("{:<24} ", if group.path.is_empty() { "the view" } else { &group.path });
    if group.count > 1 {
        let _ = write!(line, "{} times ", group.count);
    }
    line.push_str(&read.join(", "));
    if !group.names.is_empty() {
        let more = if group.count > group.names.len() { ", …" } else { "" };
        let _ = write!(line, " {}", paint(DIM, format!("({}{more})", group.names.join(", "))));
    }
    Some(line)
}

/// The answer as data.
fn document(why: &Why) -> String {
    let templates: Vec<Value> = why
        .templates
        .iter()
        .map(|used| json!({ "name": used.name, "own": used.own, "missing": used.digest.is_none() }))
        .collect();
    let document = json!({
        "output": why.output,
        "target": why.target,
        "for": why.subject,
        "template": why.template,
        "templates": templates,
        "facts": why.facts,
        "changed": {
            "builds_since": why.builds_since,
            "reasons": why.reasons.iter().map(json::reason).collect::<Vec<_>>(),
        },
    });
    format!("{document:#}\n")
}
