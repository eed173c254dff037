//! Tables with one row per spectrum, which are recognised so that nobody takes a spectrum for a peptide.

use super::DatasetError;
use super::grid::Grid;
use super::label::canonical;

/// Who writes such a table, the columns that tell, and the table to give in its place.
const PRODUCERS: [(&str, &[&str], &str); 7] = [
    (
        "Proteome Discoverer's peptide-spectrum matches",
        &["spectrumfile", "sequence|annotatedsequence", "mzda"],
        "export the table of proteins or of peptide groups",
    ),
    (
        "Sage's reporter ions",
        &["scannr", "tmt1"],
        "give a table of peptides or proteins made of them; `lfq.tsv` is read as it is",
    ),
    (
        "Sage's results",
        &["scannr", "peptide", "psmid|hyperscore"],
        "give `lfq.tsv` of the same search",
    ),
    (
        "FragPipe's peptide-spectrum matches",
        &["spectrum", "spectrumfile", "hyperscore"],
        "give `combined_protein.tsv`, `combined_ion.tsv` or the reports of tmt-report",
    ),
    (
        "MaxQuant's spectra",
        &["rawfile", "scannumber|scanindex", "sequence|massanalyzer"],
        "give `proteinGroups.txt`, `peptides.txt` or `evidence.txt` of the same search",
    ),
    (
        "FlashLFQ's peaks",
        &["filename", "fullsequence", "peakintensity"],
        "give `QuantifiedProteins.tsv` or `QuantifiedPeptides.tsv` of the same search",
    ),
    (
        "peptide-spectrum matches",
        &["psmid|specid", "peptide", "proteinids|proteins|protein"],
        "give a table of quantities: one row per peptide or protein, one column per sample",
    ),
];

/// The fault of a table of spectra.
pub(crate) fn refuse(grid: &Grid) -> Option<DatasetError> {
    let header: Vec<String> = grid.header.iter().map(|h| canonical(h)).collect();
    let has = |wanted: &str| wanted.split('|').any(|w| header.iter().any(|h| h == w));
    let (producer, columns, hint) = PRODUCERS
        .iter()
        .find(|(_, columns, _)| columns.iter().all(|c| has(c)))?;
    let shown: Vec<String> = columns
        .iter()
        .filter_map(|wanted| {
            let at = header
                .iter()
                .position(|h| wanted.split('|').any(|w| h == w))?;
            Some(format!("`{}`", grid.header[at]))
        })
        .collect();
    Some(DatasetError::Binary {
        file: grid.file.clone(),
        looks_like: format!(
            "{producer} (columns {}), one row per spectrum and not per peptide or protein",
            shown.join(", ")
        ),
        hint: (*hint).to_string(),
    })
}
