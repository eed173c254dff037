//! MSstats input, the ten columns of the R package (`ProteinName`, `PeptideSequence`, `PrecursorCharge`, …, `Run`,
//! `Intensity`), Skyline's report for it, and the MSstatsTMT variant with a channel. Fragments are summed to precursors;
//! condition and replicate become the sample sheet; heavy reference peptides are left out.

use super::super::grid::Grid;
use super::super::label::canonical;
use super::super::long::{self, LongLayout, Repeats, RowRule};
use super::super::{DatasetError, FeatureLevel, Quantity};
use super::{Evidence, Format, RawTable, has_numbers, no_values};

/// The format.
pub(crate) struct MsStats;

impl Format for MsStats {
    fn name(&self) -> &'static str {
        "msstats"
    }

    fn title(&self) -> &'static str {
        "MSstats input, long"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Precursor
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        layout(grid).map(|_| {
            Evidence::certain(
                "it has the columns `ProteinName`, `PeptideSequence`, `Condition`, `BioReplicate`, the run and the intensity",
            )
        })
    }

    fn layout(&self, head: &Grid, _declared: Option<Quantity>) -> Option<LongLayout> {
        layout(head)
    }

    fn read(&self, grid: &Grid, declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let layout = self.layout(grid, declared).ok_or_else(|| no_values(grid))?;
        long::read_grid(grid, &layout)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.csv")
    }
}

fn layout(grid: &Grid) -> Option<LongLayout> {
    let protein = grid.find(&["ProteinName"])?;
    let peptide = grid.find(&[
        "PeptideModifiedSequence",
        "PeptideSequence",
        "Peptide Modified Sequence",
    ])?;
    let run = grid.find(&["Run", "File Name"])?;
    let condition = grid.find(&["Condition"])?;
    grid.find(&["BioReplicate"])?;
    let value = grid
        .find(&["Intensity", "Area"])
        .filter(|&j| has_numbers(grid, j))?;
    let channel = grid.find(&["Channel"]);
    let feature = std::iter::once(peptide)
        .chain(grid.find(&["PrecursorCharge", "Charge"]))
        .collect();
    let quantity = if channel.is_some() {
        Quantity::ReporterIntensity
    } else {
        Quantity::Intensity
    };
    let sample = std::iter::once(run).chain(channel).collect();
    let mut layout = LongLayout::new(FeatureLevel::Precursor, quantity, sample, feature, value);
    layout.repeats = Repeats::Sum;
    layout.accessions = Some(protein);
    layout.descriptions = vec![protein];
    layout.facts = std::iter::once(condition)
        .chain(
            ["BioReplicate", "Mixture", "TechRepMixture", "Channel"]
                .iter()
                .filter_map(|name| grid.find(&[name])),
        )
        .collect();
    if channel.is_some() {
        layout.facts.push(run);
    }
    const LIGHT: [&str; 2] = ["l", "light"];
    layout.rules = grid
        .find(&["IsotopeLabelType"])
        .filter(|&j| {
            grid.column(j)
                .any(|c| LIGHT.contains(&canonical(c).as_str()))
        })
        .map(|j| RowRule::OneOf(j, &LIGHT))
        .into_iter()
        .collect();
    Some(layout)
}
