//! Two runs side by side: what was set differently, what was read, which hypotheses both have, how well effects agree, and
//! for everything one run found and the other did not, the rule that decided there.

mod concordance;
mod differences;
mod disagree;
mod record;

use std::path::Path;

use crate::agent::retrace::{RetraceError, Retraced};
use crate::knowledge::Packs;
use crate::run::RunView;
use crate::study::MainAssayError;
use crate::tool::Catalog;

pub use record::{
    Comparison, Concordance, Disagreement, Inputs, Match, OneRun, Overlap, Reason,
    SettingDifference,
};

/// Why two runs cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// A run cannot be looked back on.
    #[error(transparent)]
    Retrace(#[from] RetraceError),
    /// The runs hide names, or one of them does.
    #[error("the runs cannot be compared: {reason}\nhint: {hint}")]
    Blind {
        /// Why.
        reason: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// Its values cannot be read.
    #[error(transparent)]
    Values(#[from] MainAssayError),
}

/// Refuses runs that call one protein by different names: a blind one and one that is not, or two with keys of their own.
fn same_names(first: &Path, second: &Path) -> Result<(), CompareError> {
    let open = |folder| RunView::open(folder).map_err(RetraceError::from);
    let (first, second) = (open(first)?, open(second)?);
    let hint = "compare two runs of one dataset that are both blind and have the same seed and settings of the packs, or two that are not blind";
    let refuse = |reason| Err(CompareError::Blind { reason, hint });
    if first.is_blind() != second.is_blind() {
        return refuse("one of them hides names behind codes and the other does not");
    }
    let key = |run: &RunView| run.key().map_err(RetraceError::from);
    if first.is_blind() && key(&first)? != key(&second)? {
        return refuse("both are blind, and their codes stand for different names");
    }
    Ok(())
}

/// Compares the runs at two folders.
///
/// # Errors
/// A run is not finished, was made by an earlier version, or a file of it is damaged; or they do not share their names.
pub fn compare(
    first: &Path,
    second: &Path,
    catalog: &Catalog,
    packs: &Packs,
) -> Result<Comparison, CompareError> {
    same_names(first, second)?;
    let (first, second) = (Retraced::open(first)?, Retraced::open(second)?);
    let pairs = differences::feature_pairs(&first, &second, packs)?;
    let objectives = differences::shared_objectives(&first, &second);
    Ok(Comparison {
        runs: [differences::summary(&first), differences::summary(&second)],
        settings: differences::settings(&first, &second),
        inputs: differences::inputs(&first, &second, &pairs),
        overlap: disagree::overlap(&first, &second, &pairs, &objectives),
        effects: concordance::effects(&first, &second, &pairs, &objectives, catalog),
        disagreements: disagree::disagreements(&first, &second, &pairs, &objectives, catalog),
    })
}
