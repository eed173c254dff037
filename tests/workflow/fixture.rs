//! A small dataset and four tools whose results can be worked out by eye.
#![expect(clippy::unwrap_used, reason = "a failed set-up step is a failed test")]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proteus::content::Content;
use proteus::dataset::{
    Assay, Dataset, Feature, FeatureLevel, Quantity, Removed, Role, SampleMetadata, Scale, Variable,
};
use proteus::discovery::ObjectiveId;
use proteus::knowledge::Packs;
use proteus::tool::{Catalog, TableBuilder, Tool, ToolError, ToolInput, ToolOutput, frame};
use proteus::workflow::{Plan, Workflow};
use proteus_stats::Matrix;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub const SAMPLES: usize = 6;
pub const FEATURES: usize = 4;

/// Six samples, three of each condition; feature 0 is 1 higher in `B`, feature 3 has a gap.
pub fn dataset() -> Dataset {
    let features = (0..FEATURES).map(|i| Feature {
        id: format!("P{i}"),
        symbol: Some(format!("G{i}")),
        row: i + 2,
        ..Feature::default()
    });
    let values = Matrix::from_fn(FEATURES, SAMPLES, |i, j| match (i, j) {
        (3, 5) => f64::NAN,
        (0, 3..) => 21.0 + j as f64 * 0.01,
        _ => 20.0 + j as f64 * 0.01 + i as f64,
    });
    let assay = Assay {
        name: "proteins".to_owned(),
        format: "test".to_owned(),
        level: FeatureLevel::ProteinGroup,
        quantity: Quantity::LfqIntensity,
        source_scale: Scale::Log2,
        features: features.collect(),
        values,
        columns: (0..SAMPLES).map(|j| format!("column {j}")).collect(),
        file: PathBuf::from("test.tsv"),
        removed: Removed::default(),
        organism: None,
        rolled_up: None,
    };
    let mut samples = SampleMetadata::new((0..SAMPLES).map(|j| format!("S{j}")).collect());
    let labels = |of: &dyn Fn(usize) -> &'static str| -> Vec<Option<String>> {
        (0..SAMPLES).map(|j| Some(of(j).to_owned())).collect()
    };
    let condition = labels(&|j| if j < 3 { "A" } else { "B" });
    samples.insert(Variable::categorical(
        "condition",
        &condition,
        Role::Condition,
    ));
    let batch = labels(&|j| if j % 2 == 0 { "one" } else { "two" });
    samples.insert(Variable::categorical("batch", &batch, Role::Batch));
    let age = (0..SAMPLES).map(|j| Some(40.0 + j as f64)).collect();
    samples.insert(Variable::continuous("age", age, Role::Covariate));
    Dataset::in_memory("toy", assay, samples)
}

pub fn packs() -> Arc<Packs> {
    Arc::new(Packs::open(&Content::embedded()).unwrap())
}

pub static CENTRE_RUNS: AtomicUsize = AtomicUsize::new(0);

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CentreParams {
    /// Added to every value after centring.
    pub offset: f64,
}

/// Subtracts the mean of each sample.
pub struct Centre;

impl Tool for Centre {
    type Params = CentreParams;
    const MANIFEST: &'static str = r#"
name: centre
version: 1
summary: Subtracts the mean of each sample.
description: Means of observed log2 values.
category: Test
consumes: {matrix: {kind: matrix, description: Any matrix.}}
produces:
  matrix: {kind: matrix, description: Centred.}
  means: {kind: table, description: Means., columns: [{name: sample, description: Id.}, {name: mean, description: Mean.}]}
reads_labels: false
assumptions: []
unsuitable_when: []
references: []
examples: []
"#;

    fn run(&self, input: &ToolInput<'_>, params: &CentreParams) -> Result<ToolOutput, ToolError> {
        CENTRE_RUNS.fetch_add(1, Ordering::SeqCst);
        let matrix = input.matrix("matrix")?;
        let means: Vec<f64> = (0..matrix.samples.len())
            .map(|j| {
                let seen: Vec<f64> = matrix
                    .values
                    .column(j)
                    .into_iter()
                    .filter(|v| !v.is_nan())
                    .collect();
                seen.iter().sum::<f64>() / seen.len() as f64
            })
            .collect();
        let centred = Matrix::from_fn(matrix.features.len(), means.len(), |i, j| {
            matrix.values.get(i, j) - means[j] + params.offset
        });
        let table = TableBuilder::new()
            .text("sample", matrix.samples.to_vec())
            .number("mean", &means)
            .build()?;
        Ok(ToolOutput::new()
            .with_matrix("matrix", matrix.with_values(centred))
            .with_table("means", table)
            .with_fact(
                "largest_mean",
                means.iter().copied().fold(f64::MIN, f64::max),
            ))
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DifferenceParams {
    /// The contrast.
    pub contrast: Option<String>,
    /// Adjusted for.
    pub covariates: Vec<String>,
    /// Conditions.
    pub within: Vec<String>,
    /// Smallest share of samples.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub share: f64,
}

impl Default for DifferenceParams {
    fn default() -> Self {
        Self {
            contrast: None,
            covariates: Vec::new(),
            within: Vec::new(),
            share: 0.5,
        }
    }
}

/// Difference of the means of two arms.
pub struct Difference;

impl Tool for Difference {
    type Params = DifferenceParams;
    const MANIFEST: &'static str = r#"
name: difference
version: 3
summary: Difference of means.
description: Means of observed log2 values.
category: Test
consumes:
  matrix: {kind: matrix, description: Any matrix.}
  weights: {kind: matrix, description: Not used., optional: true}
produces:
  difference:
    kind: table
    description: One row per feature.
    columns: [{name: feature, description: Id.}, {name: gene, description: Symbol.}, {name: logFC, description: Difference.}]
answers:
  - archetype: differential_protein
    subject: protein
    relation: differs_between
    object: sample_group
    table: difference
    columns: {subject: feature, label: gene, effect: logFC, statistic: logFC, p: logFC, q: logFC}
    unit: log2 fold change
    null: labels
    pivotal: true
    null_words: none
reads_labels: true
assumptions: []
unsuitable_when: []
references: []
examples: []
"#;

    fn run(
        &self,
        input: &ToolInput<'_>,
        params: &DifferenceParams,
    ) -> Result<ToolOutput, ToolError> {
        let matrix = input.matrix("matrix")?;
        let spec = params.contrast.as_deref().unwrap_or_default();
        let contrast = proteus::dataset::Contrast::parse(spec, input.samples).map_err(|e| {
            ToolError::InvalidParams {
                reason: e.to_string(),
            }
        })?;
        let (reference, target) = contrast.sample_indices(input.samples);
        let mean = |i: usize, arm: &[usize]| {
            let seen: Vec<f64> = arm
                .iter()
                .map(|&j| matrix.values.get(i, j))
                .filter(|v| !v.is_nan())
                .collect();
            seen.iter().sum::<f64>() / seen.len() as f64
        };
        let differences: Vec<f64> = (0..matrix.features.len())
            .map(|i| mean(i, &target) - mean(i, &reference))
            .collect();
        let table = TableBuilder::new()
            .text(
                "feature",
                matrix.features.iter().map(|f| f.id.clone()).collect(),
            )
            .text(
                "gene",
                matrix
                    .features
                    .iter()
                    .map(|f| f.label().into_owned())
                    .collect(),
            )
            .number("logFC", &differences)
            .build()?;
        Ok(ToolOutput::new().with_table("difference", table))
    }
}

/// Counts the rows above zero: label-blind itself, but what it reads may not be.
pub struct Above;

impl Tool for Above {
    type Params = CentreParams;
    const MANIFEST: &'static str = r#"
name: above
version: 1
summary: Counts rows above zero.
description: A count.
category: Test
consumes: {statistics: {kind: table, description: A table of differences., columns: [feature, logFC]}}
produces: {counts: {kind: table, description: The count., columns: [{name: set, description: Name.}, {name: above, description: Count.}]}}
answers:
  - archetype: pathway_shift
    subject: pathway
    relation: differs_between
    object: sample_group
    table: counts
    columns: {subject: set, label: set, effect: above, statistic: above, p: above, q: above}
    unit: count
    null: labels
    pivotal: false
    null_words: none
reads_labels: false
assumptions: []
unsuitable_when: []
references: []
examples: []
"#;

    fn run(&self, input: &ToolInput<'_>, params: &CentreParams) -> Result<ToolOutput, ToolError> {
        let above = frame::numbers(input.table("statistics")?, "logFC")?
            .into_iter()
            .filter(|v| *v > params.offset)
            .count();
        let table = TableBuilder::new()
            .text("set", vec!["all".to_owned()])
            .count("above", &[above])
            .build()?;
        Ok(ToolOutput::new().with_table("counts", table))
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FaultParams {
    /// Panic, instead of complaining.
    pub panic: bool,
}

/// Always fails.
pub struct Fault;

impl Tool for Fault {
    type Params = FaultParams;
    const MANIFEST: &'static str = r#"
name: fault
version: 1
summary: Always fails.
description: Never gives anything.
category: Test
consumes: {matrix: {kind: matrix, description: Any matrix.}}
produces: {matrix: {kind: matrix, description: Never given.}}
reads_labels: false
assumptions: []
unsuitable_when: []
references: []
examples: []
"#;

    fn run(&self, _: &ToolInput<'_>, params: &FaultParams) -> Result<ToolOutput, ToolError> {
        assert!(!params.panic, "as asked");
        Err(ToolError::TooFewObservations {
            what: "samples".to_owned(),
            needed: 100,
            found: SAMPLES,
        })
    }
}

pub fn catalog() -> Arc<Catalog> {
    Arc::new(Catalog::new(&[&Centre, &Difference, &Above, &Fault]).unwrap())
}

/// A workflow from the YAML of its steps.
pub fn workflow(steps: &str) -> Workflow {
    Workflow {
        name: "toy".to_owned(),
        objective: ObjectiveId("condition:B-A".to_owned()),
        scope: "condition-b-a".to_owned(),
        steps: serde_yaml::from_str(steps).unwrap(),
    }
}

pub const STEPS: &str = r#"
- {id: above, tool: above, inputs: {statistics: difference.difference}}
- {id: difference, tool: difference, inputs: {matrix: centred.matrix}, params: {contrast: "condition:B-A"}}
- {id: centred, tool: centre, inputs: {matrix: dataset}, why: to compare samples}
"#;

pub fn plan(steps: &str) -> Arc<Plan> {
    Arc::new(
        workflow(steps)
            .check(&catalog(), &dataset().profile())
            .unwrap(),
    )
}
