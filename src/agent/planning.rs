//! From an objective to a frozen plan: a template with its placeholders filled, tools added that can answer what the
//! template does not, everything checked before anything runs; covariates that the design cannot carry are dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proteus_stats::correlation::pearson;
use proteus_stats::hypothesis_tests::explained_share;
use proteus_stats::principal_components::{MissingFeatures, PcaOptions, principal_components};

use crate::dataset::{
    Dataset, DatasetProfile, ModelError, ModelFrame, Role, SampleMetadata, Term, Variable,
};
use crate::discovery::Objective;
use crate::run::unique_slug;
use crate::tool::{Abundance, Artifact, Catalog, NullScheme, ToolOutput};
use crate::workflow::{Bindings, Plan, Source, Templates, extend_with_answering_tools};

/// Repairs of a plan's covariates and blocks at most.
const REPAIRS: usize = 3;
/// Share of a leading component's variance that a batch variable must explain to enter the model.
const BATCH_SHARE: f64 = 0.3;
/// Leading components looked at for batches.
const COMPONENTS: usize = 3;
/// Complete features and samples needed to look for them.
const COMPLETE_FEATURES: usize = 50;
const BATCH_SAMPLES: usize = 8;
/// Residual degrees of freedom that must remain with the batch in the model.
const REMAINING_DF: usize = 8;

/// Plans an objective; the reasons when no plan passes its check. `taken` holds scopes already used in the run.
pub fn plan(
    objective: &Objective,
    dataset: &Dataset,
    profile: &DatasetProfile,
    templates: &Templates,
    catalog: &Catalog,
    taken: &mut BTreeSet<String>,
) -> Result<Plan, String> {
    let bindings = bindings(objective, dataset);
    let scope = unique_slug(&objective.id.0, taken);
    let mut reasons = Vec::new();
    for template in templates.for_objective(objective, catalog) {
        let workflow = template
            .instantiate(&objective.id, scope.clone(), &bindings)
            .fitted_to(catalog, profile);
        let workflow = extend_with_answering_tools(
            &workflow,
            &objective.questions,
            &bindings,
            catalog,
            profile,
        );
        match workflow.check(catalog, profile) {
            Ok(plan) => return Ok(plan),
            Err(errors) => reasons.push(format!(
                "{}: {}",
                template.name,
                errors
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("; ")
            )),
        }
    }
    if reasons.is_empty() {
        reasons.push("no workflow is for this kind of objective".to_owned());
    }
    Err(reasons.join(" | "))
}

/// What the placeholders of an objective's templates stand for.
pub fn bindings(objective: &Objective, dataset: &Dataset) -> Bindings {
    match &objective.assay {
        None => Bindings::of(objective, &dataset.samples),
        Some(_) => Bindings::of(objective, &measured(dataset, objective)),
    }
}

/// The samples that were measured in the assay of an objective.
pub(crate) fn measured(dataset: &Dataset, objective: &Objective) -> SampleMetadata {
    let assay = dataset.assay_or_main(objective.assay.as_deref());
    dataset.samples.subset(&assay.measured_samples())
}

/// The objective with covariates and block reduced until a model can be built; the error when none can.
pub fn fit_to_design(
    objective: &mut Objective,
    term: &Term,
    dataset: &Dataset,
) -> Result<Vec<String>, ModelError> {
    let mut repairs = Vec::new();
    let measured = measured(dataset, objective);
    loop {
        match ModelFrame::build(
            &dataset.samples,
            &measured.ids,
            term,
            &objective.covariates,
            objective.blocking.as_deref(),
        ) {
            Ok(_) => return Ok(repairs),
            Err(error) if repairs.len() >= REPAIRS => return Err(error),
            Err(error) => match (objective.covariates.pop(), objective.blocking.take()) {
                (Some(covariate), blocking) => {
                    objective.blocking = blocking;
                    repairs.push(format!("covariate `{covariate}` dropped: {error}"));
                }
                (None, Some(block)) => repairs.push(format!("block `{block}` dropped: {error}")),
                (None, None) => return Err(error),
            },
        }
    }
}

/// A batch variable that explains much of the samples' main variation and can enter the model of `term`: seen without
/// looking at the tested labels, so that it taints nothing.
pub fn batch_to_adjust(
    objective: &Objective,
    term: &Term,
    dataset: &Dataset,
    matrix: &Abundance,
) -> Option<(String, String)> {
    let scores = leading_scores(matrix)?;
    let mut best: Option<(f64, String)> = None;
    for variable in dataset.samples.variables.values() {
        if !matches!(variable.role, Role::Batch | Role::Plex)
            || objective.covariates.contains(&variable.name)
        {
            continue;
        }
        let groups: Vec<Option<usize>> = matrix
            .samples
            .iter()
            .map(|id| {
                let i = dataset.samples.ids.iter().position(|s| s == id)?;
                variable.codes()?.get(i).copied().flatten()
            })
            .collect();
        let share = scores
            .iter()
            .filter_map(|s| explained_share(s, &groups))
            .fold(0.0, f64::max);
        if share >= BATCH_SHARE && best.as_ref().is_none_or(|(b, _)| share > *b) {
            best = Some((share, variable.name.clone()));
        }
    }
    let (share, name) = best?;
    residual_df_with(&name, objective, term, dataset, matrix)?;
    let because = format!(
        "`{name}` explains {:.0} % of a main axis of variation between samples",
        share * 100.0
    );
    Some((name, because))
}

/// Residual degrees of freedom of the model of `term` adjusted for one more variable; none where it cannot be built or they are
/// too few.
fn residual_df_with(
    variable: &str,
    objective: &Objective,
    term: &Term,
    dataset: &Dataset,
    matrix: &Abundance,
) -> Option<usize> {
    let mut covariates = objective.covariates.clone();
    covariates.push(variable.to_owned());
    let frame = ModelFrame::build(
        &dataset.samples,
        &matrix.samples,
        term,
        &covariates,
        objective.blocking.as_deref(),
    )
    .ok()?;
    Some(frame.residual_df()).filter(|df| *df >= REMAINING_DF)
}

/// A recorded variable that the design can be adjusted for.
#[derive(Debug, Clone, PartialEq)]
pub struct Adjustable {
    /// The variable.
    pub variable: String,
    /// Share of the variance of a leading component between samples that it explains.
    pub share: f64,
    /// Residual degrees of freedom with it in the model.
    pub residual_df: usize,
}

/// What the model of `term` could be adjusted for: recorded variables that explain at least `least` of a leading component,
/// leave enough residual degrees of freedom and are not in the model already; the most telling first, at most `most`. Seen
/// without looking at the tested labels.
pub fn adjustable(
    objective: &Objective,
    term: &Term,
    dataset: &Dataset,
    matrix: &Abundance,
    least: f64,
    most: usize,
) -> Vec<Adjustable> {
    let usable = |name: &str| {
        let role = dataset.samples.variables.get(name).map(|v| v.role);
        let kind = matches!(
            role,
            Some(Role::Covariate | Role::Clinical | Role::Condition | Role::Batch | Role::Plex)
        );
        kind && name != term.variable()
            && !objective.covariates.iter().any(|c| c == name)
            && objective.blocking.as_deref() != Some(name)
            && !objective
                .within
                .iter()
                .any(|w| w.split('=').next() == Some(name))
    };
    shares_explained(matrix, &dataset.samples)
        .into_iter()
        .filter(|(share, name)| *share >= least && usable(name))
        .filter_map(|(share, name)| {
            let residual_df = residual_df_with(&name, objective, term, dataset, matrix)?;
            Some(Adjustable {
                variable: name,
                share,
                residual_df,
            })
        })
        .take(most)
        .collect()
}

/// Recorded variables by how much of the leading components of a matrix they explain, most first: what else the samples differ
/// by, seen without looking at what is tested.
pub fn by_explained_share(matrix: &Abundance, samples: &SampleMetadata) -> Vec<String> {
    let all = shares_explained(matrix, samples);
    all.into_iter().map(|(_, name)| name).collect()
}

fn shares_explained(matrix: &Abundance, samples: &SampleMetadata) -> Vec<(f64, String)> {
    let scores = leading_scores(matrix).unwrap_or_default();
    let rows: Vec<Option<usize>> = matrix
        .samples
        .iter()
        .map(|id| samples.ids.iter().position(|s| s == id))
        .collect();
    let share = |variable: &Variable| {
        let of_scores = scores.iter().filter_map(|score| {
            if let Some(numbers) = variable.numbers() {
                let values: Vec<f64> = rows
                    .iter()
                    .map(|row| row.and_then(|i| numbers[i]).unwrap_or(f64::NAN))
                    .collect();
                return pearson(score, &values).ok().map(|c| c.r * c.r);
            }
            let codes = variable.codes()?;
            let groups: Vec<Option<usize>> = rows.iter().map(|row| codes[(*row)?]).collect();
            explained_share(score, &groups)
        });
        of_scores.fold(0.0, f64::max)
    };
    let mut all: Vec<(f64, &String)> = samples
        .variables
        .iter()
        .map(|(name, variable)| (share(variable), name))
        .collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all.into_iter()
        .map(|(share, name)| (share, name.clone()))
        .collect()
}

fn leading_scores(matrix: &Abundance) -> Option<Vec<Vec<f64>>> {
    let options = PcaOptions {
        scale: false,
        missing: MissingFeatures::Drop,
        components: COMPONENTS,
    };
    let pca = principal_components(&matrix.values, &options).ok()?;
    if pca.features.len() < COMPLETE_FEATURES || matrix.values.cols() < BATCH_SAMPLES {
        return None;
    }
    Some(
        (0..pca.scores.cols())
            .map(|k| pca.scores.column(k))
            .collect(),
    )
}

/// Only the steps that read no labels, of themselves or through another: what may run before the menu is frozen.
pub fn blind_part(plan: &Plan) -> Plan {
    Plan {
        steps: plan.steps.iter().filter(|s| !s.tainted).cloned().collect(),
        ..plan.clone()
    }
}

/// What later states read of label-blind outputs: what label-reading steps take, and what is told of the data. The rest, most of
/// it matrices on the way to those that are tested, stays in the run folder.
pub fn still_read(
    plan: &Plan,
    outputs: BTreeMap<String, Arc<ToolOutput>>,
    catalog: &Catalog,
) -> BTreeMap<String, Arc<ToolOutput>> {
    let taken: BTreeSet<&Source> = plan
        .steps
        .iter()
        .filter(|step| step.tainted)
        .flat_map(|step| step.inputs.values())
        .collect();
    let told = |id: &str| {
        let entry = plan.step(id).and_then(|step| catalog.get(&step.tool));
        entry.is_some_and(|entry| !entry.spec.is_preparation())
    };
    let slim = |(id, output): (String, Arc<ToolOutput>)| {
        let mut kept = ToolOutput::clone(&output);
        kept.artifacts.retain(|port, artifact| {
            taken.contains(&Source::output(&id, port))
                || (told(&id) && matches!(artifact, Artifact::Table(_)))
        });
        // What is kept whole stays one with that of other plans.
        let whole = kept.artifacts.len() == output.artifacts.len();
        (id, if whole { output } else { Arc::new(kept) })
    };
    outputs.into_iter().map(slim).collect()
}

/// The one blind matrix that `steps` of a plan (and the label-dependent steps before them) work on, and where it comes
/// from; none where there are several.
pub fn tested_matrix(
    plan: &Plan,
    steps: &[&str],
    dataset: &Dataset,
    outputs: &BTreeMap<String, Arc<ToolOutput>>,
) -> Option<(Source, Arc<Abundance>)> {
    let serves = |id: &str| steps.iter().any(|s| *s == id || plan.depends_on(s, id));
    let mut sources: Vec<&Source> = Vec::new();
    for step in plan.steps.iter().filter(|s| s.tainted && serves(&s.id)) {
        for source in step.inputs.values() {
            let blind = source
                .step()
                .is_none_or(|id| plan.step(id).is_some_and(|s| !s.tainted));
            if blind && !sources.contains(&source) {
                sources.push(source);
            }
        }
    }
    let mut matrices = sources.into_iter().filter_map(|source| {
        let matrix = match source {
            Source::Dataset { assay } => {
                Arc::new(crate::workflow::dataset_matrix(dataset, assay.as_deref())?)
            }
            Source::Step { step, port } => match outputs.get(step)?.artifacts.get(port)? {
                Artifact::Matrix(matrix) => Arc::clone(matrix),
                Artifact::Table(_) => return None,
            },
        };
        Some((source.clone(), matrix))
    });
    let first = matrices.next()?;
    matrices.next().is_none().then_some(first)
}

/// The blind matrix whose rows the first of `steps` sets against a partner.
pub fn matrix_set_against_partner(
    plan: &Plan,
    steps: &[&str],
    catalog: &Catalog,
    outputs: &BTreeMap<String, Arc<ToolOutput>>,
) -> Option<(Source, Arc<Abundance>)> {
    let step = plan.step(steps.first()?)?;
    let ports = &catalog.get(&step.tool)?.spec.consumes;
    let (_, source) = step.inputs.iter().find(|(name, _)| {
        let port = ports.get(*name);
        port.is_some_and(|port| !port.partner && !port.optional)
    })?;
    let Source::Step { step, port } = source else {
        return None;
    };
    match outputs.get(step)?.artifacts.get(port)? {
        Artifact::Matrix(matrix) => Some((source.clone(), Arc::clone(matrix))),
        Artifact::Table(_) => None,
    }
}

/// Steps of a plan that answer one of the objective's questions under `null`.
pub fn answering_steps<'p>(
    plan: &'p Plan,
    objective: &Objective,
    null: NullScheme,
    catalog: &Catalog,
) -> Vec<&'p str> {
    plan.steps
        .iter()
        .filter(|step| {
            catalog.get(&step.tool).is_some_and(|entry| {
                entry
                    .spec
                    .answers
                    .iter()
                    .any(|a| a.null == null && objective.questions.contains(&a.question()))
            })
        })
        .map(|step| step.id.as_str())
        .collect()
}
