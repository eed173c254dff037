//! Accessions, FASTA headers, and the marks of contaminants and decoys.

use crate::knowledge::organism::named_organism;

use super::super::Feature;
use super::super::grid::Grid;
use super::RowFlag;

/// Prefixes of contaminant accessions, in lower case.
const CONTAMINANT: [&str; 6] = [
    "con__",
    "cont_",
    "contam_",
    "contaminant_",
    "crap_",
    "#contam#",
];
/// Prefixes of decoy accessions, in lower case.
const DECOY: [&str; 6] = ["rev__", "rev_", "decoy_", "xxx_", "reverse_", "#decoy#"];

/// The ids of a group, split at `;`, with `sp|P12345|NAME_HUMAN` reduced to `P12345`.
///
/// OpenSWATH writes the number of proteins first, as in `2/sp|P12345|A/sp|P67890|B`.
pub(crate) fn split_ids(cell: &str) -> Vec<String> {
    if let Some((_, counted)) = cell
        .split_once('/')
        .filter(|(n, _)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    {
        return counted.split('/').flat_map(split_ids).collect();
    }
    cell.split(';')
        .map(|id| bare(id.trim().trim_start_matches('>')))
        .filter(|id| !id.is_empty())
        .map(str::to_string)
        .collect()
}

/// The accession inside a FASTA-style id; marks of contaminants and decoys stay.
fn bare(id: &str) -> &str {
    let mut parts = id.split('|');
    match (parts.next(), parts.next()) {
        (Some(db), Some(accession)) if ["sp", "tr", "ref", "gi", "gb"].contains(&db) => accession,
        _ => id.split_whitespace().next().unwrap_or(id),
    }
}

/// Whether an id carries the mark of a contaminant or decoy, before or inside `sp|P12345|NAME_HUMAN`.
pub(crate) fn flag_of(id: &str) -> RowFlag {
    let id = bare(id.trim().trim_start_matches('>')).to_lowercase();
    if DECOY.iter().any(|p| id.starts_with(p)) {
        RowFlag::Decoy
    } else if CONTAMINANT.iter().any(|p| id.starts_with(p)) {
        RowFlag::Contaminant
    } else {
        RowFlag::Keep
    }
}

/// Whether a flag cell (`+`, `TRUE`, `yes`, `1`) is set.
pub(crate) fn is_set(cell: &str) -> bool {
    matches!(cell.to_lowercase().as_str(), "+" | "true" | "yes" | "1")
}

/// What a FASTA header says: (description, symbol, organism).
pub(crate) fn fasta(header: &str) -> (Option<String>, Option<String>, Option<String>) {
    let first = header
        .split(";>")
        .next()
        .unwrap_or(header)
        .trim_start_matches('>');
    let tag = |name: &str| {
        let at = first.find(&format!(" {name}="))?;
        let rest = &first[at + name.len() + 2..];
        let end = [" OS=", " OX=", " GN=", " PE=", " SV=", ";"]
            .iter()
            .filter_map(|t| rest.find(t))
            .min()
            .unwrap_or(rest.len());
        Some(rest[..end].trim().to_string()).filter(|t| !t.is_empty())
    };
    let name_start = if first.contains('|') {
        first.find(' ').map_or(first.len(), |at| at + 1)
    } else {
        0
    };
    let name_end = [" OS=", " OX=", " GN="]
        .iter()
        .filter_map(|t| first.find(t))
        .min()
        .unwrap_or(first.len())
        .max(name_start);
    let description =
        Some(first[name_start..name_end].trim().to_string()).filter(|d| !d.is_empty());
    (description, tag("GN"), tag("OS"))
}

/// The organism most rows name in any of the columns, if at least half of those that name one agree.
pub(crate) fn organism_in(grid: &Grid, columns: &[Option<usize>]) -> Option<String> {
    let mut tally = OrganismTally::default();
    for i in 0..grid.n_rows() {
        tally.add(columns.iter().flatten().map(|&j| grid.cell(i, j)));
    }
    tally.most()
}

/// How many rows name which organism.
#[derive(Debug, Default)]
pub(crate) struct OrganismTally {
    counts: std::collections::BTreeMap<String, usize>,
    rows: usize,
}

impl OrganismTally {
    /// Counts one row by the first of its texts that names an organism.
    pub fn add<'a>(&mut self, mut texts: impl Iterator<Item = &'a str>) {
        self.rows += 1;
        if let Some(name) = texts.find_map(named_organism) {
            *self.counts.entry(name).or_default() += 1;
        }
    }

    /// The organism most rows name, if at least half of those that name one agree and a tenth of all do.
    pub fn most(&self) -> Option<String> {
        let total: usize = self.counts.values().sum();
        self.counts
            .iter()
            .max_by_key(|(_, n)| **n)
            .filter(|(_, n)| 2 * **n >= total && 10 * **n >= self.rows)
            .map(|(name, _)| name.clone())
    }
}

/// Whether a text has the form of a UniProt accession (isoform suffix allowed).
pub(crate) fn is_uniprot(text: &str) -> bool {
    let stem = text.split('-').next().unwrap_or(text);
    let b = stem.as_bytes();
    let digit = |i: usize| b.get(i).is_some_and(u8::is_ascii_digit);
    let upper = |i: usize| b.get(i).is_some_and(u8::is_ascii_uppercase);
    let mixed = |i: usize| digit(i) || upper(i);
    let six = b.len() == 6 && upper(0) && digit(1) && mixed(2) && mixed(3) && mixed(4) && digit(5);
    let ten = b.len() == 10
        && upper(0)
        && digit(1)
        && upper(2)
        && mixed(3)
        && mixed(4)
        && digit(5)
        && upper(6)
        && mixed(7)
        && mixed(8)
        && digit(9);
    six || ten
}

/// The text of an optional column, none when empty or a missing-value code.
pub(crate) fn text(grid: &Grid, row: usize, column: Option<usize>) -> Option<String> {
    let cell = grid.cell(row, column?);
    (!cell.is_empty() && !super::super::number::is_missing(cell)).then(|| cell.to_string())
}

/// A count in an optional column; the first of a `;` list.
pub(crate) fn count(grid: &Grid, row: usize, column: Option<usize>) -> Option<u32> {
    let cell = grid.cell(row, column?);
    let first = cell.split(';').next().unwrap_or(cell).trim();
    first
        .parse::<f64>()
        .ok()
        .filter(|x| *x >= 0.0)
        .map(|x| x as u32)
}

/// Fills symbol and symbols from a `;` list of gene names.
pub(crate) fn set_symbols(feature: &mut Feature, genes: Option<&str>) {
    feature.symbols = genes
        .map(|g| {
            g.split(';')
                .map(|s| s.trim().to_string())
                .filter(|s| !s.is_empty())
                .collect()
        })
        .unwrap_or_default();
    feature.symbols.dedup();
    feature.symbol = feature.symbols.first().cloned();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_reduced_to_accessions() {
        assert_eq!(
            split_ids("2/sp|P36578|RL4_HUMAN/sp|Q9Y3E1|HDGR3_HUMAN"),
            ["P36578", "Q9Y3E1"]
        );
        assert_eq!(
            split_ids("sp|P36578|RL4_HUMAN;Q9Y3E1-2"),
            ["P36578", "Q9Y3E1-2"]
        );
        assert_eq!(split_ids("CON__P02668"), ["CON__P02668"]);
        assert!(split_ids(" ; ").is_empty());
    }

    #[test]
    fn marks_are_recognised_in_any_case() {
        assert_eq!(flag_of("CON__P02668"), RowFlag::Contaminant);
        assert_eq!(flag_of("contam_sp|P02668|CASK_BOVIN"), RowFlag::Contaminant);
        assert_eq!(flag_of("rev_sp|P1|X"), RowFlag::Decoy);
        assert_eq!(flag_of("REV__P1"), RowFlag::Decoy);
        assert_eq!(flag_of("REV1_HUMAN"), RowFlag::Keep);
        assert_eq!(flag_of("CONT1"), RowFlag::Keep);
    }

    #[test]
    fn fasta_headers() {
        let (d, g, o) = fasta(
            ">sp|A0AV96-2|RBM47_HUMAN Isoform 2 of RNA-binding protein 47 OS=Homo sapiens GN=RBM47 PE=1",
        );
        assert_eq!(d.as_deref(), Some("Isoform 2 of RNA-binding protein 47"));
        assert_eq!(g.as_deref(), Some("RBM47"));
        assert_eq!(o.as_deref(), Some("Homo sapiens"));
        assert_eq!(
            fasta("Plectin OS=Homo sapiens OX=9606 GN=PLEC PE=1")
                .1
                .as_deref(),
            Some("PLEC")
        );
    }

    #[test]
    fn accessions_by_form() {
        assert!(is_uniprot("P04637") && is_uniprot("A0A087WPM2") && is_uniprot("Q9NQ94-5"));
        assert!(!is_uniprot("TP53") && !is_uniprot("S001"));
    }
}
