//! Any delimited table with one row per sample and feature: a sample column, a feature column, a value column, and facts
//! about the sample that repeat on each of its rows.

mod survey;

use super::super::grid::Grid;
use super::super::long::{self, LongLayout, Survey};
use super::super::{DatasetError, FeatureLevel, Quantity};
use super::{Evidence, Format, RawTable, no_values};
use survey::Seen;

/// The format.
pub(crate) struct PlainLong;

const SAMPLES: [&str; 14] = [
    "sampleid",
    "runid",
    "assayid",
    "rawfile",
    "filename",
    "file",
    "run",
    "rfilename",
    "samplename",
    "sample",
    "channel",
    "aliquot",
    "injection",
    "samplefile",
];
const FEATURES: [&str; 17] = [
    "olinkid",
    "proteinid",
    "proteinids",
    "uniprot",
    "uniprotid",
    "accession",
    "proteinaccession",
    "proteingroup",
    "protein",
    "proteinname",
    "feature",
    "featureid",
    "gene",
    "genesymbol",
    "genename",
    "symbol",
    "assay",
];
const VALUES: [(&str, Quantity); 16] = [
    ("lfqintensity", Quantity::LfqIntensity),
    ("maxlfq", Quantity::LfqIntensity),
    ("lfq", Quantity::LfqIntensity),
    ("npx", Quantity::Npx),
    ("log2intensity", Quantity::Intensity),
    ("log2abundance", Quantity::Intensity),
    ("logintensity", Quantity::Intensity),
    ("normalizedabundance", Quantity::LfqIntensity),
    ("abundance", Quantity::Intensity),
    ("abundanceraw", Quantity::Intensity),
    ("intensity", Quantity::Intensity),
    ("quantity", Quantity::Intensity),
    ("area", Quantity::Intensity),
    ("ratio", Quantity::Ratio),
    ("log2ratio", Quantity::Ratio),
    ("value", Quantity::Other),
];

impl Format for PlainLong {
    fn name(&self) -> &'static str {
        "plain_long"
    }

    fn title(&self) -> &'static str {
        "plain table, long"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::ProteinGroup
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        layout(grid).map(|(_, because)| Evidence::shape(50, because))
    }

    fn survey(&self, header: &[String]) -> Option<Box<dyn Survey>> {
        Seen::of(header).map(|seen| Box::new(seen) as Box<dyn Survey>)
    }

    fn read(&self, grid: &Grid, _declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let (layout, _) = layout(grid).ok_or_else(|| no_values(grid))?;
        long::read_grid(grid, &layout)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}

fn layout(grid: &Grid) -> Option<(LongLayout, String)> {
    let seen = PlainLong.survey(&grid.header)?;
    long::survey_grid(grid, seen)
}
