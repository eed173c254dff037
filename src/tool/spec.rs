//! A tool's manifest, parsed: what the planner, the documentation and the decoy procedure know about it.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ArtifactKind;
use crate::dataset::FeatureLevel;
use crate::discovery::{Archetype, EntityKind, Question, Relation};

/// The parsed `tool.yaml`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolSpec {
    /// Name, as used in workflows; the folder's name.
    pub name: String,
    /// Raised whenever the same input would give other numbers; part of every cache key.
    pub version: u32,
    /// One sentence.
    pub summary: String,
    /// A paragraph: method, scale, treatment of missing values.
    pub description: String,
    /// Heading under which it is listed.
    pub category: String,
    /// What the rows of the dataset may be; all but peptides and their ions when left out.
    #[serde(default = "above_peptides")]
    pub levels: Vec<FeatureLevel>,
    /// Whether it has nothing to work on without knowledge packs; such tools are left out of runs that read none.
    #[serde(default)]
    pub needs_packs: bool,
    /// Input ports.
    pub consumes: IndexMap<String, Port>,
    /// Output ports.
    pub produces: IndexMap<String, PublishedTable>,
    /// Questions it can answer, and where in its output the answers stand.
    #[serde(default)]
    pub answers: Vec<Answer>,
    /// Whether its output depends on sample labels; such steps are replayed on every decoy.
    pub reads_labels: bool,
    /// What must hold for its numbers to mean what they say.
    pub assumptions: Vec<String>,
    /// When not to use it.
    pub unsuitable_when: Vec<String>,
    /// Where the method is described.
    pub references: Vec<Reference>,
    /// The implementation it was compared with; empty only where no independent one exists.
    #[serde(default)]
    pub agrees_with: Vec<Oracle>,
    /// Runnable examples.
    pub examples: Vec<Example>,
}

impl ToolSpec {
    /// Whether it makes a matrix ready for others, and nothing that is told.
    pub fn is_preparation(&self) -> bool {
        self.category.eq_ignore_ascii_case("preparation")
    }
}

/// The levels a tool works on when its manifest names none: all but peptides and their ions, which say nothing of a
/// protein before they are rolled up.
fn above_peptides() -> Vec<FeatureLevel> {
    vec![
        FeatureLevel::ProteinGroup,
        FeatureLevel::Gene,
        FeatureLevel::Site,
        FeatureLevel::Marker,
        FeatureLevel::Transcript,
        FeatureLevel::Population,
        FeatureLevel::State,
    ]
}

/// An input port.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// Matrix or table.
    pub kind: ArtifactKind,
    /// What is expected on it.
    pub description: String,
    /// Whether the tool runs without it.
    #[serde(default)]
    pub optional: bool,
    /// Columns a table must have.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Whether the matrix may hold presence and absence, as of mutations, or copies of genes.
    #[serde(default)]
    pub presence: bool,
    /// Whether decoys of an answer of null `partner` are made of this matrix; it may hold presence and absence, and rows of any
    /// level.
    #[serde(default)]
    pub partner: bool,
}

/// An output port.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishedTable {
    /// Matrix or table.
    pub kind: ArtifactKind,
    /// What it holds.
    pub description: String,
    /// Columns of a table, in order.
    #[serde(default)]
    pub columns: Vec<TableColumn>,
}

/// A documented output column.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableColumn {
    /// Name.
    pub name: String,
    /// Meaning, with unit and scale.
    pub description: String,
}

/// How decoys of an answer are made (see the null schemes of the decoy procedure).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NullScheme {
    /// The labels carry no information given the covariates: units are relabelled within strata, or the tested effect
    /// is removed and the residuals rotated where relabellings are few.
    Labels,
    /// Detection is unrelated to the labels: units are relabelled, whole detection columns at a time.
    Detection,
    /// An outside variable is unrelated to a label-blind structure: the variable is permuted.
    OutsideVariable,
    /// A row is unrelated to its partner in another assay: whole samples of the partner trade places within strata, so that
    /// what is known of a sample there stays together.
    Partner,
    /// Detection is unrelated to the labels, and the tool's own p counts every way to split the samples (or many drawn at
    /// random), so that it needs no decoys.
    Enumerated,
    /// No valid decoy exists; the answer supports others and is never graded itself.
    Descriptive,
}

/// A question a tool can answer, and where the answers stand in its output.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The shape of hypothesis it feeds.
    pub archetype: Archetype,
    /// The kind of thing asked about.
    pub subject: EntityKind,
    /// The relation.
    pub relation: Relation,
    /// The kind of thing it is related to.
    pub object: EntityKind,
    /// The output table.
    pub table: String,
    /// Its columns.
    pub columns: AnswerColumns,
    /// Unit of the effect.
    pub unit: String,
    /// How decoys are made.
    pub null: NullScheme,
    /// Whether the score has the same null distribution for every subject, so that decoys may be pooled.
    pub pivotal: bool,
    /// The null in words; `{subject}`, `{object}`, `{covariates}` and `{strata}` are filled in.
    pub null_words: String,
}

impl Answer {
    /// The typed question.
    pub fn question(&self) -> Question {
        Question {
            subject: self.subject,
            relation: self.relation,
            object: self.object,
        }
    }
}

/// Which columns of the answer table hold what.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerColumns {
    /// Identifier of the subject; unique within the table together with `object`.
    pub subject: String,
    /// What people call the subject.
    pub label: String,
    /// Identifier of the object, where the table holds several.
    #[serde(default)]
    pub object: Option<String>,
    /// Signed effect; NaN allowed where the test has no direction.
    pub effect: String,
    /// Lower end of its 95 % interval.
    #[serde(default)]
    pub low: Option<String>,
    /// Upper end of its 95 % interval.
    #[serde(default)]
    pub high: Option<String>,
    /// Test statistic.
    pub statistic: String,
    /// p-value of the tool's own test, two-sided.
    pub p: String,
    /// Multiplicity-adjusted p over the table.
    pub q: String,
    /// Samples with a value in the reference arm.
    #[serde(default)]
    pub n_reference: Option<String>,
    /// Samples with a value in the target arm.
    #[serde(default)]
    pub n_target: Option<String>,
    /// All samples with a value.
    #[serde(default)]
    pub n: Option<String>,
    /// Residual degrees of freedom of the subject's own fit, before moderation.
    #[serde(default)]
    pub df: Option<String>,
}

/// A publication.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Short citation.
    pub cite: String,
    /// DOI without resolver.
    pub doi: String,
}

/// An independent implementation the numbers were compared with.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Oracle {
    /// Package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The call.
    pub call: String,
    /// How close.
    pub tolerance: String,
}

/// A runnable example: the steps before it and the tool itself, on a bundled dataset.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub title: String,
    /// A folder of `datasets/`.
    pub dataset: String,
    /// Steps to run first, in workflow syntax; their outputs feed the tool's ports by name.
    #[serde(default)]
    pub before: Vec<Value>,
    /// Inputs of the tool, port → source, in workflow syntax.
    pub inputs: IndexMap<String, String>,
    /// Parameters of the tool.
    #[serde(default)]
    pub params: serde_json::Map<String, Value>,
    /// Rows that must be in the named output table: table → list of column → value (numbers within 1 %).
    #[serde(default)]
    pub expect: IndexMap<String, Vec<serde_json::Map<String, Value>>>,
}
