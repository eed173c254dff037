//! Keeps the samples an analysis is about: those that fulfil conditions and have a value of the variables it uses.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::{Contrast, SampleMetadata, Variable, VariableValues};
use crate::tool::{TableBuilder, Tool, ToolError, ToolInput, ToolOutput};

/// Parameters of [`SelectSamples`].
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// The variable that will be tested; samples without a value of it are left out.
    pub variable: Option<String>,
    /// The contrast that will be tested, `variable:target-reference`; samples without a value of its variable are left
    /// out, samples of its other levels are kept (they help to estimate the variance).
    pub contrast: Option<String>,
    /// Conditions that every kept sample fulfils, each `variable=level`; several levels are joined with `|`.
    pub within: Vec<String>,
    /// Further variables (covariates, blocks) of which every kept sample has a value.
    pub require: Vec<String>,
}

/// The tool.
pub struct SelectSamples;

impl Tool for SelectSamples {
    type Params = Params;

    const MANIFEST: &'static str = include_str!("tool.yaml");

    // Which samples have a value of the tested variable is the same on a decoy as on the target, because decoys only
    // exchange labels between samples that have one; a condition on the tested variable itself would break this and is
    // refused. So nothing here depends on the tested labels.
    fn run(&self, input: &ToolInput<'_>, params: &Params) -> Result<ToolOutput, ToolError> {
        let matrix = input.matrix("matrix")?;
        let tested = tested_variable(input.samples, params)?;
        let conditions = params
            .within
            .iter()
            .map(|text| Condition::parse(text, input.samples))
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(condition) = conditions
            .iter()
            .find(|c| Some(c.variable.name.as_str()) == tested.as_deref())
        {
            return Err(ToolError::InvalidParams {
                reason: format!(
                    "`within` names `{}`, the variable that is tested: the choice of samples may not depend on its labels\n\
                     hint: to leave out other levels of it, set `fit: two_arms` in the test",
                    condition.variable.name
                ),
            });
        }
        let required = tested
            .iter()
            .chain(&params.require)
            .map(|name| find(input.samples, name))
            .collect::<Result<Vec<_>, _>>()?;

        // A sample that is not in this assay at all has a column of nothing but missing values.
        let measured =
            |j: usize| (0..matrix.values.rows()).any(|i| !matrix.values.get(i, j).is_nan());
        let reasons: Vec<Option<String>> = matrix
            .samples
            .iter()
            .enumerate()
            .map(|(j, id)| {
                if !measured(j) {
                    return Some("nothing measured".to_owned());
                }
                let Some(i) = input.samples.ids.iter().position(|known| known == id) else {
                    return Some("not in the sample sheet".to_owned());
                };
                conditions
                    .iter()
                    .find(|c| !c.holds(i))
                    .map(|c| format!("not `{}`", c.text))
                    .or_else(|| {
                        required
                            .iter()
                            .find(|v| !has_value(v, i))
                            .map(|v| format!("no value of `{}`", v.name))
                    })
            })
            .collect();
        let keep: Vec<usize> = (0..reasons.len())
            .filter(|&j| reasons[j].is_none())
            .collect();
        if keep.is_empty() {
            return Err(ToolError::TooFewObservations {
                what: format!("samples that fulfil {}", describe(params)),
                needed: 1,
                found: 0,
            });
        }
        let table = TableBuilder::new()
            .text("sample", matrix.samples.to_vec())
            .flag(
                "kept",
                &reasons.iter().map(Option::is_none).collect::<Vec<_>>(),
            )
            .text(
                "reason",
                reasons
                    .into_iter()
                    .map(Option::unwrap_or_default)
                    .collect::<Vec<_>>(),
            )
            .build()?;
        Ok(ToolOutput::new()
            .with_fact("samples_kept", keep.len())
            .with_fact("samples_left_out", matrix.samples.len() - keep.len())
            .with_matrix("matrix", matrix.select_samples(&keep))
            .with_table("selection", table))
    }
}

fn tested_variable(samples: &SampleMetadata, params: &Params) -> Result<Option<String>, ToolError> {
    let of_contrast = params
        .contrast
        .as_deref()
        .map(|spec| Contrast::parse(spec, samples))
        .transpose()?
        .map(|contrast| contrast.variable);
    match (of_contrast, &params.variable) {
        (Some(a), Some(b)) if a != *b => Err(ToolError::InvalidParams {
            reason: format!("`contrast` is about `{a}` and `variable` is `{b}`: give one of them"),
        }),
        (Some(name), _) => Ok(Some(name)),
        (None, name) => Ok(name.clone()),
    }
}

fn describe(params: &Params) -> String {
    let mut parts: Vec<String> = params.within.iter().map(|c| format!("`{c}`")).collect();
    parts.extend(
        params
            .variable
            .iter()
            .chain(&params.contrast)
            .chain(&params.require)
            .map(|name| format!("a value of `{name}`")),
    );
    if parts.is_empty() {
        "being in the sample sheet".to_owned()
    } else {
        parts.join(" and ")
    }
}

fn find<'m>(samples: &'m SampleMetadata, name: &str) -> Result<&'m Variable, ToolError> {
    samples
        .variables
        .get(name)
        .ok_or_else(|| ToolError::InvalidParams {
            reason: format!(
                "no variable `{name}` in the sample sheet; it has {}",
                samples
                    .variables
                    .keys()
                    .map(|k| format!("`{k}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        })
}

fn has_value(variable: &Variable, sample: usize) -> bool {
    match &variable.values {
        VariableValues::Categorical { codes, .. } => codes[sample].is_some(),
        VariableValues::Continuous { values } => values[sample].is_some_and(f64::is_finite),
    }
}

/// `variable=level` or `variable=level|level`.
struct Condition<'m> {
    text: String,
    variable: &'m Variable,
    allowed: Vec<String>,
}

impl<'m> Condition<'m> {
    fn parse(text: &str, samples: &'m SampleMetadata) -> Result<Self, ToolError> {
        let invalid = |reason: String| ToolError::InvalidParams { reason };
        // A header may itself hold `=`, so every cut whose left side is a variable is tried.
        let (variable, levels) = text
            .match_indices('=')
            .find_map(|(at, _)| {
                let variable = samples.variables.get(text[..at].trim())?;
                Some((variable, text[at + 1..].trim()))
            })
            .ok_or_else(|| {
                invalid(format!(
                    "`{text}` is not a condition on a variable of the sample sheet\n\
                     hint: write `variable=level`, with one of {}",
                    samples
                        .variables
                        .keys()
                        .map(|k| format!("`{k}`"))
                        .collect::<Vec<_>>()
                        .join(", ")
                ))
            })?;
        let known = |label: &str| match &variable.values {
            VariableValues::Categorical { levels, .. } => levels.iter().any(|l| l == label),
            VariableValues::Continuous { .. } => label.parse::<f64>().is_ok(),
        };
        let allowed: Vec<String> = if known(levels) {
            vec![levels.to_owned()]
        } else {
            levels.split('|').map(|l| l.trim().to_owned()).collect()
        };
        if let Some(unknown) = allowed.iter().find(|l| !known(l)) {
            return Err(invalid(format!(
                "`{}` has no level `{unknown}`; it has {}",
                variable.name,
                variable
                    .level_counts()
                    .iter()
                    .map(|(l, n)| format!("`{l}` ({n})"))
                    .collect::<Vec<_>>()
                    .join(", ")
            )));
        }
        Ok(Self {
            text: text.to_owned(),
            variable,
            allowed,
        })
    }

    fn holds(&self, sample: usize) -> bool {
        match &self.variable.values {
            VariableValues::Categorical { .. } => self
                .variable
                .group_of(sample)
                .is_some_and(|label| self.allowed.iter().any(|a| a == label)),
            VariableValues::Continuous { values } => values[sample].is_some_and(|value| {
                self.allowed
                    .iter()
                    .any(|a| a.parse::<f64>().is_ok_and(|a| a == value))
            }),
        }
    }
}

#[cfg(test)]
mod tests;
