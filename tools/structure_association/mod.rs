//! Clusters or principal components of the samples against the variables of the sample sheet.

mod eligible;
mod relate;

use indexmap::IndexMap;
use proteus_stats::multiplicity::benjamini_hochberg;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tool::frame::{numbers, texts};
use crate::tool::{Check, TableBuilder, Tool, ToolError, ToolInput, ToolOutput, Verdict};
use eligible::{Kind, Subjects, eligible};
use relate::{Association, Limits, Structure, relate};

/// Relates structure of the samples to the sample sheet.
pub struct StructureAssociation;

/// Parameters of `structure_association`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Variables to test; none means every eligible one.
    pub variables: Vec<String>,
    /// The assay the structure was found in. Variables computed from another assay are then tested too; without it every
    /// variable computed from an assay is skipped.
    pub assay: Option<String>,
    /// Components to test, counted from the first.
    pub components: usize,
    /// Samples with a value that a variable needs.
    pub min_samples: usize,
    /// Samples a level needs to enter a test.
    pub min_level: usize,
    /// Levels above which a categorical variable is taken for a list of names and skipped.
    pub max_levels: usize,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            variables: Vec::new(),
            assay: None,
            components: 5,
            min_samples: 8,
            min_level: 3,
            max_levels: 12,
        }
    }
}

impl Tool for StructureAssociation {
    type Params = Params;
    const MANIFEST: &'static str = include_str!("tool.yaml");

    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        let structures = structures(input, params)?;
        let known = |name: &String| input.samples.variables.contains_key(name);
        if let Some(unknown) = params.variables.iter().find(|name| !known(name)) {
            return Err(ToolError::InvalidParams {
                reason: format!(
                    "no variable `{unknown}` in the sample sheet; it has {}",
                    input
                        .samples
                        .variables
                        .keys()
                        .map(|k| format!("`{k}`"))
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            });
        }
        let limits = Limits {
            min_samples: params.min_samples.max(4),
            min_level: params.min_level.max(1),
            seed: input.seed,
        };
        let mut skipped: IndexMap<String, String> = IndexMap::new();
        let mut found: IndexMap<Subjects, Vec<Association>> = [
            (Subjects::Clusters, Vec::new()),
            (Subjects::Components, Vec::new()),
            (Subjects::Technical, Vec::new()),
        ]
        .into();
        for variable in input.samples.variables.values() {
            let kind = match eligible(variable, params) {
                Ok(kind) => kind,
                Err(reason) => {
                    skipped.insert(variable.name.clone(), reason);
                    continue;
                }
            };
            let mut tested = false;
            for structure in &structures {
                if let Some(association) = relate(structure, variable, &limits) {
                    tested = true;
                    let table = match (kind, structure) {
                        (Kind::Technical, _) => Subjects::Technical,
                        (Kind::Outside, Structure::Clusters { .. }) => Subjects::Clusters,
                        (Kind::Outside, Structure::Component { .. }) => Subjects::Components,
                    };
                    found.entry(table).or_default().push(association);
                }
            }
            if !tested {
                skipped.insert(
                    variable.name.clone(),
                    format!(
                        "fewer than {} samples with a value, or no two levels with {} samples",
                        limits.min_samples, limits.min_level
                    ),
                );
            }
        }
        let mut output = ToolOutput::new();
        let mut tests = 0;
        for (subjects, associations) in found {
            tests += associations.len();
            let q = benjamini_hochberg(&associations.iter().map(|a| a.p).collect::<Vec<_>>());
            let mut rows: Vec<(Association, f64)> = associations.into_iter().zip(q).collect();
            // A stable sort: ties keep the order of the sample sheet.
            rows.sort_by(|a, b| a.0.p.total_cmp(&b.0.p));
            if subjects == Subjects::Technical {
                output.checks = technical_checks(&rows);
            }
            output = output.with_table(subjects.table(), table(rows)?);
        }
        Ok(output
            .with_fact("tests", tests)
            .with_fact("skipped", serde_json::json!(skipped)))
    }
}

/// The clusters (unless there is only one) and the components on the ports.
fn structures(input: &ToolInput<'_>, params: &Params) -> Result<Vec<Structure>, ToolError> {
    let position: IndexMap<&str, usize> = input
        .samples
        .ids
        .iter()
        .enumerate()
        .map(|(i, id)| (id.as_str(), i))
        .collect();
    let clusters = input.optional_table("clusters");
    let scores = input.optional_table("scores");
    if clusters.is_none() && scores.is_none() {
        return Err(ToolError::NotApplicable {
            needs: "a table on port `clusters` or on port `scores`".to_owned(),
            found: "neither".to_owned(),
        });
    }
    let mut structures = Vec::new();
    if let Some(table) = clusters {
        let mut of_sample = vec![None; input.samples.len()];
        let labels = numbers(table, "cluster")?;
        for (id, label) in texts(table, "sample")?.iter().zip(labels) {
            if let (Some(&i), true) = (position.get(id.as_str()), label.is_finite()) {
                of_sample[i] = Some(label as usize);
            }
        }
        let mut distinct: Vec<usize> = of_sample.iter().flatten().copied().collect();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() > 1 {
            structures.push(Structure::Clusters {
                of_sample,
                numbers: distinct,
            });
        }
    }
    if let Some(table) = scores {
        let ids = texts(table, "sample")?;
        for k in 1..=params.components {
            let name = format!("PC{k}");
            if table.column(&name).is_err() {
                break;
            }
            let mut of_sample = vec![f64::NAN; input.samples.len()];
            for (id, score) in ids.iter().zip(numbers(table, &name)?) {
                if let Some(&i) = position.get(id.as_str()) {
                    of_sample[i] = score;
                }
            }
            structures.push(Structure::Component { name, of_sample });
        }
    }
    Ok(structures)
}

fn table(rows: Vec<(Association, f64)>) -> Result<polars::prelude::DataFrame, ToolError> {
    let text = |get: fn(&Association) -> &str| -> Vec<String> {
        rows.iter().map(|(a, _)| get(a).to_owned()).collect()
    };
    let number =
        |get: fn(&Association) -> f64| -> Vec<f64> { rows.iter().map(|(a, _)| get(a)).collect() };
    Ok(TableBuilder::new()
        .text("subject", text(|a| &a.subject))
        .text("label", text(|a| &a.label))
        .text("variable", text(|a| &a.variable))
        .text("test", text(|a| a.test))
        .number("statistic", &number(|a| a.statistic))
        .number("effect", &number(|a| a.effect))
        .number("P.Value", &number(|a| a.p))
        .number("adj.P.Val", &rows.iter().map(|r| r.1).collect::<Vec<_>>())
        .count("n", &rows.iter().map(|r| r.0.n).collect::<Vec<_>>())
        .text("direction", text(|a| &a.direction))
        .build()?)
}

/// A warning per batch, plex or run order that structure follows at a false discovery rate of 5 %.
fn technical_checks(rows: &[(Association, f64)]) -> Vec<Check> {
    let strong = rows.iter().filter(|(_, q)| *q <= 0.05);
    strong
        .map(|(a, q)| Check {
            code: "technical_structure".to_owned(),
            verdict: Verdict::Warn,
            reason: format!(
                "{} of the samples follows `{}` ({}, effect {:.2}, q {q:.1e}, n {}): {}",
                a.label, a.variable, a.test, a.effect, a.n, a.direction
            ),
            fix: format!(
                "adjust for `{}` or correct for it before reading structure as biology",
                a.variable
            ),
            concerns: Some(a.variable.clone()),
        })
        .collect()
}

#[cfg(test)]
mod tests;
