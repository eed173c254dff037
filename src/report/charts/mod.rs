//! The numbers behind the interactive figures of the HTML report: what was measured and tested, in columns that a script
//! reads, within a budget that keeps the page small enough to open at once.
//!
//! Invariants: every text is tidied and shown as [`ReportModel::shown`] does; numbers are those of the run's tables in
//! single precision, values of samples, means and widths of intervals to 1/65,534 of their range; equal runs give equal bytes; the text
//! can stand inside a script element.

mod columns;
mod comparisons;
mod features;
mod grids;
mod matrices;
mod parts;
mod samples;
mod strata;

use serde::Serialize;

use super::document::inert;
use super::page::result_tables;
use super::{ReportError, ReportModel};
use columns::Columns;
use comparisons::{ComparisonView, Wanted, comparisons};
use features::FeatureSets;
pub(super) use features::shown_id;
use grids::{GridView, SetsView};
use matrices::{Matrices, MatrixView};
use parts::{PartsView, parts};
use samples::{ComponentsView, SamplesView, components, samples};
use strata::{StratumView, strata};

/// Everything a script of the page reads.
#[derive(Debug, Serialize)]
struct ChartData {
    /// Adjusted p up to which figures call a row significant.
    alpha: f64,
    /// Whether values and names of single samples are left out.
    samples_left_out: bool,
    samples: SamplesView,
    features: FeatureSets,
    comparisons: Vec<ComparisonView>,
    matrices: Vec<MatrixView>,
    parts: Vec<PartsView>,
    components: Option<ComponentsView>,
    sets: Vec<SetsView>,
    grids: Vec<GridView>,
    strata: Vec<StratumView>,
    columns: Columns,
}

/// The data of a run's interactive figures as JSON that can stand inside a script element.
///
/// # Errors
/// A table of the run cannot be read.
pub(super) fn chart_data(model: &ReportModel) -> Result<String, ReportError> {
    let mut columns = Columns::default();
    let mut features = FeatureSets::default();
    let mut matrices = Matrices::default();
    let tables = result_tables(model)?;
    let mut wanted = Wanted::default();
    let comparisons = comparisons(
        model,
        &tables,
        &mut features,
        &mut matrices,
        &mut columns,
        &mut wanted,
    )?;
    let matrices = matrices.read(model, &mut features, &mut columns)?;
    let parts = parts(model, &features, &wanted, &mut columns)?;
    let data = ChartData {
        alpha: super::page::ALPHA,
        samples_left_out: model.leaves_out_samples(),
        samples: samples(model),
        comparisons,
        matrices,
        parts,
        components: components(model)?,
        sets: grids::sets(model, &tables)?,
        grids: grids::views(model, super::grids::grids(model, &tables)?),
        strata: strata(model),
        features,
        columns,
    };
    Ok(inert(&serde_json::to_string(&data)?))
}
