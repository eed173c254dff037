//! FragPipe (TMT-Integrator) `abundance_*.tsv` and `ratio_*.tsv`: genes, proteins, peptides, single or multiple sites ×
//! channels, log2, with the pooled reference in its own column, which is left out. What a row is follows from `Index`:
//! `TP53`, `P04637`, `P04637_PEPTIDE`, `P04637_S15`, `P04637_11_24_2_2_S15T18` (start, end, possible and localised sites).

use super::super::grid::Grid;
use super::super::label::canonical;
use super::super::{
    DatasetError, Feature, FeatureLevel, Inference, ModifiedSite, Peptidoform, Quantity, Scale,
};
use super::accession::{flag_of, is_uniprot, organism_in, set_symbols, split_ids, text};
use super::peptides::{amino_acids, is_residue};
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
        let peptide = grid.find(&["Peptide"]);
        let level = level_of(grid, index, peptide);
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
            let mut flag = match accessions.first().map_or(RowFlag::Keep, |a| flag_of(a)) {
                RowFlag::Keep => flag_of(&id),
                marked => marked,
            };
            let residue = residue_of(&id)
                .filter(|_| level == FeatureLevel::Site)
                .map(str::to_string);
            // A peptide in a table of sites none of whose residues is certain.
            if level == FeatureLevel::Site && residue.is_none() && flag == RowFlag::Keep {
                flag = RowFlag::Unlocalised;
            }
            let below = matches!(level, FeatureLevel::Site | FeatureLevel::Peptide);
            let sequence = text(grid, i, peptide).filter(|_| below);
            let mut feature = Feature {
                id,
                accessions,
                description: text(grid, i, description),
                peptidoform: sequence.map(|p| Peptidoform {
                    sequence: amino_acids(&p),
                    assigned: 1,
                    ..Peptidoform::default()
                }),
                site: residue.map(|r| ModifiedSite {
                    residue: r,
                    ..ModifiedSite::default()
                }),
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

/// What most rows are, by their index.
fn level_of(grid: &Grid, index: usize, peptide: Option<usize>) -> FeatureLevel {
    let n = grid.n_rows().max(1);
    let share = |of: &dyn Fn(usize) -> bool| (0..grid.n_rows()).filter(|&i| of(i)).count() * 2 > n;
    let id = |i: usize| grid.cell(i, index);
    let holds_peptide = |i: usize| {
        let sequence = text(grid, i, peptide).map(|p| amino_acids(&p));
        sequence.is_some_and(|s| s.len() > 4 && amino_acids(id(i)).ends_with(&s))
    };
    if share(&|i| residue_of(id(i)).is_some()) {
        FeatureLevel::Site
    } else if share(&holds_peptide) {
        FeatureLevel::Peptide
    } else if share(&|i| split_ids(id(i)).first().is_some_and(|a| is_uniprot(a))) {
        FeatureLevel::ProteinGroup
    } else {
        FeatureLevel::Gene
    }
}

/// The residues at the end of an index.
fn residue_of(id: &str) -> Option<&str> {
    id.rsplit_once(['_', '-'])
        .map(|(_, r)| r)
        .filter(|r| is_residue(r))
}

/// Channels stand behind the reference; where there is none, they are the columns that describe nothing.
fn columns(grid: &Grid) -> Vec<(usize, String)> {
    let begin = grid.find(&["ReferenceIntensity"]).map_or(0, |j| j + 1);
    grid.header
        .iter()
        .enumerate()
        .skip(begin)
        .filter(|(_, h)| !DESCRIBING.contains(&canonical(h).as_str()))
        .map(|(j, h)| (j, h.clone()))
        .collect()
}
