//! Spectronaut pivot reports: protein groups, peptides, precursors or modified sites × runs, columns named
//! `[1] run.raw.PG.Quantity`. `Filtered`, `NaN` and empty mean not measured.

use super::super::grid::Grid;
use super::super::label::run_name;
use super::super::number::Cell;
use super::super::{DatasetError, Feature, FeatureLevel, ModifiedSite, Quantity};
use super::accession::{fasta, flag_of, organism_in, set_symbols, split_ids, text};
use super::peptides::{assign, inline, site_flag};
use super::quantities::{Measured, choose, with_suffix};
use super::{Evidence, Format, RawTable};

/// The format.
pub(crate) struct SpectronautPivot;

/// A level with its id columns and its quantities, the preferred one first.
struct Level {
    level: FeatureLevel,
    ids: &'static [&'static str],
    quantities: &'static [(&'static str, Quantity)],
}

/// Levels, the finest first.
const LEVELS: [Level; 4] = [
    Level {
        level: FeatureLevel::Site,
        ids: &["PTM.CollapseKey", "PTM.Key"],
        quantities: &[("PTM.Quantity", Quantity::LfqIntensity)],
    },
    Level {
        level: FeatureLevel::Precursor,
        ids: &[
            "EG.PrecursorId",
            "FG.Id",
            "FG.LabeledSequence",
            "EG.ModifiedSequence",
            "EG.ModifiedPeptide",
        ],
        quantities: &[
            ("EG.TotalQuantity (Settings)", Quantity::LfqIntensity),
            ("FG.Quantity", Quantity::LfqIntensity),
            ("FG.NormalizedMS2PeakArea", Quantity::LfqIntensity),
            ("EG.TargetQuantity (Settings)", Quantity::Intensity),
            ("FG.MS2Quantity", Quantity::Intensity),
            ("FG.MS1Quantity", Quantity::Intensity),
            ("FG.MS2RawQuantity", Quantity::Intensity),
        ],
    },
    Level {
        level: FeatureLevel::Peptide,
        ids: &["PEP.GroupingKey", "PEP.StrippedSequence"],
        quantities: &[
            ("PEP.Quantity", Quantity::LfqIntensity),
            ("PEP.MS2Quantity", Quantity::Intensity),
            ("PEP.MS1Quantity", Quantity::Intensity),
        ],
    },
    Level {
        level: FeatureLevel::ProteinGroup,
        ids: &["PG.ProteinGroups", "PG.ProteinAccessions", "PG.UniProtIds"],
        quantities: &[
            ("PG.Quantity", Quantity::LfqIntensity),
            ("PG.MaxLFQ", Quantity::LfqIntensity),
            ("PG.MS2Quantity", Quantity::Intensity),
            ("PG.MS1Quantity", Quantity::Intensity),
            ("PG.IBAQ", Quantity::Intensity),
        ],
    },
];

impl Format for SpectronautPivot {
    fn name(&self) -> &'static str {
        "spectronaut_pivot"
    }

    fn title(&self) -> &'static str {
        "Spectronaut pivot report"
    }

    fn level(&self) -> FeatureLevel {
        FeatureLevel::ProteinGroup
    }

    fn detect(&self, grid: &Grid) -> Option<Evidence> {
        let (level, id) = level_of(grid)?;
        let long = grid
            .find(&["R.FileName", "R.Condition", "R.Run Date"])
            .is_some();
        let first = quantities(grid, level).into_iter().next()?;
        (!long).then(|| {
            Evidence::certain(format!(
                "it has the column `{}` and columns `… .{}`, one per run",
                grid.header[id], first.name
            ))
        })
    }

    fn read(&self, grid: &Grid, declared: Option<Quantity>) -> Result<RawTable, DatasetError> {
        let wanted = "`[1] run.PG.Quantity`, `….PEP.Quantity`, `….EG.TotalQuantity (Settings)` or `….PTM.Quantity`";
        let Some((level, id)) = level_of(grid) else {
            return Err(DatasetError::NoNumbers {
                file: grid.file.clone(),
                found: format!("no column named {wanted} among {}", grid.header_excerpt()),
            });
        };
        let choice = choose(grid, quantities(grid, level), declared, wanted)?;
        let groups = grid.find(&["PG.ProteinGroups", "PG.ProteinAccessions", "PG.UniProtIds"]);
        let protein = grid.find(&["PTM.ProteinId"]).or(groups);
        let genes = grid.find(&["PG.Genes"]);
        let names = grid.find(&["PG.ProteinNames"]);
        let description = grid.find(&["PG.ProteinDescriptions", "PG.FastaHeaders"]);
        let organism = grid.find(&["PG.Organisms"]);
        let charge = grid.find(&["FG.Charge"]);
        let residue = grid.find(&["PTM.SiteAA"]);
        let place = grid.find(&["PTM.SiteLocation"]);
        let modification = grid.find(&["PTM.ModificationTitle"]);
        let probability = grid.find(&["PTM.SiteProbability", "EG.PTMLocalizationConfidence"]);
        let rows = (0..grid.n_rows()).map(|i| {
            let cell = grid.cell(i, id);
            let z = text(grid, i, charge).and_then(|c| c.parse().ok());
            let accessions = text(grid, i, protein)
                .map(|p| split_ids(&p.replace(',', ";")))
                .unwrap_or_default();
            let mut localisation = None;
            let mut feature = match level.level {
                FeatureLevel::Precursor | FeatureLevel::Peptide => {
                    let mut feature = inline(cell.split_once("_.").map_or(cell, |(s, _)| s), z);
                    feature.id = cell.to_string();
                    if let Some((form, charge)) = feature
                        .peptidoform
                        .as_mut()
                        .zip(cell.rsplit_once("_.").and_then(|(_, z)| z.parse().ok()))
                    {
                        form.charge = Some(charge);
                    }
                    feature
                }
                FeatureLevel::Site => {
                    localisation = probability.and_then(|j| match grid.number(i, j) {
                        Cell::Number(p) => Some(p),
                        _ => None,
                    });
                    Feature {
                        id: cell.to_string(),
                        site: Some(ModifiedSite {
                            residue: format!(
                                "{}{}",
                                text(grid, i, residue).unwrap_or_default(),
                                text(grid, i, place).unwrap_or_default()
                            ),
                            modification: text(grid, i, modification),
                            localisation,
                        }),
                        ..Feature::default()
                    }
                }
                _ => Feature {
                    id: accessions.first().cloned().unwrap_or_default(),
                    ..Feature::default()
                },
            };
            let said = text(grid, i, description)
                .map(|d| fasta(&d))
                .unwrap_or_default();
            feature.description = said.0.or_else(|| text(grid, i, names));
            feature.row = grid.line(i);
            set_symbols(&mut feature, text(grid, i, genes).or(said.1).as_deref());
            let flag = flag_of(accessions.first().map_or("", String::as_str));
            feature.accessions = accessions;
            assign(&mut feature, usize::MAX);
            (feature, site_flag(flag, localisation))
        });
        let Measured {
            quantity, columns, ..
        } = choice.measured;
        let mut table = RawTable::of_columns(grid, level.level, quantity, &columns)?
            .with_features(&grid.header[id], rows);
        table.ids_are_groups = level.level == FeatureLevel::ProteinGroup;
        table.organism = organism_in(grid, &[organism, names]);
        table.inferences.extend(choice.inference);
        Ok(table)
    }

    fn sample(&self) -> &'static str {
        include_str!("sample.tsv")
    }
}

/// The finest level that has both an id column and a quantity.
fn level_of(grid: &Grid) -> Option<(&'static Level, usize)> {
    LEVELS.iter().find_map(|level| {
        let id = grid.find(level.ids)?;
        (!quantities(grid, level).is_empty()).then_some((level, id))
    })
}

fn quantities(grid: &Grid, level: &Level) -> Vec<Measured> {
    level
        .quantities
        .iter()
        .map(|&(name, quantity)| Measured {
            name,
            quantity,
            columns: with_suffix(grid, name, &[])
                .into_iter()
                .map(|(j, label)| (j, run_of(&label).to_string()))
                .collect(),
        })
        .filter(|m| !m.columns.is_empty())
        .collect()
}

/// The run in `[1] run.raw`, or in R's `X.1..run.raw`.
fn run_of(label: &str) -> &str {
    let numbered = |open: &str, close: &str| {
        let rest = label.strip_prefix(open)?;
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        (digits > 0).then(|| rest[digits..].strip_prefix(close))?
    };
    let bare = numbered("[", "]")
        .or_else(|| numbered("X.", ".."))
        .unwrap_or(label);
    run_name(bare.trim())
}

#[cfg(test)]
mod tests {
    use super::run_of;

    #[test]
    fn runs_lose_their_number_and_ending() {
        assert_eq!(run_of("[12] day1_ctrl 1.raw"), "day1_ctrl 1");
        assert_eq!(run_of("X.1..ctrl_1.htrms"), "ctrl_1");
        assert_eq!(run_of("X1_ctrl"), "X1_ctrl");
        assert_eq!(run_of("ctrl_1"), "ctrl_1");
    }
}
