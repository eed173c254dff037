//! The first study, read from its run folder: hypotheses, objectives, plans, features and values.

use std::path::Path;

use indexmap::IndexMap;
use proteus_stats::Matrix;

use super::ReplicateError;
use crate::dataset::DatasetRecord;
use crate::discovery::{Finding, Grade, Hypothesis, Objective};
use crate::run::{RunError, RunStatus, RunView};
use crate::study::features::{self, NamedFeature};
use crate::workflow::Plan;

/// The first study.
pub(super) struct First {
    /// The run.
    pub run: RunView,
    /// What is known of its dataset.
    pub dataset: DatasetRecord,
    /// Its objectives.
    pub objectives: Vec<Objective>,
    /// Findings by id.
    pub findings: IndexMap<String, Finding>,
    /// The frozen hypotheses to test, in rank order.
    pub hypotheses: Vec<Hypothesis>,
    /// Features of its main assay.
    pub features: Vec<NamedFeature>,
    /// Values of its main assay as read: features × samples, log2, NaN where missing.
    pub values: Matrix,
}

impl First {
    /// Reads a finished run and its hypotheses graded `least` or better.
    pub(super) fn read(folder: &Path, least: Grade) -> Result<Self, ReplicateError> {
        let run = RunView::open(folder)?;
        let nothing = |reason: String, hint: &str| ReplicateError::Nothing {
            run: folder.to_path_buf(),
            reason,
            hint: hint.to_owned(),
        };
        if let RunStatus::Unfinished { .. } = run.status()? {
            return Err(nothing(
                "the run is not finished".to_owned(),
                "finish it with `proteus resume`",
            ));
        }
        if run.is_blind() {
            return Err(nothing(
                "the run is blind: its frozen claims name codes, which no other cohort has"
                    .to_owned(),
                "run it again without `--blind` and replicate that run",
            ));
        }
        let all = run.hypotheses()?;
        let found = all.len();
        let hypotheses: Vec<Hypothesis> = all.into_iter().filter(|h| h.grade <= least).collect();
        if hypotheses.is_empty() {
            return Err(nothing(
                format!(
                    "none of its {found} hypotheses is graded {} or better",
                    least.word()
                ),
                "lower the bar with `--least suggestive` or `--least exploratory`, or take a run with findings",
            ));
        }
        for hypothesis in &hypotheses {
            match &hypothesis.frozen {
                None => {
                    return Err(nothing(
                        format!("hypothesis `{}` was never frozen", hypothesis.id),
                        "the run was made by an earlier version: make it again",
                    ));
                }
                Some(frozen) if !hypothesis.is_as_frozen() => {
                    return Err(ReplicateError::Moved {
                        id: hypothesis.id.clone(),
                        hash: frozen.hash.clone(),
                    });
                }
                Some(_) => {}
            }
        }
        let dataset: DatasetRecord = run.read_yaml("dataset.yaml")?;
        let (features, values) = features::of_run(&run, &dataset)?;
        Ok(Self {
            objectives: run.objectives()?,
            findings: run
                .findings()?
                .into_iter()
                .map(|f| (f.id.0.clone(), f))
                .collect(),
            dataset,
            hypotheses,
            features,
            values,
            run,
        })
    }

    /// The frozen plan of an objective.
    pub(super) fn plan(&self, objective: &Objective) -> Result<Option<Plan>, RunError> {
        for name in self.run.plans()? {
            let plan: Plan = self.run.read_yaml(&format!("plans/{name}.yaml"))?;
            if plan.objective == objective.id {
                return Ok(Some(plan));
            }
        }
        Ok(None)
    }
}
