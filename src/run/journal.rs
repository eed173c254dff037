//! The journal: every transition of the loop in order, the first thing written and the last word on a run's state.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::discovery::{
    Archetype, Asked, ForecastMinutes, ModelForecast, Objective, ObjectiveId, ObjectiveStatus,
    Verdict,
};

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// Place in the journal, from 0 without gaps.
    pub seq: u64,
    /// Wall time (UTC); for people, read by nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<jiff::Timestamp>,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// A stratum of the menu as frozen, before any label-dependent result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrozenStratum {
    /// The objective.
    pub objective: ObjectiveId,
    /// The archetype.
    pub archetype: Archetype,
    /// The step whose table holds the tests.
    pub step: String,
    /// Members after label-blind filters.
    pub members: usize,
}

/// An objective that may be asked after the first results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListedObjective {
    /// The objective.
    pub objective: Box<Objective>,
    /// What its strata have together of the strata charged.
    pub share: f64,
}

/// A transition of the loop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The run was made.
    RunStarted {
        /// Name of the dataset.
        dataset: String,
        /// BLAKE3 over its input.
        content_hash: String,
        /// BLAKE3 of the resolved configuration.
        config_hash: String,
        /// Seed of everything random.
        seed: u64,
    },
    /// A process took the run up again.
    RunResumed {
        /// Entries there were.
        entries: u64,
    },
    /// A stage of the loop began.
    StageEntered {
        /// Its name.
        stage: String,
    },
    /// A stage of the loop ended.
    StageFinished {
        /// Its name.
        stage: String,
        /// What it gave, in one sentence.
        summary: String,
    },
    /// A question in words was understood, before anything was computed.
    QuestionUnderstood {
        /// The question and what it was taken for.
        question: Box<Asked>,
    },
    /// What models are expected to be asked, told before anything is.
    ModelsExpected {
        /// Questions, tokens and money.
        forecast: Box<ModelForecast>,
        /// Minutes, where the pace of a model was measured.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        minutes: Option<ForecastMinutes>,
    },
    /// The data were checked.
    AuditFinished {
        /// Worst verdict on the dataset as a whole.
        verdict: Verdict,
    },
    /// An objective was proposed.
    ObjectiveProposed {
        /// The objective.
        objective: Box<Objective>,
    },
    /// Plans were given by a person in place of the rules' own, before anything label-dependent was computed.
    PlansGiven {
        /// The copy of the file in the run folder.
        file: String,
        /// BLAKE3 of the file.
        hash: String,
        /// What was changed of what the rules proposed, in words.
        changes: Vec<String>,
    },
    /// A person approved a planned objective or left it out, before anything label-dependent was computed.
    ObjectiveDecided {
        /// The objective.
        objective: ObjectiveId,
        /// Whether it is pursued.
        approved: bool,
        /// Where the answer came from: `terminal`, `file`, `record`.
        by: String,
    },
    /// An objective was answered or retired.
    ObjectiveClosed {
        /// The objective.
        objective: ObjectiveId,
        /// What became of it.
        status: ObjectiveStatus,
    },
    /// A plan passed its check and may not change any more.
    PlanFrozen {
        /// The objective.
        objective: ObjectiveId,
        /// The file under `plans/`, without ending.
        scope: String,
        /// Number of steps.
        steps: usize,
        /// BLAKE3 of the plan.
        hash: String,
    },
    /// A workflow was changed after its results were seen.
    WorkflowRevised {
        /// The objective.
        objective: ObjectiveId,
        /// Number of the revision, from 1.
        revision: usize,
        /// What was changed and why.
        because: String,
    },
    /// A step began to compute.
    StepStarted {
        /// The step.
        step: String,
        /// Its tool.
        tool: String,
    },
    /// A step gave its outputs.
    StepFinished {
        /// The step.
        step: String,
        /// Cache key.
        key: String,
    },
    /// The outputs of a step were taken from the cache.
    StepCached {
        /// The step.
        step: String,
        /// Cache key.
        key: String,
    },
    /// A step gave nothing.
    StepFailed {
        /// The step.
        step: String,
        /// The tool's complaint.
        error: String,
    },
    /// The parameters of a step were changed after its tool's complaint.
    StepRepaired {
        /// The step.
        step: String,
        /// Number of the repair, from 1.
        attempt: usize,
        /// The new parameters.
        params: Value,
        /// Why.
        because: String,
    },
    /// What will be tested was fixed, before any label-dependent result was seen.
    MenuFrozen {
        /// The strata.
        strata: Vec<FrozenStratum>,
        /// Strata charged, those reserved for spawned objectives included.
        charged: usize,
    },
    /// What may be asked after the first results was listed, before there were any.
    LaterObjectivesListed {
        /// The objectives, each with what its strata have together of the strata charged.
        objectives: Vec<ListedObjective>,
    },
    /// The strata of a spawned objective were fixed, before any label-dependent result of it was seen.
    MenuExtended {
        /// The objective.
        objective: ObjectiveId,
        /// What its strata have together of the strata charged.
        share: f64,
        /// The strata.
        strata: Vec<FrozenStratum>,
    },
    /// A batch of decoys was made and scored.
    DecoyBatchDone {
        /// What was replayed: an objective, or `audit`.
        scope: String,
        /// Number of the first decoy of the batch, from 0.
        first: usize,
        /// Decoys in the batch.
        count: usize,
        /// The file with its scores, relative to the run folder.
        file: String,
    },
    /// The findings were written.
    FindingsWritten {
        /// How many.
        count: usize,
        /// BLAKE3 of the file.
        hash: String,
    },
    /// The hypotheses were written.
    HypothesesWritten {
        /// How many.
        count: usize,
        /// BLAKE3 of the file.
        hash: String,
    },
    /// The result of a replication was written.
    ReplicationWritten {
        /// Hypotheses that could be tested.
        tested: usize,
        /// Hypotheses that were replicated.
        replicated: usize,
        /// BLAKE3 of the file.
        hash: String,
    },
    /// A report was rendered.
    ReportWritten {
        /// The file, relative to the run folder.
        file: String,
    },
    /// The run ended early, with what it has kept.
    RunStopped {
        /// Why.
        reason: String,
    },
    /// The run is whole.
    RunFinished {
        /// Hypotheses in it.
        hypotheses: usize,
    },
}
