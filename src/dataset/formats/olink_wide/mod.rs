//! Olink NPX Manager, wide: rows that name panel, assay, accession and Olink id, then one row per sample, then the limit of
//! detection. NPX is on the log2 scale. Plate and quality columns follow the assays; controls are set apart.

use super::super::grid::Grid;
use super::super::label::canonical;
use super::super::number::Cell;
use super::super::sheet::Sheet;
use super::super::{
    DatasetError, ExcludedSample, Feature, FeatureLevel, Inference, Quantity, Scale,
};
use super::accession::{set_symbols, split_ids};
use super::{Evidence, Format, RawTable, RowFlag, SampleColumn, no_values};

/// The format.
pub(crate) struct OlinkWide;

/// Rows below the samples.
const AFTER: [&str; 6] = [
    "lod",
    "missingdatafreq",
    "normalization",
    "maxlod",
    "platelod",
    "fixedlod",
];

/// The rows and columns that mean something.
struct Layout {
    assay: Vec<String>,
    uniprot: Vec<String>,
    olink_id: Vec<String>,
    /// First row of samples.
    first: usize,
    /// Columns of assays.
    columns: Vec<usize>,
}

impl Format for OlinkWide {
    fn name(&self) -> &'static str {
        "olink_wide"
    }

    fn title(&self) -> &'static str {
        "Olink NPX, wide"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::ProteinGroup
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        layout(grid).map(|l| {
            Evidence::certain(format!(
                "rows `Assay`, `Uniprot ID` and `OlinkID` name {} assays above one row per sample, as NPX Manager writes them",
                l.columns.len()
            ))
        })
    }

    fn read(&self, grid: &Grid, _declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let layout = layout(grid).ok_or_else(|| no_values(grid))?;
        let is_row = |i: &usize| {
            let name = canonical(grid.cell(*i, 0));
            !name.is_empty() && !AFTER.contains(&name.as_str())
        };
        let (controls, samples): (Vec<usize>, Vec<usize>) = (layout.first..grid.n_rows())
            .filter(is_row)
            .partition(|&i| is_control(grid.cell(i, 0)));
        if samples.is_empty() {
            return Err(no_values(grid));
        }
        let mut values = Vec::with_capacity(layout.columns.len() * samples.len());
        for &j in &layout.columns {
            for &i in &samples {
                values.push(match grid.number(i, j) {
                    Cell::Number(x) => x,
                    Cell::Missing => f64::NAN,
                    Cell::Text => {
                        return Err(DatasetError::NotANumber {
                            file: grid.file.clone(),
                            column: layout.assay[j].clone(),
                            row: grid.line(i),
                            value: grid.cell(i, j).chars().take(40).collect(),
                        });
                    }
                });
            }
        }
        let features = layout.columns.iter().map(|&j| {
            let mut feature = Feature {
                id: layout.olink_id[j].clone(),
                accessions: split_ids(&layout.uniprot[j]),
                row: grid.line(0),
                ..Feature::default()
            };
            set_symbols(&mut feature, Some(layout.assay[j].as_str()));
            (feature, RowFlag::Keep)
        });
        let mut table = RawTable::of_columns(grid, self.level(), Quantity::Npx, &[])?
            .with_features("OlinkID", features);
        table.columns = (samples.iter())
            .map(|&i| SampleColumn {
                header: grid.cell(i, 0).to_string(),
                label: grid.cell(i, 0).to_string(),
            })
            .collect();
        table.values = values;
        table.scale = Some(Scale::Log2);
        table.samples_in_rows = true;
        table.organism = Some("Homo sapiens".to_string());
        table.sheet = sheet(grid, &layout, &samples);
        table.set_apart = (controls.iter())
            .map(|&i| ExcludedSample {
                id: grid.cell(i, 0).to_string(),
                reason: "a control, by its name".to_string(),
            })
            .collect();
        table.inferences.push(Inference::new(
            format!("orientation of `{}`", grid.file),
            "samples in rows",
            "NPX Manager writes one row per sample",
            "give the long export",
        ));
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.csv")
    }
}

fn is_control(sample: &str) -> bool {
    let name = canonical(sample);
    name.starts_with("control") || name.starts_with("neg") || name.starts_with("ipc")
}

/// The three rows that name the assays: among the first rows, or as the header itself.
fn layout(grid: &Grid) -> Option<Layout> {
    let rows = grid.n_rows().min(12);
    let row = |wanted: &str| -> Option<(usize, Vec<String>)> {
        if canonical(grid.header.first()?) == wanted {
            return Some((0, grid.header.clone()));
        }
        let i = (0..rows).find(|&i| canonical(grid.cell(i, 0)) == wanted)?;
        let cells = (0..grid.n_columns()).map(|j| grid.cell(i, j).to_string());
        Some((i + 1, cells.collect()))
    };
    let (a, assay) = row("assay")?;
    let (u, uniprot) = row("uniprotid")?;
    let (o, olink_id) = row("olinkid")?;
    let columns: Vec<usize> = (1..grid.n_columns())
        .filter(|&j| olink_id[j].starts_with("OID"))
        .collect();
    (columns.len() >= 2).then(|| Layout {
        assay,
        uniprot,
        olink_id,
        first: a.max(u).max(o),
        columns,
    })
}

/// Plate and quality of the samples, which stand behind the assays.
fn sheet(grid: &Grid, layout: &Layout, samples: &[usize]) -> Option<Sheet> {
    let facts: Vec<usize> = (1..grid.n_columns())
        .filter(|j| !layout.columns.contains(j))
        .filter(|&j| samples.iter().any(|&i| !grid.cell(i, j).is_empty()))
        .collect();
    if facts.is_empty() {
        return None;
    }
    let mut header = vec!["SampleID".to_string()];
    for &j in &facts {
        let named = [&grid.header[j], &layout.assay[j]];
        let name = named
            .into_iter()
            .find(|n| !n.is_empty() && !n.starts_with("column "));
        let name = name.map_or_else(|| format!("column {}", j + 1), String::clone);
        let again = header.iter().filter(|h| **h == name).count();
        header.push(if again > 0 {
            format!("{name} ({})", again + 1)
        } else {
            name
        });
    }
    Some(Sheet {
        file: grid.file.clone(),
        header,
        rows: (samples.iter())
            .map(|&i| {
                std::iter::once(0)
                    .chain(facts.iter().copied())
                    .map(|j| grid.cell(i, j).to_string())
                    .collect()
            })
            .collect(),
        lines: samples.iter().map(|&i| grid.line(i)).collect(),
        inferences: Vec::new(),
        problems: Vec::new(),
    })
}
