//! Input formats, one folder each: a reader and a small sample file. [`FORMATS`] is the explicit list, in the order in
//! which ties are broken; detection looks at headers and cells, never at file names.

pub(crate) mod accession;
mod alphadia_matrix;
pub(crate) mod cell_table;
mod diann;
mod diann_gene_matrix;
mod diann_pg_matrix;
mod diann_pr_matrix;
mod diann_report;
pub(crate) mod fcs;
mod fragpipe;
mod fragpipe_combined_ion;
mod fragpipe_combined_peptide;
mod fragpipe_combined_protein;
mod fragpipe_combined_site;
mod fragpipe_tmt_report;
mod gct;
pub(crate) mod h5ad;
mod linkedomics_cct;
mod maxquant;
mod maxquant_evidence;
mod maxquant_modified_peptides;
mod maxquant_peptides;
mod maxquant_protein_groups;
mod maxquant_sites;
mod msstats;
mod olink_npx;
mod olink_wide;
mod openswath;
mod mztab;
mod peaks;
pub(crate) mod peptides;
mod plain_long;
mod plain_wide;
mod progenesis;
mod proteome_discoverer;
pub(crate) mod proteus_table;
mod quantities;
mod raw_table;
mod somascan_adat;
mod somascan_table;
mod spectronaut_report;
mod sage_lfq;
mod skyline_report;
mod spectronaut_pivot;
#[cfg(test)]
mod tests;

pub(crate) use raw_table::{RawTable, RowFlag, SampleColumn};
pub(crate) use somascan_adat::{Adat, not_a_protein, turn};

use super::grid::Grid;
use super::long::{LongLayout, Survey};
use super::number::{self, Cell, Notation};
use super::sections::Preamble;
use super::{DatasetError, FeatureLevel, Quantity};

/// One input format.
pub(crate) trait Format: Sync {
    /// Short name, as in [`super::Assay::format`].
    fn name(&self) -> &'static str;
    /// What it is called in a sentence.
    fn title(&self) -> &'static str;
    /// What one row usually is.
    fn level(&self) -> FeatureLevel;
    /// The evidence that the grid is in this format, or none.
    fn detect(&self, grid: &Grid) -> Option<Evidence>;
    /// Reads the grid. Where it holds several quantities, the declared one is read, else the one that users of the
    /// producer expect, and that choice is an inference.
    fn read(&self, grid: &Grid, declared: Option<Quantity>) -> Result<RawTable, DatasetError>;
    /// Which columns mean what in the table with these first rows, for formats with one row per measurement, which are
    /// read row by row; none for those read whole.
    fn layout(&self, _head: &Grid, _declared: Option<Quantity>) -> Option<LongLayout> {
        None
    }
    /// For formats with one row per measurement whose columns only all rows together tell: what is to be gathered of them;
    /// none where the names of the columns rule the format out.
    fn survey(&self, _header: &[String]) -> Option<Box<dyn Survey>> {
        None
    }
    /// A small table in this format, for people and for tests.
    fn sample(&self) -> &'static str;
}

/// The score of columns that only one producer writes.
const CERTAIN: u32 = 100;

/// Why a grid was taken for a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// [`CERTAIN`] for a producer's own column names, less for a general shape.
    pub score: u32,
    /// The evidence in words.
    pub because: String,
}

impl Evidence {
    /// Columns that only one producer writes.
    fn certain(because: impl Into<String>) -> Self {
        Self {
            score: CERTAIN,
            because: because.into(),
        }
    }

    /// The general shape of a table.
    fn shape(score: u32, because: impl Into<String>) -> Self {
        Self {
            score,
            because: because.into(),
        }
    }
}

/// All formats.
pub(crate) const FORMATS: [&dyn Format; 35] = [
    &proteus_table::ProteusTable,
    &maxquant_protein_groups::MaxQuantProteinGroups,
    &maxquant_peptides::MaxQuantPeptides,
    &maxquant_modified_peptides::MaxQuantModifiedPeptides,
    &maxquant_sites::MaxQuantSites,
    &diann_pg_matrix::DiannPgMatrix,
    &diann_pr_matrix::DiannPrMatrix,
    &diann_gene_matrix::DiannGeneMatrix,
    &fragpipe_combined_protein::FragPipeCombinedProtein,
    &fragpipe_combined_peptide::FragPipeCombinedPeptide,
    &fragpipe_combined_ion::FragPipeCombinedIon,
    &fragpipe_combined_site::FragPipeCombinedSite,
    &fragpipe_tmt_report::FragPipeTmtReport,
    &diann_report::DiannReport,
    &maxquant_evidence::MaxQuantEvidence,
    &spectronaut_report::SpectronautReport,
    &msstats::MsStats,
    &skyline_report::SkylineReport,
    &openswath::OpenSwath,
    &olink_npx::OlinkNpx,
    &olink_wide::OlinkWide,
    &somascan_adat::SomaScanAdat,
    &somascan_table::SomaScanTable,
    &alphadia_matrix::AlphaDiaMatrix,
    &sage_lfq::SageLfq,
    &spectronaut_pivot::SpectronautPivot,
    &proteome_discoverer::ProteomeDiscoverer,
    &peaks::Peaks,
    &progenesis::Progenesis,
    &mztab::MzTab,
    &gct::Gct,
    &linkedomics_cct::LinkedOmicsCct,
    &cell_table::CellTable,
    &plain_long::PlainLong,
    &plain_wide::PlainWide,
];

/// The format that a table may have for all that its first rows say, if all its rows agree; none where a producer's own
/// columns say more.
pub(crate) fn surveyed(head: &Grid) -> Option<&'static dyn Format> {
    let first_rows = detect(head).map_or(0, |(_, evidence)| evidence.score);
    FORMATS
        .into_iter()
        .filter(|_| first_rows < CERTAIN && head.preamble == Preamble::None)
        .find(|f| f.survey(&head.header).is_some())
}

/// The format with the strongest evidence, the earlier one on a tie.
pub(crate) fn detect(grid: &Grid) -> Option<(&'static dyn Format, Evidence)> {
    let mut best: Option<(&'static dyn Format, Evidence)> = None;
    for format in FORMATS {
        let Some(evidence) = format.detect(grid) else {
            continue;
        };
        if evidence.score == CERTAIN {
            return Some((format, evidence));
        }
        if best.as_ref().is_none_or(|(_, b)| evidence.score > b.score) {
            best = Some((format, evidence));
        }
    }
    best
}

/// What a listing says of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormatInfo {
    /// Short name, as in [`super::Assay::format`].
    pub name: &'static str,
    /// What it is called in a sentence.
    pub title: &'static str,
    /// What one row usually is.
    pub level: FeatureLevel,
    /// A small table in this format; empty for a format that is no text.
    pub sample: &'static str,
}

/// Formats told by their first bytes, which are no tables.
const BINARY: [FormatInfo; 2] = [fcs::INFO, h5ad::INFO];

/// All formats in the order of detection, then those that are no tables, for listings.
pub fn list() -> Vec<FormatInfo> {
    FORMATS
        .iter()
        .map(|f| FormatInfo {
            name: f.name(),
            title: f.title(),
            level: f.level(),
            sample: f.sample(),
        })
        .chain(BINARY)
        .collect()
}

/// Whether a column holds a number that is not zero.
fn has_numbers(grid: &Grid, column: usize) -> bool {
    let comma = |cell: &str| number::parse(cell, Notation::Comma);
    grid.column(column)
        .any(|cell| matches!(comma(cell), Cell::Number(x) if x != 0.0))
}

/// The fault of a table whose columns of measurements are missing.
fn no_values(grid: &Grid) -> DatasetError {
    DatasetError::NoNumbers {
        file: grid.file.clone(),
        found: format!("the columns are {}", grid.header_excerpt()),
    }
}
