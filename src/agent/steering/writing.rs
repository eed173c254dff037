//! Writing a plan file: YAML that says what may be changed, with the settings that follow the objective as placeholders and
//! what stands at its default as a comment.

use std::fmt::Write as _;

use serde_json::Value;

use super::document::{AskedFor, FORMAT, PlannedData};
use crate::agent::menu_making::Prepared;
use crate::agent::planning::bindings;
use crate::agent::propose::NotAsked;
use crate::config::Config;
use crate::dataset::Dataset;
use crate::discovery::{Objective, ObjectiveStatus};
use crate::tool::Catalog;
use crate::workflow::{Bindings, PlannedStep};

/// What a plan file is written from.
pub struct Writing<'a> {
    /// The data.
    pub dataset: &'a Dataset,
    /// The settings.
    pub config: &'a Config,
    /// The tools.
    pub catalog: &'a Catalog,
    /// What the rules planned.
    pub prepared: &'a [Prepared],
    /// Objectives that cannot be planned.
    pub retired: &'a [Objective],
    /// What was not asked.
    pub not_asked: &'a [NotAsked],
}

const HEAD: &str = "\
# What Proteus would compute on these data. Nothing that reads the samples' labels has been computed yet.
#
# You may leave objectives out (delete them) or put them in another order; change parameters; add or remove steps; and, of an
# objective, change `why`, `covariates` (what every test is adjusted for), `blocking` and `within` (conditions `variable=level`).
# `$covariates`, `$contrast` and their like stand for what the objective says: its steps and every decoy follow it.
# A step may read `dataset`, `dataset.<assay>` or an output `<step>.<output>` of another step; `optional` ones may fail.
# `proteus tools list` and `proteus tools show TOOL` say what there is.
#
#   proteus plan PATH --edit=FILE    checks this file again and draws its picture
#   proteus run PATH --plan FILE     carries it out: the menu of claims is frozen over what stands here
";

/// The text of a plan file.
pub fn document_text(writing: &Writing<'_>) -> String {
    let mut out = Out(HEAD.to_owned());
    out.line(0, format_args!("format: {FORMAT}"));
    let data = PlannedData::of(writing.dataset);
    out.line(0, format_args!("data:"));
    out.line(2, format_args!("name: {}", scalar(&data.name)));
    out.line(2, format_args!("hash: {}", scalar(&data.hash)));
    out.line(2, format_args!("samples: {}", data.samples));
    if data.variables.is_empty() {
        out.line(2, format_args!("variables: {{}}"));
    } else {
        out.line(2, format_args!("variables:"));
    }
    for (variable, role) in &data.variables {
        out.line(4, format_args!("{}: {role}", scalar(variable)));
    }
    let asked = AskedFor::of(writing.config);
    out.line(0, format_args!("asked:"));
    out.line(2, format_args!("contrasts: {}", list(&asked.contrasts)));
    out.line(2, format_args!("max_objectives: {}", asked.max_objectives));
    if let Some(question) = &asked.question {
        out.line(2, format_args!("question: {}", scalar(question)));
    }
    out.line(2, format_args!("packs: {}", asked.packs));
    if writing.prepared.is_empty() {
        out.line(0, format_args!("objectives: []"));
    } else {
        out.line(0, format_args!("objectives:"));
    }
    for one in writing.prepared {
        out.objective(writing, one);
    }
    out.left_out(writing);
    out.0
        .push_str("\n# What the rules proposed, to tell what was changed; leave it as it is.\n");
    if writing.prepared.is_empty() {
        out.line(0, format_args!("proposed: {{}}"));
    } else {
        out.line(0, format_args!("proposed:"));
    }
    for one in writing.prepared {
        let mut parts = Vec::new();
        if !one.objective.covariates.is_empty() {
            parts.push(format!("covariates: {}", list(&one.objective.covariates)));
        }
        if let Some(block) = &one.objective.blocking {
            parts.push(format!("blocking: {}", scalar(block)));
        }
        let id = scalar(&one.objective.id.0);
        out.line(2, format_args!("{id}: {{{}}}", parts.join(", ")));
    }
    out.0
}

struct Out(String);

impl Out {
    fn line(&mut self, indent: usize, text: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{:indent$}{text}", "");
    }

    fn objective(&mut self, writing: &Writing<'_>, one: &Prepared) {
        let objective = &one.objective;
        self.0.push('\n');
        self.line(2, format_args!("- id: {}", scalar(&objective.id.0)));
        self.line(4, format_args!("title: {}", scalar(&objective.text)));
        self.line(4, format_args!("why: {}", scalar(&objective.why)));
        if one.term.is_some() {
            self.line(
                4,
                format_args!("covariates: {}", list(&objective.covariates)),
            );
            if let Some(block) = &objective.blocking {
                self.line(4, format_args!("blocking: {}", scalar(block)));
            }
        }
        if one.term.is_some() || !objective.within.is_empty() {
            self.line(4, format_args!("within: {}", list(&objective.within)));
        }
        self.line(4, format_args!("workflow: {}", scalar(&one.plan.workflow)));
        self.line(4, format_args!("steps:"));
        let bindings = bindings(objective, writing.dataset);
        for step in &one.plan.steps {
            self.step(writing.catalog, &bindings, step);
        }
    }

    fn step(&mut self, catalog: &Catalog, bindings: &Bindings, step: &PlannedStep) {
        let replayed = if step.tainted {
            "   # depends on sample labels: replayed on every decoy"
        } else {
            ""
        };
        self.line(6, format_args!("- id: {}{replayed}", step.id));
        self.line(8, format_args!("tool: {}", step.tool));
        let inputs: Vec<String> = step
            .inputs
            .iter()
            .map(|(port, source)| format!("{port}: {}", scalar(&source.to_string())))
            .collect();
        self.line(8, format_args!("inputs: {{{}}}", inputs.join(", ")));
        let params = Params::of(catalog, bindings, step);
        if !params.set.is_empty() {
            self.line(8, format_args!("params:"));
        }
        for (name, value) in &params.set {
            self.line(10, format_args!("{name}: {value}"));
        }
        if !params.at_default.is_empty() {
            let shown = params.at_default.join(", ");
            self.line(8, format_args!("# params at their defaults: {shown}"));
        }
        self.line(8, format_args!("why: {}", scalar(&step.why)));
        if step.optional {
            self.line(8, format_args!("optional: true"));
        }
    }

    fn left_out(&mut self, writing: &Writing<'_>) {
        for objective in writing.retired {
            if let ObjectiveStatus::Retired { reason } = &objective.status {
                let (id, reason) = (comment(&objective.id.0), comment(reason));
                self.line(0, format_args!("\n# not planned: {id}: {reason}"));
            }
        }
        if !writing.not_asked.is_empty() {
            self.line(0, format_args!("\n# Not asked:"));
        }
        for one in writing.not_asked {
            let (what, reason) = (comment(&one.what), comment(&one.reason));
            self.line(0, format_args!("#   {what}: {reason}"));
        }
    }
}

/// The parameters of a step as they are written.
#[derive(Default)]
struct Params {
    set: Vec<(String, String)>,
    at_default: Vec<String>,
}

impl Params {
    fn of(catalog: &Catalog, bindings: &Bindings, step: &PlannedStep) -> Self {
        let defaults = catalog.get(&step.tool).map(|e| e.tool.default_params());
        let mut params = Self::default();
        for (name, value) in &step.params {
            let default = defaults.as_ref().and_then(|d| d.get(name));
            match bindings.of_parameter(name) {
                Some((placeholder, stands_for)) if is_same(&stands_for, value) => {
                    // What an objective has none of is written where a person may give it one.
                    if !is_nothing(value) || follows_model(name) {
                        params.set.push((name.clone(), placeholder.to_owned()));
                    }
                }
                _ if default == Some(value) => {
                    params
                        .at_default
                        .push(format!("{name} = {}", written(value)));
                }
                _ => params.set.push((name.clone(), written(value))),
            }
        }
        params
    }
}

fn follows_model(param: &str) -> bool {
    matches!(param, "covariates" | "blocking" | "within" | "require")
}

/// Whether two values of a parameter say the same; nothing is `null` or an empty list.
pub(super) fn is_same(a: &Value, b: &Value) -> bool {
    a == b || (is_nothing(a) && is_nothing(b))
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// A value on one line; JSON is YAML.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        other => other.to_string(),
    }
}

fn list(texts: &[String]) -> String {
    let all: Vec<String> = texts.iter().map(|t| scalar(t)).collect();
    format!("[{}]", all.join(", "))
}

/// A text as a scalar on one line, quoted wherever it could be taken for anything else.
fn scalar(text: &str) -> String {
    let plain =
        |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '(' | ')' | ' ');
    let starts = text.starts_with(|c: char| c.is_alphabetic() || c == '$');
    let word = text.strip_prefix('$').unwrap_or(text);
    let reserved = [
        "true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan",
    ];
    let safe = starts
        && !text.ends_with(' ')
        && word.chars().all(plain)
        && !reserved.contains(&text.to_lowercase().as_str());
    if safe {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            ' ' => quoted.push(c),
            // What is neither seen nor safe in YAML is written by its number.
            c if c.is_ascii_graphic() || c.is_alphanumeric() => quoted.push(c),
            c => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
        }
    }
    quoted.push('"');
    quoted
}

/// A text on one line behind `#`.
fn comment(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use proptest::prelude::*;

    use super::scalar;

    proptest! {
        #[test]
        fn every_text_is_read_back_as_it_was(text in ".{0,40}") {
            let line = format!("- {}", scalar(&text));
            let read: Vec<serde_json::Value> = serde_yaml::from_str(&line).unwrap();
            prop_assert_eq!(&read[0], &serde_json::Value::from(text));
        }
    }

    #[test]
    fn words_that_mean_something_are_quoted() {
        for text in [
            "true",
            "No",
            "1.5",
            "",
            "a: b",
            "# x",
            "1e3",
            "-",
            "$x: y",
            "2026-01-01",
        ] {
            assert!(scalar(text).starts_with('"'), "{text}");
        }
        assert_eq!(
            scalar("Which proteins differ (all)"),
            "Which proteins differ (all)"
        );
        assert_eq!(scalar("$covariates"), "$covariates");
    }
}
