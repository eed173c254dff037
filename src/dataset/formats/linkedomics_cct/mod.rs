//! LinkedOmics `.cct`/`.cbt`: genes or sites × samples, tab-separated, first header `idx` or `attrib_name`, `NA` for
//! missing. The scale is told from the numbers; a table of nothing but 0 and 1 (mutations, `.cbt`) keeps them.

use super::super::grid::Grid;
use super::super::label::canonical;
use super::super::{DatasetError, Feature, FeatureLevel, ModifiedSite, Quantity, Scale};
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
                // `A1BG_p.E298K` is a mutation of A1BG.
                Some(id.split_once("_p.").map_or(id, |(gene, _)| gene))
            };
            if level == FeatureLevel::Site {
                feature.site = id.rsplit_once('-').map(|(_, residue)| ModifiedSite {
                    residue: residue.to_string(),
                    ..ModifiedSite::default()
                });
            }
            set_symbols(&mut feature, symbol);
            (feature, RowFlag::Keep)
        });
        let mut table = RawTable::of_columns(grid, level, Quantity::Other, &columns)?
            .with_features(&grid.header[0], rows);
        let observed = || table.values.iter().copied().filter(|v| !v.is_nan());
        if observed().any(|v| v < 0.0) {
            table.quantity = Quantity::Ratio;
        } else if observed().all(|v| v == 0.0 || v == 1.0) {
            table.quantity = Quantity::Binary;
            table.scale = Some(Scale::Indicator);
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
