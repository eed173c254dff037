//! Olink NPX, long (Target, Explore, Reveal, HT; text or Parquet): one row per sample and assay. NPX is on the log2 scale.
//! Sample, plate and negative controls and internal control assays are set apart; values below the limit of detection and
//! quality warnings are kept and counted, as the producer advises.

use super::super::grid::Grid;
use super::super::label::canonical;
use super::super::long::{self, LongLayout, Repeats, RowNote, RowRule};
use super::super::{DatasetError, FeatureLevel, Quantity, Scale};
use super::{Evidence, Format, RawTable, has_numbers, no_values};

/// The format.
pub(crate) struct OlinkNpx;

/// Columns that describe the assay or the measurement, not the sample.
const OF_ASSAYS: [&str; 38] = [
    "index",
    "olinkid",
    "uniprot",
    "assay",
    "assaytype",
    "assayid",
    "missingfreq",
    "panel",
    "panelversion",
    "panellotnr",
    "panelsetid",
    "paneldataarchiveversion",
    "preprocessingversion",
    "preprocessingsoftware",
    "preprocessingsoftwareversion",
    "qcwarning",
    "sampleqc",
    "assayqc",
    "assaywarn",
    "assayqcwarn",
    "qcversion",
    "lod",
    "maxlod",
    "platelod",
    "negctrllod",
    "lodmethod",
    "npx",
    "extnpx",
    "pcnormalizednpx",
    "platecontrolnormalizednpx",
    "intensitynormalizednpx",
    "count",
    "sampletype",
    "normalization",
    "block",
    "dataanalysisrefid",
    "exploreversion",
    "unit",
];

impl Format for OlinkNpx {
    fn name(&self) -> &'static str {
        "olink_npx"
    }

    fn title(&self) -> &'static str {
        "Olink NPX, long"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::ProteinGroup
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        layout(grid).map(|_| {
            Evidence::certain(
                "it has the columns `SampleID`, `OlinkID` and `NPX`, one row per sample and assay",
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
    let sample = grid.find(&["SampleID"])?;
    let olink_id = grid.find(&["OlinkID"])?;
    let value = grid.find(&["NPX"]).filter(|&j| has_numbers(grid, j))?;
    let assay = grid.find(&["Assay"]);
    let mut layout = LongLayout::new(
        FeatureLevel::ProteinGroup,
        Quantity::Npx,
        vec![sample],
        vec![olink_id],
        value,
    );
    layout.scale = Some(Scale::Log2);
    layout.repeats = Repeats::Never;
    layout.accessions = grid.find(&["UniProt"]);
    layout.genes = assay;
    layout.facts = (0..grid.n_columns())
        .filter(|&j| j != sample && !OF_ASSAYS.contains(&canonical(&grid.header[j]).as_str()))
        .collect();
    layout.apart = match grid.find(&["SampleType", "Sample_Type"]) {
        Some(kind) => vec![(kind, is_other_kind)],
        None => vec![(sample, is_control_name)],
    };
    layout.rules = match (grid.find(&["AssayType"]), assay) {
        (Some(kind), _) => vec![RowRule::OneOf(kind, &["assay"])],
        (None, Some(assay)) => [
            "incubation control",
            "extension control",
            "amplification control",
        ]
        .iter()
        .map(|word| RowRule::Without(assay, word))
        .chain(
            ["inc ctrl", "ext ctrl", "amp ctrl", "det ctrl"]
                .iter()
                .map(|word| RowRule::Without(assay, word)),
        )
        .collect(),
        (None, None) => Vec::new(),
    };
    let warned = grid.find(&["QC_Warning", "SampleQC", "Sample_QC"]);
    layout.notes = warned
        .map(|j| RowNote::OtherThan(j, "pass"))
        .into_iter()
        .collect();
    let limit = grid
        .find(&["LOD", "MaxLOD", "PlateLOD"])
        .filter(|&j| has_numbers(grid, j));
    layout.notes.extend(limit.map(|j| RowNote::Below(value, j)));
    Some(layout)
}

/// Whether a sample type names a control.
fn is_other_kind(cell: &str) -> bool {
    let kind = canonical(cell);
    !matches!(
        kind.as_str(),
        "" | "sample" | "na" | "bridge" | "bridgesample"
    )
}

/// Whether a sample is called as the producer calls its controls; `Control_1` may be a healthy person.
fn is_control_name(cell: &str) -> bool {
    const NAMES: [&str; 7] = [
        "controlsample",
        "samplecontrol",
        "negativecontrol",
        "negcontrol",
        "negctrl",
        "platecontrol",
        "interplatecontrol",
    ];
    let name = canonical(cell);
    NAMES.iter().any(|n| name.contains(n))
}
