//! What models added to the results of a run, kept apart from them: no grade, q-value, effect or count is theirs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ModelForecast, ObjectiveId};

/// Everything models added to a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Readings {
    /// What was expected of objectives, before any result.
    #[serde(default)]
    pub expectations: Vec<Expectation>,
    /// Findings of an objective in a model's words, by objective.
    #[serde(default)]
    pub objectives: BTreeMap<ObjectiveId, Wording>,
    /// What was added to each hypothesis, by its id.
    #[serde(default)]
    pub hypotheses: BTreeMap<String, HypothesisReading>,
    /// How far each judge can be trusted.
    #[serde(default)]
    pub judges: Vec<JudgeRecord>,
    /// Every decision that was put to a model, in order.
    #[serde(default)]
    pub decisions: Vec<ModelDecision>,
    /// What it cost in all.
    #[serde(default)]
    pub cost: ModelCost,
    /// What it was expected to cost, told before anything was asked; absent in runs of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<ModelForecast>,
    /// What could be told to models: the privacy mode of the run; empty in runs of earlier versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub privacy: String,
    /// Why reading stopped before its end; none where it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}

/// What a model expected of an objective before any result was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Expectation {
    /// The objective.
    pub objective: ObjectiveId,
    /// Probability, by the model, that anything is found, in [0, 1].
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: f64,
    /// The same by the rules.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub rules: f64,
    /// The model.
    pub model: String,
}

/// A sentence written by a model whose every name, number and direction was found in the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Wording {
    /// The sentence; none where no draft passed the check, so that the rules' sentence stands alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The model.
    pub model: String,
    /// Why drafts were sent back, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<String>,
    /// The reward model that preferred this draft to others that passed; none where there was nothing to choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred: Option<Preferred>,
}

/// A draft taken among several, by a reward model that passed its test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Preferred {
    /// The reward model.
    pub model: String,
    /// Drafts that had passed the check, this one included.
    pub among: usize,
}

/// What a model makes of a hypothesis beyond the evidence; checked for invented numbers only, and marked as speculation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Speculation {
    /// Another explanation of the same evidence.
    pub alternative: String,
    /// How to tell the two apart.
    pub test: String,
    /// The model.
    pub model: String,
}

/// Scores of one judge on one axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Judged {
    /// Mean of its samples, 1 (worst) to 5 (best).
    #[schemars(range(min = 1.0, max = 5.0))]
    pub mean: f64,
    /// Standard deviation of its samples; 0 where there is one.
    pub standard_deviation: f64,
    /// Samples.
    pub n: usize,
}

/// What one judge says of a hypothesis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Judgement {
    /// The backend.
    pub judge: String,
    /// The model.
    pub model: String,
    /// Whether the argument hangs together.
    pub coherence: Judged,
    /// Whether the proposed experiment would decide it.
    pub evaluability: Judged,
}

/// What a reward model makes of a hypothesis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rewarded {
    /// The backend.
    pub judge: String,
    /// The model.
    pub model: String,
    /// Its score; higher is better, no unit.
    pub reward: f64,
    /// Place by it among the hypotheses that it scored, 1 for the highest.
    pub place: usize,
    /// How many it scored.
    pub of: usize,
}

/// What was added to one hypothesis.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct HypothesisReading {
    /// Its sentence in a model's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wording: Option<Wording>,
    /// A rival explanation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speculation: Option<Speculation>,
    /// Scores of judges that passed their test, judged part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub judgements: Vec<Judgement>,
    /// Scores of reward models that passed their test.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rewards: Vec<Rewarded>,
}

/// How a hypothesis was corrupted to test a judge.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Corruption {
    /// The direction was turned round.
    SignFlipped,
    /// A protein was exchanged for another.
    NameSwapped,
    /// An association was called a cause.
    Overclaimed,
    /// The refuting outcome was made one that nothing can show.
    Untestable,
    /// The number of samples was changed.
    WrongCount,
}

impl Corruption {
    /// Every corruption.
    pub const ALL: [Self; 5] = [
        Self::SignFlipped,
        Self::NameSwapped,
        Self::Overclaimed,
        Self::Untestable,
        Self::WrongCount,
    ];

    /// What was done, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::SignFlipped => "direction turned round",
            Self::NameSwapped => "name exchanged",
            Self::Overclaimed => "association called a cause",
            Self::Untestable => "refuting outcome made untestable",
            Self::WrongCount => "number of samples changed",
        }
    }
}

/// Pairs of a hypothesis and its corrupted twin that a judge told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct TwinCount {
    /// Pairs in which it preferred the sound one: in both orders where it is shown two, by a higher score where it scores one.
    pub preferred: usize,
    /// Pairs shown.
    pub shown: usize,
}

/// How a judge judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JudgeKind {
    /// It writes which of two is better; a guess is right in both orders in a quarter of the pairs.
    #[default]
    Writes,
    /// It scores one at a time, a reward model; a guess is right in half of the pairs.
    Scores,
}

/// How well a judge tells hypotheses from their corrupted twins; scores of one that does not are not shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JudgeRecord {
    /// The backend.
    pub judge: String,
    /// The model.
    pub model: String,
    /// How it judges.
    #[serde(default)]
    pub kind: JudgeKind,
    /// By corruption.
    pub by_corruption: BTreeMap<Corruption, TwinCount>,
    /// Whether its scores are shown.
    pub trusted: bool,
}

impl JudgeRecord {
    /// Over all corruptions.
    pub fn total(&self) -> TwinCount {
        let mut sum = TwinCount::default();
        for count in self.by_corruption.values() {
            sum.preferred += count.preferred;
            sum.shown += count.shown;
        }
        sum
    }
}

/// One decision that was put to a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelDecision {
    /// The role that was asked.
    pub role: String,
    /// What for.
    pub purpose: String,
    /// The backend that answered; `rules` where none did.
    pub answered_by: String,
    /// The model that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How sure: the weight of the choice less that of the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// Why it was handed on to the next backend; empty where it was not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handed_on: Vec<String>,
    /// What was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<String>,
    /// What the rules would have decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    /// Key of the exchange, a file under `llm/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<String>,
    /// Whether it was asked with values of single samples.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sample_values: bool,
}

/// What models cost.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ModelCost {
    /// Questions.
    pub calls: usize,
    /// Tokens of questions.
    pub prompt_tokens: usize,
    /// Of these, tokens whose work was reused.
    pub reused_tokens: usize,
    /// Tokens of answers.
    pub reply_tokens: usize,
    /// Money, in the currency of the configured prices.
    pub money: f64,
}
