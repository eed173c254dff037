//! SomaScan ADAT, the text file: aptamers (several per protein) in relative fluorescence units, linear. Buffers,
//! calibrators and quality controls are set apart; hybridisation controls and aptamers that bind no human protein are left
//! out and counted; what the file says of the samples becomes their sheet.

mod adat;

pub(crate) use adat::{Adat, is_fact, is_sample_type, not_a_protein, turn};

use super::super::grid::Grid;
use super::super::sections::Preamble;
use super::super::sheet::Sheet;
use super::super::{
    DatasetError, ExcludedSample, Feature, FeatureLevel, Inference, Quantity, Scale,
};
use super::accession::{set_symbols, split_ids, text};
use super::{Evidence, Format, RawTable, RowFlag, no_values};

/// The format.
pub(crate) struct SomaScanAdat;

impl Format for SomaScanAdat {
    fn name(&self) -> &'static str {
        "somascan_adat"
    }

    fn title(&self) -> &'static str {
        "SomaScan ADAT"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::Marker
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        matches!(grid.preamble, Preamble::Adat(_))
            .then(|| Evidence::certain("it has the sections of an ADAT file and `^TABLE_BEGIN`"))
    }

    fn read(&self, grid: &Grid, _declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let Preamble::Adat(adat) = &grid.preamble else {
            return Err(no_values(grid));
        };
        if let Some((row, found, expected)) = adat.short {
            return Err(DatasetError::Ragged {
                file: grid.file.clone(),
                row,
                expected,
                found,
            });
        }
        let columns: Vec<(usize, String)> = (adat.described..grid.n_columns())
            .map(|j| (j, grid.header[j].clone()))
            .collect();
        let id = grid
            .find(&["SeqId", "SomaId"])
            .ok_or_else(|| no_values(grid))?;
        let [uniprot, genes, name] = [
            grid.find(&["UniProt"]),
            grid.find(&["EntrezGeneSymbol"]),
            grid.find(&["TargetFullName", "Target"]),
        ];
        let rows = (0..grid.n_rows()).map(|i| {
            let mut feature = Feature {
                id: grid.cell(i, id).to_string(),
                accessions: spaced(text(grid, i, uniprot), split_ids),
                description: text(grid, i, name),
                row: grid.line(i),
                ..Feature::default()
            };
            let symbols =
                text(grid, i, genes).map(|g| g.split_whitespace().collect::<Vec<_>>().join(";"));
            set_symbols(&mut feature, symbols.as_deref());
            (feature, RowFlag::Keep)
        });
        let mut table = RawTable::of_columns(grid, self.level(), Quantity::Rfu, &columns)?
            .with_features(&grid.header[id], rows);
        table.scale = Some(Scale::Linear);
        table.organism = Some("Homo sapiens".to_string());
        table.sheet = Some(sheet(grid, adat));
        table.set_apart = adat
            .set_apart
            .iter()
            .map(|(id, kind)| ExcludedSample {
                id: id.clone(),
                reason: format!("`SampleType` is `{kind}`"),
            })
            .collect();
        if !adat.left_out.is_empty() {
            let parts: Vec<String> = adat
                .left_out
                .iter()
                .map(|(what, n)| format!("{n} {what}"))
                .collect();
            table.inferences.push(Inference::new(
                format!("aptamers of `{}` not used", grid.file),
                parts.join(", "),
                "the rows `Type` and `Organism` say that they bind no human protein",
                "export the wanted aptamers as a plain table",
            ));
        }
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.adat")
    }
}

/// The parts of a cell that the producer separates by spaces, in places with commas.
fn spaced(cell: Option<String>, split: fn(&str) -> Vec<String>) -> Vec<String> {
    let parts = |c: String| -> Vec<String> {
        c.split(|c: char| c.is_whitespace() || c == ',')
            .flat_map(split)
            .collect()
    };
    cell.map(parts).unwrap_or_default()
}

fn sheet(grid: &Grid, adat: &Adat) -> Sheet {
    let header = std::iter::once("sample".to_string())
        .chain(adat.facts.iter().map(|(name, _)| name.clone()))
        .collect();
    let rows = adat
        .samples
        .iter()
        .enumerate()
        .map(|(k, name)| {
            std::iter::once(name.clone())
                .chain(adat.facts.iter().map(|(_, cells)| cells[k].clone()))
                .collect()
        })
        .collect();
    Sheet {
        file: grid.file.clone(),
        header,
        rows,
        lines: (1..=adat.samples.len()).collect(),
        inferences: Vec::new(),
        problems: Vec::new(),
    }
}
