//! What fills the placeholders of a template: the objective's own variables.

use serde_json::{Map, Value};

use super::Source;
use crate::dataset::{Contrast, SampleMetadata};
use crate::discovery::{Objective, Target};

/// Values of the placeholders. An absent one drops the parameter that holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bindings {
    /// `$contrast`: `variable:target-reference`.
    pub contrast: Option<String>,
    /// `$variable`: the tested variable, for levels and slopes.
    pub variable: Option<String>,
    /// `$levels`: the tested variable, where all its levels are compared at once.
    pub levels: Option<String>,
    /// `$series`: the tested variable, where its values are times or doses.
    pub series: Option<String>,
    /// `$footprints`: the pack of footprints, where activities are asked about.
    pub footprints: Option<String>,
    /// `$covariates`: variables to adjust for.
    pub covariates: Vec<String>,
    /// `$blocking`: the variable that names blocks.
    pub blocking: Option<String>,
    /// `$within`: conditions `variable=level` that every sample fulfils.
    pub within: Vec<String>,
    /// `$smallest_group`: samples of the smallest group compared.
    pub smallest_group: Option<usize>,
    /// The assay that `dataset` stands for; the main one where absent.
    pub assay: Option<String>,
    /// The assay that `dataset.$other` stands for: what is taken off, or the partner.
    pub other: Option<String>,
    /// The assay that `dataset.$beside` stands for: genotypes of another kind than the partner's.
    pub beside: Option<String>,
}

/// The placeholders of a second and a third assay, as in `dataset.$other`.
const OTHER: &str = "$other";
const BESIDE: &str = "$beside";

/// A parameter that is a placeholder.
pub(super) enum Filled {
    Value(Value),
    Absent,
    Unknown,
}

impl Bindings {
    /// The names of all placeholders; `$model_variables` are the covariates and the block together.
    pub const NAMES: [&'static str; 10] = [
        "$contrast",
        "$variable",
        "$levels",
        "$series",
        "$footprints",
        "$covariates",
        "$blocking",
        "$within",
        "$smallest_group",
        "$model_variables",
    ];

    /// The bindings of an objective over these samples: those measured in its assay. Groups are counted among the samples that fulfil the
    /// objective's conditions.
    pub fn of(objective: &Objective, samples: &SampleMetadata) -> Self {
        let mut bindings = Self {
            covariates: objective.covariates.clone(),
            blocking: objective.blocking.clone(),
            within: objective.within.clone(),
            assay: objective.assay.clone(),
            other: objective.beyond.clone(),
            beside: objective.beside.clone(),
            footprints: objective.footprints.clone(),
            ..Self::default()
        };
        let inside = |i: usize| objective.within.iter().all(|c| fulfils(samples, c, i));
        match &objective.target {
            Target::Contrast { contrast } => {
                bindings.contrast = Some(contrast.clone());
                bindings.smallest_group = Contrast::parse(contrast, samples).ok().map(|c| {
                    let (reference, target) = c.sample_indices(samples);
                    let count = |arm: Vec<usize>| arm.into_iter().filter(|&i| inside(i)).count();
                    count(reference).min(count(target))
                });
            }
            Target::Levels { variable } => {
                bindings.variable = Some(variable.clone());
                bindings.levels = Some(variable.clone());
                bindings.smallest_group = samples.variables.get(variable).and_then(|v| {
                    let sizes = v.levels().iter().map(|level| {
                        v.samples_of(level)
                            .into_iter()
                            .filter(|&i| inside(i))
                            .count()
                    });
                    sizes.filter(|&n| n > 0).min()
                });
            }
            Target::Course { variable } | Target::Trend { variable } => {
                bindings.variable = Some(variable.clone());
                bindings.series = Some(variable.clone());
                bindings.smallest_group = samples.variables.get(variable).and_then(|v| {
                    let sizes = v.level_counts().into_iter().map(|(_, n)| n);
                    sizes.filter(|&n| n > 0).min()
                });
            }
            Target::Continuous { variable } => bindings.variable = Some(variable.clone()),
            Target::Partner { assay } => bindings.other = Some(assay.clone()),
            Target::Structure => {}
        }
        bindings
    }

    /// The parameters that say what is compared and in which samples, with the placeholder that stands for each.
    pub const PARAMETERS: [(&'static str, &'static str); 9] = [
        ("contrast", "$contrast"),
        ("variable", "$variable"),
        ("levels", "$levels"),
        ("series", "$series"),
        ("covariates", "$covariates"),
        ("blocking", "$blocking"),
        ("within", "$within"),
        ("require", "$model_variables"),
        ("smallest_group", "$smallest_group"),
    ];

    /// What a parameter of this name is where it follows the objective: its placeholder, and the value, `null` where the
    /// objective has none. None for parameters that do not follow it.
    pub fn of_parameter(&self, param: &str) -> Option<(&'static str, Value)> {
        let (_, placeholder) = Self::PARAMETERS.iter().find(|(name, _)| *name == param)?;
        Some(match self.fill(placeholder) {
            Filled::Value(value) => (placeholder, value),
            Filled::Absent | Filled::Unknown => (placeholder, Value::Null),
        })
    }

    /// What `dataset` stands for.
    pub(super) fn dataset(&self) -> Source {
        Source::Dataset {
            assay: self.assay.clone(),
        }
    }

    /// The source with `dataset` read as the assay the objective is asked of; none where it names an assay that the objective
    /// has none for.
    pub(super) fn source(&self, source: &Source) -> Option<Source> {
        let named = |assay: &Option<String>| {
            let assay = assay.clone()?;
            Some(Source::Dataset { assay: Some(assay) })
        };
        match source {
            Source::Dataset { assay: None } => Some(self.dataset()),
            Source::Dataset { assay: Some(name) } if name == OTHER => named(&self.other),
            Source::Dataset { assay: Some(name) } if name == BESIDE => named(&self.beside),
            other => Some(other.clone()),
        }
    }

    /// The value of a placeholder, `$` included.
    pub(super) fn fill(&self, placeholder: &str) -> Filled {
        let list = |names: Vec<String>| (!names.is_empty()).then(|| Value::from(names));
        let value = match placeholder {
            "$contrast" => self.contrast.clone().map(Value::from),
            "$variable" => self.variable.clone().map(Value::from),
            "$footprints" => self.footprints.clone().map(Value::from),
            "$series" => self.series.clone().map(Value::from),
            "$levels" => self.levels.clone().map(Value::from),
            "$covariates" => list(self.covariates.clone()),
            "$blocking" => self.blocking.clone().map(Value::from),
            "$within" => list(self.within.clone()),
            "$smallest_group" => self.smallest_group.map(Value::from),
            "$model_variables" => list(
                self.covariates
                    .iter()
                    .chain(&self.blocking)
                    .cloned()
                    .collect(),
            ),
            _ => return Filled::Unknown,
        };
        value.map_or(Filled::Absent, Filled::Value)
    }

    /// The parameters with every placeholder filled; keys and list items whose placeholder is absent are dropped, and
    /// unknown placeholders stay for the check to report.
    pub fn apply(&self, params: &Map<String, Value>) -> Map<String, Value> {
        params
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), self.substitute(value)?)))
            .collect()
    }

    fn substitute(&self, value: &Value) -> Option<Value> {
        match value {
            Value::String(text) if is_placeholder(text) => match self.fill(text) {
                Filled::Value(value) => Some(value),
                Filled::Absent => None,
                Filled::Unknown => Some(value.clone()),
            },
            Value::Array(items) => Some(Value::Array(
                items.iter().filter_map(|v| self.substitute(v)).collect(),
            )),
            Value::Object(map) => Some(Value::Object(self.apply(map))),
            other => Some(other.clone()),
        }
    }
}

/// `$` and a lower-case name; a level or variable may well begin with `$` and go on differently.
pub(super) fn is_placeholder(text: &str) -> bool {
    text.strip_prefix('$').is_some_and(|name| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    })
}

fn fulfils(samples: &SampleMetadata, condition: &str, sample: usize) -> bool {
    condition.match_indices('=').any(|(at, _)| {
        let levels = condition[at + 1..].trim();
        samples
            .variables
            .get(condition[..at].trim())
            .and_then(|v| v.group_of(sample))
            .is_some_and(|group| {
                group == levels || levels.split('|').any(|level| level.trim() == group)
            })
    })
}
