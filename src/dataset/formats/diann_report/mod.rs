//! DIA-NN main report, `report.tsv` or `report.parquet` (1.x and 2.x): one row per precursor and run. Protein groups are
//! quantified by `PG.MaxLFQ`, which repeats on every precursor; without it the precursors themselves are read. Rows count
//! at 1 % in `Q.Value`, `PG.Q.Value` and the library's (or, where the library was not refined, the global) protein q-value.

use super::super::grid::Grid;
use super::super::long::{self, LongLayout, Repeats, RowRule};
use super::super::{DatasetError, FeatureLevel, Quantity};
use super::{Evidence, Format, RawTable, has_numbers, no_values};

/// The format.
pub(crate) struct DiannReport;

/// The false discovery rate at which precursors and protein groups count.
const FDR: f64 = 0.01;

impl Format for DiannReport {
    fn name(&self) -> &'static str {
        "diann_report"
    }

    fn title(&self) -> &'static str {
        "DIA-NN report"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::ProteinGroup
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        layout(grid, None).map(|_| {
            Evidence::certain(
                "it has the columns `Protein.Group`, `Q.Value`, the precursor and the run, one row per precursor and run",
            )
        })
    }

    fn layout(&self, head: &Grid, declared: Option<Quantity>) -> Option<LongLayout> {
        layout(head, declared)
    }

    fn read(&self, grid: &Grid, declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let layout = self.layout(grid, declared).ok_or_else(|| no_values(grid))?;
        long::read_grid(grid, &layout)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}

fn layout(grid: &Grid, declared: Option<Quantity>) -> Option<LongLayout> {
    let group = grid.find(&["Protein.Group"])?;
    // Versions before 1.7.12 name the precursor by sequence and charge only.
    let precursor = match grid.find(&["Precursor.Id"]) {
        Some(id) => vec![id],
        None => vec![
            grid.find(&["Modified.Sequence"])?,
            grid.find(&["Precursor.Charge"])?,
        ],
    };
    let q_value = grid.find(&["Q.Value"])?;
    let path = grid.find(&["File.Name"]);
    let run = grid.find(&["Run"]).or(path)?;
    let filled = |name: &str| grid.find(&[name]).filter(|&j| has_numbers(grid, j));
    let sample = match grid.find(&["Channel"]).filter(|&j| distinct(grid, j) > 1) {
        Some(channel) => vec![run, channel],
        None => vec![run],
    };
    let summed = declared == Some(Quantity::Intensity);
    let of_groups = if summed { "PG.Quantity" } else { "PG.MaxLFQ" };
    let mut layout = if let Some(value) = filled(of_groups) {
        LongLayout {
            peptides: grid.find(&["Stripped.Sequence"]),
            ..LongLayout::new(
                FeatureLevel::ProteinGroup,
                if summed {
                    Quantity::Intensity
                } else {
                    Quantity::LfqIntensity
                },
                sample,
                vec![group],
                value,
            )
        }
    } else {
        let (value, quantity) = match filled("Precursor.Normalised").filter(|_| !summed) {
            Some(value) => (value, Quantity::LfqIntensity),
            None => (filled("Precursor.Quantity")?, Quantity::Intensity),
        };
        LongLayout {
            accessions: Some(group),
            ..LongLayout::new(FeatureLevel::Precursor, quantity, sample, precursor, value)
        }
    };
    layout.repeats = Repeats::Same;
    layout.path = path;
    layout.genes = grid.find(&["Genes"]);
    layout.descriptions = ["First.Protein.Description", "Protein.Names"]
        .iter()
        .filter_map(|name| grid.find(&[name]))
        .collect();
    layout
        .rules
        .extend(grid.find(&["Decoy"]).map(RowRule::Unset));
    let refined = filled("Lib.PG.Q.Value").or_else(|| filled("Global.PG.Q.Value"));
    let limits = std::iter::once(q_value)
        .chain(grid.find(&["PG.Q.Value"]))
        .chain(refined);
    layout.rules.extend(limits.map(|j| RowRule::AtMost(j, FDR)));
    Some(layout)
}

/// How many different cells a column holds.
fn distinct(grid: &Grid, column: usize) -> usize {
    grid.column(column)
        .filter(|c| !c.is_empty())
        .collect::<std::collections::HashSet<_>>()
        .len()
}
