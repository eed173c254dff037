//! LinkedOmics `.cct`/`.cbt`: genes or sites × samples, tab-separated, first header `idx` or `attrib_name`, `NA` for
//! missing. The scale is told from the numbers.

use super::super::grid::Grid;
use super::super::label::canonical;
use super::super::{DatasetError, Feature, FeatureLevel, Quantity};
use super::accession::set_symbols;
use super::{Evidence, Format, RawTable, RowFlag};

/// The format.
pub(crate) struct LinkedOmicsCct;

impl Format for LinkedOmicsCct {
    fn name(&self) -> &'static str {
        "linkedomics_cct"
    }

    fn title(&self) -> &'static str {
        "LinkedOmics matrix"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Gene
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        let first = canonical(grid.header.first()?);
        let numeric = grid.n_columns() > 3
            && (1..grid.n_columns()).all(|j| {
                let (mut numbers, mut text) = (0, 0);
                for i in 0..grid.n_rows().min(50) {
                    match grid.number(i, j) {
                        super::super::number::Cell::Number(_) => numbers += 1,
                        super::super::number::Cell::Text => text += 1,
                        super::super::number::Cell::Missing => {}
                    }
                }
                text == 0 && (numbers > 0 || grid.n_rows() > 50)
            });
        (matches!(first.as_str(), "idx" | "attribname") && numeric).then(|| {
            Evidence::certain(format!(
                "its first header is `{}` and every other column holds numbers",
                grid.header[0]
            ))
        })
    }

    fn read(&self, grid: &Grid, _declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let columns: Vec<(usize, String)> = (1..grid.n_columns())
            .map(|j| (j, grid.header[j].clone()))
            .collect();
        let sites = grid.column(0).filter(|id| site_gene(id).is_some()).count();
        let level = if 2 * sites > grid.n_rows() {
            FeatureLevel::Site
        } else {
            FeatureLevel::Gene
        };
        let rows = (0..grid.n_rows()).map(|i| {
            let id = grid.cell(i, 0);
            let mut feature = Feature {
                id: id.to_string(),
                row: grid.line(i),
                ..Feature::default()
            };
            let symbol = if level == FeatureLevel::Site {
                site_gene(id)
            } else {
                Some(id)
            };
            set_symbols(&mut feature, symbol);
            (feature, RowFlag::Keep)
        });
        let mut table = RawTable::of_columns(grid, level, Quantity::Other, &columns)?
            .with_features(&grid.header[0], rows);
        if table.values.iter().any(|v| *v < 0.0) {
            table.quantity = Quantity::Ratio;
        }
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}

/// The gene of a site named as in `AAAS-S495`.
fn site_gene(id: &str) -> Option<&str> {
    let (gene, site) = id.rsplit_once('-')?;
    let mut chars = site.chars();
    let residue = chars.next().is_some_and(|c| "STYK".contains(c));
    (residue && chars.clone().next().is_some_and(|c| c.is_ascii_digit()) && !gene.is_empty())
        .then_some(gene)
}
