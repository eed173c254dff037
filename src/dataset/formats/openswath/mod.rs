//! OpenSWATH results as PyProphet and TRIC export them: one row per peak group and run. The best peak group of a precursor
//! in a run counts, at 1 % in `m_score` (and in the protein's global score where it is there); decoys never.

use super::super::grid::Grid;
use super::super::long::{self, LongLayout, Repeats, RowRule};
use super::super::{DatasetError, FeatureLevel, Quantity};
use super::{Evidence, Format, RawTable, has_numbers, no_values};

/// The format.
pub(crate) struct OpenSwath;

/// The false discovery rate at which peak groups and proteins count.
const FDR: f64 = 0.01;

impl Format for OpenSwath {
    fn name(&self) -> &'static str {
        "openswath"
    }

    fn title(&self) -> &'static str {
        "OpenSWATH peak groups (PyProphet, TRIC), long"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Precursor
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        layout(grid).map(|_| {
            Evidence::certain(
                "it has the columns `transition_group_id`, `FullPeptideName`, `ProteinName`, `Intensity` and the run, one row per peak group",
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
        include_str!("sample.tsv")
    }
}

fn layout(grid: &Grid) -> Option<LongLayout> {
    grid.find(&["transition_group_id"])?;
    let peptide = grid.find(&["FullPeptideName", "Sequence"])?;
    let protein = grid.find(&["ProteinName"])?;
    let run = grid.find(&["filename", "align_origfilename", "run_id"])?;
    let value = grid
        .find(&["Intensity"])
        .filter(|&j| has_numbers(grid, j))?;
    let feature = std::iter::once(peptide)
        .chain(grid.find(&["Charge"]))
        .collect();
    let mut layout = LongLayout::new(
        FeatureLevel::Precursor,
        Quantity::Intensity,
        vec![run],
        feature,
        value,
    );
    layout.repeats = Repeats::Same;
    layout.accessions = Some(protein);
    layout.descriptions = vec![protein];
    layout.rules = grid
        .find(&["decoy"])
        .map(RowRule::Unset)
        .into_iter()
        .collect();
    const BEST: [&str; 1] = ["1"];
    let rank = grid.find(&["peak_group_rank"]);
    layout.rules.extend(rank.map(|j| RowRule::OneOf(j, &BEST)));
    for name in ["m_score", "m_score_protein_global"] {
        let score = grid.find(&[name]).filter(|&j| has_numbers(grid, j));
        layout.rules.extend(score.map(|j| RowRule::AtMost(j, FDR)));
    }
    Some(layout)
}
