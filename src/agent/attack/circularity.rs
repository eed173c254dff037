//! Circularity: a recorded number that was computed from the proteins of the table can only confirm itself. Where the sheet
//! does not say so (`derived_from`), the data can.

use proteus_stats::normalisation::median_centred;
use proteus_stats::predicted_variable::{Prediction, predict};

use crate::agent::pursuit::Pursuit;
use crate::agent::wording;
use crate::dataset::{Dataset, Feature, Role, Term, VariableValues};
use crate::discovery::{Archetype, AuditReport, Check, Hypothesis, Verdict};

/// Code of the check.
const CODE: &str = "circular_variable";
/// Cross-validated correlation from which a number is told by its proteins as its own formula would tell it: less than 1,
/// since the proteins have to be found among all, from few samples.
const TOLD: f64 = 0.8;
/// Mean correlation of these proteins beside the number up to which nothing is left of what they share.
const NOTHING_LEFT: f64 = 0.1;
/// Proteins named.
const NAMED: usize = 5;

/// Warns where the number that an objective asks about looks computed from the proteins tested. A number that the
/// experimenter set (a dose, a time) cannot be. An objective may ask within a part of the samples only; a number that was computed
/// was so in all of them, where it is easier to see.
pub fn check(pursuit: &Pursuit, dataset: &Dataset) -> Option<Check> {
    let (frame, matrix) = (pursuit.frame.as_ref()?, pursuit.matrix.as_ref()?);
    let Some(Term::Continuous(variable)) = &pursuit.term else {
        return None;
    };
    if dataset.samples.variables.get(variable)?.role == Role::Condition {
        return None;
    }
    let asked = predict(
        &matrix.values.select_columns(&frame.columns),
        &frame.tested.column(0),
    )
    .map(|found| (found, &matrix.features[..]));
    let found = asked
        .into_iter()
        .chain(everywhere(pursuit, dataset, variable));
    let (found, features) = found.into_iter().find(|(found, _)| looks_computed(found))?;
    let named = found.rows.iter().take(NAMED);
    let proteins: Vec<String> = named.map(|&i| features[i].label().into_owned()).collect();
    Some(Check {
        code: CODE.to_owned(),
        verdict: Verdict::Warn,
        reason: format!(
            "`{variable}` looks computed from these proteins: {} of them ({}, …) tell it with r = {:.2} in samples left out, and beside it nothing is left of what they share (mean correlation {:.2}, {:.2} without it)",
            found.size,
            wording::list(&proteins),
            found.r,
            found.shared_beside,
            found.shared
        ),
        fix: format!(
            "if it was computed from this table, say so with `derived_from: {{{variable}: …}}`; if it was set by the experiment, give it the role condition"
        ),
        concerns: Some(variable.clone()),
    })
}

/// The number against the whole assay, each sample centred on its median; none where the objective has all its samples already.
fn everywhere<'d>(
    pursuit: &Pursuit,
    dataset: &'d Dataset,
    variable: &str,
) -> Option<(Prediction, &'d [Feature])> {
    let VariableValues::Continuous { values } = &dataset.samples.variables.get(variable)?.values
    else {
        return None;
    };
    let assay = dataset.assay_or_main(pursuit.objective.assay.as_deref());
    let known: Vec<usize> = assay
        .measured_samples()
        .into_iter()
        .filter(|&j| values[j].is_some())
        .collect();
    if pursuit.frame.as_ref()?.columns.len() >= known.len() {
        return None;
    }
    let y = median_centred(&assay.values.select_columns(&known)).ok()?;
    let of_known: Vec<f64> = known.iter().filter_map(|&j| values[j]).collect();
    Some((predict(&y, &of_known)?, &assay.features))
}

fn looks_computed(found: &Prediction) -> bool {
    found.r >= TOLD
        && found.shared_beside <= NOTHING_LEFT
        && found.shared > found.shared_beside + NOTHING_LEFT
}

/// What the audit says against a claim about a number that looks computed, or about the samples' structure and that number.
pub fn against(audit: &AuditReport, concern: Option<&str>, record: &Hypothesis) -> Option<String> {
    let is_structure = matches!(
        record.archetype,
        Archetype::ComponentAssociation | Archetype::SubtypeAssociation
    );
    let about = |variable: &str| {
        Some(variable) == concern
            || is_structure && record.claims.iter().any(|c| c.object.id == variable)
    };
    audit
        .checks
        .iter()
        .filter(|check| check.code == CODE)
        .find(|check| check.concerns.as_deref().is_some_and(about))
        .map(|check| check.reason.clone())
}
