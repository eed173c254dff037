//! Skyline's reports of transitions, precursors or peptides, long: one row per transition and replicate. Transitions are
//! summed to precursors; heavy reference peptides are left out. The report made for MSstats is read by that format.

use super::super::grid::Grid;
use super::super::label::canonical;
use super::super::long::{self, LongLayout, Repeats, RowRule};
use super::super::{DatasetError, FeatureLevel, Quantity};
use super::{Evidence, Format, RawTable, has_numbers, no_values};

/// The format.
pub(crate) struct SkylineReport;

impl Format for SkylineReport {
    fn name(&self) -> &'static str {
        "skyline_report"
    }

    fn title(&self) -> &'static str {
        "Skyline report, long"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Precursor
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        layout(grid).map(|l| {
            Evidence::certain(format!(
                "it has the columns `Replicate Name`, `Precursor Charge` or `Precursor Mz`, the peptide and `{}`, as Skyline names them",
                grid.header[l.values[0].column]
            ))
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
    let run = grid.find(&["Replicate Name", "Replicate"])?;
    grid.find(&["Precursor Charge", "Precursor Mz"])?;
    let peptide = grid.find(&[
        "Peptide Modified Sequence",
        "Modified Sequence",
        "Peptide Sequence",
        "Peptide",
    ])?;
    let protein = grid.find(&["Protein Accession", "Protein Name", "Protein"])?;
    // A report for MSstats says which condition a replicate is of.
    let for_msstats = ["Condition", "BioReplicate"]
        .iter()
        .all(|name| grid.find(&[name]).is_some());
    let value = [
        "Total Area Fragment",
        "Total Area",
        "Area",
        "Total Area MS1",
    ]
    .iter()
    .filter_map(|name| grid.find(&[name]))
    .find(|&j| has_numbers(grid, j))?;
    if for_msstats {
        return None;
    }
    let feature = std::iter::once(peptide)
        .chain(grid.find(&["Precursor Charge"]))
        .collect();
    let mut layout = LongLayout::new(
        FeatureLevel::Precursor,
        Quantity::Intensity,
        vec![run],
        feature,
        value,
    );
    let by_transition = canonical(&grid.header[value]) == "area";
    layout.repeats = if by_transition {
        Repeats::Sum
    } else {
        Repeats::Same
    };
    layout.accessions = Some(protein);
    layout.genes = grid.find(&["Protein Gene", "Gene"]);
    layout.descriptions = std::iter::once(protein)
        .chain(grid.find(&["Protein Description"]))
        .collect();
    layout.facts = ["Condition", "Group", "BioReplicate", "Batch", "Sample Type"]
        .iter()
        .filter_map(|name| grid.find(&[name]))
        .collect();
    const LIGHT: [&str; 2] = ["l", "light"];
    layout.rules = grid
        .find(&["Isotope Label Type"])
        .filter(|&j| {
            grid.column(j)
                .any(|c| LIGHT.contains(&canonical(c).as_str()))
        })
        .map(|j| RowRule::OneOf(j, &LIGHT))
        .into_iter()
        .collect();
    Some(layout)
}
