//! What is known of the samples: one [`Variable`] per column of the sample sheet, with the role it plays.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The samples of a dataset and everything known about them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SampleMetadata {
    /// Sample ids, unique; the column order of every assay.
    pub ids: Vec<String>,
    /// Variables by name, in the order of the sheets.
    pub variables: IndexMap<String, Variable>,
    /// Samples that were in the input and are not in `ids`, with the reason.
    pub excluded: Vec<ExcludedSample>,
}

/// A sample that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExcludedSample {
    /// Sample id, or column header where no id was known.
    pub id: String,
    /// Why it was left out.
    pub reason: String,
}

impl SampleMetadata {
    /// Samples of which nothing but the id is known.
    pub fn new(ids: Vec<String>) -> Self {
        Self {
            ids,
            ..Self::default()
        }
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Adds a variable, or replaces the one of the same name.
    pub fn insert(&mut self, variable: Variable) {
        self.variables.insert(variable.name.clone(), variable);
    }

    /// Variables with this role, in order.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &Variable> {
        self.variables.values().filter(move |v| v.role == role)
    }

    /// Only the given samples, in the given order; levels that no sample has any more are dropped.
    pub fn subset(&self, keep: &[usize]) -> Self {
        Self {
            ids: keep.iter().map(|&i| self.ids[i].clone()).collect(),
            variables: self
                .variables
                .iter()
                .map(|(name, v)| (name.clone(), v.subset(keep)))
                .collect(),
            excluded: self.excluded.clone(),
        }
    }
}

/// One column of a sample sheet (or one part of the sample names).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variable {
    /// Name, as in the sheet's header.
    pub name: String,
    /// One value per sample.
    pub values: VariableValues,
    /// What it is used for.
    pub role: Role,
    /// Why it has this role.
    pub reason: String,
    /// The assay it was computed from, if any: testing it against that assay would be circular.
    pub derived_from: Option<String>,
    /// The file it came from; none when it was inferred from sample names.
    pub file: Option<String>,
    /// The level contrasts are measured against, declared or recognised by name.
    pub reference_level: Option<String>,
}

/// The values of a variable, one per sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum VariableValues {
    /// Labels.
    Categorical {
        /// Distinct labels, in order of first appearance, or in their own order if `ordered`.
        levels: Vec<String>,
        /// Index into `levels` per sample; none where missing.
        codes: Vec<Option<usize>>,
        /// Whether the order of the levels means something (doses, stages).
        ordered: bool,
    },
    /// Numbers.
    Continuous {
        /// One number per sample; none where missing.
        values: Vec<Option<f64>>,
    },
}

/// What a variable is used for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// What the experimenter varied: its levels are compared.
    Condition,
    /// A property of the patient or specimen worth asking about.
    Clinical,
    /// A property to adjust for (age, sex, purity).
    Covariate,
    /// Processing batch, day, site.
    Batch,
    /// Isobaric multiplex the sample was measured in.
    Plex,
    /// Order or time of acquisition.
    RunOrder,
    /// The person, animal or culture a sample comes from.
    Subject,
    /// Number of the replicate within its group.
    Replicate,
    /// Number of the measurement of one and the same sample.
    TechnicalReplicate,
    /// Time until an event or the end of observation.
    Time,
    /// Whether the event was seen at the end of that time.
    Event,
    /// Names a sample, aliquot or file.
    Identifier,
    /// Computed from an assay of the same samples.
    Derived,
    /// Not used.
    Ignored,
}

impl Role {
    /// All roles with their names.
    const NAMED: [(&str, Self); 14] = [
        ("condition", Self::Condition),
        ("clinical", Self::Clinical),
        ("covariate", Self::Covariate),
        ("batch", Self::Batch),
        ("plex", Self::Plex),
        ("run_order", Self::RunOrder),
        ("subject", Self::Subject),
        ("replicate", Self::Replicate),
        ("technical_replicate", Self::TechnicalReplicate),
        ("time", Self::Time),
        ("event", Self::Event),
        ("identifier", Self::Identifier),
        ("derived", Self::Derived),
        ("ignored", Self::Ignored),
    ];

    /// Its name, as it is written in a configuration.
    pub fn name(self) -> &'static str {
        let named = Self::NAMED.iter().find(|(_, role)| *role == self);
        named.map_or("ignored", |(name, _)| name)
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = text.trim().to_lowercase().replace(['-', ' '], "_");
        let named = Self::NAMED.iter().find(|(name, _)| *name == wanted);
        named.map(|(_, role)| *role).ok_or_else(|| {
            let names: Vec<&str> = Self::NAMED.iter().map(|(name, _)| *name).collect();
            format!("no role `{text}`; the roles are {}", names.join(", "))
        })
    }
}

impl Variable {
    /// A categorical variable from one label per sample, levels in order of first appearance.
    pub fn categorical(name: impl Into<String>, labels: &[Option<String>], role: Role) -> Self {
        let mut levels: Vec<String> = Vec::new();
        let codes = labels
            .iter()
            .map(|label| {
                label.as_ref().map(|label| {
                    levels.iter().position(|l| l == label).unwrap_or_else(|| {
                        levels.push(label.clone());
                        levels.len() - 1
                    })
                })
            })
            .collect();
        Self::new(
            name,
            VariableValues::Categorical {
                levels,
                codes,
                ordered: false,
            },
            role,
        )
    }

    /// A continuous variable from one number per sample.
    pub fn continuous(name: impl Into<String>, values: Vec<Option<f64>>, role: Role) -> Self {
        Self::new(name, VariableValues::Continuous { values }, role)
    }

    fn new(name: impl Into<String>, values: VariableValues, role: Role) -> Self {
        Self {
            name: name.into(),
            values,
            role,
            reason: String::new(),
            derived_from: None,
            file: None,
            reference_level: None,
        }
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        match &self.values {
            VariableValues::Categorical { codes, .. } => codes.len(),
            VariableValues::Continuous { values } => values.len(),
        }
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the values are labels.
    pub fn is_categorical(&self) -> bool {
        matches!(self.values, VariableValues::Categorical { .. })
    }

    /// Number of samples with a value.
    pub fn observed(&self) -> usize {
        match &self.values {
            VariableValues::Categorical { codes, .. } => codes.iter().flatten().count(),
            VariableValues::Continuous { values } => values.iter().flatten().count(),
        }
    }

    /// Labels of a categorical variable; empty for a continuous one.
    pub fn levels(&self) -> &[String] {
        match &self.values {
            VariableValues::Categorical { levels, .. } => levels,
            VariableValues::Continuous { .. } => &[],
        }
    }

    /// Index into [`Variable::levels`] per sample; none for a continuous variable.
    pub fn codes(&self) -> Option<&[Option<usize>]> {
        match &self.values {
            VariableValues::Categorical { codes, .. } => Some(codes),
            VariableValues::Continuous { .. } => None,
        }
    }

    /// One number per sample; none for a categorical variable.
    pub fn numbers(&self) -> Option<&[Option<f64>]> {
        match &self.values {
            VariableValues::Categorical { .. } => None,
            VariableValues::Continuous { values } => Some(values),
        }
    }

    /// The label of a sample; none where missing or for a continuous variable.
    pub fn group_of(&self, sample: usize) -> Option<&str> {
        let code = self.codes()?.get(sample).copied().flatten()?;
        self.levels().get(code).map(String::as_str)
    }

    /// Number of samples per level, in the order of the levels; empty for a continuous variable.
    pub fn level_counts(&self) -> Vec<(String, usize)> {
        let codes = self.codes().unwrap_or_default();
        self.levels()
            .iter()
            .enumerate()
            .map(|(k, level)| {
                (
                    level.clone(),
                    codes.iter().filter(|c| **c == Some(k)).count(),
                )
            })
            .collect()
    }

    /// Samples with this label, in order.
    pub fn samples_of(&self, level: &str) -> Vec<usize> {
        (0..self.len())
            .filter(|&i| self.group_of(i) == Some(level))
            .collect()
    }

    /// Only the given samples, in the given order; levels that no sample has any more are dropped.
    pub fn subset(&self, keep: &[usize]) -> Self {
        let values = match &self.values {
            VariableValues::Continuous { values } => VariableValues::Continuous {
                values: keep.iter().map(|&i| values[i]).collect(),
            },
            VariableValues::Categorical {
                levels,
                codes,
                ordered,
            } => {
                let used: Vec<usize> = (0..levels.len())
                    .filter(|&k| keep.iter().any(|&i| codes[i] == Some(k)))
                    .collect();
                VariableValues::Categorical {
                    levels: used.iter().map(|&k| levels[k].clone()).collect(),
                    codes: keep
                        .iter()
                        .map(|&i| codes[i].and_then(|k| used.iter().position(|&u| u == k)))
                        .collect(),
                    ordered: *ordered,
                }
            }
        };
        Self {
            values,
            ..self.clone()
        }
    }
}
