//! A finding: one tested relation between two entities, with its numbers and where they stand.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entity, Estimate, ObjectiveId, PValue, QValue, Relation, SampleCounts};

/// Identifier of a finding, unique within a run: `<step>/<table>/<row key>`.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct FindingId(pub String);

impl std::fmt::Display for FindingId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a finding's numbers stand: a row of a table that a step of the run wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// The step that wrote the table (a folder under `steps/`).
    pub step: String,
    /// The tool the step ran.
    pub tool: String,
    /// The table's name.
    pub table: String,
    /// The column that identifies the row.
    pub key_column: String,
    /// The value in that column.
    pub key: String,
}

/// Subject –relation– object, tested: effect, p, q within its family, n and evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Identifier, unique within the run.
    pub id: FindingId,
    /// The objective it answers.
    pub objective: ObjectiveId,
    /// What it is about.
    pub subject: Entity,
    /// The directed relation found.
    pub relation: Relation,
    /// What the subject is related to.
    pub object: Entity,
    /// Size of the effect.
    pub effect: Estimate,
    /// The test statistic.
    #[serde(deserialize_with = "super::estimate::nan_if_null")]
    pub statistic: f64,
    /// The tool's own p-value.
    pub p: PValue,
    /// Benjamini–Hochberg q within the table.
    pub q: QValue,
    /// Samples it rests on.
    pub n: SampleCounts,
    /// Number of tests in the table it comes from.
    pub family_size: usize,
    /// Where the numbers stand.
    pub evidence: Evidence,
}
