//! The samples: their variables, and where they lie on the first components.

use serde::Serialize;

use crate::dataset::{Role, Variable, VariableValues};
use crate::report::components::Components;
use crate::report::text::{NAME, tidy};
use crate::report::{ReportError, ReportModel};

/// Components drawn at most.
const COMPONENTS: usize = 5;
/// Levels that a variable may have to group or colour samples by.
const MOST_LEVELS: usize = 30;

/// All samples.
#[derive(Debug, Default, Serialize)]
pub(super) struct SamplesView {
    ids: Vec<String>,
    variables: Vec<VariableView>,
}

/// A variable that samples can be grouped or coloured by.
#[derive(Debug, Serialize)]
struct VariableView {
    name: String,
    /// Groups in their order; empty for numbers.
    levels: Vec<String>,
    /// The group of each sample, by its place.
    codes: Vec<Option<usize>>,
    /// The number of each sample.
    numbers: Vec<Option<f64>>,
}

/// Samples on the components of the data.
#[derive(Debug, Serialize)]
pub(super) struct ComponentsView {
    titles: Vec<String>,
    samples: Vec<usize>,
    /// Per component one number per sample.
    scores: Vec<Vec<f64>>,
}

/// Describes the samples; none of them where single ones are left out.
pub(super) fn samples(model: &ReportModel) -> SamplesView {
    if model.leaves_out_samples() {
        return SamplesView::default();
    }
    let samples = &model.dataset.samples;
    SamplesView {
        ids: samples.ids.iter().map(|id| tidy(id, NAME)).collect(),
        variables: samples.variables.values().filter_map(variable).collect(),
    }
}

/// A variable as the page uses it; none where it cannot tell samples apart in groups or by a number.
fn variable(variable: &Variable) -> Option<VariableView> {
    if matches!(variable.role, Role::Identifier | Role::Ignored) && variable.is_categorical() {
        return None;
    }
    let view = VariableView {
        name: tidy(&variable.name, NAME),
        levels: Vec::new(),
        codes: Vec::new(),
        numbers: Vec::new(),
    };
    match &variable.values {
        VariableValues::Categorical { .. } => {
            let levels = variable.levels();
            (2..=MOST_LEVELS)
                .contains(&levels.len())
                .then(|| VariableView {
                    levels: levels.iter().map(|level| tidy(level, NAME)).collect(),
                    codes: variable.codes().unwrap_or_default().to_vec(),
                    ..view
                })
        }
        VariableValues::Continuous { .. } => Some(VariableView {
            numbers: variable.numbers()?.to_vec(),
            ..view
        }),
    }
}

/// The samples on the first components; none where a run has none.
pub(super) fn components(model: &ReportModel) -> Result<Option<ComponentsView>, ReportError> {
    let Some(found) = Components::of(model)? else {
        return Ok(None);
    };
    let rows: Vec<(usize, usize)> = (found.samples.iter().enumerate())
        .filter_map(|(row, sample)| Some((row, (*sample)?)))
        .collect();
    let kept = found.scores.iter().take(COMPONENTS);
    Ok(Some(ComponentsView {
        titles: found.titles.iter().take(COMPONENTS).cloned().collect(),
        samples: rows.iter().map(|(_, sample)| *sample).collect(),
        scores: kept
            .map(|scores| rows.iter().map(|(row, _)| scores[*row]).collect())
            .collect(),
    }))
}
