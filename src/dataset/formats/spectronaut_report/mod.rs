//! Spectronaut normal (long) report: one row per protein group, precursor or fragment and run, columns named by level
//! (`R.`, `PG.`, `PEP.`, `EG.`, `FG.`, `F.`). The highest level with quantities is read; rows count at 1 % in `EG.Qvalue`
//! and `PG.Qvalue` (5 % where the protein q-value is one run's own, the producer's default), decoys and imputed values never.

use super::super::grid::Grid;
use super::super::label::canonical;
use super::super::long::{self, LongLayout, Repeats, RowRule};
use super::super::{DatasetError, FeatureLevel, Quantity, Scale};
use super::{Evidence, Format, RawTable, has_numbers, no_values};

/// The format.
pub(crate) struct SpectronautReport;

/// Columns of protein-group quantities.
const OF_GROUPS: [&str; 3] = ["PG.Quantity", "PG.MS2Quantity", "PG.MS1Quantity"];
/// Columns of precursor quantities.
const OF_PRECURSORS: [&str; 8] = [
    "EG.TotalQuantity (Settings)",
    "EG.TargetQuantity (Settings)",
    "EG.TotalQuantity",
    "EG.TargetQuantity",
    "FG.Quantity",
    "FG.MS2Quantity",
    "FG.MS2RawQuantity",
    "FG.MS1Quantity",
];
/// Columns of fragment quantities.
const OF_FRAGMENTS: [&str; 2] = ["F.NormalizedPeakArea", "F.PeakArea"];

impl Format for SpectronautReport {
    fn name(&self) -> &'static str {
        "spectronaut_report"
    }

    fn title(&self) -> &'static str {
        "Spectronaut report, long"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::ProteinGroup
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        layout(grid).map(|l| {
            Evidence::certain(format!(
                "it has the run in `{}` and the quantities in `{}`, as Spectronaut names them",
                grid.header[l.sample[0]], grid.header[l.values[0].column]
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
        include_str!("sample.tsv")
    }
}

fn layout(grid: &Grid) -> Option<LongLayout> {
    let run = grid.find(&["R.FileName", "R.Raw File Name", "R.Run Name", "R.Label"])?;
    let filled = |names: &[&str]| {
        names
            .iter()
            .filter_map(|name| grid.find(&[name]))
            .find(|&j| has_numbers(grid, j))
    };
    let group = grid.find(&[
        "PG.ProteinGroups",
        "PG.ProteinAccessions",
        "PG.UniProtIds",
        "PG.ProteinNames",
    ]);
    let mut layout = if let (Some(value), Some(group)) = (filled(&OF_GROUPS), group) {
        LongLayout {
            peptides: grid.find(&["PEP.StrippedSequence"]),
            ..LongLayout::new(
                FeatureLevel::ProteinGroup,
                Quantity::LfqIntensity,
                vec![run],
                vec![group],
                value,
            )
        }
    } else if let Some(precursor) = precursor(grid)
        && let Some(value) = filled(&OF_PRECURSORS).or_else(|| filled(&OF_FRAGMENTS))
    {
        let fragments = canonical(&grid.header[value]).ends_with("peakarea");
        LongLayout {
            repeats: if fragments {
                Repeats::Sum
            } else {
                Repeats::Same
            },
            ..LongLayout::new(
                FeatureLevel::Precursor,
                Quantity::Intensity,
                vec![run],
                precursor,
                value,
            )
        }
    } else {
        let peptide = grid.find(&["PEP.GroupingKey", "PEP.StrippedSequence"])?;
        LongLayout::new(
            FeatureLevel::Peptide,
            Quantity::Intensity,
            vec![run],
            vec![peptide],
            filled(&["PEP.Quantity"])?,
        )
    };
    layout.scale = Some(Scale::Linear);
    layout.accessions = group;
    layout.genes = grid.find(&["PG.Genes"]);
    layout.descriptions = [
        "PG.ProteinDescriptions",
        "PG.ProteinNames",
        "PG.FASTAHeader",
        "PG.Organisms",
    ]
    .iter()
    .filter_map(|name| grid.find(&[name]))
    .collect();
    layout.facts = ["R.Condition", "R.Replicate"]
        .iter()
        .filter_map(|name| grid.find(&[name]))
        .collect();
    let unset = [
        "EG.IsDecoy",
        "PG.IsDecoy",
        "EG.IsImputed",
        "F.ExcludedFromQuantification",
    ];
    let fragments = layout.repeats == Repeats::Sum;
    layout.rules = unset
        .iter()
        .filter(|name| fragments || !name.starts_with("F."))
        .filter_map(|name| grid.find(&[name]))
        .map(RowRule::Unset)
        .collect();
    for (name, limit) in [
        ("EG.Qvalue", 0.01),
        ("PG.Qvalue", 0.01),
        ("PG.QValue (Run-Wise)", 0.05),
    ] {
        let column = filled(&[name]);
        layout
            .rules
            .extend(column.map(|j| RowRule::AtMost(j, limit)));
    }
    Some(layout)
}

/// The columns that together name a precursor.
fn precursor(grid: &Grid) -> Option<Vec<usize>> {
    if let Some(id) = grid.find(&["EG.PrecursorId", "FG.Id"]) {
        return Some(vec![id]);
    }
    let sequence = grid.find(&[
        "EG.ModifiedSequence",
        "EG.ModifiedPeptide",
        "EG.IntPIMID",
        "FG.LabeledSequence",
        "EG.StrippedSequence",
        "PEP.StrippedSequence",
    ])?;
    Some(
        std::iter::once(sequence)
            .chain(grid.find(&["FG.Charge", "EG.Charge"]))
            .collect(),
    )
}
