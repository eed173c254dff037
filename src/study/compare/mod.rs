//! Two runs side by side: what was set differently, what was read, which hypotheses both have, how well effects agree, and
//! for everything one run found and the other did not, the rule that decided there.

mod concordance;
mod differences;
mod disagree;
mod record;

use std::path::Path;

use crate::agent::retrace::{RetraceError, Retraced};
use crate::knowledge::Packs;
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
    /// Its values cannot be read.
    #[error(transparent)]
    Values(#[from] MainAssayError),
}

/// Compares the runs at two folders.
///
/// # Errors
/// A run is not finished, was made by an earlier version, or a file of it is damaged.
pub fn compare(
    first: &Path,
    second: &Path,
    catalog: &Catalog,
    packs: &Packs,
) -> Result<Comparison, CompareError> {
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
