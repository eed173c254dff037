//! Comparisons: a contrast is target − reference of one variable, so a positive log2 fold change is higher in the target.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DatasetError, SampleMetadata, Severity, Variable};

/// One side of a contrast: one level, or several pooled under one label.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Arm {
    /// What the side is called: the level, or `other` for pooled levels.
    pub label: String,
    /// The levels of the variable it holds.
    pub levels: Vec<String>,
}

impl Arm {
    /// An arm of one level.
    pub fn one(level: impl Into<String>) -> Self {
        let label = level.into();
        Self {
            levels: vec![label.clone()],
            label,
        }
    }

    /// An arm of several levels pooled under one label.
    pub fn pooled(label: impl Into<String>, levels: Vec<String>) -> Self {
        Self {
            label: label.into(),
            levels,
        }
    }
}

/// A comparison of two arms of one variable: target − reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Contrast {
    /// What it compares, for example `condition:Ubi4-Ctrl`; unique, and read back by every analysis.
    pub id: String,
    /// What the user calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The variable whose levels are compared.
    pub variable: String,
    /// What is subtracted.
    pub reference: Arm,
    /// What it is subtracted from.
    pub target: Arm,
    /// Variables that define blocks (pairs, plexes); empty for unblocked.
    pub blocking: Vec<String>,
    /// Variables to adjust for.
    pub covariates: Vec<String>,
    /// Whether the user asked for it (on the command line or in `dataset.yaml`) rather than Proteus proposing it.
    pub requested: bool,
}

/// The comparisons of a dataset and what can be said against them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Design {
    /// Comparisons asked for or declared.
    pub contrasts: Vec<Contrast>,
    /// Comparisons proposed from the variables, the most natural first.
    pub proposed: Vec<Contrast>,
    /// What was checked of each comparison and did not pass silently.
    pub checks: Vec<DesignCheck>,
}

impl Design {
    /// The comparisons asked for, or the proposed ones where none was.
    pub fn active(&self) -> &[Contrast] {
        if self.contrasts.is_empty() {
            &self.proposed
        } else {
            &self.contrasts
        }
    }

    /// The comparison with this id, asked for or proposed.
    pub fn find(&self, id: &str) -> Option<&Contrast> {
        self.contrasts
            .iter()
            .chain(&self.proposed)
            .find(|c| c.id == id || c.name.as_deref() == Some(id))
    }

    /// Whether a check forbids hypotheses on this comparison.
    pub fn fails(&self, contrast: &str) -> bool {
        self.checks.iter().any(|c| {
            c.severity == Severity::Fail && c.contrast.as_deref().is_none_or(|id| id == contrast)
        })
    }
}

/// What a design check looked at.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DesignRule {
    /// Samples per arm.
    Replicates,
    /// Whether a batch or plex separates the arms completely or largely.
    Confounding,
    /// Whether one subject is counted as several.
    PseudoReplication,
    /// Whether subjects span both arms.
    Pairing,
    /// Whether the comparison can be told apart from what it is adjusted for or blocked on.
    Rank,
    /// Whether one arm is much smaller than the other.
    Balance,
}

/// One observation about a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DesignCheck {
    /// What was looked at.
    pub rule: DesignRule,
    /// The comparison; none means all of them.
    pub contrast: Option<String>,
    /// How serious it is.
    pub severity: Severity,
    /// What was found, with numbers.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

/// Words that stand for all other levels in a contrast.
const POOLED: [&str; 4] = ["other", "others", "rest", "all"];

impl Contrast {
    /// A contrast of two arms, unblocked; its id is `variable:target-reference`.
    pub fn new(variable: impl Into<String>, target: Arm, reference: Arm) -> Self {
        let variable = variable.into();
        Self {
            id: format!("{variable}:{}-{}", target.label, reference.label),
            name: None,
            variable,
            reference,
            target,
            blocking: Vec::new(),
            covariates: Vec::new(),
            requested: false,
        }
    }

    /// Reads `variable:target-reference` against the samples. Labels may contain `-` and `:`; `variable` may be left
    /// out when only one variable has both labels; the reference may be `other` for all remaining levels. Labels are
    /// compared exactly first, then ignoring case.
    ///
    /// # Errors
    /// [`DatasetError::UnknownContrast`] with the nearest known labels when nothing or more than one thing matches.
    pub fn parse(spec: &str, samples: &SampleMetadata) -> Result<Self, DatasetError> {
        let spec = spec.trim();
        for exact in [true, false] {
            let mut found: Vec<Self> = Vec::new();
            for variable in samples.variables.values().filter(|v| v.is_categorical()) {
                for labels in label_parts(spec, variable, exact) {
                    for (target, reference) in splits(labels) {
                        let arms = arm(variable, target, exact).and_then(|target| {
                            reference_arm(variable, reference, &target, exact)
                                .map(|reference| (target, reference))
                        });
                        if let Some((target, reference)) = arms {
                            let contrast = Self::new(variable.name.clone(), target, reference);
                            if !found.contains(&contrast) {
                                found.push(contrast);
                            }
                        }
                    }
                }
            }
            if found.len() > 1 {
                return Err(DatasetError::UnknownContrast {
                    spec: spec.to_string(),
                    found: format!(
                        "it can be read as {}",
                        found
                            .iter()
                            .map(|c| format!("`{}`", c.id))
                            .collect::<Vec<_>>()
                            .join(" or ")
                    ),
                    hint: "name the variable in front, as in `variable:target-reference`"
                        .to_string(),
                });
            }
            if let Some(mut contrast) = found.pop() {
                contrast.requested = true;
                return Ok(contrast);
            }
        }
        Err(explain_unknown(spec, samples))
    }

    /// Reads `variable:target-reference` or `name=variable:target-reference`, as users write it.
    ///
    /// # Errors
    /// [`DatasetError::UnknownContrast`] as from [`Contrast::parse`].
    pub fn parse_named(spec: &str, samples: &SampleMetadata) -> Result<Self, DatasetError> {
        let plain = Self::parse(spec, samples);
        let named = spec
            .split_once('=')
            .map(|(name, rest)| (name.trim(), rest))
            .filter(|(name, _)| !name.is_empty() && !name.contains(':'));
        let (Err(_), Some((name, rest))) = (&plain, named) else {
            return plain;
        };
        let mut contrast = Self::parse(rest, samples)?;
        contrast.name = Some(name.to_string());
        Ok(contrast)
    }

    /// The id, after the name where it has one.
    pub fn title(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} ({})", self.id),
            None => self.id.clone(),
        }
    }

    /// Positions of the samples of each arm: (reference, target). Empty when the variable is not there.
    pub fn sample_indices(&self, samples: &SampleMetadata) -> (Vec<usize>, Vec<usize>) {
        let of = |arm: &Arm| {
            samples
                .variables
                .get(&self.variable)
                .map_or_else(Vec::new, |v| {
                    (0..v.len())
                        .filter(|&i| {
                            v.group_of(i)
                                .is_some_and(|g| arm.levels.iter().any(|l| l == g))
                        })
                        .collect()
                })
        };
        (of(&self.reference), of(&self.target))
    }
}

impl fmt::Display for Contrast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)
    }
}

/// The part of `spec` that holds the two labels, if it can be about this variable.
fn label_parts<'a>(spec: &'a str, variable: &Variable, exact: bool) -> Vec<&'a str> {
    let named = spec.get(..variable.name.len()).filter(|head| {
        if exact {
            *head == variable.name
        } else {
            head.eq_ignore_ascii_case(&variable.name)
        }
    });
    match named.and_then(|head| spec[head.len()..].strip_prefix(':')) {
        Some(rest) => vec![rest],
        None => vec![spec],
    }
}

/// Every way of cutting `labels` in two at `-`, `_vs_` or ` vs `.
fn splits(labels: &str) -> Vec<(&str, &str)> {
    let mut cuts = Vec::new();
    for separator in ["-", "_vs_", " vs "] {
        cuts.extend(
            labels
                .match_indices(separator)
                .map(|(at, s)| (labels[..at].trim(), labels[at + s.len()..].trim())),
        );
    }
    cuts.retain(|(a, b)| !a.is_empty() && !b.is_empty());
    cuts
}

fn arm(variable: &Variable, label: &str, exact: bool) -> Option<Arm> {
    let matches = |level: &&String| {
        if exact {
            level.as_str() == label
        } else {
            level.to_lowercase() == label.to_lowercase()
        }
    };
    variable
        .levels()
        .iter()
        .find(matches)
        .cloned()
        .map(Arm::one)
}

fn reference_arm(variable: &Variable, label: &str, target: &Arm, exact: bool) -> Option<Arm> {
    let one = arm(variable, label, exact).filter(|reference| reference.levels != target.levels);
    if one.is_some() || !POOLED.contains(&label.to_lowercase().as_str()) {
        return one;
    }
    let levels: Vec<String> = variable
        .levels()
        .iter()
        .filter(|l| !target.levels.contains(l))
        .cloned()
        .collect();
    (!levels.is_empty()).then(|| Arm::pooled("other", levels))
}

fn explain_unknown(spec: &str, samples: &SampleMetadata) -> DatasetError {
    let (head, labels) = spec.split_once(':').unwrap_or(("", spec));
    let named = samples
        .variables
        .values()
        .find(|v| v.name.eq_ignore_ascii_case(head));
    let comparable = |v: &&Variable| v.is_categorical() && (2..=24).contains(&v.levels().len());
    if let Some(variable) = named {
        let known: Vec<String> = variable
            .level_counts()
            .iter()
            .map(|(l, n)| format!("`{l}` ({n})"))
            .collect();
        let mut asked: Vec<&str> = splits(labels).iter().flat_map(|&(a, b)| [a, b]).collect();
        asked.retain(|label| arm(variable, label, false).is_none());
        let hint = asked
            .iter()
            .filter_map(|label| {
                nearest(label, variable.levels().iter().map(String::as_str)).map(|n| (label, n))
            })
            .map(|(label, n)| format!("did you mean `{n}` for `{label}`? "))
            .next()
            .unwrap_or_default();
        return DatasetError::UnknownContrast {
            spec: spec.to_string(),
            found: format!("`{}` has the levels {}", variable.name, known.join(", ")),
            hint: format!(
                "{hint}write `{}:target-reference` with two of them",
                variable.name
            ),
        };
    }
    let names: Vec<&str> = samples
        .variables
        .values()
        .filter(comparable)
        .map(|v| v.name.as_str())
        .collect();
    let hint = nearest(head, names.iter().copied())
        .map(|n| format!("did you mean the variable `{n}`? "))
        .unwrap_or_default();
    let shown: Vec<String> = names.iter().take(12).map(|n| format!("`{n}`")).collect();
    DatasetError::UnknownContrast {
        spec: spec.to_string(),
        found: if shown.is_empty() {
            "no variable of these samples has groups to compare".to_string()
        } else {
            format!("the variables with groups are {}", shown.join(", "))
        },
        hint: format!("{hint}write `variable:target-reference`"),
    }
}

/// The candidate most like `wanted`, if any is alike enough to suggest.
pub(crate) fn nearest<'a>(
    wanted: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = wanted.to_lowercase();
    candidates
        .map(|c| (strsim::jaro_winkler(&wanted, &c.to_lowercase()), c))
        .filter(|(likeness, _)| *likeness >= 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, c)| c)
}
