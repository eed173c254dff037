//! The vocabulary of results: entities, the relations between them, findings, objectives and hypotheses.
//!
//! Plain serialisable types with their invariants, and the evidence graph over them. Nothing here computes a statistic,
//! reads a file or knows which tool produced a number.

pub mod asked;
pub mod attack;
pub mod audit;
pub mod calibration;
pub mod claim;
pub mod entity;
pub mod estimate;
pub mod evidence_graph;
pub mod finding;
pub mod forecast;
pub mod frozen;
pub mod hypothesis;
pub mod objective;
pub mod papers;
pub mod reading;
pub mod replication;
pub mod score;

pub use asked::{Asked, LeftOut, Meaning, Understood};
pub use attack::{Attack, AttackKind};
pub use audit::{AuditReport, Check, Verdict};
pub use calibration::{Calibration, DecoyAudit, Detectable, ScoreHistogram, StratumRecord};
pub use claim::{Claim, Direction};
pub use entity::{Entity, EntityKind, Relation};
pub use estimate::{Estimate, InvalidNumber, PValue, QValue, SampleCounts};
pub use evidence_graph::{EvidenceGraph, KnowledgeEdge};
pub use finding::{Evidence, Finding, FindingId};
pub use forecast::{ForecastAmount, ForecastMinutes, ForecastPart, ModelForecast};
pub use frozen::{Frozen, NullModel};
pub use hypothesis::{
    Archetype, DraftError, ErrorRate, Flag, Grade, Hypothesis, MechanismEdge, NextExperiment,
    Robustness, RobustnessRow, SupportReference,
};
pub use objective::{Objective, ObjectiveId, ObjectiveStatus, Question, Target};
pub use papers::{PaperAnswer, PaperOrder, PaperQuote, PaperSource, Papers, PapersOfHypothesis};
pub use reading::{
    Corruption, Expectation, HypothesisReading, JudgeKind, JudgeRecord, Judged, Judgement,
    ModelCost, ModelDecision, Preferred, Readings, Rewarded, Speculation, TwinCount, Wording,
};
pub use replication::{
    ChanceBaseline, IdentifierCounts, MatchedTarget, ReplicatedClaim, ReplicatedHypothesis,
    Replication, ReplicationGrade, Study,
};
pub use score::{AxisScore, FiveAxes};
