//! Which column of a wide table holds the ids, and which hold measurements.

use std::collections::HashSet;

use super::super::super::Quantity;
use super::super::super::grid::Grid;
use super::super::super::label::{canonical, strip_prefix, strip_suffix, words};
use super::super::super::number::Cell;
use super::super::accession::{is_uniprot, split_ids};
use super::levels::are_peptides;
use super::{PREFIXES, label_of, looks_like_symbol};

/// The parts of a wide table with features in rows.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// Column of ids.
    pub id: usize,
    /// Why it is that column.
    pub id_reason: String,
    /// Measured columns with their labels.
    pub columns: Vec<(usize, String)>,
    /// What they measure.
    pub quantity: Quantity,
    /// Columns of numbers that are not samples.
    pub set_aside: Vec<usize>,
    /// Why not.
    pub set_aside_reason: String,
}

/// Names of id columns in canonical form, the preferred one first.
const IDS: [&str; 28] = [
    "majorityproteinids",
    "proteinids",
    "proteingroup",
    "proteingroups",
    "uniprot",
    "uniprotid",
    "uniprotids",
    "accession",
    "accessions",
    "masterproteinaccessions",
    "proteinaccession",
    "proteinaccessions",
    "proteinid",
    "protein",
    "proteins",
    "proteinname",
    "refseq",
    "ensembl",
    "geneid",
    "genesymbol",
    "symbol",
    "genename",
    "genenames",
    "gene",
    "genes",
    "id",
    "feature",
    "rownames",
];

/// Words that mark a column of numbers as a property of the feature, not a sample.
const PROPERTIES: [&str; 51] = [
    "ambiguity",
    "identified",
    "modifications",
    "comment",
    "comments",
    "note",
    "notes",
    "remarks",
    "scannr",
    "decoy",
    "decoys",
    "reverse",
    "contaminant",
    "peptides",
    "peptide",
    "psm",
    "psms",
    "score",
    "pep",
    "qvalue",
    "pvalue",
    "fdr",
    "length",
    "mw",
    "kda",
    "da",
    "weight",
    "coverage",
    "charge",
    "mz",
    "rt",
    "mass",
    "pi",
    "prob",
    "probability",
    "logfc",
    "fc",
    "foldchange",
    "padj",
    "median",
    "mean",
    "sd",
    "cv",
    "aas",
    "unnamed",
    "index",
    "entrez",
    "entrezid",
    "taxid",
    "evidence",
    "significant",
];

/// How headers of the results of a test begin, without separators.
const STATISTICS: [&str; 15] = [
    "log2fc",
    "log2foldchange",
    "logfoldchange",
    "adjp",
    "padj",
    "pval",
    "qval",
    "log10p",
    "minuslog10",
    "neglog10",
    "tstat",
    "teststat",
    "studentst",
    "anovap",
    "maxfoldchange",
];

/// Whether a column counts the rows, as spreadsheets and data frames do.
fn counts_rows(grid: &Grid, column: usize) -> bool {
    let number = |i: usize| match grid.number(i, column) {
        Cell::Number(x) => Some(x),
        _ => None,
    };
    grid.n_rows() >= FEWEST_COUNTED
        && number(0)
            .is_some_and(|first| (0..grid.n_rows()).all(|i| number(i) == Some(first + i as f64)))
}

/// So many rows in a row are counted; fewer may be measured.
const FEWEST_COUNTED: usize = 10;

/// The layout, or none when there is no id column or no column of numbers.
pub(super) fn layout(grid: &Grid) -> Option<Layout> {
    let kinds: Vec<(usize, usize, usize)> = (0..grid.n_columns()).map(|j| grid.kinds(j)).collect();
    let mostly_numbers = |j: usize| {
        let (numbers, _, text) = kinds[j];
        numbers > 0 && (text == 0 || (numbers >= 5 && numbers >= 9 * text))
    };
    let (id, id_reason) = id_column(grid, &kinds)?;
    let numeric: Vec<usize> = (0..grid.n_columns())
        .filter(|&j| j != id && mostly_numbers(j))
        .collect();
    let (first, last) = (*numeric.first()?, *numeric.last()?);
    // An empty column among the measurements is a sample in which nothing was measured, not an annotation.
    let empty = |j: usize| {
        kinds[j].0 == 0
            && kinds[j].2 == 0
            && (first..=last + 1).contains(&j)
            && !is_property(&grid.header[j])
    };
    let candidates: Vec<usize> = (0..grid.n_columns())
        .filter(|&j| j != id && (mostly_numbers(j) || empty(j)) && !grid.described.contains(&j))
        .collect();

    for (prefix, quantity) in PREFIXES {
        let labelled: Vec<(usize, String)> = candidates
            .iter()
            .filter_map(|&j| {
                let header = &grid.header[j];
                // `Abundance Ratio: …` and its p-values compare samples; they are none.
                let compares = quantity != Quantity::Ratio && canonical(header).contains("ratio");
                if compares {
                    return None;
                }
                let label =
                    strip_prefix(header, prefix).or_else(|| strip_suffix(header, prefix))?;
                let derived = [
                    "log2",
                    "p-value",
                    "pvalue",
                    "adj",
                    "variability",
                    "weight",
                    "count",
                ];
                let is_derived = |d: &&str| label.to_lowercase().trim_start().starts_with(*d);
                if prefix == "Abundance Ratio" && derived.iter().any(is_derived) {
                    return None;
                }
                Some((j, label_of(label)))
            })
            .collect();
        if labelled.len() >= 2 {
            let set_aside = numeric
                .iter()
                .copied()
                .filter(|j| labelled.binary_search_by_key(j, |l| l.0).is_err())
                .collect();
            return Some(Layout {
                id,
                id_reason,
                columns: labelled,
                quantity,
                set_aside,
                set_aside_reason: format!("the samples are the columns named `{prefix} …`"),
            });
        }
    }
    let property = |j: usize| is_property(&label_of(&grid.header[j])) || counts_rows(grid, j);
    let columns: Vec<(usize, String)> = candidates
        .iter()
        .filter(|&&j| !property(j))
        .map(|&j| (j, label_of(&grid.header[j])))
        .collect();
    (!columns.is_empty()).then(|| Layout {
        id,
        id_reason,
        columns,
        quantity: Quantity::Other,
        set_aside: numeric.into_iter().filter(|&j| property(j)).collect(),
        set_aside_reason: "their headers name properties of the feature".to_string(),
    })
}

fn is_property(header: &str) -> bool {
    let words = words(header);
    let joined = words.concat();
    words.iter().any(|w| PROPERTIES.contains(&w.as_str()))
        || PROPERTIES.contains(&joined.as_str())
        || joined == "id"
        || IDS.contains(&joined.as_str())
        || STATISTICS.iter().any(|s| joined.starts_with(s))
        || joined.starts_with("molweight")
        || joined.starts_with("numberof")
}

/// The column of ids: accessions first, then by name, then the first column of distinct texts.
fn id_column(grid: &Grid, kinds: &[(usize, usize, usize)]) -> Option<(usize, String)> {
    let distinct = |j: usize| {
        let mut seen = HashSet::new();
        grid.column(j)
            .filter(|c| !c.is_empty())
            .all(|c| seen.insert(c))
    };
    let textual: Vec<usize> = (0..grid.n_columns())
        .filter(|&j| kinds[j].2 > 0 && kinds[j].2 >= kinds[j].0)
        .collect();
    let accession_share = |j: usize| {
        let cells: Vec<&str> = grid.column(j).filter(|c| !c.is_empty()).take(500).collect();
        let n = cells
            .iter()
            .filter(|c| split_ids(c).first().is_some_and(|a| is_uniprot(a)))
            .count();
        2 * n > cells.len()
    };
    let rank = |j: usize| {
        IDS.iter()
            .position(|n| *n == canonical(&grid.header[j]))
            .unwrap_or(IDS.len())
    };
    let mut accessions: Vec<usize> = textual
        .iter()
        .copied()
        .filter(|&j| accession_share(j))
        .collect();
    accessions.sort_by_key(|&j| (!distinct(j), rank(j), j));
    if let Some(&first) = accessions.first().filter(|j| !distinct(**j)) {
        // Several peptides of one protein stand in rows of their own.
        let peptides = textual.iter().copied().find(|&j| {
            j != first
                && distinct(j)
                && are_peptides(grid.column(j).filter(|c| !c.is_empty()).take(500))
        });
        if let Some(j) = peptides {
            return Some((j, "its cells are distinct peptide sequences".to_string()));
        }
    }
    if let Some(&j) = accessions.first() {
        return Some((
            j,
            "its cells have the form of UniProt accessions".to_string(),
        ));
    }
    let mut named: Vec<usize> = (0..grid.n_columns())
        .filter(|&j| rank(j) < IDS.len() && (kinds[j].2 > 0 || (j == 0 && distinct(j))))
        .collect();
    named.sort_by_key(|&j| (!distinct(j), rank(j)));
    if let Some(&first) = named.first().filter(|j| !distinct(**j)) {
        let peptides = textual.iter().copied().find(|&j| {
            j != first
                && distinct(j)
                && are_peptides(grid.column(j).filter(|c| !c.is_empty()).take(500))
        });
        if let Some(j) = peptides {
            return Some((j, "its cells are distinct peptide sequences".to_string()));
        }
    }
    if let Some(&j) = named.first() {
        return Some((j, "its header names ids".to_string()));
    }
    let first_distinct = textual
        .iter()
        .copied()
        .find(|&j| distinct(j))
        .map(|j| (j, "it is the first column of distinct texts"));
    first_distinct
        .or_else(|| {
            textual
                .first()
                .map(|&j| (j, "it is the first column of texts"))
        })
        .map(|(j, why)| (j, why.to_string()))
}

/// Share of texts that look like features: accessions or gene symbols.
pub(super) fn feature_share<'a>(texts: impl Iterator<Item = &'a str>) -> (f64, f64) {
    let (mut n, mut accessions, mut either) = (0usize, 0usize, 0usize);
    for text in texts.take(2000) {
        n += 1;
        let accession = split_ids(text).first().is_some_and(|a| is_uniprot(a));
        accessions += usize::from(accession);
        either += usize::from(accession || looks_like_symbol(text));
    }
    let n = n.max(1) as f64;
    (accessions as f64 / n, either as f64 / n)
}
