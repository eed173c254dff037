//! AlphaDIA `pg.matrix.tsv`, `peptide.matrix.tsv` and `precursor.matrix.tsv`, also joined with the description of the
//! precursors: one row per protein group, peptide or precursor, one column per run. Zero means not measured.

use super::super::grid::Grid;
use super::super::label::{canonical, run_name};
use super::super::{DatasetError, Feature, FeatureLevel, Quantity};
use super::accession::{count, flag_of, is_set, organism_in, set_symbols, split_ids, text};
use super::peptides::{assign, listed};
use super::{Evidence, Format, RawTable, RowFlag};

/// The format.
pub(crate) struct AlphaDiaMatrix;

/// Ids of the levels, the finest first.
const PRECURSOR: [&str; 2] = ["mod_seq_charge_hash", "precursor.mod_seq_charge_hash"];
const PEPTIDE: [&str; 2] = ["mod_seq_hash", "precursor.mod_seq_hash"];
const GROUP: [&str; 2] = ["pg", "pg.name"];

/// Columns that describe the row, in canonical form; those of a level may stand behind `precursor.` or `pg.`.
const DESCRIBING: [&str; 22] = [
    "modseqchargehash",
    "modseqhash",
    "pg",
    "pgname",
    "pgmaster",
    "pgproteins",
    "pggenes",
    "pgdecoy",
    "genes",
    "proteins",
    "decoy",
    "mods",
    "modsites",
    "sequence",
    "charge",
    "channel",
    "elutiongroupidx",
    "precursoridx",
    "naa",
    "qval",
    "pgqval",
    "rownames",
];

impl Format for AlphaDiaMatrix {
    fn name(&self) -> &'static str {
        "alphadia_matrix"
    }

    fn title(&self) -> &'static str {
        "AlphaDIA matrix"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Precursor
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        let (_, id) = level_of(grid)?;
        let long = grid
            .find(&[
                "run",
                "raw.name",
                "raw.file",
                "intensity",
                "precursor.intensity",
            ])
            .is_some();
        (!long && columns(grid).len() >= 2).then(|| {
            Evidence::certain(format!(
                "it has the column `{}` and one column per run",
                grid.header[id]
            ))
        })
    }

    fn read(&self, grid: &Grid, _declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let Some((level, id)) = level_of(grid) else {
            return Err(DatasetError::NoNumbers {
                file: grid.file.clone(),
                found: format!(
                    "no column `mod_seq_charge_hash`, `mod_seq_hash` or `pg` among {}",
                    grid.header_excerpt()
                ),
            });
        };
        let group = grid.find(&GROUP);
        let sequence = grid.find(&["sequence", "precursor.sequence"]);
        let mods = grid.find(&["mods", "precursor.mods"]);
        let places = grid.find(&["mod_sites", "precursor.mod_sites"]);
        let charge = grid
            .find(&["charge", "precursor.charge"])
            .filter(|_| level == FeatureLevel::Precursor);
        let genes = grid.find(&["genes", "pg.genes"]);
        let proteins = grid.find(&["proteins", "pg.proteins"]);
        let decoy = grid.find(&["decoy", "pg.decoy"]);
        let rows = (0..grid.n_rows()).map(|i| {
            let written = text(grid, i, sequence).filter(|_| level != FeatureLevel::ProteinGroup);
            let mut feature = match written {
                Some(sequence) => {
                    let places = text(grid, i, places).unwrap_or_default();
                    let mods = text(grid, i, mods).map(|m| match places.as_str() {
                        "" => m,
                        _ => format!("{m} at {places}"),
                    });
                    listed(&sequence, mods, count(grid, i, charge))
                }
                None => Feature {
                    id: grid.cell(i, id).to_string(),
                    ..Feature::default()
                },
            };
            feature.accessions = text(grid, i, group)
                .map(|p| split_ids(&p))
                .unwrap_or_default();
            assign(&mut feature, usize::MAX);
            // Without a column of groups the column `genes` may hold entry names, which are no symbols.
            let named = text(grid, i, genes);
            let entries = named.as_ref().filter(|g| g.contains('_'));
            let all = text(grid, i, proteins).or_else(|| entries.cloned());
            for other in all.map(|p| split_ids(&p)).unwrap_or_default() {
                if !feature.accessions.contains(&other) {
                    feature.accessions.push(other);
                }
            }
            if level == FeatureLevel::ProteinGroup {
                feature.id = feature.accessions.first().cloned().unwrap_or_default();
            }
            feature.row = grid.line(i);
            let symbols = named.filter(|g| !g.contains('_'));
            set_symbols(&mut feature, symbols.as_deref());
            let marked = flag_of(feature.accessions.first().map_or("", String::as_str));
            let flag = match decoy {
                Some(j) if is_set(grid.cell(i, j)) => RowFlag::Decoy,
                _ => marked,
            };
            (feature, flag)
        });
        let mut table = RawTable::of_columns(grid, level, Quantity::LfqIntensity, &columns(grid))?
            .with_features(&grid.header[id], rows);
        table.ids_are_groups = level == FeatureLevel::ProteinGroup;
        table.organism = organism_in(grid, &[genes, proteins]);
        Ok(match level {
            FeatureLevel::Precursor => table.merge_repeated(&grid.file, "precursor"),
            FeatureLevel::Peptide => table.merge_repeated(&grid.file, "peptide"),
            _ => table,
        })
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}

/// What a row is, and the column that says so. `pg` alone must be the first column: it is too short a name to prove a
/// format elsewhere.
fn level_of(grid: &Grid) -> Option<(FeatureLevel, usize)> {
    if let Some(j) = grid.find(&PRECURSOR) {
        return Some((FeatureLevel::Precursor, j));
    }
    if let Some(j) = grid.find(&PEPTIDE) {
        return Some((FeatureLevel::Peptide, j));
    }
    let described = |h: &&String| canonical(h) != "rownames" && **h != "column 1";
    let first = grid.header.iter().find(described)?;
    let j = grid.find(&GROUP)?;
    let (numbers, _, texts) = grid.kinds(j);
    (first == &grid.header[j] && texts > numbers).then_some((FeatureLevel::ProteinGroup, j))
}

fn columns(grid: &Grid) -> Vec<(usize, String)> {
    grid.header
        .iter()
        .enumerate()
        .filter(|(_, h)| {
            let name = canonical(h);
            let bare = name.strip_prefix("precursor").unwrap_or(&name);
            !DESCRIBING.contains(&name.as_str()) && !DESCRIBING.contains(&bare)
        })
        .filter(|(j, _)| {
            let (numbers, _, texts) = grid.kinds(*j);
            numbers > 0 || texts == 0
        })
        .map(|(j, h)| (j, run_name(h).to_string()))
        .collect()
}
