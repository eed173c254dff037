//! GCT 1.2 and 1.3 (GenePattern, LINCS, CPTAC): features × samples with facts about the features before the values and,
//! in 1.3, facts about the samples above them, which become variables. The scale is told from the numbers.

use super::super::grid::Grid;
use super::super::sections::Preamble;
use super::super::sheet::Sheet;
use super::super::{
    DatasetError, Feature, FeatureLevel, ModifiedSite, Problem, Quantity, Severity,
};
use super::accession::{flag_of, is_uniprot, organism_in, set_symbols, split_ids, text};
use super::{Evidence, Format, RawTable};

/// The format.
pub(crate) struct Gct;

/// Names of columns of gene symbols.
const SYMBOLS: [&str; 7] = [
    "geneSymbol",
    "gene_symbol",
    "pr_gene_symbol",
    "Gene",
    "GeneName",
    "gene_name",
    "symbol",
];

impl Format for Gct {
    fn name(&self) -> &'static str {
        "gct"
    }

    fn title(&self) -> &'static str {
        "GCT matrix"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Gene
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        let Preamble::Gct { described, .. } = &grid.preamble else {
            return None;
        };
        (grid.n_columns() > described + 2).then(|| {
            Evidence::certain("it begins with `#1.2` or `#1.3` and its numbers of rows and columns")
        })
    }

    fn read(&self, grid: &Grid, _declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let Preamble::Gct {
            described,
            rows: declared_rows,
            samples,
            facts,
        } = &grid.preamble
        else {
            return Err(DatasetError::UnknownFormat {
                file: grid.file.clone(),
                found: "a GCT table begins with `#1.2` or `#1.3`".to_string(),
                hint: "keep the first two lines of the file".to_string(),
            });
        };
        let columns: Vec<(usize, String)> = (described + 1..grid.n_columns())
            .map(|j| (j, grid.header[j].clone()))
            .collect();
        let symbol = grid.find(&SYMBOLS).filter(|j| j <= described);
        let accession = grid
            .find(&[
                "accession_number",
                "accession",
                "uniprot",
                "protein_id",
                "pr_uniprot_id",
            ])
            .filter(|j| j <= described);
        let description = grid
            .find(&["Description", "entry_name", "protein_name", "pr_gene_desc"])
            .filter(|j| j <= described);
        let level = level_of(grid, accession.is_some());
        let rows = (0..grid.n_rows()).map(|i| {
            let id = grid.cell(i, 0);
            let accessions = match (level, text(grid, i, accession)) {
                (_, Some(of)) => split_ids(&of),
                (FeatureLevel::ProteinGroup, None) => split_ids(id),
                _ => Vec::new(),
            };
            let mut feature = Feature {
                id: id.to_string(),
                accessions,
                description: text(grid, i, description),
                site: (level == FeatureLevel::Site)
                    .then(|| residues(id).next())
                    .flatten()
                    .map(|r| ModifiedSite {
                        residue: r.to_string(),
                        ..ModifiedSite::default()
                    }),
                row: grid.line(i),
                ..Feature::default()
            };
            let named = match level {
                FeatureLevel::Gene => Some(id.to_string()),
                _ => None,
            };
            set_symbols(&mut feature, text(grid, i, symbol).or(named).as_deref());
            (feature, flag_of(id))
        });
        let mut table = RawTable::of_columns(grid, level, Quantity::Other, &columns)?
            .with_features(&grid.header[0], rows);
        let describing: Vec<Option<usize>> = (1..=*described).map(Some).collect();
        table.organism = organism_in(grid, &describing);
        if !facts.is_empty() {
            table.sheet = Some(sheet(grid, &columns, facts));
        }
        if *declared_rows != grid.n_rows() || *samples != columns.len() {
            table.problems.push(
                Problem::new(
                    Severity::Warn,
                    "declared_size",
                    format!(
                        "its second line declares {declared_rows} rows and {samples} samples; it holds {} and {}",
                        grid.n_rows(),
                        columns.len()
                    ),
                    "export the table again, or correct its second line",
                )
                .in_file(grid.file.clone())
                .at_row(2),
            );
        }
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.gct")
    }
}

/// Residues named in an id such as `NP_001035957.1_S38s_1_1_38_38` or `TP53-S15`.
fn residues(id: &str) -> impl Iterator<Item = &str> {
    id.split(['_', '-', ':', '|', ' ', ';'])
        .skip(1)
        .filter(|part| {
            let digits = part
                .strip_prefix(['S', 'T', 'Y', 'K'])
                .map(|rest| rest.trim_end_matches(|c: char| c.is_ascii_lowercase()));
            digits.is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
        })
}

fn level_of(grid: &Grid, accessions: bool) -> FeatureLevel {
    let n = grid.n_rows();
    let share = |of: &dyn Fn(&str) -> bool| grid.column(0).filter(|id| of(id)).count() * 2 > n;
    let protein = |id: &str| {
        ["NP_", "XP_", "YP_", "ENSP"]
            .iter()
            .any(|p| id.starts_with(p))
            || split_ids(id).first().is_some_and(|a| is_uniprot(a))
    };
    if share(&|id| residues(id).next().is_some()) {
        FeatureLevel::Site
    } else if accessions || share(&protein) {
        FeatureLevel::ProteinGroup
    } else {
        FeatureLevel::Gene
    }
}

fn sheet(grid: &Grid, columns: &[(usize, String)], facts: &[(String, Vec<String>)]) -> Sheet {
    let mut header = vec!["sample".to_string()];
    for (name, _) in facts {
        let mut unique = name.clone();
        let mut k = 1;
        while header.contains(&unique) {
            k += 1;
            unique = format!("{name} ({k})");
        }
        header.push(unique);
    }
    Sheet {
        file: grid.file.clone(),
        header,
        rows: columns
            .iter()
            .enumerate()
            .map(|(k, (_, sample))| {
                let cells = facts
                    .iter()
                    .map(|(_, f)| f.get(k).cloned().unwrap_or_default());
                std::iter::once(sample.clone()).chain(cells).collect()
            })
            .collect(),
        lines: vec![3; columns.len()],
        inferences: Vec::new(),
        problems: Vec::new(),
    }
}
