//! What `proteus convert` writes: a column named after the level with the ids, facts of the features up to `line`, then
//! one column of values per sample, on the scale of the analysis (log2 where it is not said otherwise). Nothing is left
//! out or mapped again when it is read.

use super::super::grid::Grid;
use super::super::{
    CellPopulation, DatasetError, Feature, FeatureLevel, ModifiedSite, Peptidoform, Quantity, Scale,
};
use super::accession::{count, text};
use super::{Evidence, Format, RawTable, RowFlag};

/// The format.
pub(crate) struct ProteusTable;

/// The last fact of a feature: the line it stood on in the file it was converted from.
pub(crate) const LAST: &str = "line";

/// What is between several accessions or symbols.
const BETWEEN: &str = ";";

/// Facts that every table states of its features; the others stand where any feature has them.
const ALWAYS: [&str; 4] = ["symbol", "symbols", "accessions", "description"];

/// A fact of a feature as text.
type Fact = fn(&Feature) -> Option<String>;

/// The columns that describe a feature: header, whether it is always there, content.
pub(crate) fn columns(level: FeatureLevel) -> Vec<(&'static str, bool, Fact)> {
    let facts: [(&str, Fact); 15] = [
        ("symbol", |f| f.symbol.clone()),
        ("symbols", |f| joined(&f.symbols)),
        ("accessions", |f| joined(&f.accessions)),
        ("description", |f| f.description.clone()),
        ("peptides", |f| f.peptides.map(|n| n.to_string())),
        ("unique_peptides", |f| {
            f.unique_peptides.map(|n| n.to_string())
        }),
        ("sequence", |f| {
            Some(f.peptidoform.as_ref()?.sequence.clone())
        }),
        ("modifications", |f| {
            f.peptidoform.as_ref()?.modifications.clone()
        }),
        ("charge", |f| {
            Some(f.peptidoform.as_ref()?.charge?.to_string())
        }),
        ("assigned", |f| {
            let assigned = f.peptidoform.as_ref()?.assigned;
            (assigned > 0).then(|| assigned.to_string())
        }),
        ("residue", |f| Some(f.site.as_ref()?.residue.clone())),
        ("modification", |f| f.site.as_ref()?.modification.clone()),
        ("localisation", |f| {
            Some(f.site.as_ref()?.localisation?.to_string())
        }),
        ("cells", |f| Some(f.population.as_ref()?.name.clone())),
        ("cell_marker", |f| f.population.as_ref()?.marker.clone()),
    ];
    let id: Fact = |f| Some(f.id.clone());
    let facts = facts
        .into_iter()
        .map(|(name, fact)| (name, ALWAYS.contains(&name), fact));
    std::iter::once((id_column(level), true, id))
        .chain(facts)
        .collect()
}

fn joined(all: &[String]) -> Option<String> {
    (!all.is_empty()).then(|| all.join(BETWEEN))
}

/// Levels by the header of their ids.
const LEVELS: [(&str, FeatureLevel); 9] = [
    ("precursor", FeatureLevel::Precursor),
    ("peptide", FeatureLevel::Peptide),
    ("protein_group", FeatureLevel::ProteinGroup),
    ("gene", FeatureLevel::Gene),
    ("site", FeatureLevel::Site),
    ("marker", FeatureLevel::Marker),
    ("transcript", FeatureLevel::Transcript),
    ("population", FeatureLevel::Population),
    ("state", FeatureLevel::State),
];

fn id_column(level: FeatureLevel) -> &'static str {
    LEVELS
        .iter()
        .find(|(_, l)| *l == level)
        .map_or("feature", |(name, _)| name)
}

/// The level, and the position of [`LAST`].
fn layout(grid: &Grid) -> Option<(FeatureLevel, usize)> {
    let (_, level) = LEVELS.iter().find(|(name, _)| grid.header[0] == *name)?;
    let last = grid.header.iter().position(|h| h == LAST)?;
    let known = columns(*level);
    let facts = &grid.header[1..last];
    let ours = facts
        .iter()
        .all(|h| known.iter().any(|(name, ..)| h == name));
    let all = ALWAYS.iter().all(|name| facts.iter().any(|h| h == name));
    (ours && all && last + 1 < grid.n_columns()).then_some((*level, last))
}

impl Format for ProteusTable {
    fn name(&self) -> &'static str {
        "proteus_table"
    }

    fn title(&self) -> &'static str {
        "table made by `proteus convert`"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::ProteinGroup
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        let (_, last) = layout(grid)?;
        Some(Evidence::certain(format!(
            "its first columns are `{}` to `{LAST}`",
            grid.header[..last].join("`, `")
        )))
    }

    fn read(&self, grid: &Grid, declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let Some((level, last)) = layout(grid) else {
            return Err(super::no_values(grid));
        };
        let place = |name: &str| grid.header[..last].iter().position(|h| h == name);
        let (symbol, symbols) = (place("symbol"), place("symbols"));
        let (accessions, description) = (place("accessions"), place("description"));
        let (peptides, unique) = (place("peptides"), place("unique_peptides"));
        let (sequence, modifications) = (place("sequence"), place("modifications"));
        let (charge, assigned) = (place("charge"), place("assigned"));
        let residue = place("residue");
        let (modification, localisation) = (place("modification"), place("localisation"));
        let (cells, marker) = (place("cells"), place("cell_marker"));
        let list = |i: usize, column: Option<usize>| -> Vec<String> {
            text(grid, i, column).map_or_else(Vec::new, |all| {
                all.split(BETWEEN).map(str::to_string).collect()
            })
        };
        let rows = (0..grid.n_rows()).map(|i| {
            let feature = Feature {
                id: grid.cell(i, 0).to_string(),
                accessions: list(i, accessions),
                symbol: text(grid, i, symbol),
                symbols: list(i, symbols),
                description: text(grid, i, description),
                peptides: count(grid, i, peptides),
                unique_peptides: count(grid, i, unique),
                peptidoform: text(grid, i, sequence).map(|sequence| Peptidoform {
                    sequence,
                    modifications: text(grid, i, modifications),
                    charge: count(grid, i, charge),
                    assigned: count(grid, i, assigned).map_or(0, |n| n as usize),
                }),
                site: Some(ModifiedSite {
                    residue: text(grid, i, residue).unwrap_or_default(),
                    modification: text(grid, i, modification),
                    localisation: text(grid, i, localisation).and_then(|p| p.parse().ok()),
                })
                .filter(|site| *site != ModifiedSite::default()),
                population: text(grid, i, cells).map(|name| CellPopulation {
                    name,
                    marker: text(grid, i, marker),
                }),
                row: grid.line(i),
                ..Feature::default()
            };
            (feature, RowFlag::Keep)
        });
        let samples: Vec<(usize, String)> = (last + 1..grid.n_columns())
            .map(|j| (j, grid.header[j].clone()))
            .collect();
        let quantity = declared.unwrap_or(Quantity::Other);
        let mut table = RawTable::of_columns(grid, level, quantity, &samples)?
            .with_features(&grid.header[0], rows);
        table.scale = Some(Scale::Log2);
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}
