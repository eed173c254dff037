//! FragPipe (TMT-Integrator) `abundance_*.tsv` and `ratio_*.tsv`: genes, proteins or sites × channels, log2, with the
//! pooled reference in its own column, which is left out.

use super::super::grid::Grid;
use super::super::label::canonical;
use super::super::{DatasetError, Feature, FeatureLevel, Inference, Quantity, Scale};
use super::accession::{flag_of, is_uniprot, organism_in, set_symbols, split_ids, text};
use super::{Evidence, Format, RawTable, RowFlag};

/// The format.
pub(crate) struct FragPipeTmtReport;

/// Columns that describe the row, in canonical form.
const DESCRIBING: [&str; 16] = [
    "index",
    "numberpsm",
    "gene",
    "protein",
    "proteinid",
    "entryname",
    "proteindescription",
    "description",
    "organism",
    "maxpepprob",
    "referenceintensity",
    "peptide",
    "sequencewindow",
    "start",
    "end",
    "proteinlength",
];

impl Format for FragPipeTmtReport {
    fn name(&self) -> &'static str {
        "fragpipe_tmt_report"
    }

    fn title(&self) -> &'static str {
        "FragPipe TMT report"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Gene
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        grid.find(&["Index"])?;
        grid.find(&["MaxPepProb"])?;
        grid.find(&["ReferenceIntensity", "NumberPSM"])?;
        (!columns(grid).is_empty()).then(|| {
            Evidence::certain("it has the columns `Index`, `MaxPepProb` and `ReferenceIntensity`")
        })
    }

    fn read(&self, grid: &Grid, _declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let index = grid.find(&["Index"]).unwrap_or(0);
        let protein = grid.find(&["ProteinID", "Protein ID", "Protein"]);
        let gene = grid.find(&["Gene"]);
        let description = grid.find(&["Protein Description", "Description"]);
        let entry = grid.find(&["Entry Name"]);
        let organism = grid.find(&["Organism"]);
        let n = grid.n_rows().max(1);
        let share =
            |of: &dyn Fn(&str) -> bool| grid.column(index).filter(|id| of(id)).count() * 2 > n;
        let level = if share(&|id| {
            id.rsplit(['_', '-']).next().is_some_and(is_residue) && id.contains(['_', '-'])
        }) {
            FeatureLevel::Site
        } else if share(&|id| split_ids(id).first().is_some_and(|a| is_uniprot(a))) {
            FeatureLevel::ProteinGroup
        } else {
            FeatureLevel::Gene
        };
        let rows = (0..grid.n_rows()).map(|i| {
            let id = match level {
                FeatureLevel::ProteinGroup => split_ids(grid.cell(i, index))
                    .first()
                    .cloned()
                    .unwrap_or_default(),
                _ => grid.cell(i, index).to_string(),
            };
            let accessions = match level {
                FeatureLevel::ProteinGroup => vec![id.clone()],
                _ => text(grid, i, protein)
                    .map(|p| split_ids(&p))
                    .unwrap_or_default(),
            };
            let symbol = match level {
                FeatureLevel::Gene => Some(id.clone()),
                _ => text(grid, i, gene),
            };
            let flag = match accessions.first().map_or(RowFlag::Keep, |a| flag_of(a)) {
                RowFlag::Keep => flag_of(&id),
                marked => marked,
            };
            let mut feature = Feature {
                id,
                accessions,
                description: text(grid, i, description),
                row: grid.line(i),
                ..Feature::default()
            };
            set_symbols(&mut feature, symbol.as_deref());
            (feature, flag)
        });
        let mut table =
            RawTable::of_columns(grid, level, Quantity::ReporterIntensity, &columns(grid))?
                .with_features(&grid.header[index], rows);
        let mut observed: Vec<f64> = table
            .values
            .iter()
            .copied()
            .filter(|v| !v.is_nan())
            .collect();
        observed.sort_by(f64::total_cmp);
        let median = observed.get(observed.len() / 2).copied().unwrap_or(0.0);
        if median.abs() < 3.0 {
            table.quantity = Quantity::Ratio;
        }
        table.scale = Some(Scale::Log2);
        table.organism = organism_in(grid, &[organism, entry]);
        table.inferences.push(Inference::new(
            "scale",
            "log2",
            format!("TMT-Integrator writes log2 values (median here {median:.2})"),
            "declare `scale:` of the table in `dataset.yaml`",
        ));
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}

/// Whether a text is a residue with its position, as in `S123`.
fn is_residue(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| "STYKCNMRQDE".contains(c))
        && chars.clone().next().is_some()
        && chars.next().is_some_and(|c| c.is_ascii_digit())
}

fn columns(grid: &Grid) -> Vec<(usize, String)> {
    grid.header
        .iter()
        .enumerate()
        .filter(|(_, h)| !DESCRIBING.contains(&canonical(h).as_str()))
        .map(|(j, h)| (j, h.clone()))
        .collect()
}
