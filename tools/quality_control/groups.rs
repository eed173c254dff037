//! The groups that will be compared: who is in them, whether they have replicates, and a summary of each.

use std::collections::BTreeSet;

use polars::prelude::DataFrame;
use proteus_stats::descriptive::{median, standard_deviation};

use super::{Params, Profile, pass, warn};
use crate::dataset::{Arm, Contrast, Role, SampleMetadata};
use crate::tool::{Abundance, Check, FrameError, TableBuilder, ToolError, Verdict};

/// Samples by group of the tested variable.
pub(super) struct Groups {
    /// The variable; none when samples are looked at without groups.
    pub variable: Option<String>,
    /// Group labels.
    pub labels: Vec<String>,
    /// Group of each column of the matrix; none for samples without a value.
    pub of_sample: Vec<Option<usize>>,
    /// Label and groups of the two sides of the contrast, if there is one: reference, target.
    pub arms: Option<[(String, Vec<usize>); 2]>,
    /// The contrast or variable that checks of the groups concern.
    pub concerns: Option<String>,
    /// Number of different subjects per group, where a subject variable is known.
    subjects: Option<Vec<usize>>,
}

impl Groups {
    pub fn of(
        sheet: &SampleMetadata,
        samples: &[String],
        params: &Params,
    ) -> Result<Self, ToolError> {
        let contrast = params
            .contrast
            .as_deref()
            .map(|spec| Contrast::parse(spec, sheet))
            .transpose()?;
        let name = contrast
            .as_ref()
            .map(|c| c.variable.clone())
            .or_else(|| params.variable.clone());
        let Some(name) = name else {
            return Ok(Self::none(samples.len()));
        };
        let Some(variable) = sheet.variables.get(&name) else {
            return Err(ToolError::InvalidParams {
                reason: format!(
                    "no variable `{name}` in the sample sheet; it has {}",
                    sheet
                        .variables
                        .keys()
                        .map(|k| format!("`{k}`"))
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            });
        };
        if !variable.is_categorical() {
            return Ok(Self {
                concerns: Some(name),
                ..Self::none(samples.len())
            });
        }
        let rows: Vec<Option<usize>> = samples
            .iter()
            .map(|id| sheet.ids.iter().position(|known| known == id))
            .collect();
        let codes = variable.codes().unwrap_or_default();
        let of_sample: Vec<Option<usize>> =
            rows.iter().map(|row| row.and_then(|i| codes[i])).collect();
        let labels = variable.levels().to_vec();
        let arms = contrast.as_ref().map(|c| {
            let side = |arm: &Arm| {
                let groups = arm
                    .levels
                    .iter()
                    .filter_map(|l| labels.iter().position(|known| known == l))
                    .collect();
                (arm.label.clone(), groups)
            };
            [side(&c.reference), side(&c.target)]
        });
        let subjects = sheet.with_role(Role::Subject).next().map(|subject| {
            (0..labels.len())
                .map(|g| {
                    rows.iter()
                        .zip(&of_sample)
                        .filter(|(_, group)| **group == Some(g))
                        .filter_map(|(row, _)| row.and_then(|i| subject.group_of(i)))
                        .collect::<BTreeSet<_>>()
                        .len()
                })
                .collect()
        });
        Ok(Self {
            concerns: Some(contrast.map_or_else(|| name.clone(), |c| c.id)),
            variable: Some(name),
            labels,
            of_sample,
            arms,
            subjects,
        })
    }

    fn none(samples: usize) -> Self {
        Self {
            variable: None,
            labels: Vec::new(),
            of_sample: vec![None; samples],
            arms: None,
            concerns: None,
            subjects: None,
        }
    }

    /// Columns of group `g`.
    pub fn members(&self, g: usize) -> Vec<usize> {
        (0..self.of_sample.len())
            .filter(|&j| self.of_sample[j] == Some(g))
            .collect()
    }

    /// Groups that are compared and have samples: the levels of both arms, or all levels.
    pub fn compared(&self) -> Vec<usize> {
        let all = match &self.arms {
            Some([(_, reference), (_, target)]) => {
                reference.iter().chain(target).copied().collect()
            }
            None => (0..self.labels.len()).collect::<Vec<_>>(),
        };
        all.into_iter()
            .filter(|&g| self.of_sample.contains(&Some(g)))
            .collect()
    }

    /// The sides of the comparison as (label, columns): two arms, or every level with samples.
    pub fn sides(&self) -> Vec<(String, Vec<usize>)> {
        let columns = |groups: &[usize]| {
            let mut columns: Vec<usize> = groups.iter().flat_map(|&g| self.members(g)).collect();
            columns.sort_unstable();
            columns
        };
        match &self.arms {
            Some(arms) => arms
                .iter()
                .map(|(label, groups)| (label.clone(), columns(groups)))
                .collect(),
            None => self
                .compared()
                .iter()
                .map(|&g| (self.labels[g].clone(), columns(&[g])))
                .collect(),
        }
    }

    /// Whether each side has samples enough for a test.
    pub fn replicate_checks(&self) -> Vec<Check> {
        if self.variable.is_none() {
            return Vec::new();
        }
        let mut checks = Vec::new();
        let sides = self.sides();
        let sizes = sides
            .iter()
            .map(|(label, columns)| format!("`{label}` {}", columns.len()))
            .collect::<Vec<_>>()
            .join(", ");
        let single = sides
            .iter()
            .filter(|(_, columns)| columns.len() < 2)
            .count();
        let starved = if self.arms.is_some() {
            single > 0
        } else {
            single + 1 >= sides.len()
        };
        let concerns = self.concerns.clone();
        if starved {
            checks.push(Check {
                code: "replicates".to_owned(),
                verdict: Verdict::Fail,
                reason: format!("samples per group: {sizes}; a side with fewer than 2 samples shows no variation"),
                fix: "measure at least 3 independent samples per group, or read the differences as descriptive only".to_owned(),
                concerns: concerns.clone(),
            });
        } else if sides.iter().any(|(_, columns)| columns.len() < 3) {
            checks.push(warn(
                "replicates",
                format!("samples per group: {sizes}; two samples estimate a variance poorly"),
                "add replicates before relying on single proteins",
                concerns.clone(),
            ));
        } else {
            checks.push(pass(
                "replicates",
                format!("samples per group: {sizes}"),
                concerns.clone(),
            ));
        }
        if let Some(subjects) = &self.subjects {
            let repeated: Vec<String> = self
                .compared()
                .into_iter()
                .filter(|&g| subjects[g] > 0 && subjects[g] < self.members(g).len())
                .map(|g| {
                    let n = self.members(g).len();
                    format!(
                        "`{}`: {n} samples of {} subjects",
                        self.labels[g], subjects[g]
                    )
                })
                .collect();
            if !repeated.is_empty() {
                checks.push(warn(
                    "repeated_subjects",
                    format!("some subjects are measured more than once within a group ({})", repeated.join("; ")),
                    "name the subject variable as `blocking`, so that subjects and not samples are counted",
                    concerns,
                ));
            }
        }
        checks
    }

    /// One row per group with samples.
    pub fn table(&self, matrix: &Abundance, profile: &Profile) -> Result<DataFrame, FrameError> {
        let present: Vec<usize> = (0..self.labels.len())
            .filter(|&g| self.of_sample.contains(&Some(g)))
            .collect();
        let of = |g: usize, values: &[f64]| {
            let own: Vec<f64> = self.members(g).iter().map(|&j| values[j]).collect();
            median(&own)
        };
        let spread: Vec<f64> = present
            .iter()
            .map(|&g| typical_sd(matrix, profile, &self.members(g)))
            .collect();
        let in_any: Vec<usize> = present
            .iter()
            .map(|&g| {
                let members = self.members(g);
                (0..matrix.values.rows())
                    .filter(|&i| members.iter().any(|&j| !matrix.values.get(i, j).is_nan()))
                    .count()
            })
            .collect();
        let cv: Vec<f64> = spread
            .iter()
            .map(|sd| {
                let natural = sd * std::f64::consts::LN_2;
                100.0 * (natural.powi(2).exp() - 1.0).sqrt()
            })
            .collect();
        TableBuilder::new()
            .text(
                "variable",
                vec![self.variable.clone().unwrap_or_default(); present.len()],
            )
            .text(
                "group",
                present.iter().map(|&g| self.labels[g].clone()).collect(),
            )
            .count(
                "n",
                &present
                    .iter()
                    .map(|&g| self.members(g).len())
                    .collect::<Vec<_>>(),
            )
            .number(
                "identified",
                &present
                    .iter()
                    .map(|&g| of(g, &profile.identified))
                    .collect::<Vec<_>>(),
            )
            .count("identified_any", &in_any)
            .number(
                "fraction_missing",
                &present
                    .iter()
                    .map(|&g| of(g, &profile.fraction_missing))
                    .collect::<Vec<_>>(),
            )
            .number("sd", &spread)
            .number("cv_percent", &cv)
            .number(
                "correlation",
                &present
                    .iter()
                    .map(|&g| of(g, &profile.own))
                    .collect::<Vec<_>>(),
            )
            .build()
    }
}

/// Median over features of the SD between the group's samples, log2, after each sample's typical ratio is taken out.
fn typical_sd(matrix: &Abundance, profile: &Profile, members: &[usize]) -> f64 {
    if members.len() < 2 {
        return f64::NAN;
    }
    let deviations: Vec<f64> = (0..matrix.values.rows())
        .map(|i| {
            let row: Vec<f64> = members
                .iter()
                .map(|&j| matrix.values.get(i, j) - profile.offsets[j])
                .collect();
            standard_deviation(&row)
        })
        .collect();
    median(&deviations)
}
