//! A plan for people: its graph as an indented tree.

use std::fmt::{self, Write as _};

use super::{Plan, PlannedStep, Source};

impl fmt::Display for Plan {
    /// The graph as a tree: every step once, under the last of the steps it takes input from; its other inputs and its
    /// own settings beside it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} for {}", self.workflow, self.objective)?;
        writeln!(f, "dataset")?;
        self.write_below(f, None, "")?;
        if self.steps.iter().any(|s| s.tainted) {
            writeln!(f, "* depends on sample labels: replayed on every decoy")?;
        }
        Ok(())
    }
}

impl Plan {
    fn write_below(
        &self,
        f: &mut fmt::Formatter<'_>,
        parent: Option<usize>,
        indent: &str,
    ) -> fmt::Result {
        let below: Vec<usize> = (0..self.steps.len())
            .filter(|&i| self.tree_parent(i) == parent)
            .collect();
        for (place, &i) in below.iter().enumerate() {
            let last = place + 1 == below.len();
            let (branch, continued) = if last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            writeln!(f, "{indent}{branch}{}", self.line(i))?;
            self.write_below(f, Some(i), &format!("{indent}{continued}"))?;
        }
        Ok(())
    }

    /// The last of the steps that step `i` takes input from; none for the dataset.
    fn tree_parent(&self, i: usize) -> Option<usize> {
        self.sources(i).filter_map(|s| self.position(s)).max()
    }

    fn sources(&self, i: usize) -> impl Iterator<Item = &str> {
        self.steps[i].inputs.values().filter_map(Source::step)
    }

    fn line(&self, i: usize) -> String {
        let step = &self.steps[i];
        let mut line = format!("{}{}", step.id, if step.tainted { "*" } else { "" });
        if step.tool != step.id {
            let _ = write!(line, " = {}", step.tool);
        }
        let settings = settings(step);
        if !settings.is_empty() {
            let _ = write!(line, " ({})", settings.join(", "));
        }
        let parent = self.tree_parent(i).map(|p| self.steps[p].id.as_str());
        let mut others: Vec<&str> = self.sources(i).filter(|s| Some(*s) != parent).collect();
        others.sort_unstable();
        others.dedup();
        if !others.is_empty() {
            let _ = write!(line, ", also from {}", others.join(", "));
        }
        if step.optional {
            line.push_str(", may fail");
        }
        line
    }
}

/// Parameters that say what is compared, in which samples and beside what.
pub const OF_THE_OBJECTIVE: [&str; 7] = [
    "contrast",
    "variable",
    "levels",
    "series",
    "covariates",
    "blocking",
    "within",
];

/// What a step is about and by which method; the rest stands in the JSON form.
fn settings(step: &PlannedStep) -> Vec<String> {
    OF_THE_OBJECTIVE
        .into_iter()
        .chain(["method"])
        .filter_map(|name| {
            let value = step.params.get(name)?;
            let text = match value {
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Array(items) if !items.is_empty() => items
                    .iter()
                    .map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
                    .collect::<Vec<_>>()
                    .join(" + "),
                _ => return None,
            };
            Some(format!("{name}: {text}"))
        })
        .collect()
}
