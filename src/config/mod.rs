//! Settings: what the user wrote ([`ConfigFile`], every key optional) and what a run uses ([`Config`], every value
//! resolved, stored with the run).

mod literature;

use std::path::Path;

use proteus_llm::{Models, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use literature::{Literature, MOST_PAPERS};

/// How many decoys are drawn per stratum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecoyBudget {
    /// Twenty, then as many as a stratum's own list needs to resolve q = 0.05 (at most 20 × strata), unless futile.
    Adaptive,
    /// Twenty, then 20 × strata, unless futile.
    Full,
    /// Exactly this many for every stratum.
    #[serde(untagged)]
    Exactly(usize),
}

/// From this likeness on a key is suggested for another.
const NEAR: f64 = 0.7;

/// The keys of a configuration file, as [`ConfigFile`] has them.
pub const KEYS: [&str; 12] = [
    "seed",
    "contrasts",
    "max_objectives",
    "spawned_objectives",
    "decoys",
    "max_hypotheses",
    "max_revisions",
    "question",
    "blind",
    "packs",
    "models",
    "literature",
];

/// The configuration file as written: every key optional.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    /// Seed of everything random (default 1).
    pub seed: Option<u64>,
    /// Comparisons to ask about, `variable:target-reference`; none = let Proteus propose.
    pub contrasts: Option<Vec<String>>,
    /// Objectives pursued at most (default 12); comparisons of genotypes that only serve chains come on top.
    pub max_objectives: Option<usize>,
    /// Objectives spawned at most after a look at the first results (default 2; 0 = none), on top of `max_objectives`, from a list
    /// fixed before; none in a run with a question or one that a person steers.
    pub spawned_objectives: Option<usize>,
    /// Decoys per stratum: `adaptive` (default), `full`, or a number.
    pub decoys: Option<DecoyBudget>,
    /// Hypotheses printed at most (default 40).
    pub max_hypotheses: Option<usize>,
    /// Revisions of one objective's workflow at most (default 4).
    pub max_revisions: Option<usize>,
    /// A question in words: only what it names is asked (default: everything the dataset allows).
    pub question: Option<String>,
    /// Whether proteins, genes and sets go by codes in everything the run writes (default false).
    pub blind: Option<bool>,
    /// Whether knowledge packs are read (default true).
    pub packs: Option<bool>,
    /// Language models and what they are asked (default: none, rules decide everything).
    pub models: Option<Models>,
    /// Papers looked up for what is found (default: none).
    pub literature: Option<Literature>,
}

/// Every setting of a run, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Config {
    /// Seed of everything random.
    pub seed: u64,
    /// Comparisons asked for.
    pub contrasts: Vec<String>,
    /// Objectives pursued at most.
    pub max_objectives: usize,
    /// Objectives spawned at most after a look at the first results.
    #[serde(default)]
    pub spawned_objectives: usize,
    /// Decoys per stratum.
    pub decoys: DecoyBudget,
    /// Hypotheses printed at most.
    pub max_hypotheses: usize,
    /// Revisions of one objective's workflow at most.
    pub max_revisions: usize,
    /// A question in words, which narrows what is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Whether proteins, genes and sets go by codes.
    #[serde(default, skip_serializing_if = "is_false")]
    pub blind: bool,
    /// Whether knowledge packs are read.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub packs: bool,
    /// Language models and what they are asked; none where rules decide everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<Models>,
    /// Papers looked up for what is found; none where nobody is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub literature: Option<Literature>,
}

fn yes() -> bool {
    true
}

// Settings at their default are not written, so that runs of earlier versions keep their names and resume.
fn is_true(value: &bool) -> bool {
    *value
}

fn is_false(value: &bool) -> bool {
    !*value
}

impl Default for Config {
    fn default() -> Self {
        Self::resolve(ConfigFile::default())
    }
}

/// A configuration file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not readable.
    #[error("cannot read configuration `{path}`: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// Not valid YAML, or a key that does not exist.
    #[error("configuration `{path}` is not valid: {reason}")]
    Invalid {
        /// The file.
        path: String,
        /// What is wrong, with the place.
        reason: String,
    },
}

impl Config {
    /// Fills in every default.
    pub fn resolve(file: ConfigFile) -> Self {
        Self {
            seed: file.seed.unwrap_or(1),
            contrasts: file.contrasts.unwrap_or_default(),
            max_objectives: file.max_objectives.unwrap_or(12),
            spawned_objectives: file.spawned_objectives.unwrap_or(2),
            decoys: file.decoys.unwrap_or(DecoyBudget::Adaptive),
            max_hypotheses: file.max_hypotheses.unwrap_or(40),
            max_revisions: file.max_revisions.unwrap_or(4),
            question: file.question,
            blind: file.blind.unwrap_or(false),
            packs: file.packs.unwrap_or(true),
            models: file.models,
            literature: file.literature,
        }
    }
}

impl Config {
    /// Whether a model chooses among objectives.
    pub fn has_proposer(&self) -> bool {
        self.models
            .as_ref()
            .is_some_and(|models| models.answers(Role::Proposer))
    }
}

impl ConfigFile {
    /// Reads a YAML file; an unknown key is refused with its nearest match.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
            path: shown.clone(),
            reason: error.to_string(),
        })?;
        serde_yaml::from_str(&text).map_err(|error| ConfigError::Invalid {
            path: shown,
            reason: with_nearest_key(&error.to_string()),
        })
    }
}

/// Adds "did you mean" to serde's message about an unknown field.
fn with_nearest_key(message: &str) -> String {
    let unknown = message
        .split("unknown field `")
        .nth(1)
        .and_then(|rest| rest.split('`').next());
    match unknown {
        Some(key) => {
            // A key of a section below is near to none of these.
            let near = KEYS
                .iter()
                .filter(|known| strsim::jaro_winkler(key, known) >= NEAR);
            let nearest = near.max_by(|a, b| {
                strsim::jaro_winkler(key, a).total_cmp(&strsim::jaro_winkler(key, b))
            });
            match nearest {
                Some(nearest) => format!("{message}; did you mean `{nearest}`?"),
                None => message.to_owned(),
            }
        }
        None => message.to_owned(),
    }
}
